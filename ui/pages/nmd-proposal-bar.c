/* SPDX-License-Identifier: Apache-2.0
 *
 * From the proposal session to the canvas and back. What an answer says is nmd-scan-proposal.c's.
 */
#include "ui/pages/nmd-proposal-bar.h"

#include "ui/pages/nmd-outline-care.h"

#include <glib/gi18n.h>

struct _NmdProposalBar
{
  GtkBox parent_instance;

  GtkDropDown *choice;
  GtkLabel *text;
  GtkButton *use_button;

  NmdImageView *view;
  NmdScanSession *scan;
  NmdRunsSession *runs;
  NmdProposalSession *proposals;
  GPtrArray *items; /* of NmdRunItem: what the drop-down lists */
  gboolean setting;
};

static guint used;

G_DEFINE_FINAL_TYPE (NmdProposalBar, nmd_proposal_bar, GTK_TYPE_BOX)

/* The runs that find outlines */

static void
list_runs (NmdProposalBar *self)
{
  GListModel *runs = nmd_runs_session_get_runs (self->runs);
  NmdRunItem *chosen = nmd_runs_session_get_outline_run (self->runs);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = GTK_INVALID_LIST_POSITION;

  g_ptr_array_set_size (self->items, 0);
  for (guint i = 0; i < g_list_model_get_n_items (runs); i++)
    {
      g_autoptr (NmdRunItem) item = g_list_model_get_item (runs, i);
      if (!nmd_run_item_is_for (item, NMD_TASK_SEGMENT))
        continue;
      g_autofree char *name = g_strdup_printf ("%s · %s", item->title, item->subtitle);
      if (chosen != NULL && g_strcmp0 (item->folder, chosen->folder) == 0)
        selected = self->items->len;
      gtk_string_list_append (names, name);
      g_ptr_array_add (self->items, g_steal_pointer (&item));
    }
  self->setting = TRUE;
  gtk_drop_down_set_model (self->choice, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->choice, selected);
  self->setting = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self->choice), self->items->len > 0);
}

static void
on_choice (NmdProposalBar *self)
{
  guint selected = gtk_drop_down_get_selected (self->choice);

  if (!self->setting && selected < self->items->len)
    nmd_runs_session_set_outline_run (self->runs,
                                      g_ptr_array_index (self->items, selected));
}

/* The answer */

static char *
legend_title (const NmdScanProposal *answer)
{
  if (answer == NULL)
    return NULL;
  if (answer->proposal.mask == NULL)
    return g_strdup (_ ("No outline found"));
  if (answer->has_measures)
    /* Translators: in a legend: an outline that a network found, its agreement with the other one */
    return g_strdup_printf (_ ("Proposal · Dice %.3f"), answer->measures.dice);
  return g_strdup (_ ("Proposal"));
}

static void
show_on_view (NmdProposalBar *self, const NmdScanProposal *answer)
{
  NmdScan *shown = nmd_image_view_get_scan (self->view);
  gboolean same = answer != NULL && shown != NULL && shown->image == answer->scan->image;
  g_autofree char *title = same ? legend_title (answer) : NULL;

  nmd_image_view_set_proposal (self->view, same ? answer->lines : NULL, title);
  nmd_image_view_set_prompts (self->view,
                              nmd_proposal_session_is_active (self->proposals)
                                  ? nmd_proposal_session_get_prompts (self->proposals)
                                  : NULL);
}

static void
renew (NmdProposalBar *self)
{
  gboolean active = nmd_proposal_session_is_active (self->proposals);
  const NmdScanProposal *answer = nmd_proposal_session_get_answer (self->proposals);
  g_autofree char *text = active ? nmd_proposal_session_get_text (self->proposals) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self), active);
  show_on_view (self, answer);
  gtk_label_set_text (self->text, text != NULL ? text : "");
  if (answer != NULL && nmd_scan_proposal_is_doubtful (answer))
    gtk_widget_add_css_class (GTK_WIDGET (self->text), "warning");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->text), "warning");
  gtk_widget_set_sensitive (GTK_WIDGET (self->use_button),
                            answer != NULL && answer->proposal.mask != NULL);
}

static void
use_it (gpointer bar)
{
  NmdProposalBar *self = bar;

  if (nmd_proposal_session_use (self->proposals))
    g_signal_emit (self, used, 0);
}

static void
on_use (NmdProposalBar *self)
{
  nmd_outline_care_ask_replace (self->view, self->scan, use_it, G_OBJECT (self));
}

/* What the user shows */

