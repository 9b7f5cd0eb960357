/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a visit, and the visit as text and as a table. The report is nmd-visit-report.c's.
 */
#include "config.h"

#include "ui/session/nmd-visit-texts.h"

#include "engine/core/nmd-csv.h"

#include <glib/gi18n.h>
#include <math.h>

/* Lines */

static double
get_cm (NmdVisitSession *visit)
{
  double cm = 0;

  g_object_get (nmd_visit_session_get_scan (visit), "cm-per-pixel", &cm, NULL);
  return cm;
}

static void
add_line (GArray *lines, const NmdVisitLine *line)
{
  g_array_append_vals (lines, line, 1);
}

/* The outlines of an image beside the first one. */
static void
add_others (GArray *lines, NmdVisitItem *item, const NmdScanMarks *marks, double cm)
{
  for (guint i = 1; marks != NULL && i < marks->outlines->len; i++)
    {
      const NmdNamedOutline *outline = g_ptr_array_index (marks->outlines, i);
      const NmdImage *mask = nmd_mask_history_get (outline->history);
      NmdVisitLine line = {
        .item = item, .marks = marks, .outline = outline->name, .echo = &outline->echo
      };
      NmdBox box = { 0 };
      if (outline->echo.n == 0 || !nmd_mask_get_bounds (mask, &box))
        continue;
      line.thickness = nmd_measure_thickness (mask);
      line.has_scale = nmd_measure_get_scale (item->scan->image, &box, cm, &line.scale);
      add_line (lines, &line);
    }
}

static void
add_item (GArray *lines, NmdVisitSession *visit, NmdVisitItem *item, double cm)
{
  const NmdScan *scan = item->scan;
  const NmdScanMarks *marks
      = scan != NULL ? nmd_scan_session_find_marks (nmd_visit_session_get_scan (visit),
                                                    scan->path, scan->page)
                     : NULL;
  const NmdNamedOutline *first = marks != NULL ? marks->outlines->pdata[0] : NULL;
  const gboolean has = scan != NULL && scan->echo.n > 0;
  NmdVisitLine line = { .item = item,
                        .marks = marks,
                        .outline = first != NULL ? first->name : _ ("Muscle"),
                        .is_muscle = TRUE,
                        .echo = has ? &scan->echo : NULL,
                        .thickness = has ? item->thickness : NAN };

  if (scan != NULL && scan->has_bounds)
    line.has_scale = nmd_measure_get_scale (scan->image, &scan->bounds, cm, &line.scale);
  add_line (lines, &line);
  add_others (lines, item, marks, cm);
}

GArray *
nmd_visit_list_lines (NmdVisitSession *visit)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (NmdVisitLine));

  g_return_val_if_fail (NMD_IS_VISIT_SESSION (visit), lines);
  GListModel *items = nmd_visit_session_get_items (visit);
  const double cm = get_cm (visit);
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (NmdVisitItem) item = g_list_model_get_item (items, i);
      add_item (lines, visit, item, cm); /* the list holds it */
    }
  return lines;
}

guint
nmd_visit_line_get_frame (const NmdVisitLine *line)
{
  const NmdScan *scan = line->item->scan;

  return scan != NULL && scan->dicom != NULL ? scan->page : 0;
}

char *
nmd_visit_line_get_measures (const NmdVisitLine *line, double cm)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; line->marks != NULL && i < line->marks->measures->len; i++)
    {
      const NmdMeasurement *measure
          = &g_array_index (line->marks->measures, NmdMeasurement, i);
      gboolean is_cm = FALSE;
      double value = nmd_measure_by_scale (line->item->scan->image, measure->points,
                                           measure->n, cm, &is_cm);
      if (i > 0)
        g_string_append (text, "; ");
      if (measure->n == 3)
        g_string_append_printf (text, _ ("angle %.1f°"), value);
      else if (is_cm)
        g_string_append_printf (text, _ ("callipers %.2f cm"), value);
      else
        g_string_append_printf (text, _ ("callipers %.1f px"), value);
    }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

