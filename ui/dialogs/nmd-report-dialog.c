/* SPDX-License-Identifier: Apache-2.0
 *
 * The import report in a window of its own: rows that lead to images, and the whole in words. Its sentences are
 * engine/data's.
 */
#include "ui/dialogs/nmd-report-dialog.h"

#include "engine/core/nmd-words.h"
#include "ui/widgets/nmd-thumbnail.h"

#include <glib/gi18n.h>
#include <string.h>

#define MOST_ROWS 200 /* of a group; the text has all */

typedef struct
{
  NmdDataset *dataset;
  NmdReportFunc show;
  GWeakRef object;
} Report;

static void
report_free (gpointer data)
{
  Report *self = data;

  g_object_unref (self->dataset);
  g_weak_ref_clear (&self->object);
  g_free (self);
}

static Report *
report_of (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (gtk_widget_get_root (widget)), "report");
}

static void
on_activated (AdwActionRow *row)
{
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (row)));
  Report *self = report_of (GTK_WIDGET (row));
  g_autoptr (GObject) object = g_weak_ref_get (&self->object);
  const NmdProblems problem
      = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "problem"));

  if (object != NULL)
    self->show (g_object_get_data (G_OBJECT (row), "samples"), problem, object);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A row that leads to @samples (taken). */
static void
add_row (AdwPreferencesGroup *group,
         const char *title,
         const char *subtitle,
         GPtrArray *samples,
         NmdProblems problem)
{
  GtkWidget *row = adw_action_row_new ();

  /* texts are of files: no markup */
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_preferences_group_add (group, row);
  if (samples == NULL)
    return;
  g_object_set_data_full (G_OBJECT (row), "samples", samples,
                          (GDestroyNotify)g_ptr_array_unref);
  g_object_set_data (G_OBJECT (row), "problem", GUINT_TO_POINTER (problem));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_signal_connect (row, "activated", G_CALLBACK (on_activated), NULL);
}

static AdwPreferencesGroup *
add_group (AdwPreferencesPage *page, const char *title)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_page_add (page, ADW_PREFERENCES_GROUP (group));
  return ADW_PREFERENCES_GROUP (group);
}

/* Images by what has to be known of them, a row for each kind. */
static void
add_problems (AdwPreferencesPage *page, NmdDataset *dataset)
{
  AdwPreferencesGroup *group = NULL;

  for (guint bit = 1; bit <= NMD_PROBLEM_CONSTANT; bit <<= 1)
    {
      g_autoptr (GPtrArray) samples = g_ptr_array_new_with_free_func (g_object_unref);
      g_autofree char *title = nmd_problems_to_text ((NmdProblems)bit);
      g_autofree char *count = NULL;

      for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
        if ((nmd_dataset_get (dataset, i)->problems & bit) != 0)
          g_ptr_array_add (samples, g_object_ref (nmd_dataset_get (dataset, i)));
      if (samples->len == 0 || *title == '\0')
        continue;
      if (group == NULL)
        group = add_group (page, _ ("Images to look at"));
      count = g_strdup_printf (ngettext ("%u image", "%u images", samples->len),
                               samples->len);
      add_row (group, title, count, g_steal_pointer (&samples), (NmdProblems)bit);
    }
}

/* The image that the words from @start are called, as many of them as it takes; NULL if none. */
static NmdSample *
find_at (NmdDataset *dataset, const char *start)
{
  for (const char *end = start; *end != '\0';)
    {
      end += strcspn (end + 1, " ,") + 1;
      g_autofree char *name = g_strndup (start, (gsize)(end - start));
      NmdSample *sample = nmd_dataset_find (dataset, name);
      if (sample != NULL)
        return sample;
    }
  return NULL;
}

/* The images that a sentence of the report names, wherever they stand in it. */
static GPtrArray *
find_named (NmdDataset *dataset, const char *text)
{
  GPtrArray *samples = g_ptr_array_new_with_free_func (g_object_unref);

  for (const char *at = text; at != NULL && *at != '\0';)
    {
      NmdSample *sample = find_at (dataset, at);

      if (sample != NULL && !g_ptr_array_find (samples, sample, NULL))
        g_ptr_array_add (samples, g_object_ref (sample));
      at = strchr (at, ' ');
      at = at != NULL ? at + 1 : NULL;
    }
  if (samples->len > 0)
    return samples;
  g_ptr_array_unref (samples);
  return NULL;
}

