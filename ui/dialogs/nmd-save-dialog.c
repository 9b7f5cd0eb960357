/* SPDX-License-Identifier: Apache-2.0
 *
 * Name check, dialog and hand-over of what is saved. Writing is the session's.
 */
#include "ui/dialogs/nmd-save-dialog.h"

#include <string.h>

static gboolean
has_ending (const NmdSaveRequest *request, const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  const char *dot = strrchr (lower, '.');

  return dot != NULL && g_strv_contains (request->endings, dot + 1);
}

void
nmd_save_dialog_present (GtkWidget *page,
                         const NmdSaveRequest *request,
                         const char *name,
                         NmdFileFunc chosen)
{
  const NmdFileRequest file = { request->title,
                                GTK_FILE_CHOOSER_ACTION_SAVE,
                                request->endings_text,
                                request->endings,
                                NULL,
                                name };

  g_return_if_fail (GTK_IS_WIDGET (page) && name != NULL);
  nmd_file_dialog_present (page, &file, chosen, G_OBJECT (page));
}

void
nmd_save_dialog_save_as (gpointer page,
                         const NmdSaveRequest *request,
                         NmdNotices *notices,
                         NmdExplanationSession *session,
                         const char *path)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_EXPLANATION_SESSION (session));
  g_return_if_fail (path != NULL);
  if (!has_ending (request, path))
    {
      g_autofree char *name = g_path_get_basename (path);
      g_auto (GStrv) parts = g_strsplit (request->refusal, "%s", 2);
      g_autofree char *text = g_strjoinv (name, parts);
      nmd_notices_problem (notices, text);
      return;
    }
  NmdContent *content = request->render (page, path, &error);
  if (content != NULL)
    nmd_explanation_session_save (session, path, content, request->saved,
                                  G_OBJECT (page));
  else
    nmd_notices_error (notices, error);
}
