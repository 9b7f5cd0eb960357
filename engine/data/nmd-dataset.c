/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples and data sets as objects: order, look-up, digest, class words. Reading them
 * from folders, tables and archives is nmd-import.c and the files beside it.
 */
#include "engine/data/nmd-dataset.h"
#include "engine/core/nmd-csv.h"
#include "engine/data/nmd-dataset-private.h"
#include "engine/data/nmd-pixel-cache-private.h"
#include "engine/data/nmd-sample-mask-private.h"
#include "engine/image/nmd-reader.h"

#include <math.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (NmdSample, nmd_sample, G_TYPE_OBJECT)

static void
nmd_sample_finalize (GObject *object)
{
  NmdSample *self = NMD_SAMPLE (object);

  g_free (self->id);
  g_free (self->image_path);
  g_free (self->mask_path);
  nmd_outline_unref (self->outline);
  g_free (self->outline_label);
  g_strfreev (self->more_masks);
  g_free (self->subject);
  g_free (self->unit);
  g_free (self->muscle);
  g_free (self->label_word);
  g_hash_table_unref (self->attributes);
  G_OBJECT_CLASS (nmd_sample_parent_class)->finalize (object);
}

static void
nmd_sample_class_init (NmdSampleClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_sample_finalize;
}

static void
nmd_sample_init (NmdSample *self)
{
  self->attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->echo.mean = NAN;
  self->echo.sd = NAN;
}

NmdSample *
nmd_sample_new (const char *id)
{
  NmdSample *self = NULL;

  g_return_val_if_fail (id != NULL, NULL);

  self = g_object_new (NMD_TYPE_SAMPLE, NULL);
  self->id = g_strdup (id);
  self->subject = g_strdup ("");
  self->unit = g_strdup ("");
  self->muscle = g_strdup ("");
  self->label_word = g_strdup ("");
  return self;
}

NmdProblems
nmd_problem_of_exposure (NmdExposure exposure)
{
  static const NmdProblems problems[]
      = { [NMD_EXPOSURE_USUAL] = 0,
          [NMD_EXPOSURE_BLACK] = NMD_PROBLEM_BLACK,
          [NMD_EXPOSURE_SATURATED] = NMD_PROBLEM_SATURATED,
          [NMD_EXPOSURE_CONSTANT] = NMD_PROBLEM_CONSTANT };

  return problems[exposure];
}

gboolean
nmd_sample_load (NmdSample *self, NmdImage **image, NmdImage **mask, GError **error)
{
  g_autoptr (NmdImage) picture = NULL, outline = NULL;
  char sha256[65];
  NmdBox box;

  g_return_val_if_fail (NMD_IS_SAMPLE (self), FALSE);

  picture = nmd_image_load (self->image_path, error);
  if (picture == NULL)
    return FALSE;
  if (mask != NULL && self->mask_path != NULL)
    {
      outline = nmd_sample_read_mask (self, picture, NULL, sha256, NULL, error);
      if (outline == NULL)
        return FALSE;
      if (!nmd_mask_get_bounds (outline, &box))
        g_clear_pointer (&outline, nmd_image_unref);
    }
  if (mask != NULL)
    *mask = g_steal_pointer (&outline);
  if (image != NULL)
    *image = g_steal_pointer (&picture);
  return TRUE;
}

/* Label words for 0 and 1. A row also tells what the other class is called if a data set
 * has only one. */
static const char *const pairs[][2] = {
  { "healthy", "pathological" },
  { "normal", "abnormal" },
  { "benign", "malignant" },
  { "0", "1" },
  { "control", "patient" },
  { "negative", "positive" },
  { "neg", "pos" },
};

/* Other forms of "0" and "1". −1 is the negative class of programs that call the positive one 1. */
static int
number_label (const char *word)
{
  g_autofree char *lower = g_utf8_strdown (word, -1);
  g_auto (GStrv) halves = g_strsplit (g_strstrip (lower), "−", 2);
  g_autofree char *text = g_strjoinv ("-", halves);
  double value;

  if (strcmp (text, "true") == 0 || strcmp (text, "false") == 0)
    return text[0] == 't';
  if (!nmd_csv_parse_number (text, &value))
    return -1;
  return value == 1 ? 1 : value == 0 || value == -1 ? 0 : -1;
}

static gboolean
same_word (const char *a, const char *b)
{
  g_autofree char *fold_a = g_utf8_casefold (a, -1), *fold_b = g_utf8_casefold (b, -1);

  return strcmp (g_strstrip (fold_a), g_strstrip (fold_b)) == 0;
}

