/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of predictions. Scores and threshold are the results'.
 */
#include "ui/pages/nmd-predictions.h"

#include "engine/core/nmd-csv.h"
#include "ui/dialogs/nmd-export-menu.h"
#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-tab-leaves.h"
#include "ui/widgets/nmd-thumbnail.h"

#include <glib/gi18n.h>
#include <math.h>

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
  char *unit;   /* that image or subject */
  guint bin;    /* of its score */
  int unit_label;
};

G_DEFINE_FINAL_TYPE (NmdPrediction, nmd_prediction, G_TYPE_OBJECT)

static void
nmd_prediction_finalize (GObject *object)
{
  NmdPrediction *self = NMD_PREDICTION (object);

  g_clear_object (&self->sample);
  g_free (self->image);
  g_free (self->subject);
  g_free (self->unit);
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

struct _NmdPredictions
{
  GtkBox parent_instance;

  GtkLabel *title;
  GtkColumnView *table;

  GListStore *store;
  GtkCustomFilter *cell_filter;
  GtkFilterListModel *filtered;
  GtkSingleSelection *selection;
  char *classes[2];
  double threshold;
  NmdCell cell; /* whose images are listed; or */
  int bin;      /* of scores, −1: none; with */
  int label;    /* its label; or */
  char *unit;   /* one image or subject; or all */
};

static guint chosen;

G_DEFINE_FINAL_TYPE (NmdPredictions, nmd_predictions, GTK_TYPE_BOX)

static void
show_title (NmdPredictions *self)
{
  const char *const names[] = { _ ("true negative"), _ ("false positive"),
                                _ ("false negative"), _ ("true positive") };
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));
  g_autofree char *text = NULL;

  if (self->unit != NULL)
    {
      g_autofree char *name = g_path_get_basename (self->unit);
      /* Translators: the images of one subject, or one image, by name */
      text = g_strdup_printf (_ ("Images, %s only (%u)"), name, n);
    }
  else if (self->bin >= 0)
    {
      g_autofree char *low = nmd_format_number (self->bin / (double)NMD_SCORE_BINS, 2);
      g_autofree char *high
          = nmd_format_number ((self->bin + 1) / (double)NMD_SCORE_BINS, 2);
      /* Translators: a class, and two scores */
      text = g_strdup_printf (_ ("Images, %s with score %s to %s (%u)"),
                              self->classes[self->label], low, high, n);
    }
  else if (self->cell == NMD_CELL_NONE)
    text = g_strdup_printf (_ ("Images, most wrong first (%u)"), n);
  else
    /* Translators: "false positive images, most wrong first (12)" */
    text = g_strdup_printf (_ ("Images, %s only (%u)"), names[self->cell], n);
  gtk_label_set_text (self->title, text);
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
  return g_strdup (((NmdPredictions *)data)->classes[NMD_PREDICTION (item)->label]);
}

static char *
cell_score (gpointer item, const char **css, gpointer data)
{
  NmdPrediction *prediction = NMD_PREDICTION (item);
  NmdPredictions *self = data;
  NmdCell cell = cell_of (prediction->label, prediction->score, self->threshold);

  *css = cell == NMD_CELL_FP || cell == NMD_CELL_FN ? "error" : NULL;
  return nmd_format_number (prediction->score, 2);
}

static gboolean
matches_cell (gpointer item, gpointer data)
{
  NmdPredictions *self = data;
  NmdPrediction *prediction = item;

  if (self->unit != NULL)
    return g_strcmp0 (prediction->unit, self->unit) == 0;
  if (self->bin >= 0)
    return prediction->bin == (guint)self->bin && prediction->unit_label == self->label;
  return self->cell == NMD_CELL_NONE || prediction->cell == self->cell;
}

static void
on_prediction_activated (GtkColumnView *view, guint position, NmdPredictions *self)
{
  g_autoptr (NmdPrediction) prediction
      = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (prediction == NULL || prediction->sample == NULL)
    return;
  g_signal_emit (self, chosen, 0, prediction->sample);
}

void
nmd_predictions_show (NmdPredictions *self,
                      const NmdRunResults *r,
                      NmdDataset *dataset,
                      const char *const classes[2])
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) units = g_hash_table_new (g_str_hash, g_str_equal);
  double threshold = r->threshold;

  self->threshold = threshold;
  for (int i = 0; i < 2; i++)
    {
      g_free (self->classes[i]);
      self->classes[i] = g_strdup (classes[i]);
    }
  for (guint i = 0; r->by_subject && i < nmd_scores_get_n (r->units); i++)
    {
      const NmdScore *unit = nmd_scores_get (r->units, i);
      g_hash_table_insert (units, (char *)unit->subject, (gpointer)unit);
    }
  for (guint i = 0; i < nmd_scores_get_n (r->scores); i++)
    {
      const NmdScore *score = nmd_scores_get (r->scores, i);
      const NmdScore *unit = g_hash_table_lookup (units, nmd_score_group (score));
      NmdPrediction *item = g_object_new (NMD_TYPE_PREDICTION, NULL);
      item->image = g_strdup (score->image);
      item->subject = g_strdup (score->subject);
      item->unit = g_strdup (unit != NULL ? unit->subject : score->image);
      if (unit == NULL)
        unit = score;
      item->label = score->label;
      item->score = score->score;
      item->cell = cell_of (unit->label, unit->score, threshold);
      item->bin = nmd_plot_score_bin (unit->score);
      item->unit_label = unit->label;
      if (dataset != NULL)
        g_set_object (&item->sample, nmd_dataset_find (dataset, score->image));
      g_ptr_array_add (items, item);
    }
  g_ptr_array_sort (items, most_wrong_first);
  g_list_store_splice (self->store, 0,
                       g_list_model_get_n_items (G_LIST_MODEL (self->store)),
                       items->pdata, items->len);
  show_title (self);
}

