/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a data set: train, validation, test; and the words that tables and folders have for
 * them. A data set may state the part of each image (NmdSample.part); which part an image gets in a
 * training is nmd-split.h's.
 * Threads: any.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  NMD_PART_NONE,        /* not used (limit), or not stated */
  NMD_PART_TRAIN,
  NMD_PART_VALIDATION,
  NMD_PART_TEST,
} NmdPart;

/* "train", "validation", "test", "none". */
const char *nmd_part_get_name (NmdPart     part);

/* Reads train, training; validation, val, valid, dev; test, testing; none or "" (any case, blanks
 * around it dropped); FALSE for other words. */
gboolean    nmd_part_parse    (const char *word,
                               NmdPart    *part);

G_END_DECLS
