/* SPDX-License-Identifier: Apache-2.0
 *
 * Actions on the shown run. Doing them is the session's.
 */
#include "ui/pages/nmd-run-menu.h"

#include "ui/dialogs/nmd-notes-dialog.h"
#include "ui/dialogs/nmd-question.h"

#include <glib/gi18n.h>

#define SESSION "nmd-runs-session"
#define ASKED "nmd-run-asked"

static NmdRunsSession *
get_session (gpointer button)
{
  return g_object_get_data (button, SESSION);
}

static NmdRunItem *
get_run (gpointer button)
{
  return nmd_runs_session_get_shown (get_session (button));
}

static void
on_notes (GSimpleAction *action, GVariant *parameter, gpointer button)
{
  nmd_notes_dialog_present (button, get_session (button), get_run (button));
}

static void
on_reveal (GSimpleAction *action, GVariant *parameter, gpointer button)
{
  g_autofree char *uri = g_filename_to_uri (get_run (button)->folder, NULL, NULL);

  if (uri != NULL)
    gtk_show_uri (GTK_WINDOW (gtk_widget_get_root (button)), uri, GDK_CURRENT_TIME);
}

/* The run that the question named, whichever is shown by now. */
static void
trash (gpointer button)
{
  nmd_runs_session_trash (get_session (button), g_object_get_data (button, ASKED));
}

static void
on_trash (GSimpleAction *action, GVariant *parameter, gpointer button)
{
  NmdRunItem *run = get_run (button);
  g_autofree char *body = g_strdup_printf (
      /* Translators: a run's title, and its folder */
      _ ("“%s”, the folder %s with its weights, scores and notes, goes to the desktop’s "
         "trash."),
      run->title, run->folder);

  g_object_set_data_full (button, ASKED, g_object_ref (run), g_object_unref);
  nmd_question_present (button, _ ("Move This Run to the Trash?"), body,
                        _ ("_Move to Trash"), trash, button);
}

static void
renew (GtkMenuButton *button)
{
  NmdRunsSession *session = get_session (button);
  gboolean any = nmd_runs_session_get_shown (session) != NULL;
  gboolean trains = nmd_runs_session_is_in_training (session);
  GActionMap *group = g_object_get_data (G_OBJECT (button), "nmd-run-actions");
  GAction *action = g_action_map_lookup_action (group, "trash");

  gtk_widget_set_sensitive (GTK_WIDGET (button), any);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), any && !trains);
}

void
nmd_run_menu_attach (GtkMenuButton *button, NmdRunsSession *session)
{
  static const GActionEntry entries[]
      = { { "notes", on_notes }, { "reveal", on_reveal }, { "trash", on_trash } };
  GSimpleActionGroup *group = g_simple_action_group_new ();
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) loss = g_menu_new ();

  g_return_if_fail (GTK_IS_MENU_BUTTON (button) && NMD_IS_RUNS_SESSION (session));
  g_object_set_data_full (G_OBJECT (button), SESSION, g_object_ref (session),
                          g_object_unref);
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries),
                                   button);
  gtk_widget_insert_action_group (GTK_WIDGET (button), "run", G_ACTION_GROUP (group));
  g_object_set_data_full (G_OBJECT (button), "nmd-run-actions", group, g_object_unref);
  g_menu_append (menu, _ ("_Title, Tags and Note…"), "run.notes");
  g_menu_append (menu, _ ("Show in _Files"), "run.reveal");
  g_menu_append (loss, _ ("_Move to Trash…"), "run.trash");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (loss));
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
  g_signal_connect_object (session, "notify::shown", G_CALLBACK (renew), button,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::in-training", G_CALLBACK (renew), button,
                           G_CONNECT_SWAPPED);
  renew (button);
}
