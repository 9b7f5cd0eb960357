/* SPDX-License-Identifier: Apache-2.0
 *
 * From tooltips to accessible names.
 */
#include "ui/widgets/nmd-control-names.h"

static void
set_name (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
}

/* The tooltip's first line; the others help, and are read as a description. */
static void
name_by_tip (GtkWidget *widget)
{
  const char *tip = gtk_widget_get_tooltip_text (widget);

  if (tip == NULL)
    return;
  g_auto (GStrv) lines = g_strsplit (tip, "\n", 2);
  set_name (widget, lines[0]);
}

/* GTK tells the text of a button, but not that of a menu button. */
static void
name_menu_button (GtkMenuButton *button)
{
  if (gtk_menu_button_get_label (button) != NULL)
    set_name (GTK_WIDGET (button), gtk_menu_button_get_label (button));
  else
    name_by_tip (GTK_WIDGET (button));
}

/* Of a text with a mnemonic GTK tells both the text with its underscore and the label; the label alone is it. */
static void
drop_underscore (GtkButton *button)
{
  if (gtk_button_get_use_underline (button))
    gtk_accessible_reset_property (GTK_ACCESSIBLE (button),
                                   GTK_ACCESSIBLE_PROPERTY_LABEL);
}

static void
name_button (GtkButton *button)
{
  if (gtk_button_get_label (button) == NULL)
    name_by_tip (GTK_WIDGET (button));
  else
    {
      drop_underscore (button);
      g_signal_connect (button, "notify::label", G_CALLBACK (drop_underscore), NULL);
    }
}

/* The focus goes to a button inside, which has no name of its own. */
static void
name_drop_down (GtkWidget *drop_down)
{
  gtk_accessible_update_relation (GTK_ACCESSIBLE (gtk_widget_get_first_child (drop_down)),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, drop_down, NULL,
                                  -1);
}

void
nmd_control_names_set (GtkWidget *widget)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));

  if (GTK_IS_MENU_BUTTON (widget))
    name_menu_button (GTK_MENU_BUTTON (widget));
  else if (GTK_IS_BUTTON (widget))
    name_button (GTK_BUTTON (widget));
  else if (GTK_IS_DROP_DOWN (widget))
    name_drop_down (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    nmd_control_names_set (child);
}
