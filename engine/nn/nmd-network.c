/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of networks, and the graphs that training, evaluation, statistics renewal,
 * averaging and gradients by a layer or the input compile. Layers are in the model files,
 * fresh weights are nmd-init.c's business.
 */
#include "engine/nn/nmd-network.h"
#include "engine/nn/blocks/nmd-blocks.h"
#include "engine/nn/models/nmd-models.h"

#include <string.h>

static const NmdNetwork *const networks[] = {
  &nmd_network_nmdassistnet, &nmd_network_ghostnet, &nmd_network_efficientnet,
  &nmd_network_cspnet,       &nmd_network_hrnet,    &nmd_network_vit,
  &nmd_network_ghostunet,    &nmd_network_unet,
};

const NmdNetwork *
nmd_networks_list (NmdTask task, guint *n)
{
  g_return_val_if_fail (n != NULL && task <= NMD_TASK_SEGMENT, NULL);

  static NmdNetwork list[NMD_TASK_SEGMENT + 1][G_N_ELEMENTS (networks)];
  static guint count[NMD_TASK_SEGMENT + 1];
  static gsize filled = 0;

  if (g_once_init_enter (&filled))
    {
      for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
        {
          const NmdTask its = networks[i]->task;

          list[its][count[its]++] = *networks[i];
        }
      g_once_init_leave (&filled, 1);
    }
  *n = count[task];
  return list[task];
}

const NmdNetwork *
nmd_networks_list_ablation (guint *n)
{
  g_return_val_if_fail (n != NULL, NULL);

  *n = NMD_N_ABLATION_NETWORKS;
  return nmd_networks_ablation;
}

static const NmdNetwork *added[8];
static guint n_added;

void
nmd_networks_add (const NmdNetwork *network)
{
  g_return_if_fail (network != NULL && n_added < G_N_ELEMENTS (added));

  added[n_added++] = network;
}

const NmdNetwork *
nmd_network_find (const char *name, GError **error)
{
  g_return_val_if_fail (name != NULL, NULL);

  g_autoptr (GString) known = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    if (g_strcmp0 (networks[i]->name, name) == 0)
      return networks[i];
  for (guint i = 0; i < NMD_N_ABLATION_NETWORKS; i++)
    if (g_strcmp0 (nmd_networks_ablation[i].name, name) == 0)
      return &nmd_networks_ablation[i];
  for (guint i = 0; i < n_added; i++)
    if (g_strcmp0 (added[i]->name, name) == 0)
      return added[i];
  known = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", networks[i]->name);
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
               "There is no network “%s”; there are %s", name, known->str);
  return NULL;
}

const NmdNetwork *
nmd_network_with_size (const NmdNetwork *network, int size)
{
  static GMutex lock;
  static GPtrArray *copies;
  NmdNetwork *copy = NULL;

  g_return_val_if_fail (network != NULL && size > 0 && size % 32 == 0, network);

  if (network->input_size == size)
    return network;
  g_mutex_lock (&lock);
  if (copies == NULL)
    copies = g_ptr_array_new ();
  for (guint i = 0; i < copies->len && copy == NULL; i++)
    {
      NmdNetwork *made = copies->pdata[i];

      if (made->input_size == size && made->build == network->build
          && strcmp (made->name, network->name) == 0)
        copy = made;
    }
  if (copy == NULL)
    {
      copy = g_memdup2 (network, sizeof *network);
      copy->input_size = size;
      g_ptr_array_add (copies, copy);
    }
  g_mutex_unlock (&lock);
  return copy;
}

/* Starts a graph: images and the network's logits. */
static gboolean
begin (NmdNetworkGraph *out,
       const NmdNetwork *network,
       int n_classes,
       int batch,
       NmdMode mode,
       GError **error)
{
  const int dims[4] = { batch, 3, network->input_size, network->input_size };

  *out = (NmdNetworkGraph){ NULL, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 };
  if (n_classes < 2 || batch < 1)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                   "Network %s needs at least 2 classes and 1 image, not %d and %d",
                   network->name, n_classes, batch);
      return FALSE;
    }
  if (network->task == NMD_TASK_SEGMENT
      && (network->input_size < 32 || network->input_size % 32 != 0))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                   "Network %s takes images of a multiple of 32 pixels, not of %d",
                   network->name, network->input_size);
      return FALSE;
    }
  out->graph = nmd_graph_new ();
  out->images = nmd_graph_input (out->graph, "images", dims, 4);
  out->logits = network->build (out->graph, out->images, n_classes, mode);
  out->dropout = nmd_graph_find (out->graph, "dropout");
  if (nmd_graph_check (out->graph, error))
    return TRUE;
  nmd_network_graph_clear (out);
  return FALSE;
}

