/* SPDX-License-Identifier: Apache-2.0
 *
 * Lengths, angles and areas on a scan, in pixels or, where the depth scale was calibrated, in cm. Pure
 * functions. Threads: any.
 */
#pragma once

#include "engine/image/nmd-preprocess.h"

G_BEGIN_DECLS

/**
 * nmd_measure_get_scale:
 * @image: what is measured on
 * @box: the pixels that the measure touches
 * @cm: centimetres a pixel from nmd_measure_calibrate(), for images that say nothing themselves; 0: not calibrated
 * @scale: (out): the part in which the scale holds, and the scale
 *
 * Finds the scale that holds throughout @box. Where the image's file has calibrated parts they alone count: the one
 * that @box lies in; of several, they have to agree to 1e-6.
 *
 * Returns: %FALSE: there are only pixels
 */
gboolean nmd_measure_get_scale    (const NmdImage         *image,
                                   const NmdBox           *box,
                                   double                  cm,
                                   NmdRegion              *scale);

/* The box of the pixels in which @n points x, y lie; cut to nothing less than a pixel. */
NmdBox   nmd_measure_box_of_points (const double          *points,
                                    guint                  n);

/* The scale of the whole picture as one number, for a ruler: that of the largest calibrated part whose pixels
 * are square to 1 %, or @cm where there is no calibrated part. 0: there is none. */
double   nmd_measure_get_cm       (const NmdImage         *image,
                                   double                  cm);

/* The distance of two points, or of three the angle at the second in degrees, measured by nmd_measure_get_scale(); so
 * pixels that are not square bend neither. @is_cm (out): %FALSE: a distance is in pixels. */
double   nmd_measure_by_scale     (const NmdImage         *image,
                                   const double           *points,
                                   guint                   n,
                                   double                  cm,
                                   gboolean               *is_cm);

/* Centimetres a pixel along both axes, from @cm between two points of the depth scale (x, y each, in
 * pixels). 0, which means "not calibrated", where the points coincide or @cm is not above 0. */
double nmd_measure_calibrate      (const double           from[2],
                                   const double           to[2],
                                   double                 cm);

/* Distance of two points in pixels. */
double nmd_measure_distance       (const double           from[2],
                                   const double           to[2]);

/* The angle at @corner between the directions to @a and @b: 0 to 180 degrees; NaN if one coincides
 * with it. */
double nmd_measure_angle          (const double           a[2],
                                   const double           corner[2],
                                   const double           b[2]);

/**
 * nmd_measure_thickness:
 * @mask: an outline
 *
 * Thickness of the outlined layer: the mean over the columns of the middle half of the outline's
 * width of the set pixels in them. Unlike callipers it does not depend on where one puts them.
 *
 * Returns: pixels; NaN for an empty mask
 */
double nmd_measure_thickness      (const NmdImage         *mask);

/* The value below and above which half of the measured pixels lie (between two middle ones their mean);
 * NaN if none was measured. */
double nmd_echo_intensity_median  (const NmdEchoIntensity *self);

G_END_DECLS
