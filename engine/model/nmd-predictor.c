/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a model in a session: compiles its programs, loads its weights into the store
 * where another predictor replaced them, pads to whole batches. What a model is, is
 * nmd-model.c's; the map over the image is engine/eval's.
 */
#include "config.h"

#include "engine/model/nmd-predictor.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define N_CLASSES 2
#define TENSOR_LENGTH (3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE)

typedef struct
{
  NmdProgram *program;
  NmdNode images, logits;
  int batch;
} Inference;

typedef struct
{
  NmdProgram *program;
  NmdNode images, seed, logits, map, gradient;
  NmdShape shape; /* of the map */
  char *layer;
} CamProgram;

/* Of the input. */
typedef struct
{
  NmdProgram *program;
  NmdNode images, seed, logits, gradient;
} Gradient;

struct _NmdPredictor
{
  NmdSession *session;
  NmdModel *model;
  int batch;
  guint64 serial;
  Inference single, many;
  GHashTable *cams; /* layer → CamProgram */
  Gradient gradient;
  NmdWeights *weights; /* (nullable): in place of the model's */
};

/* Which predictor's weights a session holds: session → serial. Sessions belong to a
 * thread, so the table does too. */
static GPrivate owners = G_PRIVATE_INIT ((GDestroyNotify)g_hash_table_unref);
static guint64 last_serial; /* under serial_lock */
static GMutex serial_lock;

static guint64
next_serial (void)
{
  guint64 serial;

  g_mutex_lock (&serial_lock);
  serial = ++last_serial;
  g_mutex_unlock (&serial_lock);
  return serial;
}

static GHashTable *
get_owners (void)
{
  GHashTable *table = g_private_get (&owners);

  if (table == NULL)
    {
      table = g_hash_table_new_full (NULL, NULL, NULL, g_free);
      g_private_set (&owners, table);
    }
  return table;
}

static void
cam_program_free (gpointer data)
{
  CamProgram *self = data;

  g_clear_pointer (&self->program, nmd_program_free);
  g_free (self->layer);
  g_free (self);
}

/* Every store tensor of the network has to be in the weights: one that is not would stay
 * zero and silently spoil the scores. */
static gboolean
check_weights (const NmdNetwork *network, const NmdWeights *weights, GError **error)
{
  g_auto (NmdNetworkGraph) net = { 0 };

  if (!nmd_network_inference (&net, network, N_CLASSES, 1, error))
    return FALSE;
  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (net.graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (net.graph, i);
      NmdShape shape;

      if (node->op != NMD_OP_STORE)
        continue;
      if (nmd_weights_get (weights, node->name, &shape) == NULL)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                       _ ("The weights have no tensor %s, which %s needs"), node->name,
                       network->title);
          return FALSE;
        }
      if (!nmd_shape_equal (&shape, &node->shape))
        {
          g_autofree char *has = nmd_shape_to_string (&shape),
                          *needs = nmd_shape_to_string (&node->shape);

          g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                       _ ("Tensor %s of the weights is %s, %s needs %s"), node->name, has,
                       network->title, needs);
          return FALSE;
        }
    }
  return TRUE;
}

NmdPredictor *
nmd_predictor_new (NmdSession *session, NmdModel *model, int batch, GError **error)
{
  NmdPredictor *self;

  g_return_val_if_fail (session != NULL && model != NULL && batch >= 1, NULL);
  if (nmd_model_get_network (model)->task != NMD_TASK_CLASSIFY)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   _ ("Network %s finds outlines and gives no score"),
                   nmd_model_get_network (model)->name);
      return NULL;
    }
  if (!check_weights (nmd_model_get_network (model), nmd_model_get_weights (model),
                      error))
    return NULL;
  self = g_new0 (NmdPredictor, 1);
  self->session = session;
  self->model = nmd_model_ref (model);
  self->batch = batch;
  self->cams = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, cam_program_free);
  self->serial = next_serial ();
  return self;
}

