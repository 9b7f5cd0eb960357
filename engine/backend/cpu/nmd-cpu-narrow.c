/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes values that more than one group touches apart: in each group a value of its own stands for
 * it, which is therefore local to the group; where it is written a step rounds it to bfloat16,
 * and before it is first read in a later group another one takes it back. Which values have
 * memory in the end is nmd-cpu-plan.c's business.
 */
#include "engine/backend/cpu/nmd-cpu-narrow.h"

#include "engine/backend/cpu/nmd-cpu-program.h"
#include "engine/backend/cpu/ops/nmd-cpu-elementwise.h"

/* Smaller images are not worth two steps. */
#define LEAST_FLOATS 256

/* A place where a step names a value of the family. */
typedef struct
{
  int group, place; /* of the step */
  int slot;         /* of in_value or out_value */
  gboolean writes;
  int value;
} Use;

/* The values that lie in the memory of one. */
typedef struct
{
  GArray *uses; /* of Use, in the program's order */
  gboolean bad; /* cannot be narrowed */
} Family;

/* What one step, or several of one group, write: a root or channels of it. */
typedef struct
{
  int value;
  int group, place; /* of the last one that does */
  int narrow;       /* its value as bfloat16, or −1 */
} Piece;

/* A step to be put into a group, before or after the step at @place. */
typedef struct
{
  int place;
  gboolean after;
  int step;
} Insertion;

typedef struct
{
  NmdCpuProgram *p;
  gboolean copies;     /* float32 after all */
  Family *families;    /* by root */
  GPtrArray *inserted; /* by group: GArray of Insertion */
} Narrow;

/* Families */

static Family *
family_of (const Narrow *self, int v)
{
  int from;
  return &self->families[nmd_cpu_root (self->p, v, &from)];
}

/* Whether step @s of @group may name narrowed value @v for its own images. */
static gboolean
is_by_image (const Narrow *self, const NmdCpuGroup *group, int v, gboolean whole)
{
  int from;
  const NmdCpuValue *value = nmd_cpu_value (self->p, v),
                    *root = nmd_cpu_value (self->p, nmd_cpu_root (self->p, v, &from));
  return group->kind == NMD_CPU_IMAGES && group->n >= self->p->session->slots && !whole
         && value->n == group->n && value->n == root->n && value->h == root->h
         && value->w == root->w;
}

static void
add_use (Narrow *self, int g, int place, int slot, gboolean writes, int v, gboolean whole)
{
  const NmdCpuGroup *group = &g_array_index (self->p->groups, NmdCpuGroup, g);
  const Use use = { g, place, slot, writes, v };
  Family *family = family_of (self, v);
  if (family->uses == NULL)
    family->uses = g_array_new (FALSE, FALSE, sizeof (Use));
  g_array_append_val (family->uses, use);
  family->bad |= !is_by_image (self, group, v, whole);
}

static void
find_uses (Narrow *self)
{
  NmdCpuProgram *p = self->p;
  for (int g = 0; g < (int)p->groups->len; g++)
    {
      const NmdCpuGroup *group = &g_array_index (p->groups, NmdCpuGroup, g);
      for (int k = 0; k < group->n_steps; k++)
        {
          const NmdCpuStep *s = nmd_cpu_step (p, group->steps[k]);
          for (int i = 0; i < s->n_in; i++)
            add_use (self, g, k, i, FALSE, s->in_value[i], s->whole[i]);
          for (int i = 0; i < s->n_out; i++)
            add_use (self, g, k, i, TRUE, s->out_value[i], FALSE);
          if (s->partial_value >= 0)
            family_of (self, s->partial_value)->bad = TRUE;
        }
    }
  for (int v = 0; v < (int)p->values->len; v++)
    {
      const NmdCpuValue *value = nmd_cpu_value (p, v);
      family_of (self, v)->bad
          |= value->memory || value->keep || value->always || value->threads;
    }
}

static const Use *
use_of (const Family *family, guint i)
{
  return &g_array_index (family->uses, Use, i);
}

static Piece *
find_piece (const GArray *pieces, int value)
{
  for (guint i = 0; i < pieces->len; i++)
    if (g_array_index (pieces, Piece, i).value == value)
      return &g_array_index (pieces, Piece, i);
  return NULL;
}

/* Whether the channels of two values of a family meet. */
static gboolean
overlap (const NmdCpuProgram *p, int a, int b)
{
  int from_a, from_b;
  (void)nmd_cpu_root (p, a, &from_a);
  (void)nmd_cpu_root (p, b, &from_b);
  return from_a < from_b + nmd_cpu_value (p, b)->c
         && from_b < from_a + nmd_cpu_value (p, a)->c;
}

