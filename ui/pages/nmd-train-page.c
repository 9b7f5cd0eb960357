/* SPDX-License-Identifier: Apache-2.0
 *
 * The train page. What is trained is the session's; here are the rows of the recipe and
 * the charts of what the training has told.
 */
#include "ui/pages/nmd-train-page.h"

#include "ui/session/nmd-rival-preview.h"
#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-device-rows.h"
#include "ui/dialogs/nmd-file-dialog.h"
#include "ui/dialogs/nmd-network-dialog.h"
#include "ui/widgets/nmd-parameter-rows.h"
#include "ui/widgets/nmd-plot-area.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _NmdTrainPage
{
  AdwBin parent_instance;

  GtkStack *stack;
  AdwStatusPage *empty_page;
  GtkWidget *empty_buttons;
  GtkBox *recipe;
  AdwComboRow *preset;
  AdwComboRow *network;
  AdwActionRow *layers;
  AdwActionRow *initial;
  GtkButton *initial_clear;
  AdwPreferencesGroup *main_group;
  AdwPreferencesGroup *device_group;
  AdwPreferencesGroup *detail_group;
  GtkLabel *changes;
  GtkButton *reset_button;
  NmdPlotArea *loss_plot;
  NmdPlotArea *auc_plot;
  NmdPlotArea *roc_plot;
  NmdPlotArea *lr_plot;
  GtkColumnView *epochs;
  GtkLabel *no_epochs;
  GtkLabel *split_label;
  GtkLabel *status;
  GtkLabel *note;
  GtkProgressBar *progress;
  GtkButton *start_button;
  GtkButton *stop_button;
  GtkButton *resume_button;

  NmdDataSession *data_session;
  NmdRunsSession *runs_session;
  NmdRecipeSession *recipe_session;
  NmdDeviceSession *devices_session;
  NmdTrainingSession *training_session;
  NmdTraining *training;  /* shown: the session's newest, else the chosen run's course */
  NmdRivalPreview *rival; /* what a network will have to beat */
  guint rival_number;
  NmdResults *outcome; /* of a chosen run's validation part, where its course is shown */
  guint outcome_number;
  GtkNoSelection *epochs_model;
  const char *network_names[16];
};

G_DEFINE_FINAL_TYPE (NmdTrainPage, nmd_train_page, ADW_TYPE_BIN)

/* Charts */

static int
planned_epochs (NmdTrainPage *self)
{
  if (self->training != NULL)
    return nmd_training_get_n_epochs (self->training);
  return nmd_parameters_get_int (nmd_recipe_session_get_parameters (self->recipe_session),
                                 "epochs");
}

static double
shade_from (NmdTrainPage *self)
{
  int from
      = self->training != NULL ? nmd_training_get_averaging_from (self->training) : -1;

  return from >= 0 ? from : NAN;
}

static void
draw_loss (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdTrainPage *self = data;
  NmdCurves curves = NMD_CURVES_INIT;
  NmdSeries series[2] = { { .title = _ ("training"), .colour = 0 },
                          { .title = _ ("validation"), .colour = 1 } };
  guint n = 0;

  curves.title = _ ("Loss");
  curves.x_title = _ ("epoch");
  curves.empty = _ ("Training and validation loss, epoch by epoch");
  curves.series = series;
  curves.n_series = 2;
  if (self->training != NULL)
    {
      series[0].x = series[1].x
          = nmd_training_get_trace (self->training, NMD_TRACE_EPOCH, &n);
      series[0].y = nmd_training_get_trace (self->training, NMD_TRACE_TRAIN_LOSS, &n);
      series[1].y = nmd_training_get_trace (self->training, NMD_TRACE_VAL_LOSS, &n);
      series[0].n = series[1].n = n;
      curves.shade_from = shade_from (self);
      curves.shade_title = _ ("averaging");
    }
  guint best = 0;
  for (guint i = 1; i < n; i++)
    if (series[1].y[i] < series[1].y[best])
      best = i;
  if (n > 0 && isfinite (series[1].y[best]))
    {
      curves.marker_x = series[1].x[best];
      curves.marker_y = series[1].y[best];
      curves.marker_title = _ ("best");
    }
  curves.x_low = 0;
  curves.x_high = MAX (planned_epochs (self) - 1, 1);
  if (n == 0)
    {
      /* The axes as they will be about: tossing a coin has a loss of ln 2. */
      curves.y_low = 0;
      curves.y_high = 1;
    }
  nmd_plot_curves (cr, &curves, rect, style);
}