void
nmd_predictor_free (NmdPredictor *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->single.program, nmd_program_free);
  g_clear_pointer (&self->many.program, nmd_program_free);
  g_clear_pointer (&self->gradient.program, nmd_program_free);
  g_clear_pointer (&self->weights, nmd_weights_unref);
  g_hash_table_unref (self->cams);
  nmd_model_unref (self->model);
  g_free (self);
}

NmdModel *
nmd_predictor_get_model (NmdPredictor *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->model;
}

guint
nmd_predictor_get_batch (NmdPredictor *self)
{
  g_return_val_if_fail (self != NULL, 1);
  return (guint)self->batch;
}

gboolean
nmd_predictor_use_weights (NmdPredictor *self, NmdWeights *weights, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  if (weights != NULL
      && !check_weights (nmd_model_get_network (self->model), weights, error))
    return FALSE;
  if (weights != NULL)
    nmd_weights_ref (weights);
  g_clear_pointer (&self->weights, nmd_weights_unref);
  self->weights = weights;
  self->serial = next_serial (); /* what the store holds is another's now */
  return TRUE;
}

/* After a compilation, so that the store has the network's tensors. */
static gboolean
own_store (NmdPredictor *self, GError **error)
{
  GHashTable *table = get_owners ();
  const guint64 *owner = g_hash_table_lookup (table, self->session);

  if (owner != NULL && *owner == self->serial)
    return TRUE;
  if (!nmd_session_load (self->session,
                         self->weights != NULL ? self->weights
                                               : nmd_model_get_weights (self->model),
                         NULL, error))
    return FALSE;
  g_hash_table_insert (table, self->session,
                       g_memdup2 (&self->serial, sizeof self->serial));
  return TRUE;
}

static gboolean
ensure_inference (NmdPredictor *self, Inference *inference, int batch, GError **error)
{
  g_auto (NmdNetworkGraph) net = { 0 };

  if (inference->program == NULL)
    {
      if (!nmd_network_inference (&net, nmd_model_get_network (self->model), N_CLASSES,
                                  batch, error))
        return FALSE;
      inference->program
          = nmd_session_compile (self->session, net.graph, &net.logits, 1, error);
      if (inference->program == NULL)
        return FALSE;
      inference->images = net.images;
      inference->logits = net.logits;
      inference->batch = batch;
    }
  return own_store (self, error);
}

/* Softmax for class 1. FALSE with @error for logits that are no numbers. */
static gboolean
get_score (const NmdPredictor *self, const float *logits, double *score, GError **error)
{
  double difference = (double)logits[1] - (double)logits[0];
  const char *which = nmd_model_get_which (self->model);

  if (!isfinite (difference))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_DIVERGED,
                   _ ("The weights of %s (%s) give a score that is not a number"),
                   nmd_model_get_network (self->model)->title,
                   which != NULL ? which : _ ("the model's"));
      return FALSE;
    }
  *score = 1 / (1 + exp (-difference));
  return TRUE;
}

/* @images, @count of them, as a whole batch: itself, or a copy in *padded with zeros
 * behind, whose results are thrown away. */
static const float *
pad (const float *images, guint count, guint batch, float **padded)
{
  if (count == batch)
    return images;
  if (*padded == NULL)
    *padded = g_new0 (float, (gsize)batch *TENSOR_LENGTH);
  memcpy (*padded, images, (gsize)count * TENSOR_LENGTH * sizeof **padded);
  return *padded;
}

