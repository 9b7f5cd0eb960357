/* SPDX-License-Identifier: Apache-2.0
 *
 * The page Results with real clicks and keys, on runs that were not trained.
 */
#include "tests/ui/hand.h"
#include "tests/ui/made-run.h"

#include "ui/dialogs/nmd-export-menu.h"
#include "ui/pages/nmd-curve-options.h"
#include "ui/pages/nmd-evidence-pane.h"
#include "ui/pages/nmd-results-overview.h"
#include "ui/pages/nmd-results-page.h"
#include "ui/window/nmd-notify.h"
#include "ui/widgets/nmd-plot-area.h"

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
      made_run_write (folder, hashes[i], 10 + i, i == 1 ? 1 : 0.6, i == 0);
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

/* The threshold */

static NmdResultsOverview *overview;
static guint before[4];

static NmdPlotArea *
find_plot (void)
{
  overview = NMD_RESULTS_OVERVIEW (screen_find (page, NMD_TYPE_RESULTS_OVERVIEW, NULL));
  return NMD_PLOT_AREA (screen_find (GTK_WIDGET (overview), NMD_TYPE_PLOT_AREA, NULL));
}

static gboolean
counts_moved (void)
{
  return memcmp (before, nmd_results_overview_get_counts (overview), sizeof before) != 0;
}

static void
remember_counts (void)
{
  memcpy (before, nmd_results_overview_get_counts (overview), sizeof before);
}

static gboolean
says_moved (void)
{
  return screen_shows_part (page, "moved here, chosen on these images");
}

static gboolean
says_evaluated (void)
{
  return !says_moved () && screen_shows_part (page, "on the validation part");
}

static gboolean
has_intervals (void)
{
  return !screen_shows (page, "…");
}

/* Matrix and rates follow while the button is down, and the sentence says that these images chose it. */
static void
test_threshold (void)
{
  GtkWidget *plot = NULL;

  open_page ();
  plot = GTK_WIDGET (find_plot ());
  remember_counts ();
  g_assert_true (says_evaluated ());
  hand_point (plot, gtk_widget_get_width (plot) * 0.5,
              gtk_widget_get_height (plot) * 0.6);
  screen_press (TRUE);
  hand_point (plot, gtk_widget_get_width (plot) * 0.9,
              gtk_widget_get_height (plot) * 0.2);
  g_assert_true (screen_wait (counts_moved, 20));
  g_assert_true (says_moved ());
  const guint *n = nmd_results_overview_get_counts (overview);
  g_assert_cmpuint (n[0] + n[1] + n[2] + n[3], ==, 80);
  g_autofree char *sensitivity = g_strdup_printf (
      "%.2f", n[NMD_CELL_TP] / (double)(n[NMD_CELL_TP] + n[NMD_CELL_FN]));
  g_assert_true (screen_shows (page, sensitivity));
  screen_press (FALSE);
  g_assert_true (screen_wait (has_intervals, 20));
  g_assert_true (says_moved ());

  /* Down the curve's corners by keys, and back to what was evaluated. */
  remember_counts ();
  hand_key ("Left");
  g_assert_true (screen_wait (counts_moved, 20));
  remember_counts ();
  hand_key ("Home");
  g_assert_true (screen_wait (counts_moved, 20));
  g_assert_cmpuint (n[NMD_CELL_TP] + n[NMD_CELL_FP], <=, 2);
  g_assert_true (screen_wait (has_intervals, 20));
  hand_key ("Escape");
  g_assert_true (screen_wait (says_evaluated, 20));
  screen_close ();
}

/* Images behind a field, a bar and a point */

static GtkWidget *
find_matrix (void)
{
  GtkWidget *left = gtk_widget_get_first_child (GTK_WIDGET (overview));

  return screen_find (gtk_widget_get_next_sibling (left), NMD_TYPE_PLOT_AREA, NULL);
}

static void
assert_shows (const char *text)
{
  if (!screen_shows (page, text))
    g_test_message ("%s is not shown", text);
  g_assert_true (screen_shows (page, text));
}

