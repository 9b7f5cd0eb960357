/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder per class: CLASS/NAME.png or CLASS/SUBJECT/NAME.png, below folders of images and of parts
 * or above them (train/images/CLASS/NAME.png, CLASS/images/NAME.png), and below folders that hold
 * everything. Which files are masks is nmd-pairing.c's business. Lists; pixels are read by
 * nmd-import-pass.c.
 */
#include "engine/data/import/nmd-import-private.h"
#include "engine/data/import/nmd-pairing-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_DEPTH 7    /* folders below the one that is opened */
#define MAX_WRAPPERS 4 /* folders around a data set */

typedef struct
{
  NmdListing *scan;
  const NmdImportSettings *settings;
  GPtrArray *files;  /* every image file: relative path */
  GHashTable *stems; /* the same without ending → relative path */
  NmdPairing *pairing;
  GHashTable *parts; /* words of folders: a part of some image */
  guint n_alone;     /* images whose subject nothing tells */
  guint n_outside;   /* images in no class folder */
} Classes;

static void
classes_clear (Classes *self)
{
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->stems, g_hash_table_unref);
  g_clear_pointer (&self->pairing, nmd_pairing_free);
  g_clear_pointer (&self->parts, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Classes, classes_clear)

static gboolean
is_class_name (const char *name, const NmdImportSettings *settings)
{
  const char *positive = settings != NULL ? settings->positive : NULL;

  return nmd_label_parse (name, NULL) >= 0
         || (positive != NULL && nmd_label_parse (name, positive) == 1);
}

/* Whether a folder tells nothing by its name but what kind of files it holds. */
static gboolean
is_structure (const char *name)
{
  return nmd_folder_get_kind (name) != NMD_FOLDER_PLAIN;
}

static char *
without_ending (const char *path)
{
  const char *dot = strrchr (path, '.');

  return g_strndup (path, dot != NULL ? (gsize)(dot - path) : strlen (path));
}

static void
add_file (Classes *self, char *path)
{
  char *stem = without_ending (path);
  const char *other = g_hash_table_lookup (self->stems, stem);

  if (other == NULL)
    {
      g_hash_table_insert (self->stems, stem, path);
      g_ptr_array_add (self->files, path);
      return;
    }
  nmd_import_report_leave_out (self->scan->report, path,
                               "Its name differs from %s in the ending only", other);
  g_free (stem);
  g_free (path);
}

/* Lists every image file below @relative. */
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
      char *path = relative[0] == '\0' ? g_strdup (name)
                                       : g_strdup_printf ("%s/%s", relative, name);
      g_autofree char *absolute = g_build_filename (folder, name, NULL);
      gboolean good = TRUE;

      if (g_file_test (absolute, G_FILE_TEST_IS_DIR))
        {
          good = depth <= 0 || list_files (self, path, depth - 1, error);
          g_free (path);
        }
      else if (nmd_listing_is_image_name (name))
        add_file (self, path);
      else
        g_ptr_array_add (self->scan->report->passed_over, path);
      if (!good)
        return FALSE;
    }
  return TRUE;
}

/* The folders of @path that are not structure, at most two: class and subject. */
static void
read_folders (const char *path, char *plain[2])
{
  const char *slash;

  plain[0] = plain[1] = NULL;
  for (; (slash = strchr (path, '/')) != NULL; path = slash + 1)
    {
      g_autofree char *name = g_strndup (path, (gsize)(slash - path));

      if (is_structure (name))
        continue;
      if (plain[0] == NULL)
        plain[0] = g_steal_pointer (&name);
      else if (plain[1] == NULL)
        plain[1] = g_steal_pointer (&name);
    }
}

/* Whether @path lies in a folder of masks. */
static gboolean
is_in_masks (const char *path)
{
  const char *slash;

  for (; (slash = strchr (path, '/')) != NULL; path = slash + 1)
    {
      g_autofree char *name = g_strndup (path, (gsize)(slash - path));

      if (nmd_folder_get_kind (name) == NMD_FOLDER_MASKS)
        return TRUE;
    }
  return FALSE;
}

/* What lies in a folder that may hold the classes. */
typedef struct
{
  GHashTable *words;    /* folders that would be classes */
  gboolean known;       /* any of them is a label */
  GHashTable *wrappers; /* of these, by place: such with known labels one further down */
} Level;

static void
level_clear (Level *self)
{
  g_clear_pointer (&self->words, g_hash_table_unref);
  g_clear_pointer (&self->wrappers, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Level, level_clear)

static void
look_at_level (Classes *self, const char *prefix, Level *level)
{
  const gsize n = strlen (prefix);

  level->words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  level->wrappers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < self->files->len; i++)
    {
      const char *path = self->files->pdata[i];
      g_auto (GStrv) none = NULL;
      char *plain[2];

      if (strncmp (path, prefix, n) != 0 || is_in_masks (path + n))
        continue;
      read_folders (path + n, plain);
      if (plain[0] != NULL)
        {
          level->known |= is_class_name (plain[0], self->settings);
          if (plain[1] != NULL && is_class_name (plain[1], self->settings)
              && g_str_has_prefix (path + n, plain[0]))
            g_hash_table_add (level->wrappers, g_strdup (plain[0]));
          g_hash_table_add (level->words, g_steal_pointer (&plain[0]));
        }
      g_free (plain[0]);
      g_free (plain[1]);
    }
}

