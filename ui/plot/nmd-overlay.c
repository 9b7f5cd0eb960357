/* SPDX-License-Identifier: Apache-2.0
 *
 * Scans with their map, outline and boxes; thumbnails; the colour bar.
 */
#include "config.h"

#include "ui/plot/nmd-overlay.h"
#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

#include <string.h>

/* Lines on a scan do not follow the theme: they have to show on black and on white, and
 * apart from the map's colours. */
static const NmdRgba outline_colour = { NMD_OVERLAY_OUTLINE, 1 };
static const NmdRgba box_colour = { NMD_OVERLAY_BOX, 1 };
static const NmdRgba shape_colour = { 1, 0.85, 0.2, 1 };
static const NmdRgba plate_colour = { 0, 0, 0, 0.62 };
static const NmdRgba sign_colour = { 1, 0.9, 0.35, 1 };

typedef struct
{
  double scale; /* user units a pixel */
  double x, y;  /* of the image's corner */
} View;

static gboolean
get_view (const NmdOverlay *overlay, const NmdRect *rect, View *view)
{
  const NmdImage *image = overlay->image;
  double zoom = overlay->zoom > 0 ? overlay->zoom : 1, centre_x, centre_y;

  if (image == NULL || !(rect->width > 0 && rect->height > 0))
    return FALSE;
  view->scale = MIN (rect->width / image->width, rect->height / image->height) * zoom;
  centre_x = isfinite (overlay->centre_x) ? overlay->centre_x : image->width / 2.0;
  centre_y = isfinite (overlay->centre_y) ? overlay->centre_y : image->height / 2.0;
  view->x = rect->x + rect->width / 2 - centre_x * view->scale;
  view->y = rect->y + rect->height / 2 - centre_y * view->scale;
  return TRUE;
}

NmdRect
nmd_overlay_get_frame (const NmdOverlay *overlay, const NmdRect *rect)
{
  NmdRect frame = { rect->x, rect->y, 0, 0 };
  View view;

  g_return_val_if_fail (overlay != NULL && rect != NULL, frame);
  if (!get_view (overlay, rect, &view))
    return frame;
  frame.x = MAX (view.x, rect->x);
  frame.y = MAX (view.y, rect->y);
  frame.width = MAX (
      MIN (view.x + overlay->image->width * view.scale, rect->x + rect->width) - frame.x,
      0);
  frame.height
      = MAX (MIN (view.y + overlay->image->height * view.scale, rect->y + rect->height)
                 - frame.y,
             0);
  return frame;
}

gboolean
nmd_overlay_to_image (const NmdOverlay *overlay,
                      const NmdRect *rect,
                      double x,
                      double y,
                      double *ix,
                      double *iy)
{
  double px, py;
  View view;

  g_return_val_if_fail (overlay != NULL && rect != NULL, FALSE);
  if (!get_view (overlay, rect, &view))
    return FALSE;
  px = (x - view.x) / view.scale;
  py = (y - view.y) / view.scale;
  *ix = CLAMP (px, 0, overlay->image->width);
  *iy = CLAMP (py, 0, overlay->image->height);
  return px >= 0 && py >= 0 && px < overlay->image->width && py < overlay->image->height;
}

gboolean
nmd_overlay_from_image (const NmdOverlay *overlay,
                        const NmdRect *rect,
                        double ix,
                        double iy,
                        double *x,
                        double *y)
{
  View view;

  g_return_val_if_fail (overlay != NULL && rect != NULL, FALSE);
  if (!get_view (overlay, rect, &view))
    return FALSE;
  *x = view.x + ix * view.scale;
  *y = view.y + iy * view.scale;
  return TRUE;
}

/* ---- Pixels */

/* The image under window and level, each pixel the mean of @factor × @factor: for views
 * that shrink it, Cairo would otherwise skip pixels or spend its time on them. */
