/* SPDX-License-Identifier: Apache-2.0
 *
 * Networks that find outlines in the window: trained on the page Train, measured on Results, shown beside the
 * expert's outline on Explain and Data, asked and corrected on Scan (with the pointer where xdotool is there).
 */
#include "tests/ui/discs.h"
#include "tests/ui/screen.h"
#include "engine/image/nmd-png-writer.h"
#include "ui/pages/nmd-train-page.h"
#include "ui/session/nmd-run-outlines.h"
#include "ui/widgets/nmd-image-view.h"
#include "ui/widgets/nmd-plot-area.h"

#include <glib/gstdio.h>
#include <string.h>

#define N 64

static char *manifest, *unmasked, *alone, *trained;

static char *
place (const char *name)
{
  return g_build_filename (screen.folder, name, NULL);
}

static NmdImageView *
view (void)
{
  return NMD_IMAGE_VIEW (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_IMAGE_VIEW, NULL));
}

static NmdScan *
scan (void)
{
  return nmd_scan_session_get_scan (screen.scan);
}

static gboolean
shows (const char *part)
{
  return screen_shows_part (GTK_WIDGET (screen.window), part);
}

static void
set (const char *name, double value)
{
  g_assert_true (nmd_recipe_session_set (screen.recipe, name, value, NULL));
}

/* What is said of an answer: that there is none, what speaks against one, and when it is doubtful. */
static void
test_words (void)
{
  NmdImage *mask = nmd_image_new (4, 4);
  NmdScanProposal answer = { .has_measures = TRUE };

  g_autofree char *none = nmd_scan_proposal_to_text (&answer);
  g_assert_cmpstr (none, ==, "No outline found");
  g_assert_false (nmd_scan_proposal_is_doubtful (&answer));
  answer.proposal.mask = mask;
  answer.proposal.confidence = 0.456;
  answer.measures.dice = 0.9123;
  answer.verdict.fit = NMD_FIT_YES;
  g_autofree char *good = nmd_scan_proposal_to_text (&answer);
  g_assert_cmpstr (good, ==, "Dice 0.912 · Confidence 0.46");
  g_assert_false (nmd_scan_proposal_is_doubtful (&answer));
  answer.has_measures = FALSE;
  answer.proposal.warnings = NMD_OUTLINE_WARNING_SIDES | NMD_OUTLINE_WARNING_LAST;
  g_autofree char *flagged = nmd_scan_proposal_to_text (&answer);
  g_assert_true (g_str_has_prefix (flagged, "Confidence 0.46\n"));
  g_assert_nonnull (
      strstr (flagged, nmd_outline_warning_to_text (NMD_OUTLINE_WARNING_SIDES)));
  g_assert_nonnull (
      strstr (flagged, nmd_outline_warning_to_text (NMD_OUTLINE_WARNING_LAST)));
  g_assert_true (nmd_scan_proposal_is_doubtful (&answer));
  answer.proposal.warnings = 0;
  answer.verdict.fit = NMD_FIT_NO;
  answer.verdict.reason = (char *)"This model was trained on breast, this scan is BB";
  g_autofree char *unfit = nmd_scan_proposal_to_text (&answer);
  g_assert_nonnull (strstr (unfit, "Not to be relied on: This model was trained on"));
  g_assert_true (nmd_scan_proposal_is_doubtful (&answer));
  nmd_image_unref (mask);
}

