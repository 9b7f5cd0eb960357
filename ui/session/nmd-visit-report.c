/* SPDX-License-Identifier: Apache-2.0
 *
 * The report of a visit as a document. How it is drawn is ui/plot's.
 */
#include "config.h"

#include "ui/session/nmd-visit-texts.h"

#include <glib/gi18n.h>
#include <math.h>

/* With a minus as wide as a digit; %NULL, which a table shows as a dash, for NaN. */
static char *
number_new (double value, int digits)
{
  return isnan (value)
             ? NULL
             : g_strdup_printf ("%s%.*f", value < 0 ? "−" : "", digits, fabs (value));
}

/* Outlines */

static void
add_outline (NmdDocument *document, const NmdVisitLine *line)
{
  const NmdVisitItem *item = line->item;
  const NmdEchoIntensity *echo = line->echo;
  g_autofree char *name = nmd_visit_line_get_name (line);
  g_autofree char *mean = NULL, *median = NULL, *area = NULL, *thickness = NULL;

  if (echo != NULL)
    {
      const double cm2 = line->has_scale ? line->scale.cm_x * line->scale.cm_y : 1;
      mean = g_strdup_printf ("%.1f ± %.1f", echo->mean, echo->sd);
      median = number_new (nmd_echo_intensity_median (echo), 1);
      area = g_strdup_printf (line->has_scale ? _ ("%.2f cm²") : _ ("%.0f px"),
                              (double)echo->n * cm2);
      thickness
          = g_strdup_printf (line->has_scale ? _ ("%.2f cm") : _ ("%.1f px"),
                             line->thickness * (line->has_scale ? line->scale.cm_y : 1));
    }
  const char *cells[] = {
    name,
    *item->muscle != '\0' ? item->muscle : NULL,
    item->side != NMD_SIDE_UNKNOWN ? nmd_side_get_title (item->side) : NULL,
    line->outline,
    mean != NULL ? mean : _ ("no outline"),
    median,
    area,
    thickness,
  };
  nmd_document_add_row (document, cells);
}

static void
add_outlines (NmdDocument *document, const GArray *lines)
{
  /* Translators: heads of a table of a report, one row an outline of an image */
  const char *const head[]
      = { _ ("Image"),   _ ("Muscle"),         _ ("Side"),
          _ ("Outline"), _ ("Echo intensity"), C_ ("statistic", "Median"),
          _ ("Area"),    _ ("Thickness") };

  nmd_document_add_table (document, _ ("Outlines"), G_N_ELEMENTS (head), head);
  for (guint i = 0; i < lines->len; i++)
    add_outline (document, &g_array_index (lines, NmdVisitLine, i));
}

static void
add_measures (NmdDocument *document, const GArray *lines, double cm)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const NmdVisitLine *line = &g_array_index (lines, NmdVisitLine, i);
      g_autofree char *text
          = line->is_muscle ? nmd_visit_line_get_measures (line, cm) : NULL;
      g_autofree char *name = nmd_visit_line_get_name (line);
      if (text != NULL)
        nmd_document_add (document, NMD_BLOCK_ITEM, "%s: %s", name, text);
    }
}

/* Muscles */

static char *
average_new (const NmdVisitRow *row, NmdSide side)
{
  char *mean = number_new (row->echo[side], 1);

  if (row->n[side] < 2)
    return mean;
  char *counted = g_strdup_printf ("%s (%d)", mean, row->n[side]);
  g_free (mean);
  return counted;
}

static char *
z_new (const GArray *list, const NmdVisitRow *row, NmdSide side)
{
  for (guint i = 0; i < list->len; i++)
    {
      const NmdVisitZ *z = &g_array_index (list, NmdVisitZ, i);
      if (z->side == side && g_str_equal (z->muscle, row->muscle))
        return number_new (z->z, 1);
    }
  return NULL;
}

#define N_COLUMNS 7

/* The cells of a muscle; "" where there is no number. */
static GStrv
row_new (const GArray *list, const NmdVisitRow *row)
{
  char *cells[N_COLUMNS]
      = { g_strdup (*row->muscle != '\0' ? row->muscle : _ ("not stated")),
          average_new (row, NMD_SIDE_LEFT),
          average_new (row, NMD_SIDE_RIGHT),
          average_new (row, NMD_SIDE_UNKNOWN),
          number_new (row->echo[NMD_SIDE_LEFT] - row->echo[NMD_SIDE_RIGHT], 1),
          z_new (list, row, NMD_SIDE_LEFT),
          z_new (list, row, NMD_SIDE_RIGHT) };
  GStrv copy = g_new0 (char *, N_COLUMNS + 1);

  for (guint i = 0; i < N_COLUMNS; i++)
    copy[i] = cells[i] != NULL ? cells[i] : g_strdup ("");
  return copy;
}

