/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of a heat map: deletion and insertion, cascading randomisation, and what they say in
 * words. Maps themselves are nmd-map.c's.
 */
#include "config.h"

#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-map-check.h"

#include <math.h>
#include <string.h>

#define SIDE NMD_INPUT_SIZE
#define AREA (SIDE * SIDE)
#define LENGTH (3 * AREA)
#define STEPS NMD_FIDELITY_STEPS
#define N_INPUTS (2 * STEPS) /* both curves share the image and the grey one */
G_STATIC_ASSERT (AREA % STEPS == 0);

/* Larger values first. */
static int
compare_pixels (gconstpointer a, gconstpointer b, gpointer values)
{
  const float x = ((const float *)values)[*(const guint *)a],
              y = ((const float *)values)[*(const guint *)b];

  return x > y ? -1 : x < y;
}

static guint *
order_pixels (const NmdMap *map)
{
  g_autofree float *values = g_new (float, AREA);
  guint *order = g_new (guint, AREA);
  NmdRandom stream;

  nmd_map_enlarge (map->grid, map->grid_width, map->grid_height, SIDE, SIDE, values);
  for (guint i = 0; i < AREA; i++)
    order[i] = i;
  nmd_random_init_for (&stream, 0, "maps", 0, "order");
  nmd_random_shuffle (&stream, order, AREA);
  g_qsort_with_data (order, AREA, sizeof *order, compare_pixels, values); /* stable */
  return order;
}

/* Input @index: the first STEPS + 1 delete, the others, from one step on, insert. */
static void
make_input (
    const float *tensor, const float grey[3], const guint *order, guint index, float *out)
{
  const gboolean inserts = index > STEPS;
  const guint n = (inserts ? index - STEPS : index) * (AREA / STEPS);

  for (guint i = 0; i < AREA; i++)
    for (int c = 0; c < 3; c++)
      out[c * AREA + (int)order[i]]
          = (i < n) == inserts ? tensor[c * AREA + (int)order[i]] : grey[c];
}

static double
get_area (const double *curve)
{
  double area = 0;

  for (int i = 0; i < STEPS; i++)
    area += (curve[i] + curve[i + 1]) / 2 / STEPS;
  return area;
}

/* Scores of class 1 for all inputs, in whole batches. */
static gboolean
score_inputs (NmdPredictor *predictor,
              const float *tensor,
              const guint *order,
              GCancellable *cancellable,
              double *scores,
              GError **error)
{
  const guint batch = nmd_predictor_get_batch (predictor);
  g_autofree float *inputs = g_new0 (float, (gsize)batch *LENGTH);
  g_autofree double *some = g_new (double, batch);
  float grey[3];

  nmd_attribution_get_grey (tensor, grey);
  for (guint from = 0; from < N_INPUTS; from += batch)
    {
      const guint n = MIN (batch, N_INPUTS - from);

      for (guint m = 0; m < n; m++)
        make_input (tensor, grey, order, from + m, inputs + (gsize)m * LENGTH);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !nmd_predictor_score (predictor, inputs, batch, some, error))
        return FALSE;
      memcpy (scores + from, some, n * sizeof *some);
    }
  return TRUE;
}

gboolean
nmd_map_get_fidelity (NmdPredictor *predictor,
                      const NmdImage *image,
                      const NmdImage *mask,
                      const NmdMap *map,
                      GCancellable *cancellable,
                      NmdMapFidelity *out,
                      GError **error)
{
  double scores[N_INPUTS];
  g_autofree guint *order = NULL;
  g_autofree float *tensor = NULL;

  g_return_val_if_fail (predictor != NULL && image != NULL && map != NULL && out != NULL,
                        FALSE);
  for (int i = 0; i <= STEPS; i++)
    out->deletion[i] = out->insertion[i] = NAN;
  out->deletion_area = out->insertion_area = NAN;
  if (map->no_positive_evidence)
    return TRUE;
  tensor = g_new (float, LENGTH);
  nmd_model_prepare (nmd_predictor_get_model (predictor), image, mask, NULL, tensor);
  order = order_pixels (map);
  if (!score_inputs (predictor, tensor, order, cancellable, scores, error))
    return FALSE;
  for (int i = 0; i < N_INPUTS && map->target == 0; i++)
    scores[i] = 1 - scores[i];
  memcpy (out->deletion, scores, (STEPS + 1) * sizeof *scores);
  out->insertion[0] = scores[STEPS];
  memcpy (out->insertion + 1, scores + STEPS + 1, (STEPS - 1) * sizeof *scores);
  out->insertion[STEPS] = scores[0];
  out->deletion_area = get_area (out->deletion);
  out->insertion_area = get_area (out->insertion);
  return TRUE;
}

