/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and writing of tables as CSV. A table is its text, in which cells are unquoted, stripped and
 * ended in place, and the places where they start. What a column means is for its reader.
 */
#include "engine/core/nmd-csv.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-text.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_SHOWN 200 /* bytes of names in an error */

struct _NmdCsv
{
  char *name;      /* the file as it is shown in errors */
  char *text;      /* at most NMD_CSV_MAX_BYTES and a NUL */
  GArray *starts;  /* guint32, where cells start in text, row by row, the header first */
  GArray *numbers; /* guint32, the number of each row in the file, the header's first */
  GArray *refused; /* guint32 pairs: number and number of cells of each row set aside */
  guint n_columns;
};

typedef struct
{
  NmdCsv *csv;
  char *at, *end; /* *end is 0 */
  char delimiter;
  guint32 row; /* from 1; header and empty lines count, as a spreadsheet shows it */
  gboolean lenient;
} Reader;

static gboolean
fail_row (const Reader *reader, GError **error, const char *what)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s, row %u: %s", reader->csv->name,
               reader->row, what);
  return FALSE;
}

/* The most frequent of ',' ';' and tab outside quotes in the first line that is not
 * empty. */
static char
find_delimiter (const char *text, const char *end)
{
  static const char candidates[] = { ',', ';', '\t' };
  guint counts[3] = { 0 }, best = 0;
  gboolean quoted = FALSE, seen = FALSE;

  for (const char *p = text; p < end; p++)
    {
      if (*p == '"')
        quoted = !quoted;
      if (!quoted && (*p == '\n' || *p == '\r') && seen)
        break;
      seen |= !g_ascii_isspace (*p);
      for (guint i = 0; i < 3 && !quoted; i++)
        counts[i] += *p == candidates[i];
    }
  for (guint i = 1; i < 3; i++)
    if (counts[i] > counts[best])
      best = i;
  return candidates[best];
}

/* A first line "sep=;" names the delimiter; FALSE without one. */
static gboolean
read_delimiter (Reader *reader)
{
  const char *at = reader->at;
  const gboolean quoted = *at == '"';

  at += quoted;
  if (g_ascii_strncasecmp (at, "sep=", 4) != 0 || at[4] == '\0'
      || strchr (",;\t", at[4]) == NULL)
    return FALSE;
  reader->delimiter = at[4];
  at += 5;
  at += quoted && *at == '"';
  while (*at == reader->delimiter || *at == ' ')
    at++;
  if (*at != '\n' && *at != '\r' && at < reader->end)
    return FALSE;
  if (*at == '\r' && at[1] == '\n')
    at++;
  reader->at += at - reader->at + (at < reader->end);
  reader->row++;
  return TRUE;
}

static gboolean
at_end_of_cell (const Reader *reader)
{
  return reader->at >= reader->end || *reader->at == reader->delimiter
         || *reader->at == '\n' || *reader->at == '\r';
}

/* A quoted cell; *@end gets the end of its text, which was moved to @start. */
static gboolean
read_quoted (Reader *reader, char *start, char **end, GError **error)
{
  char *to = start;

  for (reader->at++; reader->at < reader->end; reader->at++)
    {
      if (*reader->at == '"' && reader->at + 1 < reader->end && reader->at[1] == '"')
        reader->at++;
      else if (*reader->at == '"')
        {
          reader->at++;
          while (!at_end_of_cell (reader) && *reader->at == ' ')
            reader->at++;
          *end = to;
          return at_end_of_cell (reader)
                 || fail_row (reader, error, "text follows a closing quote");
        }
      *to++ = *reader->at;
    }
  return fail_row (reader, error, "a quote is not closed");
}

/* One cell, up to its delimiter. It is no longer than it was in the file, so that the byte of the
 * delimiter, once it was seen, has room for its NUL. */
