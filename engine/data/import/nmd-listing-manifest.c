/* SPDX-License-Identifier: Apache-2.0
 *
 * A manifest: a table with a row an image. Which files its cells mean is nmd-lookup.c's; further columns
 * become attributes. Pixels are read by nmd-import-pass.c.
 */
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"
#include "engine/data/import/nmd-import-private.h"
#include "engine/data/import/nmd-lookup-private.h"
#include "engine/data/import/nmd-sheet-private.h"
#include "engine/data/import/nmd-table.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_SHOWN 80 /* bytes of a cell in the report */

typedef struct
{
  NmdListing *scan;
  const NmdImportSettings *settings;
  NmdLookup places;
  NmdCsv *csv;
  char *path;                                    /* of the table */
  int image, mask, subject, label, muscle, part; /* columns; -1 without one */
  guint n_unclear;                               /* names that may be several images */
  GHashTable *seen;                              /* ids */
} Manifest;

static void
manifest_clear (Manifest *self)
{
  g_clear_pointer (&self->csv, nmd_csv_free);
  g_clear_pointer (&self->path, g_free);
  nmd_lookup_clear (&self->places);
  g_clear_pointer (&self->seen, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Manifest, manifest_clear)

/* A column that stands twice under one name would be read from the first in silence. */
static gboolean
check_once (Manifest *self, const char *name, guint column, GError **error)
{
  g_autofree char *wanted = g_utf8_casefold (nmd_csv_get_header (self->csv, column), -1);

  for (guint c = column + 1; c < nmd_csv_get_n_columns (self->csv); c++)
    {
      g_autofree char *have = g_utf8_casefold (nmd_csv_get_header (self->csv, c), -1);

      if (strcmp (have, wanted) != 0)
        continue;
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s has two columns “%s”: column %u and column %u", self->path, name,
                   column + 1, c + 1);
      return FALSE;
    }
  return TRUE;
}

/* A question whose choices are the headers of the table. */
static void
ask_columns (Manifest *self, const char *text, GError **error)
{
  g_autoptr (GPtrArray) headers = g_ptr_array_new ();
  GError *question = g_error_new_literal (NMD_ERROR, NMD_ERROR_NEEDS_COLUMNS, text);

  for (guint i = 0; i < nmd_csv_get_n_columns (self->csv) && i < NMD_ERROR_MAX_CHOICES;
       i++)
    g_ptr_array_add (headers, (char *)nmd_csv_get_header (self->csv, i));
  g_ptr_array_add (headers, NULL);
  nmd_error_set_choices (question, (const char *const *)headers->pdata);
  g_propagate_error (error, question);
}

/* The column @chosen (or, where nobody chose, @standard) into *@column; a missing one is a
 * question with the table's headers as choices. */
static gboolean
need_column (
    Manifest *self, const char *chosen, const char *standard, int *column, GError **error)
{
  const char *name = chosen != NULL ? chosen : standard;
  g_autoptr (GString) text = g_string_new (NULL);

  *column = nmd_csv_find (self->csv, name);
  if (*column >= 0)
    return check_once (self, name, (guint)*column, error);
  g_string_printf (text, _ ("%s has no column “%s”, only: "), self->path, name);
  for (guint i = 0; i < nmd_csv_get_n_columns (self->csv) && i < NMD_ERROR_MAX_CHOICES;
       i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            nmd_csv_get_header (self->csv, i));
  ask_columns (self, text->str, error);
  return FALSE;
}

/* Whether every cell of @column is a word for a part or empty, and one at least is a word. */
static gboolean
holds_parts (Manifest *self, guint column)
{
  gboolean any = FALSE;

  for (guint row = 0; row < nmd_csv_get_n_rows (self->csv); row++)
    {
      NmdPart part;

      if (nmd_csv_is_missing (nmd_csv_get (self->csv, row, column)))
        continue;
      if (!nmd_part_parse (nmd_csv_get (self->csv, row, column), &part))
        return FALSE;
      any |= part != NMD_PART_NONE;
    }
  return any;
}

