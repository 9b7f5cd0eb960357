/* SPDX-License-Identifier: Apache-2.0
 *
 * ROC, scores, matrix and predictions. Counting at a threshold that moves is done here, all else is the results'.
 */
#include "ui/pages/nmd-results-overview.h"

#include "ui/dialogs/nmd-export-menu.h"
#include "ui/pages/nmd-predictions.h"
#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-plot-area.h"

#include <glib/gi18n.h>
#include <math.h>

/* What stands on the left. */
typedef enum
{
  VIEW_ROC,
  VIEW_BARS,
  VIEW_SCATTER,
} View;

struct _NmdResultsOverview
{
  GtkBox parent_instance;

  GtkDropDown *view;
  GtkButton *back_button;
  NmdPlotArea *plot;
  NmdPlotArea *matrix_plot;
  NmdPredictions *predictions;

  const NmdRunResults *results;
  char *classes[2];
  double threshold; /* shown */
  guint counts[4];  /* by #NmdCell, at that threshold */
  NmdCell cell;     /* chosen in the matrix */
  int bin, label;   /* a chosen bar; −1 */
  int point;        /* a chosen point, −1 */
};

G_DEFINE_FINAL_TYPE (NmdResultsOverview, nmd_results_overview, GTK_TYPE_BOX)

static guint chosen, threshold_moved;

/* Plots */

static void
fill_roc (NmdResultsOverview *self, NmdRocPlot *plot)
{
  const NmdRocPlot empty = NMD_ROC_PLOT_INIT;

  *plot = empty;
  plot->title = _ ("ROC");
  plot->network_title = _ ("network");
  plot->rival_title = _ ("echo intensity alone");
  if (self->results == NULL)
    return;
  const NmdMeasure *auc = &self->results->metrics.auc;
  plot->roc = self->results->roc;
  plot->auc = auc->value;
  plot->auc_ci = auc->ci_subject;
  plot->auc_note = self->results->by_subject ? _ ("by subject") : _ ("by image");
  plot->rival = self->results->rival_roc;
  if (self->results->has_rival)
    plot->rival_auc = self->results->rival->auc.value;
  plot->threshold = self->threshold;
}

static void
fill_bars (NmdResultsOverview *self, NmdScoreBarsPlot *plot)
{
  *plot = (NmdScoreBarsPlot){
    .title = _ ("Scores"),
    .scores = self->results != NULL ? self->results->units : NULL,
    .classes = { self->classes[0], self->classes[1] },
    .threshold = self->threshold,
    .selected_bin = self->bin,
    .selected_label = self->label,
  };
}

static void
fill_scatter (NmdResultsOverview *self, NmdScatterPlot *plot)
{
  *plot = (NmdScatterPlot){
    .title = _ ("Score and echo intensity"),
    .scores = self->results != NULL ? self->results->units : NULL,
    .classes = { self->classes[0], self->classes[1] },
    .threshold = self->threshold,
    .selected = self->point,
    .empty = _ ("No image has an outline, so there is no echo intensity"),
  };
}

static View
get_view (NmdResultsOverview *self)
{
  return (View)gtk_drop_down_get_selected (self->view);
}

static void
draw_plot (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdResultsOverview *self = data;
  NmdRocPlot roc;
  NmdScoreBarsPlot bars;
  NmdScatterPlot scatter;

  switch (get_view (self))
    {
    case VIEW_BARS:
      fill_bars (self, &bars);
      nmd_plot_score_bars (cr, &bars, rect, style);
      break;
    case VIEW_SCATTER:
      fill_scatter (self, &scatter);
      nmd_plot_scatter (cr, &scatter, rect, style);
      break;
    default:
      fill_roc (self, &roc);
      nmd_plot_roc (cr, &roc, rect, style);
    }
}