static gboolean
read_cell (Reader *reader, gboolean *quoted, char **start, char **end, GError **error)
{
  *start = reader->at;
  while (reader->at < reader->end && *reader->at == ' ')
    reader->at++;
  *quoted = reader->at < reader->end && *reader->at == '"';
  if (*quoted)
    {
      if (!read_quoted (reader, *start, end, error))
        return FALSE;
    }
  else
    {
      while (!at_end_of_cell (reader))
        reader->at++;
      *end = reader->at;
    }
  while (*start < *end && g_ascii_isspace (**start))
    (*start)++;
  while (*end > *start && g_ascii_isspace ((*end)[-1]))
    (*end)--;
  return TRUE;
}

static gboolean
add_cell (Reader *reader, const char *start, guint n, GError **error)
{
  const guint32 place = (guint32)(start - reader->csv->text);

  if (n > NMD_CSV_MAX_COLUMNS)
    return fail_row (reader, error,
                     "more than " G_STRINGIFY (NMD_CSV_MAX_COLUMNS) " cells");
  if (reader->csv->starts->len == NMD_CSV_MAX_CELLS)
    return fail_row (reader, error,
                     "the table has more than " G_STRINGIFY (NMD_CSV_MAX_CELLS) " cells");
  g_array_append_val (reader->csv->starts, place);
  return TRUE;
}

/* Adds the cells of one record. @n: their number, 0 for an empty line. */
static gboolean
read_row (Reader *reader, guint *n, GError **error)
{
  for (*n = 1;; (*n)++)
    {
      char *start, *end, ender;
      gboolean quoted;

      if (!read_cell (reader, &quoted, &start, &end, error))
        return FALSE;
      ender = *reader->at; /* 0 at the end of the text */
      *end = '\0';
      if (ender == reader->delimiter)
        reader->at++;
      else
        {
          if (ender == '\r' && reader->at++ < reader->end && *reader->at == '\n')
            reader->at++;
          else if (ender == '\n')
            reader->at++;
          if (*n == 1 && !quoted && *start == '\0')
            {
              *n = 0;
              return TRUE;
            }
        }
      if (!add_cell (reader, start, *n, error))
        return FALSE;
      if (ender != reader->delimiter)
        return TRUE;
    }
}

/* Makes the @n cells that were added last a row of the table, if they are one. */
static gboolean
take_row (Reader *reader, guint n, GError **error)
{
  NmdCsv *self = reader->csv;
  const guint first = self->starts->len - n;
  guint filled = 0;

  for (guint i = 0; i < n; i++)
    if (self->text[g_array_index (self->starts, guint32, first + i)] != '\0')
      filled = i + 1;
  if (filled == 0 && n > 1)
    {
      g_array_set_size (self->starts, first);
      return TRUE;
    }
  if (self->n_columns == 0)
    self->n_columns = n;
  else if (n > self->n_columns && filled <= self->n_columns)
    g_array_set_size (self->starts, first + self->n_columns);
  else if (n != self->n_columns && reader->lenient)
    {
      const guint32 refused[2] = { reader->row, n };

      g_array_set_size (self->starts, first);
      g_array_append_vals (self->refused, refused, 2);
      return TRUE;
    }
  else if (n != self->n_columns)
    {
      g_autofree char *what
          = g_strdup_printf ("%u cells, the header has %u", n, self->n_columns);

      return fail_row (reader, error, what);
    }
  g_array_append_val (self->numbers, reader->row);
  return TRUE;
}

static gboolean
parse (Reader *reader, GError **error)
{
  NmdCsv *self = reader->csv;

  while (reader->at < reader->end)
    {
      guint n;

      reader->row++;
      if (!read_row (reader, &n, error))
        return FALSE;
      if (n > 0 && !take_row (reader, n, error))
        return FALSE;
    }
  if (self->n_columns == 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, _ ("%s has no header line"),
                   self->name);
      return FALSE;
    }
  return TRUE;
}

/* Makes UTF-8 of UTF-16 text with a byte-order mark; other text stays. FALSE if it is cut short or damaged.
 * The units are put into the machine's order in place. */