/* A pixel of the bar that most images are in, and how many these are. */
static guint
find_bar (const NmdScores *scores,
          GtkWidget *widget,
          double threshold,
          double *x,
          double *y,
          guint *bin,
          int *label)
{
  const NmdScoreBarsPlot plot = { .title = "Scores",
                                  .scores = scores,
                                  .classes = { "healthy", "pathological" },
                                  .threshold = threshold,
                                  .selected_bin = -1 };
  NmdPlotStyle style;
  NmdRect rect;
  guint n = 0;

  nmd_plot_area_get_style (NMD_PLOT_AREA (widget), &rect, &style);
  for (double v = rect.height / 3; v < rect.height; v += 3)
    for (double u = 0; u < rect.width; u += 1)
      if (nmd_plot_score_bars_at (&plot, &rect, &style, u, v, bin, label))
        {
          for (guint i = 0; i < nmd_scores_get_n (scores); i++)
            n += nmd_scores_get (scores, i)->label == *label
                 && nmd_plot_score_bin (nmd_scores_get (scores, i)->score) == *bin;
          *x = u + 2; /* well inside */
          *y = v + 6;
          return n;
        }
  return n;
}

static void
choose_view (int steps)
{
  GtkWidget *view = screen_find (GTK_WIDGET (overview), GTK_TYPE_DROP_DOWN, NULL);

  hand_press (view);
  screen_pause (0.3);
  for (int i = 0; i < steps; i++)
    hand_key ("Down");
  hand_key ("Return");
  screen_pause (0.3);
  /* the list's surface takes the first click after it */
  hand_click (GTK_WIDGET (overview), 1, gtk_widget_get_height (GTK_WIDGET (overview)) - 1,
              1);
}

static void
test_images (void)
{
  g_autoptr (NmdEvalResults) file = NULL;
  g_autoptr (NmdScores) scores = NULL;
  double x = 0, y = 0;
  guint bin = 0, n = 0;
  int label = 0;

  open_page ();
  file = stored ();
  scores = nmd_run_load_scores (nmd_runs_session_get_shown (screen.runs)->run,
                                NMD_PART_TEST, NULL);
  GtkWidget *plot = GTK_WIDGET (find_plot ());
  GtkWidget *matrix = find_matrix ();
  hand_click (matrix, gtk_widget_get_width (matrix) * 0.9,
              gtk_widget_get_height (matrix) * 0.4, 1);
  g_autofree char *misses
      = g_strdup_printf ("Images, false negative only (%u)", file->by_image.fn);
  assert_shows (misses);
  hand_key ("Down");
  g_autofree char *rest
      = g_strdup_printf ("Images, true negative only (%u)", file->by_image.tn);
  assert_shows (rest);
  hand_key ("Escape");
  assert_shows ("Images, most wrong first (80)");

  choose_view (1);
  n = find_bar (scores, plot, file->threshold.value, &x, &y, &bin, &label);
  g_assert_cmpuint (n, >, 0);
  hand_click (plot, x, y, 1);
  g_autofree char *bar = g_strdup_printf (
      "Images, %s with score %.2f to %.2f (%u)", label == 1 ? "pathological" : "healthy",
      bin / (double)NMD_SCORE_BINS, (bin + 1) / (double)NMD_SCORE_BINS, n);
  assert_shows (bar);

  choose_view (1);
  for (y = 0.3; y < 0.9 && !screen_shows (page, "Images, s2-"); y += 0.1)
    for (x = 0.2; x < 0.9 && !screen_shows (page, "Images, s2-"); x += 0.1)
      hand_click (plot, gtk_widget_get_width (plot) * x, gtk_widget_get_height (plot) * y,
                  1);
  g_assert_true (screen_shows_part (page, ".png only (1)"));
  screen_close ();
}

/* The report */

static gboolean
has_message (void)
{
  return screen.last_message != NULL
         && g_str_has_prefix (screen.last_message, "The report is in");
}

static void
choose_run (const char *name)
{
  GListModel *runs = nmd_runs_session_get_runs (screen.runs);

  for (guint i = 0; i < g_list_model_get_n_items (runs); i++)
    {
      g_autoptr (NmdRunItem) item = g_list_model_get_item (runs, i);
      if (g_str_has_suffix (item->folder, name))
        nmd_runs_session_set_run (screen.runs, item);
    }
  screen_pause (0.5);
  g_assert_true (screen_wait (shows_overview, 20));
}

