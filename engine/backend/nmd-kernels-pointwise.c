/* SPDX-License-Identifier: Apache-2.0
 *
 * The pointwise convolution of nmd-kernels.h: rows of x times weights packed in panels,
 * with bias and activation while a block of results is in the registers or the
 * first-level cache. A block is as many rows by as many vectors of outputs as the
 * registers hold; each weight that is loaded serves all its rows, each input all its
 * vectors. Compiled once for each instruction set, like nmd-kernels.c.
 */
#include "engine/backend/nmd-kernels.h"
#include "engine/backend/nmd-vec.h"

/* Most vectors of outputs in a panel, and the rows of a block by its vectors: sums,
 * weights and one input fill 32 registers with AVX-512, else 16. */
#if W == 16
#define PANEL 4
#define MOST_ROWS 14
static const int block_rows[PANEL + 1] = { 0, 14, 12, 8, 6 };
#else
#define PANEL 2
#define MOST_ROWS 12
static const int block_rows[PANEL + 1] = { 0, 12, 6 };
#endif

/* A block of rows × vectors (constants where this is called), of whose outputs @left are
 * there. */
static ALWAYS_INLINE void
block (const int rows,
       const int vectors,
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
  for (int v = 0; v < vectors; v++)
    {
      const V b = bias ? get (bias + v * W, left - v * W) : v_set (0);
      for (int r = 0; r < rows; r++)
        sum[r][v] = b;
    }
  for (long i = 0; i < ci; i++, w += vectors * W)
    for (int r = 0; r < rows; r++)
      {
        const V a = v_set (x[r * ldx + i]);
        for (int v = 0; v < vectors; v++)
          sum[r][v] = v_fma (a, v_load (w + v * W), sum[r][v]);
      }
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < vectors; v++)
      put (y + r * ldy + v * W, v_max (floor, sum[r][v]), left - v * W);
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

#define BLOCK(ROWS, VECTORS)                                                             \
  NO_IVOPTS static void block_##ROWS##_##VECTORS (                                       \
      long ci, const float *x, long ldx, const float *w, const float *bias, V floor,     \
      float *y, long ldy, long left)                                                     \
  {                                                                                      \
    block (ROWS, VECTORS, ci, x, ldx, w, bias, floor, y, ldy, left);                     \
  }
BLOCK (1, 1)
BLOCK (1, 2)
#if PANEL == 4
BLOCK (1, 3)
BLOCK (1, 4)
BLOCK (14, 1)
BLOCK (12, 2)
BLOCK (8, 3)
BLOCK (6, 4)
static const Block single[PANEL + 1]
    = { NULL, block_1_1, block_1_2, block_1_3, block_1_4 },
    full[PANEL + 1] = { NULL, block_14_1, block_12_2, block_8_3, block_6_4 };
#else
BLOCK (12, 1)
BLOCK (6, 2)
static const Block single[PANEL + 1] = { NULL, block_1_1, block_1_2 },
                                  full[PANEL + 1] = { NULL, block_12_1, block_6_2 };
#endif

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
      const Block run = (high == 1 ? single : full)[vectors];
      /* the last block reaches back over rows that are done: the same values again */
      for (long r = 0; r < rows; r += high)
        {
          const long from = MIN (r, rows - high);
          float *to = y + from * ldy + o;
          run (ci, x + from * ldx, ldx, packed + o * ci, bias ? bias + o : NULL, floor,
               to, ldy, left);
          if (act.kind > NMD_RELU)
            KERNEL (nmd_act) (high, MIN (left, vectors * W), to, ldy, NULL, act, to, ldy);
        }
    }
}
