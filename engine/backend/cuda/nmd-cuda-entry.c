/* SPDX-License-Identifier: Apache-2.0
 *
 * The module's one symbol, and the few engine functions that the backend calls, passed on
 * to the engine that loaded it. Only in the module: programs linked with the engine have
 * the functions themselves.
 */
#include "engine/backend/cuda/nmd-cuda.h"

#include <gmodule.h>

static const NmdBackendHost *host;

GQuark
nmd_error_quark (void)
{
  return host->error_quark ();
}

int
nmd_graph_get_n_nodes (const NmdGraph *self)
{
  return host->get_n_nodes (self);
}

const NmdNodeInfo *
nmd_graph_get (const NmdGraph *self, NmdNode node)
{
  return host->get_node (self, node);
}

const NmdOpInfo *
nmd_op_get_info (NmdOp op)
{
  return host->get_op_info (op);
}

const char *
nmd_op_get_name (NmdOp op)
{
  return nmd_op_get_info (op)->name;
}

G_MODULE_EXPORT const NmdBackend *nmd_backend_entry (const NmdBackendHost *loader);

const NmdBackend *
nmd_backend_entry (const NmdBackendHost *loader)
{
  if (loader->version != NMD_BACKEND_VERSION || loader->n_ops != NMD_N_OPS
      || loader->node_size != sizeof (NmdNodeInfo))
    return NULL;
  host = loader;
  return &nmd_backend_cuda;
}
