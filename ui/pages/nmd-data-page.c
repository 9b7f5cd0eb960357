/* SPDX-License-Identifier: Apache-2.0
 *
 * The data page: filters, the images in grid or table, the chosen one, and its preprocessing. The chosen sample is
 * the session's.
 */
#include "ui/pages/nmd-data-page.h"

#include "ui/pages/nmd-data-facts.h"
#include "ui/pages/nmd-outline-care.h"
#include "ui/pages/nmd-proposal-bar.h"
#include "ui/pages/nmd-sample-browser.h"
#include "ui/widgets/nmd-facet-list.h"
#include "ui/widgets/nmd-image-view.h"
#include "ui/widgets/nmd-parameter-rows.h"
#include "ui/widgets/nmd-sample-filter.h"
#include "ui/widgets/nmd-stage-card.h"
#include "ui/widgets/nmd-thumbnail.h"

#include <glib/gi18n.h>

struct _NmdDataPage
{
  AdwBin parent_instance;

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
  GtkBox *strip;
  GtkLabel *heading;
  GtkLabel *echo;
  GtkLabel *attributes;
  GtkLabel *problems;
  GtkLabel *status;

  NmdDataSession *data_session;
  NmdScanSession *scan_session;
  NmdRecipeSession *recipe_session;
  NmdExplanationSession *explanation_session;
  NmdSampleFacts *sample_facts;
  NmdSampleFilter *filter;
  NmdStageCard *cards[NMD_N_STAGES];
  int draw;
  char *facts;          /* (nullable): of the whole data set, for the status */
  gboolean is_shown;    /* an image of the grid */
  gboolean preview_due; /* asked for when the page is seen */
};

G_DEFINE_FINAL_TYPE (NmdDataPage, nmd_data_page, ADW_TYPE_BIN)

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

static void ask_preview (NmdDataPage *self);

/* With the whole data set there is a Mixup partner as well. */
static void
on_dataset (NmdDataPage *self)
{
  if (nmd_data_session_get_dataset (self->data_session) != NULL)
    ask_preview (self);
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
  g_string_append_printf (text, "%s%d × %d", text->len > 0 ? " · " : "", sample->width,
                          sample->height);
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

/* Stages */

static void
ask_preview (NmdDataPage *self)
{
  gboolean seen = self->is_shown && gtk_widget_get_mapped (GTK_WIDGET (self->strip))
                  && gtk_revealer_get_reveal_child (self->strip_revealer);

  self->preview_due = !seen;
  if (seen)
    nmd_explanation_session_ask_preview (self->explanation_session, self->draw);
}

static void
on_strip_mapped (NmdDataPage *self)
{
  if (self->preview_due && self->data_session != NULL)
    ask_preview (self);
}

/* Nothing is shown of a file opened alone, nor of an image that the filters leave out. */
static void
show_scan (NmdDataPage *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);

  self->is_shown = scan != NULL && scan->sample != NULL
                   && nmd_sample_browser_get_current (self->browser) != NULL;
  nmd_image_view_set_scan (self->view, self->is_shown ? scan : NULL);
  if (self->is_shown)
    {
      show_facts (self, scan);
      ask_preview (self);
      return;
    }
  gtk_label_set_text (self->heading,
                      g_list_model_get_n_items (nmd_data_page_get_model (self)) > 0
                          ? _ ("No image chosen")
                          : "");
  gtk_label_set_text (self->echo, "");
  gtk_label_set_text (self->attributes, "");
  gtk_widget_set_visible (GTK_WIDGET (self->problems), FALSE);
  for (int i = 0; i < NMD_N_STAGES; i++)
    nmd_stage_card_set_stage (self->cards[i], NULL, NULL);
}

static void
on_scan (NmdDataPage *self)
{
  follow_sample (self);
  show_scan (self);
}

