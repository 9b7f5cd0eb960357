/* SPDX-License-Identifier: Apache-2.0
 *
 * Livewire: edges of a window, and the search in it. Distances are whole numbers and at most 127 more from
 * one step to the next, so the queue is a ring of buckets.
 */
#include "engine/image/nmd-livewire.h"

#include <math.h>
#include <string.h>

#define SIGMA 2.0
#define RADIUS 6 /* of the smoothing filter: 3 σ */
#define STRAIGHT_UNIT 80.0
#define BUCKETS 128
#define UNKNOWN G_MAXINT32
#define LARGEST_SNAP 32

/* A part of the image and its edges. */
typedef struct
{
  int x0, y0, width, height;
  float *strength; /* size of the gradient */
  float *ux, *uy;  /* unit vector along the edge; 0 where there is none */
} Edges;

struct _NmdLivewire
{
  NmdImage *image;
  gboolean has_seed;
  int seed_x, seed_y;
  Edges edges;
  gint32 *distance;
  gint8 *from; /* the direction that a pixel was reached by, −1 for the seed */
  guint8 *settled;
  GArray *buckets[BUCKETS]; /* of gint32: places */
  int bucket;
  guint queued;
};

static const int step_x[8] = { 1, 1, 0, -1, -1, -1, 0, 1 };
static const int step_y[8] = { 0, 1, 1, 1, 0, -1, -1, -1 };

static void
edges_clear (Edges *edges)
{
  g_clear_pointer (&edges->strength, g_free);
  g_clear_pointer (&edges->ux, g_free);
  g_clear_pointer (&edges->uy, g_free);
}

/* One pass of the Gaussian along rows of @from, @wide samples a row of which the middle @width are wanted,
 * written transposed: two passes give the picture back. */
static void
smooth_rows (const float *from, int wide, int n_rows, float *to)
{
  float weights[2 * RADIUS + 1];
  double sum = 0;
  int width = wide - 2 * RADIUS;

  for (int k = -RADIUS; k <= RADIUS; k++)
    sum += exp (-k * k / (2 * SIGMA * SIGMA));
  for (int k = -RADIUS; k <= RADIUS; k++)
    weights[k + RADIUS] = (float)(exp (-k * k / (2 * SIGMA * SIGMA)) / sum);
  for (int row = 0; row < n_rows; row++)
    for (int x = 0; x < width; x++)
      {
        const float *p = from + (gsize)row * (gsize)wide + x;
        float value = 0;
        for (int k = 0; k <= 2 * RADIUS; k++)
          value += weights[k] * p[k];
        to[(gsize)x * (gsize)n_rows + row] = value;
      }
}

/* The window and a pixel around it, smoothed; beyond the frame its border is repeated. */
static float *
smoothed (const NmdImage *image, const Edges *edges)
{
  int width = edges->width + 2, height = edges->height + 2;
  int wide = width + 2 * RADIUS, high = height + 2 * RADIUS;
  g_autofree float *raw = g_new (float, (gsize)wide *(gsize)high);
  g_autofree float *turned = g_new (float, (gsize)width *(gsize)high);
  float *smooth = g_new (float, (gsize)width *(gsize)height);

  for (int y = 0; y < high; y++)
    {
      int row = CLAMP (edges->y0 - 1 - RADIUS + y, 0, image->height - 1);
      const guint8 *pixels = image->pixels + (gsize)row * (gsize)image->width;
      for (int x = 0; x < wide; x++)
        raw[(gsize)y * (gsize)wide + x]
            = pixels[CLAMP (edges->x0 - 1 - RADIUS + x, 0, image->width - 1)];
    }
  smooth_rows (raw, wide, high, turned);
  smooth_rows (turned, high, width, smooth);
  return smooth;
}

