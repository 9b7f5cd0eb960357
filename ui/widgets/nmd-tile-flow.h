/* SPDX-License-Identifier: Apache-2.0
 *
 * Tiles of numbers: in one line where there is room, in two with large text.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Returns: (transfer floating): an empty flow box for @n tiles of one width. */
GtkWidget *nmd_tile_flow_new (guint n);

G_END_DECLS
