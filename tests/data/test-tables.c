/* SPDX-License-Identifier: Apache-2.0
 *
 * Manifests as people have them: every kind of table and cell gives the data set that a plain
 * manifest gives, or says what is wrong with it.
 */
#include "tests/data/importing.h"

#define N_IMAGES 6

static const struct
{
  const char *name, *subject, *part;
  int label;
} rows[N_IMAGES] = {
  { "a", "1", "train", 0 }, { "b", "1", "train", 0 }, { "c", "2", "train", 1 },
  { "d", "3", "val", 1 },   { "e", "4", "test", 0 },  { "f", "5", "test", 1 },
};

/* Pictures images/a.png … f.png with masks. */
static char *
pictures (void)
{
  char *folder = fixture_folder ();

  for (guint i = 0; i < N_IMAGES; i++)
    {
      g_autofree char *image = g_strdup_printf ("images/%s.png", rows[i].name);
      g_autofree char *mask = g_strdup_printf ("masks/%s.png", rows[i].name);

      fixture_image (folder, image, 60, 40);
      fixture_mask_file (folder, mask, 60, 40, 0.6);
    }
  return folder;
}

/* A column of words is the parts; one of other words is a fact. */
static void
test_parts (void)
{
  static const char *const names[] = { "split", "Part", "subset", "partition" };
  g_autofree char *folder = pictures ();

  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (NmdDataset) dataset = NULL;
      g_autofree char *report = NULL, *source = NULL;

      g_string_append_printf (text, "image,subject,label,%s\n", names[k]);
      for (guint i = 0; i < N_IMAGES; i++)
        g_string_append_printf (text, "images/%s.png,%s,%d,%s\n", rows[i].name,
                                rows[i].subject, rows[i].label, rows[i].part);
      fixture_text (folder, "t.csv", text->str);
      dataset = import_good (folder, "t.csv");
      g_assert_true (nmd_dataset_states_parts (dataset));
      for (guint i = 0; i < N_IMAGES; i++)
        {
          NmdPart part;

          g_assert_true (nmd_part_parse (rows[i].part, &part));
          g_assert_cmpint (nmd_dataset_get (dataset, i)->part, ==, part);
          g_assert_cmpuint (g_hash_table_size (nmd_dataset_get (dataset, i)->attributes),
                            ==, 0);
        }
      source = g_strdup_printf ("the column “%s” of t.csv", names[k]);
      g_assert_cmpstr (nmd_dataset_get_report (dataset)->parts_source, ==, source);
      report = nmd_dataset_report_to_text (dataset);
      g_assert_nonnull (strstr (report, "3 train, 1 validation, 2 test"));
    }
  fixture_remove (folder);
}

static void
test_no_parts (void)
{
  g_autofree char *folder = pictures ();
  g_autoptr (NmdDataset) some = NULL, none = NULL;

  fixture_text (folder, "t.csv",
                "image,subject,label,split\nimages/a.png,1,0,training\n"
                "images/c.png,2,1,\n");
  some = import_good (folder, "t.csv");
  g_assert_false (nmd_dataset_states_parts (some));
  g_assert_cmpint (nmd_dataset_get (some, 0)->part, ==, NMD_PART_TRAIN);
  g_assert_cmpint (nmd_dataset_get (some, 1)->part, ==, NMD_PART_NONE);

  fixture_text (folder, "t.csv",
                "image,subject,label,split\nimages/a.png,1,0,train\n"
                "images/c.png,2,1,3\n");
  none = import_good (folder, "t.csv");
  g_assert_null (nmd_dataset_get_report (none)->parts_source);
  g_assert_cmpint (nmd_dataset_get (none, 0)->part, ==, NMD_PART_NONE);
  g_assert_cmpstr (g_hash_table_lookup (nmd_dataset_get (none, 1)->attributes, "split"),
                   ==, "3");
  fixture_remove (folder);
}

/* Asserts that @dataset is what went in: images, subjects, labels, outlines, parts. */
static void
assert_same (NmdDataset *dataset, gboolean has_masks)
{
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, N_IMAGES);
  for (guint i = 0; i < N_IMAGES; i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);
      g_autofree char *id = g_strdup_printf ("images/%s.png", rows[i].name);
      NmdPart part;

      g_assert_cmpstr (sample->id, ==, id);
      g_assert_cmpstr (sample->subject, ==, rows[i].subject);
      g_assert_cmpint (sample->label, ==, rows[i].label);
      g_assert_true (nmd_part_parse (rows[i].part, &part));
      g_assert_cmpint (sample->part, ==, part);
      g_assert_cmpint (sample->echo.n > 0, ==, has_masks);
    }
}

