/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of a run that finds outlines: measures with their intervals, their distribution, and the images, worst
 * first, with both outlines. Numbers are those of the run's files.
 */
#pragma once

#include "ui/session/nmd-device-session.h"
#include "ui/session/nmd-scan-session.h"
#include "ui/session/nmd-training-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_OUTLINE_REVIEW (nmd_outline_review_get_type ())
G_DECLARE_FINAL_TYPE (NmdOutlineReview, nmd_outline_review, NMD, OUTLINE_REVIEW, GtkBox)

/* Gives it what it shows, once; all are referenced.
 *
 * Signals: "read" (GError or %NULL): what was asked for is shown, or why it cannot be. "chosen" (NmdSample): an
 * image of the table is to be studied. */
void nmd_outline_review_set_session (NmdOutlineReview  *self,
                                      NmdDataSession     *data_session,
                                      NmdScanSession     *scan_session,
                                      NmdRunsSession     *runs_session,
                                      NmdDeviceSession   *devices_session,
                                      NmdTrainingSession *training_session);

/* Reads the results of the run that is shown, which finds outlines. */
void nmd_outline_review_ask         (NmdOutlineReview  *self);

G_END_DECLS
