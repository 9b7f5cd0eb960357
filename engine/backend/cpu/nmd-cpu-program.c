/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs as such: their memory, and where a value lies in it.
 */
#include "config.h"

#include "engine/backend/cpu/nmd-cpu-program.h"

#include "engine/backend/cpu/onednn/nmd-onednn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Zeroed if asked. Large blocks on large pages where the system offers them: they are
 * touched all over. */
float *
nmd_cpu_alloc (gsize floats, gboolean zero)
{
  const gsize bytes = MAX (floats * sizeof (float), 64), page = 1 << 21;
  void *memory = NULL;
  if (posix_memalign (&memory, bytes >= page ? page : 64, bytes))
    return NULL;
#ifdef MADV_HUGEPAGE
  if (bytes >= page)
    madvise (memory, bytes, MADV_HUGEPAGE);
#endif
  return zero ? memset (memory, 0, bytes) : memory;
}

static void
step_free (gpointer data)
{
  NmdCpuStep *s = data;
  if (s->op->clear)
    s->op->clear (s);
  g_array_unref (s->needs);
  g_array_unref (s->barriers);
  g_free (s->seconds);
  g_free (s);
}

static void
value_free (gpointer data)
{
  NmdCpuValue *v = data;
  if (v->handle < 0)
    free (v->memory);
  g_array_unref (v->writers);
  g_free (v);
}

void
nmd_cpu_program_free (NmdCpuProgram *self)
{
  g_ptr_array_unref (self->steps);
  g_ptr_array_unref (self->values);
  g_ptr_array_unref (self->convs);
  for (guint i = 0; i < self->groups->len; i++)
    {
      const NmdCpuGroup *g = &g_array_index (self->groups, NmdCpuGroup, i);
      g_free (g->steps);
      g_free (g->waits);
      g_free (g->end);
      g_free (g->rows);
      g_free (g->delay);
    }
  g_array_unref (self->groups);
  g_array_unref (self->infos);
  g_free (self->node_value);
  g_free (self->is_output);
  g_free (self->waited);
  free (self->arena);
  free (self->scratch);
  g_free (self);
}

NmdCpuProgram *
nmd_cpu_program_new (NmdCpuSession *session,
                     const NmdGraph *graph,
                     const gboolean *is_output)
{
  NmdCpuProgram *self = g_new0 (NmdCpuProgram, 1);
  const int n = nmd_graph_get_n_nodes (graph);
  self->session = session;
  self->graph = graph;
  self->steps = g_ptr_array_new_with_free_func (step_free);
  self->values = g_ptr_array_new_with_free_func (value_free);
  self->convs = g_ptr_array_new_with_free_func ((GDestroyNotify)nmd_onednn_conv_free);
  self->groups = g_array_new (FALSE, FALSE, sizeof (NmdCpuGroup));
  self->infos = g_array_new (FALSE, TRUE, sizeof (NmdStepInfo));
  self->node_value = g_new (int, n);
  self->waited = g_new0 (double, self->session->slots);
  self->is_output = g_memdup2 (is_output, sizeof (gboolean) * (gsize)n);
  for (int i = 0; i < n; i++)
    self->node_value[i] = -1;
  return self;
}

int
nmd_cpu_add_value (NmdCpuProgram *self, int n, int h, int w, int c)
{
  NmdCpuValue *v = g_new0 (NmdCpuValue, 1);
  *v = (NmdCpuValue){ .n = n,
                      .h = h,
                      .w = w,
                      .c = c,
                      .parent = -1,
                      .alias_of = -1,
                      .handle = -1,
                      .first = G_MAXINT,
                      .last = -1 };
  v->writers = g_array_new (FALSE, FALSE, sizeof (int));
  g_ptr_array_add (self->values, v);
  return (int)self->values->len - 1;
}

NmdCpuStep *
nmd_cpu_add_step (NmdCpuProgram *self, const NmdCpuOp *op, int out)
{
  NmdCpuStep *s = g_new0 (NmdCpuStep, 1);
  s->op = op;
  s->name = op->name;
  s->partial_value = -1;
  s->unit = 1;
  s->seconds = g_new0 (double, self->session->slots);
  s->act = NMD_NO_ACT;
  s->needs = g_array_new (FALSE, FALSE, sizeof (int));
  s->barriers = g_array_new (FALSE, FALSE, sizeof (int));
  g_ptr_array_add (self->steps, s);
  if (out >= 0)
    {
      const int me = (int)self->steps->len - 1;
      const NmdCpuValue *v = nmd_cpu_value (self, out);
      s->n = v->n;
      s->h = v->h;
      s->w = v->w;
      s->c = v->c;
      s->out_value[s->n_out++] = out;
      g_array_append_val (v->writers, me);
    }
  return s;
}

int
nmd_cpu_root (const NmdCpuProgram *self, int v, int *from)
{
  *from = 0;
  for (; nmd_cpu_value (self, v)->parent >= 0; v = nmd_cpu_value (self, v)->parent)
    *from += nmd_cpu_value (self, v)->from;
  return v;
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
  view.image = root->threads ? (long)NMD_CPU_ALIGN (nmd_cpu_image_floats (root))
                             : (long)me->h * me->w * view.ld;
  if (root->local && root->band_rows > 0)
    view.band = (long)me->w * view.ld;
  if (root->local)
    view.local = root->offset + (gsize)from;
  else
    view.base = (root->memory ? root->memory : p->arena + root->offset) + from;
  return view;
}