static gboolean
end (NmdNetworkGraph *out, GError **error)
{
  if (nmd_graph_check (out->graph, error))
    return TRUE;
  nmd_network_graph_clear (out);
  return FALSE;
}

void
nmd_network_graph_clear (NmdNetworkGraph *self)
{
  g_clear_pointer (&self->graph, nmd_graph_free);
}

static NmdNode
scalar (NmdGraph *graph, const char *name)
{
  const int one = 1;

  return nmd_graph_input (graph, name, &one, 1);
}

/* All trainable store tensors, in the order of the state dict. */
static GArray *
trainable_nodes (const NmdGraph *graph)
{
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (NmdNode));

  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *info = nmd_graph_get (graph, i);

      if (info->op == NMD_OP_STORE && info->at.trainable)
        g_array_append_val (nodes, i);
    }
  return nodes;
}

/* The store tensor that stands beside @gamma, "X.weight", under the name "X.@what". */
static NmdNode
sibling (NmdGraph *graph, NmdNode gamma, const char *what)
{
  const NmdNodeInfo *info = nmd_graph_get (graph, gamma);
  const int c = info->shape.dims[0];
  g_autofree char *name = NULL;

  g_assert (g_str_has_suffix (info->name, "weight"));
  name = g_strdup_printf ("%.*s%s", (int)(strlen (info->name) - strlen ("weight")),
                          info->name, what);
  return nmd_graph_store (graph, name, FALSE, &c, 1);
}

/* Running statistics of every batch norm in training mode; the variance gets ÷(m − 1). */
static void
blend_statistics (NmdGraph *graph, NmdNode share, int n_nodes)
{
  for (NmdNode i = 0; i < n_nodes; i++)
    {
      const NmdNodeInfo info = *nmd_graph_get (graph, i);
      NmdAttributes at = { .value = 1 };
      double m;

      if (info.op != NMD_OP_BATCH_NORM
          || nmd_graph_get (graph, info.inputs[1])->op != NMD_OP_BATCH_MEAN)
        continue;
      m = (double)(nmd_shape_count (&info.shape) / (gsize)info.shape.dims[1]);
      nmd_graph_add (graph, NMD_OP_BLEND, NULL, &at,
                     (NmdNode[]){ sibling (graph, info.inputs[3], "running_mean"),
                                  info.inputs[1], share },
                     3);
      at.value = m > 1 ? m / (m - 1) : 1;
      nmd_graph_add (graph, NMD_OP_BLEND, NULL, &at,
                     (NmdNode[]){ sibling (graph, info.inputs[3], "running_var"),
                                  info.inputs[2], share },
                     3);
    }
}

static void
add_adam (NmdNetworkGraph *out,
          const NmdAdamSettings *adam,
          NmdNode parameter,
          NmdNode gradient)
{
  const NmdAttributes at = { .beta1 = adam->beta1,
                             .beta2 = adam->beta2,
                             .epsilon = adam->epsilon,
                             .decay = adam->weight_decay };
  const NmdShape shape = nmd_graph_get (out->graph, parameter)->shape;
  g_autofree char *m
      = g_strconcat ("adam.m:", nmd_graph_get (out->graph, parameter)->name, NULL);
  g_autofree char *v
      = g_strconcat ("adam.v:", nmd_graph_get (out->graph, parameter)->name, NULL);
  NmdNode inputs[6] = { parameter, gradient, 0, 0, out->lr, out->step };

  inputs[2] = nmd_graph_store (out->graph, m, FALSE, shape.dims, shape.n_dims);
  inputs[3] = nmd_graph_store (out->graph, v, FALSE, shape.dims, shape.n_dims);
  nmd_graph_add (out->graph, NMD_OP_ADAM, NULL, &at, inputs, 6);
}

/* The input of targets and the loss. */
static void
add_loss (NmdNetworkGraph *out, const NmdNetwork *network)
{
  const NmdShape shape = nmd_graph_get (out->graph, out->logits)->shape;
  NmdNode inputs[2] = { out->logits }, terms[2];

  out->targets = nmd_graph_input (out->graph, "targets", shape.dims, shape.n_dims);
  inputs[1] = out->targets;
  if (network->task == NMD_TASK_CLASSIFY)
    {
      out->loss
          = nmd_graph_add (out->graph, NMD_OP_CROSS_ENTROPY, "loss", NULL, inputs, 2);
      return;
    }
  terms[0] = nmd_graph_add (out->graph, NMD_OP_PIXEL_CROSS_ENTROPY, "cross_entropy", NULL,
                            inputs, 2);
  terms[1] = nmd_graph_add (out->graph, NMD_OP_DICE_LOSS, "dice", NULL, inputs, 2);
  out->loss = nmd_graph_add (out->graph, NMD_OP_ADD, "loss", NULL, terms, 2);
}