/* The only folder at @prefix that all images lie in, or NULL. */
static char *
only_folder (Classes *self, const char *prefix)
{
  const gsize n = strlen (prefix);
  g_autofree char *only = NULL;

  for (guint i = 0; i < self->files->len; i++)
    {
      const char *rest = (const char *)self->files->pdata[i] + n, *slash = NULL;

      if (strncmp (self->files->pdata[i], prefix, n) != 0)
        continue;
      slash = strchr (rest, '/');
      if (slash == NULL)
        return NULL;
      if (only == NULL)
        only = g_strndup (rest, (gsize)(slash - rest));
      else if (strncmp (only, rest, (gsize)(slash - rest)) != 0
               || only[slash - rest] != '\0')
        return NULL;
    }
  return g_steal_pointer (&only);
}

static gboolean
is_wrapper (const char *name)
{
  NmdFolderKind kind = nmd_folder_get_kind (name);

  return kind == NMD_FOLDER_PLAIN || kind == NMD_FOLDER_PART;
}

/* The folder that holds the classes, "" or "WRAPPER/…/": folders around it are looked through, whatever
 * else lies in them. NULL if there are no classes. */
static char *
find_prefix (Classes *self)
{
  g_autofree char *prefix = g_strdup ("");

  for (int depth = 0; depth < MAX_WRAPPERS; depth++)
    {
      g_auto (Level) level = { NULL };
      g_autofree char *inner = NULL;
      GHashTableIter iter;
      gpointer name;
      char *longer;

      look_at_level (self, prefix, &level);
      if (level.known)
        return g_steal_pointer (&prefix);
      inner = only_folder (self, prefix);
      if (inner != NULL && !is_wrapper (inner))
        g_clear_pointer (&inner, g_free);
      g_hash_table_iter_init (&iter, level.wrappers);
      if (inner == NULL && g_hash_table_size (level.wrappers) == 1
          && g_hash_table_iter_next (&iter, &name, NULL))
        inner = g_strdup (name);
      if (inner == NULL)
        return g_hash_table_size (level.words) >= 2 ? g_steal_pointer (&prefix) : NULL;
      longer = g_strconcat (prefix, inner, "/", NULL);
      g_free (prefix);
      prefix = longer;
    }
  return NULL;
}

/* Files become relative to the folder of the classes; what lies outside is passed over. */
static void
enter (Classes *self, const char *prefix)
{
  const gsize n = strlen (prefix);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *passed_over = self->scan->report->passed_over;
  char *root;

  if (n == 0)
    return;
  g_hash_table_remove_all (self->stems);
  for (guint i = 0; i < self->files->len; i++)
    {
      const char *path = self->files->pdata[i];

      if (strncmp (path, prefix, n) == 0)
        g_ptr_array_add (files, g_strdup (path + n));
      else
        g_ptr_array_add (passed_over, g_strdup (path));
    }
  for (guint i = 0; i < passed_over->len; i++)
    if (strncmp (passed_over->pdata[i], prefix, n) == 0)
      {
        char *shorter = g_strdup ((const char *)passed_over->pdata[i] + n);

        g_free (passed_over->pdata[i]);
        passed_over->pdata[i] = shorter;
      }
  g_ptr_array_unref (self->files);
  self->files = g_steal_pointer (&files);
  root = g_build_filename (self->scan->root, prefix, NULL);
  root[strlen (root) - 1]
      = root[strlen (root) - 1] == '/' ? '\0' : root[strlen (root) - 1];
  g_free (self->scan->root);
  self->scan->root = root;
}

/* Subject, unit and muscle from name and folders. */
static void
set_subject (Classes *self, NmdSample *sample, const char *path, char *folder)
{
  g_autofree char *name = g_path_get_basename (path), *number = NULL, *muscle = NULL;

  g_free (sample->subject);
  g_free (sample->unit);
  if (nmd_sample_parse_name (name, &muscle, &number, NULL))
    {
      sample->unit = g_strdup_printf ("%s %s", muscle, number);
      sample->subject = g_steal_pointer (&number);
      g_free (sample->muscle);
      sample->muscle = g_steal_pointer (&muscle);
    }
  else
    {
      sample->subject = folder != NULL ? g_strdup (folder) : without_ending (path);
      sample->unit = g_strdup (sample->subject);
      self->n_alone += folder == NULL;
    }
  sample->is_synthetic = g_str_has_prefix (name, "SYN_");
}

