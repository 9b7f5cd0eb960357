/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking what to open.
 */
#pragma once

#include "ui/session/nmd-app-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks over @widget's window for what @action opens ("win.open-folder", "win.open-file", "win.open-image",
 * "win.open-run"), and has @session open it. */
void nmd_opening_ask (GtkWidget     *widget,
                      NmdAppSession *session,
                      const char    *action);

G_END_DECLS
