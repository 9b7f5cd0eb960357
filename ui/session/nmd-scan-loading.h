/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a scan on the ask thread: a sample of the data set, or a file, of which a page may have to be
 * named first.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/model/nmd-scan.h"

G_BEGIN_DECLS

/* A sample, a frame, or a file at @path; borrowed for the time of the call. */
typedef struct
{
  NmdSample *sample;
  NmdScan *of;           /* (nullable): another frame, @page, of this DICOM file */
  const char *path;
  guint page;            /* of the file, from 1; 0: the only one */
  const char *mask_path; /* (nullable): NULL looks for one beside the file */
  NmdImage *drawn;       /* (nullable): an outline that takes the place of the one that is read */
  gboolean without_scale; /* what the file says of lengths does not count */
} NmdScanRequest;

/* Returns: (transfer full): the job; @done is called on the main thread. */
NmdJob  *nmd_scan_loading_start  (const NmdScanRequest *request,
                                  GAsyncReadyCallback   done,
                                  gpointer              user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: (transfer full): the scan. %NULL with @error set; or %NULL with @n_pages above 1: the file has so
 * many, and one has to be named. */
NmdScan *nmd_scan_loading_finish (NmdJob               *job,
                                  GAsyncResult         *result,
                                  guint                *n_pages,
                                  GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
