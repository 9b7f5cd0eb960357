/* SPDX-License-Identifier: Apache-2.0
 *
 * Charts and table of one training. Which one is shown, and that it belongs to what is open, is the
 * training session's to say; the drawing is ui/plot's.
 */
#include "ui/pages/nmd-train-charts.h"

#include "ui/dialogs/nmd-export-menu.h"
#include "ui/pages/nmd-curve-options.h"
#include "ui/pages/nmd-epoch-columns.h"
#include "ui/session/nmd-result-words.h"
#include "ui/session/nmd-rival-preview.h"
#include "ui/session/nmd-run-results.h"
#include "ui/widgets/nmd-plot-area.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdTrainCharts
{
  GtkBox parent_instance;

  GtkLabel *title;
  NmdPlotArea *loss_plot;
  NmdPlotArea *auc_plot;
  NmdPlotArea *roc_plot;
  NmdPlotArea *lr_plot;
  GtkColumnView *epochs;
  GtkWidget *epochs_side;
  GtkLabel *no_epochs;
  GtkColumnViewColumn *measure; /* AUC, or Dice of outlines */

  NmdDataSession *data;
  NmdRunsSession *runs;
  NmdRecipeSession *recipe;
  NmdTrainingSession *training;
  NmdTraining *course;    /* (nullable): what is shown */
  NmdRivalPreview *rival; /* what a network on the open data set will have to beat */
  guint rival_number;
  NmdCurveOptions *options;
  NmdSeries loss[2]; /* filled for each drawing and each look of the pointer */
  char *loss_title;
  NmdRunResults *outcome; /* of a past run's validation part */
  guint outcome_number;
  GtkNoSelection *epochs_model;
};

G_DEFINE_FINAL_TYPE (NmdTrainCharts, nmd_train_charts, GTK_TYPE_BOX)

/* Of what is shown, or would be trained. */
static const NmdParameters *
get_parameters (NmdTrainCharts *self)
{
  return self->course != NULL ? nmd_training_get_parameters (self->course)
                              : nmd_recipe_session_get_shown (self->recipe);
}

static gboolean
finds_outlines (NmdTrainCharts *self)
{
  return nmd_parameters_get_task (get_parameters (self)) == NMD_TASK_SEGMENT;
}

static int
planned_epochs (NmdTrainCharts *self)
{
  return nmd_parameters_get_int (get_parameters (self), "epochs");
}

static double
shade_from (NmdTrainCharts *self)
{
  int from = self->course != NULL ? nmd_training_get_averaging_from (self->course) : -1;

  return from >= 0 ? from : NAN;
}

static void
fill_loss (gpointer data, NmdCurves *curves)
{
  NmdTrainCharts *self = data;
  NmdSeries *series = self->loss;
  guint n = 0;

  series[0] = (NmdSeries){ .title = _ ("training"), .colour = 0 };
  series[1] = (NmdSeries){ .title = _ ("validation"), .colour = 1 };
  g_free (self->loss_title);
  self->loss_title = nmd_curve_options_title (self->options, _ ("Loss"));
  curves->title = self->loss_title;
  curves->x_title = _ ("epoch");
  curves->empty = _ ("Training and validation loss, epoch by epoch");
  curves->series = series;
  curves->n_series = 2;
  curves->smoothing = nmd_curve_options_get_smoothing (self->options);
  if (self->course != NULL)
    {
      series[0].x = series[1].x
          = nmd_training_get_trace (self->course, NMD_TRACE_EPOCH, &n);
      series[0].y = nmd_training_get_trace (self->course, NMD_TRACE_TRAIN_LOSS, &n);
      series[1].y = nmd_training_get_trace (self->course, NMD_TRACE_VAL_LOSS, &n);
      series[0].n = series[1].n = n;
      curves->shade_from = shade_from (self);
      curves->shade_title = _ ("averaging");
    }
  for (guint i = 0; i < n; i++)
    if (!(series[1].y[i] >= curves->marker_y) && isfinite (series[1].y[i]))
      {
        curves->marker_x = series[1].x[i];
        curves->marker_y = series[1].y[i];
        curves->marker_title = _ ("best");
      }
  curves->x_low = 0;
  curves->x_high = MAX (planned_epochs (self) - 1, 1);
  curves->y_log = n > 0 && nmd_curve_options_get_log (self->options);
  if (n == 0)
    {
      /* The axes as they will be about: tossing a coin has a loss of ln 2. */
      curves->y_low = 0;
      curves->y_high = 1;
    }
}