char *
nmd_visit_line_get_name (const NmdVisitLine *line)
{
  const guint frame = nmd_visit_line_get_frame (line);
  g_autofree char *name = g_path_get_basename (line->item->path);

  /* Translators: a file's name and which of its frames was measured */
  return frame > 0 ? g_strdup_printf (_ ("%s, frame %u"), name, frame)
                   : g_steal_pointer (&name);
}

void
nmd_visit_keep_measures (NmdVisitSession *visit)
{
  g_return_if_fail (NMD_IS_VISIT_SESSION (visit));

  GListModel *items = nmd_visit_session_get_items (visit);
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (NmdVisitItem) item = g_list_model_get_item (items, i);
      if (item->scan != NULL)
        nmd_scan_session_keep_measures (nmd_visit_session_get_scan (visit),
                                        item->scan->path, item->scan->page);
    }
}

/* Text */

static void
append_line (GString *text, const NmdVisitLine *line)
{
  const NmdVisitItem *item = line->item;
  g_autofree char *name = nmd_visit_line_get_name (line);
  const NmdEchoIntensity *echo = line->echo;

  g_string_append_printf (text, "%s · %s · %s", name,
                          *item->muscle != '\0' ? item->muscle : _ ("muscle not stated"),
                          nmd_side_get_title (item->side));
  if (!line->is_muscle)
    g_string_append_printf (text, " · %s", line->outline);
  g_string_append (text, ": ");
  if (echo == NULL)
    {
      g_string_append (text, _ ("no outline"));
      g_string_append_c (text, '\n');
      return;
    }
  /* Translators: mean, SD and median of grey levels */
  g_string_append_printf (text, _ ("echo intensity %.1f ± %.1f, median %.1f"), echo->mean,
                          echo->sd, nmd_echo_intensity_median (echo));
  if (line->has_scale)
    /* Translators: area and thickness of an outline */
    g_string_append_printf (text, _ (", area %.2f cm², thickness %.2f cm"),
                            (double)echo->n * line->scale.cm_x * line->scale.cm_y,
                            line->thickness * line->scale.cm_y);
  else
    /* Translators: area and thickness of an outline in pixels */
    g_string_append_printf (text,
                            _ (", area %.0f px, thickness %.1f px (not calibrated)"),
                            (double)echo->n, line->thickness);
  g_string_append_c (text, '\n');
}

/* Callipers and angles of the image, once. */
static void
append_measures (GString *text, const NmdVisitLine *line, double cm)
{
  g_autofree char *measures
      = line->is_muscle ? nmd_visit_line_get_measures (line, cm) : NULL;
  g_autofree char *name = nmd_visit_line_get_name (line);

  if (measures != NULL)
    g_string_append_printf (text, "%s: %s\n", name, measures);
}

/* z of each image's muscle and side, each once. */
static void
append_z (NmdVisitSession *visit, GString *text)
{
  GListModel *items = nmd_visit_session_get_items (visit);
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const guint n = g_list_model_get_n_items (items);

  for (guint i = 0; nmd_visit_session_get_reference (visit) != NULL && i < n; i++)
    {
      g_autoptr (NmdVisitItem) item = g_list_model_get_item (items, i);
      char *key
          = g_strdup_printf ("%s %s", item->muscle, nmd_side_get_title (item->side));
      g_autofree char *z = nmd_visit_session_describe_z (visit, item);
      if (item->scan != NULL && item->scan->echo.n > 0
          && !g_hash_table_contains (seen, key))
        g_string_append_printf (text, "%s: %s\n", key, z);
      g_hash_table_add (seen, key);
    }
}

