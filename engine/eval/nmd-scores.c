/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of scores: filling, reading from CSV, means by subject. Computes no measure.
 */
#include "config.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-number.h"
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

/* Rows are counted as a reader sees them in a text editor: the heading is row 1. */
static gboolean
read_number (const NmdCsv *csv,
             const char *path,
             guint row,
             int column,
             const char *what,
             double *value,
             GError **error)
{
  const char *cell = nmd_csv_get (csv, row, (guint)column);

  if (nmd_number_parse (cell, value, NULL) && !isnan (*value))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "%s, row %u: the %s is “%s”, not a number", path, row + 2, what, cell);
  return FALSE;
}

static gboolean
read_row (NmdScores *self,
          const NmdCsv *csv,
          const char *path,
          guint row,
          const int columns[6],
          GError **error)
{
  const char *label = nmd_csv_get (csv, row, (guint)columns[2]);
  NmdScore score = { .subject = nmd_csv_get (csv, row, (guint)columns[0]),
                     .image = nmd_csv_get (csv, row, (guint)columns[1]),
                     .echo = NAN };

  if (strcmp (label, "0") != 0 && strcmp (label, "1") != 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s, row %u: the label is “%s”, it must be 0 or 1", path, row + 2,
                   label);
      return FALSE;
    }
  score.label = *label == '1';
  if (!read_number (csv, path, row, columns[3], "score", &score.score, error))
    return FALSE;
  if (!(score.score >= 0 && score.score <= 1))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s, row %u: the score is %s, it must lie in [0, 1]", path, row + 2,
                   nmd_csv_get (csv, row, (guint)columns[3]));
      return FALSE;
    }
  score.muscle = columns[4] >= 0 ? nmd_csv_get (csv, row, (guint)columns[4]) : "";
  if (columns[5] >= 0)
    {
      const char *cell = nmd_csv_get (csv, row, (guint)columns[5]);

      if (*cell != '\0' && g_ascii_strcasecmp (cell, "nan") != 0
          && !read_number (csv, path, row, columns[5], "echo intensity", &score.echo,
                           error))
        return FALSE;
    }
  nmd_scores_add (self, &score);
  return TRUE;
}

/* An image counts once: a row that is there twice would narrow every interval. Images
 * of two subjects may have the same name. */
static gboolean
note_image (GHashTable *seen,
            const NmdCsv *csv,
            const char *path,
            guint row,
            const int columns[6],
            GError **error)
{
  const char *subject = nmd_csv_get (csv, row, (guint)columns[0]);
  const char *image = nmd_csv_get (csv, row, (guint)columns[1]);
  g_autofree char *key = g_strdup_printf ("%s\n%s", subject, image);
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (seen, key));

  if (before > 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s, row %u: image “%s” of subject “%s” is in row %u already", path,
                   row + 2, image, subject, before);
      return FALSE;
    }
  if (*image != '\0')
    g_hash_table_insert (seen, g_steal_pointer (&key), GUINT_TO_POINTER (row + 2));
  return TRUE;
}

NmdScores *
nmd_scores_load (const char *path, GError **error)
{
  static const char *const needed[] = { "subject", "image", "label", "score" };
  g_autoptr (NmdCsv) csv = NULL;
  g_autoptr (NmdScores) self = nmd_scores_new ();
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  int columns[6];

  g_return_val_if_fail (path != NULL, NULL);
  csv = nmd_csv_load (path, error);
  if (csv == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      columns[i] = nmd_csv_need (csv, needed[i], error);
      if (columns[i] < 0)
        return NULL;
    }
  columns[4] = nmd_csv_find (csv, "muscle");
  columns[5] = nmd_csv_find (csv, "echo_intensity");
  for (guint row = 0; row < nmd_csv_get_n_rows (csv); row++)
    if (!read_row (self, csv, path, row, columns, error)
        || !note_image (seen, csv, path, row, columns, error))
      return NULL;
  return g_steal_pointer (&self);
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  return strcmp (nmd_score_group (*(const NmdScore *const *)a),
                 nmd_score_group (*(const NmdScore *const *)b));
}

NmdScores *
nmd_scores_by_subject (const NmdScores *self)
{
  g_autoptr (GPtrArray) sorted = NULL;
  NmdScores *means = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  sorted = g_ptr_array_new ();
  means = nmd_scores_new ();
  for (guint i = 0; i < self->rows->len; i++)
    g_ptr_array_add (sorted, &g_array_index (self->rows, NmdScore, i));
  g_ptr_array_sort (sorted, compare_groups); /* stable: GLib's merge sort */
  for (guint i = 0, end; i < sorted->len; i = end)
    {
      const NmdScore *first = sorted->pdata[i];
      NmdScore mean = *first;
      double score = 0, echo = 0;
      guint n_echo = 0;

      mean.subject = nmd_score_group (first);
      mean.label = 0;
      for (end = i; end < sorted->len
                    && strcmp (nmd_score_group (sorted->pdata[end]), mean.subject) == 0;
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
