/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of subjects: header found, empty rows dropped, and the tolerant reading of ID
 * cells, whose form in the published tables is not known. Cells come from nmd-workbook.c
 * or a CSV file.
 */
#include "engine/data/import/nmd-sheet-private.h"
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-number.h"
#include "engine/data/import/nmd-workbook-private.h"

#include <math.h>
#include <string.h>

struct _NmdSheet
{
  NmdCells cells; /* the first row is the header */
  guint n_columns;
};

static NmdSheet *
sheet_new (void)
{
  NmdSheet *self = g_new0 (NmdSheet, 1);

  nmd_cells_init (&self->cells);
  return self;
}

void
nmd_sheet_free (NmdSheet *self)
{
  if (self == NULL)
    return;
  nmd_cells_clear (&self->cells);
  g_free (self);
}

static gboolean
add_csv_row (NmdCells *cells, const NmdCsv *csv, guint row, GError **error)
{
  gboolean good = nmd_cells_add_row (cells, error);

  for (guint c = 0; good && c < nmd_csv_get_n_columns (csv); c++)
    {
      char *text = g_ref_string_new (row == 0 ? nmd_csv_get_header (csv, c)
                                              : nmd_csv_get (csv, row - 1, c));

      good = nmd_cells_set (cells, c, text, error);
      g_ref_string_release (text);
    }
  return good;
}

static gboolean
read_csv (const char *path, NmdCells *cells, GCancellable *cancellable, GError **error)
{
  g_autoptr (NmdCsv) csv = nmd_csv_load (path, error);
  g_autoptr (GError) inner = NULL;

  if (csv == NULL)
    return FALSE;
  for (guint r = 0; r <= nmd_csv_get_n_rows (csv); r++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (add_csv_row (cells, csv, r, &inner))
        continue;
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s cannot be read: %s", path,
                   inner->message);
      return FALSE;
    }
  return TRUE;
}

/* "Patient ID" → "patientid". */
static char *
plain (const char *text)
{
  GString *out = g_string_new (NULL);

  for (; *text != '\0'; text++)
    if (g_ascii_isalnum (*text))
      g_string_append_c (out, g_ascii_tolower (*text));
  return g_string_free (out, FALSE);
}

