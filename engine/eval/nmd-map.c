/* SPDX-License-Identifier: Apache-2.0
 *
 * From a method's values to values on the pixels of the ROI box. How they come about is
 * nmd-attribution.c's, where they lie nmd-map-measure.c's, drawing is ui/plot's.
 */
#include "config.h"

#include "engine/core/nmd-number.h"
#include "engine/eval/nmd-map.h"

#include <math.h>
#include <string.h>

typedef struct
{
  NmdMap map; /* what callers see */
  gatomicrefcount references;
} CountedMap;

static NmdMap *
map_new (void)
{
  CountedMap *self = g_new0 (CountedMap, 1);

  g_atomic_ref_count_init (&self->references);
  self->map.inside = self->map.edge = self->map.outside = NAN;
  self->map.peak_x = self->map.peak_y = -1;
  self->map.peak = NMD_MAP_REGION_NONE;
  return &self->map;
}

NmdMap *
nmd_map_ref (NmdMap *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&((CountedMap *)self)->references);
  return self;
}

void
nmd_map_unref (NmdMap *self)
{
  g_return_if_fail (self != NULL);
  if (!g_atomic_ref_count_dec (&((CountedMap *)self)->references))
    return;
  g_free (self->grid);
  g_free (self->values);
  g_free (self->layer);
  g_free (self);
}

/* Position and weight of output pixel @i among @n of @grid cells: half-pixel centres,
 * edges repeated. */
static void
place (int i, int n, int grid, int *first, int *second, double *share)
{
  double at = (i + 0.5) * grid / n - 0.5;

  at = CLAMP (at, 0, grid - 1);
  *first = (int)at;
  *second = MIN (*first + 1, grid - 1);
  *share = at - *first;
}

void
nmd_map_enlarge (
    const float *grid, int grid_width, int grid_height, int width, int height, float *out)
{
  g_autofree int *left = g_new (int, width), *right = g_new (int, width);
  g_autofree double *share = g_new (double, width);

  g_return_if_fail (grid != NULL && out != NULL && grid_width > 0 && grid_height > 0);
  for (int x = 0; x < width; x++)
    place (x, width, grid_width, &left[x], &right[x], &share[x]);
  for (int y = 0; y < height; y++)
    {
      int top, bottom;
      double down;
      const float *a, *b;

      place (y, height, grid_height, &top, &bottom, &down);
      a = grid + (gsize)top * (gsize)grid_width;
      b = grid + (gsize)bottom * (gsize)grid_width;
      for (int x = 0; x < width; x++)
        {
          double upper = (double)a[left[x]]
                         + share[x] * ((double)a[right[x]] - (double)a[left[x]]);
          double lower = (double)b[left[x]]
                         + share[x] * ((double)b[right[x]] - (double)b[left[x]]);

          out[(gsize)y * (gsize)width + (gsize)x]
              = (float)(upper + down * (lower - upper));
        }
    }
}

void
nmd_map_get_percents (const NmdMap *self, int percents[3])
{
  g_return_if_fail (self != NULL && isfinite (self->inside) && percents != NULL);

  const double shares[3] = { self->inside, self->edge, self->outside };
  double rest[3];
  int missing = 100;

  for (int i = 0; i < 3; i++)
    {
      percents[i] = (int)floor (100 * shares[i]);
      rest[i] = 100 * shares[i] - percents[i];
      missing -= percents[i];
    }
  for (; missing > 0; missing--)
    {
      int most = 0;

      for (int i = 1; i < 3; i++)
        if (rest[i] > rest[most])
          most = i;
      percents[most]++;
      rest[most] = -1;
    }
}

static gboolean
is_empty (const NmdImage *mask)
{
  NmdBox bounds;

  return mask == NULL || !nmd_mask_get_bounds (mask, &bounds);
}

/* Fills the grid; returns the maximum of L. */
static double
fill_grid (NmdMap *map, const NmdAttribution *from)
{
  gsize n = (gsize)from->width * (gsize)from->height, peak = 0;
  double largest = 0;

  map->grid = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    {
      map->grid[i]
          = (float)(map->method == NMD_MAP_SMOOTHGRAD ? fabs (from->values[i])
                                                      : MAX (from->values[i], 0));
      if ((double)map->grid[i] > largest)
        {
          largest = (double)map->grid[i];
          peak = i;
        }
    }
  if (largest > 0)
    {
      const int column = (int)(peak % (gsize)from->width),
                row = (int)(peak / (gsize)from->width);

      map->peak_x = map->box.x0
                    + (int)((column + 0.5) * (map->box.x1 - map->box.x0) / from->width);
      map->peak_y
          = map->box.y0 + (int)((row + 0.5) * (map->box.y1 - map->box.y0) / from->height);
    }
  return largest;
}