static void
draw_loss (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdCurves curves = NMD_CURVES_INIT;

  fill_loss (data, &curves);
  nmd_plot_curves (cr, &curves, rect, style);
}

/* A chosen run has a rival of its own; the open data set and its parts may be others. */
static gboolean
shows_run (NmdTrainCharts *self)
{
  return self->course != NULL
         && self->course != nmd_training_session_get_training (self->training);
}

/* The rival of the open data set, unless what is shown is on another one. */
static const NmdRivalPreview *
shown_rival (NmdTrainCharts *self)
{
  if (self->course == NULL
      || nmd_data_session_has_hash (self->data,
                                    nmd_training_get_dataset_hash (self->course)))
    return self->rival;
  return NULL;
}

static double
rival_auc (NmdTrainCharts *self)
{
  if (shows_run (self))
    return self->outcome != NULL && self->outcome->has_rival
               ? self->outcome->rival->auc.value
               : NAN;
  return shown_rival (self) != NULL ? shown_rival (self)->auc : NAN;
}

/* How well outlines agree with the masks of the validation part. */
static void
draw_dice (NmdTrainCharts *self,
           cairo_t *cr,
           const NmdRect *rect,
           const NmdPlotStyle *style)
{
  NmdCurves curves = NMD_CURVES_INIT;
  NmdSeries series = { .title = _ ("network"), .colour = 0 };

  curves.title = _ ("Validation Dice");
  curves.x_title = _ ("epoch");
  curves.empty = _ ("How well outlines agree with the masks of the validation part");
  curves.series = &series;
  curves.n_series = 1;
  if (self->course != NULL)
    {
      series.x = nmd_training_get_trace (self->course, NMD_TRACE_EPOCH, &series.n);
      series.y = nmd_training_get_trace (self->course, NMD_TRACE_VAL_DICE, &series.n);
      curves.shade_from = shade_from (self);
    }
  curves.x_low = 0;
  curves.x_high = MAX (planned_epochs (self) - 1, 1);
  curves.y_high = 1;
  if (series.n == 0)
    curves.y_low = 0;
  nmd_plot_curves (cr, &curves, rect, style);
}

static void
draw_auc (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdTrainCharts *self = data;
  NmdCurves curves = NMD_CURVES_INIT;
  NmdSeries series[2]
      = { { .title = _ ("network"), .colour = 0 },
          { .title = _ ("echo intensity alone"), .colour = 2, .dashed = TRUE } };
  double rival_x[2] = { 0, MAX (planned_epochs (self) - 1, 1) };
  double rival_y[2] = { NAN, NAN };
  guint n = 0;

  if (finds_outlines (self))
    {
      draw_dice (self, cr, rect, style);
      return;
    }
  g_autofree char *title = nmd_curve_options_title (self->options, _ ("Validation AUC"));
  curves.title = title;
  curves.smoothing = nmd_curve_options_get_smoothing (self->options);
  curves.x_title = _ ("epoch");
  curves.empty = _ ("How well the validation images are told apart");
  curves.series = series;
  curves.n_series = 1;
  if (self->course != NULL)
    {
      series[0].x = nmd_training_get_trace (self->course, NMD_TRACE_EPOCH, &n);
      series[0].y = nmd_training_get_trace (self->course, NMD_TRACE_VAL_AUC, &n);
      series[0].n = n;
      curves.shade_from = shade_from (self);
      rival_y[0] = rival_y[1] = nmd_training_get_rival_auc (self->course);
    }
  if (!isfinite (rival_y[0]))
    rival_y[0] = rival_y[1] = rival_auc (self);
  curves.x_low = 0;
  curves.x_high = rival_x[1];
  curves.y_high = 1;
  if (n == 0)
    curves.y_low = isfinite (rival_y[0]) ? MIN (0.5, rival_y[0] - 0.05) : 0.5;
  if (isfinite (rival_y[0]))
    {
      series[1].x = rival_x;
      series[1].y = rival_y;
      series[1].n = 2;
      series[1].steps = TRUE;
      curves.n_series = 2;
    }
  nmd_plot_curves (cr, &curves, rect, style);
}

