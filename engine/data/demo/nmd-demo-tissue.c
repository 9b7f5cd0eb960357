/* SPDX-License-Identifier: Apache-2.0
 *
 * The tissues of the demo's scans: skin, fat, the belly with its fascicles and what
 * disease makes of them, bone with its shadow. Where they lie is nmd-demo-anatomy.c.
 */
#include "engine/data/demo/nmd-demo-tissue-private.h"

#include <math.h>

/* How far the muscles around the one examined share its echo level. */
#define NEIGHBOUR 0.7

/* Layers common to all */

void
nmd_demo_scene_add_noise (DemoScene *scene)
{
  DemoGrid mottle, laminae, columns;

  nmd_demo_grid_init (&mottle, &scene->varied, 48, 19);
  nmd_demo_grid_init (&laminae, &scene->varied, 34, 5);
  nmd_demo_grid_init (&columns, &scene->fixed, 30, 400);
  for (int y = 0; y < DEMO_H; y++)
    {
      float *row = scene->phantom->level + (gsize)y * DEMO_W;
      float depth = (float)y / DEMO_H;

      nmd_demo_grid_add_row (&mottle, y, 8.5f, row);
      nmd_demo_grid_add_row (&laminae, y, 7.0f, row);
      nmd_demo_grid_add_row (&columns, y, 1.0f + 6.5f * depth,
                             row); /* shadows grow downwards */
    }
  nmd_demo_grid_clear (&mottle);
  nmd_demo_grid_clear (&laminae);
  nmd_demo_grid_clear (&columns);
}

/* Skin: bright, laminated, with the probe's own reverberation at its top. */
void
nmd_demo_scene_add_skin (DemoScene *scene, double thickness)
{
  DemoCurve line;
  DemoGrid laminae;
  DemoInk ink = { 112, 10, 0.02, 0.6 };

  nmd_demo_curve_init (scene, line, 0.0, 0, 0, 0);
  for (int x = 0; x < DEMO_W; x++)
    line[x] = -10;
  nmd_demo_paint_below (scene, line, 92);
  nmd_demo_curve_init (scene, line, thickness, 0.02, 0, 0.02);
  nmd_demo_grid_init (&laminae, &scene->fixed, 130, 4);
  for (int y = 0; y < DEMO_H && y < demo_to_y (scene, 0, thickness); y++)
    nmd_demo_grid_add_row (&laminae, y, 19, scene->phantom->level + (gsize)y * DEMO_W);
  nmd_demo_grid_clear (&laminae);
  for (int i = 0; i < 6; i++)
    {
      double from = nmd_random_range (&scene->fixed, -150, 350), length, above;

      ink.grey = nmd_random_range (&scene->fixed, 96, 132);
      length = nmd_random_range (&scene->fixed, 120, 400);
      above = nmd_random_range (&scene->fixed, 0, thickness * scene->scale * 0.9);
      nmd_demo_draw_along (scene, &scene->fixed, line, from, from + length, -above, ink);
    }
  nmd_demo_paint_below (scene, line, 56); /* fat */
}

/* Connective tissue in the fat: thin bright sheets, nearly along the skin. */
void
nmd_demo_scene_add_fat_septa (DemoScene *scene, double top, double bottom)
{
  int n = 2 + (int)(7 * CLAMP (bottom - top, 0.1, 1.2));

  for (int i = 0; i < n; i++)
    {
      double x = nmd_random_range (&scene->fixed, -2.5, 2.0);
      double y
          = nmd_random_range (&scene->fixed, top + 0.04, MAX (top + 0.06, bottom - 0.08));
      double length = nmd_random_range (&scene->fixed, 0.35, 1.5);
      double rise = 0.09 * nmd_random_normal (&scene->fixed);
      DemoInk ink = { nmd_random_range (&scene->fixed, 88, 138), 12, 0.3, 0.4 };

      nmd_demo_draw_septum (scene, x, y, x + length, CLAMP (y + rise, top, bottom), 0.03,
                            ink);
    }
}

/* The belly between @upper and @lower, rounded at its ends: half thickness × (1 −
 * |u|^p)^(1/p). */
void
nmd_demo_scene_set_belly (DemoScene *scene,
                          const DemoCurve upper,
                          const DemoCurve lower,
                          double power)
{
  for (int column = 0; column < DEMO_W; column++)
    {
      double u
          = fabs (demo_column_cm (scene, column) - scene->belly_x) / scene->belly_half;
      double middle = 0.5 * (upper[column] + lower[column]);
      double half = 0.5 * (lower[column] - upper[column]);

      half *= u < 1 ? pow (1 - pow (u, power), 1 / power) : 0;
      scene->top[column] = (float)(middle - half);
      scene->bottom[column] = (float)(middle + half);
      scene->edge[column] = lower[column];
    }
}

static double
belly_share (const DemoScene *scene, double x, double y)
{
  int column = (int)CLAMP (x, 0, DEMO_W - 1);

  return (y - scene->top[column]) / MAX (scene->bottom[column] - scene->top[column], 1.0);
}

/* Muscle texture */

