/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of a graph share: its struct and naming.
 * Nothing outside engine/nn includes this.
 */
#pragma once

#include "engine/nn/graph/nmd-graph.h"

G_BEGIN_DECLS

struct _NmdGraph
{
  GArray *nodes;        /* of NmdNodeInfo */
  GString *scope;       /* "" or "stages.0." */
  GArray *scope_starts; /* of gsize: length of the scope before each push */
  GHashTable *names;    /* name → node + 1, the first node of each name, with earlier names */
  GHashTable *stores;   /* name → node + 1 */
  GError *error;        /* of the first refused node */
};

/* Lets nmd_graph_find() find @node by @name too, unless another node has it. */
void     nmd_graph_add_name    (NmdGraph        *self,
                                NmdNode          node,
                                const char      *name);

/* Calls @node @name (absolute, not in the scope); names it had still find it. */
void     nmd_graph_set_name    (NmdGraph        *self,
                                NmdNode          node,
                                const char      *name);

G_END_DECLS
