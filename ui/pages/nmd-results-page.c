/* SPDX-License-Identifier: Apache-2.0
 *
 * The results page. Measures are computed on the pool (nmd-run-item.c) and shown here.
 */
#include "ui/pages/nmd-results-page.h"

#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-plot-area.h"
#include "ui/widgets/nmd-thumbnail.h"

#include <glib/gi18n.h>
#include <math.h>

/* A prediction */

#define NMD_TYPE_PREDICTION (nmd_prediction_get_type ())
G_DECLARE_FINAL_TYPE (NmdPrediction, nmd_prediction, NMD, PREDICTION, GObject)

struct _NmdPrediction
{
  GObject parent_instance;
  NmdSample *sample; /* (nullable): if the run's data set is open */
  char *image;
  char *subject;
  int label;
  double score;
  NmdCell cell; /* of the image or, where subjects are measured, of its subject */
};

G_DEFINE_FINAL_TYPE (NmdPrediction, nmd_prediction, G_TYPE_OBJECT)

static void
nmd_prediction_finalize (GObject *object)
{
  NmdPrediction *self = NMD_PREDICTION (object);

  g_clear_object (&self->sample);
  g_free (self->image);
  g_free (self->subject);
  G_OBJECT_CLASS (nmd_prediction_parent_class)->finalize (object);
}

static void
nmd_prediction_class_init (NmdPredictionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_prediction_finalize;
}

static void
nmd_prediction_init (NmdPrediction *self)
{
}

static NmdCell
cell_of (int label, double score, double threshold)
{
  if (score >= threshold)
    return label == 1 ? NMD_CELL_TP : NMD_CELL_FP;
  return label == 1 ? NMD_CELL_FN : NMD_CELL_TN;
}

/* Page */

/* One measure above the charts. */
typedef struct
{
  GtkLabel *value;
  GtkLabel *interval;
} Tile;

enum
{
  TILE_AUC,
  TILE_SENSITIVITY,
  TILE_SPECIFICITY,
  TILE_ACCURACY,
  TILE_PPV,
  TILE_NPV,
  TILE_F1,
  TILE_BRIER,
  N_TILES,
};

struct _NmdResultsPage
{
  AdwBin parent_instance;

  GtkStack *stack;
  GtkStack *run_stack;
  AdwStatusPage *choose_status;
  AdwStatusPage *run_status;
  GtkButton *score_button;
  GtkButton *resume_button;
  GtkButton *data_button;
  GtkListView *runs;
  GtkBox *tiles;
  GtkDropDown *part;
  GtkDropDown *unit;
  NmdPlotArea *roc_plot;
  NmdPlotArea *matrix_plot;
  GtkColumnView *predictions;
  GtkLabel *predictions_title;
  GtkLabel *sentence;
  GtkLabel *caveat;
  GtkLabel *facts;

  NmdDataSession *data_session;
  NmdScanSession *scan_session;
  NmdRunsSession *runs_session;
  NmdTrainingSession *training_session;
  GtkSingleSelection *run_selection;
  GListStore *store;
  GtkCustomFilter *cell_filter;
  GtkFilterListModel *filtered;
  GtkSingleSelection *selection;
  Tile measures[N_TILES];

  NmdResults *results;
  NmdPart wanted_part;
  double threshold;
  guint number; /* of the newest request */
  NmdCell cell; /* chosen in the matrix */
  gboolean setting;
  gboolean dragging;
};

G_DEFINE_FINAL_TYPE (NmdResultsPage, nmd_results_page, ADW_TYPE_BIN)

static void ask_results (NmdResultsPage *self);

static const char *
class_word (NmdResultsPage *self, int label)
{
  NmdRunItem *run = nmd_runs_session_get_run (self->runs_session);
  const NmdPassport *passport = run != NULL ? nmd_run_get_passport (run->run) : NULL;

  if (passport != NULL && passport->classes[label] != NULL)
    return passport->classes[label];
  return label == 1 ? _ ("pathological") : _ ("healthy");
}

/* Charts */

