/* SPDX-License-Identifier: Apache-2.0
 *
 * Drawing into a phantom: noise, layers, shadows, spots and reflecting sheets. Lengths are
 * in cm until they are drawn; levels are grey levels of the straight logarithmic scale.
 */
#include "engine/data/demo/nmd-demo-canvas-private.h"

#include <math.h>

/* The diffuse echo of a sheet lies that much below its mirror echo, grey levels. */
#define ROUGH 20
#define SHADOW 42 /* level behind bone */

/* Helpers */

double
nmd_demo_draw (NmdRandom *stream, double mean, double sd, double low, double high)
{
  double value = mean + sd * nmd_random_normal (stream);

  return CLAMP (value, low, high);
}

void
nmd_demo_grid_init (DemoGrid *self, NmdRandom *stream, double cell_x, double cell_y)
{
  self->cell_x = cell_x;
  self->cell_y = cell_y;
  self->nx = (int)(DEMO_W / cell_x) + 3;
  self->ny = (int)(DEMO_H / cell_y) + 3;
  self->value = g_new (float, (gsize)self->nx * self->ny);
  for (int i = 0; i < self->nx * self->ny; i++)
    self->value[i] = 1.22f * (nmd_random_u (stream) + nmd_random_u (stream));
}

void
nmd_demo_grid_clear (DemoGrid *self)
{
  g_clear_pointer (&self->value, g_free);
}

/* out[x] += gain · noise(x, y) for a whole row. */
void
nmd_demo_grid_add_row (const DemoGrid *self, int y, float gain, float *out)
{
  double gy = y / self->cell_y;
  int iy = (int)gy;
  float ty = (float)demo_smoothstep (0, 1, gy - iy);
  const float *a = self->value + iy * self->nx, *b = a + self->nx;
  float step = (float)(1.0 / self->cell_x), at = 0;

  for (int x = 0; x < DEMO_W; x++, at += step)
    {
      int ix = (int)at;
      float t = at - (float)ix, left, right;

      t = t * t * (3.0f - 2.0f * t);
      left = a[ix] + (b[ix] - a[ix]) * ty;
      right = a[ix + 1] + (b[ix + 1] - a[ix + 1]) * ty;
      out[x] += gain * (left + (right - left) * t);
    }
}

/* A wavy line: @depth cm at the middle, @bow more at 2.3 cm from it, waves of @wave cm.
 */
void
nmd_demo_curve_init (
    DemoScene *scene, DemoCurve curve, double depth, double bow, double lean, double wave)
{
  double phase[4], length[4] = { 3.6, 1.6, 0.75, 0.34 },
                   height[4] = { 0.6, 0.4, 0.2, 0.06 };

  for (int i = 0; i < 4; i++)
    {
      phase[i] = nmd_random_range (&scene->fixed, 0, 2 * G_PI);
      length[i] *= nmd_random_range (&scene->fixed, 0.8, 1.25);
    }
  for (int column = 0; column < DEMO_W; column++)
    {
      double x = demo_column_cm (scene, column), y = depth + bow * x * x / 5.3 + lean * x;

      for (int i = 0; i < 4; i++)
        y += wave * height[i] * sin (2 * G_PI * x / length[i] + phase[i]);
      curve[column] = (float)demo_to_y (scene, x, y);
    }
}

/* Painting */

/* level between two lines (edges a pixel soft) becomes @level. */
static void
paint_between (DemoScene *scene,
               const DemoCurve top,
               const DemoCurve bottom,
               double level)
{
  for (int y = 0; y < DEMO_H; y++)
    {
      float *row = scene->phantom->level + (gsize)y * DEMO_W;

      for (int x = 0; x < DEMO_W; x++)
        {
          float a = CLAMP ((float)y - top[x] + 0.5f, 0.0f, 1.0f);
          float b = CLAMP (bottom[x] - (float)y + 0.5f, 0.0f, 1.0f);

          row[x] += ((float)level - row[x]) * a * b;
        }
    }
}

void
nmd_demo_paint_below (DemoScene *scene, const DemoCurve top, double level)
{
  DemoCurve bottom;

  for (int x = 0; x < DEMO_W; x++)
    bottom[x] = 2 * DEMO_H;
  paint_between (scene, top, bottom, level);
}

