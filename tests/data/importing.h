/* SPDX-License-Identifier: Apache-2.0
 *
 * What the import suites share: importing a fixture's folder, and asserting what was refused, left
 * out or listed; a workbook made of two texts.
 */
#pragma once

#include "tests/data/fixture.h"

static NmdDataset *
import (const char *folder, const char *name, const char *positive, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  NmdImportSettings settings = { .positive = positive };

  return nmd_dataset_import (path, &settings, NULL, NULL, NULL, error);
}

static NmdDataset *
import_good (const char *folder, const char *name)
{
  g_autoptr (GError) error = NULL;
  NmdDataset *dataset = import (folder, name, NULL, &error);

  g_assert_no_error (error);
  return dataset;
}

/* The import fails with @code and a sentence that holds every word of @words. */
static void
refuse (const char *folder, const char *name, int code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) list = g_strsplit (words, "|", -1);

  g_assert_null (import (folder, name, NULL, &error));
  g_assert_error (error, NMD_ERROR, code);
  for (char **word = list; *word != NULL; word++)
    if (strstr (error->message, *word) == NULL)
      g_error ("“%s” does not say “%s”", error->message, *word);
  g_assert_false (g_str_has_suffix (error->message, "."));
}

/* Asserts that @path was left out with a reason that holds @word. */
static void
assert_left_out (NmdDataset *dataset, const char *path, const char *word)
{
  GPtrArray *left_out = nmd_dataset_get_report (dataset)->left_out;

  for (guint i = 0; i < left_out->len; i++)
    {
      const NmdLeftOut *entry = left_out->pdata[i];

      if (strcmp (entry->path, path) != 0)
        continue;
      if (strstr (entry->reason, word) == NULL)
        g_error ("%s was left out because “%s”, not “%s”", path, entry->reason, word);
      return;
    }
  g_error ("%s was not left out", path);
}

static void
assert_listed (GPtrArray *lines, const char *word)
{
  for (guint i = 0; i < lines->len; i++)
    if (strstr (lines->pdata[i], word) != NULL)
      return;
  g_error ("“%s” is not listed", word);
}

#define SHEET_START                                                                      \
  "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"                      \
  "<worksheet "                                                                          \
  "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>"
#define SHEET_END "</sheetData></worksheet>"

static void
write_xlsx (const char *folder, const char *name, const char *sheet, const char *strings)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct archive *archive = fixture_zip_open (path);

  fixture_zip_entry (archive, "[Content_Types].xml", "<Types/>", NULL);
  fixture_zip_entry (archive, "xl/worksheets/sheet2.xml", SHEET_START SHEET_END, NULL);
  fixture_zip_entry (archive, "xl/worksheets/sheet1.xml", sheet, NULL);
  if (strings != NULL)
    fixture_zip_entry (archive, "xl/sharedStrings.xml", strings, NULL);
  g_assert_cmpint (archive_write_close (archive), ==, ARCHIVE_OK);
  archive_write_free (archive);
}
