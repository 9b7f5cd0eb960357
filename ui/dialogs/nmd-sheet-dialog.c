/* SPDX-License-Identifier: Apache-2.0
 *
 * The dialogs of a contact sheet. Asking the model is the session's, drawing ui/plot's.
 */
#include "ui/dialogs/nmd-sheet-dialog.h"

#include "ui/dialogs/nmd-file-dialog.h"
#include "ui/plot/nmd-contact-sheet.h"
#include "ui/widgets/nmd-control-names.h"

#include <glib/gi18n.h>

#define USUAL 24

#define NMD_TYPE_SHEET_WISH (nmd_sheet_wish_get_type ())
G_DECLARE_FINAL_TYPE (NmdSheetWish, nmd_sheet_wish, NMD, SHEET_WISH, GObject)

/* A sheet that is wanted: lives with the dialogs. */
struct _NmdSheetWish
{
  GObject parent_instance;

  GtkWindow *parent; /* (nullable), weak: the window */
  NmdSheetStyle style;
  GPtrArray *samples;
  NmdNotices *notices;
  NmdExplanationSession *session;
  GtkSpinButton *number;
  char *path;
  NmdSheet *sheet;     /* (nullable): while it is made */
  GtkWindow *progress; /* (nullable) likewise */
  GtkProgressBar *bar;
};

G_DEFINE_FINAL_TYPE (NmdSheetWish, nmd_sheet_wish, G_TYPE_OBJECT)

static void
nmd_sheet_wish_finalize (GObject *object)
{
  NmdSheetWish *self = NMD_SHEET_WISH (object);

  g_clear_weak_pointer (&self->parent);
  g_free ((char *)self->style.layer);
  g_clear_pointer (&self->samples, g_ptr_array_unref);
  g_clear_object (&self->notices);
  g_clear_object (&self->session);
  g_clear_object (&self->sheet);
  g_free (self->path);
  G_OBJECT_CLASS (nmd_sheet_wish_parent_class)->finalize (object);
}

static void
nmd_sheet_wish_class_init (NmdSheetWishClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_sheet_wish_finalize;
}

static void
nmd_sheet_wish_init (NmdSheetWish *self)
{
}

static NmdSheetWish *
wish_new (GtkWidget *page,
          const NmdSheetStyle *style,
          GListModel *model,
          NmdNotices *notices,
          NmdExplanationSession *session)
{
  NmdSheetWish *self = g_object_new (NMD_TYPE_SHEET_WISH, NULL);
  guint n = MIN (g_list_model_get_n_items (model), NMD_CONTACT_SHEET_MAX);

  g_set_weak_pointer (&self->parent, GTK_WINDOW (gtk_widget_get_root (page)));
  self->style = *style;
  self->style.layer = g_strdup (style->layer);
  self->samples = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->samples, g_list_model_get_item (model, i));
  self->notices = g_object_ref (notices);
  self->session = g_object_ref (session);
  return self;
}

/* Making it */

static void
on_fraction (NmdSheetWish *self)
{
  guint done = 0, n = nmd_sheet_get_n (self->sheet, &done);
  /* Translators: how many images of how many are done */
  g_autofree char *text = g_strdup_printf (_ ("%u of %u images"), done, n);

  gtk_progress_bar_set_fraction (self->bar, (double)done / n);
  gtk_progress_bar_set_text (self->bar, text);
}

static void
on_stop (NmdSheetWish *self)
{
  if (self->sheet != NULL)
    nmd_sheet_cancel (self->sheet);
}

static void
on_ended (NmdSheet *sheet, GBytes *bytes, const GError *error, NmdSheetWish *self)
{
  GtkWindow *progress = g_steal_pointer (&self->progress);

  if (!nmd_notices_is_closed (self->notices))
    {
      nmd_notices_error (self->notices, error);
      if (bytes != NULL)
        nmd_explanation_session_save (self->session, self->path,
                                      nmd_content_new_bytes (g_bytes_ref (bytes)), NULL,
                                      NULL);
    }
  g_clear_object (&self->sheet);
  if (progress != NULL)
    gtk_window_destroy (progress);
  g_object_unref (self);
}

static void
on_progress_destroyed (NmdSheetWish *self)
{
  self->progress = NULL;
  on_stop (self);
}

static void
show_progress (NmdSheetWish *self)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
      adw_message_dialog_new (self->parent, _ ("Making the Contact Sheet"), NULL));

  self->progress = GTK_WINDOW (dialog);
  gtk_window_set_destroy_with_parent (self->progress, TRUE);
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_progress_bar_set_show_text (self->bar, TRUE);
  adw_message_dialog_set_extra_child (dialog, GTK_WIDGET (self->bar));
  adw_message_dialog_add_response (dialog, "stop", _ ("_Stop"));
  adw_message_dialog_set_close_response (dialog, "stop");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_stop), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "destroy", G_CALLBACK (on_progress_destroyed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sheet, "notify::fraction", G_CALLBACK (on_fraction),
                           self, G_CONNECT_SWAPPED);
  on_fraction (self);
  gtk_window_present (self->progress);
}