/* How much of the fascicles disease has replaced at a point. */
static double
patch_at (const DemoScene *scene, double x, double y)
{
  double t = scene->facts->texture, value;

  if (scene->patches.value == NULL || t <= 0)
    return 0;
  /* bent out of the grid's rows, with frayed borders */
  value = demo_grid_at (&scene->patches, x + 11 * sin (y / 19), y + 7 * sin (x / 31))
          + 0.38 * demo_grid_at (&scene->frays, x, y);
  return demo_smoothstep (0.9 - 1.1 * t, 1.5 - 1.1 * t, value)
         * demo_smoothstep (0, 0.35, t);
}

void
nmd_demo_scene_add_matrix (DemoScene *scene)
{
  const gboolean is_neurogenic = scene->facts->disease == NMD_DEMO_NEUROGENIC;
  DemoGrid fine, coarse;
  float row[DEMO_W];

  nmd_demo_grid_init (&fine, &scene->varied, 9, 3.6);
  nmd_demo_grid_init (&coarse, &scene->fixed, 60, 34);
  for (int y = 0; y < DEMO_H; y++)
    {
      memset (row, 0, sizeof row);
      nmd_demo_grid_add_row (&fine, y, 11.0f, row);
      nmd_demo_grid_add_row (&coarse, y, 9.0f, row);
      for (int x = 0; x < DEMO_W; x++)
        {
          gsize i = (gsize)y * DEMO_W + x;
          double u
              = fabs (demo_column_cm (scene, x) - scene->belly_x) / scene->belly_half;
          double inside
              = demo_smoothstep (-9, 6, MIN (y - scene->top[x], scene->bottom[x] - y))
                * (1 - demo_smoothstep (0.8, 1.0, u));
          double under = CLAMP ((y - scene->fascia[x]) / 4.0, 0.0, 1.0);
          double share
              = NEIGHBOUR - 0.35 * demo_smoothstep (0, 160, y - scene->bottom[x]);

          inside *= under;
          scene->phantom->belly[i] = (float)(under * (share + (1 - share) * inside));
          if (inside <= 0)
            continue;
          row[x] += (float)(patch_at (scene, x, y) * (is_neurogenic ? -17.0 : 34.0));
          scene->phantom->level[i]
              += (float)inside * (58.0f + row[x] - scene->phantom->level[i]);
        }
    }
  nmd_demo_grid_clear (&fine);
  nmd_demo_grid_clear (&coarse);
}

/* Distance to the border of the lobules (secondary fascicles): second less first nearest
 * of jittered seeds, 0 on a border, in lobule sizes (Worley 1996). */
static double
lobule_border (guint64 seed, double x, double y)
{
  double first = 9, second = 9;
  int ix = (int)floor (x), iy = (int)floor (y);

  for (int j = iy - 1; j <= iy + 1; j++)
    for (int i = ix - 1; i <= ix + 1; i++)
      {
        guint64 h = (seed ^ ((guint64)(j + 512) * 8191 + (guint64)(i + 512)))
                    * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);
        double dx, dy, d;

        h ^= h >> 29;
        h *= G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);
        dx = i + (double)(h >> 40 & 0xFFF) / 4096.0 - x;
        dy = j + (double)(h >> 52) / 4096.0 - y;
        d = sqrt (dx * dx + dy * dy);
        if (d < first)
          {
            second = first;
            first = d;
          }
        else if (d < second)
          second = d;
      }
  return second - first;
}

/* One piece of perimysium: a short bright streak, mostly along the skin. */
static void
scene_add_streak (DemoScene *scene, guint64 seed, double x, double y, double lean)
{
  NmdRandom *stream = &scene->varied;
  int column = (int)x;
  double share = belly_share (scene, x, y), patch = patch_at (scene, x, y);
  double along = (1 - share) * demo_slope_at (scene->top, column)
                 + share * demo_slope_at (scene->bottom, column);
  double border = lobule_border (seed, x / 44.0 + 0.35 * y / 44.0, y / 27.0);
  double luck = nmd_random_uniform (stream), near = exp (-border * border / 0.022);
  double length = 4 + 7 * near - 6.5 * log (1 - 0.99 * nmd_random_uniform (stream));
  double slope = CLAMP (along, -0.5, 0.5) + lean + 0.16 * nmd_random_normal (stream);
  double dx, dy,
      grey = 52 + 94 * pow (luck, 2.0) + 55 * near * nmd_random_uniform (stream);
  DemoInk ink = { 0, 9, 0.4, 0.5 };

  if (scene->facts->disease == NMD_DEMO_NEUROGENIC)
    {
      grey += 26 * patch * (luck - 0.15);
      length *= 1 + 0.8 * patch;
    }
  else
    grey -= 34 * patch;
  ink.grey = grey;
  length = MIN (length, 44);
  dx = 0.5 * length / sqrt (1 + slope * slope);
  dy = dx * slope;
  nmd_demo_draw_bow (scene, stream, x - dx, y - dy, x + dx, y + dy,
                     0.05 * length * nmd_random_u (stream), ink);
}

