/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds and loads modules, and turns what can go wrong into one sentence. What a module offers is known by
 * who asks for it.
 */
#include "config.h"

#include "engine/core/nmd-module.h"

#include <gmodule.h>
#include <string.h>

static char *
if_there (char *path)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_clear_pointer (&path, g_free);
  return path;
}

/* The module's path, or NULL. */
static char *
find_module (const char *name, const char *build_folder)
{
  const char *chosen = g_getenv ("NMD_MODULE_DIR");
  g_autofree char *program = NULL, *folder = NULL;
  char *path = NULL;

  if (chosen != NULL)
    return if_there (g_build_filename (chosen, name, NULL));
  program = g_file_read_link ("/proc/self/exe", NULL); /* elsewhere: installed only */
  folder = program != NULL ? g_path_get_dirname (program) : NULL;
  if (folder != NULL)
    path = if_there (g_build_filename (folder, name, NULL));
  for (int up = 0; folder != NULL && path == NULL && up < 3; up++)
    {
      char *parent = g_path_get_dirname (folder);

      path = if_there (g_build_filename (folder, build_folder, name, NULL));
      g_free (folder);
      folder = parent;
    }
  return path != NULL ? path : if_there (g_build_filename (NMD_MODULEDIR, name, NULL));
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

gpointer
nmd_module_load (const char *name,
                 const char *folder,
                 gboolean is_built,
                 const char *symbol,
                 char **reason)
{
  g_return_val_if_fail (name != NULL && folder != NULL && symbol != NULL, NULL);
  g_return_val_if_fail (reason != NULL, NULL);

  g_autofree char *path = find_module (name, folder);
  gpointer entry = NULL;
  GModule *module = NULL;

  if (path == NULL)
    {
      *reason = g_strdup_printf (is_built ? "The module %s is not installed"
                                          : "The module %s is not built",
                                 name);
      return NULL;
    }
  module = g_module_open (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  if (module == NULL)
    {
      *reason = explain (g_module_error ());
      return NULL;
    }
  g_module_make_resident (module); /* NVIDIA's libraries do not bear being unloaded */
  if (g_module_symbol (module, symbol, &entry) && entry != NULL)
    return entry;
  *reason = g_strdup_printf ("%s is from another version of this program", path);
  return NULL;
}
