/* SPDX-License-Identifier: Apache-2.0
 *
 * The wrapper around the backends: the list of devices, checks of arguments and of the
 * backends' contract (failed ⇔ error set), names and shapes of the store, and which nodes
 * a program needs. Numbers are the backends' business.
 */
#include "config.h"

#include "engine/backend/nmd-backend-private.h"

#include <string.h>

static const NmdBackend *const backends[] = {
  &nmd_backend_cpu,
  &nmd_backend_reference,
};

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

/* --- devices
 * ------------------------------------------------------------------------------ */

void
nmd_device_free (NmdDevice *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->title);
  g_free (self->description);
  g_free (self->unavailable);
  g_free (self);
}

static NmdDevice *
find_device (GPtrArray *devices, const char *name)
{
  for (guint i = 0; i < devices->len; i++)
    if (g_strcmp0 (((NmdDevice *)devices->pdata[i])->name, name) == 0)
      return devices->pdata[i];
  return NULL;
}

static void
add_device (GPtrArray *devices,
            const char *name,
            const char *description,
            const char *unavailable)
{
  NmdDevice *device = g_new0 (NmdDevice, 1);

  device->name = g_strdup (name);
  device->title = g_strdup (description);
  device->description = g_strdup (description);
  device->unavailable = g_strdup (unavailable);
  g_ptr_array_add (devices, device);
}

/* Appends what @backend drives; @owners (nullable) gets the backend of each. */
static void
probe_backend (const NmdBackend *backend, GPtrArray *devices, GPtrArray *owners)
{
  guint first = devices->len;

  backend->probe (devices);
  for (guint i = first; i < devices->len; i++)
    ((NmdDevice *)devices->pdata[i])->has_numerics = backend->has_numerics;
  while (owners != NULL && owners->len < devices->len)
    g_ptr_array_add (owners, (gpointer)backend);
}

static void
probe_cuda (GPtrArray *devices, GPtrArray *owners)
{
  const char *reason = NULL;
  const NmdBackend *backend = nmd_cuda_module_get (&reason);

  if (backend != NULL)
    probe_backend (backend, devices, owners);
  else
    add_device (devices, "cuda", "NVIDIA graphics card", reason);
  while (owners != NULL && owners->len < devices->len)
    g_ptr_array_add (owners, NULL);
}

/* All devices; @owners (nullable) gets the backend of each, NULL where none drives it.
 * Loading NVIDIA's libraries takes a while: only if @with_cuda. */
static GPtrArray *
probe_all (GPtrArray *owners, gboolean with_cuda)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func ((GDestroyNotify)nmd_device_free);

  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    probe_backend (backends[i], devices, owners);
  if (find_device (devices, NMD_DEVICE_DEFAULT) == NULL)
    {
      NmdDevice *device = g_new0 (NmdDevice, 1);

      device->name = g_strdup (NMD_DEVICE_DEFAULT);
      device->title = g_strdup ("Processor");
      device->description
          = g_strdup ("plain loops: this build has no oneDNN and is slow");
      g_ptr_array_insert (devices, 0, device);
      if (owners != NULL)
        g_ptr_array_insert (owners, 0, (gpointer)&nmd_backend_reference);
    }
  if (with_cuda)
    probe_cuda (devices, owners);
  return devices;
}

GPtrArray *
nmd_devices_list (void)
{
  return probe_all (NULL, TRUE);
}

/* --- numerics
 * ----------------------------------------------------------------------------- */

const char *const nmd_numerics_names[] = { "strict", "fast", "bf16", NULL };

char *
nmd_device_split (const char *device, const char **numerics)
{
  const char *slash = strchr (device, '/');

  *numerics = NULL;
  for (guint i = 0; nmd_numerics_names[i] != NULL; i++)
    if (strcmp (slash != NULL ? slash + 1 : "strict", nmd_numerics_names[i]) == 0)
      *numerics = nmd_numerics_names[i];
  return slash != NULL ? g_strndup (device, (gsize)(slash - device)) : g_strdup (device);
}

