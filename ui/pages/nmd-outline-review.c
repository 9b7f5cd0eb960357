/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of a run that finds outlines. What a measure is, is engine/eval's; the outline of the chosen image is
 * found anew, since runs keep numbers and no masks.
 */
#include "ui/pages/nmd-outline-review.h"

#include "ui/dialogs/nmd-export-menu.h"
#include "ui/pages/nmd-outline-rows.h"
#include "ui/pages/nmd-outline-tiles.h"
#include "ui/session/nmd-findings.h"
#include "ui/session/nmd-result-words.h"
#include "ui/session/nmd-run-outlines.h"
#include "ui/session/nmd-scan-proposal.h"
#include "ui/widgets/nmd-image-view.h"
#include "ui/widgets/nmd-plot-area.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* The widget */

#define N_BINS 20

struct _NmdOutlineReview
{
  GtkBox parent_instance;

  NmdOutlineTiles *tiles;
  GtkLabel *facts;
  GtkButton *data_button;
  GtkDropDown *part;
  NmdPlotArea *dice_plot;
  NmdPlotArea *agreement_plot;
  GtkLabel *agreement;
  GtkStack *picture;
  GtkLabel *no_picture;
  NmdImageView *view;
  GtkLabel *said;
  GtkLabel *heading;
  GtkColumnView *table;
  GtkLabel *caveat;

  NmdDataSession *data;
  NmdRunsSession *runs;
  NmdDeviceSession *devices;
  NmdTrainingSession *training;

  GListStore *store;
  GtkSingleSelection *selection;
  NmdRunOutlines *results; /* (nullable) */
  NmdRunItem *of;          /* (nullable): the run that they are of */
  NmdPart wanted;
  guint bins[N_BINS];
  GArray *means; /* of double, by row of the table: mean of both echo intensities … */
  GArray *differences; /* … and proposed minus expert's; NaN where one has none */
  guint number;        /* of the newest request */
  NmdJob *asked;       /* (nullable): the newest question about an outline */
  gboolean setting;
};

enum
{
  READ,
  CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdOutlineReview, nmd_outline_review, GTK_TYPE_BOX)

/* Distribution */

static void
draw_dice (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  NmdOutlineReview *self = data;
  NmdHistogramPlot plot = NMD_HISTOGRAM_PLOT_INIT;

  plot.title = _ ("Dice of the images");
  plot.low = 0;
  plot.high = 1;
  plot.x_title = _ ("Dice");
  plot.n = N_BINS;
  if (self->results != NULL)
    {
      plot.counts = self->bins;
      plot.mean = self->results->results.measures[NMD_OUTLINE_DICE].mean;
    }
  nmd_plot_histogram (cr, &plot, rect, style);
}

static void
count_bins (NmdOutlineReview *self)
{
  memset (self->bins, 0, sizeof self->bins);
  for (guint i = 0; i < nmd_outline_table_get_n (self->results->table); i++)
    {
      double dice = nmd_outline_table_get (self->results->table, i)->measures.dice;
      self->bins[MIN ((int)(dice * N_BINS), N_BINS - 1)]++;
    }
  gtk_widget_queue_draw (GTK_WIDGET (self->dice_plot));
}

/* Agreement of echo intensities */

static int
selected_row (NmdOutlineReview *self)
{
  NmdOutlined *item = gtk_single_selection_get_selected_item (self->selection);

  for (guint i = 0; item != NULL && i < nmd_outline_table_get_n (self->results->table);
       i++)
    if (nmd_outline_table_get (self->results->table, i) == item->row)
      return (int)i;
  return -1;
}

static void
fill_agreement (NmdOutlineReview *self, NmdAgreementPlot *plot)
{
  *plot = (NmdAgreementPlot){ .title = _ ("Echo intensity"),
                              .x_title = _ ("mean of proposed and expert's"),
                              .y_title = _ ("proposed − expert's"),
                              .decimals = 1,
                              .selected = -1,
                              .empty = _ ("No image has both echo intensities") };
  if (self->results == NULL)
    return;
  plot->means = (const double *)self->means->data;
  plot->differences = (const double *)self->differences->data;
  plot->n = self->means->len;
  plot->agreement = self->results->results.echo_by_image;
  plot->selected = selected_row (self);
}

