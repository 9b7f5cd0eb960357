/* SPDX-License-Identifier: Apache-2.0
 *
 * One thing, one colour: the network in every plot, and an outline on screen as in what is saved. Needs no display.
 */
#include "engine/image/nmd-outline.h"
#include "ui/plot/nmd-overlay.h"
#include "ui/widgets/nmd-scan-lines.h"

#include <string.h>

#define WIDTH 420
#define HEIGHT 300
#define N 40
#define RIVAL 2  /* its place in the series' colours */
#define LARGER 3 /* so that lines have pixels of the pure colour */

static cairo_surface_t *
surface_new (double grey)
{
  cairo_surface_t *surface
      = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, grey, grey, grey);
  cairo_paint (cr);
  cairo_destroy (cr);
  return surface;
}

/* Pixels within 8 levels of a colour. */
static int
count (cairo_surface_t *surface, double red, double green, double blue)
{
  const double wanted[3] = { blue * 255, green * 255, red * 255 };
  const guint8 *pixels = NULL;
  int stride = cairo_image_surface_get_stride (surface), n = 0;

  cairo_surface_flush (surface);
  pixels = cairo_image_surface_get_data (surface);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        gboolean near = TRUE;

        for (int i = 0; i < 3; i++)
          near = near && fabs (pixels[y * stride + 4 * x + i] - wanted[i]) <= 8;
        n += near;
      }
  return n;
}

/* Charts */

static NmdScores *
scores_new (void)
{
  NmdScores *self = nmd_scores_new ();

  for (int i = 0; i < N; i++)
    {
      g_autofree char *name = g_strdup_printf ("%d", i);
      const NmdScore row = { .subject = name,
                             .image = name,
                             .label = i % 3 > 0,
                             .score = (i * 37 + 20 * (i % 3)) % 100 / 100.0,
                             .echo = 60 };

      nmd_scores_add (self, &row);
    }
  return self;
}

typedef void (*Draw) (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style);

static NmdScores *scores;

static void
draw_roc (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style)
{
  g_autoptr (NmdRoc) roc = nmd_roc_new_for (scores);
  NmdRocPlot plot = NMD_ROC_PLOT_INIT;

  plot.roc = roc;
  nmd_plot_roc (cr, &plot, rect, style);
}

static void
draw_reliability (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style)
{
  nmd_plot_reliability (cr, "Reliability", "score", scores, rect, style);
}

/* The network is inked in its colour and in no other series' but what stands beside it. */
static void
test_network (void)
{
  const Draw charts[] = { draw_roc, draw_reliability };
  const NmdTheme themes[] = { NMD_THEME_LIGHT, NMD_THEME_DARK, NMD_THEME_HIGH_CONTRAST };
  const NmdRect rect = { 0, 0, WIDTH, HEIGHT };

  scores = scores_new ();
  g_assert_nonnull (scores);
  for (guint t = 0; t < G_N_ELEMENTS (themes); t++)
    for (guint i = 0; i < G_N_ELEMENTS (charts); i++)
      {
        NmdPlotStyle style;
        cairo_surface_t *surface = NULL;
        cairo_t *cr = NULL;

        nmd_plot_style_init (&style, themes[t], 1);
        style.line_width = 4; /* rows of the pure colour */
        surface = surface_new (style.background.red);
        cr = cairo_create (surface);
        charts[i](cr, &rect, &style);
        cairo_destroy (cr);
        g_test_message ("chart %u, theme %u", i, t);
        g_assert_cmpint (count (surface, style.series[0].red, style.series[0].green,
                                style.series[0].blue),
                         >, 50);
        for (int other = 1; other < NMD_N_SERIES_COLOURS; other++)
          g_assert_cmpint (count (surface, style.series[other].red,
                                  style.series[other].green, style.series[other].blue),
                           <, 10);
        cairo_surface_destroy (surface);
      }
  g_clear_pointer (&scores, nmd_scores_unref);
}

