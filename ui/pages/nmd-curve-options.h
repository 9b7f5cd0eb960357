/* SPDX-License-Identifier: Apache-2.0
 *
 * How curves over epochs are looked at: smoothing, scale, and what the pointer is on. Raw points are always drawn.
 */
#pragma once

#include "ui/widgets/nmd-plot-area.h"

G_BEGIN_DECLS

#define NMD_TYPE_CURVE_OPTIONS (nmd_curve_options_get_type ())
G_DECLARE_FINAL_TYPE (NmdCurveOptions, nmd_curve_options, NMD, CURVE_OPTIONS, GtkBox)

/* Signal "changed": curves look otherwise. */

/* 0 at first, or the share of the past in the exponential mean. */
double      nmd_curve_options_get_smoothing (NmdCurveOptions *self);

/* Whether losses are on a logarithmic axis; not at first. */
gboolean    nmd_curve_options_get_log       (NmdCurveOptions *self);

/* @title with what is done to the curve: "Loss (line smoothed by 0.9)". (transfer full) */
char       *nmd_curve_options_title         (NmdCurveOptions *self,
                                             const char      *title) G_GNUC_WARN_UNUSED_RESULT;

/* Fills the curves of a plot for a hit test, as they are drawn. */
typedef void (*NmdCurvesFunc) (gpointer data, NmdCurves *curves);

/* Reads out the point that the pointer is on: "epoch 12: validation 0.498". @fill with @data, which must live as long as
 * @plot, gives its curves, valid until the next call. */
void        nmd_curve_options_watch         (NmdCurveOptions *self,
                                             NmdPlotArea     *plot,
                                             NmdCurvesFunc    fill,
                                             gpointer         data);

G_END_DECLS
