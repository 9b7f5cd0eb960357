/* SPDX-License-Identifier: Apache-2.0
 *
 * Gives values their memory: one arena shared by values that do not live at the same time,
 * and the threads' scratch for values that live within one block of one group.
 */
#include "engine/backend/cpu/nmd-cpu-plan.h"

#include "engine/backend/cpu/nmd-cpu-bands.h"
#include "engine/backend/cpu/nmd-cpu-narrow.h"
#include "engine/backend/cpu/nmd-cpu-order.h"
#include "engine/backend/cpu/nmd-cpu-program.h"
#include "engine/nn/graph/nmd-liveness.h"

/* Lifetimes */

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

/* Memory */

/* Values with their lives, in the order of the values: places in the program for the arena,
 * in the group for the scratch. */
typedef struct
{
  GArray *lives;     /* of NmdLife */
  GPtrArray *values; /* NmdCpuValue, as many */
} Pieces;

static Pieces
pieces_new (void)
{
  return (Pieces){ g_array_new (FALSE, FALSE, sizeof (NmdLife)), g_ptr_array_new () };
}

static void
pieces_add (Pieces *self, NmdCpuValue *value, gsize size, int first, int last)
{
  const NmdLife life = { .size = size, .first = first, .last = last };
  g_array_append_val (self->lives, life);
  g_ptr_array_add (self->values, value);
}

static void
pieces_clear (Pieces *self)
{
  g_array_unref (self->lives);
  g_ptr_array_unref (self->values);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pieces, pieces_clear)

static NmdLife *
life_of (const Pieces *self, guint i)
{
  return &g_array_index (self->lives, NmdLife, i);
}

/* Gives each piece the lowest place free during its life. Returns the total. */
static gsize
pack (const Pieces *pieces)
{
  const gsize total = nmd_liveness_plan ((NmdLife *)(gpointer)pieces->lives->data,
                                         (int)pieces->lives->len);
  for (guint i = 0; i < pieces->values->len; i++)
    ((NmdCpuValue *)pieces->values->pdata[i])->offset = life_of (pieces, i)->offset;
  return total;
}

/* By life's begin, then larger ones first, then in order. */
static int
earlier_first (gconstpointer a, gconstpointer b, gpointer pieces)
{
  const NmdLife *p = life_of (pieces, *(const guint *)a),
                *q = life_of (pieces, *(const guint *)b);
  if (p->first != q->first)
    return p->first - q->first;
  if (p->size != q->size)
    return p->size < q->size ? 1 : -1;
  return *(const guint *)a < *(const guint *)b ? -1 : 1;
}

typedef struct
{
  gsize size, offset;
  int last;
} Place;

/* The place that @piece takes: the smallest free one that it fits, else the largest free
 * one, which grows, else a new one. */
static guint
take_place (GArray *places, const NmdLife *piece)
{
  guint best = places->len;
  for (guint i = 0; i < places->len; i++)
    {
      const Place *me = &g_array_index (places, Place, i),
                  *other = &g_array_index (places, Place, best);
      if (me->last >= piece->first)
        continue;
      if (best == places->len
          || (me->size >= piece->size
                  ? other->size < piece->size || me->size < other->size
                  : other->size < me->size))
        best = i;
    }
  if (best == places->len)
    g_array_set_size (places, best + 1);
  Place *place = &g_array_index (places, Place, best);
  place->size = MAX (place->size, piece->size);
  place->last = piece->last;
  return best;
}

/* As pack(), for images that two threads share: pieces that follow each other in a place
 * have their middles in common, so that a thread writes its half of an image where it had
 * its halves before and not into the other's cache. */
