/* SPDX-License-Identifier: Apache-2.0
 *
 * The page Experiments: a plan by real clicks, its estimate, trainings that are stopped and gone on with by `nmd`, and
 * the other way round, to the same tables; figures and tables saved; what is refused; the question before closing.
 */
#include "tests/ui/hand.h"
#include "ui/pages/nmd-experiment-page.h"
#include "ui/pages/nmd-experiment-plan.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static NmdExperimentSession *experiments;

static GtkWidget *
page (void)
{
  return screen_find (GTK_WIDGET (screen.window), NMD_TYPE_EXPERIMENT_PAGE, NULL);
}

static GtkWidget *
button (const char *label)
{
  return screen_find (page (), GTK_TYPE_BUTTON, label);
}

static gboolean
shows (const char *part)
{
  return screen_shows_part (page (), part);
}

static void
nmd (const char *first, ...)
{
  g_autofree char *program
      = g_build_filename (g_getenv ("NMD_BUILDDIR"), "app", "nmd", NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) argv = NULL;
  g_autofree char *said = NULL;
  int status = -1;
  va_list words;

  g_strv_builder_add (builder, program);
  va_start (words, first);
  for (const char *word = first; word != NULL; word = va_arg (words, const char *))
    g_strv_builder_add (builder, word);
  va_end (words);
  argv = g_strv_builder_end (builder);
  g_spawn_sync (screen.folder, argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                &said, &status, &error);
  g_assert_no_error (error);
  if (status != 0)
    g_test_message ("nmd %s: %s", first, said);
  g_assert_cmpint (status, ==, 0);
}

/* Conditions */

static gboolean
is_idle (void)
{
  return nmd_experiment_session_get_phase (experiments) == NMD_EXPERIMENT_IDLE;
}

static gboolean
is_planned (void)
{
  return is_idle () && nmd_experiment_session_get_results (experiments) != NULL;
}

static guint
count (NmdCellStanding standing)
{
  GListModel *cells = nmd_experiment_session_get_cells (experiments);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (cells); i++)
    {
      g_autoptr (NmdCellItem) item = g_list_model_get_item (cells, i);

      n += item->standing == standing;
    }
  return n;
}

static gboolean
is_training (void)
{
  return count (NMD_CELL_RUNS) == 1;
}

static gboolean
is_done (void)
{
  GListModel *cells = nmd_experiment_session_get_cells (experiments);

  return is_idle () && g_list_model_get_n_items (cells) > 0
         && count (NMD_CELL_IS_DONE) == g_list_model_get_n_items (cells);
}

static const char *wanted;

static gboolean
is_shown (void)
{
  return g_strcmp0 (nmd_experiment_session_get_folder (experiments), wanted) == 0;
}

static gboolean
has_dialog (void)
{
  return screen_find_dialog () != NULL;
}

static char *saved_path;

static gboolean
is_saved (void)
{
  return g_file_test (saved_path, G_FILE_TEST_EXISTS);
}

/* The button is laid out where it is clicked. */
static void
press (const char *label)
{
  screen_pause (0.3);
  g_test_message ("press %s", label);
  hand_press (button (label));
}

/* Rows of the plan */

static GtkWidget *
spin (const char *name)
{
  return GTK_WIDGET (gtk_widget_get_template_child (
      screen_find (page (), NMD_TYPE_EXPERIMENT_PLAN, NULL), NMD_TYPE_EXPERIMENT_PLAN,
      name));
}

static void
set_plan (void)
{
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin ("epochs")), 1);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin ("limit")), 4);
}

/* What cannot be planned says why, and the button is off. */
static void
test_refused (void)
{
  g_autofree char *cohort = screen_write_cohort ("cohort", 8);

  screen_open (1280, 800);
  experiments = nmd_app_session_get_experiments (screen.session);
  nmd_window_show_page (screen.window, "experiments");
  nmd_app_session_open (screen.session, cohort);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  nmd_window_show_page (screen.window, "experiments");
  screen_settle ();
  g_assert_true (shows ("No Experiment Yet"));
  g_assert_true (shows ("5 trainings"));
  g_assert_true (gtk_widget_get_sensitive (spin ("plan_button")));
  gtk_editable_set_text (GTK_EDITABLE (spin ("seeds")), "1, two");
  g_assert_true (shows ("Seeds are whole numbers"));
  g_assert_false (gtk_widget_get_sensitive (spin ("plan_button")));
  gtk_editable_set_text (GTK_EDITABLE (spin ("seeds")), "1, 4");
  g_assert_true (shows ("10 trainings"));
  adw_combo_row_set_selected (ADW_COMBO_ROW (spin ("kind")), 1);
  g_assert_true (shows ("12 trainings"));
  adw_combo_row_set_selected (ADW_COMBO_ROW (spin ("kind")), 4);
  g_assert_true (shows ("8 trainings"));
  g_assert_true (shows ("Everything else is as on Train"));
  screen_assert_fits (1024, 700);
}

