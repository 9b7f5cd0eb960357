/* SPDX-License-Identifier: Apache-2.0
 *
 * The networks by name: a model file in engine/nn/models builds the forward pass; this file
 * lists them, fills fresh weights, and builds the kinds of graphs that the rest of the engine
 * compiles.
 */
#pragma once

#include "engine/core/nmd-task.h"
#include "engine/nn/graph/nmd-graph.h"
#include "engine/nn/nmd-weights.h"

G_BEGIN_DECLS

/* TRAINING uses the batch's statistics (and dropout), EVALUATION the stored ones. */
typedef enum
{
  NMD_MODE_EVALUATION,
  NMD_MODE_TRAINING,
} NmdMode;

/* How fresh values of a tensor are drawn. Of a layer's weight w[co,ci/groups,k,k] or w[co,ci]:
 * fan_in = Π dims/co, fan_out = co·k²/groups. */
typedef enum
{
  NMD_DRAW_UNIFORM_IN,  /* U(±1/√fan_in), also a bias: PyTorch's own */
  NMD_DRAW_UNIFORM_OUT, /* U(±1/√fan_out) */
  NMD_DRAW_NORMAL_OUT,  /* N(0, 2/fan_out) (He et al. 2015) */
  NMD_DRAW_NORMAL,      /* standard deviation `value` */
  NMD_DRAW_CONSTANT,    /* `value` */
} NmdDraw;

/* How the tensors called @names are drawn. */
typedef struct
{
  const char *names; /* state-dict names, with * and ? */
  int n_dims;        /* of the weight of the layer it belongs to: 4 convolution, 2 linear; 0 any */
  NmdDraw draw;
  double value;
} NmdInitRule;

/* Of %NMD_TASK_CLASSIFY: an image [n,3,s,s] to logits [n,classes]. Of %NMD_TASK_SEGMENT: the grey image and
 * two channels of prompts [n,3,s,s], s a multiple of 32, to logits [n,1,s,s] of what belongs inside the
 * outline. */
typedef struct
{
  const char *name;          /* "nmdassistnet" */
  const char *title;         /* "NMD-AssistNet" */
  const char *note;          /* what it is, one sentence for its page */
  const char *source;        /* citation */
  NmdTask task;
  const char *cam_layer;     /* node that Grad-CAM reads by default; NULL where it has no classes */
  double dropout;            /* share of the values that its dropout leaves out, 0: has none */
  int input_size;            /* 224; of segmentation the default: a copy of the struct with another
                                multiple of 32 is the network for images of that size */
  const char *const *encoder; /* patterns of the names of tensors that networks of the other task
                                have too, ended by NULL; NULL: none (see nmd_transfer_new()) */
  int cam_tokens;            /* class tokens before the pixels' in cam_layer, whose value is [n,c,t,1];
                                0: it is an image */
  const NmdInitRule *init;   /* rules for fresh weights, the first that fits holds, ended by a NULL
                                name; NULL or where none fits: PyTorch's own */
  /* Adds the forward pass on @x; returns the logits. Segmentation does not read @n_classes. */
  NmdNode (*build) (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode);
} NmdNetwork;

/* All networks for @task; of classification "nmdassistnet" first, of segmentation "ghostunet". */
const NmdNetwork *nmd_networks_list   (NmdTask      task,
                                       guint       *n);

/* The variants of "nmdassistnet" that lack one of its ingredients each; nmd_network_find() knows them, lists
 * do not show them. */
const NmdNetwork *nmd_networks_list_ablation (guint *n);

/* The network called @name, for either task, or NULL with @error (%NMD_ERROR_UNSUPPORTED) naming
 * those there are. */
const NmdNetwork *nmd_network_find    (const char  *name,
                                       GError     **error);

/* @network for images of @size × @size, a multiple of 32; itself where that is its own size. Kept for
 * the rest of the process. Threads: any. */
const NmdNetwork *nmd_network_with_size (const NmdNetwork *network,
                                         int               size);

/* Makes @network known to nmd_network_find() for the rest of the process, for experiments and
 * tests; it is kept by reference and does not appear in the list. Before any thread looks. */
void              nmd_networks_add    (const NmdNetwork *network);

/* Fresh weights as the PyTorch or timm module's own initialiser draws them (same distributions,
 * our streams "SEED:init:0:state-dict name"), with all running statistics. A norm's scale starts
 * at 1, its shift at 0. */
NmdWeights       *nmd_network_init    (const NmdNetwork *self,
                                       int               n_classes,
                                       guint64           seed);

/* Whether it has running statistics; without, as in a vision transformer, nmd_network_renewal()
 * has nothing to renew. */
gboolean          nmd_network_has_statistics (const NmdNetwork *self);

