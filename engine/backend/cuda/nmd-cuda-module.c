/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds and loads nmd-cuda.so, the backend for NVIDIA cards, and turns what can go wrong
 * into one sentence. The engine is not linked with it: where the driver, NVIDIA's
 * libraries or the module itself are missing, everything else works as ever.
 */
#include "config.h"

#include "engine/backend/nmd-backend-private.h"

#include <gmodule.h>
#include <string.h>

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

/* The module's path, or NULL: NMD_MODULE_DIR if set and nothing else; beside the program
 * and where a build folder has it; where `ninja install` puts it. */
static char *
find_module (void)
{
  const char *chosen = g_getenv ("NMD_MODULE_DIR");
  g_autofree char *program = NULL, *folder = NULL;

  if (chosen != NULL)
    {
      char *path = g_build_filename (chosen, MODULE_NAME, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        g_clear_pointer (&path, g_free);
      return path;
    }
  program = g_file_read_link ("/proc/self/exe", NULL); /* elsewhere: installed only */
  folder = program != NULL ? g_path_get_dirname (program) : NULL;
  for (int up = 0; folder != NULL && up < 3; up++)
    {
      static const char *const places[]
          = { MODULE_NAME, "engine/backend/cuda/" MODULE_NAME };
      char *parent = g_path_get_dirname (folder);

      for (guint i = up == 0 ? 0 : 1; i < G_N_ELEMENTS (places); i++)
        {
          g_autofree char *path = g_build_filename (folder, places[i], NULL);

          if (g_file_test (path, G_FILE_TEST_EXISTS))
            {
              g_free (parent);
              return g_steal_pointer (&path);
            }
        }
      g_free (folder);
      folder = parent;
    }
  if (g_file_test (NMD_MODULEDIR "/" MODULE_NAME, G_FILE_TEST_EXISTS))
    return g_strdup (NMD_MODULEDIR "/" MODULE_NAME);
  return NULL;
}

/* "libcudnn.so.9: cannot open shared object file: …" in words. */
static char *
explain (const char *problem)
{
  const char *end = strstr (problem, ": cannot open shared object file");
  const char *start = end;

  while (start != NULL && start > problem && start[-1] != ' ')
    start--;
  if (end != NULL && !g_str_has_prefix (start, "/"))
    return g_strdup_printf ("Library %.*s is missing", (int)(end - start), start);
  return g_strdup_printf ("The module cannot be loaded: %s", problem);
}

static const NmdBackend *
load (char **reason)
{
  g_autofree char *path = find_module ();
  const NmdBackend *backend = NULL;
  gpointer entry = NULL;
  GModule *module;

  if (path == NULL)
    {
      *reason = g_strdup (HAVE_CUDA ? "The module nmd-cuda.so is not installed"
                                    : "The module nmd-cuda.so is not built");
      return NULL;
    }
  module = g_module_open (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  if (module == NULL)
    {
      *reason = explain (g_module_error ());
      return NULL;
    }
  g_module_make_resident (module); /* NVIDIA's libraries do not bear being unloaded */
  if (g_module_symbol (module, "nmd_backend_entry", &entry) && entry != NULL)
    backend = ((NmdBackendEntry)entry) (&host);
  if (backend == NULL || backend->version != NMD_BACKEND_VERSION)
    {
      *reason = g_strdup_printf ("%s is from another version of this program", path);
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