static void
fill_roc (NmdResultsPage *self, NmdRocPlot *plot)
{
  const NmdRocPlot empty = NMD_ROC_PLOT_INIT;

  *plot = empty;
  plot->title = _ ("ROC");
  plot->network_title = _ ("network");
  plot->rival_title = _ ("mean grey alone");
  if (self->results == NULL)
    return;
  const NmdMeasure *auc = &self->results->metrics.auc;
  plot->roc = self->results->roc;
  plot->auc = auc->value;
  plot->auc_ci = auc->ci_subject;
  plot->auc_note = self->results->by_subject ? _ ("by subject") : _ ("by image");
  plot->rival = self->results->rival_roc;
  if (self->results->has_rival)
    plot->rival_auc = self->results->comparison.auc.value;
  plot->threshold = self->threshold;
}

static void
draw_roc (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdRocPlot plot;

  fill_roc (data, &plot);
  nmd_plot_roc (cr, &plot, rect, style);
}

static void
fill_matrix (NmdResultsPage *self, NmdMatrixPlot *plot)
{
  const NmdMatrixPlot empty = { 0 };

  *plot = empty;
  plot->title = self->results != NULL && self->results->by_subject ? _ ("Subjects")
                                                                   : _ ("Images");
  plot->classes[0] = class_word (self, 0);
  plot->classes[1] = class_word (self, 1);
  plot->have_selection = self->cell != NMD_CELL_NONE;
  plot->selected = self->cell;
  if (self->results == NULL)
    return;
  plot->tp = self->results->metrics.tp;
  plot->tn = self->results->metrics.tn;
  plot->fp = self->results->metrics.fp;
  plot->fn = self->results->metrics.fn;
}

static void
draw_matrix (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdMatrixPlot plot;

  fill_matrix (data, &plot);
  nmd_plot_matrix (cr, &plot, rect, style);
}

static void
renew_predictions_title (NmdResultsPage *self)
{
  const char *const names[] = { _ ("true negative"), _ ("false positive"),
                                _ ("false negative"), _ ("true positive") };
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));
  g_autofree char *text = NULL;

  if (self->cell == NMD_CELL_NONE)
    text = g_strdup_printf (_ ("Images, most wrong first (%u)"), n);
  else
    /* Translators: "false positive images, most wrong first (12)" */
    text = g_strdup_printf (_ ("Images, %s only (%u)"), names[self->cell], n);
  gtk_label_set_text (self->predictions_title, text);
}

static void
choose_cell (NmdResultsPage *self, NmdCell cell)
{
  self->cell = self->cell == cell ? NMD_CELL_NONE : cell;
  gtk_filter_changed (GTK_FILTER (self->cell_filter), GTK_FILTER_CHANGE_DIFFERENT);
  gtk_widget_queue_draw (GTK_WIDGET (self->matrix_plot));
  renew_predictions_title (self);
}

static void
on_matrix_pressed (
    GtkGestureClick *gesture, int n, double x, double y, NmdResultsPage *self)
{
  NmdMatrixPlot plot;
  NmdPlotStyle style;
  NmdRect rect;

  fill_matrix (self, &plot);
  nmd_plot_area_get_style (self->matrix_plot, &rect, &style);
  choose_cell (self, nmd_plot_matrix_cell_at (&plot, &rect, &style, x, y));
}

static void
move_threshold (NmdResultsPage *self, double x, double y)
{
  NmdRocPlot plot;
  NmdPlotStyle style;
  NmdRect rect;
  double threshold = 0;

  fill_roc (self, &plot);
  nmd_plot_area_get_style (self->roc_plot, &rect, &style);
  if (!nmd_plot_roc_threshold_at (&plot, &rect, &style, x, y, &threshold)
      || !isfinite (threshold))
    return;
  self->threshold = threshold;
  gtk_widget_queue_draw (GTK_WIDGET (self->roc_plot));
}

static void
on_roc_drag (GtkGestureDrag *gesture, double dx, double dy, NmdResultsPage *self)
{
  double x = 0, y = 0;

  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  move_threshold (self, x + dx, y + dy);
}