/* Likeness of two maps */

static int
compare_indices (gconstpointer a, gconstpointer b, gpointer values)
{
  return -compare_pixels (a, b, values);
}

/* Mean ranks, less their mean. */
static double *
rank (const float *values, gsize n)
{
  g_autofree guint *order = g_new (guint, n);
  double *ranks = g_new (double, n);

  for (guint i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (int)n, sizeof *order, compare_indices, (gpointer)values);
  for (gsize from = 0, to; from < n; from = to)
    {
      for (to = from + 1; to < n && values[order[to]] <= values[order[from]]; to++)
        ;
      for (gsize i = from; i < to; i++)
        ranks[order[i]] = (double)(from + to - 1) / 2 - (double)(n - 1) / 2;
    }
  return ranks;
}

double
nmd_map_spearman (const float *a, const float *b, gsize n)
{
  g_autofree double *p = NULL, *q = NULL;
  double pp = 0, qq = 0, pq = 0;

  g_return_val_if_fail (a != NULL && b != NULL && n >= 2 && n <= G_MAXINT, NAN);
  p = rank (a, n);
  q = rank (b, n);
  for (gsize i = 0; i < n; i++)
    {
      pp += p[i] * p[i];
      qq += q[i] * q[i];
      pq += p[i] * q[i];
    }
  return pp > 0 && qq > 0 ? pq / sqrt (pp * qq) : NAN;
}

#define RADIUS 5
#define SSIM_SD 1.5

/* Σ weight·a·b (@b NULL: Σ weight·a) around each place at least RADIUS from the border;
 * the others are not set. */
static double *
blur (const float *a, const float *b, int width, int height)
{
  const gsize n = (gsize)width * (gsize)height;
  g_autofree double *rows = g_new0 (double, n);
  double *out = g_new0 (double, n), kernel[2 * RADIUS + 1], total = 0;

  for (int i = -RADIUS; i <= RADIUS; i++)
    total += kernel[i + RADIUS] = exp (-0.5 * i * i / (SSIM_SD * SSIM_SD));
  for (int y = 0; y < height; y++)
    for (int x = RADIUS; x < width - RADIUS; x++)
      for (int i = -RADIUS; i <= RADIUS; i++)
        {
          const gsize at = (gsize)y * (gsize)width + (gsize)(x + i);

          rows[(gsize)y * (gsize)width + (gsize)x] += kernel[i + RADIUS] / total
                                                      * (double)a[at]
                                                      * (b != NULL ? (double)b[at] : 1);
        }
  for (int y = RADIUS; y < height - RADIUS; y++)
    for (int i = -RADIUS; i <= RADIUS; i++)
      for (int x = RADIUS; x < width - RADIUS; x++)
        out[(gsize)y * (gsize)width + (gsize)x]
            += kernel[i + RADIUS] / total
               * rows[(gsize)(y + i) * (gsize)width + (gsize)x];
  return out;
}

double
nmd_map_ssim (const float *a, const float *b, int width, int height)
{
  g_return_val_if_fail (
      a != NULL && b != NULL && width > 2 * RADIUS && height > 2 * RADIUS, NAN);

  g_autofree double *ma = blur (a, NULL, width, height),
                    *mb = blur (b, NULL, width, height), *aa = blur (a, a, width, height),
                    *bb = blur (b, b, width, height), *ab = blur (a, b, width, height);
  double sum = 0;

  for (int y = RADIUS; y < height - RADIUS; y++)
    for (int x = RADIUS; x < width - RADIUS; x++)
      {
        const gsize i = (gsize)y * (gsize)width + (gsize)x;
        const double p = ma[i], q = mb[i];

        sum += (2 * p * q + 1e-4) * (2 * (ab[i] - p * q) + 9e-4)
               / ((p * p + q * q + 1e-4) * (aa[i] - p * p + (bb[i] - q * q) + 9e-4));
      }
  return sum / ((double)(width - 2 * RADIUS) * (height - 2 * RADIUS));
}