gboolean
nmd_network_training (NmdNetworkGraph *out,
                      const NmdNetwork *network,
                      int n_classes,
                      int batch,
                      const NmdAdamSettings *adam,
                      GError **error)
{
  g_return_val_if_fail (out != NULL && network != NULL, FALSE);

  const NmdAttributes one = { .value = 1, .shape = { 1, { 1, 1, 1, 1 } } };
  g_autoptr (GArray) parameters = NULL;
  g_autofree NmdNode *gradients = NULL;
  NmdNode seed;
  int n_forward;

  if (!begin (out, network, n_classes, batch, NMD_MODE_TRAINING, error))
    return FALSE;
  add_loss (out, network);
  out->share = scalar (out->graph, "share");
  if (adam != NULL)
    {
      out->lr = scalar (out->graph, "lr");
      out->step = scalar (out->graph, "step");
    }
  seed = nmd_graph_add (out->graph, NMD_OP_CONSTANT, "one", &one, NULL, 0);
  n_forward = nmd_graph_get_n_nodes (out->graph);
  parameters = trainable_nodes (out->graph);
  gradients = g_new (NmdNode, parameters->len + 1);
  if (out->loss == NMD_NODE_NONE
      || !nmd_graph_differentiate (out->graph, out->loss, seed,
                                   (NmdNode *)parameters->data, (int)parameters->len,
                                   gradients, error))
    {
      nmd_network_graph_clear (out);
      return FALSE;
    }
  for (guint i = 0; adam != NULL && i < parameters->len; i++)
    if (gradients[i] != NMD_NODE_NONE)
      add_adam (out, adam, g_array_index (parameters, NmdNode, i), gradients[i]);
  blend_statistics (out->graph, out->share, n_forward);
  return end (out, error);
}

static void
add_scores (NmdNetworkGraph *out)
{
  if (nmd_graph_get (out->graph, out->logits)->shape.n_dims == 4)
    {
      out->scores = nmd_block_activation (out->graph, "scores", out->logits, NMD_SIGMOID);
      return;
    }
  out->scores
      = nmd_graph_add (out->graph, NMD_OP_SOFTMAX, "scores", NULL, &out->logits, 1);
}

gboolean
nmd_network_inference (NmdNetworkGraph *out,
                       const NmdNetwork *network,
                       int n_classes,
                       int batch,
                       GError **error)
{
  g_return_val_if_fail (out != NULL && network != NULL, FALSE);

  if (!begin (out, network, n_classes, batch, NMD_MODE_EVALUATION, error))
    return FALSE;
  add_scores (out);
  return end (out, error);
}

gboolean
nmd_network_has_statistics (const NmdNetwork *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  g_auto (NmdNetworkGraph) forward = { NULL };

  if (!begin (&forward, self, 2, 1, NMD_MODE_EVALUATION, NULL))
    return FALSE;
  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (forward.graph); i++)
    if (nmd_graph_get (forward.graph, i)->op == NMD_OP_STORE
        && g_str_has_suffix (nmd_graph_get (forward.graph, i)->name, "running_mean"))
      return TRUE;
  return FALSE;
}

gboolean
nmd_network_renewal (NmdNetworkGraph *out,
                     const NmdNetwork *network,
                     int n_classes,
                     int batch,
                     GError **error)
{
  g_return_val_if_fail (out != NULL && network != NULL, FALSE);

  if (!begin (out, network, n_classes, batch, NMD_MODE_TRAINING, error))
    return FALSE;
  out->share = scalar (out->graph, "share");
  blend_statistics (out->graph, out->share, nmd_graph_get_n_nodes (out->graph));
  return end (out, error);
}