static gboolean
decode (char **text, gsize *length)
{
  const guint8 *start = (const guint8 *)*text;
  guint16 *units = (guint16 *)(gpointer)*text;
  const gboolean little = *length >= 2 && start[0] == 0xFF && start[1] == 0xFE;
  glong written = 0;
  char *converted;

  if (!little && !(*length >= 2 && start[0] == 0xFE && start[1] == 0xFF))
    return TRUE;
  if (*length % 2 != 0)
    return FALSE;
  for (gsize i = 0; i < *length / 2; i++)
    units[i] = little ? GUINT16_FROM_LE (units[i]) : GUINT16_FROM_BE (units[i]);
  for (gsize i = 0; i < *length / 2; i++)
    if (units[i] == 0)
      return FALSE;
  converted = g_utf16_to_utf8 (units + 1, (glong)(*length / 2 - 1), NULL, &written, NULL);
  if (converted == NULL)
    return FALSE;
  g_free (*text);
  *text = converted;
  *length = (gsize)written;
  return TRUE;
}

/* Takes @text of @length bytes and a NUL behind them. */
static NmdCsv *
new_take (char *text, gsize length, const char *name, gboolean lenient, GError **error)
{
  g_autoptr (NmdCsv) self = g_new0 (NmdCsv, 1);
  const gboolean decoded = decode (&text, &length);
  Reader reader = { .csv = self, .at = text, .end = text + length, .lenient = lenient };

  self->text = text;
  self->name = nmd_text_display (name);
  self->refused = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->starts = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (!decoded || !g_utf8_validate_len (text, length, NULL))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   _ ("%s is not text in UTF-8 or UTF-16: save it again as one of them"),
                   self->name);
      return NULL;
    }
  while (g_str_has_prefix (reader.at, "\xEF\xBB\xBF"))
    reader.at += 3;
  if (!read_delimiter (&reader))
    reader.delimiter = find_delimiter (reader.at, reader.end);
  return parse (&reader, error) ? g_steal_pointer (&self) : NULL;
}

static NmdCsv *
parse_copy (
    const char *text, gsize length, const char *name, gboolean lenient, GError **error)
{
  char *copy;

  if (length > NMD_CSV_MAX_BYTES)
    {
      g_autofree char *shown = nmd_text_display (name);

      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, _ ("%s is larger than %u MiB"),
                   shown, NMD_CSV_MAX_BYTES >> 20);
      return NULL;
    }
  copy = g_malloc (length + 1);
  if (length > 0)
    memcpy (copy, text, length);
  copy[length] = '\0';
  return new_take (copy, length, name, lenient, error);
}

static NmdCsv *
load (const char *path, gboolean lenient, GError **error)
{
  gsize length = 0;
  char *text = nmd_file_read (path, NMD_CSV_MAX_BYTES, NULL, &length, error);

  return text != NULL ? new_take (text, length, path, lenient, error) : NULL;
}

NmdCsv *
nmd_csv_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  return load (path, FALSE, error);
}

NmdCsv *
nmd_csv_parse (const char *text, gsize length, const char *name, GError **error)
{
  g_return_val_if_fail ((text != NULL || length == 0) && name != NULL, NULL);

  return parse_copy (text, length, name, FALSE, error);
}

NmdCsv *
nmd_csv_load_lenient (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  return load (path, TRUE, error);
}

NmdCsv *
nmd_csv_parse_lenient (const char *text, gsize length, const char *name, GError **error)
{
  g_return_val_if_fail ((text != NULL || length == 0) && name != NULL, NULL);

  return parse_copy (text, length, name, TRUE, error);
}

void
nmd_csv_free (NmdCsv *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->text);
  g_clear_pointer (&self->starts, g_array_unref);
  g_clear_pointer (&self->numbers, g_array_unref);
  g_clear_pointer (&self->refused, g_array_unref);
  g_free (self);
}

guint
nmd_csv_get_n_rows (const NmdCsv *self)
{
  return self->starts->len / self->n_columns - 1;
}

guint
nmd_csv_get_n_refused (const NmdCsv *self)
{
  return self->refused->len / 2;
}

guint
nmd_csv_get_refused (const NmdCsv *self, guint i, guint *n_cells)
{
  g_return_val_if_fail (i < self->refused->len / 2, 0);

  *n_cells = g_array_index (self->refused, guint32, 2 * i + 1);
  return g_array_index (self->refused, guint32, 2 * i);
}

