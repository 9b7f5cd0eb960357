/* SPDX-License-Identifier: Apache-2.0
 *
 * The menu of the shown run: notes, its folder, the trash.
 */
#pragma once

#include "ui/session/nmd-runs-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Gives @button its menu, with actions for the run that @session shows; those that would lose a training are off while
 * one runs. Once; @session is referenced. */
void nmd_run_menu_attach (GtkMenuButton  *button,
                          NmdRunsSession *session);

G_END_DECLS
