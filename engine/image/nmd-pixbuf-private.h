/* SPDX-License-Identifier: Apache-2.0
 *
 * The decoder of BMP and TIFF behind nmd-reader.h, on gdk-pixbuf. Opens no files.
 */
#pragma once

#include "engine/image/nmd-mask-table-private.h"

G_BEGIN_DECLS

/* TRUE if @data starts like a BMP or TIFF. */
gboolean    nmd_pixbuf_is   (const guint8  *data,
                             gsize          length);

/* @table (nullable): given, the file is a mask: pixels are codes of it. Decodes page @page of a
 * TIFF, from 1, 0 for the only one it has, turned upright by its orientation tag; or a BMP; as nmd-reader.h says. */
NmdImage   *nmd_pixbuf_read (const guint8  *data,
                             gsize          length,
                             const char    *name,
                             guint          page,
                             NmdMaskTable  *table,
                             GError       **error);

G_END_DECLS
