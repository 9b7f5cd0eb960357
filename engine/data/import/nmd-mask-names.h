/* SPDX-License-Identifier: Apache-2.0
 *
 * Which file is the mask of an image, where nothing but names tells. The one place that knows the
 * names; data sets, `nmd predict --masks` and the window's single scans use it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * nmd_mask_names:
 * @name: file name of an image without folder, "a_1.png"
 *
 * The names that a mask of @name may have in a folder of masks, without ending, best first: "a_1",
 * "a_1_mask", "mask_a_1", "mask_1" (what follows the first underscore).
 *
 * Returns: (transfer full) (array zero-terminated=1): three or four names
 */
char **nmd_mask_names       (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_mask_find_in:
 * @folder: a folder of masks
 * @image_path: an image, anywhere
 *
 * Looks for the mask of @image_path in @folder: a file of its own name, else a PNG of a name that
 * nmd_mask_names() gives.
 *
 * Returns: (transfer full) (nullable): path of the mask, %NULL if there is none
 */
char  *nmd_mask_find_in     (const char *folder,
                             const char *image_path) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_mask_find_beside:
 * @image_path: an image
 *
 * Looks for the mask of an image opened alone: NAME_mask.png beside NAME.png, else what
 * nmd_mask_find_in() finds in a folder Masks beside the image's folder Images.
 *
 * Returns: (transfer full) (nullable): path of the mask, %NULL if there is none
 */
char  *nmd_mask_find_beside (const char *image_path) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