gboolean
nmd_predictor_logits (
    NmdPredictor *self, const float *tensors, guint n, float *logits, GError **error)
{
  g_autofree float *padded = NULL, *all = NULL;
  Inference *inference;
  guint batch;

  g_return_val_if_fail (self != NULL && (n == 0 || (tensors != NULL && logits != NULL)),
                        FALSE);
  if (n == 0)
    return TRUE;
  batch = n == 1 ? 1 : (guint)self->batch;
  inference = batch == 1 ? &self->single : &self->many;
  if (!ensure_inference (self, inference, (int)batch, error))
    return FALSE;
  all = g_new (float, (gsize)batch *N_CLASSES);
  for (guint from = 0; from < n; from += batch)
    {
      guint count = MIN (batch, n - from);
      double score;

      if (!nmd_program_write (
              inference->program, inference->images,
              pad (tensors + (gsize)from * TENSOR_LENGTH, count, batch, &padded), error)
          || !nmd_program_run (inference->program, error)
          || !nmd_program_read (inference->program, inference->logits, all, error))
        return FALSE;
      for (guint i = 0; i < count; i++)
        if (!get_score (self, all + (gsize)i * N_CLASSES, &score, error))
          return FALSE;
      memcpy (logits + (gsize)from * N_CLASSES, all,
              (gsize)count * N_CLASSES * sizeof *all);
    }
  return TRUE;
}

gboolean
nmd_predictor_score (
    NmdPredictor *self, const float *tensors, guint n, double *scores, GError **error)
{
  g_autofree float *logits = NULL;

  g_return_val_if_fail (self != NULL && (n == 0 || scores != NULL), FALSE);
  logits = g_new (float, (gsize)n *N_CLASSES);
  if (!nmd_predictor_logits (self, tensors, n, logits, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!get_score (self, logits + (gsize)i * N_CLASSES, &scores[i], error))
      return FALSE;
  return TRUE;
}

/* Gradients by the input */

static gboolean
ensure_gradient (NmdPredictor *self, GError **error)
{
  Gradient *gradient = &self->gradient;
  g_auto (NmdNetworkGraph) net = { 0 };

  if (gradient->program == NULL)
    {
      if (!nmd_network_input_gradient (&net, nmd_model_get_network (self->model),
                                       N_CLASSES, NMD_GRADIENT_BATCH, error))
        return FALSE;
      gradient->program = nmd_session_compile (
          self->session, net.graph, (const NmdNode[]){ net.logits, net.map_gradient }, 2,
          error);
      if (gradient->program == NULL)
        return FALSE;
      gradient->images = net.images;
      gradient->seed = net.seed;
      gradient->logits = net.logits;
      gradient->gradient = net.map_gradient;
    }
  return own_store (self, error);
}

gboolean
nmd_predictor_input_gradient (NmdPredictor *self,
                              const float *tensors,
                              guint n,
                              int target,
                              float *gradients,
                              GError **error)
{
  const guint batch = NMD_GRADIENT_BATCH;
  float seed[NMD_GRADIENT_BATCH * N_CLASSES] = { 0 };
  float logits[NMD_GRADIENT_BATCH * N_CLASSES];
  g_autofree float *padded = NULL, *all = NULL;
  double score;

  g_return_val_if_fail (self != NULL && target >= 0 && target < N_CLASSES, FALSE);
  g_return_val_if_fail (n == 0 || (tensors != NULL && gradients != NULL), FALSE);
  if (n == 0)
    return TRUE;
  for (guint i = 0; i < batch; i++)
    seed[i * N_CLASSES + (guint)target] = 1;
  if (!ensure_gradient (self, error)
      || !nmd_program_write (self->gradient.program, self->gradient.seed, seed, error))
    return FALSE;
  all = g_new (float, (gsize)batch *TENSOR_LENGTH);
  for (guint from = 0; from < n; from += batch)
    {
      guint count = MIN (batch, n - from);
      NmdProgram *program = self->gradient.program;

      if (!nmd_program_write (
              program, self->gradient.images,
              pad (tensors + (gsize)from * TENSOR_LENGTH, count, batch, &padded), error)
          || !nmd_program_run (program, error)
          || !nmd_program_read (program, self->gradient.logits, logits, error)
          || !nmd_program_read (program, self->gradient.gradient, all, error))
        return FALSE;
      for (guint i = 0; i < count; i++)
        if (!get_score (self, logits + (gsize)i * N_CLASSES, &score, error))
          return FALSE;
      memcpy (gradients + (gsize)from * TENSOR_LENGTH, all,
              (gsize)count * TENSOR_LENGTH * sizeof *all);
    }
  return TRUE;
}

/* Grad-CAM */

void
nmd_cam_clear (NmdCam *self)
{
  g_clear_pointer (&self->layer, g_free);
  g_clear_pointer (&self->map, g_free);
  g_clear_pointer (&self->gradient, g_free);
}

static CamProgram *
ensure_cam (NmdPredictor *self, const char *layer, GError **error)
{
  const char *key = layer != NULL ? layer : "";
  CamProgram *cam = g_hash_table_lookup (self->cams, key);
  g_auto (NmdNetworkGraph) net = { 0 };
  const NmdNodeInfo *node;

  if (cam != NULL)
    return own_store (self, error) ? cam : NULL;
  if (!nmd_network_grad_cam (&net, nmd_model_get_network (self->model), N_CLASSES, 1,
                             layer, error))
    return NULL;
  node = nmd_graph_get (net.graph, net.map);
  if (node->shape.n_dims != 4)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   _ ("Layer %s of %s has no map: its value has no height and width"),
                   layer != NULL ? layer : node->name,
                   nmd_model_get_network (self->model)->title);
      return NULL;
    }
  cam = g_new0 (CamProgram, 1);
  cam->images = net.images;
  cam->seed = net.seed;
  cam->logits = net.logits;
  cam->map = net.map;
  cam->gradient = net.map_gradient;
  cam->shape = node->shape;
  cam->layer
      = g_strdup (layer != NULL ? layer : nmd_model_get_network (self->model)->cam_layer);
  cam->program = nmd_session_compile (
      self->session, net.graph,
      (const NmdNode[]){ net.logits, net.map, net.map_gradient }, 3, error);
  if (cam->program == NULL)
    {
      cam_program_free (cam);
      return NULL;
    }
  g_hash_table_insert (self->cams, g_strdup (key), cam);
  return own_store (self, error) ? cam : NULL;
}

