/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of keys. The shortcuts window (resources/nmd-shortcuts.ui) lists them.
 */
#include "ui/window/nmd-accels.h"

void
nmd_accels_set (GtkApplication *application)
{
  const struct
  {
    const char *action;
    const char *keys[3];
  } accels[] = {
    { "app.quit", { "<Control>q" } },
    { "app.new-window", { "<Control>n" } },
    { "win.open-folder", { "<Control>o" } },
    { "win.open-image", { "<Control><Shift>o" } },
    { "win.page::scan", { "<Alt>1" } },
    { "win.page::data", { "<Alt>2" } },
    { "win.page::train", { "<Alt>3" } },
    { "win.page::results", { "<Alt>4" } },
    { "win.page::explain", { "<Alt>5" } },
    { "win.page::experiments", { "<Alt>6" } },
    { "win.train", { "<Control>t" } },
    { "win.stop", { "<Control>period" } },
    { "win.next-image", { "<Control>Page_Down" } },
    { "win.previous-image", { "<Control>Page_Up" } },
    { "win.copy-picture", { "<Control><Shift>c" } },
    { "win.save-picture", { "<Control>s" } },
    { "win.preferences", { "<Control>comma" } },
    { "win.show-help-overlay", { "<Control>question" } },
    { "win.help", { "F1" } },
    { "window.close", { "<Control>w" } },
  };

  g_return_if_fail (GTK_IS_APPLICATION (application));
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (application, accels[i].action, accels[i].keys);
}
