/* SPDX-License-Identifier: Apache-2.0
 *
 * Each vector table against the plain C one, at odd sizes and strides, with outputs
 * poisoned and the floats beside them watched.
 */
#include "engine/backend/cpu/kernels/nmd-kernels.h"
#include "engine/core/nmd-random.h"
#include "engine/nn/graph/nmd-graph.h"

#include <math.h>
#include <string.h>

#define FLOATS 40000
#define INPUTS 6
#define OUTPUTS 5
#define GAP 7

typedef struct
{
  const NmdKernels *k;
  float in[INPUTS][FLOATS];
  float out[OUTPUTS][FLOATS];
  double sums[2][FLOATS / 8];
} Bench;

static long rows, channels, ld;
static Bench bench[2];

/* The same random inputs and poison for both tables. */
static void
fill (long r, long c, long gap)
{
  NmdRandom random;
  rows = r;
  channels = c;
  ld = c + gap;
  nmd_random_init (&random, "kernels");
  g_assert_cmpint ((r + 4) * ld * 2, <, FLOATS);
  for (int i = 0; i < INPUTS; i++)
    for (int j = 0; j < FLOATS; j++)
      bench[0].in[i][j] = bench[1].in[i][j] = nmd_random_u (&random);
  for (int b = 0; b < 2; b++)
    {
      for (int i = 0; i < OUTPUTS; i++)
        for (int j = 0; j < FLOATS; j++)
          bench[b].out[i][j] = 1e30f;
      for (int i = 0; i < 2; i++)
        for (int j = 0; j < FLOATS / 8; j++)
          bench[b].sums[i][j] = 0.25;
    }
}

/* Outputs agree, padding between rows included. */
static void
compare (const char *what)
{
  for (int i = 0; i < OUTPUTS + INPUTS; i++)
    for (int j = 0; j < FLOATS; j++)
      {
        const int in = i - OUTPUTS;
        const double a = (double)(in < 0 ? bench[0].out[i][j] : bench[0].in[in][j]);
        const double b = (double)(in < 0 ? bench[1].out[i][j] : bench[1].in[in][j]);
        if (!(fabs (a - b) <= 3e-6 * MAX (1.0, fabs (a))))
          g_error ("%s, %ld × %ld (ld %ld): array %d at %d is %g, plain C has %g", what,
                   rows, channels, ld, i, j, b, a);
      }
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < FLOATS / 8; j++)
      {
        const double a = bench[0].sums[i][j], b = bench[1].sums[i][j];
        if (!(fabs (a - b) <= 1e-5 * MAX (1.0, fabs (a))))
          g_error ("%s, %ld × %ld (ld %ld): sum %d at %d is %g, plain C has %g", what,
                   rows, channels, ld, i, j, b, a);
      }
}

#define BOTH(what, call)                                                                 \
  fill (r, c, gap);                                                                      \
  for (int b = 0; b < 2; b++)                                                            \
    {                                                                                    \
      Bench *t = &bench[b];                                                              \
      float (*in)[FLOATS] = t->in, (*out)[FLOATS] = t->out;                              \
      (void)in, (void)out;                                                               \
      t->k->call;                                                                        \
    }                                                                                    \
  compare (what);

