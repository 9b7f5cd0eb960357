/* SPDX-License-Identifier: Apache-2.0
 *
 * Guess first: nothing tells the answer before the reading, the keyboard alone goes the whole road, measures are those
 * of an independent count, scans are of different subjects, and readings are saved only when asked and not lost
 * without a question.
 */
#include "tests/ui/screen.h"
#include "engine/core/nmd-csv.h"
#include "engine/model/nmd-sample-z.h"
#include "ui/dialogs/nmd-teaching-window.h"
#include "ui/widgets/nmd-image-view.h"

#include <math.h>
#include <string.h>

#define N 6

static NmdTeachingWindow *window;

static NmdTeachingSession *
session (void)
{
  return nmd_teaching_window_get_session (window);
}

static gboolean
has_pixels (void)
{
  return nmd_teaching_session_get_scan (session ()) != NULL;
}

static gboolean
is_revealed (void)
{
  return nmd_teaching_session_is_revealed (session ());
}

/* As the window's key controller gets it. Returns: whether it takes it. */
static gboolean
takes (guint key)
{
  GListModel *controllers = gtk_widget_observe_controllers (GTK_WIDGET (window));
  gboolean used = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !used; i++)
    {
      g_autoptr (GtkEventController) one = g_list_model_get_item (controllers, i);
      if (GTK_IS_EVENT_CONTROLLER_KEY (one)
          && gtk_event_controller_get_propagation_phase (one) == GTK_PHASE_CAPTURE)
        g_signal_emit_by_name (one, "key-pressed", key, 0, 0, &used);
    }
  g_object_unref (controllers);
  return used;
}

static void
press (guint key)
{
  g_assert_true (takes (key));
}

static const NmdTeachingCase *
now (void)
{
  return nmd_teaching_session_get_case (session (),
                                        nmd_teaching_session_get_place (session ()));
}

static void
test_start (void)
{
  g_autofree char *cohort = screen_write_cohort ("cohort", 8);
  g_autofree char *reference = g_build_filename (screen.folder, "reference.json", NULL);
  g_autoptr (GHashTable) subjects = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_true (g_file_set_contents (
      reference,
      "{\"name\":\"ours\",\"models\":{"
      "\"BB\":{\"n\":30,\"terms\":[],\"b\":[70],\"mse\":100,\"C\":[[0]]},"
      "\"GM\":{\"n\":30,\"terms\":[],\"b\":[70],\"mse\":100,\"C\":[[0]]},"
      "\"TA\":{\"n\":30,\"terms\":[],\"b\":[80],\"mse\":100,\"C\":[[0]]}}}",
      -1, NULL));
  screen_open (1024, 700);
  nmd_app_session_open (screen.session, cohort);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  nmd_visit_session_open_reference (nmd_app_session_get_visit (screen.session),
                                    reference);
  screen_pause (0.5);
  window = nmd_teaching_window_present (GTK_WINDOW (screen.window), screen.session);
  screen_pause (0.3);
  g_assert_true (screen_shows (GTK_WIDGET (window), "Read first"));
  g_assert_true (nmd_teaching_session_start (session (), N, 1));
  g_assert_cmpuint (nmd_teaching_session_get_n (session ()), ==, N);
  for (guint i = 0; i < N; i++)
    g_assert_true (g_hash_table_add (
        subjects, nmd_teaching_session_get_case (session (), i)->sample->subject));
}

/* Before the reading the window says neither name, label, score nor z. */
static void
check_silent (void)
{
  NmdSample *sample = now ()->sample;

  g_assert_false (screen_shows_part (GTK_WIDGET (window), sample->id));
  g_assert_false (screen_shows_part (GTK_WIDGET (window), "Data set:"));
  g_assert_false (screen_shows_part (GTK_WIDGET (window), "score"));
  g_assert_false (screen_shows_part (GTK_WIDGET (window), "z:"));
  g_assert_false (is_revealed ());
}