/* Columns that say nothing are left out. */
static void
add_muscles (NmdDocument *document, NmdVisitSession *visit)
{
  g_autoptr (GArray) rows = nmd_visit_summarise (nmd_visit_session_get_items (visit));
  g_autoptr (GArray) list = nmd_visit_session_list_z (visit);
  /* Translators: heads of a table of a report, one row a muscle; L and R are left and right */
  const char *const heads[N_COLUMNS]
      = { _ ("Muscle"), _ ("Left"),   _ ("Right"),  _ ("No side"),
          _ ("L − R"),  _ ("z left"), _ ("z right") };
  const char *chosen[N_COLUMNS] = { heads[0] };
  gboolean is_used[N_COLUMNS] = { TRUE };
  guint n = 1;

  for (guint i = 0; i < rows->len; i++)
    {
      g_auto (GStrv) cells = row_new (list, &g_array_index (rows, NmdVisitRow, i));
      for (guint k = 1; k < N_COLUMNS; k++)
        is_used[k] |= *cells[k] != '\0';
    }
  for (guint k = 1; k < N_COLUMNS; k++)
    if (is_used[k])
      chosen[n++] = heads[k];
  if (rows->len == 0)
    return;
  nmd_document_add_table (
      document, _ ("Echo intensity by muscle: mean of its images (how many)"), n, chosen);
  for (guint i = 0; i < rows->len; i++)
    {
      g_auto (GStrv) cells = row_new (list, &g_array_index (rows, NmdVisitRow, i));
      n = 0;
      for (guint k = 0; k < N_COLUMNS; k++)
        if (is_used[k])
          chosen[n++] = *cells[k] != '\0' ? cells[k] : NULL;
      nmd_document_add_row (document, chosen);
    }
}

/* z of each muscle and side in words, or why there is none. */
static void
add_z (NmdDocument *document, NmdVisitSession *visit)
{
  GListModel *items = nmd_visit_session_get_items (visit);
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean any = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (NmdVisitItem) item = g_list_model_get_item (items, i);
      g_autofree char *key = g_strdup_printf (
          "%s %s", *item->muscle != '\0' ? item->muscle : _ ("muscle not stated"),
          nmd_side_get_title (item->side));
      if (item->scan == NULL || item->scan->echo.n == 0
          || nmd_visit_session_get_reference (visit) == NULL
          || g_hash_table_contains (seen, key))
        continue;
      g_autofree char *z = nmd_visit_session_describe_z (visit, item);
      nmd_document_add (document, NMD_BLOCK_ITEM, "%s: %s", key, z);
      g_hash_table_add (seen, g_steal_pointer (&key));
      any = TRUE;
    }
  if (!any)
    nmd_document_add (document, NMD_BLOCK_TEXT, "%s", _ ("No z: no reference is open"));
}

/* Settings */

static void
add_settings (NmdDocument *document, const GArray *lines, double cm)
{
  gboolean by_file = FALSE, by_marks = FALSE, unknown = FALSE;

  for (guint i = 0; i < lines->len; i++)
    {
      const NmdVisitLine *line = &g_array_index (lines, NmdVisitLine, i);
      if (line->echo == NULL)
        continue;
      by_file |= line->has_scale && line->item->scan->image->n_regions > 0;
      by_marks |= line->has_scale && line->item->scan->image->n_regions == 0;
      unknown |= !line->has_scale;
    }
  nmd_document_add (document, NMD_BLOCK_TEXT, "%s",
                    _ ("Echo intensity: mean ± SD of the grey levels from 0 to 255 "
                       "inside the outline of the untouched image. It holds for one "
                       "device and its settings."));
  if (by_file)
    nmd_document_add (document, NMD_BLOCK_TEXT, "%s",
                      _ ("Centimetres: by the calibration in the DICOM files."));
  if (by_marks)
    /* Translators: by two clicks on the picture's depth scale */
    nmd_document_add (document, NMD_BLOCK_TEXT,
                      _ ("Centimetres: by two marks on the depth scale, %.4f cm a "
                         "pixel."),
                      cm);
  if (unknown)
    nmd_document_add (document, NMD_BLOCK_TEXT, "%s",
                      _ ("Lengths in pixels (px) are not calibrated."));
}

NmdDocument *
nmd_visit_report_new (NmdVisitSession *visit, const char *title)
{
  g_return_val_if_fail (NMD_IS_VISIT_SESSION (visit) && title != NULL, NULL);

  NmdDocument *document = nmd_document_new ();
  g_autoptr (GArray) lines = nmd_visit_list_lines (visit);
  double cm = 0;
  g_object_get (nmd_visit_session_get_scan (visit), "cm-per-pixel", &cm, NULL);
  nmd_document_add (document, NMD_BLOCK_TITLE, "%s", title);
  nmd_document_add_figure (document, "scan", "");
  add_outlines (document, lines);
  add_measures (document, lines, cm);
  add_muscles (document, visit);
  add_z (document, visit);
  add_settings (document, lines, cm);
  return document;
}
