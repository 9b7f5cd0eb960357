/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of the CSV reader: every cell is used, what parses is written and parses again to the same
 * cells, and what parses strictly parses leniently to the same table.
 */
#include "engine/core/nmd-csv.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

static const char *
cell_of (const NmdCsv *csv, guint row, guint column)
{
  return row == 0 ? nmd_csv_get_header (csv, column) : nmd_csv_get (csv, row - 1, column);
}

/* @strict: (nullable): what nmd_csv_parse() gave. */
static void
check_lenient (const NmdCsv *strict, const guint8 *data, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdCsv) csv
      = nmd_csv_parse_lenient ((const char *)data, length, "f", &error);
  guint number = 0, n = 0;

  fuzz_check (csv != NULL, error);
  if (strict != NULL
      && (csv == NULL || nmd_csv_get_n_refused (csv) > 0
          || nmd_csv_get_n_rows (csv) != nmd_csv_get_n_rows (strict)))
    g_error ("A good table is none to the lenient reader");
  for (guint i = 0; csv != NULL && i < nmd_csv_get_n_refused (csv); i++)
    {
      const guint next = nmd_csv_get_refused (csv, i, &n);

      if (next <= number || n == nmd_csv_get_n_columns (csv))
        g_error ("A good row was set aside");
      number = next;
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  g_autoptr (GError) error = NULL, again_error = NULL, need_error = NULL;
  g_autoptr (NmdCsv) csv = nmd_csv_parse ((const char *)data, length, "f", &error);
  g_autoptr (NmdCsv) again = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_rows, n_columns;
  double value;

  fuzz_check (csv != NULL, error);
  check_lenient (csv, data, length);
  if (csv == NULL)
    return 0;
  n_rows = nmd_csv_get_n_rows (csv) + 1;
  n_columns = nmd_csv_get_n_columns (csv);
  for (guint row = 0; row < n_rows; row++)
    {
      for (guint column = 0; column < n_columns; column++)
        {
          const char *cell = cell_of (csv, row, column);

          fuzz_use (cell, strlen (cell));
          if (!g_utf8_validate (cell, -1, NULL))
            g_error ("A cell is no text");
          if (nmd_csv_parse_number (cell, &value) && !isfinite (value))
            g_error ("A number is none");
          nmd_csv_append (text, cell);
        }
      nmd_csv_end_line (text);
    }
  fuzz_check (nmd_csv_need (csv, "label", &need_error) >= 0, need_error);
  /* a mark at the start is passed over, "sep=;" names the delimiter */
  if (g_str_has_prefix (cell_of (csv, 0, 0), "\xEF\xBB\xBF")
      || g_ascii_strncasecmp (cell_of (csv, 0, 0), "sep=", 4) == 0)
    return 0;
  again = nmd_csv_parse (text->str, text->len, "g", &again_error);
  if (again == NULL)
    g_error ("What was written does not parse: %s", again_error->message);
  /* a first line of one cell has no delimiter to be found */
  if (n_columns == 1)
    return 0;
  if (nmd_csv_get_n_rows (again) + 1 != n_rows
      || nmd_csv_get_n_columns (again) != n_columns)
    g_error ("What was written has another size");
  for (guint row = 0; row < n_rows; row++)
    for (guint column = 0; column < n_columns; column++)
      if (strcmp (cell_of (csv, row, column), cell_of (again, row, column)) != 0)
        g_error ("A cell changed");
  return 0;
}
