/* SPDX-License-Identifier: Apache-2.0
 *
 * What the previews for scores and for outlines share: filling one stage.
 */
#pragma once

#include "ui/session/nmd-preview.h"

G_BEGIN_DECLS

/* @image (referenced) is what stage @kind shows; histogram and mean are of its part @within (nullable: of all). */
void nmd_preview_set_stage (NmdPreview *self,
                            NmdStageKind kind,
                            NmdImage *image,
                            const NmdBox *within);
void nmd_preview_note_median (NmdPreview *self, const NmdParameters *parameters);

G_END_DECLS
