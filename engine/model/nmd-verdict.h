/* SPDX-License-Identifier: Apache-2.0
 *
 * The one judge of whether a model may score a scan: `nmd predict`, the window and an evaluation on
 * another data set all ask here. Where a score may stand there are four states: no model; it fits; it
 * cannot be judged (no score); it does not fit (no score). The user may have the score shown anyway,
 * and then it is marked "not meaningful".
 */
#pragma once

#include "engine/model/nmd-model.h"
#include "engine/model/nmd-scan.h"

G_BEGIN_DECLS

/**
 * NmdFit:
 * @NMD_FIT_UNKNOWN: cannot be judged: something is not known, see #NmdMissing
 * @NMD_FIT_YES: fits
 * @NMD_FIT_NO: does not fit
 */
typedef enum
{
  NMD_FIT_UNKNOWN,
  NMD_FIT_YES,
  NMD_FIT_NO,
} NmdFit;

/**
 * NmdMissing:
 * @NMD_MISSING_OUTLINE: the scan has no outline
 * @NMD_MISSING_SCAN_ORGAN: what the scan shows
 * @NMD_MISSING_SCAN_MUSCLE: which muscle the scan shows
 * @NMD_MISSING_MODEL_ORGAN: what the model was trained on
 * @NMD_MISSING_MODEL_MUSCLES: which muscles the model was trained on
 *
 * What has to be drawn or stated before a scan can be judged.
 */
typedef enum
{
  NMD_MISSING_NOTHING = 0,
  NMD_MISSING_OUTLINE = 1 << 0,
  NMD_MISSING_SCAN_ORGAN = 1 << 1,
  NMD_MISSING_SCAN_MUSCLE = 1 << 2,
  NMD_MISSING_MODEL_ORGAN = 1 << 3,
  NMD_MISSING_MODEL_MUSCLES = 1 << 4,
} NmdMissing;

/**
 * NmdStatedFacts:
 * @organ: what the scan shows: "muscle", "breast" …; goes before what is known of the scan
 * @muscle: which muscle: "BB" …; likewise. A muscle alone states the organ "muscle"
 * @model_organ: what the model was trained on, used where its passport does not say
 * @model_muscles: which muscles, separated by commas; likewise
 * @show_anyway: score a scan that does not fit or cannot be judged, marked "not meaningful"
 *
 * What the user says. A text that is %NULL, "" or "unknown" is not stated.
 */
typedef struct
{
  const char *organ, *muscle;
  const char *model_organ, *model_muscles;
  gboolean show_anyway;
} NmdStatedFacts;

/**
 * NmdVerdict:
 * @fit: the judgement
 * @missing: (#NmdMissing flags) what is not known; 0 unless @fit is %NMD_FIT_UNKNOWN
 * @reason: a sentence without full stop, "This model was trained on breast, this scan is BB"; %NULL
 *   where it fits
 * @is_scored: a score may be shown
 * @not_meaningful: a score is shown only because the user wants it anyway
 * @is_whole_frame: the scan has no outline and the model needs none: it is scored as a whole frame
 * @in_data_set: the model's data set held this image (by the file's SHA-256)
 * @part: its part there: a training image's score says nothing about new scans
 */
typedef struct
{
  NmdFit fit;
  guint missing;
  char *reason;
  gboolean is_scored;
  gboolean not_meaningful;
  gboolean is_whole_frame;
  gboolean in_data_set;
  NmdPart part;
} NmdVerdict;

/* Frees what @self holds and zeroes it. */
void nmd_verdict_clear (NmdVerdict *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdVerdict, nmd_verdict_clear)
/* Makes @to, zeroed or cleared, a copy of @from. */
void nmd_verdict_copy  (const NmdVerdict *from,
                        NmdVerdict       *to);

/**
 * nmd_scan_judge:
 * @scan: the scan with its outline
 * @model: the model that is to score it
 * @stated: (nullable): what the user says
 * @verdict: (out): cleared with nmd_verdict_clear()
 *
 * Judges in this order:
 *
 * 1. no outline: cannot be judged, and never scored, unless the model was trained on whole frames only (its
 *    passport's n_whole_frame equals n_images, of which there are some): then the scan is judged as a whole
 *    frame;
 * 2. an outline, and the model was trained on whole frames only: does not fit, since it never saw a part of
 *    one; organ, muscle, real or synthetic differ from the passport's: does not fit. A muscle counts only
 *    where the model's organ is muscle. Words are compared without regard to case. An image that does
 *    not say it is synthetic is real;
 * 3. echo intensity, SD of grey, width or height of the outline's bounds v lies outside the training
 *    images' percentiles p, widened by half their span h = (p99 − p1)/2: does not fit unless
 *    p1 − h ≤ v ≤ p99 + h. A measure without percentiles is passed over, and all of them for a whole frame;
 * 4. an organ or muscle, of the scan or of the training images, is not known: cannot be judged. This
 *    is passed over for an image of the model's own data set;
 * 5. otherwise it fits.
 *
 * A score may be shown if it fits; with @stated's show_anyway also otherwise, given an outline or a model of
 * whole frames.
 *
 * Threads: any.
 */
void nmd_scan_judge    (NmdScan              *scan,
                        const NmdModel       *model,
                        const NmdStatedFacts *stated,
                        NmdVerdict           *verdict);

/* The same for an image of a data set, from what its import measured, without reading pixels. */
void nmd_sample_judge  (NmdSample            *sample,
                        const NmdModel       *model,
                        const NmdStatedFacts *stated,
                        NmdVerdict           *verdict);

G_END_DECLS
