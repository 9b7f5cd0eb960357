/* SPDX-License-Identifier: Apache-2.0
 *
 * Charts as functions of (cairo_t, data, rectangle, style), for the window, for `nmd` and for
 * figures in files. Cairo and Pango only: no GTK, no files, no state. The same data, rectangle and
 * style give the same drawing on every surface; text is measured without hinting, so that layout
 * does not depend on the surface either.
 *
 * Every function draws inside its rectangle only (it clips), leaves the context as it found it,
 * shows a sentence where there is nothing to draw, and leaves out labels where the rectangle
 * is too small for them. Rectangles are in user units (pixels at scale 1).
 *
 * Texts in data structs are borrowed for the call; NULL leaves them out.
 * Threads: any, one context a thread. Functions that take no context (hit tests) likewise.
 */
#pragma once

#include "engine/eval/nmd-agreement.h"
#include "engine/eval/nmd-results.h"

#include <cairo.h>
#include <math.h>

G_BEGIN_DECLS

typedef struct
{
  double x, y, width, height;
} NmdRect;

/* Straight (not premultiplied) components in [0, 1]. */
typedef struct
{
  double red, green, blue, alpha;
} NmdRgba;

typedef enum
{
  NMD_THEME_LIGHT,
  NMD_THEME_DARK,
  NMD_THEME_HIGH_CONTRAST,      /* black on white, thicker lines, no faint colours */
  NMD_THEME_HIGH_CONTRAST_DARK,
} NmdTheme;

#define NMD_N_SERIES_COLOURS 6

/* Everything that a look consists of; plain values, free to change after nmd_plot_style_init(). */
typedef struct
{
  NmdTheme theme;
  NmdRgba background;      /* alpha 0: not painted (the widget behind shows) */
  NmdRgba foreground;      /* text and axes */
  NmdRgba dim;             /* secondary text; at least 4.5 : 1 on the background */
  NmdRgba grid;
  NmdRgba accent;          /* selection, threshold handle */
  NmdRgba warning;         /* SYNTHETIC, not meaningful */
  NmdRgba shade;           /* area of the averaging phase */
  NmdRgba series[NMD_N_SERIES_COLOURS]; /* told apart by readers with any colour vision; [0] training and healthy,
                                           [1] validation and pathological, [2] rival */
  const char *font;        /* family, "Sans" by default; borrowed */
  double font_size;        /* of labels, user units: 12 × scale */
  double line_width;       /* of curves */
  char decimal;            /* between a number and its fraction: '.', the desktop's in the window */
} NmdPlotStyle;

/* @font_scale: 1, or the desktop's text scale; also the way to larger text for teaching. */
void nmd_plot_style_init (NmdPlotStyle *style,
                          NmdTheme      theme,
                          double        font_scale);

/* Words that plots have of their own are in the window's language, where it has one, or in English if @english: for
 * what goes into files with English text. Holds for the calling thread. Returns: what held before. */
gboolean nmd_plot_speak_english (gboolean english);

/**
 * NmdPlotNote:
 * @sign: (nullable): one bold line above the chart in the warning colour ("Synthetic data …")
 * @caption: (nullable): lines under the chart: which part, how many images and subjects, what the
 *   intervals are; broken where they are too long
 *
 * What a figure must say besides the chart, so that it can stand alone.
 */
typedef struct
{
  const char *sign;
  const char *caption;
} NmdPlotNote;

/* Draws @note at the edges of @rect and makes @rect what is left for the chart. The chart is drawn after
 * it. Nothing is left out: a caption takes the lines that it needs. */
void nmd_plot_note (cairo_t            *cr,
                    const NmdPlotNote  *note,
                    NmdRect            *rect,
                    const NmdPlotStyle *style);

/* ---- Curves over epochs ---------------------------------------------------------------- */

typedef struct
{
  const char *title;       /* in the legend */
  const double *x;         /* (nullable): NULL is 0, 1, 2 … */
  const double *y;         /* NaN: no value here, the line is interrupted */
  guint n;
  int colour;              /* index into NmdPlotStyle.series */
  gboolean dashed;
  gboolean steps;          /* a staircase without points (learning rate) */
} NmdSeries;

