/* SPDX-License-Identifier: Apache-2.0
 *
 * What a compiler asks about a node's neighbours: who reads it, what may be overwritten, which norm
 * and activation may become part of a convolution. Both compiling backends ask here, so that the
 * conditions are the same; what they then do is their business.
 *
 * Only needed nodes count. An output has no only user: it is never fused away.
 */
#pragma once

#include "engine/nn/graph/nmd-graph.h"

G_BEGIN_DECLS

typedef struct _NmdPatterns NmdPatterns;

/* For a graph as a backend compiles it: the arguments, as NmdBackend.compile has them, have to stay. */
NmdPatterns   *nmd_patterns_new                 (const NmdGraph    *graph,
                                                 const gboolean    *needed,
                                                 const gboolean    *is_output,
                                                 const int         *handles) G_GNUC_WARN_UNUSED_RESULT;
void           nmd_patterns_free                (NmdPatterns       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPatterns, nmd_patterns_free)

/* The needed nodes that read @node, in list order, once for each input; ended by %NMD_NODE_NONE. */
const NmdNode *nmd_patterns_get_users           (const NmdPatterns *self,
                                                 NmdNode            node);
/* How many those are. */
int            nmd_patterns_count_users         (const NmdPatterns *self,
                                                 NmdNode            node);
/* The node that alone reads @node, or none, also if @node is an output. */
NmdNode        nmd_patterns_get_only_user       (const NmdPatterns *self,
                                                 NmdNode            node);
/* The activation that alone reads @node, or none. */
NmdNode        nmd_patterns_get_only_activation (const NmdPatterns *self,
                                                 NmdNode            node);

/* Whether @node is a STORE node whose tensor the program overwrites; whether a node before @end does. */
gboolean       nmd_patterns_is_overwritten      (const NmdPatterns *self,
                                                 NmdNode            node);
gboolean       nmd_patterns_is_overwritten_before (const NmdPatterns *self,
                                                   NmdNode            node,
                                                   NmdNode            end);
/* Whether the program overwrites the store tensor of @handle (-1: none). */
gboolean       nmd_patterns_overwrites          (const NmdPatterns *self,
                                                 int                handle);
/* Whether @node has its value before a run and keeps it: an input, a constant, a STORE node that is not
 * overwritten. */
gboolean       nmd_patterns_stands_still        (const NmdPatterns *self,
                                                 NmdNode            node);

/* The batch norm that alone reads @node and whose statistics, gamma and beta stand still, or none. */
NmdNode        nmd_patterns_get_frozen_norm     (const NmdPatterns *self,
                                                 NmdNode            node);
/* The BATCH_VARIANCE about BATCH_MEAN @mean of the same values, or none: both are one pass. */
NmdNode        nmd_patterns_get_variance        (const NmdPatterns *self,
                                                 NmdNode            mean);
/* The BATCH_NORM_GRAD_GAMMA of the gradient that REDUCE node @sum sums over all but channels (dbeta),
 * if everything that it reads comes before @sum, or none: both are one pass. */
NmdNode        nmd_patterns_get_gamma_beside    (const NmdPatterns *self,
                                                 NmdNode            sum);

G_END_DECLS
