/* SPDX-License-Identifier: Apache-2.0
 *
 * Title, tags and note of a run.
 */
#pragma once

#include "ui/session/nmd-runs-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Shows what is said of @run over @widget's window, to be changed; @session keeps it. Escape keeps nothing. */
void nmd_notes_dialog_present (GtkWidget      *widget,
                               NmdRunsSession *session,
                               NmdRunItem     *run);

G_END_DECLS
