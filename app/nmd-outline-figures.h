/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures of a run of segmentation as files.
 */
#pragma once

#include "app/nmd-opened-run.h"
#include "app/nmd-output-guard.h"
#include "engine/train/nmd-evaluate.h"

/**
 * nmd_outline_figures_write:
 * @dataset: (nullable): where the run's data set lies now
 * @compute: with what the worst outlines are proposed again
 * @formats: bits 1 << #NmdFigureFormat, at least one
 * @folder: made if it is not there
 *
 * Writes loss, dice (the distribution), echo-agreement and area-agreement (Bland and Altman) and worst
 * (the six outlines with the lowest Dice, the expert's and the network's contour) of the part @part of
 * @run, whose outlines have been measured (nmd_train_evaluate()), in each of @formats. Each names the
 * part with its images and subjects; a run of simulated images is marked in each.
 *
 * Errors: those of reading the run and its data set, of proposing and of writing.
 */
gboolean nmd_outline_figures_write (const NmdRun            *run,
                                    NmdPart                  part,
                                    const char              *dataset,
                                    const NmdComputeOptions *compute,
                                    guint                    formats,
                                    const char              *folder,
                                    GError                 **error);

/* As nmd_figures_check(). */
gboolean nmd_outline_figures_check (NmdOutputGuard          *guard,
                                    guint                    formats,
                                    const char              *folder,
                                    GError                 **error);
