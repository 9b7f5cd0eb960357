/* SPDX-License-Identifier: Apache-2.0
 *
 * One question to a model that finds outlines, and its answer. How it finds one is nmd-segmenter.h's.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/eval/nmd-outline-measures.h"
#include "engine/model/nmd-segmenter.h"
#include "engine/model/nmd-verdict.h"

G_BEGIN_DECLS

/**
 * NmdScanProposal:
 * @scan: that was asked about
 * @model: that was asked
 * @proposal: the outline, with its confidence and what speaks against it; perhaps none
 * @lines: (nullable): nmd_mask_get_outline() of it
 * @has_measures: the scan has an outline of its own: @measures compare the proposal with it
 * @verdict: whether the scan inside the proposed outline fits the model; all zero without one
 *
 * Immutable.
 */
typedef struct
{
  NmdScan *scan;
  NmdModel *model;
  NmdProposal proposal;
  GArray *lines;
  gboolean has_measures;
  NmdOutlineMeasures measures;
  NmdVerdict verdict;
} NmdScanProposal;

/* Frees an answer (nullable). */
void    nmd_scan_proposal_free  (NmdScanProposal           *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdScanProposal, nmd_scan_proposal_free)

/* The question. Everything is borrowed for the call. */
typedef struct
{
  NmdScan *scan;            /* (nullable): the scan, or … */
  NmdSample *sample;        /* … the image of a data set that is read for it */
  NmdModel *model;          /* finds outlines */
  const NmdPrompts *prompts; /* (nullable): in pixels of the untouched image */
  const NmdStatedFacts *stated; /* (nullable): what the user says of the scan */
  const char *device;       /* see nmd_session_open() */
  gboolean busy;            /* a training runs: one thread */
} NmdProposalRequest;

/**
 * nmd_scan_proposal_start:
 * @request: what is asked
 * @done: called on the main thread with the job
 *
 * Asks on the ask thread, which keeps the model ready between questions; a newer question replaces one that waits.
 *
 * Errors of nmd_job_finish(): those of nmd_scan_load_sample(), nmd_session_open(), nmd_segmenter_new() and
 * nmd_segmenter_propose(); `G_IO_ERROR_CANCELLED` if replaced.
 *
 * Returns: (transfer full): the job; its result is an NmdScanProposal
 */
NmdJob *nmd_scan_proposal_start (const NmdProposalRequest  *request,
                                 GAsyncReadyCallback        done,
                                 gpointer                   user_data) G_GNUC_WARN_UNUSED_RESULT;

/* What is to be said of the answer, one sentence a line without full stop: that there is no outline, or how sure
 * the network is, and how far it agrees with the scan's own; then that the scan does not fit the model, and
 * what else speaks against it. Returns: (transfer full). */
char   *nmd_scan_proposal_to_text (const NmdScanProposal   *self) G_GNUC_WARN_UNUSED_RESULT;

/* Whether something speaks against the outline: that the scan does not fit, or a flag. */
gboolean nmd_scan_proposal_is_doubtful (const NmdScanProposal *self);

G_END_DECLS
