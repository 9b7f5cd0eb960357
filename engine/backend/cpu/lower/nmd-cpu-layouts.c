/* SPDX-License-Identifier: Apache-2.0
 *
 * Layouts of values: a node's value as rows of channels or as one row-major vector, views of
 * the same memory, copies where there is no view.
 */
#include "engine/backend/cpu/lower/nmd-cpu-layouts.h"

#include "engine/backend/cpu/ops/nmd-cpu-elementwise.h"

/* Layouts */

int
nmd_cpu_copy_of (NmdCpuLower *self, int v)
{
  const NmdCpuValue *me = nmd_cpu_value (self->p, v);
  const int y = nmd_cpu_new_value (self, me->n, me->h, me->w, me->c);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_copy, y);
  s->split = TRUE;
  nmd_cpu_read_images (self, s, v);
  return y;
}

/* @v or, where it is a slice of several rows, a copy of it. */
int
nmd_cpu_without_gaps (NmdCpuLower *self, int v)
{
  const NmdCpuValue *me = nmd_cpu_value (self->p, v);
  gboolean gaps = FALSE;
  for (int i = v; (gsize)me->n * (gsize)me->h * (gsize)me->w > 1
                  && nmd_cpu_value (self->p, i)->parent >= 0;
       i = nmd_cpu_value (self->p, i)->parent)
    {
      const NmdCpuValue *a = nmd_cpu_value (self->p, i),
                        *b = nmd_cpu_value (self->p, a->parent);
      gaps |= a->n == b->n && a->h == b->h && a->w == b->w && a->c != b->c;
    }
  if (!gaps)
    return v;
  return nmd_cpu_copy_of (self, v);
}

/* The same memory, without gaps, in another geometry. */
int
nmd_cpu_reshaped_view (NmdCpuLower *self, int of, int n, int h, int w, int c)
{
  of = nmd_cpu_without_gaps (self, of);
  const int v = nmd_cpu_new_value (self, n, h, w, c);
  nmd_cpu_value (self->p, v)->parent = of;
  nmd_cpu_value (self->p, v)->alias_of = of;
  nmd_cpu_value (self->p, v)->dense = TRUE;
  for (int i = of; i >= 0; i = nmd_cpu_value (self->p, i)->parent)
    nmd_cpu_value (self->p, i)->dense = TRUE;
  return v;
}

static int
convert (NmdCpuLower *self, NmdNode node, gboolean to_rows)
{
  const NmdShape *shape = &nmd_cpu_info (self, node)->shape;
  const int from = self->p->node_value[node];
  int g[4];
  nmd_cpu_rows_geometry (shape, g);
  const int to = to_rows
                     ? nmd_cpu_new_value (self, g[0], g[1], g[2], g[3])
                     : nmd_cpu_new_value (self, 1, 1, 1, (int)nmd_shape_count (shape));
  NmdCpuStep *s
      = nmd_cpu_new_step (self, to_rows ? &nmd_cpu_to_rows : &nmd_cpu_to_plain, to);
  s->n = g[0];
  s->h = g[1];
  s->w = g[2];
  s->c = g[3];
  nmd_cpu_read_as (self, s, from, to_rows);
  if (to_rows)
    for (int i = from; i >= 0; i = nmd_cpu_value (self->p, i)->parent)
      nmd_cpu_value (self->p, i)->dense = TRUE;
  else
    nmd_cpu_value (self->p, to)->dense = TRUE;
  return to;
}

/* @node's value as images of rows. */
int
nmd_cpu_as_rows (NmdCpuLower *self, NmdNode node)
{
  const int v = self->p->node_value[node];
  const NmdShape *shape = &nmd_cpu_info (self, node)->shape;
  int g[4];
  g_assert (v >= 0);
  nmd_cpu_rows_geometry (shape, g);
  if (nmd_cpu_has_geometry (nmd_cpu_value (self->p, v), g))
    return v;
  /* what is overwritten while the program runs is converted anew */
  if (self->other[node] < 0 || nmd_patterns_is_overwritten (self->patterns, node))
    self->other[node] = nmd_cpu_is_wide (shape)
                            ? convert (self, node, TRUE)
                            : nmd_cpu_reshaped_view (self, v, g[0], g[1], g[2], g[3]);
  return self->other[node];
}

/* @node's value as one row-major vector. */
int
nmd_cpu_as_plain (NmdCpuLower *self, NmdNode node)
{
  const int v = self->p->node_value[node];
  const NmdShape *shape = &nmd_cpu_info (self, node)->shape;
  g_assert (v >= 0);
  if (nmd_cpu_is_plain (nmd_cpu_value (self->p, v), shape))
    {
      for (int i = v; i >= 0; i = nmd_cpu_value (self->p, i)->parent)
        nmd_cpu_value (self->p, i)->dense = TRUE;
      return v;
    }
  if (self->other[node] < 0)
    self->other[node]
        = nmd_cpu_is_wide (shape)
              ? convert (self, node, FALSE)
              : nmd_cpu_reshaped_view (self, v, 1, 1, 1, (int)nmd_shape_count (shape));
  return self->other[node];
}

/* @v, or a copy where it lies in a store tensor that the program overwrites: a node
 * without work of its own has the value of its place in the list. */
int
nmd_cpu_stable (NmdCpuLower *self, int v)
{
  gboolean moves = FALSE;
  for (int i = v; i >= 0; i = nmd_cpu_value (self->p, i)->alias_of)
    moves |= nmd_patterns_overwrites (self->patterns, nmd_cpu_value (self->p, i)->handle);
  return moves ? nmd_cpu_copy_of (self, v) : v;
}

/* Channels @from … of @x without a copy. */
int
nmd_cpu_slice_of (NmdCpuLower *self, int x, int from, int count)
{
  const NmdCpuValue *v = nmd_cpu_value (self->p, x);
  const int y = nmd_cpu_new_value (self, v->n, v->h, v->w, count);
  nmd_cpu_value (self->p, y)->parent = x;
  nmd_cpu_value (self->p, y)->from = from;
  nmd_cpu_value (self->p, y)->alias_of = x;
  return y;
}

int
nmd_cpu_part_of (NmdCpuLower *self, int y, int from, int count)
{
  const int part = nmd_cpu_slice_of (self, y, from, count);
  nmd_cpu_value (self->p, part)->alias_of = -1;
  return part;
}

void
nmd_cpu_wrote_part (NmdCpuLower *self, int y)
{
  const int step = nmd_cpu_step_index (self);
  g_array_append_val (nmd_cpu_value (self->p, y)->writers, step);
}

int
nmd_cpu_summand (NmdCpuLower *self, NmdNode node, NmdNode *result)
{
  const NmdNode user = nmd_patterns_get_only_user (self->patterns, node);
  *result = node;
  if (user == NMD_NODE_NONE || nmd_cpu_info (self, user)->op != NMD_OP_ADD)
    return -1;
  const NmdNode *in = nmd_cpu_info (self, user)->inputs,
                other = in[0] == node ? in[1] : in[0];
  if (other >= node || self->p->node_value[other] < 0)
    return -1;
  *result = user;
  self->done[user] = TRUE;
  return nmd_cpu_as_rows (self, other);
}
