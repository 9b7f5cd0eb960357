/* SPDX-License-Identifier: Apache-2.0
 *
 * A scan as a picture: grey image under window and level, Grad-CAM map over it, outline, ROI box, a
 * shape being drawn; zoom and pan; its colour bar. A map is drawn inside its box only: outside there is no value.
 */
#pragma once

#include "engine/eval/nmd-map.h"
#include "ui/plot/nmd-plot.h"

G_BEGIN_DECLS

/* Said under every map. */
#define NMD_OVERLAY_CAVEAT "where the network was sensitive, not where disease is"

/* Lines over a scan, on screen and in what is saved: the outline, and its ROI box (dashed). Told apart by who
 * does not tell red from green too. */
#define NMD_OVERLAY_OUTLINE 0.96, 0.83, 0.18 /* red, green, blue */
#define NMD_OVERLAY_BOX 0.6, 0.76, 0.95
#define NMD_OVERLAY_PROPOSAL 1, 0.35, 0.85 /* an outline that a network proposes */

/* Start from NMD_OVERLAY_INIT. Objects are borrowed for the call. */
typedef struct
{
  const NmdImage *image;     /* (nullable): the sentence `empty` then */
  const NmdImage *mask;      /* (nullable): outline, of the image's size */
  const NmdMap *map;         /* (nullable) */
  NmdColours colours;
  double opacity;            /* of the map, [0, 1] */
  double black, white;       /* grey levels shown as black and white; 0, 255 */
  gboolean show_outline, show_box;
  const NmdBox *box;         /* (nullable): the ROI box; the map's where NULL */
  double zoom;               /* 1 = whole image fits the rectangle */
  double centre_x, centre_y; /* image pixels in the middle of the rectangle; NaN = the image's middle */
  gboolean synthetic;        /* "SYNTHETIC" in a corner */
  const char *not_meaningful; /* (nullable): overridden passport: "not meaningful: …" across the top */
  const double *shape;       /* (nullable) polygon being drawn: x, y pairs in image pixels */
  gsize n_shape;             /* points */
  gboolean shape_closed;
  gboolean smooth;           /* bilinear display instead of square pixels when enlarged */
  const char *empty;
} NmdOverlay;

#define NMD_OVERLAY_INIT                                                                       \
  { .opacity = 0.6, .black = 0, .white = 255, .show_outline = TRUE, .show_box = TRUE,          \
    .zoom = 1, .centre_x = NAN, .centre_y = NAN, .smooth = TRUE }

void     nmd_overlay_draw       (cairo_t            *cr,
                                 const NmdOverlay   *overlay,
                                 const NmdRect      *rect,
                                 const NmdPlotStyle *style);

/* The part of @rect that the image covers, in user units; zero size without an image. */
NmdRect  nmd_overlay_get_frame  (const NmdOverlay   *overlay,
                                 const NmdRect      *rect);

/* From user units to image pixels (pixel centres at + 0.5) and back. FALSE without an image or, for
 * to_image, outside the image (@ix, @iy are set to the nearest place in it). */
gboolean nmd_overlay_to_image   (const NmdOverlay   *overlay,
                                 const NmdRect      *rect,
                                 double              x,
                                 double              y,
                                 double             *ix,
                                 double             *iy);
gboolean nmd_overlay_from_image (const NmdOverlay   *overlay,
                                 const NmdRect      *rect,
                                 double              ix,
                                 double              iy,
                                 double             *x,
                                 double             *y);

/* "less ▭▭▭▭ more influence", one line; NMD_COLOURS_JET adds "as in the paper, not stiffness". */
void     nmd_overlay_draw_bar   (cairo_t            *cr,
                                 NmdColours          colours,
                                 const NmdRect      *rect,
                                 const NmdPlotStyle *style);

/* The height that nmd_overlay_draw_bar() needs. */
double   nmd_overlay_get_bar_height (const NmdPlotStyle *style);

/* The image alone as a small picture that fills @rect (cropped to its shape), with a dot of the label's colour
 * and "!" where @problem: for grids made of Cairo. @label 0, 1 or -1. */
void     nmd_overlay_draw_thumbnail (cairo_t            *cr,
                                     const NmdImage     *image,
                                     int                 label,
                                     gboolean            problem,
                                     const NmdRect      *rect,
                                     const NmdPlotStyle *style);

G_END_DECLS