static void
on_roc_drag_end (GtkGestureDrag *gesture, double dx, double dy, NmdResultsPage *self)
{
  ask_results (self);
}

/* Showing results */

static void
show_tile (NmdResultsPage *self, int tile, const NmdMeasure *measure)
{
  g_autofree char *value = nmd_format_number (measure->value, 2);
  g_autofree char *interval = nmd_measure_interval_to_text (measure);

  gtk_label_set_text (self->measures[tile].value, value);
  gtk_label_set_text (self->measures[tile].interval, interval);
  if (!isnan (measure->ci_subject.low) && !isnan (measure->ci.low))
    {
      g_autofree char *image = nmd_format_interval (measure->ci.low, measure->ci.high);
      /* Translators: two 95 % intervals of a measure */
      g_autofree char *tip = g_strdup_printf (
          _ ("95 %% interval over subjects: %s\nas if all images were independent: %s"),
          interval, image);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->measures[tile].interval), tip);
    }
}

static void
show_tiles (NmdResultsPage *self)
{
  const NmdMetrics *m = &self->results->metrics;

  show_tile (self, TILE_AUC, &m->auc);
  show_tile (self, TILE_SENSITIVITY, &m->sensitivity);
  show_tile (self, TILE_SPECIFICITY, &m->specificity);
  show_tile (self, TILE_ACCURACY, &m->accuracy);
  show_tile (self, TILE_PPV, &m->ppv);
  show_tile (self, TILE_NPV, &m->npv);
  show_tile (self, TILE_F1, &m->f1);
  show_tile (self, TILE_BRIER, &m->brier);
}

static void
show_parts (NmdResultsPage *self)
{
  const NmdPart parts[] = { NMD_PART_TEST, NMD_PART_VALIDATION, NMD_PART_TRAIN };
  const char *const titles[]
      = { _ ("Test part"), _ ("Validation part"), _ ("Training part") };
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  guint selected = 0, n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (self->results->has_part[parts[i]])
      {
        if (self->results->part == parts[i])
          selected = n;
        gtk_string_list_append (list, titles[i]);
        n++;
      }
  self->setting = TRUE;
  gtk_drop_down_set_model (self->part, G_LIST_MODEL (list));
  gtk_drop_down_set_selected (self->part, selected);
  self->setting = FALSE;
}

/* What computed the run, in which numerics, and the weights that it started from. */
static char *
describe_making (NmdResultsPage *self)
{
  NmdRunItem *run = nmd_runs_session_get_run (self->runs_session);
  const char *scored = self->results->device;
  const char *trained = run != NULL ? nmd_run_get_device (run->run) : NULL;
  g_autofree char *initial = run != NULL ? nmd_run_get_initial (run->run) : NULL;
  GString *text = g_string_new (NULL);

  if (trained != NULL && g_strcmp0 (trained, scored) == 0)
    /* Translators: a device with its numerics */
    g_string_append_printf (text, _ ("Trained and scored by: %s. "), trained);
  else if (trained != NULL)
    g_string_append_printf (text, _ ("Trained by: %s. "), trained);
  if (scored != NULL && g_strcmp0 (trained, scored) != 0)
    g_string_append_printf (text, _ ("Scored by: %s. "), scored);
  if (initial != NULL)
    g_string_append_printf (text, "%s. ", initial);
  return g_string_free (text, FALSE);
}

