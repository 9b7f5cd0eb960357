/* SPDX-License-Identifier: Apache-2.0
 *
 * Several runs beside each other: their measures as their files have them, ROC curves and losses, and what the first has
 * more or less than each other one on the same images. Computed on the pool.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/eval/nmd-results.h"
#include "engine/train/nmd-run.h"

G_BEGIN_DECLS

/* At most so many runs are compared: each has a colour of its own. */
#define NMD_MOST_COMPARED 6

/**
 * NmdComparedRun:
 * @run: the run
 * @title: (nullable): as it is called in the list
 * @problem: (nullable): why it has no results; the rest is empty then
 * @results: as metrics.json holds them
 * @roc: of the images of that part, without band
 * @is_paired: difference and p below are there: it is not the first, and has the first one's images
 * @not_paired: (nullable): why not
 * @difference: AUC of this run less that of the first, by image
 * @ci: 95 % interval of it by a bootstrap of subjects (BCa, 2,000 draws); NaN where there is none
 * @p: of DeLong's test, a row a subject; NaN where there is none
 */
typedef struct
{
  NmdRun *run;
  char *title, *problem;
  NmdEvalResults *results;
  NmdRoc *roc;
  gboolean is_paired;
  const char *not_paired;
  double difference, p;
  NmdInterval ci;
} NmdComparedRun;

/* Immutable; frees its runs itself. */
typedef struct
{
  guint n;
  NmdComparedRun runs[NMD_MOST_COMPARED];
} NmdRunComparison;

void    nmd_run_comparison_free    (NmdRunComparison    *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRunComparison, nmd_run_comparison_free)

/* Compares the @n ≤ %NMD_MOST_COMPARED @runs, which are referenced; @titles are copied. What a run lacks is told in the
 * result. Returns: (transfer full): the job; its result is an NmdRunComparison */
NmdJob *nmd_run_comparison_compute (NmdRun *const       *runs,
                                    const char *const   *titles,
                                    guint                n,
                                    GAsyncReadyCallback  done,
                                    gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
