/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of workbooks, as tables of characteristics and as any table. An input is a workbook as it is, or the XML of its
 * sheet and of its shared texts (fuzz_part()), which go into one: a mutation of a zip seldom gets past
 * its sums.
 */
#include "engine/data/import/nmd-sheet-private.h"
#include "engine/data/import/nmd-table.h"
#include "tests/fuzz/fuzz.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

static void
add_part (struct archive *archive, const char *name, GBytes *bytes)
{
  struct archive_entry *entry = archive_entry_new ();
  gsize length = 0;
  const void *data = g_bytes_get_data (bytes, &length);

  archive_entry_set_pathname (entry, name);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_perm (entry, 0600);
  archive_entry_set_size (entry, (la_int64_t)length);
  if (archive_write_header (archive, entry) != ARCHIVE_OK
      || archive_write_data (archive, data, length) != (la_ssize_t)length)
    g_error ("No entry %s", name);
  archive_entry_free (entry);
}

/* A workbook of the parts of @data in @buffer; returns its length. */
static gsize
make_workbook (const guint8 *data, gsize length, guint8 *buffer, gsize size)
{
  g_autoptr (GBytes) sheet = fuzz_part (&data, &length);
  g_autoptr (GBytes) strings = fuzz_part (&data, &length);
  struct archive *archive = archive_write_new ();
  gsize used = 0;

  archive_write_set_format_zip (archive);
  archive_write_set_options (archive, "zip:compression=store");
  if (archive_write_open_memory (archive, buffer, size, &used) != ARCHIVE_OK)
    g_error ("No archive in memory");
  add_part (archive, "xl/worksheets/sheet1.xml", sheet);
  add_part (archive, "xl/sharedStrings.xml", strings);
  archive_write_close (archive);
  archive_write_free (archive);
  return used;
}

static void
use_cell (const char *cell)
{
  g_autofree char *subject = NULL, *image = NULL, *value = NULL, *name = NULL;

  fuzz_use (cell, strlen (cell));
  if (!g_utf8_validate (cell, -1, NULL))
    g_error ("A cell is no text");
  if (nmd_sheet_parse_id (cell, &subject, &image) && subject == NULL)
    g_error ("An ID without a subject");
  value = nmd_sheet_attribute_value (cell);
  name = nmd_sheet_attribute_name (cell);
  fuzz_use (value, strlen (value));
  fuzz_use (name, strlen (name));
}

/* The same workbook as a manifest or scores are read. */
static void
use_table (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdCsv) csv = nmd_table_load (path, TRUE, NULL, &error);

  fuzz_check (csv != NULL, error);
  for (guint r = 0; csv != NULL && r < nmd_csv_get_n_rows (csv); r++)
    for (guint c = 0; c < nmd_csv_get_n_columns (csv); c++)
      {
        const char *cell = nmd_csv_get (csv, r, c);

        fuzz_use (cell, strlen (cell));
      }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  static guint8 buffer[1 << 18];
  gboolean is_zip = length > 2 && memcmp (data, "PK", 2) == 0;
  gsize size = is_zip ? 0 : make_workbook (data, length, buffer, sizeof buffer);
  const char *path
      = fuzz_file_named ("c.xlsx", is_zip ? data : buffer, is_zip ? length : size);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSheet) sheet = nmd_sheet_load (path, NULL, &error);

  fuzz_check (sheet != NULL, error);
  use_table (path);
  if (sheet == NULL)
    return 0;
  if (nmd_sheet_find_id (sheet) >= (int)nmd_sheet_get_n_columns (sheet))
    g_error ("The column of IDs is none");
  for (guint c = 0; c < nmd_sheet_get_n_columns (sheet); c++)
    {
      use_cell (nmd_sheet_get_header (sheet, c));
      for (guint r = 0; r < nmd_sheet_get_n_rows (sheet); r++)
        use_cell (nmd_sheet_get (sheet, r, c));
    }
  return 0;
}