/* A chosen run has a rival of its own; the open data set and its parts may be others. */
static gboolean
shows_run (NmdTrainPage *self)
{
  return self->training != NULL
         && nmd_training_session_get_training (self->training_session) == NULL;
}

static double
rival_auc (NmdTrainPage *self)
{
  if (shows_run (self))
    return self->outcome != NULL && self->outcome->has_rival
               ? self->outcome->comparison.auc.value
               : NAN;
  return self->rival != NULL ? self->rival->auc : NAN;
}

static void
draw_auc (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdTrainPage *self = data;
  NmdCurves curves = NMD_CURVES_INIT;
  NmdSeries series[2]
      = { { .title = _ ("network"), .colour = 1 },
          { .title = _ ("mean grey alone"), .colour = 2, .dashed = TRUE } };
  double rival_x[2] = { 0, MAX (planned_epochs (self) - 1, 1) };
  double rival_y[2] = { NAN, NAN };
  guint n = 0;

  curves.title = _ ("Validation AUC");
  curves.x_title = _ ("epoch");
  curves.empty = _ ("How well the validation images are told apart");
  curves.series = series;
  curves.n_series = 1;
  if (self->training != NULL)
    {
      series[0].x = nmd_training_get_trace (self->training, NMD_TRACE_EPOCH, &n);
      series[0].y = nmd_training_get_trace (self->training, NMD_TRACE_VAL_AUC, &n);
      series[0].n = n;
      curves.shade_from = shade_from (self);
      rival_y[0] = rival_y[1] = nmd_training_get_rival_auc (self->training);
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
fill_roc_of_run (NmdTrainPage *self, NmdRocPlot *plot)
{
  const NmdResults *outcome = self->outcome;

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
  NmdTrainPage *self = data;
  NmdRocPlot plot = NMD_ROC_PLOT_INIT;
  GPtrArray *rocs
      = self->training != NULL ? nmd_training_get_rocs (self->training) : NULL;
  g_autofree char *note = NULL;
  guint n = 0;

  plot.title = _ ("ROC of the validation part");
  plot.network_title = _ ("network");
  plot.rival_title = _ ("mean grey alone");
  plot.empty = _ ("Drawn anew after each epoch; earlier epochs stay faint");
  if (shows_run (self))
    {
      fill_roc_of_run (self, &plot);
      nmd_plot_roc (cr, &plot, rect, style);
      return;
    }
  if (self->rival != NULL && self->rival->roc != NULL)
    {
      plot.rival = self->rival->roc;
      plot.rival_auc = self->rival->auc;
      if (rocs == NULL || rocs->len == 0)
        {
          /* Nothing is trained yet: what a network will have to beat. */
          plot.auc_note = _ ("to be beaten");
        }
    }
  if (rocs != NULL && rocs->len > 0)
    {
      const double *epochs = nmd_training_get_trace (self->training, NMD_TRACE_EPOCH, &n);
      const double *aucs = nmd_training_get_trace (self->training, NMD_TRACE_VAL_AUC, &n);
      plot.roc = g_ptr_array_index (rocs, rocs->len - 1);
      plot.earlier = (const NmdRoc *const *)rocs->pdata;
      plot.n_earlier = rocs->len - 1;
      plot.auc = aucs[n - 1];
      /* Translators: the placeholder counts epochs from 0 */
      note = g_strdup_printf (_ ("epoch %.0f"), epochs[n - 1]);
      plot.auc_note = note;
      if (!isnan (nmd_training_get_rival_auc (self->training)))
        plot.rival_auc = nmd_training_get_rival_auc (self->training);
    }
  nmd_plot_roc (cr, &plot, rect, style);
}

/* The schedule as planned before the first epoch, then as it went. */
static void
draw_lr (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdTrainPage *self = data;
  const NmdParameters *parameters
      = nmd_recipe_session_get_parameters (self->recipe_session);
  int planned = CLAMP (planned_epochs (self), 1, 100000);
  guint n = 0;
  const double *known = self->training != NULL
                            ? nmd_training_get_trace (self->training, NMD_TRACE_LR, &n)
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
redraw (NmdTrainPage *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self->loss_plot));
  gtk_widget_queue_draw (GTK_WIDGET (self->auc_plot));
  gtk_widget_queue_draw (GTK_WIDGET (self->roc_plot));
  gtk_widget_queue_draw (GTK_WIDGET (self->lr_plot));
}

/* The newest numbers in words, for readers who do not see the charts. */
static void
describe_charts (NmdTrainPage *self)
{
  guint n = 0;
  const double *train = NULL, *val = NULL, *auc = NULL;

  if (self->training == NULL)
    return;
  train = nmd_training_get_trace (self->training, NMD_TRACE_TRAIN_LOSS, &n);
  val = nmd_training_get_trace (self->training, NMD_TRACE_VAL_LOSS, &n);
  auc = nmd_training_get_trace (self->training, NMD_TRACE_VAL_AUC, &n);
  if (n == 0)
    return;
  g_autofree char *loss = g_strdup_printf (_ ("Training loss %.3f, validation loss %.3f"),
                                           train[n - 1], val[n - 1]);
  g_autofree char *roc = g_strdup_printf (_ ("Validation AUC %.3f"), auc[n - 1]);
  nmd_plot_area_set_text (self->loss_plot, loss);
  nmd_plot_area_set_text (self->auc_plot, roc);
  if (shows_run (self))
    {
      g_free (g_steal_pointer (&roc));
      roc = self->outcome != NULL ? g_strdup_printf (_ ("Validation AUC %.3f"),
                                                     self->outcome->metrics.auc.value)
                                  : g_strdup ("");
    }
  nmd_plot_area_set_text (self->roc_plot, roc);
}

/* Epochs table */

static char *
cell_epoch (gpointer item, const char **css, gpointer data)
{
  const NmdEpoch *epoch = &NMD_EPOCH_ITEM (item)->epoch;

  return g_strdup_printf ("%s%d", epoch->best ? "★ " : "", epoch->epoch);
}

static char *
cell_train (gpointer item, const char **css, gpointer data)
{
  return nmd_format_number (NMD_EPOCH_ITEM (item)->epoch.train_loss, 3);
}

static char *
cell_val (gpointer item, const char **css, gpointer data)
{
  return nmd_format_number (NMD_EPOCH_ITEM (item)->epoch.val_loss, 3);
}

static char *
cell_auc (gpointer item, const char **css, gpointer data)
{
  return nmd_format_number (NMD_EPOCH_ITEM (item)->epoch.val_auc, 3);
}

static char *
cell_seconds (gpointer item, const char **css, gpointer data)
{
  return nmd_format_duration (NMD_EPOCH_ITEM (item)->epoch.seconds);
}

static int
newest_first (gconstpointer a, gconstpointer b, gpointer data)
{
  return NMD_EPOCH_ITEM ((gpointer)b)->epoch.epoch
         - NMD_EPOCH_ITEM ((gpointer)a)->epoch.epoch;
}

/* Until there is one, a line says what will stand there. */
static void
on_epochs_changed (NmdTrainPage *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->epochs_model));

  gtk_widget_set_visible (GTK_WIDGET (self->no_epochs), n == 0);
}

