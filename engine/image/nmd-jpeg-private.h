/* SPDX-License-Identifier: Apache-2.0
 *
 * The JPEG decoder behind nmd-reader.h, on libjpeg. Opens no files.
 */
#pragma once

#include "engine/image/nmd-mask-table-private.h"

G_BEGIN_DECLS

/* TRUE if @data starts like a JPEG. */
gboolean  nmd_jpeg_is   (const guint8  *data,
                         gsize          length);

/* @table (nullable): given, the file is a mask: pixels are codes of it. Decodes a JPEG, turned upright by
 * its Exif tag, with libjpeg's standard inverse DCT and upsampling: the pixels that gdk-pixbuf, and so most viewers on this desktop, show. */
NmdImage *nmd_jpeg_read (const guint8  *data,
                         gsize          length,
                         const char    *name,
                         NmdMaskTable  *table,
                         GError       **error);

G_END_DECLS
