/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines over a scan. Where a point of the image lies in the widget is nmd-canvas's.
 */
#include "ui/widgets/nmd-scan-lines.h"

#include "ui/plot/nmd-overlay.h"

#include <math.h>
#include <string.h>

void
nmd_scan_lines_box_to_rect (const NmdCanvas *canvas,
                            const NmdBox *box,
                            graphene_rect_t *rect)
{
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  nmd_canvas_image_to_widget (canvas, box->x0, box->y0, &x0, &y0);
  nmd_canvas_image_to_widget (canvas, box->x1, box->y1, &x1, &y1);
  graphene_rect_init (rect, (float)MIN (x0, x1), (float)y0, (float)fabs (x1 - x0),
                      (float)(y1 - y0));
}

/* A width or a size on a small screen, on this one. */
static double
wide (const NmdCanvas *canvas, double width)
{
  return canvas->line > 0 ? canvas->line * width : width;
}

static void
stroke_twice (cairo_t *cr, const NmdCanvas *canvas, double red, double green, double blue)
{
  /* A dark edge under the coloured line keeps it visible on bright fascia. */
  cairo_set_source_rgba (cr, 0, 0, 0, 0.55);
  cairo_set_line_width (cr, wide (canvas, 3));
  cairo_stroke_preserve (cr);
  cairo_set_source_rgb (cr, red, green, blue);
  cairo_set_line_width (cr, wide (canvas, 1.4));
  cairo_stroke (cr);
}

/* The path of axis-parallel segments. */
static void
add_segments (cairo_t *cr, const NmdCanvas *canvas, const GArray *segments)
{
  const float *s = (const float *)segments->data;

  cairo_new_path (cr);
  for (guint i = 0; i + 3 < segments->len; i += 4)
    {
      double x = 0, y = 0;
      nmd_canvas_image_to_widget (canvas, s[i], s[i + 1], &x, &y);
      cairo_move_to (cr, x, y);
      nmd_canvas_image_to_widget (canvas, s[i + 2], s[i + 3], &x, &y);
      cairo_line_to (cr, x, y);
    }
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_SQUARE);
}

void
nmd_scan_lines_draw_lines (cairo_t *cr,
                           const NmdCanvas *canvas,
                           const GArray *segments,
                           guint index)
{
  /* Told apart without red and green. */
  static const double colours[][3]
      = { { NMD_OVERLAY_OUTLINE }, { 0.35, 0.8, 1 }, { 1, 0.55, 0.85 }, { 0.8, 0.7, 1 } };
  const double *colour = colours[index % G_N_ELEMENTS (colours)];

  add_segments (cr, canvas, segments);
  stroke_twice (cr, canvas, colour[0], colour[1], colour[2]);
}

void
nmd_scan_lines_draw_outline (cairo_t *cr,
                             const NmdCanvas *canvas,
                             NmdScan *scan,
                             double margin)
{
  if (scan->outline == NULL)
    return;
  nmd_scan_lines_draw_lines (cr, canvas, scan->outline, 0);

  NmdBox roi
      = nmd_box_widen (&scan->bounds, margin, scan->image->width, scan->image->height);
  graphene_rect_t rect;
  const double dashes[] = { wide (canvas, 5), wide (canvas, 4) };
  nmd_scan_lines_box_to_rect (canvas, &roi, &rect);
  cairo_rectangle (cr, floor (rect.origin.x) + 0.5, floor (rect.origin.y) + 0.5,
                   floor (rect.size.width), floor (rect.size.height));
  cairo_set_dash (cr, dashes, 2, 0);
  stroke_twice (cr, canvas, NMD_OVERLAY_BOX);
  cairo_set_dash (cr, NULL, 0, 0);
}

void
nmd_scan_lines_draw_proposal (cairo_t *cr,
                              const NmdCanvas *canvas,
                              const GArray *segments)
{
  add_segments (cr, canvas, segments);
  stroke_twice (cr, canvas, NMD_OVERLAY_PROPOSAL);
}

static void
draw_click (
    cairo_t *cr, const NmdCanvas *canvas, double x, double y, gboolean is_positive)
{
  const double arm = wide (canvas, 4);

  cairo_arc (cr, x, y, wide (canvas, 6.5), 0, 2 * G_PI);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.65);
  cairo_fill (cr);
  cairo_move_to (cr, x - arm, y);
  cairo_line_to (cr, x + arm, y);
  if (is_positive)
    {
      cairo_move_to (cr, x, y - arm);
      cairo_line_to (cr, x, y + arm);
    }
  cairo_set_source_rgb (cr, NMD_OVERLAY_PROPOSAL);
  cairo_set_line_width (cr, wide (canvas, 2));
  cairo_stroke (cr);
}

