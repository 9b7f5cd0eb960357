/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions for what to open. What a path is, is the session's to find out.
 */
#include "ui/window/nmd-opening.h"

#include "ui/dialogs/nmd-file-dialog.h"

#include <glib/gi18n.h>

static void
on_path (const char *path, gpointer session)
{
  nmd_app_session_open (session, path);
}

void
nmd_opening_ask (GtkWidget *widget, NmdAppSession *session, const char *action)
{
  static const char *const files[] = { "csv", "zip", "tar.gz", "tgz", "tar", NULL };
  static const char *const images[]
      = { "png", "jpg", "jpeg", "bmp", "tif", "tiff", "dcm", NULL };
  NmdFileRequest request = { .action = GTK_FILE_CHOOSER_ACTION_OPEN };

  g_return_if_fail (GTK_IS_WIDGET (widget) && NMD_IS_APP_SESSION (session));
  if (g_str_has_suffix (action, "open-image"))
    {
      request.title = _ ("Open an Image");
      request.filter_name = _ ("Images");
      request.suffixes = images;
    }
  else if (g_str_has_suffix (action, "open-file"))
    {
      request.title = _ ("Open a Data Set");
      request.filter_name = _ ("Tables and archives");
      request.suffixes = files;
    }
  else
    {
      request.title = g_str_has_suffix (action, "open-run") ? _ ("Open a Training Run")
                                                            : _ ("Open a Data Set");
      request.action = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER;
    }
  nmd_file_dialog_present (widget, &request, on_path, G_OBJECT (session));
}
