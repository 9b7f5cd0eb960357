/* SPDX-License-Identifier: Apache-2.0
 *
 * Splits that leave out one value of a column (a device, a muscle, a site), a validation part drawn beside a
 * fold, and keeping only some groups of a split that exists. Groups here are subjects.
 */
#include "engine/data/nmd-split-private.h"

#include "engine/core/nmd-random.h"

#include <math.h>
#include <string.h>

#define VALIDATION_SHARE 0.15

/* What @sample has in @column, NULL where it says nothing. */
static const char *
get_value (const NmdSample *sample, const char *column)
{
  const char *value = NULL;

  if (g_ascii_strcasecmp (column, "muscle") == 0)
    value = sample->muscle;
  else if (sample->attributes != NULL)
    {
      g_autofree char *lower = g_ascii_strdown (column, -1);

      value = g_hash_table_lookup (sample->attributes, lower);
    }
  return value != NULL && *value != '\0' ? value : NULL;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

GPtrArray *
nmd_split_list_values (NmdDataset *dataset, const char *column, GError **error)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  g_return_val_if_fail (NMD_IS_DATASET (dataset) && column != NULL, NULL);

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      const char *value = get_value (nmd_dataset_get (dataset, i), column);

      if (value != NULL && g_hash_table_add (seen, (gpointer)value))
        g_ptr_array_add (values, g_strdup (value));
    }
  g_ptr_array_sort (values, compare_texts);
  if (values->len >= 2 && values->len <= NMD_SPLIT_MAX_VALUES)
    return g_steal_pointer (&values);
  if (values->len == 0)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s has no column “%s” with values",
                 nmd_dataset_get_title (dataset), column);
  else if (values->len == 1)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "All images of %s have the “%s” %s: leaving it out leaves none",
                 nmd_dataset_get_title (dataset), column, (char *)values->pdata[0]);
  else
    g_set_error (
        error, NMD_ERROR, NMD_ERROR_FORMAT,
        "The column “%s” of %s has %u values: at most %d can be left out in turn", column,
        nmd_dataset_get_title (dataset), values->len, NMD_SPLIT_MAX_VALUES);
  return NULL;
}

/* A subject with images in the split. */
typedef struct
{
  const char *name;
  int label; /* 1 if any of its images has it */
  gboolean test;
  NmdPart part;
} Subject;

static int
compare_subjects (gconstpointer a, gconstpointer b)
{
  const Subject *x = *(Subject *const *)a, *y = *(Subject *const *)b;

  return strcmp (x->name, y->name);
}

static Subject *
find_subject (GHashTable *subjects, GPtrArray *list, const char *name)
{
  Subject *subject = g_hash_table_lookup (subjects, name);

  if (subject == NULL)
    {
      subject = g_new0 (Subject, 1);
      subject->name = name;
      g_hash_table_insert (subjects, (gpointer)name, subject);
      g_ptr_array_add (list, subject);
    }
  return subject;
}

/* The subjects of one label that are tested, or that are not, in their shuffled order. */
static GPtrArray *
shuffle (GPtrArray *subjects, gboolean test, int label, guint64 seed, const char *id)
{
  g_autofree char *name = g_strdup_printf ("%s:%d", id, label);
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (guint));
  GPtrArray *shuffled = g_ptr_array_new ();
  NmdRandom stream;

  for (guint i = 0; i < subjects->len; i++)
    {
      const Subject *subject = subjects->pdata[i];

      if (subject->test == test && subject->label == label)
        g_array_append_val (order, i);
    }
  nmd_random_init_for (&stream, seed, "split", 0, name);
  nmd_random_shuffle (&stream, (guint *)(void *)order->data, order->len);
  for (guint i = 0; i < order->len; i++)
    g_ptr_array_add (shuffled, subjects->pdata[g_array_index (order, guint, i)]);
  return shuffled;
}

/* Parts of the subjects; at most @limit of each label, tested or not (0: all). */
static void
deal (GPtrArray *subjects, guint64 seed, guint limit)
{
  g_ptr_array_sort (subjects, compare_subjects);
  for (int label = 0; label < 2; label++)
    {
      g_autoptr (GPtrArray) rest = shuffle (subjects, FALSE, label, seed, "leave-out");
      g_autoptr (GPtrArray) test
          = shuffle (subjects, TRUE, label, seed, "leave-out-test");
      const guint n_rest = limit > 0 ? MIN (limit, rest->len) : rest->len;
      const guint n_test = limit > 0 ? MIN (limit, test->len) : test->len;
      const guint n_validation = (guint)floor (VALIDATION_SHARE * n_rest + 0.5);

      for (guint i = 0; i < n_rest; i++)
        ((Subject *)rest->pdata[i])->part
            = i < n_validation ? NMD_PART_VALIDATION : NMD_PART_TRAIN;
      for (guint i = 0; i < n_test; i++)
        ((Subject *)test->pdata[i])->part = NMD_PART_TEST;
    }
}

/* The subjects with images in @parts (bits by NmdPart), sorted; @index finds them by name. */
static GPtrArray *
list_subjects (const NmdSplit *self, NmdDataset *dataset, guint parts, GHashTable *index)
{
  GPtrArray *subjects = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->n; i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);

      if ((1u << self->parts[i] & parts) != 0)
        find_subject (index, subjects, sample->subject)->label |= sample->label == 1;
    }
  g_ptr_array_sort (subjects, compare_subjects);
  return subjects;
}

