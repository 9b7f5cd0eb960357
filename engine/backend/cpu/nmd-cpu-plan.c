/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts the steps into groups in an order that respects what each needs, and gives values
 * their memory: one arena shared by values that do not live at the same time, and the
 * threads' scratch for values that live within one block of one group.
 */
#include "engine/backend/cpu/nmd-cpu-private.h"

#include <stdlib.h>

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
          && (late->n != s->n || !all_in (self, late->walls, g, FALSE)
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
  return all_in (self, s->walls, g, FALSE)
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
      if (self->group[i] >= 0 || s->kind != kind || s->update != update || s->late != late
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

static void
order_steps (NmdCpuProgram *p)
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

static int
earlier_first (gconstpointer a, gconstpointer b)
{
  const Piece *p = a, *q = b;
  return p->first != q->first ? p->first - q->first : larger_first (a, b);
}

typedef struct
{
  gsize size, offset;
  int last;
} Place;

/* The place that @piece takes: the smallest free one that it fits, else the largest free
 * one, which grows, else a new one. */
static guint
take_place (GArray *places, const Piece *piece)
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
pack_halves (GArray *pieces)
{
  g_autoptr (GArray) places = g_array_new (FALSE, TRUE, sizeof (Place));
  g_autofree guint *at = g_new (guint, pieces->len + 1);
  gsize total = 0;
  g_array_sort (pieces, earlier_first);
  for (guint i = 0; i < pieces->len; i++)
    at[i] = take_place (places, &g_array_index (pieces, Piece, i));
  for (guint i = 0; i < places->len; i++)
    {
      g_array_index (places, Place, i).offset = total;
      total += g_array_index (places, Place, i).size;
    }
  for (guint i = 0; i < pieces->len; i++)
    {
      const Piece *me = &g_array_index (pieces, Piece, i);
      const Place *place = &g_array_index (places, Place, at[i]);
      me->value->offset = place->offset + (((place->size - me->size) / 2) & ~(gsize)15);
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
  group->block = (int)CLAMP (p->session->cache_bytes / (sizeof (float) * MAX (floats, 1)),
                             1, (gsize)MAX (share, 1));
}

/* Bands
 * ----------------------------------------------------------------------------------------
 */

static gboolean
is_depthwise (const NmdCpuStep *s)
{
  return s->run == nmd_cpu_depthwise_y || s->run == nmd_cpu_depthwise_dx
         || s->run == nmd_cpu_depthwise_dw;
}

/* Whether @s, given some rows of an image, reads those rows of its inputs only. */
static gboolean
keeps_rows (const NmdCpuStep *s)
{
  static const NmdCpuRun own_rows[] = { nmd_cpu_gemm_y,
                                        nmd_cpu_panels_y,
                                        nmd_cpu_gemm_dx,
                                        nmd_cpu_gemm_dw,
                                        nmd_cpu_moments,
                                        nmd_cpu_variance,
                                        nmd_cpu_norm,
                                        nmd_cpu_norm_reduce,
                                        nmd_cpu_norm_grad,
                                        nmd_cpu_scale_channels,
                                        nmd_cpu_add,
                                        nmd_cpu_multiply,
                                        nmd_cpu_multiply_channels,
                                        nmd_cpu_multiply_gates,
                                        nmd_cpu_gated_pixels,
                                        nmd_cpu_gate_add,
                                        nmd_cpu_gate_add_pixels,
                                        nmd_cpu_multiply_pixels,
                                        nmd_cpu_scale,
                                        nmd_cpu_copy,
                                        nmd_cpu_act,
                                        nmd_cpu_act_grad,
                                        nmd_cpu_sum_all,
                                        nmd_cpu_fill_channels,
                                        nmd_cpu_fill_pixels,
                                        nmd_cpu_shuffle,
                                        nmd_cpu_sum_pixels,
                                        nmd_cpu_max_pixels,
                                        nmd_cpu_dot_pixels,
                                        nmd_cpu_slice_grad,
                                        nmd_cpu_layer_norm,
                                        nmd_cpu_layer_norm_grad,
                                        nmd_cpu_layer_norm_reduce };
  for (guint i = 0; i < G_N_ELEMENTS (own_rows); i++)
    if (s->run == own_rows[i])
      return TRUE;
  return FALSE;
}

/* Weights that do not stay in the cache beside what else a band needs. */
#define MANY_WEIGHTS 32768

/* Whether @s reads, or sums, many weights, and more of them than an image has values: all
 * would go through the cache for every band. */
static gboolean
has_many_weights (const NmdCpuStep *s)
{
  const gint64 weights = (gint64)s->ci * s->co / s->groups;
  const gboolean product = s->run == nmd_cpu_gemm_y || s->run == nmd_cpu_panels_y
                           || s->run == nmd_cpu_gemm_dx || s->run == nmd_cpu_gemm_dw;
  return product && weights > MANY_WEIGHTS
         && weights > (gint64)s->ho * s->wo * (s->ci + s->co);
}

/* Whether @s can take some rows of an image. */
static gboolean
takes_rows (const NmdCpuStep *s)
{
  return s->shares == 0 && (keeps_rows (s) || is_depthwise (s));
}

/* How far the steps of the run from place @first on that write @v stay behind its first
 * one; -1: none writes it; -2: one does in another geometry. */
static int
lag_of_writers (const NmdCpuProgram *p, const NmdCpuGroup *g, int first, int end, int v)
{
  const int h = nmd_cpu_value (p, v)->h;
  int lag = -1;
  for (; v >= 0; v = nmd_cpu_value (p, v)->alias_of)
    {
      const GArray *writers = nmd_cpu_value (p, v)->writers;
      for (guint i = 0; i < writers->len; i++)
        for (int k = first; k < end; k++)
          if (g->steps[k] == g_array_index (writers, int, i))
            {
              if (nmd_cpu_step (p, g->steps[k])->h != h)
                return -2;
              lag = MAX (lag, g->lag[k]);
            }
    }
  return lag;
}

/* Floats of a row that @s touches, in rows of @h an image. */
static gsize
row_floats (const NmdCpuProgram *p, const NmdCpuStep *s, int h)
{
  gsize floats = 0;
  for (int i = 0; i < s->n_in + s->n_out; i++)
    {
      const NmdCpuValue *v
          = nmd_cpu_value (p, i < s->n_in ? s->in_value[i] : s->out_value[i - s->n_in]);
      if (v->n == s->n)
        floats += image_floats (v) / (gsize)h;
    }
  return floats;
}

/* By how many rows of @h an image step @s stays behind a step of its run that writes its
 * input @i, so that all rows that it reads are there; -1: it cannot follow. A depthwise
 * output o reads inputs up to o·stride − pad + kernel − 1; place i of its data gradient
 * reads outputs up to (i + pad)/stride. */
static int
reach (const NmdCpuStep *s, int i, int h)
{
  const gboolean back = s->run == nmd_cpu_depthwise_dx;
  int rows, of;
  if (!is_depthwise (s) || i > 0)
    return 0;
  if (s->hi != s->ho * s->stride || (back && s->ho % h != 0))
    return -1;
  rows = back ? s->pad : MAX (0, s->kernel - s->pad - s->stride);
  of = s->hi;
  return (rows * h + of - 1) / of;
}

/* How far step @s stays behind the first step of the run from place @first on, whose
 * images have @h rows; -1: it cannot be in that run. */
static int
lag_of (const NmdCpuProgram *p,
        const NmdCpuGroup *g,
        int first,
        int end,
        const NmdCpuStep *s,
        int h)
{
  int lag = 0;
  if (!takes_rows (s) || s->heavy || has_many_weights (s)
      || (s->h % h != 0 && h % s->h != 0))
    return -1;
  for (int i = 0; i < s->n_in; i++)
    {
      const int behind = lag_of_writers (p, g, first, end, s->in_value[i]),
                rows = reach (s, i, h);
      if (behind == -1)
        continue;
      if (behind < 0 || rows < 0
          || (!(is_depthwise (s) && i == 0)
              && nmd_cpu_value (p, s->in_value[i])->h != s->h))
        return -1;
      lag = MAX (lag, behind + rows);
    }
  return lag;
}

/* Cuts the group into runs of steps that go through an image in bands of rows, each as
 * far behind the first as it reads ahead; a run of one step takes images whole. */
static void
find_runs (NmdCpuProgram *p, NmdCpuGroup *g)
{
  g->end = g_new (int, g->n_steps);
  g->rows = g_new0 (int, g->n_steps);
  g->lag = g_new0 (int, g->n_steps);
  for (int k = 0, end; k < g->n_steps; k = end)
    {
      const NmdCpuStep *first = nmd_cpu_step (p, g->steps[k]);
      const int h = first->h;
      gsize floats = row_floats (p, first, MAX (h, 1));
      gboolean banded = g->block == 1 && h > 1 && takes_rows (first) && !first->heavy
                        && !has_many_weights (first);
      for (end = k + 1; banded && end < g->n_steps; end++)
        {
          const NmdCpuStep *s = nmd_cpu_step (p, g->steps[end]);
          const int lag = lag_of (p, g, k, end, s, h);
          if (lag < 0)
            break;
          g->lag[end] = lag;
          floats += row_floats (p, s, h);
        }
      g->end[k] = end;
      if (end > k + 1)
        g->rows[k] = (int)CLAMP (
            p->session->cache_bytes / (sizeof (float) * MAX (floats, 1)), 4, (gsize)h);
    }
}

/* Waiting
 * --------------------------------------------------------------------------------------
 */

/* Whether threads share out the rows of an image. */
static gboolean
shares_rows (const NmdCpuStep *s)
{
  return s->split && s->shares == 0;
}

/* Whether @s, by channels, reads of step @before what its own threads wrote: the same
 * channels, divided alike. */
static gboolean
reads_own_channels (const NmdCpuStep *s, const NmdCpuStep *before)
{
  const gboolean keeps = s->run == nmd_cpu_depthwise_y || s->run == nmd_cpu_sum_channels
                         || s->run == nmd_cpu_max_channels;
  return keeps && before->by_channels && s->shares == before->shares && s->c == before->c
         && (s->in_value[0] == before->out_value[0]
             || (before->sums > 0 && s->in_value[0] == before->out_value[before->sums]));
}

/* Whether each thread that runs @s has itself written what it reads of step @before. */
static gboolean
reads_own (const NmdCpuProgram *p, const NmdCpuStep *s, int before)
{
  const NmdCpuStep *b = nmd_cpu_step (p, before);
  gboolean found = FALSE;
  if (!s->split && !b->split)
    return TRUE;
  if (s->by_channels)
    return reads_own_channels (s, b);
  if (!shares_rows (s) || !shares_rows (b) || s->h != b->h || s->w != b->w
      || !keeps_rows (s)
      || !(takes_rows (b) || b->run == nmd_cpu_planes_y
           || b->run == nmd_cpu_expand_depthwise))
    return FALSE;
  for (int i = 0; i < s->n_in; i++)
    for (int v = s->in_value[i]; v >= 0; v = nmd_cpu_value (p, v)->alias_of)
      {
        const GArray *writers = nmd_cpu_value (p, v)->writers;
        for (guint j = 0; j < writers->len; j++)
          if (g_array_index (writers, int, j) == before)
            {
              const NmdCpuValue *value = nmd_cpu_value (p, s->in_value[i]);
              if (s->whole[i] || value->h != s->h || value->w != s->w)
                return FALSE;
              found = TRUE;
            }
      }
  return found;
}

/* Where threads that share images have to wait for each other. */
static void
find_waits (const NmdCpuProgram *p, NmdCpuGroup *g)
{
  g_autofree int *place = g_new (int, p->steps->len);
  int since = 0;
  g->waits = g_new0 (gboolean, g->n_steps);
  for (guint i = 0; i < p->steps->len; i++)
    place[i] = -1;
  for (int k = 0; k < g->n_steps; k++)
    {
      const NmdCpuStep *s = nmd_cpu_step (p, g->steps[k]);
      for (guint i = 0; i < s->needs->len; i++)
        {
          const int before = g_array_index (s->needs, int, i);
          g->waits[k] |= place[before] >= since && !reads_own (p, s, before);
        }
      if (g->waits[k])
        since = k;
      place[g->steps[k]] = k;
    }
}

/* Memory of the groups
 * --------------------------------------------------------------------------------------
 */

/* Lives for all of the runs that its first and last steps are in, whose steps work at the
 * same time, and for all that no thread waits in. */
static Piece
local_piece (const NmdCpuGroup *g, NmdCpuValue *v)
{
  Piece piece = { .size = ALIGN (image_floats (v) * (gsize)g->block), .value = v };
  while (g->end[piece.first] <= v->first_step)
    piece.first = g->end[piece.first];
  piece.last = piece.first;
  while (g->end[piece.last] <= v->last_step)
    piece.last = g->end[piece.last];
  piece.last = g->end[piece.last] - 1;
  while (g->waits && piece.first > 0 && !g->waits[piece.first])
    piece.first--;
  while (g->waits && piece.last + 1 < g->n_steps && !g->waits[piece.last + 1])
    piece.last++;
  return piece;
}

static void
plan_memory (NmdCpuProgram *p)
{
  g_autoptr (GArray) arena = g_array_new (FALSE, FALSE, sizeof (Piece));
  for (guint g = 0; g < p->groups->len; g++)
    {
      choose_block (p, (int)g);
      find_runs (p, &g_array_index (p->groups, NmdCpuGroup, g));
      if (g_array_index (p->groups, NmdCpuGroup, g).n < p->session->slots)
        find_waits (p, &g_array_index (p->groups, NmdCpuGroup, g));
    }
  for (guint g = 0; g < p->groups->len; g++)
    {
      g_autoptr (GArray) local = g_array_new (FALSE, FALSE, sizeof (Piece));
      const NmdCpuGroup *group = &g_array_index (p->groups, NmdCpuGroup, g);
      for (guint i = 0; i < p->values->len; i++)
        {
          NmdCpuValue *v = nmd_cpu_value (p, (int)i);
          if (v->local && v->first == (int)g)
            {
              const Piece piece = local_piece (group, v);
              g_array_append_val (local, piece);
            }
        }
      p->scratch_floats
          = MAX (p->scratch_floats, group->waits ? pack_halves (local) : pack (local));
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
