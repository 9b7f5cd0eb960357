/* SPDX-License-Identifier: Apache-2.0
 *
 * The depthwise convolution steps: which taps see what is worked out at compile time, and
 * a step hands rows of outputs, some channels at a time, to a kernel. In step geometry x
 * is hi × wi, y is ho × wo, both of ci channels.
 */
#include "engine/backend/cpu/ops/nmd-cpu-depthwise.h"

#include "engine/backend/cpu/ops/nmd-cpu-op.h"

#include <string.h>

#define MAX_KERNEL NMD_DEPTHWISE_KERNEL
/* Fewer channels than these are done by taps, where pixels share a vector. */
#define ROW_CHANNELS 16
/* Bytes of input that a segment's rows may take. */
#define DEPTHWISE_BYTES 24576
/* Floats. */
#define CACHE_LINE 16

/* Tables */

/* Which taps fall inside the image changes only near the borders, so a row of outputs is
 * a few segments of equal taps: outputs first, first + step, … (count of them); output
 * number j reads inputs from[t] + j·advance with tap tap[t]. Segments are cut so that the
 * rows that an output row reads stay in the first-level cache until the next output row
 * reads them again, and wide images are taken some channels at a time for the same
 * reason. All of it is worked out at compile time. */
typedef struct
{
  int first, count, n;
  int tap[MAX_KERNEL], from[MAX_KERNEL];
} Segment;

struct _NmdCpuTable
{
  int step, advance;
  int channels; /* at a time */
  int along;    /* outputs of a row at a time where the kernel takes rows, or 0: taps */
  int n_columns;
  Segment *columns;
  Segment *rows; /* one for each row of outputs */
};

/* Taps of output @o forwards: inputs o·stride − pad + tap. */
static void
forward_taps (int o, int k, int stride, int pad, int size, Segment *to)
{
  for (int t = 0; t < k; t++)
    {
      const int i = o * stride - pad + t;
      if (i < 0 || i >= size)
        continue;
      to->tap[to->n] = t;
      to->from[to->n++] = i;
    }
}

/* Taps of x's place @i backwards: outputs (i + pad − tap)/stride where that is one. */
static void
backward_taps (int i, int k, int stride, int pad, int size, Segment *to)
{
  for (int t = 0; t < k; t++)
    {
      const int o = i + pad - t;
      if (o < 0 || o % stride || o / stride >= size)
        continue;
      to->tap[to->n] = t;
      to->from[to->n++] = o / stride;
    }
}

/* Columns in segments of at most @most outputs. */
static GArray *
cut_columns (const NmdCpuConv *conv, gboolean back, int step, int most)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (Segment));
  const int size = back ? conv->wi : conv->wo, other = back ? conv->wo : conv->wi;
  for (int phase = 0; phase < step; phase++)
    {
      Segment *last = NULL;
      for (int i = phase; i < size; i += step)
        {
          Segment me = { .first = i, .count = 1 };
          (back ? backward_taps : forward_taps) (i, conv->kernel, conv->stride, conv->pad,
                                                 other, &me);
          if (last && last->count < most && last->n == me.n
              && !memcmp (last->tap, me.tap, sizeof (int) * (gsize)me.n))
            {
              last->count++;
              continue;
            }
          g_array_append_val (all, me);
          last = &g_array_index (all, Segment, all->len - 1);
        }
    }
  return all;
}

gboolean
nmd_cpu_depthwise_fits_rows (const NmdCpuConv *conv)
{
  /* every output sees a row of the image if the margin is smaller than the kernel */
  return (conv->kernel == 3 || conv->kernel == 5) && conv->pad < conv->kernel
         && conv->stride <= 2 && conv->ci >= ROW_CHANNELS
         && conv->wo >= NMD_DEPTHWISE_ALONG;
}

