/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs for lists. What is in a run's folder is engine/train's.
 */
#include "ui/session/nmd-run-item.h"

#include "engine/core/nmd-words.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (NmdRunItem, nmd_run_item, G_TYPE_OBJECT)

static void
nmd_run_item_finalize (GObject *object)
{
  NmdRunItem *self = NMD_RUN_ITEM (object);

  g_clear_pointer (&self->run, nmd_run_unref);
  g_free (self->folder);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->problem);
  nmd_run_notes_free (self->notes);
  G_OBJECT_CLASS (nmd_run_item_parent_class)->finalize (object);
}

static void
nmd_run_item_class_init (NmdRunItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_run_item_finalize;
}

static void
nmd_run_item_init (NmdRunItem *self)
{
}

NmdRunItem *
nmd_run_item_new_damaged (const char *folder, const char *problem)
{
  g_return_val_if_fail (folder != NULL && problem != NULL, NULL);

  NmdRunItem *self = g_object_new (NMD_TYPE_RUN_ITEM, NULL);
  self->folder = g_strdup (folder);
  self->title = g_path_get_basename (folder);
  self->subtitle = g_strdup (_ ("damaged"));
  self->problem = g_strdup (problem);
  return self;
}

NmdRunItem *
nmd_run_item_new (NmdRun *run)
{
  g_return_val_if_fail (run != NULL, NULL);

  NmdRunItem *self = g_object_new (NMD_TYPE_RUN_ITEM, NULL);
  const char *path = nmd_run_get_dataset_path (run);
  g_autofree char *dataset = path != NULL ? g_path_get_basename (path) : NULL;
  g_autoptr (GDateTime) started
      = g_date_time_new_from_iso8601 (nmd_run_get_started (run), NULL);
  g_autoptr (GDateTime) local = started != NULL ? g_date_time_to_local (started) : NULL;
  g_autofree char *when
      /* Translators: day and time of a run in a list, as strftime() */
      = local != NULL ? g_date_time_format (local, _ ("%-e %b %H:%M")) : NULL;

  if (dataset != NULL && g_str_has_suffix (dataset, ".csv"))
    {
      /* A manifest is called by its folder: "busbra", not "manifest.csv". */
      g_autofree char *folder = g_path_get_dirname (path);
      g_free (dataset);
      dataset = g_path_get_basename (folder);
    }
  self->folder = g_strdup (nmd_run_get_folder (run));
  self->title = dataset != NULL && nmd_run_get_passport (run)->synthetic
                        && g_strcmp0 (dataset, "demo") == 0
                    ? g_strdup (_ ("Demo cohort"))
                    : g_strdup (dataset != NULL ? dataset : _ ("Run"));
  /* Translators: network, when, seed of a run */
  self->subtitle
      = g_strdup_printf (_ ("%s · %s · seed %d"), nmd_run_get_network (run)->title,
                         when != NULL ? g_strstrip (when) : "–",
                         nmd_parameters_get_int (nmd_run_get_parameters (run), "seed"));
  if (nmd_run_get_assumed (run) != NULL)
    {
      g_autofree char *plain = g_steal_pointer (&self->subtitle);

      /* Translators: line of a run in a list, whose file lacks newer settings */
      self->subtitle = g_strdup_printf (_ ("%s · older settings"), plain);
    }
  self->run = nmd_run_ref (run);
  return self;
}

gboolean
nmd_run_item_is_for (NmdRunItem *self, NmdTask task)
{
  g_return_val_if_fail (NMD_IS_RUN_ITEM (self), FALSE);
  return self->run != NULL && nmd_run_get_task (self->run) == task;
}

void
nmd_run_item_take_notes (NmdRunItem *self, NmdRunNotes *notes)
{
  g_return_if_fail (NMD_IS_RUN_ITEM (self) && self->notes == NULL);

  self->notes = notes;
  if (notes == NULL)
    return;
  if (*notes->title != '\0')
    {
      g_free (self->title);
      self->title = g_strdup (notes->title);
    }
  if (notes->tags[0] != NULL)
    {
      g_autofree char *tags = g_strjoinv (", ", notes->tags);
      char *subtitle = g_strdup_printf ("%s\n%s", self->subtitle, tags);
      g_free (self->subtitle);
      self->subtitle = subtitle;
    }
}

NmdModel *
nmd_run_item_load_model (NmdRun *run, GError **error)
{
  g_return_val_if_fail (run != NULL, NULL);

  const gboolean local = nmd_words_set_local (TRUE);
  NmdModel *model = nmd_run_load_model (run, NULL, error);
  nmd_words_set_local (local);
  return model;
}