static GPtrArray *
find_subject (NmdDataset *dataset, const char *subject)
{
  GPtrArray *samples = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    if (g_strcmp0 (nmd_dataset_get (dataset, i)->subject, subject) == 0)
      g_ptr_array_add (samples, g_object_ref (nmd_dataset_get (dataset, i)));
  if (samples->len > 0)
    return samples;
  g_ptr_array_unref (samples);
  return NULL;
}

/* A sentence of the report in the window's language. */
static const char *
say (const NmdImportReport *report, const char *text)
{
  const gboolean local = nmd_words_set_local (TRUE);
  const char *said = nmd_import_report_say (report, text);

  nmd_words_set_local (local);
  return said;
}

static void
add_named (AdwPreferencesPage *page, NmdDataset *dataset)
{
  const NmdImportReport *report = nmd_dataset_get_report (dataset);
  AdwPreferencesGroup *group = NULL;

  if (report->duplicates->len > 0)
    group = add_group (page, _ ("The same picture twice"));
  for (guint i = 0; i < MIN (report->duplicates->len, MOST_ROWS); i++)
    add_row (group, say (report, report->duplicates->pdata[i]), NULL,
             find_named (dataset, report->duplicates->pdata[i]), 0);
  if (report->mixed_groups->len > 0)
    group = add_group (page, _ ("Subjects with both labels"));
  for (guint i = 0; i < MIN (report->mixed_groups->len, MOST_ROWS); i++)
    {
      /* Translators: the placeholder is a subject's number */
      g_autofree char *title
          = g_strdup_printf (_ ("Subject %s"), (char *)report->mixed_groups->pdata[i]);
      add_row (group, title, NULL, find_subject (dataset, report->mixed_groups->pdata[i]),
               0);
    }
  if (report->left_out->len > 0)
    group = add_group (page, _ ("Left out"));
  for (guint i = 0; i < MIN (report->left_out->len, MOST_ROWS); i++)
    {
      const NmdLeftOut *entry = report->left_out->pdata[i];
      add_row (group, entry->path, say (report, entry->reason), NULL, 0);
    }
}

static void
add_text (AdwPreferencesPage *page, NmdDataset *dataset)
{
  const gboolean local = nmd_words_set_local (TRUE);
  g_autofree char *text = nmd_dataset_report_to_text (dataset);
  nmd_words_set_local (local);
  GtkWidget *label = gtk_label_new (text);
  AdwPreferencesGroup *group = add_group (page, _ ("In words"));

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_focusable (label, FALSE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "numeric");
  adw_preferences_group_add (group, label);
}

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
nmd_report_dialog_present (GtkWidget *parent,
                           NmdDataset *dataset,
                           NmdReportFunc show,
                           GObject *object)
{
  g_return_if_fail (GTK_IS_WIDGET (parent) && NMD_IS_DATASET (dataset) && show != NULL);

  GtkWidget *window = adw_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *page = adw_preferences_page_new ();
  Report *self = g_new0 (Report, 1);

  self->dataset = g_object_ref (dataset);
  self->show = show;
  g_weak_ref_init (&self->object, object);
  g_object_set_data_full (G_OBJECT (window), "report", self, report_free);
  adw_header_bar_set_title_widget (
      ADW_HEADER_BAR (header),
      adw_window_title_new (_ ("Import Report"), nmd_dataset_get_title (dataset)));
  gtk_widget_set_vexpand (page, TRUE);
  add_problems (ADW_PREFERENCES_PAGE (page), dataset);
  add_named (ADW_PREFERENCES_PAGE (page), dataset);
  add_text (ADW_PREFERENCES_PAGE (page), dataset);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), page);
  adw_window_set_content (ADW_WINDOW (window), box);
  close_by_escape (window);
  gtk_window_set_title (GTK_WINDOW (window), _ ("Import Report"));
  gtk_window_set_default_size (GTK_WINDOW (window), 620, 600);
  gtk_window_set_transient_for (GTK_WINDOW (window),
                                GTK_WINDOW (gtk_widget_get_root (parent)));
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_window_present (GTK_WINDOW (window));
}
