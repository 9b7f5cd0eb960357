/* SPDX-License-Identifier: Apache-2.0
 *
 * The weight gradients of depthwise convolutions of each table against their definition in double
 * precision, at odd sizes and margins, with the floats beside them watched.
 */
#include "engine/backend/cpu/kernels/nmd-kernels.h"
#include "engine/core/nmd-random.h"

#include <math.h>

#define FLOATS 40000
#define GAP 7

static float x[FLOATS], dy[FLOATS], dw[FLOATS];

static void
fill (void)
{
  NmdRandom random;
  nmd_random_init (&random, "depthwise");
  for (int j = 0; j < FLOATS; j++)
    {
      x[j] = nmd_random_u (&random);
      dy[j] = nmd_random_u (&random);
      dw[j] = 1e30f;
    }
}

/* What tap @b of row @a of the kernel is due of outputs 0 … @wo − 1 of channel @i. */
static double
due (int stride, int pad, int width, int wo, long c, int a, int b, long i)
{
  double sum = 0;
  for (int column = 0; column < width; column++)
    {
      const int from = column + pad - b;
      if (from >= 0 && from % stride == 0 && from / stride < wo)
        sum += (double)x[(a * width + column) * c + i]
               * (double)dy[from / stride * c + i];
    }
  return sum;
}

/* The gradients of @n_rows rows of the kernel from a row of outputs in two parts, on top of
 * what is there; margins of one column less than usual, too. */
static void
check (const NmdKernels *k, int kernel, int stride, int n_rows, int width, long c)
{
  const int pad = (kernel - 1) / 2 - (int)c % 2,
            wo = (width + 2 * pad - kernel) / stride + 1;
  const long ld = c + GAP;
  NmdTapGrad rows[5];
  NmdDepthwiseGrad grad = { .kernel = kernel,
                            .stride = stride,
                            .pad = pad,
                            .width = width,
                            .c = c,
                            .n_rows = n_rows,
                            .rows = rows,
                            .ldx = c,
                            .ldw = ld,
                            .ldd = c,
                            .dy = dy };
  fill ();
  g_assert_cmpint ((n_rows * width + wo) * c, <, FLOATS);
  for (int a = 0; a < n_rows; a++)
    {
      rows[a] = (NmdTapGrad){ x + a * width * c, dw + a * kernel * ld };
      for (int b = 0; b < kernel; b++)
        for (long i = 0; i < c; i++)
          rows[a].dw[b * ld + i] = 0.5f;
    }
  for (grad.from = 0; grad.from < wo; grad.from = grad.end)
    {
      grad.end = grad.from == 0 ? MIN (4, wo) : wo;
      k->depthwise_grad (&grad);
    }
  for (int j = 0; j < FLOATS; j++)
    {
      const int tap = j / (int)ld, i = j % (int)ld;
      const gboolean mine = tap < n_rows * kernel && i < c;
      const double want
          = mine ? 0.5 + due (stride, pad, width, wo, c, tap / kernel, tap % kernel, i)
                 : (double)1e30f;
      if (!(fabs ((double)dw[j] - want) <= 3e-6 * MAX (1.0, fabs (want))))
        g_error ("%s, kernel %d, stride %d, %d rows of %d: %g at tap %d, channel %d of "
                 "%ld, instead of %g",
                 k->name, kernel, stride, n_rows, width, (double)dw[j], tap, i, c, want);
    }
}

static void
test_grad (gconstpointer name)
{
  const NmdKernels *k = nmd_kernels_named (name);
  if (!k)
    {
      g_test_skip ("this processor or build lacks the table");
      return;
    }
  for (int kernel = 3; kernel <= 5; kernel += 2)
    for (int stride = 1; stride < 3; stride++)
      for (int i = 0; i < 12; i++)
        check (k, kernel, stride, 1 + i % kernel, 5 + i * 2, 1 + i * 7);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "c", "neon", "avx2", "avx512" };
  g_test_init (&argc, &argv, NULL);
  for (int n = 0; n < 4; n++)
    {
      g_autofree char *path = g_strdup_printf ("/depthwise-gradients/%s", names[n]);
      g_test_add_data_func (path, names[n], test_grad);
    }
  return g_test_run ();
}
