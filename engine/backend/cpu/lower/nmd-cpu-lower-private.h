/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files that lower a graph share: the state of a lowering and the helpers that make
 * values and steps and say what reads what. nmd-cpu-lower.c walks the nodes;
 * convolutions, layouts and form, batch norm, element-wise operations with reductions, and
 * layer norm, pooling, tokens and attention have files of their own (nmd-cpu-lower-convs.c,
 * -layouts.c, -norm.c, -each.c, -tokens.c), so has what is computed twice (-again.c).
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

#include <string.h>

G_BEGIN_DECLS

/* Orders that weights are packed in. */
enum
{
  PLAIN_WEIGHTS,
  TAPS_FIRST,    /* [kk][co] */
  TAPS_INSIDE,   /* [co][kk][ci/g] */
  DENSE_FORWARD, /* as a primitive of oneDNN wants them */
  DENSE_DATA,
  N_PACKS
};

typedef struct
{
  NmdCpuProgram *p;
  const NmdGraph *graph;
  const gboolean *needed;
  const int *handles;
  GArray **users;   /* by node: of int, needed nodes that read it (once for each input) */
  int *other;       /* by node: its value in the other layout, or -1 */
  int *packed;      /* by node · order: packed weights, or -1 */
  int *packed_at;   /* last writer of the store tensor when they were packed */
  gboolean *lazy;   /* activation gradients that their readers compute */
  NmdNode *norm_of; /* by what an activation's gradient is given: the batch norm before the
                       activation if they are one step, or -1 */
  int *factors;     /* by batch norm: the value gamma/√(variance + ε) */
  GHashTable *again; /* by value + 1: the value computed again for the backward pass, + 1 */
  gboolean *done;   /* served together with another node */
  GArray *writer;   /* by handle: last step that updates it, or -1 */
  GPtrArray *readers; /* by handle: GArray of int, steps since */
  gboolean *updated;  /* by handle: some node updates it */
  gboolean gradients;  /* the program goes backwards too */
  int n_handles;
} Lower;

static inline const NmdNodeInfo *
info_of (const Lower *self, NmdNode node)
{
  return nmd_graph_get (self->graph, node);
}

/* Values
 * ------------------------------------------------------------------------------------ */

static inline int
new_value (Lower *self, int n, int h, int w, int c)
{
  NmdCpuValue *v = g_new0 (NmdCpuValue, 1);
  *v = (NmdCpuValue){ .n = n,
                      .h = h,
                      .w = w,
                      .c = c,
                      .parent = -1,
                      .alias_of = -1,
                      .handle = -1,
                      .first = G_MAXINT,
                      .last = -1 };
  v->writers = g_array_new (FALSE, FALSE, sizeof (int));
  g_ptr_array_add (self->p->values, v);
  return (int)self->p->values->len - 1;
}

static inline NmdCpuValue *
value (const Lower *self, int i)
{
  return nmd_cpu_value (self->p, i);
}

/* n, h, w, c of images, rows of vectors, or one vector. */
static inline void
rows_geometry (const NmdShape *shape, int *g)
{
  g[0] = shape->n_dims == 4 || shape->n_dims == 2 ? shape->dims[0] : 1;
  g[1] = shape->n_dims == 4 ? shape->dims[2] : 1;
  g[2] = shape->n_dims == 4 ? shape->dims[3] : 1;
  g[3] = shape->n_dims == 4 || shape->n_dims == 2 ? shape->dims[1]
                                                  : (int)nmd_shape_count (shape);
}

static inline int
rows_value (Lower *self, const NmdShape *shape)
{
  int g[4];
  rows_geometry (shape, g);
  return new_value (self, g[0], g[1], g[2], g[3]);
}

static inline gboolean
has_geometry (const NmdCpuValue *v, const int *g)
{
  return v->n == g[0] && v->h == g[1] && v->w == g[2] && v->c == g[3];
}

static inline gboolean
is_plain (const NmdCpuValue *v, const NmdShape *shape)
{
  return v->n == 1 && v->h == 1 && v->w == 1 && (gsize)v->c == nmd_shape_count (shape);
}

/* Channels-last and row-major differ. */
static inline gboolean
is_wide (const NmdShape *shape)
{
  return shape->n_dims == 4 && shape->dims[1] > 1 && shape->dims[2] * shape->dims[3] > 1;
}

/* Steps
 * -------------------------------------------------------------------------------------
 */

