/* SPDX-License-Identifier: Apache-2.0
 *
 * The PNG reader and writer behind nmd-image.h, on libpng. Nothing here opens files.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/* TRUE if @data starts with the PNG signature. */
gboolean  nmd_png_is        (const guint8  *data,
                             gsize          length);

/* Width and height from the header; the size limits are checked here, before anything is
 * allocated. Errors: %NMD_ERROR_FORMAT naming @name. */
gboolean  nmd_png_peek      (const guint8  *data,
                             gsize          length,
                             const char    *name,
                             int           *width,
                             int           *height,
                             GError       **error);

/* Reads a PNG; @as_mask: pixels are 255 where any colour sample is non-zero, else 0. */
NmdImage *nmd_png_read      (const guint8  *data,
                             gsize          length,
                             const char    *name,
                             gboolean       as_mask,
                             GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* FALSE with the reason if an image of this size is not to be held in memory. */
gboolean  nmd_image_check_size (const char *name,
                                gint64      width,
                                gint64      height,
                                GError    **error);

/* Like nmd_image_new(), but an error instead of an abort when memory does not suffice. */
NmdImage *nmd_image_try_new (const char    *name,
                             int            width,
                             int            height,
                             GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* Marks pixel @i as coloured; the plane is made by the first one. FALSE: out of memory. */
gboolean  nmd_image_mark_coloured (NmdImage *self,
                                   gsize     i);

/* ITU-R BT.601 luma in 16-bit fixed point, as Pillow's "L". */
static inline guint8
nmd_grey (guint r, guint g, guint b)
{
  return (guint8) ((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
}

G_END_DECLS
