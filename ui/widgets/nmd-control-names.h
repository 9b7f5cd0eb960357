/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of controls for screen readers, where GTK 4.8 takes none from the tooltip.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Gives every button at or below @widget that shows an icon its tooltip as accessible name. */
void nmd_control_names_set (GtkWidget *widget);

G_END_DECLS
