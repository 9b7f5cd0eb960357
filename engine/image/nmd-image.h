/* SPDX-License-Identifier: Apache-2.0
 *
 * The grey image: one plane of 8 bits, and what its file said that matters for measuring. A mask is
 * an image of 0 and 255. Pure memory: files are read by nmd-reader.h and written by nmd-png-writer.h.
 *
 * An NmdImage is immutable once it has a second owner. Threads: any.
 */
#pragma once

#include "engine/core/nmd-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Bounds of images that are read: a plane takes at most 64 MiB. */
#define NMD_IMAGE_MAX_PIXELS (64 * 1024 * 1024)
#define NMD_IMAGE_MAX_SIDE   65535

/* A box of pixels (x, y) with x0 ≤ x < x1 and y0 ≤ y < y1. */
typedef struct
{
  int x0, y0, x1, y1;
} NmdBox;

/* A part of the picture in which lengths are known: a pixel is @cm_x wide and @cm_y high. */
typedef struct
{
  NmdBox box;
  double cm_x, cm_y;
} NmdRegion;

/**
 * NmdImage:
 * @width: pixels in a row, at least 1
 * @height: rows, at least 1
 * @pixels: @height × @width grey levels 0 … 255, row-major, no padding
 * @coloured: (nullable): @height × @width, 1 where red, green and blue differed before reduction to
 *   grey; %NULL: nowhere
 * @is_lossy: read from a lossy format (JPEG): echo intensity may be off
 * @is_synthetic: the file says so (a PNG's tEXt chunk contains "SYNTHETIC")
 * @regions: (nullable): @n_regions parts that the file says are calibrated (DICOM); nmd_measure_get_scale()
 * @n_regions: 0 where it says nothing
 */
typedef struct
{
  int width, height;
  guint8 *pixels;
  guint8 *coloured;
  gboolean is_lossy;
  gboolean is_synthetic;
  NmdRegion *regions;
  guint n_regions;
} NmdImage;

/* A new image, all zero, with one reference. Aborts where memory does not suffice. */
NmdImage *nmd_image_new        (int            width,
                                int            height) G_GNUC_WARN_UNUSED_RESULT;

/* Another reference to @self, which is immutable from then on. */
NmdImage *nmd_image_ref        (NmdImage      *self);

/* Gives a reference back; the last one frees the planes. */
void      nmd_image_unref      (NmdImage      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdImage, nmd_image_unref)

/**
 * NmdImageQuality:
 * @NMD_IMAGE_QUALITY_LOSSY: the file was compressed with loss
 * @NMD_IMAGE_QUALITY_COLOURED: coloured pixels (calliper, text, Doppler) lie inside the outline
 *
 * Flags of what changes echo intensity and is therefore shown beside it.
 */
typedef enum
{
  NMD_IMAGE_QUALITY_LOSSY    = 1 << 0,
  NMD_IMAGE_QUALITY_COLOURED = 1 << 1,
} NmdImageQuality;

/**
 * nmd_image_quality:
 * @image: an image as it was read
 * @mask: (nullable): its outline, of the same size; without one, or with an empty one, the whole
 *   frame counts
 *
 * Tells which flags hold for the pixels that are measured.
 *
 * Returns: flags; 0 for an image without reservations
 */
NmdImageQuality nmd_image_quality (const NmdImage *image,
                                   const NmdImage *mask);

/* The sentence for one @flag, untranslated, without a full stop. Static. */
const char *nmd_image_quality_to_text (NmdImageQuality flag);

/**
 * nmd_mask_new_polygon:
 * @width: of the image
 * @height: of the image
 * @points: @n pairs x, y in pixels; the centre of pixel (i, j) is (i + 0.5, j + 0.5)
 * @n: number of corners; the last one is joined to the first
 *
 * Makes a mask of the pixels whose centre lies inside a closed polygon by the even-odd rule. Parts
 * outside the frame are cut; fewer than three corners give an empty mask.
 *
 * Returns: (transfer full): the mask
 */
NmdImage *nmd_mask_new_polygon (int            width,
                                int            height,
                                const double  *points,
                                gsize          n) G_GNUC_WARN_UNUSED_RESULT;

/* A mask of the pixels of @box, which is cut at the frame. */
NmdImage *nmd_mask_new_box     (int            width,
                                int            height,
                                const NmdBox  *box) G_GNUC_WARN_UNUSED_RESULT;

/* FALSE with %NMD_ERROR_SHAPE "Mask NAME is 480 × 480, its image is 512 × 480" if sizes differ. */
gboolean  nmd_mask_check_size  (const NmdImage *mask,
                                const char     *mask_name,
                                const NmdImage *image,
                                GError        **error);

G_END_DECLS