static void
on_preview (NmdExplanationSession *session, NmdPreview *preview, NmdDataPage *self)
{
  for (int i = 0; self->is_shown && i < NMD_N_STAGES; i++)
    nmd_stage_card_set_stage (self->cards[i], &preview->stages[i],
                              i > 0 ? &preview->stages[i - 1] : NULL);
}

static gboolean
augments (const NmdParameters *p)
{
  return nmd_parameters_get_switch (p, "crop") || nmd_parameters_get (p, "flip") > 0
         || nmd_parameters_get (p, "brightness") > 0
         || nmd_parameters_get (p, "contrast") > 0;
}

static void
on_parameters (NmdDataPage *self)
{
  const NmdParameters *p
      = nmd_recipe_session_get_of (self->recipe_session, NMD_TASK_CLASSIFY);

  nmd_stage_card_set_active (self->cards[NMD_STAGE_MEDIAN],
                             nmd_parameters_get_switch (p, "median"));
  nmd_stage_card_set_active (self->cards[NMD_STAGE_CLAHE],
                             nmd_parameters_get_switch (p, "clahe"));
  nmd_stage_card_set_active (self->cards[NMD_STAGE_AUGMENTED], augments (p));
  nmd_stage_card_set_active (self->cards[NMD_STAGE_MIXUP],
                             nmd_parameters_get (p, "mixup") > 0);
  nmd_image_view_set_margin (self->view, nmd_parameters_get (p, "roi-margin"));
  ask_preview (self);
}

/* Sets parameters to their defaults, or to 0. */
static void
switch_parameters (NmdDataPage *self, const char *const *names, gboolean on)
{
  for (guint k = 0; names[k] != NULL; k++)
    nmd_recipe_session_set_of (self->recipe_session, NMD_TASK_CLASSIFY, names[k],
                               on ? nmd_parameter_find (names[k])->standard : 0, NULL);
}

static void
on_switched (NmdStageCard *card, gboolean on, NmdDataPage *self)
{
  const char *const median[] = { "median", NULL };
  const char *const clahe[] = { "clahe", NULL };
  const char *const augment[]
      = { "crop", "flip", "brightness", "contrast", "saturation", NULL };
  const char *const mixup[] = { "mixup", NULL };

  if (card == self->cards[NMD_STAGE_MEDIAN])
    switch_parameters (self, median, on);
  else if (card == self->cards[NMD_STAGE_CLAHE])
    switch_parameters (self, clahe, on);
  else if (card == self->cards[NMD_STAGE_AUGMENTED])
    switch_parameters (self, augment, on);
  else
    switch_parameters (self, mixup, on);
}

static void
on_draw_again (NmdDataPage *self)
{
  self->draw++;
  ask_preview (self);
}

