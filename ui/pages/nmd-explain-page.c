/* SPDX-License-Identifier: Apache-2.0
 *
 * The explain page. Questions are the session's; the saved picture is ui/plot's.
 */
#include "ui/pages/nmd-explain-page.h"

#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-image-view.h"
#include "ui/widgets/nmd-plot-area.h"
#include "ui/widgets/nmd-thumbnail.h"
#include "ui/plot/nmd-figure.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _NmdExplainPage
{
  AdwBin parent_instance;

  GtkStack *stack;
  GtkListView *list;
  GtkWidget *list_side;
  NmdImageView *image;
  NmdImageView *overlay;
  NmdPlotArea *bar;
  GtkLabel *image_title;
  GtkLabel *overlay_title;
  GtkLabel *overlay_note;
  GtkToggleButton *pan_button;
  GtkToggleButton *box_button;
  GtkToggleButton *polygon_button;
  GtkButton *erase_button;
  GtkButton *mask_button;
  GtkScale *brightness;
  GtkScale *contrast;
  GtkScale *opacity;
  GtkToggleButton *outline_button;
  GtkButton *fit_button;
  GtkLabel *not_meaningful;
  GtkLabel *score;
  GtkLabel *score_note;
  GtkLabel *fit;
  GtkSwitch *override_switch;
  GtkWidget *override_row;
  GtkLabel *echo;
  GtkLabel *shares;
  NmdPlotArea *histogram;
  GtkWidget *model_controls;
  GtkWidget *overlay_side;
  GtkWidget *map_controls;
  GtkWidget *train_button;
  GtkLabel *truth;
  GtkDropDown *target;
  GtkDropDown *layer;
  GtkDropDown *colours;
  GtkButton *save_button;
  GtkButton *copy_button;
  GtkButton *previous_button;
  GtkButton *next_button;

  NmdNotices *notices;
  NmdDataSession *data_session;
  NmdScanSession *scan_session;
  NmdRunsSession *runs_session;
  NmdRecipeSession *recipe_session;
  NmdExplanationSession *explanation_session;
  GtkSingleSelection *selection;
  NmdExplanation *answer; /* a reference of our own to what was answered */
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (NmdExplainPage, nmd_explain_page, ADW_TYPE_BIN)

/* What may be shown */

static gboolean
overridden (NmdExplainPage *self)
{
  return nmd_explanation_session_get_override (self->explanation_session);
}

/* A model's word about a scan that does not fit it is shown to teachers only. */
static gboolean
may_show (NmdExplainPage *self)
{
  return self->answer != NULL && self->answer->map != NULL
         && (self->answer->verdict.is_scored || overridden (self));
}

static gboolean
is_meaningless (NmdExplainPage *self)
{
  return self->answer != NULL && !self->answer->verdict.is_scored && overridden (self);
}

static NmdColours
chosen_colours (NmdExplainPage *self)
{
  return gtk_drop_down_get_selected (self->colours) == 1 ? NMD_COLOURS_JET
                                                         : NMD_COLOURS_UNIFORM;
}

static const char *
class_word (NmdExplainPage *self, int label)
{
  NmdModel *model = nmd_runs_session_get_model (self->runs_session);
  const NmdPassport *passport = model != NULL ? nmd_model_get_passport (model) : NULL;

  if (passport != NULL && passport->classes[label] != NULL)
    return passport->classes[label];
  return label == 1 ? _ ("pathological") : _ ("healthy");
}

/* Pictures */

static void
show_map (NmdExplainPage *self)
{
  NmdMap *map = may_show (self) ? self->answer->map : NULL;
  g_autoptr (GdkTexture) texture = NULL;
  const char *note = "";

  if (map != NULL && !map->no_positive_evidence)
    {
      int width = map->box.x1 - map->box.x0, height = map->box.y1 - map->box.y0;
      texture = gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8A8,
                                        self->answer->colours[chosen_colours (self)],
                                        (gsize)width * 4);
    }
  nmd_image_view_set_overlay (self->overlay, texture, map != NULL ? &map->box : NULL);
  if (map != NULL && map->no_positive_evidence)
    note = _ (
        "No positive evidence: nothing in this scan speaks for this class at this layer");
  else if (map != NULL)
    note = _ ("where the network was sensitive, not where disease is");
  else if (nmd_runs_session_get_model (self->runs_session) == NULL)
    note = _ ("A map needs a trained model");
  gtk_label_set_text (self->overlay_note, note);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), texture != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->opacity), texture != NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self->bar));
}

static void
draw_bar (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  nmd_overlay_draw_bar (cr, chosen_colours (data), rect, style);
}

