/* SPDX-License-Identifier: Apache-2.0
 *
 * The matrix product of the steps, on the calling thread: oneDNN's, but dot products where
 * there are very few rows, and plain loops where a call would take longer than the work.
 */
#include "engine/backend/cpu/ops/nmd-cpu-product.h"

#include "engine/backend/cpu/onednn/nmd-onednn.h"

/* Products too small for oneDNN's call. */
#define TINY 4096

/* Few rows of x times weights in rows: dot products. */
#define FEW 2

gboolean
nmd_cpu_product (const NmdCpuContext *context,
                 gboolean ta,
                 gboolean tb,
                 long m,
                 long n,
                 long k,
                 const float *a,
                 long lda,
                 const float *b,
                 long ldb,
                 float beta,
                 float *y,
                 long ldy)
{
  if (!ta && tb && beta == 0 && m <= FEW)
    {
      for (long i = 0; i < m; i++)
        context->k->dot_pixels (n, k, b, ldb, a + i * lda, 0, y + i * ldy, 1);
      return TRUE;
    }
  if (m * n * k > TINY)
    return nmd_onednn_gemm (ta, tb, m, n, k, a, lda, b, ldb, beta, y, ldy);
  for (long i = 0; i < m; i++)
    for (long j = 0; j < n; j++)
      {
        const float *p = ta ? a + i : a + i * lda, *q = tb ? b + j * ldb : b + j;
        const long sp = ta ? lda : 1, sq = tb ? 1 : ldb;
        float sum = beta != 0 ? y[i * ldy + j] : 0;
        for (long l = 0; l < k; l++)
          sum += p[l * sp] * q[l * sq];
        y[i * ldy + j] = sum;
      }
  return TRUE;
}
