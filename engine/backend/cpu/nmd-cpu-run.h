/* SPDX-License-Identifier: Apache-2.0
 *
 * Running a program.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

/* Runs all groups of @self once.
 * Errors: %NMD_ERROR_DEVICE naming the step that a library refused; the values of this run are then
 * of no use, and updates of the store that came before it have been made. */
gboolean nmd_cpu_run (NmdCpuProgram *self, GError **error);

G_END_DECLS
