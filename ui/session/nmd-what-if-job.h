/* SPDX-License-Identifier: Apache-2.0
 *
 * What a model would say of a changed scan, and where its class becomes another, asked on the ask thread.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/eval/nmd-what-if.h"
#include "engine/model/nmd-scan.h"

G_BEGIN_DECLS

/* The answer; immutable. */
typedef struct
{
  NmdScan *scan;
  NmdModel *model;
  NmdWhatIf what;
  double score;
  double threshold;
  gboolean has_flips;        /* FALSE in the first answer */
  double flips[2];           /* by NmdWhatIfAxis; NaN: none */
} NmdWhatIfAnswer;

/* Frees an answer (nullable). */
void    nmd_what_if_answer_free (NmdWhatIfAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdWhatIfAnswer, nmd_what_if_answer_free)

/**
 * nmd_what_if_start:
 * @scan: referenced; has an outline, or @model needs none
 * @model: referenced
 * @what: copied
 * @threshold: positive iff score ≥ @threshold
 * @device: for nmd_session_open()
 *
 * The score comes first, as a record (NmdWhatIfAnswer *); the result, another one, has the flips too. Computed with
 * one thread. To be cancelled when the question is another one.
 *
 * Errors of the job: those of nmd_asker_need() and nmd_what_if_score(); `G_IO_ERROR_CANCELLED`.
 *
 * Returns: (transfer full): the job; its result is an NmdWhatIfAnswer
 */
NmdJob *nmd_what_if_start       (NmdScan             *scan,
                                 NmdModel            *model,
                                 const NmdWhatIf     *what,
                                 double               threshold,
                                 const char          *device,
                                 GAsyncReadyCallback  done,
                                 gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
