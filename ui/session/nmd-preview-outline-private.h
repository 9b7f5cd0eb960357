/* SPDX-License-Identifier: Apache-2.0
 *
 * The preview for outlines.
 */
#pragma once

#include "ui/session/nmd-preview.h"

G_BEGIN_DECLS

/* All stages of the scan and draw of @self for outlines, its size and tensor. */
void nmd_preview_outline (NmdPreview          *self,
                          const NmdParameters *parameters);

G_END_DECLS
