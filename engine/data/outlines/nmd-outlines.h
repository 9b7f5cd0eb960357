/* SPDX-License-Identifier: Apache-2.0
 *
 * Outlines that other tools drew: files that say which part of an image is muscle or lesion by polygons,
 * runs or ellipses instead of a mask's pixels. Told by content, never by name:
 *
 *     labelme    JSON with "shapes" and "imagePath"; one image a file
 *     COCO       JSON with "images" and "annotations": polygons, run lengths plain or compressed
 *     CVAT       XML "CVAT for images 1.1": polygons, masks, ellipses, boxes
 *     ImageJ     .roi, and a .zip of them
 *
 * How shapes become pixels, the same for all: coordinates are continuous, pixel (i, j) covers
 * [i, i + 1) × [j, j + 1), and is set if its centre (i + 0.5, j + 0.5) lies inside by the even-odd rule
 * (nmd-mask-shapes.h). That is what the tools show on screen: COCO, CVAT and ImageJ document the corner of
 * a pixel at whole numbers, labelme draws the image from (0, 0) on. Run lengths and masks are
 * taken pixel by pixel. Beside the tools' own conversion, on 60 random polygons of 3 to 24 corners
 * (tests/data/golden/outlines.py):
 *
 *     ImageJ 1.53t    differs only where a pixel's centre lies on an edge: it gives it to the shape on the left
 *     pycocotools 2   only where the centre is within 0.17 pixels of an edge: it rounds to fifths
 *     labelme 6       only where it is within 1.1 pixels: Pillow takes whole numbers for centres of pixels and
 *                     draws the border too, so that its masks are larger by half a pixel and more all round
 *
 * Several shapes of one label in one image are united. Shapes of several labels are never united unless
 * the caller says so. What has no area (points, lines, boxes of COCO without a segmentation) is counted and
 * not used.
 *
 * Bounds: a file of 256 MiB (labelme and a .roi 64 MiB; what a .zip unpacks to 64 MiB in 10,000 entries), 16
 * million coordinates or runs, 400,000 images, 2 million shapes; JSON within an annotation as nmd-json.h says,
 * COCO nested 64 deep, CVAT 16 deep.
 * Memory: the bytes of the file and twice its coordinates.
 * Immutable once loaded. Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

#define NMD_OUTLINES_MAX_BYTES  (256u * 1024 * 1024)
#define NMD_OUTLINES_MAX_VALUES (16u * 1024 * 1024)
#define NMD_OUTLINES_MAX_IMAGES 400000u
#define NMD_OUTLINES_MAX_SHAPES 2000000u

/* The shapes of one image. */
typedef struct _NmdOutline NmdOutline;

/* Another reference. */
NmdOutline        *nmd_outline_ref        (NmdOutline        *self);
void               nmd_outline_unref      (NmdOutline        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdOutline, nmd_outline_unref)

/* The image as the file names it, with '/' between folders ("scans/a.png"); for ImageJ the file's own
 * name without ending. Never empty. Borrowed. */
const char        *nmd_outline_get_image  (const NmdOutline  *self);

/* The image's size as the file says it; 0 × 0 where it does not. */
void               nmd_outline_get_size   (const NmdOutline  *self,
                                           int               *width,
                                           int               *height);

/* Number of shapes that have the label @label; all for %NULL. */
guint              nmd_outline_count      (const NmdOutline  *self,
                                           const char        *label);

/* The distinct labels of its shapes, sorted; "" where a shape has none. Labels that differ in case or
 * outer blanks are one. Returns: (transfer full): array of char *. */
GPtrArray         *nmd_outline_get_labels (const NmdOutline  *self) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE if @a and @b are one label: equal but for case and outer blanks. */
gboolean           nmd_outline_same_label (const char        *a,
                                           const char        *b);

/**
 * nmd_outline_rasterise:
 * @label: (nullable): the shapes to take; %NULL for all
 * @name: stands for the file in errors
 * @width: of the image as it was read
 * @height: likewise
 *
 * The pixels of the shapes, united. An outline without such shapes gives an empty mask.
 *
 * Cost: one step for each row that an edge spans, and the boxes of the shapes.
 *
 * Errors: %NMD_ERROR_SHAPE if the file says another size than @width × @height, for the image or one of
 *   its shapes ("a.json was drawn on 512 × 480 pixels, its image is 480 × 480"); %NMD_ERROR_FORMAT for a
 *   polygon that is too long to fill (%NMD_MASK_MAX_CROSSINGS) or a coordinate beyond
 *   ±%NMD_MASK_MAX_COORDINATE; %NMD_ERROR_MEMORY.
 *
 * Returns: (transfer full): a mask of 0 and 255; %NULL with @error set
 */
NmdImage          *nmd_outline_rasterise  (const NmdOutline  *self,
                                           const char        *label,
                                           const char        *name,
                                           int                width,
                                           int                height,
                                           GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* SHA-256 over the size and the shapes of @label (%NULL: all) as 64 digits: equal for equal geometry. */
char              *nmd_outline_digest     (const NmdOutline  *self,
                                           const char        *label) G_GNUC_WARN_UNUSED_RESULT;

/* What one file holds. */
typedef struct
{
  const char *format;      /* "labelme", "COCO", "CVAT", "ImageJ"; static */
  GPtrArray  *outlines;    /* NmdOutline, in the order of the file; an image stands once */
  guint       n_shapes;    /* with an area */
  guint       n_no_area;   /* points, lines, boxes without a segmentation */
  gboolean    is_per_image; /* made for one image: it may go by the file's name */
} NmdOutlines;

/**
 * nmd_outlines_load:
 * @path: a regular file
 * @cancellable: (nullable): looked at every some thousand shapes
 *
 * Reads the outlines of a file. An image that has shapes without an area only is not listed; one that the
 * file lists without any shape is, with an empty outline.
 *
 * Errors: %NMD_ERROR_UNSUPPORTED if it is no file of outlines; %NMD_ERROR_FORMAT naming the file for one of a
 *   kind that is not read (CVAT for video: export it as CVAT for images), and the place for one that is
 *   damaged or too large; those of nmd_file_read(); `G_IO_ERROR_CANCELLED`.
 *
 * Returns: (transfer full): the outlines; %NULL with @error set
 */
NmdOutlines       *nmd_outlines_load      (const char        *path,
                                           GCancellable      *cancellable,
                                           GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same from memory; @name stands for the file in errors. */
NmdOutlines       *nmd_outlines_load_bytes (GBytes           *bytes,
                                           const char        *name,
                                           GCancellable      *cancellable,
                                           GError           **error) G_GNUC_WARN_UNUSED_RESULT;

void               nmd_outlines_free      (NmdOutlines       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdOutlines, nmd_outlines_free)

/* Whether a file called @name may hold outlines: .json, .xml, .roi, .zip. */
gboolean           nmd_outlines_is_name   (const char        *name);

G_END_DECLS
