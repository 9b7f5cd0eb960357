/* SPDX-License-Identifier: Apache-2.0
 *
 * Squares of the widget, at whole units so that no seam shows between them.
 */
#include "ui/widgets/nmd-paint-layer.h"

#include <math.h>
#include <string.h>

#define SIDE 64 /* of a square, in widget units */

struct _NmdPaintLayer
{
  NmdImage *shown;  /* (nullable): what the nodes show … */
  NmdCanvas canvas; /* … and where */
  int n_columns, n_rows;
  GskRenderNode *
      *nodes; /* (nullable): n_rows × n_columns; %NULL where nothing is painted */
};

/* Pixels of the image, x1 and y1 excluded. */
typedef struct
{
  int x0, y0, x1, y1;
} Pixels;

static void
forget (NmdPaintLayer *self)
{
  for (int i = 0; i < self->n_rows * self->n_columns; i++)
    g_clear_pointer (&self->nodes[i], gsk_render_node_unref);
  g_clear_pointer (&self->nodes, g_free);
  g_clear_pointer (&self->shown, nmd_image_unref);
  self->n_columns = self->n_rows = 0;
}

NmdPaintLayer *
nmd_paint_layer_new (void)
{
  return g_new0 (NmdPaintLayer, 1);
}

void
nmd_paint_layer_free (NmdPaintLayer *self)
{
  g_return_if_fail (self != NULL);
  forget (self);
  g_free (self);
}

/* What lies under a square, and what its smoothed edges take in. */
static Pixels
pixels_under (const NmdPaintLayer *self, const NmdImage *mask, int column, int row)
{
  const double left = column * SIDE, top = row * SIDE;
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  nmd_canvas_widget_to_image (&self->canvas, left, top, &x0, &y0);
  nmd_canvas_widget_to_image (&self->canvas, left + SIDE, top + SIDE, &x1, &y1);
  return (Pixels){
    .x0 = (int)CLAMP (floor (fmin (x0, x1)) - 2, 0, mask->width),
    .y0 = (int)CLAMP (floor (y0) - 2, 0, mask->height),
    .x1 = (int)CLAMP (ceil (fmax (x0, x1)) + 2, 0, mask->width),
    .y1 = (int)CLAMP (ceil (y1) + 2, 0, mask->height),
  };
}

static const guint8 *
pixel (const NmdImage *mask, int x, int y)
{
  return mask->pixels + (gsize)y * (gsize)mask->width + x;
}

static gboolean
differs (const NmdImage *a, const NmdImage *b, const Pixels *at)
{
  for (int y = at->y0; y < at->y1; y++)
    if (memcmp (pixel (a, at->x0, y), pixel (b, at->x0, y), (gsize)(at->x1 - at->x0)))
      return TRUE;
  return FALSE;
}

static gboolean
is_empty (const NmdImage *mask, const Pixels *at)
{
  for (int y = at->y0; y < at->y1; y++)
    for (int x = at->x0; x < at->x1; x++)
      if (*pixel (mask, x, y) != 0)
        return FALSE;
  return TRUE;
}

/* Returns: (transfer full) (nullable) */
static GskRenderNode *
draw_square (const NmdPaintLayer *self,
             const NmdImage *mask,
             const Pixels *at,
             const graphene_rect_t *bounds)
{
  const NmdCanvas *canvas = &self->canvas;

  if (at->x0 >= at->x1 || at->y0 >= at->y1 || is_empty (mask, at))
    return NULL;
  cairo_surface_t *surface
      = cairo_image_surface_create (CAIRO_FORMAT_A8, at->x1 - at->x0, at->y1 - at->y0);
  guint8 *data = cairo_image_surface_get_data (surface);
  gsize stride = (gsize)cairo_image_surface_get_stride (surface);
  for (int y = at->y0; data != NULL && y < at->y1; y++)
    memcpy (data + (gsize)(y - at->y0) * stride, pixel (mask, at->x0, y),
            (gsize)(at->x1 - at->x0));
  cairo_surface_mark_dirty (surface);

  GskRenderNode *node = gsk_cairo_node_new (bounds);
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);
  cairo_translate (cr, canvas->x, canvas->y);
  cairo_scale (cr, canvas->flipped ? -canvas->scale : canvas->scale, canvas->scale);
  cairo_set_source_rgba (cr, 1, 0.47, 0, 0.4);
  cairo_mask_surface (cr, surface, at->x0, at->y0);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return node;
}

static gboolean
is_same_canvas (const NmdCanvas *a, const NmdCanvas *b)
{
  return a->scale == b->scale && a->x == b->x && a->y == b->y && a->flipped == b->flipped;
}

void
nmd_paint_layer_append (NmdPaintLayer *self,
                        GtkSnapshot *snapshot,
                        const NmdImage *mask,
                        const NmdCanvas *canvas,
                        int width,
                        int height)
{
  const int n_columns = (width + SIDE - 1) / SIDE, n_rows = (height + SIDE - 1) / SIDE;
  const NmdImage *shown = self->shown;

  g_return_if_fail (self != NULL && GTK_IS_SNAPSHOT (snapshot) && canvas != NULL);
  if (mask == NULL || n_columns != self->n_columns || n_rows != self->n_rows
      || !is_same_canvas (canvas, &self->canvas) || shown->width != mask->width
      || shown->height != mask->height)
    forget (self);
  if (mask == NULL || width <= 0 || height <= 0)
    return;
  if (self->nodes == NULL)
    {
      self->canvas = *canvas;
      self->n_columns = n_columns;
      self->n_rows = n_rows;
      self->nodes = g_new0 (GskRenderNode *, (gsize)n_columns * (gsize)n_rows);
    }
  for (int i = 0; i < n_columns * n_rows; i++)
    {
      int column = i % n_columns, row = i / n_columns;
      Pixels at = pixels_under (self, mask, column, row);
      if (self->shown == NULL || differs (self->shown, mask, &at))
        {
          graphene_rect_t bounds = GRAPHENE_RECT_INIT ((float)(column * SIDE),
                                                       (float)(row * SIDE), SIDE, SIDE);
          g_clear_pointer (&self->nodes[i], gsk_render_node_unref);
          self->nodes[i] = draw_square (self, mask, &at, &bounds);
        }
      if (self->nodes[i] != NULL)
        gtk_snapshot_append_node (snapshot, self->nodes[i]);
    }
  if (self->shown == NULL)
    self->shown = nmd_image_new (mask->width, mask->height);
  memcpy (self->shown->pixels, mask->pixels, (gsize)mask->width * (gsize)mask->height);
}
