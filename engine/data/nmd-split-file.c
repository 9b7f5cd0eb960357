/* SPDX-License-Identifier: Apache-2.0
 *
 * A split as a table says it. Its images may be named as people's tables name them: with backslashes, by
 * absolute paths, without folder or ending, as long as one image of the data set is meant.
 */
#include "engine/data/nmd-split-folds-private.h"
#include "engine/data/nmd-split-private.h"

#include "engine/core/nmd-file.h"
#include "engine/data/import/nmd-table.h"

#include <string.h>

/* Names of the data set's images: as they are, without ending, without folder, without both. What two images
 * are called is no name of either. */
typedef struct
{
  GHashTable *ids;   /* borrowed id → index + 1 */
  GHashTable *names; /* name → index + 1, 0 for two */
} Index;

static void
index_clear (Index *self)
{
  g_clear_pointer (&self->ids, g_hash_table_unref);
  g_clear_pointer (&self->names, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Index, index_clear)

static void
add_name (Index *self, const char *name, guint i)
{
  gpointer known;

  if (g_hash_table_lookup_extended (self->names, name, NULL, &known)
      && GPOINTER_TO_UINT (known) != i + 1)
    g_hash_table_insert (self->names, g_strdup (name), NULL);
  else
    g_hash_table_insert (self->names, g_strdup (name), GUINT_TO_POINTER (i + 1));
}

static void
index_init (Index *self, NmdDataset *dataset)
{
  self->ids = g_hash_table_new (g_str_hash, g_str_equal);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      const char *id = nmd_dataset_get (dataset, i)->id;
      g_autofree char *bare = g_strdup (id);
      char *dot = strrchr (bare, '.'), *slash = strrchr (bare, '/');

      g_hash_table_insert (self->ids, (gpointer)id, GUINT_TO_POINTER (i + 1));
      add_name (self, slash != NULL ? slash + 1 : bare, i);
      if (dot == NULL || dot == bare || (slash != NULL && dot < slash + 2))
        continue;
      *dot = '\0';
      add_name (self, bare, i);
      add_name (self, slash != NULL ? slash + 1 : bare, i);
    }
}

/* Index + 1 of the image that @cell means; 0 without one, or if it may be two. */
static guint
index_find (const Index *self, const char *cell)
{
  g_autofree char *place = g_strdelimit (g_strdup (cell), "\\", '/');
  const char *rest = g_str_has_prefix (place, "./") ? place + 2 : place;
  const gboolean absolute = rest[0] == '/' || (rest[0] != '\0' && rest[1] == ':');
  gpointer found = g_hash_table_lookup (self->ids, rest);

  if (strlen (place) > NMD_FILE_MAX_PATH)
    return 0;
  while (found == NULL && absolute && (rest = strchr (rest, '/')) != NULL)
    found = g_hash_table_lookup (self->ids, ++rest);
  if (found == NULL && !absolute)
    found = g_hash_table_lookup (self->names, rest);
  return GPOINTER_TO_UINT (found);
}

/* Whether the import named @id as left out: then it is no surprise that it is missing. */
static gboolean
was_left_out (NmdDataset *dataset, const char *id)
{
  const NmdImportReport *report = nmd_dataset_get_report (dataset);

  for (guint i = 0; i < report->left_out->len; i++)
    if (strcmp (((NmdLeftOut *)report->left_out->pdata[i])->path, id) == 0)
      return TRUE;
  return FALSE;
}

/* The columns of images and parts. */
static gboolean
find_columns (const NmdCsv *csv, int *image, int *part, GError **error)
{
  static const char *const parts[] = { "part", "split", "partition", "subset" };

  *part = -1;
  *image = nmd_csv_find (csv, "image") < 0 && nmd_csv_find (csv, "id") >= 0
               ? nmd_csv_need (csv, "id", error)
               : nmd_csv_need (csv, "image", error);
  if (*image < 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (parts) && *part < 0; i++)
    if (nmd_csv_find (csv, parts[i]) >= 0)
      {
        *part = nmd_csv_need (csv, parts[i], error);
        return *part >= 0;
      }
  *part = nmd_csv_need (csv, nmd_folds_has (csv) ? "fold" : "part", error);
  return *part >= 0;
}

