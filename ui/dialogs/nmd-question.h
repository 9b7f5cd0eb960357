/* SPDX-License-Identifier: Apache-2.0
 *
 * A question before something is lost: go on, or leave it as it is.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks over @widget's window. @accept: the button that goes on, with its underline; it is marked as
 * destructive, and Escape leaves everything as it is. @func is called with @object, which is not owned,
 * if the user goes on and @object still lives. */
void nmd_question_present (GtkWidget   *widget,
                           const char  *heading,
                           const char  *body,
                           const char  *accept,
                           void       (*func) (gpointer object),
                           GObject     *object);

G_END_DECLS
