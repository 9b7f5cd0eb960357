/* SPDX-License-Identifier: Apache-2.0
 *
 * The layout of the published data set (doi 10.17632/3jykz7wz8d.1), also written by the
 * demo cohort: {BB,GM,TA}/{Healthy,Pathological}/{Images,Masks}/NAME.png and
 * characteristics.xlsx or .csv. Lists what is there and joins the characteristics; pixels
 * are read by nmd-import.c.
 */
#include "engine/data/import/nmd-import-private.h"
#include "engine/data/import/nmd-sheet-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const muscles[] = { "BB", "GM", "TA" };
static const char *const labels[] = { "Healthy", "Pathological" };

/* The entry of @names that equals @name but for case, or NULL. Borrowed. */
static const char *
find_name (GPtrArray *names, const char *name)
{
  for (guint i = 0; names != NULL && i < names->len; i++)
    if (g_ascii_strcasecmp (names->pdata[i], name) == 0)
      return names->pdata[i];
  return NULL;
}

static gboolean
is_root (const char *folder, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) names = nmd_listing_names (folder, NULL, cancellable, NULL);

  for (guint m = 0; m < G_N_ELEMENTS (muscles); m++)
    {
      const char *muscle = find_name (names, muscles[m]);
      g_autofree char *path = NULL;
      g_autoptr (GPtrArray) children = NULL;

      if (muscle == NULL)
        continue;
      path = g_build_filename (folder, muscle, NULL);
      children = nmd_listing_names (path, NULL, cancellable, NULL);
      if (find_name (children, labels[0]) != NULL
          || find_name (children, labels[1]) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* The root may lie up to @depth folders down ("Polito-Radboud-DeepLearningUS"). */
static char *
find_root (const char *folder, int depth, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) names = NULL;

  if (is_root (folder, cancellable))
    return g_strdup (folder);
  if (depth == 0)
    return NULL;
  names = nmd_listing_names (folder, NULL, cancellable, NULL);
  for (guint i = 0; names != NULL && i < names->len && i < 64; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
      char *root = NULL;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        root = find_root (path, depth - 1, cancellable);
      if (root != NULL)
        return root;
    }
  return NULL;
}

/* Names by their lower-case form, the first of several; borrows @names. */
static GHashTable *
index_names (GPtrArray *names)
{
  GHashTable *index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      char *lower = g_ascii_strdown (names->pdata[i], -1);

      if (g_hash_table_contains (index, lower))
        g_free (lower);
      else
        g_hash_table_insert (index, lower, names->pdata[i]);
    }
  return index;
}

static const char *
look_up (GHashTable *index, const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_hash_table_lookup (index, lower);
}

/* One of the six folders. */
typedef struct
{
  NmdListing *scan;
  char *relative; /* "BB/Healthy" */
  char *path;
  const char *muscle; /* "BB" */
  const char *label;  /* as the folder is written */
  GPtrArray *samples; /* borrowed: those of this folder */
  GPtrArray *images;  /* "1" …: image numbers of samples */
} Folder;

static void
add_image (Folder *self,
           const char *images,
           const char *masks_folder,
           GHashTable *masks,
           const char *name)
{
  g_autofree char *id = g_strdup_printf ("%s/%s/%s", self->relative, images, name);
  g_autofree char *muscle = NULL, *subject = NULL, *number = NULL;
  NmdSample *sample = NULL;
  const char *mask;

  if (!nmd_sample_parse_name (name, &muscle, &subject, &number))
    {
      if (nmd_listing_is_image_name (name))
        nmd_import_report_leave_out (self->scan->report, id,
                                     "Its name does not tell muscle, subject and image "
                                     "(as BB_anon_12_1.png does)");
      else
        g_ptr_array_add (self->scan->report->passed_over, g_steal_pointer (&id));
      return;
    }
  if (strcmp (muscle, self->muscle) != 0)
    {
      nmd_import_report_leave_out (self->scan->report, id,
                                   "Its name says muscle %s, its folder %s", muscle,
                                   self->muscle);
      return;
    }
  sample = nmd_sample_new (id);
  sample->image_path = g_build_filename (self->path, images, name, NULL);
  mask = look_up (masks, name);
  if (mask != NULL)
    {
      sample->mask_path = g_build_filename (self->path, masks_folder, mask, NULL);
      nmd_import_report_pair (self->scan->report, "the same name in the folder Masks", 1);
    }
  g_free (sample->unit);
  sample->unit = g_strdup_printf ("%s %s", muscle, subject);
  g_free (sample->muscle);
  sample->muscle = g_steal_pointer (&muscle);
  g_free (sample->subject);
  sample->subject = g_steal_pointer (&subject);
  g_free (sample->label_word);
  sample->label_word = g_strdup (self->label);
  sample->is_synthetic = g_ascii_strncasecmp (name, "SYN_", 4) == 0;
  g_ptr_array_add (self->scan->samples, sample);
  g_ptr_array_add (self->samples, sample);
  g_ptr_array_add (self->images, g_steal_pointer (&number));
}

