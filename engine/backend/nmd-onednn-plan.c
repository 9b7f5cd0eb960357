/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts the steps into groups in an order that respects what each needs, and gives values
 * their memory: one arena shared by values that do not live at the same time, and the
 * threads' scratch for values that live within one block of one group.
 */
#include "engine/backend/nmd-onednn-private.h"

#include <stdlib.h>

/* Bytes that a block of images may take: within the second-level cache of common
 * processors. */
#define BLOCK_BYTES (1 << 20)
#define ALIGN(floats) (((floats) + 15) & ~(gsize)15)

int
nmd_cpu_root (const NmdCpuProgram *self, int v, int *from)
{
  *from = 0;
  for (; nmd_cpu_value (self, v)->parent >= 0; v = nmd_cpu_value (self, v)->parent)
    *from += nmd_cpu_value (self, v)->from;
  return v;
}

/* Order
 * --------------------------------------------------------------------------------------
 */

typedef struct
{
  NmdCpuProgram *p;
  int *group; /* by step, −1 not yet */
  int left;
} Order;

static gboolean
all_in (const Order *self, const GArray *needs, int before)
{
  for (guint i = 0; i < needs->len; i++)
    {
      const int g = self->group[g_array_index (needs, int, i)];
      if (g < 0 || g >= before)
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
    return all_in (self, s->needs, g + 1);
  return all_in (self, s->walls, g)
         && all_in (self, s->needs, kind == NMD_CPU_FLAT ? g : g + 1);
}

/* Makes a group of all steps of @kind that can run now; FALSE if none can. */
static gboolean
add_group (Order *self, NmdCpuKind kind, gboolean update)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (int));
  const int g = (int)self->p->groups->len;
  NmdCpuGroup group = { .kind = kind, .n = -1, .block = 1 };
  gboolean heavy = FALSE;
  for (int i = 0; i < (int)self->p->steps->len; i++)
    {
      NmdCpuStep *s = nmd_cpu_step (self->p, i);
      if (self->group[i] >= 0 || s->kind != kind || s->update != update
          || (kind == NMD_CPU_IMAGES && group.n >= 0
              && (s->n != group.n || s->heavy != heavy))
          || !fits (self, i, g, kind))
        continue;
      group.n = s->n;
      heavy = s->heavy;
      self->group[i] = s->group = g;
      g_array_append_val (steps, i);
      self->left--;
    }
  group.n_steps = (int)steps->len;
  group.steps = (int *)(gpointer)g_array_free (steps, group.n_steps == 0);
  if (group.n_steps == 0)
    return FALSE;
  g_array_append_val (self->p->groups, group);
  return TRUE;
}

static void
order_steps (NmdCpuProgram *p)
{
  Order self
      = { .p = p, .group = g_new (int, p->steps->len + 1), .left = (int)p->steps->len };
  for (guint i = 0; i < p->steps->len; i++)
    self.group[i] = -1;
  while (self.left > 0)
    {
      const gboolean more = add_group (&self, NMD_CPU_ONCE, FALSE)
                            || add_group (&self, NMD_CPU_FLAT, FALSE)
                            || add_group (&self, NMD_CPU_IMAGES, FALSE)
                            || add_group (&self, NMD_CPU_FLAT, TRUE);
      g_assert (more);
    }
  g_free (self.group);
}

/* Lifetimes
 * ------------------------------------------------------------------------------------ */

static void
touch (NmdCpuProgram *p, int v, int group, int place, gboolean spread)
{
  int from;
  const NmdCpuValue *value = nmd_cpu_value (p, v);
  NmdCpuValue *root = nmd_cpu_value (p, nmd_cpu_root (p, v, &from));
  const NmdCpuGroup *g = &g_array_index (p->groups, NmdCpuGroup, group);
  if (root->last < 0 || root->first == G_MAXINT)
    {
      root->first_step = place;
      root->last_step = place;
    }
  root->spread |= spread || value->n != root->n || root->n != g->n
                  || g->kind != NMD_CPU_IMAGES || root->threads;
  root->first = MIN (root->first, group);
  root->last = MAX (root->last, group);
  root->first_step = MIN (root->first_step, place);
  root->last_step = MAX (root->last_step, place);
}

