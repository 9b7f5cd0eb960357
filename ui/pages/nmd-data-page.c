/* SPDX-License-Identifier: Apache-2.0
 *
 * The data page: filters, the images in grid or table, the chosen one, and its preprocessing. The chosen sample is
 * the session's.
 */
#include "ui/pages/nmd-data-page.h"

#include "ui/dialogs/nmd-report-dialog.h"
#include "ui/dialogs/nmd-save-dialog.h"
#include "ui/pages/nmd-data-facts.h"
#include "ui/pages/nmd-outline-care.h"
#include "ui/pages/nmd-preprocessing.h"
#include "ui/pages/nmd-proposal-bar.h"
#include "ui/pages/nmd-sample-browser.h"
#include "ui/pages/nmd-sample-export.h"
#include "ui/widgets/nmd-facet-list.h"
#include "ui/widgets/nmd-image-view.h"
#include "ui/widgets/nmd-sample-filter.h"
#include "ui/widgets/nmd-thumbnail.h"
#include "ui/widgets/nmd-width-first.h"

#include <glib/gi18n.h>

struct _NmdDataPage
{
  NmdPageBin parent_instance;

  GtkStack *stack;
  GtkSearchEntry *search;
  GtkBox *facets;
  NmdSampleBrowser *browser;
  NmdImageView *view;
  GtkToggleButton *proposal_button;
  NmdProposalBar *proposal;
  GtkButton *grey_button;
  GtkButton *zoom_in_button;
  GtkButton *zoom_out_button;
  GtkButton *fit_button;
  GtkButton *draw_button;
  GtkToggleButton *strip_button;
  GtkRevealer *strip_revealer;
  NmdPreprocessing *strip;
  GtkLabel *heading;
  GtkLabel *echo;
  GtkLabel *attributes;
  GtkLabel *problems;
  GtkBox *status_box;
  GtkLabel *status;

  NmdNotices *notices;
  NmdDataSession *data_session;
  NmdScanSession *scan_session;
  NmdRecipeSession *recipe_session;
  NmdExplanationSession *explanation_session;
  NmdSampleFacts *sample_facts;
  NmdSampleFilter *filter;
  char *facts;       /* (nullable): of the whole data set, for the status */
  gboolean is_shown; /* an image of the list */
};

G_DEFINE_FINAL_TYPE (NmdDataPage, nmd_data_page, NMD_TYPE_PAGE_BIN)

/* Filters */

static void
on_search_changed (NmdDataPage *self)
{
  if (self->filter == NULL)
    return;
  nmd_sample_filter_set_search (self->filter,
                                gtk_editable_get_text (GTK_EDITABLE (self->search)));
}

/* Escape */
static void
on_stop_search (NmdDataPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
}

static void
on_clear (NmdDataPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  nmd_sample_filter_clear (self->filter);
}

/* Images */

static void
renew_status (NmdDataPage *self)
{
  GListModel *list = nmd_sample_browser_get_model (self->browser);
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (
      nmd_sample_browser_get_selection (self->browser));
  const guint n_selected = (guint)gtk_bitset_get_size (selected);
  guint shown = g_list_model_get_n_items (list);
  GListModel *samples = nmd_data_session_get_samples (self->data_session);
  guint n = g_list_model_get_n_items (samples);
  GString *text = g_string_new (NULL);

  if (shown != n)
    /* Translators: images that pass the filters, of all images */
    g_string_append_printf (text, ngettext ("%u of %u image", "%u of %u images", n),
                            shown, n);
  else
    g_string_append_printf (text, ngettext ("%u image", "%u images", n), n);
  if (n_selected > 1)
    /* Translators: how many images are selected, after how many there are */
    g_string_append_printf (
        text, ngettext (" · %u selected", " · %u selected", n_selected), n_selected);
  if (self->facts != NULL)
    g_string_append (text, self->facts);
  gtk_label_set_text (self->status, text->str);
  g_string_free (text, TRUE);
}