static void
show_sentences (NmdResultsPage *self)
{
  const NmdResults *r = self->results;
  GString *facts = g_string_new (NULL);
  GString *caveat = g_string_new (NULL);
  gboolean average = g_strcmp0 (r->weights, "average") == 0;

  g_autofree char *caution = nmd_metrics_get_caution (&r->metrics);
  const char *gain
      = r->has_rival && r->comparison.sentence != NULL
            ? r->comparison.sentence
            : _ ("Echo intensity alone could not be fitted, so there is no rival.");
  g_autofree char *sentence
      = caution != NULL ? g_strdup_printf ("%s %s.", gain, caution) : g_strdup (gain);

  gtk_label_set_text (self->sentence, sentence);
  g_string_append_printf (facts, ngettext ("%u image", "%u images", r->metrics.n_images),
                          nmd_scores_get_n (r->scores));
  g_string_append_printf (facts, _ (" of %u subjects"), r->metrics.n_subjects);
  g_string_append_printf (facts, " · %s",
                          average ? _ ("average weights") : _ ("best weights"));
  /* Translators: positive from this score on */
  g_string_append_printf (facts, _ (" · positive from a score of %.2f"), self->threshold);
  g_string_append (facts, _ (" · 95 % intervals"));
  gtk_label_set_text (self->facts, facts->str);

  if (r->part == NMD_PART_TRAIN)
    g_string_append (caveat,
                     _ ("These images were trained on: their numbers say nothing about "
                        "new ones. "));
  if (r->caveat != NULL)
    g_string_append_printf (caveat, "%s. ", r->caveat);
  g_autofree char *making = describe_making (self);
  g_string_append_printf (caveat, "%s", making);
  g_string_append (caveat, _ ("For research and teaching; not a medical device."));
  gtk_label_set_text (self->caveat, caveat->str);
  g_string_free (facts, TRUE);
  g_string_free (caveat, TRUE);
}

static void
describe_charts (NmdResultsPage *self)
{
  const NmdMetrics *m = &self->results->metrics;
  g_autofree char *interval = nmd_format_interval (m->auc.ci.low, m->auc.ci.high);
  g_autofree char *roc
      = g_strdup_printf (_ ("ROC, AUC %.2f, 95 %% %s"), m->auc.value, interval);
  g_autofree char *matrix
      = g_strdup_printf (_ ("Confusion matrix: %u true positive, %u false negative, %u "
                            "false positive, %u true "
                            "negative"),
                         m->tp, m->fn, m->fp, m->tn);

  nmd_plot_area_set_text (self->roc_plot, roc);
  nmd_plot_area_set_text (self->matrix_plot, matrix);
}

static int
most_wrong_first (gconstpointer a, gconstpointer b)
{
  const NmdPrediction *left = *(NmdPrediction *const *)a,
                      *right = *(NmdPrediction *const *)b;
  double wrong_left = fabs (left->label - left->score);
  double wrong_right = fabs (right->label - right->score);

  return wrong_left < wrong_right ? 1 : wrong_left > wrong_right ? -1 : 0;
}

static void
show_predictions (NmdResultsPage *self)
{
  const NmdResults *r = self->results;
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) cells = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean same = nmd_runs_session_has_data (self->runs_session);

  for (guint i = 0; r->by_subject && i < nmd_scores_get_n (r->units); i++)
    {
      const NmdScore *unit = nmd_scores_get (r->units, i);
      g_hash_table_insert (
          cells, (char *)unit->subject,
          GINT_TO_POINTER (cell_of (unit->label, unit->score, self->threshold)));
    }
  for (guint i = 0; i < nmd_scores_get_n (r->scores); i++)
    {
      const NmdScore *score = nmd_scores_get (r->scores, i);
      NmdPrediction *item = g_object_new (NMD_TYPE_PREDICTION, NULL);
      item->image = g_strdup (score->image);
      item->subject = g_strdup (score->subject);
      item->label = score->label;
      item->score = score->score;
      item->cell
          = r->by_subject
                ? (NmdCell)GPOINTER_TO_INT (g_hash_table_lookup (cells, score->subject))
                : cell_of (score->label, score->score, self->threshold);
      if (same)
        g_set_object (&item->sample, nmd_dataset_find (dataset, score->image));
      g_ptr_array_add (items, item);
    }
  g_ptr_array_sort (items, most_wrong_first);
  g_list_store_splice (self->store, 0,
                       g_list_model_get_n_items (G_LIST_MODEL (self->store)),
                       items->pdata, items->len);
  renew_predictions_title (self);
}

