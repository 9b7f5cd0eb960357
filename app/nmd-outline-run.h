/* SPDX-License-Identifier: Apache-2.0
 *
 * A run of segmentation ready to propose outlines, and a scan with the outline that it proposed, judged
 * by its passport.
 */
#pragma once

#include "app/nmd-opened-run.h"
#include "engine/model/nmd-segmenter.h"

typedef struct
{
  NmdRun *run;
  NmdModel *model;
  NmdSession *session;
  NmdSegmenter *segmenter;
} NmdOutlineRun;

void     nmd_outline_run_clear   (NmdOutlineRun *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdOutlineRun, nmd_outline_run_clear)

/* Reads the run in @folder and loads its weights into a session of its own. Errors: those of reading;
 * %NMD_ERROR_REFUSED for a run of another task. */
gboolean nmd_outline_run_open    (NmdOutlineRun           *self,
                                  const char              *folder,
                                  const NmdComputeOptions *options,
                                  GError                 **error);

typedef struct
{
  NmdScan *scan;          /* with the proposed outline; without one where none was found */
  NmdProposal proposal;
  NmdVerdict verdict;     /* of the outline's run about the scan */
  GPtrArray *warnings;    /* char *: sentences */
} NmdProposedScan;

void     nmd_proposed_scan_clear (NmdProposedScan *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdProposedScan, nmd_proposed_scan_clear)

/* Proposes the outline of @scan, whatever the passport says, with the help of @prompts (nullable), and
 * judges the scan with it. */
gboolean nmd_outline_run_propose (NmdOutlineRun        *self,
                                  NmdScan              *scan,
                                  const NmdPrompts     *prompts,
                                  const NmdStatedFacts *stated,
                                  NmdProposedScan      *proposed,
                                  GError              **error);