static void
check_rows (long r, long c, long gap)
{
  const long l = c + gap;
  BOTH ("moments", moments (r, c, in[0], l, in[1], t->sums[0], t->sums[1]))
  for (int kind = -1; kind <= NMD_GELU; kind++)
    {
      const NmdAct act = { kind, 0.1f };
      BOTH ("norm", norm (r, c, in[0], l, in[1], in[2], in[3], act, out[0], l))
      BOTH ("norm_reduce",
            norm_reduce (r, c, in[0], l, in[2], l, in[3], in[1], in[4], act, t->sums[0],
                         t->sums[1], kind % 2 ? out[0] : NULL, l))
      BOTH ("norm_grad", norm_grad (r, c, in[0], l, in[2], l, in[3], in[1], in[4], act,
                                    in[4], in[5], in[3], out[0], l))
      BOTH ("act", act (r, c, in[0], l, kind % 2 ? in[1] : NULL, act, out[0], l))
      BOTH ("act_grad", act_grad (r, c, in[0], l, in[1], l, act, out[0], l))
    }
  BOTH ("layer_norm", layer_norm (r, c, in[0], l, in[1], in[2], 0.1f, out[0], l))
  BOTH ("layer_norm_grad",
        layer_norm_grad (r, c, in[0], l, in[1], l, in[2], 0.1f, out[0], l))
  BOTH ("layer_norm_reduce",
        layer_norm_reduce (r, c, in[0], l, in[1], l, 0.1f, t->sums[0]))
  BOTH ("softmax", softmax (r, c, in[0], l, 3))
  BOTH ("softmax_grad", softmax_grad (r, c, in[0], l, in[1], l, 0.5f))
  BOTH ("mul_add_channels",
        mul_add_channels (r, c, in[0], l, in[1], in[2], 0.5f, out[0], l))
  BOTH ("mul_add_pixels",
        mul_add_pixels (r, c, in[0], l, in[1], 2, in[2], 3, 0.5f, out[0], l))
  BOTH ("add", add (r, c, in[0], l, in[1], l, out[0], l))
  BOTH ("mul", mul (r, c, in[0], l, in[1], l, out[0], l))
  BOTH ("scale", scale (r, c, in[0], l, 1.5f, out[0], l))
  BOTH ("row_stats", row_stats (r, c, in[0], l, out[0], c % 3 ? out[1] : NULL))
  BOTH ("gated_pixels", gated_pixels (r, c, in[0], l, in[1], 0.5f, out[0], 2, out[1], 3))
  BOTH ("mul_gates", mul_gates (r, c, in[0], l, in[1], in[2], 2, out[0], l))
  BOTH ("mul_channels", mul_channels (r, c, in[0], l, in[1], out[0], l))
  BOTH ("mul_pixels", mul_pixels (r, c, in[0], l, in[1], 2, out[0], l))
  BOTH ("fill_channels", fill_channels (r, c, in[0], 0.5f, NULL, 0, out[0], l))
  BOTH ("fill_channels", fill_channels (r, c, in[0], 0.5f, in[1], l, out[0], l))
  BOTH ("fill_pixels", fill_pixels (r, c, in[0], 3, 0.5f, NULL, 0, out[0], l))
  BOTH ("fill_pixels", fill_pixels (r, c, in[0], 3, 0.5f, in[1], l, out[0], l))
  BOTH ("sum_rows", sum_rows (r, c, in[0], l, t->sums[0]))
  BOTH ("max_rows", max_rows (r, c, in[0], l, in[1]))
  BOTH ("dot_rows", dot_rows (r, c, in[0], l, in[1], l, t->sums[0]))
  BOTH ("sum_pixels", sum_pixels (r, c, in[0], l, 0.5f, out[0], 2))
  BOTH ("max_pixels", max_pixels (r, c, in[0], l, out[0], 2))
  BOTH ("dot_pixels", dot_pixels (r, c, in[0], l, in[1], l, out[0], 2))
}

/* Equal values: the first in row order alone gets the gradient. */
static void
check_maxima (long r, long c, long gap)
{
  const long l = c + gap;
  for (int variant = 0; variant < 4; variant++)
    {
      const gboolean pixels = variant % 2, add = variant / 2;
      fill (r, c, gap);
      for (int b = 0; b < 2; b++)
        {
          Bench *t = &bench[b];
          for (long i = 0; i < r * l; i++)
            t->in[0][i] = roundf (t->in[0][i] * 3);
          if (pixels)
            {
              t->k->max_pixels (r, c, t->in[0], l, t->out[1], 1);
              t->k->max_grad_pixels (r, c, t->in[1], 1, t->in[0], l, t->out[1], 1,
                                     add ? t->in[2] : NULL, l, t->out[0], l);
            }
          else
            {
              memcpy (t->out[1], t->in[0], sizeof (float) * (gsize)c);
              t->k->max_rows (r, c, t->in[0], l, t->out[1]);
              t->k->max_grad_rows (r, c, t->in[1], t->in[0], l, t->out[1],
                                   add ? t->in[2] : NULL, l, t->out[0], l);
            }
        }
      compare ("max_grad");
    }
}