static void
write_bytes (const char *folder, const char *name, const char *text, const char *encoding)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  gsize length = 0;
  g_autofree char *bytes = g_convert (text, -1, encoding, "UTF-8", NULL, &length, NULL);

  g_assert_true (g_file_set_contents (path, bytes, (gssize)length, NULL));
}

/* Encodings, delimiters, Excel's first line, decimal commas, lines of nothing. */
static void
test_texts (void)
{
  static const struct
  {
    const char *encoding, *start, *delimiter, *end;
  } kinds[] = {
    { "UTF-8", "", ",", "\n" },
    { "UTF-8", "\xEF\xBB\xBF", ";", "\r\n" },
    { "UTF-16LE", "\xEF\xBB\xBF", "\t", "\r\n" },
    { "UTF-16BE", "\xEF\xBB\xBF", ";", "\r\n" },
    { "UTF-16LE", "\xEF\xBB\xBFsep=;\r\n", ";", "\r\n" },
    { "UTF-8", "sep=,\r\n", ",", "\r\n" },
  };
  g_autofree char *folder = pictures ();

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      const char *d = kinds[k].delimiter, *end = kinds[k].end;
      g_autoptr (GString) text = g_string_new (kinds[k].start);
      g_autoptr (NmdDataset) dataset = NULL;

      g_string_append_printf (text, "Image%smask%ssubject%slabel%ssplit%sage%s", d, d, d,
                              d, d, end);
      for (guint i = 0; i < N_IMAGES; i++)
        g_string_append_printf (
            text, ".\\images\\%s.png%smasks\\%s.png%s%s%s%d%s%s%s%s%s", rows[i].name, d,
            rows[i].name, d, rows[i].subject, d, rows[i].label, d, rows[i].part, d,
            d[0] == ',' ? "\"54,5\"" : "54,5", end);
      g_string_append_printf (text, "%s%s%s%s%s%s", d, d, d, d, d, end);
      write_bytes (folder, "t.csv", text->str, kinds[k].encoding);
      dataset = import_good (folder, "t.csv");
      assert_same (dataset, TRUE);
      g_assert_cmpstr (
          g_hash_table_lookup (nmd_dataset_get (dataset, 0)->attributes, "age"), ==,
          "54.5");
      g_assert_cmpuint (nmd_dataset_get_report (dataset)->left_out->len, ==, 0);
    }
  fixture_remove (folder);
}

static void
add_cell (GString *sheet, const char *text)
{
  g_string_append_printf (sheet, "<c t=\"inlineStr\"><is><t>%s</t></is></c>", text);
}

/* A workbook with an empty row, numbers as numbers, and short rows. */
static void
test_workbook (void)
{
  g_autofree char *folder = pictures ();
  g_autoptr (GString) sheet = g_string_new (SHEET_START "<row r=\"1\">");
  static const char *const headers[]
      = { "image", "mask", "subject", "label", "split", "remark" };
  g_autoptr (NmdDataset) dataset = NULL, found = NULL;

  for (guint c = 0; c < G_N_ELEMENTS (headers); c++)
    add_cell (sheet, headers[c]);
  g_string_append (sheet, "</row>");
  for (guint i = 0; i < N_IMAGES; i++)
    {
      g_autofree char *image = g_strdup_printf ("images/%s.png", rows[i].name);
      g_autofree char *mask = g_strdup_printf ("masks/%s.png", rows[i].name);

      g_string_append_printf (sheet, "<row r=\"%u\">", i + 3);
      add_cell (sheet, image);
      add_cell (sheet, mask);
      g_string_append_printf (sheet, "<c><v>%s</v></c><c><v>%d.0</v></c>",
                              rows[i].subject, rows[i].label);
      add_cell (sheet, rows[i].part);
      g_string_append (sheet, "</row>");
    }
  g_string_append (sheet, "<row r=\"12\">");
  add_cell (sheet, "../x.png");
  g_string_append (sheet, "</row>" SHEET_END);
  write_xlsx (folder, "manifest.xlsx", sheet->str, NULL);
  dataset = import_good (folder, "manifest.xlsx");
  assert_same (dataset, TRUE);
  assert_left_out (dataset, "../x.png", "Row 12");
  found = import_good (folder, "");
  assert_same (found, TRUE);
  fixture_remove (folder);
}

