/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the preferences. What they change is the settings' and the sessions'.
 */
#include "ui/dialogs/nmd-preferences.h"

#include "engine/core/nmd-job.h"
#include "engine/data/import/nmd-cache.h"
#include "ui/widgets/nmd-control-names.h"
#include "ui/widgets/nmd-device-rows.h"
#include "ui/widgets/nmd-thumbnail.h"

#include <glib/gi18n.h>

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

static AdwPreferencesGroup *
add_group (AdwPreferencesPage *page, const char *title, const char *description)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, title);
  adw_preferences_group_set_description (group, description);
  adw_preferences_page_add (page, group);
  return group;
}

static GtkWidget *
add_row (AdwPreferencesGroup *group, GType type, const char *title, const char *subtitle)
{
  GtkWidget *row = g_object_new (type, "title", title, NULL);

  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_preferences_group_add (group, row);
  return row;
}

static void
add_suffix (GtkWidget *row, GtkWidget *control)
{
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), control);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), control);
}

/* Choices */

static gboolean
from_word (GValue *value, GVariant *variant, gpointer words)
{
  const char *word = g_variant_get_string (variant, NULL);
  guint i = 0;

  while (((const char *const *)words)[i] != NULL
         && !g_str_equal (((const char *const *)words)[i], word))
    i++;
  g_value_set_uint (value, ((const char *const *)words)[i] != NULL ? i : 0);
  return TRUE;
}

static GVariant *
to_word (const GValue *value, const GVariantType *type, gpointer words)
{
  guint i = g_value_get_uint (value);

  return i < g_strv_length (words)
             ? g_variant_new_string (((const char *const *)words)[i])
             : NULL;
}

/* @words: as they are in the settings; @titles: for people, in the same order. */
static void
add_choice (AdwPreferencesGroup *group,
            GSettings *settings,
            const char *key,
            const char *title,
            const char *const *words,
            const char *const *titles)
{
  GtkWidget *row = add_row (group, ADW_TYPE_COMBO_ROW, title, NULL);
  g_autoptr (GtkStringList) list = gtk_string_list_new (titles);

  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  g_settings_bind_with_mapping (settings, key, row, "selected", G_SETTINGS_BIND_DEFAULT,
                                from_word, to_word, (gpointer)words, NULL);
}

static GtkWidget *
add_switch (AdwPreferencesGroup *group,
            GSettings *settings,
            const char *key,
            const char *title,
            const char *subtitle)
{
  GtkWidget *row = add_row (group, ADW_TYPE_ACTION_ROW, title, subtitle);
  GtkWidget *control = gtk_switch_new ();

  add_suffix (row, control);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
  g_settings_bind (settings, key, control, "active", G_SETTINGS_BIND_DEFAULT);
  return row;
}

/* Threads: the last number is all, whatever the machine. */

static gboolean
from_threads (GValue *value, GVariant *variant, gpointer data)
{
  int threads = g_variant_get_int32 (variant), all = (int)g_get_num_processors ();

  g_value_set_double (value, threads == 0 ? all : MIN (threads, all));
  return TRUE;
}

static GVariant *
to_threads (const GValue *value, const GVariantType *type, gpointer data)
{
  int threads = (int)g_value_get_double (value);

  return g_variant_new_int32 (threads >= (int)g_get_num_processors () ? 0 : threads);
}

static void
add_computing (AdwPreferencesPage *page, NmdDeviceSession *devices, GSettings *settings)
{
  AdwPreferencesGroup *group = add_group (page, _ ("Computing"), NULL);
  guint all = g_get_num_processors ();
  g_autofree char *subtitle
      = g_strdup_printf (ngettext ("Of %u. A resumed training keeps its own number",
                                   "Of %u. A resumed training keeps its own number", all),
                         all);

  nmd_device_rows_add (group, devices);
  if (settings == NULL)
    return;
  GtkWidget *row
      = add_row (group, ADW_TYPE_ACTION_ROW, _ ("Processor threads"), subtitle);
  GtkWidget *number = gtk_spin_button_new_with_range (1, MAX (all, 1), 1);
  add_suffix (row, number);
  gtk_accessible_update_property (GTK_ACCESSIBLE (number), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Processor threads"), -1);
  g_settings_bind_with_mapping (settings, "threads", number, "value",
                                G_SETTINGS_BIND_DEFAULT, from_threads, to_threads, NULL,
                                NULL);
}

static void
add_looks (AdwPreferencesPage *page, GSettings *settings)
{
  static const char *const themes[] = { "system", "light", "dark", NULL };
  static const char *const colours[] = { "uniform", "jet", NULL };
  const char *const theme_titles[]
      = { _ ("As the desktop"), _ ("Light"), _ ("Dark"), NULL };
  const char *const colour_titles[] = { _ ("Uniform"), _ ("Jet, as in the paper"), NULL };
  AdwPreferencesGroup *group = add_group (page, _ ("Appearance"), NULL);

  add_choice (group, settings, "theme", _ ("Theme"), themes, theme_titles);
  add_choice (group, settings, "map-colours", _ ("Colours of heat maps"), colours,
              colour_titles);
}

/* What is remembered */

static void
remember_again (AdwToast *toast, GSettings *settings)
{
  g_settings_set_strv (settings, "opened",
                       g_object_get_data (G_OBJECT (toast), "nmd-opened"));
}

/* At once, and taken back by the toast's button. */
static void
forget (GtkWidget *button, GSettings *settings)
{
  GtkRoot *window = gtk_widget_get_root (button);
  char **opened = g_settings_get_strv (settings, "opened");
  AdwToast *toast = adw_toast_new (_ ("What was opened is forgotten"));

  g_object_set_data_full (G_OBJECT (toast), "nmd-opened", opened,
                          (GDestroyNotify)g_strfreev);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (remember_again), settings,
                           0);
  g_settings_reset (settings, "opened");
  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (window), toast);
}

