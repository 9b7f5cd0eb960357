/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads scores from tables, and joins tables of labels with tables of scores. Which measure needs which
 * rows is nmd-metrics.c's.
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

#define MOST_NAMED 8 /* images in a note */

/* A table with labels only. */
typedef struct
{
  NmdCsv *csv;
  const char *path;
  int columns[N_COLUMNS];
} LabelTable;

/* One of its rows. */
typedef struct
{
  const LabelTable *table;
  guint row;
  gboolean used;
} LabelRow;

typedef struct
{
  const NmdScoresSettings *settings;
  NmdScores *scores;
  GPtrArray *tables;     /* (nullable): LabelTable, where tables are joined */
  GHashTable *by_image;  /* name as written → LabelRow; owns them */
  GHashTable *by_name;   /* the same without folder and ending; borrows them */
  gboolean is_short;     /* the latter are compared */
  LabelRow *other;       /* of the row being read; borrowed */
  GPtrArray *unlabelled; /* char *: images with a score and no label */
  GHashTable *seen;      /* subject and image → place in places + 1 */
  GArray *places;        /* Place of each row that names its image */
  GHashTable *labels;    /* label word → its value + 2 */
  char *part;            /* of the rows so far */
  /* of the table being read: */
  NmdCsv *csv;
  const char *path;
  int columns[N_COLUMNS];
} Reading;

static void
reading_clear (Reading *self)
{
  g_clear_pointer (&self->scores, nmd_scores_unref);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->by_image, g_hash_table_unref);
  g_clear_pointer (&self->tables, g_ptr_array_unref);
  g_clear_pointer (&self->unlabelled, g_ptr_array_unref);
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
  const LabelTable *table = self->other != NULL ? self->other->table : NULL;

  if (self->columns[what] >= 0)
    return nmd_csv_get (self->csv, row, (guint)self->columns[what]);
  return table != NULL && table->columns[what] >= 0
             ? nmd_csv_get (table->csv, self->other->row, (guint)table->columns[what])
             : "";
}

static gboolean
has_column (const Reading *self, int what)
{
  return self->columns[what] >= 0
         || (self->other != NULL && self->other->table->columns[what] >= 0);
}

/* The same, "" where it says nothing. */
static const char *
text (const Reading *self, guint row, int what)
{
  const char *found = cell (self, row, what);

  return nmd_csv_is_missing (found) ? "" : found;
}

/* What a table must have. */
typedef enum
{
  TABLE_WHOLE,  /* labels and scores */
  TABLE_LABELS, /* labels and names of images */
  TABLE_SCORES, /* scores and names of images */
} TableKind;