static void
test_report (void)
{
  g_autofree char *folder = g_build_filename (screen.folder, "report", NULL);
  g_autofree char *text = g_build_filename (folder, "report.md", NULL);
  g_autofree char *pdf = g_build_filename (folder, "report.pdf", NULL);
  g_autofree char *contents = NULL;

  open_page ();
  /* A run that is not finished has no report; the reason is told. */
  screen.n_problems = 0;
  nmd_training_session_report (screen.training, folder, FALSE);
  g_assert_true (screen_wait (screen_has_problem, 30));
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));

  choose_run ("first");
  hand_press_text ("Report…");
  g_assert_nonnull (screen_find_dialog ());
  g_assert_true (screen_shows (GTK_WIDGET (screen_find_dialog ()), "Write a Report"));
  hand_key ("Escape");
  g_assert_null (screen_find_dialog ());
  nmd_training_session_report (screen.training, folder, FALSE);
  g_assert_nonnull (nmd_training_session_get_job (screen.training));
  g_assert_true (screen_wait (has_message, 60));
  g_assert_null (nmd_training_session_get_job (screen.training));
  g_assert_true (g_file_test (pdf, G_FILE_TEST_IS_REGULAR));
  g_assert_true (g_file_get_contents (text, &contents, NULL, NULL));
  g_assert_nonnull (strstr (contents, "mask area"));
  screen_close ();
}

/* Saving and copying */

static gboolean
is_saved (void)
{
  return screen.last_message != NULL && g_str_has_prefix (screen.last_message, "Saved ");
}

static gboolean
is_copied (void)
{
  return g_strcmp0 (screen.last_message, "Figure copied") == 0;
}

/* What @widget is saved as under that name. */
static char *
save (GtkWidget *widget, const char *name)
{
  g_autofree char *path = g_build_filename (screen.folder, name, NULL);
  char *contents = NULL;

  g_clear_pointer (&screen.last_message, g_free);
  nmd_export_menu_save_as (widget, path);
  g_assert_true (screen_wait (is_saved, 20));
  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  return contents;
}

static void
test_export (void)
{
  GtkWidget *plot = NULL, *table = NULL;

  open_page ();
  plot = GTK_WIDGET (find_plot ());
  g_autofree char *png = save (plot, "roc.png");
  g_assert_true (g_str_has_prefix (png, "\211PNG"));
  g_autofree char *svg = save (plot, "roc.SVG");
  g_assert_nonnull (strstr (svg, "<svg"));
  g_autofree char *pdf = save (plot, "roc.pdf");
  g_assert_true (g_str_has_prefix (pdf, "%PDF"));
  screen.n_problems = 0;
  nmd_export_menu_save_as (plot, "/tmp/roc.bmp");
  g_assert_cmpuint (screen.n_problems, ==, 1);
  g_assert_nonnull (strstr (screen.last_problem, "roc.bmp is not saved"));
  screen_pause (0.6);

  hand_click (plot, 60, 60, 3);
  hand_press_text ("Copy Figure");
  g_assert_true (screen_wait (is_copied, 20));
  hand_wait_gone ("Copy Figure");
  gtk_widget_grab_focus (plot);
  hand_key ("shift+F10");
  screen_pause (0.3);
  g_clear_pointer (&screen.last_message, g_free);
  hand_press_text ("Copy Figure");
  g_assert_true (screen_wait (is_copied, 20));

  table = GTK_WIDGET (turn_to ("Rivals"));
  g_autofree char *csv = save (table, "rivals.csv");
  g_assert_true (g_str_has_prefix (csv, "Rival,AUC,Network,Difference,"));
  g_assert_nonnull (strstr (csv, "\nMask area,\""));
  g_autofree char *tex = save (table, "rivals.tex");
  g_assert_true (g_str_has_prefix (tex, "\\begin{tabular}{lrrrrr}\n\\toprule\n"));
  g_assert_nonnull (strstr (tex, "Mask area & "));
  screen_close ();
}

/* The course of a run on the page Train */

static NmdCurveOptions *options;

static gboolean
shows_course (void)
{
  GtkWidget *widget
      = screen_find (GTK_WIDGET (screen.window), NMD_TYPE_CURVE_OPTIONS, NULL);

  options = (NmdCurveOptions *)widget;
  return widget != NULL
         && screen_shows_part (GTK_WIDGET (screen.window), "Run elsewhere");
}

