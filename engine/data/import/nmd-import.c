/* SPDX-License-Identifier: Apache-2.0
 *
 * The import: finds out which form a data set has, lets the listing of that form list it,
 * gives the label words their meaning, and makes the data set. Pixels are read by
 * nmd-import-pass.c.
 */
#include "engine/core/nmd-text.h"
#include "engine/data/import/nmd-archive-private.h"
#include "engine/data/import/nmd-cache.h"
#include "engine/data/import/nmd-import-private.h"
#include "engine/data/import/nmd-table.h"
#include "engine/data/nmd-pixel-cache-private.h"
#include "engine/data/nmd-sample-mask-private.h"
#include "engine/image/nmd-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define LONGEST_ERROR 3000 /* bytes */

/* Labels and groups. */

static char *
quoted_words (GPtrArray *words)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < words->len && i < 8; i++)
    g_string_append_printf (text, "%s“%s”", i == 0 ? "" : ", ", (char *)words->pdata[i]);
  if (words->len > 8)
    g_string_append_printf (text, " and %u more", words->len - 8);
  return g_string_free (text, FALSE);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* The distinct label words of a data set; the texts are borrowed from the samples. */
typedef struct
{
  GPtrArray *all, *unknown, *negative, *positive; /* sorted */
} LabelWords;

static void
label_words_clear (LabelWords *self)
{
  g_clear_pointer (&self->all, g_ptr_array_unref);
  g_clear_pointer (&self->unknown, g_ptr_array_unref);
  g_clear_pointer (&self->negative, g_ptr_array_unref);
  g_clear_pointer (&self->positive, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LabelWords, label_words_clear)

/* Sets the label of every sample and collects the words; each word is parsed once. */
static gboolean
collect_words (LabelWords *self,
               GPtrArray *samples,
               const char *positive,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray **lists[] = { &self->all, &self->unknown, &self->negative, &self->positive };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    *lists[i] = g_ptr_array_new ();
  for (guint i = 0; i < samples->len; i++)
    {
      NmdSample *sample = samples->pdata[i];
      gpointer known = NULL;

      if (i % 1024 == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (g_hash_table_lookup_extended (labels, sample->label_word, NULL, &known))
        {
          sample->label = GPOINTER_TO_INT (known);
          continue;
        }
      sample->label = nmd_label_parse (sample->label_word, positive);
      g_hash_table_insert (labels, sample->label_word, GINT_TO_POINTER (sample->label));
      g_ptr_array_add (self->all, sample->label_word);
      g_ptr_array_add (*lists[sample->label + 2], sample->label_word);
    }
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    g_ptr_array_sort (*lists[i], compare_texts);
  g_ptr_array_add (self->all, NULL);
  return TRUE;
}

static gboolean ask_positive (LabelWords *words, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
ask_positive (LabelWords *words, GError **error, const char *format, ...)
{
  GError *question = NULL;
  va_list args;

  va_start (args, format);
  question = g_error_new_valist (NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE, format, args);
  va_end (args);
  nmd_error_set_choices (question, (const char *const *)words->all->pdata);
  g_propagate_error (error, question);
  return FALSE;
}

/* Whether both 0 and −1 are among the negative words: one of them may mean "not known". */
static gboolean
has_two_zeros (GPtrArray *negative)
{
  gboolean zero = FALSE, minus = FALSE;

  for (guint i = 0; i < negative->len; i++)
    {
      g_autofree char *word = g_strstrip (g_strdup (negative->pdata[i]));
      double value;

      if (g_str_has_prefix (word, "−"))
        minus = TRUE;
      else if (nmd_csv_parse_number (word, &value))
        *(value < 0 ? &minus : &zero) = TRUE;
    }
  return zero && minus;
}

/* Whether numbers stand in a column whose header makes 1 the negative class. */
static gboolean
is_inverted (const char *header, GPtrArray *words)
{
  for (guint i = 0; header != NULL && i < words->len && words->pdata[i] != NULL; i++)
    if (nmd_label_is_inverted (header, words->pdata[i]))
      return TRUE;
  return FALSE;
}

static gboolean
set_labels (NmdListing *scan,
            const char *path,
            const char *positive,
            GCancellable *cancellable,
            GError **error)
{
  g_auto (LabelWords) words = { NULL };
  g_autofree char *unknown = NULL, *negative = NULL, *ill = NULL;

  if (!collect_words (&words, scan->samples, positive, cancellable, error))
    return FALSE;
  unknown = quoted_words (words.unknown);
  negative = quoted_words (words.negative);
  ill = quoted_words (words.positive);
  if (words.unknown->len > 0)
    return ask_positive (&words, error,
                         _ ("%s has labels that are not known, %s: say which word is "
                            "positive"),
                         path, unknown);
  if (positive == NULL && is_inverted (scan->label_header, words.all))
    return ask_positive (
        &words, error,
        _ ("In %s the column “%s” may say with 1 that an image is of the "
           "negative class: say which word is positive"),
        path, scan->label_header);
  if (positive == NULL && has_two_zeros (words.negative))
    return ask_positive (
        &words, error,
        _ ("%s has the labels 0 and −1, of which one may mean “not known”: "
           "say which word is positive, or empty the cells of the unknown"),
        path);
  if (positive != NULL && words.positive->len == 0 && words.negative->len > 0)
    return ask_positive (&words, error,
                         _ ("No image of %s has the label “%s”; its labels are %s"), path,
                         positive, negative);
  if (!scan->labels_by_folder || positive != NULL)
    nmd_import_report_assume (scan->report, "Positive is %s, negative %s",
                              words.positive->len > 0 ? ill : "nothing",
                              words.negative->len > 0 ? negative : "nothing");
  return TRUE;
}

/* @subject without leading zeros of its numbers and without case. */
static char *
plain_subject (const char *subject)
{
  g_autofree char *folded = g_utf8_casefold (subject, -1);
  GString *plain = g_string_new (NULL);
  gboolean in_number = FALSE;

  for (const char *p = folded; *p != '\0'; p++)
    {
      if (*p == '0' && !in_number && g_ascii_isdigit (p[1]))
        continue;
      in_number = g_ascii_isdigit (*p);
      g_string_append_c (plain, *p);
    }
  return g_string_free (plain, FALSE);
}

/* Names subjects that may be one person written in two ways. */
static void
note_similar_subjects (NmdListing *scan)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) firsts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < scan->samples->len; i++)
    {
      char *subject = ((NmdSample *)scan->samples->pdata[i])->subject, *plain = NULL;
      const char *first;

      if (!g_hash_table_add (seen, subject))
        continue;
      plain = plain_subject (subject);
      first = g_hash_table_lookup (firsts, plain);
      if (first != NULL)
        g_ptr_array_add (
            scan->report->similar_subjects,
            nmd_import_report_format (scan->report, "“%s” and “%s”", first, subject));
      if (first == NULL)
        g_hash_table_insert (firsts, plain, subject);
      else
        g_free (plain);
    }
  g_ptr_array_sort (scan->report->similar_subjects, compare_texts);
}