/* Treating nobody has a colour of its own: what stands for the rival elsewhere is not in the decision curve. */
static void
test_nobody (void)
{
  const NmdTheme themes[] = { NMD_THEME_LIGHT, NMD_THEME_DARK, NMD_THEME_HIGH_CONTRAST,
                              NMD_THEME_HIGH_CONTRAST_DARK };
  const NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  NmdDecisionCurve curve = { .prevalence = 0.5 };
  NmdDecisionPlot plot = NMD_DECISION_PLOT_INIT;

  for (int i = 0; i < NMD_DECISION_POINTS; i++)
    {
      curve.threshold[i] = (i + 0.5) / NMD_DECISION_POINTS;
      curve.model[i] = 0.45 - 0.3 * curve.threshold[i];
      curve.low[i] = curve.model[i] - 0.05;
      curve.high[i] = curve.model[i] + 0.05;
      curve.all[i] = 0.5 - 0.4 * curve.threshold[i];
    }
  plot.curve = &curve;
  for (guint t = 0; t < G_N_ELEMENTS (themes); t++)
    {
      NmdPlotStyle style;

      nmd_plot_style_init (&style, themes[t], 1);
      style.line_width = 4;
      cairo_surface_t *surface = surface_new (style.background.red);
      cairo_t *cr = cairo_create (surface);
      nmd_plot_decision (cr, &plot, &rect, &style);
      cairo_destroy (cr);
      const NmdRgba *nobody = &style.series[NMD_DECISION_NOBODY_COLOUR];
      g_assert_cmpint (count (surface, nobody->red, nobody->green, nobody->blue), >, 50);
      for (int i = RIVAL; i < NMD_N_SERIES_COLOURS; i++)
        if (i == RIVAL || i != NMD_DECISION_NOBODY_COLOUR)
          g_assert_cmpint (count (surface, style.series[i].red, style.series[i].green,
                                  style.series[i].blue),
                           <, 10);
      cairo_surface_destroy (surface);
    }
}

/* Outlines */

/* Outline and box as on the screen and as in what is saved: the same two colours, and no other. */
static void
test_outline (void)
{
  const NmdBox box = { 20, 15, 110, 80 };
  g_autoptr (NmdImage) image = nmd_image_new (WIDTH / LARGER, HEIGHT / LARGER);
  g_autoptr (NmdImage) mask = nmd_mask_new_box (WIDTH / LARGER, HEIGHT / LARGER, &box);
  g_autoptr (GArray) segments = nmd_mask_get_outline (mask);
  const NmdCanvas canvas = { .scale = 1 };
  const NmdRect rect = { 0, 0, WIDTH / LARGER, HEIGHT / LARGER };
  const double outline[3] = { NMD_OVERLAY_OUTLINE };
  NmdOverlay overlay = NMD_OVERLAY_INIT;
  NmdPlotStyle style;
  cairo_surface_t *screen = surface_new (0), *saved = surface_new (0);
  cairo_t *cr = cairo_create (screen);

  memset (image->pixels, 0, WIDTH / LARGER * (HEIGHT / LARGER));
  cairo_scale (cr, LARGER, LARGER);
  nmd_scan_lines_draw_lines (cr, &canvas, segments, 0);
  cairo_destroy (cr);
  cr = cairo_create (saved);
  cairo_scale (cr, LARGER, LARGER);
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  overlay.image = image;
  overlay.mask = mask;
  overlay.show_box = FALSE;
  nmd_overlay_draw (cr, &overlay, &rect, &style);
  cairo_destroy (cr);
  g_assert_cmpint (count (screen, outline[0], outline[1], outline[2]), >, 300);
  g_assert_cmpint (count (saved, outline[0], outline[1], outline[2]), >, 300);
  cairo_surface_destroy (screen);
  cairo_surface_destroy (saved);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/colours/network", test_network);
  g_test_add_func ("/colours/nobody", test_nobody);
  g_test_add_func ("/colours/outline", test_outline);
  return g_test_run ();
}
