/* SPDX-License-Identifier: Apache-2.0
 *
 * Where muscles lie on a drawn body, and its drawing.
 */
#include "config.h"

#include "ui/plot/nmd-body-chart.h"

#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

#include <string.h>

/* A figure is 100 high, its middle is x = 0. */
#define FIGURE_HEIGHT 100.0
#define FIGURE_HALF 26.0 /* from its middle to where numbers begin */
#define NUMBER_GAP 2.0

typedef struct
{
  const char *names; /* with blanks around each, without blanks within */
  gboolean behind;
  double x, y, rx, ry; /* of the side at the viewer's right */
} Place;

/* From the top down, so that numbers beside the figure stay in order. */
static const Place places[] = {
  { " masseter ", FALSE, 3.2, 10.5, 1.5, 2 },
  { " sternocleidomastoideus sternocleidomastoid sternocleido scm ", FALSE, 2.4, 17, 1.2,
    2.4 },
  { " trapezius ", TRUE, 6, 21, 5, 2.4 },
  { " deltoideus deltoid ", FALSE, 15, 23.5, 3, 3.6 },
  { " tricepsbrachii triceps ", TRUE, 17.6, 32, 2.5, 5.5 },
  { " bicepsbrachii biceps bb ", FALSE, 17.6, 32.5, 2.5, 5.2 },
  { " rectusabdominis ", FALSE, 3, 38, 2.3, 8 },
  { " flexorcarpiradialis forearmflexors flexors fcr ", FALSE, 20.6, 45, 2.1, 5 },
  { " rectusfemoris quadriceps rf ", FALSE, 5.8, 61, 2.5, 8 },
  { " vastuslateralis vl ", FALSE, 9.6, 63, 1.5, 8 },
  { " bicepsfemoris hamstrings bf ", TRUE, 7, 63, 2.7, 8 },
  { " gastrocnemiusmedialis gastrocnemiusmedialhead gastrocnemius gm mg ", TRUE, 5.6,
    80.5, 1.9, 6 },
  { " gastrocnemiuslateralis gastrocnemiuslateralhead gl lg ", TRUE, 9.6, 80.5, 1.9, 6 },
  { " tibialisanterior ta ", FALSE, 8.2, 82, 1.9, 6.5 },
  { " peroneustertius ", FALSE, 10.5, 84, 1, 5 },
  { " soleus ", TRUE, 7.6, 89.5, 2.2, 3 },
};

/* ColorBrewer's YlOrRd with four classes: each darker than the one before, also in grey. */
static const NmdRgba colours[NMD_N_Z_CLASSES] = {
  { 1.000, 1.000, 0.698, 1 },
  { 0.996, 0.800, 0.361, 1 },
  { 0.992, 0.553, 0.235, 1 },
  { 0.890, 0.102, 0.110, 1 },
};

int
nmd_z_class (double z)
{
  return z < 1.5 ? 0 : z < 2 ? 1 : z < 3 ? 2 : 3;
}

const char *
nmd_z_class_get_title (int z_class)
{
  switch (z_class)
    {
    case 0:
      return _ ("z below 1.5");
    case 1:
      return _ ("1.5 to 2");
    case 2:
      return _ ("2 to 3");
    default:
      return _ ("above 3");
    }
}

static const Place *
find_place (const char *muscle)
{
  g_autoptr (GString) name = g_string_new (" ");

  for (const char *p = muscle; *p != '\0'; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (name, g_ascii_tolower (*p));
  g_string_append_c (name, ' ');
  for (guint i = 0; name->len > 2 && i < G_N_ELEMENTS (places); i++)
    if (strstr (places[i].names, name->str) != NULL)
      return &places[i];
  return NULL;
}

gboolean
nmd_body_chart_has_place (const char *muscle)
{
  g_return_val_if_fail (muscle != NULL, FALSE);
  return find_place (muscle) != NULL;
}

static const char *
side_title (NmdBodySide side)
{
  return side == NMD_BODY_LEFT    ? _ ("left")
         : side == NMD_BODY_RIGHT ? _ ("right")
                                  : _ ("side not stated");
}

char *
nmd_body_chart_to_text (const NmdBodyChart *chart)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < chart->n; i++)
    g_string_append_printf (text, "%s%s %s: z %.1f, %s", i > 0 ? "\n" : "",
                            chart->values[i].muscle, side_title (chart->values[i].side),
                            chart->values[i].z,
                            nmd_z_class_get_title (nmd_z_class (chart->values[i].z)));
  return g_string_free (text, FALSE);
}

/* Layout */

typedef struct
{
  double scale;
  double x[2], y; /* the top middle of the figure from the front and from behind */
  double legend_y;
} Layout;

