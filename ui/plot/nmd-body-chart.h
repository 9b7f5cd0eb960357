/* SPDX-License-Identifier: Apache-2.0
 *
 * A body from the front and from behind, its muscles coloured by z. Classes are those of QUMIA (Radboudumc): below 1.5,
 * 1.5 to 2, 2 to 3, above 3; each step is darker, and the number stands beside the muscle.
 */
#pragma once

#include "ui/plot/nmd-plot.h"

G_BEGIN_DECLS

#define NMD_N_Z_CLASSES 4

typedef enum
{
  NMD_BODY_LEFT,     /* the person's left */
  NMD_BODY_RIGHT,
  NMD_BODY_NO_SIDE,  /* not stated: named below the chart */
} NmdBodySide;

typedef struct
{
  const char *muscle; /* "BB", "biceps brachii" …; letters' case, blanks, _ and - do not count */
  NmdBodySide side;
  double z;           /* finite */
} NmdBodyZ;

typedef struct
{
  const NmdBodyZ *values; /* borrowed for the call */
  guint n;
} NmdBodyChart;

/* 0 to 3; an end belongs to the higher class: 2 is in "2 to 3". */
int         nmd_z_class               (double              z);
/* "z below 1.5" … Static. */
const char *nmd_z_class_get_title     (int                 z_class);

/* Whether the chart has a place for the muscle. */
gboolean    nmd_body_chart_has_place  (const char         *muscle);

/* Draws the figures, the legend below them, and, where the muscle or side of values has no place, a line that names
 * them. */
void        nmd_body_chart_draw       (cairo_t            *cr,
                                       const NmdBodyChart *chart,
                                       const NmdRect      *rect,
                                       const NmdPlotStyle *style);

/* The middle of the muscle of value @i; FALSE where it has no place. */
gboolean    nmd_body_chart_locate     (const NmdBodyChart *chart,
                                       const NmdRect      *rect,
                                       const NmdPlotStyle *style,
                                       guint               i,
                                       double             *x,
                                       double             *y);

/* The chart in words, a line a value: "BB left: z 2.3, 2 to 3". Returns: (transfer full). */
char       *nmd_body_chart_to_text    (const NmdBodyChart *chart) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