static void
note_mixed_groups (NmdListing *scan)
{
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer subject, seen;

  for (guint i = 0; i < scan->samples->len; i++)
    {
      NmdSample *sample = scan->samples->pdata[i];
      guint before = GPOINTER_TO_UINT (g_hash_table_lookup (labels, sample->subject));

      g_hash_table_insert (labels, sample->subject,
                           GUINT_TO_POINTER (before | 1u << sample->label));
    }
  g_hash_table_iter_init (&iter, labels);
  while (g_hash_table_iter_next (&iter, &subject, &seen))
    if (GPOINTER_TO_UINT (seen) == 3)
      g_ptr_array_add (scan->report->mixed_groups, g_strdup (subject));
  g_ptr_array_sort (scan->report->mixed_groups, compare_texts);
}

/* Forms. */

/* A manifest in @folder, or up to @depth folders down where there is only one folder. */
static char *
find_manifest (const char *folder, int depth)
{
  static const char *const files[] = { "manifest.csv", "manifest.xlsx", "manifest.tsv" };
  g_autofree char *only = NULL;
  g_autoptr (GPtrArray) names = NULL;
  guint n_folders = 0;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
    }
  names = depth > 0 ? nmd_listing_names (folder, NULL, NULL, NULL) : NULL;
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *child = g_build_filename (folder, names->pdata[i], NULL);

      if (!g_file_test (child, G_FILE_TEST_IS_DIR))
        continue;
      n_folders++;
      g_free (only);
      only = g_steal_pointer (&child);
    }
  return n_folders == 1 ? find_manifest (only, depth - 1) : NULL;
}

