/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of `nmd` about networks and machines: model, bench, devices.
 */
#include "app/nmd-command.h"

#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-random.h"
#include "engine/nn/nmd-network.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* Trainable values that @node reads from the store. */
static gint64
count_own_parameters (const NmdGraph *graph, const NmdNodeInfo *node)
{
  gint64 count = 0;

  for (int i = 0; i < node->n_inputs; i++)
    {
      const NmdNodeInfo *input = nmd_graph_get (graph, node->inputs[i]);

      if (input->op == NMD_OP_STORE && input->at.trainable)
        count += (gint64)nmd_shape_count (&input->shape);
    }
  return count;
}

static gint64
count_macs (const NmdGraph *graph, const NmdNodeInfo *node)
{
  const NmdNodeInfo *weights = NULL;

  if (node->op != NMD_OP_CONV && node->op != NMD_OP_LINEAR)
    return 0;
  weights = nmd_graph_get (graph, node->inputs[1]);
  return (gint64)nmd_shape_count (&node->shape)
         * ((gint64)nmd_shape_count (&weights->shape) / weights->shape.dims[0]);
}

static JsonArray *
list_layers (const NmdGraph *graph)
{
  JsonArray *layers = json_array_new ();

  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph, i);
      JsonObject *layer = NULL;
      JsonArray *shape = NULL;

      if (node->op == NMD_OP_STORE || node->op == NMD_OP_INPUT
          || node->op == NMD_OP_CONSTANT || node->op == NMD_OP_RESHAPE)
        continue;
      layer = json_object_new ();
      shape = json_array_new ();
      for (int d = 0; d < node->shape.n_dims; d++)
        json_array_add_int_element (shape, node->shape.dims[d]);
      json_object_set_string_member (layer, "name", node->name);
      json_object_set_string_member (layer, "operation", nmd_op_get_name (node->op));
      json_object_set_array_member (layer, "output_shape", shape);
      json_object_set_int_member (layer, "parameters",
                                  count_own_parameters (graph, node));
      json_object_set_int_member (layer, "multiply_adds", count_macs (graph, node));
      json_object_set_int_member (layer, "activation_bytes",
                                  (gint64)(4 * nmd_shape_count (&node->shape)));
      json_array_add_object_element (layers, layer);
    }
  return layers;
}

static void
print_layers (JsonObject *object)
{
  JsonArray *layers = json_object_get_array_member (object, "layers");

  printf ("%s\n%s\n\n%-44s %-18s %-20s %10s %14s\n",
          json_object_get_string_member (object, "title"),
          json_object_get_string_member (object, "note"), "layer", "operation", "output",
          "parameters", "multiply-adds");
  for (guint i = 0; i < json_array_get_length (layers); i++)
    {
      JsonObject *layer = json_array_get_object_element (layers, i);
      JsonArray *dims = json_object_get_array_member (layer, "output_shape");
      g_autoptr (GString) shape = g_string_new (NULL);

      for (guint d = 1; d < json_array_get_length (dims); d++)
        g_string_append_printf (shape, "%s%d", d > 1 ? "×" : "",
                                (int)json_array_get_int_element (dims, d));
      printf ("%-44s %-18s %-20s %10" G_GINT64_FORMAT " %14" G_GINT64_FORMAT "\n",
              json_object_get_string_member (layer, "name"),
              json_object_get_string_member (layer, "operation"), shape->str,
              json_object_get_int_member (layer, "parameters"),
              json_object_get_int_member (layer, "multiply_adds"));
    }
  printf ("\n%" G_GINT64_FORMAT " parameters, %" G_GINT64_FORMAT
          " multiply-adds an image\n",
          json_object_get_int_member (object, "parameters"),
          json_object_get_int_member (object, "multiply_adds"));
}