/* Windows of six places that overlap, with equal values. */
static void
check_places (long c)
{
  fill (8, c, 0);
  for (int b = 0; b < 2; b++)
    {
      Bench *t = &bench[b];
      const float *x[6];
      float *dx[6];
      for (long i = 0; i < 9 * c; i++)
        {
          t->in[0][i] = roundf (t->in[0][i] * 2);
          t->out[0][i] = 0.5f;
        }
      for (int first = 0; first < 3; first++)
        {
          for (int i = 0; i < 6; i++)
            {
              x[i] = t->in[0] + (first + i) * c;
              dx[i] = t->out[0] + (first + i) * c;
            }
          memcpy (t->out[1], x[0], sizeof (float) * (gsize)c);
          t->k->max_rows (6, c, x[0], c, t->out[1]);
          t->k->max_grad_places (c, 6, x, t->out[1], t->in[1], dx);
        }
    }
  compare ("max_grad_places");
}

/* A row of @small pixels enlarged to @large, and back. */
static void
check_enlarge (long small, long large, long c, long gap)
{
  const long r = large, l = c + gap;
  NmdPlace places[40];
  for (int j = 0; j < large; j++)
    {
      const double s = CLAMP ((j + 0.5) * (double)small / (double)large - 0.5, 0,
                              (double)(small - 1));
      places[j] = (NmdPlace){ (int)s, MIN ((int)s + 1, (int)small - 1), 0 };
      places[j].share = (float)(s - places[j].low);
    }
  BOTH ("enlarge", enlarge (large, c, places, in[0], l, out[0], l))
  BOTH ("enlarge_grad", enlarge_grad (large, c, places, in[0], l, out[0], l))
}

static void
check_logits (long r)
{
  const long c = 1, gap = 0;
  BOTH ("logit_sums", logit_sums (r, in[0], in[1], t->sums[0]))
  BOTH ("logit_grad", logit_grad (r, in[0], in[1], 0.5f, -0.7f, 0.3f, out[0]))
}

static void
check_taps (long n, long c, int n_taps, int stride)
{
  fill (n, c, 0);
  for (int b = 0; b < 2; b++)
    {
      Bench *t = &bench[b];
      NmdTap taps[9];
      const float *x[9];
      float *acc[9];
      for (int i = 0; i < n_taps; i++)
        {
          taps[i] = (NmdTap){ t->in[0] + i * c, t->in[1] + i * c };
          x[i] = taps[i].x;
          acc[i] = t->out[2] + i * (c + 1);
          for (long j = 0; j < c; j++)
            acc[i][j] = 0.5f;
        }
      t->k->taps (n, c, n_taps, taps, stride * c, NULL, 0, -1, t->out[0], c + GAP, NULL);
      t->k->taps (n, c, n_taps, taps, stride * c, t->in[3], 0, NMD_RELU, t->out[1], c,
                  NULL);
      t->k->taps (n, c, n_taps, taps, stride * c, t->in[4], c + 1, -1, t->out[3], c,
                  t->out[3] + n * c);
      t->k->taps (n, c, n_taps, taps, stride * c, t->in[4], c + 1, NMD_SILU, t->out[4], c,
                  NULL);
      t->k->taps_grad (n, c, n_taps, x, stride * c, t->in[2], c, acc);
    }
  compare ("taps");
}

/* One output of a row by the definition, with the rows of the kernel that are there. */
static double
depthwise_at (const NmdKernels *k,
              int kernel,
              int stride,
              int width,
              int o,
              long c,
              long i,
              int n_rows,
              const NmdTap *taps,
              const float *bias,
              NmdActivation act)
{
  double sum = bias ? (double)bias[i] : 0;
  float x, y;
  for (int a = 0; a < n_rows; a++)
    for (int b = 0; b < kernel; b++)
      {
        const int column = o * stride - kernel / 2 + b;
        if (column >= 0 && column < width)
          sum += (double)taps[a].x[column * c + i] * (double)taps[a].w[b * c + i];
      }
  x = (float)sum;
  k->act (1, 1, &x, 1, NULL, (NmdAct){ act, 0 }, &y, 1);
  return (double)y;
}

