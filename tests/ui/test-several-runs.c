/* SPDX-License-Identifier: Apache-2.0
 *
 * Several runs at once: which one is shown, scores and finds outlines while others are chosen, evaluated and trashed;
 * and that no file of the open data set is written over.
 */
#include "tests/ui/discs.h"
#include "tests/ui/made-run.h"
#include "tests/ui/screen.h"

#include "engine/image/nmd-png-writer.h"
#include "ui/session/nmd-scan-loading.h"

#include <glib/gstdio.h>

#define N 24

static char *manifest, *trained;

static gboolean
shows (const char *part)
{
  return screen_shows_part (GTK_WIDGET (screen.window), part);
}

static gboolean
shows_results (void)
{
  return shows ("worst outline first");
}

static gboolean
shows_both (void)
{
  return shows ("Confidence") || shows ("No outline found");
}

static gboolean
has_outline_model (void)
{
  return nmd_runs_session_get_outline_model (screen.runs) != NULL;
}

static gboolean
has_other_run (void)
{
  return g_list_model_get_n_items (nmd_runs_session_get_runs (screen.runs)) == 2;
}

static gboolean
lists (NmdRunItem *run)
{
  return g_list_store_find (G_LIST_STORE (nmd_runs_session_get_runs (screen.runs)), run,
                            NULL);
}

/* Another run chosen on Scan stays chosen while Results, out of sight, reviews the first. */
static void
test_other_run (void)
{
  g_autofree char *other = g_build_filename (screen.folder, "runs", "other", NULL);
  const char *const command[] = { "cp", "-r", trained, other, NULL };
  g_autoptr (NmdRunItem) second = NULL;

  g_assert_true (g_spawn_sync (NULL, (char **)command, NULL, G_SPAWN_SEARCH_PATH, NULL,
                               NULL, NULL, NULL, NULL, NULL));
  screen_open (1024, 700);
  nmd_app_session_open (screen.session, manifest);
  g_assert_true (screen_wait (screen_has_dataset, 20));
  nmd_app_session_open (screen.session, trained);
  g_assert_true (screen_wait (has_outline_model, 20));
  g_assert_true (screen_wait (shows_results, 20));
  g_assert_true (screen_wait (shows_both, 20));
  NmdRunItem *first = nmd_runs_session_get_shown (screen.runs);
  nmd_runs_session_list (screen.runs);
  g_assert_true (screen_wait (has_other_run, 20));
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (NmdRunItem) item
          = g_list_model_get_item (nmd_runs_session_get_runs (screen.runs), i);
      if (g_str_equal (item->folder, other))
        g_set_object (&second, item);
    }
  g_assert_nonnull (second);
  nmd_window_show_page (screen.window, "scan");
  screen_pause (0.3);
  nmd_runs_session_set_outline_run (screen.runs, second);
  g_assert_true (nmd_runs_session_get_outline_run (screen.runs) == second);
  g_assert_true (screen_wait (has_outline_model, 20));
  screen_pause (0.3);
  g_assert_true (nmd_runs_session_get_outline_run (screen.runs) == second);
  /* In sight it reviews its own. */
  nmd_window_show_page (screen.window, "results");
  screen_pause (0.3);
  g_assert_true (nmd_runs_session_get_outline_run (screen.runs) == first);
  g_assert_true (screen_wait (has_outline_model, 20));
  g_assert_true (screen_wait (shows_both, 20));
  g_assert_true (lists (first));
}

static gboolean
is_idle (void)
{
  return nmd_training_session_get_job (screen.training) == NULL;
}

/* What an evaluation ends with is its own run's, whichever is chosen by then; until then that one is not trashed. */
static void
test_evaluate (void)
{
  g_autoptr (NmdRunItem) first = g_object_ref (nmd_runs_session_get_shown (screen.runs));
  g_autoptr (NmdRunItem) second = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (NmdRunItem) item
          = g_list_model_get_item (nmd_runs_session_get_runs (screen.runs), i);
      if (item != first)
        g_set_object (&second, item);
    }
  nmd_training_session_evaluate (screen.training);
  g_assert_false (is_idle ());
  nmd_runs_session_set_run (screen.runs, second);
  screen.n_problems = 0;
  nmd_runs_session_trash (screen.runs, first);
  g_assert_cmpuint (screen.n_problems, ==, 1);
  g_assert_true (screen_wait (is_idle, 120));
  screen_settle ();
  g_assert_true (nmd_runs_session_get_shown (screen.runs) == second);
  g_assert_true (lists (second));
  g_assert_false (lists (first)); /* it was read again */
  g_assert_true (has_other_run ());
  g_assert_true (g_file_test (first->folder, G_FILE_TEST_IS_DIR));
  screen_assert_fits (1024, 700);
}

static gboolean
has_made_runs (void)
{
  return g_list_model_get_n_items (nmd_runs_session_get_runs (screen.runs)) == 4;
}

