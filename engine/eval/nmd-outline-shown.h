/* SPDX-License-Identifier: Apache-2.0
 *
 * What simulated users got, as JSON and back. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-outline-table.h"
#include "engine/eval/nmd-outline-user.h"

G_BEGIN_DECLS

/* What is kept of a stage: summaries over images with intervals by subject, as #NmdOutlineResults has them. */
typedef struct
{
  guint n_images, n_subjects;
  NmdOutlineSummary dice, iou;
  guint n_failures, n_no_outline;
} NmdShownResults;

/* {"name", "box", "clicks", "n_images", "n_subjects", "dice": {mean, sd, median, n, ci_subject}, "iou",
 * "n_failures", "n_no_outline"}. */
JsonObject *nmd_shown_to_json   (const NmdShownInfo      *info,
                                 const NmdOutlineResults *results) G_GNUC_WARN_UNUSED_RESULT;

/* The stages of @prompts, the member "prompts" of metrics.json: all of nmd_shown, in its order. Errors:
 * %NMD_ERROR_FORMAT naming the member. */
gboolean    nmd_shown_from_json (NmdShownResults          results[NMD_N_SHOWN],
                                 const NmdJsonValue      *prompts,
                                 GError                 **error);

G_END_DECLS