void
nmd_scan_lines_draw_prompts (cairo_t *cr,
                             const NmdCanvas *canvas,
                             const NmdPrompts *prompts)
{
  const double dashes[] = { wide (canvas, 3), wide (canvas, 3) };
  double x = 0, y = 0, x1 = 0, y1 = 0;

  if (prompts->has_box)
    {
      nmd_canvas_image_to_widget (canvas, prompts->x0, prompts->y0, &x, &y);
      nmd_canvas_image_to_widget (canvas, prompts->x1, prompts->y1, &x1, &y1);
      cairo_rectangle (cr, x, y, x1 - x, y1 - y);
      cairo_set_dash (cr, dashes, 2, 0);
      stroke_twice (cr, canvas, NMD_OVERLAY_PROPOSAL);
      cairo_set_dash (cr, NULL, 0, 0);
    }
  for (guint i = 0; i < prompts->n_clicks; i++)
    {
      nmd_canvas_image_to_widget (canvas, prompts->clicks[i].x, prompts->clicks[i].y, &x,
                                  &y);
      draw_click (cr, canvas, x, y, prompts->clicks[i].is_positive);
    }
}

#define LEGEND_MARGIN 8
#define LEGEND_LINE 22

void
nmd_scan_lines_draw_legend (cairo_t *cr,
                            PangoContext *context,
                            const char *outline,
                            const char *proposal)
{
  const char *const texts[2] = { outline, proposal };
  const double colours[2][3] = { { NMD_OVERLAY_OUTLINE }, { NMD_OVERLAY_PROPOSAL } };
  PangoLayout *layouts[2] = { NULL, NULL };
  int width = 0, height = 0;

  for (guint i = 0; i < 2; i++)
    if (texts[i] != NULL)
      {
        int w = 0, h = 0;
        layouts[i] = pango_layout_new (context);
        pango_layout_set_text (layouts[i], texts[i], -1);
        pango_layout_get_pixel_size (layouts[i], &w, &h);
        width = MAX (width, w);
        height += h + 2;
      }
  cairo_rectangle (cr, LEGEND_MARGIN, LEGEND_MARGIN, width + LEGEND_LINE + 20,
                   height + 8);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.65);
  cairo_fill (cr);
  double y = LEGEND_MARGIN + 4;
  for (guint i = 0; i < 2; i++)
    if (layouts[i] != NULL)
      {
        int h = 0;
        pango_layout_get_pixel_size (layouts[i], NULL, &h);
        cairo_move_to (cr, LEGEND_MARGIN + 7, y + h / 2.0);
        cairo_rel_line_to (cr, LEGEND_LINE - 6, 0);
        cairo_set_source_rgb (cr, colours[i][0], colours[i][1], colours[i][2]);
        cairo_set_line_width (cr, 2);
        cairo_stroke (cr);
        cairo_move_to (cr, LEGEND_MARGIN + 7 + LEGEND_LINE, y);
        cairo_set_source_rgb (cr, 1, 1, 1);
        pango_cairo_show_layout (cr, layouts[i]);
        y += h + 2;
        g_object_unref (layouts[i]);
      }
}

static void
go (cairo_t *cr, const NmdCanvas *canvas, const double *point, gboolean first)
{
  double x = 0, y = 0;

  nmd_canvas_image_to_widget (canvas, point[0], point[1], &x, &y);
  if (first)
    cairo_move_to (cr, x, y);
  else
    cairo_line_to (cr, x, y);
}

void
nmd_scan_lines_draw_path (cairo_t *cr,
                          const NmdCanvas *canvas,
                          const GArray *points,
                          const GArray *more,
                          const double *pointer,
                          gboolean closed)
{
  cairo_new_path (cr);
  for (guint i = 0; i + 1 < points->len; i += 2)
    go (cr, canvas, &g_array_index (points, double, i), i == 0);
  for (guint i = 0; more != NULL && i + 1 < more->len; i += 2)
    go (cr, canvas, &g_array_index (more, double, i), FALSE);
  if (pointer != NULL)
    go (cr, canvas, pointer, FALSE);
  if (closed)
    cairo_close_path (cr);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  stroke_twice (cr, canvas, 1, 0.47, 0);
}

void
nmd_scan_lines_draw_corners (cairo_t *cr,
                             const NmdCanvas *canvas,
                             const GArray *points,
                             int marked)
{
  for (guint i = 0; i + 1 < points->len; i += 2)
    {
      double x = 0, y = 0;
      nmd_canvas_image_to_widget (canvas, g_array_index (points, double, i),
                                  g_array_index (points, double, i + 1), &x, &y);
      const double half = floor (wide (canvas, 4)) - 0.5, side = 2 * half + 1;
      cairo_rectangle (cr, floor (x) - half, floor (y) - half, side, side);
      if ((int)(i / 2) == marked)
        cairo_set_source_rgb (cr, 1, 0.47, 0);
      else
        cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_fill_preserve (cr);
      cairo_set_source_rgba (cr, 0, 0, 0, 0.8);
      cairo_set_line_width (cr, wide (canvas, 1));
      cairo_stroke (cr);
    }
}

