/* SPDX-License-Identifier: Apache-2.0
 *
 * Turns the parameter table and the import settings into flags; checks of values are the
 * engine's.
 */
#include "app/nmd-import-options.h"

#include "app/nmd-command.h"

#include <string.h>

static void
append_entries (GArray *table, const GOptionEntry *entries)
{
  for (; entries != NULL && entries->long_name != NULL; entries++)
    g_array_append_vals (table, entries, 1);
}

GOptionEntry *
nmd_import_options_entries (NmdImportSettings *settings, const GOptionEntry *more)
{
  const GOptionEntry entries[] = {
    { "positive", 0, 0, G_OPTION_ARG_STRING, &settings->positive,
      "The label word that is positive (pathological)", "WORD" },
    { "image-column", 0, 0, G_OPTION_ARG_STRING, &settings->image_column,
      "Header of the manifest's column with the images", "NAME" },
    { "mask-column", 0, 0, G_OPTION_ARG_STRING, &settings->mask_column,
      "Header of its column with the masks", "NAME" },
    { "subject-column", 0, 0, G_OPTION_ARG_STRING, &settings->subject_column,
      "Header of its column with the subjects", "NAME" },
    { "label-column", 0, 0, G_OPTION_ARG_STRING, &settings->label_column,
      "Header of its column with the labels", "NAME" },
    { "masks", 0, 0, G_OPTION_ARG_STRING, &settings->masks,
      "Where masks are: the name of their folders, or what follows an image's name in "
      "theirs (GT, _roi) [what the names tell]",
      "FOLDER|SUFFIX" },
    { "separate-masks", 0, 0, G_OPTION_ARG_NONE, &settings->separate_masks,
      "Make a sample of each mask of an image [several are joined]", NULL },
    { "outline-label", 0, 0, G_OPTION_ARG_STRING, &settings->outline_label,
      "Which outlines to measure where labelme, COCO, CVAT or ImageJ files have several "
      "labels (* for all together)",
      "WORD" },
    { "part-column", 0, 0, G_OPTION_ARG_STRING, &settings->part_column,
      "Header of its column with train, validation and test", "NAME" },
    { "image-folder", 0, 0, G_OPTION_ARG_STRING, &settings->image_folder,
      "Folder, below the manifest's, from which it names images", "DIR" },
    { "image-pattern", 0, 0, G_OPTION_ARG_STRING, &settings->image_pattern,
      "How a name of the manifest becomes a file, such as bus_{}.png", "PATTERN" },
    { "mask-value", 0, 0, G_OPTION_ARG_STRING, &settings->mask_value,
      "Which value of mask files is the outline: 2, #ff0000, or any", "VALUE" },
    { "fill-contours", 0, 0, G_OPTION_ARG_NONE, &settings->fill_contours,
      "Fill masks that are closed lines", NULL },
    { "invert-masks", 0, 0, G_OPTION_ARG_NONE, &settings->invert_masks,
      "Turn masks round that look inverted", NULL },
    { "drop-stray", 0, 0, G_OPTION_ARG_NONE, &settings->drop_stray,
      "Drop mask pixels far from the largest part", NULL },
    { "unpack", 0, 0, G_OPTION_ARG_NONE, &settings->unpack,
      "Allow unpacking a zip or tar into the cache", NULL },
    { "cache", 0, 0, G_OPTION_ARG_FILENAME, &settings->cache_folder,
      "Folder of the cache [the user's cache folder]", "DIR" },
    { "no-cache", 0, 0, G_OPTION_ARG_NONE, &settings->no_cache,
      "Keep no preprocessed images in the cache (also: NMD_NO_CACHE=1)", NULL },
    { NULL },
  };
  GArray *table = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));

  append_entries (table, more);
  append_entries (table, entries);
  return (GOptionEntry *)g_array_free (table, FALSE);
}

