/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder per class: CLASS/NAME.png or CLASS/SUBJECT/NAME.png, with masks in
 * masks/CLASS/NAME, masks/NAME, CLASS/masks/NAME, or beside the image as NAME_mask.png.
 * Lists; pixels are read by nmd-import.c.
 */
#include "engine/data/import/nmd-import-private.h"
#include "engine/data/import/nmd-mask-names.h"

#include <string.h>

static gboolean
is_masks_name (const char *name)
{
  return g_ascii_strcasecmp (name, "masks") == 0
         || g_ascii_strcasecmp (name, "mask") == 0;
}

static gboolean
is_class_name (const char *name, const NmdImportSettings *settings)
{
  const char *positive = settings != NULL ? settings->positive : NULL;

  return nmd_label_parse (name, NULL) >= 0
         || (positive != NULL && nmd_label_parse (name, positive) == 1);
}

/* Whether @folder holds an image, directly or one folder down. */
static gboolean
has_images (const char *folder, int depth, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) names = nmd_listing_names (folder, NULL, cancellable, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);

      if (nmd_listing_is_image_name (names->pdata[i]))
        return TRUE;
      if (depth > 0 && !is_masks_name (names->pdata[i])
          && g_file_test (path, G_FILE_TEST_IS_DIR)
          && has_images (path, depth - 1, cancellable))
        return TRUE;
    }
  return FALSE;
}

/* Folders of @folder that hold images and are no masks folder. */
static GPtrArray *
list_classes (const char *folder,
              gboolean *known,
              const NmdImportSettings *settings,
              GCancellable *cancellable)
{
  g_autoptr (GPtrArray) names = nmd_listing_names (folder, NULL, cancellable, NULL);
  GPtrArray *classes = g_ptr_array_new_with_free_func (g_free);

  *known = FALSE;
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (is_masks_name (name) || !g_file_test (path, G_FILE_TEST_IS_DIR)
          || !has_images (path, 1, cancellable))
        continue;
      *known |= is_class_name (name, settings);
      g_ptr_array_add (classes, g_strdup (name));
    }
  return classes;
}

typedef struct
{
  NmdListing *scan;
  GHashTable *files; /* every image file: relative path without ending → relative path */
  guint n_alone;     /* images whose subject nothing tells */
} Classes;

static char *
without_ending (const char *path)
{
  const char *dot = strrchr (path, '.');

  return g_strndup (path, dot != NULL ? (gsize)(dot - path) : strlen (path));
}

static void
add_file (Classes *self, const char *path)
{
  g_autofree char *stem = without_ending (path);
  const char *other = g_hash_table_lookup (self->files, stem);

  if (other != NULL)
    nmd_import_report_leave_out (self->scan->report, path,
                                 "Its name differs from %s in the ending only", other);
  else
    g_hash_table_insert (self->files, g_steal_pointer (&stem), g_strdup (path));
}

/* Lists every image file below @relative, at most four folders down. */
static gboolean
list_files (Classes *self, const char *relative, int depth, GError **error)
{
  g_autofree char *folder = g_build_filename (self->scan->root, relative, NULL);
  g_autoptr (GPtrArray) names
      = nmd_listing_names (folder, self->scan->report, self->scan->cancellable, error);

  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *path = relative[0] == '\0'
                                  ? g_strdup (name)
                                  : g_strdup_printf ("%s/%s", relative, name);
      g_autofree char *absolute = g_build_filename (folder, name, NULL);

      if (g_file_test (absolute, G_FILE_TEST_IS_DIR))
        {
          if (depth > 0 && !list_files (self, path, depth - 1, error))
            return FALSE;
        }
      else if (nmd_listing_is_image_name (name))
        add_file (self, path);
      else
        g_ptr_array_add (self->scan->report->passed_over, g_steal_pointer (&path));
    }
  return TRUE;
}

/* The mask file of CLASS/REST (no ending), relative, or NULL. Borrowed. */
static const char *
find_mask (Classes *self, const char *class_name, const char *rest)
{
  static const char *const folders[] = { "masks", "Masks", "mask", "Mask" };
  const char *slash = strrchr (rest, '/');
  const char *name = slash != NULL ? slash + 1 : rest;
  g_autofree char *below = g_strndup (rest, (gsize)(name - rest)); /* "" or "SUBJECT/" */
  g_autofree char *dotted = g_strconcat (name, ".", NULL);
  g_auto (GStrv) names = nmd_mask_names (dotted);
  g_autofree char *beside = g_strdup_printf ("%s/%s_mask", class_name, rest);
  const char *found = g_hash_table_lookup (self->files, beside);

  for (guint i = 0; found == NULL && i < G_N_ELEMENTS (folders); i++)
    for (guint k = 0; found == NULL && k < 3; k++) /* one mask is of one image only */
      {
        g_autofree char *with_class
            = g_strdup_printf ("%s/%s/%s%s", folders[i], class_name, below, names[k]);
        g_autofree char *plain = g_strdup_printf ("%s/%s%s", folders[i], below, names[k]);
        g_autofree char *inside
            = g_strdup_printf ("%s/%s/%s%s", class_name, folders[i], below, names[k]);
        const char *const places[] = { with_class, plain, inside };

        for (guint p = 0; found == NULL && p < G_N_ELEMENTS (places); p++)
          found = g_hash_table_lookup (self->files, places[p]);
      }
  return found;
}

