/* SPDX-License-Identifier: Apache-2.0
 *
 * Folds of a table as parts. Which images they name is nmd-split.c's.
 */
#include "engine/data/nmd-split-folds-private.h"

#include "engine/core/nmd-number.h"

gboolean
nmd_folds_has (const NmdCsv *csv)
{
  static const char *const parts[] = { "part", "split", "partition", "subset" };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (nmd_csv_find (csv, parts[i]) >= 0)
      return FALSE;
  return nmd_csv_find (csv, "fold") >= 0;
}

void
nmd_folds_clear (NmdFolds *self)
{
  g_clear_pointer (&self->numbers, g_array_unref);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

  return (x > y) - (x < y);
}

gboolean
nmd_folds_init (NmdFolds *self,
                const NmdCsv *csv,
                int column,
                int fold,
                const char *path,
                GError **error)
{
  g_autoptr (GArray) sorted = NULL;
  guint n = 0;

  self->numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint row = 0; row < nmd_csv_get_n_rows (csv); row++)
    {
      gint64 number;

      if (!nmd_number_parse_int (nmd_csv_get (csv, row, (guint)column), &number, error))
        {
          g_prefix_error (error, "%s, row %u: fold: ", path,
                          nmd_csv_get_number (csv, row));
          return FALSE;
        }
      g_array_append_val (self->numbers, number);
    }
  sorted = g_array_copy (self->numbers);
  g_array_sort (sorted, compare);
  for (guint i = 0; i < sorted->len; i++)
    if (i == 0
        || g_array_index (sorted, gint64, i) != g_array_index (sorted, gint64, n - 1))
      g_array_index (sorted, gint64, n++) = g_array_index (sorted, gint64, i);
  if (n < 3)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s has %u folds: at least 3 are needed", path, n);
      return FALSE;
    }
  if (fold < 0 || (guint)fold >= n)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s has %u folds, which count from 0: there is no fold %d", path, n,
                   fold);
      return FALSE;
    }
  self->test = g_array_index (sorted, gint64, fold);
  self->validation = g_array_index (sorted, gint64, ((guint)fold + 1) % n);
  return TRUE;
}

NmdPart
nmd_folds_get_part (const NmdFolds *self, guint row)
{
  const gint64 number = g_array_index (self->numbers, gint64, row);

  return number == self->test         ? NMD_PART_TEST
         : number == self->validation ? NMD_PART_VALIDATION
                                      : NMD_PART_TRAIN;
}