static char *
unplaced_text (const NmdBodyChart *chart)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < chart->n; i++)
    if (chart->values[i].side == NMD_BODY_NO_SIDE
        || find_place (chart->values[i].muscle) == NULL)
      g_string_append_printf (names, "%s%s %s %.1f", names->len > 0 ? "; " : "",
                              chart->values[i].muscle, side_title (chart->values[i].side),
                              chart->values[i].z);
  return names->len > 0 ? g_strdup_printf (_ ("Not drawn: %s"), names->str) : NULL;
}

static const NmdTextAttributes number_attributes = { .bold = TRUE, .y_align = 0.5 };

static double
number_width (const NmdBodyChart *chart, const NmdPlotStyle *style)
{
  double widest = 0;

  for (guint i = 0; i < chart->n; i++)
    {
      g_autofree char *number = g_strdup_printf ("%.1f", chart->values[i].z);
      double width = 0, height = 0;
      nmd_text_measure (style, number, &number_attributes, &width, &height);
      widest = MAX (widest, width);
    }
  return widest;
}

static void
lay_out (Layout *layout,
         const NmdBodyChart *chart,
         const NmdRect *rect,
         const NmdPlotStyle *style)
{
  double line = nmd_text_height (style);
  g_autofree char *unplaced = unplaced_text (chart);
  double below = line * (unplaced != NULL ? 3 : 2) + 10;

  /* A heading over each figure, the legend in two rows, the rest named below. */
  layout->y = rect->y + line + 4;
  double half = number_width (chart, style) + NUMBER_GAP + 2;
  layout->scale = MIN ((rect->height - below - line - 8) / FIGURE_HEIGHT,
                       (rect->width / 4 - half) / FIGURE_HALF);
  layout->scale = MAX (layout->scale, 0);
  half += FIGURE_HALF * layout->scale;
  layout->x[0] = rect->x + rect->width / 2 - half;
  layout->x[1] = rect->x + rect->width / 2 + half;
  layout->legend_y = layout->y + FIGURE_HEIGHT * layout->scale + 6;
}

/* The viewer's right is the person's left in front and the person's right behind. */
static double
place_x (const Place *place, NmdBodySide side)
{
  gboolean at_right = place->behind ? side == NMD_BODY_RIGHT : side == NMD_BODY_LEFT;

  return at_right ? place->x : -place->x;
}

gboolean
nmd_body_chart_locate (const NmdBodyChart *chart,
                       const NmdRect *rect,
                       const NmdPlotStyle *style,
                       guint i,
                       double *x,
                       double *y)
{
  Layout layout;

  g_return_val_if_fail (i < chart->n, FALSE);
  const Place *place = find_place (chart->values[i].muscle);
  if (place == NULL || chart->values[i].side == NMD_BODY_NO_SIDE)
    return FALSE;
  lay_out (&layout, chart, rect, style);
  *x = layout.x[place->behind] + place_x (place, chart->values[i].side) * layout.scale;
  *y = layout.y + place->y * layout.scale;
  return TRUE;
}

/* Drawing */

static void
limb (cairo_t *cr, const double *points, int n, double width)
{
  cairo_set_line_width (cr, width);
  for (int side = -1; side <= 1; side += 2)
    {
      cairo_move_to (cr, side * points[0], points[1]);
      for (int i = 1; i < n; i++)
        cairo_line_to (cr, side * points[2 * i], points[2 * i + 1]);
      cairo_stroke (cr);
    }
}

static void
draw_figure (cairo_t *cr, const NmdRgba *colour)
{
  static const double upper_arm[] = { 15.5, 23, 17.8, 32, 18.5, 39 },
                      forearm[] = { 18.5, 39, 20.5, 45, 21.8, 53 },
                      thigh[] = { 7.2, 54, 7.4, 62, 7.4, 73 },
                      calf[] = { 7.4, 72, 7.7, 82, 7.4, 95 }, foot[] = { 7.4, 96, 9, 97 };

  const NmdRgba opaque = { colour->red, colour->green, colour->blue, 1 };

  /* Limbs overlap: as a group they have one colour all over. */
  cairo_push_group (cr);
  nmd_rgba_set (cr, &opaque);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_save (cr);
  cairo_translate (cr, 0, 8);
  cairo_scale (cr, 5.2, 6.6);
  cairo_arc (cr, 0, 0, 1, 0, 2 * G_PI);
  cairo_restore (cr);
  cairo_fill (cr);
  cairo_rectangle (cr, -3, 12, 6, 9);
  cairo_fill (cr);
  cairo_move_to (cr, -15, 21);
  cairo_curve_to (cr, -8, 18, 8, 18, 15, 21);
  cairo_curve_to (cr, 13, 32, 10, 38, 10, 42);
  cairo_line_to (cr, 12, 54);
  cairo_line_to (cr, -12, 54);
  cairo_line_to (cr, -10, 42);
  cairo_curve_to (cr, -10, 38, -13, 32, -15, 21);
  cairo_fill (cr);
  limb (cr, upper_arm, 3, 6.6);
  limb (cr, forearm, 3, 5.2);
  limb (cr, thigh, 3, 10.5);
  limb (cr, calf, 3, 7.5);
  limb (cr, foot, 2, 4.5);
  cairo_pop_group_to_source (cr);
  cairo_paint_with_alpha (cr, colour->alpha);
}