/* A row in two parts, of @n_rows rows of the kernel. */
static void
check_depthwise (int kernel, int stride, int n_rows, int width, long c)
{
  const int wo = (width - 1) / stride + 1;
  for (NmdActivation act = NMD_RELU; act <= NMD_SILU; act += NMD_SILU - NMD_RELU)
    {
      NmdTap taps[5];
      fill (wo, c, GAP);
      for (int b = 0; b < 2; b++)
        {
          Bench *t = &bench[b];
          const float *bias = act == NMD_SILU ? t->in[2] : NULL;
          memset (t->out[1], 0, sizeof (float) * (gsize)c);
          for (int a = 0; a < n_rows; a++)
            taps[a] = (NmdTap){ t->in[0] + a * width * c, t->in[1] + a * kernel * c };
          NmdDepthwiseRow row = { .kernel = kernel,
                                  .stride = stride,
                                  .pad = kernel / 2,
                                  .width = width,
                                  .c = c,
                                  .n_rows = n_rows,
                                  .rows = taps,
                                  .ldx = c,
                                  .ldw = c,
                                  .ldy = ld,
                                  .bias = bias,
                                  .act = act,
                                  .y = t->out[0],
                                  .next = n_rows % 2 ? t->out[0] + wo * ld : NULL,
                                  .sums = act == NMD_SILU ? t->out[1] : NULL };
          for (row.from = 0; row.from < wo; row.from = row.end)
            {
              row.end = row.from == 0 ? 7 : wo;
              t->k->depthwise (&row);
            }
        }
      compare ("depthwise");
      for (long i = 0; i < c; i++)
        {
          double sum = 0;
          for (int o = 0; o < wo; o++)
            sum += (double)bench[1].out[0][o * ld + i];
          g_assert_cmpfloat_with_epsilon ((double)bench[1].out[1][i],
                                          act == NMD_SILU ? sum : 0, 1e-5);
        }
      for (int o = 0; o < wo; o++)
        for (long i = 0; i < c; i++)
          {
            const double want
                = depthwise_at (bench[0].k, kernel, stride, width, o, c, i, n_rows, taps,
                                act == NMD_SILU ? bench[1].in[2] : NULL, act),
                got = (double)bench[1].out[0][o * ld + i];
            if (!(fabs (got - want) <= 3e-6 * MAX (1.0, fabs (want))))
              g_error ("depthwise %d, stride %d, %d rows of %d: %g at %d of channel %ld "
                       "of %ld instead of %g",
                       kernel, stride, n_rows, width, got, o, i, c, want);
          }
    }
}

/* All panels, and with one activation some of them, of weights packed for @parts threads.
 */
static void
check_pointwise (long n, long co, long ci, int parts)
{
  static const NmdAct acts[] = { { -1, 0 }, { NMD_RELU, 0 }, { NMD_SILU, 0 } };
  fill (n, MAX (co, ci), GAP);
  for (int b = 0; b < 2; b++)
    {
      Bench *t = &bench[b];
      static float packed[FLOATS];
      const int panels = t->k->count_panels (co, parts);
      g_assert_cmpint ((co + t->k->width) * ci, <, FLOATS);
      g_assert_cmpint (panels, >, 0);
      g_assert_true (panels % parts == 0 || panels < parts * 4);
      t->k->pack_panels (co, ci, panels, FALSE, t->in[1], packed);
      for (int i = 0; i < 3; i++)
        {
          const float *bias = i < 2 ? t->in[2] : NULL;
          t->k->pointwise (n, co, ci, t->in[0], ld, packed, panels, 0, panels / 2, bias,
                           NULL, 0, acts[i], t->out[i], ld, i == 2);
          t->k->pointwise (n, co, ci, t->in[0], ld, packed, panels, panels / 2, panels,
                           bias, NULL, 0, acts[i], t->out[i], ld, FALSE);
        }
      static float gated[FLOATS];
      t->k->gate_panels (co, ci, panels, packed, t->in[3], gated);
      t->k->pointwise (n, co, ci, t->in[0], ld, gated, panels, 0, panels, NULL, NULL, 0,
                       acts[0], t->out[3], ld, FALSE);
      t->k->pack_panels (co, ci, panels, TRUE, t->in[1], packed);
      t->k->pointwise (n, co, ci, t->in[0], ld, packed, panels, 0, panels, NULL, t->in[4],
                       ld, acts[0], t->out[4], ld, TRUE);
      for (long r = 0; r < n; r++)
        for (long o = 0; o < co; o++)
          {
            double want = (double)t->in[4][r * ld + o];
            for (long i = 0; i < ci; i++)
              want += (double)t->in[0][r * ld + i] * (double)t->in[1][i * co + o];
            g_assert_cmpfloat_with_epsilon ((double)t->out[4][r * ld + o], want,
                                            3e-6 * MAX (1.0, fabs (want)));
          }
    }
  compare ("pointwise");
}

