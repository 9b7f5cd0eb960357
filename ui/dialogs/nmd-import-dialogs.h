/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions that an import may stop at: the positive label, consent to unpack, the columns of a
 * table, where masks are, which value of them and which label of drawn outlines is meant; and one before a training, on doubtful outlines.
 */
#pragma once

#include "ui/session/nmd-data-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows @text with a question about @decision, and opens the data set at @path again with the answer,
 * one of @choices (copied): label words, or the columns of a table, of which those with a standard name
 * are chosen at first. @session is referenced. Cancelling leaves everything as it is. */
void nmd_import_dialog_present (GtkWindow         *parent,
                                NmdDataSession    *session,
                                NmdDecision        decision,
                                const char        *path,
                                const char        *text,
                                const char *const *choices);

/* @text says which outlines of the open data set are doubtful: asks over @widget's window whether to mend
 * them, which opens the data set again, or to train all the same. Then @train is called with @object, which is
 * not owned, if it still lives. */
void nmd_masks_dialog_present  (GtkWidget      *widget,
                                NmdDataSession *session,
                                const char     *text,
                                void          (*train) (gpointer object),
                                GObject        *object);

G_END_DECLS
