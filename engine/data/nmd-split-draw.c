/* SPDX-License-Identifier: Apache-2.0
 *
 * Splits that are drawn by groups or that the data set states: nmd_split_new().
 */
#include "engine/data/nmd-split-private.h"

#include "engine/core/nmd-random.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Groups. */

typedef struct
{
  const char *key;
  int label; /* 1 if any of its images is pathological */
  NmdPart part;
} Group;

typedef const char *(*GroupKey) (const NmdSample *sample);

static const char *
key_subject (const NmdSample *sample)
{
  return sample->subject;
}

static const char *
key_unit (const NmdSample *sample)
{
  return sample->unit;
}

static const char *
key_image (const NmdSample *sample)
{
  return sample->id;
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Group *)a)->key, ((const Group *)b)->key);
}

/* Groups sorted by key, which @key_of gives of each sample; of @subjects only (nullable). */
static GArray *
make_groups (NmdDataset *dataset, GroupKey key_of, GHashTable *subjects)
{
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  GArray *groups = g_array_new (FALSE, TRUE, sizeof (Group));
  GHashTableIter iter;
  gpointer key, label;

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      gpointer known = g_hash_table_lookup (labels, key_of (sample));

      if (subjects != NULL && !g_hash_table_contains (subjects, sample->subject))
        continue;
      g_hash_table_insert (
          labels, (gpointer)key_of (sample),
          GINT_TO_POINTER (GPOINTER_TO_INT (known) | (sample->label == 1)));
    }
  g_hash_table_iter_init (&iter, labels);
  while (g_hash_table_iter_next (&iter, &key, &label))
    {
      Group group = { .key = key, .label = GPOINTER_TO_INT (label) };

      g_array_append_val (groups, group);
    }
  g_array_sort (groups, compare_groups);
  return groups;
}

/* Indices of the groups of one label, shuffled, at most @limit of them. */
static GArray *
shuffle_stratum (GArray *groups, int label, guint64 seed, const char *kind, guint limit)
{
  g_autofree char *id = g_strdup_printf ("%s:%d", kind, label);
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));
  NmdRandom stream;

  for (guint g = 0; g < groups->len; g++)
    if (g_array_index (groups, Group, g).label == label)
      g_array_append_val (order, g);
  nmd_random_init_for (&stream, seed, "split", 0, id);
  nmd_random_shuffle (&stream, (guint *)(void *)order->data, order->len);
  if (limit > 0 && order->len > limit)
    g_array_set_size (order, limit);
  return order;
}

/* The subjects that a split by subject of the same seed keeps: what differs under a split
 * by image is who trains, not which images there are. */
static GHashTable *
choose_subjects (NmdDataset *dataset, guint64 seed, guint limit)
{
  GHashTable *subjects = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) groups = make_groups (dataset, key_subject, NULL);

  for (int label = 0; label < 2; label++)
    {
      g_autoptr (GArray) order = shuffle_stratum (groups, label, seed, "threeway", limit);

      for (guint i = 0; i < order->len; i++)
        g_hash_table_add (
            subjects,
            (gpointer)g_array_index (groups, Group, g_array_index (order, guint, i)).key);
    }
  return subjects;
}

static void
deal_shares (GArray *groups, GArray *order, double validation, double test)
{
  guint n_validation = (guint)floor (validation * order->len + 0.5);
  guint n_test = (guint)floor (test * order->len + 0.5);

  for (guint i = 0; i < order->len; i++)
    g_array_index (groups, Group, g_array_index (order, guint, i)).part
        = i < n_validation            ? NMD_PART_VALIDATION
          : i < n_validation + n_test ? NMD_PART_TEST
                                      : NMD_PART_TRAIN;
}

static void
deal_folds (GArray *groups, GArray *order, guint offset, guint folds, guint fold)
{
  for (guint i = 0; i < order->len; i++)
    {
      guint mine = (offset + i) % folds;

      g_array_index (groups, Group, g_array_index (order, guint, i)).part
          = mine == fold                 ? NMD_PART_TEST
            : mine == (fold + 1) % folds ? NMD_PART_VALIDATION
                                         : NMD_PART_TRAIN;
    }
}

