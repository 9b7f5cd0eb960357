/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about the scan under study: its preprocessing stages, and what the chosen run's model
 * says of it. Answers that no longer belong to the scan or the model are dropped.
 */
#pragma once

#include "ui/session/nmd-content.h"
#include "ui/session/nmd-explanation.h"
#include "ui/session/nmd-preview.h"
#include "ui/session/nmd-saving.h"
#include "ui/session/nmd-scan-session.h"
#include "ui/session/nmd-sheet.h"
#include "ui/session/nmd-training-session.h"
#include "ui/session/nmd-what-if-job.h"

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
 *   "stated-changed": the user says something else of the scan or the model
 *   "preview" (NmdPreview *): an answer; borrowed for the emission
 *   "explanation" (NmdExplanation *, nullable): likewise; %NULL where nothing can be asked
 *   "what-if" (NmdWhatIfAnswer *): likewise; comes first with the score alone, then with the flips
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

/* Asks for the preprocessing stages of the scan by the recipe's settings for scores, random ones drawn. @draw: the
 * number of the random draw, from 0. Answered by "preview". */
void                   nmd_explanation_session_ask_preview (NmdExplanationSession *self,
                                                            int                    draw);

/* The same by @parameters and as @request says; a partner that is not given, or is the scan itself or no image of the
 * open data set, is chosen: of the same muscle with the other label where there is one. */
void                   nmd_explanation_session_ask_preview_of (NmdExplanationSession *self,
                                                            const NmdPreviewRequest *request,
                                                            const NmdParameters   *parameters);

/* Asks the model about the scan. @method: of the map. @target: the class to explain, −1 for the predicted one.
 * @layer: (nullable): a node's name, %NULL for the network's own. What was asked before is given up. Answered by
 * "explanation". */
void                   nmd_explanation_session_ask         (NmdExplanationSession *self,
                                                            NmdMapMethod           method,
                                                            int                    target,
                                                            const char            *layer);

/* Asks the model about the scan as @what changes it; does nothing without scan, model, or an outline that the model
 * needs. What was asked before is dropped. Answered by "what-if". */
void                   nmd_explanation_session_ask_what_if (NmdExplanationSession *self,
                                                            const NmdWhatIf       *what);

/* Gives up what is asked of a changed scan: the thread is wanted for something else. */
void                   nmd_explanation_session_drop_what_if (NmdExplanationSession *self);

/* Whether scores that the passport refuses are wanted. */
gboolean               nmd_explanation_session_get_override (NmdExplanationSession *self);

/* What the user says the scan shows: an organ and, of muscle, which one (both nullable: not stated).
 * Forgotten with the next image file. */
void                   nmd_explanation_session_state_scan  (NmdExplanationSession *self,
                                                            const char            *organ,
                                                            const char            *muscle);

/* What the user says the model was trained on, where its passport does not say: an organ and muscles,
 * separated by commas (both nullable: not stated). Forgotten with the next run. */
void                   nmd_explanation_session_state_model (NmdExplanationSession *self,
                                                            const char            *organ,
                                                            const char            *muscles);

/* Returns: what is stated; texts are borrowed until something else is. */
const NmdStatedFacts  *nmd_explanation_session_get_stated  (NmdExplanationSession *self);

/* Whether score and map of @answer (nullable) may be shown: the scan fits the model, or "override" is
 * on and there is an outline. */
gboolean               nmd_explanation_session_may_show    (NmdExplanationSession *self,
                                                            const NmdExplanation  *answer);

/* Whether what is shown of @answer (nullable) is so only by "override". */
gboolean               nmd_explanation_session_is_meaningless (NmdExplanationSession *self,
                                                            const NmdExplanation  *answer);

/* Returns: the model's word for @label, 0 or 1; "healthy" and "pathological" without a model. */
const char            *nmd_explanation_session_get_class   (NmdExplanationSession *self,
                                                            int                    label);

/* Returns: what @scan was to the model in words: "trained on", "held out (test)" … @answer (nullable)
 * tells it of a file that is no sample of the open data set. */
const char            *nmd_explanation_session_get_part    (NmdExplanationSession *self,
                                                            NmdScan               *scan,
                                                            const NmdExplanation  *answer);

/* A contact sheet of @request's images; model, title, note, device and what is stated are the session's. Returns:
 * (transfer full) (nullable): the sheet, not started; %NULL without a model or a data set. */
NmdSheet              *nmd_explanation_session_new_sheet   (NmdExplanationSession *self,
                                                            const NmdSheetRequest *request) G_GNUC_WARN_UNUSED_RESULT;

/* Saves @content (transfer full) at @path in the background, and says so. Refused, as a problem, where @path is the open
 * scan, its mask or a file of the open data set. @saved: as in nmd_saving_start(). */
void                   nmd_explanation_session_save        (NmdExplanationSession *self,
                                                            const char            *path,
                                                            NmdContent            *content,
                                                            NmdSavedFunc           saved,
                                                            GObject               *object);

G_END_DECLS