/* Nothing in @folder is a data set; files of a kind that is not read are named. */
static void
refuse_folder (NmdListing *scan, const char *folder, GError **error)
{
  const GPtrArray *left_out = scan->report->left_out;
  const NmdLeftOut *first = NULL;

  nmd_listing_leave_out_foreign (scan);
  if (left_out->len > 0)
    first = left_out->pdata[0];
  if (first == NULL)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 _ ("%s holds no data set: neither folders BB, GM or TA with Healthy and "
                    "Pathological, nor a manifest.csv or .xlsx, nor a folder of images "
                    "for each class"),
                 folder);
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 /* Translators: a folder; a file and why it cannot be read */
                 _ ("%s holds no data set: neither folders BB, GM or TA with Healthy and "
                    "Pathological, nor a manifest.csv or .xlsx, nor a folder of images "
                    "for each class; of what cannot be read the first is %s: %s"),
                 folder, first->path, first->reason);
}

static gboolean
scan_folder (NmdListing *scan,
             const char *folder,
             const NmdImportSettings *settings,
             GCancellable *cancellable,
             GError **error)
{
  g_autofree char *manifest = find_manifest (folder, 2);
  g_autoptr (GError) inner = NULL;

  if (nmd_listing_layout (scan, folder, &inner))
    return TRUE;
  if (inner == NULL && manifest != NULL)
    return nmd_listing_manifest (scan, manifest, settings, error);
  if (inner == NULL && nmd_listing_voc (scan, folder, &inner))
    return TRUE;
  if (inner == NULL && nmd_listing_classes (scan, folder, settings, &inner))
    return TRUE;
  if (inner == NULL)
    refuse_folder (scan, folder, &inner);
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/* @folder holds the outlines that images without a mask may have. */
static gboolean
add_outlines (NmdListing *scan,
              const char *folder,
              const NmdImportSettings *settings,
              GError **error)
{
  g_autofree char *above = folder == NULL ? g_strdup (scan->root) : NULL;

  return nmd_listing_outlines (scan, folder != NULL ? folder : above, settings, error);
}

static gboolean
scan_path (NmdListing *scan,
           const char *path,
           const NmdImportSettings *settings,
           GCancellable *cancellable,
           GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return scan_folder (scan, path, settings, cancellable, error)
           && add_outlines (scan, path, settings, error);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, _ ("%s does not exist"), path);
  else if (nmd_table_is_name (path))
    return nmd_listing_manifest (scan, path, settings, error)
           && add_outlines (scan, NULL, settings, error);
  else if (nmd_archive_is_one (path))
    {
      scan->unpacked
          = nmd_archive_unpack (path, settings != NULL && settings->unpack,
                                settings != NULL ? settings->cache_folder : NULL,
                                &scan->report->archive_name, cancellable, error);
      return scan->unpacked != NULL
             && scan_folder (scan, scan->unpacked, settings, cancellable, error)
             && add_outlines (scan, scan->unpacked, settings, error);
    }
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 _ ("%s is no data set: a folder, a manifest (.csv, .xlsx), a .zip or "
                    "a .tar.gz is expected"),
                 path);
  return FALSE;
}

/* "busbra" for busbra/manifest.csv and for busbra. */
static char *
make_title (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *folder = g_path_get_dirname (absolute);
  char *title;

  if (g_file_test (absolute, G_FILE_TEST_IS_DIR))
    return g_path_get_basename (absolute);
  title = g_path_get_basename (absolute);
  if (g_ascii_strncasecmp (title, "manifest.", strlen ("manifest.")) == 0
      && nmd_table_is_name (title))
    {
      g_free (title);
      title = g_path_get_basename (folder);
    }
  else if (strrchr (title, '.') > title)
    *strrchr (title, '.') = '\0';
  if (strlen (title) > 4 && g_ascii_strcasecmp (title + strlen (title) - 4, ".tar") == 0)
    title[strlen (title) - 4] = '\0'; /* of .tar.gz */
  return title;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  const NmdSample *x = *(NmdSample *const *)a, *y = *(NmdSample *const *)b;

  return strcmp (x->id, y->id);
}

/* The cache folder, or NULL if nothing about images may be kept there. */
static char *
choose_cache (const NmdImportSettings *settings)
{
  if ((settings != NULL && settings->no_cache) || g_getenv ("NMD_NO_CACHE") != NULL)
    return NULL;
  return settings != NULL && settings->cache_folder != NULL
             ? g_strdup (settings->cache_folder)
             : nmd_cache_get_folder ();
}

