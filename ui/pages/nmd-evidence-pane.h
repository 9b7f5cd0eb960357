/* SPDX-License-Identifier: Apache-2.0
 *
 * What else a run's results say: rivals, calibration, what a decision by the score is worth, and the limits of all
 * these numbers. Shows what is in the run's files; where they hold nothing, it says why.
 */
#pragma once

#include "ui/session/nmd-run-results.h"
#include "ui/session/nmd-scan-session.h"
#include "ui/widgets/nmd-fact-table.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_EVIDENCE_RIVALS,
  NMD_EVIDENCE_CALIBRATION,
  NMD_EVIDENCE_USEFULNESS,
  NMD_EVIDENCE_LIMITS,
} NmdEvidenceKind;

#define NMD_TYPE_EVIDENCE_PANE (nmd_evidence_pane_get_type ())
G_DECLARE_FINAL_TYPE (NmdEvidencePane, nmd_evidence_pane, NMD, EVIDENCE_PANE, GtkBox)

/* What the pane is about; once, before it shows anything. */
void nmd_evidence_pane_set_kind (NmdEvidencePane     *self,
                                 NmdEvidenceKind      kind);

/* Plots and tables can be saved and copied; once. */
void nmd_evidence_pane_set_session (NmdEvidencePane *self,
                                    NmdDataSession  *data,
                                    NmdScanSession  *scan);

/* What saved figures must say, see #NmdPlotNote. */
void nmd_evidence_pane_set_note (NmdEvidencePane     *self,
                                 const char          *sign,
                                 const char          *caption);

/* Shows @results (nullable), which are borrowed until the next call. @classes: words for label 0 and 1. */
void nmd_evidence_pane_show     (NmdEvidencePane     *self,
                                 const NmdRunResults *results,
                                 const char *const    classes[2]);

G_END_DECLS
