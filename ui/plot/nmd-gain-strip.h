/* SPDX-License-Identifier: Apache-2.0
 *
 * Under a picture whose grey levels were moved: how far, what a model says to that, and where its class changes.
 */
#pragma once

#include "ui/plot/nmd-plot.h"

G_BEGIN_DECLS

/* Texts are borrowed. */
typedef struct
{
  const char *title;     /* "Brightness" */
  double low, high;      /* ends of the track */
  double file;           /* the file's own value */
  double value;          /* the one shown */
  double flip;           /* where the class changes; NaN: nowhere on the track */
  const char *words;     /* the same in words */
} NmdGainTrack;

typedef struct
{
  const char *head;      /* score, class, threshold */
  const char *more;      /* (nullable): what else was changed */
  NmdGainTrack tracks[2];
  const char *foot;      /* (nullable): what it is for, dim */
} NmdGainStrip;

/* The height that it needs. */
double nmd_gain_strip_get_height (const NmdGainStrip *self,
                                  const NmdPlotStyle *style);

/* Draws it at the top of @rect, on the style's background. */
void   nmd_gain_strip_draw       (cairo_t            *cr,
                                  const NmdGainStrip *self,
                                  const NmdRect      *rect,
                                  const NmdPlotStyle *style);

G_END_DECLS
