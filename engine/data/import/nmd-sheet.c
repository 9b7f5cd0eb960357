/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the first sheet of a workbook: an .xlsx file is a zip with
 * xl/worksheets/sheet1.xml and the texts in xl/sharedStrings.xml (ECMA-376 part 1, 18.3
 * and 18.4). Also the tolerant reading of ID cells, whose form in the published tables is
 * not known.
 */
#include "engine/data/import/nmd-sheet-private.h"
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-number.h"

#include <archive.h>
#include <archive_entry.h>
#include <math.h>
#include <string.h>

#define MAX_PART (32 * 1024 * 1024) /* of one XML part, unpacked */
#define MAX_ROWS 200000
#define MAX_COLUMNS 512

struct _NmdSheet
{
  GPtrArray *rows; /* GPtrArray of char *, the first is the header */
  guint n_columns;
};

static NmdSheet *
sheet_new (void)
{
  NmdSheet *self = g_new0 (NmdSheet, 1);

  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  return self;
}

void
nmd_sheet_free (NmdSheet *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->rows);
  g_free (self);
}

/* Parts of the zip. */

typedef struct
{
  char *name; /* of the sheet kept so far */
  GString *sheet, *strings;
} Parts;

static void
parts_clear (Parts *self)
{
  g_clear_pointer (&self->name, g_free);
  if (self->sheet != NULL)
    g_string_free (self->sheet, TRUE);
  if (self->strings != NULL)
    g_string_free (self->strings, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

static void
archive_close (struct archive *archive)
{
  archive_read_free (archive);
}
typedef struct archive Archive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_close)

static GString *
read_part (Archive *archive, const char *path, GError **error)
{
  GString *text = g_string_new (NULL);
  char buffer[8192];
  la_ssize_t n;

  while ((n = archive_read_data (archive, buffer, sizeof buffer)) > 0)
    {
      g_string_append_len (text, buffer, n);
      if (text->len > MAX_PART)
        break;
    }
  if (n == 0)
    return text;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s %s", path,
               n > 0 ? "is larger than a table of subjects can be"
                     : "is damaged or cut short");
  g_string_free (text, TRUE);
  return NULL;
}

/* sheet2 before sheet10. */
static gboolean
comes_before (const char *a, const char *b)
{
  gsize m = strlen (a), n = strlen (b);

  return m != n ? m < n : strcmp (a, b) < 0;
}

static gboolean
read_parts (const char *path, Parts *parts, GError **error)
{
  g_autoptr (Archive) archive = archive_read_new ();
  struct archive_entry *entry;
  int status;

  archive_read_support_format_zip_seekable (archive);
  if (archive_read_open_filename (archive, path, 65536) != ARCHIVE_OK)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s is not an .xlsx workbook or is cut short", path);
      return FALSE;
    }
  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK)
    {
      const char *name = archive_entry_pathname_utf8 (entry);
      GString **target = NULL;

      if (name == NULL)
        continue;
      if (strcmp (name, "xl/sharedStrings.xml") == 0)
        target = &parts->strings;
      else if (g_str_has_prefix (name, "xl/worksheets/")
               && g_str_has_suffix (name, ".xml")
               && strchr (name + strlen ("xl/worksheets/"), '/') == NULL
               && (parts->name == NULL || comes_before (name, parts->name)))
        {
          g_free (parts->name);
          parts->name = g_strdup (name);
          target = &parts->sheet;
        }
      if (target == NULL)
        continue;
      if (*target != NULL)
        g_string_free (g_steal_pointer (target), TRUE);
      *target = read_part (archive, path, error);
      if (*target == NULL)
        return FALSE;
    }
  if (status != ARCHIVE_EOF || parts->sheet == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is damaged or holds no sheet",
                   path);
      return FALSE;
    }
  return TRUE;
}

/* The XML of both parts. Namespace prefixes are dropped. */

static const char *
local_name (const char *name)
{
  const char *colon = strchr (name, ':');

  return colon != NULL ? colon + 1 : name;
}

static const char *
attribute (const char **names, const char **values, const char *wanted)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (strcmp (names[i], wanted) == 0)
      return values[i];
  return NULL;
}

