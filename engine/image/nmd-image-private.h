/* SPDX-License-Identifier: Apache-2.0
 *
 * What the decoders of nmd-reader.h share: making an image of a size that a file claims.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/* FALSE with %NMD_ERROR_FORMAT if an image of this size is not to be held in memory. */
gboolean  nmd_image_check_size    (const char  *name,
                                   gint64       width,
                                   gint64       height,
                                   GError     **error);

/* Like nmd_image_new(), but %NMD_ERROR_MEMORY instead of an abort when memory does not suffice. */
NmdImage *nmd_image_try_new       (const char  *name,
                                   int          width,
                                   int          height,
                                   GError     **error);

/* Marks pixel @i as coloured; the plane is made by the first one. FALSE: out of memory. */
gboolean  nmd_image_mark_coloured (NmdImage    *self,
                                   gsize        i);

/* ITU-R BT.601 luma in 16-bit fixed point, as Pillow's "L". */
static inline guint8
nmd_grey (guint r, guint g, guint b)
{
  return (guint8) ((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
}

/* Stores pixel @i from 8-bit samples as grey. FALSE: out of memory. */
static inline gboolean
nmd_image_store (NmdImage *self, gsize i, guint r, guint g, guint b)
{
  self->pixels[i] = nmd_grey (r, g, b);
  return (r == g && g == b) || nmd_image_mark_coloured (self, i);
}

G_END_DECLS