static void
renew_stack (NmdDataPage *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);
  gboolean loading = nmd_data_session_get_loading (self->data_session);
  gboolean any = dataset != NULL || loading;

  g_clear_pointer (&self->facts, g_free);
  if (dataset != NULL && !loading)
    self->facts = nmd_data_facts_new (dataset);
  gtk_stack_set_visible_child_name (self->stack, any ? "content" : "empty");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.import-report",
                                 dataset != NULL);
  renew_status (self);
}

static void show_scan (NmdDataPage *self);

static void
on_chosen (NmdDataPage *self)
{
  NmdSample *sample = nmd_sample_browser_get_current (self->browser);
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);

  /* A list that fills up behind another page selects by itself; nobody chose that. */
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (sample == NULL || (scan != NULL && scan->sample == sample))
    show_scan (self);
  else
    nmd_scan_session_set_sample (self->scan_session, sample);
}

/* Whether a file is shown that was opened alone: it is not in the grid. */
static gboolean
is_alone (NmdDataPage *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);

  return scan != NULL && scan->sample == NULL;
}

/* Beside a file opened alone nothing is chosen here, and anything can be. */
static void
on_map (NmdDataPage *self)
{
  if (self->scan_session == NULL)
    return;
  if (is_alone (self))
    nmd_sample_browser_unselect (self->browser);
  if (nmd_scan_session_get_scan (self->scan_session) == NULL
      && nmd_scan_session_get_sample (self->scan_session) == NULL)
    on_chosen (self);
  else
    show_scan (self);
}

/* The image's keys. */
static void
on_step (NmdGreyView *view, int by, gboolean by_subject, NmdDataPage *self)
{
  nmd_sample_browser_step (self->browser, by, by_subject);
}

/* The session's sample becomes the list's, e.g. when chosen on another page. */
static void
follow_sample (NmdDataPage *self)
{
  NmdSample *sample = self->data_session != NULL
                          ? nmd_scan_session_get_sample (self->scan_session)
                          : NULL;

  if (sample != NULL && !is_alone (self))
    nmd_sample_browser_choose (self->browser, sample);
}

static void
follow_later (gpointer data)
{
  g_autoptr (NmdDataPage) self = data;

  follow_sample (self);
}

/* The list may be in the middle of a change of its own when the sample is chosen: follow
 * after it. */
static void
on_sample (NmdDataPage *self)
{
  g_idle_add_once (follow_later, g_object_ref (self));
}

/* The chosen scan */

static void
show_attributes (NmdDataPage *self, NmdSample *sample)
{
  g_autoptr (GList) names = NULL;
  GString *text = g_string_new (NULL);

  if (sample->attributes != NULL)
    names = g_list_sort (g_hash_table_get_keys (sample->attributes),
                         (GCompareFunc)g_strcmp0);
  for (GList *l = names; l != NULL; l = l->next)
    {
      const char *cell = g_hash_table_lookup (sample->attributes, l->data);
      if (cell != NULL && *cell != '\0')
        g_string_append_printf (text, "%s%s %s", text->len > 0 ? " · " : "",
                                (const char *)l->data, cell);
    }
  g_string_append_printf (text, "%s%d\u00a0×\u00a0%d", text->len > 0 ? " · " : "",
                          sample->width, sample->height);
  gtk_label_set_text (self->attributes, text->str);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->attributes), text->str);
  g_string_free (text, TRUE);
}

static void
show_facts (NmdDataPage *self, NmdScan *scan)
{
  NmdSample *sample = scan->sample;
  GString *heading = g_string_new (NULL);
  g_autofree char *echo = NULL;
  g_autofree char *problems = NULL;

  if (sample == NULL)
    g_string_append (heading, scan->name);
  else
    {
      /* Translators: the placeholder is a subject's number */
      if (*sample->subject != '\0')
        g_string_append_printf (heading, _ ("Subject %s"), sample->subject);
      if (sample->muscle != NULL && *sample->muscle != '\0')
        g_string_append_printf (heading, "%s%s", heading->len > 0 ? " · " : "",
                                sample->muscle);
      g_string_append_printf (heading, " · %s", sample->label_word);
    }
  gtk_label_set_text (self->heading, heading->str);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->heading), scan->name);
  g_string_free (heading, TRUE);

  if (scan->echo.n > 0)
    /* Translators: mean and standard deviation of grey levels inside the outline */
    echo = g_markup_printf_escaped (_ ("Echo intensity <b>%.1f</b> ± %.1f"),
                                    scan->echo.mean, scan->echo.sd);
  else
    echo = g_strdup (_ ("No echo intensity: there is no outline"));
  gtk_label_set_markup (self->echo, echo);
  problems = nmd_problems_to_text (sample != NULL ? sample->problems : 0);
  gtk_label_set_text (self->problems, problems);
  gtk_widget_set_visible (GTK_WIDGET (self->problems), *problems != '\0');
  if (sample != NULL)
    show_attributes (self, sample);
  else
    gtk_label_set_text (self->attributes, "");
}

