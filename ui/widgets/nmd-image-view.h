/* SPDX-License-Identifier: Apache-2.0
 *
 * The canvas: a scan with its outline and ROI box, zoomed, panned and windowed, on which a box
 * or polygon can be drawn, and over which a map can lie. The pixels themselves are never changed.
 */
#pragma once

#include "ui/widgets/nmd-canvas.h"
#include "engine/model/nmd-scan.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_IMAGE_VIEW (nmd_image_view_get_type ())
G_DECLARE_FINAL_TYPE (NmdImageView, nmd_image_view, NMD, IMAGE_VIEW, GtkWidget)

typedef enum
{
  NMD_TOOL_PAN,
  NMD_TOOL_BOX,
  NMD_TOOL_POLYGON,
} NmdTool;

/* Properties: "scan" (NmdScan), "show-outline" (boolean), "brightness" (−1 to 1), "contrast"
 * (0.25 to 4), "tool" (int, NmdTool), "overlay-opacity" (0 to 1).
 *
 * Signals: "shape-drawn" (gpointer points: double x, y pairs in image pixels; uint n: number of
 * points; boolean is_box): the user closed a polygon or let go of a box. "view-changed": zoomed or
 * panned by the user. */
GtkWidget       *nmd_image_view_new         (void);
void             nmd_image_view_set_scan    (NmdImageView    *self,
                                             NmdScan         *scan);
NmdScan         *nmd_image_view_get_scan    (NmdImageView    *self);
/* A picture laid over @box of the scan (nullable), with the overlay's opacity. */
void             nmd_image_view_set_overlay (NmdImageView    *self,
                                             GdkTexture      *overlay,
                                             const NmdBox    *box);
/* Shares of a side by which the outline's bounds are widened to the ROI box. */
void             nmd_image_view_set_margin  (NmdImageView    *self,
                                             double           margin);
void             nmd_image_view_set_tool    (NmdImageView    *self,
                                             NmdTool          tool);
void             nmd_image_view_fit         (NmdImageView    *self);
void             nmd_image_view_zoom        (NmdImageView    *self,
                                             double           factor);
/* Brightness and contrast back to the untouched grey levels. */
void             nmd_image_view_reset_grey  (NmdImageView    *self);
/* For two views that move together. */
gboolean         nmd_image_view_get_canvas  (NmdImageView    *self,
                                             NmdCanvas       *canvas);
void             nmd_image_view_set_canvas  (NmdImageView    *self,
                                             const NmdCanvas *canvas);

G_END_DECLS
