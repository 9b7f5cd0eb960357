/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables: what people's programs write, what must be refused, and our own writing read
 * back.
 */
#include "engine/core/nmd-csv.h"

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
    { "a,b\n1,\xFF\n", "t.csv is not text in UTF-8" },
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csv/forms", test_forms);
  g_test_add_func ("/csv/need", test_need);
  g_test_add_func ("/csv/refused", test_refused);
  g_test_add_func ("/csv/written", test_written);
  g_test_add_func ("/csv/one-column", test_one_column);
  return g_test_run ();
}
