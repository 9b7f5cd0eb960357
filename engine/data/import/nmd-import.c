/* SPDX-License-Identifier: Apache-2.0
 *
 * The import: finds out which form a data set has, lets the scan of that form list it,
 * and then reads every image and mask once, on two threads. What comes out does not
 * depend on which thread read what: results are collected in the order of ids on the
 * calling thread.
 */
#include "engine/data/import/nmd-archive-private.h"
#include "engine/data/import/nmd-cache.h"
#include "engine/data/import/nmd-import-index-private.h"
#include "engine/data/import/nmd-import-private.h"
#include "engine/data/nmd-pixel-cache-private.h"

#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define N_THREADS 2
#define MAX_FILE (256 * 1024 * 1024)

/* Reading one sample. */

typedef enum
{
  READ_WAITING,
  READ_GOOD,
  READ_UNREADABLE,
  READ_SIZE_MISMATCH,
  READ_OWN_MASK, /* one file stands for both */
} ReadState;

typedef struct
{
  ReadState state;
  char *reason;      /* of a sample left out */
  char content[65];  /* SHA-256 of size and pixels */
  gboolean is_empty; /* the mask */
} Reading;

static GBytes *
read_file (const char *path, char sha256[65], GError **error)
{
  g_autofree char *content = NULL, *digest = NULL;
  gsize length;
  GStatBuf info;

  if (g_stat (path, &info) == 0 && (!S_ISREG (info.st_mode) || info.st_size > MAX_FILE))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s",
                   S_ISREG (info.st_mode) ? "It is larger than 256 MB"
                                          : "It is not a file");
      return NULL;
    }
  if (!g_file_get_contents (path, &content, &length, error))
    return NULL;
  digest
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)content, length);
  g_strlcpy (sha256, digest, 65);
  return g_bytes_new_take (g_steal_pointer (&content), length);
}

static void
hash_pixels (const NmdImage *image, char sha256[65])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gint32 size[2] = { image->width, image->height };

  g_checksum_update (sum, (const guchar *)size, sizeof size);
  g_checksum_update (sum, image->pixels, (gsize)image->width * image->height);
  g_strlcpy (sha256, g_checksum_get_string (sum), 65);
}

/* A file error names the whole path; the report names the file already. */
static char *
reason_of (const GError *error, const char *what)
{
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return g_strdup_printf ("%s does not exist", what);
  return g_strdup (error->message);
}

/* The stamps are taken before and compared after reading, so that what was measured is
 * what they stand for. */
static void
check_stamps (NmdSample *sample)
{
  NmdStamp now;

  if (!nmd_stamp_take (&now, sample->image_path)
      || !nmd_stamp_equal (&now, &sample->stamp_image))
    sample->stamp_image = (NmdStamp){ 0 };
  if (sample->mask_path != NULL
      && (!nmd_stamp_take (&now, sample->mask_path)
          || !nmd_stamp_equal (&now, &sample->stamp_mask)))
    sample->stamp_mask = (NmdStamp){ 0 };
}

