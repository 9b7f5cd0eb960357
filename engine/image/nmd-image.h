/* SPDX-License-Identifier: Apache-2.0
 *
 * The grey image and its readers. A picture of any supported kind becomes one 8-bit grey plane:
 * palettes expanded, alpha and gamma chunks ignored, 16 bit → 8 bit as (v + 128)/257, grey =
 * (19595 R + 38470 G + 7471 B + 32768) >> 16 (ITU-R BT.601 in 16-bit fixed point, as Pillow "L").
 *
 * An NmdImage is immutable once it has been shown to a second owner. Threads: any.
 */
#pragma once

#include "engine/core/nmd-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define NMD_IMAGE_MAX_PIXELS (64 * 1024 * 1024)

typedef struct
{
  int width, height;   /* 1 … */
  guint8 *pixels;      /* height × width, row-major, no padding */
  guint8 *coloured;    /* (nullable) 1 where R, G and B differed before reduction to grey */
  gboolean is_lossy;   /* read from a lossy format (JPEG): echo intensity may be off */
  gboolean is_synthetic; /* the PNG's tEXt chunk says "SYNTHETIC" */
} NmdImage;

/* x0 ≤ x < x1, y0 ≤ y < y1 in pixels. */
typedef struct
{
  int x0, y0, x1, y1;
} NmdBox;

/* A new image, all zero. */
NmdImage *nmd_image_new        (int            width,
                                int            height) G_GNUC_WARN_UNUSED_RESULT;
NmdImage *nmd_image_ref        (NmdImage      *self);
void      nmd_image_unref      (NmdImage      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdImage, nmd_image_unref)

/**
 * nmd_image_load:
 *
 * Reads PNG (libpng: 1 to 16 bit, grey, RGB, palette, with or without alpha) by content, JPEG,
 * BMP and TIFF through gdk-pixbuf with the embedded orientation applied.
 *
 * Errors: %NMD_ERROR_FORMAT naming the file and the reason (truncated, not an image, larger
 *   than NMD_IMAGE_MAX_PIXELS); #G_FILE_ERROR.
 */
NmdImage *nmd_image_load       (const char    *path,
                                GError       **error) G_GNUC_WARN_UNUSED_RESULT;
NmdImage *nmd_image_load_bytes (GBytes        *bytes,
                                const char    *name,
                                GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads a mask: pixels are 255 where any colour sample is non-zero before reduction to 8 bit
 * (alpha never counts), else 0. */
NmdImage *nmd_mask_load        (const char    *path,
                                GError       **error) G_GNUC_WARN_UNUSED_RESULT;
NmdImage *nmd_mask_load_bytes  (GBytes        *bytes,
                                const char    *name,
                                GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* A mask from a closed polygon of @n points (x, y pairs, pixel units, pixel centres at + 0.5):
 * pixels whose centre lies inside by the even-odd rule. */
NmdImage *nmd_mask_new_polygon (int            width,
                                int            height,
                                const double  *points,
                                gsize          n) G_GNUC_WARN_UNUSED_RESULT;
NmdImage *nmd_mask_new_box     (int            width,
                                int            height,
                                const NmdBox  *box) G_GNUC_WARN_UNUSED_RESULT;

/* Writes an 8-bit grey PNG, whole or not at all. @texts (nullable): NULL-terminated key, value,
 * key, value … tEXt chunks. @depth 8, or 1 for masks. */
gboolean  nmd_image_save_png   (const NmdImage *self,
                                const char     *path,
                                int             depth,
                                const char *const *texts,
                                GError        **error);
GBytes   *nmd_image_to_png     (const NmdImage *self,
                                int             depth,
                                const char *const *texts,
                                GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* FALSE with %NMD_ERROR_SHAPE "Mask NAME is 480 × 480, its image is 512 × 480" if sizes differ. */
gboolean  nmd_mask_check_size  (const NmdImage *mask,
                                const char     *mask_name,
                                const NmdImage *image,
                                GError        **error);

/* Reads only the size: header of a PNG, or the whole file for other formats. */
gboolean  nmd_image_peek_size  (const char    *path,
                                int           *width,
                                int           *height,
                                GError       **error);

G_END_DECLS
