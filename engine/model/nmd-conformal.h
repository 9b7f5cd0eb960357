/* SPDX-License-Identifier: Apache-2.0
 *
 * What a score may be called without breaking a promise: conformal limits, and the state "cannot be
 * judged". Data and its JSON form; fitting limits is engine/eval's. Threads: any.
 */
#pragma once

#include "engine/core/nmd-json-value.h"

G_BEGIN_DECLS

/**
 * NmdConformal:
 * @level: promised share, 0.9; 0 where there are no limits at all
 * @limit: by class y: the largest nonconformity 1 − p_y that keeps y among the possible classes; NaN where
 *   too few subjects allow no promise for it
 * @n_subjects: subjects of the validation part with an image of the class
 * @weights: whose scores these limits are of, "average" or "best"
 *
 * p_1 is the score, p_0 = 1 − score. Of the images of new subjects like those of the validation part the
 * share @level keeps its true class, in each class. Plain; nothing to free.
 */
typedef struct
{
  double level, limit[2];
  guint n_subjects[2];
  char weights[16];
} NmdConformal;

/**
 * NmdCall:
 * @NMD_CALL_NO_PROMISE: there are no limits for both classes, or the score is NaN: only the score is known
 * @NMD_CALL_NEGATIVE: only class 0 is possible
 * @NMD_CALL_POSITIVE: only class 1
 * @NMD_CALL_BOTH: both are possible: cannot be judged
 * @NMD_CALL_NEITHER: none is, the score is unlike those of both classes: cannot be judged
 */
typedef enum
{
  NMD_CALL_NO_PROMISE,
  NMD_CALL_NEGATIVE,
  NMD_CALL_POSITIVE,
  NMD_CALL_BOTH,
  NMD_CALL_NEITHER,
} NmdCall;

/* The classes that @score in [0, 1] leaves. */
NmdCall   nmd_conformal_call      (const NmdConformal *self,
                                   double              score);
/* BOTH or NEITHER. */
gboolean  nmd_call_is_open        (NmdCall             call);
/* Why it cannot be judged, a sentence without full stop: "Cannot be judged: the score allows both classes at
 * 90 %"; %NULL for the other calls. */
char     *nmd_conformal_get_open  (const NmdConformal *self,
                                   NmdCall             call) G_GNUC_WARN_UNUSED_RESULT;

/* An object: "level", "limit_negative", "limit_positive", "n_negative_subjects", "n_positive_subjects",
 * "weights". */
JsonNode *nmd_conformal_to_json   (const NmdConformal *self) G_GNUC_WARN_UNUSED_RESULT;
/* Reads it; a value without node gives no limits. Errors: %NMD_ERROR_FORMAT naming file and member. */
gboolean  nmd_conformal_from_json (NmdConformal       *self,
                                   const NmdJsonValue *value,
                                   GError            **error);

G_END_DECLS