typedef struct
{
  GPtrArray *strings; /* shared texts */
  GString *text;      /* of the cell or shared text being read */
  gboolean keep;      /* inside <t> or <v> */
  guint phonetic;     /* inside <rPh>: reading aids, not text */
  NmdSheet *sheet;
  GPtrArray *row;
  guint column;
  char type[16];
} Reader;

static void
strings_start (GMarkupParseContext *context,
               const char *element,
               const char **names,
               const char **values,
               gpointer user_data,
               GError **error)
{
  Reader *self = user_data;
  const char *name = local_name (element);

  if (strcmp (name, "si") == 0)
    g_string_truncate (self->text, 0);
  else if (strcmp (name, "rPh") == 0)
    self->phonetic++;
  else if (strcmp (name, "t") == 0)
    self->keep = self->phonetic == 0;
}

static void
strings_end (GMarkupParseContext *context,
             const char *element,
             gpointer user_data,
             GError **error)
{
  Reader *self = user_data;
  const char *name = local_name (element);

  if (strcmp (name, "si") == 0)
    g_ptr_array_add (self->strings, g_strdup (self->text->str));
  else if (strcmp (name, "rPh") == 0)
    self->phonetic--;
  self->keep = FALSE;
}

static void
reader_text (GMarkupParseContext *context,
             const char *text,
             gsize length,
             gpointer user_data,
             GError **error)
{
  Reader *self = user_data;

  if (self->keep)
    g_string_append_len (self->text, text, length);
}

/* Column of a cell reference: "A1" → 0, "AB12" → 27; @otherwise without one. */
static guint
column_of (const char *reference, guint otherwise)
{
  guint column = 0;

  if (reference == NULL || !g_ascii_isalpha (reference[0]))
    return otherwise;
  for (; g_ascii_isalpha (*reference) && column <= MAX_COLUMNS; reference++)
    column = column * 26 + (guint)(g_ascii_toupper (*reference) - 'A' + 1);
  return column - 1;
}

static void
sheet_start (GMarkupParseContext *context,
             const char *element,
             const char **names,
             const char **values,
             gpointer user_data,
             GError **error)
{
  Reader *self = user_data;
  const char *name = local_name (element);

  if (strcmp (name, "row") == 0)
    {
      self->row = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (self->sheet->rows, self->row);
      self->column = 0;
      if (self->sheet->rows->len > MAX_ROWS)
        g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT,
                     "it has more than %d rows", MAX_ROWS);
    }
  else if (strcmp (name, "c") == 0)
    {
      const char *type = attribute (names, values, "t");

      self->column = column_of (attribute (names, values, "r"), self->column);
      g_strlcpy (self->type, type != NULL ? type : "n", sizeof self->type);
      g_string_truncate (self->text, 0);
      if (self->column >= MAX_COLUMNS)
        g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT,
                     "it has more than %d columns", MAX_COLUMNS);
    }
  else if (strcmp (name, "v") == 0 || strcmp (name, "t") == 0)
    self->keep = TRUE;
}

/* The text of a cell of self->type. Workbooks keep 54.3 as 54.299999999999997. */
static char *
cell_text (Reader *self)
{
  char buffer[NMD_NUMBER_LENGTH];
  double value;

  if (strcmp (self->type, "s") == 0)
    {
      guint64 i = g_ascii_strtoull (self->text->str, NULL, 10);

      return g_strdup (i < self->strings->len ? self->strings->pdata[i] : "");
    }
  if (strcmp (self->type, "n") == 0 && nmd_number_parse (self->text->str, &value, NULL)
      && isfinite (value))
    return g_strdup (nmd_number_format (buffer, value));
  return g_strdup (self->text->str);
}

static void
sheet_end (GMarkupParseContext *context,
           const char *element,
           gpointer user_data,
           GError **error)
{
  Reader *self = user_data;
  const char *name = local_name (element);

  self->keep = FALSE;
  if (strcmp (name, "c") == 0 && self->row != NULL)
    {
      char *text = g_strstrip (cell_text (self));

      while (self->row->len <= self->column)
        g_ptr_array_add (self->row, NULL);
      g_free (self->row->pdata[self->column]);
      self->row->pdata[self->column] = text;
      self->column++;
    }
  else if (strcmp (name, "row") == 0)
    self->row = NULL;
}

