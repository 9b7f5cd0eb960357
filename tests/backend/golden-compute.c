/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes the numbers of a golden file on a device. Weights and images are filled by the rule
 * that the files share (named random streams), so no weights are stored.
 */
#include "tests/backend/golden.h"

#include "engine/core/nmd-random.h"

#include <float.h>
#include <math.h>
#include <string.h>

static double
fan_scale (const NmdShape *shape, double gain)
{
  return sqrt (gain / (double)(nmd_shape_count (shape) / (gsize)shape->dims[0]));
}

/* The rule of the golden files: *.running_mean 0.1 u, *.running_var 1 + 0.5 |u|, *bias
 * 0.1 u, cls_token and pos_embed 0.02 u, 1-D weights 1 + 0.1 u, 4-D √(6/fan_in) u, 2-D
 * √(3/fan_in) u. */
static void
fill_tensor (const char *name, const NmdShape *shape, const char *stream, float *values)
{
  const gsize n = nmd_shape_count (shape);
  double start = 0, factor = 0.1;
  gboolean absolute = FALSE;

  nmd_random_fill (stream, values, n);
  if (g_str_has_suffix (name, "running_var"))
    {
      start = 1;
      factor = 0.5;
      absolute = TRUE;
    }
  else if (g_str_equal (name, "cls_token") || g_str_equal (name, "pos_embed"))
    factor = 0.02;
  else if (!g_str_has_suffix (name, "running_mean") && !g_str_has_suffix (name, "bias"))
    {
      if (shape->n_dims == 1)
        start = 1;
      else
        factor = fan_scale (shape, shape->n_dims == 4 ? 6 : 3);
    }
  for (gsize i = 0; i < n; i++)
    {
      const double u = (double)values[i];

      values[i] = (float)(start + factor * (absolute ? fabs (u) : u));
    }
}

/* Moves @values by up to four roundings, each its own way; about what the sums of a float32 engine
 * add up to. */
static void
add_noise (const Golden *self, const char *stream, float *values, gsize n)
{
  g_autofree char *name = g_strdup_printf ("%s:noise%d", stream, self->draw);
  g_autofree float *u = NULL;

  if (self->draw == 0)
    return;
  u = g_new (float, n);
  nmd_random_fill (name, u, n);
  for (gsize i = 0; i < n; i++)
    values[i] = (float)((double)values[i] * (1 + 4 * FLT_EPSILON * (double)u[i]));
}

static NmdWeights *
fill_weights (const Golden *self, const NmdGraph *graph)
{
  NmdWeights *weights = nmd_weights_new ();

  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph, i);
      g_autofree char *stream = NULL;
      float *values;

      if (node->op != NMD_OP_STORE || strchr (node->name, ':') != NULL)
        continue; /* moments start at zero */
      stream = g_strdup_printf ("%s:%s:%s", self->word, self->network->name, node->name);
      values = nmd_weights_add (weights, node->name, &node->shape);
      fill_tensor (node->name, &node->shape, stream, values);
      add_noise (self, stream, values, nmd_shape_count (&node->shape));
    }
  return weights;
}

/* Σ values·stream, and the norm. */
static Gradient
measure (const Golden *self, const char *name, const float *values, gsize n)
{
  g_autofree char *stream = g_strdup_printf ("%s:probe:%s", self->word, name);
  g_autofree float *probe = g_new (float, n);
  Gradient result = { 0, 0 };

  nmd_random_fill (stream, probe, n);
  for (gsize i = 0; i < n; i++)
    {
      result.norm += (double)values[i] * (double)values[i];
      result.probe += (double)values[i] * (double)probe[i];
    }
  result.norm = sqrt (result.norm);
  return result;
}

static gboolean
write_images (const Golden *self,
              NmdProgram *program,
              const NmdGraph *graph,
              NmdNode images,
              GError **error)
{
  const gsize n = nmd_shape_count (&nmd_graph_get (graph, images)->shape);
  g_autofree char *stream = g_strconcat (self->word, ":input", NULL);
  g_autofree float *values = g_new (float, n);

  nmd_random_fill (stream, values, n);
  add_noise (self, stream, values, n);
  return nmd_program_write (program, images, values, error);
}

