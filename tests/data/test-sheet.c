/* SPDX-License-Identifier: Apache-2.0
 *
 * Workbooks of characteristics: read, damaged, garbled, and small files that would take
 * all memory. Those run in a child whose address space is bounded.
 */
#include "tests/data/importing.h"

#include <sys/resource.h>

static void
test_xlsx (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;
  static const int subjects[] = { 348, 7, 12, 5, 44, 61 };
  static const char *const ages[] = { "54", "61", "33", "20.5", "70", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    fixture_scan (folder, "BB", "Healthy", subjects[i], 1);
  write_xlsx (
      folder, "BB/Healthy/characteristics.xlsx",
      SHEET_START
      "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>2</v></c></row>" /* a title */
      "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>0</v></c><c r=\"C3\" t=\"s\"><v>1</v></c>"
      "<c r=\"D3\" t=\"inlineStr\"><is><r><t>we</t></r><r><t>igth</t></r></is></c></row>"
      "<row r=\"4\"><c r=\"A4\"><v>348</v></c><c r=\"C4\"><v>54</v></c>"
      "<c r=\"D4\"><f>A1*2</f><v>80.299999999999997</v></c></row>"
      "<row><c t=\"str\"><v>BB_anon_007</v></c><c/><c><v>61</v></c></row>"
      "<row><c t=\"str\"><v>anon 12</v></c><c/><c><v>33</v></c></row>"
      "<row><c t=\"str\"><v>5,0</v></c><c/><c><v>20.5</v></c></row>"
      "<row><c t=\"str\"><v>BB_anon_44_1</v></c><c/><c><v>70</v></c></row>"
      "<row><c t=\"str\"><v>TA_anon_61</v></c><c/><c><v>1</v></c></row>"
      "<row><c t=\"str\"><v>mean 1 of 2</v></c><c/><c><v>1</v></c></row>" SHEET_END,
      "<sst><si><t>ID</t></si><si><r><t>a</t></r><r><t xml:space=\"preserve\">ge</t></r>"
      "<rPh sb=\"0\" eb=\"1\"><t>zzz</t></rPh></si><si><t>Healthy &amp; biceps</t></si>"
      "</sst>");
  dataset = import_good (folder, "");
  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    {
      g_autofree char *id
          = g_strdup_printf ("BB/Healthy/Images/BB_anon_%d_1.png", subjects[i]);
      NmdSample *sample = nmd_dataset_find (dataset, id);

      g_assert_cmpstr (g_hash_table_lookup (sample->attributes, "age"), ==, ages[i]);
    }
  g_assert_cmpstr (
      g_hash_table_lookup (
          nmd_dataset_find (dataset, "BB/Healthy/Images/BB_anon_348_1.png")->attributes,
          "weight"),
      ==, "80.3");
  g_assert_cmpuint (nmd_dataset_get_report (dataset)->n_unmatched_ids, ==, 3);
  fixture_remove (folder);
}

static void
test_xlsx_damaged (void)
{
  g_autofree char *folder = fixture_folder ();

  fixture_scan (folder, "BB", "Healthy", 1, 1);
  for (int k = 0; k < 5; k++)
    {
      g_autoptr (NmdDataset) dataset = NULL;

      if (k == 0)
        fixture_text (folder, "BB/Healthy/characteristics.xlsx", "no workbook");
      else if (k == 1)
        write_xlsx (folder, "BB/Healthy/characteristics.xlsx", SHEET_START "<row><c>",
                    NULL);
      else if (k == 2)
        write_xlsx (folder, "BB/Healthy/characteristics.xlsx", SHEET_START SHEET_END,
                    NULL);
      else if (k == 3)
        write_xlsx (folder, "BB/Healthy/characteristics.xlsx",
                    SHEET_START "<row><c r=\"ZZZZ1\"><v>1</v></c></row>" SHEET_END, NULL);
      else
        {
          write_xlsx (folder, "BB/Healthy/characteristics.xlsx",
                      SHEET_START "<row><c><v>1</v></c></row>" SHEET_END, NULL);
          fixture_truncate (folder, "BB/Healthy/characteristics.xlsx", 0.8);
        }
      dataset = import_good (folder, "");
      g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 1);
      assert_left_out (dataset, "BB/Healthy/characteristics.xlsx", "It ");
    }
  fixture_remove (folder);
}

/* Whatever stands in a table, the pictures are imported. */
static void
test_xlsx_garbled (void)
{
  static const char sheet[] = SHEET_START
      "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" "
      "t=\"str\"><v>age</v></c></row>"
      "<row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\"><v>54</v></c></row>" SHEET_END;
  g_autofree char *folder = fixture_folder ();
  NmdRandom stream;

  fixture_scan (folder, "BB", "Healthy", 1, 1);
  nmd_random_init (&stream, "garbled");
  for (int k = 0; k < 150; k++)
    {
      g_autofree char *text = g_strdup (sheet);
      g_autoptr (NmdDataset) dataset = NULL;

      for (int i = 0; i < 1 + k % 4; i++)
        text[nmd_random_below (&stream, sizeof sheet - 1)]
            = (char)(1 + nmd_random_below (&stream, 255));
      write_xlsx (folder, "BB/Healthy/characteristics.xlsx", text,
                  k % 2 ? "<sst><si><t>ID</t></si></sst>" : text);
      dataset = import_good (folder, "");
      g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 1);
    }
  fixture_remove (folder);
}