/* Grey levels inside the outline. */
static void
draw_histogram (cairo_t *cr,
                const NmdRect *rect,
                const NmdPlotStyle *style,
                gpointer data)
{
  NmdExplainPage *self = data;
  NmdScan *scan
      = self->notices != NULL ? nmd_scan_session_get_scan (self->scan_session) : NULL;
  NmdHistogramPlot plot = NMD_HISTOGRAM_PLOT_INIT;

  if (scan == NULL || scan->echo.n == 0)
    return;
  plot.counts = scan->echo.histogram;
  plot.n = 256;
  plot.mean = scan->echo.mean;
  nmd_plot_histogram (cr, &plot, rect, style);
}

/* What it says */

static gboolean
has_runs (NmdExplainPage *self)
{
  GListModel *runs = nmd_runs_session_get_runs (self->runs_session);

  return g_list_model_get_n_items (runs) > 0;
}

static void
show_score (NmdExplainPage *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  NmdModel *model = nmd_runs_session_get_model (self->runs_session);
  g_autofree char *score = NULL;
  g_autofree char *note = NULL;

  if (model == NULL && nmd_runs_session_get_run (self->runs_session) != NULL)
    note = g_strdup (_ ("No score: the chosen run's model is not read yet, or missing."));
  else if (model == NULL && has_runs (self))
    note = g_strdup (
        _ ("No score: no run is chosen. Outline and echo intensity need none."));
  else if (model == NULL)
    note = g_strdup (
        _ ("No score: there is no trained model. Outline and echo intensity need none."));
  else if (scan != NULL && scan->mask == NULL)
    note = g_strdup (
        _ ("No score: this scan has no outline yet. Draw a box or a polygon, or open "
           "its mask."));
  else if (may_show (self))
    {
      score = g_strdup_printf ("%.2f", self->answer->map->score);
      /* Translators: the score's class; a score is no probability */
      note = g_strdup_printf (
          _ ("score for “%s”, from 0 to 1; not a probability of disease"),
          class_word (self, 1));
    }
  else if (self->answer != NULL && !self->answer->verdict.is_scored)
    /* Translators: the placeholder is the reason */
    note = g_strdup_printf (_ ("No score: %s."), self->answer->verdict.reason);
  else
    note = g_strdup ("…");
  gtk_label_set_text (self->score, score != NULL ? score : "");
  gtk_widget_set_visible (GTK_WIDGET (self->score), score != NULL);
  gtk_label_set_text (self->score_note, note);
}

static void
show_fit (NmdExplainPage *self)
{
  const NmdExplanation *a = self->answer;
  g_autofree char *text = NULL;

  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  /* Without an outline no question was put, so there is nothing to show all the same. */
  gboolean asked = scan != NULL && scan->mask != NULL;

  gtk_widget_set_visible (self->override_row,
                          asked && a != NULL && !a->verdict.is_scored);
  gtk_widget_set_visible (GTK_WIDGET (self->not_meaningful), is_meaningless (self));
  /* Where no score is shown for it, the reason stands in the score's place already. */
  gboolean told = a != NULL && !a->verdict.is_scored && !may_show (self);
  gtk_widget_set_visible (GTK_WIDGET (self->fit),
                          asked && !told
                              && nmd_runs_session_get_model (self->runs_session) != NULL);
  if (a == NULL)
    text = g_strdup ("…");
  else if (a->verdict.fit == NMD_FIT_YES)
    text = g_strdup (_ ("The scan fits the model"));
  else if (a->verdict.fit == NMD_FIT_UNKNOWN)
    text = a->verdict.reason != NULL
               ? g_strdup_printf (_ ("Cannot be judged: %s"), a->verdict.reason)
               : g_strdup (_ ("Cannot be judged: too little is known of this scan"));
  else
    text = g_strdup_printf (_ ("Does not fit: %s"), a->verdict.reason);
  gtk_label_set_text (self->fit, text);
  gtk_widget_remove_css_class (GTK_WIDGET (self->fit), "warning");
  gtk_widget_remove_css_class (GTK_WIDGET (self->fit), "success");
  if (a != NULL && a->verdict.fit != NMD_FIT_YES)
    gtk_widget_add_css_class (GTK_WIDGET (self->fit), "warning");
  else if (a != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->fit), "success");
}

static void
show_shares (NmdExplainPage *self)
{
  const NmdMap *map = may_show (self) ? self->answer->map : NULL;
  g_autofree char *text = NULL;

  if (map == NULL || isnan (map->inside))
    text = g_strdup ("–");
  else
    /* Translators: shares of a heat map inside the outline, on its edge, outside */
    text = g_strdup_printf (_ ("inside %.0f %% · edge %.0f %%\noutside %.0f %%"),
                            100 * map->inside, 100 * map->edge, 100 * map->outside);
  gtk_label_set_text (self->shares, text);
}