/* "a_mask" and "a_mask_1" beside an image "a" are masks. */
static gboolean
is_mask_beside (Classes *self, const char *stem)
{
  const char *at = g_strrstr (stem, "_mask");
  g_autofree char *image = NULL;

  if (at == NULL || strspn (at + 5, "_0123456789") != strlen (at + 5))
    return FALSE;
  image = g_strndup (stem, at - stem);
  return g_hash_table_contains (self->files, image);
}

static void
add_image (Classes *self, const char *class_name, const char *rest, const char *path)
{
  NmdSample *sample = nmd_sample_new (path);
  g_autofree char *name = g_path_get_basename (path), *number = NULL, *muscle = NULL;
  const char *slash = strchr (rest, '/');
  const char *mask = find_mask (self, class_name, rest);

  sample->image_path = g_build_filename (self->scan->root, path, NULL);
  if (mask != NULL)
    sample->mask_path = g_build_filename (self->scan->root, mask, NULL);
  g_free (sample->subject);
  g_free (sample->unit);
  g_free (sample->label_word);
  sample->label_word = g_strdup (class_name);
  if (nmd_sample_parse_name (name, &muscle, &number, NULL))
    {
      sample->unit = g_strdup_printf ("%s %s", muscle, number);
      sample->subject = g_steal_pointer (&number);
      g_free (sample->muscle);
      sample->muscle = g_steal_pointer (&muscle);
    }
  else
    {
      sample->subject
          = slash != NULL ? g_strndup (rest, slash - rest) : without_ending (path);
      sample->unit = g_strdup (sample->subject);
      self->n_alone += slash == NULL;
    }
  sample->is_synthetic = g_str_has_prefix (name, "SYN_");
  g_ptr_array_add (self->scan->samples, sample);
}

/* A file CLASS/REST of one of @classes that is no mask. */
static void
add_file_of_class (Classes *self, GHashTable *classes, const char *stem, const char *path)
{
  const char *slash = strchr (stem, '/'), *rest = NULL;
  g_autofree char *class_name = NULL, *first = NULL;

  if (slash == NULL)
    return;
  class_name = g_strndup (stem, (gsize)(slash - stem));
  rest = slash + 1;
  if (!g_hash_table_contains (classes, class_name))
    return;
  if (is_mask_beside (self, stem))
    {
      if (!g_str_has_suffix (stem, "_mask")) /* a second outline */
        g_ptr_array_add (self->scan->report->passed_over, g_strdup (path));
      return;
    }
  first = g_strndup (rest, strcspn (rest, "/"));
  if (strchr (rest, '/') == NULL || !is_masks_name (first))
    add_image (self, class_name, rest, path);
}

static gboolean
add_files (Classes *self, GPtrArray *class_names, GError **error)
{
  g_autoptr (GHashTable) classes = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer stem, path;

  for (guint i = 0; i < class_names->len; i++)
    g_hash_table_add (classes, class_names->pdata[i]);
  g_hash_table_iter_init (&iter, self->files);
  while (g_hash_table_iter_next (&iter, &stem, &path))
    if (g_cancellable_set_error_if_cancelled (self->scan->cancellable, error))
      return FALSE;
    else
      add_file_of_class (self, classes, stem, path);
  return TRUE;
}

static void
say_assumptions (Classes *self)
{
  NmdImportReport *report = self->scan->report;

  nmd_import_report_assume (report, "Labels are the folder names");
  if (self->n_alone > 0)
    nmd_import_report_assume (
        report,
        "Nothing tells which images belong to one person: each of %u "
        "images counts as a subject of its own, so a person may stand on "
        "both sides of a split; a manifest with a column “subject” "
        "prevents that",
        self->n_alone);
  if (self->n_alone < self->scan->samples->len)
    nmd_import_report_assume (report,
                              "Subjects are the folders below the class folders, or the "
                              "numbers in names as BB_anon_12_1.png");
}

/* The folder itself, or the only folder in it. */
static char *
find_root (const char *folder,
           GPtrArray **classes,
           const NmdImportSettings *settings,
           GCancellable *cancellable)
{
  g_autofree char *here = g_strdup (folder);

  for (int depth = 0; depth < 3; depth++)
    {
      g_autoptr (GPtrArray) names = NULL;
      gboolean known;
      char *child;

      *classes = list_classes (here, &known, settings, cancellable);
      if ((*classes)->len >= 2 || known)
        return g_steal_pointer (&here);
      g_clear_pointer (classes, g_ptr_array_unref);
      names = nmd_listing_names (here, NULL, cancellable, NULL);
      if (names == NULL || names->len != 1)
        return NULL;
      child = g_build_filename (here, names->pdata[0], NULL);
      g_free (here);
      here = child;
    }
  return NULL;
}

gboolean
nmd_listing_classes (NmdListing *self,
                     const char *folder,
                     const NmdImportSettings *settings,
                     GError **error)
{
  g_autoptr (GPtrArray) classes = NULL;
  g_autoptr (GHashTable) files = NULL;
  g_autofree char *root = find_root (folder, &classes, settings, self->cancellable);
  Classes scan = { .scan = self };

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) || root == NULL)
    return FALSE;
  g_free (self->root);
  self->root = g_steal_pointer (&root);
  self->report->kind = g_strdup ("folder per class");
  self->labels_by_folder = TRUE;
  files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  scan.files = files;
  if (!list_files (&scan, "", 4, error) || !add_files (&scan, classes, error))
    return FALSE;
  say_assumptions (&scan);
  return TRUE;
}
