/* SPDX-License-Identifier: Apache-2.0
 *
 * Two things in a row, or one below the other where the row is too narrow for both as they want to be. So words stay
 * whole in a small window with large text.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_FOLD_ROW (nmd_fold_row_get_type ())
G_DECLARE_FINAL_TYPE (NmdFoldRow, nmd_fold_row, NMD, FOLD_ROW, GtkWidget)

/* Its children (GtkBuilder's <child>, or gtk_widget_set_parent()) are two at most: the first takes the room that the
 * second leaves. Hidden ones take none. */

/* Pixels between the two; 6 at first. */
void nmd_fold_row_set_spacing (NmdFoldRow *self,
                               int         spacing);

G_END_DECLS