static const char *
part_words (NmdExplainPage *self, NmdSample *sample)
{
  NmdRunItem *run = nmd_runs_session_get_run (self->runs_session);
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);

  if (sample != NULL && run != NULL && nmd_data_session_get_loading (self->data_session))
    return _ ("part not known until all images are read");
  if (sample == NULL || run == NULL || dataset == NULL
      || g_strcmp0 (nmd_run_get_dataset_hash (run->run), nmd_dataset_get_hash (dataset))
             != 0)
    return _ ("not in the model's data set");
  switch (nmd_recipe_session_get_part (self->recipe_session, sample))
    {
    case NMD_PART_TRAIN:
      return _ ("trained on");
    case NMD_PART_VALIDATION:
      return _ ("validation part");
    case NMD_PART_TEST:
      return _ ("held out (test)");
    default:
      return _ ("not in the run");
    }
}

static void
show_scan (NmdExplainPage *self, NmdScan *scan)
{
  g_autofree char *echo = NULL;
  g_autofree char *truth = NULL;

  if (scan->echo.n > 0)
    echo
        = g_strdup_printf (_ ("%.1f ± %.1f grey levels"), scan->echo.mean, scan->echo.sd);
  else
    echo = g_strdup (_ ("none without an outline"));
  gtk_label_set_text (self->echo, echo);
  gtk_widget_set_visible (GTK_WIDGET (self->histogram), scan->echo.n > 0);
  gtk_widget_queue_draw (GTK_WIDGET (self->histogram));
  nmd_plot_area_set_text (self->histogram, echo);
  if (scan->sample != NULL && nmd_runs_session_get_model (self->runs_session) == NULL)
    truth = g_strdup (scan->sample->label_word);
  else if (scan->sample != NULL)
    truth = g_strdup_printf ("%s · %s", scan->sample->label_word,
                             part_words (self, scan->sample));
  else
    truth = g_strdup (scan->source == NMD_ROI_DRAWN ? _ ("unknown; outline drawn here")
                      : scan->source == NMD_ROI_MASK
                          ? _ ("unknown; outline from a mask file")
                          : _ ("unknown"));
  gtk_label_set_text (self->truth, truth);
  gtk_label_set_text (self->image_title, scan->name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->image_title), scan->path);
}

static void
show_title (NmdExplainPage *self)
{
  const NmdMap *map = may_show (self) ? self->answer->map : NULL;
  g_autofree char *text = NULL;

  if (map == NULL)
    text = g_strdup (_ ("Map over the image"));
  else
    /* Translators: class explained, layer, its grid */
    text = g_strdup_printf (_ ("“%s” · %s, %d × %d"), class_word (self, map->target),
                            map->layer, map->grid_width, map->grid_height);
  gtk_label_set_text (self->overlay_title, text);
}

static void
renew (NmdExplainPage *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  gboolean any = scan != NULL;
  gboolean has_model = nmd_runs_session_get_model (self->runs_session) != NULL;

  gtk_stack_set_visible_child_name (self->stack, any ? "content" : "empty");
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), any);
  gtk_widget_set_sensitive (GTK_WIDGET (self->copy_button), any);
  gtk_widget_set_sensitive (GTK_WIDGET (self->erase_button), any && scan->mask != NULL);
  gtk_widget_set_visible (self->model_controls, has_model);
  /* Without a model the scan has the whole room. */
  gtk_widget_set_visible (self->overlay_side, has_model);
  gtk_widget_set_visible (self->map_controls, has_model);
  gboolean may_choose
      = has_runs (self) && nmd_runs_session_get_run (self->runs_session) == NULL;
  gtk_button_set_label (GTK_BUTTON (self->train_button),
                        may_choose ? _ ("_Choose a Run") : _ ("_Train a Network"));
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->train_button), "s",
                                    may_choose ? "results" : "train");
  gtk_widget_set_visible (
      self->train_button,
      !has_model && nmd_data_session_get_dataset (self->data_session) != NULL);
  if (!any)
    return;
  show_scan (self, scan);
  show_map (self);
  show_title (self);
  show_score (self);
  show_fit (self);
  show_shares (self);
}

/* Asking */

static void
ask (NmdExplainPage *self)
{
  guint target = gtk_drop_down_get_selected (self->target);
  GtkStringObject *layer = gtk_drop_down_get_selected_item (self->layer);
  gboolean own = gtk_drop_down_get_selected (self->layer) == 0;

  if (self->setting)
    return;
  nmd_explanation_session_ask (
      self->explanation_session, (int)target - 1,
      own || layer == NULL ? NULL : gtk_string_object_get_string (layer));
}