/* Cascading randomisation */

void
nmd_map_cascade_clear (NmdMapCascade *self)
{
  g_clear_pointer (&self->layers, g_strfreev);
  g_clear_pointer (&self->spearman, g_free);
  g_clear_pointer (&self->ssim, g_free);
  self->n = 0;
}

/* "stages.4" of "stages.4.cbam.fc1.weight", "head" of "head.weight". */
static char *
get_layer (const char *name)
{
  const char *end = strchr (name, '.');

  for (const char *at = end; at != NULL; at = strchr (at + 1, '.'))
    if (g_ascii_isdigit (at[1]))
      {
        const char *next = strchr (at + 1, '.');

        return next != NULL ? g_strndup (name, (gsize)(next - name)) : g_strdup (name);
      }
  return end != NULL ? g_strndup (name, (gsize)(end - name)) : g_strdup (name);
}

/* The layers from the classifier to the input: in the order in which the graph first asks
 * for them, reversed. */
static char **
list_layers (const NmdNetwork *network, guint *n, GError **error)
{
  g_auto (NmdNetworkGraph) net = { 0 };
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func (g_free);

  if (!nmd_network_inference (&net, network, 2, 1, error))
    return NULL;
  for (NmdNode i = nmd_graph_get_n_nodes (net.graph) - 1; i >= 0; i--)
    {
      const NmdNodeInfo *node = nmd_graph_get (net.graph, i);
      g_autofree char *layer = NULL;

      if (node->op != NMD_OP_STORE)
        continue;
      layer = get_layer (node->name);
      if (!g_ptr_array_find_with_equal_func (layers, layer, g_str_equal, NULL))
        g_ptr_array_add (layers, g_steal_pointer (&layer));
    }
  *n = layers->len;
  g_ptr_array_add (layers, NULL);
  return (char **)g_ptr_array_steal (layers, NULL);
}

/* Copies the tensors of @layer from @fresh. */
static void
randomise (NmdWeights *weights, const NmdWeights *fresh, const char *layer)
{
  for (guint i = 0; i < nmd_weights_get_n (fresh); i++)
    {
      const char *name = nmd_weights_get_name (fresh, i);
      g_autofree char *its = get_layer (name);
      NmdShape shape;
      const float *values;

      if (strcmp (its, layer) != 0)
        continue;
      values = nmd_weights_get (fresh, name, &shape);
      memcpy (nmd_weights_add (weights, name, &shape), values,
              nmd_shape_count (&shape) * sizeof *values);
    }
}

static NmdWeights *
copy_weights (const NmdWeights *from)
{
  NmdWeights *copy = nmd_weights_new ();

  for (guint i = 0; i < nmd_weights_get_n (from); i++)
    {
      const char *name = nmd_weights_get_name (from, i);
      NmdShape shape;
      const float *values = nmd_weights_get (from, name, &shape);

      memcpy (nmd_weights_add (copy, name, &shape), values,
              nmd_shape_count (&shape) * sizeof *values);
    }
  return copy;
}

/* The map as SSIM compares it: 224 × 224, 0 to 1. */
static float *
enlarge_map (const NmdMap *map)
{
  g_autofree float *scaled = nmd_map_scale_grid (map);
  float *enlarged = g_new (float, AREA);

  nmd_map_enlarge (scaled, map->grid_width, map->grid_height, SIDE, SIDE, enlarged);
  return enlarged;
}

static double
compare_pictures (const NmdMap *a, const NmdMap *b)
{
  g_autofree float *p = enlarge_map (a), *q = enlarge_map (b);

  return nmd_map_ssim (p, q, SIDE, SIDE);
}