/* How the chosen run tells its validation part apart with the weights that it kept. */
static void
fill_roc_of_run (NmdTrainCharts *self, NmdRocPlot *plot)
{
  const NmdRunResults *outcome = self->outcome;

  plot->empty = _ ("This run has no scores of its validation part yet");
  if (outcome == NULL)
    return;
  plot->roc = outcome->roc;
  plot->auc = outcome->metrics.auc.value;
  plot->auc_note = g_strcmp0 (outcome->weights, "average") == 0 ? _ ("average weights")
                                                                : _ ("best weights");
  plot->rival = outcome->rival_roc;
  plot->rival_auc = rival_auc (self);
}

static void
draw_roc (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdTrainCharts *self = data;
  NmdRocPlot plot = NMD_ROC_PLOT_INIT;
  GPtrArray *rocs = self->course != NULL ? nmd_training_get_rocs (self->course) : NULL;
  g_autofree char *note = NULL;
  guint n = 0;

  plot.title = _ ("ROC of the validation part");
  plot.network_title = _ ("network");
  plot.rival_title = _ ("echo intensity alone");
  plot.empty = _ ("Drawn anew after each epoch; earlier epochs stay faint");
  if (shows_run (self))
    {
      fill_roc_of_run (self, &plot);
      nmd_plot_roc (cr, &plot, rect, style);
      return;
    }
  if (shown_rival (self) != NULL && shown_rival (self)->roc != NULL)
    {
      plot.rival = shown_rival (self)->roc;
      plot.rival_auc = shown_rival (self)->auc;
      if (rocs == NULL || rocs->len == 0)
        {
          /* Nothing is trained yet: what a network will have to beat. */
          plot.auc_note = _ ("to be beaten");
        }
    }
  if (rocs != NULL && rocs->len > 0)
    {
      const double *epochs = nmd_training_get_trace (self->course, NMD_TRACE_EPOCH, &n);
      const double *aucs = nmd_training_get_trace (self->course, NMD_TRACE_VAL_AUC, &n);
      plot.roc = g_ptr_array_index (rocs, rocs->len - 1);
      plot.earlier = (const NmdRoc *const *)rocs->pdata;
      plot.n_earlier = rocs->len - 1;
      plot.auc = aucs[n - 1];
      /* Translators: the placeholder counts epochs from 0 */
      note = g_strdup_printf (_ ("epoch %.0f"), epochs[n - 1]);
      plot.auc_note = note;
      if (!isnan (nmd_training_get_rival_auc (self->course)))
        plot.rival_auc = nmd_training_get_rival_auc (self->course);
    }
  nmd_plot_roc (cr, &plot, rect, style);
}

/* The schedule as planned before the first epoch, then as it went. */
static void
draw_lr (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdTrainCharts *self = data;
  const NmdParameters *parameters = get_parameters (self);
  int planned = CLAMP (planned_epochs (self), 1, 100000);
  guint n = 0;
  const double *known = self->course != NULL
                            ? nmd_training_get_trace (self->course, NMD_TRACE_LR, &n)
                            : NULL;

  if (n > 0)
    {
      nmd_plot_learning_rate (cr, known, n, (guint)planned, shade_from (self), rect,
                              style);
      return;
    }
  g_autofree double *lr = g_new (double, planned);
  int from = (int)floor (nmd_parameters_get (parameters, "average-start") * planned);
  for (int i = 0; i < planned; i++)
    lr[i] = nmd_train_lr (parameters, i, from);
  nmd_plot_learning_rate (cr, lr, (guint)planned, (guint)planned, from, rect, style);
}

static void
redraw (NmdTrainCharts *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self->loss_plot));
  gtk_widget_queue_draw (GTK_WIDGET (self->auc_plot));
  gtk_widget_queue_draw (GTK_WIDGET (self->roc_plot));
  gtk_widget_queue_draw (GTK_WIDGET (self->lr_plot));
}

/* What can be said before there are numbers. */
static void
describe_plan (NmdTrainCharts *self)
{
  const NmdParameters *parameters = get_parameters (self);
  int planned = CLAMP (planned_epochs (self), 1, 100000);
  int from = (int)floor (nmd_parameters_get (parameters, "average-start") * planned);
  /* Translators: the placeholders are the first and the last epoch's */
  g_autofree char *rate
      = g_strdup_printf (_ ("Learning rate planned from %.3g to %.3g, %d epochs"),
                         nmd_train_lr (parameters, 0, from),
                         nmd_train_lr (parameters, planned - 1, from), planned);

  nmd_plot_area_set_text (self->lr_plot, rate);
  nmd_plot_area_set_text (self->loss_plot, _ ("Loss: no epoch yet"));
  nmd_plot_area_set_text (self->auc_plot, finds_outlines (self)
                                              ? _ ("Validation Dice: no epoch yet")
                                              : _ ("Validation AUC: no epoch yet"));
  nmd_plot_area_set_text (self->roc_plot, _ ("ROC: no epoch yet"));
}