static gboolean
run_cam (CamProgram *cam, int target, float logits[N_CLASSES], GError **error)
{
  const float seed[N_CLASSES] = { target == 0, target == 1 };

  return nmd_program_write (cam->program, cam->seed, seed, error)
         && nmd_program_run (cam->program, error)
         && nmd_program_read (cam->program, cam->logits, logits, error);
}

gboolean
nmd_predictor_cam (NmdPredictor *self,
                   const char *layer,
                   const float *tensor,
                   int target,
                   NmdCam *cam,
                   GError **error)
{
  CamProgram *program;
  float logits[N_CLASSES];
  int seed;

  g_return_val_if_fail (self != NULL && tensor != NULL && cam != NULL && target >= -1
                            && target <= 1,
                        FALSE);
  *cam = (NmdCam){ 0 };
  program = ensure_cam (self, layer, error);
  if (program == NULL
      || !nmd_program_write (program->program, program->images, tensor, error))
    return FALSE;
  /* Which class is predicted is known only after a run; the second run is for the other
   * half of the images. */
  seed = target >= 0 ? target : 1;
  if (!run_cam (program, seed, logits, error)
      || !get_score (self, logits, &cam->score, error))
    return FALSE;
  if (target < 0 && cam->score < 0.5)
    {
      seed = 0;
      if (!run_cam (program, seed, logits, error))
        return FALSE;
    }
  cam->target = seed;
  cam->logits[0] = (double)logits[0];
  cam->logits[1] = (double)logits[1];
  cam->channels = program->shape.dims[1];
  cam->height = program->shape.dims[2];
  cam->width = program->shape.dims[3];
  cam->map = g_new (float, nmd_shape_count (&program->shape));
  cam->gradient = g_new (float, nmd_shape_count (&program->shape));
  cam->layer = g_strdup (program->layer);
  if (nmd_program_read (program->program, program->map, cam->map, error)
      && nmd_program_read (program->program, program->gradient, cam->gradient, error))
    return TRUE;
  nmd_cam_clear (cam);
  return FALSE;
}