/* Masks that belong to no image are listed, so that a renamed image does not go unseen.
 */
static void
list_lone_masks (Folder *self,
                 const char *masks_folder,
                 GPtrArray *masks,
                 GHashTable *images)
{
  for (guint i = 0; masks != NULL && i < masks->len; i++)
    if (look_up (images, masks->pdata[i]) == NULL)
      g_ptr_array_add (self->scan->report->passed_over,
                       nmd_import_report_format (
                           self->scan->report, "%s/%s/%s (a mask without an image)",
                           self->relative, masks_folder, (char *)masks->pdata[i]));
}

/* Row of @self for subject and image number, or -1. */
static int
find_row (GHashTable *rows, const char *subject, const char *image)
{
  g_autofree char *both = g_strdup_printf ("%s_%s", subject, image);
  gpointer row;

  if (g_hash_table_lookup_extended (rows, both, NULL, &row)
      || g_hash_table_lookup_extended (rows, subject, NULL, &row))
    return GPOINTER_TO_INT (row);
  return -1;
}

static gboolean
id_is_of_muscle (const char *cell, const char *muscle)
{
  for (guint m = 0; m < G_N_ELEMENTS (muscles); m++)
    if (strstr (cell, muscles[m]) != NULL)
      return strcmp (muscles[m], muscle) == 0;
  return TRUE;
}

/* Rows by "348" and, where the cell names an image, by "348_1". */
static GHashTable *
index_rows (Folder *self, NmdSheet *sheet, int column)
{
  GHashTable *rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint r = 0; r < nmd_sheet_get_n_rows (sheet); r++)
    {
      const char *cell = nmd_sheet_get (sheet, r, column);
      g_autofree char *subject = NULL, *image = NULL;
      char *key;

      if (cell[0] == '\0')
        continue;
      if (!id_is_of_muscle (cell, self->muscle)
          || !nmd_sheet_parse_id (cell, &subject, &image))
        {
          g_ptr_array_add (self->scan->report->unmatched_ids,
                           nmd_import_report_format (self->scan->report, "%s: row “%s”",
                                                     self->relative, cell));
          continue;
        }
      key = image != NULL ? g_strdup_printf ("%s_%s", subject, image)
                          : g_strdup (subject);
      if (!g_hash_table_contains (rows, key))
        g_hash_table_insert (rows, key, GINT_TO_POINTER (r));
      else
        {
          nmd_import_report_assume (
              self->scan->report,
              "ID %s stands more than once in the characteristics of "
              "%s; its first row is taken",
              key, self->relative);
          g_free (key);
        }
    }
  return rows;
}

static void
set_attributes (NmdSample *sample, NmdSheet *sheet, guint row, int id_column)
{
  for (guint c = 0; c < nmd_sheet_get_n_columns (sheet); c++)
    {
      g_autofree char *name = NULL;
      const char *cell = nmd_sheet_get (sheet, row, c);

      if ((int)c == id_column || cell[0] == '\0')
        continue;
      name = nmd_sheet_attribute_name (nmd_sheet_get_header (sheet, c));
      if (name[0] != '\0')
        g_hash_table_insert (sample->attributes, g_steal_pointer (&name),
                             nmd_sheet_attribute_value (cell));
    }
}

