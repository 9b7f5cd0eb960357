/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of images. Which one is chosen is the scan session's; filters are the model's.
 */
#include "ui/widgets/nmd-scan-list.h"

#include "ui/widgets/nmd-sample-step.h"
#include "ui/widgets/nmd-tab-leaves.h"
#include "ui/widgets/nmd-thumbnail.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _NmdScanList
{
  AdwBin parent_instance;

  GtkListView *list;
  GtkButton *previous_button;
  GtkButton *next_button;
  GtkLabel *place;

  NmdScanSession *scan;
  NmdRunsSession *runs;
  GtkSingleSelection *selection;
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (NmdScanList, nmd_scan_list, ADW_TYPE_BIN)

static gboolean
on_query_tooltip (GtkWidget *box,
                  int x,
                  int y,
                  gboolean keyboard,
                  GtkTooltip *tooltip,
                  GtkListItem *item)
{
  NmdSample *sample = gtk_list_item_get_item (item);

  gtk_tooltip_set_text (tooltip, sample != NULL ? sample->id : NULL);
  return sample != NULL;
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  /* Not "box", of which the theme has rules that look at the row's state: each of them would be looked up again for each row
   * whenever the pointer goes elsewhere. */
  GtkWidget *box = g_object_new (GTK_TYPE_BOX, "css-name", "scanrow", "spacing", 8, NULL);
  GtkWidget *texts = g_object_new (GTK_TYPE_BOX, "css-name", "scantexts", "orientation",
                                   GTK_ORIENTATION_VERTICAL, NULL);
  GtkWidget *name = gtk_label_new (NULL);
  GtkWidget *score = gtk_label_new (NULL);
  GtkWidget *thumbnail = nmd_thumbnail_new (44);

  gtk_widget_add_css_class (thumbnail, "nmd-bare");
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_xalign (GTK_LABEL (score), 0);
  /* Names begin alike; what tells them apart is at their end. */
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
  gtk_widget_set_has_tooltip (box, TRUE);
  g_signal_connect_object (box, "query-tooltip", G_CALLBACK (on_query_tooltip), item, 0);
  gtk_list_item_set_child (item, box);
}

static void
show_row (NmdScanList *self, GtkListItem *item)
{
  GtkWidget *box = gtk_list_item_get_child (item);
  NmdSample *sample = gtk_list_item_get_item (item);
  GtkWidget *texts = gtk_widget_get_last_child (box);
  GtkWidget *name = gtk_widget_get_first_child (texts);
  GtkWidget *score = gtk_widget_get_next_sibling (name);
  double value = nmd_runs_session_get_score (self->runs, sample);
  g_autofree char *base = g_path_get_basename (sample->id);
  char *dot = strrchr (base, '.');
  g_autofree char *text = isnan (value)
                              ? g_strdup (sample->label_word)
                              : g_strdup_printf ("%.2f · %s", value, sample->label_word);

  if (dot != NULL)
    *dot = '\0';
  gtk_label_set_text (GTK_LABEL (name), base);
  gtk_label_set_text (GTK_LABEL (score), text);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, NmdScanList *self)
{
  GtkWidget *thumbnail = gtk_widget_get_first_child (gtk_list_item_get_child (item));

  nmd_thumbnail_set_sample (NMD_THUMBNAIL (thumbnail), gtk_list_item_get_item (item));
  show_row (self, item);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *item, NmdScanList *self)
{
  GtkWidget *thumbnail = gtk_widget_get_first_child (gtk_list_item_get_child (item));

  nmd_thumbnail_set_sample (NMD_THUMBNAIL (thumbnail), NULL);
}

static void
make_factory (NmdScanList *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), self, 0);
  gtk_list_view_set_factory (self->list, factory);
  g_object_unref (factory);
}

