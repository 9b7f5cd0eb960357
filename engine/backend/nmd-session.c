/* SPDX-License-Identifier: Apache-2.0
 *
 * The wrapper around the backends: checks of arguments and of the backends' contract (failed
 * ⇔ error set), names and shapes of the store, and which nodes a program needs. Devices are
 * nmd-device.c's, numbers the backends' business.
 */
#include "engine/backend/nmd-session.h"

#include "engine/backend/nmd-backend-private.h"
#include "engine/backend/nmd-device-private.h"

#include <string.h>

typedef struct
{
  char *name;
  int handle;
  NmdShape shape;
} StoreTensor;

struct _NmdSession
{
  int ref_count; /* the opener's and one for each program */
  const NmdBackend *backend;
  gpointer backend_session;
  char *device;
  const char *numerics;
  char *description;
  int threads;
  GPtrArray *tensors; /* of StoreTensor, in order of creation; handle = position */
  GHashTable *index;  /* name → StoreTensor, borrowed */
};

struct _NmdProgram
{
  NmdSession *session;
  gpointer backend_program;
  NmdGraph *graph;
  gboolean *needed;
  gboolean *is_output;
  gboolean *written; /* of INPUT nodes */
  gboolean has_run;
};

/* The contract */

/* What a backend's call gave: @ok and @problem have to agree. Consumes @problem. */
static gboolean
settle (const NmdSession *self,
        const char *what,
        gboolean ok,
        GError *problem,
        GError **error)
{
  if (ok && problem == NULL)
    return TRUE;
  if (!ok && problem != NULL)
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_DEVICE,
      ok ? "Backend %s reported an error and success at once when it should %s: %s"
         : "Backend %s failed to %s without a reason%s",
      self->backend->name, what, problem != NULL ? problem->message : "");
  g_clear_error (&problem);
  return FALSE;
}

/* Sessions */

static void
store_tensor_free (gpointer data)
{
  g_free (((StoreTensor *)data)->name);
  g_free (data);
}

static void
session_unref (NmdSession *self)
{
  if (--self->ref_count > 0)
    return;
  if (self->backend_session != NULL)
    self->backend->close (self->backend_session);
  g_hash_table_unref (self->index);
  g_ptr_array_unref (self->tensors);
  g_free (self->device);
  g_free (self->description);
  g_free (self);
}

void
nmd_session_close (NmdSession *self)
{
  if (self != NULL)
    session_unref (self);
}

static int default_threads; /* atomic; 0: all cores */

void
nmd_session_set_default_threads (int threads)
{
  g_return_if_fail (threads >= 0);

  g_atomic_int_set (&default_threads, threads);
}

static int
count_threads (int wanted)
{
  int usual = g_atomic_int_get (&default_threads);

  return wanted > 0 ? wanted : usual > 0 ? usual : (int)g_get_num_processors ();
}

/* With the threads that it runs on. */
static void
describe (NmdSession *self)
{
  if (self->backend->describe == NULL)
    return;
  g_autofree char *device = self->backend->describe (self->threads);
  g_free (self->description);
  self->description = g_strdup_printf ("%s, %s numerics", device, self->numerics);
}

static NmdSession *
open_with (const NmdBackend *backend,
           const char *device,
           const char *description,
           int threads,
           GError **error)
{
  NmdSession *self = g_new0 (NmdSession, 1);
  GError *problem = NULL;

  self->ref_count = 1;
  self->backend = backend;
  self->device = g_strdup (device);
  self->numerics = "strict";
  self->description = g_strdup (description);
  self->threads = count_threads (threads);
  self->tensors = g_ptr_array_new_with_free_func (store_tensor_free);
  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  self->backend_session = backend->open (device, self->threads, &problem);
  if (settle (self, "open its device", self->backend_session != NULL, problem, error))
    return self;
  session_unref (self);
  return NULL;
}

NmdSession *
nmd_session_open_backend (const NmdBackend *backend, int threads, GError **error)
{
  g_return_val_if_fail (backend != NULL && threads >= 0, NULL);

  return open_with (backend, backend->name, backend->name, threads, error);
}

