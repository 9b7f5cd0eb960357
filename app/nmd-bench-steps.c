/* SPDX-License-Identifier: Apache-2.0
 *
 * Times each compiled step of a program and compares it with what the device can do at
 * most. The two ceilings are measured in the same run, by programs of the same backend: a
 * product of large matrices and a sum of long vectors.
 */
#include "app/nmd-bench-steps.h"

#include "app/nmd-command.h"
#include "engine/core/nmd-random.h"

#include <stdio.h>

/* What the device can do at most. */
typedef struct
{
  double flop_rate, byte_rate; /* a second */
} Ceilings;

/* Seconds of the quickest of several runs of @graph, whose inputs are filled. */
static gboolean
time_graph (NmdSession *session,
            const NmdGraph *graph,
            NmdNode output,
            double *least,
            GError **error)
{
  g_autoptr (NmdProgram) program
      = nmd_session_compile (session, graph, &output, 1, error);

  *least = G_MAXDOUBLE;
  if (program == NULL)
    return FALSE;
  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph, i);
      const gsize count = nmd_shape_count (&node->shape);
      g_autofree float *values = node->op == NMD_OP_INPUT ? g_new (float, count) : NULL;

      if (values == NULL)
        continue;
      nmd_random_fill ("bench:ceiling", values, count);
      if (!nmd_program_write (program, i, values, error))
        return FALSE;
    }
  for (int i = 0; i < 12; i++)
    {
      const gint64 start = g_get_monotonic_time ();

      if (!nmd_program_run (program, error))
        return FALSE;
      *least = MIN (*least, (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC);
    }
  return TRUE;
}

static gboolean
measure_ceilings (NmdSession *session, Ceilings *out, GError **error)
{
  enum
  {
    SIDE = 1536,
    LONG = 1 << 24
  };
  const int square[2] = { SIDE, SIDE }, rows[4] = { 32, 64, 64, LONG / (32 * 64 * 64) };
  g_autoptr (NmdGraph) product = nmd_graph_new (), sum = nmd_graph_new ();
  NmdNode a[2], b[2], y;
  double seconds;

  for (int i = 0; i < 2; i++)
    {
      a[i] = nmd_graph_input (product, i == 0 ? "a" : "b", square, 2);
      b[i] = nmd_graph_input (sum, i == 0 ? "a" : "b", rows, 4);
    }
  y = nmd_graph_add (product, NMD_OP_LINEAR, "product", NULL, a, 2);
  if (!time_graph (session, product, y, &seconds, error))
    return FALSE;
  out->flop_rate = 2.0 * SIDE * SIDE * SIDE / seconds;
  y = nmd_graph_add (sum, NMD_OP_ADD, "sum", NULL, b, 2);
  if (!time_graph (session, sum, y, &seconds, error))
    return FALSE;
  out->byte_rate = 3.0 * sizeof (float) * LONG / seconds;
  return TRUE;
}

/* "87 %", or "" where there is nothing to compare. */
static char *
share_of (double rate, double ceiling)
{
  return rate > 0 ? g_strdup_printf ("%.0f %%", 100 * rate / ceiling) : g_strdup ("");
}

/* @flop_rate is the whole network's, outside the profile. */
static void
print_steps (const NmdStepInfo *steps, int n, double flop_rate, const Ceilings *ceilings)
{
  double total = 0;

  for (int i = 0; i < n; i++)
    total += steps[i].seconds;
  printf ("%-34s %9s %6s %9s %8s %8s %8s\n", "step", "ms", "share", "GFLOP/s", "of most",
          "GB/s", "of most");
  for (int i = 0; i < n; i++)
    {
      const double flops = steps[i].flop / steps[i].seconds,
                   bytes = steps[i].bytes / steps[i].seconds;
      g_autofree char *flop_share = share_of (flops, ceilings->flop_rate);
      g_autofree char *byte_share = share_of (bytes, ceilings->byte_rate);

      printf ("%-34s %9s %6s %9s %8s %8s %8s\n", steps[i].name,
              nmd_command_number (1e3 * steps[i].seconds, 3),
              nmd_command_number (100 * steps[i].seconds / total, 1),
              flops > 0 ? nmd_command_number (flops / 1e9, 1) : "", flop_share,
              bytes > 0 ? nmd_command_number (bytes / 1e9, 1) : "", byte_share);
    }
  printf ("%-34s %9s\n", "all steps", nmd_command_number (1e3 * total, 3));
  printf (
      "most: %s GFLOP/s in a product of matrices, %s GB/s in a sum of long vectors; what "
      "stays in the cache exceeds that\n",
      nmd_command_number (ceilings->flop_rate / 1e9, 1),
      nmd_command_number (ceilings->byte_rate / 1e9, 1));
  printf ("whole network: %s GFLOP/s, %s %% of that product\n\n",
          nmd_command_number (flop_rate / 1e9, 1),
          nmd_command_number (100 * flop_rate / ceilings->flop_rate, 0));
}

static JsonArray *
list_steps (const NmdStepInfo *steps, int n)
{
  JsonArray *array = json_array_new ();

  for (int i = 0; i < n; i++)
    {
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "step", steps[i].name);
      json_object_set_double_member (object, "seconds", steps[i].seconds);
      json_object_set_double_member (object, "flop", steps[i].flop);
      json_object_set_double_member (object, "bytes", steps[i].bytes);
      json_array_add_object_element (array, object);
    }
  return array;
}

/* The steps of @n_runs runs, each with its mean time. */
static NmdStepInfo *
average_steps (NmdProgram *program, int n_runs, int *n, GError **error)
{
  g_autofree NmdStepInfo *mean = NULL;

  for (int run = 0; run < n_runs; run++)
    {
      int now;
      if (!nmd_program_run (program, error) || !nmd_program_wait (program, error))
        return NULL;
      const NmdStepInfo *steps = nmd_program_get_steps (program, &now);
      if (mean == NULL)
        mean = g_new0 (NmdStepInfo, (*n = now) + 1);
      for (int i = 0; i < MIN (now, *n); i++)
        {
          const double before = mean[i].seconds;
          mean[i] = steps[i];
          mean[i].seconds = before + steps[i].seconds / n_runs;
        }
    }
  return g_steal_pointer (&mean);
}

/* Every compiled step, and the whole at @flop_rate, beside the ceilings. */
gboolean
nmd_bench_report_steps (NmdSession *session,
                        NmdProgram *program,
                        double flop_rate,
                        JsonObject *object,
                        GError **error)
{
  g_autofree NmdStepInfo *steps = NULL;
  Ceilings ceilings = { 0, 0 };
  int n = 0;

  nmd_program_set_profiling (program, TRUE);
  steps = average_steps (program, 10, &n, error);
  if (steps == NULL || !measure_ceilings (session, &ceilings, error))
    return FALSE;
  json_object_set_double_member (object, "ceiling_flop_per_second", ceilings.flop_rate);
  json_object_set_double_member (object, "ceiling_bytes_per_second", ceilings.byte_rate);
  json_object_set_array_member (object, "layers", list_steps (steps, n));
  if (!nmd_command_wants_json ())
    print_steps (steps, n, flop_rate, &ceilings);
  return TRUE;
}
