/* SPDX-License-Identifier: Apache-2.0
 *
 * Geometry of the canvas. Drawing and input are nmd-image-view.c's.
 */
#include "ui/nmd-canvas.h"

void
nmd_canvas_image_to_widget (const NmdCanvas *self,
                            double image_x,
                            double image_y,
                            double *widget_x,
                            double *widget_y)
{
  *widget_x = self->scale * image_x + self->x;
  *widget_y = self->scale * image_y + self->y;
}

void
nmd_canvas_widget_to_image (const NmdCanvas *self,
                            double widget_x,
                            double widget_y,
                            double *image_x,
                            double *image_y)
{
  *image_x = (widget_x - self->x) / self->scale;
  *image_y = (widget_y - self->y) / self->scale;
}

NmdCanvas
nmd_canvas_fit (int image_width, int image_height, double width, double height)
{
  NmdCanvas canvas = { 1, 0, 0 };

  if (image_width <= 0 || image_height <= 0 || width <= 0 || height <= 0)
    return canvas;
  canvas.scale = MIN (width / image_width, height / image_height);
  canvas.x = (width - canvas.scale * image_width) / 2;
  canvas.y = (height - canvas.scale * image_height) / 2;
  return canvas;
}

NmdCanvas
nmd_canvas_zoom (const NmdCanvas *self,
                 double factor,
                 double x,
                 double y,
                 double smallest,
                 double largest)
{
  NmdCanvas canvas = *self;
  double image_x = 0, image_y = 0;

  nmd_canvas_widget_to_image (self, x, y, &image_x, &image_y);
  canvas.scale = CLAMP (self->scale * factor, smallest, largest);
  canvas.x = x - canvas.scale * image_x;
  canvas.y = y - canvas.scale * image_y;
  return canvas;
}

static gboolean
is_set (const NmdImage *mask, int x, int y)
{
  if (x < 0 || y < 0 || x >= mask->width || y >= mask->height)
    return FALSE;
  return mask->pixels[(gsize)y * (gsize)mask->width + (gsize)x] != 0;
}

/* Borders along one direction: line @line lies between row (column) line − 1 and line. */
static void
append_runs (GArray *segments, const NmdImage *mask, int line, gboolean horizontal)
{
  int length = horizontal ? mask->width : mask->height;
  int start = -1;

  for (int i = 0; i <= length; i++)
    {
      gboolean border = FALSE;
      if (i < length)
        border = horizontal ? is_set (mask, i, line - 1) != is_set (mask, i, line)
                            : is_set (mask, line - 1, i) != is_set (mask, line, i);
      if (border && start < 0)
        start = i;
      if (!border && start >= 0)
        {
          float a = (float)start, b = (float)i, c = (float)line;
          float segment[4] = { horizontal ? a : c, horizontal ? c : a, horizontal ? b : c,
                               horizontal ? c : b };
          g_array_append_vals (segments, segment, 4);
          start = -1;
        }
    }
}

GArray *
nmd_canvas_outline (const NmdImage *mask)
{
  GArray *segments = g_array_new (FALSE, FALSE, sizeof (float));

  for (int y = 0; y <= mask->height; y++)
    append_runs (segments, mask, y, TRUE);
  for (int x = 0; x <= mask->width; x++)
    append_runs (segments, mask, x, FALSE);
  return segments;
}