/* The column that states parts. One that holds other words is a fact as any other. */
static gboolean
find_part (Manifest *self, GError **error)
{
  const char *chosen = self->settings->part_column;
  static const char *const names[] = { "split", "part", "partition", "subset" };

  self->part = -1;
  if (chosen != NULL && !need_column (self, chosen, chosen, &self->part, error))
    return FALSE;
  if (chosen != NULL && !holds_parts (self, (guint)self->part))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "The column “%s” of %s holds other words than train, validation and "
                   "test",
                   chosen, self->path);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (names) && self->part < 0; i++)
    {
      int column = nmd_csv_find (self->csv, names[i]);

      if (column < 0 || !holds_parts (self, (guint)column))
        continue;
      if (!check_once (self, names[i], (guint)column, error))
        return FALSE;
      self->part = column;
    }
  if (self->part >= 0)
    {
      g_autofree char *name = g_path_get_basename (self->path);

      self->scan->report->parts_source = nmd_import_report_format (
          self->scan->report, "the column “%s” of %s",
          nmd_csv_get_header (self->csv, (guint)self->part), name);
    }
  return TRUE;
}

/* A named column must be there; of the standard ones only that of masks may be missing.
 */
static gboolean
find_columns (Manifest *self, GError **error)
{
  const NmdImportSettings *s = self->settings;

  if (!need_column (self, s->image_column, "image", &self->image, error)
      || !need_column (self, s->subject_column, "subject", &self->subject, error)
      || !need_column (self, s->label_column, "label", &self->label, error))
    return FALSE;
  self->scan->label_header
      = g_strdup (nmd_csv_get_header (self->csv, (guint)self->label));
  self->mask = nmd_csv_find (self->csv, "mask");
  if ((s->mask_column != NULL || self->mask >= 0)
      && !need_column (self, s->mask_column, "mask", &self->mask, error))
    return FALSE;
  if (self->mask >= 0 && s->masks != NULL)
    nmd_import_report_assume (self->scan->report,
                              "Masks are as the column “%s” says; they were not looked "
                              "for by “%s”",
                              nmd_csv_get_header (self->csv, (guint)self->mask),
                              s->masks);
  self->muscle = nmd_csv_find (self->csv, "muscle");
  if (self->muscle >= 0 && !check_once (self, "muscle", (guint)self->muscle, error))
    return FALSE;
  return find_part (self, error);
}

/* The file that @cell of @row means; NULL if the row is to be left out, as the report then says. */
static char *
find_place (Manifest *self, guint row, const char *cell, gboolean is_mask)
{
  g_autoptr (GError) error = NULL;
  char *place = nmd_lookup_find (&self->places, cell, is_mask, &error);

  if (place == NULL)
    {
      g_autofree char *shown = nmd_text_display_length (cell, strlen (cell), MAX_SHOWN);

      nmd_import_report_leave_out (self->scan->report, shown,
                                   "Row %u of the manifest is no use: %s",
                                   nmd_csv_get_number (self->csv, row), error->message);
      self->n_unclear += !is_mask && g_error_matches (error, NMD_ERROR, NMD_ERROR_FORMAT);
    }
  return place;
}

/* The cell of an image as --image-folder and --image-pattern complete it. */
static char *
complete (Manifest *self, const char *cell)
{
  const NmdImportSettings *s = self->settings;
  g_autofree char *named = g_strdup (cell);

  if (s->image_pattern != NULL)
    {
      g_auto (GStrv) parts = g_strsplit (s->image_pattern, "{}", 2);

      g_free (named);
      named = g_strjoinv (cell, parts);
    }
  if (s->image_folder == NULL)
    return g_steal_pointer (&named);
  return g_strdup_printf ("%s/%s", s->image_folder, named);
}

