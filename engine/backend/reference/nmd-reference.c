/* SPDX-License-Identifier: Apache-2.0
 *
 * The reference backend: one array a node, computed in list order by nmd-reference-ops.c.
 * Values are rounded to float32 after each operation on device "reference"; on device
 * "reference64" they stay in double, for checks against exact numbers. It is slow and
 * plain on purpose.
 */
#include "engine/backend/nmd-backend-private.h"
#include "engine/backend/reference/nmd-reference-ops.h"
#include "engine/core/nmd-right-of-way.h"

#include <math.h>
#include <string.h>

typedef struct
{
  double *values;
  gsize count;
} Tensor;

typedef struct
{
  int threads;
  gboolean exact;
  GArray *store; /* of Tensor */
} Session;

typedef struct
{
  Session *session;
  const NmdGraph *graph;
  int n;
  gboolean *needed;
  gboolean *is_output;
  int *handles;
  int *last_use; /* node after which a value may go; n: never */
  double **values;
  gsize bytes; /* at the fullest moment */
  gboolean profiling;
  NmdStepInfo *steps;
  int n_steps;
} Program;

static void
tensor_clear (gpointer data)
{
  g_free (((Tensor *)data)->values);
}

static void
reference_probe (GPtrArray *devices)
{
  static const char *const text[2][2]
      = { { "reference", "plain loops, the meaning of every operation (slow)" },
          { "reference64", "plain loops in double precision, for checks (slow)" } };

  for (int i = 0; i < 2; i++)
    {
      NmdDevice *device = g_new0 (NmdDevice, 1);

      device->name = g_strdup (text[i][0]);
      device->title = g_strdup (text[i][0]);
      device->description = g_strdup (text[i][1]);
      device->is_for_checks = TRUE;
      g_ptr_array_add (devices, device);
    }
}

static gpointer
reference_open (const char *device, int threads, GError **error)
{
  Session *self = g_new0 (Session, 1);

  self->threads = threads;
  self->exact = g_strcmp0 (device, "reference64") == 0;
  self->store = g_array_new (FALSE, TRUE, sizeof (Tensor));
  g_array_set_clear_func (self->store, tensor_clear);
  return self;
}

static void
reference_close (gpointer session)
{
  Session *self = session;

  g_array_unref (self->store);
  g_free (self);
}

static void
reference_set_threads (gpointer session, int threads)
{
  ((Session *)session)->threads = threads;
}

static gboolean
reference_store_add (gpointer session, int handle, const NmdShape *shape, GError **error)
{
  Session *self = session;
  Tensor tensor = { .count = nmd_shape_count (shape) };

  g_assert (handle == (int)self->store->len);
  tensor.values = g_try_new0 (double, tensor.count);
  if (tensor.values == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                   "A store tensor of %" G_GSIZE_FORMAT " bytes does not fit in memory",
                   tensor.count * sizeof (double));
      return FALSE;
    }
  g_array_append_val (self->store, tensor);
  return TRUE;
}

static void
to_float (float *out, const double *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    out[i] = (float)values[i];
}

static void
to_double (double *out, const float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    out[i] = (double)values[i];
}

static gboolean
reference_store_read (gpointer session, int handle, float *values, GError **error)
{
  const Tensor *tensor = &g_array_index (((Session *)session)->store, Tensor, handle);

  to_float (values, tensor->values, tensor->count);
  return TRUE;
}

static gboolean
reference_store_write (gpointer session, int handle, const float *values, GError **error)
{
  const Tensor *tensor = &g_array_index (((Session *)session)->store, Tensor, handle);

  to_double (tensor->values, values, tensor->count);
  return TRUE;
}

/* Programs */

static gboolean
is_update (const NmdNodeInfo *node)
{
  return nmd_op_get_info (node->op)->overwrites != 0;
}

/* Inputs and constants keep their array from run to run. */
static gboolean
is_kept (const NmdNodeInfo *node)
{
  return node->op == NMD_OP_INPUT || node->op == NMD_OP_CONSTANT;
}