static void
append_rows (GString *text, GArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const NmdVisitRow *row = &g_array_index (rows, NmdVisitRow, i);
      double left = row->echo[NMD_SIDE_LEFT], right = row->echo[NMD_SIDE_RIGHT];
      if (isnan (left) || isnan (right))
        continue;
      /* Translators: a muscle; mean echo intensity left and right, numbers of images, difference */
      g_string_append_printf (
          text, _ ("%s: left %.1f (n %d), right %.1f (n %d), left − right %+.1f\n"),
          *row->muscle != '\0' ? row->muscle : _ ("muscle not stated"), left,
          row->n[NMD_SIDE_LEFT], right, row->n[NMD_SIDE_RIGHT], left - right);
    }
}

char *
nmd_visit_to_text (NmdVisitSession *visit)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (NMD_IS_VISIT_SESSION (visit), g_string_free (text, FALSE));

  g_autoptr (GArray) lines = nmd_visit_list_lines (visit);
  g_autoptr (GArray) rows = nmd_visit_summarise (nmd_visit_session_get_items (visit));
  const double cm = get_cm (visit);
  for (guint i = 0; i < lines->len; i++)
    append_line (text, &g_array_index (lines, NmdVisitLine, i));
  for (guint i = 0; i < lines->len; i++)
    append_measures (text, &g_array_index (lines, NmdVisitLine, i), cm);
  append_rows (text, rows);
  append_z (visit, text);
  /* Translators: the placeholder is the version */
  g_string_append_printf (
      text, _ ("NMD Assist %s, for research and teaching; not a medical device\n"),
      NMD_VERSION);
  return g_string_free (text, FALSE);
}

/* Table */

static double
find_z (const GArray *list, const NmdVisitItem *item)
{
  for (guint i = 0; i < list->len; i++)
    {
      const NmdVisitZ *z = &g_array_index (list, NmdVisitZ, i);
      if (g_str_equal (z->muscle, item->muscle) && z->side == item->side)
        return z->z;
    }
  return NAN;
}

static void
append_csv_row (GString *text, const NmdVisitLine *line, const GArray *list)
{
  static const char *const sides[NMD_N_SIDES] = { "", "left", "right" };
  g_autofree char *name = g_path_get_basename (line->item->path);
  const guint frame = nmd_visit_line_get_frame (line);
  const NmdEchoIntensity *echo = line->echo;
  const gboolean has = echo != NULL, is_cm = has && line->has_scale;
  const double values[] = {
    has ? echo->mean : NAN,
    has ? echo->sd : NAN,
    has ? nmd_echo_intensity_median (echo) : NAN,
    has ? (double)echo->n : NAN,
    is_cm ? (double)echo->n * line->scale.cm_x * line->scale.cm_y : NAN,
    line->thickness,
    is_cm ? line->thickness * line->scale.cm_y : NAN,
    has && line->is_muscle ? find_z (list, line->item) : NAN,
  };

  nmd_csv_append (text, name);
  nmd_csv_append_number (text, frame > 0 ? frame : NAN);
  nmd_csv_append (text, line->outline);
  nmd_csv_append (text, line->item->muscle);
  nmd_csv_append (text, sides[line->item->side]);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    nmd_csv_append_number (text, values[i]);
  nmd_csv_end_line (text);
}

char *
nmd_visit_to_csv (NmdVisitSession *visit)
{
  GString *text = g_string_new (
      "image,frame,outline,muscle,side,echo_intensity,sd,median,area_pixels,"
      "area_cm2,thickness_pixels,thickness_cm,z\n");

  g_return_val_if_fail (NMD_IS_VISIT_SESSION (visit), g_string_free (text, FALSE));

  g_autoptr (GArray) lines = nmd_visit_list_lines (visit);
  g_autoptr (GArray) list = nmd_visit_session_list_z (visit);
  for (guint i = 0; i < lines->len; i++)
    append_csv_row (text, &g_array_index (lines, NmdVisitLine, i), list);
  return g_string_free (text, FALSE);
}
