/* SPDX-License-Identifier: Apache-2.0
 *
 * The folders of Pascal VOC: JPEGImages/NAME.jpg, SegmentationClass/NAME.png and
 * ImageSets/Main/CLASS_trainval.txt with a line “NAME 1” or “NAME -1” an image. Source: M. Everingham and
 * J. Winn, "The PASCAL VOC2012 Development Kit", sections 4 and 5.
 */
#include "engine/core/nmd-file.h"
#include "engine/data/import/nmd-import-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_LIST (64u * 1024 * 1024) /* bytes of a list of images */
#define MAX_WRAPPERS 2               /* VOCdevkit/VOC2012 */

typedef struct
{
  NmdListing *scan;
  GHashTable *words; /* image without ending → its class; "" if it has several */
} Voc;

static gboolean
is_root (const char *folder)
{
  g_autofree char *images = g_build_filename (folder, "JPEGImages", NULL);
  g_autofree char *lists = g_build_filename (folder, "ImageSets", "Main", NULL);

  return g_file_test (images, G_FILE_TEST_IS_DIR)
         && g_file_test (lists, G_FILE_TEST_IS_DIR);
}

/* @folder, or the only one that it leads to by folders; NULL if it has not this form. */
static char *
find_root (const char *folder, GCancellable *cancellable)
{
  g_autofree char *here = g_strdup (folder);

  for (int depth = 0; !is_root (here); depth++)
    {
      g_autoptr (GPtrArray) names = nmd_listing_names (here, NULL, cancellable, NULL);
      g_autofree char *only = NULL;

      if (depth == MAX_WRAPPERS)
        return NULL;
      for (guint i = 0; names != NULL && i < names->len; i++)
        {
          g_autofree char *path = g_build_filename (here, names->pdata[i], NULL);

          if (!g_file_test (path, G_FILE_TEST_IS_DIR))
            continue;
          if (only != NULL)
            return NULL;
          only = g_steal_pointer (&path);
        }
      if (only == NULL)
        return NULL;
      g_free (here);
      here = g_steal_pointer (&only);
    }
  return g_steal_pointer (&here);
}

/* "malignant" for "malignant_trainval.txt"; NULL for "trainval.txt", which names no class. */
static char *
class_of (const char *name)
{
  static const char *const parts[]
      = { "_trainval.txt", "_train.txt", "_val.txt", "_test.txt" };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (g_str_has_suffix (name, parts[i]) && strlen (name) > strlen (parts[i]))
      return g_strndup (name, strlen (name) - strlen (parts[i]));
  return NULL;
}

/* One list: 1 says that the image shows the class, -1 that it does not, 0 "difficult". */
static gboolean
read_list (Voc *self, const char *path, const char *word, GError **error)
{
  g_autofree char *text
      = nmd_file_read (path, MAX_LIST, self->scan->cancellable, NULL, error);
  char *rest = text;

  while (rest != NULL && *rest != '\0')
    {
      const gsize length = strcspn (rest, "\r\n");
      char *line = rest, *end = rest + length, *value = NULL;
      const char *before = NULL;

      rest = end + strspn (end, "\r\n");
      *end = '\0';
      line += strspn (line, " \t");
      value = line + strcspn (line, " \t");
      if (*value == '\0')
        continue;
      *value++ = '\0';
      value += strspn (value, " \t");
      if (g_strcmp0 (g_strchomp (value), "1") != 0 || !g_utf8_validate (line, -1, NULL))
        continue;
      before = g_hash_table_lookup (self->words, line);
      if (before == NULL || strcmp (before, word) != 0)
        g_hash_table_insert (self->words, g_strdup (line),
                             g_strdup (before == NULL ? word : ""));
    }
  return text != NULL;
}

