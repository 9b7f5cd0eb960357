/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of steps and the memory of values.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

/* Orders the steps that lowering made and gives values their places.
 * Errors: %NMD_ERROR_MEMORY with what is needed. */
gboolean nmd_cpu_plan (NmdCpuProgram *self, GError **error);

G_END_DECLS
