/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers convolutions and linear layers.
 */
#pragma once

#include "engine/backend/cpu/lower/nmd-cpu-builder.h"

G_BEGIN_DECLS

/* Makes the steps of @node; FALSE if its operation is of another family. */
gboolean nmd_cpu_lower_conv (NmdCpuLower *self, NmdNode node);

/* The convolution that alone reads product @node of images and a gate on their channels, and multiplies
 * its weights instead, or -1. */
NmdNode  nmd_cpu_gated_conv (const NmdCpuLower *self, NmdNode node);

G_END_DECLS