void
nmd_demo_scene_add_fascicles (DemoScene *scene, double lean, double density)
{
  guint64 seed = nmd_random_bits (&scene->fixed);
  int tries = (int)(DEMO_W * DEMO_H * density);
  DemoGrid crowd;

  nmd_demo_grid_init (&crowd, &scene->fixed, 70, 40);
  for (int i = 0; i < tries; i++)
    {
      double x = nmd_random_range (&scene->varied, 0, DEMO_W - 1);
      double y = nmd_random_range (&scene->varied, DEMO_Y0, DEMO_H);
      int column = (int)x;

      if (y < scene->fascia[column] + 4 || y > scene->edge[column] - 3
          || nmd_random_uniform (&scene->varied)
                 > 0.62 + 0.4 * demo_grid_at (&crowd, x, y))
        continue;
      if ((y < scene->top[column] || y > scene->bottom[column])
          && nmd_random_uniform (&scene->varied) < 0.45)
        continue;
      scene_add_streak (scene, seed, x, y, lean);
    }
  nmd_demo_grid_clear (&crowd);
}

/* Longer sheets between the lobules: broken lines that rise to one side. */
void
nmd_demo_scene_add_sheets (DemoScene *scene, int n, double lean)
{
  NmdRandom *stream = &scene->fixed;

  for (int i = 0; i < n; i++)
    {
      double cm
          = scene->belly_x + scene->belly_half * nmd_random_range (stream, -0.75, 0.75);
      double share = nmd_random_range (stream, 0.1, 0.9);
      double half = 0.5 * scene->scale * nmd_random_range (stream, 0.3, 1.15);
      double slope = lean + 0.13 * nmd_random_normal (stream);
      double x = CLAMP (demo_to_x (scene, cm), 2, DEMO_W - 3);
      double y
          = scene->top[(int)x] + share * (scene->bottom[(int)x] - scene->top[(int)x]);
      DemoInk ink = { nmd_random_range (stream, 96, 148), 19, 0.4, 0.42 };

      if (scene->top[(int)x] + 30 > scene->bottom[(int)x])
        continue;
      slope += (1 - share) * demo_slope_at (scene->top, (int)x)
               + share * demo_slope_at (scene->bottom, (int)x);
      nmd_demo_draw_bow (scene, stream, x - half, y - half * slope, x + half,
                         y + half * slope, 0.06 * half * nmd_random_normal (stream), ink);
    }
}

/* Streaky tissue of the muscles that are not examined. */
void
nmd_demo_scene_add_deep_streaks (DemoScene *scene,
                                 const DemoCurve top,
                                 int n,
                                 double grey)
{
  for (int i = 0; i < n; i++)
    {
      double x = nmd_random_range (&scene->varied, -20, DEMO_W);
      double y = nmd_random_range (&scene->varied, 60, DEMO_H - 5);
      double length = 6 + 50 * pow (nmd_random_uniform (&scene->varied), 2);
      double slope = 0.14 * nmd_random_normal (&scene->varied)
                     + 0.5 * demo_slope_at (top, (int)CLAMP (x, 0, 511));
      DemoInk ink
          = { grey + 50 * pow (nmd_random_uniform (&scene->varied), 3), 12, 0.4, 0.4 };

      if (y > top[(int)CLAMP (x, 0, DEMO_W - 1)] + 4)
        nmd_demo_draw_bow (scene, &scene->varied, x, y, x + length, y + length * slope, 0,
                           ink);
    }
}

/* A bone's surface: bright and uneven where it faces the probe, shadow below, columns
 * @from to @to. */
void
nmd_demo_scene_add_cortex (DemoScene *scene,
                           const DemoCurve surface,
                           double from,
                           double to,
                           double grey,
                           DemoInk ink)
{
  nmd_demo_shadow_below (scene, surface);
  for (int i = 0; i < 7; i++)
    {
      double cut = (to - from) * (i == 0 ? 0 : nmd_random_range (&scene->fixed, 0, 0.25));
      double cut_right
          = (to - from) * (i == 0 ? 0 : nmd_random_range (&scene->fixed, 0, 0.25));

      ink.grey = grey - 6 * i;
      nmd_demo_draw_along (scene, &scene->fixed, surface, from + cut, to - cut_right,
                           1.4 * i - 2, ink);
    }
}

/* A round bone seen from above, centre and half axes in cm. */
void
nmd_demo_scene_add_bone (
    DemoScene *scene, double cx, double cy, double half_x, double half_y, double grey)
{
  double x0 = demo_to_x (scene, cx), y0 = demo_to_y (scene, cx, cy),
         rx = half_x * scene->scale;
  double ry = half_y * scene->scale, dent = 0;
  DemoCurve surface;

  for (int x = 0; x < DEMO_W; x++)
    {
      double u = (x - x0) / rx;

      dent = 0.93 * dent + 0.5 * nmd_random_u (&scene->fixed);
      surface[x]
          = (float)(fabs (u) < 1 ? y0 + ry * (1 - sqrt (1 - u * u)) + dent : 2 * DEMO_H);
    }
  nmd_demo_scene_add_cortex (scene, surface, x0 - 0.9 * rx, x0 + 0.9 * rx, grey,
                             (DemoInk){ 0, 24, 0.3, 0.75 });
}
