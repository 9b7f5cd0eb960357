/* SPDX-License-Identifier: Apache-2.0
 *
 * Augmentation of an image with its mask, and simulated prompts. Which random streams they draw
 * from is the caller's business.
 */
#include "engine/image/nmd-augment-pair.h"

#include <math.h>
#include <string.h>

#define TRIES 20

static double
draw_about_one (double spread, NmdRandom *stream)
{
  return spread > 0 ? nmd_random_range (stream, 1.0 - spread, 1.0 + spread) : 1.0;
}

void
nmd_pair_augmentation_draw (NmdPairAugmentation *self,
                            const NmdParameters *parameters,
                            NmdRandom *stream)
{
  double flip, angle, gamma, speckle;

  g_return_if_fail (self != NULL && parameters != NULL && stream != NULL);

  *self = (NmdPairAugmentation){ .zoom = 1, .gamma = 1 };
  if (nmd_parameters_get_switch (parameters, "crop"))
    {
      const double side = sqrt (
          nmd_random_range (stream, nmd_parameters_get (parameters, "crop-area"), 1));

      self->zoom = 1 / side;
      self->x = nmd_random_range (stream, -(1 - side) / 2, (1 - side) / 2);
      self->y = nmd_random_range (stream, -(1 - side) / 2, (1 - side) / 2);
    }
  flip = nmd_parameters_get (parameters, "flip");
  self->flip = flip > 0 && nmd_random_uniform (stream) < flip;
  angle = nmd_parameters_get (parameters, "rotation");
  self->angle = angle > 0 ? nmd_random_range (stream, -angle, angle) : 0;
  self->zoom *= draw_about_one (nmd_parameters_get (parameters, "scale"), stream);
  self->brightness
      = draw_about_one (nmd_parameters_get (parameters, "brightness"), stream);
  self->contrast = draw_about_one (nmd_parameters_get (parameters, "contrast"), stream);
  gamma = log (1 + nmd_parameters_get (parameters, "gamma"));
  if (gamma > 0)
    self->gamma = exp (nmd_random_range (stream, -gamma, gamma));
  speckle = nmd_parameters_get (parameters, "speckle");
  self->speckle = speckle > 0 ? nmd_random_range (stream, 0, speckle) : 0;
}

/* Bilinear at (@x, @y), pixel centres at halves; outside @content nothing is set. */
static float
sample (const NmdImage *image, const NmdBox *content, double x, double y)
{
  const int i = (int)floor (x - 0.5), j = (int)floor (y - 0.5);
  const float u = (float)(x - 0.5 - i), v = (float)(y - 0.5 - j);
  float sum = 0;

  for (int k = 0; k < 4; k++)
    {
      const int px = CLAMP (i + (k & 1), content->x0, content->x1 - 1),
                py = CLAMP (j + (k >> 1), content->y0, content->y1 - 1);

      sum += (k & 1 ? u : 1 - u) * (k >> 1 ? v : 1 - v)
             * (float)image->pixels[(gsize)py * (gsize)image->width + px];
    }
  return sum;
}

/* Fills @grey and @target; @inside tells which pixels show content. */
static void
move (const NmdPairAugmentation *self,
      const NmdLetterbox *letterbox,
      const NmdImage *image,
      const NmdImage *mask,
      float *grey,
      float *target,
      guint8 *inside)
{
  const NmdBox *content = &letterbox->content;
  const int size = letterbox->size;
  const double middle = size / 2.0, radians = self->angle * G_PI / 180;
  const double c = cos (radians) / self->zoom, s = sin (radians) / self->zoom;

  for (int j = 0; j < size; j++)
    for (int i = 0; i < size; i++)
      {
        const gsize at = (gsize)j * (gsize)size + (gsize)i;
        const double dx = self->flip ? middle - (i + 0.5) : i + 0.5 - middle,
                     dy = j + 0.5 - middle;
        const double x = middle + self->x * size + c * dx + s * dy,
                     y = middle + self->y * size - s * dx + c * dy;

        inside[at]
            = x >= content->x0 && x < content->x1 && y >= content->y0 && y < content->y1;
        grey[at] = inside[at] ? sample (image, content, x, y) / 255.0f : 0;
        target[at] = inside[at] && sample (mask, content, x, y) >= 127.5f ? 1 : 0;
      }
}