static gboolean
parse_part (const GMarkupParser *parser,
            GString *xml,
            Reader *reader,
            const char *path,
            GError **error)
{
  g_autoptr (GMarkupParseContext) context = NULL;
  g_autoptr (GError) inner = NULL;
  const char *text = xml->str;
  gsize length = xml->len;

  if (g_str_has_prefix (text, "\xEF\xBB\xBF"))
    {
      text += 3;
      length -= 3;
    }
  context = g_markup_parse_context_new (parser, 0, reader, NULL);
  if (g_markup_parse_context_parse (context, text, length, &inner)
      && g_markup_parse_context_end_parse (context, &inner))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s cannot be read as a workbook: %s",
               path, inner->message);
  return FALSE;
}

static NmdSheet *
load_xlsx (const char *path, GError **error)
{
  static const GMarkupParser strings
      = { strings_start, strings_end, reader_text, NULL, NULL };
  static const GMarkupParser cells = { sheet_start, sheet_end, reader_text, NULL, NULL };
  g_auto (Parts) parts = { 0 };
  g_autoptr (NmdSheet) sheet = sheet_new ();
  Reader reader = { 0 };
  gboolean good;

  if (!read_parts (path, &parts, error))
    return NULL;
  reader.strings = g_ptr_array_new_with_free_func (g_free);
  reader.text = g_string_new (NULL);
  reader.sheet = sheet;
  good = (parts.strings == NULL
          || parse_part (&strings, parts.strings, &reader, path, error))
         && parse_part (&cells, parts.sheet, &reader, path, error);
  g_ptr_array_unref (reader.strings);
  g_string_free (reader.text, TRUE);
  return good ? g_steal_pointer (&sheet) : NULL;
}

static NmdSheet *
load_csv (const char *path, GError **error)
{
  g_autoptr (NmdCsv) csv = nmd_csv_load (path, error);
  NmdSheet *sheet;

  if (csv == NULL)
    return NULL;
  sheet = sheet_new ();
  for (guint r = 0; r <= nmd_csv_get_n_rows (csv); r++)
    {
      GPtrArray *row = g_ptr_array_new_with_free_func (g_free);

      for (guint c = 0; c < nmd_csv_get_n_columns (csv); c++)
        {
          const char *cell
              = r == 0 ? nmd_csv_get_header (csv, c) : nmd_csv_get (csv, r - 1, c);

          g_ptr_array_add (row, g_strstrip (g_strdup (cell)));
        }
      g_ptr_array_add (sheet->rows, row);
    }
  return sheet;
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
  for (guint r = self->rows->len; r-- > 0;)
    if (!row_has (self->rows->pdata[r], is_filled))
      g_ptr_array_remove_index (self->rows, r);
  for (guint r = 0; r < MIN (self->rows->len, 20); r++)
    if (row_has (self->rows->pdata[r], is_id_header))
      {
        if (r > 0)
          g_ptr_array_remove_range (self->rows, 0, r);
        break;
      }
  if (self->rows->len == 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is an empty table", path);
      return FALSE;
    }
  self->n_columns = ((GPtrArray *)self->rows->pdata[0])->len;
  return TRUE;
}

NmdSheet *
nmd_sheet_load (const char *path, GError **error)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  g_autoptr (NmdSheet) self = NULL;

  self = g_str_has_suffix (lower, ".xlsx") ? load_xlsx (path, error)
                                           : load_csv (path, error);
  if (self == NULL || !tidy (self, path, error))
    return NULL;
  return g_steal_pointer (&self);
}

guint
nmd_sheet_get_n_rows (const NmdSheet *self)
{
  return self->rows->len - 1;
}

guint
nmd_sheet_get_n_columns (const NmdSheet *self)
{
  return self->n_columns;
}

static const char *
get_cell (const NmdSheet *self, guint row, guint column)
{
  GPtrArray *cells = self->rows->pdata[row];

  return column < cells->len && cells->pdata[column] != NULL ? cells->pdata[column] : "";
}

const char *
nmd_sheet_get_header (const NmdSheet *self, guint column)
{
  return get_cell (self, 0, column);
}

const char *
nmd_sheet_get (const NmdSheet *self, guint row, guint column)
{
  g_return_val_if_fail (row + 1 < self->rows->len, "");

  return get_cell (self, row + 1, column);
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