guint
nmd_csv_get_n_columns (const NmdCsv *self)
{
  return self->n_columns;
}

guint
nmd_csv_get_number (const NmdCsv *self, guint row)
{
  g_return_val_if_fail (row + 1 < self->numbers->len, 0);

  return g_array_index (self->numbers, guint32, row + 1);
}

const char *
nmd_csv_get_header (const NmdCsv *self, guint column)
{
  g_return_val_if_fail (column < self->n_columns, "");

  return self->text + g_array_index (self->starts, guint32, column);
}

/* The first column from @from on that is called @name, or -1. */
static int
find_from (const NmdCsv *self, const char *name, guint from)
{
  g_autofree char *copy = g_strstrip (g_strdup (name));
  g_autofree char *wanted = g_utf8_casefold (copy, -1);

  for (guint i = from; i < self->n_columns; i++)
    {
      g_autofree char *have = g_utf8_casefold (nmd_csv_get_header (self, i), -1);

      if (strcmp (have, wanted) == 0)
        return (int)i;
    }
  return -1;
}

int
nmd_csv_find (const NmdCsv *self, const char *name)
{
  return find_from (self, name, 0);
}

/* The names of all columns, as far as an error has room for them. */
static char *
list_columns (const NmdCsv *self)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < self->n_columns && names->len <= MAX_SHOWN; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            nmd_csv_get_header (self, i));
  return nmd_text_display_length (names->str, names->len, MAX_SHOWN);
}

int
nmd_csv_need (const NmdCsv *self, const char *name, GError **error)
{
  const int column = find_from (self, name, 0);
  g_autofree char *shown = NULL, *names = NULL;

  if (column >= 0 && find_from (self, name, (guint)column + 1) < 0)
    return column;
  shown = nmd_text_display_length (name, strlen (name), MAX_SHOWN);
  names = list_columns (self);
  if (column >= 0)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, _ ("%s has the column “%s” twice"),
                 self->name, shown);
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 _ ("%s has no column “%s”, only: %s"), self->name, shown, names);
  return -1;
}

const char *
nmd_csv_get (const NmdCsv *self, guint row, guint column)
{
  g_return_val_if_fail (row < nmd_csv_get_n_rows (self) && column < self->n_columns, "");

  return self->text
         + g_array_index (self->starts, guint32, (row + 1) * self->n_columns + column);
}

gboolean
nmd_csv_is_missing (const char *cell)
{
  static const char *const words[]
      = { "", "na", "n/a", "#n/a", "nan", "none", "null", "-" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (cell, words[i]) == 0)
      return TRUE;
  return FALSE;
}

gboolean
nmd_csv_parse_number (const char *cell, double *value)
{
  g_autofree char *text = NULL;
  char *comma;

  if (nmd_number_parse (cell, value, NULL))
    return isfinite (*value);
  text = g_strdup (cell);
  comma = strchr (text, ',');
  if (comma == NULL || strchr (text, '.') != NULL || !g_ascii_isdigit (comma[1]))
    return FALSE;
  *comma = '.';
  return nmd_number_parse (text, value, NULL) && isfinite (*value);
}

void
nmd_csv_append (GString *text, const char *cell)
{
  if (strpbrk (cell, ",;\t\"\r\n") == NULL)
    g_string_append (text, cell);
  else
    {
      g_string_append_c (text, '"');
      for (const char *p = cell; *p != '\0'; p++)
        {
          if (*p == '"')
            g_string_append_c (text, '"');
          g_string_append_c (text, *p);
        }
      g_string_append_c (text, '"');
    }
  g_string_append_c (text, ',');
}

void
nmd_csv_append_number (GString *text, double value)
{
  if (!isnan (value))
    nmd_number_append (text, value);
  g_string_append_c (text, ',');
}

void
nmd_csv_end_line (GString *text)
{
  if (text->len > 0 && text->str[text->len - 1] == ',')
    g_string_truncate (text, text->len - 1);
  /* A line of one empty cell must not read as an empty line. */
  if (text->len == 0 || text->str[text->len - 1] == '\n')
    g_string_append (text, "\"\"");
  g_string_append_c (text, '\n');
}