/* The part that a folder of @path names. */
static NmdPart
part_of (Classes *self, const char *path)
{
  const char *slash;

  for (; (slash = strchr (path, '/')) != NULL; path = slash + 1)
    {
      g_autofree char *name = g_strndup (path, (gsize)(slash - path));
      NmdPart part = NMD_PART_NONE;

      if (nmd_folder_get_kind (name) == NMD_FOLDER_PART && nmd_part_parse (name, &part))
        {
          g_hash_table_insert (self->parts, g_steal_pointer (&name),
                               GINT_TO_POINTER (part));
          return part;
        }
    }
  return NMD_PART_NONE;
}

/* One sample, or one for each mask where outlines are kept apart. */
static void
add_image (Classes *self, const char *path)
{
  const gboolean apart = self->settings != NULL && self->settings->separate_masks;
  const char *rule = NULL;
  const GPtrArray *masks = nmd_pairing_find (self->pairing, path, &rule);
  const guint n = apart && masks != NULL ? masks->len : 1;
  char *folders[2];
  NmdPart part;

  read_folders (path, folders);
  if (folders[0] == NULL)
    {
      g_ptr_array_add (
          self->scan->report->passed_over,
          nmd_import_report_format (self->scan->report, "%s (in no class folder)", path));
      self->n_outside++;
      return;
    }
  part = part_of (self, path);
  if (masks != NULL)
    nmd_import_report_pair (self->scan->report, rule, masks->len);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id
          = n > 1 ? g_strdup_printf ("%s#%u", path, i + 1) : g_strdup (path);
      NmdSample *sample = nmd_sample_new (id);

      sample->image_path = g_build_filename (self->scan->root, path, NULL);
      nmd_listing_set_masks (self->scan, sample, masks, i, n == 1);
      g_free (sample->label_word);
      sample->label_word = g_strdup (folders[0]);
      sample->part = part;
      set_subject (self, sample, path, folders[1]);
      g_ptr_array_add (self->scan->samples, sample);
    }
  self->n_alone -= folders[1] == NULL && n > 1 ? MIN (n - 1, self->n_alone) : 0;
  g_free (folders[0]);
  g_free (folders[1]);
}

static gboolean
add_images (Classes *self, GError **error)
{
  const GPtrArray *lone = nmd_pairing_get_lone (self->pairing);
  const GPtrArray *originals = nmd_pairing_get_originals (self->pairing);
  GPtrArray *passed_over = self->scan->report->passed_over;

  for (guint i = 0; i < self->files->len; i++)
    if (i % 1024 == 0
        && g_cancellable_set_error_if_cancelled (self->scan->cancellable, error))
      return FALSE;
    else if (nmd_pairing_is_image (self->pairing, self->files->pdata[i]))
      add_image (self, self->files->pdata[i]);
  for (guint i = 0; i < lone->len; i++)
    g_ptr_array_add (passed_over, nmd_import_report_format (
                                      self->scan->report, "%s (a mask without an image)",
                                      (char *)lone->pdata[i]));
  for (guint i = 0; i < originals->len; i++)
    g_ptr_array_add (passed_over,
                     nmd_import_report_format (
                         self->scan->report, "%s (an image of this name is read already)",
                         (char *)originals->pdata[i]));
  return TRUE;
}

/* Folders of two parts or more are a split; a single one is a folder like any other. */
static void
settle_parts (Classes *self)
{
  g_autoptr (GList) words = g_hash_table_get_keys (self->parts);
  g_autoptr (GString) text = g_string_new (NULL);
  guint seen = 0;

  words = g_list_sort (words, (GCompareFunc)g_strcmp0);
  for (GList *l = words; l != NULL; l = l->next)
    {
      seen |= 1u << GPOINTER_TO_INT (g_hash_table_lookup (self->parts, l->data));
      g_string_append_printf (text, "%s%s", l != words ? ", " : "", (char *)l->data);
    }
  if ((seen & (seen - 1)) != 0)
    {
      self->scan->report->parts_source
          = nmd_import_report_format (self->scan->report, "the folders %s", text->str);
      return;
    }
  for (guint i = 0; i < self->scan->samples->len; i++)
    ((NmdSample *)self->scan->samples->pdata[i])->part = NMD_PART_NONE;
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

gboolean
nmd_listing_classes (NmdListing *self,
                     const char *folder,
                     const NmdImportSettings *settings,
                     GError **error)
{
  g_auto (Classes) scan = { .scan = self, .settings = settings };
  g_autofree char *prefix = NULL;

  scan.files = g_ptr_array_new_with_free_func (g_free);
  scan.stems = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  scan.parts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_free (self->root);
  self->root = g_strdup (folder);
  if (!list_files (&scan, "", MAX_DEPTH, error))
    return FALSE;
  prefix = find_prefix (&scan);
  if (prefix == NULL)
    return FALSE;
  enter (&scan, prefix);
  self->report->kind = g_strdup (N_ ("folder per class"));
  self->labels_by_folder = TRUE;
  scan.pairing = nmd_pairing_new (scan.files, NULL,
                                  settings != NULL ? settings->masks : NULL, error);
  if (scan.pairing == NULL || !add_images (&scan, error))
    return FALSE;
  settle_parts (&scan);
  say_assumptions (&scan);
  return TRUE;
}