NmdSession *
nmd_session_open (const char *device, int threads, GError **error)
{
  g_return_val_if_fail (device != NULL && threads >= 0, NULL);

  g_auto (NmdDeviceChoice) choice = { NULL };
  NmdSession *self;

  if (!nmd_device_find (device, &choice, error))
    return NULL;
  self = open_with (choice.backend, choice.name, choice.description, threads, error);
  if (self != NULL)
    {
      self->numerics = choice.numerics;
      describe (self);
    }
  return self;
}

const char *
nmd_session_get_device (NmdSession *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->device;
}

const char *
nmd_session_get_numerics (NmdSession *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->numerics;
}

const char *
nmd_session_get_description (NmdSession *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->description;
}

int
nmd_session_get_threads (NmdSession *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->threads;
}

void
nmd_session_set_threads (NmdSession *self, int threads)
{
  g_return_if_fail (self != NULL && threads >= 0);

  self->threads = count_threads (threads);
  self->backend->set_threads (self->backend_session, self->threads);
  describe (self);
}

/* The store */

static StoreTensor *
store_find (NmdSession *self, const char *name, gsize count, GError **error)
{
  StoreTensor *tensor = g_hash_table_lookup (self->index, name);

  if (tensor == NULL)
    g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE, "There is no store tensor “%s”",
                 name);
  else if (nmd_shape_count (&tensor->shape) != count)
    {
      g_autofree char *text = nmd_shape_to_string (&tensor->shape);

      g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                   "Store tensor %s is %s, %" G_GSIZE_FORMAT " values are given", name,
                   text, count);
      return NULL;
    }
  return tensor;
}

/* The handle of the tensor called @name, made if there is none yet; -1 with @error. */
static int
store_ensure (NmdSession *self, const char *name, const NmdShape *shape, GError **error)
{
  StoreTensor *tensor = g_hash_table_lookup (self->index, name);
  GError *problem = NULL;
  gboolean ok;

  if (tensor != NULL && !nmd_shape_equal (&tensor->shape, shape))
    {
      g_autofree char *had = nmd_shape_to_string (&tensor->shape);
      g_autofree char *wanted = nmd_shape_to_string (shape);

      g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                   "Store tensor %s is %s in this session, the graph has %s", name, had,
                   wanted);
      return -1;
    }
  if (tensor != NULL)
    return tensor->handle;
  ok = self->backend->store_add (self->backend_session, (int)self->tensors->len, shape,
                                 &problem);
  if (!settle (self, "add a store tensor", ok, problem, error))
    return -1;
  tensor = g_new0 (StoreTensor, 1);
  tensor->name = g_strdup (name);
  tensor->handle = (int)self->tensors->len;
  tensor->shape = *shape;
  g_ptr_array_add (self->tensors, tensor);
  g_hash_table_insert (self->index, tensor->name, tensor);
  return tensor->handle;
}

gboolean
nmd_session_store_read (
    NmdSession *self, const char *name, float *values, gsize count, GError **error)
{
  g_return_val_if_fail (self != NULL && name != NULL && values != NULL, FALSE);

  const StoreTensor *tensor = store_find (self, name, count, error);
  GError *problem = NULL;
  gboolean ok;

  if (tensor == NULL)
    return FALSE;
  ok = self->backend->store_read (self->backend_session, tensor->handle, values,
                                  &problem);
  return settle (self, "read a store tensor", ok, problem, error);
}

gboolean
nmd_session_store_write (
    NmdSession *self, const char *name, const float *values, gsize count, GError **error)
{
  g_return_val_if_fail (self != NULL && name != NULL && values != NULL, FALSE);

  const StoreTensor *tensor = store_find (self, name, count, error);
  GError *problem = NULL;
  gboolean ok;

  if (tensor == NULL)
    return FALSE;
  ok = self->backend->store_write (self->backend_session, tensor->handle, values,
                                   &problem);
  return settle (self, "write a store tensor", ok, problem, error);
}