static void
show_results (NmdResultsPage *self)
{
  gtk_stack_set_visible_child_name (self->run_stack, "results");
  show_tiles (self);
  show_parts (self);
  show_sentences (self);
  show_predictions (self);
  describe_charts (self);
  gtk_widget_queue_draw (GTK_WIDGET (self->roc_plot));
  gtk_widget_queue_draw (GTK_WIDGET (self->matrix_plot));
}

/* Asking */

typedef struct
{
  NmdResultsPage *page;
  guint number;
} Waiting;

/* A run without scores: what can be done about it. */
static void
show_no_results (NmdResultsPage *self, const GError *error)
{
  NmdRunItem *run = nmd_runs_session_get_run (self->runs_session);
  gboolean unfinished = run != NULL && nmd_run_get_state (run->run) == NMD_RUN_STARTED;
  /* No table of scores is the ordinary case; any other reason is told as it is. */
  gboolean absent = g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT)
                    || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  const char *text
      = unfinished ? _ ("It stopped before its images were scored. Its best weights so "
                        "far can score them now.")
                   : _ ("Its weights can score the images now.");

  g_clear_pointer (&self->results, nmd_results_free);
  gtk_stack_set_visible_child_name (self->run_stack, "none");
  adw_status_page_set_title (self->run_status, unfinished ? _ ("This Run Is Not Finished")
                                                          : _ ("Not Scored Yet"));
  adw_status_page_set_description (self->run_status,
                                   absent || error == NULL ? text : error->message);
  gtk_widget_set_visible (GTK_WIDGET (self->score_button), run != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->resume_button), unfinished);
}

static void
on_results (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;
  g_autoptr (NmdResultsPage) self = waiting->page;
  guint number = waiting->number;
  g_autoptr (GError) error = NULL;
  NmdResults *results = nmd_job_finish (NMD_JOB (source), result, &error);

  g_free (waiting);
  if (number != self->number || self->data_session == NULL)
    {
      nmd_results_free (results);
      return;
    }
  if (results == NULL)
    {
      show_no_results (self, error);
      return;
    }
  nmd_results_free (self->results);
  self->results = results;
  show_results (self);
}

static void
ask_results (NmdResultsPage *self)
{
  NmdRunItem *run = nmd_runs_session_get_run (self->runs_session);

  self->number++;
  if (run == NULL)
    return;
  Waiting *waiting = g_new (Waiting, 1);
  waiting->page = g_object_ref (self);
  waiting->number = self->number;
  g_autoptr (NmdJob) job = nmd_results_compute (
      run->run, self->wanted_part, gtk_drop_down_get_selected (self->unit) == 1,
      self->threshold, on_results, waiting);
}

/* Offered while the table has no pictures. */
static void
renew_data_button (NmdResultsPage *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->data_button),
                          nmd_runs_session_get_run (self->runs_session) != NULL
                              && !nmd_runs_session_has_data (self->runs_session)
                              && !nmd_data_session_get_loading (self->data_session));
}

static void
on_data_button (NmdResultsPage *self)
{
  nmd_runs_session_open_data (self->runs_session, NULL);
}

static void
on_run (NmdResultsPage *self)
{
  NmdRunItem *run = nmd_runs_session_get_run (self->runs_session);
  GListModel *model = G_LIST_MODEL (self->run_selection);
  guint n = g_list_model_get_n_items (model);
  guint place = GTK_INVALID_LIST_POSITION;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NmdRunItem) other = g_list_model_get_item (model, i);
      if (other == run)
        place = i;
    }
  self->setting = TRUE;
  gtk_single_selection_set_selected (self->run_selection, place);
  self->setting = FALSE;
  self->wanted_part = NMD_PART_NONE;
  self->threshold = 0.5;
  self->cell = NMD_CELL_NONE;
  if (run == NULL)
    gtk_stack_set_visible_child_name (self->run_stack, "choose");
  adw_status_page_set_title (self->choose_status,
                             run == NULL ? _ ("Choose a Run") : _ ("Measuring the Run"));
  adw_status_page_set_description (
      self->choose_status, run == NULL
                               ? _ ("The list on the left has every training made here.")
                               : _ ("Its scores are being read."));
  renew_data_button (self);
  ask_results (self);
}