/* The muscle, a thin line from it outwards, and its number; @last is how far down numbers stand on this side. */
static void
draw_value (cairo_t *cr,
            const Layout *layout,
            const NmdPlotStyle *style,
            const Place *place,
            const NmdBodyZ *value,
            double *last)
{
  double s = layout->scale,
         x = layout->x[place->behind] + place_x (place, value->side) * s;
  double y = layout->y + place->y * s, line = nmd_text_height (style);
  int way = place_x (place, value->side) > 0 ? 1 : -1;
  double end = layout->x[place->behind] + way * FIGURE_HALF * s;
  double at = MAX (y, *last + line);
  NmdTextAttributes attributes = number_attributes;
  g_autofree char *number = g_strdup_printf ("%.1f", value->z);

  attributes.x_align = way > 0 ? 0 : 1;
  *last = at;
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, place->rx * s, place->ry * s);
  cairo_arc (cr, 0, 0, 1, 0, 2 * G_PI);
  cairo_restore (cr);
  nmd_rgba_set (cr, &colours[nmd_z_class (value->z)]);
  cairo_fill_preserve (cr);
  nmd_rgba_set (cr, &style->foreground);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_set_line_width (cr, 0.7);
  cairo_move_to (cr, x + way * place->rx * s, y);
  cairo_line_to (cr, end, at);
  cairo_stroke (cr);
  nmd_text_draw (cr, style, number, &attributes, &style->foreground,
                 end + way * NUMBER_GAP, at);
}

static void
draw_legend (cairo_t *cr,
             const Layout *layout,
             const NmdBodyChart *chart,
             const NmdRect *rect,
             const NmdPlotStyle *style)
{
  double line = nmd_text_height (style), half = rect->width / 2;
  g_autofree char *unplaced = unplaced_text (chart);

  for (int k = 0; k < NMD_N_Z_CLASSES; k++)
    {
      double x = rect->x + (k % 2) * half, y = layout->legend_y + (k / 2) * line;
      const NmdTextAttributes attributes
          = { .y_align = 0.5, .max_width = half - line - 4 };
      cairo_rectangle (cr, x + 1, y + line * 0.15, line * 0.7, line * 0.7);
      nmd_rgba_set (cr, &colours[k]);
      cairo_fill_preserve (cr);
      nmd_rgba_set (cr, &style->foreground);
      cairo_set_line_width (cr, 1);
      cairo_stroke (cr);
      nmd_text_draw (cr, style, nmd_z_class_get_title (k), &attributes,
                     &style->foreground, x + line + 2, y + line / 2);
    }
  const NmdTextAttributes rest = { .max_width = rect->width };
  if (unplaced != NULL)
    nmd_text_draw (cr, style, unplaced, &rest, &style->dim, rect->x,
                   layout->legend_y + 2 * line + 2);
}

void
nmd_body_chart_draw (cairo_t *cr,
                     const NmdBodyChart *chart,
                     const NmdRect *rect,
                     const NmdPlotStyle *style)
{
  const char *heads[] = { "front", "back" };
  const NmdTextAttributes middle = { .x_align = 0.5 };
  NmdRgba body = nmd_rgba_mix (&style->grid, &style->dim, 0.25);
  double last[2][2] = { { 0, 0 }, { 0, 0 } };
  Layout layout;

  if (!nmd_plot_begin (cr, rect, style))
    return;
  lay_out (&layout, chart, rect, style);
  for (int behind = 0; behind < 2 && layout.scale > 0; behind++)
    {
      nmd_text_draw (cr, style, heads[behind], &middle, &style->dim, layout.x[behind],
                     rect->y);
      cairo_save (cr);
      cairo_translate (cr, layout.x[behind], layout.y);
      cairo_scale (cr, layout.scale, layout.scale);
      draw_figure (cr, &body);
      cairo_restore (cr);
    }
  for (guint k = 0; k < G_N_ELEMENTS (places) && layout.scale > 0; k++)
    for (guint i = 0; i < chart->n; i++)
      if (chart->values[i].side != NMD_BODY_NO_SIDE
          && find_place (chart->values[i].muscle) == &places[k])
        draw_value (
            cr, &layout, style, &places[k], &chart->values[i],
            &last[places[k].behind][place_x (&places[k], chart->values[i].side) > 0]);
  draw_legend (cr, &layout, chart, rect, style);
  nmd_plot_end (cr);
}