static gboolean
find_columns (Reading *self, TableKind kind, GError **error)
{
  const NmdScoresSettings *s = self->settings;
  const struct
  {
    const char *chosen, *standard, *other;
    gboolean needed;
  } columns[N_COLUMNS] = {
    [LABEL] = { s->label_column, "label", NULL, kind != TABLE_SCORES },
    [SCORE] = { s->score_column, "score", NULL, kind != TABLE_LABELS },
    [SUBJECT] = { s->subject_column, "subject", NULL, FALSE },
    [IMAGE] = { s->image_column, "image", NULL, kind != TABLE_WHOLE },
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
      if (self->columns[i] < 0 && !columns[i].needed
          && (columns[i].chosen == NULL || kind != TABLE_WHOLE))
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
  const char *header = nmd_csv_get_header (self->csv, (guint)self->columns[LABEL]);
  GError *question = NULL;

  for (guint r = 0; r < nmd_csv_get_n_rows (self->csv); r++)
    if (words->len < NMD_ERROR_MAX_CHOICES
        && g_hash_table_add (seen, (gpointer)cell (self, r, LABEL)))
      g_ptr_array_add (words, (gpointer)cell (self, r, LABEL));
  g_ptr_array_add (words, NULL);
  question = g_error_new (
      NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE,
      nmd_label_is_inverted (header, word)
          ? "%s, row %u: “%s” in a column “%s” may mean the contrary: say which word is "
            "positive"
          : "%s, row %u: the label “%s” of the column “%s” is not known: say which word "
            "is positive",
      self->path, nmd_csv_get_number (self->csv, row), word, header);
  nmd_error_set_choices (question, (const char *const *)words->pdata);
  g_propagate_error (error, question);
  return FALSE;
}

/* Each word is parsed once. The label is of the table being read. */
static gboolean
parse_label (Reading *self, guint row, int *label, GError **error)
{
  const char *word = cell (self, row, LABEL);
  const char *header = nmd_csv_get_header (self->csv, (guint)self->columns[LABEL]);
  gpointer known = g_hash_table_lookup (self->labels, word);

  if (known == NULL && nmd_csv_is_missing (word))
    return fail (self, row, error, "there is no label");
  if (known == NULL)
    {
      const char *positive = self->settings->positive;
      const gboolean is_open = positive == NULL && nmd_label_is_inverted (header, word);

      known = GINT_TO_POINTER ((is_open ? -1 : nmd_label_parse (word, positive)) + 2);
      g_hash_table_insert (self->labels, g_strdup (word), known);
    }
  *label = GPOINTER_TO_INT (known) - 2;
  return *label >= 0 || ask_positive (self, row, word, error);
}

/* The same, or of the table that is joined. */
static gboolean
read_label (Reading *self, guint row, int *label, GError **error)
{
  Reading there = *self;

  if (self->columns[LABEL] >= 0 || self->other == NULL)
    return parse_label (self, row, label, error);
  there.csv = self->other->table->csv;
  there.path = self->other->table->path;
  memcpy (there.columns, self->other->table->columns, sizeof there.columns);
  there.other = NULL;
  return parse_label (&there, self->other->row, label, error);
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

  if (!has_column (self, PART))
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

/* Joining. */

static void
label_table_free (gpointer data)
{
  LabelTable *table = data;

  nmd_csv_free (table->csv);
  g_free (table);
}

/* "a_1" for "images\\A_1.png". */
static char *
short_name (const char *image)
{
  g_autofree char *place = g_strdelimit (g_strdup (image), "\\", '/');
  g_autofree char *name = g_path_get_basename (place);
  char *dot = strrchr (name, '.');

  if (dot != NULL && dot > name)
    *dot = '\0';
  return g_utf8_casefold (name, -1);
}

/* Takes the labels of the table being read. */
static gboolean
add_labels (Reading *self, GError **error)
{
  LabelTable *table = g_new0 (LabelTable, 1);
  const guint n = nmd_csv_get_n_rows (self->csv);

  table->csv = g_steal_pointer (&self->csv);
  table->path = self->path;
  memcpy (table->columns, self->columns, sizeof table->columns);
  g_ptr_array_add (self->tables, table);
  for (guint row = 0; row < n; row++)
    {
      const char *image = nmd_csv_get (table->csv, row, (guint)table->columns[IMAGE]);
      const LabelRow *before = g_hash_table_lookup (self->by_image, image);
      LabelRow *found = NULL;

      if (nmd_csv_is_missing (image))
        continue;
      if (before != NULL)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "%s, row %u: image “%s” is in %s, row %u already", table->path,
                       nmd_csv_get_number (table->csv, row), image, before->table->path,
                       nmd_csv_get_number (before->table->csv, before->row));
          return FALSE;
        }
      found = g_new0 (LabelRow, 1);
      *found = (LabelRow){ table, row, FALSE };
      g_hash_table_insert (self->by_image, (gpointer)image, found);
    }
  return TRUE;
}

/* Whether any image of the table being read is called as one with a label. */
static gboolean
any_same (const Reading *self)
{
  for (guint row = 0; row < nmd_csv_get_n_rows (self->csv); row++)
    if (g_hash_table_contains (self->by_image, cell (self, row, IMAGE)))
      return TRUE;
  return FALSE;
}

/* Names without folder and ending, which have to be distinct then. */
static gboolean
index_names (Reading *self, GError **error)
{
  GHashTableIter iter;
  gpointer image, row;

  if (self->by_name != NULL)
    return TRUE;
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_iter_init (&iter, self->by_image);
  while (g_hash_table_iter_next (&iter, &image, &row))
    {
      char *name = short_name (image);
      const LabelRow *before = g_hash_table_lookup (self->by_name, name);
      const LabelRow *here = row;

      if (before == NULL)
        {
          g_hash_table_insert (self->by_name, name, row);
          continue;
        }
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s has no image called as in %s, and without folder and ending “%s” "
                   "of row %u of %s is not the only one of its name",
                   self->path, here->table->path, (const char *)image,
                   nmd_csv_get_number (here->table->csv, here->row), here->table->path);
      g_free (name);
      return FALSE;
    }
  return TRUE;
}

