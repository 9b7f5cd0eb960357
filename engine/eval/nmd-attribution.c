/* SPDX-License-Identifier: Apache-2.0
 *
 * The six methods on a prepared image: which inputs the network is run on, and what becomes of its
 * answers. Running it is engine/model's predictor's; the map on the scan is nmd-map.c's.
 */
#include "config.h"

#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-attribution.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define SIDE NMD_INPUT_SIZE
#define AREA (SIDE * SIDE)
#define LENGTH (3 * AREA)

#define INTEGRATED_STEPS 48
#define SMOOTH_SAMPLES 32
#define SMOOTH_NOISE 0.15 /* of the channel's range; Smilkov et al. 2017, section 4 */
#define PATCH 32
#define STRIDE 16
#define N_PATCHES ((SIDE - PATCH) / STRIDE + 1) /* in a row */
#define N_CELLS (SIDE / STRIDE)

static const struct
{
  const char *name, *title;
  gboolean has_layer;
} methods[NMD_N_MAP_METHODS] = {
  { "gradcam", "Grad-CAM", TRUE },       { "gradcam++", "Grad-CAM++", TRUE },
  { "layercam", "LayerCAM", TRUE },      { "ig", "Integrated Gradients", FALSE },
  { "smoothgrad", "SmoothGrad", FALSE }, { "occlusion", N_ ("Occlusion"), FALSE },
};

const char *
nmd_map_method_get_name (NmdMapMethod self)
{
  g_return_val_if_fail (self < NMD_N_MAP_METHODS, NULL);
  return methods[self].name;
}

const char *
nmd_map_method_get_title (NmdMapMethod self)
{
  g_return_val_if_fail (self < NMD_N_MAP_METHODS, NULL);
  return methods[self].title;
}

gboolean
nmd_map_method_has_layer (NmdMapMethod self)
{
  g_return_val_if_fail (self < NMD_N_MAP_METHODS, FALSE);
  return methods[self].has_layer;
}

gboolean
nmd_map_method_find (const char *name, NmdMapMethod *method)
{
  g_return_val_if_fail (name != NULL && method != NULL, FALSE);
  for (NmdMapMethod i = 0; i < NMD_N_MAP_METHODS; i++)
    if (strcmp (name, methods[i].name) == 0)
      {
        *method = i;
        return TRUE;
      }
  return FALSE;
}

void
nmd_attribution_clear (NmdAttribution *self)
{
  g_clear_pointer (&self->values, g_free);
  g_clear_pointer (&self->layer, g_free);
}

void
nmd_attribution_get_grey (const float *tensor, float grey[3])
{
  for (int c = 0; c < 3; c++)
    {
      double sum = 0;

      for (int i = 0; i < AREA; i++)
        sum += (double)tensor[c * AREA + i];
      grey[c] = (float)(sum / AREA);
    }
}

/* Methods that read a layer */

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

/* α_k of Grad-CAM, w_k of Grad-CAM++. */
static double
weigh_channel (NmdMapMethod method, const float *map, const float *gradient, gsize n)
{
  double alpha = 0, total = 0;

  if (method == NMD_MAP_GRADCAM)
    {
      for (gsize i = 0; i < n; i++)
        alpha += (double)gradient[i];
      return alpha / (double)n;
    }
  for (gsize i = 0; i < n; i++)
    total += (double)map[i];
  for (gsize i = 0; i < n; i++)
    {
      const double g = (double)gradient[i], below = 2 * g * g + total * g * g * g + 1e-6;

      /* a negative sum of a layer without ReLU can meet the first term */
      if (g > 0 && below != 0)
        alpha += g * g / below * g;
    }
  return alpha;
}

static void
weigh_layer (NmdMapMethod method, const NmdCam *cam, double *sum)
{
  gsize n = (gsize)cam->width * (gsize)cam->height;

  for (int k = 0; k < cam->channels; k++)
    {
      const float *gradient = cam->gradient + (gsize)k * n,
                  *map = cam->map + (gsize)k * n;

      if (method == NMD_MAP_LAYERCAM)
        {
          for (gsize i = 0; i < n; i++)
            sum[i] += MAX ((double)gradient[i], 0) * (double)map[i];
          continue;
        }
      const double alpha = weigh_channel (method, map, gradient, n);

      for (gsize i = 0; i < n; i++)
        sum[i] += alpha * (double)map[i];
    }
}

