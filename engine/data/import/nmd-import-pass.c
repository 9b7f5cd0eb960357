/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the images of a listing: each image and mask once, on two threads, or from the
 * index of measured files. What comes out does not depend on which thread read what:
 * results are collected in the order of ids on the calling thread.
 */
#include "engine/data/import/nmd-import-private.h"
#include "engine/data/nmd-sample-mask-private.h"
#include "engine/image/nmd-reader.h"

#include <glib/gi18n-lib.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define N_THREADS 2

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

/* What an unusable mask makes of its image. */
static ReadState
state_of (const GError *error)
{
  if (g_error_matches (error, NMD_ERROR, NMD_ERROR_SHAPE))
    return READ_SIZE_MISMATCH;
  if (g_error_matches (error, NMD_ERROR, NMD_ERROR_REFUSED))
    return READ_OWN_MASK;
  return READ_UNREADABLE;
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

/* What was found of the mask. */
static void
note_facts (NmdSample *sample, const NmdMaskFacts *facts)
{
  static const struct
  {
    NmdMaskFindings finding;
    NmdProblems problem;
  } table[] = {
    { NMD_MASK_ALPHA, NMD_PROBLEM_MASK_ALPHA },
    { NMD_MASK_SOFT, NMD_PROBLEM_MASK_SOFT },
    { NMD_MASK_GREY, NMD_PROBLEM_MASK_GREY },
    { NMD_MASK_COVERS, NMD_PROBLEM_MASK_COVERS },
    { NMD_MASK_INVERTED, NMD_PROBLEM_MASK_INVERTED },
    { NMD_MASK_CONTOUR, NMD_PROBLEM_MASK_CONTOUR },
    { NMD_MASK_STRAY, NMD_PROBLEM_MASK_STRAY },
    { NMD_MASK_VOID, NMD_PROBLEM_MASK_VOID },
  };
  const char *between = (facts->findings & NMD_MASK_LABELS) != 0 ? ", " : " + ";
  g_autoptr (GString) labels = g_string_new (NULL);

  sample->problems |= sample->more_masks != NULL ? NMD_PROBLEM_MERGED_MASKS : 0;
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    sample->problems |= (facts->findings & table[i].finding) != 0 ? table[i].problem : 0;
  sample->n_between = facts->n_between;
  for (guint i = 0; i < facts->n_labels; i++)
    g_string_append_printf (labels, "%s%s", i > 0 ? between : "", facts->labels[i]);
  if (labels->len > 0)
    sample->mask_labels = g_intern_string (labels->str);
}

/* The decoded pixels go to @got_image and @got_mask, as far as they could be read. */
static ReadState
measure_sample (NmdSample *sample,
                Reading *reading,
                NmdImage **got_image,
                NmdImage **got_mask)
{
  g_autoptr (GBytes) image_bytes = NULL;
  NmdImage *image = NULL, *mask = NULL;
  g_autoptr (GError) error = NULL;
  NmdMaskFacts facts;
  g_autofree char *image_name = g_path_get_basename (sample->image_path);

  image_bytes = nmd_sample_read_file (sample->image_path, sample->sha256_image, &error);
  if (image_bytes != NULL)
    image = *got_image = nmd_image_load_bytes (image_bytes, image_name, &error);
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
      sample->problems
          |= NMD_PROBLEM_NO_MASK
             | nmd_problem_of_exposure (nmd_image_get_exposure (image, NULL));
      return READ_GOOD;
    }

  mask = *got_mask = nmd_sample_read_mask (sample, image, sample->sha256_image,
                                           sample->sha256_mask, &facts, &error);
  if (mask == NULL)
    {
      reading->reason = g_strdup (error->message);
      return state_of (error);
    }
  note_facts (sample, &facts);
  if (!nmd_mask_get_bounds (mask, &sample->box))
    {
      sample->box = (NmdBox){ 0, 0, image->width, image->height };
      sample->problems
          |= NMD_PROBLEM_EMPTY_MASK
             | nmd_problem_of_exposure (nmd_image_get_exposure (image, NULL));
      return READ_GOOD;
    }
  nmd_echo_intensity (image, mask, &sample->echo);
  sample->problems |= nmd_problem_of_exposure (nmd_echo_get_exposure (&sample->echo));
  if (sample->echo.n_coloured > 0)
    sample->problems |= NMD_PROBLEM_COLOURED;
  return READ_GOOD;
}

/* From the index where its files did not change, else by reading them; what is decoded is
 * prepared for the batches that follow. */
static ReadState
read_sample (NmdSample *sample,
             NmdImportIndex *index,
             NmdPrepared *prepared,
             Reading *reading)
{
  g_autoptr (NmdImage) image = NULL, mask = NULL;
  ReadState state;

  nmd_stamp_take (&sample->stamp_image, sample->image_path);
  if (sample->mask_path != NULL)
    nmd_stamp_take (&sample->stamp_mask, sample->mask_path);
  if (index != NULL && nmd_import_index_find (index, sample, reading->content))
    return READ_GOOD;
  state = measure_sample (sample, reading, &image, &mask);
  check_stamps (sample);
  if (state == READ_GOOD && prepared != NULL)
    nmd_prepared_add (prepared, sample, image, mask);
  return state;
}

/* The pass over all samples. */

typedef struct
{
  GPtrArray *samples;
  NmdImportIndex *index; /* (nullable) */
  NmdPrepared *prepared; /* (nullable) */
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
      state = read_sample (self->samples->pdata[i], self->index, self->prepared,
                           &self->readings[i]);
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

static char *
say_same (NmdImportReport *report, const NmdSample *first, const NmdSample *sample)
{
  if (first->label == sample->label)
    return nmd_import_report_format (report, "%s is the same picture as %s", sample->id,
                                     first->id);
  return nmd_import_report_format (
      report, "%s is the same picture as %s, with another label", sample->id, first->id);
}

static char *
say_of_another (NmdImportReport *report, const NmdSample *first, const NmdSample *sample)
{
  if (first->label == sample->label)
    return nmd_import_report_format (report,
                                     "%s is the same picture as %s, of another subject",
                                     sample->id, first->id);
  return nmd_import_report_format (
      report, "%s is the same picture as %s, of another subject, with another label",
      sample->id, first->id);
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
  if (strcmp (first->image_path, sample->image_path) == 0)
    return; /* another outline of it */
  sample->problems |= NMD_PROBLEM_DUPLICATE;
  if (first->label != sample->label)
    sample->problems |= NMD_PROBLEM_LABEL_CONFLICT;
  g_ptr_array_add (scan->report->duplicates,
                   strcmp (first->subject, sample->subject) == 0
                       ? say_same (scan->report, first, sample)
                       : say_of_another (scan->report, first, sample));
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
  nmd_import_report_leave_out_as (scan->report, sample->id, reading->reason);
}

gboolean
nmd_listing_read (NmdListing *scan,
                  NmdImportIndex *index,
                  NmdImportProgress progress,
                  gpointer user_data,
                  GError **error)
{
  g_autoptr (GPtrArray) good = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) contents = g_hash_table_new (g_str_hash, g_str_equal);
  Pass pass = { .index = index, .prepared = scan->prepared };
  gboolean complete = TRUE;

  pass_start (&pass, scan->samples);
  for (guint i = 0; complete && i < scan->samples->len; i++)
    {
      NmdSample *sample = scan->samples->pdata[i];

      complete = pass_wait (&pass, i, scan->cancellable, error);
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