/* The newest numbers in words, for readers who do not see the charts. */
static void
describe_charts (NmdTrainCharts *self)
{
  guint n = 0;
  const double *train = NULL, *val = NULL, *auc = NULL, *rate = NULL;

  describe_plan (self);
  if (self->course == NULL)
    return;
  rate = nmd_training_get_trace (self->course, NMD_TRACE_LR, &n);
  g_autofree char *rates
      = n > 0 ? g_strdup_printf (_ ("Learning rate %.3g in epoch %u of %d"), rate[n - 1],
                                 n, planned_epochs (self))
              : NULL;
  if (rates != NULL)
    nmd_plot_area_set_text (self->lr_plot, rates);
  train = nmd_training_get_trace (self->course, NMD_TRACE_TRAIN_LOSS, &n);
  val = nmd_training_get_trace (self->course, NMD_TRACE_VAL_LOSS, &n);
  auc = nmd_training_get_trace (self->course, NMD_TRACE_VAL_AUC, &n);
  if (n == 0)
    return;
  g_autofree char *loss = g_strdup_printf (_ ("Training loss %.3f, validation loss %.3f"),
                                           train[n - 1], val[n - 1]);
  g_autofree char *roc = g_strdup_printf (_ ("Validation AUC %.3f"), auc[n - 1]);
  nmd_plot_area_set_text (self->loss_plot, loss);
  if (finds_outlines (self))
    {
      const double *dice = nmd_training_get_trace (self->course, NMD_TRACE_VAL_DICE, &n);
      g_autofree char *text = g_strdup_printf (_ ("Validation Dice %.3f"), dice[n - 1]);
      nmd_plot_area_set_text (self->auc_plot, text);
      return;
    }
  nmd_plot_area_set_text (self->auc_plot, roc);
  if (shows_run (self))
    {
      g_free (g_steal_pointer (&roc));
      roc = self->outcome != NULL ? g_strdup_printf (_ ("Validation AUC %.3f"),
                                                     self->outcome->metrics.auc.value)
                                  : g_strdup (_ ("ROC: not measured yet"));
    }
  nmd_plot_area_set_text (self->roc_plot, roc);
}

/* Epochs table */

static int
newest_first (gconstpointer a, gconstpointer b, gpointer data)
{
  return NMD_EPOCH_ITEM ((gpointer)b)->epoch.epoch
         - NMD_EPOCH_ITEM ((gpointer)a)->epoch.epoch;
}

/* Until there is one, a line says what will stand there. */
static void
on_epochs_changed (NmdTrainCharts *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->epochs_model));

  gtk_widget_set_visible (GTK_WIDGET (self->no_epochs), n == 0);
}

static void
show_epochs (NmdTrainCharts *self)
{
  if (self->course == NULL)
    {
      gtk_no_selection_set_model (self->epochs_model, NULL);
      return;
    }
  GtkSortListModel *sorted = gtk_sort_list_model_new (
      g_object_ref (nmd_training_get_epochs (self->course)),
      GTK_SORTER (gtk_custom_sorter_new (newest_first, NULL, NULL)));
  gtk_no_selection_set_model (self->epochs_model, G_LIST_MODEL (sorted));
  g_object_unref (sorted);
}

/* What is shown */

typedef struct
{
  NmdTrainCharts *charts;
  guint number;
} Waiting;

static void
on_outcome (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;
  g_autoptr (NmdTrainCharts) self = waiting->charts;
  /* A run without scores has no curve; the results page says so and what helps. */
  NmdRunResults *outcome = nmd_job_finish (NMD_JOB (source), result, NULL);
  gboolean newest = waiting->number == self->outcome_number && self->data != NULL;

  g_free (waiting);
  if (!newest)
    {
      nmd_run_results_free (outcome);
      return;
    }
  self->outcome = outcome;
  describe_charts (self);
  redraw (self);
}

