/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables: what people's programs write, what must be refused, and our own writing read
 * back.
 */
#include "engine/core/nmd-csv.h"
#include "tests/core/memory-limit.h"

#include <math.h>
#include <string.h>

static NmdCsv *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  NmdCsv *csv = nmd_csv_parse (text, strlen (text), "t.csv", &error);

  g_assert_no_error (error);
  g_assert_nonnull (csv);
  return csv;
}

static void
test_forms (void)
{
  static const char *const texts[] = {
    "image,label\na.png,1\nb.png,0\n",
    "\xEF\xBB\xBFimage;label\r\na.png;1\r\n\r\nb.png;0",
    "\nimage\tlabel\n\"a.png\"\t 1 \nb.png\t0\n\n",
    "image, \"label\"\na.png, \"1\"\n b.png ,0\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (NmdCsv) csv = parse (texts[i]);

      g_assert_cmpuint (nmd_csv_get_n_columns (csv), ==, 2);
      g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, 2);
      g_assert_cmpstr (nmd_csv_get_header (csv, 1), ==, "label");
      g_assert_cmpstr (nmd_csv_get (csv, 0, 0), ==, "a.png");
      g_assert_cmpstr (nmd_csv_get (csv, 0, 1), ==, "1");
      g_assert_cmpstr (nmd_csv_get (csv, 1, 0), ==, "b.png");
      g_assert_cmpint (nmd_csv_find (csv, " LABEL "), ==, 1);
      g_assert_cmpint (nmd_csv_find (csv, "labels"), ==, -1);
    }
}

/* The same table in every encoding and with every delimiter, lines of nothing, and Excel's first line. */
static void
test_encodings (void)
{
  static const char *const texts[] = { "name,n\r\nMüller,\"1,5\"\r\n\r\n,,\r\nb,2\r\n",
                                       "sep=;\r\nname;n\r\nMüller;1,5\r\n;\r\nb;2;;\r\n",
                                       "name\tn\nMüller\t1,5\n\nb\t2\n" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (int encoding = 0; encoding < 4; encoding++)
      {
        static const char *const names[] = { "UTF-8", "UTF-8", "UTF-16LE", "UTF-16BE" };
        g_autofree char *marked
            = g_strconcat (encoding > 0 ? "\xEF\xBB\xBF" : "", texts[i], NULL);
        gsize length = 0;
        g_autofree char *bytes
            = g_convert (marked, -1, names[encoding], "UTF-8", NULL, &length, NULL);
        g_autoptr (GError) error = NULL;
        g_autoptr (NmdCsv) csv = nmd_csv_parse (bytes, length, "t.csv", &error);

        g_assert_no_error (error);
        g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, 2);
        g_assert_cmpstr (nmd_csv_get_header (csv, 0), ==, "name");
        g_assert_cmpstr (nmd_csv_get (csv, 0, 0), ==, "Müller");
        g_assert_cmpstr (nmd_csv_get (csv, 0, 1), ==, "1,5");
        g_assert_cmpstr (nmd_csv_get (csv, 1, 0), ==, "b");
        g_assert_cmpuint (nmd_csv_get_number (csv, 1), ==, i == 2 ? 4 : 5);
        /* cut in the middle of a unit */
        if (encoding > 1)
          g_assert_null (nmd_csv_parse (bytes, length - 1, "t.csv", NULL));
      }
}

static void
test_lenient (void)
{
  const char *const text = "a,b\n1\n1,2\n1,2,3\n";
  g_autoptr (NmdCsv) csv = nmd_csv_parse_lenient (text, strlen (text), "t.csv", NULL);
  guint n = 0;

  g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, 1);
  g_assert_cmpuint (nmd_csv_get_n_refused (csv), ==, 2);
  g_assert_cmpuint (nmd_csv_get_refused (csv, 0, &n), ==, 2);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (nmd_csv_get_refused (csv, 1, &n), ==, 4);
  g_assert_cmpuint (n, ==, 3);
}

static void
test_cells (void)
{
  static const char *const missing[]
      = { "", "NA", "n/a", "#N/A", "nan", "None", "NULL", "-" };
  static const char *const numbers[] = { "1.5", "1,5", "+1,5", "15e-1" };
  static const char *const none[] = { "1,5,0", "1.0,5", "x", "", "inf", "nan", "1," };
  double value;

  for (guint i = 0; i < G_N_ELEMENTS (missing); i++)
    g_assert_true (nmd_csv_is_missing (missing[i]));
  g_assert_false (nmd_csv_is_missing ("0"));
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_assert_true (nmd_csv_parse_number (numbers[i], &value));
      g_assert_cmpfloat (value, ==, 1.5);
    }
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    g_assert_false (nmd_csv_parse_number (none[i], &value));
}

