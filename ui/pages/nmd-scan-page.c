/* SPDX-License-Identifier: Apache-2.0
 *
 * The Scan page. Outlines and measures are the session's, their questions nmd-outline-care.c's, score and echo
 * intensity nmd-explain-facts.c's; here they stand together.
 */
#include "ui/pages/nmd-scan-page.h"

#include "engine/image/nmd-measure.h"
#include "ui/dialogs/nmd-save-dialog.h"
#include "ui/pages/nmd-body-panel.h"
#include "ui/pages/nmd-dicom-bar.h"
#include "ui/pages/nmd-explain-facts.h"
#include "ui/pages/nmd-outline-care.h"
#include "ui/pages/nmd-person-panel.h"
#include "ui/pages/nmd-proposal-bar.h"
#include "ui/pages/nmd-scan-figure.h"
#include "ui/pages/nmd-scan-keys.h"
#include "ui/pages/nmd-scan-measures.h"
#include "ui/pages/nmd-what-if-panel.h"
#include "ui/session/nmd-scan-asked.h"
#include "ui/session/nmd-visit-texts.h"
#include "ui/widgets/nmd-fold-row.h"
#include "ui/widgets/nmd-tool-bar.h"
#include "ui/widgets/nmd-visit-table.h"
#include "ui/widgets/nmd-width-first.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _NmdScanPage
{
  NmdPageBin parent_instance;

  GtkStack *stack;
  GtkWidget *visit_side;
  GtkListView *list;
  NmdImageView *view;
  GtkBox *tools;
  NmdProposalBar *proposal;
  GtkLabel *help;
  NmdDicomBar *dicom_bar;
  GtkDropDown *outline_choice;
  GtkButton *undo_button;
  GtkButton *redo_button;
  GtkButton *clear_button;
  GtkButton *erase_button;
  GtkButton *mask_button;
  GtkButton *save_mask_button;
  GtkToggleButton *outline_button;
  GtkLabel *title;
  NmdExplainFacts *facts;
  NmdWhatIfPanel *what_if;
  GtkLabel *measures;
  GtkWidget *naming;
  GtkEntry *muscle;
  GtkDropDown *side;
  NmdPersonPanel *person;
  GtkGrid *table;
  NmdBodyPanel *body;
  GtkButton *save_button;
  GtkButton *copy_button;

  NmdNotices *notices;
  NmdScanSession *scan_session;
  NmdVisitSession *visit_session;
  NmdRunsSession *runs_session;
  NmdExplanationSession *explanation_session;
  NmdProposalSession *proposal_session;
  NmdExplanation *answer;
  GtkSingleSelection *selection;
  NmdTool tool;
  double cm; /* a pixel; 0: not calibrated */
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (NmdScanPage, nmd_scan_page, NMD_TYPE_PAGE_BIN)

/* Numbers */

static void
show_measures (NmdScanPage *self, NmdScan *scan)
{
  const NmdScanMarks *marks = nmd_scan_session_get_marks (self->scan_session);
  double cm = 0;

  g_object_get (self->scan_session, "cm-per-pixel", &cm, NULL);
  double ruler = nmd_measure_get_cm (scan->image, cm);
  if (ruler != self->cm)
    {
      /* In pixels a ruler says little, and it would cover the scanner's own. */
      self->cm = ruler;
      g_object_set (self->view, "show-ruler", ruler > 0, NULL);
    }
  g_autofree char *text = nmd_scan_measures_describe (scan, marks, cm);
  gtk_label_set_text (self->measures, text);
  gtk_widget_set_visible (GTK_WIDGET (self->measures), *text != '\0');
}

static void
show_naming (NmdScanPage *self)
{
  NmdVisitItem *item = nmd_visit_session_get_item (self->visit_session);

  gtk_widget_set_visible (self->naming, item != NULL);
  nmd_person_panel_show (self->person, item);
  if (item == NULL)
    return;
  self->setting = TRUE;
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->muscle)), item->muscle) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->muscle), item->muscle);
  gtk_drop_down_set_selected (self->side, item->side);
  self->setting = FALSE;
}

static void
show_outline_choice (NmdScanPage *self, const char *name)
{
  GListModel *names = gtk_drop_down_get_model (self->outline_choice);
  guint place = 0;

  for (guint i = 0; name != NULL && i < g_list_model_get_n_items (names); i++)
    {
      g_autoptr (GtkStringObject) other = g_list_model_get_item (names, i);
      if (g_str_equal (gtk_string_object_get_string (other), name))
        place = i;
    }
  self->setting = TRUE;
  gtk_drop_down_set_selected (self->outline_choice, place);
  self->setting = FALSE;
}