/* Mean 0, variance 1, from one value of the stream: four uniform 16-bit numbers. */
static float
draw_noise (NmdRandom *stream)
{
  const guint64 bits = nmd_random_bits (stream);
  const guint sum = (guint)(bits & 0xffff) + (guint)(bits >> 16 & 0xffff)
                    + (guint)(bits >> 32 & 0xffff) + (guint)(bits >> 48);

  return ((float)sum - 2 * 65535.0f) * (1.7320508f / 65535.0f);
}

static void
change_grey (const NmdPairAugmentation *self,
             NmdRandom *stream,
             const guint8 *inside,
             gsize n,
             float *grey)
{
  const float brightness = (float)self->brightness, contrast = (float)self->contrast,
              gamma = (float)self->gamma, speckle = (float)self->speckle;
  double sum = 0;
  gsize n_inside = 0;
  float mean;

  for (gsize i = 0; i < n; i++)
    if (inside[i])
      {
        grey[i] = CLAMP (grey[i] * brightness, 0.0f, 1.0f);
        sum += (double)grey[i];
        n_inside++;
      }
  mean = n_inside > 0 ? (float)(sum / (double)n_inside) : 0;
  for (gsize i = 0; i < n; i++)
    if (inside[i])
      {
        float x = CLAMP ((grey[i] - mean) * contrast + mean, 0.0f, 1.0f);

        if (self->gamma != 1)
          x = powf (x, gamma);
        if (self->speckle > 0)
          x *= 1 + speckle * draw_noise (stream);
        grey[i] = CLAMP (x, 0.0f, 1.0f);
      }
}

void
nmd_pair_augmentation_apply (const NmdPairAugmentation *self,
                             const NmdLetterbox *letterbox,
                             const NmdImage *image,
                             const NmdImage *mask,
                             NmdRandom *stream,
                             float *grey,
                             float *target)
{
  const gsize n = (gsize)letterbox->size * (gsize)letterbox->size;
  g_autofree guint8 *inside = NULL;

  g_return_if_fail (image != NULL && mask != NULL && grey != NULL && target != NULL);
  g_return_if_fail (image->width == letterbox->size && mask->width == letterbox->size);
  g_return_if_fail (self == NULL || self->speckle <= 0 || stream != NULL);

  if (self == NULL)
    {
      for (gsize i = 0; i < n; i++)
        {
          grey[i] = (float)image->pixels[i] / 255.0f;
          target[i] = mask->pixels[i] != 0 ? 1 : 0;
        }
      return;
    }
  inside = g_malloc (n);
  move (self, letterbox, image, mask, grey, target, inside);
  change_grey (self, stream, inside, n, grey);
}

/* Prompts */

/* Bounds of the set pixels; FALSE without any. */
static gboolean
find_bounds (const float *target, int size, NmdBox *box, guint *n)
{
  *box = (NmdBox){ size, size, 0, 0 };
  *n = 0;
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      if (target[(gsize)y * (gsize)size + (gsize)x] > 0)
        {
          (*n)++;
          box->x0 = MIN (box->x0, x);
          box->y0 = MIN (box->y0, y);
          box->x1 = MAX (box->x1, x + 1);
          box->y1 = MAX (box->y1, y + 1);
        }
  return *n > 0;
}

