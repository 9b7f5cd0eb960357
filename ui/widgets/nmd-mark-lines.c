/* SPDX-License-Identifier: Apache-2.0
 *
 * Outlines and measures of a scan as lines and labels.
 */
#include "ui/widgets/nmd-mark-lines.h"

#include "engine/image/nmd-measure.h"
#include "ui/widgets/nmd-scan-lines.h"

#include <glib/gi18n.h>

/* Length or angle, with its unit. */
static char *
measure_text (const NmdImage *image, const NmdMeasurement *measure, double cm)
{
  gboolean is_cm = FALSE;
  double value = nmd_measure_by_scale (image, measure->points, measure->n, cm, &is_cm);

  if (measure->n == 3)
    return g_strdup_printf ("%.1f°", value);
  /* Translators: a length in centimetres; in pixels */
  return is_cm ? g_strdup_printf (_ ("%.2f cm"), value)
               : g_strdup_printf (_ ("%.1f px"), value);
}

void
nmd_mark_lines_draw (cairo_t *cr,
                     PangoContext *context,
                     const NmdCanvas *canvas,
                     const NmdImage *image,
                     const NmdScanMarks *marks,
                     gboolean outlines,
                     double cm_per_pixel)
{
  g_return_if_fail (marks != NULL && image != NULL);
  for (guint i = 1; outlines && i < marks->outlines->len; i++)
    {
      const NmdNamedOutline *outline = g_ptr_array_index (marks->outlines, i);
      nmd_scan_lines_draw_lines (cr, canvas, outline->lines, i);
    }
  for (guint i = 0; i < marks->measures->len; i++)
    {
      const NmdMeasurement *measure = &g_array_index (marks->measures, NmdMeasurement, i);
      g_autofree char *text = measure_text (image, measure, cm_per_pixel);
      nmd_scan_lines_draw_measure (cr, context, canvas, measure->points, measure->n,
                                   text);
    }
}