int
nmd_command_model (int argc, char **argv)
{
  int classes = 2, status = 0;
  const GOptionEntry entries[] = {
    { "classes", 0, 0, G_OPTION_ARG_INT, &classes, "Number of classes [2]", "N" },
    { NULL },
  };
  g_auto (NmdNetworkGraph) built = { 0 };
  const NmdNetwork *network = NULL;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GError) error = NULL;
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  if (!nmd_command_parse ("model", entries, &argc, &argv, 1, 1, &status))
    return status;
  if (classes < 2 || classes > 10000)
    return nmd_command_usage ("--classes must be 2 to 10000, not %d", classes);
  network = nmd_network_find (argv[1], &error);
  if (network == NULL || !nmd_network_inference (&built, network, classes, 1, &error))
    return nmd_command_fail (error);
  json_object_set_string_member (object, "model", network->name);
  json_object_set_string_member (object, "title", network->title);
  json_object_set_string_member (object, "note", network->note);
  json_object_set_string_member (object, "source", network->source);
  json_object_set_int_member (object, "parameters",
                              nmd_graph_count_parameters (built.graph));
  json_object_set_int_member (object, "multiply_adds",
                              nmd_graph_count_macs (built.graph));
  json_object_set_array_member (object, "layers", list_layers (built.graph));
  if (nmd_command_wants_json ())
    nmd_command_print_json (g_steal_pointer (&node));
  else
    print_layers (object);
  return NMD_EXIT_DONE;
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
  g_autofree float *images = g_new (float, n), *targets = g_new (float, (gsize)batch * 2);
  const float lr = 1e-3F, one = 1, share = 0.1F;

  nmd_random_fill ("bench:images", images, n);
  for (int i = 0; i < batch; i++)
    {
      targets[2 * i] = i % 2 == 0 ? 0.95F : 0.05F;
      targets[2 * i + 1] = 1 - targets[2 * i];
    }
  if (!nmd_program_write (program, built->images, images, error))
    return FALSE;
  return !train
         || (nmd_program_write (program, built->targets, targets, error)
             && nmd_program_write (program, built->lr, &lr, error)
             && nmd_program_write (program, built->step, &one, error)
             && nmd_program_write (program, built->share, &share, error));
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* Median seconds of a step over @seconds, three steps to warm up and three to measure at
 * least. */
static gboolean
time_steps (NmdProgram *program, double seconds, double *median, guint *n, GError **error)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  gint64 end = 0;

  for (int i = 0; i < 3; i++)
    if (!nmd_program_run (program, error))
      return FALSE;
  end = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);
  while (times->len < 3 || g_get_monotonic_time () < end)
    {
      gint64 start = g_get_monotonic_time ();
      double took;

      if (!nmd_program_run (program, error)
          || g_cancellable_set_error_if_cancelled (nmd_command_get_cancellable (), error))
        return FALSE;
      took = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
      g_array_append_val (times, took);
    }
  g_array_sort (times, compare_doubles);
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
  gboolean steps; /* print every step's time */
} Bench;

static gboolean
compile_bench (const Bench *bench,
               NmdSession *session,
               NmdProgram **program,
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
  *program = nmd_session_compile (session, built.graph, &output, 1, error);
  if (*program == NULL)
    return FALSE;
  weights = nmd_network_init (bench->network, 2, 1);
  return nmd_session_load (session, weights, NULL, error)
         && write_inputs (*program, &built, bench->network->input_size, bench->batch,
                          bench->train, error);
}

static void
print_steps (NmdProgram *program)
{
  int n = 0;
  const NmdStepInfo *steps = nmd_program_get_steps (program, &n);

  fprintf (stderr, "%-60s %10s %10s %10s\n", "step", "ms", "GFLOP/s", "GB/s");
  for (int i = 0; i < n; i++)
    fprintf (stderr, "%-60s %10s %10s %10s\n", steps[i].name,
             nmd_command_number (1e3 * steps[i].seconds, 3),
             nmd_command_number (steps[i].flop / steps[i].seconds / 1e9, 1),
             nmd_command_number (steps[i].bytes / steps[i].seconds / 1e9, 1));
}

