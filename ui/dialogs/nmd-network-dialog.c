/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts and table of a network. The numbers are engine/nn/nmd-summary's.
 */
#include "ui/dialogs/nmd-network-dialog.h"

#include "engine/nn/nmd-summary.h"
#include "ui/widgets/nmd-columns.h"

#include <glib/gi18n.h>

/* One row of the table */

#define NMD_TYPE_LAYER_ITEM (nmd_layer_item_get_type ())
G_DECLARE_FINAL_TYPE (NmdLayerItem, nmd_layer_item, NMD, LAYER_ITEM, GObject)

struct _NmdLayerItem
{
  GObject parent_instance;
  char *name;
  const char *operation;
  char *shape;
  gint64 parameters, macs, bytes;
};

G_DEFINE_FINAL_TYPE (NmdLayerItem, nmd_layer_item, G_TYPE_OBJECT)

static void
nmd_layer_item_finalize (GObject *object)
{
  NmdLayerItem *self = NMD_LAYER_ITEM (object);

  g_free (self->name);
  g_free (self->shape);
  G_OBJECT_CLASS (nmd_layer_item_parent_class)->finalize (object);
}

static void
nmd_layer_item_class_init (NmdLayerItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_layer_item_finalize;
}

static void
nmd_layer_item_init (NmdLayerItem *self)
{
}

static NmdLayerItem *
layer_item_new (const NmdLayer *layer)
{
  NmdLayerItem *self = g_object_new (NMD_TYPE_LAYER_ITEM, NULL);
  g_autoptr (GString) shape = g_string_new (NULL);

  for (int d = 1; d < layer->shape.n_dims; d++)
    g_string_append_printf (shape, "%s%d", d > 1 ? " × " : "", layer->shape.dims[d]);
  self->name = g_strdup (layer->name);
  self->operation = nmd_op_get_name (layer->op);
  self->shape = g_string_free (g_steal_pointer (&shape), FALSE);
  self->parameters = layer->parameters;
  self->macs = layer->macs;
  self->bytes = layer->bytes;
  return self;
}

static char *
cell_name (gpointer item, const char **css, gpointer data)
{
  return g_strdup (((NmdLayerItem *)item)->name);
}

static char *
cell_operation (gpointer item, const char **css, gpointer data)
{
  *css = "dim-label";
  return g_strdup (((NmdLayerItem *)item)->operation);
}

static char *
cell_shape (gpointer item, const char **css, gpointer data)
{
  return g_strdup (((NmdLayerItem *)item)->shape);
}

static char *
format_count (gint64 count)
{
  return count == 0 ? g_strdup ("") : nmd_format_count (count);
}

static char *
cell_parameters (gpointer item, const char **css, gpointer data)
{
  return format_count (((NmdLayerItem *)item)->parameters);
}

static char *
cell_macs (gpointer item, const char **css, gpointer data)
{
  return format_count (((NmdLayerItem *)item)->macs);
}

static char *
cell_bytes (gpointer item, const char **css, gpointer data)
{
  return g_format_size_full ((guint64)((NmdLayerItem *)item)->bytes,
                             G_FORMAT_SIZE_IEC_UNITS);
}

/* Size and list */

char *
nmd_network_describe_size (const NmdNetwork *network)
{
  g_return_val_if_fail (network != NULL, NULL);

  g_autoptr (NmdSummary) summary = nmd_summary_new (network, 2, NULL);
  g_autofree char *parameters = NULL, *gmac = NULL;

  g_return_val_if_fail (summary != NULL, NULL);
  parameters = format_count (summary->parameters);
  gmac = nmd_format_number ((double)summary->macs / 1e9, 2);
  /* Translators: a network's size, and what an image costs in thousand millions of
   * multiply-adds: "2,395,768 parameters, 0.13 G multiply-adds an image" */
  return g_strdup_printf (_ ("%s parameters, %s G multiply-adds an image"), parameters,
                          gmac);
}

static void
on_list_setup (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  for (int i = 0; i < 3; i++)
    {
      GtkWidget *label = gtk_label_new (NULL);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_max_width_chars (GTK_LABEL (label), 44);
      gtk_label_set_width_chars (GTK_LABEL (label), i == 2 ? 44 : -1);
      if (i > 0)
        gtk_widget_add_css_class (label, "caption");
      if (i == 2)
        gtk_widget_add_css_class (label, "dim-label");
      gtk_box_append (GTK_BOX (box), label);
    }
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_list_item_set_child (item, box);
}

