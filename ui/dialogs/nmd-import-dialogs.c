/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions that an import may stop at. What has to be decided is said by the import's error.
 */
#include "ui/dialogs/nmd-import-dialogs.h"

#include "ui/dialogs/nmd-first-rows.h"

#include <glib/gi18n.h>

#define N_ROWS 4

typedef struct
{
  NmdDataSession *session;
  NmdDecision decision;
  char *path;
  GStrv choices;
  AdwMessageDialog *dialog; /* borrowed: it owns this */
  AdwComboRow *rows[N_ROWS];
  AdwEntryRow *folder, *pattern; /* of columns */
} Question;

/* One answer to choose: a column of a manifest, or the word that means pathological. */
typedef struct
{
  const char *title;
  const char *standard; /* (nullable): the choice of this name is taken at first */
  gboolean may_stay_open;
} Row;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->session);
  g_strfreev (question->choices);
  g_free (question->path);
  g_free (question);
}

/* The first item of a row stands for none. */
static const char *
chosen (Question *question, guint row)
{
  guint selected = adw_combo_row_get_selected (question->rows[row]);

  return selected > 0 && selected != GTK_INVALID_LIST_POSITION
             ? question->choices[selected - 1]
             : NULL;
}

/* NULL where nothing is written. */
static const char *
written (AdwEntryRow *row)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (row));

  return *text != '\0' ? text : NULL;
}

static void
on_answer (AdwMessageDialog *dialog, const char *response, Question *question)
{
  /* What was decided before stays decided. */
  NmdImportSettings settings = *nmd_data_session_get_attempt (question->session);

  if (g_strcmp0 (response, "open") != 0)
    return;
  switch (question->decision)
    {
    case NMD_DECISION_POSITIVE:
      settings.positive = chosen (question, 0);
      break;
    case NMD_DECISION_UNPACK:
      settings.unpack = TRUE;
      break;
    case NMD_DECISION_COLUMNS:
      settings.image_column = chosen (question, 0);
      settings.mask_column = chosen (question, 1);
      settings.subject_column = chosen (question, 2);
      settings.label_column = chosen (question, 3);
      settings.image_folder = written (question->folder);
      settings.image_pattern = written (question->pattern);
      break;
    case NMD_DECISION_MASKS:
      settings.masks = chosen (question, 0);
      break;
    case NMD_DECISION_MASK_VALUE:
      settings.mask_value = chosen (question, 0);
      break;
    case NMD_DECISION_OUTLINE_LABEL:
      settings.outline_label = chosen (question, 0);
      break;
    }
  nmd_data_session_open (question->session, question->path, &settings);
}

/* Opening needs all answers but those that may stay open. */
static void
on_chosen (Question *question)
{
  gboolean complete = TRUE;

  for (guint i = 0; i < N_ROWS; i++)
    if (question->rows[i] != NULL && chosen (question, i) == NULL
        && g_object_get_data (G_OBJECT (question->rows[i]), "open") == NULL)
      complete = FALSE;
  adw_message_dialog_set_response_enabled (question->dialog, "open", complete);
}

static AdwComboRow *
make_row (Question *question, const Row *row)
{
  AdwComboRow *widget = ADW_COMBO_ROW (adw_combo_row_new ());
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  const char *all = question->decision == NMD_DECISION_OUTLINE_LABEL ? "*"
                    : question->decision == NMD_DECISION_MASK_VALUE  ? NMD_MASK_ANY_VALUE
                                                                     : NULL;
  guint selected = 0;

  gtk_string_list_append (list, row->may_stay_open ? _ ("None") : _ ("Choose…"));
  for (guint i = 0; question->choices[i] != NULL; i++)
    {
      const char *choice = question->choices[i];

      gtk_string_list_append (list,
                              g_strcmp0 (choice, all) == 0 ? _ ("All together") : choice);
      if (row->standard != NULL && selected == 0
          && g_ascii_strcasecmp (question->choices[i], row->standard) == 0)
        selected = i + 1;
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (widget), row->title);
  adw_combo_row_set_model (widget, G_LIST_MODEL (list));
  adw_combo_row_set_selected (widget, selected);
  if (row->may_stay_open)
    g_object_set_data (G_OBJECT (widget), "open", widget);
  g_signal_connect_swapped (widget, "notify::selected", G_CALLBACK (on_chosen), question);
  return widget;
}

static AdwEntryRow *
make_entry (const char *title, const char *help, const char *text)
{
  GtkWidget *widget = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (widget), title);
  gtk_widget_set_tooltip_text (widget, help);
  gtk_editable_set_text (GTK_EDITABLE (widget), text != NULL ? text : "");
  return ADW_ENTRY_ROW (widget);
}

/* Where the images lie that a manifest names by a part of their names. */
static void
add_place (Question *question, GtkListBox *list)
{
  const NmdImportSettings *attempt = nmd_data_session_get_attempt (question->session);

  question->folder = make_entry (
      _ ("Folder of the images, where it is another"),
      _ ("From the folder of the table: “images”, “scans/left”"), attempt->image_folder);
  question->pattern = make_entry (
      _ ("Names of images, as bus_{}.png"),
      _ ("What the table says takes the place of {}; only such images are read"),
      attempt->image_pattern);
  gtk_list_box_append (list, GTK_WIDGET (question->folder));
  gtk_list_box_append (list, GTK_WIDGET (question->pattern));
}

