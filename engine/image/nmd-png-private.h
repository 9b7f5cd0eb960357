/* SPDX-License-Identifier: Apache-2.0
 *
 * The PNG decoder behind nmd-reader.h, on libpng. Opens no files.
 */
#pragma once

#include "engine/image/nmd-mask-table-private.h"

G_BEGIN_DECLS

/* TRUE if @data starts with the PNG signature. */
gboolean  nmd_png_is   (const guint8  *data,
                        gsize          length);

/* @table (nullable): given, the file is a mask: pixels are codes of it. Decodes a PNG, as
 * nmd-reader.h says. Memory: the image, twice if it is turned, one row and what libpng takes for one. */
NmdImage *nmd_png_read (const guint8  *data,
                        gsize          length,
                        const char    *name,
                        NmdMaskTable  *table,
                        GError       **error);

G_END_DECLS