/* Reads scan @i as @label and @grade by keys. */
static void
read_one (guint i, int label, int grade)
{
  g_assert_cmpuint (nmd_teaching_session_get_place (session ()), ==, i);
  g_assert_true (screen_wait (has_pixels, 20));
  screen_pause (0.1);
  check_silent ();
  /* A reading is both. */
  press (label == 1 ? GDK_KEY_p : GDK_KEY_h);
  press (GDK_KEY_Return);
  g_assert_cmpint (now ()->guess, ==, -1);
  press (GDK_KEY_1 + (guint)grade - 1);
  press (GDK_KEY_Return);
  g_assert_cmpint (now ()->guess, ==, label);
  g_assert_cmpint (now ()->grade, ==, grade);
  g_assert_true (screen_wait (is_revealed, 20));
  g_assert_true (screen_shows (GTK_WIDGET (window), "Data set: "));
  g_assert_true (screen_shows_part (GTK_WIDGET (window), "Model: no score"));
  /* It stays as it was said. */
  nmd_teaching_session_guess (session (), 1 - label, 4);
  g_assert_cmpint (now ()->guess, ==, label);
}

/* Enter on a button that was gone to by keys is that button's. */
static void
test_enter (void)
{
  GtkWidget *finish = screen_find (GTK_WIDGET (window), GTK_TYPE_BUTTON, "_Finish");
  GtkWidget *before = gtk_root_get_focus (GTK_ROOT (window));

  g_assert_true (screen_wait (has_pixels, 20));
  g_assert_nonnull (finish);
  gtk_widget_set_sensitive (finish, TRUE);
  gtk_widget_grab_focus (finish);
  gtk_window_set_focus_visible (GTK_WINDOW (window), FALSE);
  g_assert_true (takes (GDK_KEY_Return));
  gtk_window_set_focus_visible (GTK_WINDOW (window), TRUE);
  g_assert_false (takes (GDK_KEY_Return));
  gtk_window_set_focus_visible (GTK_WINDOW (window), FALSE);
  gtk_window_set_focus (GTK_WINDOW (window), before);
  gtk_widget_set_sensitive (finish, FALSE);
}

static const int readings[N][2]
    = { { 1, 4 }, { 0, 1 }, { 1, 3 }, { 0, 2 }, { 1, 2 }, { 0, 1 } };

static void
test_readings (void)
{
  for (guint i = 0; i < N; i++)
    {
      read_one (i, readings[i][0], readings[i][1]);
      if (i + 1 < N)
        press (GDK_KEY_Return);
    }
}

/* Counted here by hand. */
static void
test_measures (void)
{
  guint agree = 0, with_z = 0, agree_z = 0;
  NmdKappa kappa;
  double auc = NAN, pairs = 0, wins = 0;

  for (guint i = 0; i < N; i++)
    {
      const NmdTeachingCase *a = nmd_teaching_session_get_case (session (), i);
      double z
          = (a->sample->echo.mean - (g_str_equal (a->sample->muscle, "TA") ? 80 : 70))
            / 10;
      agree += a->sample->label == readings[i][0];
      /* z is of the mean over the subject's images, which lie near each other. */
      g_assert_cmpfloat (fabs (a->z - z), <, 1);
      g_assert_cmpint (a->z_label, ==, a->z > 2);
      with_z++;
      agree_z += a->z_label == readings[i][0];
      for (guint k = 0; k < N; k++)
        {
          const NmdTeachingCase *b = nmd_teaching_session_get_case (session (), k);
          if (a->sample->label != 1 || b->sample->label != 0)
            continue;
          pairs++;
          wins += a->grade > b->grade ? 1 : a->grade == b->grade ? 0.5 : 0;
        }
    }
  nmd_teaching_session_measure (session (), NMD_TEACHING_LABEL, &kappa, &auc);
  g_assert_cmpuint (kappa.n, ==, N);
  g_assert_cmpfloat_with_epsilon (kappa.agreed, agree / (double)N, 1e-12);
  if (pairs > 0)
    g_assert_cmpfloat_with_epsilon (auc, wins / pairs, 1e-12);
  nmd_teaching_session_measure (session (), NMD_TEACHING_Z, &kappa, NULL);
  g_assert_cmpuint (kappa.n, ==, with_z);
  g_assert_cmpfloat_with_epsilon (kappa.agreed, agree_z / (double)with_z, 1e-12);
  nmd_teaching_session_measure (session (), NMD_TEACHING_MODEL, &kappa, &auc);
  g_assert_cmpuint (kappa.n, ==, 0);
  g_assert_true (isnan (auc));
  press (GDK_KEY_Return);
  screen_pause (0.3);
  g_assert_true (screen_shows (GTK_WIDGET (window), "AUC of grades"));
  g_assert_true (screen_shows (GTK_WIDGET (window), "6 readings."));
}