static void
find_lifetimes (NmdCpuProgram *p)
{
  for (guint g = 0; g < p->groups->len; g++)
    {
      const NmdCpuGroup *group = &g_array_index (p->groups, NmdCpuGroup, g);
      for (int k = 0; k < group->n_steps; k++)
        {
          const NmdCpuStep *s = nmd_cpu_step (p, group->steps[k]);
          for (int i = 0; i < s->n_in; i++)
            touch (p, s->in_value[i], (int)g, k,
                   s->whole[i] && !(s->n == 1 && group->kind == NMD_CPU_IMAGES));
          for (int i = 0; i < s->n_out; i++)
            touch (p, s->out_value[i], (int)g, k, FALSE);
          if (s->partial_value >= 0)
            touch (p, s->partial_value, (int)g, k, TRUE);
        }
    }
  for (guint i = 0; i < p->values->len; i++)
    {
      NmdCpuValue *v = nmd_cpu_value (p, (int)i);
      int from;
      if (v->keep || v->always)
        {
          NmdCpuValue *root = nmd_cpu_value (p, nmd_cpu_root (p, (int)i, &from));
          root->keep |= v->keep;
          root->always |= v->always;
        }
    }
  for (guint i = 0; i < p->values->len; i++)
    {
      NmdCpuValue *v = nmd_cpu_value (p, (int)i);
      if (v->always)
        v->first = -1;
      if ((v->keep || v->always) && v->parent < 0)
        v->last = G_MAXINT;
      v->local = v->parent < 0 && !v->memory && !v->spread && v->first == v->last
                 && v->last >= 0;
    }
}

/* Memory
 * ---------------------------------------------------------------------------------------
 */

static gsize
image_floats (const NmdCpuValue *v)
{
  return (gsize)v->h * (gsize)v->w * (gsize)v->c;
}

typedef struct
{
  gsize size, offset;
  int first, last;
  NmdCpuValue *value;
} Piece;

static int
larger_first (gconstpointer a, gconstpointer b)
{
  const Piece *p = a, *q = b;
  return p->size != q->size ? (p->size < q->size ? 1 : -1) : p->first - q->first;
}

static int
lower_first (gconstpointer a, gconstpointer b)
{
  const Piece *p = *(Piece *const *)a, *q = *(Piece *const *)b;
  return p->offset < q->offset ? -1 : p->offset > q->offset;
}

/* Gives each piece the lowest place free during its life, larger ones first. Returns the
 * total. */
static gsize
pack (GArray *pieces)
{
  gsize total = 0;
  g_autofree Piece **placed = g_new (Piece *, pieces->len + 1);
  g_array_sort (pieces, larger_first);
  for (guint i = 0; i < pieces->len; i++)
    {
      Piece *me = &g_array_index (pieces, Piece, i);
      guint n = 0;
      for (guint j = 0; j < i; j++)
        {
          Piece *other = &g_array_index (pieces, Piece, j);
          if (other->first <= me->last && me->first <= other->last)
            placed[n++] = other;
        }
      qsort (placed, n, sizeof *placed, lower_first);
      gsize at = 0;
      for (guint j = 0; j < n; j++)
        {
          if (placed[j]->offset >= at + me->size)
            break;
          at = MAX (at, placed[j]->offset + placed[j]->size);
        }
      me->offset = me->value->offset = at;
      total = MAX (total, at + me->size);
    }
  return total;
}

/* How many images a block of group @g takes: as many as its values fit the cache with. */
static void
choose_block (NmdCpuProgram *p, int g)
{
  NmdCpuGroup *group = &g_array_index (p->groups, NmdCpuGroup, g);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  gsize floats = 0;
  int from;
  if (group->kind != NMD_CPU_IMAGES)
    return;
  for (int k = 0; k < group->n_steps; k++)
    {
      const NmdCpuStep *s = nmd_cpu_step (p, group->steps[k]);
      for (int i = 0; i < s->n_in + s->n_out; i++)
        {
          NmdCpuValue *v = nmd_cpu_value (
              p, nmd_cpu_root (
                     p, i < s->n_in ? s->in_value[i] : s->out_value[i - s->n_in], &from));
          if (v->n == group->n && g_hash_table_add (seen, v))
            floats += image_floats (v);
        }
    }
  const int share = (group->n + p->session->slots - 1) / p->session->slots;
  group->block = (int)CLAMP (BLOCK_BYTES / (sizeof (float) * MAX (floats, 1)), 1,
                             (gsize)MAX (share, 1));
}