/* Rows of the task, what must be said, and nothing to start with where there is nothing to learn from. */
static void
test_no_masks (void)
{
  screen_open (1024, 700);
  nmd_app_session_open (screen.session, unmasked);
  g_assert_true (screen_wait (screen_has_dataset, 20));
  nmd_window_show_page (screen.window, "train");
  screen_pause (0.3);
  GtkWidget *start
      = screen_find (GTK_WIDGET (screen.window), GTK_TYPE_BUTTON, "_Start Training");
  g_assert_nonnull (start);
  g_assert_true (gtk_widget_get_sensitive (start));
  g_assert_true (shows ("NMD-AssistNet"));
  g_assert_false (shows ("Input size"));

  nmd_recipe_session_set_task (screen.recipe, NMD_TASK_SEGMENT);
  screen_pause (0.3);
  g_assert_true (shows ("Ghost U-Net"));
  g_assert_true (shows ("Input size"));
  g_assert_true (shows ("Find outlines"));
  g_assert_true (shows ("No image has a mask"));
  g_assert_false (gtk_widget_get_sensitive (start));
  screen_assert_fits (1024, 700);
  /* Its list has the networks of this task. */
  GtkWidget *network = gtk_widget_get_ancestor (
      screen_find_label (GTK_WIDGET (screen.window), "Network"), ADW_TYPE_COMBO_ROW);
  gtk_widget_activate (network);
  screen_pause (0.5);
  GtkWidget *popover = screen_find (network, GTK_TYPE_POPOVER, NULL);
  g_assert_true (screen_shows (popover, "Ghost U-Net"));
  g_assert_true (screen_shows_part (popover, "multiply-adds an image"));
  gtk_popover_popdown (GTK_POPOVER (popover));
  screen_pause (0.3);

  nmd_recipe_session_set_task (screen.recipe, NMD_TASK_CLASSIFY);
  screen_pause (0.2);
  g_assert_true (gtk_widget_get_sensitive (start));
  g_assert_false (shows ("Input size"));
  g_assert_true (shows ("NMD-AssistNet"));
}

static gboolean
has_masks (void)
{
  return screen_has_dataset ()
         && nmd_recipe_session_count_masks (screen.recipe, NULL) == N;
}

static gboolean
has_outline_model (void)
{
  return nmd_runs_session_get_outline_model (screen.runs) != NULL;
}

static NmdRunOutlines *results;

static void
on_results (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  results = nmd_job_finish (NMD_JOB (source), result, &error);
  g_assert_no_error (error);
}

static gboolean
has_results (void)
{
  return results != NULL;
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
shows_clicked (void)
{
  guint last = nmd_outline_table_get_n (results->table) - 1;
  g_autofree char *dice = g_strdup_printf (
      "Dice %.3f", nmd_outline_table_get (results->table, last)->measures.dice);

  return shows (dice);
}

static GtkWidget *
find_agreement_plot (void)
{
  GtkWidget *plot = NULL;
  GQueue widgets = G_QUEUE_INIT;

  g_queue_push_tail (&widgets, screen.window);
  for (GtkWidget *widget = NULL; (widget = g_queue_pop_head (&widgets)) != NULL;)
    {
      const char *tip = gtk_widget_get_tooltip_text (widget);
      if (NMD_IS_PLOT_AREA (widget)
          && g_strcmp0 (tip, "Click a point to see its image") == 0)
        plot = widget;
      for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
           child = gtk_widget_get_next_sibling (child))
        g_queue_push_tail (&widgets, child);
    }
  return plot;
}

static graphene_point_t last_point; /* of the table's last row, in the window */

/* Found as soon as the plot has its place in the window. */
static gboolean
finds_last_point (void)
{
  GtkWidget *plot = find_agreement_plot ();
  guint n = nmd_outline_table_get_n (results->table);
  g_autofree double *means = g_new (double, n), *differences = g_new (double, n);
  NmdPlotStyle style;
  NmdRect rect;

  for (guint i = 0; i < n; i++)
    {
      const NmdOutlineMeasures *m = &nmd_outline_table_get (results->table, i)->measures;
      means[i] = (m->echo + m->echo_reference) / 2;
      differences[i] = m->echo - m->echo_reference;
    }
  const NmdAgreementPlot shown = { .title = "Echo intensity",
                                   .x_title = "mean of proposed and expert's",
                                   .y_title = "proposed − expert's",
                                   .means = means,
                                   .differences = differences,
                                   .n = n,
                                   .agreement = results->results.echo_by_image,
                                   .decimals = 1,
                                   .selected = -1 };
  if (plot == NULL || !gtk_widget_get_mapped (plot) || gtk_widget_get_width (plot) == 0)
    return FALSE;
  nmd_plot_area_get_style (NMD_PLOT_AREA (plot), &rect, &style);
  for (double y = 0; y < rect.height; y += 2)
    for (double x = 0; x < rect.width; x += 2)
      if (nmd_plot_agreement_at (&shown, &rect, &style, x, y, 3) == (int)n - 1)
        return gtk_widget_compute_point (plot, GTK_WIDGET (screen.window),
                                         &GRAPHENE_POINT_INIT ((float)x, (float)y),
                                         &last_point);
  return FALSE;
}

