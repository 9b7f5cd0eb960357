/* SPDX-License-Identifier: Apache-2.0
 *
 * The pointwise convolution of nmd-kernels.h: rows of x times weights packed in panels,
 * with bias and activation while a block of results is in the registers or the
 * first-level cache. A block is as many rows by as many vectors of outputs as the
 * registers hold; each weight that is loaded serves all its rows, each input all its
 * vectors. Compiled once for each instruction set, like nmd-kernels.c.
 */
#include "engine/backend/cpu/kernels/nmd-kernels.h"
#include "engine/backend/cpu/simd/nmd-vec.h"

/* Most vectors of outputs in a panel, and the rows of a block by its vectors. With
 * AVX-512 they divide the rows of the usual maps, multiples of 7, without a rest, which
 * gains more than sums in all registers would. */
#if W == 16
#define PANEL 3
#define MOST_ROWS 14
static const int block_rows[PANEL + 1] = { 0, 14, 7, 7 };
#else
#define PANEL 2
#define MOST_ROWS 12
static const int block_rows[PANEL + 1] = { 0, 12, 6 };
#endif

/* A block of rows × vectors with SiLU or not (constants where this is called), of whose
 * outputs @left are there. Unrolled early, or the compiler keeps the sums on the stack.
 */
static ALWAYS_INLINE void
block (const int rows,
       const int vectors,
       const gboolean silu,
       long ci,
       const float *x,
       long ldx,
       const float *w,
       const float *bias,
       V floor,
       float *y,
       long ldy,
       long left)
{
  V sum[MOST_ROWS][PANEL];
#pragma GCC unroll 3
  for (int v = 0; v < vectors; v++)
    {
      const V b = bias ? get (bias + v * W, left - v * W) : v_set (0);
#pragma GCC unroll 14
      for (int r = 0; r < rows; r++)
        sum[r][v] = b;
    }
  for (long i = 0; i < ci; i++, w += vectors * W)
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
      {
        const V a = v_set (x[r * ldx + i]);
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++)
          sum[r][v] = v_fma (a, v_load (w + v * W), sum[r][v]);
      }
#pragma GCC unroll 14
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 3
    for (int v = 0; v < vectors; v++)
      {
        const V a = silu ? v_silu (sum[r][v]) : v_max (floor, sum[r][v]);
        put (y + r * ldy + v * W, a, left - v * W);
      }
}

typedef void (*Block) (long ci,
                       const float *x,
                       long ldx,
                       const float *w,
                       const float *bias,
                       V floor,
                       float *y,
                       long ldy,
                       long left);

#define BLOCK_AS(NAME, ROWS, VECTORS, SILU)                                              \
  NO_IVOPTS static void NAME##_##ROWS##_##VECTORS (                                      \
      long ci, const float *x, long ldx, const float *w, const float *bias, V floor,     \
      float *y, long ldy, long left)                                                     \
  {                                                                                      \
    block (ROWS, VECTORS, SILU, ci, x, ldx, w, bias, floor, y, ldy, left);               \
  }
#define BLOCK(ROWS, VECTORS)                                                             \
  BLOCK_AS (block, ROWS, VECTORS, FALSE)                                                 \
  BLOCK_AS (silu, ROWS, VECTORS, TRUE)
BLOCK (1, 1)
BLOCK (1, 2)
#if PANEL == 3
BLOCK (1, 3)
BLOCK (14, 1)
BLOCK (7, 2)
BLOCK (7, 3)
#define SINGLE(NAME)                                                                     \
  {                                                                                      \
    NULL, NAME##_1_1, NAME##_1_2, NAME##_1_3                                             \
  }
#define FULL(NAME)                                                                       \
  {                                                                                      \
    NULL, NAME##_14_1, NAME##_7_2, NAME##_7_3                                            \
  }
#else
BLOCK (12, 1)
BLOCK (6, 2)
#define SINGLE(NAME)                                                                     \
  {                                                                                      \
    NULL, NAME##_1_1, NAME##_1_2                                                         \
  }
#define FULL(NAME)                                                                       \
  {                                                                                      \
    NULL, NAME##_12_1, NAME##_6_2                                                        \
  }
#endif
/* by [SiLU or not][one row or as many as block_rows][vectors] */
static const Block blocks[2][2][PANEL + 1]
    = { { SINGLE (block), FULL (block) }, { SINGLE (silu), FULL (silu) } };

static long
vectors_of (long co)
{
  return (co + W - 1) / W;
}

int
KERNEL (nmd_count_panels) (long co, int parts)
{
  const long vectors = vectors_of (co), least = (vectors + PANEL - 1) / PANEL,
             even = (least + parts - 1) / parts * parts;
  return (int)MIN (even, vectors);
}

void
KERNEL (nmd_pack_panels) (long co, long ci, int n_panels, const float *w, float *packed)
{
  const long all = vectors_of (co);
  for (int p = 0; p < n_panels; p++)
    {
      const long from = all * p / n_panels * W, to = all * (p + 1) / n_panels * W;
      for (long i = 0; i < ci; i++)
        for (long o = from; o < to; o++)
          *packed++ = o < co ? w[o * ci + i] : 0;
    }
}

void
KERNEL (nmd_gate_panels) (
    long co, long ci, int n_panels, const float *packed, const float *gate, float *gated)
{
  const long all = vectors_of (co);
  for (int p = 0; p < n_panels; p++)
    {
      const long vectors = all * (p + 1) / n_panels - all * p / n_panels;
      for (long i = 0; i < ci; i++)
        for (long v = 0; v < vectors; v++, packed += W, gated += W)
          v_store (gated, v_mul (v_set (gate[i]), v_load (packed)));
    }
}

void
KERNEL (nmd_pointwise) (long rows,
                        long co,
                        long ci,
                        const float *x,
                        long ldx,
                        const float *packed,
                        int n_panels,
                        int first,
                        int end,
                        const float *bias,
                        NmdAct act,
                        float *y,
                        long ldy)
{
  const long all = vectors_of (co);
  const V floor = v_set (act.kind == NMD_RELU ? 0.0f : -INFINITY);
  for (int p = first; p < end; p++)
    {
      const long at = all * p / n_panels, vectors = all * (p + 1) / n_panels - at,
                 o = at * W, left = co - o;
      const int high = rows < block_rows[vectors] ? 1 : block_rows[vectors];
      const Block run = blocks[act.kind == NMD_SILU][high > 1][vectors];
      /* the last block reaches back over rows that are done: the same values again */
      for (long r = 0; r < rows; r += high)
        {
          const long from = MIN (r, rows - high);
          float *to = y + from * ldy + o;
          run (ci, x + from * ldx, ldx, packed + o * ci, bias ? bias + o : NULL, floor,
               to, ldy, left);
          if (act.kind > NMD_RELU && act.kind != NMD_SILU)
            KERNEL (nmd_act) (high, MIN (left, vectors * W), to, ldy, NULL, act, to, ldy);
        }
    }
}