static void
ask_if_seen (NmdExplainPage *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    ask (self);
}

static void
on_map (NmdExplainPage *self)
{
  if (self->notices != NULL && self->answer == NULL)
    ask (self);
}

static void
on_explanation (NmdExplanationSession *session,
                NmdExplanation *answer,
                NmdExplainPage *self)
{
  g_clear_pointer (&self->answer, nmd_explanation_free);
  if (answer != NULL)
    self->answer = nmd_explanation_copy (answer);
  renew (self);
}

static void
on_scan (NmdExplainPage *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);

  g_clear_pointer (&self->answer, nmd_explanation_free);
  nmd_image_view_set_scan (self->image, scan);
  nmd_image_view_set_scan (self->overlay, scan);
  renew (self);
  if (scan != NULL)
    ask_if_seen (self);
}

/* Names of blocks whose value is a map: "stem_pw", "blocks.3", "expand_pw". */
static gboolean
is_block_name (const char *name)
{
  gboolean after_dot = FALSE;

  if (name == NULL || *name == '\0' || strchr (name, ':') != NULL)
    return FALSE;
  for (const char *c = name; *c != '\0'; c++)
    {
      if (after_dot && !g_ascii_isdigit (*c))
        return FALSE;
      if (*c == '.')
        {
          if (after_dot)
            return FALSE;
          after_dot = TRUE;
        }
    }
  return TRUE;
}

static void
renew_layers (NmdExplainPage *self)
{
  NmdModel *model = nmd_runs_session_get_model (self->runs_session);
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  g_auto (NmdNetworkGraph) graph = { 0 };

  if (model != NULL)
    {
      const NmdNetwork *network = nmd_model_get_network (model);
      gtk_string_list_append (list, network->cam_layer);
      if (nmd_network_inference (&graph, network, 2, 1, NULL))
        for (int i = nmd_graph_get_n_nodes (graph.graph) - 1; i >= 0; i--)
          {
            const NmdNodeInfo *node = nmd_graph_get (graph.graph, i);
            if (node->op != NMD_OP_STORE && node->op != NMD_OP_INPUT
                && node->shape.n_dims == 4 && node->shape.dims[2] > 1
                && is_block_name (node->name)
                && strcmp (node->name, network->cam_layer) != 0)
              gtk_string_list_append (list, node->name);
          }
    }
  self->setting = TRUE;
  gtk_drop_down_set_model (self->layer, G_LIST_MODEL (list));
  gtk_drop_down_set_selected (self->layer, 0);
  self->setting = FALSE;
}

static void
renew_targets (NmdExplainPage *self)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  gtk_string_list_append (list, _ ("predicted class"));
  gtk_string_list_append (list, class_word (self, 0));
  gtk_string_list_append (list, class_word (self, 1));
  self->setting = TRUE;
  gtk_drop_down_set_model (self->target, G_LIST_MODEL (list));
  gtk_drop_down_set_selected (self->target, 0);
  self->setting = FALSE;
}

static void
on_model (NmdExplainPage *self)
{
  g_clear_pointer (&self->answer, nmd_explanation_free);
  renew_layers (self);
  renew_targets (self);
  renew (self);
  if (nmd_scan_session_get_scan (self->scan_session) != NULL)
    ask_if_seen (self);
}

/* Outline */

static void
on_tool (NmdExplainPage *self)
{
  NmdTool tool = gtk_toggle_button_get_active (self->box_button)       ? NMD_TOOL_BOX
                 : gtk_toggle_button_get_active (self->polygon_button) ? NMD_TOOL_POLYGON
                                                                       : NMD_TOOL_PAN;

  nmd_image_view_set_tool (self->image, tool);
}

static void
on_shape_drawn (
    NmdImageView *view, double *points, guint n, gboolean is_box, NmdExplainPage *self)
{
  gtk_toggle_button_set_active (self->pan_button, TRUE);
  nmd_scan_session_draw_outline (self->scan_session, points, n, is_box);
}

static void
on_erase (NmdExplainPage *self)
{
  nmd_scan_session_draw_outline (self->scan_session, NULL, 0, FALSE);
}

static void
on_mask_chosen (GtkNativeDialog *dialog, int response, NmdExplainPage *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);

  if (response == GTK_RESPONSE_ACCEPT && scan != NULL)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      if (file != NULL && g_file_peek_path (file) != NULL)
        nmd_scan_session_open_image (self->scan_session, scan->path,
                                     g_file_peek_path (file));
    }
  g_object_unref (dialog);
}

