/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of scores, models and an image that the suites of this room share.
 */
#pragma once

#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-results.h"
#include "engine/model/nmd-model.h"

#define close_to(a, b, tolerance) g_assert_true (fabs ((a) - (b)) <= (tolerance))

/* @per images for each of @n_subjects; the label goes with the subject; scores are
 * rounded so that ties occur. */
NmdScores *make_scores (guint    n_subjects,
                        guint    per,
                        double   strength,
                        double   echo_strength,
                        guint64  seed,
                        gboolean reverse);

/* Golden numbers, tests/eval/golden-@name.json. Lasts as long as the program. */
JsonObject *load_golden (const char *name);

/* Scores from rows of subject, image, label and score. */
NmdScores *read_golden_rows (JsonArray *rows);

/* A model with nothing in its passport. */
NmdModel *fixture_model_of (const NmdNetwork *network,
                            NmdWeights       *weights);

/* The same with fresh weights. */
NmdModel *fixture_model (const char *name,
                         guint64     seed);

/* 260 × 240 pixels of waves and noise. */
NmdImage *fixture_image (void);
