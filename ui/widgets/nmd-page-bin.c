/* SPDX-License-Identifier: Apache-2.0
 *
 * The child follows the bin's own map and unmap; until the first it is hidden.
 */
#include "ui/widgets/nmd-page-bin.h"

G_DEFINE_TYPE (NmdPageBin, nmd_page_bin, ADW_TYPE_BIN)

static void
set_shown (GtkWidget *widget, gboolean shown)
{
  GtkWidget *child = adw_bin_get_child (ADW_BIN (widget));

  if (child != NULL)
    gtk_widget_set_visible (child, shown);
}

static void
nmd_page_bin_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (nmd_page_bin_parent_class)->root (widget);
  set_shown (widget, FALSE);
}

static void
nmd_page_bin_map (GtkWidget *widget)
{
  set_shown (widget, TRUE);
  GTK_WIDGET_CLASS (nmd_page_bin_parent_class)->map (widget);
}

static void
nmd_page_bin_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (nmd_page_bin_parent_class)->unmap (widget);
  set_shown (widget, FALSE);
}

static void
nmd_page_bin_class_init (NmdPageBinClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->root = nmd_page_bin_root;
  widget_class->map = nmd_page_bin_map;
  widget_class->unmap = nmd_page_bin_unmap;
}

static void
nmd_page_bin_init (NmdPageBin *self)
{
}