/* The pieces of @family, or NULL where one is written in two groups, or two meet. */
static GArray *
list_pieces (const NmdCpuProgram *p, const Family *family)
{
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  for (guint i = 0; i < family->uses->len; i++)
    {
      const Use *use = use_of (family, i);
      Piece *piece = use->writes ? find_piece (pieces, use->value) : NULL;
      const Piece made = { use->value, use->group, use->place, -1 };
      if (!use->writes)
        continue;
      if (piece != NULL && piece->group != use->group)
        return NULL;
      if (piece != NULL)
        {
          piece->place = use->place;
          continue;
        }
      for (guint k = 0; k < pieces->len; k++)
        if (overlap (p, g_array_index (pieces, Piece, k).value, use->value))
          return NULL;
      g_array_append_val (pieces, made);
    }
  return g_steal_pointer (&pieces);
}

/* Steps and values of their own */

static void
insert (Narrow *self, int group, int place, gboolean after, int step)
{
  const Insertion insertion = { place, after, step };
  g_array_append_val ((GArray *)self->inserted->pdata[group], insertion);
  nmd_cpu_step (self->p, step)->group = group;
}

/* The value that stands for @v in group @g, made where @clones (value → value) has none. */
static int
clone_of (Narrow *self, GHashTable *clones, int g, int v)
{
  NmdCpuProgram *p = self->p;
  const NmdCpuValue *old = nmd_cpu_value (p, v);
  gpointer found;
  int clone, parent = -1;
  if (g_hash_table_lookup_extended (clones, GINT_TO_POINTER (v), NULL, &found))
    return GPOINTER_TO_INT (found);
  if (old->parent >= 0)
    parent = clone_of (self, clones, g, old->parent);
  clone = nmd_cpu_add_value (p, old->n, old->h, old->w, old->c);
  NmdCpuValue *me = nmd_cpu_value (p, clone);
  me->parent = parent;
  me->from = old->from;
  me->dense = old->dense;
  /* those that write it in this group; what it is an alias of counts as well */
  for (int from = v; from >= 0; from = nmd_cpu_value (p, from)->alias_of)
    {
      const GArray *writers = nmd_cpu_value (p, from)->writers;
      for (guint i = 0; i < writers->len; i++)
        if (nmd_cpu_step (p, g_array_index (writers, int, i))->group == g)
          g_array_append_val (me->writers, g_array_index (writers, int, i));
    }
  g_hash_table_insert (clones, GINT_TO_POINTER (v), GINT_TO_POINTER (clone));
  return clone;
}

/* Rounds clone @v of a piece once it is written. */
static void
store_piece (Narrow *self, Piece *piece, int v)
{
  NmdCpuProgram *p = self->p;
  const NmdCpuValue *value = nmd_cpu_value (p, v);
  const int c = value->c;
  piece->narrow = nmd_cpu_add_value (p, value->n, value->h, value->w,
                                     self->copies ? c : (c + 1) / 2);
  NmdCpuStep *s = nmd_cpu_add_step (p, self->copies ? &nmd_cpu_copy : &nmd_cpu_to_bf16,
                                    piece->narrow);
  s->c = c;
  s->in_value[s->n_in++] = v;
  insert (self, piece->group, piece->place, TRUE, (int)p->steps->len - 1);
}

/* Takes @piece back into clone @v of it in group @g, before the step at @place. Returns: the step. */
static int
load_piece (Narrow *self, const Piece *piece, int v, int g, int place)
{
  NmdCpuProgram *p = self->p;
  NmdCpuStep *s
      = nmd_cpu_add_step (p, self->copies ? &nmd_cpu_copy : &nmd_cpu_from_bf16, v);
  s->in_value[s->n_in++] = piece->narrow;
  insert (self, g, place, FALSE, (int)p->steps->len - 1);
  return (int)p->steps->len - 1;
}

/* Whether all of the uses first … end − 1 that read of @piece read just that, and their steps can do so as it is
 * stored. */
static gboolean
is_read_directly (
    const Narrow *self, const Family *family, const Piece *piece, guint first, guint end)
{
  const NmdCpuProgram *p = self->p;
  const int g = use_of (family, first)->group;
  const NmdCpuGroup *group = &g_array_index (p->groups, NmdCpuGroup, g);
  gboolean found = FALSE;
  for (guint i = first; i < end && piece->group != g; i++)
    {
      const Use *use = use_of (family, i);
      if (use->writes || !overlap (p, piece->value, use->value))
        continue;
      const NmdCpuStep *s = nmd_cpu_step (p, group->steps[use->place]);
      if (use->value != piece->value || !(s->op->takes_bf16 >> use->slot & 1))
        return FALSE;
      found = TRUE;
    }
  return found;
}

/* The step of @use reads @piece as it is stored. */
static void
read_directly (Narrow *self, const Use *use, const Piece *piece)
{
  NmdCpuProgram *p = self->p;
  const NmdCpuGroup *group = &g_array_index (p->groups, NmdCpuGroup, use->group);
  NmdCpuStep *s = nmd_cpu_step (p, group->steps[use->place]);
  s->in_value[use->slot] = piece->narrow;
  if (self->copies)
    return;
  s->bf16 |= 1u << use->slot;
  s->work += (gsize)nmd_cpu_bf16_rows (s->c) * (gsize)s->c;
}