static void
draw_box (NmdPrompts *prompts, const NmdBox *bounds, double jitter, NmdRandom *stream)
{
  const double dx = jitter * (bounds->x1 - bounds->x0),
               dy = jitter * (bounds->y1 - bounds->y0);

  prompts->has_box = TRUE;
  prompts->x0 = bounds->x0 + nmd_random_range (stream, -dx, dx);
  prompts->y0 = bounds->y0 + nmd_random_range (stream, -dy, dy);
  prompts->x1 = bounds->x1 + nmd_random_range (stream, -dx, dx);
  prompts->y1 = bounds->y1 + nmd_random_range (stream, -dy, dy);
}

static void
add_click (NmdPrompts *prompts, int x, int y, gboolean is_positive)
{
  prompts->clicks[prompts->n_clicks].x = x + 0.5;
  prompts->clicks[prompts->n_clicks].y = y + 0.5;
  prompts->clicks[prompts->n_clicks++].is_positive = is_positive;
}

static void
draw_positive (
    NmdPrompts *prompts, const float *target, int size, guint n_set, NmdRandom *stream)
{
  guint64 left = nmd_random_below (stream, n_set);

  for (int i = 0; i < size * size; i++)
    if (target[i] > 0 && left-- == 0)
      {
        add_click (prompts, i % size, i / size, TRUE);
        return;
      }
}

static void
draw_negative (NmdPrompts *prompts,
               const float *target,
               int size,
               const NmdBox *bounds,
               NmdRandom *stream)
{
  const NmdBox wide = nmd_box_widen (bounds, 0.25, size, size);

  for (int k = 0; k < TRIES; k++)
    {
      const int x
          = wide.x0 + (int)nmd_random_below (stream, (guint64)(wide.x1 - wide.x0));
      const int y
          = wide.y0 + (int)nmd_random_below (stream, (guint64)(wide.y1 - wide.y0));

      if (target[(gsize)y * (gsize)size + (gsize)x] > 0)
        continue;
      add_click (prompts, x, y, FALSE);
      return;
    }
}

void
nmd_prompts_simulate (const float *target,
                      int size,
                      const NmdParameters *parameters,
                      NmdRandom *stream,
                      NmdPrompts *prompts)
{
  const int most = nmd_parameters_get_int (parameters, "clicks");
  guint64 kind;
  NmdBox bounds;
  guint n_set;
  int n_clicks;

  g_return_if_fail (target != NULL && stream != NULL && prompts != NULL);

  memset (prompts, 0, sizeof *prompts);
  if (!nmd_parameters_get_switch (parameters, "prompts")
      || nmd_random_uniform (stream) < nmd_parameters_get (parameters, "unprompted")
      || !find_bounds (target, size, &bounds, &n_set))
    return;
  kind = most > 0 ? nmd_random_below (stream, 3) : 0;
  if (kind != 1)
    draw_box (prompts, &bounds, nmd_parameters_get (parameters, "box-jitter"), stream);
  if (kind == 0)
    return;
  n_clicks = 1 + (int)nmd_random_below (stream, (guint64)most);
  for (int i = 0; i < n_clicks; i++)
    if ((i == 0 && !prompts->has_box) || nmd_random_uniform (stream) < 0.5)
      draw_positive (prompts, target, size, n_set, stream);
    else
      draw_negative (prompts, target, size, &bounds, stream);
}

void
nmd_pair_training_input (const NmdLetterbox *letterbox,
                         const NmdImage *image,
                         const NmdImage *mask,
                         const NmdParameters *parameters,
                         guint64 seed,
                         int epoch,
                         const char *id,
                         NmdPairDraw *draw,
                         float *out,
                         float *target)
{
  const int size = letterbox->size;
  g_autofree float *grey = g_new (float, (gsize)size *(gsize)size);
  NmdRandom stream;

  nmd_random_init_for (&stream, seed, "augment", epoch, id);
  nmd_pair_augmentation_draw (&draw->augmentation, parameters, &stream);
  nmd_pair_augmentation_apply (&draw->augmentation, letterbox, image, mask, &stream, grey,
                               target);
  nmd_prompts_simulate (target, size, parameters, &stream, &draw->prompts);
  nmd_segment_input (grey, &draw->prompts, size, out);
}