/* Which one of how many. */
static void
show_place (NmdScanList *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  guint place = gtk_single_selection_get_selected (self->selection);
  g_autofree char *text
      = place < n
            /* Translators: place of an image in a list, and how many there are: 3 of 108 */
            ? g_strdup_printf (_ ("%u of %u"), place + 1, n)
            : g_strdup_printf ("%u", n);

  gtk_label_set_text (self->place, text);
}

static void
on_selected (NmdScanList *self)
{
  NmdSample *sample = gtk_single_selection_get_selected_item (self->selection);

  show_place (self);
  if (sample != NULL && !self->setting)
    nmd_scan_session_set_sample (self->scan, sample);
}

/* Whether a file is shown that was opened alone: it is none of these. */
static gboolean
is_alone (NmdScanList *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan);

  return scan != NULL && scan->sample == NULL;
}

static void
follow_sample (NmdScanList *self)
{
  NmdSample *sample
      = self->scan != NULL ? nmd_scan_session_get_sample (self->scan) : NULL;
  GListModel *model = G_LIST_MODEL (self->selection);
  guint n = model != NULL ? g_list_model_get_n_items (model) : 0;

  if (sample == NULL || is_alone (self)
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
  g_autoptr (NmdScanList) self = data;

  follow_sample (self);
}

/* The list may be in the middle of a change of its own when the image is chosen: follow
 * after it. */
static void
on_sample (NmdScanList *self)
{
  g_idle_add_once (follow_later, g_object_ref (self));
}

/* Beside a file opened alone nothing is chosen here, and anything can be. */
static void
on_scan (NmdScanList *self)
{
  follow_sample (self);
  if (is_alone (self))
    gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
}

static void
on_list_changed (NmdScanList *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
  show_place (self);
}

void
nmd_scan_list_step (NmdScanList *self, int by, gboolean by_subject)
{
  g_return_if_fail (NMD_IS_SCAN_LIST (self));

  guint place = nmd_sample_step (G_LIST_MODEL (self->selection),
                                 gtk_single_selection_get_selected (self->selection), by,
                                 by_subject);
  if (place == GTK_INVALID_LIST_POSITION)
    return;
  gtk_single_selection_set_selected (self->selection, place);
  gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", place);
}

static void
on_previous (NmdScanList *self)
{
  nmd_scan_list_step (self, -1, FALSE);
}

static void
on_next (NmdScanList *self)
{
  nmd_scan_list_step (self, 1, FALSE);
}

void
nmd_scan_list_set_session (NmdScanList *self,
                           NmdScanSession *scan_session,
                           NmdRunsSession *runs_session,
                           GListModel *model)
{
  g_return_if_fail (NMD_IS_SCAN_LIST (self) && self->scan == NULL);

  self->scan = g_object_ref (scan_session);
  self->runs = g_object_ref (runs_session);
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
  g_signal_connect_object (runs_session, "scores-changed", G_CALLBACK (make_factory),
                           self, G_CONNECT_SWAPPED);
  on_list_changed (self);
}

static void
nmd_scan_list_dispose (GObject *object)
{
  NmdScanList *self = NMD_SCAN_LIST (object);

  g_clear_object (&self->selection);
  g_clear_object (&self->scan);
  g_clear_object (&self->runs);
  G_OBJECT_CLASS (nmd_scan_list_parent_class)->dispose (object);
}

static void
nmd_scan_list_class_init (NmdScanListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_scan_list_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-scan-list.ui");
  gtk_widget_class_bind_template_child (widget_class, NmdScanList, list);
  gtk_widget_class_bind_template_child (widget_class, NmdScanList, previous_button);
  gtk_widget_class_bind_template_child (widget_class, NmdScanList, next_button);
  gtk_widget_class_bind_template_child (widget_class, NmdScanList, place);
}

static void
nmd_scan_list_init (NmdScanList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  make_factory (self);
  nmd_tab_leaves_set (GTK_WIDGET (self->list));
  g_signal_connect_swapped (self->previous_button, "clicked", G_CALLBACK (on_previous),
                            self);
  g_signal_connect_swapped (self->next_button, "clicked", G_CALLBACK (on_next), self);
}