/* The plot of agreement: a click on the point of the table's last row chooses its image. */
static void
click_point (void)
{
  double sx = 0, sy = 0;

  if (!screen_xdotool ("mousemove 5 5") || g_getenv ("DISPLAY") == NULL)
    return;
  g_assert_true (screen_wait (finds_last_point, 20));
  gtk_native_get_surface_transform (GTK_NATIVE (screen.window), &sx, &sy);
  g_autofree char *arguments
      = g_strdup_printf ("mousemove %.0f %.0f", last_point.x + sx, last_point.y + sy);
  screen_xdotool (arguments);
  screen_press (TRUE);
  screen_press (FALSE);
  g_assert_true (screen_wait (shows_clicked, 20));
}

/* What stands there is what the run's files hold; a run of the other task stays chosen. */
static void
test_results (void)
{
  nmd_app_session_open (screen.session, manifest);
  g_assert_true (screen_wait (has_masks, 20));
  nmd_app_session_open (screen.session, trained);
  g_assert_true (screen_wait (has_outline_model, 20));
  g_assert_true (screen_wait (shows_results, 20));
  NmdRunItem *run = nmd_runs_session_get_shown (screen.runs);
  g_assert_true (nmd_run_item_is_for (run, NMD_TASK_SEGMENT));
  g_assert_true (run == nmd_runs_session_get_outline_run (screen.runs));
  g_assert_null (nmd_runs_session_get_run (screen.runs));
  g_autoptr (NmdJob) job
      = nmd_run_outlines_read (run->run, NMD_PART_NONE, on_results, NULL);
  g_assert_true (screen_wait (has_results, 20));
  g_assert_cmpint (results->part, ==, NMD_PART_TEST);
  const NmdOutlineSummary *dice = &results->results.measures[NMD_OUTLINE_DICE];
  g_autofree char *mean = g_strdup_printf ("%.3f", dice->mean);
  g_autofree char *interval
      = g_strdup_printf ("[%.3f, %.3f]", dice->ci_subject.low, dice->ci_subject.high);
  g_autofree char *of = g_strdup_printf ("of %u images", results->results.n_images);
  g_assert_true (shows (mean));
  g_assert_true (shows (interval));
  g_assert_true (shows (of));
  g_assert_true (screen_wait (shows_both, 20));
  g_assert_true (shows ("Dice 0.") || shows ("No outline found"));
  screen_assert_fits (1024, 700);
  click_point ();
  nmd_run_outlines_free (results);
}

static gboolean
is_answered (void)
{
  return nmd_proposal_session_get_answer (screen.proposals) != NULL;
}