gboolean
nmd_session_load (NmdSession *self,
                  const NmdWeights *weights,
                  guint *n_used,
                  GError **error)
{
  g_return_val_if_fail (self != NULL && weights != NULL, FALSE);

  guint used = 0;

  /* all shapes first, so that a refused set leaves the store as it was */
  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < nmd_weights_get_n (weights); i++)
      {
        const char *name = nmd_weights_get_name (weights, i);
        const StoreTensor *tensor = g_hash_table_lookup (self->index, name);
        NmdShape shape;
        const float *values = nmd_weights_get (weights, name, &shape);

        if (tensor == NULL)
          continue;
        if (!nmd_shape_equal (&shape, &tensor->shape))
          {
            g_autofree char *had = nmd_shape_to_string (&tensor->shape);
            g_autofree char *given = nmd_shape_to_string (&shape);

            g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                         "Tensor %s of the weights is %s, the network has %s", name,
                         given, had);
            return FALSE;
          }
        if (pass == 0)
          continue;
        if (!nmd_session_store_write (self, name, values, nmd_shape_count (&shape),
                                      error))
          return FALSE;
        used++;
      }
  if (n_used != NULL)
    *n_used = used;
  return TRUE;
}

NmdWeights *
nmd_session_save (NmdSession *self, const char *prefix, GError **error)
{
  g_return_val_if_fail (self != NULL && prefix != NULL, NULL);

  g_autoptr (NmdWeights) weights = nmd_weights_new ();

  for (guint i = 0; i < self->tensors->len; i++)
    {
      const StoreTensor *tensor = self->tensors->pdata[i];

      if (!g_str_has_prefix (tensor->name, prefix))
        continue;
      if (!nmd_session_store_read (
              self, tensor->name,
              nmd_weights_add (weights, tensor->name + strlen (prefix), &tensor->shape),
              nmd_shape_count (&tensor->shape), error))
        return NULL;
    }
  return g_steal_pointer (&weights);
}

/* Programs */

/* Marks what the outputs and the updates need; TRUE if there is anything. */
static gboolean
mark_needed (NmdProgram *self)
{
  gboolean any = FALSE;

  for (NmdNode i = nmd_graph_get_n_nodes (self->graph) - 1; i >= 0; i--)
    {
      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);

      self->needed[i]
          |= self->is_output[i] || nmd_op_get_info (node->op)->overwrites != 0;
      any |= self->needed[i];
      for (int k = 0; self->needed[i] && k < node->n_inputs; k++)
        self->needed[node->inputs[k]] = TRUE;
    }
  return any;
}

void
nmd_program_free (NmdProgram *self)
{
  if (self == NULL)
    return;
  if (self->backend_program != NULL)
    self->session->backend->free (self->backend_program);
  nmd_graph_free (self->graph);
  g_free (self->needed);
  g_free (self->is_output);
  g_free (self->written);
  session_unref (self->session);
  g_free (self);
}

NmdProgram *
nmd_session_compile (NmdSession *self,
                     const NmdGraph *graph,
                     const NmdNode *outputs,
                     int n_outputs,
                     GError **error)
{
  g_return_val_if_fail (self != NULL && graph != NULL && n_outputs >= 0, NULL);
  g_return_val_if_fail (n_outputs == 0 || outputs != NULL, NULL);

  const int n = nmd_graph_get_n_nodes (graph);
  g_autoptr (NmdProgram) program = NULL;
  g_autofree int *handles = NULL;
  GError *problem = NULL;

  if (!nmd_graph_check (graph, error))
    return NULL;
  program = g_new0 (NmdProgram, 1);
  program->session = self;
  self->ref_count++;
  program->graph = nmd_graph_copy (graph);
  program->needed = g_new0 (gboolean, n + 1);
  program->is_output = g_new0 (gboolean, n + 1);
  program->written = g_new0 (gboolean, n + 1);
  handles = g_new (int, n + 1);
  for (int i = 0; i < n_outputs; i++)
    {
      g_return_val_if_fail (outputs[i] >= 0 && outputs[i] < n, NULL);
      program->is_output[outputs[i]] = TRUE;
    }
  if (!mark_needed (program))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "The graph has nothing to compute: no outputs and no updates");
      return NULL;
    }
  for (int i = 0; i < n; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph, i);

      handles[i] = -1;
      if (node->op == NMD_OP_STORE
          && (handles[i] = store_ensure (self, node->name, &node->shape, error)) < 0)
        return NULL;
    }
  program->backend_program
      = self->backend->compile (self->backend_session, program->graph, program->needed,
                                handles, program->is_output, &problem);
  if (!settle (self, "compile", program->backend_program != NULL, problem, error))
    return NULL;
  return g_steal_pointer (&program);
}

