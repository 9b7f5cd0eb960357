/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables as people have them over real scans: each kind is written for the same images and masks, imported,
 * and compared with what went in (images, subjects, labels, parts, mask pixels, echo intensity).
 */
#include "tests/data/layouts.h"

static GPtrArray *scans;

#define EACH(i) for (guint i = 0; i < scans->len; i++)
#define SCAN(i) ((const LayoutScan *)scans->pdata[i])

typedef struct
{
  const char *name, *file;
  const char *encoding; /* NULL: UTF-8; "xlsx": a workbook */
  const char *start;    /* before the header */
  const char *delimiter, *end;
  const char *image,
      *mask; /* with {} for the stem; mask "" for none in every third row */
  const char *words[2];
  gboolean has_parts, has_decimals;
  NmdImportSettings settings;
} Kind;

#define PLAIN ",", "\n", "Images/{}.png", "Masks/{}.png"
#define WORDS                                                                            \
  {                                                                                      \
    "benign", "malignant"                                                                \
  }

static const Kind kinds[] = {
  { "csv", "manifest.csv", NULL, "", PLAIN, WORDS },
  { "xlsx", "manifest.xlsx", "xlsx", "", PLAIN, WORDS, TRUE },
  { "utf-8-mark", "t.csv", NULL, "\xEF\xBB\xBF", PLAIN, WORDS },
  { "utf-16-le", "t.csv", "UTF-16LE", "\xEF\xBB\xBF", "\t", "\r\n", "Images/{}.png",
    "Masks/{}.png", WORDS },
  { "utf-16-be", "t.txt", "UTF-16BE", "\xEF\xBB\xBF", ";", "\r\n", "Images/{}.png",
    "Masks/{}.png", WORDS },
  { "semicolons-decimal-comma", "t.csv", NULL, "", ";", "\r\n", "Images/{}.png",
    "Masks/{}.png", WORDS, FALSE, TRUE },
  { "excel-sep", "t.csv", NULL, "sep=;\r\n", ";", "\r\n", "Images/{}.png", "Masks/{}.png",
    WORDS, TRUE, TRUE },
  { "tabs", "t.tsv", NULL, "", "\t", "\n", "Images/{}.png", "Masks/{}.png", WORDS, TRUE },
  { "no-ending", "t.csv", NULL, "", ",", "\n", "Images/{}", "Masks/{}", WORDS },
  { "no-folder", "t.csv", NULL, "", ",", "\n", "{}", "{}", WORDS },
  { "image-folder",
    "t.csv",
    NULL,
    "",
    ",",
    "\n",
    "{}.png",
    "Masks/{}.png",
    WORDS,
    FALSE,
    FALSE,
    { .image_folder = "Images" } },
  { "image-pattern",
    "t.csv",
    NULL,
    "",
    ",",
    "\n",
    "{}",
    "Masks/{}.png",
    WORDS,
    FALSE,
    FALSE,
    { .image_pattern = "Images/{}.png" } },
  { "absolute-posix", "t.csv", NULL, "", ",", "\n", "/data/a/busbra/Images/{}.png",
    "/data/a/busbra/Masks/{}.png", WORDS },
  { "absolute-windows", "t.csv", NULL, "", ",", "\n", "D:\\set\\Images\\{}.png",
    "D:\\set\\Masks\\{}.png", WORDS },
  { "backslashes", "t.csv", NULL, "", ",", "\n", ".\\Images\\{}.png", "Masks\\{}.png",
    WORDS, TRUE },
  { "control-patient", "t.csv", NULL, "", PLAIN, { "control", "Patient" } },
  { "neg-pos", "t.csv", NULL, "", PLAIN, { "neg", "POS" } },
  { "0.0-1.0", "t.csv", NULL, "", PLAIN, { "0.0", "1.0" } },
  { "true-false", "t.csv", NULL, "", PLAIN, { "False", "True" } },
  { "-1-1", "t.csv", NULL, "", PLAIN, { "-1", "1" } },
  { "minus-1", "t.csv", NULL, "", PLAIN, { "−1", "1" } },
  { "own-words",
    "t.csv",
    NULL,
    "",
    PLAIN,
    { "fibroadenoma", "carcinoma" },
    FALSE,
    FALSE,
    { .positive = "carcinoma" } },
};

