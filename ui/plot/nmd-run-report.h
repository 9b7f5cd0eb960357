/* SPDX-License-Identifier: Apache-2.0
 *
 * A run's report as files in memory: Markdown, PDF, the figures that Markdown shows. `nmd report` and the window write it.
 */
#pragma once

#include "engine/eval/nmd-attribution.h"
#include "engine/eval/nmd-attribution.h"
#include "engine/report/nmd-file-list.h"
#include "engine/report/nmd-run-facts.h"

G_BEGIN_DECLS

/* What a report consists of. */
typedef enum
{
  NMD_REPORT_MARKDOWN   = 1 << 0,
  NMD_REPORT_PDF        = 1 << 1,
  NMD_REPORT_FIGURES    = 1 << 2, /* PNG, which Markdown refers to */
  NMD_REPORT_CHECKLISTS = 1 << 3, /* each as CSV; they are in Markdown and PDF too */
  NMD_REPORT_ALL        = (1 << 4) - 1,
} NmdReportKinds;

/* How far the maps are, in [0, 1]. Called by the thread that makes the report. */
typedef void (*NmdReportProgress) (double   fraction,
                                   gpointer data);

/**
 * NmdReportOptions:
 * @kinds: which of #NmdReportKinds
 * @with_images: with the most wrong images
 * @method: of their maps
 * @device: (nullable): that computes the maps
 * @threads: of the processor; 0: nmd_session_set_default_threads()
 * @progress: (nullable)
 * @progress_data: for @progress
 * @cancellable: (nullable)
 */
typedef struct
{
  guint kinds;
  gboolean with_images;
  NmdMapMethod method;
  const char *device;
  int threads;
  NmdReportProgress progress;
  gpointer progress_data;
  GCancellable *cancellable;
} NmdReportOptions;

/**
 * nmd_run_report_make:
 * @facts: the run
 * @stem: name without ending, "report"; figures are in "STEM-figures/"
 * @options: what belongs to it
 *
 * Text and figures are English, whatever the language of the window.
 *
 * Threads: any that may compute.
 *
 * Returns: (transfer full) (element-type NmdListedFile): the files, with relative names; %NULL with @error set
 *   (those of the run's files, of images, weights and device; `G_IO_ERROR_CANCELLED`)
 */
GPtrArray *nmd_run_report_make (const NmdRunFacts       *facts,
                                const char              *stem,
                                const NmdReportOptions  *options,
                                GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