void
nmd_import_options_progress (double fraction, NmdSample *sample, gpointer user_data)
{
  nmd_command_progress (fraction, "reading images");
}

NmdDataset *
nmd_import_options_open (const NmdImportSettings *settings,
                         const char *path,
                         GError **error)
{
  NmdDataset *dataset = nmd_dataset_import (path, settings, nmd_import_options_progress,
                                            NULL, nmd_command_get_cancellable (), error);
  nmd_command_progress_done ();
  return dataset;
}

void
nmd_parameter_options_clear (NmdParameterOptions *self)
{
  guint n = 0;

  nmd_parameters_list (&n);
  for (guint i = 0; self->texts != NULL && i < n; i++)
    g_free (self->texts[i]);
  g_free (self->texts);
}

/* "Label smoothing, 0 to 1 [0.1]"; kept for the life of the program, as GOption wants it.
 */
static const char *
describe (const NmdParameterInfo *info, gboolean all_tasks)
{
  g_autoptr (NmdParameters) classify = nmd_parameters_new ();
  g_autoptr (NmdParameters) segment = nmd_parameters_new_for (NMD_TASK_SEGMENT);
  g_autofree char *standard = nmd_parameters_to_text (classify, info->name);
  g_autofree char *other = nmd_parameters_to_text (segment, info->name);
  g_autofree char *range = nmd_parameter_range_to_text (info), *text = NULL;
  const gboolean is_own = !nmd_parameter_is_for (info, NMD_TASK_CLASSIFY);
  const gboolean differs = all_tasks && !is_own && strcmp (standard, other) != 0;

  text = g_strdup_printf ("%s: %s%s%s [%s%s%s]%s", info->title, range,
                          info->unit[0] != '\0' ? " " : "", info->unit,
                          is_own ? other : standard, differs ? ", segment " : "",
                          differs ? other : "", is_own ? " (segment only)" : "");
  return g_intern_string (text);
}

GOptionEntry *
nmd_parameter_options_entries (NmdParameterOptions *self,
                               const GOptionEntry *more,
                               const char *group)
{
  GArray *table = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  const NmdParameterInfo *rows = NULL;
  guint n = 0;

  rows = nmd_parameters_list (&n);
  self->texts = g_new0 (char *, n);
  append_entries (table, more);
  for (guint i = 0; i < n; i++)
    {
      const GOptionEntry entry = {
        rows[i].name,
        0,
        0,
        G_OPTION_ARG_STRING,
        &self->texts[i],
        describe (&rows[i], group == NULL),
        "VALUE",
      };

      if (group == NULL || strcmp (group, rows[i].group) == 0)
        g_array_append_val (table, entry);
    }
  return (GOptionEntry *)g_array_free (table, FALSE);
}

static int
find_row (const char *name)
{
  const NmdParameterInfo *rows = NULL;
  guint n = 0;

  rows = nmd_parameters_list (&n);
  for (guint i = 0; i < n; i++)
    if (strcmp (rows[i].name, name) == 0)
      return (int)i;
  return -1;
}

const char *
nmd_parameter_options_get_text (const NmdParameterOptions *self, const char *name)
{
  int row = find_row (name);

  return row >= 0 ? self->texts[row] : NULL;
}

void
nmd_parameter_options_unset (NmdParameterOptions *self, const char *name)
{
  int row = find_row (name);

  if (row >= 0)
    g_clear_pointer (&self->texts[row], g_free);
}

NmdParameters *
nmd_parameter_options_get (const NmdParameterOptions *self, NmdTask task, GError **error)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new_for (task);
  const NmdParameterInfo *rows = NULL;
  guint n = 0;

  rows = nmd_parameters_list (&n);
  for (guint i = 0; i < n; i++)
    if (self->texts[i] != NULL
        && !nmd_parameters_set_text (parameters, rows[i].name, self->texts[i], error))
      return NULL;
  return g_steal_pointer (&parameters);
}