/* Start from NMD_CURVES_INIT; NaN means "from the data" or "none". */
typedef struct
{
  const char *title;       /* top left */
  const char *x_title;     /* under the axis, "epoch" */
  const NmdSeries *series;
  guint n_series;
  double x_low, x_high, y_low, y_high;
  gboolean x_integer;      /* ticks at whole numbers only */
  gboolean y_log;          /* values ≤ 0 are left out then */
  double smoothing;        /* 0 (default) … 0.99: exponential mean as the line, the raw points stay visible */
  double shade_from;       /* shaded from here to the right edge */
  const char *shade_title; /* "averaging" */
  double marker_x, marker_y; /* ring, e.g. the best epoch */
  const char *marker_title;  /* "best: epoch 12" */
  const char *empty;       /* sentence shown without data; on axes if all four limits are given */
} NmdCurves;

#define NMD_CURVES_INIT                                                                        \
  { .x_low = NAN, .x_high = NAN, .y_low = NAN, .y_high = NAN, .x_integer = TRUE,               \
    .shade_from = NAN, .marker_x = NAN, .marker_y = NAN }

/* Lines with every raw point, nice ticks, a legend above the plot (never over data). All finite
 * values are inside the axes unless y_low or y_high say otherwise: nothing is called an outlier. */
void     nmd_plot_curves        (cairo_t            *cr,
                                 const NmdCurves    *curves,
                                 const NmdRect      *rect,
                                 const NmdPlotStyle *style);

/* Where point @point of series @series is drawn; FALSE if it is not (NaN, no room). */
gboolean nmd_plot_curves_point  (const NmdCurves    *curves,
                                 const NmdRect      *rect,
                                 const NmdPlotStyle *style,
                                 guint               series,
                                 guint               point,
                                 double             *x,
                                 double             *y);

/* The drawn point nearest to (@x, @y), within @reach user units; for tooltips. */
gboolean nmd_plot_curves_locate (const NmdCurves    *curves,
                                 const NmdRect      *rect,
                                 const NmdPlotStyle *style,
                                 double              x,
                                 double              y,
                                 double              reach,
                                 guint              *series,
                                 guint              *point);

/* The learning-rate strip: low and wide, a staircase on a log axis where the range is wide, the phases
 * named ("training", "averaging"). @n_epochs: planned; @n: known so far. @averaging_from: NaN
 * if there is none yet. The axis is that of the other curves over epochs: 0 to the last one. */
void     nmd_plot_learning_rate (cairo_t            *cr,
                                 const double       *lr,
                                 guint               n,
                                 guint               n_epochs,
                                 double              averaging_from,
                                 const NmdRect      *rect,
                                 const NmdPlotStyle *style);

/* ---- ROC --------------------------------------------------------------------------------- */

/* Start from NMD_ROC_PLOT_INIT. */
typedef struct
{
  const char *title;
  const NmdRoc *roc;         /* (nullable): none yet, the rival is alone then; its band is drawn if it has one */
  double auc;
  NmdInterval auc_ci;        /* NaN: not shown */
  const char *auc_note;      /* "by subject", "epoch 12"; of the rival if that is alone */
  const char *network_title; /* "network" */
  const char *band_title;    /* "95 % band by subject"; NULL: the band has no entry in the legend */
  const NmdRoc *rival;       /* (nullable), dashed */
  double rival_auc;          /* shown also without the rival's curve; NaN: not shown */
  NmdInterval rival_ci;      /* NaN: not shown */
  const char *rival_title;   /* "echo intensity alone" */
  const NmdRoc *const *earlier; /* faint, oldest first: earlier epochs */
  guint n_earlier;
  double threshold;          /* handle at its operating point; NaN: none */
  const char *empty;
} NmdRocPlot;

#define NMD_ROC_PLOT_INIT                                                                      \
  { .auc = NAN, .auc_ci = { NAN, NAN }, .rival_auc = NAN, .rival_ci = { NAN, NAN }, .threshold = NAN,                    \
    .network_title = "network", .rival_title = "echo intensity alone" }

/* Square plot of sensitivity against 1 − specificity: band, diagonal of chance, earlier curves, rival,
 * curve, handle. AUCs stand in the legend, above or beside the axes; the handle's values under the diagonal. */
void     nmd_plot_roc           (cairo_t            *cr,
                                 const NmdRocPlot   *plot,
                                 const NmdRect      *rect,
                                 const NmdPlotStyle *style);

/* Where the handle is; FALSE if there is none. */
gboolean nmd_plot_roc_handle    (const NmdRocPlot   *plot,
                                 const NmdRect      *rect,
                                 const NmdPlotStyle *style,
                                 double             *x,
                                 double             *y);

/* For dragging: the threshold of the curve's point nearest to (@x, @y), a score that occurs.
 * FALSE without a curve. */