/* op(a)·op(b), with and without what y was, against double precision: small integers are exact. */
static void
check_product (long m, long n, long k)
{
  for (int variant = 0; variant < 8; variant++)
    {
      const gboolean ta = variant & 1, tb = variant >> 1 & 1, more = variant >> 2;
      const long lda = (ta ? m : k) + GAP, ldb = (tb ? k : n) + GAP, ldy = n + GAP;
      fill (1, 1, 0);
      g_assert_cmpint (
          MAX (MAX (ta ? k : m, 1) * lda, MAX (MAX (tb ? n : k, 1) * ldb, m * ldy)), <=,
          FLOATS);
      for (int b = 0; b < 2; b++)
        {
          Bench *t = &bench[b];
          for (int j = 0; j < FLOATS; j++)
            {
              t->in[0][j] = roundf (4 * t->in[0][j]);
              t->in[1][j] = roundf (4 * t->in[1][j]);
              t->out[0][j] = more ? roundf (4 * t->in[2][j]) : 1e30f;
            }
          t->k->product (ta, tb, m, n, k, t->in[0], lda, t->in[1], ldb, more, t->out[0],
                         ldy);
          for (long i = 0; i < m; i++)
            for (long j = 0; j < n; j++)
              {
                double sum = more ? (double)roundf (4 * t->in[2][i * ldy + j]) : 0;
                for (long l = 0; l < k; l++)
                  sum += (double)t->in[0][ta ? l * lda + i : i * lda + l]
                         * (double)t->in[1][tb ? j * ldb + l : l * ldb + j];
                g_assert_cmpfloat ((double)t->out[0][i * ldy + j], ==, sum);
              }
        }
      compare ("product");
    }
}

static void
check_shuffle (long n, int groups, long each)
{
  fill (n, groups * each, GAP);
  for (int b = 0; b < 2; b++)
    bench[b].k->shuffle (n, groups * each, groups, bench[b].in[0], ld, bench[b].out[0],
                         ld + 1);
  compare ("shuffle");
}

static void
check_planes (long n, int n_taps)
{
  fill (n, 1, 0);
  for (int b = 0; b < 2; b++)
    {
      Bench *t = &bench[b];
      const float *x[9];
      for (int i = 0; i < n_taps; i++)
        x[i] = t->in[0] + i * 3;
      t->k->planes (n, n_taps, x, t->in[1], t->out[0]);
      t->k->planes_grad (n, n_taps, x, t->in[2], t->sums[0]);
    }
  compare ("planes");
}

static void
check_updates (long n)
{
  const NmdAdamStep step = { 0.9f, 0.1f, 0.999f, 0.001f, 1e-2f, 1e-2f, 31.6f, 1e-8f };
  fill (n, 1, 0);
  for (int b = 0; b < 2; b++)
    {
      Bench *t = &bench[b];
      for (long i = 0; i < n; i++)
        t->out[2][i] = fabsf (t->in[3][i]);
      memcpy (t->out[0], t->in[0], sizeof (float) * (gsize)n);
      memcpy (t->out[1], t->in[2], sizeof (float) * (gsize)n);
      memcpy (t->out[3], t->in[4], sizeof (float) * (gsize)n);
      t->k->adam (n, t->out[0], t->in[1], t->out[1], t->out[2], &step);
      t->k->blend (n, t->out[3], t->in[5], 1.01f, 0.1f);
    }
  compare ("updates");
}