static void
draw_agreement (cairo_t *cr,
                const NmdRect *rect,
                const NmdPlotStyle *style,
                gpointer data)
{
  NmdAgreementPlot plot;

  fill_agreement (data, &plot);
  nmd_plot_agreement (cr, &plot, rect, style);
}

static void
list_agreement (NmdOutlineReview *self)
{
  g_array_set_size (self->means, 0);
  g_array_set_size (self->differences, 0);
  for (guint i = 0; i < nmd_outline_table_get_n (self->results->table); i++)
    {
      const NmdOutlineMeasures *m
          = &nmd_outline_table_get (self->results->table, i)->measures;
      double mean = (m->echo + m->echo_reference) / 2;
      double difference = m->echo - m->echo_reference;
      g_array_append_val (self->means, mean);
      g_array_append_val (self->differences, difference);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self->agreement_plot));
}

/* The list inside the table has the action. */
static void
scroll_to (NmdOutlineReview *self, guint place)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->table));
       child != NULL; child = gtk_widget_get_next_sibling (child))
    gtk_widget_activate_action (child, "list.scroll-to-item", "u", place);
}

/* The image of the point is chosen in the table. */
static void
on_point_pressed (
    GtkGestureClick *gesture, int n, double x, double y, NmdOutlineReview *self)
{
  NmdAgreementPlot plot;
  NmdPlotStyle style;
  NmdRect rect;

  if (self->results == NULL)
    return;
  fill_agreement (self, &plot);
  nmd_plot_area_get_style (self->agreement_plot, &rect, &style);
  int row = nmd_plot_agreement_at (&plot, &rect, &style, x, y, 12);
  for (guint i = 0; row >= 0 && i < g_list_model_get_n_items (G_LIST_MODEL (self->store));
       i++)
    {
      g_autoptr (NmdOutlined) item
          = g_list_model_get_item (G_LIST_MODEL (self->store), i);
      if (item->row == nmd_outline_table_get (self->results->table, (guint)row))
        {
          gtk_single_selection_set_selected (self->selection, i);
          scroll_to (self, i);
        }
    }
}

/* Saving and copying */

/* The rows as they are listed. */
static char *
to_csv (gpointer data)
{
  NmdOutlineReview *self = data;
  g_autoptr (NmdOutlineTable) table = nmd_outline_table_new ();

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->store)); i++)
    {
      g_autoptr (NmdOutlined) item
          = g_list_model_get_item (G_LIST_MODEL (self->store), i);
      nmd_outline_table_add (table, item->row);
    }
  return nmd_outline_table_to_csv (table);
}

/* What figures that leave the window say. */
static void
set_notes (NmdOutlineReview *self, const char *facts)
{
  const char *const titles[]
      = { _ ("Training part"), _ ("Validation part"), _ ("Test part") };
  const char *sign = nmd_run_get_passport (self->of->run)->synthetic
                         ? nmd_words_of_note (NMD_SYNTHETIC)
                         : NULL;
  const NmdPart part = self->results->part;
  g_autofree char *caption
      = part == NMD_PART_NONE
            ? g_strdup (facts)
            : g_strdup_printf ("%s: %s", titles[part - NMD_PART_TRAIN], facts);

  nmd_plot_area_set_note (self->dice_plot, sign, caption);
  nmd_plot_area_set_note (self->agreement_plot, sign, caption);
}

/* Sentences */