/* Images by other names than their places. */
/* A name without a folder is looked for in all of them, and must not be a link that leads out. */
static void
test_links (void)
{
  g_autofree char *folder = pictures (), *outside = fixture_folder ();
  g_autofree char *image = g_build_filename (outside, "far.png", NULL);
  g_autofree char *link = g_build_filename (folder, "images", "far.png", NULL);
  g_autofree char *mask_link = g_build_filename (folder, "masks", "far_mask.png", NULL);
  g_autoptr (NmdDataset) dataset = NULL;
  g_autofree char *text = NULL;

  fixture_image (outside, "far.png", 60, 40);
  g_assert_cmpint (symlink (image, link), ==, 0);
  g_assert_cmpint (symlink (image, mask_link), ==, 0);
  fixture_text (folder, "t.csv",
                "image,mask,subject,label\na,a,1,0\nb,far_mask,2,1\nc,c,3,1\n"
                "far.png,a,4,0\n");
  dataset = import_good (folder, "t.csv");
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 2); /* a and c */
  text = nmd_dataset_import_to_text (dataset);
  g_assert_nonnull (strstr (text, "link that leaves the folder"));
  fixture_remove (folder);
  fixture_remove (outside);
}

static void
test_names (void)
{
  static const struct
  {
    const char *before, *after;
    const char *folder, *pattern;
  } kinds[] = {
    { "", "", NULL, NULL },        /* a */
    { "", ".png", NULL, NULL },    /* a.png */
    { "images/", "", NULL, NULL }, /* images/a */
    { "D:\\study\\set\\images\\", ".png", NULL, NULL },
    { "/data/somebody/images/", ".png", NULL, NULL },
    { "", "", "images", NULL },
    { "", "", NULL, "images/{}.png" },
    { "", "", "images", "{}.png" },
  };
  g_autofree char *folder = pictures ();
  g_autofree char *path = g_build_filename (folder, "t.csv", NULL);

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      const NmdImportSettings settings
          = { .image_folder = kinds[k].folder, .image_pattern = kinds[k].pattern };
      g_autoptr (GString) text = g_string_new ("image,mask,subject,label,split\n");
      g_autoptr (NmdDataset) dataset = NULL;
      g_autoptr (GError) error = NULL;

      for (guint i = 0; i < N_IMAGES; i++)
        g_string_append_printf (text, "%s%s%s,%s,%s,%d,%s\n", kinds[k].before,
                                rows[i].name, kinds[k].after, rows[i].name,
                                rows[i].subject, rows[i].label, rows[i].part);
      fixture_text (folder, "t.csv", text->str);
      dataset = nmd_dataset_import (path, &settings, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      assert_same (dataset, TRUE);
    }
  /* None of these is there: a part of the name, or another folder. */
  fixture_text (folder, "t.csv", "image,subject,label\n7,1,0\n8,2,1\n");
  refuse (folder, "t.csv", NMD_ERROR_NEEDS_COLUMNS, "7|“image”|pattern");
  /* Two of one name are no answer. */
  fixture_image (folder, "other/a.png", 60, 40);
  fixture_text (folder, "t.csv", "image,subject,label\na,1,0\nb,1,0\nc,2,1\n");
  {
    g_autoptr (NmdDataset) dataset = import_good (folder, "t.csv");

    g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 2);
    assert_left_out (dataset, "a", "other/a.png");
    assert_listed (nmd_dataset_get_report (dataset)->assumptions, "without folder");
  }
  /* A folder tells which of them is meant, a pattern what a part of a name stands for. */
  fixture_image (folder, "images/bus_7.png", 60, 40);
  for (guint k = 0; k < 2; k++)
    {
      const NmdImportSettings settings
          = { .image_folder = k == 0 ? "images" : NULL,
              .image_pattern = k == 1 ? "bus_{}.png" : NULL };
      g_autoptr (NmdDataset) dataset = NULL;

      fixture_text (folder, "t.csv",
                    k == 0 ? "image,mask,subject,label\na,,1,0\nb,,1,1\n"
                           : "image,mask,subject,label\n7,,1,0\n");
      dataset = nmd_dataset_import (path, &settings, NULL, NULL, NULL, NULL);
      g_assert_nonnull (dataset);
      g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, k == 0 ? 2 : 1);
      g_assert_cmpstr (nmd_dataset_get (dataset, 0)->id, ==,
                       k == 0 ? "images/a.png" : "images/bus_7.png");
    }
  fixture_remove (folder);
}