/* Nothing is shown of a file opened alone, nor of an image that the filters leave out. */
static void
show_scan (NmdDataPage *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);

  self->is_shown = scan != NULL && scan->sample != NULL
                   && nmd_sample_browser_get_current (self->browser) != NULL;
  nmd_image_view_set_scan (self->view, self->is_shown ? scan : NULL);
  nmd_preprocessing_show (self->strip, self->is_shown);
  if (self->is_shown)
    {
      show_facts (self, scan);
      return;
    }
  gtk_label_set_text (self->heading,
                      g_list_model_get_n_items (nmd_data_page_get_model (self)) > 0
                          ? _ ("No image chosen")
                          : "");
  gtk_label_set_text (self->echo, "");
  gtk_label_set_text (self->attributes, "");
  gtk_widget_set_visible (GTK_WIDGET (self->problems), FALSE);
}

static void
on_scan (NmdDataPage *self)
{
  follow_sample (self);
  show_scan (self);
}

/* The box on the image is that of the steps. */
static void
on_steps_changed (NmdDataPage *self)
{
  g_autoptr (NmdParameters) parameters = nmd_preprocessing_get_parameters (self->strip);

  nmd_image_view_set_margin (self->view, nmd_parameters_get (parameters, "roi-margin"));
}

/* Handing on */

/* The selected images or, where it is one alone, all that are shown. */
static GtkBitset *
get_meant (NmdDataPage *self)
{
  const guint n = g_list_model_get_n_items (nmd_data_page_get_model (self));
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (
      nmd_sample_browser_get_selection (self->browser));

  return gtk_bitset_get_size (selected) > 1 ? gtk_bitset_copy (selected)
                                            : gtk_bitset_new_range (0, n);
}

static NmdContent *
render_list (gpointer page, const char *path, GError **error)
{
  NmdDataPage *self = page;
  g_autoptr (GtkBitset) meant = get_meant (self);

  return nmd_content_new_bytes (nmd_sample_export_to_csv (
      self->sample_facts, nmd_data_page_get_model (self), meant));
}

static void
get_save_request (NmdDataPage *self, NmdSaveRequest *request)
{
  static const char *const endings[] = { "csv", NULL };

  request->title = _ ("Export the List of Images");
  request->endings = endings;
  request->endings_text = "CSV";
  request->refusal = _ ("A list is saved as CSV: the name %s ends otherwise");
  request->render = render_list;
}

static void
on_export_path (const char *path, gpointer page)
{
  NmdDataPage *self = page;
  NmdSaveRequest request = { 0 };

  get_save_request (self, &request);
  nmd_save_dialog_save_as (self, &request, self->notices, self->explanation_session,
                           path);
}

static void
export_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  NmdDataPage *self = NMD_DATA_PAGE (widget);
  NmdSaveRequest request = { 0 };

  get_save_request (self, &request);
  nmd_save_dialog_present (widget, &request, "images.csv", on_export_path);
}

static void
select_all_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_selection_model_select_all (
      nmd_sample_browser_get_selection (NMD_DATA_PAGE (widget)->browser));
}

static void
on_not_revealed (const char *text, gpointer page)
{
  nmd_notices_problem (NMD_DATA_PAGE (page)->notices, text);
}

