/* SPDX-License-Identifier: Apache-2.0
 *
 * The CPU backend's table: device, session and store, and what goes into a program and comes
 * out. Compiling is lower/'s and nmd-cpu-plan.c's business, running nmd-cpu-run.c's.
 */
#include "config.h"

#include "engine/backend/nmd-backend-private.h"
#include "engine/backend/cpu/lower/nmd-cpu-lower.h"
#include "engine/backend/cpu/nmd-cpu-plan.h"
#include "engine/backend/cpu/nmd-cpu-program.h"
#include "engine/backend/cpu/nmd-cpu-run.h"
#include "engine/backend/cpu/onednn/nmd-onednn.h"
#include "engine/core/nmd-words.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Device and session */

static char *
describe (int threads)
{
  g_autofree char *number
      = g_strdup_printf (nmd_word_n ("%d thread", "%d threads", (guint)threads), threads);

  return g_strdup_printf ("%s, %s, %s", nmd_onednn_version (), number,
                          nmd_kernels_get ()->name);
}

static void
probe (GPtrArray *devices)
{
  NmdDevice *device = g_new0 (NmdDevice, 1);
  device->name = g_strdup (NMD_DEVICE_DEFAULT);
  device->title = g_strdup ("Processor");
  device->description = describe (count_processors ());
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
  int most = self->slots;
#if HAVE_OPENMP
  /* oneDNN's primitives count on as many threads as they were made for. */
  omp_set_dynamic (0);
  most = MIN (most, omp_get_thread_limit ());
#endif
  self->threads = CLAMP (threads, 1, most);
}

/* Bytes that a thread's values of one block or band may take: half of its second-level
 * cache, the rest is for weights and what is written; from 512 KiB to 2 MiB. A system that
 * does not tell the size counts as one of 2 MiB. NMD_CPU_CACHE sets another number, so
 * that tests can have bands of small images. */
static gsize
cache_bytes (void)
{
  const char *set = g_getenv ("NMD_CPU_CACHE");
  const guint64 bytes = set ? g_ascii_strtoull (set, NULL, 10) : 0;
  long cache = 0;
#ifdef _SC_LEVEL2_CACHE_SIZE
  cache = sysconf (_SC_LEVEL2_CACHE_SIZE);
#endif
  if (cache <= 0 || cache > 64 << 20)
    cache = 2 << 20;
  return bytes > 0 ? (gsize)bytes : (gsize)CLAMP (cache / 2, 512 << 10, 2 << 20);
}

static gpointer
open_session (const char *device, int threads, GError **error)
{
  if (!nmd_onednn_start (error))
    return NULL;
  NmdCpuSession *self = g_new0 (NmdCpuSession, 1);
  self->cache_bytes = cache_bytes ();
  self->narrow = g_str_has_suffix (device, "/bf16");
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

/* Store */

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

/* Program */

static gpointer
compile (gpointer session,
         const NmdGraph *graph,
         const gboolean *needed,
         const int *handles,
         const gboolean *is_output,
         GError **error)
{
  NmdCpuProgram *self = nmd_cpu_program_new (session, graph, is_output);
  if (nmd_cpu_lower (self, needed, handles, error) && nmd_cpu_plan (self, error))
    return self;
  nmd_cpu_program_free (self);
  return NULL;
}

static void
program_free (gpointer program)
{
  nmd_cpu_program_free (program);
}

static gboolean
run_program (gpointer program, GError **error)
{
  return nmd_cpu_run (program, error);
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

/* Figures */

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

static const char *const numerics[] = { "bf16", NULL };

const NmdBackend nmd_backend_cpu = {
  .version = NMD_BACKEND_VERSION,
  .name = "cpu",
  .probe = probe,
  .open = open_session,
  .close = close_session,
  .set_threads = set_threads,
  .describe = describe,
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
  .numerics = numerics,
};
