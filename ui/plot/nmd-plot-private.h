/* SPDX-License-Identifier: Apache-2.0
 *
 * What the chart files share: colours, text, ticks, and the frame of a chart with two axes.
 */
#pragma once

#include "ui/plot/nmd-plot.h"

#include <pango/pangocairo.h>

G_BEGIN_DECLS

/* Text. Sizes are multiples of the style's font size. */
typedef struct
{
  double size;       /* 0 = 1 */
  gboolean bold;
  double x_align;    /* 0 left, 0.5 centre, 1 right of the given point */
  double y_align;    /* 0 top, 0.5 middle, 1 bottom */
  double max_width;  /* > 0: cut with an ellipsis there */
  gboolean cut_start; /* with max_width: cut at the start instead */
  gboolean wrap;     /* with max_width: break lines instead; lines are aligned by x_align */
  int max_lines;     /* with wrap: cut after so many; 0 = no limit */
} NmdTextAttributes;

void     nmd_text_draw    (cairo_t                 *cr,
                           const NmdPlotStyle      *style,
                           const char              *text,
                           const NmdTextAttributes *attributes,
                           const NmdRgba           *colour,
                           double                   x,
                           double                   y);
void     nmd_text_measure (const NmdPlotStyle      *style,
                           const char              *text,
                           const NmdTextAttributes *attributes,
                           double                  *width,
                           double                  *height);
/* As g_ascii_formatd(), with the style's decimal sign. */
char    *nmd_text_number  (const NmdPlotStyle      *style,
                           char                    *buffer,
                           int                      size,
                           const char              *format,
                           double                   value);
/* "[0.87, 0.93]", "[0,87; 0,93]": as nmd_measure_interval_to_text(), with the style's decimal sign. */
char    *nmd_roc_interval_text (const NmdPlotStyle *style,
                           double                   auc,
                           const NmdInterval       *ci) G_GNUC_WARN_UNUSED_RESULT;
double   nmd_text_height  (const NmdPlotStyle      *style);   /* of one line */

void     nmd_rgba_set     (cairo_t                 *cr,
                           const NmdRgba           *colour);
NmdRgba  nmd_rgba_alpha   (const NmdRgba           *colour,
                           double                   alpha);
/* @a over to @b: 0 is @a. */
NmdRgba  nmd_rgba_mix     (const NmdRgba           *a,
                           const NmdRgba           *b,
                           double                   t);
/* Black or white, whichever reads better on @on. */
NmdRgba  nmd_rgba_ink     (const NmdRgba           *on);

/* Saves, clips to @rect, paints the background. FALSE (nothing saved) for a rectangle under 4 × 4. */
gboolean nmd_plot_begin   (cairo_t                 *cr,
                           const NmdRect           *rect,
                           const NmdPlotStyle      *style);
void     nmd_plot_end     (cairo_t                 *cr);
/* The title and a sentence in the middle. */
void     nmd_plot_empty   (cairo_t                 *cr,
                           const NmdRect           *rect,
                           const NmdPlotStyle      *style,
                           const char              *title,
                           const char              *sentence);

#define NMD_MAX_TICKS 12

typedef struct
{
  double low, high;
  gboolean log;
  int n;
  double ticks[NMD_MAX_TICKS];
  char labels[NMD_MAX_TICKS][24];
} NmdAxis;

/* Ticks at 1, 2 or 5 times a power of ten, about @wanted of them. @extend moves low and high out to ticks. */
void     nmd_axis_init    (NmdAxis                 *self,
                           double                   low,
                           double                   high,
                           int                      wanted,
                           gboolean                 integer,
                           gboolean                 log,
                           gboolean                 extend);
/* Share of the way from low to high. */
double   nmd_axis_place   (const NmdAxis           *self,
                           double                   value);

typedef enum
{
  NMD_KEY_LINE,
  NMD_KEY_DASHED,
  NMD_KEY_AREA,
  NMD_KEY_RING,
  NMD_KEY_CIRCLE,
  NMD_KEY_TRIANGLE,
} NmdKeyKind;

typedef struct
{
  NmdKeyKind kind;
  NmdRgba colour;
  const char *text;
} NmdKey;

#define NMD_MAX_KEYS 10

/* A chart with two axes: heading and legend above, plot area, tick labels. */
typedef struct
{
  NmdRect rect;       /* all of it */
  NmdRect plot;       /* the axes' box */
  gboolean labels;    /* room for tick labels */
  gboolean no_y;
  NmdAxis x, y;
  const char *title, *x_title, *y_title; /* y_title stands upright beside the axis */
  NmdKey keys[NMD_MAX_KEYS];
  NmdRect key_places[NMD_MAX_KEYS]; /* zero width: left out for want of room */
  int n_keys;
} NmdFrame;

/* Range of the axes before layout. */
typedef struct
{
  double x_low, x_high, y_low, y_high;
  gboolean x_integer, y_log, x_extend, y_extend;
  gboolean square;    /* the plot area is square, centred; the legend stands beside it where that leaves it larger */
  gboolean no_y;      /* no labels and no grid for y */
  const char *title, *x_title, *y_title;
} NmdFrameRequest;

/* keys are set by the caller before; n_keys too. FALSE if there is no room for a plot. */
gboolean nmd_frame_layout (NmdFrame                *self,
                           const NmdFrameRequest   *request,
                           const NmdRect           *rect,
                           const NmdPlotStyle      *style);
void     nmd_frame_add_key (NmdFrame               *self,
                           NmdKeyKind               kind,
                           const NmdRgba           *colour,
                           const char              *text);
/* Heading, legend, grid, labels; the data come after. */
void     nmd_frame_draw   (cairo_t                 *cr,
                           const NmdFrame          *self,
                           const NmdPlotStyle      *style);
double   nmd_frame_x      (const NmdFrame          *self,
                           double                   value);
double   nmd_frame_y      (const NmdFrame          *self,
                           double                   value);
/* Clips to the plot area, widened by @by. */
void     nmd_frame_clip   (cairo_t                 *cr,
                           const NmdFrame          *self,
                           double                   by);

G_END_DECLS
