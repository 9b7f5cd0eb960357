/* SPDX-License-Identifier: Apache-2.0
 *
 * The explain page. Questions are the session's; the saved picture is ui/plot's.
 */
#include "ui/pages/nmd-explain-page.h"

#include "ui/dialogs/nmd-page-dialog.h"
#include "ui/dialogs/nmd-save-dialog.h"
#include "ui/dialogs/nmd-sheet-dialog.h"
#include "ui/pages/nmd-explain-facts.h"
#include "ui/pages/nmd-explain-figure.h"
#include "ui/pages/nmd-explain-views.h"
#include "ui/pages/nmd-outline-care.h"
#include "ui/pages/nmd-proposal-bar.h"
#include "ui/pages/nmd-what-if-panel.h"
#include "ui/session/nmd-copying.h"
#include "ui/session/nmd-scan-asked.h"
#include "ui/widgets/nmd-layer-list.h"
#include "ui/widgets/nmd-plot-area.h"
#include "ui/widgets/nmd-scan-list.h"
#include "ui/widgets/nmd-short-choice.h"
#include "ui/widgets/nmd-tool-bar.h"
#include "ui/widgets/nmd-view-sliders.h"
#include "ui/widgets/nmd-width-first.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _NmdExplainPage
{
  NmdPageBin parent_instance;

  GtkStack *stack;
  NmdScanList *list;
  NmdExplainViews *views;
  NmdPlotArea *bar;
  GtkLabel *overlay_note;
  GtkBox *tools;
  GtkButton *erase_button;
  GtkButton *mask_button;
  GtkButton *save_mask_button;
  GtkScale *brightness;
  GtkScale *contrast;
  GtkScale *opacity;
  GtkToggleButton *outline_button;
  GtkToggleButton *proposal_button;
  NmdProposalBar *proposal;
  GtkButton *fit_button;
  NmdExplainFacts *facts;
  NmdWhatIfPanel *what_if;
  GtkWidget *model_controls;
  GtkWidget *map_controls;
  GtkWidget *train_button;
  GtkDropDown *target;
  GtkDropDown *method;
  GtkDropDown *layer;
  GtkDropDown *colours;
  GtkDropDown *pictures;
  GtkButton *save_button;
  GtkButton *copy_button;
  GtkButton *sheet_button;

  NmdImageView *image; /* of views: the one that is drawn on */
  NmdNotices *notices;
  NmdDataSession *data_session;
  NmdScanSession *scan_session;
  NmdRunsSession *runs_session;
  NmdExplanationSession *explanation_session;
  GListModel *model;      /* of NmdSample: what the filters leave */
  NmdExplanation *answer; /* a reference of our own to what was answered */
  char *shown_path;       /* of the scan shown: what was set for viewing ends with it */
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (NmdExplainPage, nmd_explain_page, NMD_TYPE_PAGE_BIN)

static NmdColours
chosen_colours (NmdExplainPage *self)
{
  return gtk_drop_down_get_selected (self->colours) == 1 ? NMD_COLOURS_JET
                                                         : NMD_COLOURS_UNIFORM;
}

/* Pictures */

static NmdMap *
shown_map (NmdExplainPage *self)
{
  return nmd_explanation_session_may_show (self->explanation_session, self->answer)
             ? self->answer->map
             : NULL;
}

static void
show_map (NmdExplainPage *self)
{
  NmdMap *map = shown_map (self);
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *title = nmd_explain_figure_title (map, self->explanation_session);

  if (map != NULL && !map->no_positive_evidence)
    {
      int width = map->box.x1 - map->box.x0, height = map->box.y1 - map->box.y0;
      texture = gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8A8,
                                        self->answer->colours[chosen_colours (self)],
                                        (gsize)width * 4);
    }
  nmd_explain_views_set_map (self->views, texture, map != NULL ? &map->box : NULL, title);
  gtk_label_set_text (
      self->overlay_note,
      nmd_explain_figure_note (map, nmd_runs_session_get_model (self->runs_session)));
  gtk_widget_set_visible (GTK_WIDGET (self->bar), texture != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->opacity), texture != NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self->bar));
}

static void
draw_bar (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer data)
{
  nmd_overlay_draw_bar (cr, chosen_colours (data), rect, style);
}

/* What it says */

