/* SPDX-License-Identifier: Apache-2.0
 *
 * Preferences: the caches, with their size, and clearing them.
 */
#include "ui/dialogs/nmd-preferences.h"

#include "engine/core/nmd-job.h"
#include "engine/data/import/nmd-cache.h"
#include "ui/widgets/nmd-control-names.h"
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

void
nmd_preferences_present (GtkWindow *parent)
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
  nmd_control_names_set (GTK_WIDGET (window));
  gtk_window_present (GTK_WINDOW (window));
}
