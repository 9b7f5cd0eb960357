/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of the details.
 */
#include "config.h"

#include "ui/window/nmd-details.h"

#include <adwaita.h>
#include <locale.h>

char *
nmd_details_new (const char *sentence, NmdDeviceSession *devices)
{
  g_autoptr (GString) text = g_string_new (sentence);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format_iso8601 (now);
  g_autofree char *system = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  const char *language = setlocale (LC_MESSAGES, NULL);

  g_return_val_if_fail (sentence != NULL, NULL);
  g_string_append_printf (text, "\n\n%s\nnmd-assist %s\n", when, NMD_VERSION);
  g_string_append_printf (text, "GTK %u.%u.%u, libadwaita %u.%u.%u, GLib %u.%u.%u\n",
                          gtk_get_major_version (), gtk_get_minor_version (),
                          gtk_get_micro_version (), adw_get_major_version (),
                          adw_get_minor_version (), adw_get_micro_version (),
                          glib_major_version, glib_minor_version, glib_micro_version);
  g_string_append_printf (text, "%s, %s, %u processors\n",
                          system != NULL ? system : "unknown system",
                          language != NULL ? language : "C", g_get_num_processors ());
  if (devices != NULL)
    g_string_append_printf (text, "Device: %s\n", nmd_device_session_get (devices));
  return g_string_free (g_steal_pointer (&text), FALSE);
}