NmdCpuTable *
nmd_cpu_depthwise_table (const NmdCpuConv *conv, gboolean back)
{
  NmdCpuTable *self = g_new0 (NmdCpuTable, 1);
  const int height = back ? conv->hi : conv->ho;
  const int parts = (conv->ci + 63) / 64;
  self->step = back ? conv->stride : 1;
  self->advance = back ? 1 : conv->stride;
  self->channels = MIN (conv->ci, ((conv->ci + parts - 1) / parts + 15) / 16 * 16);
  const int bytes = conv->kernel * self->advance * self->channels * (int)sizeof (float);
  const int fit = DEPTHWISE_BYTES / bytes;
  GArray *columns = cut_columns (conv, back, self->step, MAX (8, fit / 8 * 8));
  if (nmd_cpu_depthwise_fits_rows (conv)
      && (!back || (conv->stride == 1 && conv->wi >= NMD_DEPTHWISE_ALONG)))
    self->along = MAX (1, fit / NMD_DEPTHWISE_ALONG) * NMD_DEPTHWISE_ALONG;
  self->n_columns = (int)columns->len;
  self->columns = (Segment *)(gpointer)g_array_free (columns, FALSE);
  self->rows = g_new0 (Segment, height);
  for (int i = 0; i < height; i++)
    (back ? backward_taps : forward_taps) (i, conv->kernel, conv->stride, conv->pad,
                                           back ? conv->ho : conv->hi, &self->rows[i]);
  return self;
}

gboolean
nmd_cpu_depthwise_takes_rows (const NmdCpuStep *s)
{
  return s->op == &nmd_cpu_depthwise_y && s->conv.table->along > 0;
}

static void
clear_table (NmdCpuStep *s)
{
  if (!s->conv.table)
    return;
  g_free (s->conv.table->columns);
  g_free (s->conv.table->rows);
  g_free (s->conv.table);
}

/* What the rows of image @i have in common, forwards. */
static NmdDepthwiseRow
row_of (const NmdCpuStep *s, const NmdCpuContext *c, int i)
{
  return (NmdDepthwiseRow){
    .kernel = s->conv.kernel,
    .stride = s->conv.stride,
    .pad = s->conv.pad,
    .width = s->conv.wi,
    .ldx = s->in[0].ld,
    .ldw = s->conv.ci,
    .ldy = s->out[0].ld,
    .bias = s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL,
    .act = s->act.kind,
    .y = nmd_cpu_at (&s->out[0], c, i),
    .sums = s->sums > 0 ? nmd_cpu_at (&s->out[s->sums], c, i) : NULL,
  };
}

/* Asks for channels c0 … c1 − 1 of input rows @from … @end − 1. */
static void
fetch_rows (
    const NmdDepthwiseRow *like, const float *x, int from, int end, int c0, int c1)
{
  for (const float *p = x + (long)from * like->width * like->ldx,
                   *last = x + (long)end * like->width * like->ldx;
       p < last; p += like->ldx)
    for (int i = c0; i < c1; i += CACHE_LINE)
      __builtin_prefetch (p + i);
}

/* Where another thread shares the image, the rows beyond this thread's own are in that
 * one's cache: asks for those that outputs r0 … r1 − 1 read, while others are worked on.
 */
static void
fetch_foreign_rows (const NmdCpuStep *s,
                    const NmdDepthwiseRow *like,
                    const float *x,
                    int c0,
                    int c1,
                    int r0,
                    int r1)
{
  const int from = MAX (0, r0 * s->conv.stride - s->conv.pad),
            end
            = MIN (s->conv.hi, (r1 - 1) * s->conv.stride - s->conv.pad + s->conv.kernel);
  if (r0 > 0)
    fetch_rows (like, x, from, r0 * s->conv.stride, c0, c1);
  if (r1 < s->conv.ho)
    fetch_rows (like, x, r1 * s->conv.stride, end, c0, c1);
}

/* Channels c0 … c1 − 1 of rows r0 … r1 − 1, each of @wide outputs, where the kernel takes
 * whole rows; @like has what they have in common, and the addresses of row and channel 0.
 * Row r of the inputs is row r mod @ring at @x. */
