/* SPDX-License-Identifier: Apache-2.0
 *
 * The one place that asks for files and folders. Choosing one leaves no trace: nothing is written to
 * the desktop's list of recently used files.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What was chosen. @path is borrowed. Not called where the user cancels. */
typedef void (*NmdFileFunc) (const char *path,
                             gpointer    user_data);

/**
 * NmdFileRequest:
 * @title: of the dialog
 * @action: open, save or choose a folder
 * @filter_name: (nullable): what the files are, for people
 * @suffixes: (nullable): endings of names without dot, ended by %NULL, in small letters
 * @folder: (nullable): where to begin
 * @name: (nullable): a name to begin with, for saving
 */
typedef struct
{
  const char *title;
  GtkFileChooserAction action;
  const char *filter_name;
  const char *const *suffixes;
  const char *folder;
  const char *name;
} NmdFileRequest;

/* Shows the desktop's dialog over @widget's window. @func is called once with a local path, if
 * @object, which is not owned and is its user data, still lives. */
void nmd_file_dialog_present (GtkWidget            *widget,
                              const NmdFileRequest *request,
                              NmdFileFunc           func,
                              GObject              *object);

G_END_DECLS