static void
find_edges (const NmdImage *image, Edges *edges)
{
  g_autofree float *smooth = smoothed (image, edges);
  gsize n = (gsize)edges->width * (gsize)edges->height, wide = (gsize)edges->width + 2;

  edges->strength = g_new (float, n);
  edges->ux = g_new (float, n);
  edges->uy = g_new (float, n);
  for (int y = 0; y < edges->height; y++)
    for (int x = 0; x < edges->width; x++)
      {
        const float *p = smooth + (gsize)(y + 1) * wide + x + 1;
        gsize i = (gsize)y * (gsize)edges->width + (gsize)x;
        float gx = (p[1] - p[-1]) / 2, gy = (p[wide] - *(p - wide)) / 2;
        float size = sqrtf (gx * gx + gy * gy);
        edges->strength[i] = size;
        edges->ux[i] = size > 0 ? -gy / size : 0;
        edges->uy[i] = size > 0 ? gx / size : 0;
      }
}

/* Makes the gradient a share of the 98th percentile, so that a single bright speck is not the measure. */
static void
normalise (Edges *edges)
{
  guint counts[1024] = { 0 };
  gsize n = (gsize)edges->width * (gsize)edges->height, below = 0;
  float most = 0;
  int bin = 0;

  for (gsize i = 0; i < n; i++)
    most = MAX (most, edges->strength[i]);
  if (!(most > 0))
    return;
  for (gsize i = 0; i < n; i++)
    counts[(int)(edges->strength[i] / most * 1023)]++;
  while (bin < 1023 && (below += counts[bin]) < n - n / 50)
    bin++;
  float scale = 1 / (most * (float)(bin + 1) / 1024);
  for (gsize i = 0; i < n; i++)
    edges->strength[i] = MIN (edges->strength[i] * scale, 1);
}

NmdLivewire *
nmd_livewire_new (NmdImage *image)
{
  g_return_val_if_fail (image != NULL, NULL);

  NmdLivewire *self = g_new0 (NmdLivewire, 1);
  self->image = nmd_image_ref (image);
  for (int i = 0; i < BUCKETS; i++)
    self->buckets[i] = g_array_new (FALSE, FALSE, sizeof (gint32));
  return self;
}

static void
clear_seed (NmdLivewire *self)
{
  edges_clear (&self->edges);
  g_clear_pointer (&self->distance, g_free);
  g_clear_pointer (&self->from, g_free);
  g_clear_pointer (&self->settled, g_free);
  for (int i = 0; i < BUCKETS; i++)
    g_array_set_size (self->buckets[i], 0);
  self->bucket = 0;
  self->queued = 0;
}

void
nmd_livewire_free (NmdLivewire *self)
{
  g_return_if_fail (self != NULL);
  clear_seed (self);
  for (int i = 0; i < BUCKETS; i++)
    g_array_unref (self->buckets[i]);
  nmd_image_unref (self->image);
  g_free (self);
}

/* The window of half side @reach around (@x, @y), cut at the frame. */
static void
set_window (const NmdImage *image, int x, int y, int reach, Edges *edges)
{
  edges->x0 = MAX (x - reach, 0);
  edges->y0 = MAX (y - reach, 0);
  edges->width = MIN (x + reach + 1, image->width) - edges->x0;
  edges->height = MIN (y + reach + 1, image->height) - edges->y0;
}

void
nmd_livewire_snap (NmdLivewire *self, int radius, int *x, int *y)
{
  Edges edges = { 0 };
  int best_x = *x, best_y = *y, nearest = 0;
  float most = -1;

  g_return_if_fail (self != NULL);
  radius = CLAMP (radius, 0, LARGEST_SNAP);
  set_window (self->image, *x, *y, radius, &edges);
  find_edges (self->image, &edges);
  for (int j = 0; j < edges.height; j++)
    for (int i = 0; i < edges.width; i++)
      {
        int dx = edges.x0 + i - *x, dy = edges.y0 + j - *y, far = dx * dx + dy * dy;
        float strength = edges.strength[j * edges.width + i];
        if (far > radius * radius || strength < most
            || (strength == most && far >= nearest))
          continue;
        most = strength;
        nearest = far;
        best_x = edges.x0 + i;
        best_y = edges.y0 + j;
      }
  edges_clear (&edges);
  *x = best_x;
  *y = best_y;
}

static void
put (NmdLivewire *self, gint32 place, gint32 distance, gint8 from)
{
  self->distance[place] = distance;
  self->from[place] = from;
  g_array_append_val (self->buckets[distance % BUCKETS], place);
  self->queued++;
}