static void
depthwise_rows (const NmdCpuStep *s,
                const NmdCpuContext *c,
                const NmdDepthwiseRow *like,
                const float *x,
                int ring,
                int wide,
                int c0,
                int c1,
                int r0,
                int r1)
{
  const NmdCpuTable *table = s->conv.table;
  /* backwards from the last tap on */
  const float *w = nmd_cpu_at (&s->in[1], c, 0)
                   + (like->ldw < 0 ? (long)(s->conv.kernel - 1) * s->conv.ci : 0);
  const long ld_sums = like->sums ? s->out[s->sums].ld : 0;
  const gboolean shared = s->op == &nmd_cpu_depthwise_y && s->n < c->threads,
                 cold = s->out[0].base != NULL;
  NmdTap rows[MAX_KERNEL];
  NmdDepthwiseRow me = *like;
  me.rows = rows;
  for (int r = r0; like->sums && r < r1; r++)
    memset (like->sums + r * ld_sums + c0, 0, sizeof (float) * (gsize)(c1 - c0));
  for (; c0 < c1; c0 += table->channels)
    {
      if (shared)
        fetch_foreign_rows (s, like, x, c0 + table->channels,
                            MIN (c0 + 2 * table->channels, c1), r0, r1);
      for (int from = 0; from < wide; from += table->along)
        for (int r = r0; r < r1; r++)
          {
            const Segment *row = &table->rows[r];
            for (int a = 0; a < row->n; a++)
              rows[a]
                  = (NmdTap){ x + (long)(row->from[a] % ring) * like->width * like->ldx
                                  + c0,
                              w + (long)row->tap[a] * s->conv.kernel * s->conv.ci + c0 };
            me.n_rows = row->n;
            me.c = MIN (table->channels, c1 - c0);
            me.from = from;
            me.end = MIN (from + table->along, wide);
            me.bias = like->bias ? like->bias + c0 : NULL;
            me.add = like->add ? like->add + (long)r * wide * like->lda + c0 : NULL;
            me.y = like->y + (long)r * wide * like->ldy + c0;
            me.next = cold && r + 1 < r1 ? me.y + wide * like->ldy : NULL;
            me.sums = like->sums ? like->sums + r * ld_sums + c0 : NULL;
            c->k->depthwise (&me);
            if (s->act.kind > NMD_RELU && s->act.kind != NMD_SILU)
              {
                const int first = MIN (from, me.end - NMD_DEPTHWISE_ALONG);
                float *y = me.y + first * me.ldy;
                c->k->act (me.end - first, me.c, y, me.ldy, NULL, s->act, y, me.ldy);
              }
          }
    }
}

/* Rows r0 … r1 − 1 of one image's outputs, by taps. @x has rows of @width, @y of
 * @out_width pixels; @add (nullable) has rows of add_row floats, pixels of @lda. */
static void
depthwise (const NmdCpuStep *s,
           const NmdCpuContext *c,
           const float *x,
           int width,
           const float *add,
           long add_row,
           long lda,
           float *y,
           int out_width,
           int r0,
           int r1)
{
  const NmdCpuTable *table = s->conv.table;
  const long ldx = s->in[0].ld, ldy = s->out[0].ld;
  const float *w = nmd_cpu_at (&s->in[1], c, 0);
  const gboolean cold = s->out[0].base != NULL;
  NmdTap taps[MAX_KERNEL * MAX_KERNEL];
  for (int c0 = 0; c0 < s->conv.ci; c0 += table->channels)
    for (const Segment *g = table->columns; g < table->columns + table->n_columns; g++)
      for (int r = r0; r < r1; r++)
        {
          const Segment *row = &table->rows[r];
          int n = 0;
          for (int a = 0; a < row->n; a++)
            for (int b = 0; b < g->n; b++)
              taps[n++] = (NmdTap){
                x + ((long)row->from[a] * width + g->from[b]) * ldx + c0,
                w + (long)(row->tap[a] * s->conv.kernel + g->tap[b]) * s->conv.ci + c0
              };
          const int channels = MIN (table->channels, s->conv.ci - c0);
          float *to = y + ((long)r * out_width + g->first) * ldy + c0;
          c->k->taps (g->count, channels, n, taps, table->advance * ldx,
                      add ? add + r * add_row + g->first * lda + c0 : NULL,
                      table->step * lda, s->act.kind, to, table->step * ldy,
                      cold && r + 1 < r1 ? to + out_width * ldy : NULL);
          if (s->act.kind > NMD_RELU && s->act.kind != NMD_SILU)
            c->k->act (g->count, channels, to, table->step * ldy, NULL, s->act, to,
                       table->step * ldy);
        }
}