static void
show_epochs (NmdTrainPage *self)
{
  if (self->training == NULL)
    {
      gtk_no_selection_set_model (self->epochs_model, NULL);
      return;
    }
  GtkSortListModel *sorted = gtk_sort_list_model_new (
      g_object_ref (nmd_training_get_epochs (self->training)),
      GTK_SORTER (gtk_custom_sorter_new (newest_first, NULL, NULL)));
  gtk_no_selection_set_model (self->epochs_model, G_LIST_MODEL (sorted));
  g_object_unref (sorted);
}

/* State */

static void
renew_split (NmdTrainPage *self)
{
  const char *error = nmd_recipe_session_get_split_error (self->recipe_session);
  guint subjects[3] = { 0 }, images[3] = { 0 };
  const NmdPart parts[3] = { NMD_PART_TRAIN, NMD_PART_VALIDATION, NMD_PART_TEST };

  gtk_widget_remove_css_class (GTK_WIDGET (self->split_label), "warning");
  if (error != NULL)
    {
      gtk_label_set_text (self->split_label, error);
      gtk_widget_add_css_class (GTK_WIDGET (self->split_label), "warning");
      return;
    }
  if (nmd_data_session_get_dataset (self->data_session) == NULL)
    {
      gtk_label_set_text (self->split_label, "");
      return;
    }
  for (int i = 0; i < 3; i++)
    images[i]
        = nmd_recipe_session_count_part (self->recipe_session, parts[i], &subjects[i]);
  /* Translators: images (and subjects) of training, validation and test part */
  g_autofree char *text = g_strdup_printf (
      _ ("Images (subjects): %u (%u) train · %u (%u) validation · %u (%u) test"),
      images[0], subjects[0], images[1], subjects[1], images[2], subjects[2]);
  gtk_label_set_text (self->split_label, text);
}