static gboolean
compute_layer (NmdPredictor *predictor,
               NmdMapMethod method,
               const float *tensor,
               int target,
               const char *layer,
               NmdAttribution *out,
               GError **error)
{
  const NmdNetwork *network = nmd_model_get_network (nmd_predictor_get_model (predictor));
  g_auto (NmdCam) cam = { 0 };

  if (!nmd_predictor_cam (predictor, layer, tensor, target, &cam, error))
    return FALSE;
  arrange_tokens (&cam, network->cam_tokens);
  out->width = cam.width;
  out->height = cam.height;
  out->values = g_new0 (double, (gsize)cam.width *(gsize)cam.height);
  out->layer = g_steal_pointer (&cam.layer);
  out->target = cam.target;
  out->score = cam.score;
  memcpy (out->logits, cam.logits, sizeof out->logits);
  weigh_layer (method, &cam, out->values);
  return TRUE;
}

/* Methods that look at the input */

/* What the three methods share for one image. */
typedef struct
{
  NmdPredictor *predictor;
  const float *tensor;
  float grey[3];
  GCancellable *cancellable;
  NmdAttribution *out;
} Look;

/* Adds to out->values the sum over the channels of scale·∂z/∂x of each of @n ≤
 * NMD_GRADIENT_BATCH @inputs. */
static gboolean
add_gradients (
    const Look *self, const float *inputs, guint n, const double *scale, GError **error)
{
  g_autofree float *gradients = g_new (float, (gsize)n *LENGTH);

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
      || !nmd_predictor_input_gradient (self->predictor, inputs, n, self->out->target,
                                        gradients, error))
    return FALSE;
  for (guint m = 0; m < n; m++)
    for (int i = 0; i < LENGTH; i++)
      self->out->values[i % AREA]
          += scale[i] * (double)gradients[(gsize)m * LENGTH + (gsize)i];
  return TRUE;
}

static gboolean
compute_integrated (const Look *self, GError **error)
{
  g_autofree float *inputs = g_new (float, NMD_GRADIENT_BATCH *LENGTH);
  g_autofree double *scale = g_new (double, LENGTH);
  float *last = inputs + (NMD_GRADIENT_BATCH - 1) * LENGTH, logits[2];
  const int target = self->out->target;

  for (int i = 0; i < LENGTH; i++)
    scale[i]
        = ((double)self->tensor[i] - (double)self->grey[i / AREA]) / INTEGRATED_STEPS;
  for (guint from = 0; from < INTEGRATED_STEPS; from += NMD_GRADIENT_BATCH)
    {
      for (guint m = 0; m < NMD_GRADIENT_BATCH; m++)
        for (int i = 0; i < LENGTH; i++)
          inputs[(gsize)m * LENGTH + (gsize)i]
              = (float)((double)self->grey[i / AREA] + (from + m + 0.5) * scale[i]);
      if (!add_gradients (self, inputs, NMD_GRADIENT_BATCH, scale, error))
        return FALSE;
    }
  for (int i = 0; i < LENGTH; i++)
    last[i] = self->grey[i / AREA];
  if (!nmd_predictor_logits (self->predictor, last, 1, logits, error))
    return FALSE;
  self->out->gap = (double)logits[target] - self->out->logits[target];
  for (int i = 0; i < AREA; i++)
    self->out->gap += self->out->values[i];
  return TRUE;
}
G_STATIC_ASSERT (INTEGRATED_STEPS % NMD_GRADIENT_BATCH == 0);
G_STATIC_ASSERT (SMOOTH_SAMPLES % NMD_GRADIENT_BATCH == 0);

static gboolean
compute_smooth (const Look *self, GError **error)
{
  g_autofree float *inputs = g_new (float, NMD_GRADIENT_BATCH *LENGTH);
  g_autofree double *scale = g_new (double, LENGTH);
  double range[3];
  NmdRandom stream;

  for (int c = 0; c < 3; c++)
    {
      const float *x = self->tensor + c * AREA;
      float least = x[0], most = x[0];

      for (int i = 1; i < AREA; i++)
        {
          least = MIN (least, x[i]);
          most = MAX (most, x[i]);
        }
      range[c] = (double)most - (double)least;
    }
  for (int i = 0; i < LENGTH; i++)
    scale[i] = range[i / AREA] / SMOOTH_SAMPLES;
  nmd_random_init_for (&stream, 0, "maps", 0, "smoothgrad");
  for (guint from = 0; from < SMOOTH_SAMPLES; from += NMD_GRADIENT_BATCH)
    {
      for (guint m = 0; m < NMD_GRADIENT_BATCH; m++)
        for (int i = 0; i < AREA; i++)
          {
            const double n = SMOOTH_NOISE * nmd_random_normal (&stream);

            for (int c = 0; c < 3; c++)
              inputs[(gsize)m * LENGTH + (gsize)(c * AREA + i)]
                  = (float)((double)self->tensor[c * AREA + i] + range[c] * n);
          }
      if (!add_gradients (self, inputs, NMD_GRADIENT_BATCH, scale, error))
        return FALSE;
    }
  return TRUE;
}