/* train, val and testing by subject. */
static const char *
part_of (const LayoutScan *scan)
{
  static const char *const words[] = { "train", "val", "testing" };

  return words[atoi (scan->subject) % 3];
}

static char *
fill (const char *pattern, const char *stem)
{
  g_auto (GStrv) parts = g_strsplit (pattern, "{}", 2);

  return g_strjoinv (stem, parts);
}

/* Rows of cells, the header first: image, mask, subject, label, age, remark and split. */
static GPtrArray *
make_rows (const Kind *kind)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  const char *header = "image|mask|subject|label|age|remark|split";

  g_ptr_array_add (rows, g_strsplit (header, "|", -1));
  EACH (i)
  {
    g_autofree char *image = fill (kind->image, SCAN (i)->stem);
    g_autofree char *mask = fill (kind->mask, SCAN (i)->stem);
    g_autofree char *line = g_strdup_printf (
        "%s|%s|%s|%s|%s|%s|%s", image, mask, SCAN (i)->subject,
        kind->words[SCAN (i)->label], kind->has_decimals ? "54,5" : "54.5",
        i % 3 == 0 ? "NA" : "", kind->has_parts ? part_of (SCAN (i)) : "");

    g_ptr_array_add (rows, g_strsplit (line, "|", -1));
  }
  return rows;
}

static void
write_text (const char *folder, const Kind *kind, GPtrArray *rows)
{
  g_autoptr (GString) text = g_string_new (kind->start);
  g_autofree char *path = g_build_filename (folder, kind->file, NULL), *bytes = NULL;
  gsize length = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      g_autofree char *line = g_strjoinv (kind->delimiter, rows->pdata[i]);

      g_string_append_printf (text, "%s%s", line, kind->end);
    }
  bytes = g_convert (text->str, -1, kind->encoding != NULL ? kind->encoding : "UTF-8",
                     "UTF-8", NULL, &length, NULL);
  g_assert_nonnull (bytes);
  g_assert_true (g_file_set_contents (path, bytes, (gssize)length, NULL));
}

static void
write_workbook (const char *folder, const Kind *kind, GPtrArray *rows)
{
  g_autoptr (GString) sheet = g_string_new (SHEET_START);

  for (guint i = 0; i < rows->len; i++)
    {
      g_string_append_printf (sheet, "<row r=\"%u\">", i + 1);
      for (char **cell = rows->pdata[i]; *cell != NULL; cell++)
        g_string_append_printf (sheet, "<c t=\"inlineStr\"><is><t>%s</t></is></c>",
                                *cell);
      g_string_append (sheet, "</row>");
    }
  g_string_append (sheet, SHEET_END);
  write_xlsx (folder, kind->file, sheet->str, NULL);
}

static void
check_facts (NmdDataset *dataset, const Kind *kind)
{
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);
      NmdPart part = NMD_PART_NONE;

      if (kind->has_parts)
        g_assert_true (nmd_part_parse (part_of (layout_find (scans, sample)), &part));
      g_assert_cmpint (sample->part, ==, part);
      g_assert_cmpstr (g_hash_table_lookup (sample->attributes, "age"), ==, "54.5");
      g_assert_false (g_hash_table_contains (sample->attributes, "remark"));
    }
}

static void
test_kind (gconstpointer data)
{
  const Kind *kind = data;
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, kind->file, NULL);
  g_autoptr (GPtrArray) rows = make_rows (kind);
  NmdImportSettings settings = kind->settings;
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;

  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "Images/%s.png", SCAN (i)->stem);
    layout_write (folder, SCAN (i)->mask_png, "Masks/%s.png", SCAN (i)->stem);
  }
  if (g_strcmp0 (kind->encoding, "xlsx") == 0)
    write_workbook (folder, kind, rows);
  else
    write_text (folder, kind, rows);
  settings.no_cache = TRUE;
  dataset = nmd_dataset_import (path, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  layout_check (dataset, scans, 0);
  check_facts (dataset, kind);
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  scans = layout_scans ();
  g_ptr_array_set_size (scans, 20); /* of both labels; every kind reads them all */
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *name = g_strdup_printf ("/layouts-tables/%s", kinds[i].name);

      g_test_add_data_func (name, &kinds[i], test_kind);
    }
  status = g_test_run ();
  g_ptr_array_unref (scans);
  return status;
}