static void
renew_changes (NmdTrainPage *self)
{
  g_autofree char *changes = nmd_parameters_describe_changes (
      nmd_recipe_session_get_parameters (self->recipe_session));
  g_autofree char *text = NULL;
  gboolean any = *changes != '\0';

  /* Translators: the placeholder lists settings and their values */
  text = any ? g_strdup_printf (_ ("Changed: %s"), changes)
             : g_strdup (_ ("All settings have their default values."));
  gtk_label_set_text (self->changes, text);
  gtk_widget_set_visible (GTK_WIDGET (self->reset_button), any);
  redraw (self);
}

static char *
running_text (NmdTrainPage *self)
{
  guint n = 0;
  const char *phase = nmd_training_get_phase (self->training);
  double rate = nmd_training_get_images_per_second (self->training);
  g_autofree char *left
      = nmd_format_duration (nmd_training_get_seconds_left (self->training));

  nmd_training_get_trace (self->training, NMD_TRACE_EPOCH, &n);
  if (!(rate > 0))
    return g_strdup_printf ("%s…", phase);
  /* Translators: phase, epochs done (they are numbered from 0), planned, speed, time */
  return g_strdup_printf (_ ("%s · %u of %d epochs done · %.0f images/s · %s left"),
                          phase, n, planned_epochs (self), rate, left);
}

static char *
ended_text (NmdTrainPage *self)
{
  switch (nmd_training_get_state (self->training))
    {
    case NMD_TRAINING_STOPPED:
      return g_strdup (_ ("Stopped. The best weights so far are kept; it can go on."));
    case NMD_TRAINING_FINISHED:
      if (nmd_training_session_get_training (self->training_session) == NULL)
        return g_strdup (_ ("The course of the chosen run; starting makes a new one."));
      return g_strdup (_ ("Finished. The results are on the next page."));
    default:
      return g_strdup (nmd_training_get_error (self->training));
    }
}

/* What the weights are that the training started from. */
static void
renew_note (NmdTrainPage *self)
{
  const char *note
      = self->training != NULL ? nmd_training_get_note (self->training) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->note), note != NULL);
  gtk_label_set_text (self->note, note != NULL ? note : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->note), note);
}

/* While a data set is read there is nothing to be opened. */
static void
renew_empty (NmdTrainPage *self)
{
  gboolean loading = nmd_data_session_get_loading (self->data_session);

  adw_status_page_set_title (self->empty_page, loading ? _ ("Reading the Data Set")
                                                       : _ ("Nothing to Train On"));
  adw_status_page_set_description (
      self->empty_page,
      loading ? _ ("Training can be set up as soon as all images are read.")
              : _ ("A network learns from a data set with labels: open one first."));
  gtk_widget_set_visible (self->empty_buttons, !loading);
}