gboolean nmd_plot_roc_threshold_at (const NmdRocPlot   *plot,
                                    const NmdRect      *rect,
                                    const NmdPlotStyle *style,
                                    double              x,
                                    double              y,
                                    double             *threshold);

/* Several curves, each in the colour of its place. */
typedef struct
{
  const char *title;
  const NmdRoc *const *rocs; /* n of them; %NULL: left out, its colour too */
  const char *const *titles;
  guint n;
  const char *empty;
} NmdRocsPlot;

void     nmd_plot_rocs          (cairo_t            *cr,
                                 const NmdRocsPlot  *plot,
                                 const NmdRect      *rect,
                                 const NmdPlotStyle *style);

/* ---- Confusion matrix ---------------------------------------------------------------------- */

typedef enum
{
  NMD_CELL_NONE = -1,
  NMD_CELL_TN,
  NMD_CELL_FP,
  NMD_CELL_FN,
  NMD_CELL_TP,
} NmdCell;

/* Rows are what is true, columns what was predicted, the positive class first. */
typedef struct
{
  const char *title;
  guint tp, tn, fp, fn;
  const char *classes[2];   /* words for label 0 and 1 */
  gboolean have_selection;
  NmdCell selected;         /* framed, if have_selection */
  const char *empty;        /* shown if all counts are 0 */
} NmdMatrixPlot;

/* Each cell: TP/FP/FN/TN, count, share of its row; the fill's strength is the row share, right and
 * wrong differ in hue and in hatching, text keeps its contrast. */
void     nmd_plot_matrix        (cairo_t             *cr,
                                 const NmdMatrixPlot *plot,
                                 const NmdRect       *rect,
                                 const NmdPlotStyle  *style);

/* Which cell is at (@x, @y). */
NmdCell  nmd_plot_matrix_cell_at (const NmdMatrixPlot *plot,
                                  const NmdRect       *rect,
                                  const NmdPlotStyle  *style,
                                  double               x,
                                  double               y);

/* ---- Grey levels, calibration, scores -------------------------------------------------------- */

typedef struct
{
  const char *title;
  const guint *counts;      /* n bins of equal width over low … high */
  guint n;
  double low, high;         /* 0, 256 for grey levels */
  double mean;              /* line with its value; NaN: none */
  double reference_mean;    /* dashed line, e.g. of the stage before; NaN: none */
  const char *x_title;
  const char *empty;
} NmdHistogramPlot;

#define NMD_HISTOGRAM_PLOT_INIT                                                                \
  { .low = 0, .high = 256, .mean = NAN, .reference_mean = NAN }

void     nmd_plot_histogram     (cairo_t                *cr,
                                 const NmdHistogramPlot *plot,
                                 const NmdRect          *rect,
                                 const NmdPlotStyle     *style);

/* Reliability diagram: per tenth of the score, observed share of positives against the mean score, the
 * diagonal, and how many images fall in each tenth. No intervals: by image they would be too narrow.
 * @scores (nullable): scores, or calibrated probabilities. @x_title: "score", "probability". */
void     nmd_plot_reliability   (cairo_t                *cr,
                                 const char             *title,
                                 const char             *x_title,
                                 const NmdScores        *scores,
                                 const NmdRect          *rect,
                                 const NmdPlotStyle     *style);

typedef struct
{
  const char *title;
  const NmdScores *scores;  /* (nullable) those with an echo intensity are drawn */
  const char *classes[2];
  double threshold;         /* dashed line; NaN: none */
  int selected;             /* index into scores, ringed; -1: none */
  const char *empty;
} NmdScatterPlot;

/* Score against echo intensity; circles are label 0, triangles label 1. */
void     nmd_plot_scatter       (cairo_t                *cr,
                                 const NmdScatterPlot   *plot,
                                 const NmdRect          *rect,
                                 const NmdPlotStyle     *style);

/* Index into scores of the mark nearest to (@x, @y) within @reach, or -1. */
int      nmd_plot_scatter_at    (const NmdScatterPlot   *plot,
                                 const NmdRect          *rect,
                                 const NmdPlotStyle     *style,
                                 double                  x,
                                 double                  y,
                                 double                  reach);

/* Bins of equal width that scores are counted in. */
#define NMD_SCORE_BINS 20

typedef struct
{
  const char *title;
  const NmdScores *scores;  /* (nullable) */
  const char *classes[2];
  double threshold;         /* dashed line; NaN: none */
  int selected_bin;         /* framed; −1: none */
  int selected_label;
} NmdScoreBarsPlot;