static ReadState
measure_sample (NmdSample *sample, Reading *reading)
{
  g_autoptr (GBytes) image_bytes = NULL, mask_bytes = NULL;
  g_autoptr (NmdImage) image = NULL, mask = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *image_name = g_path_get_basename (sample->image_path),
                  *mask_name = NULL, *what = NULL;

  image_bytes = read_file (sample->image_path, sample->sha256_image, &error);
  if (image_bytes != NULL)
    image = nmd_image_load_bytes (image_bytes, image_name, &error);
  if (image == NULL)
    {
      reading->reason = reason_of (error, "The image");
      return READ_UNREADABLE;
    }
  sample->width = image->width;
  sample->height = image->height;
  sample->is_synthetic |= image->is_synthetic;
  sample->problems |= image->is_lossy ? NMD_PROBLEM_LOSSY : 0;
  hash_pixels (image, reading->content);
  sample->box = (NmdBox){ 0, 0, image->width, image->height };
  if (sample->mask_path == NULL)
    {
      sample->problems |= NMD_PROBLEM_NO_MASK;
      return READ_GOOD;
    }

  mask_name = g_path_get_basename (sample->mask_path);
  what = g_strdup_printf ("Its mask %s", mask_name);
  mask_bytes = read_file (sample->mask_path, sample->sha256_mask, &error);
  if (mask_bytes != NULL)
    mask = nmd_mask_load_bytes (mask_bytes, mask_name, &error);
  if (mask == NULL)
    {
      reading->reason = reason_of (error, what);
      return READ_UNREADABLE;
    }
  if (strcmp (sample->sha256_image, sample->sha256_mask) == 0)
    {
      reading->reason = g_strdup_printf ("%s is the image itself", what);
      return READ_OWN_MASK;
    }
  if (!nmd_mask_check_size (mask, mask_name, image, &error))
    {
      reading->reason = g_strdup (error->message);
      return READ_SIZE_MISMATCH;
    }
  if (!nmd_mask_get_bounds (mask, &sample->box))
    {
      sample->box = (NmdBox){ 0, 0, image->width, image->height };
      sample->problems |= NMD_PROBLEM_EMPTY_MASK;
      return READ_GOOD;
    }
  nmd_echo_intensity (image, mask, &sample->echo);
  if (sample->echo.n_coloured > 0)
    sample->problems |= NMD_PROBLEM_COLOURED;
  return READ_GOOD;
}

/* From the index where its files did not change, else by reading them. */
static ReadState
read_sample (NmdSample *sample, NmdImportIndex *index, Reading *reading)
{
  ReadState state;

  nmd_stamp_take (&sample->stamp_image, sample->image_path);
  if (sample->mask_path != NULL)
    nmd_stamp_take (&sample->stamp_mask, sample->mask_path);
  if (index != NULL && nmd_import_index_find (index, sample, reading->content))
    return READ_GOOD;
  state = measure_sample (sample, reading);
  check_stamps (sample);
  return state;
}

/* The pass over all samples. */

typedef struct
{
  GPtrArray *samples;
  NmdImportIndex *index; /* (nullable) */
  Reading *readings;     /* one a sample; state under the lock */
  guint next;
  gboolean stop;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t threads[N_THREADS];
  guint n_threads;
} Pass;

static void *
pass_thread (void *data)
{
  Pass *self = data;

  pthread_mutex_lock (&self->lock);
  while (!self->stop && self->next < self->samples->len)
    {
      guint i = self->next++;
      ReadState state;

      pthread_mutex_unlock (&self->lock);
      state = read_sample (self->samples->pdata[i], self->index, &self->readings[i]);
      pthread_mutex_lock (&self->lock);
      self->readings[i].state = state;
      pthread_cond_broadcast (&self->changed);
    }
  pthread_mutex_unlock (&self->lock);
  return NULL;
}

static void
pass_start (Pass *self, GPtrArray *samples)
{
  self->samples = samples;
  self->readings = g_new0 (Reading, MAX (samples->len, 1));
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->changed, NULL);
  while (self->n_threads < N_THREADS
         && pthread_create (&self->threads[self->n_threads], NULL, pass_thread, self)
                == 0)
    self->n_threads++;
  if (self->n_threads == 0)
    pass_thread (self); /* no thread to be had: read here */
}

static void
pass_end (Pass *self)
{
  pthread_mutex_lock (&self->lock);
  self->stop = TRUE;
  pthread_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->n_threads; i++)
    pthread_join (self->threads[i], NULL);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->lock);
  for (guint i = 0; i < self->samples->len; i++)
    g_free (self->readings[i].reason);
  g_free (self->readings);
}

/* Waits until sample @i has been read; looks at @cancellable ten times a second. */
static gboolean
pass_wait (Pass *self, guint i, GCancellable *cancellable, GError **error)
{
  gboolean cancelled = g_cancellable_set_error_if_cancelled (cancellable, error);

  pthread_mutex_lock (&self->lock);
  while (!cancelled && self->readings[i].state == READ_WAITING)
    {
      struct timespec until;

      clock_gettime (CLOCK_REALTIME, &until);
      until.tv_nsec += 100 * 1000 * 1000;
      until.tv_sec += until.tv_nsec / 1000000000;
      until.tv_nsec %= 1000000000;
      pthread_cond_timedwait (&self->changed, &self->lock, &until);
      cancelled = g_cancellable_set_error_if_cancelled (cancellable, error);
    }
  pthread_mutex_unlock (&self->lock);
  return !cancelled;
}