static void
on_open_mask (NmdExplainPage *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkFileChooserNative *dialog
      = gtk_file_chooser_native_new (_ ("Mask of This Image"), GTK_WINDOW (root),
                                     GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  /* Masks lie beside their images or near them. */
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, _ ("Images"));
  gtk_file_filter_add_pixbuf_formats (filter);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  if (scan != NULL)
    {
      g_autofree char *folder = g_path_get_dirname (scan->path);
      g_autoptr (GFile) file = g_file_new_for_path (folder);
      gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), file, NULL);
    }
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_mask_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* Saving */

/* The figure's facts; texts live in @keep until it is drawn. */
static void
fill_figure (NmdExplainPage *self, NmdExplainFigure *figure, GPtrArray *keep)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  NmdModel *model = nmd_runs_session_get_model (self->runs_session);
  NmdRunItem *run = nmd_runs_session_get_run (self->runs_session);
  const NmdOverlay overlay = NMD_OVERLAY_INIT;
  double contrast = 1, brightness = 0;

  memset (figure, 0, sizeof *figure);
  figure->overlay = overlay;
  g_object_get (self->image, "contrast", &contrast, "brightness", &brightness, NULL);
  /* The same grey levels as nmd_texture_new_grey(): black and white where its line
   * reaches 0 and 1. */
  figure->overlay.black = 255 * (0.5 - (0.5 + brightness / 2) / contrast);
  figure->overlay.white = 255 * (0.5 + (0.5 - brightness / 2) / contrast);
  figure->overlay.image = scan->image;
  figure->overlay.mask = scan->mask;
  figure->overlay.map = may_show (self) ? self->answer->map : NULL;
  figure->overlay.colours = chosen_colours (self);
  figure->overlay.opacity = gtk_range_get_value (GTK_RANGE (self->opacity));
  figure->overlay.show_outline = gtk_toggle_button_get_active (self->outline_button);
  figure->overlay.show_box = figure->overlay.show_outline;
  figure->overlay.synthetic
      = scan->image->is_synthetic || (scan->sample != NULL && scan->sample->is_synthetic);
  if (is_meaningless (self))
    {
      /* Translators: across a saved picture; the placeholder is the reason */
      char *text
          = g_strdup_printf (_ ("Not meaningful: %s"), self->answer->verdict.reason);
      g_ptr_array_add (keep, text);
      figure->overlay.not_meaningful = text;
    }
  figure->image_name = scan->name;
  figure->classes[0] = class_word (self, 0);
  figure->classes[1] = class_word (self, 1);
  figure->part = part_words (self, scan->sample);
  if (model != NULL)
    {
      g_autofree char *folder
          = run != NULL ? g_path_get_basename (run->folder) : g_strdup ("");
      char *text = g_strdup_printf (_ ("%s, %s weights, run %s"),
                                    nmd_model_get_network (model)->title,
                                    nmd_model_get_which (model), folder);
      g_ptr_array_add (keep, text);
      figure->model = text;
      if (figure->overlay.map != NULL && self->answer->device != NULL)
        {
          char *with
              = g_strdup_printf (_ ("%s; computed by %s"), text, self->answer->device);
          g_ptr_array_add (keep, with);
          figure->model = with;
        }
    }
  if (self->answer != NULL && self->answer->verdict.fit != NMD_FIT_YES)
    figure->fit = self->answer->verdict.reason;
  figure->show_score = may_show (self);
  figure->echo_mean = scan->echo.n > 0 ? scan->echo.mean : NAN;
  figure->echo_sd = scan->echo.n > 0 ? scan->echo.sd : NAN;
}

static GBytes *
render_figure (NmdExplainPage *self, GError **error)
{
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func (g_free);
  NmdExplainFigure figure;
  NmdPlotStyle style;

  fill_figure (self, &figure, keep);
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  return nmd_figure_explain (&figure, NMD_FIGURE_PNG, 1, &style, error);
}

static void
on_save_chosen (GtkNativeDialog *dialog, int response, NmdExplainPage *self)
{
  g_autoptr (GError) error = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autoptr (GBytes) png = render_figure (self, &error);
      if (png != NULL && file != NULL)
        nmd_explanation_session_save (self->explanation_session, g_file_peek_path (file),
                                      png);
      else if (error != NULL)
        nmd_notices_error (self->notices, error);
    }
  g_object_unref (dialog);
}