/* Whether there is a run that scores. */
static gboolean
has_runs (NmdExplainPage *self)
{
  GListModel *runs = nmd_runs_session_get_runs (self->runs_session);
  gboolean any = FALSE;

  for (guint i = 0; !any && i < g_list_model_get_n_items (runs); i++)
    {
      g_autoptr (NmdRunItem) item = g_list_model_get_item (runs, i);
      any = nmd_run_item_is_for (item, NMD_TASK_CLASSIFY);
    }
  return any;
}

static void
renew_sheet (NmdExplainPage *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->sheet_button),
                            g_list_model_get_n_items (self->model) > 0);
}

/* Where there is a picture for it: in a swipe the image's overlay is the map. */
static void
show_what_if (NmdExplainPage *self, guint mode)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  gboolean waits
      = self->answer == NULL && nmd_runs_session_get_model (self->runs_session) != NULL;

  nmd_what_if_panel_show (self->what_if, mode != NMD_EXPLAIN_SWIPE ? scan : NULL,
                          self->answer, waits);
}

static void
on_pictures (NmdExplainPage *self)
{
  guint mode = gtk_drop_down_get_selected (self->pictures);

  if (self->notices != NULL && mode == NMD_EXPLAIN_SWIPE)
    show_what_if (self, mode); /* takes its overlay away */
  g_object_set (self->views, "mode", mode, NULL);
  if (self->notices != NULL)
    show_what_if (self, mode);
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
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_mask_button),
                            any && scan->mask != NULL);
  gtk_widget_set_visible (self->model_controls, has_model);
  /* Without a model the scan has the whole room. */
  nmd_explain_views_show_map (self->views, has_model);
  gtk_widget_set_visible (self->map_controls, has_model);
  gtk_widget_set_visible (GTK_WIDGET (self->sheet_button), has_model);
  renew_sheet (self);
  show_what_if (self, gtk_drop_down_get_selected (self->pictures));
  gboolean may_choose
      = has_runs (self) && nmd_runs_session_get_run (self->runs_session) == NULL;
  gboolean trains = nmd_runs_session_is_in_training (self->runs_session);
  gtk_button_set_label (GTK_BUTTON (self->train_button), may_choose ? _ ("_Choose a Run")
                                                         : trains
                                                             ? _ ("_Watch the Training")
                                                             : _ ("_Train a Network"));
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->train_button), "s",
                                    may_choose ? "results" : "train");
  gtk_widget_set_visible (
      self->train_button,
      !has_model && nmd_data_session_get_dataset (self->data_session) != NULL);
  if (!any)
    return;
  show_map (self);
  nmd_explain_facts_show (self->facts, scan, self->answer);
}

/* Asking */

/* As it is chosen; %NULL for the network's own. */
static const char *
chosen_layer (NmdExplainPage *self)
{
  GtkStringObject *layer = gtk_drop_down_get_selected_item (self->layer);
  gboolean own = gtk_drop_down_get_selected (self->layer) == 0;

  return own || layer == NULL ? NULL : gtk_string_object_get_string (layer);
}

static void
ask (NmdExplainPage *self)
{
  NmdMapMethod method = gtk_drop_down_get_selected (self->method); /* in their order */
  guint target = gtk_drop_down_get_selected (self->target);

  gtk_widget_set_sensitive (GTK_WIDGET (self->layer), nmd_map_method_has_layer (method));
  if (!self->setting)
    nmd_explanation_session_ask (self->explanation_session, method, (int)target - 1,
                                 chosen_layer (self));
}

static void
ask_if_seen (NmdExplainPage *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    ask (self);
}

/* The page Scan, too, asks, in its own way. */
static void
on_map (NmdExplainPage *self)
{
  if (self->notices != NULL
      && (self->answer == NULL
          || !nmd_explanation_answers (
              self->answer, gtk_drop_down_get_selected (self->method),
              (int)gtk_drop_down_get_selected (self->target) - 1, chosen_layer (self))))
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
  /* Brightness and contrast are for looking at one image. */
  if (scan != NULL && g_strcmp0 (scan->path, self->shown_path) != 0)
    {
      g_free (self->shown_path);
      self->shown_path = g_strdup (scan->path);
      nmd_grey_view_reset_grey (NMD_GREY_VIEW (self->image));
    }
  nmd_explain_views_set_scan (self->views, scan);
  renew (self);
  if (scan != NULL)
    ask_if_seen (self);
}