static void
fill_matrix (NmdResultsOverview *self, NmdMatrixPlot *plot)
{
  const NmdMatrixPlot empty = { 0 };

  *plot = empty;
  plot->title = self->results != NULL && self->results->by_subject ? _ ("Subjects")
                                                                   : _ ("Images");
  plot->classes[0] = self->classes[0];
  plot->classes[1] = self->classes[1];
  plot->have_selection = self->cell != NMD_CELL_NONE;
  plot->selected = self->cell;
  plot->tp = self->counts[NMD_CELL_TP];
  plot->tn = self->counts[NMD_CELL_TN];
  plot->fp = self->counts[NMD_CELL_FP];
  plot->fn = self->counts[NMD_CELL_FN];
}

static void
draw_matrix (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdMatrixPlot plot;

  fill_matrix (data, &plot);
  nmd_plot_matrix (cr, &plot, rect, style);
}

/* The plot that is shown, in words. */
static char *
describe_plot (NmdResultsOverview *self)
{
  const char *const titles[]
      = { [VIEW_BARS] = _ ("Scores"), [VIEW_SCATTER] = _ ("Score and echo intensity") };
  const guint *n = self->counts;
  const guint positive = n[NMD_CELL_TP] + n[NMD_CELL_FN];
  const guint negative = n[NMD_CELL_TN] + n[NMD_CELL_FP];
  const NmdMeasure *auc = &self->results->metrics.auc;

  if (get_view (self) != VIEW_ROC)
    /* Translators: a chart's title, a threshold, and how many of how many reach it */
    return g_strdup_printf (
        _ ("%s; threshold %.3f: %u of %u positive and %u of %u negative reach it"),
        titles[get_view (self)], self->threshold, n[NMD_CELL_TP], positive,
        n[NMD_CELL_FP], negative);
  g_autofree char *interval
      = nmd_format_interval (auc->ci_subject.low, auc->ci_subject.high);
  return g_strdup_printf (
      /* Translators: AUC, its 95 % interval, a threshold and its rates */
      _ ("ROC, AUC %.2f %s; threshold %.3f: sensitivity %.2f, specificity %.2f"),
      auc->value, interval, self->threshold, n[NMD_CELL_TP] / (double)MAX (positive, 1),
      n[NMD_CELL_TN] / (double)MAX (negative, 1));
}

/* The plots in words; at the threshold that is shown. */
static void
describe (NmdResultsOverview *self)
{
  const guint *n = self->counts;

  if (self->results == NULL)
    return;
  g_autofree char *plot = describe_plot (self);
  g_autofree char *matrix
      = g_strdup_printf (_ ("Confusion matrix: %u true positive, %u false negative, %u "
                            "false positive, %u true "
                            "negative"),
                         n[NMD_CELL_TP], n[NMD_CELL_FN], n[NMD_CELL_FP], n[NMD_CELL_TN]);
  nmd_plot_area_set_text (self->plot, plot);
  nmd_plot_area_set_text (self->matrix_plot, matrix);
}

/* The threshold */

static void
count (NmdResultsOverview *self)
{
  memset (self->counts, 0, sizeof self->counts);
  for (guint i = 0; self->results != NULL && i < nmd_scores_get_n (self->results->units);
       i++)
    {
      const NmdScore *row = nmd_scores_get (self->results->units, i);
      const gboolean positive = row->score >= self->threshold;

      self->counts[row->label == 1 ? positive ? NMD_CELL_TP : NMD_CELL_FN
                   : positive      ? NMD_CELL_FP
                                   : NMD_CELL_TN]++;
    }
}

static void
show_threshold (NmdResultsOverview *self, double threshold)
{
  self->threshold = threshold;
  count (self);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self->plot));
  gtk_widget_queue_draw (GTK_WIDGET (self->matrix_plot));
}

static void
move_threshold (NmdResultsOverview *self, double threshold)
{
  if (!isfinite (threshold) || threshold == self->threshold)
    return;
  show_threshold (self, threshold);
  gtk_widget_set_visible (GTK_WIDGET (self->back_button), TRUE);
  g_signal_emit (self, threshold_moved, 0, threshold);
}