static gboolean
read_lists (Voc *self, GError **error)
{
  g_autofree char *folder
      = g_build_filename (self->scan->root, "ImageSets", "Main", NULL);
  g_autoptr (GPtrArray) names
      = nmd_listing_names (folder, NULL, self->scan->cancellable, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
      g_autofree char *word = class_of (names->pdata[i]);

      if (word != NULL && !read_list (self, path, word, error))
        return FALSE;
    }
  return names != NULL;
}

static void
add_image (Voc *self, const char *name, GHashTable *masks)
{
  const char *dot = strrchr (name, '.');
  g_autofree char *id = g_strconcat ("JPEGImages/", name, NULL);
  g_autofree char *stem = g_strndup (name, (gsize)(dot - name)), *muscle = NULL;
  g_autofree char *number = NULL;
  const char *word = g_hash_table_lookup (self->words, stem);
  const char *mask = g_hash_table_lookup (masks, stem);
  NmdSample *sample = NULL;

  if (word == NULL || word[0] == '\0')
    {
      nmd_import_report_leave_out (
          self->scan->report, id,
          word == NULL ? N_ ("ImageSets/Main lists it with no class")
                       : N_ ("ImageSets/Main lists it with several classes"));
      return;
    }
  sample = nmd_sample_new (id);
  sample->image_path = g_build_filename (self->scan->root, id, NULL);
  if (mask != NULL)
    {
      sample->mask_path
          = g_build_filename (self->scan->root, "SegmentationClass", mask, NULL);
      nmd_import_report_pair (self->scan->report, "the same name in SegmentationClass",
                              1);
    }
  g_free (sample->label_word);
  sample->label_word = g_strdup (word);
  g_free (sample->subject);
  g_free (sample->unit);
  if (nmd_sample_parse_name (name, &muscle, &number, NULL))
    {
      g_free (sample->muscle);
      sample->unit = g_strdup_printf ("%s %s", muscle, number);
      sample->muscle = g_steal_pointer (&muscle);
      sample->subject = g_steal_pointer (&number);
    }
  else
    {
      sample->subject = g_strdup (stem);
      sample->unit = g_strdup (stem);
    }
  g_ptr_array_add (self->scan->samples, sample);
}

/* Names of the masks by what precedes the ending. */
static GHashTable *
list_masks (Voc *self)
{
  g_autofree char *folder
      = g_build_filename (self->scan->root, "SegmentationClass", NULL);
  g_autoptr (GPtrArray) names
      = nmd_listing_names (folder, self->scan->report, self->scan->cancellable, NULL);
  GHashTable *masks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (nmd_listing_is_image_name (names->pdata[i]))
      {
        const char *name = names->pdata[i];

        g_hash_table_insert (masks, g_strndup (name, (gsize)(strrchr (name, '.') - name)),
                             g_strdup (name));
      }
  return masks;
}

gboolean
nmd_listing_voc (NmdListing *self, const char *folder, GError **error)
{
  g_autofree char *root = find_root (folder, self->cancellable), *images = NULL;
  g_autoptr (GHashTable) words
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) masks = NULL;
  g_autoptr (GPtrArray) names = NULL;
  Voc voc = { self, words };

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) || root == NULL)
    return FALSE;
  g_free (self->root);
  self->root = g_steal_pointer (&root);
  images = g_build_filename (self->root, "JPEGImages", NULL);
  names = nmd_listing_names (images, self->report, self->cancellable, error);
  if (names == NULL || !read_lists (&voc, error))
    return FALSE;
  masks = list_masks (&voc);
  for (guint i = 0; i < names->len; i++)
    if (nmd_listing_is_image_name (names->pdata[i]))
      add_image (&voc, names->pdata[i], masks);
  self->report->kind = g_strdup (N_ ("VOC folders"));
  self->labels_by_folder = TRUE;
  nmd_import_report_assume (self->report, "Labels are as ImageSets/Main says");
  nmd_import_report_assume (self->report,
                            "Nothing tells which images belong to one person, except "
                            "names as BB_anon_12_1.png: other images count as a subject "
                            "each, so a person may stand on both sides of a split");
  return TRUE;
}
