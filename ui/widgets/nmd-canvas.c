/* SPDX-License-Identifier: Apache-2.0
 *
 * Geometry of the canvas. Drawing and input are nmd-grey-view.c's.
 */
#include "ui/widgets/nmd-canvas.h"

#include <math.h>

static double
scale_x (const NmdCanvas *self)
{
  return self->flipped ? -self->scale : self->scale;
}

void
nmd_canvas_image_to_widget (const NmdCanvas *self,
                            double image_x,
                            double image_y,
                            double *widget_x,
                            double *widget_y)
{
  *widget_x = scale_x (self) * image_x + self->x;
  *widget_y = self->scale * image_y + self->y;
}

void
nmd_canvas_widget_to_image (const NmdCanvas *self,
                            double widget_x,
                            double widget_y,
                            double *image_x,
                            double *image_y)
{
  *image_x = (widget_x - self->x) / scale_x (self);
  *image_y = (widget_y - self->y) / self->scale;
}

NmdCanvas
nmd_canvas_fit (int image_width, int image_height, double width, double height)
{
  NmdCanvas canvas = { .scale = 1 };

  if (image_width <= 0 || image_height <= 0 || width <= 0 || height <= 0)
    return canvas;
  canvas.scale = MIN (width / image_width, height / image_height);
  canvas.x = (width - canvas.scale * image_width) / 2;
  canvas.y = (height - canvas.scale * image_height) / 2;
  return canvas;
}

double
nmd_canvas_line (double width, double height)
{
  return CLAMP (MIN (width, height) / 900, 1, 2.5);
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
  canvas.x = x - scale_x (&canvas) * image_x;
  canvas.y = y - canvas.scale * image_y;
  return canvas;
}

/* From @at to [@margin, @size − @margin]. */
static double
inwards (double at, double size, double margin)
{
  if (at < margin)
    return margin - at;
  return at > size - margin ? size - margin - at : 0;
}

NmdCanvas
nmd_canvas_reveal (
    const NmdCanvas *self, double x, double y, double width, double height, double margin)
{
  NmdCanvas moved = *self;
  double at_x = 0, at_y = 0;

  nmd_canvas_image_to_widget (self, x, y, &at_x, &at_y);
  moved.x += inwards (at_x, width, margin);
  moved.y += inwards (at_y, height, margin);
  return moved;
}

NmdCanvas
nmd_canvas_flip (const NmdCanvas *self, int image_width)
{
  NmdCanvas canvas = *self;

  canvas.x += scale_x (self) * image_width;
  canvas.flipped = !self->flipped;
  return canvas;
}

NmdCanvas
nmd_canvas_between (const NmdCanvas *from, const NmdCanvas *to, double share)
{
  NmdCanvas canvas = *to;

  share = CLAMP (share, 0, 1);
  canvas.scale = from->scale * pow (to->scale / from->scale, share);
  /* Offsets are linear in the scale where a point stands still. */
  double way = fabs (to->scale - from->scale) > 1e-9 * to->scale
                   ? (canvas.scale - from->scale) / (to->scale - from->scale)
                   : share;
  canvas.x = from->x + way * (to->x - from->x);
  canvas.y = from->y + way * (to->y - from->y);
  return canvas;
}
