/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts of images as texts and as numbers that sort. Scores and parts are the sessions'.
 */
#include "ui/widgets/nmd-sample-facts.h"

#include "engine/core/nmd-csv.h"
#include "ui/widgets/nmd-columns.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdSampleFacts
{
  GObject parent_instance;

  NmdDataSession *data;
  NmdRecipeSession *recipe;
  NmdRunsSession *runs;
  NmdDataset *dataset; /* (nullable) */
  GHashTable *places;  /* NmdSample of it → its place + 1 */
  GHashTable *keys;    /* name of a fact or "=" and a column → double by place */
  GStrv columns;       /* (nullable): not looked for yet */
  int has_scores;      /* −1: not looked yet */
  guint serial;
};

static guint changed;

G_DEFINE_FINAL_TYPE (NmdSampleFacts, nmd_sample_facts, G_TYPE_OBJECT)

const char *
nmd_part_get_title (NmdPart part)
{
  switch (part)
    {
    case NMD_PART_TRAIN:
      return _ ("training");
    case NMD_PART_VALIDATION:
      return _ ("validation");
    case NMD_PART_TEST:
      return _ ("test");
    default:
      return "";
    }
}

static double
score_of (NmdSampleFacts *self, NmdSample *sample)
{
  return nmd_runs_session_get_score (self->runs, sample);
}

/* As many as there are sentences about it: one bit, one sentence. */
static int
count_problems (NmdProblems problems)
{
  int n = 0;

  for (guint bits = problems; bits != 0; bits &= bits - 1)
    n++;
  return n;
}

static double
number_of (NmdSampleFacts *self, NmdSample *sample, NmdSampleFact fact)
{
  double score = NAN;

  switch (fact)
    {
    case NMD_FACT_PART:
      {
        const NmdPart part = nmd_recipe_session_get_part (self->recipe, sample);
        return part == NMD_PART_NONE ? NAN : (double)part;
      }
    case NMD_FACT_ECHO:
      return sample->echo.n > 0 ? sample->echo.mean : NAN;
    case NMD_FACT_ECHO_SD:
      return sample->echo.n > 0 ? sample->echo.sd : NAN;
    case NMD_FACT_SCORE:
      return score_of (self, sample);
    case NMD_FACT_PREDICTED:
      {
        const int predicted = nmd_sample_facts_get_predicted (self, sample);
        return predicted < 0 ? NAN : predicted;
      }
    case NMD_FACT_WRONG:
      score = score_of (self, sample);
      return isnan (score) ? NAN : fabs (sample->label - score);
    case NMD_FACT_PROBLEMS:
      return count_problems (sample->problems);
    default:
      return NAN;
    }
}

static const char *
word_of (NmdSample *sample, NmdSampleFact fact, const char *column)
{
  switch (fact)
    {
    case NMD_FACT_SUBJECT:
      return sample->subject;
    case NMD_FACT_MUSCLE:
      return sample->muscle;
    case NMD_FACT_LABEL:
      return sample->label_word;
    case NMD_FACT_COLUMN:
      return sample->attributes != NULL && column != NULL
                 ? g_hash_table_lookup (sample->attributes, column)
                 : NULL;
    default:
      return NULL;
    }
}

typedef struct
{
  char *order;      /* what the word is sorted by */
  const char *word; /* borrowed */
} Word;

static int
compare_words (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (((const Word *)a)->order, ((const Word *)b)->order);
}

static void
word_clear (gpointer data)
{
  g_free (((Word *)data)->order);
}

/* Ranks of words: numbers within them in their order, whatever else is as the language has it. */
static void
rank_words (NmdSampleFacts *self, NmdSampleFact fact, const char *column, double *keys)
{
  g_autoptr (GArray) words = g_array_new (FALSE, FALSE, sizeof (Word));
  g_autoptr (GHashTable) ranks = g_hash_table_new (g_str_hash, g_str_equal);
  const guint n = nmd_dataset_get_n (self->dataset);

  g_array_set_clear_func (words, word_clear);
  for (guint i = 0; i < n; i++)
    {
      const char *word = word_of (nmd_dataset_get (self->dataset, i), fact, column);

      if (word == NULL || *word == '\0' || !g_hash_table_add (ranks, (gpointer)word))
        continue;
      const Word entry = { g_utf8_collate_key_for_filename (word, -1), word };
      g_array_append_val (words, entry);
    }
  g_array_sort (words, compare_words);
  for (guint i = 0; i < words->len; i++)
    g_hash_table_insert (ranks, (gpointer)g_array_index (words, Word, i).word,
                         GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < n; i++)
    {
      const char *word = word_of (nmd_dataset_get (self->dataset, i), fact, column);

      keys[i] = word != NULL && *word != '\0'
                    ? (double)GPOINTER_TO_UINT (g_hash_table_lookup (ranks, word))
                    : NAN;
    }
}

