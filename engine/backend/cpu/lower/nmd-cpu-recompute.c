/* SPDX-License-Identifier: Apache-2.0
 *
 * Values that are cheaper to compute again in the backward pass than to keep until then:
 * batch norm with its activation, gates, layer norm, GELU, and concatenations and single sums of
 * such.
 * What they are computed from is kept for other gradients anyway, and the copies of their
 * steps run, block by block, in the group of the step that reads them
 * (nmd-cpu-plan.c), so the value never leaves the cache. A batch norm that goes into
 * a concatenation is computed again forwards too, where the other part of it waits for
 * statistics.
 */
#include "engine/backend/cpu/lower/nmd-cpu-recompute.h"

#include "engine/backend/cpu/lower/nmd-cpu-layouts.h"
#include "engine/backend/cpu/ops/nmd-cpu-norms.h"

static int recomputed (NmdCpuLower *self, int v, gboolean dry);

/* Whether the store tensors behind @v are as they were when step @step was made. */
static gboolean
is_stable (const NmdCpuLower *self, int v, int step)
{
  for (int i = v; i >= 0; i = nmd_cpu_value (self->p, i)->alias_of)
    if (nmd_cpu_value (self->p, i)->handle >= 0
        && g_array_index (self->writer, int, nmd_cpu_value (self->p, i)->handle) > step)
      return FALSE;
  return TRUE;
}

/* Whether all that @s, a sum, reads is computed again. A chain of residual sums would be computed from its
 * beginning each time: no sum within a sum. */
static gboolean
can_recompute_sum (NmdCpuLower *self, const NmdCpuStep *s)
{
  gboolean can = !self->in_sum;
  self->in_sum = TRUE;
  for (int i = 0; can && i < s->n_in; i++)
    can = recomputed (self, s->in_value[i], TRUE) >= 0;
  self->in_sum = FALSE;
  return can;
}

static gboolean
can_recompute (NmdCpuLower *self, int step)
{
  const NmdCpuStep *s = nmd_cpu_step (self->p, step);
  if (s->op->recompute == NMD_CPU_KEEP || s->n_out != 1)
    return FALSE;
  for (int i = 0; i < s->n_in; i++)
    if (!is_stable (self, s->in_value[i], step))
      return FALSE;
  switch (s->op->recompute)
    {
    case NMD_CPU_RECOMPUTE_IF_COSTLY_ACT:
      return nmd_activation_needs_x ((NmdActivation)s->act.kind);
    case NMD_CPU_RECOMPUTE_WITH_INPUT:
      return recomputed (self, s->in_value[0], TRUE) >= 0;
    case NMD_CPU_RECOMPUTE_SUM:
      return can_recompute_sum (self, s);
    default:
      return TRUE;
    }
}

static void
recompute_step (NmdCpuLower *self, int step, int y)
{
  const NmdCpuStep old = *nmd_cpu_step (self->p, step);
  const gboolean was_in_sum = self->in_sum;
  int in[NMD_STEP_INPUTS];
  self->in_sum |= old.op->recompute == NMD_CPU_RECOMPUTE_SUM;
  for (int i = 0; i < old.n_in; i++)
    {
      const int v = old.whole[i] ? -1 : recomputed (self, old.in_value[i], FALSE);
      in[i] = v >= 0 ? v : old.in_value[i];
    }
  self->in_sum = was_in_sum;
  NmdCpuStep *s = nmd_cpu_new_step_named (self, old.op, old.name, y);
  s->late = TRUE;
  s->split = old.split;
  s->act = old.act;
  if (old.op->family == NMD_CPU_NORM)
    s->norm = old.norm;
  else
    s->elementwise = old.elementwise;
  for (int i = 0; i < old.n_in; i++)
    nmd_cpu_read_as (self, s, in[i], old.whole[i]);
}

/* The first channel of @part, which a step writes, in @root; -1 if it does not lie there.
 */
