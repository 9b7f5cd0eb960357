/* SPDX-License-Identifier: Apache-2.0
 *
 * The queue of trainings by real clicks and keys: added while one runs, moved, taken out, paused by a stop, gone on
 * with, one after the other by itself; and what a training says that has to wait.
 */
#include "tests/ui/hand.h"
#include "ui/pages/nmd-queue-panel.h"
#include "ui/pages/nmd-recipe-panel.h"

static NmdRunQueue *queue;
static GArray *started; /* seeds of the trainings, in their order */

static GtkWidget *
window (void)
{
  return GTK_WIDGET (screen.window);
}

static gboolean
shows (const char *part)
{
  return screen_shows_part (window (), part);
}

static void
on_training (void)
{
  NmdTraining *training = nmd_training_session_get_training (screen.training);

  if (training != NULL && nmd_training_session_is_running (screen.training))
    {
      int seed = nmd_parameters_get_int (nmd_training_get_parameters (training), "seed");
      g_array_append_val (started, seed);
    }
}

static int
waiting_seed (guint i)
{
  g_autoptr (NmdQueueItem) item
      = g_list_model_get_item (nmd_run_queue_get_list (queue), i);

  return item != NULL ? nmd_parameters_get_int (item->settings->parameters, "seed") : -1;
}

static void
assert_waiting (int first, int second, int third)
{
  g_assert_cmpint (waiting_seed (0), ==, first);
  g_assert_cmpint (waiting_seed (1), ==, second);
  g_assert_cmpint (waiting_seed (2), ==, third);
}

/* Conditions */

static const char *label;

static gboolean
has_button (void)
{
  GtkWidget *button = screen_find (window (), GTK_TYPE_BUTTON, label);

  return button != NULL && gtk_widget_get_width (button) > 0
         && gtk_widget_is_sensitive (button);
}

static gboolean
has_dialog (void)
{
  return screen_find_dialog () != NULL;
}

static guint n_wanted;

static gboolean
has_items (void)
{
  return nmd_run_queue_get_n (queue) == n_wanted;
}

static gboolean
is_running (void)
{
  return nmd_training_session_is_running (screen.training);
}

static gboolean
all_started (void)
{
  return nmd_run_queue_get_n (queue) == 0 && is_running ();
}

static gboolean
has_stepped (void)
{
  return nmd_training_get_images_per_second (
             nmd_training_session_get_training (screen.training))
             > 0
         || screen_training_ended ();
}

static gboolean
is_planning (void)
{
  return nmd_run_queue_is_busy (queue);
}

static gboolean
is_free (void)
{
  return !nmd_run_queue_is_busy (queue);
}

/* Hands */

static void
press (const char *text)
{
  label = text;
  g_test_message ("press %s", text);
  g_assert_true (screen_wait (has_button, 20));
  screen_pause (0.2); /* it is laid out where it is clicked */
  hand_press (screen_find (window (), GTK_TYPE_BUTTON, text));
}

static GtkWidget *
row (int i)
{
  GtkWidget *panel = screen_find (window (), NMD_TYPE_QUEUE_PANEL, NULL);
  GtkWidget *list = screen_find (panel, GTK_TYPE_LIST_BOX, NULL);

  return GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), i));
}

/* The button of the row from its end, 0: take out. */
static void
press_in_row (int i, int from_end)
{
  screen_pause (0.2);
  GtkWidget *button = gtk_widget_get_last_child (
      gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (row (i))));

  for (; from_end > 0; from_end--)
    button = gtk_widget_get_prev_sibling (button);
  hand_press (button);
}

static void
add (int seed)
{
  nmd_recipe_session_set (screen.recipe, "seed", seed, NULL);
  n_wanted = nmd_run_queue_get_n (queue) + 1;
  press ("_Add to Queue");
  g_assert_true (screen_wait (has_items, 10));
}

