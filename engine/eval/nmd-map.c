/* SPDX-License-Identifier: Apache-2.0
 *
 * Grad-CAM from a layer's map and gradient to values on the pixels of the ROI box, and how
 * much of it lies inside the outline. The network is run by engine/model's predictor,
 * drawing is ui/plot's.
 */
#include "config.h"

#include "engine/core/nmd-number.h"
#include "engine/eval/nmd-gradcam.h"

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

/* Where the map is a column of tokens: the square image of those behind the first
 * @n_class, which is what the patches were cut from in row order. Others are left as they
 * are. */
static void
arrange_tokens (NmdCam *cam, int n_class)
{
  const int n = cam->height - n_class, side = (int)lrint (sqrt (MAX (n, 0)));

  if (n_class < 1 || cam->width != 1 || side < 1 || side * side != n)
    return;
  for (int k = 0; k < cam->channels; k++)
    {
      const gsize from = (gsize)k * (gsize)cam->height + (gsize)n_class,
                  to = (gsize)k * (gsize)n;

      memmove (cam->map + to, cam->map + from, (gsize)n * sizeof *cam->map);
      memmove (cam->gradient + to, cam->gradient + from,
               (gsize)n * sizeof *cam->gradient);
    }
  cam->width = cam->height = side;
}

/* Eq. 1 and 2: α_k = mean gradient of channel k, L = ReLU (Σ α_k A_k). Returns the
 * maximum of L. */