static gsize
pack_halves (Pieces *pieces)
{
  const guint n = pieces->lives->len;
  g_autoptr (GArray) places = g_array_new (FALSE, TRUE, sizeof (Place));
  g_autofree guint *at = g_new (guint, n + 1);
  g_autofree guint *order = g_new (guint, n + 1);
  gsize total = 0;
  for (guint i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (int)n, sizeof *order, earlier_first, pieces);
  for (guint i = 0; i < n; i++)
    at[order[i]] = take_place (places, life_of (pieces, order[i]));
  for (guint i = 0; i < places->len; i++)
    {
      g_array_index (places, Place, i).offset = total;
      total += g_array_index (places, Place, i).size;
    }
  for (guint i = 0; i < n; i++)
    {
      const Place *place = &g_array_index (places, Place, at[i]);
      const gsize slack = place->size - life_of (pieces, i)->size;
      ((NmdCpuValue *)pieces->values->pdata[i])->offset
          = place->offset + ((slack / 2) & ~(gsize)15);
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
            floats += nmd_cpu_image_floats (v);
        }
    }
  const int share = (group->n + p->session->slots - 1) / p->session->slots;
  group->block = (int)CLAMP (p->session->cache_bytes / (sizeof (float) * MAX (floats, 1)),
                             1, (gsize)MAX (share, 1));
}

/* Memory of the groups */

/* Lives for all of the runs that its first and last steps are in, whose steps work at the
 * same time, and for all that no thread waits in. */
static void
add_local (Pieces *pieces, const NmdCpuGroup *g, NmdCpuValue *v)
{
  int first = 0, last;
  while (g->end[first] <= v->first_step)
    first = g->end[first];
  last = first;
  while (g->end[last] <= v->last_step)
    last = g->end[last];
  last = g->end[last] - 1;
  while (g->waits && first > 0 && !g->waits[first])
    first--;
  while (g->waits && last + 1 < g->n_steps && !g->waits[last + 1])
    last++;
  pieces_add (pieces, v,
              NMD_CPU_ALIGN (v->band_rows > 0
                                 ? (gsize)v->band_rows * (gsize)v->w * (gsize)v->c
                                 : nmd_cpu_image_floats (v) * (gsize)g->block),
              first, last);
}

static void
plan_memory (NmdCpuProgram *p)
{
  g_auto (Pieces) arena = pieces_new ();
  for (guint g = 0; g < p->groups->len; g++)
    {
      choose_block (p, (int)g);
      nmd_cpu_find_runs (p, &g_array_index (p->groups, NmdCpuGroup, g));
      if (g_array_index (p->groups, NmdCpuGroup, g).n < p->session->slots)
        nmd_cpu_find_waits (p, &g_array_index (p->groups, NmdCpuGroup, g));
    }
  nmd_cpu_find_band_values (p);
  for (guint g = 0; g < p->groups->len; g++)
    {
      g_auto (Pieces) local = pieces_new ();
      const NmdCpuGroup *group = &g_array_index (p->groups, NmdCpuGroup, g);
      for (guint i = 0; i < p->values->len; i++)
        {
          NmdCpuValue *v = nmd_cpu_value (p, (int)i);
          if (v->local && v->first == (int)g)
            add_local (&local, group, v);
        }
      p->scratch_floats
          = MAX (p->scratch_floats, group->waits ? pack_halves (&local) : pack (&local));
    }
  for (guint i = 0; i < p->values->len; i++)
    {
      NmdCpuValue *v = nmd_cpu_value (p, (int)i);
      const gsize each = v->threads ? NMD_CPU_ALIGN (nmd_cpu_image_floats (v))
                                    : nmd_cpu_image_floats (v);
      if (v->parent < 0 && !v->memory && !v->local && (v->last >= 0 || v->keep))
        pieces_add (&arena, v, NMD_CPU_ALIGN (each * (gsize)v->n), v->first, v->last);
    }
  p->arena_floats = pack (&arena);
  for (guint i = 0; i < p->steps->len; i++)
    p->work_floats = MAX (p->work_floats, NMD_CPU_ALIGN (nmd_cpu_step (p, (int)i)->work));
}

gboolean
nmd_cpu_plan (NmdCpuProgram *p, GError **error)
{
  const gsize slots = (gsize)p->session->slots;
  nmd_cpu_order (p);
  if (p->session->narrow)
    nmd_cpu_narrow (p);
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
