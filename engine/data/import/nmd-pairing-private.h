/* SPDX-License-Identifier: Apache-2.0
 *
 * Which files of a folder tree are masks, and of which images. Looks at names only; opens nothing.
 *
 * Folders are told by name, in any case: those of masks (mask, masks, gt, groundtruth, label, labels, seg,
 * segmentation(s), annotation(s), outline(s), SegmentationClass, and CLASS_mask or CLASS_masks beside a
 * folder CLASS), of images (image, images, img, imgs, scans, JPEGImages), of originals (original,
 * originals, raw), of parts (train, val, test and the like). A file in a folder of masks is a mask, never
 * a picture.
 *
 * The masks of an image are what the first of these rules finds:
 *
 *   1  the folder or suffix that the user named
 *   2  the same name in a folder of masks: the same path once folders of masks and images are left out
 *      (CLASS/images/a.png and CLASS/masks/a.png, CLASS/a.png and masks/CLASS/a.png or CLASS/gt/a.png)
 *   3  the same name in a folder of masks that several classes share (CLASS/a.png and masks/a.png)
 *   4  the same folder and a suffix: _mask -mask _seg _segmentation _GT _label _tumor _lesion
 *
 * In folders of masks NAME may also carry such a suffix, or "mask_" before it. A suffix may be followed
 * by a number (NAME_mask_1): an image may have several masks. A further rule is a row of the table in
 * nmd-pairing.c.
 *
 * Memory: about 200 bytes and the path twice, a file. Threads: one.
 */
#pragma once

#include "engine/core/nmd-error.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_FOLDER_PLAIN,     /* a class, a subject, anything else */
  NMD_FOLDER_MASKS,
  NMD_FOLDER_IMAGES,
  NMD_FOLDER_ORIGINALS,
  NMD_FOLDER_PART,
} NmdFolderKind;

/* What a folder of that name holds. */
NmdFolderKind nmd_folder_get_kind (const char *name);

typedef struct _NmdPairing NmdPairing;

/**
 * nmd_pairing_new:
 * @files: (element-type utf8): relative paths with '/' of all files that may be an image or a mask
 * @images: (nullable): a set of those that are known to be images, whatever they are called; %NULL where only
 *   names tell. Others may own a mask, but what is not clear of them alone is no error
 * @wish: (nullable): folder or suffix of masks that the user named; a suffix where no folder of @files
 *   has that name
 *
 * Pairs all files. The paths are borrowed.
 *
 * Errors: %NMD_ERROR_REFUSED naming both, if one mask could be of two images; %NMD_ERROR_NEEDS_MASKS if an
 * image has masks in several folders (choices: their names) or @wish fits no file.
 */
NmdPairing      *nmd_pairing_new      (GPtrArray    *files,
                                       GHashTable   *images,
                                       const char   *wish,
                                       GError      **error) G_GNUC_WARN_UNUSED_RESULT;
void             nmd_pairing_free     (NmdPairing   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPairing, nmd_pairing_free)

/* Whether @path is a picture of the data set: no mask, and no original that an image stands for. */
gboolean         nmd_pairing_is_image (NmdPairing   *self,
                                       const char   *path);

/* The masks of the image @path, sorted: paths, borrowed; NULL if it has none. @rule (out) (nullable): the
 * rule that found them as a phrase, static or @self's. */
const GPtrArray *nmd_pairing_find     (NmdPairing   *self,
                                       const char   *path,
                                       const char  **rule);

/* Masks that are of no image, and masks that a rule before found better ones for. */
const GPtrArray *nmd_pairing_get_lone (NmdPairing   *self);

/* Originals that an image stands for. */
const GPtrArray *nmd_pairing_get_originals (NmdPairing *self);

G_END_DECLS
