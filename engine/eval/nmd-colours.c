/* SPDX-License-Identifier: Apache-2.0
 *
 * Colours of a map. The uniform ones are a helix in CIELAB, computed here from its
 * formula: lightness rises from 10 to 92 while the hue goes from violet by red to yellow,
 * in equal steps of colour distance.
 */
#include "config.h"

#include "engine/eval/nmd-colours.h"

#include <math.h>

#define N_STEPS 1024
#define N_COLOURS 256

typedef struct
{
  double l, a, b;
} Lab;

/* The helix. Chroma 60 fits into sRGB along the whole way; violet starts paler, it is
 * dark there. */
static Lab
helix (double t)
{
  double hue = (300 + 160 * t) * G_PI / 180, chroma = 60 * (1 - 0.5 * pow (1 - t, 6));

  return (Lab){ 10 + 82 * t, chroma * cos (hue), chroma * sin (hue) };
}

static double
lab_inverse (double t)
{
  return t > 6.0 / 29 ? t * t * t : 3 * (6.0 / 29) * (6.0 / 29) * (t - 4.0 / 29);
}

static guint8
encode (double linear)
{
  double v = linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow (linear, 1 / 2.4) - 0.055;

  return (guint8)(CLAMP (v, 0, 1) * 255 + 0.5);
}

/* CIELAB (D65) to sRGB, IEC 61966-2-1. */
static void
lab_to_rgb (const Lab *lab, guint8 rgb[3])
{
  double fy = (lab->l + 16) / 116;
  double x = 0.95047 * lab_inverse (fy + lab->a / 500), y = lab_inverse (fy);
  double z = 1.08883 * lab_inverse (fy - lab->b / 200);

  rgb[0] = encode (3.2404542 * x - 1.5371385 * y - 0.4985314 * z);
  rgb[1] = encode (-0.9692660 * x + 1.8760108 * y + 0.0415560 * z);
  rgb[2] = encode (0.0556434 * x - 0.2040259 * y + 1.0572252 * z);
}

/* Walks the helix so that colours are the same CIE 1976 distance apart. */
static gpointer
make_table (gpointer unused)
{
  guint8 (*table)[3] = g_malloc (N_COLOURS * sizeof *table);
  double length[N_STEPS + 1] = { 0 };
  Lab before = helix (0);
  int at = 0;

  for (int i = 1; i <= N_STEPS; i++)
    {
      Lab lab = helix ((double)i / N_STEPS);

      length[i] = length[i - 1]
                  + sqrt ((lab.l - before.l) * (lab.l - before.l)
                          + (lab.a - before.a) * (lab.a - before.a)
                          + (lab.b - before.b) * (lab.b - before.b));
      before = lab;
    }
  for (int c = 0; c < N_COLOURS; c++)
    {
      double wanted = length[N_STEPS] * c / (N_COLOURS - 1);
      Lab lab;

      while (at < N_STEPS - 1 && length[at + 1] < wanted)
        at++;
      lab = helix ((at + (wanted - length[at]) / (length[at + 1] - length[at]))
                   / N_STEPS);
      lab_to_rgb (&lab, table[c]);
    }
  return table;
}

void
nmd_colour (NmdColours colours, double v, guint8 rgb[3])
{
  static GOnce once = G_ONCE_INIT;

  v = v >= 0 ? MIN (v, 1) : 0; /* NaN is 0 */
  if (colours == NMD_COLOURS_JET)
    {
      for (int i = 0; i < 3; i++)
        rgb[i] = (guint8)(CLAMP (1.5 - fabs (4 * v - 3 + i), 0, 1) * 255 + 0.5);
      return;
    }
  const guint8 (*table)[3] = g_once (&once, make_table, NULL);
  const guint8 *colour = table[(int)(v * (N_COLOURS - 1) + 0.5)];

  for (int i = 0; i < 3; i++)
    rgb[i] = colour[i];
}
