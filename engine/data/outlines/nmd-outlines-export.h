/* SPDX-License-Identifier: Apache-2.0
 *
 * The outlines of a data set as files for other tools.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_OUTLINES_LABELME, /* FOLDER/ID.json for each image, ID without its ending */
  NMD_OUTLINES_COCO,    /* FOLDER/annotations.json for all */
} NmdOutlinesFormat;

/* What was written, in numbers. */
typedef struct
{
  guint n_images;   /* with a mask */
  guint n_no_mask;  /* images without one, not written */
  guint n_empty;    /* of n_images: nothing is set, written without a shape */
  guint n_holes;    /* of n_images: with a hole: written as pixels, not as polygons */
} NmdOutlinesCounts;

/**
 * nmd_outlines_export:
 * @format: labelme 5 or COCO
 * @folder: a new or empty folder
 * @label: the label of every shape: "muscle"
 * @progress: (nullable): called after each image with the share of all
 * @cancellable: (nullable): looked at before each image
 * @counts: (out)
 *
 * Writes the mask of every image. Polygons run along the borders of pixels (nmd_mask_list_rings()), so that
 * an import, and COCO's own tools, give the same pixels back; labelme shows them exactly too, and
 * its conversion to masks is larger as nmd-outlines.h says. Polygons have no holes: a mask with one is
 * written as labelme's "mask", in COCO as run lengths. In labelme the image is named by its path relative
 * to the file, in COCO by its id. Pixels of images are not written.
 *
 * Memory: for COCO the text of the whole file, about 10 kB an image.
 * Cost: reads each image and mask.
 *
 * Errors: %NMD_ERROR_REFUSED if @folder is not empty; those of nmd_sample_load() and nmd_file_write(), with
 *   what was written so far left in @folder; `G_IO_ERROR_CANCELLED`.
 *
 * Returns: %FALSE with @error set
 */
gboolean nmd_outlines_export (NmdDataset         *dataset,
                              NmdOutlinesFormat   format,
                              const char         *folder,
                              const char         *label,
                              void              (*progress) (double fraction, gpointer user_data),
                              gpointer            user_data,
                              GCancellable       *cancellable,
                              NmdOutlinesCounts  *counts,
                              GError            **error);

G_END_DECLS
