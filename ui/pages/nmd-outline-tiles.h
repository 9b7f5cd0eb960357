/* SPDX-License-Identifier: Apache-2.0
 *
 * Dice, IoU, distances, agreement of echo intensity and failures side by side, with their 95 % intervals.
 */
#pragma once

#include "engine/eval/nmd-outline-table.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_OUTLINE_TILES (nmd_outline_tiles_get_type ())
G_DECLARE_FINAL_TYPE (NmdOutlineTiles, nmd_outline_tiles, NMD, OUTLINE_TILES, GtkBox)

/* Shows @results; nothing of it is kept. */
void nmd_outline_tiles_show (NmdOutlineTiles         *self,
                             const NmdOutlineResults *results);

G_END_DECLS