static void
on_back (NmdResultsOverview *self)
{
  g_signal_emit (self, threshold_moved, 0, NAN);
}

static void
drag_to (NmdResultsOverview *self, double x, double y)
{
  NmdRocPlot plot;
  NmdPlotStyle style;
  NmdRect rect;
  double threshold = NAN;

  fill_roc (self, &plot);
  nmd_plot_area_get_style (self->plot, &rect, &style);
  if (nmd_plot_roc_threshold_at (&plot, &rect, &style, x, y, &threshold))
    move_threshold (self, threshold);
}

static void
on_drag (GtkGestureDrag *gesture, double dx, double dy, NmdResultsOverview *self)
{
  double x = 0, y = 0;

  if (get_view (self) != VIEW_ROC || self->results == NULL)
    return;
  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  drag_to (self, x + dx, y + dy);
}

static gboolean
on_plot_key (GtkEventControllerKey *controller,
             guint key,
             guint code,
             GdkModifierType modifiers,
             NmdResultsOverview *self)
{
  const int by = (modifiers & GDK_SHIFT_MASK) != 0 ? 10 : 1;
  int step = 0;

  if (get_view (self) != VIEW_ROC || self->results == NULL || self->results->roc == NULL)
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Right:
    case GDK_KEY_Up:
      step = by;
      break;
    case GDK_KEY_Left:
    case GDK_KEY_Down:
      step = -by;
      break;
    case GDK_KEY_Home:
      step = -G_MAXINT16;
      break;
    case GDK_KEY_End:
      step = G_MAXINT16;
      break;
    case GDK_KEY_Escape:
      if (!gtk_widget_get_visible (GTK_WIDGET (self->back_button)))
        return FALSE;
      on_back (self);
      return TRUE;
    default:
      return FALSE;
    }
  move_threshold (self, nmd_plot_roc_step (self->results->roc, self->threshold, step));
  return TRUE;
}

/* Choosing images */

static void
choose_nothing (NmdResultsOverview *self)
{
  self->cell = NMD_CELL_NONE;
  self->bin = self->point = -1;
  nmd_predictions_set_cell (self->predictions, NMD_CELL_NONE);
}

static void
redraw (NmdResultsOverview *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self->plot));
  gtk_widget_queue_draw (GTK_WIDGET (self->matrix_plot));
}

static void
choose_cell (NmdResultsOverview *self, NmdCell cell)
{
  NmdCell wanted = self->cell == cell ? NMD_CELL_NONE : cell;

  choose_nothing (self);
  self->cell = wanted;
  nmd_predictions_set_cell (self->predictions, wanted);
  redraw (self);
}

static void
on_matrix_pressed (
    GtkGestureClick *gesture, int n, double x, double y, NmdResultsOverview *self)
{
  NmdMatrixPlot plot;
  NmdPlotStyle style;
  NmdRect rect;

  gtk_widget_grab_focus (GTK_WIDGET (self->matrix_plot));
  fill_matrix (self, &plot);
  nmd_plot_area_get_style (self->matrix_plot, &rect, &style);
  choose_cell (self, nmd_plot_matrix_cell_at (&plot, &rect, &style, x, y));
}

/* The positive class is on top and on the left. */
static gboolean
on_matrix_key (GtkEventControllerKey *controller,
               guint key,
               guint code,
               GdkModifierType modifiers,
               NmdResultsOverview *self)
{
  gboolean truth = self->cell == NMD_CELL_TP || self->cell == NMD_CELL_FN;
  gboolean called = self->cell == NMD_CELL_TP || self->cell == NMD_CELL_FP;

  if (key == GDK_KEY_Escape && self->cell != NMD_CELL_NONE)
    {
      choose_cell (self, NMD_CELL_NONE);
      return TRUE;
    }
  if (self->results == NULL
      || (key != GDK_KEY_Left && key != GDK_KEY_Right && key != GDK_KEY_Up
          && key != GDK_KEY_Down))
    return FALSE;
  if (self->cell == NMD_CELL_NONE)
    truth = called = TRUE;
  else if (key == GDK_KEY_Left || key == GDK_KEY_Right)
    called = key == GDK_KEY_Left;
  else
    truth = key == GDK_KEY_Up;
  NmdCell cell = truth    ? called ? NMD_CELL_TP : NMD_CELL_FN
                 : called ? NMD_CELL_FP
                          : NMD_CELL_TN;
  if (cell != self->cell)
    choose_cell (self, cell);
  return TRUE;
}