void
nmd_explain_page_save (NmdExplainPage *self)
{
  g_return_if_fail (NMD_IS_EXPLAIN_PAGE (self));

  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  if (scan == NULL)
    return;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Save Picture"), GTK_WINDOW (root), GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  g_autofree char *base = g_path_get_basename (scan->name);
  char *dot = strrchr (base, '.');
  if (dot != NULL)
    *dot = '\0';
  g_autofree char *name = g_strdup_printf ("%s-explained.png", base);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_save_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
nmd_explain_page_copy (NmdExplainPage *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  g_return_if_fail (NMD_IS_EXPLAIN_PAGE (self));
  if (nmd_scan_session_get_scan (self->scan_session) == NULL)
    return;
  png = render_figure (self, &error);
  if (png != NULL)
    texture = gdk_texture_new_from_bytes (png, &error);
  if (texture == NULL)
    {
      nmd_notices_error (self->notices, error);
      return;
    }
  gdk_clipboard_set_texture (gtk_widget_get_clipboard (GTK_WIDGET (self)), texture);
  nmd_notices_message (self->notices, _ ("Picture copied"));
}

/* List */

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *name = gtk_label_new (NULL);
  GtkWidget *score = gtk_label_new (NULL);
  GtkWidget *thumbnail = nmd_thumbnail_new (44);

  gtk_widget_add_css_class (thumbnail, "nmd-bare");
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_xalign (GTK_LABEL (score), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_START);
  gtk_label_set_ellipsize (GTK_LABEL (score), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (name, "caption");
  gtk_widget_add_css_class (score, "caption");
  gtk_widget_add_css_class (score, "dim-label");
  gtk_widget_add_css_class (score, "numeric");
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), name);
  gtk_box_append (GTK_BOX (texts), score);
  gtk_box_append (GTK_BOX (box), thumbnail);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_list_item_set_child (item, box);
}

static void
show_row (NmdExplainPage *self, GtkListItem *item)
{
  GtkWidget *box = gtk_list_item_get_child (item);
  NmdSample *sample = gtk_list_item_get_item (item);
  GtkWidget *texts = gtk_widget_get_last_child (box);
  GtkWidget *name = gtk_widget_get_first_child (texts);
  GtkWidget *score = gtk_widget_get_next_sibling (name);
  double value = nmd_runs_session_get_score (self->runs_session, sample);
  g_autofree char *base = g_path_get_basename (sample->id);
  char *dot = strrchr (base, '.');
  g_autofree char *text = isnan (value)
                              ? g_strdup (sample->label_word)
                              : g_strdup_printf ("%.2f · %s", value, sample->label_word);

  if (dot != NULL)
    *dot = '\0';
  gtk_label_set_text (GTK_LABEL (name), base);
  gtk_label_set_text (GTK_LABEL (score), text);
  gtk_widget_set_tooltip_text (box, sample->id);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, NmdExplainPage *self)
{
  GtkWidget *thumbnail = gtk_widget_get_first_child (gtk_list_item_get_child (item));

  nmd_thumbnail_set_sample (NMD_THUMBNAIL (thumbnail), gtk_list_item_get_item (item));
  show_row (self, item);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *item, NmdExplainPage *self)
{
  GtkWidget *thumbnail = gtk_widget_get_first_child (gtk_list_item_get_child (item));

  nmd_thumbnail_set_sample (NMD_THUMBNAIL (thumbnail), NULL);
}

static void
make_factory (NmdExplainPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), self, 0);
  gtk_list_view_set_factory (self->list, factory);
  g_object_unref (factory);
}

static void
on_selected (NmdExplainPage *self)
{
  NmdSample *sample = gtk_single_selection_get_selected_item (self->selection);

  if (sample != NULL && !self->setting)
    nmd_scan_session_set_sample (self->scan_session, sample);
}

static void
follow_sample (NmdExplainPage *self)
{
  NmdSample *sample
      = self->notices != NULL ? nmd_scan_session_get_sample (self->scan_session) : NULL;
  GListModel *model = G_LIST_MODEL (self->selection);
  guint n = model != NULL ? g_list_model_get_n_items (model) : 0;

  if (sample == NULL
      || gtk_single_selection_get_selected_item (self->selection) == (gpointer)sample)
    return;
  for (guint i = 0; sample != NULL && i < n; i++)
    {
      g_autoptr (NmdSample) other = g_list_model_get_item (model, i);
      if (other != sample)
        continue;
      self->setting = TRUE;
      gtk_single_selection_set_selected (self->selection, i);
      self->setting = FALSE;
      gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", i);
      return;
    }
}

static void
follow_later (gpointer data)
{
  g_autoptr (NmdExplainPage) self = data;

  follow_sample (self);
}

/* The list may be in the middle of a change of its own when the sample is chosen: follow
 * after it. */
static void
on_sample (NmdExplainPage *self)
{
  g_idle_add_once (follow_later, g_object_ref (self));
}

