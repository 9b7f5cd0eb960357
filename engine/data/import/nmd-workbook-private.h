/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the first sheet of an .xlsx workbook into cells. Rows that the sheet leaves out because they are
 * empty are rows without cells here, so that a row's place is its number.
 *
 * Bounds: 32 MiB a part of the archive once unpacked, elements nested 64 deep, 64 KiB a tag, and those
 * of nmd-cells-private.h; so at most about 256 MiB of memory whatever the file says.
 */
#pragma once

#include <gio/gio.h>

#include "engine/data/import/nmd-cells-private.h"

G_BEGIN_DECLS

#define NMD_WORKBOOK_MAX_PART (32 * 1024 * 1024)
#define NMD_WORKBOOK_MAX_DEPTH 64
#define NMD_WORKBOOK_MAX_TAG (64 * 1024)

/* Fills @cells (set up, empty) with the first sheet of @path. Errors: %NMD_ERROR_FORMAT naming the
 * file (no workbook, cut short, over a bound); %G_IO_ERROR_CANCELLED. */
gboolean nmd_workbook_read (const char    *path,
                            NmdCells      *cells,
                            GCancellable  *cancellable,
                            GError       **error);

G_END_DECLS
