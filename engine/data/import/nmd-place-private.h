/* SPDX-License-Identifier: Apache-2.0
 *
 * Where an image lies, in a form in which the name that a file of outlines gives can be compared with it.
 * Pure functions of text. Threads: any.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The place of @path as seen from @folder: case folded, without the ending, ".", ".." and folders that only
 * say what kind of files they hold ("images", "masks", "annotations", "labelme" …):
 * "Images/BENIGN/a.PNG" gives "benign/a". Returns: (transfer full). */
char       *nmd_place_normalise   (const char *folder,
                                   const char *path) G_GNUC_WARN_UNUSED_RESULT;

/* What follows the last '/' of @place; borrowed. */
const char *nmd_place_last_part   (const char *place);

/* How many parts of two places agree, from the last on; 0 if the file names differ. */
guint       nmd_place_count_same  (const char *a,
                                   const char *b);

/* The file name @stem (folded, no ending) without what ImageJ's users add: "roiset_a", "a_rois", "a-roi"
 * are "a". Returns: (transfer full). */
char       *nmd_place_without_roi (const char *stem) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