/* Planned by real clicks, estimated, begun, stopped, gone on with by nmd: the tables are those of nmd alone. */
static void
test_shared (void)
{
  g_autofree char *other = g_build_filename (screen.folder, "other", NULL);
  g_autofree char *plan = NULL, *plan_there = g_build_filename (other, "plan.json", NULL);
  g_autofree char *text = NULL, *table = NULL, *table_there = NULL;
  g_autofree char *folder = NULL;

  if (!screen_xdotool ("mousemove 2 2"))
    {
      g_test_skip ("xdotool is not here");
      return;
    }
  adw_combo_row_set_selected (ADW_COMBO_ROW (spin ("kind")), 0);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin ("folds")), 3);
  gtk_editable_set_text (GTK_EDITABLE (spin ("seeds")), "4");
  set_plan ();
  g_assert_true (shows ("3 trainings"));
  press ("_Plan and Estimate");
  g_assert_true (screen_wait (is_planned, 600));
  g_assert_true (shows ("3 trainings are left: about"));
  g_assert_cmpuint (count (NMD_CELL_WAITS), ==, 3);
  folder = g_strdup (nmd_experiment_session_get_folder (experiments));

  press ("_Start the Experiment");
  g_assert_true (screen_wait (is_training, 600));
  gtk_window_close (GTK_WINDOW (screen.window));
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWindow *dialog = screen_find_dialog ();
  g_assert_true (screen_shows (GTK_WIDGET (dialog), "Stop the Experiment and Close?"));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  gtk_window_destroy (dialog);
  screen_pause (0.3);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (screen.window)));
  press ("S_top");
  g_assert_true (screen_wait (is_idle, 600));
  g_assert_cmpuint (count (NMD_CELL_IS_DONE), <, 3);

  nmd ("experiment", folder, "--no-estimate", "--format", "svg", NULL);
  nmd_experiment_session_renew (experiments);
  g_assert_true (screen_wait (is_done, 30));
  g_assert_true (shows ("All trainings are done"));
  g_assert_true (shows ("Split: K-fold by subject"));
  g_assert_false (isnan (nmd_experiment_session_get_results (experiments)
                             ->rows[0]
                             .measures[NMD_MEASURE_AUC]
                             .mean));

  /* the same plan, by nmd alone */
  plan = g_build_filename (folder, "plan.json", NULL);
  g_assert_true (g_file_get_contents (plan, &text, NULL, NULL));
  g_mkdir (other, 0700);
  g_assert_true (g_file_set_contents (plan_there, text, -1, NULL));
  nmd ("experiment", other, "--no-estimate", "--format", "svg", NULL);
  {
    g_autofree char *a = g_build_filename (folder, "results.csv", NULL);
    g_autofree char *b = g_build_filename (other, "results.csv", NULL);

    g_assert_true (g_file_get_contents (a, &table, NULL, NULL));
    g_assert_true (g_file_get_contents (b, &table_there, NULL, NULL));
    g_assert_cmpstr (table, ==, table_there);
  }
}

/* Figures and the table as files; another ending is refused. */
static void
test_export (void)
{
  static const char *const cases[][2]
      = { { "auc", "a.png" },       { "roc", "b.svg" },  { "training", "c.pdf" },
          { "confusion", "d.png" }, { "table", "e.md" }, { "table", "f.tex" } };

  if (nmd_experiment_session_get_results (experiments) == NULL)
    {
      g_test_skip ("There is no experiment: xdotool is not here");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      saved_path = g_build_filename (screen.folder, cases[i][1], NULL);
      nmd_experiment_page_export (NMD_EXPERIMENT_PAGE (page ()), cases[i][0], saved_path);
      g_assert_true (screen_wait (is_saved, 20));
      g_free (saved_path);
    }
  screen.n_problems = 0;
  nmd_experiment_page_export (NMD_EXPERIMENT_PAGE (page ()), "auc", "/tmp/figure.gif");
  g_assert_cmpuint (screen.n_problems, ==, 1);
  g_assert_nonnull (strstr (screen.last_problem, "figure.gif"));
}

/* Begun by nmd, done in the window, opened by its folder. */
static void
test_from_nmd (void)
{
  g_autofree char *begun = g_build_filename (screen.folder, "begun", NULL);
  g_autofree char *cohort = g_build_filename (screen.folder, "cohort", NULL);

  nmd ("crossval", cohort, "--out", begun, "--folds", "3", "--epochs", "1",
       "--no-estimate", "--shard", "1/3", "--format", "svg", NULL);
  nmd ("experiment", begun, "--no-estimate", "--shard", "2/3", "--format", "svg", NULL);
  nmd_app_session_open (screen.session, begun);
  wanted = begun;
  g_assert_true (screen_wait (is_shown, 30));
  g_assert_cmpuint (count (NMD_CELL_IS_DONE), ==, 2);
  g_assert_true (shows ("1 training is left"));
  nmd_experiment_session_start (experiments);
  g_assert_true (screen_wait (is_done, 600));
  g_assert_true (shows ("All trainings are done"));
  screen_close ();
  screen_check_leaks ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  g_test_add_func ("/experiments/refused", test_refused);
  g_test_add_func ("/experiments/shared", test_shared);
  g_test_add_func ("/experiments/export", test_export);
  g_test_add_func ("/experiments/from-nmd", test_from_nmd);
  return screen_end (g_test_run ());
}