void
nmd_scan_lines_draw_area (cairo_t *cr,
                          const NmdCanvas *canvas,
                          const double from[2],
                          const double to[2],
                          gboolean is_ellipse)
{
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  nmd_canvas_image_to_widget (canvas, from[0], from[1], &x0, &y0);
  nmd_canvas_image_to_widget (canvas, to[0], to[1], &x1, &y1);
  cairo_new_path (cr);
  if (!is_ellipse)
    cairo_rectangle (cr, x0, y0, x1 - x0, y1 - y0);
  else if (x0 != x1 && y0 != y1)
    {
      cairo_save (cr);
      cairo_translate (cr, (x0 + x1) / 2, (y0 + y1) / 2);
      cairo_scale (cr, fabs (x1 - x0) / 2, fabs (y1 - y0) / 2);
      cairo_arc (cr, 0, 0, 1, 0, 2 * G_PI);
      cairo_restore (cr);
    }
  stroke_twice (cr, canvas, 1, 0.47, 0);
}

void
nmd_scan_lines_draw_circle (cairo_t *cr,
                            const NmdCanvas *canvas,
                            const double centre[2],
                            double radius)
{
  double x = 0, y = 0;

  nmd_canvas_image_to_widget (canvas, centre[0], centre[1], &x, &y);
  cairo_new_path (cr);
  cairo_arc (cr, x, y, radius * canvas->scale, 0, 2 * G_PI);
  stroke_twice (cr, canvas, 1, 1, 1);
}

#define CROSS_GAP 4
#define CROSS_ARM 15

void
nmd_scan_lines_draw_cross (cairo_t *cr, const NmdCanvas *canvas, double x, double y)
{
  const double gap = wide (canvas, CROSS_GAP), arm = wide (canvas, CROSS_ARM);
  double wx = 0, wy = 0;

  nmd_canvas_image_to_widget (canvas, x, y, &wx, &wy);
  cairo_new_path (cr);
  for (int turn = 0; turn < 4; turn++)
    {
      int dx = turn == 0   ? 1
               : turn == 2 ? -1
                           : 0,
          dy = turn == 1   ? 1
               : turn == 3 ? -1
                           : 0;
      cairo_move_to (cr, wx + gap * dx, wy + gap * dy);
      cairo_line_to (cr, wx + arm * dx, wy + arm * dy);
    }
  /* Bright between two dark edges: it is seen on fascia and on black. */
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.8);
  cairo_set_line_width (cr, wide (canvas, 5));
  cairo_stroke_preserve (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_set_line_width (cr, wide (canvas, 2));
  cairo_stroke (cr);
}

/* A short stroke across the end @at of the line from @other. */
static void
draw_calliper (cairo_t *cr,
               const NmdCanvas *canvas,
               const double at[2],
               const double other[2])
{
  const double half = wide (canvas, 7);
  double length = hypot (at[0] - other[0], at[1] - other[1]);
  double nx = length > 0 ? (other[1] - at[1]) / length * half : half;
  double ny = length > 0 ? (at[0] - other[0]) / length * half : 0;

  cairo_move_to (cr, at[0] - nx, at[1] - ny);
  cairo_line_to (cr, at[0] + nx, at[1] + ny);
}

/* Beside (@x, @y) and the keyboard's cross there, as large as the desktop's text. */
static void
draw_label (cairo_t *cr,
            const NmdCanvas *canvas,
            PangoContext *context,
            double x,
            double y,
            const char *label)
{
  PangoLayout *layout = pango_layout_new (context);
  PangoAttrList *attributes = pango_attr_list_new ();
  int width = 0, height = 0;

  pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_set_text (layout, label, -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  x += wide (canvas, CROSS_ARM) + 5;
  y -= height / 2.0;
  cairo_rectangle (cr, x - 3, y - 1, width + 6, height + 2);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.7);
  cairo_fill (cr);
  cairo_move_to (cr, x, y);
  cairo_set_source_rgb (cr, 0.55, 0.95, 0.75);
  pango_cairo_show_layout (cr, layout);
  g_object_unref (layout);
}

void
nmd_scan_lines_draw_measure (cairo_t *cr,
                             PangoContext *context,
                             const NmdCanvas *canvas,
                             const double *points,
                             guint n,
                             const char *label)
{
  double p[3][2] = { { 0 } };

  g_return_if_fail (n == 2 || n == 3);
  cairo_new_path (cr);
  for (guint i = 0; i < n; i++)
    {
      nmd_canvas_image_to_widget (canvas, points[2 * i], points[2 * i + 1], &p[i][0],
                                  &p[i][1]);
      if (i == 0)
        cairo_move_to (cr, p[i][0], p[i][1]);
      else
        cairo_line_to (cr, p[i][0], p[i][1]);
    }
  if (n == 2)
    {
      draw_calliper (cr, canvas, p[0], p[1]);
      draw_calliper (cr, canvas, p[1], p[0]);
    }
  stroke_twice (cr, canvas, 0.35, 0.9, 0.65);
  if (label != NULL)
    draw_label (cr, canvas, context, p[1][0], p[1][1], label);
}
