/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes an outline as a PNG of 0 and 255, on a thread of the pool, and never over what is open.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/data/nmd-dataset.h"
#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/* Borrowed for the time of the call. */
typedef struct
{
  NmdImage *mask;
  const char *path;       /* to be written; without .png it is added, and such a file is not overwritten */
  const char *image_path; /* the image that it is of … */
  const char *mask_path;  /* (nullable): … and the mask opened with it: neither is overwritten */
  NmdDataset *dataset;    /* (nullable): the one that is open: its files are not overwritten either */
  gboolean is_own;        /* @path was written here before */
} NmdMaskSaving;

/* Returns: (transfer full): the job; nmd_job_finish() in @done gives the path that was written, to be freed. Errors:
 * %NMD_ERROR_REFUSED where @path is open or was not chosen as such, and those of nmd_image_save_png(). */
NmdJob *nmd_mask_saving_start (const NmdMaskSaving *request,
                               GAsyncReadyCallback  done,
                               gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