/* A column of numbers; FALSE if a cell of it is none. */
static gboolean
read_numbers (NmdSampleFacts *self, const char *column, double *keys)
{
  for (guint i = 0; i < nmd_dataset_get_n (self->dataset); i++)
    {
      const char *cell
          = word_of (nmd_dataset_get (self->dataset, i), NMD_FACT_COLUMN, column);

      keys[i] = NAN;
      if (cell != NULL && *cell != '\0' && !nmd_csv_is_missing (cell)
          && !nmd_csv_parse_number (cell, &keys[i]))
        return FALSE;
    }
  return TRUE;
}

static void
fill_keys (NmdSampleFacts *self, NmdSampleFact fact, const char *column, double *keys)
{
  const guint n = nmd_dataset_get_n (self->dataset);

  switch (fact)
    {
    case NMD_FACT_NAME:
      /* a data set is sorted by id */
      for (guint i = 0; i < n; i++)
        keys[i] = i;
      break;
    case NMD_FACT_COLUMN:
      if (!read_numbers (self, column, keys))
        rank_words (self, fact, column, keys);
      break;
    case NMD_FACT_SUBJECT:
    case NMD_FACT_MUSCLE:
    case NMD_FACT_LABEL:
      rank_words (self, fact, column, keys);
      break;
    default:
      for (guint i = 0; i < n; i++)
        keys[i] = number_of (self, nmd_dataset_get (self->dataset, i), fact);
    }
}

const double *
nmd_sample_facts_get_keys (NmdSampleFacts *self, NmdSampleFact fact, const char *column)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (self), NULL);
  g_return_val_if_fail (fact != NMD_FACT_COLUMN || column != NULL, NULL);

  if (self->dataset == NULL)
    return NULL;
  g_autofree char *name = fact == NMD_FACT_COLUMN ? g_strdup_printf ("=%s", column)
                                                  : g_strdup_printf ("%d", (int)fact);
  double *keys = g_hash_table_lookup (self->keys, name);
  if (keys == NULL)
    {
      keys = g_new (double, MAX (nmd_dataset_get_n (self->dataset), 1));
      fill_keys (self, fact, column, keys);
      g_hash_table_insert (self->keys, g_steal_pointer (&name), keys);
    }
  return keys;
}

char *
nmd_sample_facts_get_text (NmdSampleFacts *self,
                           NmdSample *sample,
                           NmdSampleFact fact,
                           const char *column)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (self) && NMD_IS_SAMPLE (sample), NULL);

  const double number = number_of (self, sample, fact);
  const char *word = word_of (sample, fact, column);
  switch (fact)
    {
    case NMD_FACT_NAME:
      return g_strdup (sample->id);
    case NMD_FACT_PART:
      return g_strdup (
          nmd_part_get_title (nmd_recipe_session_get_part (self->recipe, sample)));
    case NMD_FACT_PREDICTED:
      return g_strdup (number >= 0 && self->dataset != NULL
                           ? nmd_dataset_get_class (self->dataset, (int)number)
                           : "");
    case NMD_FACT_PROBLEMS:
      return number > 0 ? g_strdup_printf ("%.0f", number) : g_strdup ("");
    case NMD_FACT_ECHO:
    case NMD_FACT_ECHO_SD:
      return isnan (number) ? g_strdup ("") : nmd_format_number (number, 1);
    case NMD_FACT_SCORE:
    case NMD_FACT_WRONG:
      return isnan (number) ? g_strdup ("") : nmd_format_number (number, 2);
    default:
      return g_strdup (word != NULL ? word : "");
    }
}

guint
nmd_sample_facts_get_serial (NmdSampleFacts *self)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (self), 0);
  return self->serial;
}

NmdDataset *
nmd_sample_facts_get_dataset (NmdSampleFacts *self)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (self), NULL);
  return self->dataset;
}

guint
nmd_sample_facts_get_place (NmdSampleFacts *self, gconstpointer sample)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (self), 0);
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->places, sample));
}

