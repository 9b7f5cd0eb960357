/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts the steps into groups, in an order that respects what each needs.
 */
#include "engine/backend/cpu/nmd-cpu-order.h"

typedef struct
{
  NmdCpuProgram *p;
  int *group; /* by step, −1 not yet */
  int left;
} Order;

/* Whether @needs are in groups before @before. Late steps among them may be missing where
 * @late can still come. */
static gboolean
all_in (const Order *self, const GArray *needs, int before, gboolean late)
{
  for (guint i = 0; i < needs->len; i++)
    {
      const int j = g_array_index (needs, int, i), g = self->group[j];
      if (g >= before || (g < 0 && !(late && nmd_cpu_step (self->p, j)->late)))
        return FALSE;
    }
  return TRUE;
}

/* Whether the late steps that step @i needs may come into group @g of @n images too. */
static gboolean
late_fit (const Order *self, const NmdCpuStep *s, int g)
{
  for (guint i = 0; i < s->needs->len; i++)
    {
      const int j = g_array_index (s->needs, int, i);
      const NmdCpuStep *late = nmd_cpu_step (self->p, j);
      if (self->group[j] < 0
          && (late->n != s->n || !all_in (self, late->barriers, g, FALSE)
              || !all_in (self, late->needs, g + 1, TRUE) || !late_fit (self, late, g)))
        return FALSE;
    }
  return TRUE;
}

/* Whether step @i may run in group @g, whose earlier steps are in place. */
static gboolean
fits (const Order *self, int i, int g, NmdCpuKind kind)
{
  const NmdCpuStep *s = nmd_cpu_step (self->p, i);
  if (kind == NMD_CPU_ONCE)
    return all_in (self, s->needs, g + 1, FALSE);
  return all_in (self, s->barriers, g, FALSE)
         && all_in (self, s->needs, kind == NMD_CPU_FLAT ? g : g + 1,
                    kind == NMD_CPU_IMAGES)
         && late_fit (self, s, g);
}

/* Puts step @i into group @g, after the late steps that it needs. */
static void
put_step (Order *self, int i, int g, GArray *steps)
{
  NmdCpuStep *s = nmd_cpu_step (self->p, i);
  for (guint k = 0; k < s->needs->len; k++)
    if (self->group[g_array_index (s->needs, int, k)] < 0)
      put_step (self, g_array_index (s->needs, int, k), g, steps);
  self->group[i] = s->group = g;
  g_array_append_val (steps, i);
  self->left--;
}

/* Makes a group of all steps of @kind that can run now, late ones only if @late; FALSE if
 * none can. */
static gboolean
add_group (Order *self, NmdCpuKind kind, gboolean update, gboolean late)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (int));
  const int g = (int)self->p->groups->len;
  NmdCpuGroup group = { .kind = kind, .n = -1, .block = 1 };
  gboolean heavy = FALSE;
  for (int i = 0; i < (int)self->p->steps->len; i++)
    {
      NmdCpuStep *s = nmd_cpu_step (self->p, i);
      if (self->group[i] >= 0 || s->op->kind != kind || (s->op->overwrites != 0) != update
          || s->late != late
          || (kind == NMD_CPU_IMAGES && group.n >= 0
              && (s->n != group.n || s->heavy != heavy))
          || !fits (self, i, g, kind))
        continue;
      group.n = s->n;
      heavy = s->heavy;
      put_step (self, i, g, steps);
    }
  group.n_steps = (int)steps->len;
  group.steps = (int *)(gpointer)g_array_free (steps, group.n_steps == 0);
  if (group.n_steps == 0)
    return FALSE;
  g_array_append_val (self->p->groups, group);
  return TRUE;
}

void
nmd_cpu_order (NmdCpuProgram *p)
{
  Order self
      = { .p = p, .group = g_new (int, p->steps->len + 1), .left = (int)p->steps->len };
  for (guint i = 0; i < p->steps->len; i++)
    self.group[i] = -1;
  while (self.left > 0)
    {
      const gboolean more = add_group (&self, NMD_CPU_ONCE, FALSE, FALSE)
                            || add_group (&self, NMD_CPU_FLAT, FALSE, FALSE)
                            || add_group (&self, NMD_CPU_IMAGES, FALSE, FALSE)
                            || add_group (&self, NMD_CPU_FLAT, TRUE, FALSE)
                            || add_group (&self, NMD_CPU_IMAGES, FALSE, TRUE);
      g_assert (more);
    }
  g_free (self.group);
}