static void
on_run_selected (NmdResultsPage *self)
{
  NmdRunItem *run = gtk_single_selection_get_selected_item (self->run_selection);

  if (!self->setting && run != NULL)
    nmd_runs_session_set_run (self->runs_session, run);
}

static void
on_runs_changed (NmdResultsPage *self)
{
  GListModel *runs = nmd_runs_session_get_runs (self->runs_session);

  gtk_stack_set_visible_child_name (
      self->stack, g_list_model_get_n_items (runs) > 0 ? "content" : "empty");
}

static void
on_part (NmdResultsPage *self)
{
  const NmdPart parts[] = { NMD_PART_TEST, NMD_PART_VALIDATION, NMD_PART_TRAIN };
  guint selected = gtk_drop_down_get_selected (self->part);
  guint n = 0;

  if (self->setting || self->results == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (self->results->has_part[parts[i]] && n++ == selected)
      self->wanted_part = parts[i];
  ask_results (self);
}

static void
on_unit (NmdResultsPage *self)
{
  if (!self->setting)
    ask_results (self);
}

/* Lists */

static void
on_run_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *subtitle = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (subtitle), 0);
  gtk_label_set_wrap (GTK_LABEL (subtitle), TRUE);
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (subtitle, "caption");
  gtk_widget_add_css_class (subtitle, "dim-label");
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), subtitle);
  gtk_list_item_set_child (item, box);
}

static void
on_run_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  NmdRunItem *run = gtk_list_item_get_item (item);
  GtkWidget *title = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget *subtitle = gtk_widget_get_next_sibling (title);
  g_autofree char *text
      = nmd_run_get_state (run->run) == NMD_RUN_STARTED
            /* Translators: a run that was stopped, in the list of runs */
            ? g_strdup_printf (_ ("%s · not finished"), run->subtitle)
            : g_strdup (run->subtitle);

  gtk_label_set_text (GTK_LABEL (title), run->title);
  gtk_label_set_text (GTK_LABEL (subtitle), text);
  gtk_widget_set_tooltip_text (gtk_list_item_get_child (item), run->folder);
}

static void
on_thumb_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *thumbnail = nmd_thumbnail_new (44);

  gtk_widget_set_halign (thumbnail, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (thumbnail, "nmd-bare");
  gtk_list_item_set_child (item, thumbnail);
}

static void
on_thumb_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  NmdPrediction *prediction = gtk_list_item_get_item (item);

  nmd_thumbnail_set_sample (NMD_THUMBNAIL (gtk_list_item_get_child (item)),
                            prediction->sample);
}

static void
on_thumb_unbind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  nmd_thumbnail_set_sample (NMD_THUMBNAIL (gtk_list_item_get_child (item)), NULL);
}

static char *
cell_image (gpointer item, const char **css, gpointer data)
{
  return g_path_get_basename (NMD_PREDICTION (item)->image);
}

static char *
cell_label (gpointer item, const char **css, gpointer data)
{
  return g_strdup (class_word (data, NMD_PREDICTION (item)->label));
}

static char *
cell_score (gpointer item, const char **css, gpointer data)
{
  NmdPrediction *prediction = NMD_PREDICTION (item);
  NmdResultsPage *self = data;
  NmdCell cell = cell_of (prediction->label, prediction->score, self->threshold);

  *css = cell == NMD_CELL_FP || cell == NMD_CELL_FN ? "error" : NULL;
  return nmd_format_number (prediction->score, 2);
}

static gboolean
matches_cell (gpointer item, gpointer data)
{
  NmdResultsPage *self = data;

  return self->cell == NMD_CELL_NONE || NMD_PREDICTION (item)->cell == self->cell;
}

static void
on_prediction_activated (GtkColumnView *view, guint position, NmdResultsPage *self)
{
  g_autoptr (NmdPrediction) prediction
      = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (prediction == NULL || prediction->sample == NULL)
    return;
  nmd_scan_session_set_sample (self->scan_session, prediction->sample);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.page", "s", "explain");
}