STEP (depthwise_y)
{
  const float *bias = s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL;
  for (int i = i0; i < i1; i++)
    {
      const NmdDepthwiseRow row = row_of (s, c, i);
      const float *x = nmd_cpu_at (&s->in[0], c, i);
      if (s->by_channels)
        depthwise_rows (s, c, &row, x, s->conv.hi, s->conv.wo,
                        nmd_cpu_first_channel (s, c, r0),
                        nmd_cpu_first_channel (s, c, r1), 0, s->conv.ho);
      else if (s->conv.table->along > 0)
        depthwise_rows (s, c, &row, x, s->conv.hi, s->conv.wo, 0, s->conv.ci, r0, r1);
      else
        depthwise (s, c, x, s->conv.wi, bias, 0, 0, nmd_cpu_at (&s->out[0], c, i),
                   s->conv.wo, r0, r1);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_depthwise_y
    = { "depthwise",         NMD_CPU_IMAGES,      NMD_CPU_CONV,
        run_depthwise_y,     .rows_ahead = TRUE,  .channel_local = TRUE,
        .leaves_sums = TRUE, .clear = clear_table };

/* Rows @from … @end − 1 of what the depthwise convolution reads of image @i, to a ring.
 */
static void
expand_rows (
    const NmdCpuStep *s, const NmdCpuContext *c, int i, int from, int end, float *ring)
{
  const float *x = nmd_cpu_at (&s->in[0], c, i), *packed = nmd_cpu_at (&s->in[3], c, 0),
              *bias = nmd_cpu_at (&s->in[4], c, 0);
  const long ldx = s->in[0].ld;
  for (int row = from, to; row < end; row = to)
    {
      const int place = row % s->conv.ring;
      to = MIN (end, row + s->conv.ring - place);
      c->k->pointwise ((long)(to - row) * s->conv.wi, s->conv.ci, s->conv.expand,
                       x + row * s->conv.wi * ldx, ldx, packed, s->conv.panels, 0,
                       s->conv.panels, bias, NULL, 0, s->conv.expand_act,
                       ring + (long)place * s->conv.wi * s->conv.ci, s->conv.ci, FALSE);
    }
}

STEP (expand_depthwise)
{
  const int most = (s->conv.ring - s->conv.kernel) / s->conv.stride + 1;
  for (int i = i0; i < i1; i++)
    {
      NmdDepthwiseRow row = row_of (s, c, i);
      row.ldx = s->conv.ci;
      for (int r = r0, done = 0, end; r < r1; r = end)
        {
          end = MIN (r + most, r1);
          const int from = MAX (done, r * s->conv.stride - s->conv.pad),
                    to = MIN ((end - 1) * s->conv.stride - s->conv.pad + s->conv.kernel,
                              s->conv.hi);
          expand_rows (s, c, i, from, to, c->work);
          done = to;
          depthwise_rows (s, c, &row, c->work, s->conv.ring, s->conv.wo, 0, s->conv.ci, r,
                          end);
        }
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_expand_depthwise
    = { "pointwise and depthwise", NMD_CPU_IMAGES,      NMD_CPU_CONV,
        run_expand_depthwise,      .writes_rows = TRUE, .leaves_sums = TRUE,
        .clear = clear_table };

STEP (depthwise_dx)
{
  const gboolean plus = s->n_in > 2;
  const long lda = plus ? s->in[2].ld : 0;
  for (int i = i0; i < i1; i++)
    {
      const float *dy = nmd_cpu_at (&s->in[0], c, i),
                  *add = plus ? nmd_cpu_at (&s->in[2], c, i) : NULL;
      float *dx = nmd_cpu_at (&s->out[0], c, i);
      if (s->conv.table->along > 0)
        {
          /* a convolution with the taps the other way round */
          const NmdDepthwiseRow row = { .kernel = s->conv.kernel,
                                        .stride = 1,
                                        .pad = s->conv.kernel - 1 - s->conv.pad,
                                        .width = s->conv.wo,
                                        .ldx = s->in[0].ld,
                                        .ldw = -s->conv.ci,
                                        .ldy = s->out[0].ld,
                                        .add = add,
                                        .lda = lda,
                                        .act = -1,
                                        .y = dx };
          depthwise_rows (s, c, &row, dy, s->conv.ho, s->conv.wi, 0, s->conv.ci, r0, r1);
        }
      else
        depthwise (s, c, dy, s->conv.wo, add, s->conv.wi * lda, lda, dx, s->conv.wi, r0,
                   r1);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_depthwise_dx
    = { "depthwise, data gradient", NMD_CPU_IMAGES,     NMD_CPU_CONV,
        run_depthwise_dx,           .rows_ahead = TRUE, .backward = TRUE,
        .clear = clear_table };

/* What rows r0 … r1 − 1 of an image's outputs give to @dw, where the kernel takes rows. */
static void
grad_rows (const NmdCpuStep *s,
           const NmdCpuContext *c,
           const float *x,
           const float *dy,
           int r0,
           int r1,
           float *dw)
{
  const NmdCpuTable *table = s->conv.table;
  const int ci = s->conv.ci, wo = s->conv.wo;
  const long x_row = s->conv.wi * s->in[0].ld;
  NmdTapGrad rows[MAX_KERNEL];
  NmdDepthwiseGrad grad = { .kernel = s->conv.kernel,
                            .stride = s->conv.stride,
                            .pad = s->conv.pad,
                            .width = s->conv.wi,
                            .rows = rows,
                            .ldx = s->in[0].ld,
                            .ldw = ci,
                            .ldd = s->in[1].ld };
  for (int c0 = 0; c0 < ci; c0 += table->channels)
    for (grad.from = 0; grad.from < wo; grad.from = grad.end)
      {
        grad.c = MIN (table->channels, ci - c0);
        grad.end = MIN (grad.from + (table->along + 3) / 4 * 4,
                        wo); /* the kernel takes four */
        for (int r = r0; r < r1; r++)
          {
            const Segment *row = &table->rows[r];
            grad.n_rows = row->n;
            for (int a = 0; a < row->n; a++)
              rows[a] = (NmdTapGrad){ x + row->from[a] * x_row + c0,
                                      dw + row->tap[a] * s->conv.kernel * ci + c0 };
            grad.dy = dy + (long)r * wo * grad.ldd + c0;
            c->k->depthwise_grad (&grad);
          }
      }
}

STEP (depthwise_dw)
{
  const NmdCpuTable *table = s->conv.table;
  const long ldx = s->in[0].ld, ldd = s->in[1].ld;
  float *dw = nmd_cpu_partial (s, c), *acc[MAX_KERNEL];
  const float *px[MAX_KERNEL];
  for (int i = i0; i < i1; i++)
    {
      const float *x = nmd_cpu_at (&s->in[0], c, i), *dy = nmd_cpu_at (&s->in[1], c, i);
      if (table->along > 0)
        {
          grad_rows (s, c, x, dy, r0, r1, dw);
          continue;
        }
      for (int c0 = 0; c0 < s->conv.ci; c0 += table->channels)
        for (const Segment *g = table->columns; g < table->columns + table->n_columns;
             g++)
          for (int r = r0; r < r1; r++)
            for (int a = 0; a < table->rows[r].n; a++)
              {
                for (int b = 0; b < g->n; b++)
                  {
                    px[b]
                        = x
                          + ((long)table->rows[r].from[a] * s->conv.wi + g->from[b]) * ldx
                          + c0;
                    acc[b] = dw
                             + (long)(table->rows[r].tap[a] * s->conv.kernel + g->tap[b])
                                   * s->conv.ci
                             + c0;
                  }
                c->k->taps_grad (g->count, MIN (table->channels, s->conv.ci - c0), g->n,
                                 px, table->advance * ldx,
                                 dy + ((long)r * s->conv.wo + g->first) * ldd + c0, ldd,
                                 acc);
              }
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_depthwise_dw
    = { "depthwise, weight gradient", NMD_CPU_IMAGES,      NMD_CPU_CONV, run_depthwise_dw,
        .rows_ahead = TRUE,           .clear = clear_table };
