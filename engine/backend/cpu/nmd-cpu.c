/* SPDX-License-Identifier: Apache-2.0
 *
 * The CPU backend's table: device, store, compiling, and running the groups of steps on
 * the session's threads (nmd-cpu-private.h says how a program is cut). Nothing is
 * allocated or looked up in a run, apart from what oneDNN does inside a matrix product.
 */
#include "config.h"

#include "engine/backend/cpu/nmd-cpu-private.h"
#include "engine/backend/cpu/onednn/nmd-onednn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#if HAVE_OPENMP
#include <omp.h>
#endif

static int
count_processors (void)
{
#if HAVE_OPENMP
  return MAX (1, omp_get_num_procs ());
#else
  return 1;
#endif
}

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

/* Device and session
 * --------------------------------------------------------------------------- */

static void
probe (GPtrArray *devices)
{
  NmdDevice *device = g_new0 (NmdDevice, 1);
  const int n = count_processors ();
  device->name = g_strdup (NMD_DEVICE_DEFAULT);
  device->title = g_strdup ("Processor");
  device->description = g_strdup_printf ("%s, %d thread%s, %s", nmd_onednn_version (), n,
                                         n == 1 ? "" : "s", nmd_kernels_get ()->name);
  g_ptr_array_add (devices, device);
}

static void
tensor_free (gpointer data)
{
  NmdCpuTensor *t = data;
  free (t->values);
  g_free (t);
}

static void
set_threads (gpointer session, int threads)
{
  NmdCpuSession *self = session;
  self->threads = CLAMP (threads, 1, self->slots);
}

/* Within the second-level cache of common processors. NMD_CPU_CACHE sets another number
 * of bytes, so that tests can have bands of small images. */
static gsize
cache_bytes (void)
{
  const char *set = g_getenv ("NMD_CPU_CACHE");
  const guint64 bytes = set ? g_ascii_strtoull (set, NULL, 10) : 0;
  return bytes > 0 ? (gsize)bytes : 1 << 20;
}

static gpointer
open_session (const char *device, int threads, GError **error)
{
  NmdCpuSession *self = g_new0 (NmdCpuSession, 1);
  self->cache_bytes = cache_bytes ();
#if HAVE_OPENMP
  self->slots = MAX (threads, count_processors ());
#else
  self->slots = 1;
#endif
  set_threads (self, threads > 0 ? threads : count_processors ());
  self->store = g_ptr_array_new_with_free_func (tensor_free);
  self->kernels = nmd_kernels_get ();
  return self;
}

static void
close_session (gpointer session)
{
  NmdCpuSession *self = session;
  g_ptr_array_unref (self->store);
  g_free (self);
}

/* Store
 * ------------------------------------------------------------------------------------------
 */

static gboolean
store_add (gpointer session, int handle, const NmdShape *shape, GError **error)
{
  NmdCpuSession *self = session;
  NmdCpuTensor *t = g_new0 (NmdCpuTensor, 1);
  g_return_val_if_fail (handle == (int)self->store->len, FALSE);
  t->count = nmd_shape_count (shape);
  t->values = nmd_cpu_alloc (t->count, TRUE);
  if (!t->values)
    {
      g_free (t);
      g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                   "No memory for a tensor of %" G_GSIZE_FORMAT " values",
                   nmd_shape_count (shape));
      return FALSE;
    }
  g_ptr_array_add (self->store, t);
  return TRUE;
}

static gboolean
store_read (gpointer session, int handle, float *values, GError **error)
{
  const NmdCpuTensor *t = ((NmdCpuSession *)session)->store->pdata[handle];
  memcpy (values, t->values, t->count * sizeof (float));
  return TRUE;
}

static gboolean
store_write (gpointer session, int handle, const float *values, GError **error)
{
  NmdCpuTensor *t = ((NmdCpuSession *)session)->store->pdata[handle];
  memcpy (t->values, values, t->count * sizeof (float));
  t->version++;
  return TRUE;
}

/* Program
 * -----------------------------------------------------------------------------------------
 */