static void
set_attributes (Manifest *self, guint row, NmdSample *sample)
{
  for (guint c = 0; c < nmd_csv_get_n_columns (self->csv); c++)
    {
      const char *cell = nmd_csv_get (self->csv, row, c);
      g_autofree char *name = NULL;

      if ((int)c == self->image || (int)c == self->mask || (int)c == self->subject
          || (int)c == self->label || (int)c == self->part || nmd_csv_is_missing (cell))
        continue;
      name = nmd_sheet_attribute_name (nmd_csv_get_header (self->csv, c));
      if (name[0] != '\0')
        g_hash_table_insert (sample->attributes, g_steal_pointer (&name),
                             nmd_sheet_attribute_value (cell));
    }
}

/* Muscle from its column, else from a file name of the published form. */
static void
set_muscle (Manifest *self, guint row, NmdSample *sample)
{
  g_autofree char *name = g_path_get_basename (sample->id), *muscle = NULL,
                  *number = NULL;

  g_free (sample->unit);
  if (nmd_sample_parse_name (name, &muscle, &number, NULL))
    sample->unit = g_strdup_printf ("%s %s", muscle, number);
  else
    sample->unit = g_strdup (sample->subject);
  if (self->muscle >= 0
      && !nmd_csv_is_missing (nmd_csv_get (self->csv, row, self->muscle)))
    {
      g_free (muscle);
      muscle = g_strdup (nmd_csv_get (self->csv, row, self->muscle));
    }
  if (muscle != NULL)
    {
      g_free (sample->muscle);
      sample->muscle = g_steal_pointer (&muscle);
    }
  sample->is_synthetic = g_str_has_prefix (name, "SYN_");
}

static const char *
missing_cell (Manifest *self, guint row)
{
  if (nmd_csv_is_missing (nmd_csv_get (self->csv, row, self->subject)))
    return "subject";
  if (nmd_csv_is_missing (nmd_csv_get (self->csv, row, self->label)))
    return "label";
  return NULL;
}

/* A row that cannot be used is named in the report and left out. */
static void
add_row (Manifest *self, guint row)
{
  NmdImportReport *report = self->scan->report;
  const char *cell = nmd_csv_get (self->csv, row, self->image);
  g_autofree char *named = NULL, *id = NULL, *mask = NULL;
  g_autoptr (NmdSample) sample = NULL;

  if (nmd_csv_is_missing (cell))
    {
      g_autofree char *name = g_path_get_basename (self->path);

      nmd_import_report_leave_out (report, name, "Row %u names no image",
                                   nmd_csv_get_number (self->csv, row));
      return;
    }
  named = complete (self, cell);
  id = find_place (self, row, named, FALSE);
  if (id == NULL)
    return;
  if (self->mask >= 0)
    cell = nmd_csv_get (self->csv, row, self->mask);
  if (self->mask >= 0 && !nmd_csv_is_missing (cell))
    {
      mask = find_place (self, row, cell, TRUE);
      if (mask == NULL)
        return;
    }
  if (missing_cell (self, row) != NULL)
    {
      nmd_import_report_leave_out (report, id, "Row %u of the manifest has no %s",
                                   nmd_csv_get_number (self->csv, row),
                                   missing_cell (self, row));
      return;
    }
  if (g_hash_table_contains (self->seen, id))
    {
      nmd_import_report_leave_out (report, id,
                                   "It stands again in row %u of the manifest; the "
                                   "first row is taken",
                                   nmd_csv_get_number (self->csv, row));
      return;
    }
  sample = nmd_sample_new (id);
  g_hash_table_add (self->seen, g_strdup (id));
  /* Both were found inside. */
  sample->image_path = nmd_file_resolve_inside (self->scan->root, id, NULL);
  if (mask != NULL)
    sample->mask_path = nmd_file_resolve_inside (self->scan->root, mask, NULL);
  if (sample->mask_path != NULL)
    nmd_import_report_pair (report, "the column of masks", 1);
  g_free (sample->subject);
  sample->subject = g_strdup (nmd_csv_get (self->csv, row, self->subject));
  g_free (sample->label_word);
  sample->label_word = g_strdup (nmd_csv_get (self->csv, row, self->label));
  set_muscle (self, row, sample);
  if (self->part >= 0)
    nmd_part_parse (nmd_csv_get (self->csv, row, (guint)self->part), &sample->part);
  set_attributes (self, row, sample);
  g_ptr_array_add (self->scan->samples, g_steal_pointer (&sample));
}