/* Beside the expert's outline, with its Dice; taken over it can be undone. */
static void
test_explain (void)
{
  nmd_window_show_page (screen.window, "explain");
  nmd_scan_session_set_sample (
      screen.scan, nmd_dataset_get (nmd_data_session_get_dataset (screen.data), 0));
  g_assert_true (screen_wait (screen_has_mask, 20));
  g_object_set (screen.proposals, "active", TRUE, NULL);
  g_assert_true (screen_wait (is_answered, 20));
  screen_pause (0.2);
  const NmdScanProposal *answer = nmd_proposal_session_get_answer (screen.proposals);
  g_assert_nonnull (answer->proposal.mask);
  g_assert_true (answer->has_measures);
  g_assert_cmpfloat (answer->measures.dice, >, 0.4);
  g_autofree char *dice = g_strdup_printf ("Dice %.3f", answer->measures.dice);
  g_assert_true (shows (dice));
  screen_assert_fits (1024, 700);
  nmd_window_show_page (screen.window, "data");
  screen_pause (0.2);
  g_assert_true (shows (dice));
  screen_assert_fits (1024, 700);

  g_autoptr (NmdImage) expert = nmd_image_ref (scan ()->mask);
  g_autoptr (NmdImage) proposed = nmd_image_ref (answer->proposal.mask);
  g_assert_true (nmd_proposal_session_use (screen.proposals));
  g_assert_cmpmem (scan ()->mask->pixels, DISCS_SIDE * DISCS_SIDE, proposed->pixels,
                   DISCS_SIDE * DISCS_SIDE);
  g_assert_cmpint (scan ()->source, ==, NMD_ROI_DRAWN);
  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, 1);
  g_assert_true (nmd_scan_session_undo (screen.scan));
  g_assert_cmpmem (scan ()->mask->pixels, DISCS_SIDE * DISCS_SIDE, expert->pixels,
                   DISCS_SIDE * DISCS_SIDE);
  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, 0);
  g_object_set (screen.proposals, "active", FALSE, NULL);
  g_assert_null (nmd_proposal_session_get_answer (screen.proposals));
}

/* Every page that shows outlines has room for them with large text too. */
static void
test_large_text (void)
{
  const char *const pages[]
      = { "scan", "data", "train", "results", "explain", "experiments" };
  GtkSettings *settings = gtk_settings_get_default ();
  int dpi = 0;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", (int)(96 * 1024 * 1.5), NULL);
  g_object_set (screen.proposals, "active", TRUE, NULL);
  g_assert_true (screen_wait (is_answered, 20));
  nmd_recipe_session_set_task (screen.recipe, NMD_TASK_SEGMENT);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      nmd_window_show_page (screen.window, pages[i]);
      screen_pause (0.15);
      g_test_message ("page %s", pages[i]);
      screen_assert_fits (1024, 700);
    }
  g_object_set (screen.proposals, "active", FALSE, NULL);
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
}

/* A mask file's outline is replaced after a question only. */
static void
test_question (void)
{
  nmd_window_show_page (screen.window, "explain");
  g_object_set (screen.proposals, "active", TRUE, NULL);
  g_assert_true (screen_wait (is_answered, 20));
  screen_pause (0.2);
  GtkWidget *use
      = screen_find (GTK_WIDGET (screen.window), GTK_TYPE_BUTTON, "_Use the Proposal");
  g_assert_nonnull (use);
  g_assert_true (gtk_widget_get_sensitive (use));
  g_signal_emit_by_name (use, "clicked");
  screen_pause (0.3);
  g_assert_cmpint (scan ()->source, ==, NMD_ROI_MASK);
  GtkWindow *dialog = screen_find_dialog ();
  g_assert_nonnull (dialog);
  gtk_window_close (dialog);
  screen_pause (0.2);
  g_assert_cmpint (scan ()->source, ==, NMD_ROI_MASK);
  g_object_set (screen.proposals, "active", FALSE, NULL);
}

static gboolean
shows_alone (void)
{
  return scan () != NULL && g_strcmp0 (scan ()->path, alone) == 0;
}

static void
settle (void)
{
  screen_pause (0.1);
  g_assert_true (screen_wait (is_answered, 20));
  screen_pause (0.3);
}

/* The tool of the page Scan: box and clicks in pixels of the image, taken back one by one; what is used is the
 * outline, unsaved, and proposals end. */