int
nmd_label_parse (const char *word, const char *positive)
{
  g_return_val_if_fail (word != NULL, -1);

  if (positive != NULL)
    return same_word (word, positive);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    for (int label = 0; label < 2; label++)
      if (same_word (word, pairs[i][label]))
        return label;
  return number_label (word);
}

/* Whether @word is a side of one of the pairs in words. */
static gboolean
is_side (const char *word, int label)
{
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (same_word (word, pairs[i][label]))
      return TRUE;
  return FALSE;
}

gboolean
nmd_label_is_inverted (const char *header, const char *word)
{
  g_auto (GStrv) words = NULL;
  gboolean negative = FALSE, positive = FALSE;

  g_return_val_if_fail (header != NULL && word != NULL, FALSE);

  if (number_label (word) < 0)
    return FALSE;
  words = g_strsplit_set (header, " _-./:()", -1);
  for (char **part = words; *part != NULL; part++)
    {
      negative |= is_side (*part, 0) && number_label (*part) < 0;
      positive |= is_side (*part, 1) && number_label (*part) < 0;
    }
  return negative && !positive;
}

struct _NmdDataset
{
  GObject parent_instance;

  char *path, *title;
  GPtrArray *samples; /* NmdSample, by id */
  GHashTable *by_id;  /* borrowed id → borrowed NmdSample */
  NmdImportReport *report;
  char *hash;
  char *classes[2];
  char *pixel_folder;    /* nullable */
  NmdPrepared *prepared; /* nullable */
  guint n_subjects, n_units;
  gboolean is_synthetic;
};

G_DEFINE_FINAL_TYPE (NmdDataset, nmd_dataset, G_TYPE_OBJECT)

static void
nmd_dataset_finalize (GObject *object)
{
  NmdDataset *self = NMD_DATASET (object);

  g_free (self->path);
  g_free (self->title);
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->samples, g_ptr_array_unref);
  g_clear_pointer (&self->report, nmd_import_report_free);
  g_free (self->hash);
  g_free (self->pixel_folder);
  nmd_prepared_free (self->prepared);
  g_free (self->classes[0]);
  g_free (self->classes[1]);
  G_OBJECT_CLASS (nmd_dataset_parent_class)->finalize (object);
}

static void
nmd_dataset_class_init (NmdDatasetClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_dataset_finalize;
}

static void
nmd_dataset_init (NmdDataset *self)
{
}

void
nmd_dataset_set_pixel_folder (NmdDataset *self, const char *folder)
{
  g_free (self->pixel_folder);
  self->pixel_folder = g_strdup (folder);
}

const char *
nmd_dataset_get_pixel_folder (NmdDataset *self)
{
  return self->pixel_folder;
}

void
nmd_dataset_take_prepared (NmdDataset *self, NmdPrepared *prepared)
{
  nmd_prepared_free (self->prepared);
  self->prepared = prepared;
}

NmdPrepared *
nmd_dataset_get_prepared (NmdDataset *self)
{
  return self->prepared;
}

gboolean
nmd_dataset_get_texture (NmdDataset *self,
                         const NmdSample *sample,
                         double features[NMD_N_TEXTURES])
{
  g_return_val_if_fail (NMD_IS_DATASET (self) && sample != NULL, FALSE);

  return self->prepared != NULL
         && nmd_prepared_get_texture (self->prepared, sample, features);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  const NmdSample *x = *(NmdSample *const *)a, *y = *(NmdSample *const *)b;

  return strcmp (x->id, y->id);
}

/* Every text ends with its NUL, so that no two lists give the same bytes. */
static char *
digest (GPtrArray *samples)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < samples->len; i++)
    {
      const NmdSample *sample = samples->pdata[i];
      const char *texts[] = { sample->id, sample->sha256_image, sample->sha256_mask, NULL,
                              sample->subject };
      char label[16];

      g_snprintf (label, sizeof label, "%d", sample->label);
      texts[3] = label;
      for (guint k = 0; k < G_N_ELEMENTS (texts); k++)
        g_checksum_update (sum, (const guchar *)texts[k], strlen (texts[k]) + 1);
    }
  return g_strdup (g_checksum_get_string (sum));
}

