/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes values and steps while a graph is lowered, and keeps account of what each step needs
 * to have run before it. Which steps there are is said by the other files of lower/.
 */
#include "engine/backend/cpu/lower/nmd-cpu-builder.h"

#include "engine/backend/cpu/nmd-cpu-program.h"

const NmdNodeInfo *
nmd_cpu_info (const NmdCpuLower *self, NmdNode node)
{
  return nmd_graph_get (self->graph, node);
}

/* Values */

int
nmd_cpu_new_value (NmdCpuLower *self, int n, int h, int w, int c)
{
  return nmd_cpu_add_value (self->p, n, h, w, c);
}

/* n, h, w, c of images, rows of vectors, or one vector. */
void
nmd_cpu_rows_geometry (const NmdShape *shape, int *g)
{
  g[0] = shape->n_dims == 4 || shape->n_dims == 2 ? shape->dims[0] : 1;
  g[1] = shape->n_dims == 4 ? shape->dims[2] : 1;
  g[2] = shape->n_dims == 4 ? shape->dims[3] : 1;
  g[3] = shape->n_dims == 4 || shape->n_dims == 2 ? shape->dims[1]
                                                  : (int)nmd_shape_count (shape);
}

int
nmd_cpu_rows_value (NmdCpuLower *self, const NmdShape *shape)
{
  int g[4];
  nmd_cpu_rows_geometry (shape, g);
  return nmd_cpu_new_value (self, g[0], g[1], g[2], g[3]);
}

gboolean
nmd_cpu_has_geometry (const NmdCpuValue *v, const int *g)
{
  return v->n == g[0] && v->h == g[1] && v->w == g[2] && v->c == g[3];
}

gboolean
nmd_cpu_is_plain (const NmdCpuValue *v, const NmdShape *shape)
{
  return v->n == 1 && v->h == 1 && v->w == 1 && (gsize)v->c == nmd_shape_count (shape);
}

/* Channels-last and row-major differ. */
gboolean
nmd_cpu_is_wide (const NmdShape *shape)
{
  return shape->n_dims == 4 && shape->dims[1] > 1 && shape->dims[2] * shape->dims[3] > 1;
}

/* Steps */

NmdCpuStep *
nmd_cpu_new_step (NmdCpuLower *self, const NmdCpuOp *op, int out)
{
  return nmd_cpu_add_step (self->p, op, out);
}

NmdCpuStep *
nmd_cpu_new_step_named (NmdCpuLower *self, const NmdCpuOp *op, const char *name, int out)
{
  NmdCpuStep *s = nmd_cpu_new_step (self, op, out);
  s->name = name;
  return s;
}

int
nmd_cpu_step_index (const NmdCpuLower *self)
{
  return (int)self->p->steps->len - 1;
}

void
nmd_cpu_need (NmdCpuStep *s, int step, gboolean barrier)
{
  if (step < 0)
    return;
  g_array_append_val (s->needs, step);
  if (barrier)
    g_array_append_val (s->barriers, step);
}

static void
need_handle (NmdCpuLower *self, NmdCpuStep *s, int handle)
{
  const int me = nmd_cpu_step_index (self);
  nmd_cpu_need (s, g_array_index (self->writer, int, handle), TRUE);
  g_array_append_val ((GArray *)self->readers->pdata[handle], me);
}

void
nmd_cpu_read_as (NmdCpuLower *self, NmdCpuStep *s, int v, gboolean whole)
{
  g_assert (s->n_in < NMD_STEP_INPUTS && v >= 0);
  s->whole[s->n_in] = whole;
  s->in_value[s->n_in++] = v;
  for (int i = v; i >= 0; i = nmd_cpu_value (self->p, i)->alias_of)
    {
      const GArray *w = nmd_cpu_value (self->p, i)->writers;
      for (guint j = 0; j < w->len; j++)
        nmd_cpu_need (s, g_array_index (w, int, j), whole);
      if (nmd_cpu_value (self->p, i)->handle >= 0)
        need_handle (self, s, nmd_cpu_value (self->p, i)->handle);
    }
}

/* Image i of the value for image i of the step. */
void
nmd_cpu_read_images (NmdCpuLower *self, NmdCpuStep *s, int v)
{
  nmd_cpu_read_as (
      self, s, v, s->op->kind != NMD_CPU_IMAGES || nmd_cpu_value (self->p, v)->n != s->n);
}

/* All of the value for any image. */
void
nmd_cpu_read_whole (NmdCpuLower *self, NmdCpuStep *s, int v)
{
  nmd_cpu_read_as (self, s, v, TRUE);
}

void
nmd_cpu_also_writes (NmdCpuLower *self, NmdCpuStep *s, int v)
{
  const int me = nmd_cpu_step_index (self);
  s->out_value[s->n_out++] = v;
  g_array_append_val (nmd_cpu_value (self->p, v)->writers, me);
}

/* Sums of each thread, @floats of them. */
int
nmd_cpu_sums_of (NmdCpuLower *self, NmdCpuStep *s, gsize floats)
{
  const int me = nmd_cpu_step_index (self),
            v = nmd_cpu_new_value (self, self->p->session->slots, 1, 1, (int)floats);
  nmd_cpu_value (self->p, v)->threads = TRUE;
  g_array_append_val (nmd_cpu_value (self->p, v)->writers, me);
  s->partial_value = v;
  return v;
}

/* The step that alone writes value @v, which is its first output and no part of another one; or
 * NULL. */
NmdCpuStep *
nmd_cpu_writer_of (const NmdCpuLower *self, int v)
{
  const NmdCpuValue *x = nmd_cpu_value (self->p, v);
  NmdCpuStep *writer = x->writers->len == 1
                           ? nmd_cpu_step (self->p, g_array_index (x->writers, int, 0))
                           : NULL;
  return writer && x->alias_of < 0 && writer->out_value[0] == v ? writer : NULL;
}

/* Threads that share an image divide the channels of @s, a depthwise convolution or a reduction,
 * as those of what it reads were divided by step @writer, if they were. */
void
nmd_cpu_share_channels (NmdCpuStep *s, const NmdCpuStep *writer)
{
  s->by_channels = TRUE;
  s->shares = writer && writer->by_channels && writer->c == s->c
                  ? writer->shares
                  : (s->c + NMD_CPU_SHARE - 1) / NMD_CPU_SHARE;
}

NmdAct
nmd_cpu_act_of (const NmdCpuLower *self, NmdNode node)
{
  const NmdAttributes *at = &nmd_cpu_info (self, node)->at;
  return (NmdAct){ at->activation, (float)at->value };
}

/* The node whose value a step for @node gives if an activation that alone reads it is
 * fused. */
NmdNode
nmd_cpu_with_act (NmdCpuLower *self, NmdNode node, NmdAct *act)
{
  const NmdNode user = nmd_patterns_get_only_activation (self->patterns, node);
  *act = NMD_NO_ACT;
  if (user == NMD_NODE_NONE)
    return node;
  *act = nmd_cpu_act_of (self, user);
  self->done[user] = TRUE;
  return user;
}
