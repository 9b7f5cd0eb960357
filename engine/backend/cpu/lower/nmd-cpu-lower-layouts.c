/* SPDX-License-Identifier: Apache-2.0
 *
 * Layouts of values in the CPU backend, and the operations that are only form: reshapes,
 * concatenations, slices and shuffles, most of them without a step.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-private.h"

/* Layouts
 * ----------------------------------------------------------------------------------- */

int
copy_of (Lower *self, int v)
{
  const NmdCpuValue *me = value (self, v);
  const int y = new_value (self, me->n, me->h, me->w, me->c);
  NmdCpuStep *s = new_step (self, nmd_cpu_copy, NMD_CPU_IMAGES, "copy", y);
  s->split = TRUE;
  read_images (self, s, v);
  return y;
}

/* @v or, where it is a slice of several rows, a copy of it. */
int
without_gaps (Lower *self, int v)
{
  const NmdCpuValue *me = value (self, v);
  gboolean gaps = FALSE;
  for (int i = v;
       (gsize)me->n * (gsize)me->h * (gsize)me->w > 1 && value (self, i)->parent >= 0;
       i = value (self, i)->parent)
    {
      const NmdCpuValue *a = value (self, i), *b = value (self, a->parent);
      gaps |= a->n == b->n && a->h == b->h && a->w == b->w && a->c != b->c;
    }
  if (!gaps)
    return v;
  return copy_of (self, v);
}

/* The same memory, without gaps, in another geometry. */
int
regard_as (Lower *self, int of, int n, int h, int w, int c)
{
  of = without_gaps (self, of);
  const int v = new_value (self, n, h, w, c);
  value (self, v)->parent = of;
  value (self, v)->alias_of = of;
  value (self, v)->dense = TRUE;
  for (int i = of; i >= 0; i = value (self, i)->parent)
    value (self, i)->dense = TRUE;
  return v;
}

static int
convert (Lower *self, NmdNode node, gboolean to_rows)
{
  const NmdShape *shape = &info_of (self, node)->shape;
  const int from = self->p->node_value[node];
  int g[4];
  rows_geometry (shape, g);
  const int to = to_rows ? new_value (self, g[0], g[1], g[2], g[3])
                         : new_value (self, 1, 1, 1, (int)nmd_shape_count (shape));
  NmdCpuStep *s
      = new_step (self, to_rows ? nmd_cpu_to_rows : nmd_cpu_to_plain, NMD_CPU_IMAGES,
                  to_rows ? "to channels-last" : "to row-major", to);
  s->n = g[0];
  s->h = g[1];
  s->w = g[2];
  s->c = g[3];
  read_as (self, s, from, to_rows);
  if (to_rows)
    for (int i = from; i >= 0; i = value (self, i)->parent)
      value (self, i)->dense = TRUE;
  else
    value (self, to)->dense = TRUE;
  return to;
}

/* Its content may move while the program runs, so a converted copy does not last. */
static gboolean
is_updated (const Lower *self, NmdNode node)
{
  return self->handles[node] >= 0 && self->updated[self->handles[node]];
}

/* @node's value as images of rows. */
int
as_rows (Lower *self, NmdNode node)
{
  const int v = self->p->node_value[node];
  const NmdShape *shape = &info_of (self, node)->shape;
  int g[4];
  g_assert (v >= 0);
  rows_geometry (shape, g);
  if (has_geometry (value (self, v), g))
    return v;
  if (self->other[node] < 0 || is_updated (self, node))
    self->other[node] = is_wide (shape) ? convert (self, node, TRUE)
                                        : regard_as (self, v, g[0], g[1], g[2], g[3]);
  return self->other[node];
}

/* @node's value as one row-major vector. */
int
as_plain (Lower *self, NmdNode node)
{
  const int v = self->p->node_value[node];
  const NmdShape *shape = &info_of (self, node)->shape;
  g_assert (v >= 0);
  if (is_plain (value (self, v), shape))
    {
      for (int i = v; i >= 0; i = value (self, i)->parent)
        value (self, i)->dense = TRUE;
      return v;
    }
  if (self->other[node] < 0)
    self->other[node] = is_wide (shape)
                            ? convert (self, node, FALSE)
                            : regard_as (self, v, 1, 1, 1, (int)nmd_shape_count (shape));
  return self->other[node];
}

/* Form
 * -----------------------------------------------------------------------------------------
 */

/* @v, or a copy where it lies in a store tensor that the program overwrites: a node
 * without work of its own has the value of its place in the list. */
