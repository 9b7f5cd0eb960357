/* SPDX-License-Identifier: Apache-2.0
 *
 * Nodes of layers. What is on them is the view's.
 */
#include "ui/widgets/nmd-view-layer.h"

#include <math.h>

/* What @draw draws, no larger than that. Returns: (transfer full) */
static GskRenderNode *
draw_lines (const graphene_rect_t *bounds, NmdViewLayerFunc draw, gpointer view)
{
  cairo_surface_t *record
      = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (record);
  GskRenderNode *node = NULL;
  double x = 0, y = 0, width = 0, height = 0;
  graphene_rect_t ink;

  draw (view, cr);
  cairo_destroy (cr);
  cairo_recording_surface_ink_extents (record, &x, &y, &width, &height);
  ink = GRAPHENE_RECT_INIT ((float)floor (x) - 1, (float)floor (y) - 1,
                            (float)ceil (width) + 3, (float)ceil (height) + 3);
  if (width > 0 && height > 0 && graphene_rect_intersection (&ink, bounds, &ink))
    {
      node = gsk_cairo_node_new (&ink);
      cr = gsk_cairo_node_get_draw_context (node);
      cairo_set_source_surface (cr, record, 0, 0);
      cairo_paint (cr);
      cairo_destroy (cr);
    }
  cairo_surface_destroy (record);
  return node != NULL ? node : gsk_container_node_new (NULL, 0);
}

/* The same of all of @bounds, @scale pixels a unit. Returns: (transfer full) */
static GskRenderNode *
draw_pixels (const graphene_rect_t *bounds,
             int scale,
             NmdViewLayerFunc draw,
             gpointer view)
{
  int width = (int)ceil (bounds->size.width) * scale;
  int height = (int)ceil (bounds->size.height) * scale;
  cairo_surface_t *pixels
      = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_t *cr = NULL;

  cairo_surface_set_device_scale (pixels, scale, scale);
  cr = cairo_create (pixels);
  draw (view, cr);
  cairo_destroy (cr);

  GskRenderNode *node = gsk_cairo_node_new (bounds);
  cr = gsk_cairo_node_get_draw_context (node);
  cairo_set_source_surface (cr, pixels, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (pixels);
  return node;
}

void
nmd_view_layer_append (GtkSnapshot *snapshot,
                       GskRenderNode **node,
                       const graphene_rect_t *bounds,
                       int scale,
                       NmdViewLayerFunc draw,
                       gpointer view)
{
  if (*node == NULL)
    *node = scale > 0 ? draw_pixels (bounds, scale, draw, view)
                      : draw_lines (bounds, draw, view);
  gtk_snapshot_append_node (snapshot, *node);
}