gboolean
nmd_sample_facts_has_scores (NmdSampleFacts *self)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (self), FALSE);

  /* without a run nobody has to look at each image */
  const guint n = self->dataset != NULL && nmd_runs_session_get_run (self->runs) != NULL
                          && nmd_runs_session_has_data (self->runs)
                      ? nmd_dataset_get_n (self->dataset)
                      : 0;
  if (self->has_scores < 0)
    {
      self->has_scores = FALSE;
      for (guint i = 0; i < n && !self->has_scores; i++)
        self->has_scores = !isnan (score_of (self, nmd_dataset_get (self->dataset, i)));
    }
  return self->has_scores;
}

int
nmd_sample_facts_get_predicted (NmdSampleFacts *self, NmdSample *sample)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (self), -1);

  const double score = score_of (self, sample);
  if (isnan (score))
    return -1;
  return score >= nmd_runs_session_get_threshold (self->runs) ? 1 : 0;
}

double
nmd_sample_facts_get_score (NmdSampleFacts *self, NmdSample *sample)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (self), NAN);
  return score_of (self, sample);
}

NmdPart
nmd_sample_facts_get_part (NmdSampleFacts *self, NmdSample *sample)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (self), NMD_PART_NONE);
  return nmd_recipe_session_get_part (self->recipe, sample);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

/* An empty cell has no entry, so that all images are looked at. */
GStrv
nmd_sample_facts_get_columns (NmdSampleFacts *self)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_FACTS (self), NULL);

  if (self->columns != NULL)
    return g_strdupv (self->columns);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const guint n = self->dataset != NULL ? nmd_dataset_get_n (self->dataset) : 0;
  for (guint i = 0; i < n; i++)
    {
      GHashTable *attributes = nmd_dataset_get (self->dataset, i)->attributes;
      GHashTableIter iter;
      gpointer name = NULL;

      if (attributes == NULL)
        continue;
      g_hash_table_iter_init (&iter, attributes);
      while (g_hash_table_iter_next (&iter, &name, NULL))
        if (g_hash_table_add (seen, name))
          g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_texts);
  g_ptr_array_add (names, NULL);
  self->columns = (GStrv)g_ptr_array_free (g_steal_pointer (&names), FALSE);
  return g_strdupv (self->columns);
}

/* Object */

static void
note_dataset (NmdSampleFacts *self)
{
  NmdDataset *dataset = nmd_data_session_get_loading (self->data)
                            ? NULL
                            : nmd_data_session_get_dataset (self->data);
  const guint n = dataset != NULL ? nmd_dataset_get_n (dataset) : 0;

  if (!g_set_object (&self->dataset, dataset))
    return;
  g_hash_table_remove_all (self->places);
  for (guint i = 0; i < n; i++)
    g_hash_table_insert (self->places, nmd_dataset_get (dataset, i),
                         GUINT_TO_POINTER (i + 1));
}

static void
renew (NmdSampleFacts *self)
{
  note_dataset (self);
  g_hash_table_remove_all (self->keys);
  g_clear_pointer (&self->columns, g_strfreev);
  self->has_scores = -1;
  self->serial++;
  g_signal_emit (self, changed, 0);
}

static void
nmd_sample_facts_finalize (GObject *object)
{
  NmdSampleFacts *self = NMD_SAMPLE_FACTS (object);

  g_clear_object (&self->data);
  g_clear_object (&self->recipe);
  g_clear_object (&self->runs);
  g_clear_object (&self->dataset);
  g_clear_pointer (&self->places, g_hash_table_unref);
  g_clear_pointer (&self->keys, g_hash_table_unref);
  g_clear_pointer (&self->columns, g_strfreev);
  G_OBJECT_CLASS (nmd_sample_facts_parent_class)->finalize (object);
}

static void
nmd_sample_facts_class_init (NmdSampleFactsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_sample_facts_finalize;
  changed = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_sample_facts_init (NmdSampleFacts *self)
{
  self->places = g_hash_table_new (NULL, NULL);
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->has_scores = -1;
}

NmdSampleFacts *
nmd_sample_facts_new (NmdDataSession *data,
                      NmdRecipeSession *recipe,
                      NmdRunsSession *runs)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (data) && NMD_IS_RECIPE_SESSION (recipe),
                        NULL);
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (runs), NULL);

  NmdSampleFacts *self = g_object_new (NMD_TYPE_SAMPLE_FACTS, NULL);
  self->data = g_object_ref (data);
  self->recipe = g_object_ref (recipe);
  self->runs = g_object_ref (runs);
  g_signal_connect_object (data, "notify::loading", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe, "parts-changed", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (runs, "scores-changed", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  note_dataset (self);
  return self;
}
