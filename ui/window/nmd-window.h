/* SPDX-License-Identifier: Apache-2.0
 *
 * The main window: header bar, banners, the five pages, and all that asks the user for files and
 * decisions.
 */
#pragma once

#include "ui/session/nmd-app-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_WINDOW (nmd_window_get_type ())
G_DECLARE_FINAL_TYPE (NmdWindow, nmd_window, NMD, WINDOW, AdwApplicationWindow)

/* @session is referenced. Where it was closed or crashed during a training, it offers to go on with it.
 * Returns: a window with the user's size and preferences; not shown yet. */
NmdWindow     *nmd_window_new         (GtkApplication *application,
                                       NmdAppSession  *session);
/* Closes without a question, as at the end of the desktop's session. gtk_window_close() asks where a
 * training runs or drawn outlines would be lost. */
void           nmd_window_close_at_once (NmdWindow    *self);
/* "scan", "data", "train", "results", "explain"; any other name is passed over. */
void           nmd_window_show_page   (NmdWindow      *self,
                                       const char     *page);

/* Opens again what was opened last and shows the page that was shown last, if the user wants that. */
void       nmd_window_open_last     (NmdWindow      *self);

G_END_DECLS