static void
add_memory (AdwPreferencesPage *page, GSettings *settings)
{
  AdwPreferencesGroup *group
      = add_group (page, _ ("Privacy"),
                   _ ("A scan that is opened leaves no trace, unless you want a list."));
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Forget All"));
  GtkWidget *row = NULL;

  add_switch (group, settings, "remember-opened", _ ("List what was opened"),
              _ ("In the menu Open: names of data sets and scans. Switched off, the list "
                 "is gone"));
  row = add_switch (group, settings, "open-last", _ ("Open it again at the start"),
                    _ ("What was opened last, on the page shown last"));
  g_settings_bind (settings, "remember-opened", row, "sensitive", G_SETTINGS_BIND_GET);
  row = add_row (group, ADW_TYPE_ACTION_ROW, _ ("What was opened"), NULL);
  add_suffix (row, button);
  g_settings_bind (settings, "remember-opened", row, "sensitive", G_SETTINGS_BIND_GET);
  g_signal_connect_object (button, "clicked", G_CALLBACK (forget), settings, 0);
}

/* Caches */

static void
on_open_folder (GtkWidget *button)
{
  g_autofree char *folder = nmd_cache_get_folder ();
  g_autofree char *uri = g_filename_to_uri (folder, NULL, NULL);

  if (uri != NULL)
    gtk_show_uri (GTK_WINDOW (gtk_widget_get_root (button)), uri, GDK_CURRENT_TIME);
}

static void
add_storage (AdwPreferencesPage *page)
{
  AdwPreferencesGroup *group
      = add_group (page, _ ("Storage"),
                   _ ("Unpacked archives and preprocessed images can be made again. Runs "
                      "and data sets are not touched."));
  GtkWidget *clear = gtk_button_new_with_mnemonic (_ ("_Clear"));
  GtkWidget *show = gtk_button_new_from_icon_name ("folder-open-symbolic");
  g_autofree char *folder = nmd_cache_get_folder ();
  GtkWidget *row = add_row (group, ADW_TYPE_ACTION_ROW,
                            _ ("Unpacked archives and preprocessed images"), NULL);

  add_suffix (row, clear);
  g_signal_connect_object (clear, "clicked", G_CALLBACK (on_clear_cache), row,
                           G_CONNECT_SWAPPED);
  measure_cache (ADW_ACTION_ROW (row), FALSE);
  row = add_row (group, ADW_TYPE_ACTION_ROW, _ ("Folder"), NULL);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), folder);
  gtk_widget_set_tooltip_text (show, _ ("Show the folder"));
  gtk_widget_add_css_class (show, "flat");
  add_suffix (row, show);
  gtk_widget_set_sensitive (show, g_file_test (folder, G_FILE_TEST_IS_DIR));
  g_signal_connect (show, "clicked", G_CALLBACK (on_open_folder), NULL);
}

void
nmd_preferences_present (GtkWindow *parent,
                         NmdDeviceSession *devices,
                         GSettings *settings)
{
  g_return_if_fail (NMD_IS_DEVICE_SESSION (devices));

  GtkWidget *window = adw_preferences_window_new ();
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());

  add_computing (page, devices, settings);
  if (settings != NULL)
    {
      add_looks (page, settings);
      add_memory (page, settings);
    }
  add_storage (page);
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), page);
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 560, 640);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  nmd_control_names_set (window);
  gtk_window_present (GTK_WINDOW (window));
}