static gboolean
has_message (void)
{
  return screen.last_message != NULL;
}

/* Closing asks, and nothing is chosen. */
static void
check_asks (void)
{
  gtk_window_close (GTK_WINDOW (window));
  screen_pause (0.3);
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (window)));
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) one = g_list_model_get_item (windows, i);
      if (one != GTK_WINDOW (window) && one != GTK_WINDOW (screen.window))
        gtk_window_destroy (one);
    }
}

/* Closing asks while the readings are not saved; the table holds them. */
static void
test_save (void)
{
  g_autofree char *path = g_build_filename (screen.folder, "readings.csv", NULL);
  g_autoptr (GError) error = NULL;

  check_asks ();
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  /* A table that could not be written keeps nothing. */
  g_autofree char *nowhere
      = g_build_filename (screen.folder, "no-such-folder", "readings.csv", NULL);
  screen.n_problems = 0;
  nmd_teaching_window_save_as (window, nowhere);
  g_assert_true (screen_wait (screen_has_problem, 20));
  check_asks ();
  g_clear_pointer (&screen.last_message, g_free);
  nmd_teaching_window_save_as (window, path);
  g_assert_true (screen_wait (has_message, 20));
  g_autoptr (NmdCsv) csv = nmd_csv_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, N);
  g_assert_cmpstr (nmd_csv_get (csv, 0, (guint)nmd_csv_find (csv, "guess")), ==,
                   "pathological");
  g_assert_cmpstr (nmd_csv_get (csv, 0, (guint)nmd_csv_find (csv, "grade")), ==, "4");
  gtk_window_close (GTK_WINDOW (window));
  screen_pause (0.3);
  screen_close ();
}

/* z of one sample is that of the whole table. */
static void
test_sample_z (void)
{
  g_autofree char *path = g_build_filename (screen.folder, "reference.json", NULL);
  g_autoptr (NmdReference) reference = nmd_reference_load (path, NULL);
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  g_autoptr (GArray) all = nmd_reference_score_dataset (reference, dataset);

  for (guint i = 0; i < all->len; i += 7)
    {
      NmdSampleZ z
          = nmd_reference_score_sample (reference, dataset, nmd_dataset_get (dataset, i));
      const NmdSampleZ *same = &g_array_index (all, NmdSampleZ, i);
      g_assert_true (z.has_z && same->has_z);
      g_assert_cmpfloat_with_epsilon (z.score.z, same->score.z, 1e-12);
      g_assert_cmpuint (z.n, ==, same->n);
    }
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  g_test_add_func ("/teaching/start", test_start);
  g_test_add_func ("/teaching/enter", test_enter);
  g_test_add_func ("/teaching/readings", test_readings);
  g_test_add_func ("/teaching/measures", test_measures);
  g_test_add_func ("/teaching/sample-z", test_sample_z);
  g_test_add_func ("/teaching/save", test_save);
  return screen_end (g_test_run ());
}
