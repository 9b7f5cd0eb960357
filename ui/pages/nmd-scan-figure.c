/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathers what the Scan page shows into pictures. How they are drawn is ui/plot's.
 */
#include "config.h"

#include "ui/pages/nmd-scan-figure.h"

#include "ui/pages/nmd-body-panel.h"
#include "ui/plot/nmd-document-pages.h"
#include "ui/plot/nmd-overlay.h"
#include "ui/session/nmd-visit-texts.h"
#include "ui/widgets/nmd-grey-picture.h"

#include <glib/gi18n.h>

/* The cut picture; owns its pixels. */
typedef struct
{
  NmdImage *image;
  NmdImage *mask; /* (nullable) */
  NmdOverlay overlay;
} Picture;

static void
picture_clear (Picture *self)
{
  g_clear_pointer (&self->image, nmd_image_unref);
  g_clear_pointer (&self->mask, nmd_image_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Picture, picture_clear)

static void
picture_init (Picture *self, NmdScan *scan)
{
  const NmdOverlay plain = NMD_OVERLAY_INIT;
  NmdBox all = { 0, 0, scan->image->width, scan->image->height };
  NmdBox box
      = scan->has_bounds ? nmd_box_widen (&scan->bounds, 0.1, all.x1, all.y1) : all;

  self->image = nmd_image_crop (scan->image, &box, NULL);
  if (scan->mask != NULL)
    self->mask = nmd_image_crop (scan->mask, &box, NULL);
  self->overlay = plain;
  self->overlay.image = self->image;
  self->overlay.mask = self->mask;
  self->overlay.show_box = FALSE;
  self->overlay.synthetic = scan->is_synthetic;
}

/* The picture as large as its pixels, and under it the strip if there is one. */
typedef struct
{
  const Picture *picture;
  const NmdGainStrip *strip; /* (nullable) */
} Sight;

#define LEAST_STRIP 400.0 /* wide */

static void
draw_sight (cairo_t *cr,
            const NmdRect *rect,
            const NmdPlotStyle *style,
            gconstpointer data)
{
  const Sight *sight = data;
  NmdRect at = *rect;

  at.height = sight->picture->image->height;
  nmd_overlay_draw (cr, &sight->picture->overlay, &at, style);
  at.y += at.height;
  at.height = rect->height - at.height;
  if (sight->strip != NULL)
    nmd_gain_strip_draw (cr, sight->strip, &at, style);
}

/* Grey levels by the same line as on the canvas; what is blanked is black whatever the line does. */
static void
set_levels (Picture *picture, const NmdGainStrip *strip, gboolean blank)
{
  const NmdGreyWindow window = { strip->tracks[0].value, strip->tracks[1].value, FALSE };
  NmdImage *image = picture->image; /* nobody else has it */
  double black = 0, white = 255;

  nmd_grey_window_get_levels (&window, &black, &white);
  for (gsize i = 0; i < (gsize)image->width * (gsize)image->height; i++)
    {
      const double shown = (image->pixels[i] - black) / (white - black);
      const gboolean outside
          = blank && picture->mask != NULL && picture->mask->pixels[i] == 0;
      image->pixels[i] = outside ? 0 : (guint8)(CLAMP (shown, 0, 1) * 255 + 0.5);
    }
}

NmdFigure *
nmd_scan_figure_picture (NmdScan *scan,
                         const NmdGainStrip *strip,
                         gboolean blank,
                         GError **error)
{
  g_auto (Picture) picture = { 0 };
  const Sight sight = { &picture, strip };
  NmdPlotStyle style;

  g_return_val_if_fail (NMD_IS_SCAN (scan), NULL);
  picture_init (&picture, scan);
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  double width = picture.image->width, height = picture.image->height;
  if (strip != NULL)
    {
      set_levels (&picture, strip, blank);
      width = MAX (width, LEAST_STRIP);
      height += nmd_gain_strip_get_height (strip, &style);
    }
  return nmd_figure_draw (NMD_FIGURE_PNG, width, height, 2, draw_sight, &sight, &style,
                          NULL, error);
}

/* The picture, and beside it the body chart if there is one. */
typedef struct
{
  const Picture *picture;
  NmdBodyChart body;
} Sheet;

#define SHEET_GAP 24.0
#define SHEET_HIGH 330.0
#define BODY_HIGH 250.0

/* As large as it fits, at the top left. */
static NmdRect
place_picture (const Sheet *sheet)
{
  const NmdImage *image = sheet->picture->image;
  const double width
      = sheet->body.n > 0 ? (NMD_DOCUMENT_WIDTH - SHEET_GAP) / 2 : NMD_DOCUMENT_WIDTH;
  const double scale = MIN (width / image->width, SHEET_HIGH / image->height);

  return (NmdRect){ 0, 0, scale * image->width, scale * image->height };
}

static void
draw_sheet (cairo_t *cr,
            const NmdRect *rect,
            const NmdPlotStyle *style,
            gconstpointer data)
{
  const Sheet *sheet = data;
  NmdRect at = place_picture (sheet);

  at.x += rect->x;
  at.y += rect->y;
  nmd_overlay_draw (cr, &sheet->picture->overlay, &at, style);
  if (sheet->body.n == 0)
    return;
  const double half = (rect->width + SHEET_GAP) / 2;
  const NmdRect body = { rect->x + half, rect->y, rect->width - half, rect->height };
  nmd_body_chart_draw (cr, &sheet->body, &body, style);
}

NmdFigure *
nmd_scan_figure_report (NmdScan *scan, NmdVisitSession *visit, GError **error)
{
  g_auto (Picture) picture = { 0 };

  g_return_val_if_fail (NMD_IS_SCAN (scan) && NMD_IS_VISIT_SESSION (visit), NULL);

  /* Translators: title of a report; the placeholder is an image's name */
  g_autofree char *title = g_strdup_printf (_ ("Muscle ultrasound: %s"), scan->name);
  g_autoptr (NmdDocument) document = nmd_visit_report_new (visit, title);
  g_autoptr (GArray) body = nmd_body_values_new (visit);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *day = g_date_time_format (now, "%Y-%m-%d");
  /* Translators: at the bottom of a report; version and day */
  g_autofree char *foot = g_strdup_printf (
      _ ("NMD Assist %s, %s. For research and teaching, not a medical device."),
      NMD_VERSION, day);
  picture_init (&picture, scan);
  const Sheet sheet = { &picture, { (const NmdBodyZ *)(void *)body->data, body->len } };
  const double high = place_picture (&sheet).height;
  const NmdDocumentFigure figure = { "scan", draw_sheet, &sheet, NMD_DOCUMENT_WIDTH,
                                     MAX (high, body->len > 0 ? BODY_HIGH : 0) };
  return nmd_document_pages_draw (document, &figure, 1, foot, error);
}
