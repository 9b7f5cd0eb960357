/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathers what the Scan page shows into pictures. How they are drawn is ui/plot's.
 */
#include "config.h"

#include "ui/pages/nmd-scan-figure.h"

#include "ui/pages/nmd-body-panel.h"
#include "ui/plot/nmd-report-page.h"

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

static void
draw_picture (cairo_t *cr,
              const NmdRect *rect,
              const NmdPlotStyle *style,
              gconstpointer overlay)
{
  nmd_overlay_draw (cr, overlay, rect, style);
}

GBytes *
nmd_scan_figure_picture (NmdScan *scan, GError **error)
{
  g_auto (Picture) picture = { 0 };
  NmdPlotStyle style;

  g_return_val_if_fail (NMD_IS_SCAN (scan), NULL);
  picture_init (&picture, scan);
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  return nmd_figure_render (NMD_FIGURE_PNG, picture.image->width, picture.image->height,
                            2, draw_picture, &picture.overlay, &style, NULL, error);
}

GBytes *
nmd_scan_figure_report (NmdScan *scan, NmdVisitSession *visit, GError **error)
{
  g_auto (Picture) picture = { 0 };

  g_return_val_if_fail (NMD_IS_SCAN (scan) && NMD_IS_VISIT_SESSION (visit), NULL);

  g_autofree char *text = nmd_visit_session_to_text (visit, FALSE);
  /* Translators: title of a report; the placeholder is an image's name */
  g_autofree char *title = g_strdup_printf (_ ("Muscle ultrasound: %s"), scan->name);
  g_autoptr (GArray) body = nmd_body_values_new (visit);
  picture_init (&picture, scan);
  const NmdReportPage page = {
    .overlay = picture.overlay,
    .body = { (const NmdBodyZ *)(void *)body->data, body->len },
    .title = title,
    .text = text,
    .cut = _ ("More images do not fit on this page: save the numbers as CSV"),
    .foot = _ ("Echo intensity: mean grey level from 0 to 255 inside the outline of the "
               "untouched image; it holds for one device and its settings. For research "
               "and teaching, not a medical device."),
  };
  return nmd_report_page_render (&page, error);
}