/* Compiles @graph with its images and the filled weights. */
static NmdProgram *
prepare (const Golden *self,
         NmdSession *session,
         const NmdGraph *graph,
         NmdNode images,
         const GArray *outputs,
         GError **error)
{
  g_autoptr (NmdWeights) weights = fill_weights (self, graph);
  g_autoptr (NmdProgram) program = NULL;
  guint used = 0;

  program = nmd_session_compile (session, graph, (const NmdNode *)outputs->data,
                                 (int)outputs->len, error);
  if (program == NULL || !nmd_session_load (session, weights, &used, error)
      || !write_images (self, program, graph, images, error))
    return NULL;
  g_assert (used == nmd_weights_get_n (weights));
  return g_steal_pointer (&program);
}

static gboolean
read_gradients (const Golden *self,
                NmdProgram *program,
                const NmdGraph *graph,
                const NmdNode *gradients,
                Gradient *out,
                GError **error)
{
  for (guint i = 0; i < self->parameters->len; i++)
    {
      const gsize n = nmd_shape_count (&nmd_graph_get (graph, gradients[i])->shape);
      g_autofree float *values = g_new (float, n);

      if (!nmd_program_read (program, gradients[i], values, error))
        return FALSE;
      out[i] = measure (self, self->parameters->pdata[i], values, n);
    }
  return TRUE;
}

/* What logits are multiplied by before their gradients are taken. */
static gboolean
write_seeds (const Golden *self,
             NmdProgram *program,
             NmdNode seed,
             const NmdShape *shape,
             GError **error)
{
  const float classes[N_IMAGES * N_CLASSES] = { -1, 1, -1, 1 };
  g_autofree char *stream = g_strconcat (self->word, ":seed", NULL);
  g_autofree float *values = g_new (float, nmd_shape_count (shape));

  if (shape->n_dims == 2)
    return nmd_program_write (program, seed, classes, error);
  nmd_random_fill (stream, values, nmd_shape_count (shape));
  return nmd_program_write (program, seed, values, error);
}

/* The logits, or of maps norm and probe of each image's. */
static gboolean
read_logits (const Golden *self,
             NmdProgram *program,
             NmdNode y,
             const NmdShape *shape,
             double *out,
             GError **error)
{
  const gsize n = nmd_shape_count (shape), one = n / N_IMAGES;
  g_autofree char *stream = g_strconcat (self->word, ":probe:logits", NULL);
  g_autofree float *logits = g_new (float, n), *probe = g_new (float, n);

  if (!nmd_program_read (program, y, logits, error))
    return FALSE;
  nmd_random_fill (stream, probe, n);
  for (int i = 0; i < N_IMAGES * N_CLASSES; i++)
    out[i] = shape->n_dims == 2 ? (double)logits[i] : 0;
  for (gsize k = 0; shape->n_dims != 2 && k < n; k++)
    {
      out[k / one * 2] += (double)logits[k] * (double)logits[k];
      out[k / one * 2 + 1] += (double)logits[k] * (double)probe[k];
    }
  for (int i = 0; shape->n_dims != 2 && i < N_IMAGES; i++)
    out[2 * i] = sqrt (out[2 * i]);
  return TRUE;
}

