/* SPDX-License-Identifier: Apache-2.0
 *
 * One preprocessing stage: picture, histogram, mean grey and its shift, and a switch.
 */
#pragma once

#include "ui/widgets/nmd-plot-area.h"
#include "ui/session/nmd-preview.h"

G_BEGIN_DECLS

#define NMD_TYPE_STAGE_CARD (nmd_stage_card_get_type ())
G_DECLARE_FINAL_TYPE (NmdStageCard, nmd_stage_card, NMD, STAGE_CARD, GtkBox)

/* Signal "switched" (boolean): the user moved the switch. */
GtkWidget *nmd_stage_card_new        (const char         *title,
                                      gboolean            has_switch);
/* @before (nullable): the stage it comes from, for the shift. @view NULL: nothing to show. */
void       nmd_stage_card_set_stage  (NmdStageCard       *self,
                                      const NmdStageView *view,
                                      const NmdStageView *before);
void nmd_stage_card_set_title (NmdStageCard *self, const char *title);
/* Settings of the step, opened by a button beside its title. */
void       nmd_stage_card_set_controls (NmdStageCard     *self,
                                      GtkWidget          *controls);
void       nmd_stage_card_set_active (NmdStageCard       *self,
                                      gboolean            active);

G_END_DECLS