static void
ask_outcome (NmdTrainCharts *self)
{
  NmdRunItem *run = nmd_runs_session_get_shown (self->runs);

  self->outcome_number++;
  g_clear_pointer (&self->outcome, nmd_run_results_free);
  if (!shows_run (self) || run == NULL || finds_outlines (self))
    return;
  Waiting *waiting = g_new (Waiting, 1);
  waiting->charts = g_object_ref (self);
  waiting->number = self->outcome_number;
  g_autoptr (NmdJob) job = nmd_run_results_compute (run->run, NMD_PART_VALIDATION, FALSE,
                                                    NAN, on_outcome, waiting);
}

static void
on_rival (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;
  g_autoptr (NmdTrainCharts) self = waiting->charts;
  /* Without a fit there is no rival to show; the training says why if it matters. */
  NmdRivalPreview *rival = nmd_job_finish (NMD_JOB (source), result, NULL);
  gboolean newest = waiting->number == self->rival_number && self->data != NULL;

  g_free (waiting);
  if (!newest)
    {
      nmd_rival_preview_free (rival);
      return;
    }
  nmd_rival_preview_free (self->rival);
  self->rival = rival;
  redraw (self);
}

static void
ask_rival (NmdTrainCharts *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  const NmdSplit *split = nmd_recipe_session_get_split (self->recipe);

  self->rival_number++;
  g_clear_pointer (&self->rival, nmd_rival_preview_free);
  if (dataset == NULL || split == NULL || finds_outlines (self))
    return;
  Waiting *waiting = g_new (Waiting, 1);
  waiting->charts = g_object_ref (self);
  waiting->number = self->rival_number;
  g_autoptr (NmdJob) job = nmd_rival_preview_start (dataset, split, on_rival, waiting);
}

/* What the charts belong to, by name: one run, or what a training would be made on. */
static void
show_title (NmdTrainCharts *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  g_autofree char *text = NULL;

  if (self->course != NULL)
    {
      g_autofree char *folder
          = g_path_get_basename (nmd_training_get_folder (self->course));
      text = shows_run (self) || dataset == NULL
                 /* Translators: a run's folder */
                 ? g_strdup_printf (_ ("Run %s"), folder)
                 /* Translators: a run's folder and a data set's title */
                 : g_strdup_printf (_ ("Run %s on %s"), folder,
                                    nmd_dataset_get_title (dataset));
    }
  else if (dataset != NULL)
    /* Translators: a data set's title */
    text = g_strdup_printf (_ ("The next training on %s"),
                            nmd_dataset_get_title (dataset));
  gtk_label_set_text (self->title, text != NULL ? text : "");
  NmdRunItem *run = nmd_runs_session_get_shown (self->runs);
  gboolean synthetic = shows_run (self) && run != NULL
                           ? nmd_run_get_passport (run->run)->synthetic
                           : dataset != NULL && nmd_dataset_get_n (dataset) > 0
                                 && nmd_dataset_get (dataset, 0)->is_synthetic;
  const char *sign = synthetic ? nmd_words_of_note (NMD_SYNTHETIC) : NULL;
  nmd_plot_area_set_note (self->loss_plot, sign, text);
  nmd_plot_area_set_note (self->auc_plot, sign, text);
  nmd_plot_area_set_note (self->roc_plot, sign, text);
  nmd_plot_area_set_note (self->lr_plot, sign, text);
}

/* Outlines have no ROC: the table takes its room. */
static void
show_task (NmdTrainCharts *self)
{
  gboolean outlines = finds_outlines (self);
  GtkLayoutManager *grid
      = gtk_widget_get_layout_manager (gtk_widget_get_parent (self->epochs_side));
  GtkGridLayoutChild *place = GTK_GRID_LAYOUT_CHILD (
      gtk_layout_manager_get_layout_child (grid, self->epochs_side));

  gtk_widget_set_visible (GTK_WIDGET (self->roc_plot), !outlines);
  gtk_grid_layout_child_set_row (place, outlines ? 0 : 1);
  gtk_grid_layout_child_set_row_span (place, outlines ? 3 : 2);
  gtk_column_view_column_set_title (self->measure, outlines ? _ ("Dice") : _ ("AUC"));
}

static void
on_course_changed (NmdTrainCharts *self)
{
  show_title (self);
  show_task (self);
  describe_charts (self);
  redraw (self);
}

static void
on_course (NmdTrainCharts *self)
{
  NmdTraining *course = nmd_training_session_get_course (self->training);

  if (self->course != NULL)
    g_signal_handlers_disconnect_by_data (self->course, self);
  g_set_object (&self->course, course);
  show_epochs (self);
  if (course != NULL)
    g_signal_connect_object (course, "changed", G_CALLBACK (on_course_changed), self,
                             G_CONNECT_SWAPPED);
  ask_outcome (self);
  on_course_changed (self);
}

