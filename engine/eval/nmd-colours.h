/* SPDX-License-Identifier: Apache-2.0
 *
 * Colour scales of a heat map. Where they are drawn is ui/plot's. Threads: any.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * NmdColours:
 * @NMD_COLOURS_UNIFORM: equal steps of the value are equal distances in CIELAB, and lightness rises
 *   from 10 to 92, so that it reads in grey as well
 * @NMD_COLOURS_JET: blue over green to red, as in the paper; not the stiffness of an elastogram
 */
typedef enum
{
  NMD_COLOURS_UNIFORM,
  NMD_COLOURS_JET,
} NmdColours;

/**
 * nmd_colour:
 * @colours: a scale
 * @v: a value; clipped to [0, 1], NaN is 0
 * @rgb: (out): red, green, blue, 0 to 255 each, sRGB
 *
 * The colour of a value.
 */
void    nmd_colour          (NmdColours      colours,
                             double          v,
                             guint8          rgb[3]);

G_END_DECLS
