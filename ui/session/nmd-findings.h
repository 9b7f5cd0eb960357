/* SPDX-License-Identifier: Apache-2.0
 *
 * What an import found that a reader of a training or a result has to know, as part of a line:
 * counts only; names are in the import report.
 */
#pragma once

#include "engine/data/nmd-dataset.h"
#include "engine/train/nmd-run.h"

G_BEGIN_DECLS

/* Returns: (transfer full): " · 18 files left out · 53 images without mask: whole frame · 2 doubtful masks";
 * "" where there is nothing to say. Cost: a pass over the images. */
char *nmd_findings_of_dataset (NmdDataset   *dataset) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: (transfer full): of that " · 2 doubtful masks" alone. Cost: a pass over the images. */
char *nmd_findings_of_masks   (NmdDataset   *dataset) G_GNUC_WARN_UNUSED_RESULT;

/* The same of the data set that the evaluation of @run has read, from its metrics.json; "" too where
 * it has none or was written before there were findings. Of a run that finds outlines without the images that
 * have no mask. */
char *nmd_findings_of_run     (const NmdRun *run) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
