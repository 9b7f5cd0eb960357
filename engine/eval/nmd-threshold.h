/* SPDX-License-Identifier: Apache-2.0
 *
 * The threshold: by which rule it was chosen, on which images, and its number. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-scores.h"

G_BEGIN_DECLS

/**
 * NmdThresholdKind:
 * @NMD_THRESHOLD_FIXED: a given number; 0.5 is the class with the larger softmax
 * @NMD_THRESHOLD_YOUDEN: the largest sensitivity + specificity − 1 (Youden, Cancer 3 (1950) 32)
 * @NMD_THRESHOLD_SENSITIVITY: the largest specificity of those whose sensitivity is at least the level
 * @NMD_THRESHOLD_SPECIFICITY: the largest sensitivity of those whose specificity is at least the level
 * @NMD_THRESHOLD_COST: the smallest fp + level·fn: a missed positive costs so many false alarms, at the
 *   share of positives of the images it is chosen on
 */
typedef enum
{
  NMD_THRESHOLD_FIXED,
  NMD_THRESHOLD_YOUDEN,
  NMD_THRESHOLD_SENSITIVITY,
  NMD_THRESHOLD_SPECIFICITY,
  NMD_THRESHOLD_COST,
} NmdThresholdKind;

/* @level: the number itself for FIXED, the wanted share in (0, 1] for SENSITIVITY and SPECIFICITY, the ratio in
 * (0, 1000] for COST. */
typedef struct
{
  NmdThresholdKind kind;
  double level;
} NmdThresholdRule;

/* Reads "0.5", "youden", "sensitivity=0.9", "specificity=0.95", "cost=5". Errors: %NMD_ERROR_FORMAT naming the
 * five forms. */
gboolean  nmd_threshold_rule_parse   (const char             *text,
                                      NmdThresholdRule       *rule,
                                      GError                **error);
/* The text that nmd_threshold_rule_parse() reads. */
char     *nmd_threshold_rule_to_text (const NmdThresholdRule *rule) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_threshold_choose:
 * @scores: (nullable): the images to choose on; not read for a fixed rule
 * @name: of the images, for errors
 * @threshold: (out): positive iff score ≥ @threshold
 *
 * Of the thresholds that divide the scores in the same way the middle one is taken, (a + b)/2 of the
 * neighbouring scores a < b, so that images near either side keep their distance. Of several equally
 * good divisions the one whose threshold is nearest 0.5.
 *
 * Errors: %NMD_ERROR_FORMAT: a class is missing in @scores, a score is NaN.
 */
gboolean  nmd_threshold_choose       (const NmdThresholdRule *rule,
                                      const NmdScores        *scores,
                                      const char             *name,
                                      double                 *threshold,
                                      GError                **error);

/**
 * NmdThreshold:
 * @rule: how it was chosen
 * @value: positive iff score ≥ @value
 * @part: the part it was chosen on; "none" for a fixed number
 * @on_these_images: it was chosen on the images that are measured: the rates are too good
 *
 * What stands with every rate. Texts are owned.
 */
typedef struct
{
  NmdThresholdRule rule;
  double value;
  char *part;
  gboolean on_these_images;
} NmdThreshold;

/* Frees what @self holds and zeroes it. */
void      nmd_threshold_clear        (NmdThreshold           *self);
/* "threshold 0.312: Youden’s index on the validation part", "threshold 0.500: given",
 * "…, chosen on these images". */
char     *nmd_threshold_to_text      (const NmdThreshold     *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