/* The shadow below @top (2·DEMO_H: no bone there): little echo, soft at its sides,
 * reverberation dying away downwards. What lies in it does not follow the muscle's echo
 * level. */
void
nmd_demo_shadow_below (DemoScene *scene, const DemoCurve top)
{
  const int soft = 8;
  float depth[DEMO_W + 1];

  for (int y = 0; y < DEMO_H; y++)
    {
      depth[0] = 0;
      for (int x = 0; x < DEMO_W; x++)
        depth[x + 1] = depth[x] + CLAMP (((float)y - top[x]) / 6.0f, 0.0f, 1.0f);
      for (int x = 0; x < DEMO_W; x++)
        {
          int left = MAX (x - soft, 0), right = MIN (x + soft + 1, DEMO_W);
          float dark = (depth[right] - depth[left]) / (float)(right - left);
          gsize i = (gsize)y * DEMO_W + x;

          if (dark <= 0)
            continue;
          scene->phantom->re[i] *= 1 - 0.9f * dark;
          scene->phantom->im[i] *= 1 - 0.9f * dark;
          scene->phantom->belly[i] *= 1 - 0.85f * dark;
          scene->phantom->level[i]
              += dark
                 * (0.75f
                    * (SHADOW
                       + 18 * expf ((top[x] - (float)y) / 25.0f * (top[x] < DEMO_H))
                       - scene->phantom->level[i]));
        }
    }
}

/* A soft dark or bright spot, half axes in cm. */
void
nmd_demo_paint_spot (DemoScene *scene,
                     double cx,
                     double cy,
                     double half_x,
                     double half_y,
                     double level,
                     double share)
{
  double x0 = demo_to_x (scene, cx), y0 = demo_to_y (scene, cx, cy);
  double rx = half_x * scene->scale, ry = half_y * scene->scale;

  for (int y = MAX (0, (int)(y0 - 1.5 * ry)); y < MIN (DEMO_H, y0 + 1.5 * ry); y++)
    for (int x = MAX (0, (int)(x0 - 1.5 * rx)); x < MIN (DEMO_W, x0 + 1.5 * rx); x++)
      {
        double r = hypot ((x - x0) / rx, (y - y0) / ry);
        float *at = scene->phantom->level + (gsize)y * DEMO_W + x;

        *at += (float)((level - *at) * share * (1 - demo_smoothstep (0.75, 1.15, r)));
      }
}

static void
splat (DemoPhantom *phantom, double x, double y, double re, double im)
{
  int ix = (int)floor (x), iy = (int)floor (y);
  double fx = x - ix, fy = y - iy;

  if (ix < 0 || iy < 0 || ix >= DEMO_W - 1 || iy >= DEMO_H - 1)
    return;
  for (int k = 0; k < 4; k++)
    {
      gsize i = (gsize)(iy + k / 2) * DEMO_W + ix + k % 2;
      double w = (k % 2 ? fx : 1 - fx) * (k / 2 ? fy : 1 - fy);

      phantom->re[i] += (float)(w * re);
      phantom->im[i] += (float)(w * im);
    }
}

typedef struct
{
  NmdRandom *stream;
  DemoInk ink;
  double phase, slow, fast, lift;
} Pen;

static void
pen_init (Pen *self, NmdRandom *stream, DemoInk ink)
{
  self->stream = stream;
  self->ink = ink;
  self->phase = nmd_random_range (stream, 0, 2 * G_PI);
  self->slow = 0.8 * nmd_random_normal (stream);
  self->fast = 0;
  self->lift = 0;
}

/* The rough part of a sheet scatters: it lifts the diffuse level around (x, y). */
static void
lift_level (DemoPhantom *phantom, double x, double y, double grey)
{
  int ix = (int)floor (x + 0.5);

  for (int iy = (int)floor (y) - 1; iy <= (int)floor (y) + 2; iy++)
    if (ix >= 0 && iy >= 0 && ix < DEMO_W && iy < DEMO_H)
      {
        float *at = phantom->level + (gsize)iy * DEMO_W + ix;

        *at = MAX (*at, (float)(grey - 22 * (iy - y) * (iy - y)));
      }
}