/* Rows by score, two bars a bin: label 0 and, with an edge, label 1. */
void     nmd_plot_score_bars    (cairo_t                *cr,
                                 const NmdScoreBarsPlot *plot,
                                 const NmdRect          *rect,
                                 const NmdPlotStyle     *style);

/* Which bar is at (@x, @y); FALSE for none. */
gboolean nmd_plot_score_bars_at (const NmdScoreBarsPlot *plot,
                                 const NmdRect          *rect,
                                 const NmdPlotStyle     *style,
                                 double                  x,
                                 double                  y,
                                 guint                  *bin,
                                 int                    *label);

/* The bin of a score in [0, 1]. */
guint    nmd_plot_score_bin     (double                  score);

/* The threshold of the curve's corner @by corners on from that of @threshold (forward is a lower threshold); it stays
 * on the curve. A score that occurs; for arrow keys. */
double   nmd_plot_roc_step      (const NmdRoc           *roc,
                                 double                  threshold,
                                 int                     by);

/* ---- Decision curve -------------------------------------------------------------------------- */

/* Start from NMD_DECISION_PLOT_INIT. */
typedef struct
{
  const char *title, *x_title;
  const char *model_title, *low_title, *high_title; /* the model and the ends of its 95 % band */
  const char *all_title, *none_title;               /* treating everybody, nobody */
  const NmdDecisionCurve *curve;                    /* (nullable) */
  const char *empty;                                /* shown without a curve */
} NmdDecisionPlot;

#define NMD_DECISION_PLOT_INIT                                                                 \
  { .title = "Decision curve: net benefit", .x_title = "threshold probability",                \
    .model_title = "model", .low_title = "95 % from", .high_title = "to",                      \
    .all_title = "everybody", .none_title = "nobody" }

/* Treating nobody: a colour of its own, not the rival's. */
#define NMD_DECISION_NOBODY_COLOUR 3

/* Net benefit by threshold probability, with treating everybody and nobody. The axis of net benefit goes from
 * −0.3 times its upper end: what is worse than treating nobody is seen to be so. */
void     nmd_plot_decision      (cairo_t                *cr,
                                 const NmdDecisionPlot  *plot,
                                 const NmdRect          *rect,
                                 const NmdPlotStyle     *style);

/* ---- Agreement ------------------------------------------------------------------------------- */

/**
 * NmdAgreementPlot:
 * @means: mean of the two ways of measuring, (a + b)/2, of each of @n pairs; NaN: not drawn
 * @differences: a − b of each
 * @agreement: of them, see nmd_agreement_compute()
 * @decimals: of the numbers in the legend
 * @selected: index of a pair, ringed; −1: none
 * @empty: (nullable): sentence shown without pairs
 */
typedef struct
{
  const char *title, *x_title, *y_title;
  const double *means, *differences;
  guint n;
  NmdAgreement agreement;
  int decimals;
  int selected;
  const char *empty;
} NmdAgreementPlot;

/* The plot of Bland and Altman (Lancet 327 (1986) 307): each difference against its mean; 0, the bias and the
 * limits bias ± 1.96 SD as lines with the bands of their 95 % intervals, all in the legend in numbers. */
void     nmd_plot_agreement     (cairo_t                *cr,
                                 const NmdAgreementPlot *plot,
                                 const NmdRect          *rect,
                                 const NmdPlotStyle     *style);

/* Index of the pair nearest to (@x, @y) within @reach, or -1. */
int      nmd_plot_agreement_at  (const NmdAgreementPlot *plot,
                                 const NmdRect          *rect,
                                 const NmdPlotStyle     *style,
                                 double                  x,
                                 double                  y,
                                 double                  reach);

/* ---- Experiments ------------------------------------------------------------------------- */

/* A line of the chart: what is compared, over several trainings. */
typedef struct
{
  const char *title;
  const double *values;     /* n of them, a mark each; NaN: left out */
  guint n;
  double mean, sd;          /* the bar is mean ± sd; NaN: no bar */
} NmdSpreadRow;

typedef struct
{
  const char *title;
  const char *x_title;      /* "AUC" */
  const NmdSpreadRow *rows; /* the first on top */
  guint n_rows;
  double reference;         /* dashed line: echo intensity alone; NaN: none */
  const char *reference_title;
  const char *empty;
} NmdSpreadPlot;

/* Each training as a mark, and mean ± SD of each row, on one axis in [0, 1] as wide as the values need. */
void     nmd_plot_spread        (cairo_t                *cr,
                                 const NmdSpreadPlot    *plot,
                                 const NmdRect          *rect,
                                 const NmdPlotStyle     *style);

G_END_DECLS
