/* SPDX-License-Identifier: Apache-2.0
 *
 * Decisions and small windows. What has to be decided is said by the import's errors.
 */
#include "ui/dialogs/nmd-dialogs.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-job.h"
#include "engine/data/import/nmd-cache.h"
#include "ui/widgets/nmd-thumbnail.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdAppSession *session;
  NmdDecision decision;
  char *path;
  GtkWidget *entries[4];
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->session);
  g_free (question->path);
  g_free (question);
}

static const char *
entry_text (GtkWidget *entry)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (entry));

  return *text != '\0' ? text : NULL;
}

static void
on_answer (AdwMessageDialog *dialog, const char *response, Question *question)
{
  /* What was decided before stays decided. */
  NmdImportSettings settings = *nmd_app_session_get_import (question->session);

  if (g_strcmp0 (response, "open") != 0)
    return;
  switch (question->decision)
    {
    case NMD_DECISION_POSITIVE:
      settings.positive = entry_text (question->entries[0]);
      break;
    case NMD_DECISION_UNPACK:
      settings.unpack = TRUE;
      break;
    case NMD_DECISION_COLUMNS:
      settings.image_column = entry_text (question->entries[0]);
      settings.mask_column = entry_text (question->entries[1]);
      settings.subject_column = entry_text (question->entries[2]);
      settings.label_column = entry_text (question->entries[3]);
      break;
    }
  nmd_app_session_open_dataset (question->session, question->path, &settings);
}

static void
add_entries (AdwMessageDialog *dialog, Question *question)
{
  const char *const columns[] = { _ ("Image column"), _ ("Mask column (may stay empty)"),
                                  _ ("Subject column"), _ ("Label column") };
  const char *const word[] = { _ ("Word that means pathological") };
  gboolean is_word = question->decision == NMD_DECISION_POSITIVE;
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  for (guint i = 0; i < (is_word ? 1 : G_N_ELEMENTS (columns)); i++)
    {
      question->entries[i] = adw_entry_row_new ();
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (question->entries[i]),
                                     is_word ? word[i] : columns[i]);
      adw_entry_row_set_activates_default (ADW_ENTRY_ROW (question->entries[i]), TRUE);
      gtk_list_box_append (GTK_LIST_BOX (list), question->entries[i]);
    }
  adw_message_dialog_set_extra_child (dialog, list);
}

void
nmd_dialog_ask_decision (GtkWindow *parent,
                         NmdAppSession *session,
                         NmdDecision decision,
                         const char *path,
                         const char *text)
{
  const char *const headings[]
      = { _ ("Which Label Is Pathological?"), _ ("Unpack the Archive?"),
          _ ("Which Columns Are Which?") };
  g_return_if_fail (decision < G_N_ELEMENTS (headings));
  g_autofree char *sentence = g_strdup_printf ("%s.", text);
  GtkWidget *dialog = adw_message_dialog_new (parent, headings[decision], sentence);
  Question *question = g_new0 (Question, 1);

  question->session = g_object_ref (session);
  question->decision = decision;
  question->path = g_strdup (path);
  if (decision != NMD_DECISION_UNPACK)
    add_entries (ADW_MESSAGE_DIALOG (dialog), question);
  adw_message_dialog_add_responses (
      ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "open",
      decision == NMD_DECISION_UNPACK ? _ ("_Unpack") : _ ("_Open"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "open",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "open");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_answer), question,
                         question_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- Import report
 * ------------------------------------------------------------------------ */

static void
close_by_escape (GtkWidget *window)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                        gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (window, controller);
}

void
nmd_dialog_show_report (GtkWindow *parent, NmdDataset *dataset)
{
  g_autofree char *text = nmd_dataset_report_to_text (dataset);
  GtkWidget *window = adw_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_focusable (label, FALSE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_set_margin_start (label, 18);
  gtk_widget_set_margin_end (label, 18);
  gtk_widget_set_margin_top (label, 12);
  gtk_widget_set_margin_bottom (label, 18);
  adw_header_bar_set_title_widget (
      ADW_HEADER_BAR (header),
      adw_window_title_new (_ ("Import Report"), nmd_dataset_get_title (dataset)));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), label);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), scroller);
  adw_window_set_content (ADW_WINDOW (window), box);
  close_by_escape (window);
  gtk_window_set_title (GTK_WINDOW (window), _ ("Import Report"));
  gtk_window_set_default_size (GTK_WINDOW (window), 560, 520);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_window_present (GTK_WINDOW (window));
}

/* ---- Preferences: the caches
 * -------------------------------------------------------------- */

/* Size of the cache, measured and cleared on the pool; the row shows it when done. */
static gpointer
measure_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = nmd_cache_get_folder ();
  guint64 *size = g_new (guint64, 1);

  if (GPOINTER_TO_INT (input) && !nmd_cache_clear (folder, error))
    {
      g_free (size);
      return NULL;
    }
  *size = nmd_cache_get_size (folder);
  return size;
}

static void
on_measured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AdwActionRow) row = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree guint64 *size = nmd_job_finish (NMD_JOB (source), result, &error);
  g_autofree char *text
      = size != NULL ? g_format_size (*size) : g_strdup (error->message);

  adw_action_row_set_subtitle (row, text);
}

static void
measure_cache (AdwActionRow *row, gboolean clear)
{
  g_autoptr (NmdJob) job = nmd_job_start (
      NMD_THREAD_POOL, NULL, _ ("Measuring the cache"), measure_func,
      GINT_TO_POINTER (clear), NULL, NULL, g_free, on_measured, g_object_ref (row));
}

static void
on_clear_cache (AdwActionRow *row)
{
  nmd_thumbnail_cache_clear ();
  measure_cache (row, TRUE);
}

void
nmd_dialog_show_preferences (GtkWindow *parent, NmdAppSession *session)
{
  GtkWidget *window = adw_preferences_window_new ();
  GtkWidget *page = adw_preferences_page_new ();
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Clear"));
  g_autofree char *folder = nmd_cache_get_folder ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Storage"));
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (group), _ ("Unpacked archives and preprocessed images can "
                                        "be made again. Runs and data sets are not "
                                        "touched."));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 _ ("Unpacked archives and preprocessed images"));
  gtk_widget_set_tooltip_text (row, folder);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window),
                              ADW_PREFERENCES_PAGE (page));
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 520, 300);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_clear_cache), row,
                           G_CONNECT_SWAPPED);
  measure_cache (ADW_ACTION_ROW (row), FALSE);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_present (GTK_WINDOW (window));
}