static cairo_surface_t *
make_grey_surface (const NmdImage *image, double black, double white, int factor)
{
  int width = (image->width + factor - 1) / factor,
      height = (image->height + factor - 1) / factor;
  cairo_surface_t *surface
      = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  guint8 *pixels = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  guint32 table[256];

  if (pixels == NULL)
    return surface;
  for (int v = 0; v < 256; v++)
    {
      double shown = white > black ? (v - black) / (white - black) : v >= white;
      guint32 grey = (guint32)(CLAMP (shown, 0, 1) * 255 + 0.5);

      table[v] = grey << 16 | grey << 8 | grey;
    }
  for (int y = 0; y < height; y++)
    {
      guint32 *line = (guint32 *)(void *)(pixels + (gsize)y * (gsize)stride);

      for (int x = 0; x < width; x++)
        {
          int x1 = MIN ((x + 1) * factor, image->width),
              y1 = MIN ((y + 1) * factor, image->height);
          guint sum = 0, n = 0;

          for (int v = y * factor; v < y1; v++)
            for (int u = x * factor; u < x1; u++, n++)
              sum += image->pixels[(gsize)v * (gsize)image->width + (gsize)u];
          line[x] = table[(sum + n / 2) / n];
        }
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

/* Fills the current clip with @surface stretched over @width × @height at (@x, @y). */
static void
paint_surface (cairo_t *cr,
               cairo_surface_t *surface,
               double x,
               double y,
               double width,
               double height,
               gboolean smooth)
{
  cairo_save (cr);
  cairo_rectangle (cr, x, y, width, height);
  cairo_clip (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, width / cairo_image_surface_get_width (surface),
               height / cairo_image_surface_get_height (surface));
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr),
                            smooth ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_paint (cr);
  cairo_restore (cr);
}

static void
paint_image (cairo_t *cr, const NmdOverlay *overlay, const View *view)
{
  const NmdImage *image = overlay->image;
  double device_x = 1, device_y = 1;
  cairo_surface_t *surface;
  int factor;

  cairo_surface_get_device_scale (cairo_get_target (cr), &device_x, &device_y);
  /* Two pixels a unit are kept: a widget's recording does not know the screen's scale. */
  factor = CLAMP ((int)(0.5 / (view->scale * MAX (device_x, 1e-3))), 1, 64);
  surface = make_grey_surface (image, overlay->black, overlay->white, factor);
  paint_surface (cr, surface, view->x, view->y, image->width * view->scale,
                 image->height * view->scale, overlay->smooth || view->scale < 1);
  cairo_surface_destroy (surface);
}

static void
paint_map (cairo_t *cr, const NmdOverlay *overlay, const View *view)
{
  const NmdMap *map = overlay->map;
  int width = map->box.x1 - map->box.x0, height = map->box.y1 - map->box.y0;
  cairo_surface_t *surface
      = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  guint8 *pixels = cairo_image_surface_get_data (surface);
  guint alpha = (guint)(CLAMP (overlay->opacity, 0, 1) * 255 + 0.5);
  guint32 table[256];

  if (pixels == NULL)
    {
      cairo_surface_destroy (surface);
      return;
    }
  for (int v = 0; v < 256; v++)
    {
      guint8 rgb[3];

      nmd_colour (overlay->colours, v / 255.0, rgb);
      table[v] = alpha << 24 | (rgb[0] * alpha / 255) << 16 | (rgb[1] * alpha / 255) << 8
                 | rgb[2] * alpha / 255;
    }
  for (int y = 0; y < height; y++)
    {
      guint32 *line
          = (guint32 *)(void *)(pixels
                                + (gsize)y
                                      * (gsize)cairo_image_surface_get_stride (surface));

      for (int x = 0; x < width; x++)
        {
          double v = (double)map->values[(gsize)y * (gsize)width + (gsize)x];

          line[x] = table[v > 0 ? (int)(MIN (v, 1) * 255 + 0.5) : 0];
        }
    }
  cairo_surface_mark_dirty (surface);
  paint_surface (cr, surface, view->x + map->box.x0 * view->scale,
                 view->y + map->box.y0 * view->scale, width * view->scale,
                 height * view->scale, TRUE);
  cairo_surface_destroy (surface);
}

/* ---- Lines */

static void
stroke_with_halo (cairo_t *cr, const NmdRgba *colour, double width, gboolean dashed)
{
  NmdRgba halo = { 0, 0, 0, 0.55 };

  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, width + 1.8);
  nmd_rgba_set (cr, &halo);
  cairo_stroke_preserve (cr);
  if (dashed)
    cairo_set_dash (cr, (double[]){ 6, 5 }, 2, 0);
  cairo_set_line_width (cr, width);
  nmd_rgba_set (cr, colour);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

/* Which corners of the cell between four pixel centres are set: bit 0 top left, 1 top
 * right, 2 bottom right, 3 bottom left. Outside the image nothing is set, so a mask that
 * touches the frame is closed along it. */
static int
cell_case (const NmdImage *mask, int x, int y)
{
  int width = mask->width, height = mask->height;
  const guint8 *upper = mask->pixels + (gsize)MAX (y, 0) * (gsize)width;
  const guint8 *lower = mask->pixels + (gsize)MIN (y + 1, height - 1) * (gsize)width;

  return (y >= 0 && x >= 0 && upper[x]) | (y >= 0 && x + 1 < width && upper[x + 1]) << 1
         | (y + 1 < height && x + 1 < width && lower[x + 1]) << 2
         | (y + 1 < height && x >= 0 && lower[x]) << 3;
}

/* Per case up to two lines, each from one side of the cell to another, what is set on the
 * left hand: 0 top, 1 right, 2 bottom, 3 left. */
static const gint8 cell_lines[16][4]
    = { { -1, -1, -1, -1 }, { 3, 0, -1, -1 }, { 0, 1, -1, -1 }, { 3, 1, -1, -1 },
        { 1, 2, -1, -1 },   { 3, 0, 1, 2 },   { 0, 2, -1, -1 }, { 3, 2, -1, -1 },
        { 2, 3, -1, -1 },   { 2, 0, -1, -1 }, { 0, 1, 2, 3 },   { 2, 1, -1, -1 },
        { 1, 3, -1, -1 },   { 1, 0, -1, -1 }, { 0, 3, -1, -1 }, { -1, -1, -1, -1 } };

/* Follows one closed contour from line @i of cell (@x, @y), marking lines in @seen.
 * Points on a straight run are left out: strokes cost by the point. */
static void
follow_contour (cairo_t *cr,
                const NmdImage *mask,
                const View *view,
                guint8 *seen,
                int x,
                int y,
                int i)
{
  static const double at[4][2] = { { 0.5, 0 }, { 1, 0.5 }, { 0.5, 1 }, { 0, 0.5 } };
  static const int step[4][2] = { { 0, -1 }, { 1, 0 }, { 0, 1 }, { -1, 0 } };
  gsize stride = (gsize)mask->width + 1;
  int from_before = -1, to_before = -1;

  for (;;)
    {
      guint8 *mark = &seen[(gsize)(y + 1) * stride + (gsize)(x + 1)];
      const gint8 *lines = cell_lines[cell_case (mask, x, y)];
      int from = lines[2 * i], to = lines[2 * i + 1];

      if (*mark & (1 << i))
        break;
      *mark |= (guint8)(1 << i);
      if (from != from_before || to != to_before)
        cairo_line_to (cr, view->x + (x + 0.5 + at[from][0]) * view->scale,
                       view->y + (y + 0.5 + at[from][1]) * view->scale);
      from_before = from, to_before = to;
      x += step[to][0], y += step[to][1];
      lines = cell_lines[cell_case (mask, x, y)];
      i = lines[0] == (to + 2) % 4 ? 0 : 1; /* enters where it left */
    }
  cairo_close_path (cr);
}

/* Marching squares over pixel centres: through the middle between a set and an unset
 * neighbour. */
static void
trace_outline (cairo_t *cr, const NmdImage *mask, const View *view)
{
  g_autofree guint8 *seen
      = g_new0 (guint8, ((gsize)mask->width + 1) * ((gsize)mask->height + 1));

  for (int y = -1; y < mask->height; y++)
    for (int x = -1; x < mask->width; x++)
      {
        int which = cell_case (mask, x, y);

        for (int i = 0; i < 2 && cell_lines[which][2 * i] >= 0; i++)
          if (!(seen[(gsize)(y + 1) * ((gsize)mask->width + 1) + (gsize)(x + 1)]
                & (1 << i)))
            {
              cairo_new_sub_path (cr);
              follow_contour (cr, mask, view, seen, x, y, i);
            }
      }
}

static void
draw_shape (cairo_t *cr, const NmdOverlay *overlay, const View *view)
{
  cairo_new_path (cr);
  for (gsize i = 0; i < overlay->n_shape; i++)
    cairo_line_to (cr, view->x + overlay->shape[2 * i] * view->scale,
                   view->y + overlay->shape[2 * i + 1] * view->scale);
  if (overlay->shape_closed)
    cairo_close_path (cr);
  stroke_with_halo (cr, &shape_colour, 1.75, FALSE);
  for (gsize i = 0; i < overlay->n_shape; i++)
    {
      cairo_arc (cr, view->x + overlay->shape[2 * i] * view->scale,
                 view->y + overlay->shape[2 * i + 1] * view->scale, 3.5, 0, 2 * G_PI);
      stroke_with_halo (cr, &shape_colour, 1.5, FALSE);
    }
}

/* Words on a dark plate, readable on any pixel; broken into two lines where they are
 * long. (@x, @y) is the point of the plate that the alignments name. */
static void
draw_sign (cairo_t *cr,
           const NmdPlotStyle *style,
           const char *text,
           double x,
           double y,
           double x_align,
           double y_align,
           double max_width)
{
  double pad = style->font_size * 0.35, width, height;
  NmdTextAttributes at = { .bold = TRUE };

  if (max_width < style->font_size * 3)
    return;
  nmd_text_measure (style, text, &at, &width, &height);
  if (width > max_width - 2 * pad)
    {
      at = (NmdTextAttributes){
        .bold = TRUE, .wrap = TRUE, .max_lines = 2, .max_width = max_width - 2 * pad
      };
      width = at.max_width;
      nmd_text_measure (style, text, &at, NULL, &height);
    }
  x -= x_align * (width + 2 * pad);
  y -= y_align * (height + pad);
  nmd_rgba_set (cr, &plate_colour);
  cairo_rectangle (cr, x, y, width + 2 * pad, height + pad);
  cairo_fill (cr);
  nmd_text_draw (cr, style, text, &at, &sign_colour, x + pad, y + pad / 2);
}

static void
draw_signs (cairo_t *cr,
            const NmdOverlay *overlay,
            const NmdRect *rect,
            const NmdPlotStyle *style)
{
  NmdRect frame = nmd_overlay_get_frame (overlay, rect);
  double gap = style->font_size * 0.5, right = frame.x + frame.width - gap;
  double bottom = frame.y + frame.height - gap;

  if (overlay->synthetic)
    draw_sign (cr, style, _ ("SYNTHETIC"), right,
               overlay->not_meaningful != NULL ? bottom : frame.y + gap, 1,
               overlay->not_meaningful != NULL, frame.width - 2 * gap);
  if (overlay->not_meaningful != NULL)
    draw_sign (cr, style, overlay->not_meaningful, frame.x + frame.width / 2,
               frame.y + gap, 0.5, 0, frame.width - 2 * gap);
  if (overlay->map != NULL && overlay->map->no_positive_evidence)
    draw_sign (cr, style, _ ("no positive evidence for this class"),
               frame.x + frame.width / 2, frame.y + frame.height / 2, 0.5, 0.5,
               frame.width - 2 * gap);
}

void
nmd_overlay_draw (cairo_t *cr,
                  const NmdOverlay *overlay,
                  const NmdRect *rect,
                  const NmdPlotStyle *style)
{
  const NmdBox *box;
  View view;

  g_return_if_fail (cr != NULL && overlay != NULL && rect != NULL && style != NULL);
  if (!nmd_plot_begin (cr, rect, style))
    return;
  if (!get_view (overlay, rect, &view))
    {
      nmd_plot_empty (cr, rect, style, NULL,
                      overlay->empty != NULL ? overlay->empty : _ ("No image"));
      nmd_plot_end (cr);
      return;
    }
  paint_image (cr, overlay, &view);
  if (overlay->map != NULL && !overlay->map->no_positive_evidence)
    paint_map (cr, overlay, &view);
  box = overlay->box != NULL   ? overlay->box
        : overlay->map != NULL ? &overlay->map->box
                               : NULL;
  if (overlay->show_box && box != NULL)
    {
      cairo_rectangle (cr, view.x + box->x0 * view.scale, view.y + box->y0 * view.scale,
                       (box->x1 - box->x0) * view.scale,
                       (box->y1 - box->y0) * view.scale);
      stroke_with_halo (cr, &box_colour, 1.25, TRUE);
    }
  if (overlay->show_outline && overlay->mask != NULL
      && overlay->mask->width == overlay->image->width
      && overlay->mask->height == overlay->image->height)
    {
      cairo_new_path (cr);
      trace_outline (cr, overlay->mask, &view);
      stroke_with_halo (cr, &outline_colour, 1.6, FALSE);
    }
  if (overlay->shape != NULL && overlay->n_shape > 0)
    draw_shape (cr, overlay, &view);
  draw_signs (cr, overlay, rect, style);
  nmd_plot_end (cr);
}

/* ---- Colour bar and thumbnails */

double
nmd_overlay_get_bar_height (const NmdPlotStyle *style)
{
  g_return_val_if_fail (style != NULL, 0);
  return nmd_text_height (style) * 1.4;
}

void
nmd_overlay_draw_bar (cairo_t *cr,
                      NmdColours colours,
                      const NmdRect *rect,
                      const NmdPlotStyle *style)
{
  const char *jet_note = _ ("  (colours as in the paper, not stiffness)");
  NmdTextAttributes at = { .y_align = 0.5 };
  double em = style->font_size, gap = em * 0.5, y = rect->y + rect->height / 2;
  double less, more, note = 0, bar, x = rect->x + gap, used;

  if (!nmd_plot_begin (cr, rect, style))
    return;
  nmd_text_measure (style, _ ("less"), &at, &less, NULL);
  nmd_text_measure (style, _ ("more influence"), &at, &more, NULL);
  if (colours == NMD_COLOURS_JET)
    nmd_text_measure (style, jet_note, &at, &note, NULL);
  used = less + more + note + 4 * gap;
  if (rect->width - used < 2 * em && note > 0) /* the bar before its note */
    used -= note, note = 0;
  bar = MIN (rect->width - used, 14 * em);
  if (bar >= em)
    {
      cairo_pattern_t *ramp
          = cairo_pattern_create_linear (x + less + gap, 0, x + less + gap + bar, 0);

      for (int i = 0; i <= 64; i++)
        {
          guint8 rgb[3];

          nmd_colour (colours, i / 64.0, rgb);
          cairo_pattern_add_color_stop_rgb (ramp, i / 64.0, rgb[0] / 255.0,
                                            rgb[1] / 255.0, rgb[2] / 255.0);
        }
      nmd_text_draw (cr, style, _ ("less"), &at, &style->foreground, x, y);
      cairo_rectangle (cr, x + less + gap, y - em * 0.45, bar, em * 0.9);
      cairo_set_source (cr, ramp);
      cairo_fill_preserve (cr);
      nmd_rgba_set (cr, &style->dim);
      cairo_set_line_width (cr, 1);
      cairo_stroke (cr);
      cairo_pattern_destroy (ramp);
      nmd_text_draw (cr, style, _ ("more influence"), &at, &style->foreground,
                     x + less + bar + 2 * gap, y);
      if (note > 0)
        nmd_text_draw (cr, style, jet_note, &at, &style->dim,
                       x + less + bar + 2 * gap + more, y);
    }
  nmd_plot_end (cr);
}

void
nmd_overlay_draw_thumbnail (cairo_t *cr,
                            const NmdImage *image,
                            int label,
                            gboolean problem,
                            const NmdRect *rect,
                            const NmdPlotStyle *style)
{
  NmdOverlay overlay = NMD_OVERLAY_INIT;
  double r = style->font_size * 0.42, x = rect->x + r * 2, y = rect->y + r * 2;

  overlay.image = image;
  if (image != NULL)
    overlay.zoom = MAX (rect->width / image->width, rect->height / image->height)
                   / MIN (rect->width / image->width, rect->height / image->height);
  nmd_overlay_draw (cr, &overlay, rect, style);
  if (!nmd_plot_begin (cr, rect, &(NmdPlotStyle){ .background = { 0, 0, 0, 0 } }))
    return;
  if (label == 0 || label == 1)
    {
      cairo_new_path (cr);
      cairo_arc (cr, x, y, r, 0, 2 * G_PI);
      nmd_rgba_set (cr, &style->series[label]);
      cairo_fill_preserve (cr);
      cairo_set_line_width (cr, 1.5);
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_stroke (cr);
    }
  if (problem)
    draw_sign (cr, style, "!", rect->x + rect->width - r, rect->y + r, 1, 0,
               style->font_size * 4);
  nmd_plot_end (cr);
}
