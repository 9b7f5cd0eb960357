/* SPDX-License-Identifier: Apache-2.0
 *
 * The wrapper around the backends: devices, what is refused and with which words, the
 * store, nodes that are left out, and backends that break the contract.
 */
#include "engine/backend/nmd-backend-private.h"

#include <math.h>
#include <string.h>

/* y = relu (w·x) with a stored w [3,2]; b stands aside. */
typedef struct
{
  NmdGraph *graph;
  NmdNode x, aside, w, product, y;
} Small;

static void
small_init (Small *self)
{
  const NmdAttributes relu = { .activation = NMD_RELU };

  self->graph = nmd_graph_new ();
  self->x = nmd_graph_input (self->graph, "x", (const int[]){ 1, 2 }, 2);
  self->aside = nmd_graph_input (self->graph, "aside", (const int[]){ 1, 2 }, 2);
  self->w = nmd_graph_store (self->graph, "net.w", TRUE, (const int[]){ 3, 2 }, 2);
  self->product = nmd_graph_add (self->graph, NMD_OP_LINEAR, "product", NULL,
                                 (NmdNode[]){ self->x, self->w }, 2);
  self->y = nmd_graph_add (self->graph, NMD_OP_ACTIVATION, "y", &relu, &self->product, 1);
  nmd_graph_add (self->graph, NMD_OP_SOFTMAX, "unused", NULL, &self->aside, 1);
}

static void
small_clear (Small *self)
{
  nmd_graph_free (self->graph);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Small, small_clear)

static NmdSession *
open_device (const char *name)
{
  g_autoptr (GError) error = NULL;
  NmdSession *session = nmd_session_open (name, 1, &error);

  g_assert_no_error (error);
  return session;
}