/* Logits, and gradients of Σ (logit 1 − logit 0) with frozen batch norm. */
static gboolean
compute_eval (const Golden *self, NmdSession *session, Numbers *out, GError **error)
{
  const guint n = self->parameters->len;
  const int size = self->network->input_size, dims[4] = { N_IMAGES, 3, size, size };
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (NmdNode));
  g_autofree NmdNode *wanted = g_new (NmdNode, n), *gradients = g_new (NmdNode, n);
  g_autoptr (NmdProgram) program = NULL;
  NmdNode images, y, seed;
  NmdShape shape;

  images = nmd_graph_input (graph, "images", dims, 4);
  y = self->network->build (graph, images, N_CLASSES, NMD_MODE_EVALUATION);
  shape = nmd_graph_get (graph, y)->shape;
  seed = nmd_graph_input (graph, "seed", shape.dims, shape.n_dims);
  for (guint i = 0; i < n; i++)
    wanted[i] = nmd_graph_find (graph, self->parameters->pdata[i]);
  if (!nmd_graph_differentiate (graph, y, seed, wanted, (int)n, gradients, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (gradients[i] == NMD_NODE_NONE)
      return golden_refuse (error, "the logits do not depend on %s",
                            (char *)self->parameters->pdata[i]);
  g_array_append_val (outputs, y);
  g_array_append_vals (outputs, gradients, n);
  program = prepare (self, session, graph, images, outputs, error);
  if (program == NULL || !write_seeds (self, program, seed, &shape, error)
      || !nmd_program_run (program, error)
      || !read_logits (self, program, y, &shape, out->logits, error))
    return FALSE;
  return read_gradients (self, program, graph, gradients, out->eval_grads, error);
}

/* Grad-CAM of class 1: ReLU (Σ mean gradient · map), not normalised. */
static gboolean
compute_cam (
    const Golden *self, NmdSession *session, int which, Numbers *out, GError **error)
{
  const float seeds[N_IMAGES * N_CLASSES] = { 0, 1, 0, 1 };
  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (NmdNode));
  g_autoptr (NmdProgram) program = NULL;
  g_autofree float *map = NULL, *gradient = NULL;
  const NmdShape *shape;
  gsize count, area;

  if (!nmd_network_grad_cam (&graph, self->network, N_CLASSES, N_IMAGES,
                             golden_cam_layers[which], error))
    return FALSE;
  shape = &nmd_graph_get (graph.graph, graph.map)->shape;
  count = nmd_shape_count (shape);
  area = (gsize)shape->dims[2] * (gsize)shape->dims[3];
  map = g_new (float, count);
  gradient = g_new (float, count);
  g_array_append_val (outputs, graph.map);
  g_array_append_val (outputs, graph.map_gradient);
  program = prepare (self, session, graph.graph, graph.images, outputs, error);
  if (program == NULL || !nmd_program_write (program, graph.seed, seeds, error)
      || !nmd_program_run (program, error)
      || !nmd_program_read (program, graph.map, map, error)
      || !nmd_program_read (program, graph.map_gradient, gradient, error))
    return FALSE;
  for (gsize k = 0; k < count / area; k++)
    {
      double *l = out->cam[which] + k / (gsize)shape->dims[1] * area, alpha = 0;

      for (gsize i = 0; i < area; i++)
        alpha += (double)gradient[k * area + i] / (double)area;
      for (gsize i = 0; i < area; i++)
        l[i] += alpha * (double)map[k * area + i];
    }
  for (int i = 0; i < self->cam_size[which]; i++)
    out->cam[which][i] = out->cam[which][i] < 0 ? 0 : out->cam[which][i];
  return TRUE;
}

/* The files were made without dropout: all values stay as they are. */
static gboolean
write_no_dropout (NmdProgram *program, const NmdNetworkGraph *graph, GError **error)
{
  g_autofree float *ones = NULL;
  gsize n;

  if (graph->dropout == NMD_NODE_NONE)
    return TRUE;
  n = nmd_shape_count (&nmd_graph_get (graph->graph, graph->dropout)->shape);
  ones = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    ones[i] = 1;
  return nmd_program_write (program, graph->dropout, ones, error);
}

/* The mask of image n: a disc of a quarter of the image's side about its middle row and column
 * number (3 + n)/8. */
static gboolean
write_masks (NmdProgram *program, const NmdNetworkGraph *graph, GError **error)
{
  const NmdShape *shape = &nmd_graph_get (graph->graph, graph->targets)->shape;
  const int size = shape->dims[2];
  g_autofree float *masks = g_new (float, nmd_shape_count (shape));

  for (int i = 0; i < shape->dims[0] * size * size; i++)
    {
      const double x = i % size - size * (3.0 + i / (size * size)) / 8;
      const double y = i / size % size - size / 2.0;

      masks[i] = x * x + y * y <= size / 4.0 * (size / 4.0);
    }
  return nmd_program_write (program, graph->targets, masks, error);
}

