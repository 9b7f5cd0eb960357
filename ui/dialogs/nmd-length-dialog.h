/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks how far two marks of the depth scale are apart.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks over @widget's window. @func is called with the centimetres and @object, which is not owned, if the user
 * accepts and @object still lives. */
void nmd_length_dialog_present (GtkWidget *widget,
                                void     (*func) (double cm, gpointer object),
                                GObject   *object);

G_END_DECLS
