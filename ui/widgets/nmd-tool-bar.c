/* SPDX-License-Identifier: Apache-2.0
 *
 * Tool buttons. What a tool is called and does is nmd-tools.c's.
 */
#include "ui/widgets/nmd-tool-bar.h"

#include <glib/gi18n.h>

static NmdTool
get_tool (GtkToggleButton *button)
{
  return (NmdTool)GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "tool"));
}

static void
on_toggled (GtkToggleButton *button, NmdImageView *view)
{
  if (gtk_toggle_button_get_active (button))
    nmd_image_view_set_tool (view, get_tool (button));
}

static void
on_tool (NmdImageView *view, GParamSpec *pspec, GtkToggleButton *button)
{
  int tool = 0;

  g_object_get (view, "tool", &tool, NULL);
  if ((int)get_tool (button) == tool)
    gtk_toggle_button_set_active (button, TRUE);
}

void
nmd_tool_bar_fill (GtkBox *box, NmdImageView *view, const NmdTool *tools, guint n)
{
  GtkToggleButton *first = NULL;

  g_return_if_fail (GTK_IS_BOX (box) && NMD_IS_IMAGE_VIEW (view));
  for (guint i = 0; i < n; i++)
    {
      const NmdToolInfo *info = nmd_tool_get_info (tools[i]);
      GtkWidget *button = gtk_toggle_button_new ();
      /* Translators: a tool, its key, and what it does */
      g_autofree char *tip
          = g_strdup_printf (_ ("%s (%c)\n%s"), _ (info->title),
                             g_ascii_toupper ((char)info->key), _ (info->help));
      gtk_button_set_icon_name (GTK_BUTTON (button), info->icon);
      gtk_widget_set_tooltip_text (button, tip);
      gtk_widget_add_css_class (button, "flat");
      gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, _ (info->title), -1);
      g_object_set_data (G_OBJECT (button), "tool", GINT_TO_POINTER (info->tool));
      if (first == NULL)
        first = GTK_TOGGLE_BUTTON (button);
      else
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), first);
      on_tool (view, NULL, GTK_TOGGLE_BUTTON (button));
      g_signal_connect_object (button, "toggled", G_CALLBACK (on_toggled), view, 0);
      g_signal_connect_object (view, "notify::tool", G_CALLBACK (on_tool), button, 0);
      gtk_box_append (box, button);
    }
}

static void
show_help (NmdImageView *view, GParamSpec *pspec, GtkLabel *label)
{
  int tool = 0;
  gboolean by_keys = FALSE;

  g_object_get (view, "tool", &tool, "by-keys", &by_keys, NULL);
  const NmdToolInfo *info = nmd_tool_get_info ((NmdTool)tool);
  const char *text = _ (by_keys && info->keys != NULL ? info->keys : info->help);
  gtk_label_set_text (label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (label), text);
}

void
nmd_tool_bar_help (GtkLabel *label, NmdImageView *view)
{
  g_return_if_fail (GTK_IS_LABEL (label) && NMD_IS_IMAGE_VIEW (view));
  show_help (view, NULL, label);
  g_signal_connect_object (view, "notify::tool", G_CALLBACK (show_help), label, 0);
  g_signal_connect_object (view, "notify::by-keys", G_CALLBACK (show_help), label, 0);
}
