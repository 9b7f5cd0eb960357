/* SPDX-License-Identifier: Apache-2.0
 *
 * Saving what a page shows: the one place where a file is asked for, its name's ending is looked at, and what belongs
 * to the ending is made and handed to the session, which writes it over nothing that is open.
 */
#pragma once

#include "ui/dialogs/nmd-file-dialog.h"
#include "ui/session/nmd-explanation-session.h"

G_BEGIN_DECLS

/* The content of a file at @path, whose ending is one of the request's. Errors are told.
 * Returns: (transfer full): what is written; %NULL with @error set */
typedef NmdContent *(*NmdSaveFunc) (gpointer     page,
                                    const char  *path,
                                    GError     **error);

/**
 * NmdSaveRequest:
 * @title: of the dialog
 * @endings: endings of names without dot, ended by %NULL, in small letters
 * @endings_text: the same for people: "PNG, SVG, PDF"
 * @refusal: why another ending is not saved, with %s for the file's name
 * @render: makes the content
 * @saved: (nullable): called with the page once it is saved
 *
 * What can be saved.
 */
typedef struct
{
  const char *title;
  const char *const *endings;
  const char *endings_text;
  const char *refusal;
  NmdSaveFunc render;
  NmdSavedFunc saved;
} NmdSaveRequest;

/* Asks for a file, beginning with @name; @chosen is called with the path as nmd_file_dialog_present() does. */
void nmd_save_dialog_present (GtkWidget             *page,
                              const NmdSaveRequest  *request,
                              const char            *name,
                              NmdFileFunc            chosen);

/* Saves at @path, by its ending in any case. Another ending, and what cannot be made, is told by @notices, and nothing
 * is written. */
void nmd_save_dialog_save_as (gpointer               page,
                              const NmdSaveRequest  *request,
                              NmdNotices            *notices,
                              NmdExplanationSession *session,
                              const char            *path);

G_END_DECLS