/* The uses first … end − 1 of @family, all in one group: they name values of the group's own. */
static void
narrow_group (Narrow *self, Family *family, GArray *pieces, guint first, guint end)
{
  NmdCpuProgram *p = self->p;
  const int g = use_of (family, first)->group;
  const NmdCpuGroup *group = &g_array_index (p->groups, NmdCpuGroup, g);
  g_autoptr (GHashTable) clones = g_hash_table_new (NULL, NULL),
                         loaded = g_hash_table_new (NULL, NULL);
  for (guint i = first; i < end; i++)
    {
      const Use *use = use_of (family, i);
      NmdCpuStep *s = nmd_cpu_step (p, group->steps[use->place]);
      const Piece *direct = use->writes ? NULL : find_piece (pieces, use->value);
      if (direct != NULL && is_read_directly (self, family, direct, first, end))
        {
          read_directly (self, use, direct);
          continue;
        }
      const int clone = clone_of (self, clones, g, use->value);
      if (use->writes)
        s->out_value[use->slot] = clone;
      else
        s->in_value[use->slot] = clone;
      for (guint k = 0; !use->writes && k < pieces->len; k++)
        {
          Piece *piece = &g_array_index (pieces, Piece, k);
          gpointer step = NULL;
          if (piece->group == g || !overlap (p, piece->value, use->value))
            continue;
          if (!g_hash_table_lookup_extended (loaded, piece, NULL, &step))
            {
              step = GINT_TO_POINTER (load_piece (
                  self, piece, clone_of (self, clones, g, piece->value), g, use->place));
              g_hash_table_insert (loaded, piece, step);
            }
          if (use->value != piece->value)
            {
              const int writer = GPOINTER_TO_INT (step);
              g_array_append_val (nmd_cpu_value (p, clone)->writers, writer);
            }
        }
    }
  for (guint k = 0; k < pieces->len; k++)
    {
      Piece *piece = &g_array_index (pieces, Piece, k);
      gboolean later = FALSE;
      for (guint i = end; i < family->uses->len && piece->group == g; i++)
        later |= !use_of (family, i)->writes
                 && overlap (p, piece->value, use_of (family, i)->value);
      if (later)
        store_piece (self, piece, clone_of (self, clones, g, piece->value));
    }
}

static void
narrow_family (Narrow *self, int root)
{
  Family *family = &self->families[root];
  g_autoptr (GArray) pieces = NULL;
  if (family->bad || family->uses == NULL
      || (!self->copies
          && nmd_cpu_image_floats (nmd_cpu_value (self->p, root)) < LEAST_FLOATS)
      || use_of (family, 0)->group == use_of (family, family->uses->len - 1)->group)
    return;
  pieces = list_pieces (self->p, family);
  if (pieces == NULL)
    return;
  for (guint i = 0, end; i < family->uses->len; i = end)
    {
      for (end = i + 1; end < family->uses->len
                        && use_of (family, end)->group == use_of (family, i)->group;
           end++)
        ;
      narrow_group (self, family, pieces, i, end);
    }
}

/* Puts the steps that were made into @group. */
static void
take_in (NmdCpuGroup *group, const GArray *inserted)
{
  int *steps = g_new (int, group->n_steps + (int)inserted->len), n = 0;
  for (int k = 0; k < group->n_steps; k++)
    for (int turn = 0; turn < 3; turn++)
      if (turn == 1)
        steps[n++] = group->steps[k];
      else
        for (guint i = 0; i < inserted->len; i++)
          {
            const Insertion *me = &g_array_index (inserted, Insertion, i);
            if (me->place == k && me->after == (turn == 2))
              steps[n++] = me->step;
          }
  g_free (group->steps);
  group->steps = steps;
  group->n_steps = n;
}

void
nmd_cpu_narrow (NmdCpuProgram *p)
{
  const int n_values = (int)p->values->len;
  Narrow self = { .p = p,
                  .copies = g_strcmp0 (g_getenv ("NMD_CPU_NARROW"), "copy") == 0,
                  .families = g_new0 (Family, n_values) };
  self.inserted = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  for (guint g = 0; g < p->groups->len; g++)
    g_ptr_array_add (self.inserted, g_array_new (FALSE, FALSE, sizeof (Insertion)));
  find_uses (&self);
  for (int v = 0; v < n_values; v++)
    if (nmd_cpu_value (p, v)->parent < 0)
      narrow_family (&self, v);
  for (guint g = 0; g < p->groups->len; g++)
    if (((GArray *)self.inserted->pdata[g])->len > 0)
      take_in (&g_array_index (p->groups, NmdCpuGroup, g), self.inserted->pdata[g]);
  for (int v = 0; v < n_values; v++)
    g_clear_pointer (&self.families[v].uses, g_array_unref);
  g_free (self.families);
  g_ptr_array_unref (self.inserted);
}
