/* SPDX-License-Identifier: Apache-2.0
 *
 * What the listings of all forms share: the names in a folder, what a file name tells.
 */
#include "engine/data/import/nmd-import-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

NmdListing *
nmd_listing_new (const char *root, GCancellable *cancellable)
{
  NmdListing *self = g_new0 (NmdListing, 1);

  self->root = g_strdup (root);
  self->cancellable = cancellable;
  self->samples = g_ptr_array_new_with_free_func (g_object_unref);
  self->report = nmd_import_report_new ();
  return self;
}

void
nmd_listing_free (NmdListing *self)
{
  if (self == NULL)
    return;
  g_free (self->root);
  g_free (self->unpacked);
  g_free (self->title);
  g_free (self->label_header);
  g_clear_pointer (&self->samples, g_ptr_array_unref);
  nmd_prepared_free (self->prepared);
  nmd_import_report_free (self->report);
  g_free (self);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* Left behind by file managers; never part of a data set. */
static gboolean
is_litter (const char *name)
{
  return name[0] == '.' || strcmp (name, "__MACOSX") == 0
         || g_ascii_strcasecmp (name, "Thumbs.db") == 0
         || g_ascii_strcasecmp (name, "desktop.ini") == 0;
}

GPtrArray *
nmd_listing_names (const char *folder,
                   NmdImportReport *report,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  const char *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return NULL;
    else if (!is_litter (name) && g_utf8_validate (name, -1, NULL))
      g_ptr_array_add (names, g_strdup (name));
    else if (!is_litter (name) && report != NULL)
      {
        g_autofree char *shown = g_filename_display_name (name);

        nmd_import_report_leave_out (report, shown, "Its name is not UTF-8");
      }
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

gboolean
nmd_listing_is_image_name (const char *name)
{
  static const char *const endings[]
      = { ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".dcm" };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (lower, endings[i]))
      return TRUE;
  return FALSE;
}

gboolean
nmd_sample_parse_name (const char *name, char **muscle, char **subject, char **image)
{
  static GRegex *pattern;
  static gsize once;
  g_autoptr (GMatchInfo) match = NULL;

  if (g_once_init_enter (&once))
    {
      pattern = g_regex_new ("^(?:SYN_)?(BB|GM|TA)_anon_0*([0-9]+)_0*([0-9]+)\\.png$",
                             G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
      g_once_init_leave (&once, 1);
    }
  if (!g_regex_match (pattern, name, 0, &match))
    return FALSE;
  if (muscle != NULL)
    {
      g_autofree char *text = g_match_info_fetch (match, 1);

      *muscle = g_ascii_strup (text, -1);
    }
  if (subject != NULL)
    *subject = g_match_info_fetch (match, 2);
  if (image != NULL)
    *image = g_match_info_fetch (match, 3);
  return TRUE;
}