void
nmd_livewire_set_seed (NmdLivewire *self, int x, int y)
{
  g_return_if_fail (self != NULL);

  clear_seed (self);
  self->seed_x = CLAMP (x, 0, self->image->width - 1);
  self->seed_y = CLAMP (y, 0, self->image->height - 1);
  set_window (self->image, self->seed_x, self->seed_y, NMD_LIVEWIRE_REACH, &self->edges);
  find_edges (self->image, &self->edges);
  normalise (&self->edges);
  gsize n = (gsize)self->edges.width * (gsize)self->edges.height;
  self->distance = g_new (gint32, n);
  for (gsize i = 0; i < n; i++)
    self->distance[i] = UNKNOWN;
  self->from = g_new0 (gint8, n);
  self->settled = g_new0 (guint8, n);
  self->has_seed = TRUE;
  put (self,
       (self->seed_y - self->edges.y0) * self->edges.width + self->seed_x
           - self->edges.x0,
       0, -1);
}

static gint32
cost (const Edges *edges, gint32 p, gint32 q, int direction)
{
  gboolean diagonal = (direction & 1) != 0;
  float unit = diagonal ? (float)G_SQRT2 / 2 : 1;
  float sx = (float)step_x[direction] * unit, sy = (float)step_y[direction] * unit;
  float along = fabsf (edges->ux[p] * sx + edges->uy[p] * sy)
                + fabsf (edges->ux[q] * sx + edges->uy[q] * sy);
  float share = 0.70f * (1 - edges->strength[q]) + 0.125f * (2 - along) + 0.05f;

  return 1 + (gint32)((float)STRAIGHT_UNIT * share * (diagonal ? (float)G_SQRT2 : 1));
}

/* Settles the nearest pixel of the queue and returns its place; −1 if the queue is empty. */
static gint32
settle_next (NmdLivewire *self)
{
  const Edges *edges = &self->edges;

  while (self->queued > 0)
    {
      GArray *bucket = self->buckets[self->bucket];
      if (bucket->len == 0)
        {
          self->bucket = (self->bucket + 1) % BUCKETS;
          continue;
        }
      gint32 p = g_array_index (bucket, gint32, bucket->len - 1);
      g_array_set_size (bucket, bucket->len - 1);
      self->queued--;
      if (self->settled[p])
        continue;
      self->settled[p] = 1;
      int x = p % edges->width, y = p / edges->width;
      for (int d = 0; d < 8; d++)
        {
          int qx = x + step_x[d], qy = y + step_y[d];
          gint32 q = qy * edges->width + qx;
          if (qx < 0 || qy < 0 || qx >= edges->width || qy >= edges->height
              || self->settled[q])
            continue;
          gint32 distance = self->distance[p] + cost (edges, p, q, d);
          if (distance < self->distance[q])
            put (self, q, distance, (gint8)d);
        }
      return p;
    }
  return -1;
}

static void
append (GArray *points, int x, int y)
{
  double point[2] = { x + 0.5, y + 0.5 };

  g_array_append_vals (points, point, 2);
}

void
nmd_livewire_get_path (NmdLivewire *self, int x, int y, GArray *points)
{
  g_return_if_fail (self != NULL && self->has_seed && points != NULL);

  const Edges *edges = &self->edges;
  int end_x = CLAMP (x, edges->x0, edges->x0 + edges->width - 1);
  int end_y = CLAMP (y, edges->y0, edges->y0 + edges->height - 1);
  gint32 end = (end_y - edges->y0) * edges->width + end_x - edges->x0;
  while (!self->settled[end] && settle_next (self) >= 0)
    ;

  guint first = points->len;
  for (gint32 p = end; self->from[p] >= 0;)
    {
      int d = self->from[p];
      append (points, edges->x0 + p % edges->width, edges->y0 + p / edges->width);
      p -= step_y[d] * edges->width + step_x[d];
    }
  /* The path was walked from its end. */
  double *path = (double *)points->data + first;
  guint n = (points->len - first) / 2;
  for (guint i = 0; i < n / 2; i++)
    for (guint k = 0; k < 2; k++)
      {
        double swap = path[2 * i + k];
        path[2 * i + k] = path[2 * (n - 1 - i) + k];
        path[2 * (n - 1 - i) + k] = swap;
      }
  if (end_x != x || end_y != y)
    append (points, x, y);
}
