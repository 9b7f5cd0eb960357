/* SPDX-License-Identifier: Apache-2.0
 *
 * The programs of a training and their store. Knows neither images on disk nor run
 * folders.
 */
#include "engine/train/nmd-learner-private.h"
#include "engine/core/nmd-random.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MOMENTUM 0.1f /* share of the new value in running statistics; as PyTorch */
#define AVERAGE_PREFIX "average:"

/* A program and the nodes that its user has to know; the graph itself is gone. */
typedef struct
{
  NmdProgram *program;
  NmdNetworkGraph nodes;
  int batch;
  float *mask; /* (nullable) of dropout, n_mask values: all ones until drawn */
  gsize n_mask;
} Compiled;

struct _NmdLearner
{
  const NmdNetwork *network;
  NmdParameters *parameters;
  NmdAdamSettings adam;
  NmdSession *session;
  Compiled step, step_remainder, evaluation, averaging, renewal, renewal_remainder;
  Compiled *written, *running; /* one of the first two */
  gsize n_values;              /* in the network's own tensors */
};

typedef enum
{
  KIND_STEP,
  KIND_EVALUATION,
  KIND_AVERAGING,
  KIND_RENEWAL,
} Kind;

static gboolean
build (NmdLearner *self, Kind kind, int batch, NmdNetworkGraph *graph, GError **error)
{
  switch (kind)
    {
    case KIND_STEP:
      return nmd_network_training (graph, self->network, NMD_N_CLASSES, batch,
                                   &self->adam, error);
    case KIND_EVALUATION:
      return nmd_network_inference (graph, self->network, NMD_N_CLASSES, batch, error);
    case KIND_AVERAGING:
      return nmd_network_averaging (graph, self->network, NMD_N_CLASSES, error);
    case KIND_RENEWAL:
    default:
      return nmd_network_renewal (graph, self->network, NMD_N_CLASSES, batch, error);
    }
}

static void
compiled_clear (Compiled *self)
{
  g_clear_pointer (&self->program, nmd_program_free);
  g_clear_pointer (&self->mask, g_free);
  self->batch = 0;
}

/* Without being drawn, dropout's mask changes nothing. */
static gboolean
make_mask (Compiled *self, const NmdNetworkGraph *graph, GError **error)
{
  if (graph->dropout == NMD_NODE_NONE)
    return TRUE;
  self->n_mask = nmd_shape_count (&nmd_graph_get (graph->graph, graph->dropout)->shape);
  self->mask = g_new (float, self->n_mask);
  for (gsize i = 0; i < self->n_mask; i++)
    self->mask[i] = 1;
  return nmd_program_write (self->program, graph->dropout, self->mask, error);
}

static gsize
count_values (const NmdGraph *graph)
{
  gsize n = 0;

  for (int i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    if (nmd_graph_get (graph, i)->op == NMD_OP_STORE)
      n += nmd_shape_count (&nmd_graph_get (graph, i)->shape);
  return n;
}

static int
evaluation_batch (const NmdLearner *self)
{
  return nmd_evaluation_batch (self->network->task);
}

/* Compiles into @self unless it holds a program for @batch already. */
static gboolean
need (NmdLearner *learner, Compiled *self, Kind kind, int batch, GError **error)
{
  g_auto (NmdNetworkGraph) graph = { 0 };
  NmdNode outputs[2];
  int n_outputs = 0;

  if (self->program != NULL && self->batch == batch)
    return TRUE;
  compiled_clear (self);
  if (!build (learner, kind, batch, &graph, error))
    return FALSE;
  if (kind == KIND_STEP)
    outputs[n_outputs++] = graph.loss;
  else if (kind == KIND_EVALUATION)
    outputs[n_outputs++] = graph.logits;
  self->program
      = nmd_session_compile (learner->session, graph.graph, outputs, n_outputs, error);
  if (self->program == NULL || !make_mask (self, &graph, error))
    return FALSE;
  if (kind == KIND_EVALUATION)
    learner->n_values = count_values (graph.graph);
  self->nodes = graph;
  self->nodes.graph = NULL;
  self->batch = batch;
  return TRUE;
}

NmdLearner *
nmd_learner_new (const NmdNetwork *network,
                 const NmdParameters *parameters,
                 const char *device,
                 int threads,
                 GError **error)
{
  g_autoptr (NmdLearner) self = NULL;
  int batch = nmd_parameters_get_int (parameters, "batch");

  if (network->task != nmd_parameters_get_task (parameters))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   _ ("Network %s is for the task %s, not %s"), network->name,
                   nmd_task_get_name (network->task),
                   nmd_task_get_name (nmd_parameters_get_task (parameters)));
      return NULL;
    }
  self = g_new0 (NmdLearner, 1);
  self->network = network;
  self->parameters = nmd_parameters_copy (parameters);
  self->adam.beta1 = nmd_parameters_get (parameters, "beta1");
  self->adam.beta2 = nmd_parameters_get (parameters, "beta2");
  self->adam.epsilon = nmd_parameters_get (parameters, "epsilon");
  self->adam.weight_decay = nmd_parameters_get (parameters, "weight-decay");
  self->session = nmd_session_open (device, threads, error);
  if (self->session == NULL)
    return NULL;
  /* Compiled now because compiling is what makes the store's tensors. */
  if (!need (self, &self->step, KIND_STEP, batch, error)
      || !need (self, &self->averaging, KIND_AVERAGING, 1, error)
      || !need (self, &self->evaluation, KIND_EVALUATION, evaluation_batch (self), error))
    return NULL;
  return g_steal_pointer (&self);
}

