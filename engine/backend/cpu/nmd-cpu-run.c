/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the groups of steps on the session's threads (nmd-cpu-private.h says how a program is
 * cut). Nothing is allocated or looked up in a run, apart from what oneDNN does inside a
 * matrix product.
 */
#include "config.h"

#include "engine/backend/cpu/nmd-cpu-run.h"

#include "engine/backend/cpu/simd/nmd-simd-subnormal.h"
#include "engine/core/nmd-right-of-way.h"

#include <string.h>
#include <time.h>

#if HAVE_OPENMP
#include <omp.h>
#endif

typedef struct
{
  NmdCpuProgram *p;
  int threads;
  NmdCpuStep **failed; /* atomic: the first step that a library refused, or NULL */
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
  /* after a failure nobody computes, but all still meet where they wait for each other */
  if (!g_atomic_pointer_get (run->failed) && !s->op->run (s, c, i0, i1, r0, r1))
    g_atomic_pointer_compare_and_exchange (run->failed, NULL, s);
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
 the first one's rows behind. */
static int
rows_done (int row, int delay, int h0, int h)
{
  return row >= h0 ? h : (int)((gint64)MAX (0, row - delay) * h / h0);
}

/* The run of steps from @first on, on one image, a band of rows at a time. */
static void
run_bands (const Run *run, const NmdCpuGroup *g, NmdCpuContext *c, int first, int image)
{
  const int h = nmd_cpu_step (run->p, g->steps[first])->h, rows = g->rows[first];
  for (int r = 0; r < h; r += rows)
    for (int k = first; k < g->end[first]; k++)
      {
        NmdCpuStep *s = nmd_cpu_step (run->p, g->steps[k]);
        const int from = rows_done (r, g->delay[k], h, s->h),
                  to = rows_done (r + rows, g->delay[k], h, s->h);
        if (from < to)
          {
            c->first_row = from;
            run_step (run, s, c, image, image + 1, from, to);
          }
      }
  c->first_row = 0;
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
      nmd_right_of_way_give ();
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
      for (int i = 0; i < s->n_in; i++)
        if (s->op->overwrites >> i & 1)
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

/* On the session's threads, which do nothing else but compute: they stay so. Returns: what held on the
 * calling one, which does. */
static unsigned long
flush_subnormals (int threads)
{
  const unsigned long before = nmd_simd_flush_subnormals ();
  const gboolean gives = nmd_right_of_way_get_gives ();

#pragma omp parallel num_threads(threads)
  {
    nmd_simd_flush_subnormals ();
    nmd_right_of_way_set_gives (gives);
  }
  return before;
}

gboolean
nmd_cpu_run (NmdCpuProgram *self, GError **error)
{
  NmdCpuStep *failed = NULL;
  unsigned long before;
  const Run run = { .p = self, .threads = self->session->threads, .failed = &failed };
#if HAVE_OPENMP
  omp_set_num_threads (
      run.threads); /* this thread's setting; oneDNN reads it outside our regions */
#endif
  before = flush_subnormals (run.threads);
  if (self->profiling)
    clear_times (self);
  for (guint i = 0; i < self->groups->len && !failed; i++)
    {
      const NmdCpuGroup *g = &g_array_index (self->groups, NmdCpuGroup, i);
      nmd_right_of_way_give ();
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
  nmd_simd_keep_subnormals (before);
  self->prepared = !failed; /* what was cached may be half done */
  if (failed)
    g_set_error (error, NMD_ERROR, NMD_ERROR_DEVICE,
                 "The processor library refused step “%s” of %d × %d × %d × %d values",
                 failed->name, failed->n, failed->h, failed->w, failed->c);
  return !failed;
}
