/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about the scan under study: its preprocessing stages, and what the chosen run's model
 * says of it. Answers that no longer belong to the scan or the model are dropped.
 */
#pragma once

#include "ui/session/nmd-explanation.h"
#include "ui/session/nmd-preview.h"
#include "ui/session/nmd-scan-session.h"
#include "ui/session/nmd-training-session.h"

G_BEGIN_DECLS

#define NMD_TYPE_EXPLANATION_SESSION (nmd_explanation_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdExplanationSession, nmd_explanation_session, NMD, EXPLANATION_SESSION, GObject)

/**
 * NmdExplanationSession:
 *
 * Properties, notified:
 *   "override" (boolean, writable): a teacher wants scores that the passport refuses; off again with
 *     each run that is chosen
 *
 * Signals:
 *   "preview" (NmdPreview *): an answer; borrowed for the emission
 *   "explanation" (NmdExplanation *, nullable): likewise; %NULL where nothing can be asked
 *
 * Threads: main thread only; questions are answered on the ask thread.
 */

/* All are referenced. */
NmdExplanationSession *nmd_explanation_session_new         (NmdNotices            *notices,
                                                            NmdDataSession        *data,
                                                            NmdScanSession        *scan,
                                                            NmdRunsSession        *runs,
                                                            NmdRecipeSession      *recipe,
                                                            NmdDeviceSession      *devices,
                                                            NmdTrainingSession    *training);

/* Asks for the preprocessing stages of the scan by the recipe's settings. @draw: the number of the
 * random draw, from 0. Answered by "preview". */
void                   nmd_explanation_session_ask_preview (NmdExplanationSession *self,
                                                            int                    draw);

/* Asks the model about the scan. @target: the class to explain, −1 for the predicted one. @layer:
 * (nullable): a node's name, %NULL for the network's own. Answered by "explanation". */
void                   nmd_explanation_session_ask         (NmdExplanationSession *self,
                                                            int                    target,
                                                            const char            *layer);

/* Whether scores that the passport refuses are wanted. */
gboolean               nmd_explanation_session_get_override (NmdExplanationSession *self);

/* Saves @bytes at @path in the background, and says so. */
void                   nmd_explanation_session_save        (NmdExplanationSession *self,
                                                            const char            *path,
                                                            GBytes                *bytes);

G_END_DECLS