/* The place of square number @index of @image, a copy of the tensor, becomes grey or the
 * tensor's again. */
static void
fill_square (const Look *self, guint index, gboolean grey, float *image)
{
  const int left = (int)(index % N_PATCHES) * STRIDE,
            top = (int)(index / N_PATCHES) * STRIDE;

  for (int c = 0; c < 3; c++)
    for (int y = top; y < top + PATCH; y++)
      {
        const int at = c * AREA + y * SIDE + left;

        if (!grey)
          memcpy (image + at, self->tensor + at, PATCH * sizeof *image);
        for (int x = 0; grey && x < PATCH; x++)
          image[at + x] = self->grey[c];
      }
}

/* Adds the answer to square number @index to the cells that it covers. */
static void
add_square (const Look *self, guint index, double drop, int *count)
{
  for (guint k = 0; k < PATCH / STRIDE * (PATCH / STRIDE); k++)
    {
      const guint x = index % N_PATCHES + k % (PATCH / STRIDE),
                  y = index / N_PATCHES + k / (PATCH / STRIDE);

      self->out->values[y * N_CELLS + x] += drop;
      count[y * N_CELLS + x]++;
    }
}

/* The image itself goes before the squares, through the same program: another one may
 * round otherwise, and nothing would not be 0. All batches are whole for the same
 * reason. */
static gboolean
compute_occlusion (const Look *self, GError **error)
{
  const guint n = 1 + N_PATCHES * N_PATCHES,
              batch = nmd_predictor_get_batch (self->predictor);
  g_autofree float *inputs = g_new (float, (gsize)batch *LENGTH);
  g_autofree float *logits = g_new (float, 2 * batch);
  int count[N_CELLS * N_CELLS] = { 0 };
  double whole = 0;

  for (guint m = 0; m < batch; m++)
    memcpy (inputs + (gsize)m * LENGTH, self->tensor, LENGTH * sizeof *inputs);
  for (guint from = 0; from < n; from += batch)
    {
      const guint some = MIN (batch, n - from);

      for (guint m = from == 0; m < some; m++)
        fill_square (self, from + m - 1, TRUE, inputs + (gsize)m * LENGTH);
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
          || !nmd_predictor_logits (self->predictor, inputs, batch, logits, error))
        return FALSE;
      for (guint m = 0; m < some; m++)
        {
          const double z = (double)logits[2 * m + (guint)self->out->target];

          if (from + m == 0)
            {
              whole = z;
              continue;
            }
          add_square (self, from + m - 1, whole - z, count);
          fill_square (self, from + m - 1, FALSE, inputs + (gsize)m * LENGTH);
        }
    }
  for (int i = 0; i < N_CELLS * N_CELLS; i++)
    self->out->values[i] /= count[i];
  return TRUE;
}

static gboolean
compute_input (Look *self, NmdMapMethod method, int target, GError **error)
{
  NmdAttribution *out = self->out;
  float logits[2];

  if (!nmd_predictor_logits (self->predictor, self->tensor, 1, logits, error))
    return FALSE;
  out->logits[0] = (double)logits[0];
  out->logits[1] = (double)logits[1];
  out->score = 1 / (1 + exp (out->logits[0] - out->logits[1]));
  out->target = target >= 0 ? target : out->score >= 0.5;
  out->layer = g_strdup ("input");
  out->width = out->height = method == NMD_MAP_OCCLUSION ? N_CELLS : SIDE;
  out->values = g_new0 (double, (gsize)out->width *(gsize)out->height);
  nmd_attribution_get_grey (self->tensor, self->grey);
  return method == NMD_MAP_INTEGRATED   ? compute_integrated (self, error)
         : method == NMD_MAP_SMOOTHGRAD ? compute_smooth (self, error)
                                        : compute_occlusion (self, error);
}

gboolean
nmd_attribution_compute (NmdPredictor *predictor,
                         NmdMapMethod method,
                         const float *tensor,
                         int target,
                         const char *layer,
                         GCancellable *cancellable,
                         NmdAttribution *out,
                         GError **error)
{
  gboolean ok;

  g_return_val_if_fail (predictor != NULL && tensor != NULL && out != NULL, FALSE);
  g_return_val_if_fail (method < NMD_N_MAP_METHODS && target >= -1 && target <= 1, FALSE);
  *out = (NmdAttribution){ 0 };
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (methods[method].has_layer)
    ok = compute_layer (predictor, method, tensor, target, layer, out, error);
  else
    {
      Look look = { predictor, tensor, { 0 }, cancellable, out };

      ok = compute_input (&look, method, target, error);
    }
  if (!ok)
    nmd_attribution_clear (out);
  return ok;
}
