/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands about experiments share.
 */
#pragma once

#include "engine/experiment/nmd-experiment.h"

/* Makes the plan of @kind from the command line, or finds it in its folder, and trains. Returns the exit
 * status. */
int nmd_experiment_command (const char        *name,
                            NmdExperimentKind  kind,
                            int                argc,
                            char             **argv);
