/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a view is and where it goes. Time comes from the caller.
 */
#include "ui/widgets/nmd-viewport.h"

static NmdCanvas
whole (const NmdViewport *self)
{
  NmdCanvas fit
      = nmd_canvas_fit (self->image_width, self->image_height, self->width, self->height);

  return self->canvas.flipped ? nmd_canvas_flip (&fit, self->image_width) : fit;
}

static void
stand (NmdViewport *self)
{
  self->start_us = 0;
  self->shown = self->canvas;
}

void
nmd_viewport_set_image (NmdViewport *self, int width, int height)
{
  self->image_width = width;
  self->image_height = height;
  self->fitted = TRUE;
  self->canvas = whole (self);
  stand (self);
}

void
nmd_viewport_set_size (NmdViewport *self, double width, double height)
{
  self->width = width;
  self->height = height;
  if (!self->fitted)
    return;
  self->canvas = whole (self);
  stand (self);
}

void
nmd_viewport_go (NmdViewport *self, const NmdCanvas *canvas, gint64 now_us)
{
  gboolean turns = canvas != NULL && canvas->flipped != self->canvas.flipped;

  self->fitted = canvas == NULL;
  self->canvas = canvas != NULL ? *canvas : whole (self);
  if (now_us == 0 || turns)
    {
      stand (self);
      return;
    }
  self->from = self->shown;
  self->start_us = now_us;
}

void
nmd_viewport_zoom (NmdViewport *self, double factor, double x, double y, gint64 now_us)
{
  NmdCanvas fit = whole (self);
  NmdCanvas to = nmd_canvas_zoom (&self->canvas, factor, x, y, MIN (fit.scale / 2, 1.0),
                                  NMD_VIEWPORT_LARGEST_SCALE);

  nmd_viewport_go (self, &to, now_us);
}

gboolean
nmd_viewport_step (NmdViewport *self, gint64 now_us)
{
  double share = (double)(now_us - self->start_us) / NMD_VIEWPORT_DURATION_US;

  if (self->start_us == 0 || share >= 1)
    {
      stand (self);
      return FALSE;
    }
  share = CLAMP (share, 0, 1);
  self->shown = nmd_canvas_between (&self->from, &self->canvas,
                                    1 - (1 - share) * (1 - share) * (1 - share));
  return TRUE;
}