/* The label's row of @row; NULL if it has none, which is noted. */
static LabelRow *
find_label (Reading *self, guint row)
{
  const char *image = nmd_csv_get (self->csv, row, (guint)self->columns[IMAGE]);
  g_autofree char *name = self->is_short ? short_name (image) : NULL;
  LabelRow *found = g_hash_table_lookup (self->is_short ? self->by_name : self->by_image,
                                         self->is_short ? name : image);

  if (found == NULL)
    g_ptr_array_add (self->unlabelled, g_strdup (image));
  else
    found->used = TRUE;
  return found;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static void
append_names (GString *text, GPtrArray *names, const char *what)
{
  if (names->len == 0)
    return;
  g_ptr_array_sort (names, compare_texts);
  g_string_append_printf (text, "; %u %s left out: ", names->len, what);
  for (guint i = 0; i < MIN (names->len, MOST_NAMED); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", (char *)names->pdata[i]);
  if (names->len > MOST_NAMED)
    g_string_append_printf (text, " and %u more", names->len - MOST_NAMED);
}

/* How many images were joined, and which were not. */
static gboolean
finish_join (Reading *self, GError **error)
{
  g_autoptr (GPtrArray) unscored = g_ptr_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  GHashTableIter iter;
  gpointer image, row;

  g_hash_table_iter_init (&iter, self->by_image);
  while (g_hash_table_iter_next (&iter, &image, &row))
    if (!((const LabelRow *)row)->used)
      g_ptr_array_add (unscored, image);
  g_string_append_printf (text, "Labels and scores were joined by the %s of images: %u",
                          self->is_short ? "names without folder and ending" : "names",
                          g_hash_table_size (self->by_image) - unscored->len);
  append_names (text, self->unlabelled, "with a score and no label were");
  append_names (text, unscored, "with a label and no score were");
  if (unscored->len == g_hash_table_size (self->by_image))
    {
      g_set_error_literal (error, NMD_ERROR, NMD_ERROR_FORMAT, text->str);
      return FALSE;
    }
  if (self->settings->notes != NULL)
    g_ptr_array_add (self->settings->notes, g_strdup (text->str));
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
  g_autofree char *own = NULL;
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
  if (*score.subject == '\0' && *score.image == '\0')
    score.image = own = g_strdup_printf ("row %u", nmd_scores_get_n (self->scores) + 1);
  nmd_scores_add (self->scores, &score);
  return TRUE;
}

static gboolean
open_table (Reading *self, const char *path, GError **error)
{
  g_clear_pointer (&self->csv, nmd_csv_free);
  self->path = path;
  self->csv = nmd_table_load (path, FALSE, NULL, error);
  return self->csv != NULL;
}

static gboolean
read_rows (Reading *self, GError **error)
{
  for (guint row = 0; row < nmd_csv_get_n_rows (self->csv); row++)
    {
      self->other = self->tables != NULL ? find_label (self, row) : NULL;
      if ((self->tables == NULL || self->other != NULL) && !read_row (self, row, error))
        return FALSE;
    }
  self->other = NULL;
  return TRUE;
}

/* Whether some of the tables hold labels and the others scores: *@kinds then says which. FALSE with @error for
 * a table that cannot be read. */
static gboolean
find_kinds (Reading *self, const char *const *paths, GArray *kinds, GError **error)
{
  const NmdScoresSettings *s = self->settings;
  guint n[3] = { 0 };

  for (guint i = 0; paths[i] != NULL && paths[1] != NULL; i++)
    {
      TableKind kind = TABLE_WHOLE;
      gboolean labels, scores;

      if (!open_table (self, paths[i], error))
        return FALSE;
      labels
          = nmd_csv_find (self->csv, s->label_column != NULL ? s->label_column : "label")
            >= 0;
      scores
          = nmd_csv_find (self->csv, s->score_column != NULL ? s->score_column : "score")
            >= 0;
      if (labels != scores)
        kind = labels ? TABLE_LABELS : TABLE_SCORES;
      n[kind]++;
      g_array_append_val (kinds, kind);
    }
  if (n[TABLE_LABELS] == 0 || n[TABLE_SCORES] == 0)
    g_array_set_size (kinds, 0);
  else if (n[TABLE_WHOLE] > 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "Of these tables some hold labels and scores, some only one of them: "
                   "measure tables of one kind, or one of labels with one of scores");
      return FALSE;
    }
  return TRUE;
}

/* Tables of labels and tables of scores, by the names of images. */
static gboolean
join_tables (Reading *self, const char *const *paths, const GArray *kinds, GError **error)
{
  self->tables = g_ptr_array_new_with_free_func (label_table_free);
  self->by_image = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->unlabelled = g_ptr_array_new_with_free_func (g_free);
  for (int pass = TABLE_LABELS; pass <= TABLE_SCORES; pass++)
    for (guint i = 0; paths[i] != NULL; i++)
      {
        const TableKind kind = g_array_index (kinds, TableKind, i);

        if ((int)kind != pass)
          continue;
        if (!open_table (self, paths[i], error) || !find_columns (self, kind, error))
          return FALSE;
        if (kind == TABLE_LABELS && !add_labels (self, error))
          return FALSE;
        if (kind == TABLE_LABELS)
          continue;
        self->is_short = !any_same (self);
        if ((self->is_short && !index_names (self, error)) || !read_rows (self, error))
          return FALSE;
      }
  return finish_join (self, error);
}

NmdScores *
nmd_scores_load (const char *const *paths,
                 const NmdScoresSettings *settings,
                 char **part,
                 GError **error)
{
  static const NmdScoresSettings standard = { NULL };
  g_auto (Reading) self = { .settings = settings != NULL ? settings : &standard };
  g_autoptr (GArray) kinds = g_array_new (FALSE, FALSE, sizeof (TableKind));

  g_return_val_if_fail (paths != NULL && paths[0] != NULL, NULL);

  self.scores = nmd_scores_new ();
  self.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.places = g_array_new (FALSE, FALSE, sizeof (Place));
  self.labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!find_kinds (&self, paths, kinds, error)
      || (kinds->len > 0 && !join_tables (&self, paths, kinds, error)))
    return NULL;
  for (guint i = 0; paths[i] != NULL && kinds->len == 0; i++)
    if (!open_table (&self, paths[i], error) || !find_columns (&self, TABLE_WHOLE, error)
        || !read_rows (&self, error))
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