char *
nmd_device_with_numerics (const char *device, const char *numerics, GError **error)
{
  g_return_val_if_fail (device != NULL, NULL);

  g_autofree char *name = NULL, *joined = NULL;
  const char *had, *wanted;

  if (numerics == NULL)
    return g_strdup (device);
  name = nmd_device_split (device, &had);
  joined = g_strconcat (name, "/", numerics, NULL);
  g_clear_pointer (&name, g_free);
  name = nmd_device_split (joined, &wanted);
  if (wanted == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "There are no numerics “%s”; there are strict, fast and bf16",
                   numerics);
      return NULL;
    }
  if (strchr (device, '/') != NULL && had != wanted)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Device %s names its numerics, and they are not %s", device, wanted);
      return NULL;
    }
  return wanted == nmd_numerics_names[0] ? g_steal_pointer (&name)
                                         : g_steal_pointer (&joined);
}

/* What is a device's name, on this machine or another. */
static gboolean
is_device_name (const char *text)
{
  static const char *const names[] = { "cpu", "reference", "reference64", "cuda" };
  g_autofree char *name = g_strndup (text, strcspn (text, "/"));

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      return TRUE;
  return g_str_has_prefix (name, "cuda:");
}

char *
nmd_device_choose (const char *device, const char *numerics, GError **error)
{
  const char *name = device != NULL ? device : NMD_DEVICE_DEFAULT;

  if (is_device_name (name))
    return nmd_device_with_numerics (name, numerics, error);
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
               "A device is " NMD_DEVICE_FORMS ", not “%s”", name);
  return NULL;
}

/* --- the contract
 * ------------------------------------------------------------------------- */

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

/* --- sessions
 * ----------------------------------------------------------------------------- */

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
  self->numerics = nmd_numerics_names[0];
  self->description = g_strdup (description);
  self->threads = threads > 0 ? threads : (int)g_get_num_processors ();
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

static const NmdDevice *
find_or_refuse (GPtrArray *devices, const char *name, GError **error)
{
  const char *wanted = strcmp (name, "cuda:0") == 0 ? "cuda" : name;
  const NmdDevice *found = find_device (devices, wanted);
  g_autoptr (GString) names = NULL;

  if (found != NULL)
    return found;
  /* where no card can be used, the reason says more than that there is no card N */
  found = g_str_has_prefix (wanted, "cuda:") ? find_device (devices, "cuda") : NULL;
  if (found != NULL && found->unavailable != NULL)
    return found;
  names = g_string_new (NULL);
  for (guint i = 0; i < devices->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            ((NmdDevice *)devices->pdata[i])->name);
  if (!g_str_has_prefix (wanted, "cuda"))
    g_string_append (names, ", cuda");
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
               "There is no device “%s”; there are %s", name, names->str);
  return NULL;
}

NmdSession *
nmd_session_open (const char *device, int threads, GError **error)
{
  g_return_val_if_fail (device != NULL && threads >= 0, NULL);

  const char *numerics;
  g_autofree char *name = nmd_device_split (device, &numerics);
  g_autofree char *full = NULL, *description = NULL;
  g_autoptr (GPtrArray) owners = g_ptr_array_new ();
  g_autoptr (GPtrArray) devices = probe_all (owners, g_str_has_prefix (name, "cuda"));
  const NmdDevice *found = find_or_refuse (devices, name, error);
  const NmdBackend *backend;
  NmdSession *self;
  guint i;

  if (found == NULL)
    return NULL;
  if (found->unavailable != NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_DEVICE, "Device %s cannot be used: %s",
                   name, found->unavailable);
      return NULL;
    }
  if (!g_ptr_array_find (devices, found, &i))
    g_return_val_if_reached (NULL);
  backend = owners->pdata[i];
  if (numerics == NULL || (!backend->has_numerics && numerics != nmd_numerics_names[0]))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Device %s has no numerics “%s”; it has strict%s", name,
                   strchr (device, '/') + 1,
                   backend->has_numerics ? ", fast and bf16" : " ones only");
      return NULL;
    }
  full = nmd_device_with_numerics (found->name, numerics, error);
  if (full == NULL)
    return NULL;
  description = g_strdup_printf ("%s, %s numerics", found->description, numerics);
  self = open_with (backend, full, description, threads, error);
  if (self != NULL)
    self->numerics = numerics;
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

  self->threads = threads > 0 ? threads : (int)g_get_num_processors ();
  self->backend->set_threads (self->backend_session, self->threads);
}

/* --- the store
 * ---------------------------------------------------------------------------- */

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

/* --- programs
 * ----------------------------------------------------------------------------- */

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
