/* SPDX-License-Identifier: Apache-2.0
 *
 * Nodes of layers. What is on them is the view's.
 */
#include "ui/widgets/nmd-view-layer.h"

#include <math.h>

void
nmd_view_layer_append (GtkSnapshot *snapshot,
                       GskRenderNode **node,
                       const graphene_rect_t *bounds,
                       NmdViewLayerFunc draw,
                       gpointer view)
{
  if (*node == NULL)
    {
      *node = gsk_cairo_node_new (bounds);
      cairo_t *cr = gsk_cairo_node_get_draw_context (*node);
      draw (view, cr);
      cairo_destroy (cr);
    }
  gtk_snapshot_append_node (snapshot, *node);
}

void
nmd_view_layer_append_small (GtkSnapshot *snapshot,
                             const graphene_rect_t *bounds,
                             NmdViewLayerFunc draw,
                             gpointer view)
{
  cairo_surface_t *record
      = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (record);
  double x = 0, y = 0, width = 0, height = 0;
  graphene_rect_t ink;

  draw (view, cr);
  cairo_destroy (cr);
  cairo_recording_surface_ink_extents (record, &x, &y, &width, &height);
  ink = GRAPHENE_RECT_INIT ((float)floor (x) - 1, (float)floor (y) - 1,
                            (float)ceil (width) + 3, (float)ceil (height) + 3);
  if (width > 0 && height > 0 && graphene_rect_intersection (&ink, bounds, &ink))
    {
      cr = gtk_snapshot_append_cairo (snapshot, &ink);
      cairo_set_source_surface (cr, record, 0, 0);
      cairo_paint (cr);
      cairo_destroy (cr);
    }
  cairo_surface_destroy (record);
}