/* Whether the value has an array of its own rather than the store's. */
static gboolean
has_array (const Program *self, NmdNode i)
{
  const NmdNodeInfo *node = nmd_graph_get (self->graph, i);

  return self->needed[i] && node->op != NMD_OP_STORE && !is_update (node);
}

/* Whether input @k is an earlier input too, as in x·x. */
static gboolean
comes_before (const NmdNodeInfo *node, int k)
{
  for (int i = 0; i < k; i++)
    if (node->inputs[i] == node->inputs[k])
      return TRUE;
  return FALSE;
}

static void
plan (Program *self)
{
  gsize held = 0;

  for (NmdNode i = 0; i < self->n; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);

      self->last_use[i] = self->is_output[i] || is_kept (node) ? self->n : i;
      for (int k = 0; self->needed[i] && k < node->n_inputs; k++)
        self->last_use[node->inputs[k]] = MAX (self->last_use[node->inputs[k]], i);
    }
  for (NmdNode i = 0; i < self->n; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);

      if (has_array (self, i))
        held += nmd_shape_count (&node->shape) * sizeof (double);
      self->bytes = MAX (self->bytes, held);
      for (int k = 0; self->needed[i] && k < node->n_inputs; k++)
        if (self->last_use[node->inputs[k]] == i && has_array (self, node->inputs[k])
            && !comes_before (node, k))
          held -= nmd_shape_count (&nmd_graph_get (self->graph, node->inputs[k])->shape)
                  * sizeof (double);
    }
}

static void
list_steps (Program *self)
{
  self->steps = g_new0 (NmdStepInfo, self->n + 1);
  for (NmdNode i = 0; i < self->n; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);
      NmdStepInfo *step = &self->steps[self->n_steps];

      if (!self->needed[i] || node->n_inputs == 0)
        continue;
      self->n_steps++;
      step->name = *node->name != '\0' ? node->name : nmd_op_get_name (node->op);
      step->bytes = 4.0 * (double)nmd_shape_count (&node->shape);
      for (int k = 0; k < node->n_inputs; k++)
        step->bytes += 4.0
                       * (double)nmd_shape_count (
                           &nmd_graph_get (self->graph, node->inputs[k])->shape);
      if (node->op == NMD_OP_CONV || node->op == NMD_OP_LINEAR)
        {
          const NmdShape *w = &nmd_graph_get (self->graph, node->inputs[1])->shape;

          step->flop = 2.0 * (double)nmd_shape_count (&node->shape)
                       * (double)nmd_shape_count (w) / w->dims[0];
        }
    }
}

static gboolean
check_operations (const NmdGraph *graph, const gboolean *needed, GError **error)
{
  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph, i);

      if (!needed[i] || node->n_inputs == 0 || nmd_reference_knows (node->op))
        continue;
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
          "Node %s (%s) is an operation that the reference backend does not know",
          node->name, nmd_op_get_name (node->op));
      return FALSE;
    }
  return TRUE;
}

static gpointer
reference_compile (gpointer session,
                   const NmdGraph *graph,
                   const gboolean *needed,
                   const int *handles,
                   const gboolean *is_output,
                   GError **error)
{
  const gsize n = (gsize)nmd_graph_get_n_nodes (graph);
  Program *self;

  if (!check_operations (graph, needed, error))
    return NULL;
  self = g_new0 (Program, 1);
  self->session = session;
  self->graph = graph;
  self->n = (int)n;
  self->needed = g_memdup2 (needed, n * sizeof *needed);
  self->is_output = g_memdup2 (is_output, n * sizeof *is_output);
  self->handles = g_memdup2 (handles, n * sizeof *handles);
  self->last_use = g_new0 (int, n);
  self->values = g_new0 (double *, n);
  plan (self);
  list_steps (self);
  for (NmdNode i = 0; i < self->n; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph, i);

      if (!needed[i] || !is_kept (node))
        continue;
      self->values[i] = g_new0 (double, nmd_shape_count (&node->shape));
      for (gsize k = 0; node->op == NMD_OP_CONSTANT && k < nmd_shape_count (&node->shape);
           k++)
        self->values[i][k]
            = self->session->exact ? node->at.value : (float)node->at.value;
    }
  return self;
}