/* Rows that have more or fewer cells than the header. */
static void
note_refused (Manifest *self)
{
  g_autofree char *name = g_path_get_basename (self->path);

  for (guint i = 0; i < nmd_csv_get_n_refused (self->csv); i++)
    {
      guint n = 0, row = nmd_csv_get_refused (self->csv, i, &n);

      nmd_import_report_leave_out (self->scan->report, name,
                                   "Row %u has %u cells, the header has %u", row, n,
                                   nmd_csv_get_n_columns (self->csv));
    }
}

/* Says where cells were read other than as they stand. */
static void
note_places (Manifest *self)
{
  const NmdLookup *places = &self->places;
  NmdImportReport *report = self->scan->report;

  if (places->n_absolute > 0)
    nmd_import_report_assume (report,
                              "%u absolute paths were looked for below the folder of the "
                              "manifest: %s",
                              places->n_absolute, places->example[0]);
  if (places->n_ending > 0)
    nmd_import_report_assume (report, "%u names without ending were given one: %s",
                              places->n_ending, places->example[1]);
  if (places->n_name > 0)
    nmd_import_report_assume (report,
                              "%u names without folder were found below the folder of "
                              "the manifest: %s",
                              places->n_name, places->example[2]);
}

/* Whether rows name images and none of these is there. */
static gboolean
finds_none (Manifest *self)
{
  const GPtrArray *samples = self->scan->samples;

  for (guint i = 0; i < samples->len; i++)
    if (g_file_test (((NmdSample *)samples->pdata[i])->image_path, G_FILE_TEST_EXISTS))
      return FALSE;
  return samples->len > 0 || self->n_unclear > 0;
}

/* No image was found: they may lie in another folder, or be called by a part of their names. */
static gboolean
ask_place (Manifest *self, GError **error)
{
  const GPtrArray *samples = self->scan->samples;
  const NmdLeftOut *first
      = samples->len == 0 ? self->scan->report->left_out->pdata[0] : NULL;
  g_autofree char *text = g_strdup_printf (
      /* Translators: a table, a column, an image, why it was left out */
      _ ("No image of %s was found by its column “%s” (%s: %s): say which column names "
         "them, and in which folder or by which pattern"),
      self->path, nmd_csv_get_header (self->csv, (guint)self->image),
      first != NULL ? first->path : ((NmdSample *)samples->pdata[0])->id,
      first != NULL ? first->reason : _ ("there is no such file"));

  ask_columns (self, text, error);
  return FALSE;
}

gboolean
nmd_listing_manifest (NmdListing *self,
                      const char *path,
                      const NmdImportSettings *settings,
                      GError **error)
{
  static const NmdImportSettings standard = { NULL };
  g_auto (Manifest) manifest
      = { .scan = self, .settings = settings != NULL ? settings : &standard };

  manifest.path = g_strdup (path);
  manifest.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_free (self->root);
  self->root = g_path_get_dirname (path);
  self->report->kind = g_strdup (N_ ("manifest"));
  nmd_lookup_init (&manifest.places, self->root, self->cancellable);
  manifest.csv = nmd_table_load (path, TRUE, self->cancellable, error);
  if (manifest.csv == NULL || !find_columns (&manifest, error))
    return FALSE;
  note_refused (&manifest);
  for (guint row = 0; row < nmd_csv_get_n_rows (manifest.csv); row++)
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
      return FALSE;
    else
      add_row (&manifest, row);
  if (manifest.settings->image_folder == NULL && manifest.settings->image_pattern == NULL
      && finds_none (&manifest))
    return ask_place (&manifest, error);
  if (manifest.mask < 0 && !nmd_listing_pair_manifest (self, manifest.settings, error))
    return FALSE;
  note_places (&manifest);
  nmd_import_report_assume (self->report,
                            "Subjects are as the column “%s” of the manifest says",
                            nmd_csv_get_header (manifest.csv, manifest.subject));
  return TRUE;
}
