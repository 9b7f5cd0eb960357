/* SPDX-License-Identifier: Apache-2.0
 *
 * The matrix product of nmd-kernels.h, for builds without oneDNN and on one thread: b is packed in
 * panels of a few vectors, a part of it at a time that stays in the second-level cache, and a block of
 * results in the registers takes one row of a panel and one value of each row of a in a step.
 * (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.)
 */
#include "engine/backend/cpu/kernels/nmd-kernels-private.h"

/* Steps and columns of the packed part of b, rows of a transposed matrix a that are copied at a time;
 * 98 and 86 kB. COLUMNS are whole panels and MOST whole blocks with any instruction set. */
#define STEPS 256
#define COLUMNS 96
#define MOST 84

#define PANEL V_PANEL
#define MOST_ROWS V_ROWS_1
#if PANEL == 3
static const int block_rows[] = { 0, V_ROWS_1, V_ROWS_2, V_ROWS_3 };
#else
static const int block_rows[] = { 0, V_ROWS_1, V_ROWS_2 };
#endif

/* A block of rows × vectors of y (constants where this is called), of whose columns @left are
 * there; its values so far are added where @more. Row r of a at step i is a[r * lda + i * step]. */
static ALWAYS_INLINE void
block (const int rows,
       const int vectors,
       const gboolean more,
       long k,
       const float *a,
       long lda,
       long step,
       const float *b,
       float *y,
       long ldy,
       long left)
{
  V sum[MOST_ROWS][PANEL];
#pragma GCC unroll 14
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 3
    for (int v = 0; v < vectors; v++)
      sum[r][v] = more ? get (y + r * ldy + v * W, left - v * W) : v_set (0);
  for (long i = 0; i < k; i++, a += step, b += vectors * W)
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
      {
        const V x = v_set (a[r * lda]);
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++)
          sum[r][v] = v_fma (x, v_load (b + v * W), sum[r][v]);
      }
#pragma GCC unroll 14
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 3
    for (int v = 0; v < vectors; v++)
      put (y + r * ldy + v * W, sum[r][v], left - v * W);
}

typedef void (*Block) (long k,
                       const float *a,
                       long lda,
                       long step,
                       const float *b,
                       float *y,
                       long ldy,
                       long left);

#define BLOCK_AS(NAME, ROWS, VECTORS, MORE)                                              \
  NO_IVOPTS static void NAME##_##VECTORS (long k, const float *a, long lda, long step,   \
                                          const float *b, float *y, long ldy, long left) \
  {                                                                                      \
    block (ROWS, VECTORS, MORE, k, a, lda, step, b, y, ldy, left);                       \
  }
#define BLOCKS(ROWS, VECTORS)                                                            \
  BLOCK_AS (first_one, 1, VECTORS, FALSE)                                                \
  BLOCK_AS (first_full, ROWS, VECTORS, FALSE)                                            \
  BLOCK_AS (more_one, 1, VECTORS, TRUE)                                                  \
  BLOCK_AS (more_full, ROWS, VECTORS, TRUE)
BLOCKS (V_ROWS_1, 1)
BLOCKS (V_ROWS_2, 2)
#if PANEL == 3
BLOCKS (V_ROWS_3, 3)
#define BY_VECTORS(NAME)                                                                 \
  {                                                                                      \
    NULL, NAME##_1, NAME##_2, NAME##_3                                                   \
  }
#else
#define BY_VECTORS(NAME)                                                                 \
  {                                                                                      \
    NULL, NAME##_1, NAME##_2                                                             \
  }
#endif
/* by [added to y or not][one row or as many as block_rows][vectors] */
static const Block blocks[2][2][PANEL + 1]
    = { { BY_VECTORS (first_one), BY_VECTORS (first_full) },
        { BY_VECTORS (more_one), BY_VECTORS (more_full) } };

/* Vectors of the panel that begins at column @at of @n. */
static int
vectors_at (long at, long n)
{
  return (int)MIN (PANEL, (n - at + W - 1) / W);
}

/* @k steps of @n columns of b, panel by panel, zeros where a vector is not full. */
static void
pack (gboolean transposed, long n, long k, const float *b, long ldb, float *packed)
{
  for (long at = 0; at < n; at += PANEL * W)
    {
      const long width = vectors_at (at, n) * W, there = MIN (width, n - at);
      for (long i = 0; i < k && !transposed; i++)
        for (long j = 0; j < width; j++)
          packed[i * width + j] = j < there ? b[i * ldb + at + j] : 0;
      for (long j = 0; j < width && transposed; j++)
        for (long i = 0; i < k; i++)
          packed[i * width + j] = j < there ? b[(at + j) * ldb + i] : 0;
      packed += k * width;
    }
}

/* @m rows times the packed part of @n columns. */
static void
multiply (gboolean more,
          long m,
          long n,
          long k,
          const float *a,
          long lda,
          long step,
          const float *packed,
          float *y,
          long ldy)
{
  for (long at = 0; at < n; at += PANEL * W)
    {
      const int vectors = vectors_at (at, n), high = block_rows[vectors];
      long r = 0;
      for (; r + high <= m; r += high)
        blocks[more][1][vectors](k, a + r * lda, lda, step, packed, y + r * ldy + at, ldy,
                                 n - at);
      for (; r < m; r++)
        blocks[more][0][vectors](k, a + r * lda, lda, step, packed, y + r * ldy + at, ldy,
                                 n - at);
      packed += k * vectors * W;
    }
}

void
KERNEL (product) (gboolean ta,
                  gboolean tb,
                  long m,
                  long n,
                  long k,
                  const float *a,
                  long lda,
                  const float *b,
                  long ldb,
                  gboolean more,
                  float *y,
                  long ldy)
{
  float packed[STEPS * COLUMNS], copied[MOST * STEPS];
  for (long i0 = 0; i0 < k; i0 += STEPS)
    for (long j0 = 0; j0 < n; j0 += COLUMNS)
      {
        const long steps = MIN (STEPS, k - i0), columns = MIN (COLUMNS, n - j0);
        const gboolean add = more || i0 > 0;
        pack (tb, columns, steps, b + (tb ? j0 * ldb + i0 : i0 * ldb + j0), ldb, packed);
        if (!ta)
          multiply (add, m, columns, steps, a + i0, lda, 1, packed, y + j0, ldy);
        /* copied row by row, not transposed: in place every step could lie in another page */
        for (long r0 = 0; ta && r0 < m; r0 += MOST)
          {
            const long rows = MIN (MOST, m - r0);
            for (long i = 0; i < steps; i++)
              memcpy (copied + i * MOST, a + (i0 + i) * lda + r0,
                      sizeof (float) * (gsize)rows);
            multiply (add, rows, columns, steps, copied, 1, MOST, packed,
                      y + r0 * ldy + j0, ldy);
          }
      }
}
