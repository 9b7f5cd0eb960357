/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures of a run as files: what the window's Results page shows.
 */
#pragma once

#include "engine/train/nmd-run.h"

/**
 * nmd_figures_write:
 * @part: the part that the measures are about
 * @folder: made if it is not there
 *
 * Writes loss.png, roc.png, confusion.png and scores.png of @run, whose images have been scored
 * (nmd_train_evaluate()).
 *
 * Errors: those of reading the run's tables and of writing; a part with one class only.
 */
gboolean nmd_figures_write (const NmdRun *run,
                            NmdPart       part,
                            double        threshold,
                            const char   *folder,
                            GError      **error);
