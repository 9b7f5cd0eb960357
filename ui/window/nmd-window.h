/* SPDX-License-Identifier: Apache-2.0
 *
 * The main window: header bar, banners, the four pages, and all that asks the user for files and
 * decisions.
 */
#pragma once

#include "ui/session/nmd-app-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_WINDOW (nmd_window_get_type ())
G_DECLARE_FINAL_TYPE (NmdWindow, nmd_window, NMD, WINDOW, AdwApplicationWindow)

NmdWindow     *nmd_window_new         (GtkApplication *application,
                                       NmdAppSession  *session);
/* "data", "train", "results", "explain"; any other name is passed over. */
void           nmd_window_show_page   (NmdWindow      *self,
                                       const char     *page);

G_END_DECLS
