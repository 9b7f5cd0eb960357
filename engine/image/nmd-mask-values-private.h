/* SPDX-License-Identifier: Apache-2.0
 *
 * From the values of a mask file to set pixels; the rules are nmd-mask-check.h's.
 */
#pragma once

#include "engine/image/nmd-mask-check.h"
#include "engine/image/nmd-mask-table-private.h"

G_BEGIN_DECLS

/* Makes of the codes in @plane 0 and 255, and fills @facts but for what its shape tells. */
void nmd_mask_settle_values (NmdImage             *plane,
                             const NmdMaskTable   *table,
                             const NmdMaskOptions *options,
                             NmdMaskFacts         *facts);

G_END_DECLS
