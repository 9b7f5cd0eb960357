/* SPDX-License-Identifier: Apache-2.0
 *
 * A manifest: a CSV table with a row an image. Paths are relative to the table and stay
 * below its folder; further columns become attributes. Pixels are read by nmd-import.c.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/data/import/nmd-import-private.h"
#include "engine/data/import/nmd-sheet-private.h"

#include <string.h>

typedef struct
{
  NmdListing *scan;
  NmdCsv *csv;
  char *path;                                    /* of the table */
  int image, mask, subject, label, muscle, part; /* columns; -1 without one */
  GHashTable *seen;                              /* ids */
} Manifest;

static void
manifest_clear (Manifest *self)
{
  g_clear_pointer (&self->csv, nmd_csv_free);
  g_clear_pointer (&self->path, g_free);
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

/* The column @chosen (or, where nobody chose, @standard) into *@column; a missing one is a
 * question with the table's headers as choices. */
static gboolean
need_column (
    Manifest *self, const char *chosen, const char *standard, int *column, GError **error)
{
  const char *name = chosen != NULL ? chosen : standard;
  g_autoptr (GPtrArray) headers = NULL;
  g_autofree char *list = NULL;
  GError *question = NULL;

  *column = nmd_csv_find (self->csv, name);
  if (*column >= 0)
    return check_once (self, name, (guint)*column, error);
  headers = g_ptr_array_new ();
  for (guint i = 0; i < nmd_csv_get_n_columns (self->csv) && i < NMD_ERROR_MAX_CHOICES;
       i++)
    g_ptr_array_add (headers, (char *)nmd_csv_get_header (self->csv, i));
  g_ptr_array_add (headers, NULL);
  list = g_strjoinv (", ", (char **)headers->pdata);
  question = g_error_new (NMD_ERROR, NMD_ERROR_NEEDS_COLUMNS,
                          "%s has no column “%s”, only: %s", self->path, name, list);
  nmd_error_set_choices (question, (const char *const *)headers->pdata);
  g_propagate_error (error, question);
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

      if (!nmd_part_parse (nmd_csv_get (self->csv, row, column), &part))
        return FALSE;
      any |= part != NMD_PART_NONE;
    }
  return any;
}

/* The column that states parts. One that holds other words is a fact as any other. */
static void
find_part (Manifest *self)
{
  static const char *const names[] = { "split", "part", "partition", "subset" };

  self->part = -1;
  for (guint i = 0; i < G_N_ELEMENTS (names) && self->part < 0; i++)
    {
      int column = nmd_csv_find (self->csv, names[i]);

      if (column >= 0 && holds_parts (self, (guint)column))
        self->part = column;
    }
  if (self->part >= 0)
    {
      g_autofree char *name = g_path_get_basename (self->path);

      self->scan->report->parts_source
          = g_strdup_printf ("the column “%s” of %s",
                             nmd_csv_get_header (self->csv, (guint)self->part), name);
    }
}

/* A named column must be there; of the standard ones only that of masks may be missing.
 */
static gboolean
find_columns (Manifest *self, const NmdImportSettings *settings, GError **error)
{
  static const NmdImportSettings standard = { NULL };
  const NmdImportSettings *s = settings != NULL ? settings : &standard;

  if (!need_column (self, s->image_column, "image", &self->image, error)
      || !need_column (self, s->subject_column, "subject", &self->subject, error)
      || !need_column (self, s->label_column, "label", &self->label, error))
    return FALSE;
  self->mask = nmd_csv_find (self->csv, "mask");
  if ((s->mask_column != NULL || self->mask >= 0)
      && !need_column (self, s->mask_column, "mask", &self->mask, error))
    return FALSE;
  if (self->mask < 0)
    nmd_import_report_assume (self->scan->report,
                              "The manifest has no column “mask”: whole frames are used");
  self->muscle = nmd_csv_find (self->csv, "muscle");
  find_part (self);
  return TRUE;
}

/* "./Images//a.png" and "Images\a.png" are "Images/a.png". */
static char *
tidy_path (const char *cell)
{
  g_autofree char *slashes = g_strdelimit (g_strdup (cell), "\\", '/');
  g_auto (GStrv) parts = g_strsplit (slashes, "/", -1);
  GString *out = g_string_new (slashes[0] == '/' ? "/" : "");

  for (char **part = parts; *part != NULL; part++)
    if ((*part)[0] != '\0' && strcmp (*part, ".") != 0)
      {
        if (out->len > 0 && out->str[out->len - 1] != '/')
          g_string_append_c (out, '/');
        g_string_append (out, *part);
      }
  return g_string_free (out, FALSE);
}

