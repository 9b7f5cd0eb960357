/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures a scan with another mask on the ask thread: for images that are too large to do it at once.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/model/nmd-scan.h"

G_BEGIN_DECLS

/* A scan and a mask of its size; as an answer, measured with it. */
typedef struct
{
  NmdScan *scan;
  NmdImage *mask;
  NmdRoiSource source;
} NmdScanOutlining;

/* Returns: (transfer full): the job; @done is called on the main thread. */
NmdJob           *nmd_scan_outlining_start  (const NmdScanOutlining *outlining,
                                             GAsyncReadyCallback     done,
                                             gpointer                user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: (transfer full) (nullable): the answer; %NULL with @error set. */
NmdScanOutlining *nmd_scan_outlining_finish (NmdJob                 *job,
                                             GAsyncResult           *result,
                                             GError                **error) G_GNUC_WARN_UNUSED_RESULT;

void              nmd_scan_outlining_free   (NmdScanOutlining       *outlining);

G_END_DECLS
