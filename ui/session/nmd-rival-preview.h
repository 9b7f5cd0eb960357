/* SPDX-License-Identifier: Apache-2.0
 *
 * What a network will have to beat: echo intensity alone, fitted on the training part and measured on
 * the validation part of a split.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/data/nmd-split.h"
#include "engine/eval/nmd-results.h"

G_BEGIN_DECLS

/* The answer; immutable. */
typedef struct
{
  NmdRoc *roc;  /* (nullable): one class only */
  double auc;   /* [0, 1]; NaN likewise */
} NmdRivalPreview;

/* Frees an answer (nullable). */
void    nmd_rival_preview_free  (NmdRivalPreview     *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRivalPreview, nmd_rival_preview_free)

/* Fits and measures. @dataset is referenced, @split copied. Images without an outline are left out.
 * Errors of the job: those of nmd_rival_fit().
 * Returns: (transfer full): the job; its result is an NmdRivalPreview. */
NmdJob *nmd_rival_preview_start (NmdDataset          *dataset,
                                 const NmdSplit      *split,
                                 GAsyncReadyCallback  done,
                                 gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