static inline NmdCpuStep *
new_step (Lower *self, NmdCpuRun run, NmdCpuKind kind, const char *name, int out)
{
  NmdCpuStep *s = g_new0 (NmdCpuStep, 1);
  s->run = run;
  s->kind = kind;
  s->name = name;
  s->partial_value = -1;
  s->unit = 1;
  s->seconds = g_new0 (double, self->p->session->slots);
  s->groups = 1;
  s->act = NMD_NO_ACT;
  s->needs = g_array_new (FALSE, FALSE, sizeof (int));
  s->walls = g_array_new (FALSE, FALSE, sizeof (int));
  g_ptr_array_add (self->p->steps, s);
  if (out >= 0)
    {
      const int me = (int)self->p->steps->len - 1;
      const NmdCpuValue *v = value (self, out);
      s->n = v->n;
      s->h = v->h;
      s->w = v->w;
      s->c = v->c;
      s->out_value[s->n_out++] = out;
      g_array_append_val (v->writers, me);
    }
  return s;
}

static inline int
step_index (const Lower *self)
{
  return (int)self->p->steps->len - 1;
}

static inline void
need (NmdCpuStep *s, int step, gboolean wall)
{
  if (step < 0)
    return;
  g_array_append_val (s->needs, step);
  if (wall)
    g_array_append_val (s->walls, step);
}

static inline void
need_handle (Lower *self, NmdCpuStep *s, int handle)
{
  const int me = step_index (self);
  need (s, g_array_index (self->writer, int, handle), TRUE);
  g_array_append_val ((GArray *)self->readers->pdata[handle], me);
}

static inline void
read_as (Lower *self, NmdCpuStep *s, int v, gboolean whole)
{
  g_assert (s->n_in < NMD_STEP_INPUTS && v >= 0);
  s->whole[s->n_in] = whole;
  s->in_value[s->n_in++] = v;
  for (int i = v; i >= 0; i = value (self, i)->alias_of)
    {
      const GArray *w = value (self, i)->writers;
      for (guint j = 0; j < w->len; j++)
        need (s, g_array_index (w, int, j), whole);
      if (value (self, i)->handle >= 0)
        need_handle (self, s, value (self, i)->handle);
    }
}

/* Image i of the value for image i of the step. */
static inline void
read_images (Lower *self, NmdCpuStep *s, int v)
{
  read_as (self, s, v, s->kind != NMD_CPU_IMAGES || value (self, v)->n != s->n);
}

/* All of the value for any image. */
static inline void
read_whole (Lower *self, NmdCpuStep *s, int v)
{
  read_as (self, s, v, TRUE);
}

static inline void
also_writes (Lower *self, NmdCpuStep *s, int v)
{
  const int me = step_index (self);
  s->out_value[s->n_out++] = v;
  g_array_append_val (value (self, v)->writers, me);
}

/* Sums of each thread, @floats of them. */
static inline int
sums_of (Lower *self, NmdCpuStep *s, gsize floats)
{
  const int me = step_index (self),
            v = new_value (self, self->p->session->slots, 1, 1, (int)floats);
  value (self, v)->threads = TRUE;
  g_array_append_val (value (self, v)->writers, me);
  s->partial_value = v;
  return v;
}

/* The step that alone writes value @v, which is its first output and no part of another one; or
 * NULL. */
static inline NmdCpuStep *
writer_of (const Lower *self, int v)
{
  const NmdCpuValue *x = value (self, v);
  NmdCpuStep *writer
      = x->writers->len == 1 ? nmd_cpu_step (self->p, g_array_index (x->writers, int, 0)) : NULL;
  return writer && x->alias_of < 0 && writer->out_value[0] == v ? writer : NULL;
}

/* Threads that share an image divide the channels of @s, a depthwise convolution or a reduction,
 * as those of what it reads were divided by step @writer, if they were. */
static inline void
share_channels (NmdCpuStep *s, const NmdCpuStep *writer)
{
  s->by_channels = TRUE;
  s->shares = writer && writer->by_channels && writer->c == s->c
                  ? writer->shares
                  : (s->c + NMD_CPU_SHARE - 1) / NMD_CPU_SHARE;
}

static inline NmdAct
act_of (const Lower *self, NmdNode node)
{
  const NmdAttributes *at = &info_of (self, node)->at;
  return (NmdAct){ at->activation, (float)at->value };
}

