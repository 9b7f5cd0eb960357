/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns of the epochs table.
 */
#pragma once

#include "ui/session/nmd-data-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Epoch (with a star if it is the best so far), losses, measure and time of NmdEpochItems. Returns: (transfer none): the
 * column of the measure, AUC at first; of outlines it is Dice. */
GtkColumnViewColumn *nmd_epoch_columns_add (GtkColumnView *view);

/* Gives them the menu to save and copy them, in CSV as history.csv of a run has them. */
void                 nmd_epoch_columns_set_session (GtkColumnView  *view,
                                                    NmdDataSession *data);

G_END_DECLS