static void
show_sentences (NmdOutlineReview *self)
{
  const NmdRunOutlines *r = self->results;
  const NmdOutlineResults *results = &r->results;
  GString *facts = g_string_new (NULL), *caveat = g_string_new (NULL);
  g_autofree char *agreement = nmd_words_of_agreement (
      results->has_subjects ? &results->echo_by_subject : &results->echo_by_image,
      results->has_subjects);

  g_string_append_printf (facts, ngettext ("%u image", "%u images", results->n_images),
                          results->n_images);
  /* Translators: after a number of images */
  g_string_append_printf (
      facts, ngettext (" of %u subject", " of %u subjects", results->n_subjects),
      results->n_subjects);
  if (r->weights != NULL)
    g_string_append_printf (facts, " · %s",
                            g_str_equal (r->weights, "average") ? _ ("average weights")
                                                                : _ ("best weights"));
  g_string_append (
      facts, results->has_subjects
                 ? /* xgettext:no-c-format */ _ (" · means, 95 % intervals by subject")
                 : /* xgettext:no-c-format */ _ (" · means, 95 % intervals by image"));
  if (results->n_no_outline > 0)
    g_string_append_printf (facts, _ (" · no outline found in %u"),
                            results->n_no_outline);
  if (results->n_warned > 0)
    g_string_append_printf (
        facts,
        ngettext (" · %u outline flagged", " · %u outlines flagged", results->n_warned),
        results->n_warned);
  g_autofree char *findings = nmd_findings_of_run (self->of->run);
  g_string_append (facts, findings);
  gtk_label_set_text (self->facts, facts->str);
  set_notes (self, facts->str);
  g_string_free (facts, TRUE);
  /* Translators: agreement of echo intensities by subject */
  g_autofree char *text = g_strdup_printf (_ ("Echo intensity: %s"), agreement);
  gtk_label_set_text (self->agreement, text);
  nmd_plot_area_set_text (self->agreement_plot, text);
  /* Translators: the placeholders are Dice of the images: mean, SD, and how many images */
  g_autofree char *dice = g_strdup_printf (
      ngettext ("Dice of the images %.3f ± %.3f, %u image",
                "Dice of the images %.3f ± %.3f, %u images", results->n_images),
      results->measures[NMD_OUTLINE_DICE].mean, results->measures[NMD_OUTLINE_DICE].sd,
      results->n_images);
  nmd_plot_area_set_text (self->dice_plot, dice);

  if (r->part == NMD_PART_TRAIN)
    g_string_append (caveat, _ ("These images were trained on: their numbers say nothing "
                                "about new ones. "));
  for (guint i = 0; r->notes[i] != NULL; i++)
    g_string_append_printf (caveat, _ ("%s. "), nmd_words_of_note (r->notes[i]));
  if (r->device != NULL)
    /* Translators: a device with its numerics */
    g_string_append_printf (caveat, _ ("Outlines found by: %s. "), r->device);
  g_string_append (caveat, _ ("For research and teaching; not a medical device."));
  gtk_label_set_text (self->caveat, caveat->str);
  g_string_free (caveat, TRUE);
}

static void
show_parts (NmdOutlineReview *self)
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

static void
on_part (NmdOutlineReview *self)
{
  const NmdPart parts[] = { NMD_PART_TEST, NMD_PART_VALIDATION, NMD_PART_TRAIN };
  guint selected = gtk_drop_down_get_selected (self->part);
  guint n = 0;

  if (self->setting || self->results == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (self->results->has_part[parts[i]] && n++ == selected)
      self->wanted = parts[i];
  nmd_outline_review_ask (self);
}

/* Both outlines of the chosen image */

static NmdSample *
chosen_sample (NmdOutlineReview *self)
{
  NmdOutlined *item = gtk_single_selection_get_selected_item (self->selection);
  NmdDataset *dataset = nmd_runs_session_has_shown_data (self->runs)
                            ? nmd_data_session_get_dataset (self->data)
                            : NULL;

  return item != NULL && dataset != NULL ? nmd_dataset_find (dataset, item->row->image)
                                         : NULL;
}

static void
show_no_picture (NmdOutlineReview *self, const char *text)
{
  gtk_label_set_text (self->no_picture, text);
  gtk_label_set_text (self->said, "");
  gtk_stack_set_visible_child_name (self->picture, "none");
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdOutlineReview) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScanProposal) answer = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->asked != NMD_JOB (source) || self->runs == NULL)
    return;
  g_clear_object (&self->asked);
  if (answer == NULL)
    {
      gboolean stopped = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      show_no_picture (self, error != NULL && !stopped ? error->message : "");
      return;
    }
  g_autofree char *text = nmd_scan_proposal_to_text (answer);
  g_autofree char *title
      = answer->proposal.mask == NULL
            ? g_strdup (_ ("No outline found"))
            /* Translators: in a legend: the outline that a network found */
            : g_strdup_printf (_ ("Proposal · Dice %.3f"), answer->measures.dice);
  nmd_image_view_set_scan (self->view, answer->scan);
  nmd_image_view_set_proposal (self->view, answer->lines, title);
  gtk_label_set_text (self->said, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->said), text);
  gtk_stack_set_visible_child_name (self->picture, "view");
}

