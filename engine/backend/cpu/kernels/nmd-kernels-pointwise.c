/* SPDX-License-Identifier: Apache-2.0
 *
 * The pointwise convolution of nmd-kernels.h: rows of x times weights packed in panels,
 * with bias and activation while a block of results is in the registers or the
 * first-level cache. A block is as many rows by as many vectors of outputs as the
 * registers hold; each weight that is loaded serves all its rows, each input all its
 * vectors. Compiled once for each instruction set, like nmd-kernels.c.
 */
#include "engine/backend/cpu/kernels/nmd-kernels-private.h"

/* Most vectors of outputs in a panel, and the rows of a block by its vectors. */
#define PANEL V_PANEL
#define MOST_ROWS V_ROWS_1
#if PANEL == 3
static const int block_rows[] = { 0, V_ROWS_1, V_ROWS_2, V_ROWS_3 };
#else
static const int block_rows[] = { 0, V_ROWS_1, V_ROWS_2 };
#endif

/* A block that is a little lower, where an instruction set has one, so that the blocks of a small map do not
 * compute rows twice: 49 rows are 4·6 + 5·5. */
#ifdef V_LESS_1
static const int less_rows[] = { 0, V_LESS_1, V_LESS_2 };
#else
#define less_rows block_rows
#endif

/* So many rows ahead of a block are those of y asked for that lie in memory. */
#define FAR_ROWS 24

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
       const float *add,
       long lda,
       V floor,
       float *y,
       long ldy,
       long left,
       gboolean far)
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
  if (add)
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 3
      for (int v = 0; v < vectors; v++)
        sum[r][v] = get (add + r * lda + v * W, left - v * W);
  for (long i = 0; i < ci; i++, w += vectors * W)
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
      {
        const V a = v_set (x[r * ldx + i]);
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++)
          sum[r][v] = v_fma (a, v_load (w + v * W), sum[r][v]);
      }
  for (int r = 0; far && r < rows; r++)
    for (int v = 0; v < vectors; v++)
      ask (y + (r + FAR_ROWS) * ldy + v * W);
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
                       const float *add,
                       long lda,
                       V floor,
                       float *y,
                       long ldy,
                       long left,
                       gboolean far);

#define BLOCK_AS(NAME, ROWS, VECTORS, SILU)                                              \
  NO_IVOPTS static void NAME##_##VECTORS (                                               \
      long ci, const float *x, long ldx, const float *w, const float *bias,              \
      const float *add, long lda, V floor, float *y, long ldy, long left, gboolean far)  \
  {                                                                                      \
    block (ROWS, VECTORS, SILU, ci, x, ldx, w, bias, add, lda, floor, y, ldy, left,      \
           far);                                                                         \
  }
#define BLOCKS(ROWS, VECTORS)                                                            \
  BLOCK_AS (plain_one, 1, VECTORS, FALSE)                                                \
  BLOCK_AS (plain_full, ROWS, VECTORS, FALSE)                                            \
  BLOCK_AS (silu_one, 1, VECTORS, TRUE)                                                  \
  BLOCK_AS (silu_full, ROWS, VECTORS, TRUE)
#define LESS_BLOCKS(ROWS, VECTORS)                                                       \
  BLOCK_AS (plain_less, ROWS, VECTORS, FALSE)                                            \
  BLOCK_AS (silu_less, ROWS, VECTORS, TRUE)
BLOCKS (V_ROWS_1, 1)
BLOCKS (V_ROWS_2, 2)
#ifdef V_LESS_1
LESS_BLOCKS (V_LESS_1, 1)
LESS_BLOCKS (V_LESS_2, 2)
#define LOWER(NAME) BY_VECTORS (NAME##_less)
#else
#define LOWER(NAME) BY_VECTORS (NAME##_full)
#endif
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
enum
{
  ONE_ROW,
  LESS_ROWS,
  ALL_ROWS
};
/* by [SiLU or not][height][vectors] */
static const Block blocks[2][3][PANEL + 1]
    = { { BY_VECTORS (plain_one), LOWER (plain), BY_VECTORS (plain_full) },
        { BY_VECTORS (silu_one), LOWER (silu), BY_VECTORS (silu_full) } };

/* How many blocks of rows there are, and how many of them, the first, are of full height; the others are of
 * less. 0 blocks: row by row. */
static long
divide_rows (long rows, long full, long less, long *n_full)
{
  const long step = full - less, height = rows < full ? less : full;
  const long n = rows < less ? 0 : (rows + height - 1) / height;

  *n_full = rows < full ? 0 : step > 0 ? MAX (rows - n * less + step - 1, 0) / step : n;
  return n;
}

static long
vectors_of (long co)
{
  return (co + W - 1) / W;
}

int
KERNEL (count_panels) (long co, int parts)
{
  const long vectors = vectors_of (co), least = (vectors + PANEL - 1) / PANEL,
             even = (least + parts - 1) / parts * parts;
  return (int)MIN (even, vectors);
}

void
KERNEL (pack_panels) (
    long co, long ci, int n_panels, gboolean turned, const float *w, float *packed)
{
  const long all = vectors_of (co);
  for (int p = 0; p < n_panels; p++)
    {
      const long from = all * p / n_panels * W, to = all * (p + 1) / n_panels * W;
      for (long i = 0; i < ci; i++)
        for (long o = from; o < to; o++)
          *packed++ = o >= co ? 0 : turned ? w[i * co + o] : w[o * ci + i];
    }
}

void
KERNEL (gate_panels) (
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
KERNEL (pointwise) (long rows,
                    long co,
                    long ci,
                    const float *x,
                    long ldx,
                    const float *packed,
                    int n_panels,
                    int first,
                    int end,
                    const float *bias,
                    const float *add,
                    long lda,
                    NmdAct act,
                    float *y,
                    long ldy,
                    gboolean far)
{
  const long all = vectors_of (co);
  const V floor = v_set (act.kind == NMD_RELU ? 0.0f : -INFINITY);
  for (int p = first; p < end; p++)
    {
      const long at = all * p / n_panels, vectors = all * (p + 1) / n_panels - at,
                 o = at * W, left = co - o;
      const Block (*const by_height)[PANEL + 1] = blocks[act.kind == NMD_SILU];
      long n_full;
      const long n = divide_rows (rows, block_rows[vectors], less_rows[vectors], &n_full);
      /* the last block reaches back over rows that are done: the same values again */
      for (long k = 0, r = 0; r < rows; k++)
        {
          const int height = n == 0 ? ONE_ROW : k < n_full ? ALL_ROWS : LESS_ROWS;
          const int high = n == 0       ? 1
                           : k < n_full ? block_rows[vectors]
                                        : less_rows[vectors];
          const Block run = by_height[height][vectors];
          const long from = MIN (r, rows - high);
          float *to = y + from * ldy + o;
          run (ci, x + from * ldx, ldx, packed + o * ci, bias ? bias + o : NULL,
               add ? add + from * lda + o : NULL, lda, floor, to, ldy, left, far);
          if (act.kind > NMD_RELU && act.kind != NMD_SILU)
            KERNEL (act) (high, MIN (left, vectors * W), to, ldy, NULL, act, to, ldy);
          r = from + high;
        }
    }
}
