/* SPDX-License-Identifier: Apache-2.0
 *
 * Drawings as files in memory: PNG, SVG, PDF; and the one picture that `nmd explain` and the window's "Save
 * picture" share. Whoever calls stores the bytes (nmd_file_write()).
 */
#pragma once

#include "ui/plot/nmd-overlay.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_FIGURE_PNG,
  NMD_FIGURE_SVG,
  NMD_FIGURE_PDF,
} NmdFigureFormat;

/* By the name's ending; PNG for none or an unknown one (FALSE then). */
gboolean nmd_figure_format_of   (const char         *path,
                                 NmdFigureFormat    *format);

/* Draws @data into @rect; the chart functions fit after a cast-free wrapper of one line. */
typedef void (*NmdFigureFunc)   (cairo_t            *cr,
                                 const NmdRect      *rect,
                                 const NmdPlotStyle *style,
                                 gconstpointer       data);

/* One figure: the file's name without ending, what draws it, and its size in points. */
typedef struct
{
  const char *name;
  NmdFigureFunc draw;
  double width, height;
} NmdFigureFile;

/**
 * nmd_figure_render:
 * @width, @height: in user units; one is a pixel of a PNG at @scale 1 and 1/96 inch of a PDF or SVG
 * @scale: PNG only: pixels a unit, e.g. 2 for a sharp picture of the same layout
 * @texts: (nullable): NULL-terminated key, value, … pairs: tEXt chunks of a PNG; "Title" also in a PDF
 *
 * Paints the style's background (opaque) and calls @draw.
 * Errors: %NMD_ERROR_UNSUPPORTED (a size over 16384 pixels), %NMD_ERROR_MEMORY.
 */
GBytes  *nmd_figure_render      (NmdFigureFormat      format,
                                 double               width,
                                 double               height,
                                 double               scale,
                                 NmdFigureFunc        draw,
                                 gconstpointer        data,
                                 const NmdPlotStyle  *style,
                                 const char *const   *texts,
                                 GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* A figure that is drawn and not yet encoded. It borrows nothing. */
typedef struct _NmdFigure NmdFigure;

/* The first half of nmd_figure_render(), which has to be done where @data may be read: calls @draw. Errors: as there,
 * but lack of memory may show in the second half only. */
NmdFigure *nmd_figure_draw      (NmdFigureFormat      format,
                                 double               width,
                                 double               height,
                                 double               scale,
                                 NmdFigureFunc        draw,
                                 gconstpointer        data,
                                 const NmdPlotStyle  *style,
                                 const char *const   *texts,
                                 GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* The second half, which takes longest: compression. Called once. Threads: any, one at a time. Errors: as there. */
GBytes  *nmd_figure_encode      (NmdFigure           *self,
                                 GError             **error) G_GNUC_WARN_UNUSED_RESULT;
void     nmd_figure_free        (NmdFigure           *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdFigure, nmd_figure_free)

/* What an explanation says beside its two pictures. */
typedef struct
{
  NmdOverlay overlay;       /* image, map …; the left picture is the same without the map; without a map
                             * there is one picture only */
  const char *image_name;   /* "BB_anon_348_1.png" */
  const char *classes[2];
  const char *part;         /* "training", "held out", "unknown" … */
  const char *model;        /* "NMD-AssistNet, average weights, run NAME" */
  const char *fit;          /* passport's sentence, NULL if it fits */
  gboolean show_score;      /* FALSE: no score; the picture says why: fit, or that there is no outline */
  gboolean hide_class;      /* the map's class is not named: it would tell a withheld score */
  double echo_mean, echo_sd; /* NaN: not measured */
  const char *grey_note;    /* (nullable): how the grey levels shown differ from the file's */
} NmdExplainFigure;

/* The size that suits the image: two pictures side by side, bar, captions. */
void     nmd_figure_explain_get_size (const NmdExplainFigure *figure,
                                      const NmdPlotStyle     *style,
                                      double                 *width,
                                      double                 *height);

/* An NmdFigureFunc; @data is an NmdExplainFigure. Class, layer, grid size, part, shares, and the
 * caveat stand in the picture. */
void     nmd_figure_draw_explain (cairo_t            *cr,
                                  const NmdRect      *rect,
                                  const NmdPlotStyle *style,
                                  gconstpointer       data);

/* The same drawn, with tEXt chunks that repeat the captions ("SYNTHETIC" where it is). */
NmdFigure *nmd_figure_explain   (const NmdExplainFigure *figure,
                                 NmdFigureFormat         format,
                                 double                  scale,
                                 const NmdPlotStyle     *style,
                                 GError                **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
