/* SPDX-License-Identifier: Apache-2.0
 *
 * From tooltips to accessible names.
 */
#include "ui/widgets/nmd-control-names.h"

void
nmd_control_names_set (GtkWidget *widget)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));

  const char *tip = gtk_widget_get_tooltip_text (widget);
  gboolean is_icon
      = (GTK_IS_BUTTON (widget) && gtk_button_get_label (GTK_BUTTON (widget)) == NULL)
        || (GTK_IS_MENU_BUTTON (widget)
            && gtk_menu_button_get_label (GTK_MENU_BUTTON (widget)) == NULL);
  if (is_icon && tip != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
  /* GTK tells the text of a button, but not that of a menu button. */
  else if (GTK_IS_MENU_BUTTON (widget)
           && gtk_menu_button_get_label (GTK_MENU_BUTTON (widget)) != NULL)
    gtk_accessible_update_property (
        GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
        gtk_menu_button_get_label (GTK_MENU_BUTTON (widget)), -1);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    nmd_control_names_set (child);
}
