/* SPDX-License-Identifier: Apache-2.0
 *
 * The directories of a TIFF: which pages there are, and whether one can be read without loss. Decoding
 * is nmd-pixbuf.c's. All offsets are checked against the file's length.
 */
#pragma once

#include "engine/image/nmd-image.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

G_BEGIN_DECLS

/* TRUE if @data starts like a TIFF with 32-bit offsets. */
gboolean  nmd_tiff_is          (const guint8  *data,
                                gsize          length);

/* Where the file's first directory is, whatever it holds. */
gsize     nmd_tiff_first       (const guint8  *data);

/* The number of pages: directories without thumbnails (reduced resolution) and transparency masks, or all
 * of them where there is nothing else. 0: directories lie outside the file or form a circle. */
guint     nmd_tiff_count_pages (const guint8  *data,
                                gsize          length);

/**
 * nmd_tiff_find_page:
 * @page: from 1; 0: the only one
 * @directory: (out): where its directory is
 *
 * Errors: %NMD_ERROR_UNSUPPORTED for several pages and @page 0, or no such page; %NMD_ERROR_FORMAT for
 *   damaged directories.
 */
gboolean  nmd_tiff_find_page   (const guint8  *data,
                                gsize          length,
                                const char    *name,
                                guint          page,
                                gsize         *directory,
                                GError       **error);

/* Whether the page of @directory is what gdk-pixbuf reads without loss: a size that is held in memory, whole
 * samples of 1 to 16 bits (of a mask 1 to 8), no JPEG inside. Errors: %NMD_ERROR_FORMAT for damage,
 * %NMD_ERROR_UNSUPPORTED with what the page is and what to do. */
gboolean  nmd_tiff_check       (const guint8  *data,
                                gsize          length,
                                gsize          directory,
                                const char    *name,
                                gboolean       as_mask,
                                GError       **error);

/* Whether @pixbuf, the decoded page, has the samples of the file: libtiff multiplies them by an alpha that is not
 * yet in them, and what was under a transparent pixel is gone. Errors: %NMD_ERROR_UNSUPPORTED. */
gboolean  nmd_tiff_check_alpha (const guint8    *data,
                                gsize            length,
                                gsize            directory,
                                const char      *name,
                                const GdkPixbuf *pixbuf,
                                GError         **error);

G_END_DECLS
