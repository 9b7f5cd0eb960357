/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of the program that are loaded at run time, because what they are linked with may be missing. Threads: any.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * nmd_module_load:
 * @name: of the module's file, "nmd-cuda.so"
 * @folder: where a build folder has it, "engine/backend/cuda"
 * @is_built: whether this build makes it
 * @symbol: the one function that the module shows
 * @reason: (out): one sentence without a full stop, if %NULL is returned: not built, not installed, a library is
 *   missing
 *
 * Looks in NMD_MODULE_DIR if that is set and nowhere else; else beside the program, in the build folder that the
 * program is in, and where it is installed. A module that was loaded stays.
 *
 * Returns: (nullable): the address of @symbol
 */
gpointer nmd_module_load (const char  *name,
                          const char  *folder,
                          gboolean     is_built,
                          const char  *symbol,
                          char       **reason) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