static void
test_table (gconstpointer name)
{
  static const long sizes[] = { 1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 31, 33, 47, 66 };
  bench[0].k = nmd_kernels_named ("c");
  bench[1].k = nmd_kernels_named (name);
  g_assert_nonnull (bench[0].k);
  if (!bench[1].k)
    {
      g_test_skip ("this processor or build lacks the table");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      check_rows (5, sizes[i], 0);
      check_rows (1, sizes[i], GAP);
      check_rows (18, sizes[i], GAP);
      check_rows (35, sizes[i], 0);
      check_maxima (6, sizes[i], GAP);
      check_updates (sizes[i]);
      check_places (sizes[i]);
      check_enlarge (5, 10, sizes[i], GAP);
      check_enlarge (1, 3, sizes[i], 0);
      check_enlarge (6, 7, sizes[i], GAP);
      check_enlarge (3, 12, sizes[i], 0);
      check_logits (sizes[i]);
      check_planes (sizes[i], 5);
      for (int parts = 1; parts < 4; parts++)
        {
          check_pointwise (1 + (long)i * 3, sizes[i], 1 + (long)i, parts);
          check_pointwise (1 + (long)parts * 13, 5, sizes[i], parts);
        }
      check_shuffle (3, 2, sizes[i]);
      check_shuffle (2, 3, sizes[i]);
      for (int n_taps = 0; n_taps < 9; n_taps++)
        for (int stride = 1; stride < 3; stride++)
          check_taps (1 + (long)i, sizes[i], n_taps, stride);
    }
  for (int i = 1; i < 17; i++)
    {
      check_taps (3 * i, i, 9, 2);
      check_taps (41, i, 5, 1);
    }
  for (int kernel = 3; kernel <= 5; kernel += 2)
    for (int stride = 1; stride < 3; stride++)
      for (int i = 0; i < 12; i++)
        check_depthwise (kernel, stride, 1 + i % kernel, 7 * stride + i, 1 + i * 7);
  check_pointwise (41, 150, 40, 2);
  for (long i = 1; i < 34; i += 4)
    {
      check_product (i, 1 + i * 7 % 40, 1 + i * 5 % 37);
      check_product (1 + i * 3 % 31, i, 40 - i);
    }
  check_product (90, 50, 30);
  check_product (15, 101, 300);
  check_product (3, 49, 600);
  check_rows (600, 19, 2);
  check_logits (9001);
  check_planes (9000, 9);
}

/* Sums of small integers are exact in any order. */
static void
test_exact (void)
{
  const NmdKernels *k = nmd_kernels_get ();
  float x[35 * 21], pivot[21] = { 0 };
  double sum[21] = { 0 }, square[21] = { 0 };
  for (int i = 0; i < 35 * 21; i++)
    x[i] = (float)(i % 13 - 6);
  k->moments (35, 21, x, 21, pivot, sum, square);
  for (int j = 0; j < 21; j++)
    {
      double s = 0, q = 0;
      for (int r = 0; r < 35; r++)
        {
          s += (double)x[r * 21 + j];
          q += (double)x[r * 21 + j] * (double)x[r * 21 + j];
        }
      g_assert_cmpfloat (sum[j], ==, s);
      g_assert_cmpfloat (square[j], ==, q);
    }
}

static double
wanted (int kind, double x, double *slope)
{
  const double s = 1 / (1 + exp (-x)), phi = erfc (-x / sqrt (2)) / 2;
  switch (kind)
    {
    case NMD_SIGMOID:
      *slope = s * (1 - s);
      return s;
    case NMD_SILU:
      *slope = s * (1 + x * (1 - s));
      return x * s;
    default:
      *slope = phi + x * exp (-x * x / 2) / sqrt (2 * G_PI);
      return x * phi;
    }
}

static const char *const names[] = { "c", "neon", "avx2", "avx512" };

/* Activations with an exponential against double precision. */
static void
test_accuracy (void)
{
  static const int kinds[] = { NMD_SIGMOID, NMD_SILU, NMD_GELU };
  for (int n = 0; n < 4; n++)
    for (int m = 0; nmd_kernels_named (names[n]) && m < 3; m++)
      for (int i = -12000; i <= 12000; i++)
        {
          const NmdKernels *k = nmd_kernels_named (names[n]);
          const NmdAct act = { kinds[m], 0 };
          const float x = (float)i / 1000 + 1e-4f, one = 1, zero = 0, a = 1;
          float y, slope;
          double d, v = wanted (kinds[m], (double)x, &d);
          k->act (1, 1, &x, 1, NULL, act, &y, 1);
          if (!(fabs ((double)y - v) <= 1e-6 * fabs (v) + 1e-12))
            g_error ("%s, activation %d: of %g is %g, not %g", names[n], kinds[m],
                     (double)x, (double)y, v);
          /* dx = act′(x) */
          k->norm_grad (1, 1, &one, 1, &x, 1, &zero, &a, &zero, act, &one, &zero, &zero,
                        &slope, 1);
          if (!(fabs ((double)slope - d) <= 1e-6 * fabs (d) + 3e-7))
            g_error ("%s, activation %d: slope at %g is %g, not %g", names[n], kinds[m],
                     (double)x, (double)slope, d);
        }
}

