/* SPDX-License-Identifier: Apache-2.0
 *
 * Guess first, in a window of its own: nothing there tells the answer before the reading. H and P choose the class, 1
 * to 4 the Heckmatt grade, Enter shows the answers and goes on.
 */
#pragma once

#include "ui/session/nmd-app-session.h"
#include "ui/session/nmd-teaching-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_TEACHING_WINDOW (nmd_teaching_window_get_type ())
G_DECLARE_FINAL_TYPE (NmdTeachingWindow, nmd_teaching_window, NMD, TEACHING_WINDOW, AdwWindow)

/* Shows it over @parent, for the data set that is open in @session. */
NmdTeachingWindow  *nmd_teaching_window_present     (GtkWindow         *parent,
                                                     NmdAppSession     *session);

/* Returns: (transfer none): the readings. */
NmdTeachingSession *nmd_teaching_window_get_session (NmdTeachingWindow *self);

/* Saves the readings so far as a table at @path. */
void                nmd_teaching_window_save_as     (NmdTeachingWindow *self,
                                                     const char        *path);

G_END_DECLS