gboolean
nmd_map_get_cascade (NmdPredictor *predictor,
                     const NmdImage *image,
                     const NmdImage *mask,
                     const NmdMap *map,
                     guint64 seed,
                     GCancellable *cancellable,
                     NmdMapCascade *out,
                     GError **error)
{
  g_return_val_if_fail (predictor != NULL && image != NULL && map != NULL && out != NULL,
                        FALSE);

  NmdModel *model = nmd_predictor_get_model (predictor);
  const NmdNetwork *network = nmd_model_get_network (model);
  const gsize cells = (gsize)map->grid_width * (gsize)map->grid_height;
  const char *layer = nmd_map_method_has_layer (map->method) ? map->layer : NULL;
  g_autoptr (NmdWeights) fresh = nmd_network_init (network, 2, seed);
  g_autoptr (NmdWeights) weights = copy_weights (nmd_model_get_weights (model));
  gboolean ok = TRUE;

  *out = (NmdMapCascade){ 0 };
  out->layers = list_layers (network, &out->n, error);
  if (out->layers == NULL)
    return FALSE;
  out->spearman = g_new (double, out->n);
  out->ssim = g_new (double, out->n);
  for (guint i = 0; i < out->n && ok; i++)
    {
      g_autoptr (NmdMap) other = NULL;
      g_autoptr (GError) why = NULL;

      out->spearman[i] = out->ssim[i] = NAN;
      randomise (weights, fresh, out->layers[i]);
      if (nmd_predictor_use_weights (predictor, weights, &why))
        other = nmd_map_compute (predictor, image, mask, map->method, map->target, layer,
                                 cancellable, &why);
      ok = other != NULL || g_error_matches (why, NMD_ERROR, NMD_ERROR_DIVERGED);
      if (!ok)
        g_propagate_error (error, g_steal_pointer (&why));
      if (other == NULL || other->no_positive_evidence || map->no_positive_evidence)
        continue;
      out->spearman[i] = nmd_map_spearman (map->grid, other->grid, cells);
      out->ssim[i] = compare_pictures (map, other);
    }
  nmd_predictor_use_weights (predictor, NULL, NULL); /* NULL: cannot fail */
  if (!ok)
    nmd_map_cascade_clear (out);
  return ok;
}

/* In words */

static void
add_fidelity (GString *text, const NmdMapFidelity *self)
{
  char a[32], b[32];

  if (!isfinite (self->deletion_area))
    return;
  g_ascii_formatd (a, sizeof a, "%.2f", self->deletion_area);
  g_ascii_formatd (b, sizeof b, "%.2f", self->insertion_area);
  g_string_append_printf (
      text, " The score %s on the places it marks (deletion %s, insertion %s).",
      self->insertion_area > self->deletion_area ? "depends" : "does not depend", a, b);
}

static void
add_cascade (GString *text, const NmdMapCascade *self)
{
  const double last = self->n > 0 ? self->spearman[self->n - 1] : NAN;
  char a[32], b[32];

  if (!isfinite (last))
    {
      g_string_append (text, " With random weights there is no map to compare with.");
      return;
    }
  g_ascii_formatd (a, sizeof a, "%.2f", last);
  g_ascii_formatd (b, sizeof b, "%.2f", self->ssim[self->n - 1]);
  g_string_append_printf (
      text,
      fabs (last) >= NMD_CASCADE_SAME
          ? " A network with random weights gives much the same map (Spearman %s, SSIM "
            "%s): it shows the picture more than what was learned."
          : " A network with random weights gives another map (Spearman %s, SSIM %s): it "
            "depends on what was learned.",
      a, b);
}

char *
nmd_map_get_verdict (const NmdMap *map,
                     const NmdMapFidelity *fidelity,
                     const NmdMapCascade *cascade)
{
  static const char *const where[] = { "inside", "on its edge", "outside" };
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (map != NULL, NULL);
  if (map->no_positive_evidence)
    {
      g_string_append (text, "No positive evidence: there is no map to judge.");
      return g_string_free (text, FALSE);
    }
  if (isfinite (map->inside))
    {
      int percents[3];

      nmd_map_get_percents (map, percents);
      g_string_append_printf (text,
                              "%d %% of the map lies inside the outline, its peak %s.",
                              percents[0], where[map->peak]);
    }
  else
    g_string_append (text, "There is no outline to compare the map with.");
  if (fidelity != NULL)
    add_fidelity (text, fidelity);
  if (cascade != NULL)
    add_cascade (text, cascade);
  return g_string_free (text, FALSE);
}