/* Names a sample that has the same pixels as one before it. */
static void
note_duplicate (NmdListing *scan,
                GHashTable *contents,
                NmdSample *sample,
                Reading *reading)
{
  NmdSample *first = g_hash_table_lookup (contents, reading->content);

  if (first == NULL)
    {
      g_hash_table_insert (contents, reading->content, sample);
      return;
    }
  sample->problems |= NMD_PROBLEM_DUPLICATE;
  if (first->label != sample->label)
    sample->problems |= NMD_PROBLEM_LABEL_CONFLICT;
  g_ptr_array_add (
      scan->report->duplicates,
      g_strdup_printf (
          "%s is the same picture as %s%s%s", sample->id, first->id,
          strcmp (first->subject, sample->subject) != 0 ? ", of another subject" : "",
          first->label != sample->label ? ", with another label" : ""));
}

static void
note_reading (NmdListing *scan, NmdSample *sample, Reading *reading)
{
  if (reading->state == READ_GOOD)
    {
      scan->report->n_no_mask += (sample->problems & NMD_PROBLEM_NO_MASK) != 0;
      scan->report->n_empty_mask += (sample->problems & NMD_PROBLEM_EMPTY_MASK) != 0;
      return;
    }
  scan->report->n_size_mismatch += reading->state == READ_SIZE_MISMATCH;
  scan->report->n_unreadable += reading->state == READ_UNREADABLE;
  nmd_import_report_leave_out (scan->report, sample->id, "%s", reading->reason);
}

/* Reads all of scan->samples and keeps the good ones. */
static gboolean
read_all (NmdListing *scan,
          NmdImportIndex *index,
          NmdImportProgress progress,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (GPtrArray) good = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) contents = g_hash_table_new (g_str_hash, g_str_equal);
  Pass pass = { .index = index };
  gboolean complete = TRUE;

  pass_start (&pass, scan->samples);
  for (guint i = 0; complete && i < scan->samples->len; i++)
    {
      NmdSample *sample = scan->samples->pdata[i];

      complete = pass_wait (&pass, i, cancellable, error);
      if (!complete)
        break;
      note_reading (scan, sample, &pass.readings[i]);
      if (pass.readings[i].state != READ_GOOD)
        continue;
      note_duplicate (scan, contents, sample, &pass.readings[i]);
      if (index != NULL)
        nmd_import_index_add (index, sample, pass.readings[i].content);
      g_ptr_array_add (good, g_object_ref (sample));
      if (progress != NULL)
        progress ((i + 1.0) / scan->samples->len, sample, user_data);
    }
  pass_end (&pass);
  if (!complete)
    return FALSE;
  g_ptr_array_unref (scan->samples);
  scan->samples = g_steal_pointer (&good);
  return TRUE;
}

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
                         "%s has labels that are not known, %s: say which word is "
                         "positive",
                         path, unknown);
  if (positive != NULL && words.positive->len == 0 && words.negative->len > 0)
    return ask_positive (&words, error,
                         "No image of %s has the label “%s”; its labels are %s", path,
                         positive, negative);
  if (!scan->labels_by_folder || positive != NULL)
    nmd_import_report_assume (scan->report, "Positive is %s, negative %s",
                              words.positive->len > 0 ? ill : "nothing",
                              words.negative->len > 0 ? negative : "nothing");
  return TRUE;
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

static gboolean
is_zip (const char *path)
{
  static const char magic[2] = { 'P', 'K' };
  g_autofree char *lower = g_ascii_strdown (path, -1);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = NULL;
  char start[2] = "";

  if (g_str_has_suffix (lower, ".zip"))
    return TRUE;
  stream = g_file_read (file, NULL, NULL);
  return stream != NULL
         && g_input_stream_read (G_INPUT_STREAM (stream), start, 2, NULL, NULL) == 2
         && memcmp (start, magic, 2) == 0;
}