static void
renew_state (NmdTrainPage *self)
{
  gboolean running = nmd_training_session_is_running (self->training_session);
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);
  NmdRunItem *run = nmd_runs_session_get_run (self->runs_session);
  g_autofree char *text = NULL;
  gboolean ready = dataset != NULL && !nmd_data_session_get_loading (self->data_session)
                   && nmd_recipe_session_get_split_error (self->recipe_session) == NULL;
  gboolean can_resume
      = !running && run != NULL && nmd_run_get_state (run->run) == NMD_RUN_STARTED;

  gtk_stack_set_visible_child_name (
      self->stack, dataset != NULL || self->training != NULL ? "content" : "empty");
  if (running)
    text = running_text (self);
  else if (self->training != NULL)
    text = ended_text (self);
  else if (ready)
    text = g_strdup (
        _ ("Ready. Training runs in the background; the other pages stay usable."));
  else
    text = g_strdup ("");
  if (self->training != NULL && nmd_training_get_warnings (self->training)->len > 0)
    {
      GPtrArray *warnings = nmd_training_get_warnings (self->training);
      g_autofree char *with = g_strdup_printf (
          "%s · ⚠ %s", text,
          (const char *)g_ptr_array_index (warnings, warnings->len - 1));
      g_free (g_steal_pointer (&text));
      text = g_steal_pointer (&with);
    }
  renew_empty (self);
  renew_note (self);
  gtk_label_set_text (self->status, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->status), text);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), running);
  if (running)
    gtk_progress_bar_set_fraction (
        self->progress, CLAMP (nmd_training_get_fraction (self->training), 0, 1));
  gtk_widget_set_visible (GTK_WIDGET (self->start_button), !running);
  gtk_widget_set_sensitive (GTK_WIDGET (self->start_button), ready);
  gtk_widget_set_visible (GTK_WIDGET (self->stop_button), running);
  gtk_widget_set_sensitive (
      GTK_WIDGET (self->stop_button),
      running && nmd_training_get_state (self->training) == NMD_TRAINING_RUNNING);
  gtk_widget_set_visible (GTK_WIDGET (self->resume_button), can_resume);
  gtk_widget_set_sensitive (GTK_WIDGET (self->recipe), !running);
}

static void
on_training_changed (NmdTrainPage *self)
{
  renew_state (self);
  describe_charts (self);
  redraw (self);
}

typedef struct
{
  NmdTrainPage *page;
  guint number;
} Waiting;

static void
on_outcome (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;
  g_autoptr (NmdTrainPage) self = waiting->page;
  /* A run without scores has no curve; the results page says so and what helps. */
  NmdResults *outcome = nmd_job_finish (NMD_JOB (source), result, NULL);
  gboolean newest = waiting->number == self->outcome_number && self->data_session != NULL;

  g_free (waiting);
  if (!newest)
    {
      nmd_results_free (outcome);
      return;
    }
  self->outcome = outcome;
  describe_charts (self);
  redraw (self);
}

static void
ask_outcome (NmdTrainPage *self)
{
  NmdRunItem *run = nmd_runs_session_get_run (self->runs_session);

  self->outcome_number++;
  g_clear_pointer (&self->outcome, nmd_results_free);
  if (!shows_run (self) || run == NULL)
    return;
  Waiting *waiting = g_new (Waiting, 1);
  waiting->page = g_object_ref (self);
  waiting->number = self->outcome_number;
  g_autoptr (NmdJob) job = nmd_results_compute (run->run, NMD_PART_VALIDATION, FALSE, 0.5,
                                                on_outcome, waiting);
}

static void
on_training (NmdTrainPage *self)
{
  NmdRunItem *run = nmd_runs_session_get_run (self->runs_session);
  g_autoptr (NmdTraining) training = NULL;

  g_set_object (&training, nmd_training_session_get_training (self->training_session));
  if (training == NULL && run != NULL)
    training = nmd_training_new_from_run (run->run);

  if (self->training != NULL)
    g_signal_handlers_disconnect_by_data (self->training, self);
  if (g_set_object (&self->training, training))
    show_epochs (self);
  if (training != NULL)
    g_signal_connect_object (training, "changed", G_CALLBACK (on_training_changed), self,
                             G_CONNECT_SWAPPED);
  ask_outcome (self);
  on_training_changed (self);
}

