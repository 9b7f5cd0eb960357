/* SPDX-License-Identifier: Apache-2.0
 *
 * Values that are computed twice rather than kept.
 */
#pragma once

#include "engine/backend/cpu/lower/nmd-cpu-builder.h"

G_BEGIN_DECLS

/* nmd_cpu_as_rows() for a reader in the backward pass, image by image: the value itself or, where that
 * is cheap, one that is computed again. */
int      nmd_cpu_recomputed_rows          (NmdCpuLower *self, NmdNode node);
/* The same, not shared with the readers before, whose group may be another. */
int      nmd_cpu_recomputed_rows_unshared (NmdCpuLower *self, NmdNode node);
/* Where @node is a batch norm that others read too: writes it once more, to @y from channel @from on,
 * in the group that reads that; else FALSE. */
gboolean nmd_cpu_recompute_norm           (NmdCpuLower *self, NmdNode node, int y, int from);

G_END_DECLS
