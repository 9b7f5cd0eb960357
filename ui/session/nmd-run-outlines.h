/* SPDX-License-Identifier: Apache-2.0
 *
 * The results of one part of a run that finds outlines, as its files hold them: measures from metrics.json, an image
 * a row from outlines.csv. Read on the pool.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/train/nmd-run.h"

G_BEGIN_DECLS

/**
 * NmdRunOutlines:
 * @part: what is shown
 * @has_part: parts that have results
 * @results: of @part
 * @table: its rows
 * @weights: (nullable): "average" or "best"
 * @device: (nullable): what found the outlines
 * @notes: sentences that must stand beside the numbers, ended by %NULL
 *
 * Immutable.
 */
typedef struct
{
  NmdPart part;
  gboolean has_part[NMD_PART_TEST + 1];
  NmdOutlineResults results;
  NmdOutlineTable *table;
  char *weights, *device;
  char **notes;
} NmdRunOutlines;

/* Frees results (nullable). */
void    nmd_run_outlines_free (NmdRunOutlines      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRunOutlines, nmd_run_outlines_free)

/**
 * nmd_run_outlines_read:
 * @run: of segmentation; referenced
 * @part: %NMD_PART_NONE: the one that was measured
 *
 * Errors of the job: %G_FILE_ERROR_NOENT before the first evaluation; %NMD_ERROR_FORMAT naming file and member.
 *
 * Returns: (transfer full): the job; its result is an NmdRunOutlines
 */
NmdJob *nmd_run_outlines_read (NmdRun              *run,
                               NmdPart              part,
                               GAsyncReadyCallback  done,
                               gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
