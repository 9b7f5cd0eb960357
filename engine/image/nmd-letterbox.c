/* SPDX-License-Identifier: Apache-2.0
 *
 * The letterbox: an image of any aspect on a square field, and back. What a network makes of
 * the field is others' business.
 */
#include "engine/image/nmd-letterbox.h"

#include <math.h>
#include <string.h>

static int
scale_side (int side, int longer, int size)
{
  gint64 scaled = (2 * (gint64)side * size + longer) / (2 * (gint64)longer);

  return (int)MAX (scaled, 1);
}

void
nmd_letterbox_init (NmdLetterbox *self, int width, int height, int size)
{
  int longer = MAX (width, height), w, h;

  g_return_if_fail (self != NULL && width > 0 && height > 0 && size > 0);

  w = scale_side (width, longer, size);
  h = scale_side (height, longer, size);
  self->width = width;
  self->height = height;
  self->size = size;
  self->content.x0 = (size - w) / 2;
  self->content.y0 = (size - h) / 2;
  self->content.x1 = self->content.x0 + w;
  self->content.y1 = self->content.y0 + h;
}

static gboolean
is_of_size (const NmdLetterbox *self, const NmdImage *image)
{
  return image != NULL && image->width == self->width && image->height == self->height;
}

static NmdImage *
resize (const NmdLetterbox *self, const NmdImage *image)
{
  return nmd_image_resize (image, self->content.x1 - self->content.x0,
                           self->content.y1 - self->content.y0);
}

/* @content in the middle of zeros. */
static NmdImage *
centre (const NmdLetterbox *self, const NmdImage *content)
{
  NmdImage *field = nmd_image_new (self->size, self->size);

  field->is_lossy = content->is_lossy;
  field->is_synthetic = content->is_synthetic;
  for (int y = 0; y < content->height; y++)
    memcpy (field->pixels + (gsize)(self->content.y0 + y) * (gsize)self->size
                + self->content.x0,
            content->pixels + (gsize)y * (gsize)content->width, (gsize)content->width);
  return field;
}

NmdImage *
nmd_letterbox_image (const NmdLetterbox *self,
                     const NmdImage *image,
                     const NmdParameters *parameters)
{
  g_autoptr (NmdImage) content = NULL;

  g_return_val_if_fail (self != NULL && is_of_size (self, image), NULL);

  content = resize (self, image);
  if (parameters != NULL && nmd_parameters_get_switch (parameters, "median"))
    {
      g_autoptr (NmdImage) before = g_steal_pointer (&content);

      content = nmd_image_median (before, NMD_MEDIAN_SIZE);
    }
  if (parameters != NULL && nmd_parameters_get_switch (parameters, "clahe"))
    {
      g_autoptr (NmdImage) before = g_steal_pointer (&content);

      content = nmd_image_clahe (before, nmd_parameters_get (parameters, "clahe-clip"),
                                 nmd_parameters_get_int (parameters, "clahe-tiles"));
    }
  return centre (self, content);
}

NmdImage *
nmd_letterbox_mask (const NmdLetterbox *self, const NmdImage *mask)
{
  g_autoptr (NmdImage) full = NULL, content = NULL;
  gsize n;

  g_return_val_if_fail (self != NULL && is_of_size (self, mask), NULL);

  full = nmd_image_new (mask->width, mask->height);
  n = (gsize)mask->width * (gsize)mask->height;
  for (gsize i = 0; i < n; i++)
    full->pixels[i] = mask->pixels[i] != 0 ? 255 : 0;
  content = resize (self, full);
  n = (gsize)content->width * (gsize)content->height;
  for (gsize i = 0; i < n; i++)
    content->pixels[i] = content->pixels[i] >= 128 ? 255 : 0;
  return centre (self, content);
}

void
nmd_letterbox_to_field (const NmdLetterbox *self, double *x, double *y)
{
  const NmdBox *box = &self->content;

  *x = box->x0 + *x * (box->x1 - box->x0) / self->width;
  *y = box->y0 + *y * (box->y1 - box->y0) / self->height;
}

void
nmd_letterbox_from_field (const NmdLetterbox *self, double *x, double *y)
{
  const NmdBox *box = &self->content;

  *x = (*x - box->x0) * self->width / (box->x1 - box->x0);
  *y = (*y - box->y0) * self->height / (box->y1 - box->y0);
}