static void
show_picture (NmdOutlineReview *self)
{
  NmdSample *sample = self->runs != NULL ? chosen_sample (self) : NULL;
  NmdModel *model
      = self->runs != NULL ? nmd_runs_session_get_outline_model (self->runs) : NULL;

  g_clear_object (&self->asked);
  /* Out of sight, or before the results of a newly chosen run are there, nothing is asked or chosen. */
  if (self->runs == NULL || self->results == NULL
      || !gtk_widget_get_mapped (GTK_WIDGET (self))
      || nmd_runs_session_get_shown (self->runs) != self->of)
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->data_button),
                          !nmd_runs_session_has_shown_data (self->runs)
                              && !nmd_data_session_get_loading (self->data));
  if (sample == NULL)
    {
      show_no_picture (self,
                       nmd_data_session_get_loading (self->data)
                           ? _ ("The data set is being read.")
                       : nmd_runs_session_has_shown_data (self->runs)
                           ? _ ("Choose an image to see both outlines.")
                           : _ ("With its data set open, both outlines stand here."));
      return;
    }
  /* The run that is shown finds the outlines that it is judged by. */
  if (nmd_runs_session_get_outline_run (self->runs) != self->of)
    {
      show_no_picture (self, _ ("The run's weights are being read, or it has none yet"));
      nmd_runs_session_set_outline_run (self->runs, self->of);
      return;
    }
  show_no_picture (
      self, model != NULL ? _ ("Finding the outline…")
                          : _ ("The run's weights are being read, or it has none yet"));
  if (model == NULL)
    return;
  const NmdProposalRequest request = {
    .sample = sample,
    .model = model,
    .device = nmd_device_session_get (self->devices),
    .busy = nmd_training_session_get_job (self->training) != NULL,
  };
  self->asked = nmd_scan_proposal_start (&request, on_answer, g_object_ref (self));
}

/* The table */

static void
fill_table (NmdOutlineReview *self)
{
  NmdOutlineTable *table = self->results->table;
  g_autoptr (GPtrArray) items = nmd_outlined_list (table);

  self->setting = TRUE;
  g_list_store_splice (self->store, 0,
                       g_list_model_get_n_items (G_LIST_MODEL (self->store)),
                       items->pdata, items->len);
  gtk_single_selection_set_selected (self->selection,
                                     items->len > 0 ? 0 : GTK_INVALID_LIST_POSITION);
  self->setting = FALSE;
  /* Translators: the placeholder counts images */
  g_autofree char *text
      = g_strdup_printf (_ ("Images, worst outline first (%u)"), items->len);
  gtk_label_set_text (self->heading, text);
}

static void
on_selected (NmdOutlineReview *self)
{
  if (self->setting)
    return;
  gtk_widget_queue_draw (GTK_WIDGET (self->agreement_plot));
  show_picture (self);
}

static void
on_activated (GtkColumnView *view, guint position, NmdOutlineReview *self)
{
  NmdSample *sample = chosen_sample (self);

  if (sample != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, sample);
}

/* Asking */

typedef struct
{
  NmdOutlineReview *review;
  NmdRunItem *of;
  guint number;
} Waiting;

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;
  g_autoptr (NmdOutlineReview) self = waiting->review;
  g_autoptr (NmdRunItem) of = waiting->of;
  gboolean newest = waiting->number == self->number && self->runs != NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRunOutlines) results = nmd_job_finish (NMD_JOB (source), result, &error);

  g_free (waiting);
  if (!newest)
    return;
  nmd_run_outlines_free (self->results);
  self->results = g_steal_pointer (&results);
  g_set_object (&self->of, of);
  if (self->results != NULL)
    {
      nmd_outline_tiles_show (self->tiles, &self->results->results);
      show_parts (self);
      show_sentences (self);
      count_bins (self);
      fill_table (self);
      list_agreement (self);
      show_picture (self);
    }
  g_signal_emit (self, signals[READ], 0, error);
}

void
nmd_outline_review_ask (NmdOutlineReview *self)
{
  g_return_if_fail (NMD_IS_OUTLINE_REVIEW (self));

  NmdRunItem *run = nmd_runs_session_get_shown (self->runs);
  g_return_if_fail (run != NULL && nmd_run_item_is_for (run, NMD_TASK_SEGMENT));
  if (run != self->of)
    self->wanted = NMD_PART_NONE;
  Waiting *waiting = g_new (Waiting, 1);
  waiting->review = g_object_ref (self);
  waiting->of = g_object_ref (run);
  waiting->number = ++self->number;
  g_autoptr (NmdJob) job
      = nmd_run_outlines_read (run->run, self->wanted, on_read, waiting);
}

