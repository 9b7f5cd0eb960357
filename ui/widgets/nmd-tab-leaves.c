/* SPDX-License-Identifier: Apache-2.0
 *
 * Catches Tab before a list does.
 */
#include "ui/widgets/nmd-tab-leaves.h"

/* Gives the focus to the next widget after @list, up to the window, and then from its start again. */
static gboolean
leave (GtkWidget *list, gboolean forward)
{
  const GtkDirectionType direction = forward ? GTK_DIR_TAB_FORWARD : GTK_DIR_TAB_BACKWARD;

  for (GtkWidget *widget = list; widget != NULL; widget = gtk_widget_get_parent (widget))
    {
      GtkWidget *next = widget;

      if (GTK_IS_NATIVE (widget))
        break;
      while ((next = forward ? gtk_widget_get_next_sibling (next)
                             : gtk_widget_get_prev_sibling (next))
             != NULL)
        if (gtk_widget_get_child_visible (next)
            && gtk_widget_child_focus (next, direction))
          return TRUE;
    }
  return FALSE;
}

static gboolean
on_key (GtkEventControllerKey *controller,
        guint key,
        guint code,
        GdkModifierType state,
        GtkWidget *list)
{
  const GdkModifierType others = GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK;

  if ((state & others) != 0
      || (key != GDK_KEY_Tab && key != GDK_KEY_KP_Tab && key != GDK_KEY_ISO_Left_Tab))
    return GDK_EVENT_PROPAGATE;
  return leave (list, key != GDK_KEY_ISO_Left_Tab && (state & GDK_SHIFT_MASK) == 0);
}

void
nmd_tab_leaves_set (GtkWidget *list)
{
  GtkEventController *controller = gtk_event_controller_key_new ();

  g_return_if_fail (GTK_IS_WIDGET (list));
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect (controller, "key-pressed", G_CALLBACK (on_key), list);
  gtk_widget_add_controller (list, controller);
}
