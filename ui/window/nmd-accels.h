/* SPDX-License-Identifier: Apache-2.0
 *
 * Which keys the actions of the window and the program have.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Gives all actions of @application and of its windows their keys. */
void nmd_accels_set (GtkApplication *application);

G_END_DECLS