static double
weigh (const NmdCam *cam, float *grid)
{
  gsize n = (gsize)cam->width * (gsize)cam->height;
  g_autofree double *sum = g_new0 (double, n);
  double largest = 0;

  for (int k = 0; k < cam->channels; k++)
    {
      const float *gradient = cam->gradient + (gsize)k * n,
                  *map = cam->map + (gsize)k * n;
      double alpha = 0;

      for (gsize i = 0; i < n; i++)
        alpha += (double)gradient[i];
      alpha /= (double)n;
      for (gsize i = 0; i < n; i++)
        sum[i] += alpha * (double)map[i];
    }
  for (gsize i = 0; i < n; i++)
    {
      grid[i] = (float)MAX (sum[i], 0);
      largest = MAX (largest, (double)grid[i]);
    }
  return largest;
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

/* Squared distance transform of one row or column by the lower envelope of parabolas:
 * exact, linear time. Source: Felzenszwalb and Huttenlocher, "Distance transforms of
 * sampled functions", Theory of Computing 8 (2012). */
static void
transform_line (const double *f, int n, double *out, int *vertex, double *border)
{
  int k = 0;

  vertex[0] = 0;
  border[0] = -INFINITY;
  border[1] = INFINITY;
  for (int q = 1; q < n; q++)
    {
      double meet;

      for (;; k--)
        {
          int v = vertex[k];

          meet = ((f[q] + (double)q * q) - (f[v] + (double)v * v)) / (2.0 * (q - v));
          if (meet > border[k] || k == 0)
            break;
        }
      if (meet > border[k])
        k++;
      vertex[k] = q;
      border[k] = k == 0 ? -INFINITY : meet;
      border[k + 1] = INFINITY;
    }
  k = 0;
  for (int q = 0; q < n; q++)
    {
      while (border[k + 1] < q)
        k++;
      out[q] = (double)(q - vertex[k]) * (q - vertex[k]) + f[vertex[k]];
    }
}

#define FAR 1e15 /* no such pixel; squares of real distances are below 1e11 */

/* Squared distance of each pixel centre to the nearest one where @set is @wanted. */
static double *
squared_distance (const guint8 *set, int width, int height, gboolean wanted)
{
  gsize n = (gsize)width * (gsize)height;
  int longest = MAX (width, height);
  double *distance = g_new (double, n);
  g_autofree double *in = g_new (double, longest), *out = g_new (double, longest);
  g_autofree double *border = g_new (double, longest + 1);
  g_autofree int *vertex = g_new (int, longest + 1);

  for (gsize i = 0; i < n; i++)
    distance[i] = (set[i] != 0) == wanted ? 0 : FAR;
  for (int x = 0; x < width; x++)
    {
      for (int y = 0; y < height; y++)
        in[y] = distance[(gsize)y * (gsize)width + (gsize)x];
      transform_line (in, height, out, vertex, border);
      for (int y = 0; y < height; y++)
        distance[(gsize)y * (gsize)width + (gsize)x] = out[y];
    }
  for (int y = 0; y < height; y++)
    {
      memcpy (in, distance + (gsize)y * (gsize)width, (gsize)width * sizeof *in);
      transform_line (in, width, distance + (gsize)y * (gsize)width, vertex, border);
    }
  return distance;
}

void
nmd_map_measure (const float *values,
                 const NmdBox *box,
                 const NmdImage *mask,
                 double *inside,
                 double *edge,
                 double *outside)
{
  int width = box->x1 - box->x0, height = box->y1 - box->y0;
  double ring = 0.02 * MIN (width, height), sums[3] = { 0, 0, 0 }, total;
  g_autofree guint8 *set = NULL;
  g_autofree double *to_set = NULL, *to_unset = NULL;

  g_return_if_fail (values != NULL && mask != NULL && width > 0 && height > 0);
  g_return_if_fail (box->x0 >= 0 && box->y0 >= 0 && box->x1 <= mask->width
                    && box->y1 <= mask->height);
  set = g_new (guint8, (gsize)width * (gsize)height);
  for (int y = 0; y < height; y++)
    memcpy (set + (gsize)y * (gsize)width,
            mask->pixels + (gsize)(box->y0 + y) * (gsize)mask->width + box->x0,
            (gsize)width);
  to_set = squared_distance (set, width, height, TRUE);
  to_unset = squared_distance (set, width, height, FALSE);
  for (gsize i = 0; i < (gsize)width * (gsize)height; i++)
    {
      /* the contour lies half a pixel before the nearest pixel of the other kind */
      double away = sqrt (set[i] ? to_unset[i] : to_set[i]) - 0.5;

      sums[away <= ring ? 1 : set[i] ? 0 : 2] += (double)values[i];
    }
  total = sums[0] + sums[1] + sums[2];
  *inside = total > 0 ? sums[0] / total : NAN;
  *edge = total > 0 ? sums[1] / total : NAN;
  *outside = total > 0 ? sums[2] / total : NAN;
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

/* Fills the map from the network's answer. */
static void
finish_map (NmdMap *map, NmdCam *cam, const NmdImage *mask)
{
  int width = map->box.x1 - map->box.x0, height = map->box.y1 - map->box.y0;
  gsize n = (gsize)cam->width * (gsize)cam->height;
  double largest;

  map->grid_width = cam->width;
  map->grid_height = cam->height;
  map->grid = g_new (float, n);
  map->layer = g_steal_pointer (&cam->layer);
  map->target = cam->target;
  map->score = cam->score;
  memcpy (map->logits, cam->logits, sizeof map->logits);
  map->values = g_new0 (float, (gsize)width *(gsize)height);
  largest = weigh (cam, map->grid);
  map->no_positive_evidence = !(largest > 0);
  if (map->no_positive_evidence)
    return;
  g_autofree float *scaled = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    scaled[i] = (float)((double)map->grid[i] / largest);
  nmd_map_enlarge (scaled, cam->width, cam->height, width, height, map->values);
  if (!is_empty (mask))
    nmd_map_measure (map->values, &map->box, mask, &map->inside, &map->edge,
                     &map->outside);
}

NmdMap *
nmd_gradcam_compute (NmdPredictor *predictor,
                     const NmdImage *image,
                     const NmdImage *mask,
                     int target,
                     const char *layer,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autofree float *tensor = NULL;
  g_auto (NmdCam) cam = { 0 };
  g_auto (NmdStages) stages = { 0 };
  NmdMap *map;

  g_return_val_if_fail (predictor != NULL && image != NULL && target >= -1 && target <= 1,
                        NULL);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  tensor = g_new (float, 3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE);
  nmd_model_prepare (nmd_predictor_get_model (predictor), image, mask, &stages, tensor);
  if (!nmd_predictor_cam (predictor, layer, tensor, target, &cam, error)
      || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  arrange_tokens (
      &cam, nmd_model_get_network (nmd_predictor_get_model (predictor))->cam_tokens);
  map = map_new ();
  map->box = stages.box;
  finish_map (map, &cam, mask);
  return map;
}

char *
nmd_map_to_csv (const NmdMap *self, const char *note)
{
  GString *text = g_string_new (note != NULL ? "x,y,value,note\n" : "x,y,value\n");
  int width = self->box.x1 - self->box.x0;
  char number[NMD_NUMBER_LENGTH];

  for (int y = self->box.y0; y < self->box.y1; y++)
    for (int x = self->box.x0; x < self->box.x1; x++)
      {
        gsize i = (gsize)(y - self->box.y0) * (gsize)width + (gsize)(x - self->box.x0);

        g_string_append_printf (text, "%d,%d,%s%s%s\n", x, y,
                                nmd_number_format_float (number, self->values[i]),
                                note != NULL ? "," : "", note != NULL ? note : "");
      }
  return g_string_free (text, FALSE);
}