static void
choose_bar (NmdResultsOverview *self, double x, double y)
{
  NmdScoreBarsPlot plot;
  NmdPlotStyle style;
  NmdRect rect;
  guint bin = 0;
  int label = 0;
  const int old = self->bin, old_label = self->label;

  fill_bars (self, &plot);
  nmd_plot_area_get_style (self->plot, &rect, &style);
  gboolean hit = nmd_plot_score_bars_at (&plot, &rect, &style, x, y, &bin, &label);
  choose_nothing (self);
  if (hit && !(old == (int)bin && old_label == label))
    {
      self->bin = (int)bin;
      self->label = label;
      nmd_predictions_set_bin (self->predictions, bin, label);
    }
  redraw (self);
}

static void
choose_point (NmdResultsOverview *self, double x, double y)
{
  NmdScatterPlot plot;
  NmdPlotStyle style;
  NmdRect rect;
  const int old = self->point;

  fill_scatter (self, &plot);
  nmd_plot_area_get_style (self->plot, &rect, &style);
  int point = nmd_plot_scatter_at (&plot, &rect, &style, x, y, 12);
  choose_nothing (self);
  if (point >= 0 && point != old)
    {
      const NmdScore *row = nmd_scores_get (self->results->units, (guint)point);
      self->point = point;
      nmd_predictions_set_unit (self->predictions,
                                self->results->by_subject ? row->subject : row->image);
    }
  redraw (self);
}

static void
on_plot_pressed (
    GtkGestureClick *gesture, int n, double x, double y, NmdResultsOverview *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->plot));
  if (self->results == NULL)
    return;
  if (get_view (self) == VIEW_BARS)
    choose_bar (self, x, y);
  else if (get_view (self) == VIEW_SCATTER)
    choose_point (self, x, y);
}

static void
on_view (NmdResultsOverview *self)
{
  const char *const tips[]
      = { _ ("Drag along the curve, or press the arrow keys, to move the threshold"),
          _ ("Click a bar to list its images only"),
          _ ("Click a point to list its images only") };

  gtk_widget_set_tooltip_text (GTK_WIDGET (self->plot), tips[get_view (self)]);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self->plot));
}

static void
on_chosen (NmdPredictions *predictions, NmdSample *sample, NmdResultsOverview *self)
{
  g_signal_emit (self, chosen, 0, sample);
}

/* Showing */

const guint *
nmd_results_overview_get_counts (NmdResultsOverview *self)
{
  g_return_val_if_fail (NMD_IS_RESULTS_OVERVIEW (self), NULL);
  return self->counts;
}

void
nmd_results_overview_reset (NmdResultsOverview *self)
{
  g_return_if_fail (NMD_IS_RESULTS_OVERVIEW (self));
  choose_nothing (self);
  redraw (self);
}

void
nmd_results_overview_show (NmdResultsOverview *self,
                           const NmdRunResults *results,
                           NmdDataset *dataset,
                           const char *const classes[2],
                           gboolean moved)
{
  g_return_if_fail (NMD_IS_RESULTS_OVERVIEW (self));

  self->results = results;
  self->point = -1; /* of other rows */
  for (int i = 0; i < 2; i++)
    {
      g_free (self->classes[i]);
      self->classes[i] = g_strdup (classes[i]);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->back_button), moved);
  if (results == NULL)
    return;
  nmd_predictions_show (self->predictions, results, dataset, classes);
  show_threshold (self, results->threshold);
}

