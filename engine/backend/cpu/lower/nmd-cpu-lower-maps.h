/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers bilinear enlarging and the losses of maps of logits.
 */
#pragma once

#include "engine/backend/cpu/lower/nmd-cpu-builder.h"

G_BEGIN_DECLS

/* Makes the steps of @node; FALSE if its operation is of another family. */
gboolean nmd_cpu_lower_maps (NmdCpuLower *self, NmdNode node);

G_END_DECLS