/* The absolute path of a cell, refused where it leaves the manifest's folder. */
static char *
resolve (Manifest *self, guint row, const char *relative, GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autofree char *shown = NULL;
  char *path = NULL;

  if (g_ascii_isalpha (relative[0]) && relative[1] == ':')
    g_set_error (&inner, NMD_ERROR, NMD_ERROR_REFUSED, "“%s” is an absolute path",
                 relative);
  else
    {
      path = nmd_file_resolve_inside (self->scan->root, relative, &inner);
      if (path != NULL)
        return path;
    }
  shown = g_utf8_substring (relative, 0, MIN (g_utf8_strlen (relative, -1), 80));
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "%s, row %u: the path %s%s cannot be used: it leaves the folder of the "
               "manifest or is too long",
               self->path, nmd_csv_get_number (self->csv, row), shown,
               strlen (shown) < strlen (relative) ? "…" : "");
  return NULL;
}

static void
set_attributes (Manifest *self, guint row, NmdSample *sample)
{
  for (guint c = 0; c < nmd_csv_get_n_columns (self->csv); c++)
    {
      const char *cell = nmd_csv_get (self->csv, row, c);
      g_autofree char *name = NULL;

      if ((int)c == self->image || (int)c == self->mask || (int)c == self->subject
          || (int)c == self->label || (int)c == self->part || cell[0] == '\0')
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
  if (self->muscle >= 0 && nmd_csv_get (self->csv, row, self->muscle)[0] != '\0')
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
  if (nmd_csv_get (self->csv, row, self->subject)[0] == '\0')
    return "subject";
  if (nmd_csv_get (self->csv, row, self->label)[0] == '\0')
    return "label";
  return NULL;
}

static gboolean
add_row (Manifest *self, guint row, GError **error)
{
  NmdImportReport *report = self->scan->report;
  g_autofree char *id = tidy_path (nmd_csv_get (self->csv, row, self->image));
  g_autofree char *image_path = NULL, *mask = NULL, *mask_path = NULL;
  g_autoptr (NmdSample) sample = NULL;

  if (id[0] == '\0')
    {
      g_autofree char *name = g_path_get_basename (self->path);

      nmd_import_report_leave_out (report, name, "Row %u names no image",
                                   nmd_csv_get_number (self->csv, row));
      return TRUE;
    }
  image_path = resolve (self, row, id, error);
  if (image_path == NULL)
    return FALSE;
  if (self->mask >= 0)
    mask = tidy_path (nmd_csv_get (self->csv, row, self->mask));
  if (mask != NULL && mask[0] != '\0')
    {
      mask_path = resolve (self, row, mask, error);
      if (mask_path == NULL)
        return FALSE;
    }
  if (missing_cell (self, row) != NULL)
    {
      nmd_import_report_leave_out (report, id, "Row %u of the manifest has no %s",
                                   nmd_csv_get_number (self->csv, row),
                                   missing_cell (self, row));
      return TRUE;
    }
  if (g_hash_table_contains (self->seen, id))
    {
      nmd_import_report_leave_out (report, id,
                                   "It stands again in row %u of the manifest; the "
                                   "first row is taken",
                                   nmd_csv_get_number (self->csv, row));
      return TRUE;
    }
  sample = nmd_sample_new (id);
  g_hash_table_add (self->seen, g_strdup (id));
  sample->image_path = g_steal_pointer (&image_path);
  sample->mask_path = g_steal_pointer (&mask_path);
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
  return TRUE;
}

gboolean
nmd_listing_manifest (NmdListing *self,
                      const char *path,
                      const NmdImportSettings *settings,
                      GError **error)
{
  g_auto (Manifest) manifest = { .scan = self };

  manifest.path = g_strdup (path);
  manifest.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_free (self->root);
  self->root = g_path_get_dirname (path);
  self->report->kind = g_strdup ("manifest");
  manifest.csv = nmd_csv_load (path, error);
  if (manifest.csv == NULL || !find_columns (&manifest, settings, error))
    return FALSE;
  for (guint row = 0; row < nmd_csv_get_n_rows (manifest.csv); row++)
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
        || !add_row (&manifest, row, error))
      return FALSE;
  nmd_import_report_assume (self->report,
                            "Subjects are as the column “%s” of the manifest says",
                            nmd_csv_get_header (manifest.csv, manifest.subject));
  return TRUE;
}
