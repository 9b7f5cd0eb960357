/* SPDX-License-Identifier: Apache-2.0
 *
 * The page Results with real clicks and keys, on runs that were not trained.
 */
#include "tests/ui/hand.h"
#include "tests/ui/made-run.h"

#include "ui/pages/nmd-evidence-pane.h"
#include "ui/pages/nmd-results-page.h"

#include <math.h>
#include <string.h>

static GtkWidget *page;

static gboolean
shows_overview (void)
{
  page = screen_find (GTK_WIDGET (screen.window), NMD_TYPE_RESULTS_PAGE, NULL);
  return page != NULL && screen_shows (page, "Images, most wrong first (80)");
}

static void
write_runs (void)
{
  const char *const names[] = { "first", "second", "elsewhere" };
  const char *const hashes[] = { "aa", "aa", "bb" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *folder = g_build_filename (screen.folder, "runs", names[i], NULL);
      made_run_write (folder, hashes[i], 10 + i, i == 1 ? 1 : 0.6);
    }
}

static gboolean
has_runs (void)
{
  return g_list_model_get_n_items (nmd_runs_session_get_runs (screen.runs)) == 3;
}

/* The data set of these runs is nowhere; the bar that says so moves the page. */
static gboolean
shows_no_pictures (void)
{
  return screen_shows (GTK_WIDGET (screen.window), "The run's pictures");
}

static void
open_page (void)
{
  screen_open (1024, 700);
  nmd_runs_session_list (screen.runs);
  g_assert_true (screen_wait (has_runs, 20));
  gtk_widget_activate_action (GTK_WIDGET (screen.window), "win.page", "s", "results");
  g_assert_true (screen_wait (shows_overview, 20));
  g_assert_true (screen_wait (shows_no_pictures, 20));
  screen_pause (0.6);
}

/* The one run's results as its file has them. */
static NmdEvalResults *
stored (void)
{
  NmdRunItem *run = nmd_runs_session_get_shown (screen.runs);
  g_autoptr (GError) error = NULL;
  NmdEvalResults *results
      = nmd_eval_results_from_json (nmd_run_get_metrics (run->run), run->folder, &error);

  g_assert_no_error (error);
  return results;
}

static gboolean
has_table (void)
{
  return screen_find (page, NMD_TYPE_FACT_TABLE, NULL) != NULL;
}

/* Turns to another view of the run, and finds its first table. */
static NmdFactTable *
turn_to (const char *view)
{
  hand_press_text (view);
  g_assert_true (screen_wait (has_table, 20));
  screen_pause (0.3);
  return NMD_FACT_TABLE (screen_find (page, NMD_TYPE_FACT_TABLE, NULL));
}

static void
check_number (const char *cell, double value, int digits)
{
  g_autofree char *text = g_strdup_printf ("%.*f", digits, value);

  if (!g_str_has_prefix (cell, text))
    g_test_message ("%s is not %s", cell, text);
  g_assert_true (g_str_has_prefix (cell, text));
}

/* Each page shows what metrics.json holds, number by number. */
static void
test_evidence (void)
{
  g_autoptr (NmdEvalResults) file = NULL;

  open_page ();
  file = stored ();
  NmdFactTable *table = turn_to ("Rivals");
  g_assert_cmpuint (nmd_fact_table_get_n (table), ==, 2);
  const NmdRivalRow *rival = &g_array_index (file->rivals, NmdRivalRow, 0);
  const char *const *row = nmd_fact_table_get_row (table, 2);
  g_assert_cmpstr (row[0], ==, "Mask area");
  check_number (row[1], rival->comparison.auc.value, 2);
  check_number (row[2], rival->comparison.network_auc.value, 2);
  check_number (row[3], rival->comparison.difference.value, 2);
  g_assert_cmpuint (strlen (row[5]), >, 0);
  if (rival->p_holm >= 0.0005)
    check_number (row[5], rival->p_holm, 3);
  screen_assert_fits (1024, 700);

  table = turn_to ("Calibration");
  g_assert_true (file->is_calibrated);
  row = nmd_fact_table_get_row (table, 1);
  check_number (row[1], file->raw.slope, 2);
  check_number (row[2], file->calibrated.slope, 2);
  row = nmd_fact_table_get_row (table, 4);
  check_number (row[2], file->calibrated.brier, 3);
  screen_assert_fits (1024, 700);

  table = turn_to ("Usefulness");
  g_assert_cmpuint (nmd_fact_table_get_n (table), ==, NMD_N_PREVALENCES);
  check_number (nmd_fact_table_get_row (table, 4)[1], file->predictive[3].ppv, 2);
  g_assert_true (file->has_decision);
  g_autofree char *useful
      = g_strdup_printf ("from %.2f to %.2f, at 50 %% prevalence",
                         file->decision.useful_from, file->decision.useful_to);
  g_assert_true (screen_shows_part (page, useful));
  screen_assert_fits (1024, 700);

  table = turn_to ("Limits");
  check_number (nmd_fact_table_get_row (table, 1)[2], file->sample_size.n_here, 0);
  g_autofree char *open = g_strdup_printf (
      "%u of %u images cannot be judged", file->coverage.n_open, file->coverage.n_images);
  g_assert_true (screen_shows (page, open));
  screen_assert_fits (1024, 700);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  if (!screen_xdotool ("mousemove 5 5"))
    {
      g_print ("1..0 # SKIP there is no xdotool\n");
      return screen_end (0);
    }
  write_runs ();
  g_test_add_func ("/results-page/evidence", test_evidence);
  return screen_end (g_test_run ());
}