static void
test_devices (void)
{
  g_autoptr (GPtrArray) devices = nmd_devices_list ();
  g_autoptr (GError) error = NULL;
  guint cpu = 0, reference = 0;

  for (guint i = 0; i < devices->len; i++)
    {
      const NmdDevice *device = devices->pdata[i];
      g_autoptr (NmdSession) session = NULL;

      cpu += g_str_equal (device->name, "cpu");
      reference += g_str_equal (device->name, "reference");
      g_assert_nonnull (device->description);
      session = nmd_session_open (device->name, 1, &error);
      if (device->unavailable != NULL)
        {
          g_assert_error (error, NMD_ERROR, NMD_ERROR_DEVICE);
          g_assert_nonnull (strstr (error->message, device->unavailable));
          g_clear_error (&error);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (nmd_session_get_device (session), ==, device->name);
      const gboolean is_cpu = g_str_equal (device->name, "cpu");
      const char *text = nmd_session_get_description (session);
      g_assert_true (is_cpu ? strstr (text, ", 1 thread, ") != NULL
                            : g_str_has_prefix (text, device->description));
      g_assert_true (
          g_str_has_suffix (nmd_session_get_description (session), ", strict numerics"));
      g_assert_nonnull (device->title);
      g_assert_cmpint (nmd_session_get_threads (session), ==, 1);
      nmd_session_set_threads (session, 0);
      g_assert_cmpint (nmd_session_get_threads (session), ==,
                       (int)g_get_num_processors ());
      nmd_session_set_default_threads (3);
      g_assert_cmpint (nmd_session_get_threads (session), ==,
                       (int)g_get_num_processors ());
      nmd_session_set_threads (session, 0);
      g_assert_cmpint (nmd_session_get_threads (session), ==, 3);
      text = nmd_session_get_description (session);
      g_assert_true (!is_cpu || strstr (text, ", 3 threads, ") != NULL);
      nmd_session_set_default_threads (0);
    }
  g_assert_cmpuint (cpu, ==, 1);
  g_assert_cmpuint (reference, ==, 1);
  g_assert_null (nmd_session_open ("gpu", 1, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_assert_true (
      g_str_has_prefix (error->message, "Unknown device “gpu”: this computer has "));
}

static void
test_program (gconstpointer device)
{
  g_autoptr (NmdSession) session = open_device (device);
  g_auto (Small) small = { NULL };
  g_autoptr (NmdProgram) program = NULL;
  g_autoptr (GError) error = NULL;
  float y[3], values[2] = { 1, -2 };
  int n_steps = 0;

  small_init (&small);
  program = nmd_session_compile (session, small.graph, &small.y, 1, &error);
  g_assert_no_error (error);
  g_assert_false (nmd_program_run (program, &error));
  g_assert_cmpstr (error->message, ==, "Input x has no values yet");
  g_clear_error (&error);
  g_assert_false (nmd_program_write (program, small.w, values, &error));
  g_assert_cmpstr (error->message, ==,
                   "Node net.w (store) is no input and cannot be written");
  g_clear_error (&error);
  g_assert_true (nmd_program_write (program, small.x, values, &error));
  g_assert_false (nmd_program_read (program, small.y, y, &error));
  g_assert_cmpstr (error->message, ==,
                   "Node y (activation) cannot be read before the first run");
  g_clear_error (&error);
  /* the store starts at zero; "aside" needs no values, nothing computes with it */
  g_assert_true (nmd_program_run (program, &error));
  g_assert_true (nmd_program_read (program, small.y, y, &error));
  g_assert_cmpfloat (y[0], ==, 0);
  g_assert_true (nmd_session_store_write (
      session, "net.w", (const float[]){ 1, 0, 0, 1, 3, 1 }, 6, &error));
  g_assert_true (nmd_program_run (program, &error));
  g_assert_true (nmd_program_read (program, small.y, y, &error));
  g_assert_cmpfloat (y[0], ==, 1);
  g_assert_cmpfloat (y[1], ==, 0);
  g_assert_cmpfloat (y[2], ==, 1);
  g_assert_false (nmd_program_read (program, small.product, y, &error));
  g_assert_cmpstr (error->message, ==,
                   "Node product (linear) is not among the program's outputs");
  g_clear_error (&error);
  nmd_program_set_profiling (program, TRUE);
  g_assert_true (nmd_program_run (program, &error));
  nmd_program_get_steps (program, &n_steps);
  g_assert_cmpint (n_steps, >=, 1);
  g_assert_cmpint (n_steps, <=, 2); /* the softmax is left out */
}

static void
test_program_errors (gconstpointer device)
{
  g_autoptr (NmdSession) session = open_device (device);
  g_auto (Small) small = { NULL };
  g_autoptr (NmdGraph) other = nmd_graph_new (), broken = nmd_graph_new ();
  g_autoptr (NmdProgram) program = NULL;
  g_autoptr (GError) error = NULL;
  NmdNode w;

  small_init (&small);
  g_assert_null (nmd_session_compile (session, small.graph, NULL, 0, &error));
  g_assert_cmpstr (error->message, ==,
                   "The graph has nothing to compute: no outputs and no updates");
  g_clear_error (&error);
  program = nmd_session_compile (session, small.graph, &small.y, 1, &error);
  g_assert_no_error (error);
  w = nmd_graph_store (other, "net.w", TRUE, (const int[]){ 3, 3 }, 2);
  g_assert_null (nmd_session_compile (session, other, &w, 1, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==,
                   "Store tensor net.w is 3 × 2 in this session, the graph has 3 × 3");
  g_clear_error (&error);
  w = nmd_graph_input (broken, "x", (const int[]){ 0 }, 1);
  g_assert_null (nmd_session_compile (session, broken, NULL, 0, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
}

/* A program outlives the graph it was made from and the caller's hold on the session. */
static void
test_lifetimes (gconstpointer device)
{
  NmdSession *session = open_device (device);
  Small small;
  NmdProgram *program;
  float y[3];

  small_init (&small);
  program = nmd_session_compile (session, small.graph, &small.y, 1, NULL);
  small_clear (&small);
  g_assert_true (nmd_session_store_write (session, "net.w",
                                          (const float[]){ 1, 2, 3, 4, 5, 6 }, 6, NULL));
  nmd_session_close (session);
  g_assert_true (nmd_program_write (program, small.x, (const float[]){ 1, 1 }, NULL));
  g_assert_true (nmd_program_run (program, NULL));
  g_assert_true (nmd_program_read (program, small.y, y, NULL));
  g_assert_cmpfloat (y[2], ==, 11);
  nmd_program_free (program);
}

static void
test_store (gconstpointer device)
{
  g_autoptr (NmdSession) session = open_device (device);
  g_autoptr (NmdWeights) weights = nmd_weights_new (), saved = NULL;
  g_autoptr (NmdProgram) program = NULL;
  g_auto (Small) small = { NULL };
  g_autoptr (GError) error = NULL;
  const NmdShape shape = { 2, { 3, 2 } }, wrong = { 1, { 6 } };
  float values[6] = { 1, 2, 3, 4, 5, 6 }, got[6];
  guint used = 9;

  small_init (&small);
  g_assert_false (nmd_session_store_read (session, "net.w", got, 6, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==, "There is no store tensor “net.w”");
  g_clear_error (&error);
  program = nmd_session_compile (session, small.graph, &small.y, 1, &error);
  g_assert_no_error (error);
  g_assert_false (nmd_session_store_write (session, "net.w", values, 5, &error));
  g_assert_cmpstr (error->message, ==, "Store tensor net.w is 3 × 2, 5 values are given");
  g_clear_error (&error);
  memcpy (nmd_weights_add (weights, "net.w", &shape), values, sizeof values);
  nmd_weights_add (weights, "elsewhere", &wrong);
  g_assert_true (nmd_session_load (session, weights, &used, &error));
  g_assert_cmpuint (used, ==, 1);
  saved = nmd_session_save (session, "net.", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_weights_get_n (saved), ==, 1);
  g_assert_cmpmem (nmd_weights_get (saved, "w", NULL), sizeof values, values,
                   sizeof values);
  nmd_weights_add (weights, "net.w", &wrong);
  g_assert_false (nmd_session_load (session, weights, NULL, &error));
  g_assert_cmpstr (error->message, ==,
                   "Tensor net.w of the weights is 6, the network has 3 × 2");
  g_assert_true (nmd_session_store_read (session, "net.w", got, 6, NULL));
  g_assert_cmpmem (got, sizeof got, values, sizeof values);
}

/* Updates run without outputs, and in list order: y reads w before, z after the change.
 */
static void
test_updates (gconstpointer device)
{
  g_autoptr (NmdSession) session = open_device (device);
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  g_autoptr (NmdProgram) program = NULL, silent = NULL;
  g_autoptr (GError) error = NULL;
  const NmdAttributes two = { .value = 2 }, one = { .value = 1 };
  const int dims[1] = { 1 };
  NmdNode w = nmd_graph_store (graph, "w", TRUE, dims, 1), nodes[3];
  NmdNode value = nmd_graph_input (graph, "value", dims, 1);
  NmdNode share = nmd_graph_input (graph, "share", dims, 1);
  float got;

  nodes[0] = nmd_graph_add (graph, NMD_OP_SCALE, "y", &two, &w, 1);
  nodes[1] = nmd_graph_add (graph, NMD_OP_BLEND, "blend", &one,
                            (NmdNode[]){ w, value, share }, 3);
  nodes[2] = nmd_graph_add (graph, NMD_OP_SCALE, "z", &two, &w, 1);
  program = nmd_session_compile (session, graph, nodes, 3, &error);
  g_assert_no_error (error);
  silent = nmd_session_compile (session, graph, NULL, 0, &error);
  g_assert_no_error (error);
  nmd_session_store_write (session, "w", (const float[]){ 4 }, 1, NULL);
  for (int i = 0; i < 2; i++)
    {
      nmd_program_write (i == 0 ? program : silent, value, (const float[]){ 8 }, NULL);
      nmd_program_write (i == 0 ? program : silent, share, (const float[]){ 0.25f },
                         NULL);
      g_assert_true (nmd_program_run (i == 0 ? program : silent, NULL));
    }
  nmd_program_read (program, nodes[0], &got, NULL);
  g_assert_cmpfloat (got, ==, 8); /* 2·4 */
  nmd_program_read (program, nodes[1], &got, NULL);
  g_assert_true (got == 5
                 || got == 5.75f); /* the store's tensor itself may be what is read */
  nmd_program_read (program, nodes[2], &got, NULL);
  g_assert_cmpfloat (got, ==, 10); /* 2·(4 + (8 − 4)/4) */
  nmd_session_store_read (session, "w", &got, 1, NULL);
  g_assert_cmpfloat (got, ==, 5.75f); /* the silent program changed it once more */
}

/* Broken contracts */

static gboolean
run_fails_silently (gpointer program, GError **error)
{
  return FALSE;
}

static gboolean
run_succeeds_with_error (gpointer program, GError **error)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_DEVICE, "Fan is off");
  return TRUE;
}

static gboolean
run_fails (gpointer program, GError **error)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY, "Out of memory");
  return FALSE;
}

static gpointer
compile_gives_nothing (gpointer session,
                       const NmdGraph *graph,
                       const gboolean *needed,
                       const int *handles,
                       const gboolean *is_output,
                       GError **error)
{
  return NULL;
}

static void
test_contract (void)
{
  static const struct
  {
    gboolean (*run) (gpointer, GError **);
    const char *message;
  } broken[] = {
    { run_fails_silently, "Backend reference failed to run without a reason" },
    { run_succeeds_with_error, "Backend reference reported an error and success at once "
                               "when it should run: Fan is off" },
    { run_fails, "Out of memory" },
  };

  for (guint i = 0; i <= G_N_ELEMENTS (broken); i++)
    {
      NmdBackend backend = nmd_backend_reference;
      g_autoptr (NmdSession) session = NULL;
      g_autoptr (NmdProgram) program = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (Small) small = { NULL };

      small_init (&small);
      if (i < G_N_ELEMENTS (broken))
        backend.run = broken[i].run;
      else
        backend.compile = compile_gives_nothing;
      session = nmd_session_open_backend (&backend, 1, NULL);
      program = nmd_session_compile (session, small.graph, &small.y, 1, &error);
      if (i == G_N_ELEMENTS (broken))
        {
          g_assert_null (program);
          g_assert_cmpstr (error->message, ==,
                           "Backend reference failed to compile without a reason");
          continue;
        }
      g_assert_true (nmd_program_write (program, small.x, (const float[]){ 1, 1 }, NULL));
      g_assert_false (nmd_program_run (program, &error));
      g_assert_cmpstr (error->message, ==, broken[i].message);
    }
}

static void
add_for_device (const char *path, const char *device, GTestDataFunc func)
{
  g_autofree char *full = g_strdup_printf ("/session/%s/%s", path, device);

  g_test_add_data_func (full, device, func);
}

/* What all programs make of a person's words; no device is asked. */
static void
test_choice (void)
{
  static const struct
  {
    const char *device, *numerics, *chosen;
  } cases[] = {
    { NULL, NULL, "cpu" },
    { "cpu", "strict", "cpu" },
    { "reference64", NULL, "reference64" },
    { NULL, "fast", "cpu/fast" }, /* refused by who opens it */
    { "cuda:3", "bf16", "cuda:3/bf16" },
    { "cuda/fast", "fast", "cuda/fast" },
    { "gpu", NULL, NULL },
    { "", NULL, NULL },
    { "cuda", "half", NULL },
    { "cuda/fast", "bf16", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *chosen
          = nmd_device_choose (cases[i].device, cases[i].numerics, &error);

      g_assert_cmpstr (chosen, ==, cases[i].chosen);
      if (cases[i].chosen == NULL)
        g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
      else
        g_assert_no_error (error);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) devices = nmd_devices_list ();

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/devices", test_devices);
  g_test_add_func ("/session/choice", test_choice);
  g_test_add_func ("/session/contract", test_contract);
  for (guint i = 0; i < devices->len; i++)
    {
      const NmdDevice *device = devices->pdata[i];

      if (device->unavailable != NULL)
        continue;
      add_for_device ("program", device->name, test_program);
      add_for_device ("program-errors", device->name, test_program_errors);
      add_for_device ("lifetimes", device->name, test_lifetimes);
      add_for_device ("store", device->name, test_store);
      add_for_device ("updates", device->name, test_updates);
    }
  return g_test_run ();
}