static void
assign (NmdSplit *self, NmdDataset *dataset, GArray *groups, GroupKey key_of)
{
  g_autoptr (GHashTable) parts = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint g = 0; g < groups->len; g++)
    {
      const Group *group = &g_array_index (groups, Group, g);

      g_hash_table_insert (parts, (gpointer)group->key, GINT_TO_POINTER (group->part));
    }
  for (guint i = 0; i < self->n; i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      gpointer part = g_hash_table_lookup (parts, key_of (sample));

      self->parts[i] = (guint8)GPOINTER_TO_INT (part);
    }
}

/* The parts that the data set states, of the groups that @self keeps so far. */
static gboolean
take_stated (NmdSplit *self, NmdDataset *dataset, GError **error)
{
  guint n = 0;

  for (guint i = 0; i < self->n; i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);

      n += sample->part != NMD_PART_NONE;
      if (self->parts[i] != NMD_PART_NONE)
        self->parts[i] = (guint8)sample->part;
    }
  self->source = g_strdup (nmd_dataset_get_report (dataset)->parts_source);
  if (n > 0)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
               _ ("%s states no parts: no column of its table and no folders say which "
                  "images are for training and which for testing"),
               nmd_dataset_get_title (dataset));
  return FALSE;
}

static gboolean
has_units (NmdDataset *dataset)
{
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    if (strcmp (nmd_dataset_get (dataset, i)->unit, nmd_dataset_get (dataset, i)->subject)
        != 0)
      return TRUE;
  return FALSE;
}

NmdSplit *
nmd_split_new (NmdDataset *dataset, const NmdParameters *parameters, GError **error)
{
  const char *kind = NULL, *grouping = "subject";
  GroupKey key_of = key_subject;
  g_autoptr (NmdSplit) self = NULL;
  g_autoptr (GArray) groups = NULL;
  g_autoptr (GHashTable) subjects = NULL;
  guint limit, folds, fold, offset = 0;
  gboolean stated = FALSE;
  guint64 seed;

  g_return_val_if_fail (NMD_IS_DATASET (dataset) && parameters != NULL, NULL);

  kind = nmd_parameters_get_choice (parameters, "split");
  limit = (guint)nmd_parameters_get_int (parameters, "limit");
  folds = (guint)nmd_parameters_get_int (parameters, "folds");
  fold = (guint)nmd_parameters_get_int (parameters, "fold");
  seed = (guint64)nmd_parameters_get (parameters, "seed");
  if (strcmp (kind, "kfold") == 0 && fold >= folds)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                   _ ("Fold %u does not exist: %u folds are counted from 0 to %u"), fold,
                   folds, folds - 1);
      return NULL;
    }
  if (strcmp (kind, "paper") == 0 && has_units (dataset))
    {
      key_of = key_unit;
      grouping = "muscle-and-number";
    }
  else if (strcmp (kind, "image") == 0)
    {
      key_of = key_image;
      grouping = "image";
      subjects = limit > 0 ? choose_subjects (dataset, seed, limit) : NULL;
    }
  else if (strcmp (kind, "stated") == 0)
    {
      stated = TRUE;
      grouping = "as the data set states";
    }

  groups = make_groups (dataset, key_of, subjects);
  for (int label = 0; label < 2; label++)
    {
      g_autoptr (GArray) order
          = shuffle_stratum (groups, label, seed, kind, subjects == NULL ? limit : 0);

      if (strcmp (kind, "paper") == 0)
        deal_shares (groups, order, 0.3, 0);
      else if (strcmp (kind, "kfold") == 0)
        deal_folds (groups, order, offset, folds, fold);
      else
        deal_shares (groups, order, 0.15, 0.15);
      offset += order->len;
    }
  self = nmd_split_alloc (dataset, kind, grouping);
  assign (self, dataset, groups, key_of);
  if (strcmp (kind, "kfold") == 0)
    nmd_split_draw_validation (self, dataset, parameters);
  if ((stated && !take_stated (self, dataset, error))
      || !nmd_split_finish (self, dataset,
                            stated                        ? NMD_PART_TRAIN
                            : strcmp (kind, "paper") == 0 ? NMD_PART_VALIDATION
                                                          : NMD_PART_TEST,
                            error))
    return NULL;
  return g_steal_pointer (&self);
}
