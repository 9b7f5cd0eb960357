/* SPDX-License-Identifier: Apache-2.0
 *
 * A notification of the desktop when a training has ended while the user was elsewhere.
 */
#pragma once

#include "ui/session/nmd-training.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Notifies that @training has ended, if it has and @window is not the one that is worked in; without an application
 * nothing happens. Returns: whether there was something to tell. */
gboolean nmd_notify_ended     (GtkWindow   *window,
                               NmdTraining *training);

/* What is told of a training that has ended: a title, and the run with its best validation loss or what went wrong. FALSE
 * while it runs. */
gboolean nmd_notify_get_words (NmdTraining *training,
                               char       **title,
                               char       **body);

G_END_DECLS