static void
reveal_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  NmdDataPage *self = NMD_DATA_PAGE (widget);
  GListModel *list = nmd_data_page_get_model (self);
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (
      nmd_sample_browser_get_selection (self->browser));
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  GtkBitsetIter iter;
  guint place = 0;

  if (gtk_bitset_iter_init_first (&iter, selected, &place))
    do
      {
        g_autoptr (NmdSample) sample = g_list_model_get_item (list, place);
        g_ptr_array_add (paths, g_strdup (sample->image_path));
      }
    while (gtk_bitset_iter_next (&iter, &place));
  g_ptr_array_add (paths, NULL);
  nmd_sample_export_reveal ((const char *const *)paths->pdata, on_not_revealed,
                            G_OBJECT (self));
}

/* The report */

/* Images with a problem are filtered, so that they stand together; others are selected. */
static void
show_named (GPtrArray *samples, NmdProblems problem, gpointer page)
{
  NmdDataPage *self = page;

  on_clear (self);
  if (problem != 0)
    {
      g_autofree char *value = nmd_problems_to_words (problem);
      nmd_sample_filter_choose_value (self->filter, NMD_FACET_PROBLEM, value);
    }
  nmd_sample_browser_select (self->browser, samples);
}

static void
report_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  NmdDataPage *self = NMD_DATA_PAGE (widget);
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data_session);

  if (dataset != NULL)
    nmd_report_dialog_present (widget, dataset, show_named, G_OBJECT (self));
}

/* Page */

void
nmd_data_page_show_strip (NmdDataPage *self, gboolean show)
{
  g_return_if_fail (NMD_IS_DATA_PAGE (self));
  gtk_toggle_button_set_active (self->strip_button, show);
}

gboolean
nmd_data_page_get_strip (NmdDataPage *self)
{
  g_return_val_if_fail (NMD_IS_DATA_PAGE (self), FALSE);
  return gtk_toggle_button_get_active (self->strip_button);
}

void
nmd_data_page_bind_settings (NmdDataPage *self, GSettings *settings)
{
  g_return_if_fail (NMD_IS_DATA_PAGE (self));
  if (settings != NULL)
    g_settings_bind (settings, "data-as-table", self->browser, "as-table",
                     G_SETTINGS_BIND_DEFAULT);
}

GListModel *
nmd_data_page_get_model (NmdDataPage *self)
{
  g_return_val_if_fail (NMD_IS_DATA_PAGE (self), NULL);
  return nmd_sample_browser_get_model (self->browser);
}

