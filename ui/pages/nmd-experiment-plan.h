/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan of the next experiment as rows: kind, networks, division, folds, seeds, epochs, limit; what is to be known
 * before the start; and the button that plans it.
 */
#pragma once

#include "ui/session/nmd-experiment-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_EXPERIMENT_PLAN (nmd_experiment_plan_get_type ())
G_DECLARE_FINAL_TYPE (NmdExperimentPlan, nmd_experiment_plan, NMD, EXPERIMENT_PLAN, GtkBox)

/* Once. All are referenced. */
void nmd_experiment_plan_set_session (NmdExperimentPlan    *self,
                                      NmdDataSession       *data,
                                      NmdRecipeSession     *recipe,
                                      NmdExperimentSession *experiments);

G_END_DECLS
