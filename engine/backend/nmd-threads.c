/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts cores, and measures once. What a session computes is not changed by it, but for the order of sums.
 */
#include "config.h"

#include "engine/backend/nmd-threads.h"

#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-file.h"
#include "engine/nn/nmd-network.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "/sys/devices/system/cpu"
#define TURNS 3
#define GAIN 0.98 /* of the time with a thread for each core */

#define BATCH 8
#define SIZE 96

static gboolean
may_use (int processor)
{
#ifdef __linux__
  cpu_set_t set;

  if (sched_getaffinity (0, sizeof set, &set) == 0 && processor < CPU_SETSIZE)
    return CPU_ISSET (processor, &set);
#endif
  return TRUE;
}

int
nmd_threads_count_cores (const char *folder)
{
  g_autoptr (GHashTable) cores
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path
          = g_build_filename (folder, name, "topology", "thread_siblings_list", NULL);
      char *end = NULL, *siblings = NULL;
      guint64 processor;

      if (!g_str_has_prefix (name, "cpu") || !g_ascii_isdigit (name[3]))
        continue;
      processor = g_ascii_strtoull (name + 3, &end, 10);
      if (*end != '\0' || processor > G_MAXINT || !may_use ((int)processor)
          || !g_file_get_contents (path, &siblings, NULL, NULL))
        continue;
      g_hash_table_add (cores, g_strstrip (siblings));
    }
  return (int)g_hash_table_size (cores);
}

int
nmd_threads_choose (int cores,
                    int processors,
                    NmdThreadsMeasure measure,
                    gpointer user_data)
{
  double least[2] = { G_MAXDOUBLE, G_MAXDOUBLE };

  if (cores >= processors)
    return processors;
  for (int turn = 0; turn < TURNS; turn++)
    for (int i = 0; i < 2; i++)
      {
        const double taken = measure (i == 0 ? cores : processors, user_data);

        least[i] = MIN (least[i], taken);
      }
  return least[1] < GAIN * least[0] ? processors : cores;
}

/* Measuring */

typedef struct
{
  NmdNetworkGraph nodes;
  NmdSession *session;
  NmdProgram *program;
} Work;

static void
work_clear (Work *self)
{
  g_clear_pointer (&self->program, nmd_program_free);
  g_clear_pointer (&self->session, nmd_session_close);
  nmd_network_graph_clear (&self->nodes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

/* @value everywhere in input @node; NMD_NODE_NONE is none. */
static gboolean
fill (Work *self, NmdNode node, float value)
{
  g_autofree float *values = NULL;
  gsize n;

  if (node == NMD_NODE_NONE)
    return TRUE;
  n = nmd_shape_count (&nmd_graph_get (self->nodes.graph, node)->shape);
  values = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    values[i] = value;
  return nmd_program_write (self->program, node, values, NULL);
}

/* Steps of training on small grey images. */
static gboolean
work_begin (Work *self, int threads)
{
  const NmdAdamSettings adam
      = { .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0 };
  NmdNetwork network = *nmd_network_find ("nmdassistnet", NULL);

  network.input_size = SIZE;
  self->session = nmd_session_open (NMD_DEVICE_DEFAULT, threads, NULL);
  if (self->session == NULL
      || !nmd_network_training (&self->nodes, &network, 2, BATCH, &adam, NULL))
    return FALSE;
  self->program = nmd_session_compile (self->session, self->nodes.graph,
                                       &self->nodes.loss, 1, NULL);
  return self->program != NULL && fill (self, self->nodes.images, 0.5f)
         && fill (self, self->nodes.targets, 0.5f) && fill (self, self->nodes.dropout, 1)
         && fill (self, self->nodes.lr, 1e-3f) && fill (self, self->nodes.step, 1)
         && fill (self, self->nodes.share, 0.1f) && nmd_program_run (self->program, NULL);
}

static double
measure (int threads, gpointer user_data)
{
  Work *work = user_data;
  gint64 start;

  nmd_session_set_threads (work->session, threads);
  (void)nmd_program_run (work->program, NULL);
  start = g_get_monotonic_time ();
  (void)nmd_program_run (work->program, NULL);
  return (double)(g_get_monotonic_time () - start) / 1000;
}

/* What was measured before on @machine: a line "MACHINE: THREADS". */
static int
read_kept (const char *path, const char *machine, int processors)
{
  g_autofree char *text = NULL;
  const char *found;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  found = g_str_has_prefix (text, machine) ? text + strlen (machine) : NULL;
  return found != NULL && g_str_has_prefix (found, ": ")
             ? CLAMP (atoi (found + 2), 0, processors)
             : 0;
}

int
nmd_threads_find (const char *processors_folder, const char *kept)
{
  const int processors = (int)g_get_num_processors (),
            cores = nmd_threads_count_cores (processors_folder);
  g_autofree char *machine = NULL, *folder = NULL, *line = NULL;
  g_auto (Work) work = { 0 };
  int threads;

  if (cores <= 0 || cores >= processors)
    return processors;
  machine = g_strdup_printf ("%d cores with %d threads", cores, processors);
  threads = read_kept (kept, machine, processors);
  if (threads > 0)
    return threads;
  if (!work_begin (&work, processors))
    return processors;
  threads = nmd_threads_choose (cores, processors, measure, &work);
  line = g_strdup_printf ("%s: %d\n", machine, threads);
  /* it is measured again where it cannot be kept */
  folder = g_path_get_dirname (kept);
  if (g_mkdir_with_parents (folder, 0700) == 0)
    (void)nmd_file_write_text (kept, line, NULL);
  return threads;
}

int
nmd_threads_get_usual (void)
{
  static gsize found = 0;

  if (g_once_init_enter (&found))
    {
      g_autofree char *kept
          = g_build_filename (g_get_user_cache_dir (), "nmd-assist", "threads", NULL);

      g_once_init_leave (&found, (gsize)MAX (nmd_threads_find (FOLDER, kept), 1));
    }
  return (int)found;
}