static void
add_tiles (NmdResultsPage *self)
{
  const struct
  {
    const char *title, *help;
  } texts[N_TILES] = {
    { _ ("AUC"),
      _ ("Chance that a random positive scores higher than a random negative") },
    { _ ("Sensitivity"), _ ("Share of the positives that are found") },
    { _ ("Specificity"), _ ("Share of the negatives that are left alone") },
    { _ ("Accuracy"), _ ("Share of all that are right") },
    { _ ("PPV"),
      _ ("Share of those called positive that are positive, at the share of positives "
         "in this part") },
    { _ ("NPV"),
      _ ("Share of those called negative that are negative, at the share of positives "
         "in this part") },
    { _ ("F1"), _ ("Harmonic mean of sensitivity and PPV") },
    { _ ("Brier"), _ ("Mean squared distance of score and label; lower is better") },
  };

  for (int i = 0; i < N_TILES; i++)
    {
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
      GtkWidget *title = gtk_label_new (texts[i].title);
      self->measures[i].value = GTK_LABEL (gtk_label_new ("–"));
      self->measures[i].interval = GTK_LABEL (gtk_label_new (""));
      gtk_widget_add_css_class (title, "caption-heading");
      gtk_widget_add_css_class (title, "dim-label");
      gtk_widget_add_css_class (GTK_WIDGET (self->measures[i].value), "nmd-figure");
      gtk_widget_add_css_class (GTK_WIDGET (self->measures[i].value), "numeric");
      gtk_widget_add_css_class (GTK_WIDGET (self->measures[i].interval), "caption");
      gtk_widget_add_css_class (GTK_WIDGET (self->measures[i].interval), "numeric");
      gtk_widget_add_css_class (GTK_WIDGET (self->measures[i].interval), "dim-label");
      gtk_label_set_xalign (GTK_LABEL (title), 0);
      gtk_label_set_xalign (self->measures[i].value, 0);
      gtk_label_set_xalign (self->measures[i].interval, 0);
      gtk_widget_set_tooltip_text (box, texts[i].help);
      gtk_box_append (GTK_BOX (box), title);
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->measures[i].value));
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->measures[i].interval));
      gtk_box_append (self->tiles, box);
    }
}

static void
make_tables (NmdResultsPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkListItemFactory *thumbs = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_run_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_run_bind), NULL);
  gtk_list_view_set_factory (self->runs, factory);
  g_object_unref (factory);

  g_signal_connect (thumbs, "setup", G_CALLBACK (on_thumb_setup), NULL);
  g_signal_connect (thumbs, "bind", G_CALLBACK (on_thumb_bind), NULL);
  g_signal_connect (thumbs, "unbind", G_CALLBACK (on_thumb_unbind), NULL);
  GtkColumnViewColumn *column = gtk_column_view_column_new ("", thumbs);
  gtk_column_view_append_column (self->predictions, column);
  g_object_unref (column);
  nmd_column_add (self->predictions, _ ("Image"), FALSE, TRUE, cell_image, NULL, NULL);
  nmd_column_add (self->predictions, _ ("Label"), FALSE, FALSE, cell_label, self, NULL);
  nmd_column_add (self->predictions, _ ("Score"), TRUE, FALSE, cell_score, self, NULL);

  self->store = g_list_store_new (NMD_TYPE_PREDICTION);
  self->cell_filter = gtk_custom_filter_new (matches_cell, self, NULL);
  self->filtered
      = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->store)),
                                   g_object_ref (GTK_FILTER (self->cell_filter)));
  self->selection
      = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->filtered)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_column_view_set_model (self->predictions, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect (self->predictions, "activate", G_CALLBACK (on_prediction_activated),
                    self);
}