/* Takes @self over. */
static void
make (NmdSheetWish *self, const char *path)
{
  const NmdSheetRequest request = { .samples = self->samples,
                                    .method = self->style.method,
                                    .target = self->style.target,
                                    .layer = self->style.layer,
                                    .colours = self->style.colours,
                                    .opacity = self->style.opacity,
                                    .show_outline = self->style.show_outline };

  gboolean is_whole = g_str_has_suffix (path, ".pdf") || g_str_has_suffix (path, ".PDF");
  g_free (self->path);
  self->path = g_strconcat (path, is_whole ? NULL : ".pdf", NULL);
  /* The desktop asked about the name that was typed, not about this one. */
  if (!is_whole && g_file_test (self->path, G_FILE_TEST_EXISTS))
    {
      g_autofree char *text = g_strdup_printf (
          _ ("%s is there already: choose another name, or this one with its ending"),
          self->path);
      nmd_notices_problem (self->notices, text);
      g_object_unref (self);
      return;
    }
  self->sheet = nmd_explanation_session_new_sheet (self->session, &request);
  if (self->sheet == NULL)
    {
      g_object_unref (self);
      return;
    }
  if (self->parent != NULL)
    show_progress (self);
  g_signal_connect (self->sheet, "ended", G_CALLBACK (on_ended), self);
  nmd_sheet_start (self->sheet);
}

void
nmd_sheet_dialog_make (GtkWidget *page,
                       const NmdSheetStyle *style,
                       GListModel *model,
                       guint n,
                       NmdNotices *notices,
                       NmdExplanationSession *session,
                       const char *path)
{
  g_return_if_fail (style != NULL && path != NULL);

  NmdSheetWish *self = wish_new (page, style, model, notices, session);
  g_ptr_array_set_size (self->samples, (int)MIN (n, self->samples->len));
  if (self->samples->len > 0)
    make (self, path);
  else
    g_object_unref (self);
}

/* Asking */

static void
on_path (const char *path, gpointer wish)
{
  make (g_object_ref (wish), path);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, NmdSheetWish *self)
{
  static const char *const endings[] = { "pdf", NULL };
  const NmdFileRequest request = { .title = _ ("Save Contact Sheet"),
                                   .action = GTK_FILE_CHOOSER_ACTION_SAVE,
                                   .filter_name = _ ("PDF"),
                                   .suffixes = endings,
                                   .name = _ ("contact-sheet.pdf") };

  if (!g_str_equal (response, "choose") || self->parent == NULL)
    return;
  gtk_spin_button_update (self->number);
  g_ptr_array_set_size (self->samples, gtk_spin_button_get_value_as_int (self->number));
  /* The file dialog's answer comes later: the window keeps the wish for it. */
  g_object_set_data_full (G_OBJECT (self->parent), "nmd-sheet-wish", g_object_ref (self),
                          g_object_unref);
  nmd_file_dialog_present (GTK_WIDGET (self->parent), &request, on_path, G_OBJECT (self));
}

void
nmd_sheet_dialog_present (GtkWidget *page,
                          const NmdSheetStyle *style,
                          GListModel *model,
                          NmdNotices *notices,
                          NmdExplanationSession *session)
{
  g_return_if_fail (style != NULL && G_IS_LIST_MODEL (model));

  guint n = MIN (g_list_model_get_n_items (model), NMD_CONTACT_SHEET_MAX);
  if (n == 0)
    return;
  NmdSheetWish *self = wish_new (page, style, model, notices, session);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      self->parent, _ ("Contact Sheet"),
      _ ("A PDF of the images in the list, in their order, twelve on a page: each with "
         "its "
         "map, name, score, class and method, as they are chosen on this page.")));
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *list = gtk_list_box_new ();

  self->number = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (1, n, 1));
  gtk_spin_button_set_value (self->number, MIN (n, USUAL));
  gtk_widget_set_valign (GTK_WIDGET (self->number), GTK_ALIGN_CENTER);
  g_object_set (gtk_editable_get_delegate (GTK_EDITABLE (self->number)),
                "activates-default", TRUE, NULL);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Images"));
  g_autofree char *of = g_strdup_printf (
      ngettext ("%u in the list", "%u in the list", g_list_model_get_n_items (model)),
      g_list_model_get_n_items (model));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), of);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (self->number));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), GTK_WIDGET (self->number));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->number),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Images"), -1);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  adw_message_dialog_set_extra_child (dialog, list);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "choose",
                                    _ ("_Choose File…"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "choose", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "choose");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), self,
                         (GClosureNotify)(void (*) (void))g_object_unref, 0);
  nmd_control_names_set (GTK_WIDGET (dialog));
  gtk_window_present (GTK_WINDOW (dialog));
}