static gboolean
run_bench (const Bench *bench, JsonObject *object, GError **error)
{
  g_autoptr (NmdSession) session
      = nmd_session_open (bench->device, bench->threads, error);
  g_autoptr (NmdProgram) program = NULL;
  struct rusage usage = { 0 };
  double median = 0;
  guint n = 0;

  if (session == NULL || !compile_bench (bench, session, &program, error)
      || !time_steps (program, bench->seconds, &median, &n, error))
    return FALSE;
  if (bench->steps)
    {
      nmd_program_set_profiling (program, TRUE);
      if (!nmd_program_run (program, error))
        return FALSE;
      print_steps (program);
    }
  getrusage (RUSAGE_SELF, &usage);
  json_object_set_string_member (object, "model", bench->network->name);
  json_object_set_string_member (object, "mode", bench->train ? "train" : "infer");
  json_object_set_int_member (object, "batch", bench->batch);
  json_object_set_string_member (object, "device", nmd_session_get_device (session));
  json_object_set_string_member (object, "description",
                                 nmd_session_get_description (session));
  json_object_set_int_member (object, "threads", nmd_session_get_threads (session));
  json_object_set_double_member (object, "images_per_second", bench->batch / median);
  json_object_set_double_member (object, "median_step_seconds", median);
  json_object_set_int_member (object, "steps", n);
  json_object_set_int_member (object, "peak_bytes", (gint64)usage.ru_maxrss * 1024);
  json_object_set_int_member (object, "program_bytes",
                              (gint64)nmd_program_get_bytes (program));
  return TRUE;
}

int
nmd_command_bench (int argc, char **argv)
{
  g_autofree char *mode = NULL, *device = NULL;
  int batch = 32, threads = 0, status = 0;
  double seconds = 10;
  gboolean steps = FALSE;
  const GOptionEntry entries[] = {
    { "mode", 0, 0, G_OPTION_ARG_STRING, &mode, "train or infer [train]", "MODE" },
    { "batch", 0, 0, G_OPTION_ARG_INT, &batch, "Images a step [32]", "N" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads, "Processor threads, 0 for all [0]",
      "N" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, "How long to measure [10]", "S" },
    { "device", 0, 0, G_OPTION_ARG_STRING, &device,
      "cpu, reference, cuda or cuda:N [cpu]", "NAME" },
    { "layers", 0, 0, G_OPTION_ARG_NONE, &steps, "Print the time of every compiled step",
      NULL },
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
  if (!nmd_command_check_compute (device, threads, NULL, &status))
    return status;
  if (!(seconds > 0 && seconds <= 3600))
    return nmd_command_usage ("--seconds must be over 0, to 3600");
  bench = (Bench){ .network = nmd_network_find (argv[1], &error),
                   .train = g_strcmp0 (mode, "infer") != 0,
                   .batch = batch,
                   .threads = threads,
                   .seconds = seconds,
                   .device = device != NULL ? device : "cpu",
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

int
nmd_command_devices (int argc, char **argv)
{
  int status = 0;
  g_autoptr (GPtrArray) devices = NULL;
  JsonArray *array = NULL;
  JsonObject *object = NULL;
  JsonNode *node = NULL;

  if (!nmd_command_parse ("devices", NULL, &argc, &argv, 0, 0, &status))
    return status;
  devices = nmd_devices_list ();
  if (!nmd_command_wants_json ())
    {
      for (guint i = 0; i < devices->len; i++)
        {
          const NmdDevice *device = devices->pdata[i];

          printf ("%-10s %s%s%s\n", device->name, device->description,
                  device->unavailable != NULL ? " — cannot be used: " : "",
                  device->unavailable != NULL ? device->unavailable : "");
        }
      return NMD_EXIT_DONE;
    }
  array = json_array_new ();
  for (guint i = 0; i < devices->len; i++)
    {
      const NmdDevice *device = devices->pdata[i];
      JsonObject *entry = json_object_new ();

      json_object_set_string_member (entry, "name", device->name);
      json_object_set_string_member (entry, "description", device->description);
      json_object_set_boolean_member (entry, "available", device->unavailable == NULL);
      if (device->unavailable != NULL)
        json_object_set_string_member (entry, "reason", device->unavailable);
      json_array_add_object_element (array, entry);
    }
  object = json_object_new ();
  json_object_set_array_member (object, "devices", array);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  nmd_command_print_json (node);
  return NMD_EXIT_DONE;
}
