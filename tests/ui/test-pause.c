/* SPDX-License-Identifier: Apache-2.0
 *
 * Pause beside Stop by real clicks: the training waits between two steps, says so, gives the same bits when it
 * goes on, asks when the window is closed, and can be stopped while it waits.
 */
#include "tests/ui/hand.h"

static NmdTraining *
training (void)
{
  return nmd_training_session_get_training (screen.training);
}

static gboolean
shows (const char *part)
{
  return screen_shows_part (GTK_WIDGET (screen.window), part);
}

/* Conditions */

static const char *label;

static gboolean
has_button (void)
{
  GtkWidget *button = screen_find (GTK_WIDGET (screen.window), GTK_TYPE_BUTTON, label);

  return button != NULL && gtk_widget_get_width (button) > 0
         && gtk_widget_is_sensitive (button);
}

static gboolean
has_dialog (void)
{
  return screen_find_dialog () != NULL;
}

static gboolean
is_running (void)
{
  return nmd_training_session_is_running (screen.training);
}

static gboolean
holds (void)
{
  return nmd_training_get_pause (training ()) == NMD_PAUSE_HOLDS
         || screen_training_ended ();
}

/* Hands */

static void
press (const char *text)
{
  label = text;
  g_test_message ("press %s", text);
  g_assert_true (screen_wait (has_button, 30));
  screen_pause (0.2); /* it is laid out where it is clicked */
  hand_press (screen_find (GTK_WIDGET (screen.window), GTK_TYPE_BUTTON, text));
}

/* Presses Pause; nothing moves then, and words say so. */
static void
pause_it (void)
{
  double fraction;
  guint n, n_later;

  press ("_Pause");
  g_assert_true (screen_wait (holds, 120));
  g_assert_true (is_running ());
  g_assert_true (shows ("Paused · "));
  g_assert_null (screen_find (GTK_WIDGET (screen.window), GTK_TYPE_BUTTON, "_Pause"));
  fraction = nmd_training_get_fraction (training ());
  nmd_training_get_trace (training (), NMD_TRACE_EPOCH, &n);
  screen_pause (0.5);
  g_assert_cmpfloat (nmd_training_get_fraction (training ()), ==, fraction);
  nmd_training_get_trace (training (), NMD_TRACE_EPOCH, &n_later);
  g_assert_cmpuint (n, ==, n_later);
}

static char *
train (gboolean with_pauses)
{
  press ("_Start Training");
  g_assert_true (screen_wait (is_running, 20));
  if (with_pauses)
    {
      pause_it ();
      press ("_Continue");
      g_assert_false (shows ("Paused"));
      pause_it ();
      press ("_Continue");
    }
  g_assert_true (screen_wait (screen_training_ended, 560));
  g_assert_cmpint (nmd_training_get_state (training ()), ==, NMD_TRAINING_FINISHED);
  g_assert_null (screen_find (GTK_WIDGET (screen.window), GTK_TYPE_BUTTON, "_Pause"));
  screen_settle ();
  return g_strdup (nmd_training_get_folder (training ()));
}

static void
assert_same_file (const char *a, const char *b, const char *name)
{
  g_autofree char *path_a = g_build_filename (a, name, NULL);
  g_autofree char *path_b = g_build_filename (b, name, NULL);
  g_autofree char *one = NULL, *other = NULL;
  gsize n_one, n_other;

  g_assert_cmpstr (path_a, !=, path_b);
  g_assert_true (g_file_get_contents (path_a, &one, &n_one, NULL));
  g_assert_true (g_file_get_contents (path_b, &other, &n_other, NULL));
  g_assert_cmpmem (one, n_one, other, n_other);
}

static void
test_bits (void)
{
  g_autofree char *cohort = screen_write_cohort ("cohort", 5);
  g_autofree char *plain = NULL, *paused = NULL;

  screen_open (1024, 700);
  nmd_app_session_open (screen.session, cohort);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  nmd_window_show_page (screen.window, "train");
  nmd_recipe_session_set (screen.recipe, "split", 3, NULL);
  nmd_recipe_session_set (screen.recipe, "limit", 16, NULL);
  nmd_recipe_session_set (screen.recipe, "epochs", 4, NULL);
  plain = train (FALSE);
  paused = train (TRUE);
  assert_same_file (plain, paused, "best.safetensors");
  assert_same_file (plain, paused, "average.safetensors");
  assert_same_file (plain, paused, "last.safetensors");
  assert_same_file (plain, paused, "predictions.csv");
}

/* Paused is not ended: closing asks, and Stop stops it. */
static void
test_close_and_stop (void)
{
  nmd_recipe_session_set (screen.recipe, "epochs", 500, NULL);
  press ("_Start Training");
  g_assert_true (screen_wait (is_running, 20));
  pause_it ();
  screen_assert_fits (1024, 700);
  gtk_window_close (GTK_WINDOW (screen.window));
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWindow *dialog = screen_find_dialog ();
  g_assert_true (screen_shows (GTK_WIDGET (dialog), "Stop the Training and Close?"));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  gtk_window_destroy (dialog);
  screen_pause (0.3);
  g_assert_cmpint (nmd_training_get_pause (training ()), ==, NMD_PAUSE_HOLDS);
  press ("S_top, Keep the Best");
  g_assert_true (screen_wait (screen_training_ended, 60));
  g_assert_cmpint (nmd_training_get_state (training ()), ==, NMD_TRAINING_STOPPED);
  screen_settle ();
}

/* The program ends although a training waits. */
static void
test_end (void)
{
  press ("_Start Training");
  g_assert_true (screen_wait (is_running, 20));
  pause_it ();
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!hand_init (&argc, &argv))
    return 0;
  g_test_add_func ("/pause/bits", test_bits);
  g_test_add_func ("/pause/close-and-stop", test_close_and_stop);
  g_test_add_func ("/pause/end", test_end);
  return screen_end (g_test_run ());
}