/* Smoothing is off at first; the pointer reads out the point that it is on. */
static void
test_curves (void)
{
  open_page ();
  gtk_widget_activate_action (GTK_WIDGET (screen.window), "win.page", "s", "train");
  g_assert_true (screen_wait (shows_course, 20));
  screen_pause (0.5);
  g_assert_cmpfloat (nmd_curve_options_get_smoothing (options), ==, 0);
  g_assert_false (nmd_curve_options_get_log (options));
  g_autofree char *plain = nmd_curve_options_title (options, "Loss");
  g_assert_cmpstr (plain, ==, "Loss");

  GtkWidget *grid = gtk_widget_get_next_sibling (GTK_WIDGET (options));
  GtkWidget *plot = screen_find (grid, NMD_TYPE_PLOT_AREA, NULL);
  gboolean read = FALSE;
  for (double y = 20; y < gtk_widget_get_height (plot) && !read; y += 15)
    for (double x = 30; x < gtk_widget_get_width (plot) && !read; x += 15)
      {
        hand_point (plot, x, y);
        read = screen_shows_part (GTK_WIDGET (options), "epoch 0: ")
               || screen_shows_part (GTK_WIDGET (options), "epoch 1: ");
      }
  g_assert_true (read);

  hand_press_text ("Log scale");
  g_assert_true (nmd_curve_options_get_log (options));
  hand_press (screen_find (GTK_WIDGET (options), GTK_TYPE_DROP_DOWN, NULL));
  screen_pause (0.3);
  hand_key ("Down");
  hand_key ("Return");
  screen_pause (0.3);
  g_assert_cmpfloat (nmd_curve_options_get_smoothing (options), ==, 0.6);
  g_autofree char *title = nmd_curve_options_title (options, "Loss");
  g_assert_cmpstr (title, ==, "Loss (line smoothed by 0.6)");
  screen_assert_fits (1024, 700);
  screen_close ();
}

static void
test_notification (void)
{
  g_autofree char *folder = g_build_filename (screen.folder, "runs", "first", NULL);
  g_autoptr (NmdRun) run = nmd_run_open (folder, NULL);
  g_autoptr (NmdTraining) past = nmd_training_new_from_run (run);
  g_autofree char *title = NULL, *body = NULL;

  g_assert_true (nmd_notify_get_words (past, &title, &body));
  g_assert_cmpstr (title, ==, "Training finished");
  g_assert_cmpstr (body, ==, "first: 3 epochs, lowest validation loss 0.610");
}

/* Comparison */

static NmdFactTable *
find_differences (void)
{
  GtkWidget *measures = screen_find (page, NMD_TYPE_FACT_TABLE, NULL);

  return measures != NULL ? NMD_FACT_TABLE (gtk_widget_get_next_sibling (measures))
                          : NULL;
}

static gboolean
compares_three (void)
{
  NmdFactTable *table = find_differences ();

  return table != NULL && nmd_fact_table_get_n (table) == 2;
}

static double
auc_of (const char *name)
{
  g_autofree char *folder = g_build_filename (screen.folder, "runs", name, NULL);
  g_autoptr (NmdRun) run = nmd_run_open (folder, NULL);
  g_autoptr (NmdEvalResults) results
      = nmd_eval_results_from_json (nmd_run_get_metrics (run), folder, NULL);

  return results->by_image.auc.value;
}

