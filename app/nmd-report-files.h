/* SPDX-License-Identifier: Apache-2.0
 *
 * A run's report as files in memory: Markdown, PDF, the figures that Markdown shows.
 */
#pragma once

#include "app/nmd-opened-run.h"
#include "engine/eval/nmd-attribution.h"
#include "engine/report/nmd-file-list.h"
#include "engine/report/nmd-run-facts.h"

/* What a report consists of. */
typedef enum
{
  NMD_REPORT_MARKDOWN   = 1 << 0,
  NMD_REPORT_PDF        = 1 << 1,
  NMD_REPORT_FIGURES    = 1 << 2, /* PNG, which Markdown refers to */
  NMD_REPORT_CHECKLISTS = 1 << 3, /* each as CSV; they are in Markdown and PDF too */
  NMD_REPORT_ALL        = (1 << 4) - 1,
} NmdReportKinds;

/**
 * nmd_report_files_make:
 * @kinds: which of them
 * @stem: name without ending, "report"; figures are in "STEM-figures/"
 * @with_images: with the most wrong images
 * @method: of their maps
 * @compute: with what maps are computed
 *
 * Returns: (transfer full) (element-type NmdListedFile): the files, with relative names; %NULL with @error set
 *   (those of the run's files, of images, weights and device)
 */
GPtrArray *nmd_report_files_make (const NmdRunFacts       *facts,
                                  guint                    kinds,
                                  const char              *stem,
                                  gboolean                 with_images,
                                  NmdMapMethod             method,
                                  const NmdComputeOptions *compute,
                                  GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