/* With NMD_TEST_PICTURES=FOLDER a picture is left there. */
static void
take_picture (void)
{
  const char *folder = g_getenv ("NMD_TEST_PICTURES");

  if (folder == NULL)
    return;
  g_autofree char *path = g_build_filename (folder, "queue.png", NULL);
  const char *const command[] = { "import", "-window", "root", path, NULL };
  screen_pause (0.5);
  g_spawn_sync (NULL, (char **)command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                NULL, NULL);
}

/* Added while one runs; what was added does not change with the recipe. */
static void
test_add (void)
{
  g_autofree char *cohort = screen_write_cohort ("cohort", 5);

  screen_open (1280, 800);
  queue = nmd_app_session_get_queue (screen.session);
  started = g_array_new (FALSE, FALSE, sizeof (int));
  g_signal_connect (screen.training, "notify::training", G_CALLBACK (on_training), NULL);
  nmd_app_session_open (screen.session, cohort);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  nmd_window_show_page (screen.window, "train");
  nmd_recipe_session_set (screen.recipe, "split", 3, NULL);
  nmd_recipe_session_set (screen.recipe, "limit", 16, NULL);
  nmd_recipe_session_set (screen.recipe, "epochs", 500, NULL);
  nmd_recipe_session_set (screen.recipe, "seed", 10, NULL);
  g_assert_null (nmd_recipe_session_get_split_error (screen.recipe));
  g_assert_null (screen_find (window (), GTK_TYPE_BUTTON, "_Add to Queue"));
  press ("_Start Training");
  g_assert_true (screen_wait (is_running, 20));

  GtkWidget *recipe = screen_find (window (), NMD_TYPE_RECIPE_PANEL, NULL);
  g_assert_false (gtk_widget_get_sensitive (recipe));
  g_assert_null (screen_find (window (), GTK_TYPE_BUTTON, "_Add to Queue"));
  press ("_Queue Another…");
  g_assert_true (gtk_widget_get_sensitive (recipe));
  nmd_recipe_session_set (screen.recipe, "epochs", 1, NULL);
  nmd_recipe_session_set (screen.recipe, "average-start", 0.5, NULL);
  add (11);
  add (12);
  add (13);
  assert_waiting (11, 12, 13);
  g_assert_true (shows ("Queue: 3 trainings wait"));
  g_assert_true (shows ("NMD-AssistNet · cohort · seed 13"));
  press ("Show What _Runs");
  g_assert_false (gtk_widget_get_sensitive (recipe));
  g_assert_cmpint (
      nmd_parameters_get_int (nmd_recipe_session_get_shown (screen.recipe), "seed"), ==,
      10);
}

static void
test_order (void)
{
  screen_assert_fits (1024, 700);
  hand_click (row (2), 40, gtk_widget_get_height (row (2)) / 2.0, 1);
  gtk_widget_grab_focus (row (2));
  hand_key ("alt+Up");
  assert_waiting (11, 13, 12);
  hand_key ("alt+Up");
  assert_waiting (13, 11, 12);
  hand_key ("alt+Up");
  hand_key ("alt+Down");
  assert_waiting (11, 13, 12);
  press_in_row (1, 2);
  assert_waiting (13, 11, 12);
  press_in_row (1, 1);
  assert_waiting (13, 12, 11);
  press_in_row (1, 0);
  assert_waiting (13, 11, -1);
  g_assert_true (is_running ());
  take_picture ();
}

static void
test_closing (void)
{
  gtk_window_close (GTK_WINDOW (screen.window));
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWindow *dialog = screen_find_dialog ();
  g_assert_true (screen_shows_part (GTK_WIDGET (dialog), "2 trainings that wait"));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  gtk_window_destroy (dialog);
  screen_pause (0.3);
}