/* The index of files measured with the same options of masks. */
static NmdImportIndex *
load_index (NmdListing *scan, const char *cache)
{
  const NmdSample *first = scan->samples->len > 0 ? scan->samples->pdata[0] : NULL;
  g_autofree char *options
      = first != NULL ? nmd_mask_options_to_key (&first->mask_options) : g_strdup ("");
  g_autofree char *place = options[0] != '\0'
                               ? g_strconcat (scan->root, "\n", options, NULL)
                               : g_strdup (scan->root);

  return nmd_import_index_load (cache, place);
}

/* Lists, labels and reads all; the samples and the report are then @scan's. */
static gboolean
read_listing (NmdListing *scan,
              const char *absolute,
              const char *path,
              const char *cache,
              const NmdImportSettings *settings,
              NmdImportProgress progress,
              gpointer user_data,
              GError **error)
{
  g_autoptr (NmdImportIndex) index = NULL;
  const char *positive = settings != NULL ? settings->positive : NULL;
  NmdLeftOut *first = NULL;
  guint n_listed = 0;

  if (!scan_path (scan, absolute, settings, scan->cancellable, error)
      || !set_labels (scan, path, positive, scan->cancellable, error))
    return FALSE;
  nmd_listing_leave_out_foreign (scan);
  g_ptr_array_sort (scan->samples, compare_ids);
  nmd_listing_set_mask_options (scan, settings);
  n_listed = scan->samples->len;
  if (cache != NULL)
    index = load_index (scan, cache);
  if (!nmd_listing_read (scan, index, progress, user_data, error))
    return FALSE;
  if (index != NULL)
    nmd_import_index_save (index);
  if (scan->samples->len > 0)
    return nmd_listing_check_labels (scan, path, settings, error);
  if (scan->report->left_out->len > 0)
    first = scan->report->left_out->pdata[0];
  if (first != NULL)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 _ ("None of the %u images of %s can be used; the first is %s: %s"),
                 MAX (n_listed, scan->report->left_out->len), path, first->path,
                 first->reason);
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, _ ("%s holds no image"), path);
  return FALSE;
}

/* After a failure: the error names the user's archive, not the cache, and is one line of
 * text whatever names and cells hold; an archive that holds no data set does not stay
 * unpacked. A question leaves it for the answer. */
static void
tidy_failure (NmdListing *scan, const char *path, GError *error)
{
  g_autoptr (GString) text = g_string_new (error->message);

  if (scan->unpacked != NULL)
    g_string_replace (text, scan->unpacked, path, 0);
  g_free (error->message);
  error->message = nmd_text_display_length (text->str, text->len, LONGEST_ERROR);
  if (scan->unpacked != NULL
      && (g_error_matches (error, NMD_ERROR, NMD_ERROR_FORMAT)
          || g_error_matches (error, NMD_ERROR, NMD_ERROR_REFUSED)))
    nmd_archive_forget (scan->unpacked);
}

gboolean
nmd_dataset_is_file_name (const char *name)
{
  static const char *const endings[]
      = { ".csv", ".xlsx", ".zip", ".tar.gz", ".tgz", ".tar" };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (lower, endings[i]))
      return TRUE;
  return FALSE;
}

NmdDataset *
nmd_dataset_import (const char *path,
                    const NmdImportSettings *settings,
                    NmdImportProgress progress,
                    gpointer user_data,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *absolute = NULL, *title = NULL, *cache = NULL, *pixels = NULL;
  g_autoptr (NmdListing) scan = NULL;
  g_autoptr (GError) inner = NULL;
  NmdDataset *dataset = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  absolute = g_canonicalize_filename (path, NULL);
  title = make_title (path);
  cache = choose_cache (settings);
  scan = nmd_listing_new (absolute, cancellable);
  if (settings != NULL && settings->prepare != NULL)
    scan->prepared = nmd_prepared_new (settings->prepare, NMD_PREPARED_MAX);
  if (!read_listing (scan, absolute, path, cache, settings, progress, user_data, &inner))
    {
      tidy_failure (scan, path, inner);
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  note_mixed_groups (scan);
  note_similar_subjects (scan);
  dataset = nmd_dataset_new_full (path, scan->title != NULL ? scan->title : title,
                                  g_steal_pointer (&scan->samples),
                                  g_steal_pointer (&scan->report));
  if (cache != NULL)
    pixels = g_build_filename (cache, NMD_PIXEL_CACHE_NAME, NULL);
  nmd_dataset_set_pixel_folder (dataset, pixels);
  nmd_dataset_take_prepared (dataset, g_steal_pointer (&scan->prepared));
  return dataset;
}