/* A graph with the nodes that its user has to know. Nodes not used by a kind are -1. */
typedef struct
{
  NmdGraph *graph;
  NmdNode images;      /* input [n,3,224,224], normalised; of segmentation [n,3,s,s] */
  NmdNode targets;     /* input [n,k]: class shares (smoothing, Mixup and class weights done); of
                          segmentation the masks [n,1,s,s], 0 or 1 */
  NmdNode lr, step;    /* inputs [1]: learning rate; update count from 1 */
  NmdNode share;       /* input [1]: share of the new value in running statistics */
  NmdNode dropout;     /* input of a training step, what dropout multiplies by: 0 or 1/(1 − share),
                          or 1 everywhere to switch it off; -1 where the network has none */
  NmdNode average_share; /* input [1], see nmd_network_averaging() */
  NmdNode logits;      /* [n,k]; of segmentation [n,1,s,s] */
  NmdNode scores;      /* [n,k] softmax; of segmentation [n,1,s,s], 1/(1 + e⁻ᶻ) */
  NmdNode loss;        /* [1]: cross entropy; of segmentation pixel cross entropy plus Dice loss */
  NmdNode map, map_gradient; /* Grad-CAM: the layer's value and the gradient of the seed·logits */
  NmdNode seed;        /* input [n,k]: what logits are multiplied by before a gradient is taken */
} NmdNetworkGraph;

/* Frees the graph; @self may be filled again. */
void nmd_network_graph_clear (NmdNetworkGraph *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdNetworkGraph, nmd_network_graph_clear)

typedef struct
{
  double beta1, beta2, epsilon, weight_decay;
} NmdAdamSettings;

/**
 * nmd_network_training:
 * @out: (out): the graph, its inputs `images`, `targets`, `share`, `dropout`, with @adam also `lr` and
 *   `step`, and its results `logits` and `loss`
 * @network: a network
 * @n_classes: k, at least 2
 * @batch: n, images in one step
 * @adam: (nullable): settings of the update; %NULL: none
 * @error: return location for an error
 *
 * Builds one step of training: with x the images, t the targets and w every trainable tensor
 *
 *     loss = −1/n · Σ_ic t_ic · log softmax (f (x; w))_ic
 *     w    = Adam (w, ∂loss/∂w, m, v, lr, step)          see %NMD_OP_ADAM
 *     r    = r + share·(statistic of this batch − r)     running means and variances
 *
 * Batch norm uses this batch's mean and ÷n variance; running variances take the ÷(n − 1) one. Moments m
 * and v are the store tensors "adam.m:NAME" and "adam.v:NAME". Without @adam nothing is updated but
 * running statistics, and the gradients are nodes "d:NAME".
 *
 * Units: `lr` per step; `step` counts from 1; `share` in [0, 1], 0.1 as a rule.
 *
 * Source: Kingma and Ba, "Adam", ICLR 2015; Ioffe and Szegedy, "Batch normalization", ICML 2015.
 *
 * Errors: %NMD_ERROR_SHAPE naming the node that does not fit. @out is then empty.
 *
 * Returns: whether the graph was built; free it with nmd_network_graph_clear()
 */
gboolean nmd_network_training   (NmdNetworkGraph        *out,
                                 const NmdNetwork       *network,
                                 int                     n_classes,
                                 int                     batch,
                                 const NmdAdamSettings  *adam,
                                 GError                **error);

/* Evaluation: logits, scores. */
gboolean nmd_network_inference  (NmdNetworkGraph        *out,
                                 const NmdNetwork       *network,
                                 int                     n_classes,
                                 int                     batch,
                                 GError                **error);

/* Renewal of batch-norm statistics: forward in training mode, running statistics blended by
 * `share` (1/(i + 1) at batch i gives the cumulative mean), nothing else. */
gboolean nmd_network_renewal    (NmdNetworkGraph        *out,
                                 const NmdNetwork       *network,
                                 int                     n_classes,
                                 int                     batch,
                                 GError                **error);

/* Running average of the weights: store "average:NAME" += average_share·(NAME − it) for every
 * trainable tensor. average_share = 1/(k + 1) for the k-th (from 0) model entering. */
gboolean nmd_network_averaging  (NmdNetworkGraph        *out,
                                 const NmdNetwork       *network,
                                 int                     n_classes,
                                 GError                **error);

/* Evaluation mode, frozen batch norm: map = value of the node called @layer, map_gradient =
 * gradient of Σ seed·logits by it. @layer NULL: the network's own.
 * Errors: %NMD_ERROR_UNSUPPORTED names the layer and says which exist nearby, or that the network
 *   has no classes. */
gboolean nmd_network_grad_cam   (NmdNetworkGraph        *out,
                                 const NmdNetwork       *network,
                                 int                     n_classes,
                                 int                     batch,
                                 const char             *layer,
                                 GError                **error);

/* The same for the input: map_gradient [n,3,224,224] = gradient of Σ seed·logits by `images`; there is no
 * map. Errors: %NMD_ERROR_UNSUPPORTED for a network without classes. */
gboolean nmd_network_input_gradient (NmdNetworkGraph    *out,
                                 const NmdNetwork       *network,
                                 int                     n_classes,
                                 int                     batch,
                                 GError                **error);

G_END_DECLS
