/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys of a whole page, wherever its focus is; those of the canvas are nmd-image-view.h's and nmd-view-input.h's.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A part of the page, and what of it takes the focus. */
typedef struct
{
  GtkWidget *area, *first;
} NmdPane;

/* F6 goes from one of the @n @panes to the next that is on screen, Shift+F6 back; Ctrl+Shift+S presses
 * @save_mask. The first pane takes the focus when it comes on screen for the first time. All are children
 * of @page. */
void nmd_scan_keys_attach (GtkWidget     *page,
                           const NmdPane *panes,
                           guint          n,
                           GtkWidget     *save_mask);

G_END_DECLS
