/* SPDX-License-Identifier: Apache-2.0
 *
 * Within a group: which steps go through an image in bands of rows together, and where
 * threads that share images have to wait for each other.
 */
#include "engine/backend/cpu/nmd-cpu-bands.h"

#include "engine/backend/cpu/nmd-cpu-program.h"

/* Bands */

/* Weights that do not stay in the cache beside what else a band needs. */
#define MANY_WEIGHTS 32768

/* Whether @s reads, or sums, many weights, and more of them than an image has values: all
 * would go through the cache for every band. */
static gboolean
has_many_weights (const NmdCpuStep *s)
{
  const NmdCpuConv *conv = &s->conv;
  if (!s->op->product)
    return FALSE;
  const gint64 weights = (gint64)conv->ci * conv->co / conv->groups;
  return weights > MANY_WEIGHTS
         && weights > (gint64)conv->ho * conv->wo * (conv->ci + conv->co);
}

/* Whether @s can take some rows of an image. */
static gboolean
takes_rows (const NmdCpuStep *s)
{
  return s->shares == 0 && (s->op->row_local || s->op->rows_ahead);
}

/* How far the steps of the run from place @first on that write @v stay behind its first
 * one; -1: none writes it; -2: one does in another geometry. */
static int
delay_of_writers (const NmdCpuProgram *p, const NmdCpuGroup *g, int first, int end, int v)
{
  const int h = nmd_cpu_value (p, v)->h;
  int delay = -1;
  for (; v >= 0; v = nmd_cpu_value (p, v)->alias_of)
    {
      const GArray *writers = nmd_cpu_value (p, v)->writers;
      for (guint i = 0; i < writers->len; i++)
        for (int k = first; k < end; k++)
          if (g->steps[k] == g_array_index (writers, int, i))
            {
              if (nmd_cpu_step (p, g->steps[k])->h != h)
                return -2;
              delay = MAX (delay, g->delay[k]);
            }
    }
  return delay;
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
        floats += nmd_cpu_image_floats (v) / (gsize)h;
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
  const gboolean back = s->op->backward;
  const NmdCpuConv *conv = &s->conv;
  if (!s->op->rows_ahead || i > 0)
    return 0;
  if (conv->hi != conv->ho * conv->stride || (back && conv->ho % h != 0))
    return -1;
  const int rows = back ? conv->pad : MAX (0, conv->kernel - conv->pad - conv->stride);
  return (rows * h + conv->hi - 1) / conv->hi;
}

/* How far step @s stays behind the first step of the run from place @first on, whose
 * images have @h rows; -1: it cannot be in that run. */
static int
delay_of (const NmdCpuProgram *p,
          const NmdCpuGroup *g,
          int first,
          int end,
          const NmdCpuStep *s,
          int h)
{
  int delay = 0;
  if (!takes_rows (s) || s->heavy || has_many_weights (s)
      || (s->h % h != 0 && h % s->h != 0))
    return -1;
  for (int i = 0; i < s->n_in; i++)
    {
      const int behind = delay_of_writers (p, g, first, end, s->in_value[i]),
                rows = reach (s, i, h);
      if (behind == -1)
        continue;
      if (behind < 0 || rows < 0
          || (!(s->op->rows_ahead && i == 0)
              && nmd_cpu_value (p, s->in_value[i])->h != s->h))
        return -1;
      delay = MAX (delay, behind + rows);
    }
  return delay;
}

/* Cuts the group into runs of steps that go through an image in bands of rows, each as
 * far behind the first as it reads ahead; a run of one step takes images whole. */
void
nmd_cpu_find_runs (NmdCpuProgram *p, NmdCpuGroup *g)
{
  g->end = g_new (int, g->n_steps);
  g->rows = g_new0 (int, g->n_steps);
  g->delay = g_new0 (int, g->n_steps);
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
          const int delay = delay_of (p, g, k, end, s, h);
          if (delay < 0)
            break;
          g->delay[end] = delay;
          floats += row_floats (p, s, h);
        }
      g->end[k] = end;
      if (end > k + 1)
        g->rows[k] = (int)CLAMP (
            p->session->cache_bytes / (sizeof (float) * MAX (floats, 1)), 4, (gsize)h);
    }
}

/* Values of a band */

/* Whether step @s, in a run, touches of the value with root @root the rows alone that it is given. */
static gboolean
goes_by_rows (const NmdCpuProgram *p, const NmdCpuStep *s, int root, gboolean *touches)
{
  const NmdCpuValue *value = nmd_cpu_value (p, root);
  int from;
  *touches = FALSE;
  for (int i = 0; i < s->n_in + s->n_out; i++)
    {
      const int v = i < s->n_in ? s->in_value[i] : s->out_value[i - s->n_in];
      const NmdCpuValue *me = nmd_cpu_value (p, v);
      if (nmd_cpu_root (p, v, &from) != root)
        continue;
      *touches = TRUE;
      if (me->h != value->h || me->w != value->w || s->h != value->h
          || (i < s->n_in && !s->op->row_local))
        return FALSE;
    }
  return TRUE;
}

/* How many rows of local value @v of group @g need to exist at a time: those of a band where the steps
 * of one run, equally far behind its first one, hand it on row by row; 0: all. */
static int
count_band_rows (const NmdCpuProgram *p, const NmdCpuGroup *g, int v)
{
  const NmdCpuValue *value = nmd_cpu_value (p, v);
  int k = 0, delay = -1;
  while (g->end[k] <= value->first_step)
    k = g->end[k];
  if (g->rows[k] == 0 || value->last_step >= g->end[k])
    return 0;
  for (int i = value->first_step; i <= value->last_step; i++)
    {
      gboolean touches;
      if (!goes_by_rows (p, nmd_cpu_step (p, g->steps[i]), v, &touches)
          || (touches && delay >= 0 && g->delay[i] != delay))
        return 0;
      if (touches)
        delay = g->delay[i];
    }
  const int h = nmd_cpu_step (p, g->steps[k])->h;
  /* the last band takes what was left behind as well */
  return MIN (value->h, ((g->rows[k] + delay) * value->h + h - 1) / h + 1);
}

void
nmd_cpu_find_band_values (NmdCpuProgram *p)
{
  for (int v = 0; v < (int)p->values->len; v++)
    {
      NmdCpuValue *value = nmd_cpu_value (p, v);
      const NmdCpuGroup *g
          = value->local ? &g_array_index (p->groups, NmdCpuGroup, value->first) : NULL;
      if (g != NULL && g->kind == NMD_CPU_IMAGES && g->n >= p->session->slots)
        value->band_rows = count_band_rows (p, g, v);
    }
}

/* Waiting */

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
  return s->op->channel_local && before->by_channels && s->shares == before->shares
         && s->c == before->c
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
      || !s->op->row_local || !(takes_rows (b) || b->op->writes_rows))
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
void
nmd_cpu_find_waits (const NmdCpuProgram *p, NmdCpuGroup *g)
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
