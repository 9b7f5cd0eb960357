/* SPDX-License-Identifier: Apache-2.0
 *
 * Run folders with results and without weights, for tests of the page Results: made in a moment, no training.
 */
#pragma once

#include <glib.h>

/* The images in each part of such a run: two of each subject. */
#define MADE_RUN_SUBJECTS 40

/**
 * made_run_write:
 * @folder: to be made
 * @dataset_hash: of the data set that it says it was trained on
 * @seed: of its scores
 * @better: 0: scores say nothing; 1: much
 * @finished: its training has ended
 *
 * Writes run.json, history.csv of three epochs, predictions.csv and metrics.json, with a rival "mask area", calibration,
 * decision curve, coverage and sample size.
 */
void made_run_write (const char *folder,
                     const char *dataset_hash,
                     guint       seed,
                     double      better,
                     gboolean    finished);

/* The same of a run that finds outlines: run.json, outlines.csv and metrics.json of a test part of six images of three
 * subjects, "s0-0.png" with Dice 0.5, "s2-1.png" with 0.95. */
void made_run_write_outlines (const char *folder,
                              const char *dataset_hash);