void
nmd_results_overview_set_session (NmdResultsOverview *self,
                                  NmdDataSession *data,
                                  NmdScanSession *scan)
{
  g_return_if_fail (NMD_IS_RESULTS_OVERVIEW (self));
  nmd_export_menu_attach (GTK_WIDGET (self->plot), "results", data, scan);
  nmd_export_menu_attach (GTK_WIDGET (self->matrix_plot), "confusion", data, scan);
  nmd_predictions_set_session (self->predictions, data, scan);
}

void
nmd_results_overview_set_note (NmdResultsOverview *self,
                               const char *sign,
                               const char *caption)
{
  g_return_if_fail (NMD_IS_RESULTS_OVERVIEW (self));
  nmd_plot_area_set_note (self->plot, sign, caption);
  nmd_plot_area_set_note (self->matrix_plot, sign, caption);
}

static void
nmd_results_overview_dispose (GObject *object)
{
  NmdResultsOverview *self = NMD_RESULTS_OVERVIEW (object);

  self->results = NULL;
  gtk_widget_dispose_template (GTK_WIDGET (self), NMD_TYPE_RESULTS_OVERVIEW);
  G_OBJECT_CLASS (nmd_results_overview_parent_class)->dispose (object);
}

static void
nmd_results_overview_finalize (GObject *object)
{
  NmdResultsOverview *self = NMD_RESULTS_OVERVIEW (object);

  g_free (self->classes[0]);
  g_free (self->classes[1]);
  G_OBJECT_CLASS (nmd_results_overview_parent_class)->finalize (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdResultsOverview, child)

static void
nmd_results_overview_class_init (NmdResultsOverviewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_results_overview_dispose;
  G_OBJECT_CLASS (klass)->finalize = nmd_results_overview_finalize;
  g_type_ensure (NMD_TYPE_PLOT_AREA);
  g_type_ensure (NMD_TYPE_PREDICTIONS);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-results-overview.ui");
  BIND (view);
  BIND (back_button);
  BIND (plot);
  BIND (matrix_plot);
  BIND (predictions);
  chosen = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                         NULL, NULL, G_TYPE_NONE, 1, NMD_TYPE_SAMPLE);
  threshold_moved
      = g_signal_new ("threshold", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_DOUBLE);
}

static void
add_keys (NmdPlotArea *plot, GCallback pressed, NmdResultsOverview *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_set_focusable (GTK_WIDGET (plot), TRUE);
  g_signal_connect (keys, "key-pressed", pressed, self);
  gtk_widget_add_controller (GTK_WIDGET (plot), keys);
}

static void
nmd_results_overview_init (NmdResultsOverview *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->threshold = NAN;
  self->cell = NMD_CELL_NONE;
  self->bin = self->point = -1;
  nmd_plot_area_set_func (self->plot, draw_plot, self);
  nmd_plot_area_set_func (self->matrix_plot, draw_matrix, self);
  g_signal_connect_swapped (self->view, "notify::selected", G_CALLBACK (on_view), self);
  g_signal_connect_swapped (self->back_button, "clicked", G_CALLBACK (on_back), self);
  g_signal_connect_object (self->predictions, "chosen", G_CALLBACK (on_chosen), self, 0);
  add_keys (self->plot, G_CALLBACK (on_plot_key), self);
  add_keys (self->matrix_plot, G_CALLBACK (on_matrix_key), self);

  GtkGesture *click = gtk_gesture_click_new ();
  g_signal_connect (click, "pressed", G_CALLBACK (on_matrix_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self->matrix_plot),
                             GTK_EVENT_CONTROLLER (click));
  click = gtk_gesture_click_new ();
  g_signal_connect (click, "pressed", G_CALLBACK (on_plot_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self->plot), GTK_EVENT_CONTROLLER (click));
  GtkGesture *drag = gtk_gesture_drag_new ();
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag), self);
  gtk_widget_add_controller (GTK_WIDGET (self->plot), GTK_EVENT_CONTROLLER (drag));
  on_view (self);
}
