/* SPDX-License-Identifier: Apache-2.0
 *
 * The meaning of what segmentation adds: bilinear enlarging, and the losses of maps of
 * logits, with their gradients. The other operations are in nmd-reference-ops.c.
 */
#include "config.h"

#include "engine/backend/reference/nmd-reference-private.h"

#include <math.h>
#include <string.h>

typedef NmdReferenceStep Step;

/* Enlarging */

/* Where one row or column of the large image lies in the small one. */
typedef struct
{
  int low, high;
  double share; /* of high */
} Place;

static Place
place_of (int i, int small, int large)
{
  const double at = (i + 0.5) * small / large - 0.5;
  const double s = CLAMP (at, 0, small - 1);
  const int low = (int)s;

  return (Place){ low, MIN (low + 1, small - 1), s - low };
}

/* One plane of ENLARGE, or of its transpose, which adds to zeros. */
static void
enlarge_plane (const NmdShape *small,
               const NmdShape *large,
               gboolean forward,
               const double *in,
               double *out)
{
  const int h = small->dims[2], w = small->dims[3];

  for (int i = 0; i < large->dims[2]; i++)
    for (int j = 0; j < large->dims[3]; j++)
      {
        const Place y = place_of (i, h, large->dims[2]);
        const Place x = place_of (j, w, large->dims[3]);
        const gssize at[4] = { (gssize)y.low * w + x.low, (gssize)y.low * w + x.high,
                               (gssize)y.high * w + x.low, (gssize)y.high * w + x.high };
        const double share[4] = { (1 - y.share) * (1 - x.share), (1 - y.share) * x.share,
                                  y.share * (1 - x.share), y.share * x.share };
        const gssize k = (gssize)i * large->dims[3] + j;

        if (forward)
          out[k] = share[0] * in[at[0]] + share[1] * in[at[1]] + share[2] * in[at[2]]
                   + share[3] * in[at[3]];
        else
          for (int corner = 0; corner < 4; corner++)
            out[at[corner]] += share[corner] * in[k];
      }
}

void
nmd_reference_enlarge (const Step *step)
{
  const gboolean forward = step->node->op == NMD_OP_ENLARGE;
  const NmdShape *x = step->shape[0], *y = &step->node->shape;
  const gssize area_x = (gssize)x->dims[2] * x->dims[3];
  const gssize area_y = (gssize)y->dims[2] * y->dims[3];
  const int planes = x->dims[0] * x->dims[1];
  const int threads
      = nmd_reference_threads (step, 4 * (double)nmd_shape_count (forward ? y : x));

  PARALLEL (threads)
  for (int p = 0; p < planes; p++)
    {
      if (!forward)
        memset (step->out + p * area_y, 0, (gsize)area_y * sizeof (double));
      enlarge_plane (forward ? x : y, forward ? y : x, forward, step->in[0] + p * area_x,
                     step->out + p * area_y);
    }
}

/* Losses */

/* The sums over one image that the losses are made of. */
typedef struct
{
  double cross_entropy, product, logits, targets; /* Σ …, Σ p·t, Σ p, Σ t */
} Sums;

static double
sigmoid (double z)
{
  return z < 0 ? exp (z) / (1 + exp (z)) : 1 / (1 + exp (-z));
}

static Sums
sum_image (const double *z, const double *t, gssize n)
{
  Sums sums = { 0, 0, 0, 0 };

  for (gssize i = 0; i < n; i++)
    {
      const double p = sigmoid (z[i]);

      sums.cross_entropy
          += (z[i] > 0 ? z[i] : 0) - z[i] * t[i] + log1p (exp (-fabs (z[i])));
      sums.product += p * t[i];
      sums.logits += p;
      sums.targets += t[i];
    }
  return sums;
}

/* PIXEL_CROSS_ENTROPY and DICE_LOSS, and their gradients by the logits. */
void
nmd_reference_pixel_loss (const Step *step)
{
  const NmdOp op = step->node->op;
  const int first = op == NMD_OP_PIXEL_CROSS_ENTROPY_GRAD || op == NMD_OP_DICE_LOSS_GRAD;
  const gboolean dice = op == NMD_OP_DICE_LOSS || op == NMD_OP_DICE_LOSS_GRAD;
  const NmdShape *shape = step->shape[first];
  const int images = shape->dims[0];
  const gssize n = (gssize)(nmd_shape_count (shape) / (gsize)images);
  double total = 0;

  for (int image = 0; image < images; image++)
    {
      const double *z = step->in[first] + image * n, *t = step->in[first + 1] + image * n;
      const Sums sums = sum_image (z, t, n);
      const double a = 2 * sums.product + 1, b = sums.logits + sums.targets + 1;

      total += dice ? 1 - a / b : sums.cross_entropy / (double)n;
      for (gssize i = 0; first == 1 && i < n; i++)
        {
          const double p = sigmoid (z[i]);
          const double slope
              = dice ? p * (1 - p) * (a / b - 2 * t[i]) / b : (p - t[i]) / (double)n;

          step->out[image * n + i] = step->in[0][0] * slope / images;
        }
    }
  if (first == 0)
    step->out[0] = total / images;
}