static int
compare_words (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static gboolean
same_text (gconstpointer a, gconstpointer b)
{
  return same_word (a, b);
}

/* The words of @label, "a or b". NULL if there is no such sample. */
static char *
class_words (GPtrArray *samples, int label)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < samples->len; i++)
    {
      const NmdSample *sample = samples->pdata[i];
      g_autofree char *word = NULL;

      if (sample->label != label || sample->label_word[0] == '\0')
        continue;
      if (number_label (sample->label_word) == label)
        word = g_strdup (pairs[3][label]);
      else if (nmd_label_parse (sample->label_word, NULL) >= 0)
        word = g_utf8_strdown (sample->label_word, -1);
      else
        word = g_strdup (sample->label_word);
      if (!g_ptr_array_find_with_equal_func (words, word, same_text, NULL)
          && words->len < 4)
        g_ptr_array_add (words, g_steal_pointer (&word));
    }
  if (words->len == 0)
    return NULL;
  g_ptr_array_sort (words, compare_words);
  g_ptr_array_add (words, NULL);
  return g_strjoinv (" or ", (char **)words->pdata);
}

static void
name_classes (NmdDataset *self)
{
  for (int label = 0; label < 2; label++)
    self->classes[label] = class_words (self->samples, label);
  for (int label = 0; label < 2; label++)
    for (guint i = 0; self->classes[label] == NULL && i < G_N_ELEMENTS (pairs); i++)
      if (g_strcmp0 (self->classes[1 - label], pairs[i][1 - label]) == 0)
        self->classes[label] = g_strdup (pairs[i][label]);
  for (int label = 0; label < 2; label++)
    {
      if (self->classes[label] == NULL)
        self->classes[label] = g_strdup (pairs[0][label]);
      if (strcmp (self->classes[label], pairs[3][label]) == 0)
        {
          /* "1" and "0" are no words for a screen. */
          g_free (self->classes[label]);
          self->classes[label] = g_strdup (label == 1 ? "positive" : "negative");
        }
    }
}

static void
count (NmdDataset *self)
{
  g_autoptr (GHashTable) subjects = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) units = g_hash_table_new (g_str_hash, g_str_equal);

  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < self->samples->len; i++)
    {
      NmdSample *sample = self->samples->pdata[i];

      g_hash_table_insert (self->by_id, sample->id, sample);
      g_hash_table_add (subjects, sample->subject);
      g_hash_table_add (units, sample->unit);
      self->is_synthetic |= sample->is_synthetic;
    }
  self->n_subjects = g_hash_table_size (subjects);
  self->n_units = g_hash_table_size (units);
}

NmdDataset *
nmd_dataset_new_full (const char *path,
                      const char *title,
                      GPtrArray *samples,
                      NmdImportReport *report)
{
  NmdDataset *self = g_object_new (NMD_TYPE_DATASET, NULL);

  self->path = g_strdup (path);
  self->title = g_strdup (title);
  self->samples = samples;
  self->report = report;
  g_ptr_array_sort (self->samples, compare_ids);
  count (self);
  self->hash = digest (self->samples);
  name_classes (self);
  return self;
}

NmdDataset *
nmd_dataset_new (const char *path, GPtrArray *samples)
{
  g_autofree char *title = g_path_get_basename (path);
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_object_unref);
  NmdImportReport *report = nmd_import_report_new ();

  for (guint i = 0; i < samples->len; i++)
    g_ptr_array_add (copy, g_object_ref (samples->pdata[i]));
  report->kind = g_strdup ("part of a data set");
  return nmd_dataset_new_full (path, title, copy, report);
}

const char *
nmd_dataset_get_path (NmdDataset *self)
{
  return self->path;
}

const char *
nmd_dataset_get_title (NmdDataset *self)
{
  return self->title;
}

guint
nmd_dataset_get_n (NmdDataset *self)
{
  return self->samples->len;
}

NmdSample *
nmd_dataset_get (NmdDataset *self, guint i)
{
  g_return_val_if_fail (i < self->samples->len, NULL);

  return self->samples->pdata[i];
}

NmdSample *
nmd_dataset_find (NmdDataset *self, const char *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

const NmdImportReport *
nmd_dataset_get_report (NmdDataset *self)
{
  return self->report;
}

gboolean
nmd_dataset_is_synthetic (NmdDataset *self)
{
  return self->is_synthetic;
}

gboolean
nmd_dataset_states_parts (NmdDataset *self)
{
  g_return_val_if_fail (NMD_IS_DATASET (self), FALSE);

  for (guint i = 0; i < self->samples->len; i++)
    if (((NmdSample *)self->samples->pdata[i])->part == NMD_PART_NONE)
      return FALSE;
  return self->samples->len > 0;
}

guint
nmd_dataset_count_subjects (NmdDataset *self)
{
  return self->n_subjects;
}

guint
nmd_dataset_count_units (NmdDataset *self)
{
  return self->n_units;
}

const char *
nmd_dataset_get_class (NmdDataset *self, int label)
{
  g_return_val_if_fail (label == 0 || label == 1, "");

  return self->classes[label];
}

const char *
nmd_dataset_get_hash (NmdDataset *self)
{
  return self->hash;
}