void
nmd_learner_free_programs (NmdLearner *self)
{
  compiled_clear (&self->step);
  compiled_clear (&self->step_remainder);
  compiled_clear (&self->evaluation);
  compiled_clear (&self->averaging);
  compiled_clear (&self->renewal);
  compiled_clear (&self->renewal_remainder);
}

void
nmd_learner_free (NmdLearner *self)
{
  if (self == NULL)
    return;
  nmd_learner_free_programs (self);
  g_clear_pointer (&self->session, nmd_session_close);
  nmd_parameters_unref (self->parameters);
  g_free (self);
}

NmdSession *
nmd_learner_get_session (NmdLearner *self)
{
  return self->session;
}

gsize
nmd_learner_get_n_values (NmdLearner *self)
{
  return self->n_values;
}

gboolean
nmd_learner_reserve (NmdLearner *self, guint n_train, GError **error)
{
  const guint batch = (guint)nmd_parameters_get_int (self->parameters, "batch");
  const guint whole = (guint)evaluation_batch (self);
  const guint last = n_train % batch, renewed = n_train % whole;

  /* A last batch under 8 images is dropped. */
  if (last >= 8 && !need (self, &self->step_remainder, KIND_STEP, (int)last, error))
    return FALSE;
  if (!nmd_learner_renews (self))
    return TRUE;
  return (n_train < whole || need (self, &self->renewal, KIND_RENEWAL, (int)whole, error))
         && (renewed == 0
             || need (self, &self->renewal_remainder, KIND_RENEWAL, (int)renewed, error));
}

gboolean
nmd_learner_start (NmdLearner *self, const NmdWeights *initial, GError **error)
{
  guint64 seed = (guint64)nmd_parameters_get (self->parameters, "seed");
  g_autoptr (NmdWeights) fresh = NULL;

  if (initial == NULL)
    initial = fresh = nmd_network_init (self->network, NMD_N_CLASSES, seed);
  return nmd_session_load (self->session, initial, NULL, error);
}

NmdWeights *
nmd_learner_save (NmdLearner *self, GError **error)
{
  return nmd_session_save (self->session, "", error);
}

gboolean
nmd_learner_load (NmdLearner *self,
                  const NmdWeights *weights,
                  const char *name,
                  GError **error)
{
  g_autoptr (NmdWeights) have = nmd_session_save (self->session, "", error);

  if (have == NULL)
    return FALSE;
  for (guint i = 0; i < nmd_weights_get_n (have); i++)
    if (nmd_weights_get (weights, nmd_weights_get_name (have, i), NULL) == NULL)
      {
        g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                     _ ("%s has no tensor %s, which %s needs"), name,
                     nmd_weights_get_name (have, i), self->network->title);
        return FALSE;
      }
  if (nmd_weights_get_n (weights) != nmd_weights_get_n (have))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, _ ("%s has %u tensors, %s has %u"),
                   name, nmd_weights_get_n (weights), self->network->title,
                   nmd_weights_get_n (have));
      return FALSE;
    }
  if (nmd_session_load (self->session, weights, NULL, error))
    return TRUE;
  g_prefix_error (error, "%s: ", name);
  return FALSE;
}

NmdWeights *
nmd_learner_strip (const NmdWeights *all)
{
  NmdWeights *weights = nmd_weights_new ();

  for (guint i = 0; i < nmd_weights_get_n (all); i++)
    {
      const char *name = nmd_weights_get_name (all, i);
      NmdShape shape;
      const float *values;

      if (g_str_has_prefix (name, "adam.") || g_str_has_prefix (name, AVERAGE_PREFIX))
        continue;
      values = nmd_weights_get (all, name, &shape);
      memcpy (nmd_weights_add (weights, name, &shape), values,
              nmd_shape_count (&shape) * sizeof *values);
    }
  return weights;
}

NmdWeights *
nmd_learner_get_weights (NmdLearner *self, GError **error)
{
  g_autoptr (NmdWeights) all = nmd_learner_save (self, error);

  return all != NULL ? nmd_learner_strip (all) : NULL;
}

static gboolean
write_scalar (NmdProgram *program, NmdNode node, double value, GError **error)
{
  float single = (float)value;

  return nmd_program_write (program, node, &single, error);
}

void
nmd_learner_draw_dropout (
    guint64 seed, int epoch, guint batch, double dropout, float *mask, gsize n)
{
  g_autofree char *id = g_strdup_printf ("%u", batch);
  const float kept = (float)(1 / (1 - dropout));
  NmdRandom stream;

  nmd_random_init_for (&stream, seed, "dropout", epoch, id);
  for (gsize i = 0; i < n; i++)
    mask[i] = nmd_random_uniform (&stream) < dropout ? 0 : kept;
}

