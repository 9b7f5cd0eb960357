/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and writing of tables as CSV. What a column means is the business of its
 * reader.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-number.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define MAX_BYTES (64 * 1024 * 1024)

struct _NmdCsv
{
  char *name;       /* the file, for errors */
  GPtrArray *cells; /* char *, row by row, the header first */
  GArray *numbers;  /* guint: number of each row in the file, the header's first */
  guint n_columns;
};

typedef struct
{
  const char *at, *end;
  const char *name;
  char delimiter;
  guint row; /* counts from 1, the header and empty lines included, as a spreadsheet shows
                it */
} Reader;

static gboolean
fail_row (const Reader *reader, GError **error, const char *what)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s, row %u: %s", reader->name,
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

static gboolean
at_end_of_cell (const Reader *reader)
{
  return reader->at >= reader->end || *reader->at == reader->delimiter
         || *reader->at == '\n' || *reader->at == '\r';
}

static gboolean
read_quoted (Reader *reader, GString *cell, GError **error)
{
  for (reader->at++; reader->at < reader->end; reader->at++)
    {
      if (*reader->at != '"')
        g_string_append_c (cell, *reader->at);
      else if (reader->at + 1 < reader->end && reader->at[1] == '"')
        {
          g_string_append_c (cell, '"');
          reader->at++;
        }
      else
        {
          reader->at++;
          while (!at_end_of_cell (reader) && *reader->at == ' ')
            reader->at++;
          return at_end_of_cell (reader)
                 || fail_row (reader, error, "text follows a closing quote");
        }
    }
  return fail_row (reader, error, "a quote is not closed");
}

/* Appends the cells of one record to @cells. @n: their number, 0 for an empty line. */
static gboolean
read_row (Reader *reader, GPtrArray *cells, guint *n, GError **error)
{
  gboolean empty = TRUE;

  *n = 0;
  for (;;)
    {
      g_autoptr (GString) cell = g_string_new (NULL);
      const char *start = reader->at;

      while (reader->at < reader->end && *reader->at == ' ')
        reader->at++;
      if (reader->at < reader->end && *reader->at == '"')
        {
          empty = FALSE;
          if (!read_quoted (reader, cell, error))
            return FALSE;
        }
      else
        {
          while (!at_end_of_cell (reader))
            reader->at++;
          g_string_append_len (cell, start, reader->at - start);
        }
      g_ptr_array_add (cells, g_strdup (g_strstrip (cell->str)));
      (*n)++;
      if (reader->at >= reader->end || *reader->at != reader->delimiter)
        break;
      reader->at++;
    }
  if (reader->at < reader->end && *reader->at == '\r')
    reader->at++;
  if (reader->at < reader->end && *reader->at == '\n')
    reader->at++;
  if (*n == 1 && empty && *(char *)g_ptr_array_index (cells, cells->len - 1) == '\0')
    {
      g_ptr_array_set_size (cells, (int)cells->len - 1);
      *n = 0;
    }
  return TRUE;
}

static gboolean
parse (NmdCsv *self, Reader *reader, GError **error)
{
  while (reader->at < reader->end)
    {
      guint n;

      reader->row++;
      if (!read_row (reader, self->cells, &n, error))
        return FALSE;
      if (n == 0)
        continue;
      g_array_append_val (self->numbers, reader->row);
      if (self->n_columns == 0)
        self->n_columns = n;
      else if (n != self->n_columns)
        {
          g_autofree char *what
              = g_strdup_printf ("%u cells, the header has %u", n, self->n_columns);

          return fail_row (reader, error, what);
        }
    }
  if (self->n_columns == 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s has no header line",
                   self->name);
      return FALSE;
    }
  return TRUE;
}

NmdCsv *
nmd_csv_parse (const char *text, gsize length, const char *name, GError **error)
{
  g_autoptr (NmdCsv) self = NULL;
  Reader reader = { 0 };

  g_return_val_if_fail ((text != NULL || length == 0) && name != NULL, NULL);

  if (length > MAX_BYTES)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is larger than 64 MiB", name);
      return NULL;
    }
  if (length > 0 && !g_utf8_validate (text, (gssize)length, NULL))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is not text in UTF-8", name);
      return NULL;
    }
  self = g_new0 (NmdCsv, 1);
  self->name = g_strdup (name);
  self->cells = g_ptr_array_new_with_free_func (g_free);
  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  reader.name = self->name;
  reader.at = text;
  reader.end = text + length;
  if (length >= 3 && memcmp (text, "\xEF\xBB\xBF", 3) == 0)
    reader.at += 3;
  reader.delimiter = find_delimiter (reader.at, reader.end);
  if (!parse (self, &reader, error))
    return NULL;
  return g_steal_pointer (&self);
}

NmdCsv *
nmd_csv_load (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  GStatBuf info;
  gsize length;

  g_return_val_if_fail (path != NULL, NULL);

  if (g_stat (path, &info) == 0 && info.st_size > MAX_BYTES)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is larger than 64 MiB", path);
      return NULL;
    }
  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  return nmd_csv_parse (text, length, path, error);
}

void
nmd_csv_free (NmdCsv *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_ptr_array_unref (self->cells);
  g_array_unref (self->numbers);
  g_free (self);
}

guint
nmd_csv_get_n_rows (const NmdCsv *self)
{
  return self->cells->len / self->n_columns - 1;
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

  return g_array_index (self->numbers, guint, row + 1);
}

const char *
nmd_csv_get_header (const NmdCsv *self, guint column)
{
  g_return_val_if_fail (column < self->n_columns, "");

  return g_ptr_array_index (self->cells, column);
}

int
nmd_csv_find (const NmdCsv *self, const char *name)
{
  g_autofree char *copy = g_strstrip (g_strdup (name));
  g_autofree char *wanted = g_utf8_casefold (copy, -1);

  for (guint i = 0; i < self->n_columns; i++)
    {
      g_autofree char *have = g_utf8_casefold (nmd_csv_get_header (self, i), -1);

      if (strcmp (have, wanted) == 0)
        return (int)i;
    }
  return -1;
}

int
nmd_csv_need (const NmdCsv *self, const char *name, GError **error)
{
  g_autoptr (GString) there = NULL;
  int column = nmd_csv_find (self, name);

  if (column >= 0)
    return column;
  there = g_string_new (NULL);
  for (guint i = 0; i < self->n_columns; i++)
    g_string_append_printf (there, "%s%s", i > 0 ? ", " : "",
                            nmd_csv_get_header (self, i));
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s has no column “%s”, only: %s",
               self->name, name, there->str);
  return -1;
}

const char *
nmd_csv_get (const NmdCsv *self, guint row, guint column)
{
  g_return_val_if_fail (row < nmd_csv_get_n_rows (self) && column < self->n_columns, "");

  return g_ptr_array_index (self->cells, (row + 1) * self->n_columns + column);
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
