/* SPDX-License-Identifier: Apache-2.0
 *
 * Image files as grey images and masks. The format is told by content, never by name:
 *
 *     PNG    libpng: 1 to 16 bit, grey, RGB or palette, with or without alpha, interlaced or not; turned
 *            upright by the Exif tag of an eXIf chunk
 *     JPEG   libjpeg: baseline and progressive, grey, YCbCr, RGB, CMYK; turned upright by its Exif tag
 *     BMP    gdk-pixbuf
 *     TIFF   gdk-pixbuf, 1 to 16 bit unsigned; turned upright by its tag; not with JPEG data inside. Of
 *            several pages (thumbnails and transparency masks are none) one has to be named
 *     DICOM  nmd-dicom.h; also told by the ending ".dcm". Of several frames one has to be named. Never a mask
 *
 * Grey: palettes expanded, alpha and gamma chunks ignored, 16 bit → 8 bit as (v + 128)/257, then
 *
 *     grey = (19595 R + 38470 G + 7471 B + 32768) >> 16     (ITU-R BT.601 in 16-bit fixed point)
 *
 * which is what Pillow calls "L". Mask: 255 where any colour sample is non-zero before reduction to
 * 8 bit (alpha never counts), else 0; what is done where that would be wrong says nmd-mask-check.h.
 *
 * What is measured must be what was recorded: whatever a decoder warns of (data that end early, are
 * damaged or superfluous, a palette index without a colour, scans that are missing) is an error.
 *
 * Bounds: %NMD_IMAGE_MAX_PIXELS, %NMD_IMAGE_MAX_SIDE, a file of 512 MiB.
 * Memory beside the file's bytes: the planes of the result, at most 128 MiB, and for PNG 1 MiB, for
 * JPEG a row, or 512 MiB if it has several scans, for BMP and TIFF four times the file and 256 MiB. What
 * is turned is held twice.
 * Sizes that a header claims are checked before memory is asked for.
 * Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/**
 * nmd_image_load:
 * @path: a regular file
 * @error: return location for an error
 *
 * Reads an image.
 *
 * Errors: %NMD_ERROR_FORMAT naming the file and the reason (cut short, damaged, not an image, too
 *   large); %NMD_ERROR_UNSUPPORTED with what the file is and what to do: a TIFF of several pages, of
 *   floating-point, signed or wider samples, a BigTIFF, DICOM without its module, NIfTI, MetaImage, GIF, WebP, HEIC,
 *   JPEG 2000; or where gdk-pixbuf has no loader; %NMD_ERROR_MEMORY; those of nmd_file_read().
 *
 * Returns: (transfer full): the image; %NULL with @error set
 */
NmdImage *nmd_image_load       (const char    *path,
                                GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of page @page of a TIFF, or frame of a DICOM file, from 1; 0: the only one there is. Another format has one page. Errors:
 * likewise; %NMD_ERROR_UNSUPPORTED for a page that is not there. */
NmdImage *nmd_image_load_page  (const char    *path,
                                guint          page,
                                GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* How many pages @path has, of which one can be loaded; 1 for what is neither TIFF nor DICOM, read or not. 0 with @error if
 * it cannot be opened: those of nmd_file_read(). */
guint     nmd_image_count_pages (const char   *path,
                                GError       **error);

/* Of a file called @name that is NIfTI, MetaImage or, in a data set, a DICOM file without the ending .dcm: what it is
 * and what to do, "a MetaImage; save its slice as PNG"; %NULL for others. Looks at no file. Returns: (nullable): static. */
const char *nmd_image_get_foreign (const char *name);

/* nmd_image_load() from memory; @name stands for the file in errors. */
NmdImage *nmd_image_load_bytes (GBytes        *bytes,
                                const char    *name,
                                GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads a mask. Errors: those of nmd_image_load(), %NMD_ERROR_UNSUPPORTED for a 16-bit TIFF, whose
 * small values gdk-pixbuf would lose, and %NMD_ERROR_NEEDS_MASK_VALUE for one of several labels. */
NmdImage *nmd_mask_load        (const char    *path,
                                GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same from memory. */
NmdImage *nmd_mask_load_bytes  (GBytes        *bytes,
                                const char    *name,
                                GError       **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