/* Joins on muscle, folder and ID. IDs without images and images' IDs without a row are
 * kept. */
static void
join (Folder *self, NmdSheet *sheet, int column)
{
  g_autoptr (GHashTable) rows = index_rows (self, sheet, column);
  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) missing = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer key, row;

  for (guint i = 0; i < self->samples->len; i++)
    {
      NmdSample *sample = self->samples->pdata[i];
      int found = find_row (rows, sample->subject, self->images->pdata[i]);

      if (found >= 0)
        {
          set_attributes (sample, sheet, found, column);
          g_hash_table_add (used, GINT_TO_POINTER (found));
        }
      else if (g_hash_table_add (missing, sample->subject))
        g_ptr_array_add (self->scan->report->unmatched_ids,
                         nmd_import_report_format (self->scan->report,
                                                   "%s: images of %s have no row",
                                                   self->relative, sample->subject));
    }
  g_hash_table_iter_init (&iter, rows);
  while (g_hash_table_iter_next (&iter, &key, &row))
    if (!g_hash_table_contains (used, row))
      g_ptr_array_add (self->scan->report->unmatched_ids,
                       nmd_import_report_format (self->scan->report,
                                                 "%s: row “%s” has no image",
                                                 self->relative, (char *)key));
}

/* The report names a table by its place in the data set, not by where that lies. */
static void
leave_out_table (Folder *self,
                 const char *path,
                 const char *relative,
                 const GError *error)
{
  g_autoptr (GString) reason = g_string_new (error->message);

  g_string_replace (reason, path, "It", 1);
  nmd_import_report_leave_out_as (self->scan->report, relative, reason->str);
}

/* A table that cannot be read is named and does without: the pictures are what matters.
 */
static gboolean
read_characteristics (Folder *self, GPtrArray *names, GError **error)
{
  static const char *const files[] = { "characteristics.xlsx", "characteristics.csv" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      const char *name = find_name (names, files[i]);
      g_autofree char *relative = NULL, *path = NULL;
      g_autoptr (NmdSheet) sheet = NULL;
      g_autoptr (GError) inner = NULL;
      int column;

      if (name == NULL)
        continue;
      relative = g_strdup_printf ("%s/%s", self->relative, name);
      path = g_build_filename (self->path, name, NULL);
      sheet = nmd_sheet_load (path, self->scan->cancellable, &inner);
      if (g_error_matches (inner, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&inner));
          return FALSE;
        }
      column = sheet != NULL ? nmd_sheet_find_id (sheet) : -1;
      if (sheet == NULL)
        leave_out_table (self, path, relative, inner);
      else if (column < 0)
        nmd_import_report_leave_out (self->scan->report, relative,
                                     "It has no column “ID”");
      else
        {
          join (self, sheet, column);
          return TRUE;
        }
    }
  return TRUE;
}

static void
folder_clear (Folder *self)
{
  g_clear_pointer (&self->relative, g_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->samples, g_ptr_array_unref);
  g_clear_pointer (&self->images, g_ptr_array_unref);
}