static void
on_list_changed (NmdExplainPage *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  gtk_widget_set_visible (self->list_side, n > 0);
}

void
nmd_explain_page_step (NmdExplainPage *self, int by)
{
  g_return_if_fail (NMD_IS_EXPLAIN_PAGE (self));

  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  guint selected = gtk_single_selection_get_selected (self->selection);
  if (n == 0)
    return;
  gint64 place = selected == GTK_INVALID_LIST_POSITION ? 0 : (gint64)selected + by;
  if (place < 0 || place >= n)
    return;
  gtk_single_selection_set_selected (self->selection, (guint)place);
  gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u",
                              (guint)place);
}

/* Page */

/* Both pictures move together. */
static void
on_view_changed (NmdImageView *view, NmdExplainPage *self)
{
  NmdImageView *other = view == self->image ? self->overlay : self->image;
  NmdCanvas canvas;
  gboolean moved = nmd_image_view_get_canvas (view, &canvas);

  nmd_image_view_set_canvas (other, moved ? &canvas : NULL);
}

static void
on_colours (NmdExplainPage *self)
{
  if (self->notices != NULL)
    show_map (self);
}

static void
on_previous (NmdExplainPage *self)
{
  nmd_explain_page_step (self, -1);
}

static void
on_next (NmdExplainPage *self)
{
  nmd_explain_page_step (self, 1);
}

static void
on_fit (NmdExplainPage *self)
{
  nmd_image_view_fit (self->image);
  nmd_image_view_reset_grey (self->image);
}

static void
bind_controls (NmdExplainPage *self)
{
  const GBindingFlags both = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;
  GtkAdjustment *brightness = gtk_range_get_adjustment (GTK_RANGE (self->brightness));
  GtkAdjustment *contrast = gtk_range_get_adjustment (GTK_RANGE (self->contrast));
  GtkAdjustment *opacity = gtk_range_get_adjustment (GTK_RANGE (self->opacity));

  g_object_bind_property (self->image, "brightness", brightness, "value", both);
  g_object_bind_property (self->image, "contrast", contrast, "value", both);
  g_object_bind_property (self->image, "brightness", self->overlay, "brightness", both);
  g_object_bind_property (self->image, "contrast", self->overlay, "contrast", both);
  g_object_bind_property (self->overlay, "overlay-opacity", opacity, "value", both);
  g_object_bind_property (self->outline_button, "active", self->image, "show-outline",
                          both);
  g_object_bind_property (self->outline_button, "active", self->overlay, "show-outline",
                          both);
}

static gboolean
colours_from_setting (GValue *value, GVariant *variant, gpointer data)
{
  g_value_set_uint (value, g_strcmp0 (g_variant_get_string (variant, NULL), "jet") == 0);
  return TRUE;
}

static GVariant *
colours_to_setting (const GValue *value, const GVariantType *type, gpointer data)
{
  return g_variant_new_string (g_value_get_uint (value) == 1 ? "jet" : "uniform");
}

