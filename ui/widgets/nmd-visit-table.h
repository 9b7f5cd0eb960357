/* SPDX-License-Identifier: Apache-2.0
 *
 * The averages of a visit: a row a muscle, left beside right with the difference.
 */
#pragma once

#include "ui/session/nmd-visit-item.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Fills @grid anew with what @items (of NmdVisitItem) say together; hidden while that is nothing. */
void nmd_visit_table_fill (GtkGrid    *grid,
                           GListModel *items);

G_END_DECLS
