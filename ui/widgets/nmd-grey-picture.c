/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey pixels as Cairo surfaces: the picture, and for small scales the picture halved again and again, so
 * that nothing is left out between the pixels of the screen.
 */
#include "ui/widgets/nmd-grey-picture.h"

#include <math.h>

#define MOST_PIXELS (16 * 1024 * 1024)
#define N_HALVES 8

struct _NmdGreyPicture
{
  int width, height; /* of the image */
  int step;          /* every step-th pixel was taken */
  cairo_surface_t
      *surfaces[N_HALVES]; /* halved as often as the index says; made when needed */
};

void
nmd_grey_window_get_levels (const NmdGreyWindow *self, double *black, double *white)
{
  *black = 255 * (0.5 - (0.5 + self->brightness / 2) / self->contrast);
  *white = *black + 255 / self->contrast;
}

void
nmd_grey_window_set_levels (NmdGreyWindow *self, double black, double white)
{
  g_return_if_fail (white > black);
  self->contrast = 255 / (white - black);
  self->brightness = 2 * (self->contrast * (0.5 - black / 255) - 0.5);
}

void
nmd_grey_window_fit (NmdGreyWindow *self, const NmdImage *image)
{
  gsize counts[256] = { 0 }, n = (gsize)image->width * (gsize)image->height, below = 0;
  int black = 0, white = 255;

  for (gsize i = 0; i < n; i++)
    counts[image->pixels[i]]++;
  n -= counts[0];
  if (n == 0)
    return;
  for (int v = 1; v < 256; v++)
    {
      if (below <= n / 100)
        black = v - 1;
      if (below < n - n / 200)
        white = v;
      below += counts[v];
    }
  nmd_grey_window_set_levels (self, black, MAX (white, black + 16));
}

void
nmd_grey_window_preset (NmdGreyWindow *self, int preset, const NmdImage *image)
{
  static const double levels[][2]
      = { { 0, 255 }, { 0, 0 }, { 0, 128 }, { 96, 255 }, { 64, 192 } };

  g_return_if_fail (preset >= 0 && preset < (int)G_N_ELEMENTS (levels));
  if (preset != 1)
    nmd_grey_window_set_levels (self, levels[preset][0], levels[preset][1]);
  else if (image != NULL)
    nmd_grey_window_fit (self, image);
}

NmdGreyPicture *
nmd_grey_picture_new (const NmdImage *image, const NmdGreyWindow *window)
{
  NmdGreyPicture *self = g_new0 (NmdGreyPicture, 1);
  guint32 levels[256];

  g_return_val_if_fail (image != NULL && window != NULL, NULL);
  for (int v = 0; v < 256; v++)
    {
      double shown = (v / 255.0 - 0.5) * window->contrast + 0.5 + window->brightness / 2;
      guint32 level = (guint32)lrint (CLAMP (shown, 0, 1) * 255);
      levels[v] = (window->inverted ? 255 - level : level) * 0x010101u;
    }
  self->width = image->width;
  self->height = image->height;
  self->step = 1;
  while ((gint64)(image->width / self->step) * (image->height / self->step) > MOST_PIXELS)
    self->step++;

  int width = MAX (image->width / self->step, 1);
  int height = MAX (image->height / self->step, 1);
  self->surfaces[0] = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  guint8 *data = cairo_image_surface_get_data (self->surfaces[0]);
  gsize stride = (gsize)cairo_image_surface_get_stride (self->surfaces[0]);
  for (int y = 0; data != NULL && y < height; y++)
    {
      const guint8 *from = image->pixels + (gsize)(y * self->step) * (gsize)image->width;
      guint32 *to = (guint32 *)(void *)(data + (gsize)y * stride);
      for (int x = 0; x < width; x++)
        to[x] = levels[from[(gsize)x * (gsize)self->step]];
    }
  cairo_surface_mark_dirty (self->surfaces[0]);
  return self;
}

void
nmd_grey_picture_free (NmdGreyPicture *self)
{
  g_return_if_fail (self != NULL);
  for (int i = 0; i < N_HALVES; i++)
    g_clear_pointer (&self->surfaces[i], cairo_surface_destroy);
  g_free (self);
}

/* The mean of each two by two pixels; a last odd row or column is repeated. */
static cairo_surface_t *
halve (cairo_surface_t *from)
{
  int wide = cairo_image_surface_get_width (from);
  int high = cairo_image_surface_get_height (from);
  int width = (wide + 1) / 2, height = (high + 1) / 2;
  cairo_surface_t *half = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  const guint8 *source = cairo_image_surface_get_data (from);
  gsize source_stride = (gsize)cairo_image_surface_get_stride (from);
  guint8 *data = cairo_image_surface_get_data (half);
  gsize stride = (gsize)cairo_image_surface_get_stride (half);

  for (int y = 0; data != NULL && y < height; y++)
    {
      const guint32 *a = (const void *)(source + (gsize)(2 * y) * source_stride);
      const guint32 *b
          = (const void *)(source + (gsize)MIN (2 * y + 1, high - 1) * source_stride);
      guint32 *to = (guint32 *)(void *)(data + (gsize)y * stride);
      for (int x = 0; x < width; x++)
        {
          int i = 2 * x, j = MIN (2 * x + 1, wide - 1);
          guint32 sum = (a[i] & 255) + (a[j] & 255) + (b[i] & 255) + (b[j] & 255);
          to[x] = (sum + 2) / 4 * 0x010101u;
        }
    }
  cairo_surface_mark_dirty (half);
  return half;
}

void
nmd_grey_picture_draw (NmdGreyPicture *self,
                       cairo_t *cr,
                       const NmdCanvas *canvas,
                       double device_scale,
                       double squares_from)
{
  double zoom = canvas->scale * device_scale * self->step;
  double size = canvas->scale * self->step;
  int n = 0;

  g_return_if_fail (self != NULL);
  while (zoom < 0.5 && n + 1 < N_HALVES)
    {
      n++;
      zoom *= 2;
      size *= 2;
      if (self->surfaces[n] == NULL)
        self->surfaces[n] = halve (self->surfaces[n - 1]);
    }
  cairo_save (cr);
  cairo_translate (cr, canvas->x, canvas->y);
  cairo_scale (cr, canvas->flipped ? -canvas->scale : canvas->scale, canvas->scale);
  cairo_rectangle (cr, 0, 0, self->width, self->height);
  cairo_scale (cr, size / canvas->scale, size / canvas->scale);
  cairo_set_source_surface (cr, self->surfaces[n], 0, 0);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_pattern_set_filter (cairo_get_source (cr), zoom > squares_from - 0.001
                                                       ? CAIRO_FILTER_NEAREST
                                                       : CAIRO_FILTER_BILINEAR);
  cairo_fill (cr);
  cairo_restore (cr);
}