/* Classes 0 1 0 1 with label smoothing 0.1, or masks; and the share of new running statistics. */
static gboolean
write_targets (NmdProgram *program, const NmdNetworkGraph *graph, GError **error)
{
  const gboolean maps = nmd_graph_get (graph->graph, graph->targets)->shape.n_dims == 4;
  static const float targets[N_ADAM_IMAGES * N_CLASSES]
      = { 0.95f, 0.05f, 0.05f, 0.95f, 0.95f, 0.05f, 0.05f, 0.95f };
  static const float share = 0.1f;

  return (maps ? write_masks (program, graph, error)
               : nmd_program_write (program, graph->targets, targets, error))
         && nmd_program_write (program, graph->share, &share, error)
         && write_no_dropout (program, graph, error);
}

/* Loss, gradients and running statistics of one forward and backward pass in training
 * mode. */
static gboolean
compute_train (const Golden *self, NmdSession *session, Numbers *out, GError **error)
{
  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (NmdNode));
  g_autoptr (NmdProgram) program = NULL;
  float loss;

  if (!nmd_network_training (&graph, self->network, N_CLASSES, N_IMAGES, NULL, error))
    return FALSE;
  for (guint i = 0; i < self->parameters->len; i++)
    {
      g_autofree char *name = g_strconcat ("d:", self->parameters->pdata[i], NULL);
      NmdNode gradient = nmd_graph_find (graph.graph, name);

      if (gradient == NMD_NODE_NONE)
        return golden_refuse (error, "the training graph has no node %s", name);
      g_array_append_val (outputs, gradient);
    }
  g_array_append_val (outputs, graph.loss);
  program = prepare (self, session, graph.graph, graph.images, outputs, error);
  if (program == NULL || !write_targets (program, &graph, error)
      || !nmd_program_run (program, error)
      || !nmd_program_read (program, graph.loss, &loss, error))
    return FALSE;
  out->loss = (double)loss;
  for (guint i = 0; i < self->buffers->len; i++)
    {
      const char *name = self->buffers->pdata[i];
      const gsize n = nmd_shape_count (
          &nmd_graph_get (graph.graph, nmd_graph_find (graph.graph, name))->shape);
      g_autofree float *values = g_new (float, n);
      Gradient got;

      if (!nmd_session_store_read (session, name, values, n, error))
        return FALSE;
      got = measure (self, name, values, n);
      out->running[i] = got.probe;
      out->running_norms[i] = got.norm;
    }
  return read_gradients (self, program, graph.graph, (NmdNode *)outputs->data,
                         out->train_grads, error);
}

static gboolean
compute_adam (const Golden *self, NmdSession *session, Numbers *out, GError **error)
{
  static const float lr = 1e-4f;
  const NmdAdamSettings settings
      = { .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-4, .weight_decay = 1e-5 };
  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (NmdNode));
  g_autoptr (NmdProgram) program = NULL;

  if (!nmd_network_training (&graph, self->network, N_CLASSES, N_ADAM_IMAGES, &settings,
                             error))
    return FALSE;
  g_array_append_val (outputs, graph.loss);
  program = prepare (self, session, graph.graph, graph.images, outputs, error);
  if (program == NULL || !write_targets (program, &graph, error)
      || !nmd_program_write (program, graph.lr, &lr, error))
    return FALSE;
  for (int i = 0; i < N_ADAM_STEPS; i++)
    {
      const float step = (float)(i + 1);
      float loss;

      if (!nmd_program_write (program, graph.step, &step, error)
          || !nmd_program_run (program, error)
          || !nmd_program_read (program, graph.loss, &loss, error))
        return FALSE;
      out->adam[i] = (double)loss;
    }
  return TRUE;
}

gboolean
golden_compute (
    const Golden *self, const char *device, GoldenPass pass, Numbers *out, GError **error)
{
  g_autoptr (NmdSession) session = nmd_session_open (device, 0, error);

  if (session == NULL)
    return FALSE;
  switch (pass)
    {
    case GOLDEN_EVAL:
      return compute_eval (self, session, out, error);
    case GOLDEN_CAM:
    case GOLDEN_CAM_INNER:
      return compute_cam (self, session, pass - GOLDEN_CAM, out, error);
    case GOLDEN_TRAIN:
      return compute_train (self, session, out, error);
    default:
      return compute_adam (self, session, out, error);
    }
}
