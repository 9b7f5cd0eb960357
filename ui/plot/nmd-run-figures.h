/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures of a run as `nmd evaluate --figures` and reports have them: each names the part and its numbers of images
 * and subjects, and a run of simulated images is marked in each. In the language of the run's files.
 */
#pragma once

#include "engine/train/nmd-run.h"
#include "ui/plot/nmd-figure.h"

G_BEGIN_DECLS

/* The figures of a run with what they show, for whoever draws them elsewhere. */
typedef struct _NmdRunFigures NmdRunFigures;

/* Measures @part of @run as nmd_run_measure() does, with its errors. @run has to live as long.
 * Returns: (transfer full) */
NmdRunFigures       *nmd_run_figures_new  (const NmdRun           *run,
                                           NmdPart                 part,
                                           const NmdThresholdRule *rule,
                                           GError                **error) G_GNUC_WARN_UNUSED_RESULT;
void                 nmd_run_figures_free (NmdRunFigures          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRunFigures, nmd_run_figures_free)

/* The @n figures; each draws an NmdRunFigures. */
const NmdFigureFile *nmd_run_figures_list (guint                  *n);

G_END_DECLS