static void
reference_free (gpointer program)
{
  Program *self = program;

  for (NmdNode i = 0; i < self->n; i++)
    if (has_array (self, i))
      g_free (self->values[i]);
  g_free (self->needed);
  g_free (self->is_output);
  g_free (self->handles);
  g_free (self->last_use);
  g_free (self->values);
  g_free (self->steps);
  g_free (self);
}

static gboolean
reference_write (gpointer program, NmdNode node, const float *values, GError **error)
{
  Program *self = program;

  to_double (self->values[node], values,
             nmd_shape_count (&nmd_graph_get (self->graph, node)->shape));
  return TRUE;
}

static gboolean
reference_read (gpointer program, NmdNode node, float *values, GError **error)
{
  Program *self = program;

  to_float (values, self->values[node],
            nmd_shape_count (&nmd_graph_get (self->graph, node)->shape));
  return TRUE;
}

static void
round_values (double *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    values[i] = (double)(float)values[i];
}

/* Computes node @i, whose inputs are there. */
static void
compute (Program *self, NmdNode i)
{
  const NmdNodeInfo *node = nmd_graph_get (self->graph, i);
  const gsize count = nmd_shape_count (&node->shape);
  NmdReferenceStep step = { .node = node, .threads = self->session->threads };

  for (int k = 0; k < node->n_inputs; k++)
    {
      step.in[k] = self->values[node->inputs[k]];
      step.shape[k] = &nmd_graph_get (self->graph, node->inputs[k])->shape;
    }
  if (is_update (node))
    self->values[i] = step.in[0];
  else if (self->values[i] == NULL)
    {
      self->values[i] = g_new (double, count);
      /* a value that an operation forgets to write shall be seen */
      for (gsize k = 0; k < count; k++)
        self->values[i][k] = NAN;
    }
  step.out = self->values[i];
  nmd_reference_compute (&step);
  if (self->session->exact)
    return;
  round_values (step.out, count);
  for (int k = 1; k < node->n_inputs; k++)
    if (nmd_op_get_info (node->op)->overwrites >> k & 1)
      round_values (step.in[k], count);
}

static void
release_after (Program *self, NmdNode i)
{
  const NmdNodeInfo *node = nmd_graph_get (self->graph, i);

  for (int k = -1; k < node->n_inputs; k++)
    {
      const NmdNode done = k < 0 ? i : node->inputs[k];

      if (self->last_use[done] == i && has_array (self, done))
        g_clear_pointer (&self->values[done], g_free);
    }
}

static gboolean
reference_run (gpointer program, GError **error)
{
  Program *self = program;
  int step = 0;

  for (NmdNode i = 0; i < self->n; i++)
    {
      nmd_right_of_way_give ();

      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);
      gint64 start = self->profiling ? g_get_monotonic_time () : 0;

      if (!self->needed[i])
        continue;
      if (node->op == NMD_OP_STORE)
        self->values[i]
            = g_array_index (self->session->store, Tensor, self->handles[i]).values;
      if (node->n_inputs == 0)
        continue;
      compute (self, i);
      release_after (self, i);
      if (self->profiling)
        self->steps[step].seconds = (double)(g_get_monotonic_time () - start) * 1e-6;
      step++;
    }
  return TRUE;
}

static gsize
reference_get_bytes (gpointer program)
{
  return ((Program *)program)->bytes;
}

static void
reference_profile (gpointer program, gboolean on)
{
  ((Program *)program)->profiling = on;
}

static const NmdStepInfo *
reference_get_steps (gpointer program, int *n)
{
  *n = ((Program *)program)->n_steps;
  return ((Program *)program)->steps;
}

const NmdBackend nmd_backend_reference = {
  .version = NMD_BACKEND_VERSION,
  .name = "reference",
  .probe = reference_probe,
  .open = reference_open,
  .close = reference_close,
  .set_threads = reference_set_threads,
  .store_add = reference_store_add,
  .store_read = reference_store_read,
  .store_write = reference_store_write,
  .compile = reference_compile,
  .free = reference_free,
  .write = reference_write,
  .run = reference_run,
  .read = reference_read,
  .get_bytes = reference_get_bytes,
  .profile = reference_profile,
  .get_steps = reference_get_steps,
};