static void
plan_memory (NmdCpuProgram *p)
{
  g_autoptr (GArray) arena = g_array_new (FALSE, FALSE, sizeof (Piece));
  for (guint g = 0; g < p->groups->len; g++)
    choose_block (p, (int)g);
  for (guint g = 0; g < p->groups->len; g++)
    {
      g_autoptr (GArray) local = g_array_new (FALSE, FALSE, sizeof (Piece));
      const int block = g_array_index (p->groups, NmdCpuGroup, g).block;
      for (guint i = 0; i < p->values->len; i++)
        {
          NmdCpuValue *v = nmd_cpu_value (p, (int)i);
          const Piece piece = { .size = ALIGN (image_floats (v) * (gsize)block),
                                .first = v->first_step,
                                .last = v->last_step,
                                .value = v };
          if (v->local && v->first == (int)g)
            g_array_append_val (local, piece);
        }
      p->scratch_floats = MAX (p->scratch_floats, pack (local));
    }
  for (guint i = 0; i < p->values->len; i++)
    {
      NmdCpuValue *v = nmd_cpu_value (p, (int)i);
      const gsize each = v->threads ? ALIGN (image_floats (v)) : image_floats (v);
      const Piece piece = {
        .size = ALIGN (each * (gsize)v->n), .first = v->first, .last = v->last, .value = v
      };
      if (v->parent < 0 && !v->memory && !v->local && (v->last >= 0 || v->keep))
        g_array_append_val (arena, piece);
    }
  p->arena_floats = pack (arena);
  for (guint i = 0; i < p->steps->len; i++)
    p->work_floats = MAX (p->work_floats, ALIGN (nmd_cpu_step (p, (int)i)->work));
}

NmdCpuView
nmd_cpu_view (const NmdCpuProgram *p, int v)
{
  int from;
  const NmdCpuValue *me = nmd_cpu_value (p, v),
                    *root = nmd_cpu_value (p, nmd_cpu_root (p, v, &from));
  NmdCpuView view = { .ld = me->c };
  /* Slices have the row stride of the widest value that they are cut from; one regarded
   * in another geometry begins anew, without gaps (lowering saw to it). */
  for (const NmdCpuValue *i = me; i->parent >= 0; i = nmd_cpu_value (p, i->parent))
    {
      const NmdCpuValue *up = nmd_cpu_value (p, i->parent);
      if (up->n != me->n || up->h != me->h || up->w != me->w)
        break;
      view.ld = up->c;
    }
  view.image
      = root->threads ? (long)ALIGN (image_floats (root)) : (long)me->h * me->w * view.ld;
  if (root->local)
    view.local = root->offset + (gsize)from;
  else
    view.base = (root->memory ? root->memory : p->arena + root->offset) + from;
  return view;
}

gboolean
nmd_cpu_plan (NmdCpuProgram *p, GError **error)
{
  const gsize slots = (gsize)p->session->slots;
  order_steps (p);
  find_lifetimes (p);
  plan_memory (p);
  p->arena = nmd_cpu_alloc (p->arena_floats + 16, FALSE);
  p->scratch = nmd_cpu_alloc ((p->scratch_floats + p->work_floats + 16) * slots, FALSE);
  if (!p->arena || !p->scratch)
    {
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_MEMORY,
          "The program needs %.1f GB of memory, which is not there",
          4e-9
              * (double)(p->arena_floats + (p->scratch_floats + p->work_floats) * slots));
      return FALSE;
    }
  for (guint i = 0; i < p->steps->len; i++)
    {
      NmdCpuStep *s = nmd_cpu_step (p, (int)i);
      for (int j = 0; j < s->n_in; j++)
        s->in[j] = nmd_cpu_view (p, s->in_value[j]);
      for (int j = 0; j < s->n_out; j++)
        s->out[j] = nmd_cpu_view (p, s->out_value[j]);
      if (s->partial_value >= 0)
        s->partial = nmd_cpu_view (p, s->partial_value);
    }
  return TRUE;
}
