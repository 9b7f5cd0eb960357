/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader of JPEG, BMP and TIFF behind nmd-image.h, on gdk-pixbuf. Nothing here opens files.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/* The gdk-pixbuf loader for @data ("jpeg", "bmp", "tiff"), or NULL if it is none of them. */
const char *nmd_pixbuf_type  (const guint8  *data,
                              gsize          length);

/* Reads the first picture, turned upright as its orientation tag says. */
NmdImage   *nmd_pixbuf_read  (const guint8  *data,
                              gsize          length,
                              const char    *type,
                              const char    *name,
                              gboolean       as_mask,
                              GError       **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
