/* SPDX-License-Identifier: Apache-2.0
 *
 * "What if the machine's gain were another?": sliders of brightness and contrast and a switch that blanks what lies
 * outside the outline, with the score that the model gives then, and marks where its class becomes another. The
 * picture follows. Waits 60 ms after a move before it asks.
 */
#pragma once

#include "ui/session/nmd-explanation-session.h"
#include "ui/plot/nmd-gain-strip.h"
#include "ui/widgets/nmd-grey-view.h"

G_BEGIN_DECLS

#define NMD_TYPE_WHAT_IF_PANEL (nmd_what_if_panel_get_type ())
G_DECLARE_FINAL_TYPE (NmdWhatIfPanel, nmd_what_if_panel, NMD, WHAT_IF_PANEL, GtkBox)

/* Gives the panel what it asks, and the view whose picture follows, once; both are referenced. */
void nmd_what_if_panel_set_session (NmdWhatIfPanel        *self,
                                    NmdExplanationSession *explanation,
                                    NmdGreyView           *view);

/* Shows itself for @scan (nullable) where the model's @answer (nullable) gives it a score; where it @waits for one to
 * the same file, it stays. Another file sets the sliders back. */
void nmd_what_if_panel_show        (NmdWhatIfPanel        *self,
                                    NmdScan               *scan,
                                    const NmdExplanation  *answer,
                                    gboolean               waits);

/* What is shown instead of the file's grey levels, and what the model says to it. FALSE: nothing was moved, or there is
 * no answer to it yet. @strip (out): texts are the panel's, until it is used again. @blank (out): the background is
 * black. */
gboolean nmd_what_if_panel_get_strip (NmdWhatIfPanel      *self,
                                      NmdGainStrip        *strip,
                                      gboolean            *blank);

G_END_DECLS
