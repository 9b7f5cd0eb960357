/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy without names: which part of the picture is blacked out, and where it is saved.
 */
#pragma once

#include "ui/session/nmd-nameless-copy.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows the picture of @scan, of a DICOM file, over @widget's window; the part to black out is drawn on it or given as
 * numbers. It is remembered by scanner and picture size (nmd_dicom_get_scanner()) in the preferences, and nothing else of
 * the file is. Saving goes by nmd_nameless_copy_save(). Returns: (transfer none): the window. */
GtkWidget *nmd_copy_dialog_present (GtkWidget  *widget,
                                    NmdNotices *notices,
                                    NmdScan    *scan);

/* The part that is chosen in the window of nmd_copy_dialog_present(); FALSE: none. */
gboolean   nmd_copy_dialog_get_black (GtkWidget *window,
                                      NmdBox    *black);

/* Saves at @path with the part that is chosen, remembers it, and closes the window. */
void       nmd_copy_dialog_save_as   (GtkWidget  *window,
                                      const char *path);

G_END_DECLS
