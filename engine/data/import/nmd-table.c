/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of either kind as one type: a workbook's cells are put down as text and read as any table. What a
 * column means is for its reader.
 */
#include "engine/data/import/nmd-table.h"
#include "engine/data/import/nmd-workbook-private.h"

#include <string.h>

static gboolean
ends_in (const char *path, const char *ending)
{
  const gsize n = strlen (path), m = strlen (ending);

  return n > m && g_ascii_strcasecmp (path + n - m, ending) == 0;
}

gboolean
nmd_table_is_name (const char *path)
{
  g_return_val_if_fail (path != NULL, FALSE);

  return ends_in (path, ".csv") || ends_in (path, ".tsv") || ends_in (path, ".txt")
         || ends_in (path, ".xlsx");
}

/* Cells of @row up to the last that is not empty. */
static guint
count_filled (const NmdCells *cells, guint row)
{
  guint n = ((GPtrArray *)cells->rows->pdata[row])->len;

  while (n > 0 && nmd_cells_get (cells, row, n - 1)[0] == '\0')
    n--;
  return n;
}

/* The cells as CSV; rows that are shorter than the header are filled up, empty ones are empty lines, so that
 * row numbers stay those of the sheet. */
static GString *
to_text (const NmdCells *cells)
{
  GString *text = g_string_new (NULL);
  guint width = 0;

  for (guint r = 0; r < cells->rows->len; r++)
    {
      const guint n = count_filled (cells, r);

      if (width == 0)
        width = n;
      for (guint c = 0; n > 0 && c < MAX (n, width); c++)
        nmd_csv_append (text, nmd_cells_get (cells, r, c));
      if (n > 0)
        nmd_csv_end_line (text);
      else
        g_string_append_c (text, '\n');
    }
  return text;
}

static NmdCsv *
load_workbook (const char *path,
               gboolean lenient,
               GCancellable *cancellable,
               GError **error)
{
  g_auto (NmdCells) cells = { 0 };
  GString *text = NULL;
  NmdCsv *csv = NULL;

  nmd_cells_init (&cells);
  if (!nmd_workbook_read (path, &cells, cancellable, error))
    return NULL;
  text = to_text (&cells);
  csv = lenient ? nmd_csv_parse_lenient (text->str, text->len, path, error)
                : nmd_csv_parse (text->str, text->len, path, error);
  g_string_free (text, TRUE);
  return csv;
}

NmdCsv *
nmd_table_load (const char *path,
                gboolean lenient,
                GCancellable *cancellable,
                GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  if (ends_in (path, ".xlsx"))
    return load_workbook (path, lenient, cancellable, error);
  return lenient ? nmd_csv_load_lenient (path, error) : nmd_csv_load (path, error);
}