/* 1/1 and 1/2 are exact, so that a saturated sigmoid is 1 and lets no gradient through,
 * however large that is, wherever in a vector it stands. */
static void
test_saturated (void)
{
  const NmdAct act = { NMD_SIGMOID, 0 };
  float x[37], y[37], large[37], dx[37], zero[37] = { 0 }, one[37];
  for (int n = 0; n < 4; n++)
    for (int i = 0; nmd_kernels_named (names[n]) && i < 37; i++)
      {
        const NmdKernels *k = nmd_kernels_named (names[n]);
        for (int j = 0; j < 37; j++)
          {
            x[j] = j == i ? 0 : 18 + (float)j;
            large[j] = 1e9f;
            one[j] = 1;
          }
        k->act (1, 37, x, 37, NULL, act, y, 37);
        for (int j = 0; j < 37; j++)
          g_assert_cmpfloat (y[j], ==, j == i ? 0.5f : 1.0f);
        k->act_grad (1, 37, large, 37, y, 37, act, dx, 37);
        for (int j = 0; j < 37; j++)
          g_assert_cmpfloat (dx[j], ==, j == i ? 0.25e9f : 0.0f);
        k->norm_grad (1, 37, large, 37, x, 37, zero, one, zero, act, one, zero, zero, dx,
                      37);
        for (int j = 0; j < 37; j++)
          g_assert_cmpfloat (dx[j], ==, j == i ? 0.25e9f : 0.0f);
      }
}

/* The losses of one logit beside the C library, far out too; NaN shows. */
static void
test_logits (void)
{
  for (int n = 0; n < 4; n++)
    for (int i = -90; nmd_kernels_named (names[n]) && i <= 91; i++)
      {
        const NmdKernels *k = nmd_kernels_named (names[n]);
        const float z = i > 90 ? NAN : (float)(i * abs (i)) / 100, t = 0.25f;
        const double p = 1 / (1 + exp (-(double)z)), q = 1 / (1 + exp ((double)z));
        const double cost
            = MAX ((double)z, 0) - (double)z * 0.25 + log1p (exp (-fabs ((double)z)));
        double sum[4] = { 0, 0, 0, 0 };
        float dz;
        k->logit_sums (1, &z, &t, sum);
        k->logit_grad (1, &z, &t, 0, -0.5f, 2, &dz);
        if (i > 90)
          {
            g_assert_true (isnan (sum[0]) && isnan (sum[1]) && isnan (sum[2])
                           && isnan (dz));
            continue;
          }
        g_assert_cmpfloat_with_epsilon (sum[0], cost, 3e-7 * cost);
        g_assert_cmpfloat_with_epsilon (sum[1], p / 4, 5e-7 * p);
        g_assert_cmpfloat_with_epsilon (sum[2], p, 5e-7 * p);
        g_assert_cmpfloat (sum[3], ==, 0.25);
        g_assert_cmpfloat_with_epsilon ((double)dz, p * q * 1.875, 1e-6 * p * q);
      }
}

/* NaN passes activations and batch norm, so that divergence shows. */
static void
test_nan (void)
{
  const NmdKernels *k = nmd_kernels_get ();
  float x[40], y[40], zero[40] = { 0 };
  for (int i = 0; i < 40; i++)
    x[i] = NAN;
  for (int kind = -1; kind <= NMD_GELU; kind++)
    {
      const NmdAct act = { kind, 0.1f };
      k->act (1, 40, x, 40, NULL, act, y, 40);
      for (int i = 0; i < 40; i++)
        g_assert_true (isnan (y[i]));
      k->norm (1, 40, x, 40, zero, zero, zero, act, y, 40);
      for (int i = 0; i < 40; i++)
        g_assert_true (isnan (y[i]));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/kernels/avx2", "avx2", test_table);
  g_test_add_data_func ("/kernels/neon", "neon", test_table);
  g_test_add_data_func ("/kernels/avx512", "avx512", test_table);
  g_test_add_func ("/kernels/exact", test_exact);
  g_test_add_func ("/kernels/accuracy", test_accuracy);
  g_test_add_func ("/kernels/saturated", test_saturated);
  g_test_add_func ("/kernels/logits", test_logits);
  g_test_add_func ("/kernels/nan", test_nan);
  return g_test_run ();
}
