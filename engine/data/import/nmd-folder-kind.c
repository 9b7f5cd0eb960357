/* SPDX-License-Identifier: Apache-2.0
 *
 * Words that folders of data sets are called by.
 */
#include "engine/data/import/nmd-pairing-private.h"
#include "engine/data/nmd-split.h"

static const struct
{
  const char *name;
  NmdFolderKind kind;
} folder_words[] = {
  { "mask", NMD_FOLDER_MASKS },
  { "masks", NMD_FOLDER_MASKS },
  { "gt", NMD_FOLDER_MASKS },
  { "groundtruth", NMD_FOLDER_MASKS },
  { "ground_truth", NMD_FOLDER_MASKS },
  { "ground-truth", NMD_FOLDER_MASKS },
  { "ground truth", NMD_FOLDER_MASKS },
  { "label", NMD_FOLDER_MASKS },
  { "labels", NMD_FOLDER_MASKS },
  { "seg", NMD_FOLDER_MASKS },
  { "segmentation", NMD_FOLDER_MASKS },
  { "segmentations", NMD_FOLDER_MASKS },
  { "segmentationclass", NMD_FOLDER_MASKS },
  { "annotation", NMD_FOLDER_MASKS },
  { "annotations", NMD_FOLDER_MASKS },
  { "outline", NMD_FOLDER_MASKS },
  { "outlines", NMD_FOLDER_MASKS },
  { "image", NMD_FOLDER_IMAGES },
  { "images", NMD_FOLDER_IMAGES },
  { "img", NMD_FOLDER_IMAGES },
  { "imgs", NMD_FOLDER_IMAGES },
  { "scans", NMD_FOLDER_IMAGES },
  { "jpegimages", NMD_FOLDER_IMAGES },
  { "original", NMD_FOLDER_ORIGINALS },
  { "originals", NMD_FOLDER_ORIGINALS },
  { "raw", NMD_FOLDER_ORIGINALS },
};

NmdFolderKind
nmd_folder_get_kind (const char *name)
{
  NmdPart part;

  g_return_val_if_fail (name != NULL, NMD_FOLDER_PLAIN);

  for (guint i = 0; i < G_N_ELEMENTS (folder_words); i++)
    if (g_ascii_strcasecmp (name, folder_words[i].name) == 0)
      return folder_words[i].kind;
  if (nmd_part_parse (name, &part) && part != NMD_PART_NONE)
    return NMD_FOLDER_PART;
  return NMD_FOLDER_PLAIN;
}
