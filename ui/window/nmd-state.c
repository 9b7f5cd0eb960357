/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings of the window. Which choices a page keeps is the page's.
 */
#include "ui/window/nmd-state.h"

#include <string.h>

GSettings *
nmd_state_find_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, "org.nmdassist.NmdAssist", TRUE);
  return schema != NULL ? g_settings_new ("org.nmdassist.NmdAssist") : NULL;
}

void
nmd_state_save (GSettings *settings, GtkWindow *window, const char *page)
{
  int width = 0, height = 0;

  g_return_if_fail (GTK_IS_WINDOW (window));
  if (settings == NULL)
    return;
  gtk_window_get_default_size (window, &width, &height);
  g_settings_set_int (settings, "window-width", MAX (width, 640));
  g_settings_set_int (settings, "window-height", MAX (height, 480));
  g_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
  if (page != NULL)
    g_settings_set_string (settings, "page", page);
}

void
nmd_state_restore (GSettings *settings, GtkWindow *window)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  if (settings == NULL)
    return;
  gtk_window_set_default_size (window, g_settings_get_int (settings, "window-width"),
                               g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (window);
}

/* Theme */

static void
renew_theme (GSettings *settings)
{
  g_autofree char *theme = g_settings_get_string (settings, "theme");

  adw_style_manager_set_color_scheme (
      adw_style_manager_get_default (),
      g_str_equal (theme, "dark")    ? ADW_COLOR_SCHEME_FORCE_DARK
      : g_str_equal (theme, "light") ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                     : ADW_COLOR_SCHEME_DEFAULT);
}

static void
on_theme (GSettings *settings, const char *key, GtkWindow *window)
{
  renew_theme (settings);
}

void
nmd_state_follow_theme (GSettings *settings, GtkWindow *window)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  if (settings == NULL)
    return;
  g_signal_connect_object (settings, "changed::theme", G_CALLBACK (on_theme), window, 0);
  renew_theme (settings);
}

/* Threads */

static void
on_threads (GSettings *settings, const char *key, NmdDeviceSession *devices)
{
  nmd_device_session_set_threads (devices, g_settings_get_int (settings, key));
}

void
nmd_state_follow_threads (GSettings *settings, NmdDeviceSession *devices)
{
  g_return_if_fail (NMD_IS_DEVICE_SESSION (devices));
  if (settings == NULL)
    return;
  g_signal_connect_object (settings, "changed::threads", G_CALLBACK (on_threads), devices,
                           0);
  on_threads (settings, "threads", devices);
}

/* What was opened */

void
nmd_state_note_opened (GSettings *settings, const char *path)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_return_if_fail (path != NULL);
  /* Settings hold UTF-8 only, names of files are any bytes. */
  if (settings == NULL || !g_settings_get_boolean (settings, "remember-opened")
      || !g_utf8_validate (path, -1, NULL))
    return;
  g_auto (GStrv) former = g_settings_get_strv (settings, "opened");
  guint n = 1;
  g_strv_builder_add (builder, path);
  for (guint i = 0; former[i] != NULL && n < NMD_STATE_MOST_RECENT; i++)
    if (!g_str_equal (former[i], path))
      {
        g_strv_builder_add (builder, former[i]);
        n++;
      }
  g_auto (GStrv) now = g_strv_builder_end (builder);
  if (!g_strv_equal ((const char *const *)former, (const char *const *)now))
    g_settings_set_strv (settings, "opened", (const char *const *)now);
}

/* Underscores are letters of names here, not signs of keys. */
static char *
menu_label (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_auto (GStrv) parts = g_strsplit (name, "_", -1);

  return g_strjoinv ("__", parts);
}

static void
renew_recent (GSettings *settings, const char *key, GMenu *menu)
{
  g_auto (GStrv) opened = g_settings_get_strv (settings, "opened");

  /* Switched off, what was on the list is gone. */
  if (!g_settings_get_boolean (settings, "remember-opened"))
    {
      if (*opened != NULL)
        g_settings_reset (settings, "opened");
      g_menu_remove_all (menu);
      return;
    }
  g_menu_remove_all (menu);
  for (guint i = 0; opened[i] != NULL; i++)
    {
      g_autofree char *label = menu_label (opened[i]);
      g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

      g_menu_item_set_action_and_target (item, "win.open-recent", "s", opened[i]);
      g_menu_append_item (menu, item);
    }
}

void
nmd_state_fill_recent (GSettings *settings, GMenu *menu, GtkWindow *window)
{
  g_return_if_fail (G_IS_MENU (menu) && GTK_IS_WINDOW (window));
  if (settings == NULL)
    return;
  g_signal_connect_object (settings, "changed::opened", G_CALLBACK (renew_recent), menu,
                           0);
  g_signal_connect_object (settings, "changed::remember-opened",
                           G_CALLBACK (renew_recent), menu, 0);
  renew_recent (settings, NULL, menu);
}

char *
nmd_state_dup_last (GSettings *settings)
{
  if (settings == NULL || !g_settings_get_boolean (settings, "remember-opened")
      || !g_settings_get_boolean (settings, "open-last"))
    return NULL;
  g_auto (GStrv) opened = g_settings_get_strv (settings, "opened");
  return *opened != NULL && g_file_test (*opened, G_FILE_TEST_EXISTS) ? g_strdup (*opened)
                                                                      : NULL;
}