static void
renew_layers (NmdExplainPage *self)
{
  g_autoptr (GtkStringList) list
      = nmd_layer_list_new (nmd_runs_session_get_model (self->runs_session));

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
  gtk_string_list_append (
      list, nmd_explanation_session_get_class (self->explanation_session, 0));
  gtk_string_list_append (
      list, nmd_explanation_session_get_class (self->explanation_session, 1));
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
on_erase (NmdExplainPage *self)
{
  nmd_outline_care_erase (self->image, self->scan_session);
}

static void
on_open_mask (NmdExplainPage *self)
{
  nmd_outline_care_open (self->image, self->scan_session);
}

static void
on_save_mask (NmdExplainPage *self)
{
  nmd_outline_care_save (self->image, self->scan_session);
}

static void
on_step (NmdExplainViews *views, int by, gboolean by_subject, NmdExplainPage *self)
{
  nmd_scan_list_step (self->list, by, by_subject);
}

/* Saving */

static NmdFigure *
draw_figure (NmdExplainPage *self, NmdFigureFormat format, GError **error)
{
  NmdExplainView view = {
    .scan = nmd_scan_session_get_scan (self->scan_session),
    .answer = self->answer,
    .colours = chosen_colours (self),
    .opacity = gtk_range_get_value (GTK_RANGE (self->opacity)),
    .show_outline = gtk_toggle_button_get_active (self->outline_button),
  };

  g_object_get (self->image, "contrast", &view.contrast, "brightness", &view.brightness,
                NULL);
  return nmd_explain_figure_draw (&view, self->runs_session, self->explanation_session,
                                  format, error);
}

static NmdContent *
render_file (gpointer page, const char *path, GError **error)
{
  NmdFigureFormat format = NMD_FIGURE_PNG;

  nmd_figure_format_of (path, &format);
  return nmd_content_new_figure (draw_figure (page, format, error));
}

static NmdSaveRequest
what_can_be_saved (void)
{
  static const char *const endings[] = { "png", "svg", "pdf", NULL };

  return (NmdSaveRequest){
    _ ("Save Picture"),
    endings,
    _ ("PNG, SVG, PDF"),
    /* Translators: the placeholder is a file's name */
    _ ("%s is not saved: pictures are written as .png, .svg or .pdf"),
    render_file,
  };
}

void
nmd_explain_page_save_as (NmdExplainPage *self, const char *path)
{
  const NmdSaveRequest request = what_can_be_saved ();

  g_return_if_fail (NMD_IS_EXPLAIN_PAGE (self) && path != NULL);
  if (nmd_scan_session_get_scan (self->scan_session) != NULL)
    nmd_save_dialog_save_as (self, &request, self->notices, self->explanation_session,
                             path);
}

static void
on_save_chosen (const char *path, gpointer page)
{
  NmdExplainPage *self = page;

  if (nmd_scan_asked_is_shown (page, self->scan_session, self->notices, FALSE))
    nmd_explain_page_save_as (self, path);
}

void
nmd_explain_page_save (NmdExplainPage *self)
{
  const NmdSaveRequest request = what_can_be_saved ();

  g_return_if_fail (NMD_IS_EXPLAIN_PAGE (self));

  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  if (scan == NULL)
    return;
  g_autofree char *name = nmd_explain_figure_name (scan);
  nmd_scan_asked_note (G_OBJECT (self), self->scan_session);
  nmd_save_dialog_present (GTK_WIDGET (self), &request, name, on_save_chosen);
}

void
nmd_explain_page_copy (NmdExplainPage *self)
{
  g_autoptr (GError) error = NULL;
  NmdFigure *figure;

  g_return_if_fail (NMD_IS_EXPLAIN_PAGE (self));
  if (nmd_scan_session_get_scan (self->scan_session) == NULL)
    return;
  figure = draw_figure (self, NMD_FIGURE_PNG, &error);
  if (figure != NULL)
    nmd_copying_start (self->notices, gtk_widget_get_clipboard (GTK_WIDGET (self)),
                       figure, _ ("Picture copied"));
  else
    nmd_notices_error (self->notices, error);
}

static NmdSheetStyle
sheet_style (NmdExplainPage *self)
{
  return (NmdSheetStyle){
    .method = gtk_drop_down_get_selected (self->method),
    .target = (int)gtk_drop_down_get_selected (self->target) - 1,
    .layer = chosen_layer (self),
    .colours = chosen_colours (self),
    .opacity = gtk_range_get_value (GTK_RANGE (self->opacity)),
    .show_outline = gtk_toggle_button_get_active (self->outline_button),
  };
}

static void
on_sheet (NmdExplainPage *self)
{
  const NmdSheetStyle style = sheet_style (self);

  nmd_sheet_dialog_present (GTK_WIDGET (self), &style, self->model, self->notices,
                            self->explanation_session);
}

void
nmd_explain_page_save_sheet (NmdExplainPage *self, guint n, const char *path)
{
  const NmdSheetStyle style = sheet_style (self);

  g_return_if_fail (NMD_IS_EXPLAIN_PAGE (self));
  nmd_sheet_dialog_make (GTK_WIDGET (self), &style, self->model, n, self->notices,
                         self->explanation_session, path);
}

void
nmd_explain_page_step (NmdExplainPage *self, int by)
{
  g_return_if_fail (NMD_IS_EXPLAIN_PAGE (self));
  nmd_scan_list_step (self->list, by, FALSE);
}

/* Page */

static void
on_colours (NmdExplainPage *self)
{
  if (self->notices != NULL)
    show_map (self);
}

static void
on_fit (NmdExplainPage *self)
{
  nmd_grey_view_fit (NMD_GREY_VIEW (self->image));
  nmd_grey_view_reset_grey (NMD_GREY_VIEW (self->image));
}

static void
bind_controls (NmdExplainPage *self)
{
  const GBindingFlags both = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;
  GtkAdjustment *opacity = gtk_range_get_adjustment (GTK_RANGE (self->opacity));

  nmd_view_sliders_bind (NMD_GREY_VIEW (self->image), self->brightness, self->contrast);
  g_object_bind_property (nmd_explain_views_get_overlay (self->views), "overlay-opacity",
                          opacity, "value", both);
  g_object_bind_property (self->outline_button, "active", self->image, "show-outline",
                          both);
  g_object_bind_property (self->views, "mode", self->pictures, "selected",
                          G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (self->pictures, "notify::selected", G_CALLBACK (on_pictures),
                            self);
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
  g_settings_bind (settings, "map-method", self->method, "selected",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind_with_mapping (settings, "map-colours", self->colours, "selected",
                                G_SETTINGS_BIND_DEFAULT, colours_from_setting,
                                colours_to_setting, NULL, NULL);
  g_settings_bind (settings, "map-pictures", self->pictures, "selected",
                   G_SETTINGS_BIND_DEFAULT);
}

void
nmd_explain_page_set_session (NmdExplainPage *self,
                              NmdNotices *notices,
                              NmdDataSession *data_session,
                              NmdScanSession *scan_session,
                              NmdRunsSession *runs_session,
                              NmdExplanationSession *explanation_session,
                              NmdProposalSession *proposal_session,
                              GListModel *model)
{
  const struct
  {
    gpointer object;
    const char *signal;
    GCallback callback;
  } connections[] = {
    { scan_session, "notify::scan", G_CALLBACK (on_scan) },
    { runs_session, "notify::has-model", G_CALLBACK (on_model) },
    { runs_session, "notify::in-training", G_CALLBACK (renew) },
    { nmd_runs_session_get_runs (runs_session), "items-changed", G_CALLBACK (renew) },
    /* Whether the model was trained on a scan is known with the data set. */
    { data_session, "notify::dataset", G_CALLBACK (renew) },
    { data_session, "notify::loading", G_CALLBACK (renew) },
    { explanation_session, "notify::override", G_CALLBACK (renew) },
    { model, "items-changed", G_CALLBACK (renew_sheet) },
    { explanation_session, "stated-changed", G_CALLBACK (ask_if_seen) },
  };

  g_return_if_fail (NMD_IS_EXPLAIN_PAGE (self) && self->notices == NULL);

  self->notices = g_object_ref (notices);
  self->data_session = g_object_ref (data_session);
  self->scan_session = g_object_ref (scan_session);
  self->runs_session = g_object_ref (runs_session);
  self->explanation_session = g_object_ref (explanation_session);
  self->model = g_object_ref (model);
  nmd_scan_list_set_session (self->list, scan_session, runs_session, model);
  nmd_explain_views_connect (self->views, notices, scan_session);
  nmd_proposal_bar_connect (self->proposal, self->image, scan_session, runs_session,
                            proposal_session);
  g_object_bind_property (proposal_session, "active", self->proposal_button, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  nmd_page_dialog_follow (GTK_WIDGET (self), scan_session);
  nmd_what_if_panel_set_session (self->what_if, explanation_session,
                                 NMD_GREY_VIEW (self->image));
  nmd_explain_facts_set_session (self->facts, runs_session, explanation_session);
  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    g_signal_connect_object (connections[i].object, connections[i].signal,
                             connections[i].callback, self, G_CONNECT_SWAPPED);
  g_signal_connect_object (explanation_session, "explanation",
                           G_CALLBACK (on_explanation), self, 0);
  on_model (self);
  on_scan (self);
}

static void
nmd_explain_page_dispose (GObject *object)
{
  NmdExplainPage *self = NMD_EXPLAIN_PAGE (object);
  g_clear_pointer (&self->answer, nmd_explanation_free);
  g_clear_object (&self->notices);
  g_clear_object (&self->data_session);
  g_clear_object (&self->scan_session);
  g_clear_object (&self->runs_session);
  g_clear_object (&self->explanation_session);
  g_clear_object (&self->model);
  g_clear_pointer (&self->shown_path, g_free);
  G_OBJECT_CLASS (nmd_explain_page_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdExplainPage, child)

static void
nmd_explain_page_class_init (NmdExplainPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = nmd_explain_page_dispose;
  g_type_ensure (NMD_TYPE_WIDTH_FIRST);
  g_type_ensure (NMD_TYPE_EXPLAIN_VIEWS);
  g_type_ensure (NMD_TYPE_PLOT_AREA);
  g_type_ensure (NMD_TYPE_SCAN_LIST);
  g_type_ensure (NMD_TYPE_EXPLAIN_FACTS);
  g_type_ensure (NMD_TYPE_WHAT_IF_PANEL);
  g_type_ensure (NMD_TYPE_PROPOSAL_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-explain-page.ui");
  BIND (stack);
  BIND (list);
  BIND (views);
  BIND (bar);
  BIND (overlay_note);
  BIND (tools);
  BIND (erase_button);
  BIND (mask_button);
  BIND (save_mask_button);
  BIND (brightness);
  BIND (contrast);
  BIND (opacity);
  BIND (outline_button);
  BIND (proposal_button);
  BIND (proposal);
  BIND (fit_button);
  BIND (model_controls);
  BIND (map_controls);
  BIND (facts);
  BIND (what_if);
  BIND (train_button);
  BIND (target);
  BIND (method);
  BIND (layer);
  BIND (colours);
  BIND (pictures);
  BIND (save_button);
  BIND (copy_button);
  BIND (sheet_button);
}

static void
nmd_explain_page_init (NmdExplainPage *self)
{
  const NmdTool tools[]
      = { NMD_TOOL_PAN,      NMD_TOOL_TRACE,   NMD_TOOL_POLYGON, NMD_TOOL_BRUSH,
          NMD_TOOL_LIVEWIRE, NMD_TOOL_ELLIPSE, NMD_TOOL_BOX };

  gtk_widget_init_template (GTK_WIDGET (self));
  GtkDropDown *choices[]
      = { self->pictures, self->target, self->method, self->layer, self->colours };
  self->image = nmd_explain_views_get_image (self->views);
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    nmd_short_choice_set (choices[i]);
  nmd_tool_bar_fill (self->tools, self->image, tools, G_N_ELEMENTS (tools));
  nmd_plot_area_set_func (self->bar, draw_bar, self);
  nmd_plot_area_set_text (self->bar,
                          _ ("Colour bar from 0, less influence, to 1, more influence"));
  bind_controls (self);
  g_signal_connect_swapped (self, "map", G_CALLBACK (on_map), self);
  g_signal_connect_object (self->views, "step", G_CALLBACK (on_step), self, 0);
  g_signal_connect_swapped (self->erase_button, "clicked", G_CALLBACK (on_erase), self);
  g_signal_connect_swapped (self->mask_button, "clicked", G_CALLBACK (on_open_mask),
                            self);
  g_signal_connect_swapped (self->save_mask_button, "clicked", G_CALLBACK (on_save_mask),
                            self);
  g_signal_connect_swapped (self->colours, "notify::selected", G_CALLBACK (on_colours),
                            self);
  g_signal_connect_swapped (self->target, "notify::selected", G_CALLBACK (ask), self);
  g_signal_connect_swapped (self->method, "notify::selected", G_CALLBACK (ask), self);
  g_signal_connect_swapped (self->layer, "notify::selected", G_CALLBACK (ask), self);
  g_signal_connect_swapped (self->save_button, "clicked",
                            G_CALLBACK (nmd_explain_page_save), self);
  g_signal_connect_swapped (self->copy_button, "clicked",
                            G_CALLBACK (nmd_explain_page_copy), self);
  g_signal_connect_swapped (self->sheet_button, "clicked", G_CALLBACK (on_sheet), self);
  g_signal_connect_swapped (self->fit_button, "clicked", G_CALLBACK (on_fit), self);
}
