/* SPDX-License-Identifier: Apache-2.0
 *
 * Guess first: random scans of the open data set, each read by the user before label, model and z are shown; then how
 * the readings agree with each. In memory only.
 */
#pragma once

#include "ui/session/nmd-training-session.h"
#include "ui/session/nmd-visit-session.h"

#include "engine/eval/nmd-kappa.h"
#include "engine/eval/nmd-roc.h"

G_BEGIN_DECLS

#define NMD_TEACHING_Z_LIMIT 2.0 /* z above it counts as pathological */

#define NMD_TYPE_TEACHING_SESSION (nmd_teaching_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdTeachingSession, nmd_teaching_session, NMD, TEACHING_SESSION, GObject)

/**
 * NmdTeachingCase:
 * @sample: the scan; referenced
 * @guess: 1 pathological, 0 healthy; −1 not read yet
 * @grade: Heckmatt grade 1 to 4 that the user gave
 * @score: the model's; NaN: none
 * @model: 1 or 0 by the run's threshold; −1: no score
 * @model_reason: (nullable): why there is no score
 * @is_trained_on: the model's training part held this scan: its score says nothing about new scans
 * @z: NaN: none
 * @z_label: 1 or 0 by %NMD_TEACHING_Z_LIMIT; −1: no z
 * @z_reason: (nullable): why there is no z
 *
 * One scan of the session and what was said of it.
 */
typedef struct
{
  NmdSample *sample;
  int guess, grade;
  double score;
  int model;
  char *model_reason;
  gboolean is_trained_on;
  double z;
  int z_label;
  char *z_reason;
} NmdTeachingCase;

/* What the user's readings are compared with. */
typedef enum
{
  NMD_TEACHING_LABEL, /* the data set's label */
  NMD_TEACHING_MODEL,
  NMD_TEACHING_Z,
  NMD_N_TEACHING,
} NmdTeachingRival;

/* All are referenced. Signal "changed": another scan, it is read, answered, or the session is over. */
NmdTeachingSession *nmd_teaching_session_new   (NmdNotices         *notices,
                                                NmdDataSession     *data,
                                                NmdVisitSession    *visit,
                                                NmdRunsSession     *runs,
                                                NmdDeviceSession   *devices,
                                                NmdTrainingSession *training);

/* Draws @n scans that have an outline, by the random stream "SEED:teaching:0:", each of another subject as far as there
 * are enough, and shows the first. FALSE where no data set is open or it has no such scan. */
gboolean            nmd_teaching_session_start (NmdTeachingSession *self,
                                                guint               n,
                                                guint64             seed);

/* Forgets everything. */
void                nmd_teaching_session_stop  (NmdTeachingSession *self);

/* Scans of the session (0: none runs), and the one that is read, from 0; it equals the number when all are. */
guint               nmd_teaching_session_get_n (NmdTeachingSession *self);
guint               nmd_teaching_session_get_place (NmdTeachingSession *self);

/* Returns: (transfer none) (nullable): the scan to read, once its pixels are there. */
NmdScan            *nmd_teaching_session_get_scan (NmdTeachingSession *self);

/* Returns: (transfer none): the scan at @place. */
const NmdTeachingCase *nmd_teaching_session_get_case (NmdTeachingSession *self,
                                                guint               place);

/* Takes the reading of the scan, once; then asks z and model. @label 0 or 1, @grade 1 to 4. */
void                nmd_teaching_session_guess (NmdTeachingSession *self,
                                                int                 label,
                                                int                 grade);

/* Whether the scan was read and all that is known of it is there. */
gboolean            nmd_teaching_session_is_revealed (NmdTeachingSession *self);

/* Goes on to the next scan after a reading. */
void                nmd_teaching_session_next  (NmdTeachingSession *self);

/* Agreement of the readings so far with @rival; @auc (out) (nullable): area under the curve of the grades against it,
 * NaN where it said one word throughout. */
void                nmd_teaching_session_measure (NmdTeachingSession *self,
                                                NmdTeachingRival    rival,
                                                NmdKappa           *kappa,
                                                double             *auc);

/* The curve of the grades against @rival. Returns: (transfer full). */
NmdRoc             *nmd_teaching_session_get_roc (NmdTeachingSession *self,
                                                NmdTeachingRival    rival) G_GNUC_WARN_UNUSED_RESULT;

/* The readings as a table: image, subject, muscle, guess, grade, label, score, model, z, z_label, trained_on.
 * Returns: (transfer full). */
char               *nmd_teaching_session_to_csv (NmdTeachingSession *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