static void
on_rival (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;
  g_autoptr (NmdTrainPage) self = waiting->page;
  /* Without a fit there is no rival to show; the training says why if it matters. */
  NmdRivalPreview *rival = nmd_job_finish (NMD_JOB (source), result, NULL);
  gboolean newest = waiting->number == self->rival_number && self->data_session != NULL;

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
ask_rival (NmdTrainPage *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);
  const NmdSplit *split = nmd_recipe_session_get_split (self->recipe_session);

  self->rival_number++;
  g_clear_pointer (&self->rival, nmd_rival_preview_free);
  if (dataset == NULL || split == NULL)
    return;
  Waiting *waiting = g_new (Waiting, 1);
  waiting->page = g_object_ref (self);
  waiting->number = self->rival_number;
  g_autoptr (NmdJob) job = nmd_rival_preview_start (dataset, split, on_rival, waiting);
}

static void
on_parts (NmdTrainPage *self)
{
  ask_rival (self);
  renew_split (self);
  renew_state (self);
}

/* Page */

static const char *
chosen_network (NmdTrainPage *self)
{
  guint network = adw_combo_row_get_selected (self->network);

  return network < G_N_ELEMENTS (self->network_names) ? self->network_names[network]
                                                      : NULL;
}

void
nmd_train_page_set_preset (NmdTrainPage *self, NmdPreset preset)
{
  g_return_if_fail (NMD_IS_TRAIN_PAGE (self));
  adw_combo_row_set_selected (self->preset, preset);
}

void
nmd_train_page_start (NmdTrainPage *self)
{
  g_return_if_fail (NMD_IS_TRAIN_PAGE (self));

  const char *network = chosen_network (self);
  if (network != NULL)
    nmd_training_session_start (self->training_session, network,
                                adw_combo_row_get_selected (self->preset)
                                    == NMD_PRESET_QUICK_LOOK);
}

static void
on_preset (NmdTrainPage *self)
{
  gboolean quick = adw_combo_row_get_selected (self->preset) == NMD_PRESET_QUICK_LOOK;

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->preset),
                               quick ? _ ("Ends within 3 minutes") : _ ("As published"));
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self->preset),
      quick ? _ ("A measured step says how many epochs fit into three minutes")
            : _ ("The published recipe; a laptop takes an hour or more"));
}

/* Weights to start from */

static void
on_initial (NmdTrainPage *self)
{
  const char *path = nmd_recipe_session_get_initial (self->recipe_session);
  const char *problem = nmd_recipe_session_get_initial_problem (self->recipe_session);
  const char *fit = nmd_recipe_session_get_initial_fit (self->recipe_session);
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;
  g_autofree char *text = NULL;

  if (path == NULL)
    text = g_strdup (_ ("None: fresh weights"));
  else
    text = g_strdup_printf ("%s\n%s", name,
                            problem != NULL ? _ ("Does not fit this network")
                            : fit != NULL   ? fit
                                            : "");
  adw_action_row_set_subtitle (self->initial, text);
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self->initial),
      problem != NULL ? problem
      : path != NULL
          ? path
          : _ ("A safetensors file with this network's layers, as timm or an earlier "
               "run has it"));
  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->initial), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->initial), "error");
  gtk_widget_set_visible (GTK_WIDGET (self->initial_clear), path != NULL);
}

static void
on_initial_chosen (const char *path, gpointer page)
{
  NmdTrainPage *self = page;
  const char *network = chosen_network (self);

  if (network != NULL)
    nmd_recipe_session_set_initial (self->recipe_session, path, network);
}