void
nmd_explain_page_bind_settings (NmdExplainPage *self, GSettings *settings)
{
  g_return_if_fail (NMD_IS_EXPLAIN_PAGE (self));
  if (settings == NULL)
    return;
  g_settings_bind (settings, "map-opacity",
                   gtk_range_get_adjustment (GTK_RANGE (self->opacity)), "value",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind_with_mapping (settings, "map-colours", self->colours, "selected",
                                G_SETTINGS_BIND_DEFAULT, colours_from_setting,
                                colours_to_setting, NULL, NULL);
}

void
nmd_explain_page_set_session (NmdExplainPage *self,
                              NmdNotices *notices,
                              NmdDataSession *data_session,
                              NmdScanSession *scan_session,
                              NmdRunsSession *runs_session,
                              NmdRecipeSession *recipe_session,
                              NmdExplanationSession *explanation_session,
                              GListModel *model)
{
  g_return_if_fail (NMD_IS_EXPLAIN_PAGE (self) && self->notices == NULL);

  self->notices = g_object_ref (notices);
  self->data_session = g_object_ref (data_session);
  self->scan_session = g_object_ref (scan_session);
  self->runs_session = g_object_ref (runs_session);
  self->recipe_session = g_object_ref (recipe_session);
  self->explanation_session = g_object_ref (explanation_session);
  self->selection = gtk_single_selection_new (g_object_ref (model));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "notify::selected-item",
                           G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (on_list_changed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (scan_session, "notify::sample", G_CALLBACK (on_sample), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (scan_session, "notify::scan", G_CALLBACK (on_scan), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (runs_session, "notify::has-model", G_CALLBACK (on_model), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (nmd_runs_session_get_runs (runs_session), "items-changed",
                           G_CALLBACK (renew), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (explanation_session, "notify::override", G_CALLBACK (renew),
                           self, G_CONNECT_SWAPPED);
  /* Whether the model was trained on a scan is known with the data set. */
  g_signal_connect_object (data_session, "notify::dataset", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::loading", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (runs_session, "scores-changed", G_CALLBACK (make_factory),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (explanation_session, "explanation",
                           G_CALLBACK (on_explanation), self, 0);
  g_object_bind_property (explanation_session, "override", self->override_switch,
                          "active", G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  on_list_changed (self);
  on_model (self);
  on_scan (self);
}

static void
nmd_explain_page_dispose (GObject *object)
{
  NmdExplainPage *self = NMD_EXPLAIN_PAGE (object);

  g_clear_pointer (&self->answer, nmd_explanation_free);
  g_clear_object (&self->selection);
  g_clear_object (&self->notices);
  g_clear_object (&self->data_session);
  g_clear_object (&self->scan_session);
  g_clear_object (&self->runs_session);
  g_clear_object (&self->recipe_session);
  g_clear_object (&self->explanation_session);
  G_OBJECT_CLASS (nmd_explain_page_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdExplainPage, child)

static void
nmd_explain_page_class_init (NmdExplainPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_explain_page_dispose;
  g_type_ensure (NMD_TYPE_IMAGE_VIEW);
  g_type_ensure (NMD_TYPE_PLOT_AREA);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-explain-page.ui");
  BIND (stack);
  BIND (list);
  BIND (list_side);
  BIND (image);
  BIND (overlay);
  BIND (bar);
  BIND (image_title);
  BIND (overlay_title);
  BIND (overlay_note);
  BIND (pan_button);
  BIND (box_button);
  BIND (polygon_button);
  BIND (erase_button);
  BIND (mask_button);
  BIND (brightness);
  BIND (contrast);
  BIND (opacity);
  BIND (outline_button);
  BIND (fit_button);
  BIND (not_meaningful);
  BIND (score);
  BIND (score_note);
  BIND (fit);
  BIND (override_switch);
  BIND (override_row);
  BIND (echo);
  BIND (shares);
  BIND (histogram);
  BIND (model_controls);
  BIND (overlay_side);
  BIND (map_controls);
  BIND (train_button);
  BIND (truth);
  BIND (target);
  BIND (layer);
  BIND (colours);
  BIND (save_button);
  BIND (copy_button);
  BIND (previous_button);
  BIND (next_button);
}

static void
nmd_explain_page_init (NmdExplainPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_set (self->image, "overlay-opacity", 0.0, NULL);
  nmd_plot_area_set_func (self->bar, draw_bar, self);
  nmd_plot_area_set_func (self->histogram, draw_histogram, self);
  nmd_plot_area_set_text (self->bar, _ ("Colour bar from less to more influence"));
  make_factory (self);
  bind_controls (self);
  g_signal_connect_swapped (self, "map", G_CALLBACK (on_map), self);
  g_signal_connect_object (self->image, "view-changed", G_CALLBACK (on_view_changed),
                           self, 0);
  g_signal_connect_object (self->overlay, "view-changed", G_CALLBACK (on_view_changed),
                           self, 0);
  g_signal_connect_object (self->image, "shape-drawn", G_CALLBACK (on_shape_drawn), self,
                           0);
  g_signal_connect_swapped (self->box_button, "toggled", G_CALLBACK (on_tool), self);
  g_signal_connect_swapped (self->polygon_button, "toggled", G_CALLBACK (on_tool), self);
  g_signal_connect_swapped (self->erase_button, "clicked", G_CALLBACK (on_erase), self);
  g_signal_connect_swapped (self->mask_button, "clicked", G_CALLBACK (on_open_mask),
                            self);
  g_signal_connect_swapped (self->colours, "notify::selected", G_CALLBACK (on_colours),
                            self);
  g_signal_connect_swapped (self->target, "notify::selected", G_CALLBACK (ask), self);
  g_signal_connect_swapped (self->layer, "notify::selected", G_CALLBACK (ask), self);
  g_signal_connect_swapped (self->save_button, "clicked",
                            G_CALLBACK (nmd_explain_page_save), self);
  g_signal_connect_swapped (self->copy_button, "clicked",
                            G_CALLBACK (nmd_explain_page_copy), self);
  g_signal_connect_swapped (self->previous_button, "clicked", G_CALLBACK (on_previous),
                            self);
  g_signal_connect_swapped (self->next_button, "clicked", G_CALLBACK (on_next), self);
  g_signal_connect_swapped (self->fit_button, "clicked", G_CALLBACK (on_fit), self);
}
