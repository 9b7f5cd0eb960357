/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures of a run as files: what the window's Results page shows.
 */
#pragma once

#include "app/nmd-figure-files.h"
#include "engine/train/nmd-evaluate.h"
#include "ui/plot/nmd-run-figures.h"

/**
 * nmd_figures_write:
 * @part: the part that the measures are about
 * @rule: (nullable): of the threshold, as nmd_run_measure()
 * @formats: bits 1 << #NmdFigureFormat, at least one
 * @folder: made if it is not there
 *
 * Writes loss, roc, confusion, scores, reliability and decision (curve) of @run, whose images have been scored
 * (nmd_train_evaluate()), each as .png, .svg and .pdf where @formats say so. Each names the part and its numbers of images and subjects, and a
 * run of simulated images is marked in each.
 *
 * Errors: those of reading the run's tables and of writing; a part with one class only.
 */
gboolean nmd_figures_write (const NmdRun           *run,
                            NmdPart                 part,
                            const NmdThresholdRule *rule,
                            guint                   formats,
                            const char             *folder,
                            GError                **error);

/* FALSE with %NMD_ERROR_REFUSED if one of the figures in @folder (nullable) would overwrite what
 * @guard knows as read. */
gboolean nmd_figures_check (NmdOutputGuard         *guard,
                            guint                   formats,
                            const char             *folder,
                            GError                **error);
