/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines over a scan. Where a point of the image lies in the widget is nmd-canvas's.
 */
#include "ui/widgets/nmd-scan-lines.h"

#include <math.h>

void
nmd_scan_lines_box_to_rect (const NmdCanvas *canvas,
                            const NmdBox *box,
                            graphene_rect_t *rect)
{
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  nmd_canvas_image_to_widget (canvas, box->x0, box->y0, &x0, &y0);
  nmd_canvas_image_to_widget (canvas, box->x1, box->y1, &x1, &y1);
  graphene_rect_init (rect, (float)x0, (float)y0, (float)(x1 - x0), (float)(y1 - y0));
}

static void
stroke_twice (cairo_t *cr, double red, double green, double blue)
{
  /* A dark edge under the coloured line keeps it visible on bright fascia. */
  cairo_set_source_rgba (cr, 0, 0, 0, 0.55);
  cairo_set_line_width (cr, 3);
  cairo_stroke_preserve (cr);
  cairo_set_source_rgb (cr, red, green, blue);
  cairo_set_line_width (cr, 1.4);
  cairo_stroke (cr);
}

void
nmd_scan_lines_draw_outline (cairo_t *cr,
                             const NmdCanvas *canvas,
                             NmdScan *scan,
                             double margin)
{
  if (scan->outline == NULL)
    return;
  const float *s = (const float *)scan->outline->data;
  for (guint i = 0; i + 3 < scan->outline->len; i += 4)
    {
      double x = 0, y = 0;
      nmd_canvas_image_to_widget (canvas, s[i], s[i + 1], &x, &y);
      cairo_move_to (cr, x, y);
      nmd_canvas_image_to_widget (canvas, s[i + 2], s[i + 3], &x, &y);
      cairo_line_to (cr, x, y);
    }
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_SQUARE);
  stroke_twice (cr, 0.96, 0.83, 0.18);

  NmdBox roi
      = nmd_box_widen (&scan->bounds, margin, scan->image->width, scan->image->height);
  graphene_rect_t rect;
  const double dashes[] = { 5, 4 };
  nmd_scan_lines_box_to_rect (canvas, &roi, &rect);
  cairo_rectangle (cr, floor (rect.origin.x) + 0.5, floor (rect.origin.y) + 0.5,
                   floor (rect.size.width), floor (rect.size.height));
  cairo_set_dash (cr, dashes, 2, 0);
  stroke_twice (cr, 0.6, 0.76, 0.95);
  cairo_set_dash (cr, NULL, 0, 0);
}

void
nmd_scan_lines_draw_shape (cairo_t *cr,
                           const NmdCanvas *canvas,
                           const GArray *points,
                           gboolean is_box,
                           double pointer_x,
                           double pointer_y)
{
  double x = 0, y = 0;

  if (points->len < 2)
    return;
  const double *p = (const double *)points->data;
  nmd_canvas_image_to_widget (canvas, p[0], p[1], &x, &y);
  if (is_box)
    cairo_rectangle (cr, x, y, pointer_x - x, pointer_y - y);
  else
    {
      cairo_move_to (cr, x, y);
      for (guint i = 2; i + 1 < points->len; i += 2)
        {
          nmd_canvas_image_to_widget (canvas, p[i], p[i + 1], &x, &y);
          cairo_line_to (cr, x, y);
        }
      cairo_line_to (cr, pointer_x, pointer_y);
    }
  stroke_twice (cr, 1, 0.47, 0);
}