gboolean
nmd_network_averaging (NmdNetworkGraph *out,
                       const NmdNetwork *network,
                       int n_classes,
                       GError **error)
{
  g_return_val_if_fail (out != NULL && network != NULL, FALSE);

  const NmdAttributes at = { .value = 1 };
  g_auto (NmdNetworkGraph) forward = { NULL };
  g_autoptr (GArray) parameters = NULL;

  *out = (NmdNetworkGraph){ NULL, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 };
  if (!begin (&forward, network, n_classes, 1, NMD_MODE_EVALUATION, error))
    return FALSE;
  parameters = trainable_nodes (forward.graph);
  out->graph = nmd_graph_new ();
  out->average_share = scalar (out->graph, "average_share");
  for (guint i = 0; i < parameters->len; i++)
    {
      const NmdNodeInfo *info
          = nmd_graph_get (forward.graph, g_array_index (parameters, NmdNode, i));
      g_autofree char *name = g_strconcat ("average:", info->name, NULL);
      NmdNode now = nmd_graph_store (out->graph, info->name, TRUE, info->shape.dims,
                                     info->shape.n_dims);
      NmdNode average = nmd_graph_store (out->graph, name, FALSE, info->shape.dims,
                                         info->shape.n_dims);

      nmd_graph_add (out->graph, NMD_OP_BLEND, NULL, &at,
                     (NmdNode[]){ average, now, out->average_share }, 3);
    }
  return end (out, error);
}

/* A value of four dimensions that a forward node computes. */
static gboolean
is_map (const NmdGraph *graph, NmdNode node)
{
  const NmdNodeInfo *info = nmd_graph_get (graph, node);

  return info->op != NMD_OP_STORE && info->op != NMD_OP_INPUT && info->shape.n_dims == 4;
}

/* Names of up to eight maps that share most of the leading letters with @layer. */
static char *
maps_near (const NmdGraph *graph, const char *layer)
{
  GString *text = g_string_new (NULL);
  gsize best = 0;
  int n = 0;

  for (int pass = 0; pass < 2; pass++)
    for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph) && n < 8; i++)
      {
        const char *name = nmd_graph_get (graph, i)->name;
        gsize common = 0;

        if (*name == '\0' || !is_map (graph, i))
          continue;
        while (name[common] != '\0' && name[common] == layer[common])
          common++;
        if (pass == 0)
          best = MAX (best, common);
        else if (common == best)
          g_string_append_printf (text, "%s%s", n++ > 0 ? ", " : "", name);
      }
  return g_string_free (text, FALSE);
}

/* A graph in evaluation mode with its input `seed`; empty on failure. */
static gboolean
begin_gradient (NmdNetworkGraph *out,
                const NmdNetwork *network,
                int n_classes,
                int batch,
                const char *what,
                GError **error)
{
  const int dims[2] = { batch, n_classes };

  if (network->task != NMD_TASK_CLASSIFY)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Network %s finds outlines; only a class has %s", network->name, what);
      *out
          = (NmdNetworkGraph){ NULL, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 };
      return FALSE;
    }
  if (!begin (out, network, n_classes, batch, NMD_MODE_EVALUATION, error))
    return FALSE;
  add_scores (out);
  out->seed = nmd_graph_input (out->graph, "seed", dims, 2);
  return TRUE;
}

/* map_gradient = gradient of Σ seed·logits by @node. */
static gboolean
differentiate_by (NmdNetworkGraph *out,
                  const NmdNetwork *network,
                  NmdNode node,
                  const char *name,
                  GError **error)
{
  if (!nmd_graph_differentiate (out->graph, out->logits, out->seed, &node, 1,
                                &out->map_gradient, error))
    {
      nmd_network_graph_clear (out);
      return FALSE;
    }
  if (out->map_gradient == NMD_NODE_NONE)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "The logits of network %s do not depend on “%s”", network->name, name);
      nmd_network_graph_clear (out);
      return FALSE;
    }
  return end (out, error);
}

gboolean
nmd_network_grad_cam (NmdNetworkGraph *out,
                      const NmdNetwork *network,
                      int n_classes,
                      int batch,
                      const char *layer,
                      GError **error)
{
  g_return_val_if_fail (out != NULL && network != NULL, FALSE);

  if (!begin_gradient (out, network, n_classes, batch, "a Grad-CAM", error))
    return FALSE;
  if (layer == NULL)
    layer = network->cam_layer;
  out->map = nmd_graph_find (out->graph, layer);
  if (out->map == NMD_NODE_NONE || !is_map (out->graph, out->map))
    {
      g_autofree char *near = maps_near (out->graph, layer);

      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Network %s has no map called “%s”; near it are %s", network->name,
                   layer, near);
      nmd_network_graph_clear (out);
      return FALSE;
    }
  return differentiate_by (out, network, out->map, layer, error);
}

gboolean
nmd_network_input_gradient (NmdNetworkGraph *out,
                            const NmdNetwork *network,
                            int n_classes,
                            int batch,
                            GError **error)
{
  g_return_val_if_fail (out != NULL && network != NULL, FALSE);

  return begin_gradient (out, network, n_classes, batch, "a gradient by the image", error)
         && differentiate_by (out, network, out->images, "images", error);
}
