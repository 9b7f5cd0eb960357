/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of text cells, counted. Reading them from a file is nmd-workbook.c and nmd-sheet.c.
 */
#include "engine/data/import/nmd-cells-private.h"

#include <string.h>

#define OVERHEAD 48 /* bytes of a text beside its characters */

static void
text_free (gpointer text)
{
  if (text != NULL)
    g_ref_string_release (text);
}

void
nmd_cells_init (NmdCells *self)
{
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  self->bytes = 0;
}

void
nmd_cells_clear (NmdCells *self)
{
  g_clear_pointer (&self->rows, g_ptr_array_unref);
}

gboolean
nmd_cells_count (NmdCells *self, gsize bytes, GError **error)
{
  self->bytes += bytes;
  if (self->bytes <= NMD_CELLS_MAX_BYTES)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "it holds more than a table of subjects can (%d MiB)",
               NMD_CELLS_MAX_BYTES / (1024 * 1024));
  return FALSE;
}

gboolean
nmd_cells_add_row (NmdCells *self, GError **error)
{
  if (self->rows->len >= NMD_CELLS_MAX_ROWS)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "it has more than %d rows",
                   NMD_CELLS_MAX_ROWS);
      return FALSE;
    }
  g_ptr_array_add (self->rows, g_ptr_array_new_with_free_func (text_free));
  return nmd_cells_count (self, 2 * OVERHEAD, error);
}

gboolean
nmd_cells_set (NmdCells *self, guint column, char *text, GError **error)
{
  GPtrArray *row = self->rows->pdata[self->rows->len - 1];
  guint places = column < row->len ? 0 : column + 1 - row->len;
  gsize length = g_ref_string_length (text);

  if (column >= NMD_CELLS_MAX_COLUMNS)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "it has more than %d columns",
                   NMD_CELLS_MAX_COLUMNS);
      return FALSE;
    }
  if (length > 4 * NMD_CELLS_MAX_LENGTH
      || g_utf8_strlen (text, -1) > NMD_CELLS_MAX_LENGTH)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "a cell in row %u has more than %d characters", self->rows->len,
                   NMD_CELLS_MAX_LENGTH);
      return FALSE;
    }
  if (!nmd_cells_count (self, length + OVERHEAD + places * sizeof (gpointer), error))
    return FALSE;
  if (places > 0)
    g_ptr_array_set_size (row, (int)column + 1);
  text_free (row->pdata[column]);
  row->pdata[column] = g_ref_string_acquire (text);
  return TRUE;
}

const char *
nmd_cells_get (const NmdCells *self, guint row, guint column)
{
  GPtrArray *cells = self->rows->pdata[row];

  return column < cells->len && cells->pdata[column] != NULL ? cells->pdata[column] : "";
}