static void
test_tool (void)
{
  const NmdPrompts *prompts = nmd_proposal_session_get_prompts (screen.proposals);

  nmd_app_session_open (screen.session, alone);
  g_assert_true (screen_wait (shows_alone, 20));
  screen_pause (0.5);
  nmd_image_view_set_tool (view (), NMD_TOOL_PROPOSAL);
  settle ();
  g_assert_nonnull (nmd_proposal_session_get_answer (screen.proposals)->proposal.mask);
  g_assert_true (shows ("Confidence"));
  if (!screen_xdotool ("mousemove 5 5") || g_getenv ("DISPLAY") == NULL)
    {
      g_test_skip ("xdotool is not here");
      return;
    }
  screen_point_at (NMD_GREY_VIEW (view ()), 12, 14);
  screen_press (TRUE);
  screen_point_at (NMD_GREY_VIEW (view ()), 30, 30);
  screen_point_at (NMD_GREY_VIEW (view ()), 40, 44);
  screen_press (FALSE);
  settle ();
  g_assert_true (prompts->has_box);
  g_assert_cmpfloat_with_epsilon (prompts->x0, 12, 1);
  g_assert_cmpfloat_with_epsilon (prompts->y0, 14, 1);
  g_assert_cmpfloat_with_epsilon (prompts->x1, 40, 1);
  g_assert_cmpfloat_with_epsilon (prompts->y1, 44, 1);
  screen_point_at (NMD_GREY_VIEW (view ()), 25, 26);
  screen_press (TRUE);
  screen_press (FALSE);
  settle ();
  screen_xdotool ("keydown ctrl");
  screen_point_at (NMD_GREY_VIEW (view ()), 55, 55);
  screen_press (TRUE);
  screen_press (FALSE);
  screen_xdotool ("keyup ctrl");
  settle ();
  g_assert_cmpuint (prompts->n_clicks, ==, 2);
  g_assert_true (prompts->clicks[0].is_positive);
  g_assert_false (prompts->clicks[1].is_positive);
  g_assert_cmpfloat_with_epsilon (prompts->clicks[0].x, 25, 1);
  g_assert_cmpfloat_with_epsilon (prompts->clicks[1].y, 55, 1);
  screen_xdotool ("key BackSpace");
  settle ();
  g_assert_cmpuint (prompts->n_clicks, ==, 1);
  g_assert_null (scan ()->mask);
}

static void
test_use (void)
{
  while (nmd_proposal_session_get_prompts (screen.proposals)->n_clicks > 0
         || nmd_proposal_session_get_prompts (screen.proposals)->has_box)
    nmd_proposal_session_take_back (screen.proposals);
  settle ();
  GtkWidget *use
      = screen_find (GTK_WIDGET (screen.window), GTK_TYPE_BUTTON, "_Use the Proposal");
  g_assert_nonnull (use);
  g_signal_emit_by_name (use, "clicked");
  screen_pause (0.3);
  g_assert_nonnull (scan ()->mask);
  g_assert_cmpint (scan ()->source, ==, NMD_ROI_DRAWN);
  g_assert_cmpuint (nmd_scan_session_count_drawn (screen.scan), ==, 1);
  g_assert_false (nmd_proposal_session_is_active (screen.proposals));
  g_assert_true (nmd_scan_session_undo (screen.scan));
  g_assert_null (scan ()->mask);
  /* What was shown to the network ends with the image. */
  nmd_proposal_session_show_click (screen.proposals, 10, 10, TRUE);
  nmd_scan_session_set_sample (
      screen.scan, nmd_dataset_get (nmd_data_session_get_dataset (screen.data), 1));
  g_assert_true (screen_wait (screen_has_mask, 20));
  g_assert_cmpuint (nmd_proposal_session_get_prompts (screen.proposals)->n_clicks, ==, 0);
}