static void
step_free (gpointer data)
{
  NmdCpuStep *s = data;
  nmd_cpu_table_free (s->table);
  g_array_unref (s->needs);
  g_array_unref (s->walls);
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

static void
program_free (gpointer program)
{
  NmdCpuProgram *self = program;
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
      g_free (g->lag);
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

static gpointer
compile (gpointer session,
         const NmdGraph *graph,
         const gboolean *needed,
         const int *handles,
         const gboolean *is_output,
         GError **error)
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
  if (!nmd_cpu_lower (self, needed, handles, error) || !nmd_cpu_plan (self, error))
    {
      program_free (self);
      return NULL;
    }
  return self;
}

/* Row-major values to or from channels-last ones of node @node. */
static void
transfer (const NmdCpuProgram *self, NmdNode node, float *plain, gboolean in)
{
  const NmdCpuValue *v = nmd_cpu_value (self, self->node_value[node]);
  const NmdCpuView view = nmd_cpu_view (self, self->node_value[node]);
  const long hw = (long)v->h * v->w, channels = v->c;
#pragma omp parallel for num_threads(self->session->threads) schedule(static)
  for (int i = 0; i < v->n; i++)
    {
      float *rows = view.base + i * view.image, *p = plain + i * hw * channels;
      for (long r = 0; r < hw; r++, rows += view.ld)
        if (in)
          for (long j = 0; j < channels; j++)
            rows[j] = p[j * hw + r];
        else
          for (long j = 0; j < channels; j++)
            p[j * hw + r] = rows[j];
    }
}

static gboolean
write_node (gpointer program, NmdNode node, const float *values, GError **error)
{
  transfer (program, node, (float *)values, TRUE);
  return TRUE;
}

static gboolean
read_node (gpointer program, NmdNode node, float *values, GError **error)
{
  transfer (program, node, values, FALSE);
  return TRUE;
}

/* Running
 * -------------------------------------------------------------------------------------------
 */

typedef struct
{
  NmdCpuProgram *p;
  int threads;
} Run;

/* Seconds of this thread's processor time: what a step takes, whoever else computes
 * meanwhile. */
static double
thread_seconds (void)
{
  struct timespec t;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
run_step (
    const Run *run, NmdCpuStep *s, const NmdCpuContext *c, int i0, int i1, int r0, int r1)
{
  const double start = run->p->profiling ? thread_seconds () : 0;
  s->run (s, c, i0, i1, r0, r1);
  if (run->p->profiling)
    s->seconds[c->thread] += thread_seconds () - start;
}

/* How often a waiting thread looks before it lets others have the processor. */
#define LOOKS 2000

/* Until all threads are here. OpenMP's barrier wakes sleepers through the system each
 * time, which takes as long as a small step. */
static void
meet (NmdCpuBarrier *barrier, int threads)
{
  const int before = g_atomic_int_get (&barrier->meetings);
  if (g_atomic_int_add (&barrier->here, 1) == threads - 1)
    {
      g_atomic_int_set (&barrier->here, 0);
      g_atomic_int_inc (&barrier->meetings);
      return;
    }
  for (int i = 0; g_atomic_int_get (&barrier->meetings) == before; i++)
    if (i >= LOOKS)
      g_thread_yield ();
    else
      {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause ();
#endif
      }
}

static void
wait_for_others (const Run *run, int thread)
{
  const double start = run->p->profiling ? thread_seconds () : 0;
  meet (&run->p->barrier, run->threads);
  if (run->p->profiling)
    run->p->waited[thread] += thread_seconds () - start;
}

static NmdCpuContext
context_of (const Run *run, int thread, int slot)
{
  const NmdCpuProgram *p = run->p;
  const gsize each = p->scratch_floats + p->work_floats;
  return (NmdCpuContext){ .k = p->session->kernels,
                          .thread = thread,
                          .threads = run->threads,
                          .scratch = p->scratch + each * (gsize)slot,
                          .work = p->scratch + each * (gsize)thread + p->scratch_floats };
}

static void
clear_sums (const NmdCpuStep *s, int thread)
{
  if (s->partial_value >= 0)
    memset (s->partial.base + thread * s->partial.image, 0,
            sizeof (float) * (gsize)s->partial.image);
}

/* Rows that step @s of @h has done when the first of its run, of @h0, has done @row; it
 * stays
 * @lag of the first one's rows behind. */
static int
rows_done (int row, int lag, int h0, int h)
{
  return row >= h0 ? h : (int)((gint64)MAX (0, row - lag) * h / h0);
}

/* The run of steps from @first on, on one image, a band of rows at a time. */
static void
run_bands (
    const Run *run, const NmdCpuGroup *g, const NmdCpuContext *c, int first, int image)
{
  const int h = nmd_cpu_step (run->p, g->steps[first])->h, rows = g->rows[first];
  for (int r = 0; r < h; r += rows)
    for (int k = first; k < g->end[first]; k++)
      {
        NmdCpuStep *s = nmd_cpu_step (run->p, g->steps[k]);
        const int from = rows_done (r, g->lag[k], h, s->h),
                  to = rows_done (r + rows, g->lag[k], h, s->h);
        if (from < to)
          run_step (run, s, c, image, image + 1, from, to);
      }
}

/* Each thread takes its images, a block at a time, through all steps. */
static void
run_blocks (const Run *run, const NmdCpuGroup *g, int thread)
{
  NmdCpuContext c = context_of (run, thread, thread);
  const int first = (int)((gint64)g->n * thread / run->threads),
            end = (int)((gint64)g->n * (thread + 1) / run->threads);
  for (int k = 0; k < g->n_steps; k++)
    clear_sums (nmd_cpu_step (run->p, g->steps[k]), thread);
  for (int i = first; i < end; i += g->block)
    {
      const int to = MIN (end, i + g->block);
      c.first = i;
      for (int k = 0; k < g->n_steps; k = g->end[k])
        if (g->rows[k] > 0)
          run_bands (run, g, &c, k, i);
        else
          run_step (run, nmd_cpu_step (run->p, g->steps[k]), &c, i, to, 0,
                    nmd_cpu_shares (nmd_cpu_step (run->p, g->steps[k])));
    }
}

/* Fewer images than threads: step by step, an image divided where a step can, and all
 * threads waiting for each other where the next one reads what others wrote. */
static void
run_rows (const Run *run, const NmdCpuGroup *g, int thread)
{
  for (int k = 0; k < g->n_steps; k++)
    {
      NmdCpuStep *s = nmd_cpu_step (run->p, g->steps[k]);
      const int height = s->split ? nmd_cpu_shares (s) : 1;
      const gint64 units = (gint64)g->n * height;
      const int first = (int)(units * thread / run->threads),
                end = (int)(units * (thread + 1) / run->threads);
      if (g->waits[k])
        wait_for_others (run, thread);
      clear_sums (s, thread);
      for (int u = first; u < end;)
        {
          const int i = u / height, r0 = u % height, r1 = MIN (height, r0 + end - u);
          NmdCpuContext c = context_of (run, thread, i);
          c.first = i;
          if (s->split)
            run_step (run, s, &c, i, i + 1, r0, r1);
          else
            run_step (run, s, &c, i, i + 1, 0, nmd_cpu_shares (s));
          u += r1 - r0;
        }
    }
}

static void
run_flat (const Run *run, const NmdCpuGroup *g, int thread)
{
  const NmdCpuContext c = context_of (run, thread, thread);
  for (int k = 0; k < g->n_steps; k++)
    {
      NmdCpuStep *s = nmd_cpu_step (run->p, g->steps[k]);
      const gint64 units = (s->n + s->unit - 1) / s->unit;
      const int first = (int)(units * thread / run->threads) * s->unit,
                end = (int)MIN (units * (thread + 1) / run->threads * s->unit, s->n);
      if (first < end)
        run_step (run, s, &c, first, end, 0, 0);
    }
}

/* Whether a prepared step has to run: something that it reads has moved. */
static gboolean
moved (const NmdCpuProgram *p, NmdCpuStep *s)
{
  guint64 sum = 0;
  if (!s->cached)
    return TRUE;
  for (int i = 0; i < s->n_in; i++)
    sum += ((const NmdCpuTensor *)
                p->session->store->pdata[nmd_cpu_value (p, s->in_value[i])->handle])
               ->version;
  if (p->prepared && sum == s->seen)
    return FALSE;
  s->seen = sum;
  return TRUE;
}

static void
run_once (const Run *run, const NmdCpuGroup *g)
{
  const NmdCpuContext c = context_of (run, 0, 0);
  for (int k = 0; k < g->n_steps; k++)
    {
      NmdCpuStep *s = nmd_cpu_step (run->p, g->steps[k]);
      if (!s->prologue || moved (run->p, s))
        run_step (run, s, &c, 0, 1, 0, 1);
    }
}

/* The store tensors that the steps of @g have overwritten are new. */
static void
mark_updated (const Run *run, const NmdCpuGroup *g)
{
  for (int k = 0; k < g->n_steps; k++)
    {
      const NmdCpuStep *s = nmd_cpu_step (run->p, g->steps[k]);
      const gboolean adam = s->run == nmd_cpu_adam;
      for (int i = 0; s->update && i < (adam ? 4 : 1); i++)
        if (i != 1)
          ((NmdCpuTensor *)run->p->session->store
               ->pdata[nmd_cpu_value (run->p, s->in_value[i])->handle])
              ->version++;
    }
}

static void
clear_times (NmdCpuProgram *self)
{
  const gsize bytes = sizeof (double) * (gsize)self->session->slots;
  memset (self->waited, 0, bytes);
  for (guint i = 0; i < self->steps->len; i++)
    memset (nmd_cpu_step (self, (int)i)->seconds, 0, bytes);
}

static gboolean
run_program (gpointer program, GError **error)
{
  NmdCpuProgram *self = program;
  const Run run = { .p = self, .threads = self->session->threads };
#if HAVE_OPENMP
  omp_set_num_threads (
      run.threads); /* this thread's setting; oneDNN reads it outside our regions */
#endif
  if (self->profiling)
    clear_times (self);
  for (guint i = 0; i < self->groups->len; i++)
    {
      const NmdCpuGroup *g = &g_array_index (self->groups, NmdCpuGroup, i);
      if (g->kind == NMD_CPU_ONCE)
        {
          run_once (&run, g);
          continue;
        }
#pragma omp parallel num_threads(run.threads)
      {
#if HAVE_OPENMP
        const int thread = omp_get_thread_num (), team = omp_get_num_threads ();
#else
        const int thread = 0, team = 1;
#endif
        /* a system that grants fewer threads than asked changes who computes, not what */
        if (g->kind == NMD_CPU_IMAGES && g->n < run.threads && team == run.threads)
          run_rows (&run, g, thread);
        else
          for (int share = thread; share < run.threads; share += team)
            if (g->kind == NMD_CPU_FLAT)
              run_flat (&run, g, share);
            else
              run_blocks (&run, g, share);
      }
      mark_updated (&run, g);
    }
  self->prepared = TRUE;
  return TRUE;
}

/* Figures
 * ----------------------------------------------------------------------------------------------
 */

static gsize
get_bytes (gpointer program)
{
  const NmdCpuProgram *self = program;
  return sizeof (float)
         * (self->arena_floats + self->fixed_floats
            + (self->scratch_floats + self->work_floats) * (gsize)self->session->slots);
}

static void
profile (gpointer program, gboolean on)
{
  ((NmdCpuProgram *)program)->profiling = on;
}

/* Bytes that a step's values have, each once. */
static double
bytes_of (const NmdCpuProgram *self, const NmdCpuStep *s)
{
  double floats = 0;
  for (int i = 0; i < s->n_in + s->n_out; i++)
    {
      const NmdCpuValue *v = nmd_cpu_value (
          self, i < s->n_in ? s->in_value[i] : s->out_value[i - s->n_in]);
      floats += (double)v->n * v->h * v->w * v->c;
    }
  return floats * sizeof (float);
}

/* Of the thread that was busy longest. */
static double
longest (const NmdCpuProgram *self, const double *seconds)
{
  double most = 0;
  for (int t = 0; t < self->session->slots; t++)
    most = MAX (most, seconds[t]);
  return most;
}

/* Steps (of a profiled run: those that ran), and the time that threads which share images
 * waited for each other. */
static const NmdStepInfo *
get_steps (gpointer program, int *n)
{
  NmdCpuProgram *self = program;
  g_array_set_size (self->infos, 0);
  for (guint g = 0; g < self->groups->len; g++)
    {
      const NmdCpuGroup *group = &g_array_index (self->groups, NmdCpuGroup, g);
      for (int k = 0; k < group->n_steps; k++)
        {
          const NmdCpuStep *s = nmd_cpu_step (self, group->steps[k]);
          const NmdStepInfo info
              = { s->name, longest (self, s->seconds), s->flop, bytes_of (self, s) };
          if (info.seconds > 0 || !self->profiling)
            g_array_append_val (self->infos, info);
        }
    }
  const NmdStepInfo waiting
      = { .name = "waiting", .seconds = longest (self, self->waited) };
  if (waiting.seconds > 0)
    g_array_append_val (self->infos, waiting);
  *n = (int)self->infos->len;
  return (const NmdStepInfo *)(gpointer)self->infos->data;
}

const NmdBackend nmd_backend_onednn = {
  .version = NMD_BACKEND_VERSION,
  .name = "onednn",
  .probe = probe,
  .open = open_session,
  .close = close_session,
  .set_threads = set_threads,
  .store_add = store_add,
  .store_read = store_read,
  .store_write = store_write,
  .compile = compile,
  .free = program_free,
  .write = write_node,
  .run = run_program,
  .read = read_node,
  .get_bytes = get_bytes,
  .profile = profile,
  .get_steps = get_steps,
};