/* What has to be said of images that are in no part. */
static void
add_caveat (NmdSplit *self, guint n_straddling, guint n_silent, const char *column)
{
  g_autoptr (GString) text = g_string_new (self->caveat);

  if (n_straddling > 0)
    g_string_append_printf (text,
                            "%s%u images of tested subjects have another “%s” and are "
                            "not used",
                            text->len > 0 ? ". " : "", n_straddling, column);
  if (n_silent > 0)
    g_string_append_printf (text, "%s%u images without a “%s” are not used",
                            text->len > 0 ? ". " : "", n_silent, column);
  g_free (self->caveat);
  self->caveat = text->len > 0 ? g_strdup (text->str) : NULL;
}

NmdSplit *
nmd_split_new_leave_out (NmdDataset *dataset,
                         const char *column,
                         const char *value,
                         const NmdParameters *parameters,
                         GError **error)
{
  g_autoptr (NmdSplit) self = NULL;
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) subjects = g_ptr_array_new_with_free_func (g_free);
  guint n_straddling = 0, n_silent = 0;

  g_return_val_if_fail (NMD_IS_DATASET (dataset) && column != NULL && value != NULL
                            && parameters != NULL,
                        NULL);

  self = nmd_split_alloc (dataset, "leave-out", "subject");
  self->source = g_strdup_printf ("“%s” %s left out for the test", column, value);
  for (guint i = 0; i < self->n; i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);
      const char *its = get_value (sample, column);
      Subject *subject;

      if (its == NULL)
        continue;
      subject = find_subject (index, subjects, sample->subject);
      subject->label |= sample->label == 1;
      subject->test |= strcmp (its, value) == 0;
    }
  deal (subjects, (guint64)nmd_parameters_get (parameters, "seed"),
        (guint)nmd_parameters_get_int (parameters, "limit"));
  for (guint i = 0; i < self->n; i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);
      const char *its = get_value (sample, column);
      const Subject *subject = g_hash_table_lookup (index, sample->subject);

      n_silent += its == NULL;
      if (its == NULL || subject->part == NMD_PART_NONE)
        continue;
      if (subject->test && strcmp (its, value) != 0)
        n_straddling++;
      else
        self->parts[i] = (guint8)subject->part;
    }
  if (!nmd_split_finish (self, dataset, NMD_PART_TEST, error))
    return NULL;
  add_caveat (self, n_straddling, n_silent, column);
  return g_steal_pointer (&self);
}

void
nmd_split_draw_validation (NmdSplit *self,
                           NmdDataset *dataset,
                           const NmdParameters *parameters)
{
  const guint parts = 1u << NMD_PART_TRAIN | 1u << NMD_PART_VALIDATION;
  const double share = nmd_parameters_get (parameters, "validation-share");
  const guint64 seed = (guint64)nmd_parameters_get (parameters, "seed");
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) subjects = NULL;

  if (share <= 0)
    return;
  subjects = list_subjects (self, dataset, parts, index);
  for (int label = 0; label < 2; label++)
    {
      g_autoptr (GPtrArray) order = shuffle (subjects, FALSE, label, seed, "validation");
      const guint n = (guint)floor (share * order->len + 0.5);

      for (guint i = 0; i < order->len; i++)
        ((Subject *)order->pdata[i])->part = i < n ? NMD_PART_VALIDATION : NMD_PART_TRAIN;
    }
  for (guint i = 0; i < self->n; i++)
    if ((1u << self->parts[i] & parts) != 0)
      self->parts[i] = (guint8)((const Subject *)g_hash_table_lookup (
                                    index, nmd_dataset_get (dataset, i)->subject))
                           ->part;
}

gboolean
nmd_split_limit (
    NmdSplit *self, NmdDataset *dataset, guint limit, guint64 seed, GError **error)
{
  const guint parts
      = 1u << NMD_PART_TRAIN | 1u << NMD_PART_VALIDATION | 1u << NMD_PART_TEST;
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) subjects = NULL;
  gboolean has_test;

  g_return_val_if_fail (self != NULL && NMD_IS_DATASET (dataset), FALSE);

  if (limit == 0)
    return TRUE;
  has_test = nmd_split_count (self, NMD_PART_TEST) > 0;
  subjects = list_subjects (self, dataset, parts, index);
  for (int label = 0; label < 2; label++)
    {
      g_autoptr (GPtrArray) order = shuffle (subjects, FALSE, label, seed, "limit");

      for (guint i = 0; i < MIN (limit, order->len); i++)
        ((Subject *)order->pdata[i])->part = NMD_PART_TRAIN; /* any: it stays */
    }
  for (guint i = 0; i < self->n; i++)
    {
      const Subject *subject
          = g_hash_table_lookup (index, nmd_dataset_get (dataset, i)->subject);

      if (subject != NULL && subject->part == NMD_PART_NONE)
        self->parts[i] = NMD_PART_NONE;
    }
  return nmd_split_finish (self, dataset, has_test ? NMD_PART_TEST : NMD_PART_TRAIN,
                           error);
}