static gboolean
has_epoch (void)
{
  NmdTraining *training = nmd_training_session_get_training (screen.training);
  guint n = 0;

  nmd_training_get_trace (training, NMD_TRACE_EPOCH, &n);
  return n >= 1;
}

/* A training by the page: its settings, curves, stopped with the best kept, and gone on with. */
static void
test_train (void)
{
  nmd_window_show_page (screen.window, "train");
  nmd_recipe_session_set_task (screen.recipe, NMD_TASK_SEGMENT);
  set ("size", 0);
  set ("epochs", 200);
  set ("batch", 8);
  screen_pause (0.3);
  g_assert_false (shows ("No image has a mask"));
  GtkWidget *start
      = screen_find (GTK_WIDGET (screen.window), GTK_TYPE_BUTTON, "_Start Training");
  g_assert_true (gtk_widget_get_sensitive (start));
  g_signal_emit_by_name (start, "clicked");
  g_assert_true (nmd_training_session_is_running (screen.training));
  g_assert_true (shows ("Ghost U-Net"));
  g_assert_true (screen_wait (has_epoch, 200));
  screen_pause (0.2);
  g_assert_true (shows ("Dice"));
  g_assert_false (shows ("AUC"));
  screen_assert_fits (1024, 700);
  nmd_training_session_stop (screen.training);
  g_assert_true (screen_wait (screen_training_ended, 60));
  NmdTraining *training = nmd_training_session_get_training (screen.training);
  g_assert_cmpint (nmd_training_get_state (training), ==, NMD_TRAINING_STOPPED);
  screen_pause (0.5);
  NmdRunItem *run = nmd_runs_session_get_shown (screen.runs);
  g_assert_cmpstr (run->folder, ==, nmd_training_get_folder (training));
  g_assert_true (nmd_run_item_is_for (run, NMD_TASK_SEGMENT));
  g_assert_cmpint (nmd_run_get_state (run->run), ==, NMD_RUN_STARTED);
  g_autofree char *best = g_build_filename (run->folder, "best.safetensors", NULL);
  g_assert_true (g_file_test (best, G_FILE_TEST_EXISTS));
  g_assert_true (shows ("it can go on"));

  guint before = 0, after = 0;
  nmd_training_get_trace (training, NMD_TRACE_VAL_DICE, &before);
  nmd_training_session_resume (screen.training);
  training = nmd_training_session_get_training (screen.training);
  const double *dice = nmd_training_get_trace (training, NMD_TRACE_VAL_DICE, &after);
  g_assert_cmpuint (after, >=, before);
  g_assert_true (isfinite (dice[0]));
  nmd_training_session_stop (screen.training);
  g_assert_true (screen_wait (screen_training_ended, 60));
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
  g_autoptr (NmdImage) image = nmd_image_new (DISCS_SIDE, DISCS_SIDE);
  g_autoptr (NmdImage) mask = nmd_image_new (DISCS_SIDE, DISCS_SIDE);
  manifest = discs_write ("masked", N, TRUE);
  unmasked = discs_write ("unmasked", N, FALSE);
  alone = place ("alone.png");
  discs_draw (3, image, mask);
  g_assert_true (nmd_image_save_png (image, alone, 8, NULL, NULL));
  trained = discs_train (manifest, "14");
  g_test_add_func ("/proposals/words", test_words);
  g_test_add_func ("/proposals/no-masks", test_no_masks);
  g_test_add_func ("/proposals/results", test_results);
  g_test_add_func ("/proposals/explain", test_explain);
  g_test_add_func ("/proposals/large-text", test_large_text);
  g_test_add_func ("/proposals/question", test_question);
  g_test_add_func ("/proposals/tool", test_tool);
  g_test_add_func ("/proposals/use", test_use);
  g_test_add_func ("/proposals/train", test_train);
  g_test_add_func ("/proposals/end", test_end);
  int status = screen_end (g_test_run ());
  g_free (manifest);
  g_free (unmasked);
  g_free (alone);
  g_free (trained);
  return status;
}