static int
compare_floats (gconstpointer a, gconstpointer b)
{
  const float x = *(const float *)a, y = *(const float *)b;

  return x < y ? -1 : x > y;
}

/* What L is divided by; 0 without positive evidence. */
static double
get_scale (const NmdMap *map, gsize n)
{
  g_autofree float *sorted = g_memdup2 (map->grid, n * sizeof *sorted);
  double percentile;

  qsort (sorted, n, sizeof *sorted, compare_floats);
  percentile = (double)sorted[(n - 1) * 99 / 100];
  return percentile > 0 && !nmd_map_method_has_layer (map->method)
                 && map->method != NMD_MAP_OCCLUSION
             ? percentile
             : (double)sorted[n - 1];
}

float *
nmd_map_scale_grid (const NmdMap *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  const gsize n = (gsize)self->grid_width * (gsize)self->grid_height;
  const double scale = get_scale (self, n);
  float *scaled = g_new0 (float, n);

  for (gsize i = 0; i < n && scale > 0; i++)
    scaled[i] = (float)MIN ((double)self->grid[i] / scale, 1);
  return scaled;
}

/* Fills the map from the method's values. */
static void
finish_map (NmdMap *map, NmdAttribution *from, const NmdImage *mask)
{
  int width = map->box.x1 - map->box.x0, height = map->box.y1 - map->box.y0;

  map->grid_width = from->width;
  map->grid_height = from->height;
  map->layer = g_steal_pointer (&from->layer);
  map->target = from->target;
  map->score = from->score;
  map->gap = from->gap;
  memcpy (map->logits, from->logits, sizeof map->logits);
  map->values = g_new0 (float, (gsize)width *(gsize)height);
  map->no_positive_evidence = !(fill_grid (map, from) > 0);
  if (map->no_positive_evidence)
    return;
  g_autofree float *scaled = nmd_map_scale_grid (map);

  nmd_map_enlarge (scaled, from->width, from->height, width, height, map->values);
  if (is_empty (mask))
    return;
  nmd_map_measure (map->values, &map->box, mask, &map->inside, &map->edge, &map->outside);
  g_autofree guint8 *regions = nmd_map_get_regions (&map->box, mask);

  map->peak = regions[(gsize)(map->peak_y - map->box.y0) * (gsize)width
                      + (gsize)(map->peak_x - map->box.x0)];
}

NmdMap *
nmd_map_compute (NmdPredictor *predictor,
                 const NmdImage *image,
                 const NmdImage *mask,
                 NmdMapMethod method,
                 int target,
                 const char *layer,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autofree float *tensor = NULL;
  g_auto (NmdAttribution) values = { 0 };
  g_auto (NmdStages) stages = { 0 };
  NmdMap *map;

  g_return_val_if_fail (predictor != NULL && image != NULL && target >= -1 && target <= 1,
                        NULL);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  tensor = g_new (float, 3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE);
  nmd_model_prepare (nmd_predictor_get_model (predictor), image, mask, &stages, tensor);
  if (!nmd_attribution_compute (predictor, method, tensor, target, layer, cancellable,
                                &values, error)
      || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  map = map_new ();
  map->method = method;
  map->box = stages.box;
  finish_map (map, &values, mask);
  return map;
}

char *
nmd_map_to_csv (const NmdMap *self, const char *note)
{
  const char *method = nmd_map_method_get_name (self->method);
  GString *text
      = g_string_new (note != NULL ? "x,y,value,method,note\n" : "x,y,value,method\n");
  int width = self->box.x1 - self->box.x0;
  char number[NMD_NUMBER_LENGTH];

  for (int y = self->box.y0; y < self->box.y1; y++)
    for (int x = self->box.x0; x < self->box.x1; x++)
      {
        gsize i = (gsize)(y - self->box.y0) * (gsize)width + (gsize)(x - self->box.x0);

        g_string_append_printf (text, "%d,%d,%s,%s%s%s\n", x, y,
                                nmd_number_format_float (number, self->values[i]), method,
                                note != NULL ? "," : "", note != NULL ? note : "");
      }
  return g_string_free (text, FALSE);
}