static gboolean
write_dropout (
    NmdLearner *self, Compiled *compiled, int epoch, guint batch, GError **error)
{
  if (compiled->mask == NULL || !nmd_parameters_get_switch (self->parameters, "dropout"))
    return TRUE; /* ones since it was compiled */
  nmd_learner_draw_dropout ((guint64)nmd_parameters_get (self->parameters, "seed"), epoch,
                            batch, self->network->dropout, compiled->mask,
                            compiled->n_mask);
  return nmd_program_write (compiled->program, compiled->nodes.dropout, compiled->mask,
                            error);
}

gboolean
nmd_learner_write (NmdLearner *self,
                   const float *images,
                   const float *targets,
                   int n,
                   double lr,
                   gint64 step,
                   int epoch,
                   guint batch,
                   GError **error)
{
  gboolean whole = n == nmd_parameters_get_int (self->parameters, "batch");
  Compiled *compiled = whole ? &self->step : &self->step_remainder;

  self->written = compiled;
  return need (self, compiled, KIND_STEP, n, error)
         && nmd_program_write (compiled->program, compiled->nodes.images, images, error)
         && nmd_program_write (compiled->program, compiled->nodes.targets, targets, error)
         && write_dropout (self, compiled, epoch, batch, error)
         && write_scalar (compiled->program, compiled->nodes.lr, lr, error)
         && write_scalar (compiled->program, compiled->nodes.step, (double)step, error)
         && write_scalar (compiled->program, compiled->nodes.share, (double)MOMENTUM,
                          error);
}

gboolean
nmd_learner_run (NmdLearner *self, GError **error)
{
  self->running = self->written;
  return nmd_program_run (self->running->program, error);
}

gboolean
nmd_learner_loss (NmdLearner *self, double *loss, GError **error)
{
  float value = NAN;

  if (!nmd_program_read (self->running->program, self->running->nodes.loss, &value,
                         error))
    return FALSE;
  *loss = (double)value;
  return TRUE;
}

gboolean
nmd_learner_step (NmdLearner *self,
                  const float *images,
                  const float *targets,
                  int n,
                  double lr,
                  gint64 step,
                  int epoch,
                  guint batch,
                  double *loss,
                  GError **error)
{
  return nmd_learner_write (self, images, targets, n, lr, step, epoch, batch, error)
         && nmd_learner_run (self, error) && nmd_learner_loss (self, loss, error);
}

gboolean
nmd_learner_logits (NmdLearner *self, const float *images, float *logits, GError **error)
{
  Compiled *compiled = &self->evaluation;

  return need (self, compiled, KIND_EVALUATION, evaluation_batch (self), error)
         && nmd_program_write (compiled->program, compiled->nodes.images, images, error)
         && nmd_program_run (compiled->program, error)
         && nmd_program_read (compiled->program, compiled->nodes.logits, logits, error);
}

gboolean
nmd_learner_average (NmdLearner *self, int k, GError **error)
{
  Compiled *compiled = &self->averaging;

  return need (self, compiled, KIND_AVERAGING, 1, error)
         && write_scalar (compiled->program, compiled->nodes.average_share, 1.0 / (k + 1),
                          error)
         && nmd_program_run (compiled->program, error);
}

static gboolean
is_statistic (const char *name, float *fresh)
{
  *fresh = g_str_has_suffix (name, ".running_var") ? 1.0f : 0.0f;
  return *fresh != 0 || g_str_has_suffix (name, ".running_mean");
}

gboolean
nmd_learner_take_average (NmdLearner *self, GError **error)
{
  g_autoptr (NmdWeights) all = nmd_learner_save (self, error);

  if (all == NULL)
    return FALSE;
  for (guint i = 0; i < nmd_weights_get_n (all); i++)
    {
      const char *name = nmd_weights_get_name (all, i);
      NmdShape shape;
      const float *values = nmd_weights_get (all, name, &shape);
      gsize n = nmd_shape_count (&shape);
      g_autofree float *reset = NULL;
      float fresh;

      if (g_str_has_prefix (name, AVERAGE_PREFIX))
        name += strlen (AVERAGE_PREFIX);
      else if (is_statistic (name, &fresh))
        {
          reset = g_new (float, n);
          for (gsize j = 0; j < n; j++)
            reset[j] = fresh;
          values = reset;
        }
      else
        continue;
      if (!nmd_session_store_write (self->session, name, values, n, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
nmd_learner_renews (const NmdLearner *self)
{
  return nmd_network_has_statistics (self->network);
}

gboolean
nmd_learner_renew (
    NmdLearner *self, const float *images, int n, int batch, GError **error)
{
  Compiled *compiled
      = n == evaluation_batch (self) ? &self->renewal : &self->renewal_remainder;

  return need (self, compiled, KIND_RENEWAL, n, error)
         && nmd_program_write (compiled->program, compiled->nodes.images, images, error)
         && write_scalar (compiled->program, compiled->nodes.share, 1.0 / (batch + 1),
                          error)
         && nmd_program_run (compiled->program, error);
}
