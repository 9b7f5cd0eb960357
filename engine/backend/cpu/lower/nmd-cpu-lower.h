/* SPDX-License-Identifier: Apache-2.0
 *
 * From a graph to steps over values.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

/* Makes the values and steps of @self's graph; arguments as NmdBackend.compile's. */
gboolean nmd_cpu_lower (NmdCpuProgram  *self,
                        const gboolean *needed,
                        const int      *handles,
                        GError        **error);

G_END_DECLS
