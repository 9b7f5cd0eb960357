/* SPDX-License-Identifier: Apache-2.0
 *
 * Values that are cheaper to compute again in the backward pass than to keep until then:
 * batch norm with its activation, gates, layer norm, GELU, and concatenations of such.
 * What they are computed from is kept for other gradients anyway, and the copies of their
 * steps run, block by block, in the group of the step that reads them
 * (nmd-cpu-plan.c), so the value never leaves the cache. A batch norm that goes into
 * a concatenation is computed again forwards too, where the other part of it waits for
 * statistics.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-private.h"

static int value_again (Lower *self, int v, gboolean dry);

static gboolean
is_cheap_step (const NmdCpuStep *s)
{
  return s->run == nmd_cpu_norm || s->run == nmd_cpu_multiply_channels
         || s->run == nmd_cpu_multiply_pixels || s->run == nmd_cpu_multiply_gates
         || s->run == nmd_cpu_layer_norm || s->run == nmd_cpu_copy
         || (s->run == nmd_cpu_act
             && nmd_activation_needs_x ((NmdActivation)s->act.kind));
}

/* Whether the store tensors behind @v are as they were when step @step was made. */
static gboolean
is_settled (const Lower *self, int v, int step)
{
  for (int i = v; i >= 0; i = value (self, i)->alias_of)
    if (value (self, i)->handle >= 0
        && g_array_index (self->writer, int, value (self, i)->handle) > step)
      return FALSE;
  return TRUE;
}

static gboolean
can_repeat (Lower *self, int step)
{
  const NmdCpuStep *s = nmd_cpu_step (self->p, step);
  if (!is_cheap_step (s) || s->n_out != 1 || s->kind != NMD_CPU_IMAGES)
    return FALSE;
  for (int i = 0; i < s->n_in; i++)
    if (!is_settled (self, s->in_value[i], step))
      return FALSE;
  /* a copy into a concatenation is worth repeating only if what it copies is */
  return s->run != nmd_cpu_copy || value_again (self, s->in_value[0], TRUE) >= 0;
}

static void
repeat (Lower *self, int step, int y)
{
  const NmdCpuStep old = *nmd_cpu_step (self->p, step);
  int in[NMD_STEP_INPUTS];
  for (int i = 0; i < old.n_in; i++)
    {
      const int v = old.whole[i] ? -1 : value_again (self, old.in_value[i], FALSE);
      in[i] = v >= 0 ? v : old.in_value[i];
    }
  NmdCpuStep *s = new_step (self, old.run, NMD_CPU_IMAGES, old.name, y);
  s->late = TRUE;
  s->split = old.split;
  s->act = old.act;
  s->epsilon = old.epsilon;
  s->mode = old.mode;
  s->value = old.value;
  for (int i = 0; i < old.n_in; i++)
    read_as (self, s, in[i], old.whole[i]);
}

/* The first channel of @part, which a step writes, in @root; -1 if it does not lie there.
 */
static int
place_in (const Lower *self, int part, int root)
{
  int from = 0;
  for (; part != root; part = value (self, part)->parent)
    {
      if (part < 0)
        return -1;
      from += value (self, part)->from;
    }
  return from;
}

/* @v computed again, or -1 where it is not cheap; @dry: any number but -1 if it is. */
static int
value_again (Lower *self, int v, gboolean dry)
{
  const NmdCpuValue *me = value (self, v);
  const int known
      = GPOINTER_TO_INT (g_hash_table_lookup (self->again, GINT_TO_POINTER (v + 1)));
  if (known)
    return known - 1;
  if (me->parent >= 0 && me->alias_of == me->parent)
    {
      const NmdCpuValue *up = value (self, me->parent);
      if (up->n != me->n || up->h != me->h || up->w != me->w)
        return -1;
      const int whole = value_again (self, me->parent, dry);
      return whole < 0 || dry ? whole : slice_of (self, whole, me->from, me->c);
    }
  if (me->handle >= 0 || me->memory || me->threads || me->writers->len == 0)
    return -1;
  for (guint i = 0; i < me->writers->len; i++)
    {
      const int step = g_array_index (me->writers, int, i);
      if (!can_repeat (self, step)
          || place_in (self, nmd_cpu_step (self->p, step)->out_value[0], v) < 0)
        return -1;
    }
  if (dry)
    return 0;
  const int y = new_value (self, me->n, me->h, me->w, me->c);
  g_autoptr (GArray) writers = g_array_copy (value (self, v)->writers);
  for (guint i = 0; i < writers->len; i++)
    {
      const int step = g_array_index (writers, int, i);
      const int part = nmd_cpu_step (self->p, step)->out_value[0];
      if (part == v)
        {
          repeat (self, step, y);
          continue;
        }
      repeat (self, step,
              part_of (self, y, place_in (self, part, v), value (self, part)->c));
      wrote_part (self, y);
    }
  g_hash_table_insert (self->again, GINT_TO_POINTER (v + 1), GINT_TO_POINTER (y + 1));
  return y;
}

gboolean
repeat_norm (Lower *self, NmdNode node, int y, int from)
{
  const int v = as_rows (self, node);
  const NmdCpuStep *s = writer_of (self, v);
  const int step = s ? g_array_index (value (self, v)->writers, int, 0) : -1;
  if (!self->gradients || !s || s->run != nmd_cpu_norm || self->p->is_output[node]
      || self->users[node]->len < 2 || !can_repeat (self, step)
      || value_again (self, s->in_value[0], TRUE) >= 0)
    return FALSE;
  repeat (self, step, part_of (self, y, from, value (self, v)->c));
  wrote_part (self, y);
  return TRUE;
}

int
as_rows_again (Lower *self, NmdNode node)
{
  const int v = as_rows (self, node);
  if (self->p->is_output[node])
    return v;
  const int y = value_again (self, v, FALSE);
  return y < 0 ? v : y;
}

int
as_rows_afresh (Lower *self, NmdNode node)
{
  g_hash_table_remove (self->again, GINT_TO_POINTER (as_rows (self, node) + 1));
  return as_rows_again (self, node);
}