void
nmd_data_page_set_session (NmdDataPage *self,
                           NmdNotices *notices,
                           NmdDataSession *data_session,
                           NmdScanSession *scan_session,
                           NmdRecipeSession *recipe_session,
                           NmdRunsSession *runs_session,
                           NmdExplanationSession *explanation_session,
                           NmdProposalSession *proposal_session)
{
  g_return_if_fail (NMD_IS_DATA_PAGE (self) && self->data_session == NULL);

  self->notices = g_object_ref (notices);
  self->data_session = g_object_ref (data_session);
  self->scan_session = g_object_ref (scan_session);
  self->recipe_session = g_object_ref (recipe_session);
  self->explanation_session = g_object_ref (explanation_session);
  nmd_outline_care_connect (self->view, notices, scan_session);
  nmd_proposal_bar_connect (self->proposal, self->view, scan_session, runs_session,
                            proposal_session);
  g_object_bind_property (proposal_session, "active", self->proposal_button, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_signal_connect_object (self->view, "step", G_CALLBACK (on_step), self, 0);
  self->sample_facts = nmd_sample_facts_new (data_session, recipe_session, runs_session);
  self->filter = nmd_sample_filter_new (data_session, self->sample_facts, recipe_session);
  /* Files may have changed since they were read. */
  g_signal_connect (data_session, "import-started",
                    G_CALLBACK (nmd_thumbnail_cache_clear), NULL);
  nmd_sample_browser_set_session (self->browser, data_session, self->sample_facts,
                                  self->filter);
  g_signal_connect_object (self->browser, "chosen", G_CALLBACK (on_chosen), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->browser, "selection-changed", G_CALLBACK (renew_status),
                           self, G_CONNECT_SWAPPED);
  nmd_facet_list_connect (self->facets, self->filter);
  g_signal_connect_object (data_session, "notify::dataset", G_CALLBACK (renew_stack),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (data_session, "notify::loading", G_CALLBACK (renew_stack),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (scan_session, "notify::sample", G_CALLBACK (on_sample), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (scan_session, "notify::scan", G_CALLBACK (on_scan), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->strip, "changed", G_CALLBACK (on_steps_changed), self,
                           G_CONNECT_SWAPPED);
  nmd_preprocessing_set_session (self->strip, data_session, scan_session, recipe_session,
                                 explanation_session);
  renew_stack (self);
}

static void
nmd_data_page_dispose (GObject *object)
{
  NmdDataPage *self = NMD_DATA_PAGE (object);

  g_clear_pointer (&self->facts, g_free);
  g_clear_object (&self->filter);
  g_clear_object (&self->sample_facts);
  g_clear_object (&self->notices);
  g_clear_object (&self->data_session);
  g_clear_object (&self->scan_session);
  g_clear_object (&self->recipe_session);
  g_clear_object (&self->explanation_session);
  G_OBJECT_CLASS (nmd_data_page_parent_class)->dispose (object);
}

static void
nmd_data_page_class_init (NmdDataPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_data_page_dispose;
  g_type_ensure (NMD_TYPE_WIDTH_FIRST);
  g_type_ensure (NMD_TYPE_IMAGE_VIEW);
  g_type_ensure (NMD_TYPE_PREPROCESSING);
  g_type_ensure (NMD_TYPE_PROPOSAL_BAR);
  g_type_ensure (NMD_TYPE_SAMPLE_BROWSER);
  gtk_widget_class_install_action (widget_class, "data.select-all", NULL,
                                   select_all_action);
  gtk_widget_class_install_action (widget_class, "data.export-list", NULL, export_action);
  gtk_widget_class_install_action (widget_class, "data.reveal", NULL, reveal_action);
  gtk_widget_class_install_action (widget_class, "data.import-report", NULL,
                                   report_action);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-data-page.ui");
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, stack);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, search);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, facets);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, browser);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, view);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, proposal_button);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, proposal);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, grey_button);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, zoom_in_button);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, zoom_out_button);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, fit_button);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, draw_button);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, strip_button);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, strip_revealer);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, strip);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, heading);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, echo);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, attributes);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, problems);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, status_box);
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, status);
}

static void
on_zoom (GtkButton *button, NmdDataPage *self)
{
  nmd_grey_view_zoom (NMD_GREY_VIEW (self->view),
                      button == self->zoom_in_button ? 1.3 : 1 / 1.3);
}

static void
nmd_data_page_init (NmdDataPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
  g_autoptr (GtkWidget) bar = nmd_preprocessing_take_bar (self->strip);
  gtk_box_insert_child_after (self->status_box, bar, GTK_WIDGET (self->status));

  /* A revealer without a transition keeps the room of what it hides. */
  g_object_bind_property (self->strip_button, "active", self->strip_revealer, "visible",
                          G_BINDING_SYNC_CREATE);
  g_object_bind_property (self->strip_button, "active", self->strip_revealer,
                          "reveal-child", G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (self->search, "search-changed",
                            G_CALLBACK (on_search_changed), self);
  g_signal_connect_swapped (self->search, "stop-search", G_CALLBACK (on_stop_search),
                            self);
  g_signal_connect_swapped (self->browser, "clear", G_CALLBACK (on_clear), self);
  g_signal_connect_swapped (self->draw_button, "clicked",
                            G_CALLBACK (nmd_preprocessing_draw_again), self->strip);
  g_signal_connect_swapped (self->grey_button, "clicked",
                            G_CALLBACK (nmd_grey_view_reset_grey), self->view);
  g_signal_connect_swapped (self->fit_button, "clicked", G_CALLBACK (nmd_grey_view_fit),
                            self->view);
  g_signal_connect (self->zoom_in_button, "clicked", G_CALLBACK (on_zoom), self);
  g_signal_connect (self->zoom_out_button, "clicked", G_CALLBACK (on_zoom), self);
}
