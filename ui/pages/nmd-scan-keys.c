/* SPDX-License-Identifier: Apache-2.0
 *
 * The Scan page without a pointer: from pane to pane, and what has only a small button.
 */
#include "ui/pages/nmd-scan-keys.h"

typedef struct
{
  NmdPane *panes;
  guint n;
  GtkWidget *save_mask;
} Keys;

static void
keys_free (gpointer data)
{
  Keys *keys = data;

  g_free (keys->panes);
  g_free (keys);
}

static Keys *
get_keys (GtkWidget *page)
{
  return g_object_get_data (G_OBJECT (page), "nmd-scan-keys");
}

/* The pane that has the focus; −1: none. */
static int
find_pane (const Keys *keys, GtkWidget *focus)
{
  for (guint i = 0; focus != NULL && i < keys->n; i++)
    if (focus == keys->panes[i].area
        || gtk_widget_is_ancestor (focus, keys->panes[i].area))
      return (int)i;
  return -1;
}

static gboolean
on_pane (GtkWidget *page, GVariant *by, gpointer data)
{
  const Keys *keys = get_keys (page);
  int n = (int)keys->n, step = g_variant_get_int32 (by);

  if (!gtk_widget_get_mapped (page))
    return FALSE;
  int at = find_pane (keys, gtk_root_get_focus (gtk_widget_get_root (page)));
  if (at < 0)
    at = step > 0 ? -1 : 0;
  for (int i = 1; i <= n; i++)
    {
      GtkWidget *pane = keys->panes[((at + i * step) % n + n) % n].first;
      if (gtk_widget_get_mapped (pane) && gtk_widget_grab_focus (pane))
        break;
    }
  gtk_window_set_focus_visible (GTK_WINDOW (gtk_widget_get_root (page)), TRUE);
  return TRUE;
}

static gboolean
on_save_mask (GtkWidget *page, GVariant *args, gpointer data)
{
  GtkWidget *button = get_keys (page)->save_mask;

  return gtk_widget_get_mapped (button) && gtk_widget_is_sensitive (button)
         && gtk_widget_activate (button);
}

static gboolean
take_focus (GtkWidget *pane, GdkFrameClock *clock, gpointer data)
{
  gtk_widget_grab_focus (pane);
  return G_SOURCE_REMOVE;
}

/* The first scan has come: who opened it by the keyboard goes on in it. The stack that brings it moves the focus
 * itself, so afterwards. */
static void
on_map (GtkWidget *pane)
{
  g_signal_handlers_disconnect_by_func (pane, on_map, NULL);
  gtk_widget_add_tick_callback (pane, take_focus, NULL, NULL);
}

static void
add_shortcut (GtkEventController *controller,
              const char *keys,
              GtkShortcutFunc func,
              GVariant *arguments)
{
  GtkShortcut *shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (keys),
                                            gtk_callback_action_new (func, NULL, NULL));

  gtk_shortcut_set_arguments (shortcut, arguments);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
}

void
nmd_scan_keys_attach (GtkWidget *page,
                      const NmdPane *panes,
                      guint n,
                      GtkWidget *save_mask)
{
  g_return_if_fail (GTK_IS_WIDGET (page) && n > 0 && GTK_IS_WIDGET (save_mask));

  GtkEventController *controller = gtk_shortcut_controller_new ();
  Keys *keys = g_new0 (Keys, 1);
  keys->panes = g_memdup2 (panes, n * sizeof *panes);
  keys->n = n;
  keys->save_mask = save_mask;
  g_object_set_data_full (G_OBJECT (page), "nmd-scan-keys", keys, keys_free);
  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  add_shortcut (controller, "F6", on_pane, g_variant_new_int32 (1));
  add_shortcut (controller, "<Shift>F6", on_pane, g_variant_new_int32 (-1));
  add_shortcut (controller, "<Control><Shift>s", on_save_mask, NULL);
  gtk_widget_add_controller (page, controller);
  g_signal_connect_after (panes[0].first, "map", G_CALLBACK (on_map), NULL);
}