static int
place_in (const NmdCpuLower *self, int part, int root)
{
  int from = 0;
  for (; part != root; part = nmd_cpu_value (self->p, part)->parent)
    {
      if (part < 0)
        return -1;
      from += nmd_cpu_value (self->p, part)->from;
    }
  return from;
}

/* @v computed again, or -1 where it is not cheap; @dry: any number but -1 if it is. */
static int
recomputed (NmdCpuLower *self, int v, gboolean dry)
{
  const NmdCpuValue *me = nmd_cpu_value (self->p, v);
  const int known
      = GPOINTER_TO_INT (g_hash_table_lookup (self->recomputed, GINT_TO_POINTER (v + 1)));
  if (known)
    return known - 1;
  if (me->parent >= 0 && me->alias_of == me->parent)
    {
      const NmdCpuValue *up = nmd_cpu_value (self->p, me->parent);
      if (up->n != me->n || up->h != me->h || up->w != me->w)
        return -1;
      const int whole = recomputed (self, me->parent, dry);
      return whole < 0 || dry ? whole : nmd_cpu_slice_of (self, whole, me->from, me->c);
    }
  if (me->handle >= 0 || me->memory || me->threads || me->writers->len == 0)
    return -1;
  for (guint i = 0; i < me->writers->len; i++)
    {
      const int step = g_array_index (me->writers, int, i);
      if (!can_recompute (self, step)
          || place_in (self, nmd_cpu_step (self->p, step)->out_value[0], v) < 0)
        return -1;
    }
  if (dry)
    return 0;
  const int y = nmd_cpu_new_value (self, me->n, me->h, me->w, me->c);
  g_autoptr (GArray) writers = g_array_copy (nmd_cpu_value (self->p, v)->writers);
  for (guint i = 0; i < writers->len; i++)
    {
      const int step = g_array_index (writers, int, i);
      const int part = nmd_cpu_step (self->p, step)->out_value[0];
      if (part == v)
        {
          recompute_step (self, step, y);
          continue;
        }
      recompute_step (self, step,
                      nmd_cpu_part_of (self, y, place_in (self, part, v),
                                       nmd_cpu_value (self->p, part)->c));
      nmd_cpu_wrote_part (self, y);
    }
  g_hash_table_insert (self->recomputed, GINT_TO_POINTER (v + 1),
                       GINT_TO_POINTER (y + 1));
  return y;
}

gboolean
nmd_cpu_recompute_norm (NmdCpuLower *self, NmdNode node, int y, int from)
{
  const int v = nmd_cpu_as_rows (self, node);
  const NmdCpuStep *s = nmd_cpu_writer_of (self, v);
  const int step = s ? g_array_index (nmd_cpu_value (self->p, v)->writers, int, 0) : -1;
  if (!self->gradients || !s || s->op != &nmd_cpu_norm || self->p->is_output[node]
      || nmd_patterns_count_users (self->patterns, node) < 2
      || !can_recompute (self, step) || recomputed (self, s->in_value[0], TRUE) >= 0)
    return FALSE;
  recompute_step (self, step,
                  nmd_cpu_part_of (self, y, from, nmd_cpu_value (self->p, v)->c));
  nmd_cpu_wrote_part (self, y);
  return TRUE;
}

int
nmd_cpu_recomputed_rows (NmdCpuLower *self, NmdNode node)
{
  const int v = nmd_cpu_as_rows (self, node);
  if (self->p->is_output[node])
    return v;
  const int y = recomputed (self, v, FALSE);
  return y < 0 ? v : y;
}

int
nmd_cpu_recomputed_rows_unshared (NmdCpuLower *self, NmdNode node)
{
  g_hash_table_remove (self->recomputed,
                       GINT_TO_POINTER (nmd_cpu_as_rows (self, node) + 1));
  return nmd_cpu_recomputed_rows (self, node);
}
