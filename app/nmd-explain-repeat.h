/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd explain RUN --repeat RUN…`: how far the maps of several trainings agree on the same images.
 */
#pragma once

#include "app/nmd-explain-cohort.h"

/**
 * nmd_explain_repeat:
 * @opened: the first run
 * @others: (array zero-terminated=1): runs of the same network on the same data set, one at least
 * @options: as for the cohort; target −1 is the image's label here, so that all maps are for one class
 * @compute: with what the others are opened
 *
 * Maps the images that none of the runs was trained on, and writes repeat.csv and repeat.md into options->out.
 *
 * Errors: %NMD_ERROR_REFUSED: another network, or no image that all have held out; %NMD_ERROR_CHANGED: another data
 * set; those of opening, mapping and writing. Returns: FALSE with @error set.
 */
gboolean nmd_explain_repeat (const NmdOpenedRun      *opened,
                             const char *const       *others,
                             const NmdCohortOptions  *options,
                             const NmdComputeOptions *compute,
                             GError                 **error);
