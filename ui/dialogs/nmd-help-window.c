/* SPDX-License-Identifier: Apache-2.0
 *
 * The help window: there is one a parent.
 */
#include "ui/dialogs/nmd-help-window.h"

#include "ui/widgets/nmd-control-names.h"

struct _NmdHelpWindow
{
  AdwWindow parent_instance;

  GtkStack *pages;
  GtkButton *demo_button;
};

G_DEFINE_FINAL_TYPE (NmdHelpWindow, nmd_help_window, ADW_TYPE_WINDOW)

static void
on_demo (NmdHelpWindow *self)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));

  if (parent != NULL)
    gtk_widget_activate_action (GTK_WIDGET (parent), "win.demo", NULL);
}

static void
nmd_help_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), NMD_TYPE_HELP_WINDOW);
  G_OBJECT_CLASS (nmd_help_window_parent_class)->dispose (object);
}

static void
nmd_help_window_class_init (NmdHelpWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_help_window_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-help-window.ui");
  gtk_widget_class_bind_template_child (widget_class, NmdHelpWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, NmdHelpWindow, demo_button);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
nmd_help_window_init (NmdHelpWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->demo_button, "clicked", G_CALLBACK (on_demo), self);
  nmd_control_names_set (GTK_WIDGET (self));
}

static NmdHelpWindow *
find (GtkWindow *parent)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (NMD_IS_HELP_WINDOW (window) && gtk_window_get_transient_for (window) == parent)
        return NMD_HELP_WINDOW (window);
    }
  return NULL;
}

void
nmd_help_window_present (GtkWindow *parent, const char *page)
{
  g_return_if_fail (GTK_IS_WINDOW (parent));

  NmdHelpWindow *self = find (parent);
  if (self == NULL)
    self = g_object_new (NMD_TYPE_HELP_WINDOW, "transient-for", parent,
                         "destroy-with-parent", TRUE, NULL);
  if (page != NULL && gtk_stack_get_child_by_name (self->pages, page) != NULL)
    gtk_stack_set_visible_child_name (self->pages, page);
  gtk_window_present (GTK_WINDOW (self));
}
