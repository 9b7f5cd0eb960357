/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of controls for screen readers, where GTK 4.8 takes none from the tooltip.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Accessible names at and below @widget, once for each window: a button that shows an icon has the first line of its
 * tooltip, one with a mnemonic its text without the underscore, a drop-down's own button the name of the drop-down. */
void nmd_control_names_set (GtkWidget *widget);

G_END_DECLS