static void
test_need (void)
{
  g_autoptr (NmdCsv) csv = parse ("image,label\n");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (nmd_csv_need (csv, "part", &error), ==, -1);
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_cmpstr (error->message, ==, "t.csv has no column “part”, only: image, label");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { "", "t.csv has no header line" },
    { "\n \n", "t.csv has no header line" },
    { "a,b\n1,2\n1\n", "t.csv, row 3: 1 cells, the header has 2" },
    { "a,b\n1,2,3\n", "t.csv, row 2: 3 cells, the header has 2" },
    { "a,b\n1,\"2\n", "t.csv, row 2: a quote is not closed" },
    { "a,b\n\"1\"x,2\n", "t.csv, row 2: text follows a closing quote" },
    { "a,b\n1,\xFF\n",
      "t.csv is not text in UTF-8 or UTF-16: save it again as one of them" },
    { "a,b\n1,2,,3\n", "t.csv, row 2: 4 cells, the header has 2" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (
          nmd_csv_parse (cases[i].text, strlen (cases[i].text), "t.csv", &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_written (void)
{
  static const char *const cells[]
      = { "plain", "a,b", "say \"x\"", "two\nlines", "", "semi;colon", "ÄÖ" };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (NmdCsv) csv = NULL;

  nmd_csv_append (text, "cell");
  nmd_csv_append (text, "n");
  nmd_csv_end_line (text);
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    {
      nmd_csv_append (text, cells[i]);
      nmd_csv_append_number (text, i == 2 ? NAN : 0.1 * i);
      nmd_csv_end_line (text);
    }
  csv = parse (text->str);
  g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, G_N_ELEMENTS (cells));
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    g_assert_cmpstr (nmd_csv_get (csv, i, 0), ==, cells[i]);
  g_assert_cmpstr (nmd_csv_get (csv, 1, 1), ==, "0.1");
  g_assert_cmpstr (nmd_csv_get (csv, 2, 1), ==, "");
}

static void
test_one_column (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (NmdCsv) csv = NULL;

  nmd_csv_append (text, "only");
  nmd_csv_end_line (text);
  nmd_csv_append (text, "");
  nmd_csv_end_line (text);
  csv = parse (text->str);
  g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, 1);
  g_assert_cmpstr (nmd_csv_get (csv, 0, 0), ==, "");
}

/* Tables as large as a file may be: each is refused or read in the memory that the header names. */
static const struct
{
  const char *row;
  gsize n_bytes;
  const char *said; /* NULL: it is read */
} large[] = {
  { ",", 60 << 20, "row 1: more than 16384 cells" },
  { "x,,,,,,,,,,,,,,,\n", 60 << 20, "row 500001: the table has more than 8000000 cells" },
  { "\n", 60 << 20, "t.csv has no header line" },
  { "\"\"\"\"", 60 << 20, NULL },
  { "a", 60 << 20, NULL },
  { "a,b\n", 15 << 20, NULL },
  { "\"", (60 << 20) + 1, "row 1: a quote is not closed" },
  { ",", (64 << 20) + 1, "t.csv is larger than 64 MiB" },
};

static void
read_large (gpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  const gsize n = large[i].n_bytes, step = strlen (large[i].row);
  char *text = g_malloc (n);
  g_autoptr (GError) error = NULL;
  NmdCsv *csv;

  for (gsize k = 0; k < n; k++)
    text[k] = large[i].row[k % step];
  csv = nmd_csv_parse (text, n, "t.csv", &error);
  if (large[i].said == NULL)
    g_assert_no_error (error);
  else
    g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  if (large[i].said != NULL && strstr (error->message, large[i].said) == NULL)
    g_error ("%s, not %s", error->message, large[i].said);
  if (csv != NULL)
    nmd_csv_free (csv);
  g_free (text);
}

static void
test_memory (void)
{
  /* the text here, its copy, the places, and some for the allocator */
  const gsize most = (gsize)(64 + 64 + 64 + 16) << 20;

  for (guint i = 0; i < G_N_ELEMENTS (large); i++)
    memory_limit_run (most, read_large, GUINT_TO_POINTER (i));
}

/* Names of the file and of columns are shown, never sent to a terminal as they are, nor at length. */
static void
test_names (void)
{
  g_autoptr (GString) text = g_string_new ("\x1b[1m,b");
  g_autoptr (NmdCsv) csv = NULL, twice = parse ("label,image, LABEL \n");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 5000; i++)
    g_string_append (text, ",column");
  csv = nmd_csv_parse (text->str, text->len, "a\xff\n.csv", &error);
  g_assert_no_error (error);
  g_assert_cmpint (nmd_csv_need (csv, "label", &error), ==, -1);
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_true (g_str_has_prefix (
      error->message,
      "a\\xff\\x0a.csv has no column “label”, only: \\x1b[1m, b, column"));
  g_assert_cmpuint (strlen (error->message), <, 300);
  g_clear_error (&error);

  g_assert_cmpint (nmd_csv_need (twice, "image", NULL), ==, 1);
  g_assert_cmpint (nmd_csv_find (twice, "label"), ==, 0);
  g_assert_cmpint (nmd_csv_need (twice, "label", &error), ==, -1);
  g_assert_cmpstr (error->message, ==, "t.csv has the column “label” twice");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csv/forms", test_forms);
  g_test_add_func ("/csv/need", test_need);
  g_test_add_func ("/csv/encodings", test_encodings);
  g_test_add_func ("/csv/lenient", test_lenient);
  g_test_add_func ("/csv/cells", test_cells);
  g_test_add_func ("/csv/refused", test_refused);
  g_test_add_func ("/csv/written", test_written);
  g_test_add_func ("/csv/one-column", test_one_column);
  g_test_add_func ("/csv/memory", test_memory);
  g_test_add_func ("/csv/names", test_names);
  return g_test_run ();
}