static gboolean
scan_folder (Folder *self, GError **error)
{
  g_autoptr (GPtrArray) names = nmd_listing_names (self->path, self->scan->report,
                                                   self->scan->cancellable, error);
  g_autoptr (GPtrArray) images = NULL, masks = NULL;
  g_autoptr (GHashTable) image_index = NULL, mask_index = NULL;
  g_autofree char *images_path = NULL, *masks_path = NULL;
  const char *images_folder, *masks_folder;

  if (names == NULL)
    return FALSE;
  images_folder = find_name (names, "Images");
  masks_folder = find_name (names, "Masks");
  if (images_folder == NULL)
    {
      g_ptr_array_add (self->scan->report->passed_over,
                       nmd_import_report_format (self->scan->report,
                                                 "%s (has no folder Images)",
                                                 self->relative));
      return TRUE;
    }
  images_path = g_build_filename (self->path, images_folder, NULL);
  images = nmd_listing_names (images_path, self->scan->report, self->scan->cancellable,
                              error);
  if (images == NULL)
    return FALSE;
  if (masks_folder != NULL)
    {
      masks_path = g_build_filename (self->path, masks_folder, NULL);
      masks = nmd_listing_names (masks_path, self->scan->report, self->scan->cancellable,
                                 error);
      if (masks == NULL)
        return FALSE;
    }
  mask_index = index_names (masks);
  image_index = index_names (images);
  for (guint i = 0; i < images->len; i++)
    if (g_cancellable_set_error_if_cancelled (self->scan->cancellable, error))
      return FALSE;
    else
      add_image (self, images_folder, masks_folder, mask_index, images->pdata[i]);
  list_lone_masks (self, masks_folder, masks, image_index);
  for (guint i = 0; i < names->len; i++)
    if (g_strcmp0 (names->pdata[i], images_folder) != 0
        && g_strcmp0 (names->pdata[i], masks_folder) != 0
        && g_ascii_strncasecmp (names->pdata[i], "characteristics.", 16) != 0)
      g_ptr_array_add (
          self->scan->report->passed_over,
          g_strdup_printf ("%s/%s", self->relative, (char *)names->pdata[i]));
  return read_characteristics (self, names, error);
}

static gboolean
scan_muscle (NmdListing *self, const char *muscle, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (self->root, folder, NULL);
  g_autoptr (GPtrArray) names
      = nmd_listing_names (path, self->report, self->cancellable, error);

  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      gboolean is_label = g_ascii_strcasecmp (name, labels[0]) == 0
                          || g_ascii_strcasecmp (name, labels[1]) == 0;
      Folder part = { .scan = self, .muscle = muscle, .label = name };
      gboolean good = TRUE;

      part.relative = g_strdup_printf ("%s/%s", folder, name);
      part.path = g_build_filename (path, name, NULL);
      part.samples = g_ptr_array_new ();
      part.images = g_ptr_array_new_with_free_func (g_free);
      if (is_label && g_file_test (part.path, G_FILE_TEST_IS_DIR))
        good = scan_folder (&part, error);
      else
        g_ptr_array_add (self->report->passed_over, g_strdup (part.relative));
      folder_clear (&part);
      if (!good)
        return FALSE;
    }
  return TRUE;
}

static void
say_assumptions (NmdListing *self)
{
  nmd_import_report_assume (
      self->report, "The number in a file name stands for one person in all muscles: "
                    "BB_anon_7_1.png and TA_anon_7_1.png are the same subject 7. Muscle "
                    "and number (“BB 7”) is counted beside it");
  nmd_import_report_assume (
      self->report, "Labels are the folder names: Pathological is positive, Healthy "
                    "negative");
}

gboolean
nmd_listing_layout (NmdListing *self, const char *folder, GError **error)
{
  g_autofree char *root = find_root (folder, 2, self->cancellable);
  g_autoptr (GPtrArray) names = NULL;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) || root == NULL)
    return FALSE;
  g_free (self->root);
  self->root = g_steal_pointer (&root);
  self->report->kind = g_strdup (N_ ("paper layout"));
  self->labels_by_folder = TRUE;
  names = nmd_listing_names (self->root, self->report, self->cancellable, error);
  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i], *muscle = NULL;
      g_autofree char *path = g_build_filename (self->root, name, NULL);

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      for (guint m = 0; m < G_N_ELEMENTS (muscles); m++)
        if (g_ascii_strcasecmp (name, muscles[m]) == 0)
          muscle = muscles[m];
      if (muscle == NULL || !g_file_test (path, G_FILE_TEST_IS_DIR))
        g_ptr_array_add (self->report->passed_over, g_strdup (name));
      else if (!scan_muscle (self, muscle, name, error))
        return FALSE;
    }
  self->report->n_unmatched_ids = self->report->unmatched_ids->len;
  say_assumptions (self);
  return TRUE;
}