static void
test_labels (void)
{
  static const char *const words[][2] = {
    { "control", "Patient" },
    { "neg", "pos" },
    { "Negative", "positive" },
    { "0.0", "1.0" },
    { "False", "TRUE" },
    { "-1", "1" },
    { "−1", "1,0" },
    { "healthy", "pathological" },
  };
  static const char *const asked[][2] = { { "yes", "no" }, { "1", "2" }, { "0", "x" } };
  g_autofree char *folder = pictures ();

  for (guint k = 0; k < G_N_ELEMENTS (words) + G_N_ELEMENTS (asked); k++)
    {
      const gboolean known = k < G_N_ELEMENTS (words);
      const char *const *pair = known ? words[k] : asked[k - G_N_ELEMENTS (words)];
      g_autofree char *text = g_strdup_printf (
          "image;subject;label\nimages/a.png;1;%s\nimages/c.png;2;%s\n", pair[0],
          pair[1]);
      g_autoptr (NmdDataset) dataset = NULL;

      fixture_text (folder, "t.csv", text);
      if (!known)
        {
          refuse (folder, "t.csv", NMD_ERROR_NEEDS_POSITIVE, "positive");
          continue;
        }
      dataset = import_good (folder, "t.csv");
      g_assert_cmpint (nmd_dataset_get (dataset, 0)->label, ==, 0);
      g_assert_cmpint (nmd_dataset_get (dataset, 1)->label, ==, 1);
      if (k >= 3 && k <= 6)
        g_assert_cmpstr (nmd_dataset_get_class (dataset, 1), ==, "positive");
    }
  { /* other words keep their case */
    g_autofree char *path = g_build_filename (folder, "t.csv", NULL);
    const NmdImportSettings settings = { .positive = "als" };
    g_autoptr (NmdDataset) dataset = NULL;

    fixture_text (folder, "t.csv",
                  "image,subject,label\nimages/a.png,1,Volunteer\nimages/c.png,2,ALS\n");
    dataset = nmd_dataset_import (path, &settings, NULL, NULL, NULL, NULL);
    g_assert_cmpstr (nmd_dataset_get_class (dataset, 0), ==, "Volunteer");
    g_assert_cmpstr (nmd_dataset_get_class (dataset, 1), ==, "ALS");
  }
  /* −1 beside 0 may be "not known". */
  fixture_text (folder, "t.csv",
                "image,subject,label\nimages/a.png,1,0\n"
                "images/b.png,1,-1\nimages/c.png,2,1\n");
  refuse (folder, "t.csv", NMD_ERROR_NEEDS_POSITIVE, "−1");
  fixture_remove (folder);
}

/* A header that makes 1 the negative class is asked about; the answer counts. */
static void
test_inverted (void)
{
  static const struct
  {
    const char *header, *words[2];
    gboolean asked;
  } kinds[] = {
    { "healthy", { "1", "0" }, TRUE },
    { "Is_Normal", { "true", "false" }, TRUE },
    { "benign", { "1.0", "0.0" }, TRUE },
    { "negative control", { "-1", "1" }, TRUE },
    { "benign=0, malignant=1", { "0", "1" }, FALSE },
    { "healthy/pathological", { "0", "1" }, FALSE },
    { "healthy", { "healthy", "pathological" }, FALSE },
    { "malignant", { "0", "1" }, FALSE },
    { "normality", { "0", "1" }, FALSE },
  };
  g_autofree char *folder = pictures ();
  g_autofree char *path = g_build_filename (folder, "t.csv", NULL);

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      NmdImportSettings settings = { .label_column = kinds[k].header, .no_cache = TRUE };
      g_autofree char *text
          = g_strdup_printf ("image;subject;%s\nimages/a.png;1;%s\nimages/c.png;2;%s\n",
                             kinds[k].header, kinds[k].words[0], kinds[k].words[1]);
      g_autoptr (NmdDataset) dataset = NULL;
      g_autoptr (GError) error = NULL;

      fixture_text (folder, "t.csv", text);
      dataset = nmd_dataset_import (path, &settings, NULL, NULL, NULL, &error);
      if (kinds[k].asked)
        {
          g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE);
          g_assert_nonnull (strstr (error->message, kinds[k].header));
          g_assert_cmpuint (g_strv_length ((char **)nmd_error_get_choices (error)), ==,
                            2);
          g_clear_error (&error);
          settings.positive = kinds[k].words[1];
          dataset = nmd_dataset_import (path, &settings, NULL, NULL, NULL, &error);
        }
      g_assert_no_error (error);
      g_assert_cmpint (nmd_dataset_get (dataset, 0)->label, ==, 0);
      g_assert_cmpint (nmd_dataset_get (dataset, 1)->label, ==, 1);
    }
  fixture_remove (folder);
}