static void
show_history (NmdScanPage *self, NmdScan *scan)
{
  const NmdScanMarks *marks = nmd_scan_session_get_marks (self->scan_session);
  const NmdNamedOutline *active = marks != NULL ? nmd_scan_marks_get (marks) : NULL;
  gboolean has = active != NULL ? active->echo.n > 0 : scan->mask != NULL;

  gtk_widget_set_sensitive (GTK_WIDGET (self->undo_button),
                            active != NULL
                                && nmd_mask_history_can_undo (active->history));
  gtk_widget_set_sensitive (GTK_WIDGET (self->redo_button),
                            active != NULL
                                && nmd_mask_history_can_redo (active->history));
  gtk_widget_set_sensitive (GTK_WIDGET (self->clear_button),
                            marks != NULL && marks->measures->len > 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->erase_button), has);
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_mask_button), has);
  show_outline_choice (self, active != NULL ? active->name : NULL);
}

static void
renew (NmdScanPage *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  guint n = g_list_model_get_n_items (nmd_visit_session_get_items (self->visit_session));

  gtk_stack_set_visible_child_name (self->stack, scan != NULL ? "content" : "empty");
  gtk_widget_set_visible (self->visit_side, n > 0);
  nmd_visit_table_fill (self->table, nmd_visit_session_get_items (self->visit_session));
  nmd_what_if_panel_show (self->what_if, scan, self->answer,
                          self->answer == NULL
                              && nmd_runs_session_get_model (self->runs_session) != NULL);
  if (scan == NULL)
    return;
  gtk_label_set_text (self->title, scan->name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), scan->path);
  nmd_explain_facts_show (self->facts, scan, self->answer);
  show_measures (self, scan);
  show_naming (self);
  show_history (self, scan);
}

/* Asking the model */

static void
ask (NmdScanPage *self)
{
  if (nmd_scan_session_get_scan (self->scan_session) != NULL
      && gtk_widget_get_mapped (GTK_WIDGET (self)))
    nmd_explanation_session_ask (self->explanation_session, NMD_MAP_GRADCAM, -1, NULL);
}

static void
on_explanation (NmdExplanationSession *session, NmdExplanation *answer, NmdScanPage *self)
{
  g_clear_pointer (&self->answer, nmd_explanation_free);
  if (answer != NULL)
    self->answer = nmd_explanation_copy (answer);
  renew (self);
}

static void
on_map (NmdScanPage *self)
{
  if (self->notices != NULL && self->answer == NULL)
    ask (self);
}

/* The visit */

static void
select_item (NmdScanPage *self)
{
  NmdVisitItem *item = nmd_visit_session_get_item (self->visit_session);
  GListModel *items = nmd_visit_session_get_items (self->visit_session);
  guint place = GTK_INVALID_LIST_POSITION;

  for (guint i = 0; item != NULL && i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (NmdVisitItem) other = g_list_model_get_item (items, i);
      if (other == item)
        place = i;
    }
  self->setting = TRUE;
  gtk_single_selection_set_selected (self->selection, place);
  self->setting = FALSE;
}

static void
on_scan (NmdScanPage *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  NmdScan *before = nmd_image_view_get_scan (self->view);

  g_clear_pointer (&self->answer, nmd_explanation_free);
  if (scan != NULL && (before == NULL || g_strcmp0 (before->path, scan->path) != 0))
    nmd_grey_view_reset_grey (NMD_GREY_VIEW (self->view));
  nmd_image_view_set_scan (self->view, scan);
  select_item (self);
  renew (self);
  ask (self);
}

static void
on_selected (NmdScanPage *self)
{
  NmdVisitItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (!self->setting && item != NULL)
    nmd_visit_session_choose (self->visit_session, item);
}