/* A stop pauses; Go On starts the next, and the one after it starts by itself. */
static void
test_next (void)
{
  const int seeds[] = { 10, 13, 11 };

  g_assert_true (screen_wait (has_stepped, 60));
  press ("S_top, Keep the Best");
  g_assert_true (screen_wait (screen_training_ended, 60));
  g_assert_true (shows ("Queue paused"));
  screen_pause (0.3);
  g_assert_cmpuint (started->len, ==, 1);
  g_assert_cmpuint (nmd_run_queue_get_n (queue), ==, 2);
  press ("_Go On");
  g_assert_true (screen_wait (is_running, 20));
  g_assert_false (shows ("Queue paused"));
  g_assert_true (screen_wait (all_started, 120));
  g_assert_cmpuint (started->len, ==, G_N_ELEMENTS (seeds));
  for (guint i = 0; i < started->len; i++)
    g_assert_cmpint (g_array_index (started, int, i), ==, seeds[i]);
  g_assert_true (screen_wait (has_stepped, 60));
  nmd_app_session_stop (screen.session);
  g_assert_false (nmd_run_queue_is_paused (queue)); /* there is nothing to pause */
  g_assert_true (screen_wait (screen_training_ended, 60));
  screen_settle ();
  g_assert_false (shows ("Queue: "));
  g_assert_null (screen_find (window (), GTK_TYPE_BUTTON, "_Add to Queue"));
}

/* While an experiment is at work what is added waits; its stop pauses too. */
static void
test_experiment (void)
{
  NmdExperimentSession *experiments = nmd_app_session_get_experiments (screen.session);
  const char *const networks[] = { "nmdassistnet", NULL };
  const gint64 seeds[] = { 1 };
  const NmdExperimentWish wish = { .kind = NMD_EXPERIMENT_CROSSVAL,
                                   .networks = networks,
                                   .seeds = seeds,
                                   .n_seeds = 1,
                                   .folds = 3,
                                   .epochs = 1,
                                   .limit = 4 };

  nmd_experiment_session_plan (experiments, &wish);
  g_assert_true (screen_wait (is_planning, 20));
  nmd_run_queue_add (queue, "nmdassistnet", FALSE);
  g_assert_cmpuint (nmd_run_queue_get_n (queue), ==, 1);
  nmd_experiment_session_stop (experiments);
  g_assert_true (nmd_run_queue_is_paused (queue));
  g_assert_true (screen_wait (is_free, 60));
  screen_pause (0.3);
  g_assert_cmpuint (started->len, ==, 3);
  nmd_run_queue_remove (queue, 0);
  g_assert_false (nmd_run_queue_is_paused (queue));
}

static int may_end;

static gpointer
hold_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  while (!g_atomic_int_get (&may_end))
    g_usleep (1000);
  return GINT_TO_POINTER (1);
}

static void
on_held (GObject *source, GAsyncResult *result, gpointer data)
{
  nmd_job_finish (NMD_JOB (source), result, NULL);
}

/* A training behind other work says that it waits, and not any longer than it does. */
static void
test_waits (void)
{
  g_autoptr (NmdJob) job = nmd_job_start (NMD_THREAD_WORK, NULL, NULL, hold_func, NULL,
                                          NULL, NULL, NULL, on_held, NULL);

  press ("_Start Training");
  g_assert_true (screen_wait (is_running, 20));
  g_assert_true (shows ("Waiting until the work before it has ended"));
  g_atomic_int_set (&may_end, 1);
  g_assert_true (screen_wait (has_stepped, 60));
  g_assert_false (shows ("Waiting until the work before it has ended"));
  nmd_app_session_stop (screen.session);
  g_assert_true (screen_wait (screen_training_ended, 60));
  screen_settle ();
  g_array_unref (started);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!hand_init (&argc, &argv))
    return 0;
  g_test_add_func ("/queue/add", test_add);
  g_test_add_func ("/queue/order", test_order);
  g_test_add_func ("/queue/closing", test_closing);
  g_test_add_func ("/queue/next", test_next);
  g_test_add_func ("/queue/experiment", test_experiment);
  g_test_add_func ("/queue/waits", test_waits);
  return screen_end (g_test_run ());
}
