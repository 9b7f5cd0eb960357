/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads nmd-cuda.so, the backend for NVIDIA cards. The engine is not linked with it: where the driver, NVIDIA's
 * libraries or the module itself are missing, everything else works as ever.
 */
#include "config.h"

#include "engine/backend/nmd-backend-private.h"
#include "engine/core/nmd-module.h"

#define MODULE_NAME "nmd-cuda.so"

static const NmdBackendHost host = {
  .version = NMD_BACKEND_VERSION,
  .n_ops = NMD_N_OPS,
  .node_size = sizeof (NmdNodeInfo),
  .error_quark = nmd_error_quark,
  .get_n_nodes = nmd_graph_get_n_nodes,
  .get_node = nmd_graph_get,
  .get_op_info = nmd_op_get_info,
};

static const NmdBackend *
load (char **reason)
{
  gpointer entry = nmd_module_load (MODULE_NAME, "engine/backend/cuda", HAVE_CUDA,
                                    "nmd_backend_entry", reason);
  const NmdBackend *backend = NULL;

  if (entry == NULL)
    return NULL;
  backend = ((NmdBackendEntry)entry) (&host);
  if (backend == NULL || backend->version != NMD_BACKEND_VERSION)
    {
      *reason = g_strdup ("The module " MODULE_NAME
                          " is from another version of this program");
      return NULL;
    }
  return backend;
}

const NmdBackend *
nmd_cuda_module_get (const char **reason)
{
  static gsize once = 0;
  static const NmdBackend *backend; /* both written once, before once is set */
  static char *problem;

  if (g_once_init_enter (&once))
    {
      backend = load (&problem);
      g_once_init_leave (&once, 1);
    }
  *reason = problem;
  return backend;
}
