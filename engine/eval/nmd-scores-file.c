/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads scores from tables. Which measure needs which rows is nmd-metrics.c's.
 */
#include "config.h"

#include "engine/data/import/nmd-table.h"
#include "engine/data/nmd-dataset.h"
#include "engine/eval/nmd-scores.h"

#include <math.h>
#include <string.h>

enum
{
  LABEL,
  SCORE,
  SUBJECT,
  IMAGE,
  PART,
  MUSCLE,
  ECHO,
  N_COLUMNS,
};

typedef struct
{
  const char *path; /* borrowed from the caller's list */
  guint row;
} Place;

typedef struct
{
  const NmdScoresSettings *settings;
  NmdScores *scores;
  GHashTable *seen;   /* subject and image → place in places + 1 */
  GArray *places;     /* Place of each row that names its image */
  GHashTable *labels; /* label word → its value + 2 */
  char *part;         /* of the rows so far */
  /* of the table being read: */
  NmdCsv *csv;
  const char *path;
  int columns[N_COLUMNS];
} Reading;

static void
reading_clear (Reading *self)
{
  g_clear_pointer (&self->scores, nmd_scores_unref);
  g_clear_pointer (&self->seen, g_hash_table_unref);
  g_clear_pointer (&self->places, g_array_unref);
  g_clear_pointer (&self->labels, g_hash_table_unref);
  g_clear_pointer (&self->csv, nmd_csv_free);
  g_clear_pointer (&self->part, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

static const char *
cell (const Reading *self, guint row, int what)
{
  return self->columns[what] >= 0
             ? nmd_csv_get (self->csv, row, (guint)self->columns[what])
             : "";
}

/* The same, "" where it says nothing. */
static const char *
text (const Reading *self, guint row, int what)
{
  const char *found = cell (self, row, what);

  return nmd_csv_is_missing (found) ? "" : found;
}

static gboolean
find_columns (Reading *self, GError **error)
{
  const NmdScoresSettings *s = self->settings;
  const struct
  {
    const char *chosen, *standard, *other;
    gboolean needed;
  } columns[N_COLUMNS] = {
    [LABEL] = { s->label_column, "label", NULL, TRUE },
    [SCORE] = { s->score_column, "score", NULL, TRUE },
    [SUBJECT] = { s->subject_column, "subject", NULL, FALSE },
    [IMAGE] = { s->image_column, "image", NULL, FALSE },
    [PART] = { s->part_column, "part", "split", FALSE },
    [MUSCLE] = { NULL, "muscle", NULL, FALSE },
    [ECHO] = { NULL, "echo_intensity", NULL, FALSE },
  };

  for (int i = 0; i < N_COLUMNS; i++)
    {
      const char *name
          = columns[i].chosen != NULL ? columns[i].chosen : columns[i].standard;

      if (columns[i].chosen == NULL && columns[i].other != NULL
          && nmd_csv_find (self->csv, name) < 0)
        name = columns[i].other;
      self->columns[i] = nmd_csv_find (self->csv, name);
      if (self->columns[i] < 0 && !columns[i].needed && columns[i].chosen == NULL)
        continue;
      self->columns[i] = nmd_csv_need (self->csv, name, error);
      if (self->columns[i] < 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
fail (const Reading *self, guint row, GError **error, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static gboolean
fail (const Reading *self, guint row, GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s, row %u: %s", self->path,
               nmd_csv_get_number (self->csv, row), what);
  return FALSE;
}

/* Asks which of the words of the table's column is positive. */
static gboolean
ask_positive (const Reading *self, guint row, const char *word, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  GError *question = NULL;

  for (guint r = 0; r < nmd_csv_get_n_rows (self->csv); r++)
    if (words->len < NMD_ERROR_MAX_CHOICES
        && g_hash_table_add (seen, (gpointer)cell (self, r, LABEL)))
      g_ptr_array_add (words, (gpointer)cell (self, r, LABEL));
  g_ptr_array_add (words, NULL);
  question = g_error_new (NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE,
                          "%s, row %u: the label “%s” is not known: say which word is "
                          "positive",
                          self->path, nmd_csv_get_number (self->csv, row), word);
  nmd_error_set_choices (question, (const char *const *)words->pdata);
  g_propagate_error (error, question);
  return FALSE;
}

/* Each word is parsed once. */
static gboolean
read_label (Reading *self, guint row, int *label, GError **error)
{
  const char *word = cell (self, row, LABEL);
  gpointer known = g_hash_table_lookup (self->labels, word);

  if (known == NULL && nmd_csv_is_missing (word))
    return fail (self, row, error, "there is no label");
  if (known == NULL)
    {
      known = GINT_TO_POINTER (nmd_label_parse (word, self->settings->positive) + 2);
      g_hash_table_insert (self->labels, g_strdup (word), known);
    }
  *label = GPOINTER_TO_INT (known) - 2;
  return *label >= 0 || ask_positive (self, row, word, error);
}

static gboolean
read_score (const Reading *self, guint row, double *score, GError **error)
{
  const char *found = cell (self, row, SCORE);
  const double top = self->settings->scale == NMD_SCALE_PERCENT ? 100 : 1;

  if (!nmd_csv_parse_number (found, score))
    return fail (self, row, error, "the score is “%s”, not a number", found);
  if (self->settings->scale == NMD_SCALE_LOGIT)
    {
      *score = 1 / (1 + exp (-*score));
      return TRUE;
    }
  if (!(*score >= 0 && *score <= top))
    return fail (self, row, error,
                 "the score is %s, it must lie in [0, %.0f] (percent and logits have "
                 "to be named as such)",
                 found, top);
  *score /= top;
  return TRUE;
}

/* Whether the row is of the part that is read; FALSE with @error where parts are mixed. */
static gboolean
is_wanted (Reading *self, guint row, GError **error)
{
  const char *wanted = self->settings->part, *word = text (self, row, PART);
  NmdPart part, asked;
  const char *name;

  if (self->columns[PART] < 0)
    return TRUE;
  name = nmd_part_parse (word, &part) && part != NMD_PART_NONE ? nmd_part_get_name (part)
                                                               : word;
  if (wanted != NULL && g_ascii_strcasecmp (wanted, "all") == 0)
    return TRUE;
  if (wanted != NULL && nmd_part_parse (wanted, &asked) && asked != NMD_PART_NONE)
    wanted = nmd_part_get_name (asked);
  if (wanted != NULL && g_ascii_strcasecmp (wanted, name) != 0)
    return FALSE;
  if (self->part == NULL)
    self->part = g_strdup (name);
  if (g_ascii_strcasecmp (self->part, name) == 0)
    return TRUE;
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_NEEDS_SPLIT,
      "%s, row %u: images of the part “%s” stand beside those of “%s”; say which "
      "part is to be measured",
      self->path, nmd_csv_get_number (self->csv, row), name, self->part);
  return FALSE;
}

/* An image counts once: a row that is there twice would narrow every interval. Images
 * of two subjects may have the same name. */
static gboolean
note_image (Reading *self, guint row, const NmdScore *score, GError **error)
{
  g_autofree char *key = g_strdup_printf ("%s\n%s", score->subject, score->image);
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (self->seen, key));
  const Place now = { self->path, nmd_csv_get_number (self->csv, row) };

  if (*score->image == '\0')
    return TRUE;
  if (before > 0)
    {
      const Place *place = &g_array_index (self->places, Place, before - 1);
      const gboolean here = place->path == self->path;

      return fail (self, row, error,
                   "image “%s” of subject “%s” is in %s%srow %u already", score->image,
                   score->subject, here ? "" : place->path, here ? "" : ", ", place->row);
    }
  g_array_append_val (self->places, now);
  g_hash_table_insert (self->seen, g_steal_pointer (&key),
                       GUINT_TO_POINTER (self->places->len));
  return TRUE;
}

static gboolean
read_row (Reading *self, guint row, GError **error)
{
  const char *echo = text (self, row, ECHO);
  NmdScore score = { .subject = text (self, row, SUBJECT),
                     .image = text (self, row, IMAGE),
                     .muscle = text (self, row, MUSCLE),
                     .echo = NAN };
  g_autoptr (GError) inner = NULL;

  if (!is_wanted (self, row, &inner))
    {
      if (inner == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (!read_label (self, row, &score.label, error)
      || !read_score (self, row, &score.score, error))
    return FALSE;
  if (*echo != '\0' && !nmd_csv_parse_number (echo, &score.echo))
    return fail (self, row, error, "the echo intensity is “%s”, not a number", echo);
  if (!note_image (self, row, &score, error))
    return FALSE;
  nmd_scores_add (self->scores, &score);
  return TRUE;
}

static gboolean
read_table (Reading *self, const char *path, GError **error)
{
  g_clear_pointer (&self->csv, nmd_csv_free);
  self->path = path;
  self->csv = nmd_table_load (path, FALSE, NULL, error);
  if (self->csv == NULL || !find_columns (self, error))
    return FALSE;
  for (guint row = 0; row < nmd_csv_get_n_rows (self->csv); row++)
    if (!read_row (self, row, error))
      return FALSE;
  return TRUE;
}

NmdScores *
nmd_scores_load (const char *const *paths,
                 const NmdScoresSettings *settings,
                 char **part,
                 GError **error)
{
  static const NmdScoresSettings standard = { NULL };
  g_auto (Reading) self = { .settings = settings != NULL ? settings : &standard };

  g_return_val_if_fail (paths != NULL && paths[0] != NULL, NULL);

  self.scores = nmd_scores_new ();
  self.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.places = g_array_new (FALSE, FALSE, sizeof (Place));
  self.labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; paths[i] != NULL; i++)
    if (!read_table (&self, paths[i], error))
      return NULL;
  if (nmd_scores_get_n (self.scores) == 0 && self.settings->part != NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s holds no image of the part “%s”", paths[0], self.settings->part);
      return NULL;
    }
  if (part != NULL)
    *part = g_steal_pointer (&self.part);
  return g_steal_pointer (&self.scores);
}
