/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd bench`: how fast a network trains or scores on a device. The single steps are
 * nmd-bench-steps.c's.
 */
#include "app/nmd-command.h"

#include "app/nmd-bench-steps.h"
#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-random.h"
#include "engine/nn/nmd-network.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* Shares of two classes by turns, or masks of squares. */
static gboolean
write_targets (NmdProgram *program, const NmdNetworkGraph *built, GError **error)
{
  const NmdShape *shape = &nmd_graph_get (built->graph, built->targets)->shape;
  const gsize n = nmd_shape_count (shape), side = (gsize)shape->dims[3];
  g_autofree float *targets = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    if (shape->n_dims == 2)
      targets[i] = i % 4 == 0 || i % 4 == 3 ? 0.95F : 0.05F;
    else
      targets[i] = i % side / 32 % 2 == i / side / 32 % 2;
  return nmd_program_write (program, built->targets, targets, error);
}

/* Fills the inputs of a benchmark's graph; the numbers do not matter, but they are no
 * zeros. */
static gboolean
write_inputs (NmdProgram *program,
              const NmdNetworkGraph *built,
              int size,
              int batch,
              gboolean train,
              GError **error)
{
  gsize n = (gsize)batch * 3 * (gsize)size * (gsize)size;
  g_autofree float *images = g_new (float, n);
  const float lr = 1e-3F, one = 1, share = 0.1F;

  nmd_random_fill ("bench:images", images, n);
  if (!nmd_program_write (program, built->images, images, error))
    return FALSE;
  if (train && built->dropout != NMD_NODE_NONE)
    {
      const NmdShape *shape = &nmd_graph_get (built->graph, built->dropout)->shape;
      g_autofree float *mask = g_new (float, nmd_shape_count (shape));

      for (gsize i = 0; i < nmd_shape_count (shape); i++)
        mask[i] = 1;
      if (!nmd_program_write (program, built->dropout, mask, error))
        return FALSE;
    }
  return !train
         || (write_targets (program, built, error)
             && nmd_program_write (program, built->lr, &lr, error)
             && nmd_program_write (program, built->step, &one, error)
             && nmd_program_write (program, built->share, &share, error));
}

/* Median seconds of a step over @seconds, three steps to warm up and three to measure at
 * least; @first is when the first one was over. */
static gboolean
time_steps (NmdProgram *program,
            double seconds,
            gint64 *first,
            double *median,
            guint *n,
            GError **error)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  gint64 end = 0;

  for (int i = 0; i < 3; i++)
    {
      if (!nmd_program_run (program, error) || !nmd_program_wait (program, error))
        return FALSE;
      if (i == 0)
        *first = g_get_monotonic_time ();
    }
  end = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);
  while (times->len < 3 || g_get_monotonic_time () < end)
    {
      gint64 start = g_get_monotonic_time ();
      double took;

      if (!nmd_program_run (program, error) || !nmd_program_wait (program, error)
          || g_cancellable_set_error_if_cancelled (nmd_command_get_cancellable (), error))
        return FALSE;
      took = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
      g_array_append_val (times, took);
    }
  g_array_sort (times, nmd_number_compare);
  *n = times->len;
  *median = g_array_index (times, double, times->len / 2);
  return TRUE;
}

typedef struct
{
  const NmdNetwork *network;
  gboolean train;
  int batch, threads;
  double seconds;
  const char *device;
  gboolean steps; /* report every step's time */
} Bench;

static gboolean
compile_bench (const Bench *bench,
               NmdSession *session,
               NmdProgram **program,
               double *flop,
               GError **error)
{
  const NmdAdamSettings adam
      = { .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 1e-5 };
  g_auto (NmdNetworkGraph) built = { 0 };
  g_autoptr (NmdWeights) weights = NULL;
  NmdNode output;

  if (!(bench->train
            ? nmd_network_training (&built, bench->network, 2, bench->batch, &adam, error)
            : nmd_network_inference (&built, bench->network, 2, bench->batch, error)))
    return FALSE;
  output = bench->train ? built.loss : built.logits;
  *flop = 2.0 * (double)nmd_graph_count_macs (built.graph) * (bench->train ? 3 : 1);
  *program = nmd_session_compile (session, built.graph, &output, 1, error);
  if (*program == NULL)
    return FALSE;
  weights = nmd_network_init (bench->network, 2, 1);
  return nmd_session_load (session, weights, NULL, error)
         && write_inputs (*program, &built, bench->network->input_size, bench->batch,
                          bench->train, error);
}

static gboolean
run_bench (const Bench *bench, JsonObject *object, GError **error)
{
  g_autoptr (NmdSession) session
      = nmd_session_open (bench->device, bench->threads, error);
  g_autoptr (NmdProgram) program = NULL;
  struct rusage usage = { 0 };
  const gint64 start = g_get_monotonic_time ();
  double median = 0, flop = 0;
  gint64 first = 0;
  guint n = 0;

  if (session == NULL || !compile_bench (bench, session, &program, &flop, error)
      || !time_steps (program, bench->seconds, &first, &median, &n, error))
    return FALSE;
  getrusage (RUSAGE_SELF, &usage);
  if (bench->steps
      && !nmd_bench_report_steps (session, program, flop / median, object, error))
    return FALSE;
  json_object_set_string_member (object, "model", bench->network->name);
  json_object_set_string_member (object, "mode", bench->train ? "train" : "infer");
  json_object_set_int_member (object, "batch", bench->batch);
  json_object_set_string_member (object, "device", nmd_session_get_device (session));
  json_object_set_string_member (object, "numerics", nmd_session_get_numerics (session));
  json_object_set_string_member (object, "description",
                                 nmd_session_get_description (session));
  json_object_set_int_member (object, "threads", nmd_session_get_threads (session));
  json_object_set_double_member (object, "images_per_second", bench->batch / median);
  json_object_set_double_member (object, "median_step_seconds", median);
  json_object_set_double_member (object, "first_step_after_seconds",
                                 (double)(first - start) / G_USEC_PER_SEC);
  json_object_set_double_member (object, "flop_per_second", flop / median);
  json_object_set_int_member (object, "steps", n);
  json_object_set_int_member (object, "peak_bytes", (gint64)usage.ru_maxrss * 1024);
  json_object_set_int_member (object, "program_bytes",
                              (gint64)nmd_program_get_bytes (program));
  return TRUE;
}

int
nmd_command_bench (int argc, char **argv)
{
  g_autofree char *mode = NULL, *device = NULL, *numerics = NULL;
  int batch = 32, threads = 0, status = 0;
  double seconds = 10;
  gboolean steps = FALSE;
  const GOptionEntry entries[] = {
    { "mode", 0, 0, G_OPTION_ARG_STRING, &mode, "What to measure: train or infer [train]",
      "MODE" },
    { "batch", 0, 0, G_OPTION_ARG_INT, &batch, "Images in a step [32]", "N" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads,
      "Processor threads; 0: as many as are fastest here [0]", "N" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, "Seconds to measure for [10]",
      "S" },
    { "device", 0, 0, G_OPTION_ARG_STRING, &device,
      "Device: " NMD_DEVICE_FORMS " [" NMD_DEVICE_DEFAULT "]", "NAME" },
    { "numerics", 0, 0, G_OPTION_ARG_STRING, &numerics,
      "Arithmetic: " NMD_NUMERICS_FORMS " [strict]", "NAME" },
    { "layers", 0, 0, G_OPTION_ARG_NONE, &steps,
      "Also print each compiled step and the device's ceilings", NULL },
    { NULL },
  };
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GError) error = NULL;
  JsonObject *object = json_object_new ();
  Bench bench;

  json_node_take_object (node, object);
  if (!nmd_command_parse ("bench", entries, &argc, &argv, 1, 1, &status))
    return status;
  if (mode != NULL && strcmp (mode, "train") != 0 && strcmp (mode, "infer") != 0)
    return nmd_command_usage ("--mode is train or infer, not “%s”", mode);
  if (batch < 1 || batch > 4096)
    return nmd_command_usage ("--batch must be 1 to 4096, not %d", batch);
  if (!nmd_command_check_compute (&device, numerics, threads, NULL, &status))
    return status;
  if (!(seconds > 0 && seconds <= 3600))
    return nmd_command_usage ("--seconds must be over 0, to 3600");
  bench = (Bench){ .network = nmd_network_find (argv[1], &error),
                   .train = g_strcmp0 (mode, "infer") != 0,
                   .batch = batch,
                   .threads = threads,
                   .seconds = seconds,
                   .device = device,
                   .steps = steps };
  if (bench.network == NULL || !run_bench (&bench, object, &error))
    return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    nmd_command_print_json (g_steal_pointer (&node));
  else
    printf ("%s %s, batch %d: %s images/s, peak %s MB (%s)\n", bench.network->title,
            bench.train ? "training" : "inference", batch,
            nmd_command_number (
                json_object_get_double_member (object, "images_per_second"), 1),
            nmd_command_number (
                (double)json_object_get_int_member (object, "peak_bytes") / 1e6, 0),
            json_object_get_string_member (object, "description"));
  return NMD_EXIT_DONE;
}