/* Cells of nothing, ragged rows, subjects written in two ways. */
static void
test_rows (void)
{
  g_autofree char *folder = pictures ();
  g_autoptr (NmdDataset) dataset = NULL;
  const NmdImportReport *report = NULL;

  fixture_text (folder, "t.csv",
                "image,mask,subject,label,age\n"
                "images/a.png,NA,P007,0,n/a\n"
                "images/b.png,None,p7,0,-\n"
                "images/c.png,masks/c.png,NaN,1,3\n"
                "images/d.png,masks/d.png\n"
                "images/e.png,masks/e.png,4,null,3\n"
                "N/A,masks/e.png,4,1,3\n"
                "images/f.png,,5,1,3,4\n"
                "images/d.png,masks/d.png,3,1,,,\n");
  dataset = import_good (folder, "t.csv");
  report = nmd_dataset_get_report (dataset);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 3); /* a, b, d */
  g_assert_true (nmd_dataset_get (dataset, 0)->problems & NMD_PROBLEM_NO_MASK);
  g_assert_cmpuint (g_hash_table_size (nmd_dataset_get (dataset, 0)->attributes), ==, 0);
  g_assert_cmpuint (report->left_out->len, ==, 5);
  assert_left_out (dataset, "images/c.png", "no subject");
  assert_left_out (dataset, "images/e.png", "no label");
  assert_left_out (dataset, "t.csv", "Row 5 has 2 cells");
  assert_listed (report->similar_subjects, "“P007” and “p7”");
  {
    g_autofree char *text = nmd_dataset_report_to_text (dataset);
    g_autoptr (JsonNode) node = nmd_dataset_report_to_json (dataset);
    JsonArray *similar
        = json_object_get_array_member (json_node_get_object (node), "similar_subjects");

    g_assert_nonnull (strstr (text, "by leading zeros or case, one person or two:\n  "
                                    "“P007” and “p7”\n"));
    g_assert_cmpuint (json_array_get_length (similar), ==, 1);
  }
  fixture_remove (folder);
}

static void
remove_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* Imports t.csv of @folder, which holds @rows, with @settings (nullable). */
static NmdDataset *
import_rows (const char *folder,
             const char *rows_text,
             const NmdImportSettings *settings,
             GError **error)
{
  g_autofree char *path = g_build_filename (folder, "t.csv", NULL);

  fixture_text (folder, "t.csv", rows_text);
  return nmd_dataset_import (path, settings, NULL, NULL, NULL, error);
}