int
settled (Lower *self, int v)
{
  gboolean moves = FALSE;
  for (int i = v; i >= 0; i = value (self, i)->alias_of)
    moves |= value (self, i)->handle >= 0 && self->updated[value (self, i)->handle];
  return moves ? copy_of (self, v) : v;
}

static void
lower_reshape (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *from = &info_of (self, info->inputs[0])->shape;
  int a[4], b[4];
  rows_geometry (from, a);
  rows_geometry (&info->shape, b);
  if (!is_wide (from) && !is_wide (&info->shape) && !memcmp (a, b, sizeof a))
    self->p->node_value[node] = settled (self, as_rows (self, info->inputs[0]));
  else
    self->p->node_value[node]
        = regard_as (self, settled (self, as_plain (self, info->inputs[0])), 1, 1, 1,
                     (int)nmd_shape_count (from));
}

/* Channels @from … of @x without a copy. */
int
slice_of (Lower *self, int x, int from, int count)
{
  const NmdCpuValue *v = value (self, x);
  const int y = new_value (self, v->n, v->h, v->w, count);
  value (self, y)->parent = x;
  value (self, y)->from = from;
  value (self, y)->alias_of = x;
  return y;
}

/* Part @x of concatenation @y, whose first channel is @from, lies there from the start.
 */
static void
place_part (Lower *self, int y, int from, int x)
{
  NmdCpuValue *v = value (self, x);
  v->parent = y;
  v->from = from;
  value (self, y)->keep |= v->keep;
  for (guint j = 0; j < v->writers->len; j++)
    g_array_append_val (value (self, y)->writers, g_array_index (v->writers, int, j));
}

int
part_of (Lower *self, int y, int from, int count)
{
  const int part = slice_of (self, y, from, count);
  value (self, part)->alias_of = -1;
  return part;
}

void
wrote_part (Lower *self, int y)
{
  const int step = step_index (self);
  g_array_append_val (value (self, y)->writers, step);
}

static void
lower_concat (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int y = rows_value (self, &info->shape);
  for (int i = 0, from = 0; i < info->n_inputs; i++)
    {
      const int x = as_rows (self, info->inputs[i]), c = value (self, x)->c;
      const NmdCpuValue *v = value (self, x);
      if (v->parent >= 0 || v->memory || v->dense || v->threads)
        {
          NmdCpuStep *s = new_step (self, nmd_cpu_copy, NMD_CPU_IMAGES, "concatenation",
                                    part_of (self, y, from, c));
          s->split = TRUE;
          read_images (self, s, x);
          wrote_part (self, y);
        }
      else if (i + 1 == info->n_inputs || !repeat_norm (self, info->inputs[i], y, from))
        place_part (self, y, from, x);
      from += c;
    }
  self->p->node_value[node] = y;
}

static void
lower_slice (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int x = settled (self, as_rows (self, info->inputs[0]));
  self->p->node_value[node] = slice_of (self, x, info->at.from, info->at.count);
}

static void
lower_slice_grad (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int x = settled (self, as_rows (self, info->inputs[0]));
  if (info->at.count == info->shape.dims[1])
    {
      self->p->node_value[node] = x;
      return;
    }
  const int y = rows_value (self, &info->shape);
  NmdCpuStep *s
      = new_step (self, nmd_cpu_slice_grad, NMD_CPU_IMAGES, "slice, gradient", y);
  s->split = TRUE;
  s->mode = info->at.from;
  s->ci = info->at.count;
  read_images (self, s, x);
  self->p->node_value[node] = y;
}

static void
lower_shuffle (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int x = as_rows (self, info->inputs[0]);
  const int y = rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, nmd_cpu_shuffle, NMD_CPU_IMAGES, "shuffle", y);
  s->split = TRUE;
  s->groups = info->at.groups;
  read_images (self, s, x);
  self->p->node_value[node] = y;
}

gboolean
lower_form (Lower *self, NmdNode node)
{
  switch (info_of (self, node)->op)
    {
    case NMD_OP_RESHAPE:
      lower_reshape (self, node);
      return TRUE;
    case NMD_OP_CONCAT:
      lower_concat (self, node);
      return TRUE;
    case NMD_OP_SLICE:
      lower_slice (self, node);
      return TRUE;
    case NMD_OP_SLICE_GRAD:
      lower_slice_grad (self, node);
      return TRUE;
    case NMD_OP_SHUFFLE:
      lower_shuffle (self, node);
      return TRUE;
    default:
      return FALSE;
    }
}