static void
on_data_button (NmdOutlineReview *self)
{
  nmd_runs_session_open_data (self->runs, NULL);
}

void
nmd_outline_review_set_session (NmdOutlineReview *self,
                                NmdDataSession *data_session,
                                NmdScanSession *scan_session,
                                NmdRunsSession *runs_session,
                                NmdDeviceSession *devices_session,
                                NmdTrainingSession *training_session)
{
  g_return_if_fail (NMD_IS_OUTLINE_REVIEW (self) && self->runs == NULL);

  self->data = g_object_ref (data_session);
  self->runs = g_object_ref (runs_session);
  self->devices = g_object_ref (devices_session);
  self->training = g_object_ref (training_session);
  g_signal_connect_object (data_session, "notify::dataset", G_CALLBACK (show_picture),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::loading", G_CALLBACK (show_picture),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (runs_session, "notify::has-outline-model",
                           G_CALLBACK (show_picture), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->data_button, "clicked", G_CALLBACK (on_data_button),
                           self, G_CONNECT_SWAPPED);
  nmd_export_menu_attach (GTK_WIDGET (self->dice_plot), "dice", data_session,
                          scan_session);
  nmd_export_menu_attach (GTK_WIDGET (self->agreement_plot), "echo-intensity",
                          data_session, scan_session);
  nmd_export_menu_attach_table (self->table, "outlines", to_csv, self, data_session,
                                scan_session);
}

static void
nmd_outline_review_dispose (GObject *object)
{
  NmdOutlineReview *self = NMD_OUTLINE_REVIEW (object);

  self->setting = TRUE;
  g_clear_object (&self->selection);
  g_clear_object (&self->store);
  g_clear_object (&self->asked);
  g_clear_object (&self->data);
  g_clear_object (&self->runs);
  g_clear_object (&self->devices);
  g_clear_object (&self->training);
  g_clear_object (&self->of);
  g_clear_pointer (&self->results, nmd_run_outlines_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), NMD_TYPE_OUTLINE_REVIEW);
  G_OBJECT_CLASS (nmd_outline_review_parent_class)->dispose (object);
}

static void
nmd_outline_review_finalize (GObject *object)
{
  NmdOutlineReview *self = NMD_OUTLINE_REVIEW (object);

  g_array_unref (self->means);
  g_array_unref (self->differences);
  G_OBJECT_CLASS (nmd_outline_review_parent_class)->finalize (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdOutlineReview, child)

static void
nmd_outline_review_class_init (NmdOutlineReviewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_outline_review_dispose;
  G_OBJECT_CLASS (klass)->finalize = nmd_outline_review_finalize;
  g_type_ensure (NMD_TYPE_PLOT_AREA);
  g_type_ensure (NMD_TYPE_IMAGE_VIEW);
  g_type_ensure (NMD_TYPE_OUTLINE_TILES);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-outline-review.ui");
  BIND (tiles);
  BIND (facts);
  BIND (data_button);
  BIND (part);
  BIND (dice_plot);
  BIND (agreement_plot);
  BIND (agreement);
  BIND (picture);
  BIND (no_picture);
  BIND (view);
  BIND (said);
  BIND (heading);
  BIND (table);
  BIND (caveat);
  signals[READ] = g_signal_new ("read", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, NMD_TYPE_SAMPLE);
}

static void
nmd_outline_review_init (NmdOutlineReview *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (show_picture), NULL);
  nmd_plot_area_set_func (self->dice_plot, draw_dice, self);
  nmd_plot_area_set_func (self->agreement_plot, draw_agreement, self);
  GtkGesture *click = gtk_gesture_click_new ();
  g_signal_connect (click, "pressed", G_CALLBACK (on_point_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self->agreement_plot),
                             GTK_EVENT_CONTROLLER (click));
  self->means = g_array_new (FALSE, FALSE, sizeof (double));
  self->differences = g_array_new (FALSE, FALSE, sizeof (double));
  self->store = g_list_store_new (NMD_TYPE_OUTLINED);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->store)));
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
  nmd_outlined_add_columns (self->table);
  g_signal_connect_swapped (self->selection, "notify::selected", G_CALLBACK (on_selected),
                            self);
  g_signal_connect (self->table, "activate", G_CALLBACK (on_activated), self);
  g_signal_connect_swapped (self->part, "notify::selected", G_CALLBACK (on_part), self);
}