/* Without a column of masks they are found as in a folder per class; an empty column says that there are none. */
static void
test_masks_beside (void)
{
  static const char *const whole = "image,subject,label,age\nimages/a.png,1,0,54\n"
                                   "images/b.png,1,0,54\nimages/c.png,2,1,55\n";
  g_autofree char *folder = pictures ();
  g_autofree char *first = g_build_filename (folder, "masks", "a.png", NULL);
  g_autofree char *second = g_build_filename (folder, "GT", "b.png", NULL);
  NmdImportSettings settings = { .masks = "gt" };
  g_autoptr (NmdDataset) found = NULL, none = NULL, chosen = NULL, apart = NULL,
                         named = NULL;
  const NmdPairingCount *count = NULL;
  g_autoptr (GError) error = NULL;

  /* a picture by the name of a mask is one where the table says so */
  fixture_image (folder, "images/c_lesion.png", 60, 40);
  remove_file (folder, "masks/c.png");
  found = import_rows (folder,
                       "image,subject,label\nimages/a.png,1,0\nimages/c.png,2,1\n"
                       "images/c_lesion.png,2,1\n",
                       NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_dataset_get_n (found), ==, 3);
  g_assert_cmpstr (nmd_dataset_get (found, 0)->mask_path, ==, first);
  g_assert_null (nmd_dataset_get (found, 0)->more_masks);
  g_assert_cmpint (nmd_dataset_get (found, 0)->echo.n, >, 0);
  for (guint i = 1; i < 3; i++)
    g_assert_cmpint (nmd_dataset_get (found, i)->problems, ==, NMD_PROBLEM_NO_MASK);
  count = nmd_dataset_get_report (found)->pairings->pdata[0];
  g_assert_cmpstr (count->rule, ==, "the same name in a folder of masks");
  g_assert_cmpuint (count->n, ==, 1);
  assert_listed (nmd_dataset_get_report (found)->assumptions, "as in a folder per class");
  fixture_mask_file (folder, "masks/c.png", 60, 40, 0.6);

  none = import_rows (
      folder, "image,mask,subject,label\nimages/a.png,,1,0\nimages/c.png,NA,2,1\n", NULL,
      &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_dataset_get_report (none)->n_no_mask, ==, 2);

  remove_file (folder, "images/c_lesion.png");
  /* two folders are a question, the answer counts; with a column it is said that it does not */
  fixture_mask_file (folder, "GT/a.png", 60, 40, 0.3);
  fixture_mask_file (folder, "GT/b.png", 60, 40, 0.3);
  fixture_mask_file (folder, "GT/b_seg_1.png", 60, 40, 0.4);
  g_assert_null (import_rows (folder, whole, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS);
  g_assert_true (g_strv_contains (nmd_error_get_choices (error), "GT"));
  g_clear_error (&error);
  chosen = import_rows (folder, whole, &settings, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_dataset_get (chosen, 1)->mask_path, ==, second);
  g_assert_true (nmd_dataset_get (chosen, 1)->problems & NMD_PROBLEM_MERGED_MASKS);
  g_assert_null (nmd_dataset_get (chosen, 2)->mask_path);
  settings.separate_masks = TRUE;
  apart = import_rows (folder, whole, &settings, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_dataset_get_n (apart), ==, 4);
  for (guint i = 1; i < 3; i++)
    {
      const NmdSample *sample = nmd_dataset_get (apart, i);
      g_autofree char *id = g_strdup_printf ("images/b.png#%u", i);

      g_assert_cmpstr (sample->id, ==, id);
      g_assert_cmpstr (sample->subject, ==, "1");
      g_assert_cmpint (sample->label, ==, 0);
      g_assert_cmpstr (g_hash_table_lookup (sample->attributes, "age"), ==, "54");
      g_assert_null (sample->more_masks);
    }
  named = import_rows (folder,
                       "image,mask,subject,label\nimages/a.png,masks/a.png,1,0\n"
                       "images/c.png,masks/c.png,2,1\n",
                       &settings, &error);
  g_assert_no_error (error);
  assert_listed (nmd_dataset_get_report (named)->assumptions, "not looked for by “gt”");
  fixture_remove (folder);
}

/* One mask that could be of two images is of neither, listed in the table or not. */
static void
test_masks_refused (void)
{
  g_autofree char *folder = fixture_folder ();
  NmdImportSettings settings = { .masks = "expert" };
  g_autoptr (GError) error = NULL;

  fixture_image (folder, "x/1.png", 60, 40);
  fixture_image (folder, "y/1.png", 60, 40);
  fixture_image (folder, "y/2.png", 60, 40);
  fixture_mask_file (folder, "masks/1.png", 60, 40, 0.5);
  fixture_text (folder, "t.csv", "image,subject,label\nx/1.png,1,0\ny/2.png,2,1\n");
  refuse (folder, "t.csv", NMD_ERROR_REFUSED,
          "masks/1.png|x/1.png|y/1.png|column “mask”");
  fixture_text (folder, "t.csv", "image,subject,label\ny/1.png,1,0\ny/2.png,2,1\n");
  refuse (folder, "t.csv", NMD_ERROR_REFUSED,
          "masks/1.png|x/1.png|y/1.png|column “mask”");
  g_assert_null (
      import_rows (folder, "image,subject,label\ny/2.png,2,1\n", &settings, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS);
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tables/parts", test_parts);
  g_test_add_func ("/tables/no-parts", test_no_parts);
  g_test_add_func ("/tables/texts", test_texts);
  g_test_add_func ("/tables/workbook", test_workbook);
  g_test_add_func ("/tables/names", test_names);
  g_test_add_func ("/tables/links", test_links);
  g_test_add_func ("/tables/labels", test_labels);
  g_test_add_func ("/tables/inverted", test_inverted);
  g_test_add_func ("/tables/rows", test_rows);
  g_test_add_func ("/tables/masks-beside", test_masks_beside);
  g_test_add_func ("/tables/masks-refused", test_masks_refused);
  return g_test_run ();
}
