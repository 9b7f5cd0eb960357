/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of scores: filling, means by subject. Computes no measure; files are read by
 * nmd-scores-file.c.
 */
#include "config.h"

#include "engine/eval/nmd-scores.h"

#include <math.h>
#include <string.h>

struct _NmdScores
{
  gatomicrefcount references;
  GArray *rows;       /* NmdScore */
  GStringChunk *text; /* each name once */
};

NmdScores *
nmd_scores_new (void)
{
  NmdScores *self = g_new0 (NmdScores, 1);

  g_atomic_ref_count_init (&self->references);
  self->rows = g_array_new (FALSE, FALSE, sizeof (NmdScore));
  self->text = g_string_chunk_new (4096);
  return self;
}

NmdScores *
nmd_scores_ref (NmdScores *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
nmd_scores_unref (NmdScores *self)
{
  g_return_if_fail (self != NULL);
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_array_unref (self->rows);
  g_string_chunk_free (self->text);
  g_free (self);
}

void
nmd_scores_add (NmdScores *self, const NmdScore *score)
{
  NmdScore row;

  g_return_if_fail (self != NULL && score != NULL);
  g_return_if_fail (score->label == 0 || score->label == 1);
  row = *score;
  row.subject = g_string_chunk_insert_const (
      self->text, score->subject != NULL ? score->subject : "");
  row.image = g_string_chunk_insert_const (self->text,
                                           score->image != NULL ? score->image : "");
  row.muscle = g_string_chunk_insert_const (self->text,
                                            score->muscle != NULL ? score->muscle : "");
  g_array_append_val (self->rows, row);
}

guint
nmd_scores_get_n (const NmdScores *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->rows->len;
}

const NmdScore *
nmd_scores_get (const NmdScores *self, guint i)
{
  g_return_val_if_fail (self != NULL && i < self->rows->len, NULL);
  return &g_array_index (self->rows, NmdScore, i);
}

const char *
nmd_score_group (const NmdScore *score)
{
  return *score->subject != '\0' ? score->subject : score->image;
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  return strcmp (nmd_score_group (*(const NmdScore *const *)a),
                 nmd_score_group (*(const NmdScore *const *)b));
}

static int
compare_muscles (gconstpointer a, gconstpointer b)
{
  int order = compare_groups (a, b);

  return order != 0 ? order
                    : strcmp ((*(const NmdScore *const *)a)->muscle,
                              (*(const NmdScore *const *)b)->muscle);
}

/* One row of means for each run of rows that @compare calls equal. */
static NmdScores *
take_means (const NmdScores *self, GCompareFunc compare)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  NmdScores *means = nmd_scores_new ();

  for (guint i = 0; i < self->rows->len; i++)
    g_ptr_array_add (sorted, &g_array_index (self->rows, NmdScore, i));
  g_ptr_array_sort (sorted, compare); /* stable: GLib's merge sort */
  for (guint i = 0, end; i < sorted->len; i = end)
    {
      const NmdScore *first = sorted->pdata[i];
      NmdScore mean = *first;
      double score = 0, echo = 0;
      guint n_echo = 0;

      mean.subject = nmd_score_group (first);
      mean.label = 0;
      for (end = i;
           end < sorted->len && compare (&sorted->pdata[end], &sorted->pdata[i]) == 0;
           end++)
        {
          const NmdScore *row = sorted->pdata[end];

          score += row->score;
          mean.label |= row->label;
          if (strcmp (row->muscle, first->muscle) != 0)
            mean.muscle = "";
          if (!isnan (row->echo))
            echo += row->echo, n_echo++;
        }
      mean.score = score / (end - i);
      mean.echo = n_echo > 0 ? echo / n_echo : NAN;
      nmd_scores_add (means, &mean);
    }
  return means;
}

const char *
nmd_unit_get_name (NmdUnit unit)
{
  static const char *const names[] = { "image", "subject and muscle", "subject" };

  g_return_val_if_fail (unit < G_N_ELEMENTS (names), NULL);
  return names[unit];
}

NmdScores *
nmd_scores_by_unit (const NmdScores *self, NmdUnit unit)
{
  g_return_val_if_fail (self != NULL, NULL);
  if (unit == NMD_UNIT_IMAGE)
    return nmd_scores_ref ((NmdScores *)self);
  return take_means (self, unit == NMD_UNIT_MUSCLE ? compare_muscles : compare_groups);
}

NmdScores *
nmd_scores_by_subject (const NmdScores *self)
{
  return nmd_scores_by_unit (self, NMD_UNIT_SUBJECT);
}
