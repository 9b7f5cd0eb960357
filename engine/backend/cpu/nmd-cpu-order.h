/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of steps.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

/* Puts all steps of @self into groups (nmd-cpu-private.h says what those are). */
void nmd_cpu_order (NmdCpuProgram *self);

G_END_DECLS