static void
on_step (NmdGreyView *view, int by, gboolean by_subject, NmdScanPage *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  guint from = gtk_single_selection_get_selected (self->selection);

  if (n == 0 || from == GTK_INVALID_LIST_POSITION)
    return;
  gtk_single_selection_set_selected (self->selection,
                                     (guint)CLAMP ((gint64)from + by, 0, (gint64)n - 1));
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  for (int i = 0; i < 2; i++)
    {
      GtkWidget *label = gtk_label_new (NULL);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      g_object_set (label, "ellipsize", i == 0 ? PANGO_ELLIPSIZE_MIDDLE : 0, "wrap",
                    i == 1, NULL);
      gtk_widget_add_css_class (label, "numeric");
      if (i == 1)
        {
          gtk_widget_add_css_class (label, "caption");
          gtk_widget_add_css_class (label, "dim-label");
        }
      gtk_box_append (GTK_BOX (box), label);
    }
  gtk_list_item_set_child (item, box);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *list_item, NmdScanPage *self)
{
  NmdVisitItem *item = gtk_list_item_get_item (list_item);
  GtkWidget *box = gtk_list_item_get_child (list_item);
  g_autofree char *name = g_path_get_basename (item->path);
  gboolean has = item->scan != NULL && item->scan->echo.n > 0;
  g_autofree char *echo
      = has ? g_strdup_printf ("%.1f\u00a0±\u00a0%.1f", item->scan->echo.mean,
                               item->scan->echo.sd)
            : g_strdup (item->scan != NULL ? _ ("no outline") : "…");
  g_autofree char *text = g_strdup_printf ("%s %s · %s", item->muscle,
                                           nmd_side_get_title (item->side), echo);

  gtk_label_set_text (GTK_LABEL (gtk_widget_get_first_child (box)), name);
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_last_child (box)), g_strstrip (text));
  gtk_widget_set_tooltip_text (box, name);
}

/* A new factory shows every row anew. */
static void
on_visit (NmdScanPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, 0);
  gtk_list_view_set_factory (self->list, factory);
  g_object_unref (factory);
  select_item (self);
  renew (self);
}

static void
on_naming (NmdScanPage *self)
{
  NmdVisitItem *item = self->visit_session != NULL
                           ? nmd_visit_session_get_item (self->visit_session)
                           : NULL;

  if (self->setting || item == NULL)
    return;
  nmd_visit_session_name (self->visit_session, item,
                          gtk_editable_get_text (GTK_EDITABLE (self->muscle)),
                          (NmdSide)gtk_drop_down_get_selected (self->side));
}

/* Outlines */

static void
on_outline_choice (NmdScanPage *self)
{
  GtkStringObject *name = gtk_drop_down_get_selected_item (self->outline_choice);

  if (!self->setting && name != NULL && self->scan_session != NULL)
    nmd_scan_session_choose_outline (self->scan_session,
                                     gtk_string_object_get_string (name));
}

/* Proposals are wanted with their tool. */
static void
on_tool (NmdScanPage *self)
{
  int tool = 0;

  g_object_get (self->view, "tool", &tool, NULL);
  if (self->proposal_session != NULL
      && (tool == NMD_TOOL_PROPOSAL) != (self->tool == NMD_TOOL_PROPOSAL))
    g_object_set (self->proposal_session, "active", tool == NMD_TOOL_PROPOSAL, NULL);
  self->tool = (NmdTool)tool;
}

/* It is corrected by hand next. */
static void
on_proposal_used (NmdScanPage *self)
{
  nmd_image_view_set_tool (self->view, NMD_TOOL_BRUSH);
}

static void
on_undo (NmdScanPage *self)
{
  nmd_scan_session_undo (self->scan_session);
}

static void
on_redo (NmdScanPage *self)
{
  nmd_scan_session_redo (self->scan_session);
}

static void
on_clear (NmdScanPage *self)
{
  nmd_scan_session_clear_measures (self->scan_session);
}

static void
on_erase (NmdScanPage *self)
{
  nmd_outline_care_erase (self->view, self->scan_session);
}

static void
on_mask (NmdScanPage *self)
{
  nmd_outline_care_open (self->view, self->scan_session);
}

static void
on_save_mask (NmdScanPage *self)
{
  nmd_outline_care_save (self->view, self->scan_session);
}

/* Going home with it */

void
nmd_scan_page_copy (NmdScanPage *self)
{
  g_return_if_fail (NMD_IS_SCAN_PAGE (self));

  g_autofree char *text = nmd_visit_to_text (self->visit_session);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  nmd_visit_keep_measures (self->visit_session);
  nmd_notices_message (self->notices, _ ("Numbers copied as text"));
}

/* A picture, the numbers or a report, by the ending. */
static NmdContent *
render (gpointer page, const char *path, GError **error)
{
  NmdScanPage *self = page;
  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  g_autofree char *lower = g_ascii_strdown (path, -1);

  if (g_str_has_suffix (lower, ".png"))
    {
      NmdGainStrip strip;
      gboolean blank = FALSE;
      gboolean moved = nmd_what_if_panel_get_strip (self->what_if, &strip, &blank);
      return nmd_content_new_figure (
          nmd_scan_figure_picture (scan, moved ? &strip : NULL, blank, error));
    }
  if (g_str_has_suffix (lower, ".pdf"))
    return nmd_content_new_figure (
        nmd_scan_figure_report (scan, self->visit_session, error));
  return nmd_content_new_text (nmd_visit_to_csv (self->visit_session));
}