static void
add_cards (NmdDataPage *self)
{
  const char *const titles[NMD_N_STAGES] = { _ ("ROI"),   _ ("224 × 224"), _ ("Median"),
                                             _ ("CLAHE"), _ ("Augmented"), _ ("Mixup") };

  const char *const help[NMD_N_STAGES]
      = { _ ("The box around the outline, with a margin"),
          _ ("The size that the networks take, in pixels"),
          _ ("Median filter: less speckle"),
          _ ("Local contrast, raised up to a limit (CLAHE)"),
          _ ("In training only: random crop, mirroring, brightness and contrast"),
          _ ("In training only: mixed with another image. The last picture shows exactly "
             "the numbers that the network is handed") };

  for (int i = 0; i < NMD_N_STAGES; i++)
    {
      self->cards[i]
          = NMD_STAGE_CARD (nmd_stage_card_new (titles[i], i >= NMD_STAGE_MEDIAN));
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->cards[i]), help[i]);
      gtk_box_append (self->strip, GTK_WIDGET (self->cards[i]));
      g_signal_connect_object (self->cards[i], "switched", G_CALLBACK (on_switched), self,
                               0);
    }
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
                           NmdDataSession *data_session,
                           NmdScanSession *scan_session,
                           NmdRecipeSession *recipe_session,
                           NmdRunsSession *runs_session,
                           NmdExplanationSession *explanation_session,
                           NmdProposalSession *proposal_session)
{
  g_return_if_fail (NMD_IS_DATA_PAGE (self) && self->data_session == NULL);

  self->data_session = g_object_ref (data_session);
  self->scan_session = g_object_ref (scan_session);
  self->recipe_session = g_object_ref (recipe_session);
  self->explanation_session = g_object_ref (explanation_session);
  nmd_outline_care_connect (self->view, scan_session);
  nmd_proposal_bar_connect (self->proposal, self->view, scan_session, runs_session,
                            proposal_session);
  g_object_bind_property (proposal_session, "active", self->proposal_button, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_signal_connect_object (self->view, "step", G_CALLBACK (on_step), self, 0);
  self->sample_facts = nmd_sample_facts_new (data_session, recipe_session, runs_session);
  self->filter = nmd_sample_filter_new (data_session, self->sample_facts, recipe_session);
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
  g_signal_connect_object (data_session, "notify::dataset", G_CALLBACK (on_dataset), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (scan_session, "notify::sample", G_CALLBACK (on_sample), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (scan_session, "notify::scan", G_CALLBACK (on_scan), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explanation_session, "preview", G_CALLBACK (on_preview), self,
                           0);
  g_signal_connect_object (recipe_session, "changed", G_CALLBACK (on_parameters), self,
                           G_CONNECT_SWAPPED);
  on_parameters (self);
  renew_stack (self);
}

static void
nmd_data_page_dispose (GObject *object)
{
  NmdDataPage *self = NMD_DATA_PAGE (object);

  g_clear_pointer (&self->facts, g_free);
  g_clear_object (&self->filter);
  g_clear_object (&self->sample_facts);
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
  g_type_ensure (NMD_TYPE_IMAGE_VIEW);
  g_type_ensure (NMD_TYPE_PROPOSAL_BAR);
  g_type_ensure (NMD_TYPE_SAMPLE_BROWSER);
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
  gtk_widget_class_bind_template_child (widget_class, NmdDataPage, status);
}

static void
on_zoom_in (NmdDataPage *self)
{
  nmd_grey_view_zoom (NMD_GREY_VIEW (self->view), 1.3);
}

static void
on_zoom_out (NmdDataPage *self)
{
  nmd_grey_view_zoom (NMD_GREY_VIEW (self->view), 1 / 1.3);
}

static void
nmd_data_page_init (NmdDataPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
  add_cards (self);

  /* A revealer without a transition keeps the room of what it hides. */
  g_object_bind_property (self->strip_button, "active", self->strip_revealer, "visible",
                          G_BINDING_SYNC_CREATE);
  g_object_bind_property (self->strip_button, "active", self->strip_revealer,
                          "reveal-child", G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (self->strip, "map", G_CALLBACK (on_strip_mapped), self);
  g_signal_connect_swapped (self->strip_revealer, "notify::child-revealed",
                            G_CALLBACK (on_strip_mapped), self);
  g_signal_connect_swapped (self->search, "search-changed",
                            G_CALLBACK (on_search_changed), self);
  g_signal_connect_swapped (self->search, "stop-search", G_CALLBACK (on_stop_search),
                            self);
  g_signal_connect_swapped (self->browser, "clear", G_CALLBACK (on_clear), self);
  g_signal_connect_swapped (self->draw_button, "clicked", G_CALLBACK (on_draw_again),
                            self);
  g_signal_connect_swapped (self->grey_button, "clicked",
                            G_CALLBACK (nmd_grey_view_reset_grey), self->view);
  g_signal_connect_swapped (self->fit_button, "clicked", G_CALLBACK (nmd_grey_view_fit),
                            self->view);
  g_signal_connect_swapped (self->zoom_in_button, "clicked", G_CALLBACK (on_zoom_in),
                            self);
  g_signal_connect_swapped (self->zoom_out_button, "clicked", G_CALLBACK (on_zoom_out),
                            self);
}