static void
on_prompted (NmdImageView *view, gpointer points, guint n, gboolean belongs, gpointer bar)
{
  NmdProposalBar *self = bar;
  const double *p = points;

  /* The tool's key works where there is no button for it. */
  g_object_set (self->proposals, "active", TRUE, NULL);
  if (n == 2)
    nmd_proposal_session_show_box (self->proposals, p[0], p[1], p[2], p[3]);
  else
    nmd_proposal_session_show_click (self->proposals, p[0], p[1], belongs);
}

void
nmd_proposal_bar_connect (NmdProposalBar *self,
                          NmdImageView *view,
                          NmdScanSession *scan_session,
                          NmdRunsSession *runs_session,
                          NmdProposalSession *proposal_session)
{
  g_return_if_fail (NMD_IS_PROPOSAL_BAR (self) && self->view == NULL);

  self->view = g_object_ref (view);
  self->scan = g_object_ref (scan_session);
  self->runs = g_object_ref (runs_session);
  self->proposals = g_object_ref (proposal_session);
  g_signal_connect_object (proposal_session, "changed", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (runs_session, "notify::outline-run", G_CALLBACK (list_runs),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (nmd_runs_session_get_runs (runs_session), "items-changed",
                           G_CALLBACK (list_runs), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "notify::scan", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "prompted", G_CALLBACK (on_prompted), self, 0);
  g_signal_connect_object (view, "prompt-removed",
                           G_CALLBACK (nmd_proposal_session_take_back), proposal_session,
                           G_CONNECT_SWAPPED);
  list_runs (self);
  renew (self);
}

static void
nmd_proposal_bar_dispose (GObject *object)
{
  NmdProposalBar *self = NMD_PROPOSAL_BAR (object);

  self->setting = TRUE;
  g_clear_object (&self->view);
  g_clear_object (&self->scan);
  g_clear_object (&self->runs);
  g_clear_object (&self->proposals);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  G_OBJECT_CLASS (nmd_proposal_bar_parent_class)->dispose (object);
}

static void
nmd_proposal_bar_class_init (NmdProposalBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = nmd_proposal_bar_dispose;
  used = g_signal_new ("used", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                       NULL, NULL, G_TYPE_NONE, 0);
}

/* The chosen run's name is cut where there is no room; the list has it whole. */
static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (label), 12);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 12);
  gtk_list_item_set_child (item, label);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_list_item_get_child (item);
  const char *name = gtk_string_object_get_string (gtk_list_item_get_item (item));

  gtk_label_set_text (GTK_LABEL (label), name);
  gtk_widget_set_tooltip_text (label, name);
}

static void
on_list_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_list_item_set_child (item, label);
}

static void
set_factories (NmdProposalBar *self)
{
  g_autoptr (GtkListItemFactory) button = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkListItemFactory) list = gtk_signal_list_item_factory_new ();

  g_signal_connect (button, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (button, "bind", G_CALLBACK (on_bind), NULL);
  g_signal_connect (list, "setup", G_CALLBACK (on_list_setup), NULL);
  g_signal_connect (list, "bind", G_CALLBACK (on_bind), NULL);
  gtk_drop_down_set_factory (self->choice, button);
  gtk_drop_down_set_list_factory (self->choice, list);
}

static void
nmd_proposal_bar_init (NmdProposalBar *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *choice = gtk_drop_down_new (NULL, NULL);
  GtkWidget *text = gtk_label_new (NULL);
  GtkWidget *use = gtk_button_new_with_mnemonic (_ ("_Use the Proposal"));

  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->choice = GTK_DROP_DOWN (choice);
  self->text = GTK_LABEL (text);
  self->use_button = GTK_BUTTON (use);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 3);
  set_factories (self);
  gtk_widget_set_valign (choice, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (choice, _ ("The run that finds the outline"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (choice), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("The run that finds the outline"), -1);
  gtk_label_set_xalign (self->text, 0);
  gtk_label_set_wrap (self->text, TRUE);
  gtk_widget_add_css_class (text, "numeric");
  gtk_widget_add_css_class (text, "caption");
  gtk_widget_set_valign (use, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (
      use, _ ("Makes the proposed outline the scan's; it can be undone and corrected"));
  gtk_widget_set_hexpand (choice, TRUE);
  gtk_box_append (GTK_BOX (row), choice);
  gtk_box_append (GTK_BOX (row), use);
  gtk_box_append (GTK_BOX (self), row);
  gtk_box_append (GTK_BOX (self), text);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_swapped (choice, "notify::selected", G_CALLBACK (on_choice), self);
  g_signal_connect_swapped (use, "clicked", G_CALLBACK (on_use), self);
}