void
nmd_results_page_set_session (NmdResultsPage *self,
                              NmdDataSession *data_session,
                              NmdScanSession *scan_session,
                              NmdRunsSession *runs_session,
                              NmdTrainingSession *training_session)
{
  g_return_if_fail (NMD_IS_RESULTS_PAGE (self) && self->data_session == NULL);

  self->data_session = g_object_ref (data_session);
  self->scan_session = g_object_ref (scan_session);
  self->runs_session = g_object_ref (runs_session);
  self->training_session = g_object_ref (training_session);
  self->run_selection = gtk_single_selection_new (
      g_object_ref (nmd_runs_session_get_runs (runs_session)));
  gtk_single_selection_set_autoselect (self->run_selection, FALSE);
  gtk_single_selection_set_can_unselect (self->run_selection, TRUE);
  gtk_list_view_set_model (self->runs, GTK_SELECTION_MODEL (self->run_selection));
  g_signal_connect_object (self->run_selection, "notify::selected-item",
                           G_CALLBACK (on_run_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (nmd_runs_session_get_runs (runs_session), "items-changed",
                           G_CALLBACK (on_runs_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (runs_session, "notify::run", G_CALLBACK (on_run), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::dataset", G_CALLBACK (ask_results),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->score_button, "clicked",
                           G_CALLBACK (nmd_training_session_evaluate), training_session,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->resume_button, "clicked",
                           G_CALLBACK (nmd_training_session_resume), training_session,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::dataset",
                           G_CALLBACK (renew_data_button), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::loading",
                           G_CALLBACK (renew_data_button), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->data_button, "clicked", G_CALLBACK (on_data_button),
                           self, G_CONNECT_SWAPPED);
  /* Who comes to see results is shown some. */
  g_signal_connect_object (self, "map", G_CALLBACK (nmd_runs_session_want_one),
                           runs_session, G_CONNECT_SWAPPED);
  on_runs_changed (self);
  on_run (self);
}

static void
nmd_results_page_dispose (GObject *object)
{
  NmdResultsPage *self = NMD_RESULTS_PAGE (object);

  if (self->cell_filter != NULL)
    gtk_custom_filter_set_filter_func (self->cell_filter, NULL, NULL, NULL);
  g_clear_object (&self->run_selection);
  g_clear_object (&self->selection);
  g_clear_object (&self->filtered);
  g_clear_object (&self->cell_filter);
  g_clear_object (&self->store);
  g_clear_object (&self->data_session);
  g_clear_object (&self->scan_session);
  g_clear_object (&self->runs_session);
  g_clear_object (&self->training_session);
  g_clear_pointer (&self->results, nmd_results_free);
  G_OBJECT_CLASS (nmd_results_page_parent_class)->dispose (object);
}

static void
nmd_results_page_class_init (NmdResultsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_results_page_dispose;
  g_type_ensure (NMD_TYPE_PLOT_AREA);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-results-page.ui");
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, run_stack);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, choose_status);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, run_status);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, score_button);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, resume_button);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, data_button);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, runs);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, tiles);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, part);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, unit);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, roc_plot);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, matrix_plot);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, predictions);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, predictions_title);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, sentence);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, caveat);
  gtk_widget_class_bind_template_child (widget_class, NmdResultsPage, facts);
}

static void
nmd_results_page_init (NmdResultsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->threshold = 0.5;
  self->cell = NMD_CELL_NONE;
  add_tiles (self);
  make_tables (self);
  nmd_plot_area_set_func (self->roc_plot, draw_roc, self);
  nmd_plot_area_set_func (self->matrix_plot, draw_matrix, self);
  g_signal_connect_swapped (self->part, "notify::selected", G_CALLBACK (on_part), self);
  g_signal_connect_swapped (self->unit, "notify::selected", G_CALLBACK (on_unit), self);

  GtkGesture *click = gtk_gesture_click_new ();
  g_signal_connect (click, "pressed", G_CALLBACK (on_matrix_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self->matrix_plot),
                             GTK_EVENT_CONTROLLER (click));
  GtkGesture *drag = gtk_gesture_drag_new ();
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_roc_drag), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_roc_drag_end), self);
  gtk_widget_add_controller (GTK_WIDGET (self->roc_plot), GTK_EVENT_CONTROLLER (drag));
}