/* Two neighbouring samples of the field and the share of the second. */
typedef struct
{
  int first, second;
  float share;
} Pair;

static Pair *
make_pairs (int from, int n, int out)
{
  Pair *pairs = g_new (Pair, out);

  for (int i = 0; i < out; i++)
    {
      double at = CLAMP ((i + 0.5) * n / out - 0.5, 0.0, n - 1.0);
      int first = (int)at;

      pairs[i].first = from + first;
      pairs[i].second = from + MIN (first + 1, n - 1);
      pairs[i].share = (float)(at - first);
    }
  return pairs;
}

void
nmd_letterbox_enlarge (const NmdLetterbox *self, const float *field, float *out)
{
  g_autofree Pair *across = NULL, *down = NULL;

  g_return_if_fail (self != NULL && field != NULL && out != NULL);

  across
      = make_pairs (self->content.x0, self->content.x1 - self->content.x0, self->width);
  down = make_pairs (self->content.y0, self->content.y1 - self->content.y0, self->height);
  for (int y = 0; y < self->height; y++)
    {
      const float *above = field + (gsize)down[y].first * (gsize)self->size;
      const float *below = field + (gsize)down[y].second * (gsize)self->size;
      float *row = out + (gsize)y * (gsize)self->width;

      for (int x = 0; x < self->width; x++)
        {
          const Pair *pair = &across[x];
          float a = above[pair->first]
                    + pair->share * (above[pair->second] - above[pair->first]);
          float b = below[pair->first]
                    + pair->share * (below[pair->second] - below[pair->first]);

          row[x] = a + down[y].share * (b - a);
        }
    }
}

void
nmd_prompts_to_field (const NmdPrompts *prompts,
                      const NmdLetterbox *letterbox,
                      NmdPrompts *field)
{
  g_return_if_fail (prompts != NULL && letterbox != NULL && field != NULL);

  *field = *prompts;
  nmd_letterbox_to_field (letterbox, &field->x0, &field->y0);
  nmd_letterbox_to_field (letterbox, &field->x1, &field->y1);
  for (guint i = 0; i < field->n_clicks; i++)
    nmd_letterbox_to_field (letterbox, &field->clicks[i].x, &field->clicks[i].y);
}

static void
fill_box (const NmdPrompts *prompts, int size, float *out)
{
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      if (x + 0.5 >= prompts->x0 && x + 0.5 < prompts->x1 && y + 0.5 >= prompts->y0
          && y + 0.5 < prompts->y1)
        out[(gsize)y * (gsize)size + (gsize)x] = 1;
}

/* A Gaussian is under 1e-7 beyond 6 σ. */
static void
add_click (double cx, double cy, float sign, int size, float *out)
{
  const double sigma = size / 64.0, reach = 6 * sigma;
  const int x0 = (int)CLAMP (floor (cx - reach), 0, size),
            x1 = (int)CLAMP (ceil (cx + reach), 0, size),
            y0 = (int)CLAMP (floor (cy - reach), 0, size),
            y1 = (int)CLAMP (ceil (cy + reach), 0, size);

  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++)
      {
        double dx = x + 0.5 - cx, dy = y + 0.5 - cy;
        float *to = out + (gsize)y * (gsize)size + (gsize)x;

        *to += sign * (float)exp (-(dx * dx + dy * dy) / (2 * sigma * sigma));
      }
}

void
nmd_segment_input (const float *grey, const NmdPrompts *prompts, int size, float *out)
{
  const gsize n = (gsize)size * (gsize)size;
  float *clicks = out + 2 * n;

  g_return_if_fail (grey != NULL && out != NULL && size > 0);

  for (gsize i = 0; i < n; i++)
    out[i] = grey[i] - 0.5f;
  memset (out + n, 0, 2 * n * sizeof *out);
  if (prompts == NULL)
    return;
  if (prompts->has_box)
    fill_box (prompts, size, out + n);
  for (guint i = 0; i < MIN (prompts->n_clicks, NMD_PROMPTS_MAX_CLICKS); i++)
    add_click (prompts->clicks[i].x, prompts->clicks[i].y,
               prompts->clicks[i].is_positive ? 1.0f : -1.0f, size, clicks);
  for (gsize i = 0; prompts->n_clicks > 1 && i < n; i++)
    clicks[i] = CLAMP (clicks[i], -1.0f, 1.0f);
}
