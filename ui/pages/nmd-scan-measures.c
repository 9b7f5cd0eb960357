/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures of a scan as lines of text. Measuring is the engine's.
 */
#include "ui/pages/nmd-scan-measures.h"

#include "engine/image/nmd-measure.h"

#include <glib/gi18n.h>

static void
append_outline (GString *text,
                const char *name,
                const NmdImage *image,
                const NmdImage *mask,
                gint64 n,
                double cm)
{
  double thickness = nmd_measure_thickness (mask);
  NmdBox box = { 0 };
  NmdRegion scale = { 0 };

  if (name != NULL)
    g_string_append_printf (text, "%s\n", name);
  if (nmd_mask_get_bounds (mask, &box) && nmd_measure_get_scale (image, &box, cm, &scale))
    g_string_append_printf (text, _ ("Area %.2f cm² · thickness %.2f cm\n"),
                            (double)n * scale.cm_x * scale.cm_y, thickness * scale.cm_y);
  else
    g_string_append_printf (text, _ ("Area %.0f px · thickness %.1f px\n"), (double)n,
                            thickness);
}

static void
append_measure (GString *text,
                const NmdImage *image,
                const NmdMeasurement *measure,
                double cm)
{
  gboolean is_cm = FALSE;
  double value = nmd_measure_by_scale (image, measure->points, measure->n, cm, &is_cm);

  if (measure->n == 3)
    g_string_append_printf (text, _ ("Angle %.1f°\n"), value);
  else if (is_cm)
    g_string_append_printf (text, _ ("Callipers %.2f cm\n"), value);
  else
    g_string_append_printf (text, _ ("Callipers %.1f px\n"), value);
}

char *
nmd_scan_measures_describe (NmdScan *scan, const NmdScanMarks *marks, double cm)
{
  GString *text = g_string_new (NULL);

  if (scan->echo.n > 0)
    {
      g_string_append_printf (text, _ ("Median %.1f\n"),
                              nmd_echo_intensity_median (&scan->echo));
      append_outline (text, NULL, scan->image, scan->mask, scan->echo.n, cm);
    }
  for (guint i = 1; marks != NULL && i < marks->outlines->len; i++)
    {
      const NmdNamedOutline *outline = g_ptr_array_index (marks->outlines, i);
      if (outline->echo.n == 0)
        continue;
      /* Translators: another outline's name, mean and SD of grey levels */
      g_autofree char *name = g_strdup_printf (_ ("%s: %.1f ± %.1f"), outline->name,
                                               outline->echo.mean, outline->echo.sd);
      append_outline (text, name, scan->image, nmd_mask_history_get (outline->history),
                      outline->echo.n, cm);
    }
  for (guint i = 0; marks != NULL && i < marks->measures->len; i++)
    append_measure (text, scan->image,
                    &g_array_index (marks->measures, NmdMeasurement, i), cm);
  if (scan->image->n_regions > 0 && text->len > 0)
    g_string_append (text, _ ("Centimetres by the DICOM file, within one of its "
                              "calibrated parts; pixels elsewhere"));
  else if (cm > 0 && text->len > 0)
    g_string_append (text, _ ("Centimetres by the two marks"));
  else if (text->len > 0)
    g_string_append (text, _ ("Not calibrated: lengths are in pixels"));
  return g_strchomp (g_string_free (text, FALSE));
}
