/* SPDX-License-Identifier: Apache-2.0
 *
 * Files and folders by the desktop's dialog. What is done with them is the caller's.
 */
#include "ui/dialogs/nmd-file-dialog.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdFileFunc func;
  GWeakRef object;
} Request;

static void
request_free (gpointer data, GClosure *closure)
{
  Request *request = data;

  g_weak_ref_clear (&request->object);
  g_free (request);
}

static void
stay_silent (GtkRecentManager *manager)
{
}

/* GTK's file dialog puts what was chosen into the list of recently used files, and the list's class
 * function writes it out. Without that function this program's list stays in memory, and the user's
 * file is not touched. */
static void
leave_no_trace (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      GtkRecentManagerClass *klass = g_type_class_ref (GTK_TYPE_RECENT_MANAGER);
      klass->changed = stay_silent;
      g_once_init_leave (&done, 1);
    }
}

static gboolean
let_go (gpointer dialog)
{
  return G_SOURCE_REMOVE;
}

/* The dialog goes when its own handlers are through: where the desktop has none, GTK's is a window that is destroyed with
 * it, and its chooser still reads names that it was asked for and notes the file after the answer. */
static void
on_response (GtkNativeDialog *dialog, int response, Request *request)
{
  g_autoptr (GObject) object = g_weak_ref_get (&request->object);
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL && g_file_peek_path (file) != NULL && object != NULL)
    request->func (g_file_peek_path (file), object);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, let_go, dialog, g_object_unref);
}

static void
add_filter (GtkFileChooser *chooser, const NmdFileRequest *request)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, request->filter_name);
  for (guint i = 0; request->suffixes[i] != NULL; i++)
    gtk_file_filter_add_suffix (filter, request->suffixes[i]);
  gtk_file_chooser_add_filter (chooser, filter);
}

/* What a file is, its content says: scanners write DICOM files without an ending. */
static void
add_all (GtkFileChooser *chooser)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("All files"));
  gtk_file_filter_add_pattern (filter, "*");
  gtk_file_chooser_add_filter (chooser, filter);
}

void
nmd_file_dialog_present (GtkWidget *widget,
                         const NmdFileRequest *wanted,
                         NmdFileFunc func,
                         GObject *object)
{
  g_return_if_fail (GTK_IS_WIDGET (widget) && wanted != NULL && func != NULL);

  leave_no_trace ();
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      wanted->title, GTK_WINDOW (root), wanted->action, NULL, NULL);
  GtkFileChooser *chooser = GTK_FILE_CHOOSER (dialog);
  Request *request = g_new0 (Request, 1);

  request->func = func;
  g_weak_ref_init (&request->object, object);
  if (wanted->suffixes != NULL)
    add_filter (chooser, wanted);
  if (wanted->suffixes != NULL && wanted->action == GTK_FILE_CHOOSER_ACTION_OPEN)
    add_all (chooser);
  if (wanted->folder != NULL)
    {
      g_autoptr (GFile) folder = g_file_new_for_path (wanted->folder);
      /* Where it is gone, the dialog begins where it likes. */
      gtk_file_chooser_set_current_folder (chooser, folder, NULL);
    }
  if (wanted->name != NULL)
    gtk_file_chooser_set_current_name (chooser, wanted->name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), request,
                         request_free, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}
