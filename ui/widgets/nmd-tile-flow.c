/* SPDX-License-Identifier: Apache-2.0
 *
 * A flow box for tiles, which are looked at, not chosen.
 */
#include "ui/widgets/nmd-tile-flow.h"

GtkWidget *
nmd_tile_flow_new (guint n)
{
  GtkWidget *widget = gtk_flow_box_new ();
  GtkFlowBox *flow = GTK_FLOW_BOX (widget);

  gtk_flow_box_set_selection_mode (flow, GTK_SELECTION_NONE);
  gtk_flow_box_set_min_children_per_line (flow, (n + 1) / 2);
  gtk_flow_box_set_max_children_per_line (flow, n);
  gtk_flow_box_set_homogeneous (flow, TRUE);
  gtk_flow_box_set_column_spacing (flow, 6);
  gtk_widget_set_can_focus (widget, FALSE);
  gtk_widget_set_hexpand (widget, TRUE);
  return widget;
}