static gboolean
is_id_header (const char *text)
{
  static const char *const words[] = {
    "id",        "subject", "subjectid", "subjectnumber", "subjectno", "patient",
    "patientid", "anonid",  "idanon",    "anon",          "idsubject", "idpatient"
  };
  g_autofree char *word = plain (text);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (word, words[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
row_has (GPtrArray *row, gboolean (*test) (const char *))
{
  for (guint c = 0; c < row->len; c++)
    if (row->pdata[c] != NULL && test (row->pdata[c]))
      return TRUE;
  return FALSE;
}

static gboolean
is_filled (const char *text)
{
  return text[0] != '\0';
}

/* Drops empty rows, and titles above the row that names the ID. */
static gboolean
tidy (NmdSheet *self, const char *path, GError **error)
{
  g_autoptr (GPtrArray) all = g_steal_pointer (&self->cells.rows);
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);

  self->cells.rows = rows;
  for (guint r = 0; r < all->len; r++)
    if (row_has (all->pdata[r], is_filled))
      g_ptr_array_add (rows, g_ptr_array_ref (all->pdata[r]));
  for (guint r = 0; r < MIN (rows->len, 20); r++)
    if (row_has (rows->pdata[r], is_id_header))
      {
        if (r > 0)
          g_ptr_array_remove_range (rows, 0, r);
        break;
      }
  if (rows->len == 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is an empty table", path);
      return FALSE;
    }
  self->n_columns = ((GPtrArray *)rows->pdata[0])->len;
  return TRUE;
}

NmdSheet *
nmd_sheet_load (const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  g_autoptr (NmdSheet) self = sheet_new ();
  gboolean is_workbook = g_str_has_suffix (lower, ".xlsx");

  if (is_workbook ? !nmd_workbook_read (path, &self->cells, cancellable, error)
                  : !read_csv (path, &self->cells, cancellable, error))
    return NULL;
  return tidy (self, path, error) ? g_steal_pointer (&self) : NULL;
}

guint
nmd_sheet_get_n_rows (const NmdSheet *self)
{
  return self->cells.rows->len - 1;
}

guint
nmd_sheet_get_n_columns (const NmdSheet *self)
{
  return self->n_columns;
}

const char *
nmd_sheet_get_header (const NmdSheet *self, guint column)
{
  return nmd_cells_get (&self->cells, 0, column);
}

const char *
nmd_sheet_get (const NmdSheet *self, guint row, guint column)
{
  g_return_val_if_fail (row + 1 < self->cells.rows->len, "");

  return nmd_cells_get (&self->cells, row + 1, column);
}

int
nmd_sheet_find_id (const NmdSheet *self)
{
  for (guint c = 0; c < self->n_columns; c++)
    if (strcmp (nmd_sheet_get_header (self, c), "ID") == 0)
      return (int)c;
  for (guint c = 0; c < self->n_columns; c++)
    if (is_id_header (nmd_sheet_get_header (self, c)))
      return (int)c;
  return -1;
}

/* A cell that is one whole number, whatever its decimals: "348.0", "3.48e2", "348,0". */
static gboolean
parse_whole (const char *cell, char **subject)
{
  g_autofree char *text = nmd_sheet_attribute_value (cell);
  double value;

  if (!nmd_number_parse (text, &value, NULL) || !(value >= 0 && value < 1e15)
      || value != floor (value))
    return FALSE;
  *subject = g_strdup_printf ("%" G_GINT64_FORMAT, (gint64)value);
  return TRUE;
}

/* The one run of digits in @cell. */
static gboolean
parse_digits (const char *cell, char **subject)
{
  const char *start = NULL;
  gsize length;

  for (const char *p = cell; *p != '\0';)
    {
      length = strspn (p, "0123456789");
      if (length > 0 && start != NULL)
        return FALSE;
      if (length > 0)
        start = p;
      p += MAX (length, 1);
    }
  if (start == NULL)
    return FALSE;
  while (start[0] == '0' && g_ascii_isdigit (start[1]))
    start++;
  *subject = g_strndup (start, strspn (start, "0123456789"));
  return TRUE;
}

gboolean
nmd_sheet_parse_id (const char *cell, char **subject, char **image)
{
  static GRegex *pattern;
  static gsize once;
  g_autoptr (GMatchInfo) match = NULL;

  if (g_once_init_enter (&once))
    {
      pattern = g_regex_new ("^(?:SYN_)?(?:(?:BB|GM|TA)[ _-]*)?(?:anon[ _-]*)?0*([0-9]+)"
                             "_0*([0-9]+)(?:\\.png)?$",
                             G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
      g_once_init_leave (&once, 1);
    }
  *image = NULL;
  if (parse_whole (cell, subject))
    return TRUE;
  if (g_regex_match (pattern, cell, 0, &match))
    {
      *subject = g_match_info_fetch (match, 1);
      *image = g_match_info_fetch (match, 2);
      return TRUE;
    }
  return parse_digits (cell, subject);
}

char *
nmd_sheet_attribute_name (const char *header)
{
  char *name = g_strstrip (g_utf8_strdown (header, -1));

  if (strcmp (name, "weigth") != 0)
    return name;
  g_free (name);
  return g_strdup ("weight");
}

char *
nmd_sheet_attribute_value (const char *cell)
{
  char *value = g_strstrip (g_strdup (cell));
  char *p = value + (value[0] == '-' || value[0] == '+');
  gsize whole = strspn (p, "0123456789");
  gsize part = p[whole] == ',' ? strspn (p + whole + 1, "0123456789") : 0;

  if (whole > 0 && part > 0 && p[whole + 1 + part] == '\0')
    p[whole] = '.';
  return value;
}