/* One pixel of the sheet at share @t of its length with slope @slope. */
static void
pen_dot (Pen *self,
         DemoPhantom *phantom,
         double x,
         double y,
         double t,
         double slope,
         double share)
{
  double fade = MIN (1.0, MIN (t, 1 - t) / MAX (self->ink.taper, 1e-6));
  double grey, amplitude, steep = slope / self->ink.specular;

  self->slow = 0.98 * self->slow + 0.28 * nmd_random_u (self->stream);
  self->fast = 0.85 * self->fast + 0.55 * nmd_random_u (self->stream);
  self->phase += 0.22 * nmd_random_u (self->stream);
  self->lift = 0.95 * self->lift + 0.26 * nmd_random_u (self->stream);
  grey = self->ink.grey + self->ink.ripple * (self->slow + self->fast)
         - 60 * (1 - demo_smoothstep (0, 1, fade));
  amplitude = share * demo_amplitude (grey - 2) * exp (-0.5 * steep * steep);
  splat (phantom, x, y + self->lift, amplitude * cos (self->phase),
         amplitude * sin (self->phase));
  lift_level (phantom, x, y + self->lift, grey - ROUGH - 9 * MIN (steep * steep, 2));
}

/* Along @curve + @offset pixels from column @from to @to. */
void
nmd_demo_draw_along (DemoScene *scene,
                     NmdRandom *stream,
                     const DemoCurve curve,
                     double from,
                     double to,
                     double offset,
                     DemoInk ink)
{
  Pen pen;
  int x0 = MAX (0, (int)from), x1 = MIN (DEMO_W - 1, (int)to);

  pen_init (&pen, stream, ink);
  for (int x = x0; x <= x1; x++)
    {
      double slope = demo_slope_at (curve, x);

      pen_dot (&pen, scene->phantom, x, curve[x] + offset,
               (x - from) / MAX (to - from, 1), slope, 1);
    }
}

/* A bow from (x0, y0) to (x1, y1), pixels, its middle @sag lower. */
void
nmd_demo_draw_bow (DemoScene *scene,
                   NmdRandom *stream,
                   double x0,
                   double y0,
                   double x1,
                   double y1,
                   double sag,
                   DemoInk ink)
{
  double length = hypot (x1 - x0, y1 - y0);
  int n = MAX (2, (int)length);
  Pen pen;

  pen_init (&pen, stream, ink);
  for (int i = 0; i <= n; i++)
    {
      double t = (double)i / n, dx = (x1 - x0) / n;
      double dy = (y1 - y0) / n + sag * 4 * (1 - 2 * t) / n;
      double slope = dy / MAX (fabs (dx), 0.05);

      pen_dot (&pen, scene->phantom, x0 + (x1 - x0) * t,
               y0 + (y1 - y0) * t + sag * 4 * t * (1 - t), t, slope,
               MIN (1.0, hypot (dx, dy)));
    }
}

/* The same with ends in cm of the anatomy. */
void
nmd_demo_draw_septum (
    DemoScene *scene, double x0, double y0, double x1, double y1, double sag, DemoInk ink)
{
  nmd_demo_draw_bow (scene, &scene->fixed, demo_to_x (scene, x0),
                     demo_to_y (scene, x0, y0), demo_to_x (scene, x1),
                     demo_to_y (scene, x1, y1), sag * scene->scale, ink);
}

/* A fascia: one sheet, brighter and darker along it, with shorter ones close to it. */
void
nmd_demo_draw_fascia (DemoScene *scene,
                      const DemoCurve curve,
                      double from,
                      double to,
                      double grey,
                      double offset)
{
  NmdRandom *fixed = &scene->fixed;
  DemoInk ink = { grey + 42, 19, 0.1, 0.4 };
  int n = 2 + (int)((to - from) / 60);

  nmd_demo_draw_along (scene, fixed, curve, from, to, offset, ink);
  ink.taper = 0.4;
  for (int i = 0; i < n; i++)
    {
      double start = nmd_random_range (fixed, from - 30, to - 40);
      double length = nmd_random_range (fixed, 30, 130);
      double side = nmd_random_uniform (fixed) < 0.35 ? -2.5 : 3.2;

      ink.grey = grey + nmd_random_range (fixed, -40, 8);
      nmd_demo_draw_along (scene, fixed, curve, MAX (start, from),
                           MIN (start + length, to),
                           offset + side * nmd_random_range (fixed, 0.8, 1.7), ink);
    }
}