/* Puts image @i into @part, unless an earlier row has put it into another. */
static gboolean
put (NmdSplit *self,
     gboolean *named,
     guint i,
     NmdPart part,
     const char *id,
     const char *path,
     GError **error)
{
  if (named[i] && self->parts[i] != part)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s puts %s in both %s and %s",
                   path, id, nmd_part_get_name ((NmdPart)self->parts[i]),
                   nmd_part_get_name (part));
      return FALSE;
    }
  named[i] = TRUE;
  self->parts[i] = (guint8)part;
  return TRUE;
}

/* What the split keeps together, where a table's folds state it. */
static char *
describe_folds (const NmdFolds *folds, double share)
{
  char percent[G_ASCII_DTOSTR_BUF_SIZE];

  return share > 0 ? g_strdup_printf (
             "as the file says (fold %" G_GINT64_FORMAT
             " is tested, %s %% of the other subjects are validation)",
             folds->test, g_ascii_formatd (percent, sizeof percent, "%.3g", 100 * share))
                   : g_strdup_printf ("as the file says (fold %" G_GINT64_FORMAT
                                      " is tested, fold %" G_GINT64_FORMAT
                                      " is validation)",
                                      folds->test, folds->validation);
}

static gboolean
read_rows (NmdSplit *self,
           NmdDataset *dataset,
           const NmdCsv *csv,
           const char *path,
           int fold,
           const NmdParameters *parameters,
           GError **error)
{
  g_auto (Index) index = { NULL };
  g_auto (NmdFolds) folds = { 0 };
  const gboolean has_folds = nmd_folds_has (csv);
  const double share
      = parameters != NULL ? nmd_parameters_get (parameters, "validation-share") : 0;
  g_autofree gboolean *named = g_new0 (gboolean, MAX (self->n, 1));
  const char *unknown = NULL;
  guint n_unknown = 0;
  int image, part_column;

  if (!find_columns (csv, &image, &part_column, error)
      || (has_folds && !nmd_folds_init (&folds, csv, part_column, fold, path, error)))
    return FALSE;
  if (has_folds)
    {
      g_free (self->grouping);
      self->grouping = describe_folds (&folds, share);
    }
  index_init (&index, dataset);
  for (guint row = 0; row < nmd_csv_get_n_rows (csv); row++)
    {
      const char *id = nmd_csv_get (csv, row, (guint)image);
      const char *word = nmd_csv_get (csv, row, (guint)part_column);
      NmdPart part = NMD_PART_NONE;
      guint i = index_find (&index, id);

      if (has_folds)
        part = nmd_folds_get_part (&folds, row);
      else if (!nmd_csv_is_missing (word) && !nmd_part_parse (word, &part))
        {
          g_set_error (
              error, NMD_ERROR, NMD_ERROR_FORMAT,
              "%s, row %u: the part “%s” is not known; it can be train, validation or "
              "test",
              path, nmd_csv_get_number (csv, row), word);
          return FALSE;
        }
      if (i == 0 && !was_left_out (dataset, id))
        {
          unknown = unknown != NULL ? unknown : id;
          n_unknown++;
        }
      if (i > 0 && !put (self, named, i - 1, part, id, path, error))
        return FALSE;
    }
  if (n_unknown == 0)
    {
      if (has_folds && share > 0)
        nmd_split_draw_validation (self, dataset, parameters);
      return TRUE;
    }
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_FORMAT,
      "%s names %u %s that %s does not hold, or that may be two; the first is %s", path,
      n_unknown, n_unknown == 1 ? "image" : "images", nmd_dataset_get_title (dataset),
      unknown);
  return FALSE;
}

NmdSplit *
nmd_split_load (NmdDataset *dataset, const char *path, GError **error)
{
  return nmd_split_load_fold (dataset, path, 0, NULL, error);
}

NmdSplit *
nmd_split_load_fold (NmdDataset *dataset,
                     const char *path,
                     int fold,
                     const NmdParameters *parameters,
                     GError **error)
{
  g_autoptr (NmdSplit) self = NULL;
  g_autoptr (NmdCsv) csv = NULL;

  g_return_val_if_fail (NMD_IS_DATASET (dataset) && path != NULL, NULL);

  csv = nmd_table_load (path, FALSE, NULL, error);
  if (csv == NULL)
    return NULL;
  self = nmd_split_alloc (dataset, "file", "as the file says");
  self->source = g_canonicalize_filename (path, NULL);
  self->source_sha256 = nmd_file_sha256 (path, NULL, error);
  if (self->source_sha256 == NULL
      || !read_rows (self, dataset, csv, path, fold, parameters, error)
      || !nmd_split_finish (self, dataset, NMD_PART_TRAIN, error))
    return NULL;
  return g_steal_pointer (&self);
}