static void
on_recipe (NmdTrainCharts *self)
{
  show_task (self);
  describe_charts (self);
  redraw (self);
}

static void
on_parts (NmdTrainCharts *self)
{
  ask_rival (self);
  on_course_changed (self);
}

void
nmd_train_charts_set_session (NmdTrainCharts *self,
                              NmdDataSession *data_session,
                              NmdRunsSession *runs_session,
                              NmdRecipeSession *recipe_session,
                              NmdTrainingSession *training_session)
{
  g_return_if_fail (NMD_IS_TRAIN_CHARTS (self) && self->data == NULL);

  self->data = g_object_ref (data_session);
  self->runs = g_object_ref (runs_session);
  self->recipe = g_object_ref (recipe_session);
  self->training = g_object_ref (training_session);
  nmd_plot_area_set_func (self->loss_plot, draw_loss, self);
  nmd_curve_options_watch (self->options, self->loss_plot, fill_loss, self);
  g_signal_connect_object (self->options, "changed", G_CALLBACK (redraw), self,
                           G_CONNECT_SWAPPED);
  nmd_plot_area_set_func (self->auc_plot, draw_auc, self);
  nmd_plot_area_set_func (self->roc_plot, draw_roc, self);
  nmd_plot_area_set_func (self->lr_plot, draw_lr, self);
  nmd_export_menu_attach (GTK_WIDGET (self->loss_plot), "loss", data_session, NULL);
  nmd_export_menu_attach (GTK_WIDGET (self->auc_plot), "validation", data_session, NULL);
  nmd_export_menu_attach (GTK_WIDGET (self->roc_plot), "roc", data_session, NULL);
  nmd_export_menu_attach (GTK_WIDGET (self->lr_plot), "learning-rate", data_session,
                          NULL);
  nmd_epoch_columns_set_session (self->epochs, data_session);
  g_signal_connect_object (training_session, "notify::course", G_CALLBACK (on_course),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe_session, "parts-changed", G_CALLBACK (on_parts), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe_session, "changed", G_CALLBACK (on_recipe), self,
                           G_CONNECT_SWAPPED);
  on_course (self);
  on_parts (self);
}

static void
nmd_train_charts_finalize (GObject *object)
{
  g_free (NMD_TRAIN_CHARTS (object)->loss_title);
  G_OBJECT_CLASS (nmd_train_charts_parent_class)->finalize (object);
}

static void
nmd_train_charts_dispose (GObject *object)
{
  NmdTrainCharts *self = NMD_TRAIN_CHARTS (object);

  g_clear_pointer (&self->rival, nmd_rival_preview_free);
  g_clear_pointer (&self->outcome, nmd_run_results_free);
  g_clear_object (&self->course);
  g_clear_object (&self->epochs_model);
  g_clear_object (&self->data);
  g_clear_object (&self->runs);
  g_clear_object (&self->recipe);
  g_clear_object (&self->training);
  gtk_widget_dispose_template (GTK_WIDGET (self), NMD_TYPE_TRAIN_CHARTS);
  G_OBJECT_CLASS (nmd_train_charts_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdTrainCharts, child)

static void
nmd_train_charts_class_init (NmdTrainChartsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_train_charts_dispose;
  G_OBJECT_CLASS (klass)->finalize = nmd_train_charts_finalize;
  g_type_ensure (NMD_TYPE_PLOT_AREA);
  g_type_ensure (NMD_TYPE_CURVE_OPTIONS);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-train-charts.ui");
  BIND (title);
  BIND (options);
  BIND (loss_plot);
  BIND (auc_plot);
  BIND (roc_plot);
  BIND (lr_plot);
  BIND (epochs);
  BIND (epochs_side);
  BIND (no_epochs);
}

static void
nmd_train_charts_init (NmdTrainCharts *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->epochs_model = gtk_no_selection_new (NULL);
  g_signal_connect_object (self->epochs_model, "items-changed",
                           G_CALLBACK (on_epochs_changed), self, G_CONNECT_SWAPPED);
  gtk_column_view_set_model (self->epochs, GTK_SELECTION_MODEL (self->epochs_model));
  self->measure = nmd_epoch_columns_add (self->epochs);
}
