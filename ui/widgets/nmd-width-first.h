/* SPDX-License-Identifier: Apache-2.0
 *
 * What a page of a stack shows: its height follows from its width, never the other way round. GtkStack asks its page how wide
 * it is at the height it has, for which each label that wraps lays its text out some twenty times; a bin answers with its width
 * whatever the height.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_WIDTH_FIRST (nmd_width_first_get_type ())
G_DECLARE_FINAL_TYPE (NmdWidthFirst, nmd_width_first, NMD, WIDTH_FIRST, AdwBin)

/* @child: (transfer none): floating, as widgets are. */
GtkWidget *nmd_width_first_new (GtkWidget *child);

G_END_DECLS
