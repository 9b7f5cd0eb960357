/* SPDX-License-Identifier: Apache-2.0
 *
 * The header of a DICOM file as a table, in a window of its own. In memory only.
 */
#pragma once

#include "engine/image/nmd-dicom.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows the header of @dicom over @widget's window; @name: the file's. What may tell who somebody is has a mark and a
 * word for it. Returns: (transfer none): the window. */
GtkWidget *nmd_header_dialog_present (GtkWidget  *widget,
                                      NmdDicom   *dicom,
                                      const char *name);

G_END_DECLS
