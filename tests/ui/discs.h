/* SPDX-License-Identifier: Apache-2.0
 *
 * Bright discs with masks, and a network that has learnt to find them: for tests of outlines.
 */
#pragma once

#include "engine/image/nmd-image.h"

#define DISCS_SIDE 64 /* pixels of an image, each way */

/* Draws disc @i and its mask into images of DISCS_SIDE. */
void  discs_draw  (int         i,
                   NmdImage   *image,
                   NmdImage   *mask);

/* @n images in the folder @name of the test's own, the mask of each beside it if @masks. Returns: the manifest. */
char *discs_write (const char *name,
                   int         n,
                   gboolean    masks) G_GNUC_WARN_UNUSED_RESULT;

/* As nmd train --task segment does, into the folder of runs. Returns: the run's folder. */
char *discs_train (const char *manifest,
                   const char *epochs) G_GNUC_WARN_UNUSED_RESULT;
