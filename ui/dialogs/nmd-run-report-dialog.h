/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run's report shall hold, and where it is written.
 */
#pragma once

#include "ui/session/nmd-training-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks over @widget's window whether the report of the shown run may hold pictures of persons, then for a folder, and
 * lets @session write it. @has_images: the run's data set is open. */
void nmd_run_report_dialog_present (GtkWidget          *widget,
                                    NmdTrainingSession *session,
                                    const char         *run_folder,
                                    gboolean            has_images);

G_END_DECLS
