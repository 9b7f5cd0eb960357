/* SPDX-License-Identifier: Apache-2.0
 *
 * A network, its loss, its gradients and its optimiser as one list of operations.
 *
 * A graph is a list of nodes. A node is an operation, up to a few input nodes that come before
 * it in the list, attributes, and one float32 tensor as its value. Shapes are inferred when the
 * node is added; list order is the order of execution, so an operation that updates a store
 * tensor is seen by the nodes after it and not by those before it. A graph knows no device,
 * layout or memory: a backend compiles it (engine/backend/nmd-session.h).
 *
 * Tensors have 1 to 4 dimensions; images are n c h w, in row-major order wherever numbers enter
 * or leave. Vectors over classes or hidden units are n c. A scalar is a tensor of shape [1].
 *
 * Errors: adding a node never fails half way. A refused node (shapes that disagree) returns
 * %NMD_NODE_NONE, the graph keeps the first error with the node's name, every later call on a
 * node of -1 returns -1 too, and nmd_graph_check() reports it. So a model file reads without an
 * error check on each line.
 *
 * Threads: a graph belongs to one thread until it is compiled; after that it is only read.
 */
#pragma once

#include "engine/core/nmd-error.h"
#include "engine/nn/graph/nmd-node.h"
#include "engine/nn/graph/nmd-ops.h"

G_BEGIN_DECLS

typedef struct _NmdGraph NmdGraph;

/* An empty graph. */
NmdGraph          *nmd_graph_new          (void) G_GNUC_WARN_UNUSED_RESULT;
/* Frees @self and its nodes' names. */
void               nmd_graph_free         (NmdGraph          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdGraph, nmd_graph_free)

/* The same nodes and names in a graph of their own; scopes are not copied. */
NmdGraph          *nmd_graph_copy         (const NmdGraph    *self) G_GNUC_WARN_UNUSED_RESULT;

/* The number of nodes. */
int                nmd_graph_get_n_nodes  (const NmdGraph    *self);
/* What node @node is, 0 ≤ @node < n_nodes. Borrowed, valid until the next node is added. */
const NmdNodeInfo *nmd_graph_get          (const NmdGraph    *self,
                                           NmdNode            node);

/* The first node called @name ("stages.2", "expand_pw"), or %NMD_NODE_NONE. Several nodes of a
 * block may share its prefix; the node that is a block's value bears exactly the block's name. */
NmdNode            nmd_graph_find         (const NmdGraph    *self,
                                           const char        *name);

/* FALSE with @error set if any node so far was refused: what, where, both shapes. */
gboolean           nmd_graph_check        (const NmdGraph    *self,
                                           GError           **error);

/**
 * nmd_graph_add:
 * @name: (nullable): appended to the scope; %NULL or "" for none
 * @attributes: (nullable): those that @op reads (nmd-node.h), the others 0; %NULL: all 0
 * @inputs: (array length=n_inputs): nodes of this graph, in the order of nmd_op_get_info()->inputs
 *
 * Adds a node and infers the shape of its value by its operation's rule. All helpers below and in
 * nmd-blocks.h come down to it.
 *
 * Errors: a node that does not fit is not added; nmd_graph_check() says which and why.
 *
 * Returns: the node's index; %NMD_NODE_NONE if it or an input was refused
 */
NmdNode            nmd_graph_add          (NmdGraph            *self,
                                           NmdOp                op,
                                           const char          *name,
                                           const NmdAttributes *attributes,
                                           const NmdNode       *inputs,
                                           int                  n_inputs);

/* Names of nodes added until the matching pop are prefixed with "@name.". */
void               nmd_graph_push         (NmdGraph          *self,
                                           const char        *name_format,
                                           ...) G_GNUC_PRINTF (2, 3);
/* Leaves the scope of the last push. */
void               nmd_graph_pop          (NmdGraph          *self);

/* Gives @node, the value of the block in whose scope we are, exactly the scope's name. */
void               nmd_graph_name_scope   (NmdGraph          *self,
                                           NmdNode            node);

/* An INPUT node of @dims, to be written before each run. */
NmdNode            nmd_graph_input        (NmdGraph          *self,
                                           const char        *name,
                                           const int         *dims,
                                           int                n_dims);
/* The STORE node called @name in this scope: the one that the graph has, or a new one. Another shape
 * than it has is refused. */
NmdNode            nmd_graph_store        (NmdGraph          *self,
                                           const char        *name,
                                           gboolean           trainable,
                                           const int         *dims,
                                           int                n_dims);

/**
 * nmd_graph_differentiate:
 * @y: the node whose gradient is wanted
 * @dy: a node of @y's shape that seeds it (for a loss: a CONSTANT 1)
 * @wanted: nodes by which to differentiate
 * @gradients: (out caller-allocates): one node for each of @wanted, %NMD_NODE_NONE where @y
 *   does not depend on it
 *
 * Appends Σ dy·∂y/∂wanted by reverse accumulation. Only nodes that lie between @wanted and @y
 * get gradient nodes. Each gradient's contributions are added in list order. The gradient node
 * of a named node is called "d:" + name.
 *
 * Returns: FALSE with @error set (%NMD_ERROR_UNSUPPORTED) if an operation on the way has no
 *   gradient (updates, gradients of gradients)
 */
gboolean           nmd_graph_differentiate (NmdGraph         *self,
                                            NmdNode           y,
                                            NmdNode           dy,
                                            const NmdNode    *wanted,
                                            int               n_wanted,
                                            NmdNode          *gradients,
                                            GError          **error);

/* Number of trainable values: Σ over distinct trainable store tensors. */
gint64             nmd_graph_count_parameters (const NmdGraph *self);

/* Multiply-adds of one forward operation for the graph's batch (CONV, LINEAR, ATTENTION; 0 for
 * others). */
gint64             nmd_graph_get_macs         (const NmdGraph *self,
                                               NmdNode         node);
/* Of all nodes. */
gint64             nmd_graph_count_macs       (const NmdGraph *self);

G_END_DECLS