/* Two runs have the same images, the third is of another data set: a difference, and a reason. */
static void
test_compare (void)
{
  open_page ();
  choose_run ("first");
  hand_press_text ("Compare Runs…");
  screen_pause (0.5);
  /* The shown one and one other are chosen; the third is added. */
  GtkWidget *box = screen_find (page, GTK_TYPE_CHECK_BUTTON, NULL);
  for (; box != NULL; box = gtk_widget_get_next_sibling (box))
    if (!gtk_check_button_get_active (GTK_CHECK_BUTTON (box)))
      hand_press (box);
  g_assert_true (screen_wait (compares_three, 30));
  screen_assert_fits (1024, 700);
  NmdFactTable *table = find_differences ();
  gboolean found = FALSE, refused = FALSE;
  for (guint i = 1; i <= 2; i++)
    {
      const char *const *row = nmd_fact_table_get_row (table, i);
      refused |= strstr (row[0], "another data set than the first run") != NULL;
    }
  g_assert_true (refused);
  g_assert_cmpfloat (auc_of ("second"), !=, auc_of ("first"));

  /* Without the one of the other data set the first of the list is a fellow. */
  box = screen_find (page, GTK_TYPE_CHECK_BUTTON, NULL);
  hand_press (box);
  screen_pause (1);
  table = find_differences ();
  g_assert_cmpuint (nmd_fact_table_get_n (table), ==, 1);
  const char *const *row = nmd_fact_table_get_row (table, 1);
  found = g_str_has_prefix (row[0], "made, seed 10");
  g_assert_true (found);
  const double difference = auc_of ("first") - auc_of ("second");
  g_autofree char *number
      = g_strdup_printf ("%s%.2f [", difference < 0 ? "−" : "", fabs (difference));
  g_test_message ("%s: %s, p %s", number, row[1], row[2]);
  g_assert_true (g_str_has_prefix (row[1], number));
  hand_press_text ("Back to the Run");
  g_assert_true (screen_wait (shows_overview, 20));
  screen_close ();
}

/* Notes and trash */

static gboolean
shows_title (void)
{
  return screen_shows (page, "Best so far")
         && screen_shows_part (page, "breast, second try");
}

static gboolean
is_trashed (void)
{
  return g_list_model_get_n_items (nmd_runs_session_get_runs (screen.runs)) == 2;
}

static void
choose_in_menu (const char *item)
{
  GtkWidget *button = screen_find (page, GTK_TYPE_MENU_BUTTON, NULL);

  hand_press (button);
  screen_pause (0.4);
  hand_press_text (item);
  screen_pause (0.4);
}

static void
test_care (void)
{
  g_autofree char *folder = g_build_filename (screen.folder, "runs", "elsewhere", NULL);
  g_autoptr (GError) error = NULL;

  open_page ();
  choose_in_menu ("Title, Tags and Note…");
  g_assert_nonnull (screen_find_dialog ());
  hand_press_text ("Title");
  hand_type ("Best so far");
  hand_key ("Tab");
  hand_type ("breast, second try");
  hand_press_text ("Cancel");
  g_assert_false (shows_title ());
  choose_in_menu ("Title, Tags and Note…");
  hand_press_text ("Title");
  hand_type ("Best so far");
  hand_key ("Tab");
  hand_type ("breast, second try");
  hand_press_text ("Save");
  g_assert_true (screen_wait (shows_title, 20));
  g_autoptr (NmdRunNotes) notes = nmd_run_notes_load (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (notes->title, ==, "Best so far");
  g_assert_cmpuint (g_strv_length (notes->tags), ==, 2);

  choose_in_menu ("Move to Trash…");
  hand_key ("Escape");
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
  choose_in_menu ("Move to Trash…");
  /* The question is about the run that it names. */
  g_autoptr (NmdRunItem) other
      = g_list_model_get_item (nmd_runs_session_get_runs (screen.runs), 2);
  nmd_runs_session_set_run (screen.runs, other);
  g_assert_true (screen_shows (page, "Measuring the Run"));
  hand_press_text ("Move to Trash");
  g_assert_true (screen_wait (is_trashed, 20));
  g_assert_true (nmd_runs_session_get_shown (screen.runs) == other);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  g_assert_false (shows_title ());
  g_assert_true (screen_wait (shows_overview, 20));
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!hand_init (&argc, &argv))
    return 0;
  write_runs ();
  g_test_add_func ("/results-page/evidence", test_evidence);
  g_test_add_func ("/results-page/threshold", test_threshold);
  g_test_add_func ("/results-page/images", test_images);
  g_test_add_func ("/results-page/report", test_report);
  g_test_add_func ("/results-page/export", test_export);
  g_test_add_func ("/results-page/curves", test_curves);
  g_test_add_func ("/results-page/notification", test_notification);
  g_test_add_func ("/results-page/compare", test_compare);
  g_test_add_func ("/results-page/care", test_care);
  return screen_end (g_test_run ());
}
