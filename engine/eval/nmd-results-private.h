/* SPDX-License-Identifier: Apache-2.0
 *
 * What results hold beside measures, rival and calibration: the unit between image and subject, predictive
 * values, decision curve, sample size.
 */
#pragma once

#include "engine/eval/nmd-results.h"

G_BEGIN_DECLS

/* Whatever the threshold does not change. */
void     nmd_results_add_utility       (NmdEvalResults       *self,
                                        const NmdScores      *probabilities,
                                        guint64               seed);
/* "Cannot be judged", promised on @validation and looked after on what is measured. */
void     nmd_results_add_conformal     (NmdEvalResults       *self,
                                        const NmdScores      *validation);
/* Whatever it does. */
void     nmd_results_measure_utility   (NmdEvalResults       *self,
                                        const char           *name);
void     nmd_results_utility_to_json   (const NmdEvalResults *self,
                                        JsonObject           *object);
gboolean nmd_results_utility_from_json (NmdEvalResults       *self,
                                        const NmdJsonValue   *top,
                                        GError              **error);

G_END_DECLS
