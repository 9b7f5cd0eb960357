/* SPDX-License-Identifier: Apache-2.0
 *
 * The experiments page: the plan of a new one, and of the chosen one its trainings, tables and figures.
 */
#pragma once

#include "ui/session/nmd-experiment-session.h"
#include "ui/session/nmd-explanation-session.h"
#include "ui/widgets/nmd-page-bin.h"

G_BEGIN_DECLS

#define NMD_TYPE_EXPERIMENT_PAGE (nmd_experiment_page_get_type ())
G_DECLARE_FINAL_TYPE (NmdExperimentPage, nmd_experiment_page, NMD, EXPERIMENT_PAGE, NmdPageBin)

/* Once. All are referenced; @explanation writes what is exported. */
void nmd_experiment_page_set_session (NmdExperimentPage     *self,
                                      NmdNotices            *notices,
                                      NmdDataSession        *data,
                                      NmdRecipeSession      *recipe,
                                      NmdExperimentSession  *experiments,
                                      NmdExplanationSession *explanation);

/* Saves "auc", "roc", "training", "confusion" (PNG, SVG, PDF) or "table" (CSV, Markdown, LaTeX) at @path, by its
 * ending. Does nothing without an experiment. */
void nmd_experiment_page_export      (NmdExperimentPage     *self,
                                      const char            *what,
                                      const char            *path);

G_END_DECLS
