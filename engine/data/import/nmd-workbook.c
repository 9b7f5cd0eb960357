/* SPDX-License-Identifier: Apache-2.0
 *
 * The first sheet of a workbook: an .xlsx file is a zip with xl/worksheets/sheet1.xml and
 * the texts in xl/sharedStrings.xml (ECMA-376 part 1, 18.3 and 18.4). What the cells mean
 * is nmd-sheet.c.
 */
#include "engine/data/import/nmd-workbook-private.h"
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-text.h"

#include <archive.h>
#include <archive_entry.h>
#include <math.h>
#include <string.h>

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
read_part (Archive *archive, const char *path, GCancellable *cancellable, GError **error)
{
  GString *text = g_string_new (NULL);
  char buffer[8192];
  la_ssize_t n;

  while ((n = archive_read_data (archive, buffer, sizeof buffer)) > 0)
    {
      g_string_append_len (text, buffer, n);
      if (text->len > NMD_WORKBOOK_MAX_PART)
        break;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          g_string_free (text, TRUE);
          return NULL;
        }
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
read_parts (const char *path, Parts *parts, GCancellable *cancellable, GError **error)
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
      *target = read_part (archive, path, cancellable, error);
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
  GPtrArray *strings; /* GRefString: shared texts */
  GString *text;      /* of the cell or shared text being read */
  gboolean keep;      /* inside <t> or <v> */
  guint phonetic;     /* inside <rPh>: reading aids, not text */
  guint depth;
  NmdCells *cells;
  gboolean in_row;
  guint column;
  char type[16];
  GCancellable *cancellable;
} Reader;

static void
release (gpointer text)
{
  g_ref_string_release (text);
}

static gboolean
enter (Reader *self, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (++self->depth <= NMD_WORKBOOK_MAX_DEPTH)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "its elements are nested more than %d "
               "deep",
               NMD_WORKBOOK_MAX_DEPTH);
  return FALSE;
}

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

  if (!enter (self, error))
    return;
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

  self->depth--;
  if (strcmp (name, "si") == 0)
    {
      g_ptr_array_add (self->strings, g_ref_string_new (g_strstrip (self->text->str)));
      nmd_cells_count (self->cells, self->text->len + 48, error);
    }
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
  for (; g_ascii_isalpha (*reference) && column <= NMD_CELLS_MAX_COLUMNS; reference++)
    column = column * 26 + (guint)(g_ascii_toupper (*reference) - 'A' + 1);
  return column - 1;
}

/* Adds a row, before it those that the sheet passes over because they are empty. */
static void
add_row (Reader *self, const char *number, GError **error)
{
  const guint64 n = number != NULL ? g_ascii_strtoull (number, NULL, 10) : 0;

  while (n <= NMD_CELLS_MAX_ROWS && self->cells->rows->len + 1 < n)
    if (!nmd_cells_add_row (self->cells, error))
      return;
  nmd_cells_add_row (self->cells, error);
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

  if (!enter (self, error))
    return;
  if (strcmp (name, "row") == 0)
    {
      self->in_row = TRUE;
      self->column = 0;
      add_row (self, attribute (names, values, "r"), error);
    }
  else if (strcmp (name, "c") == 0)
    {
      const char *type = attribute (names, values, "t");

      self->column = column_of (attribute (names, values, "r"), self->column);
      g_strlcpy (self->type, type != NULL ? type : "n", sizeof self->type);
      g_string_truncate (self->text, 0);
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

      return i < self->strings->len ? g_ref_string_acquire (self->strings->pdata[i])
                                    : g_ref_string_new ("");
    }
  if (strcmp (self->type, "n") == 0 && nmd_number_parse (self->text->str, &value, NULL)
      && isfinite (value))
    return g_ref_string_new (nmd_number_format (buffer, value));
  return g_ref_string_new (g_strstrip (self->text->str));
}

static void
sheet_end (GMarkupParseContext *context,
           const char *element,
           gpointer user_data,
           GError **error)
{
  Reader *self = user_data;
  const char *name = local_name (element);

  self->depth--;
  self->keep = FALSE;
  if (strcmp (name, "c") == 0 && self->in_row)
    {
      char *text = cell_text (self);

      nmd_cells_set (self->cells, self->column++, text, error);
      g_ref_string_release (text);
    }
  else if (strcmp (name, "row") == 0)
    self->in_row = FALSE;
}

/* The parser keeps all attributes of a tag at once: a tag that is longer than any of a
 * workbook is refused before. */
static gboolean
check_tags (const char *text, gsize length, GError **error)
{
  const char *end = text + length, *at = text;

  while ((at = memchr (at, '<', (gsize)(end - at))) != NULL)
    {
      const char *start = at;
      char quote = 0;

      if (g_str_has_prefix (at, "<!--"))
        {
          at = strstr (at + 4, "-->");
          if (at == NULL)
            return TRUE; /* the parser says so */
          continue;
        }
      for (; at < end && (quote != 0 || *at != '>'); at++)
        {
          if (quote == 0 && (*at == '"' || *at == '\''))
            quote = *at;
          else if (*at == quote)
            quote = 0;
          if (at - start > NMD_WORKBOOK_MAX_TAG)
            {
              g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                           "one of its tags is longer than %d KiB",
                           NMD_WORKBOOK_MAX_TAG / 1024);
              return FALSE;
            }
        }
    }
  return TRUE;
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
  g_autofree char *shown = NULL;
  const char *text = xml->str;
  gsize length = xml->len;

  if (g_str_has_prefix (text, "\xEF\xBB\xBF"))
    {
      text += 3;
      length -= 3;
    }
  context = g_markup_parse_context_new (parser, 0, reader, NULL);
  if (check_tags (text, length, &inner)
      && g_markup_parse_context_parse (context, text, (gssize)length, &inner)
      && g_markup_parse_context_end_parse (context, &inner))
    return TRUE;
  if (g_error_matches (inner, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  shown = nmd_text_display_length (inner->message, strlen (inner->message), 500);
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s cannot be read as a workbook: %s",
               path, shown);
  return FALSE;
}

gboolean
nmd_workbook_read (const char *path,
                   NmdCells *cells,
                   GCancellable *cancellable,
                   GError **error)
{
  static const GMarkupParser strings
      = { strings_start, strings_end, reader_text, NULL, NULL };
  static const GMarkupParser sheet = { sheet_start, sheet_end, reader_text, NULL, NULL };
  g_auto (Parts) parts = { 0 };
  Reader reader = { .cells = cells, .cancellable = cancellable };
  gboolean good = FALSE;

  if (!read_parts (path, &parts, cancellable, error))
    return FALSE;
  reader.strings = g_ptr_array_new_with_free_func (release);
  reader.text = g_string_new (NULL);
  good = parts.strings == NULL
         || parse_part (&strings, parts.strings, &reader, path, error);
  reader.depth = 0;
  good = good && parse_part (&sheet, parts.sheet, &reader, path, error);
  g_ptr_array_unref (reader.strings);
  g_string_free (reader.text, TRUE);
  return good;
}