/* What is listed, in the words of predictions.csv. */
static char *
to_csv (gpointer data)
{
  NmdPredictions *self = data;
  GString *text = g_string_new ("image,subject,label,score");

  nmd_csv_end_line (text);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->filtered)); i++)
    {
      g_autoptr (NmdPrediction) item
          = g_list_model_get_item (G_LIST_MODEL (self->filtered), i);

      nmd_csv_append (text, item->image);
      nmd_csv_append (text, item->subject != NULL ? item->subject : "");
      nmd_csv_append_number (text, item->label);
      nmd_csv_append_number (text, item->score);
      nmd_csv_end_line (text);
    }
  return g_string_free (text, FALSE);
}

void
nmd_predictions_set_session (NmdPredictions *self,
                             NmdDataSession *data,
                             NmdScanSession *scan)
{
  g_return_if_fail (NMD_IS_PREDICTIONS (self));
  nmd_export_menu_attach_table (self->table, "predictions", to_csv, self, data, scan);
}

static void
list_only (NmdPredictions *self, NmdCell cell, int bin, int label, const char *unit)
{
  char *copy = g_strdup (unit);

  self->cell = cell;
  self->bin = bin;
  self->label = label;
  g_free (self->unit);
  self->unit = copy;
  gtk_filter_changed (GTK_FILTER (self->cell_filter), GTK_FILTER_CHANGE_DIFFERENT);
  show_title (self);
}

void
nmd_predictions_set_cell (NmdPredictions *self, NmdCell cell)
{
  g_return_if_fail (NMD_IS_PREDICTIONS (self));
  list_only (self, cell, -1, 0, NULL);
}

void
nmd_predictions_set_bin (NmdPredictions *self, guint bin, int label)
{
  g_return_if_fail (NMD_IS_PREDICTIONS (self));
  list_only (self, NMD_CELL_NONE, (int)bin, label, NULL);
}

void
nmd_predictions_set_unit (NmdPredictions *self, const char *unit)
{
  g_return_if_fail (NMD_IS_PREDICTIONS (self));
  list_only (self, NMD_CELL_NONE, -1, 0, unit);
}

static void
nmd_predictions_dispose (GObject *object)
{
  NmdPredictions *self = NMD_PREDICTIONS (object);

  if (self->cell_filter != NULL)
    gtk_custom_filter_set_filter_func (self->cell_filter, NULL, NULL, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->filtered);
  g_clear_object (&self->cell_filter);
  g_clear_object (&self->store);
  gtk_widget_dispose_template (GTK_WIDGET (self), NMD_TYPE_PREDICTIONS);
  G_OBJECT_CLASS (nmd_predictions_parent_class)->dispose (object);
}

static void
nmd_predictions_finalize (GObject *object)
{
  NmdPredictions *self = NMD_PREDICTIONS (object);

  g_free (self->classes[0]);
  g_free (self->classes[1]);
  g_free (self->unit);
  G_OBJECT_CLASS (nmd_predictions_parent_class)->finalize (object);
}

static void
nmd_predictions_class_init (NmdPredictionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_predictions_dispose;
  G_OBJECT_CLASS (klass)->finalize = nmd_predictions_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-predictions.ui");
  gtk_widget_class_bind_template_child (widget_class, NmdPredictions, title);
  gtk_widget_class_bind_template_child (widget_class, NmdPredictions, table);
  chosen = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                         NULL, NULL, G_TYPE_NONE, 1, NMD_TYPE_SAMPLE);
}

static void
nmd_predictions_init (NmdPredictions *self)
{
  GtkListItemFactory *thumbs = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->cell = NMD_CELL_NONE;
  self->bin = -1;
  g_signal_connect (thumbs, "setup", G_CALLBACK (on_thumb_setup), NULL);
  g_signal_connect (thumbs, "bind", G_CALLBACK (on_thumb_bind), NULL);
  g_signal_connect (thumbs, "unbind", G_CALLBACK (on_thumb_unbind), NULL);
  GtkColumnViewColumn *column = gtk_column_view_column_new ("", thumbs);
  gtk_column_view_append_column (self->table, column);
  g_object_unref (column);
  nmd_column_add (self->table, _ ("Image"), FALSE, TRUE, cell_image, NULL, NULL);
  nmd_column_add (self->table, _ ("Label"), FALSE, FALSE, cell_label, self, NULL);
  nmd_column_add (self->table, _ ("Score"), TRUE, FALSE, cell_score, self, NULL);

  nmd_tab_leaves_set (GTK_WIDGET (self->table));
  self->store = g_list_store_new (NMD_TYPE_PREDICTION);
  self->cell_filter = gtk_custom_filter_new (matches_cell, self, NULL);
  self->filtered
      = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->store)),
                                   g_object_ref (GTK_FILTER (self->cell_filter)));
  self->selection
      = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->filtered)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect (self->table, "activate", G_CALLBACK (on_prediction_activated), self);
}
