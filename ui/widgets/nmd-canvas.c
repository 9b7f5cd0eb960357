/* SPDX-License-Identifier: Apache-2.0
 *
 * Geometry of the canvas. Drawing and input are nmd-image-view.c's.
 */
#include "ui/widgets/nmd-canvas.h"

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