gboolean
nmd_program_write (NmdProgram *self, NmdNode node, const float *values, GError **error)
{
  g_return_val_if_fail (self != NULL && values != NULL, FALSE);
  g_return_val_if_fail (node >= 0 && node < nmd_graph_get_n_nodes (self->graph), FALSE);

  const NmdNodeInfo *info = nmd_graph_get (self->graph, node);
  GError *problem = NULL;
  gboolean ok;

  if (info->op != NMD_OP_INPUT)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Node %s (%s) is no input and cannot be written", info->name,
                   nmd_op_get_name (info->op));
      return FALSE;
    }
  if (!self->needed[node])
    return TRUE; /* nothing that this program computes depends on it */
  ok = self->session->backend->write (self->backend_program, node, values, &problem);
  if (!settle (self->session, "write an input", ok, problem, error))
    return FALSE;
  self->written[node] = TRUE;
  return TRUE;
}

gboolean
nmd_program_run (NmdProgram *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  GError *problem = NULL;
  gboolean ok;

  for (NmdNode i = 0; !self->has_run && i < nmd_graph_get_n_nodes (self->graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);

      if (node->op == NMD_OP_INPUT && self->needed[i] && !self->written[i])
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE, "Input %s has no values yet",
                       node->name);
          return FALSE;
        }
    }
  ok = self->session->backend->run (self->backend_program, &problem);
  if (!settle (self->session, "run", ok, problem, error))
    return FALSE;
  self->has_run = TRUE;
  return TRUE;
}

gboolean
nmd_program_wait (NmdProgram *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  GError *problem = NULL;
  gboolean ok;

  if (self->session->backend->wait == NULL)
    return TRUE;
  ok = self->session->backend->wait (self->backend_program, &problem);
  return settle (self->session, "wait for a run", ok, problem, error);
}

gboolean
nmd_program_read (NmdProgram *self, NmdNode node, float *values, GError **error)
{
  g_return_val_if_fail (self != NULL && values != NULL, FALSE);
  g_return_val_if_fail (node >= 0 && node < nmd_graph_get_n_nodes (self->graph), FALSE);

  const NmdNodeInfo *info = nmd_graph_get (self->graph, node);
  GError *problem = NULL;
  gboolean ok;

  if (!self->is_output[node] || !self->has_run)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   self->is_output[node]
                       ? "Node %s (%s) cannot be read before the first run"
                       : "Node %s (%s) is not among the program's outputs",
                   info->name, nmd_op_get_name (info->op));
      return FALSE;
    }
  ok = self->session->backend->read (self->backend_program, node, values, &problem);
  return settle (self->session, "read an output", ok, problem, error);
}

gsize
nmd_program_get_bytes (NmdProgram *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session->backend->get_bytes (self->backend_program);
}

void
nmd_program_set_profiling (NmdProgram *self, gboolean on)
{
  g_return_if_fail (self != NULL);

  self->session->backend->profile (self->backend_program, on);
}

const NmdStepInfo *
nmd_program_get_steps (NmdProgram *self, int *n)
{
  g_return_val_if_fail (self != NULL && n != NULL, NULL);

  return self->session->backend->get_steps (self->backend_program, n);
}