static void
choose_initial (NmdTrainPage *self)
{
  const char *const suffixes[] = { "safetensors", NULL };
  const NmdFileRequest request = { _ ("Start From Weights"), GTK_FILE_CHOOSER_ACTION_OPEN,
                                   _ ("Weights (safetensors)"), suffixes };

  nmd_file_dialog_present (GTK_WIDGET (self), &request, on_initial_chosen,
                           G_OBJECT (self));
}

static void
clear_initial (NmdTrainPage *self)
{
  nmd_recipe_session_set_initial (self->recipe_session, NULL, NULL);
}

static void
on_network (NmdTrainPage *self)
{
  guint n = 0;
  const NmdNetwork *networks = nmd_networks_list (&n);
  guint selected = adw_combo_row_get_selected (self->network);

  if (selected >= n)
    return;
  g_autofree char *size = nmd_network_describe_size (&networks[selected]);
  g_autofree char *initial
      = g_strdup (nmd_recipe_session_get_initial (self->recipe_session));
  adw_action_row_set_subtitle (self->layers, size);
  if (initial != NULL)
    nmd_recipe_session_set_initial (self->recipe_session, initial,
                                    networks[selected].name);
}

static void
on_layers (NmdTrainPage *self)
{
  guint n = 0;
  const NmdNetwork *networks = nmd_networks_list (&n);
  guint selected = adw_combo_row_get_selected (self->network);

  if (selected < n)
    nmd_network_dialog_present (&networks[selected],
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
}

static void
add_networks (NmdTrainPage *self)
{
  guint n = 0;
  const NmdNetwork *networks = nmd_networks_list (&n);
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  for (guint i = 0; i < MIN (n, G_N_ELEMENTS (self->network_names)); i++)
    {
      self->network_names[i] = networks[i].name;
      gtk_string_list_append (list, networks[i].title);
    }
  g_autoptr (GtkListItemFactory) factory = nmd_network_list_factory ();
  adw_combo_row_set_list_factory (self->network, factory);
  adw_combo_row_set_model (self->network, G_LIST_MODEL (list));
}

/* The rows one changes most stand open; all others are folded by group. */
static void
add_rows (NmdTrainPage *self)
{
  const char *const open[] = { "split", "epochs", "batch", "seed", NULL };
  guint n = 0;
  const NmdParameterInfo *table = nmd_parameters_list (&n);
  AdwExpanderRow *expander = NULL;
  const char *group = NULL;

  for (guint i = 0; open[i] != NULL; i++)
    adw_preferences_group_add (
        self->main_group,
        nmd_parameter_row_new (self->recipe_session, nmd_parameter_find (open[i])));
  for (guint i = 0; i < n; i++)
    {
      if (g_strv_contains (open, table[i].name))
        continue;
      if (g_strcmp0 (group, table[i].group) != 0)
        {
          group = table[i].group;
          expander = ADW_EXPANDER_ROW (adw_expander_row_new ());
          adw_preferences_row_set_title (ADW_PREFERENCES_ROW (expander),
                                         nmd_parameter_group_title (group));
          adw_preferences_group_add (self->detail_group, GTK_WIDGET (expander));
        }
      adw_expander_row_add_row (expander,
                                nmd_parameter_row_new (self->recipe_session, &table[i]));
    }
}

void
nmd_train_page_set_session (NmdTrainPage *self,
                            NmdDataSession *data_session,
                            NmdRunsSession *runs_session,
                            NmdRecipeSession *recipe_session,
                            NmdDeviceSession *devices_session,
                            NmdTrainingSession *training_session)
{
  g_return_if_fail (NMD_IS_TRAIN_PAGE (self) && self->data_session == NULL);

  self->data_session = g_object_ref (data_session);
  self->runs_session = g_object_ref (runs_session);
  self->recipe_session = g_object_ref (recipe_session);
  self->devices_session = g_object_ref (devices_session);
  self->training_session = g_object_ref (training_session);
  add_networks (self);
  add_rows (self);
  nmd_device_rows_add (self->device_group, devices_session);
  nmd_plot_area_set_func (self->loss_plot, draw_loss, self);
  nmd_plot_area_set_func (self->auc_plot, draw_auc, self);
  nmd_plot_area_set_func (self->roc_plot, draw_roc, self);
  nmd_plot_area_set_func (self->lr_plot, draw_lr, self);
  g_signal_connect_swapped (self->preset, "notify::selected", G_CALLBACK (on_preset),
                            self);
  g_signal_connect_swapped (self->network, "notify::selected", G_CALLBACK (on_network),
                            self);
  g_signal_connect_swapped (self->layers, "activated", G_CALLBACK (on_layers), self);
  g_signal_connect_swapped (self->initial, "activated", G_CALLBACK (choose_initial),
                            self);
  g_signal_connect_swapped (self->initial_clear, "clicked", G_CALLBACK (clear_initial),
                            self);
  g_signal_connect_object (recipe_session, "initial-changed", G_CALLBACK (on_initial),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->start_button, "clicked",
                            G_CALLBACK (nmd_train_page_start), self);
  g_signal_connect_object (self->stop_button, "clicked",
                           G_CALLBACK (nmd_training_session_stop), training_session,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->resume_button, "clicked",
                           G_CALLBACK (nmd_training_session_resume), training_session,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->reset_button, "clicked",
                           G_CALLBACK (nmd_recipe_session_reset), recipe_session,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe_session, "changed", G_CALLBACK (renew_changes), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe_session, "parts-changed", G_CALLBACK (on_parts), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::loading", G_CALLBACK (renew_state),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::dataset", G_CALLBACK (renew_state),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (runs_session, "notify::run", G_CALLBACK (on_training), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (training_session, "notify::training", G_CALLBACK (on_training),
                           self, G_CONNECT_SWAPPED);
  on_preset (self);
  on_network (self);
  on_initial (self);
  renew_changes (self);
  on_parts (self);
}

static void
nmd_train_page_dispose (GObject *object)
{
  NmdTrainPage *self = NMD_TRAIN_PAGE (object);

  g_clear_pointer (&self->rival, nmd_rival_preview_free);
  g_clear_pointer (&self->outcome, nmd_results_free);
  g_clear_object (&self->training);
  g_clear_object (&self->epochs_model);
  g_clear_object (&self->data_session);
  g_clear_object (&self->runs_session);
  g_clear_object (&self->recipe_session);
  g_clear_object (&self->devices_session);
  g_clear_object (&self->training_session);
  G_OBJECT_CLASS (nmd_train_page_parent_class)->dispose (object);
}

static void
nmd_train_page_class_init (NmdTrainPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_train_page_dispose;
  g_type_ensure (NMD_TYPE_PLOT_AREA);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-train-page.ui");
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, stack);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, empty_page);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, empty_buttons);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, recipe);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, preset);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, network);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, layers);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, initial);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, initial_clear);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, note);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, main_group);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, device_group);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, detail_group);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, changes);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, reset_button);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, loss_plot);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, auc_plot);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, roc_plot);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, lr_plot);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, epochs);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, no_epochs);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, split_label);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, status);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, progress);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, start_button);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, stop_button);
  gtk_widget_class_bind_template_child (widget_class, NmdTrainPage, resume_button);
}

static void
nmd_train_page_init (NmdTrainPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->epochs_model = gtk_no_selection_new (NULL);
  g_signal_connect_object (self->epochs_model, "items-changed",
                           G_CALLBACK (on_epochs_changed), self, G_CONNECT_SWAPPED);
  gtk_column_view_set_model (self->epochs, GTK_SELECTION_MODEL (self->epochs_model));
  nmd_column_add (self->epochs, _ ("Epoch"), TRUE, TRUE, cell_epoch, NULL, NULL);
  nmd_column_add (self->epochs, _ ("Loss"), TRUE, TRUE, cell_train, NULL, NULL);
  nmd_column_add (self->epochs, _ ("Val. loss"), TRUE, TRUE, cell_val, NULL, NULL);
  nmd_column_add (self->epochs, _ ("AUC"), TRUE, TRUE, cell_auc, NULL, NULL);
  nmd_column_add (self->epochs, _ ("Time"), TRUE, TRUE, cell_seconds, NULL, NULL);
}