/* Refuses to use more than 1 GB in this process; sanitizers need the address space. */
static void
bound_memory (void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  struct rlimit limit = { 1u << 30, 1u << 30 };

  g_assert_cmpint (setrlimit (RLIMIT_AS, &limit), ==, 0);
#endif
}

/* In a child: the picture is imported and the table left out for @word. */
static void
assert_bomb (const char *sheet, const char *strings, const char *word)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;

  fixture_scan (folder, "BB", "Healthy", 1, 1);
  write_xlsx (folder, "BB/Healthy/characteristics.xlsx", sheet, strings);
  bound_memory ();
  dataset = import_good (folder, "");
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 1);
  assert_left_out (dataset, "BB/Healthy/characteristics.xlsx", word);
  fixture_remove (folder);
}

static void
repeat (GString *text, const char *piece, guint n)
{
  for (guint i = 0; i < n; i++)
    g_string_append (text, piece);
}

/* One shared text of 8 MB, 2,500 cells that refer to it. */
static void
bomb_shared (void)
{
  g_autoptr (GString) sheet = g_string_new (SHEET_START);
  g_autoptr (GString) strings = g_string_new ("<sst><si><t>");

  repeat (strings, "aaaaaaaaaaaaaaaa", 8 * 1024 * 1024 / 16);
  g_string_append (strings, "</t></si></sst>");
  repeat (sheet, "<row><c t=\"s\"><v>0</v></c></row>", 2500);
  g_string_append (sheet, SHEET_END);
  assert_bomb (sheet->str, strings->str, "more than 32767 characters");
}

/* Texts of 32,000 characters are allowed, but not thousands of references to them. */
static void
bomb_long (void)
{
  g_autoptr (GString) sheet = g_string_new (SHEET_START);
  g_autoptr (GString) strings = g_string_new ("<sst><si><t>");

  repeat (strings, "aaaaaaaaaaaaaaaa", 2000);
  g_string_append (strings, "</t></si></sst>");
  repeat (sheet, "<row><c t=\"s\"><v>0</v></c></row>", 40000);
  g_string_append (sheet, SHEET_END);
  assert_bomb (sheet->str, strings->str, "more than a table of subjects can");
}

/* One cell far to the right in each of 190,000 rows. */
static void
bomb_wide (void)
{
  g_autoptr (GString) sheet = g_string_new (SHEET_START);

  repeat (sheet, "<row><c r=\"SR1\"><v>1</v></c></row>", 190000);
  g_string_append (sheet, SHEET_END);
  assert_bomb (sheet->str, NULL, "more than a table of subjects can");
}

static void
bomb_deep (void)
{
  g_autoptr (GString) sheet = g_string_new (SHEET_START);

  repeat (sheet, "<a>", 3 * 1000 * 1000);
  assert_bomb (sheet->str, NULL, "nested more than 64 deep");
}

/* Attributes are kept all at once by the parser. */
static void
bomb_attributes (void)
{
  g_autoptr (GString) sheet = g_string_new (SHEET_START "<row");

  for (guint i = 0; i < 1000 * 1000; i++)
    g_string_append_printf (sheet, " a%u='>'", i);
  g_string_append (sheet, "/>" SHEET_END);
  assert_bomb (sheet->str, NULL, "longer than 64 KiB");
}

static void
bomb_texts (void)
{
  g_autoptr (GString) strings = g_string_new ("<sst>");

  repeat (strings, "<si/>", 4 * 1000 * 1000);
  g_string_append (strings, "</sst>");
  assert_bomb (SHEET_START SHEET_END, strings->str, "more than a table of subjects can");
}

static void
test_bomb (gconstpointer data)
{
  void (*bomb) (void) = (void (*) (void))data;

  if (g_test_subprocess ())
    {
      bomb ();
      return;
    }
  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sheet/xlsx", test_xlsx);
  g_test_add_func ("/sheet/damaged", test_xlsx_damaged);
  g_test_add_func ("/sheet/garbled", test_xlsx_garbled);
  g_test_add_data_func ("/sheet/bomb/shared", bomb_shared, test_bomb);
  g_test_add_data_func ("/sheet/bomb/long", bomb_long, test_bomb);
  g_test_add_data_func ("/sheet/bomb/wide", bomb_wide, test_bomb);
  g_test_add_data_func ("/sheet/bomb/deep", bomb_deep, test_bomb);
  g_test_add_data_func ("/sheet/bomb/attributes", bomb_attributes, test_bomb);
  g_test_add_data_func ("/sheet/bomb/texts", bomb_texts, test_bomb);
  return g_test_run ();
}
