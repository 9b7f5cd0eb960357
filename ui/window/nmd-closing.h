/* SPDX-License-Identifier: Apache-2.0
 *
 * The question before the window is closed.
 */
#pragma once

#include "ui/session/nmd-app-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks over @window about what closing would end or lose: a training, an experiment, drawn outlines, measures,
 * trainings that wait, readings in a teaching window over it, which is closed or asks itself. @close is called with
 * @window if the user goes on. FALSE if there is nothing to ask. */
gboolean nmd_closing_ask (GtkWidget     *window,
                          NmdAppSession *session,
                          void         (*close) (gpointer window));

G_END_DECLS
