/* SPDX-License-Identifier: Apache-2.0
 *
 * A bin with a layout of its own, in place of AdwBin's.
 */
#include "ui/widgets/nmd-width-first.h"

#define NMD_TYPE_WIDTH_FIRST_LAYOUT (nmd_width_first_layout_get_type ())
G_DECLARE_FINAL_TYPE (NmdWidthFirstLayout,
                      nmd_width_first_layout,
                      NMD,
                      WIDTH_FIRST_LAYOUT,
                      GtkLayoutManager)

struct _NmdWidthFirstLayout
{
  GtkLayoutManager parent_instance;
};

G_DEFINE_FINAL_TYPE (NmdWidthFirstLayout, nmd_width_first_layout, GTK_TYPE_LAYOUT_MANAGER)

static void
nmd_width_first_layout_measure (GtkLayoutManager *layout,
                                GtkWidget *widget,
                                GtkOrientation orientation,
                                int for_size,
                                int *minimum,
                                int *natural,
                                int *minimum_baseline,
                                int *natural_baseline)
{
  GtkWidget *child = adw_bin_get_child (ADW_BIN (widget));

  if (child != NULL)
    gtk_widget_measure (child, orientation,
                        orientation == GTK_ORIENTATION_HORIZONTAL ? -1 : for_size,
                        minimum, natural, minimum_baseline, natural_baseline);
}

static void
nmd_width_first_layout_allocate (
    GtkLayoutManager *layout, GtkWidget *widget, int width, int height, int baseline)
{
  GtkWidget *child = adw_bin_get_child (ADW_BIN (widget));

  if (child != NULL && gtk_widget_get_visible (child))
    gtk_widget_allocate (child, width, height, baseline, NULL);
}

static GtkSizeRequestMode
nmd_width_first_layout_get_request_mode (GtkLayoutManager *layout, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
nmd_width_first_layout_class_init (NmdWidthFirstLayoutClass *klass)
{
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  layout_class->measure = nmd_width_first_layout_measure;
  layout_class->allocate = nmd_width_first_layout_allocate;
  layout_class->get_request_mode = nmd_width_first_layout_get_request_mode;
}

static void
nmd_width_first_layout_init (NmdWidthFirstLayout *self)
{
}

struct _NmdWidthFirst
{
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (NmdWidthFirst, nmd_width_first, ADW_TYPE_BIN)

static void
nmd_width_first_class_init (NmdWidthFirstClass *klass)
{
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass),
                                            NMD_TYPE_WIDTH_FIRST_LAYOUT);
}

static void
nmd_width_first_init (NmdWidthFirst *self)
{
}

GtkWidget *
nmd_width_first_new (GtkWidget *child)
{
  return g_object_new (NMD_TYPE_WIDTH_FIRST, "child", child, NULL);
}