static void
on_list_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  guint n = 0;
  const NmdNetwork *networks = nmd_networks_list (GPOINTER_TO_UINT (data), &n);
  const guint position = gtk_list_item_get_position (item);
  GtkWidget *label = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  g_autofree char *size = NULL;

  /* Another task's rows stand there until its own do. */
  if (position >= n)
    return;
  size = nmd_network_describe_size (&networks[position]);
  gtk_label_set_text (GTK_LABEL (label), networks[position].title);
  label = gtk_widget_get_next_sibling (label);
  gtk_label_set_text (GTK_LABEL (label), size);
  label = gtk_widget_get_next_sibling (label);
  gtk_label_set_text (GTK_LABEL (label), _ (networks[position].note));
}

GtkListItemFactory *
nmd_network_list_factory (NmdTask task)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_list_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_list_bind), GUINT_TO_POINTER (task));
  return factory;
}

/* Table */

static GtkWidget *
make_table (const NmdSummary *summary)
{
  GListStore *store = g_list_store_new (NMD_TYPE_LAYER_ITEM);
  GtkWidget *view, *scrolled = gtk_scrolled_window_new ();

  for (guint i = 0; i < summary->layers->len; i++)
    {
      g_autoptr (NmdLayerItem) item = layer_item_new (summary->layers->pdata[i]);

      g_list_store_append (store, item);
    }
  view = gtk_column_view_new (
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (store))));
  gtk_widget_add_css_class (view, "nmd-table");
  gtk_widget_add_css_class (view, "data-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Layers"), -1);
  nmd_column_add (GTK_COLUMN_VIEW (view), _ ("Layer"), FALSE, TRUE, cell_name, NULL,
                  NULL);
  nmd_column_add (GTK_COLUMN_VIEW (view), _ ("Operation"), FALSE, FALSE, cell_operation,
                  NULL, NULL);
  nmd_column_add (GTK_COLUMN_VIEW (view), _ ("Output"), TRUE, FALSE, cell_shape, NULL,
                  NULL);
  nmd_column_add (GTK_COLUMN_VIEW (view), _ ("Parameters"), TRUE, FALSE, cell_parameters,
                  NULL, NULL);
  nmd_column_add (GTK_COLUMN_VIEW (view), _ ("Multiply-adds"), TRUE, FALSE, cell_macs,
                  NULL, NULL);
  nmd_column_add (GTK_COLUMN_VIEW (view), _ ("Memory"), TRUE, FALSE, cell_bytes, NULL,
                  NULL);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_widget_set_margin_start (scrolled, 8);
  gtk_widget_set_margin_end (scrolled, 8);
  return scrolled;
}

static GtkWidget *
make_text (const char *text, const char *css)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  return label;
}

static GtkWidget *
make_head (const NmdNetwork *network, const NmdSummary *summary)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  g_autofree char *size = nmd_network_describe_size (network);
  g_autofree char *bytes
      = g_format_size_full ((guint64)summary->bytes, G_FORMAT_SIZE_IEC_UNITS);
  /* Translators: "2,395,768 parameters, 0.13 GMAC, 53 MiB of values an image" */
  g_autofree char *totals
      = g_strdup_printf (_ ("%s, %s of values an image"), size, bytes);

  gtk_box_append (GTK_BOX (box), make_text (_ (network->note), NULL));
  gtk_box_append (GTK_BOX (box), make_text (totals, "numeric"));
  gtk_box_append (GTK_BOX (box), make_text (_ (network->source), "dim-label"));
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 12);
  return box;
}

static gboolean
on_escape (GtkWidget *window, GVariant *args, gpointer data)
{
  gtk_window_close (GTK_WINDOW (window));
  return TRUE;
}

void
nmd_network_dialog_present (const NmdNetwork *network, GtkWindow *parent)
{
  g_return_if_fail (network != NULL);

  g_autoptr (NmdSummary) summary = nmd_summary_new (network, 2, NULL);
  GtkWidget *window, *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkEventController *keys = gtk_shortcut_controller_new ();

  g_return_if_fail (summary != NULL);
  window = g_object_new (ADW_TYPE_WINDOW, "title", network->title, "transient-for",
                         parent, "modal", TRUE, "default-width", 860, "default-height",
                         620, "content", box, NULL);
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                        gtk_callback_action_new (on_escape, NULL, NULL)));
  gtk_widget_add_controller (window, keys);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), make_head (network, summary));
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (box), make_table (summary));
  gtk_window_present (GTK_WINDOW (window));
}
