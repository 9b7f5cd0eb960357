/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of proposed outlines: filling it, as text and back. Means and intervals are
 * nmd-outline-results.c's.
 */
#include "engine/eval/nmd-outline-table.h"

#include "engine/core/nmd-number.h"

#include <math.h>

struct _NmdOutlineTable
{
  gatomicrefcount references;
  GArray *rows;       /* NmdOutlineRow */
  GStringChunk *text; /* each name once */
};

NmdOutlineTable *
nmd_outline_table_new (void)
{
  NmdOutlineTable *self = g_new0 (NmdOutlineTable, 1);

  g_atomic_ref_count_init (&self->references);
  self->rows = g_array_new (FALSE, FALSE, sizeof (NmdOutlineRow));
  self->text = g_string_chunk_new (4096);
  return self;
}

NmdOutlineTable *
nmd_outline_table_ref (NmdOutlineTable *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
nmd_outline_table_unref (NmdOutlineTable *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_array_unref (self->rows);
  g_string_chunk_free (self->text);
  g_free (self);
}

void
nmd_outline_table_add (NmdOutlineTable *self, const NmdOutlineRow *row)
{
  NmdOutlineRow copy;

  g_return_if_fail (self != NULL && row != NULL);

  copy = *row;
  copy.image
      = g_string_chunk_insert_const (self->text, row->image != NULL ? row->image : "");
  copy.subject = g_string_chunk_insert_const (self->text,
                                              row->subject != NULL ? row->subject : "");
  copy.part
      = g_string_chunk_insert_const (self->text, row->part != NULL ? row->part : "");
  g_array_append_val (self->rows, copy);
}

guint
nmd_outline_table_get_n (const NmdOutlineTable *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->rows->len;
}

const NmdOutlineRow *
nmd_outline_table_get (const NmdOutlineTable *self, guint i)
{
  g_return_val_if_fail (self != NULL && i < self->rows->len, NULL);

  return &g_array_index (self->rows, NmdOutlineRow, i);
}

/* Text */

enum
{
  DICE,
  IOU,
  HD95,
  MSD,
  AREA,
  AREA_REFERENCE,
  ECHO,
  ECHO_REFERENCE,
  CONFIDENCE,
  WARNINGS,
  N_NUMBERS,
};

static const char *const texts[] = { "image", "subject", "part" };

/* The numbers of a row and what each may be. */
static const struct
{
  const char *name;
  double most;
  gboolean may_be_empty, is_whole;
} numbers[N_NUMBERS] = {
  { "dice", 1 },
  { "iou", 1 },
  { "hd95", INFINITY },
  { "msd", INFINITY },
  { "area", NMD_IMAGE_MAX_PIXELS, FALSE, TRUE },
  { "area_reference", NMD_IMAGE_MAX_PIXELS, FALSE, TRUE },
  { "echo_intensity", 255, TRUE },
  { "echo_intensity_reference", 255, TRUE },
  { "confidence", 1, TRUE },
  { "warnings", 255, FALSE, TRUE },
};

char *
nmd_outline_table_to_csv (const NmdOutlineTable *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    nmd_csv_append (text, texts[i]);
  for (guint i = 0; i < N_NUMBERS; i++)
    nmd_csv_append (text, numbers[i].name);
  nmd_csv_end_line (text);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const NmdOutlineRow *row = nmd_outline_table_get (self, i);
      const NmdOutlineMeasures *measures = &row->measures;

      nmd_csv_append (text, row->image);
      nmd_csv_append (text, row->subject);
      nmd_csv_append (text, row->part);
      nmd_csv_append_number (text, measures->dice);
      nmd_csv_append_number (text, measures->iou);
      nmd_csv_append_number (text, measures->hd95);
      nmd_csv_append_number (text, measures->msd);
      nmd_csv_append_number (text, (double)measures->area);
      nmd_csv_append_number (text, (double)measures->area_reference);
      nmd_csv_append_number (text, measures->echo);
      nmd_csv_append_number (text, measures->echo_reference);
      nmd_csv_append_number (text, row->confidence);
      nmd_csv_append_number (text, row->warnings);
      nmd_csv_end_line (text);
    }
  return g_string_free (text, FALSE);
}

static gboolean
read_number (const char *cell, guint which, double *value, GError **error)
{
  *value = NAN;
  if (*cell == '\0' && numbers[which].may_be_empty)
    return TRUE;
  if (nmd_number_parse (cell, value, NULL) && *value >= 0 && *value <= numbers[which].most
      && isfinite (*value) && (!numbers[which].is_whole || *value == floor (*value)))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is “%s”, which it cannot be",
               numbers[which].name, cell);
  return FALSE;
}

static gboolean
read_row (
    const NmdCsv *csv, guint row, const int *columns, NmdOutlineRow *out, GError **error)
{
  double values[N_NUMBERS];

  for (guint i = 0; i < N_NUMBERS; i++)
    if (!read_number (nmd_csv_get (csv, row, (guint)columns[3 + i]), i, &values[i],
                      error))
      return FALSE;
  *out = (NmdOutlineRow){
    .image = nmd_csv_get (csv, row, (guint)columns[0]),
    .subject = nmd_csv_get (csv, row, (guint)columns[1]),
    .part = nmd_csv_get (csv, row, (guint)columns[2]),
    .measures = { .dice = values[DICE],
                  .iou = values[IOU],
                  .hd95 = values[HD95],
                  .msd = values[MSD],
                  .area = (gint64)values[AREA],
                  .area_reference = (gint64)values[AREA_REFERENCE],
                  .echo = values[ECHO],
                  .echo_reference = values[ECHO_REFERENCE],
                  .is_failure = values[DICE] < NMD_FAILURE_DICE },
    .confidence = values[CONFIDENCE],
    .warnings = (guint)values[WARNINGS],
  };
  return TRUE;
}

NmdOutlineTable *
nmd_outline_table_from_csv (const NmdCsv *csv,
                            const char *path,
                            const char *part,
                            GError **error)
{
  g_autoptr (NmdOutlineTable) self = nmd_outline_table_new ();
  int columns[G_N_ELEMENTS (texts) + N_NUMBERS];

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      const char *name
          = i < G_N_ELEMENTS (texts) ? texts[i] : numbers[i - G_N_ELEMENTS (texts)].name;

      if ((columns[i] = nmd_csv_need (csv, name, error)) < 0)
        return NULL;
    }
  for (guint i = 0; i < nmd_csv_get_n_rows (csv); i++)
    {
      NmdOutlineRow row;

      if (!read_row (csv, i, columns, &row, error))
        {
          g_prefix_error (error, "%s, row %u: ", path, nmd_csv_get_number (csv, i));
          return NULL;
        }
      if (part == NULL || g_str_equal (part, row.part))
        nmd_outline_table_add (self, &row);
    }
  return g_steal_pointer (&self);
}