static NmdSaveRequest
what_can_be_saved (void)
{
  static const char *const endings[] = { "png", "csv", "pdf", NULL };

  return (NmdSaveRequest){
    _ ("Save the Picture (.png), the Numbers (.csv) or a Report (.pdf)"),
    endings,
    _ ("PNG, CSV, PDF"),
    /* Translators: the placeholder is a file's name */
    _ ("%s is not saved: a picture is written as .png, numbers as .csv, a report as "
       ".pdf"),
    render,
  };
}

/* A picture and a table have no distances and angles. */
static void
on_report_saved (gpointer page)
{
  NmdScanPage *self = page;

  if (self->visit_session != NULL)
    nmd_visit_keep_measures (self->visit_session);
}

void
nmd_scan_page_save_as (NmdScanPage *self, const char *path)
{
  NmdSaveRequest request = what_can_be_saved ();

  g_return_if_fail (NMD_IS_SCAN_PAGE (self) && path != NULL);

  g_autofree char *lower = g_ascii_strdown (path, -1);
  if (g_str_has_suffix (lower, ".pdf"))
    request.saved = on_report_saved;
  if (nmd_scan_session_get_scan (self->scan_session) != NULL)
    nmd_save_dialog_save_as (self, &request, self->notices, self->explanation_session,
                             path);
}

static void
on_save_chosen (const char *path, gpointer page)
{
  NmdScanPage *self = page;

  if (nmd_scan_asked_is_shown (page, self->scan_session, self->notices, FALSE))
    nmd_scan_page_save_as (self, path);
}

void
nmd_scan_page_save (NmdScanPage *self)
{
  const NmdSaveRequest request = what_can_be_saved ();

  g_return_if_fail (NMD_IS_SCAN_PAGE (self));

  NmdScan *scan = nmd_scan_session_get_scan (self->scan_session);
  if (scan == NULL)
    return;
  g_autofree char *base = g_path_get_basename (scan->name);
  char *dot = strrchr (base, '.');
  if (dot != NULL && dot != base)
    *dot = '\0';
  g_autofree char *name = g_strdup_printf ("%s-outlined.png", base);
  nmd_scan_asked_note (G_OBJECT (self), self->scan_session);
  nmd_save_dialog_present (GTK_WIDGET (self), &request, name, on_save_chosen);
}

/* Page */

