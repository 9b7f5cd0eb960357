/* SPDX-License-Identifier: Apache-2.0
 *
 * Tab in a long list: it goes on to what comes after the list, not to its next row; the arrow keys walk the rows.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Tab and Shift+Tab in @list (a list, grid or column view) leave it. */
void nmd_tab_leaves_set (GtkWidget *list);

G_END_DECLS