static void
add_rows (Question *question)
{
  /* by decision; of columns there are several */
  const Row words[] = { { _ ("Pathological"), NULL, FALSE },
                        { NULL, NULL, FALSE },
                        { NULL, NULL, FALSE },
                        { _ ("Folder of the masks"), NULL, FALSE },
                        { _ ("Value of the outline"), NULL, FALSE },
                        { _ ("Outline"), NULL, FALSE } };
  const Row columns[N_ROWS] = { { _ ("Image"), "image", FALSE },
                                { _ ("Mask"), "mask", TRUE },
                                { _ ("Subject"), "subject", FALSE },
                                { _ ("Label"), "label", FALSE } };
  const gboolean is_word = question->decision != NMD_DECISION_COLUMNS;
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  gtk_box_append (GTK_BOX (box), list);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  for (guint i = 0; i < (is_word ? 1 : N_ROWS); i++)
    {
      question->rows[i]
          = make_row (question, is_word ? &words[question->decision] : &columns[i]);
      gtk_list_box_append (GTK_LIST_BOX (list), GTK_WIDGET (question->rows[i]));
    }
  if (!is_word)
    {
      add_place (question, GTK_LIST_BOX (list));
      nmd_first_rows_show (question->path, GTK_BOX (box), question->rows, N_ROWS);
    }
  adw_message_dialog_set_extra_child (question->dialog, box);
  on_chosen (question);
}

void
nmd_import_dialog_present (GtkWindow *parent,
                           NmdDataSession *session,
                           NmdDecision decision,
                           const char *path,
                           const char *text,
                           const char *const *choices)
{
  const char *const headings[]
      = { _ ("Which Label Is Pathological?"), _ ("Unpack the Archive?"),
          _ ("Which Columns Are Which?"),     _ ("Where Are the Masks?"),
          _ ("Which Value Is the Outline?"),  _ ("Which Outline Is Measured?") };
  g_return_if_fail (decision < G_N_ELEMENTS (headings));
  g_autofree char *sentence = g_strdup_printf (_ ("%s."), text);
  GtkWidget *dialog = adw_message_dialog_new (parent, headings[decision], sentence);
  Question *question = g_new0 (Question, 1);

  question->session = g_object_ref (session);
  question->decision = decision;
  question->path = g_strdup (path);
  question->choices = g_strdupv ((char **)choices);
  question->dialog = ADW_MESSAGE_DIALOG (dialog);
  adw_message_dialog_add_responses (
      ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "open",
      decision == NMD_DECISION_UNPACK ? _ ("_Unpack") : _ ("_Open"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "open",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "open");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_answer), question,
                         question_free, 0);
  if (decision != NMD_DECISION_UNPACK)
    add_rows (question);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Doubtful outlines. */

typedef struct
{
  NmdDataSession *session;
  void (*train) (gpointer object);
  GWeakRef object;
} Doubt;

static void
doubt_free (gpointer data, GClosure *closure)
{
  Doubt *doubt = data;

  g_object_unref (doubt->session);
  g_weak_ref_clear (&doubt->object);
  g_free (doubt);
}

static void
on_doubt_answer (AdwMessageDialog *dialog, const char *response, Doubt *doubt)
{
  g_autoptr (GObject) object = g_weak_ref_get (&doubt->object);
  NmdImportSettings settings = *nmd_data_session_get_import (doubt->session);

  if (g_str_equal (response, "mend"))
    {
      settings.fill_contours = settings.invert_masks = settings.drop_stray = TRUE;
      nmd_data_session_open (doubt->session, nmd_data_session_get_path (doubt->session),
                             &settings);
    }
  else if (g_str_equal (response, "train") && object != NULL)
    {
      nmd_data_session_accept_masks (doubt->session);
      doubt->train (object);
    }
}

void
nmd_masks_dialog_present (GtkWidget *widget,
                          NmdDataSession *session,
                          const char *text,
                          void (*train) (gpointer object),
                          GObject *object)
{
  GtkWindow *parent = GTK_WINDOW (gtk_widget_get_root (widget));
  g_autofree char *body = g_strdup_printf (
      _ ("%s. The page Data shows them: choose “doubtful mask” under Problems. Mending "
         "fills closed lines, turns inverted masks round and drops stray pixels, and "
         "opens the data set again."),
      text);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
      adw_message_dialog_new (parent, _ ("Train With Doubtful Outlines?"), body));
  Doubt *doubt = g_new0 (Doubt, 1);

  doubt->session = g_object_ref (session);
  doubt->train = train;
  g_weak_ref_init (&doubt->object, object);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "mend", _ ("_Mend"),
                                    "train", _ ("_Train Anyway"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "train", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_doubt_answer), doubt,
                         doubt_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