/* manifest.csv in @folder, or up to @depth folders down where there is only one folder.
 */
static char *
find_manifest (const char *folder, int depth)
{
  g_autofree char *path = g_build_filename (folder, "manifest.csv", NULL), *only = NULL;
  g_autoptr (GPtrArray) names = NULL;
  guint n_folders = 0;

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&path);
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
  if (inner == NULL && nmd_listing_classes (scan, folder, settings, &inner))
    return TRUE;
  if (inner == NULL)
    g_set_error (
        &inner, NMD_ERROR, NMD_ERROR_FORMAT,
        "%s holds no data set: neither folders BB, GM or TA with Healthy and "
        "Pathological, nor a manifest.csv, nor a folder of images for each class",
        folder);
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static gboolean
scan_path (NmdListing *scan,
           const char *path,
           const NmdImportSettings *settings,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return scan_folder (scan, path, settings, cancellable, error);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s does not exist", path);
  else if (g_str_has_suffix (lower, ".csv") || g_str_has_suffix (lower, ".tsv")
           || g_str_has_suffix (lower, ".txt"))
    return nmd_listing_manifest (scan, path, settings, error);
  else if (is_zip (path))
    {
      scan->unpacked
          = nmd_archive_unpack (path, settings != NULL && settings->unpack,
                                settings != NULL ? settings->cache_folder : NULL,
                                &scan->report->archive_name, cancellable, error);
      return scan->unpacked != NULL
             && scan_folder (scan, scan->unpacked, settings, cancellable, error);
    }
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "%s is no data set: a folder, a manifest (.csv) or a .zip is expected",
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
  if (g_ascii_strcasecmp (title, "manifest.csv") == 0)
    {
      g_free (title);
      title = g_path_get_basename (folder);
    }
  else if (strrchr (title, '.') > title)
    *strrchr (title, '.') = '\0';
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
  g_ptr_array_sort (scan->samples, compare_ids);
  n_listed = scan->samples->len;
  if (cache != NULL)
    index = nmd_import_index_load (cache, scan->root);
  if (!read_all (scan, index, progress, user_data, scan->cancellable, error))
    return FALSE;
  if (index != NULL)
    nmd_import_index_save (index);
  if (scan->samples->len > 0)
    return TRUE;
  if (scan->report->left_out->len > 0)
    first = scan->report->left_out->pdata[0];
  if (first != NULL)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "None of the %u images of %s can be used; the first is %s: %s",
                 MAX (n_listed, scan->report->left_out->len), path, first->path,
                 first->reason);
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s holds no image", path);
  return FALSE;
}

/* After a failure: the error names the user's archive, not the cache, and an archive that
 * holds no data set does not stay unpacked. A question leaves it for the answer. */
static void
forget_unpacked (NmdListing *scan, const char *path, GError *error)
{
  g_autoptr (GString) text = g_string_new (error->message);

  if (scan->unpacked == NULL)
    return;
  g_string_replace (text, scan->unpacked, path, 0);
  g_free (error->message);
  error->message = g_string_free (g_steal_pointer (&text), FALSE);
  if (g_error_matches (error, NMD_ERROR, NMD_ERROR_FORMAT)
      || g_error_matches (error, NMD_ERROR, NMD_ERROR_REFUSED))
    nmd_archive_forget (scan->unpacked);
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
  if (!read_listing (scan, absolute, path, cache, settings, progress, user_data, &inner))
    {
      forget_unpacked (scan, path, inner);
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  note_mixed_groups (scan);
  dataset = nmd_dataset_new_full (path, scan->title != NULL ? scan->title : title,
                                  g_steal_pointer (&scan->samples),
                                  g_steal_pointer (&scan->report));
  if (cache != NULL)
    pixels = g_build_filename (cache, NMD_PIXEL_CACHE_NAME, NULL);
  nmd_dataset_set_pixel_folder (dataset, pixels);
  return dataset;
}