/* A run that finds outlines is shown and trashed; the one that scores goes on doing so. */
static void
test_trash (void)
{
  GListModel *runs = nmd_runs_session_get_runs (screen.runs);
  g_autofree char *one = g_build_filename (screen.folder, "runs", "one", NULL);
  g_autofree char *two = g_build_filename (screen.folder, "runs", "two", NULL);
  g_autoptr (NmdRunItem) scoring = NULL;
  NmdRunItem *shown = nmd_runs_session_get_shown (screen.runs);

  made_run_write (one, "aa", 1, 1, TRUE);
  made_run_write (two, "aa", 2, 1, TRUE);
  nmd_runs_session_list (screen.runs);
  g_assert_true (screen_wait (has_made_runs, 20));
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (NmdRunItem) item = g_list_model_get_item (runs, i);
      if (nmd_run_item_is_for (item, NMD_TASK_CLASSIFY))
        g_set_object (&scoring, item); /* the last, not the newest */
    }
  nmd_runs_session_set_run (screen.runs, scoring);
  nmd_runs_session_set_run (screen.runs, shown);
  g_assert_true (nmd_runs_session_get_run (screen.runs) == scoring);
  nmd_runs_session_trash (screen.runs, shown);
  screen_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (runs), ==, 3);
  g_assert_true (nmd_runs_session_get_run (screen.runs) == scoring);
  g_assert_true (nmd_runs_session_get_shown (screen.runs) == scoring);
  g_assert_null (nmd_runs_session_get_outline_run (screen.runs));
}

static NmdRunItem *noted;

static gboolean
is_renewed (void)
{
  return nmd_runs_session_get_run (screen.runs) != noted;
}

/* Notes on a run take nothing back of what was said of its model. */
static void
test_notes (void)
{
  noted = nmd_runs_session_get_run (screen.runs);
  g_assert_nonnull (noted);
  nmd_explanation_session_state_model (screen.explanation, "muscle", "BB");
  g_object_set (screen.explanation, "override", TRUE, NULL);
  nmd_runs_session_set_notes (screen.runs, noted, nmd_run_notes_new ("A", NULL, NULL));
  g_assert_true (screen_wait (is_renewed, 20));
  screen_settle ();
  const NmdStatedFacts *stated = nmd_explanation_session_get_stated (screen.explanation);
  gboolean override = FALSE;
  g_object_get (screen.explanation, "override", &override, NULL);
  g_assert_true (override);
  g_assert_cmpstr (stated->model_muscles, ==, "BB");
  nmd_runs_session_set_run (screen.runs, NULL);
  g_assert_null (stated->model_muscles);
}

static NmdScan *
scan (void)
{
  return nmd_scan_session_get_scan (screen.scan);
}

/* Images and masks of the open data set are not written over, whichever of them is shown. */
static void
test_data_stays (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  const NmdSample *sample = nmd_dataset_get (dataset, 5);
  const char *const paths[] = { sample->mask_path, sample->image_path };

  g_assert_true (screen_wait (screen_has_mask, 20));
  g_assert_false (g_str_equal (scan ()->path, sample->image_path));
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      gsize n_before = 0, n_after = 0;

      g_assert_true (g_file_get_contents (paths[i], &before, &n_before, NULL));
      screen.n_problems = 0;
      nmd_scan_session_save_mask (screen.scan, paths[i]);
      g_assert_true (screen_wait (screen_has_problem, 5));
      g_assert_true (g_file_get_contents (paths[i], &after, &n_after, NULL));
      g_assert_cmpmem (before, n_before, after, n_after);
    }
}

static guint n_read, n_cancelled;

static void
on_asked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  guint n_pages = 0;
  g_autoptr (NmdScan) read
      = nmd_scan_loading_finish (NMD_JOB (source), result, &n_pages, &error);

  n_read += read != NULL;
  n_cancelled += g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
all_read (void)
{
  return n_read + n_cancelled == 4;
}

/* A question takes the place of a waiting one of its own asker, not of another's. */
static void
test_askers (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  char askers[4] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (askers); i++)
    {
      const NmdScanRequest request = { .sample = nmd_dataset_get (dataset, i) };
      g_autoptr (NmdJob) job = nmd_scan_loading_start (&request, on_asked, &askers[i]);
    }
  g_assert_true (screen_wait (all_read, 20));
  g_assert_cmpuint (n_cancelled, ==, 0);
}

static void
test_end (void)
{
  nmd_window_close_at_once (screen.window);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  manifest = discs_write ("masked", N, TRUE);
  trained = discs_train (manifest, "3");
  g_test_add_func ("/several-runs/other-run", test_other_run);
  g_test_add_func ("/several-runs/evaluate", test_evaluate);
  g_test_add_func ("/several-runs/data-stays", test_data_stays);
  g_test_add_func ("/several-runs/askers", test_askers);
  g_test_add_func ("/several-runs/trash", test_trash);
  g_test_add_func ("/several-runs/notes", test_notes);
  g_test_add_func ("/several-runs/end", test_end);
  int status = screen_end (g_test_run ());
  g_free (manifest);
  g_free (trained);
  return status;
}