void
nmd_scan_page_set_session (NmdScanPage *self,
                           NmdNotices *notices,
                           NmdScanSession *scan_session,
                           NmdVisitSession *visit_session,
                           NmdRunsSession *runs_session,
                           NmdExplanationSession *explanation_session,
                           NmdProposalSession *proposal_session)
{
  g_return_if_fail (NMD_IS_SCAN_PAGE (self) && self->notices == NULL);

  self->notices = g_object_ref (notices);
  self->scan_session = g_object_ref (scan_session);
  self->visit_session = g_object_ref (visit_session);
  self->runs_session = g_object_ref (runs_session);
  self->explanation_session = g_object_ref (explanation_session);
  self->proposal_session = g_object_ref (proposal_session);
  self->selection = gtk_single_selection_new (
      g_object_ref (nmd_visit_session_get_items (visit_session)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  nmd_explain_facts_set_session (self->facts, runs_session, explanation_session);
  nmd_explain_facts_set_brief (self->facts);
  nmd_person_panel_set_session (self->person, visit_session);
  nmd_body_panel_set_session (self->body, visit_session);
  nmd_what_if_panel_set_session (self->what_if, explanation_session,
                                 NMD_GREY_VIEW (self->view));
  nmd_outline_care_connect (self->view, notices, scan_session);
  nmd_proposal_bar_connect (self->proposal, self->view, scan_session, runs_session,
                            proposal_session);
  nmd_dicom_bar_set_session (self->dicom_bar, notices, scan_session, self->view);
  g_signal_connect_object (self->selection, "notify::selected-item",
                           G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (visit_session, "changed", G_CALLBACK (on_visit), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (scan_session, "notify::scan", G_CALLBACK (on_scan), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (scan_session, "marks-changed", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (runs_session, "notify::has-model", G_CALLBACK (on_scan), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explanation_session, "notify::override", G_CALLBACK (renew),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (explanation_session, "stated-changed", G_CALLBACK (ask), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explanation_session, "explanation",
                           G_CALLBACK (on_explanation), self, 0);
  on_visit (self);
  on_scan (self);
}

static void
nmd_scan_page_dispose (GObject *object)
{
  NmdScanPage *self = NMD_SCAN_PAGE (object);

  self->setting = TRUE;
  g_clear_pointer (&self->answer, nmd_explanation_free);
  g_clear_object (&self->selection);
  g_clear_object (&self->notices);
  g_clear_object (&self->scan_session);
  g_clear_object (&self->visit_session);
  g_clear_object (&self->runs_session);
  g_clear_object (&self->explanation_session);
  g_clear_object (&self->proposal_session);
  G_OBJECT_CLASS (nmd_scan_page_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdScanPage, child)

static void
nmd_scan_page_class_init (NmdScanPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_scan_page_dispose;
  g_type_ensure (NMD_TYPE_WIDTH_FIRST);
  g_type_ensure (NMD_TYPE_IMAGE_VIEW);
  g_type_ensure (NMD_TYPE_DICOM_BAR);
  g_type_ensure (NMD_TYPE_FOLD_ROW);
  g_type_ensure (NMD_TYPE_EXPLAIN_FACTS);
  g_type_ensure (NMD_TYPE_PERSON_PANEL);
  g_type_ensure (NMD_TYPE_BODY_PANEL);
  g_type_ensure (NMD_TYPE_WHAT_IF_PANEL);
  g_type_ensure (NMD_TYPE_PROPOSAL_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-scan-page.ui");
  BIND (stack);
  BIND (visit_side);
  BIND (list);
  BIND (view);
  BIND (tools);
  BIND (help);
  BIND (dicom_bar);
  BIND (outline_choice);
  BIND (proposal);
  BIND (undo_button);
  BIND (redo_button);
  BIND (clear_button);
  BIND (erase_button);
  BIND (mask_button);
  BIND (save_mask_button);
  BIND (outline_button);
  BIND (title);
  BIND (facts);
  BIND (what_if);
  BIND (measures);
  BIND (naming);
  BIND (muscle);
  BIND (side);
  BIND (person);
  BIND (table);
  BIND (body);
  BIND (save_button);
  BIND (copy_button);
}

static void
connect_buttons (NmdScanPage *self)
{
  const struct
  {
    GtkButton *button;
    GCallback callback;
  } clicks[] = {
    { self->undo_button, G_CALLBACK (on_undo) },
    { self->redo_button, G_CALLBACK (on_redo) },
    { self->clear_button, G_CALLBACK (on_clear) },
    { self->erase_button, G_CALLBACK (on_erase) },
    { self->mask_button, G_CALLBACK (on_mask) },
    { self->save_mask_button, G_CALLBACK (on_save_mask) },
    { self->save_button, G_CALLBACK (nmd_scan_page_save) },
    { self->copy_button, G_CALLBACK (nmd_scan_page_copy) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (clicks); i++)
    g_signal_connect_swapped (clicks[i].button, "clicked", clicks[i].callback, self);
}

static void
nmd_scan_page_init (NmdScanPage *self)
{
  NmdTool tools[NMD_N_TOOLS];

  gtk_widget_init_template (GTK_WIDGET (self));
  const NmdPane panes[]
      = { { GTK_WIDGET (self->view), GTK_WIDGET (self->view) },
          { gtk_widget_get_parent (self->naming), GTK_WIDGET (self->muscle) },
          { self->visit_side, GTK_WIDGET (self->list) } };
  nmd_scan_keys_attach (GTK_WIDGET (self), panes, G_N_ELEMENTS (panes),
                        GTK_WIDGET (self->save_mask_button));
  for (guint i = 0; i < NMD_N_TOOLS; i++)
    tools[i] = (NmdTool)i;
  nmd_tool_bar_fill (self->tools, self->view, tools, NMD_N_TOOLS);
  nmd_tool_bar_help (self->help, self->view);
  g_object_bind_property (self->outline_button, "active", self->view, "show-outline",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  connect_buttons (self);
  g_signal_connect_object (self->view, "step", G_CALLBACK (on_step), self, 0);
  g_signal_connect_swapped (self->view, "notify::tool", G_CALLBACK (on_tool), self);
  g_signal_connect_swapped (self->proposal, "used", G_CALLBACK (on_proposal_used), self);
  g_signal_connect_swapped (self, "map", G_CALLBACK (on_map), self);
  g_signal_connect_swapped (self->outline_choice, "notify::selected",
                            G_CALLBACK (on_outline_choice), self);
  g_signal_connect_swapped (self->side, "notify::selected", G_CALLBACK (on_naming), self);
  g_signal_connect_swapped (self->muscle, "changed", G_CALLBACK (on_naming), self);
}