/* The node that alone reads @node, or -1 (also if @node is an output). */
static inline NmdNode
only_user (const Lower *self, NmdNode node)
{
  const GArray *u = self->users[node];
  return !self->p->is_output[node] && u->len == 1 ? g_array_index (u, int, 0)
                                                  : NMD_NODE_NONE;
}

/* Short names for the functions that these files share. */
#define as_rows nmd_cpu_as_rows
#define as_plain nmd_cpu_as_plain
#define copy_of nmd_cpu_copy_of
#define regard_as nmd_cpu_regard_as
#define without_gaps nmd_cpu_without_gaps
#define settled nmd_cpu_settled
#define slice_of nmd_cpu_slice_of
#define part_of nmd_cpu_part_of
#define wrote_part nmd_cpu_wrote_part
#define as_rows_again nmd_cpu_as_rows_again
#define as_rows_afresh nmd_cpu_as_rows_afresh
#define repeat_norm nmd_cpu_repeat_norm
#define with_act nmd_cpu_with_act
#define summand nmd_cpu_summand
#define gated_conv nmd_cpu_gated_conv
#define lower_conv nmd_cpu_lower_conv
#define lower_form nmd_cpu_lower_form
#define lower_norm nmd_cpu_lower_norm
#define lower_each nmd_cpu_lower_each
#define lower_token nmd_cpu_lower_token
#define lower_grad_gamma nmd_cpu_lower_grad_gamma

/* nmd-cpu-lower.c: the node whose value a step for @node gives if an activation that alone reads
 * it is fused. */
NmdNode with_act (Lower *self, NmdNode node, NmdAct *act);

/* nmd-cpu-lower.c: where a sum alone reads gradient @node and its other side is there: that
 * side's value as images, and @result, the sum, is computed in @node's place. Else -1. */
int summand (Lower *self, NmdNode node, NmdNode *result);

/* nmd-cpu-lower-convs.c: the convolution that alone reads product @node of images and a gate on
 * their channels, and multiplies its weights instead, or -1. */
NmdNode gated_conv (const Lower *self, NmdNode node);

/* nmd-cpu-lower-layouts.c: @node's value as images of rows or as one row-major vector; a copy
 * of a value; the same memory, without gaps, in another geometry; a value or, where it is a slice
 * of several rows, a copy; @v, or a copy where the program
 * overwrites it. */
int as_rows (Lower *self, NmdNode node);
int as_plain (Lower *self, NmdNode node);
int copy_of (Lower *self, int v);
int regard_as (Lower *self, int of, int n, int h, int w, int c);
int without_gaps (Lower *self, int v);
int settled (Lower *self, int v);

/* nmd-cpu-lower-layouts.c: channels @from … of @x without a copy. */
int slice_of (Lower *self, int x, int from, int count);

/* nmd-cpu-lower-layouts.c: the same for a step to write; the last step has written a part of @y. */
int part_of (Lower *self, int y, int from, int count);
void wrote_part (Lower *self, int y);

/* nmd-cpu-lower-recompute.c: as_rows() for a reader in the backward pass, image by image: the value
 * itself or, where that is cheap, one that is computed again. */
int as_rows_again (Lower *self, NmdNode node);

/* nmd-cpu-lower-recompute.c: the same, not shared with the readers before, whose group may be
 * another. */
int as_rows_afresh (Lower *self, NmdNode node);

/* nmd-cpu-lower-recompute.c: where @node is a batch norm that others read too: writes it once more,
 * to @y from channel @from on, in the group that reads that; else FALSE. */
gboolean repeat_norm (Lower *self, NmdNode node, int y, int from);

/* Operations by family; FALSE: of another. */
gboolean lower_conv (Lower *self, NmdNode node); /* nmd-cpu-lower-convs.c */
gboolean lower_form (Lower *self, NmdNode node); /* nmd-cpu-lower-layouts.c */
gboolean lower_norm (Lower *self, NmdNode node); /* nmd-cpu-lower-norm.c */
gboolean lower_each (Lower *self, NmdNode node); /* nmd-cpu-lower-elementwise.c */
gboolean lower_token (Lower *self, NmdNode node); /* nmd-cpu-lower-tokens.c */

/* nmd-cpu-lower-norm.c: GRAD_GAMMA @node and, with it, the sum @sum (dbeta) of the same
 * gradient, or -1. */
void lower_grad_gamma (Lower *self, NmdNode node, NmdNode sum);

G_END_DECLS
