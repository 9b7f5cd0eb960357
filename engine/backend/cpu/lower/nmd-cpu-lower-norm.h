/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers batch norm and its gradients.
 */
#pragma once

#include "engine/backend/cpu/lower/nmd-cpu-builder.h"

G_BEGIN_DECLS

/* Makes the steps of @node; FALSE if its operation is of another family. */
gboolean nmd_cpu_lower_norm (NmdCpuLower *self, NmdNode node);

/* BATCH_NORM_GRAD_GAMMA @node and, with it, the sum @sum (dbeta) of the same gradient, or -1. */
void     nmd_cpu_lower_grad_gamma (NmdCpuLower *self, NmdNode node, NmdNode sum);

G_END_DECLS
