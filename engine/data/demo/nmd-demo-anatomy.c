/* SPDX-License-Identifier: Apache-2.0
 *
 * The tissue of the demo cohort: for each scan a phantom of echo levels (skin, fat,
 * muscle, bone and its shadow), of reflecting sheets (fasciae, septa, perimysium) and the
 * outline of the muscle examined. What does not change between the images of one muscle
 * (layers, septa, bone) comes from the muscle's stream, what does (position of the probe,
 * fascicles) from the image's. Lengths are in cm until they are drawn; levels are grey
 * levels of the straight logarithmic scale. How the scanner sees it: nmd-demo-beam.c.
 *
 * Landmarks follow the transverse views described in Pillen and van Alfen, "Skeletal
 * muscle ultrasound", Neurological Research 33, 2011; the biceps proportions were
 * compared with one scan of the published set.
 */
#include "engine/data/demo/nmd-demo-private.h"

#include <math.h>
#include <string.h>

/* How far the muscles around the one examined share its echo level. */
#define NEIGHBOUR 0.7

/* The diffuse echo of a sheet lies that much below its mirror echo, grey levels. */
#define ROUGH 20

#define SHADOW 42 /* level behind bone */

typedef float Curve[DEMO_W]; /* depth in pixels of each column */

/* Smooth noise: normal-like values on a grid of cells, blended with smoothstep. */
typedef struct
{
  double cell_x, cell_y;
  int nx, ny;
  float *value;
} Grid;

typedef struct
{
  const NmdDemoFacts *facts;
  DemoPhantom *phantom;
  double scale;                /* pixels a cm */
  double shift, squeeze, tilt; /* this image's probe position: cm, factor, cm a cm */
  NmdRandom fixed;             /* what stays between images */
  NmdRandom varied;            /* what changes */
  Curve fascia;                /* above the muscle */
  Curve edge;                  /* where its layer ends below */
  Curve top, bottom;           /* of the belly; top ≥ bottom: not there */
  double belly_x,
      belly_half; /* its middle and half width, cm from the middle of the frame */
  Grid frays;     /* of their borders */
  Grid patches;   /* of disease, −∞ … ∞ */
} Scene;

/* ------------------------------------------------------------ helpers */

static double
draw (NmdRandom *stream, double mean, double sd, double low, double high)
{
  double value = mean + sd * nmd_random_normal (stream);

  return CLAMP (value, low, high);
}

static double
smoothstep (double low, double high, double x)
{
  double t = CLAMP ((x - low) / (high - low), 0.0, 1.0);

  return t * t * (3.0 - 2.0 * t);
}

static void
grid_init (Grid *self, NmdRandom *stream, double cell_x, double cell_y)
{
  self->cell_x = cell_x;
  self->cell_y = cell_y;
  self->nx = (int)(DEMO_W / cell_x) + 3;
  self->ny = (int)(DEMO_H / cell_y) + 3;
  self->value = g_new (float, (gsize)self->nx * self->ny);
  for (int i = 0; i < self->nx * self->ny; i++)
    self->value[i] = 1.22f * (nmd_random_u (stream) + nmd_random_u (stream));
}

static void
grid_clear (Grid *self)
{
  g_clear_pointer (&self->value, g_free);
}

static double
grid_at (const Grid *self, double x, double y)
{
  double gx = CLAMP (x / self->cell_x, 0.0, self->nx - 2.001);
  double gy = CLAMP (y / self->cell_y, 0.0, self->ny - 2.001);
  int ix = (int)gx, iy = (int)gy;
  double tx = smoothstep (0, 1, gx - ix), ty = smoothstep (0, 1, gy - iy);
  const float *v = self->value + iy * self->nx + ix;

  return (v[0] * (1 - tx) + v[1] * tx) * (1 - ty)
         + (v[self->nx] * (1 - tx) + v[self->nx + 1] * tx) * ty;
}

/* out[x] += gain · noise(x, y) for a whole row. */
static void
grid_add_row (const Grid *self, int y, float gain, float *out)
{
  double gy = y / self->cell_y;
  int iy = (int)gy;
  float ty = (float)smoothstep (0, 1, gy - iy);
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

/* Frame coordinates of a point of the anatomy, cm from the middle of the probe. */
static double
to_x (const Scene *scene, double x)
{
  return 0.5 * (DEMO_X0 + DEMO_X1) + (x + scene->shift) * scene->scale;
}

static double
to_y (const Scene *scene, double x, double y)
{
  return DEMO_Y0 + (y * scene->squeeze + x * scene->tilt) * scene->scale;
}

static double
column_cm (const Scene *scene, int column)
{
  return (column - 0.5 * (DEMO_X0 + DEMO_X1)) / scene->scale - scene->shift;
}

static double
slope_at (const Curve curve, int x)
{
  int left = MAX (x - 4, 0), right = MIN (x + 4, DEMO_W - 1);

  return (curve[right] - curve[left]) / (right - left);
}

/* A wavy line: @depth cm at the middle, @bow more at 2.3 cm from it, waves of @wave cm.
 */
static void
curve_init (Scene *scene, Curve curve, double depth, double bow, double lean, double wave)
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
      double x = column_cm (scene, column), y = depth + bow * x * x / 5.3 + lean * x;

      for (int i = 0; i < 4; i++)
        y += wave * height[i] * sin (2 * G_PI * x / length[i] + phase[i]);
      curve[column] = (float)to_y (scene, x, y);
    }
}

/* ------------------------------------------------------------ painting */

/* level between two lines (edges a pixel soft) becomes @level. */
static void
paint_between (Scene *scene, const Curve top, const Curve bottom, double level)
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

static void
paint_below (Scene *scene, const Curve top, double level)
{
  Curve bottom;

  for (int x = 0; x < DEMO_W; x++)
    bottom[x] = 2 * DEMO_H;
  paint_between (scene, top, bottom, level);
}

/* The shadow below @top (2·DEMO_H: no bone there): little echo, soft at its sides,
 * reverberation dying away downwards. What lies in it does not follow the muscle's echo
 * level. */
static void
shadow_below (Scene *scene, const Curve top)
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
static void
paint_spot (Scene *scene,
            double cx,
            double cy,
            double half_x,
            double half_y,
            double level,
            double share)
{
  double x0 = to_x (scene, cx), y0 = to_y (scene, cx, cy);
  double rx = half_x * scene->scale, ry = half_y * scene->scale;

  for (int y = MAX (0, (int)(y0 - 1.5 * ry)); y < MIN (DEMO_H, y0 + 1.5 * ry); y++)
    for (int x = MAX (0, (int)(x0 - 1.5 * rx)); x < MIN (DEMO_W, x0 + 1.5 * rx); x++)
      {
        double r = hypot ((x - x0) / rx, (y - y0) / ry);
        float *at = scene->phantom->level + (gsize)y * DEMO_W + x;

        *at += (float)((level - *at) * share * (1 - smoothstep (0.75, 1.15, r)));
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

/* A reflecting sheet cut by the image plane, drawn pixel by pixel. */
typedef struct
{
  double grey;     /* level of its echo */
  double ripple;   /* how much that varies along it, grey levels */
  double taper;    /* share of its length over which each end fades */
  double specular; /* slope at which the echo has fallen to 60 % */
} Ink;

typedef struct
{
  NmdRandom *stream;
  Ink ink;
  double phase, slow, fast, lift;
} Pen;

static void
pen_init (Pen *self, NmdRandom *stream, Ink ink)
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
         - 60 * (1 - smoothstep (0, 1, fade));
  amplitude = share * demo_amplitude (grey - 2) * exp (-0.5 * steep * steep);
  splat (phantom, x, y + self->lift, amplitude * cos (self->phase),
         amplitude * sin (self->phase));
  lift_level (phantom, x, y + self->lift, grey - ROUGH - 9 * MIN (steep * steep, 2));
}

/* Along @curve + @offset pixels from column @from to @to. */
static void
draw_along (Scene *scene,
            NmdRandom *stream,
            const Curve curve,
            double from,
            double to,
            double offset,
            Ink ink)
{
  Pen pen;
  int x0 = MAX (0, (int)from), x1 = MIN (DEMO_W - 1, (int)to);

  pen_init (&pen, stream, ink);
  for (int x = x0; x <= x1; x++)
    {
      double slope = slope_at (curve, x);

      pen_dot (&pen, scene->phantom, x, curve[x] + offset,
               (x - from) / MAX (to - from, 1), slope, 1);
    }
}

/* A bow from (x0, y0) to (x1, y1), pixels, its middle @sag lower. */
static void
draw_bow (Scene *scene,
          NmdRandom *stream,
          double x0,
          double y0,
          double x1,
          double y1,
          double sag,
          Ink ink)
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
static void
draw_septum (
    Scene *scene, double x0, double y0, double x1, double y1, double sag, Ink ink)
{
  draw_bow (scene, &scene->fixed, to_x (scene, x0), to_y (scene, x0, y0),
            to_x (scene, x1), to_y (scene, x1, y1), sag * scene->scale, ink);
}

/* A fascia: one sheet, brighter and darker along it, with shorter ones close to it. */
static void
draw_fascia (
    Scene *scene, const Curve curve, double from, double to, double grey, double offset)
{
  NmdRandom *fixed = &scene->fixed;
  Ink ink = { grey + 42, 19, 0.1, 0.4 };
  int n = 2 + (int)((to - from) / 60);

  draw_along (scene, fixed, curve, from, to, offset, ink);
  ink.taper = 0.4;
  for (int i = 0; i < n; i++)
    {
      double start = nmd_random_range (fixed, from - 30, to - 40);
      double length = nmd_random_range (fixed, 30, 130);
      double side = nmd_random_uniform (fixed) < 0.35 ? -2.5 : 3.2;

      ink.grey = grey + nmd_random_range (fixed, -40, 8);
      draw_along (scene, fixed, curve, MAX (start, from), MIN (start + length, to),
                  offset + side * nmd_random_range (fixed, 0.8, 1.7), ink);
    }
}

/* ------------------------------------------------------------ layers common to all */

static void
scene_add_noise (Scene *scene)
{
  Grid mottle, laminae, columns;

  grid_init (&mottle, &scene->varied, 48, 19);
  grid_init (&laminae, &scene->varied, 34, 5);
  grid_init (&columns, &scene->fixed, 30, 400);
  for (int y = 0; y < DEMO_H; y++)
    {
      float *row = scene->phantom->level + (gsize)y * DEMO_W;
      float depth = (float)y / DEMO_H;

      grid_add_row (&mottle, y, 8.5f, row);
      grid_add_row (&laminae, y, 7.0f, row);
      grid_add_row (&columns, y, 1.0f + 6.5f * depth, row); /* shadows grow downwards */
    }
  grid_clear (&mottle);
  grid_clear (&laminae);
  grid_clear (&columns);
}

/* Skin: bright, laminated, with the probe's own reverberation at its top. */
static void
scene_add_skin (Scene *scene, double thickness)
{
  Curve line;
  Grid laminae;
  Ink ink = { 112, 10, 0.02, 0.6 };

  curve_init (scene, line, 0.0, 0, 0, 0);
  for (int x = 0; x < DEMO_W; x++)
    line[x] = -10;
  paint_below (scene, line, 92);
  curve_init (scene, line, thickness, 0.02, 0, 0.02);
  grid_init (&laminae, &scene->fixed, 130, 4);
  for (int y = 0; y < DEMO_H && y < to_y (scene, 0, thickness); y++)
    grid_add_row (&laminae, y, 19, scene->phantom->level + (gsize)y * DEMO_W);
  grid_clear (&laminae);
  for (int i = 0; i < 6; i++)
    {
      double from = nmd_random_range (&scene->fixed, -150, 350), length, above;

      ink.grey = nmd_random_range (&scene->fixed, 96, 132);
      length = nmd_random_range (&scene->fixed, 120, 400);
      above = nmd_random_range (&scene->fixed, 0, thickness * scene->scale * 0.9);
      draw_along (scene, &scene->fixed, line, from, from + length, -above, ink);
    }
  paint_below (scene, line, 56); /* fat */
}

/* Connective tissue in the fat: thin bright sheets, nearly along the skin. */
static void
scene_add_fat_septa (Scene *scene, double top, double bottom)
{
  int n = 2 + (int)(7 * CLAMP (bottom - top, 0.1, 1.2));

  for (int i = 0; i < n; i++)
    {
      double x = nmd_random_range (&scene->fixed, -2.5, 2.0);
      double y
          = nmd_random_range (&scene->fixed, top + 0.04, MAX (top + 0.06, bottom - 0.08));
      double length = nmd_random_range (&scene->fixed, 0.35, 1.5);
      double rise = 0.09 * nmd_random_normal (&scene->fixed);
      Ink ink = { nmd_random_range (&scene->fixed, 88, 138), 12, 0.3, 0.4 };

      draw_septum (scene, x, y, x + length, CLAMP (y + rise, top, bottom), 0.03, ink);
    }
}

/* The belly between @upper and @lower, rounded at its ends: half thickness × (1 −
 * |u|^p)^(1/p). */
static void
scene_set_belly (Scene *scene, const Curve upper, const Curve lower, double power)
{
  for (int column = 0; column < DEMO_W; column++)
    {
      double u = fabs (column_cm (scene, column) - scene->belly_x) / scene->belly_half;
      double middle = 0.5 * (upper[column] + lower[column]);
      double half = 0.5 * (lower[column] - upper[column]);

      half *= u < 1 ? pow (1 - pow (u, power), 1 / power) : 0;
      scene->top[column] = (float)(middle - half);
      scene->bottom[column] = (float)(middle + half);
      scene->edge[column] = lower[column];
    }
}

static double
belly_share (const Scene *scene, double x, double y)
{
  int column = (int)CLAMP (x, 0, DEMO_W - 1);

  return (y - scene->top[column]) / MAX (scene->bottom[column] - scene->top[column], 1.0);
}

/* ------------------------------------------------------------ muscle texture */

/* How much of the fascicles disease has replaced at a point. */
static double
patch_at (const Scene *scene, double x, double y)
{
  double t = scene->facts->texture, value;

  if (scene->patches.value == NULL || t <= 0)
    return 0;
  /* bent out of the grid's rows, with frayed borders */
  value = grid_at (&scene->patches, x + 11 * sin (y / 19), y + 7 * sin (x / 31))
          + 0.38 * grid_at (&scene->frays, x, y);
  return smoothstep (0.9 - 1.1 * t, 1.5 - 1.1 * t, value) * smoothstep (0, 0.35, t);
}

static void
scene_add_matrix (Scene *scene)
{
  const gboolean is_neurogenic = scene->facts->disease == NMD_DEMO_NEUROGENIC;
  Grid fine, coarse;
  float row[DEMO_W];

  grid_init (&fine, &scene->varied, 9, 3.6);
  grid_init (&coarse, &scene->fixed, 60, 34);
  for (int y = 0; y < DEMO_H; y++)
    {
      memset (row, 0, sizeof row);
      grid_add_row (&fine, y, 11.0f, row);
      grid_add_row (&coarse, y, 9.0f, row);
      for (int x = 0; x < DEMO_W; x++)
        {
          gsize i = (gsize)y * DEMO_W + x;
          double u = fabs (column_cm (scene, x) - scene->belly_x) / scene->belly_half;
          double inside
              = smoothstep (-9, 6, MIN (y - scene->top[x], scene->bottom[x] - y))
                * (1 - smoothstep (0.8, 1.0, u));
          double under = CLAMP ((y - scene->fascia[x]) / 4.0, 0.0, 1.0);
          double share = NEIGHBOUR - 0.35 * smoothstep (0, 160, y - scene->bottom[x]);

          inside *= under;
          scene->phantom->belly[i] = (float)(under * (share + (1 - share) * inside));
          if (inside <= 0)
            continue;
          row[x] += (float)(patch_at (scene, x, y) * (is_neurogenic ? -17.0 : 34.0));
          scene->phantom->level[i]
              += (float)inside * (58.0f + row[x] - scene->phantom->level[i]);
        }
    }
  grid_clear (&fine);
  grid_clear (&coarse);
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
scene_add_streak (Scene *scene, guint64 seed, double x, double y, double lean)
{
  NmdRandom *stream = &scene->varied;
  int column = (int)x;
  double share = belly_share (scene, x, y), patch = patch_at (scene, x, y);
  double along = (1 - share) * slope_at (scene->top, column)
                 + share * slope_at (scene->bottom, column);
  double border = lobule_border (seed, x / 44.0 + 0.35 * y / 44.0, y / 27.0);
  double luck = nmd_random_uniform (stream), near = exp (-border * border / 0.022);
  double length = 4 + 7 * near - 6.5 * log (1 - 0.99 * nmd_random_uniform (stream));
  double slope = CLAMP (along, -0.5, 0.5) + lean + 0.16 * nmd_random_normal (stream);
  double dx, dy,
      grey = 52 + 94 * pow (luck, 2.0) + 55 * near * nmd_random_uniform (stream);
  Ink ink = { 0, 9, 0.4, 0.5 };

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
  draw_bow (scene, stream, x - dx, y - dy, x + dx, y + dy,
            0.05 * length * nmd_random_u (stream), ink);
}

static void
scene_add_fascicles (Scene *scene, double lean, double density)
{
  guint64 seed = nmd_random_bits (&scene->fixed);
  int tries = (int)(DEMO_W * DEMO_H * density);
  Grid crowd;

  grid_init (&crowd, &scene->fixed, 70, 40);
  for (int i = 0; i < tries; i++)
    {
      double x = nmd_random_range (&scene->varied, 0, DEMO_W - 1);
      double y = nmd_random_range (&scene->varied, DEMO_Y0, DEMO_H);
      int column = (int)x;

      if (y < scene->fascia[column] + 4 || y > scene->edge[column] - 3
          || nmd_random_uniform (&scene->varied) > 0.62 + 0.4 * grid_at (&crowd, x, y))
        continue;
      if ((y < scene->top[column] || y > scene->bottom[column])
          && nmd_random_uniform (&scene->varied) < 0.45)
        continue;
      scene_add_streak (scene, seed, x, y, lean);
    }
  grid_clear (&crowd);
}

/* Longer sheets between the lobules: broken lines that rise to one side. */
static void
scene_add_sheets (Scene *scene, int n, double lean)
{
  NmdRandom *stream = &scene->fixed;

  for (int i = 0; i < n; i++)
    {
      double cm
          = scene->belly_x + scene->belly_half * nmd_random_range (stream, -0.75, 0.75);
      double share = nmd_random_range (stream, 0.1, 0.9);
      double half = 0.5 * scene->scale * nmd_random_range (stream, 0.3, 1.15);
      double slope = lean + 0.13 * nmd_random_normal (stream);
      double x = CLAMP (to_x (scene, cm), 2, DEMO_W - 3);
      double y
          = scene->top[(int)x] + share * (scene->bottom[(int)x] - scene->top[(int)x]);
      Ink ink = { nmd_random_range (stream, 96, 148), 19, 0.4, 0.42 };

      if (scene->top[(int)x] + 30 > scene->bottom[(int)x])
        continue;
      slope += (1 - share) * slope_at (scene->top, (int)x)
               + share * slope_at (scene->bottom, (int)x);
      draw_bow (scene, stream, x - half, y - half * slope, x + half, y + half * slope,
                0.06 * half * nmd_random_normal (stream), ink);
    }
}

/* Streaky tissue of the muscles that are not examined. */
static void
scene_add_deep_streaks (Scene *scene, const Curve top, int n, double grey)
{
  for (int i = 0; i < n; i++)
    {
      double x = nmd_random_range (&scene->varied, -20, DEMO_W);
      double y = nmd_random_range (&scene->varied, 60, DEMO_H - 5);
      double length = 6 + 50 * pow (nmd_random_uniform (&scene->varied), 2);
      double slope = 0.14 * nmd_random_normal (&scene->varied)
                     + 0.5 * slope_at (top, (int)CLAMP (x, 0, 511));
      Ink ink
          = { grey + 50 * pow (nmd_random_uniform (&scene->varied), 3), 12, 0.4, 0.4 };

      if (y > top[(int)CLAMP (x, 0, DEMO_W - 1)] + 4)
        draw_bow (scene, &scene->varied, x, y, x + length, y + length * slope, 0, ink);
    }
}

/* A bone's surface: bright and uneven where it faces the probe, shadow below, columns
 * @from to @to. */
static void
scene_add_cortex (
    Scene *scene, const Curve surface, double from, double to, double grey, Ink ink)
{
  shadow_below (scene, surface);
  for (int i = 0; i < 7; i++)
    {
      double cut = (to - from) * (i == 0 ? 0 : nmd_random_range (&scene->fixed, 0, 0.25));
      double cut_right
          = (to - from) * (i == 0 ? 0 : nmd_random_range (&scene->fixed, 0, 0.25));

      ink.grey = grey - 6 * i;
      draw_along (scene, &scene->fixed, surface, from + cut, to - cut_right, 1.4 * i - 2,
                  ink);
    }
}

/* A round bone seen from above, centre and half axes in cm. */
static void
scene_add_bone (
    Scene *scene, double cx, double cy, double half_x, double half_y, double grey)
{
  double x0 = to_x (scene, cx), y0 = to_y (scene, cx, cy), rx = half_x * scene->scale;
  double ry = half_y * scene->scale, dent = 0;
  Curve surface;

  for (int x = 0; x < DEMO_W; x++)
    {
      double u = (x - x0) / rx;

      dent = 0.93 * dent + 0.5 * nmd_random_u (&scene->fixed);
      surface[x]
          = (float)(fabs (u) < 1 ? y0 + ry * (1 - sqrt (1 - u * u)) + dent : 2 * DEMO_H);
    }
  scene_add_cortex (scene, surface, x0 - 0.9 * rx, x0 + 0.9 * rx, grey,
                    (Ink){ 0, 24, 0.3, 0.75 });
}

/* ------------------------------------------------------------ the three muscles */

/* Fat over the muscle grows with body mass index and is thicker in women. */
static double
fat_cm (Scene *scene, double base)
{
  const NmdDemoFacts *f = scene->facts;
  double index = f->weight / (f->length * f->length * 1e-4);
  double fat = base + 0.022 * (index - 23) + (f->is_male ? 0.0 : 0.11);

  return draw (&scene->fixed, fat, 0.06, 0.12, 0.95);
}

/* Muscles are thinner in women, old age and disease. */
static double
muscle_cm (Scene *scene, double base, double high)
{
  const NmdDemoFacts *f = scene->facts;
  double size = base * (f->is_male ? 1.06 : 0.9) * (1 - 0.0022 * (f->age - 45));

  size *= (1 + 0.012 * (f->weight / (f->length * f->length * 1e-4) - 23))
          * (1 - 0.16 * f->severity);
  return draw (&scene->fixed, size, 0.08 * base, 0.62 * base, high);
}

/* What lies around the biceps: its fascia splits towards the inner side, where the
 * vessels run; a septum that opens like a V, and those of the brachialis, lie below. */
static void
draw_arm (Scene *scene, double fat, double thick)
{
  NmdRandom *fixed = &scene->fixed;
  double x = scene->belly_x, wedge_x = draw (fixed, -0.45, 0.3, -1.2, 0.3);
  double wedge = fat + thick + draw (fixed, 0.42, 0.1, 0.25, 0.6);
  double split = draw (fixed, 1.0, 0.15, 0.7, 1.3),
         fall = draw (fixed, 0.3, 0.08, 0.12, 0.5);
  double inner = draw (fixed, 0.75, 0.1, 0.55, 1.0);

  draw_septum (scene, x + split - 0.1, fat + 0.05, 2.5, fat - 0.12, -0.05,
               (Ink){ 132, 14, 0.2, 0.4 });
  draw_septum (scene, x + split, fat + 0.06, 2.3, fat + fall, -0.02,
               (Ink){ 172, 12, 0.15, 0.5 });
  for (int side = -1; side <= 1; side += 2)
    {
      double length = draw (fixed, 1.0, 0.25, 0.5, 1.6),
             gape = draw (fixed, 0.13, 0.05, 0.03, 0.25);
      double sag = 0.03 * nmd_random_normal (fixed),
             grey = draw (fixed, 156, 12, 120, 180);

      draw_septum (scene, wedge_x, wedge, wedge_x + length, wedge + 0.06 + side * gape,
                   sag, (Ink){ grey, 16, 0.25, 0.45 });
    }
  for (int i = 0; i < 9; i++)
    {
      double left = nmd_random_range (fixed, -2.4, 1.6),
             length = nmd_random_range (fixed, 0.35, 1.2);
      double y = fat + thick + nmd_random_range (fixed, -0.3, 1.0);
      double rise = 0.08 * nmd_random_normal (fixed),
             sag = 0.02 * nmd_random_normal (fixed);
      double grey = nmd_random_range (fixed, 92, 152);

      if (y > fat + thick + 0.08
          || fabs (left + 0.5 * length - x) > 1.5) /* not in the belly */
        draw_septum (scene, left, y, left + length, y + rise, sag,
                     (Ink){ grey, 18, 0.35, 0.4 });
    }
  paint_spot (scene, 2.15, fat + inner, 0.3, 0.22, 34, 0.8);
  draw_septum (scene, 1.95, fat + inner + 0.22, 2.5, fat + inner + 0.2, 0,
               (Ink){ 166, 10, 0.3, 0.5 });
}

static void
draw_biceps (Scene *scene)
{
  NmdRandom *fixed = &scene->fixed;
  double skin = draw (fixed, 0.2, 0.02, 0.15, 0.26), fat = skin + fat_cm (scene, 0.28);
  double thick = muscle_cm (scene, 1.66, 2.15);
  double bone = MIN (fat + thick + draw (fixed, 1.25, 0.15, 0.9, 1.6), 3.95);
  double bone_x = draw (fixed, -0.1, 0.3, -0.8, 0.8);
  double bow = draw (fixed, 0.1, 0.1, -0.02, 0.3),
         lean = 0.02 * nmd_random_normal (fixed);
  double bow_below = draw (fixed, -0.08, 0.06, -0.2, 0.05);
  double lean_below = 0.03 * nmd_random_normal (fixed);
  Curve upper, lower, deep;

  scene->belly_x = draw (fixed, 0.0, 0.12, -0.3, 0.3);
  scene->belly_half = draw (fixed, 1.78, 0.12, 1.45, 2.05);
  scene_add_skin (scene, skin);
  scene_add_fat_septa (scene, skin, fat);
  curve_init (scene, scene->fascia, fat, bow, lean, 0.06);
  curve_init (scene, lower, fat + thick, bow_below, lean_below, 0.07);
  paint_below (scene, scene->fascia, 59);
  for (int x = 0; x < DEMO_W; x++)
    {
      upper[x] = scene->fascia[x] + 5;
      deep[x] = lower[x] + 4;
    }
  paint_below (scene, deep, 66);
  scene_add_deep_streaks (scene, deep, 150, 72);
  scene_set_belly (scene, upper, lower, 3.2);
  scene_add_noise (scene);
  scene_add_matrix (scene);
  scene_add_fascicles (scene, -0.08, 0.030);
  scene_add_sheets (scene, 11, -0.12);
  draw_fascia (scene, scene->fascia, -40, to_x (scene, scene->belly_x + 1.4), 158, 0);
  draw_fascia (scene, lower, to_x (scene, scene->belly_x - 0.5),
               to_x (scene, scene->belly_x + 1.3), 118, 3);
  draw_along (scene, fixed, lower, to_x (scene, -0.8), to_x (scene, 0.5), 7,
              (Ink){ 126, 20, 0.3, 0.4 });
  draw_arm (scene, fat, thick);
  scene_add_bone (scene, bone_x, bone, 0.72, 0.7, 196 - 40 * scene->facts->texture);
}

static void
draw_gastrocnemius (Scene *scene)
{
  NmdRandom *fixed = &scene->fixed;
  double skin = draw (fixed, 0.19, 0.02, 0.15, 0.25), fat = skin + fat_cm (scene, 0.34);
  double thick = muscle_cm (scene, 1.55, 2.0),
         lean = draw (fixed, 0.05, 0.03, -0.02, 0.12);
  double soleus = draw (fixed, 1.15, 0.12, 0.85, 1.4);
  double bow = draw (fixed, 0.12, 0.06, 0, 0.26), tilt = 0.02 * nmd_random_normal (fixed);
  double bow_below = draw (fixed, -0.28, 0.08, -0.45, -0.12);
  Curve upper, lower, floor;

  scene->belly_x = draw (fixed, -0.55, 0.15, -0.9, -0.2);
  scene->belly_half = draw (fixed, 2.5, 0.15, 2.2, 2.8);
  scene_add_skin (scene, skin);
  scene_add_fat_septa (scene, skin, fat);
  curve_init (scene, scene->fascia, fat, bow, tilt, 0.03);
  curve_init (scene, lower, fat + thick, bow_below, lean, 0.04);
  curve_init (scene, floor, MIN (fat + thick + soleus, 3.85),
              draw (fixed, 0.15, 0.1, -0.05, 0.3), -lean, 0.08);
  paint_below (scene, scene->fascia, 60);
  for (int x = 0; x < DEMO_W; x++)
    upper[x] = scene->fascia[x] + 4;
  paint_below (scene, lower, 66);
  scene_add_deep_streaks (scene, lower, 260, 74);
  paint_below (scene, floor, 52);
  scene_set_belly (scene, upper, lower, 4.0);
  scene_add_noise (scene);
  scene_add_matrix (scene);
  scene_add_fascicles (scene, 0.1, 0.032);
  scene_add_sheets (scene, 9, 0.1);
  draw_fascia (scene, scene->fascia, -40, DEMO_W + 40, 150, 0);
  draw_fascia (scene, lower, -40, DEMO_W + 40, 160, 2);
  draw_along (scene, fixed, lower, 30, DEMO_W - 20, 7, (Ink){ 132, 16, 0.2, 0.4 });
  for (int i = 0; i < 6; i++) /* septa of the soleus */
    {
      double x = nmd_random_range (fixed, -2.2, 1.4);
      double y = fat + thick + nmd_random_range (fixed, 0.25, soleus - 0.1);
      double length = nmd_random_range (fixed, 0.5, 1.3);
      double rise = 0.16 * nmd_random_normal (fixed);
      double grey = nmd_random_range (fixed, 104, 152);

      draw_septum (scene, x, y, x + length, y + rise, 0.04, (Ink){ grey, 18, 0.35, 0.4 });
    }
  draw_fascia (scene, floor, to_x (scene, -1.9), to_x (scene, 1.6), 118, 0);
  for (int i = 0; i < 3; i++) /* tibial vessels below the soleus */
    paint_spot (scene, 0.35 + 0.26 * i, 3.98 + 0.05 * i, 0.1, 0.085, 22, 0.85);
}

static void
draw_tibialis (Scene *scene)
{
  NmdRandom *fixed = &scene->fixed;
  double skin = draw (fixed, 0.19, 0.02, 0.15, 0.25), fat = skin + fat_cm (scene, 0.16);
  double thick = muscle_cm (scene, 2.45, 2.85),
         middle = draw (fixed, 0.5, 0.04, 0.42, 0.58);
  double floor_cm = MIN (fat + thick, 3.5);
  double bow = draw (fixed, 0.12, 0.05, 0.02, 0.22),
         lean = 0.01 * nmd_random_normal (fixed);
  Curve upper, lower, tibia;

  scene->belly_x = draw (fixed, 0.05, 0.12, -0.2, 0.3);
  scene->belly_half = draw (fixed, 1.85, 0.1, 1.6, 2.1);
  scene_add_skin (scene, skin);
  scene_add_fat_septa (scene, skin, fat);
  curve_init (scene, scene->fascia, fat, bow, lean, 0.025);
  curve_init (scene, lower, floor_cm, -0.1, 0.0, 0.04);
  paint_below (scene, scene->fascia, 58);
  for (int x = 0; x < DEMO_W; x++)
    { /* the tibia cuts the deep inner corner off */
      double u = column_cm (scene, x) - scene->belly_x;

      upper[x] = scene->fascia[x] + 4;
      tibia[x] = lower[x];
      if (u < -0.45)
        {
          double most = (lower[x] - scene->fascia[x]) / scene->scale - 0.1;

          tibia[x] -= (float)(scene->scale * most
                              * (1 - exp (-1.25 * pow (-0.45 - u, 1.5) / most)));
        }
      lower[x] = MIN (
          tibia[x],
          lower[x] - (float)(scene->scale * (u > 0.7 ? 0.42 * pow (u - 0.7, 1.5) : 0)));
    }
  paint_below (scene, lower, 56);
  scene_add_deep_streaks (scene, lower, 130, 70);
  scene_set_belly (scene, upper, lower, 3.4);
  scene_add_noise (scene);
  scene_add_matrix (scene);
  scene_add_fascicles (scene, 0.0, 0.027);
  scene_add_sheets (scene, 6, 0.0);
  draw_fascia (scene, scene->fascia, -40, DEMO_W + 40, 156, 0);
  for (int i = 0; i < 3; i++) /* central aponeurosis */
    draw_septum (scene, scene->belly_x - 1.05 + 0.1 * i, fat + thick * middle + 0.02 * i,
                 scene->belly_x + 1.15 - 0.1 * i,
                 fat + thick * (middle - 0.04) + 0.02 * i, 0.1,
                 (Ink){ 164 - 16.0 * i, 13, 0.25, 0.5 });
  draw_fascia (scene, lower, to_x (scene, scene->belly_x - 0.5),
               to_x (scene, scene->belly_x + 1.5), 138, 3);
  for (int i = 0; i < 2; i++) /* towards the long extensors */
    {
      double grey = draw (fixed, 126, 12, 90, 150);

      draw_septum (scene, scene->belly_x + 1.2 + 0.12 * i, fat + 0.08 + 0.5 * i,
                   scene->belly_x + 1.5 + 0.28 * i, fat + 0.6 + 0.7 * i, -0.05,
                   (Ink){ grey, 26, 0.4, 1.3 });
    }
  for (int x = 0; x < DEMO_W; x++)
    tibia[x] = x < to_x (scene, scene->belly_x - 0.45) ? tibia[x] + 5 : 2 * DEMO_H;
  scene_add_cortex (scene, tibia, -60, to_x (scene, scene->belly_x - 0.52),
                    186 - 30 * scene->facts->texture, (Ink){ 0, 26, 0.02, 0.85 });
  scene_add_bone (scene, scene->belly_x + 1.55, floor_cm + 0.12, 0.4, 0.4,
                  150 - 30 * scene->facts->texture);
}

/* ------------------------------------------------------------ the phantom */

/* What disease does below the muscle: fat and fibrosis swallow sound. */
static void
scene_attenuate (Scene *scene)
{
  double loss = scene->facts->disease == NMD_DEMO_MYOPATHIC ? 20 * scene->facts->texture
                                                            : 6 * scene->facts->texture;

  if (loss <= 0)
    return;
  for (int y = 0; y < DEMO_H; y++)
    for (int x = 0; x < DEMO_W; x++)
      {
        gsize i = (gsize)y * DEMO_W + x;
        double way = CLAMP ((y - scene->top[x]) / 220.0, 0.0, 1.0);

        scene->phantom->level[i] -= (float)(loss * way);
        scene->phantom->re[i] *= demo_amplitude (-loss * way);
        scene->phantom->im[i] *= demo_amplitude (-loss * way);
      }
}

/* The ends of the probe lose contact on a round limb: one or both sides of the picture
 * fade. */
static void
scene_lose_contact (Scene *scene)
{
  for (int side = 0; side < 2; side++)
    {
      double loss = 9 * nmd_random_normal (&scene->varied);
      double reach = nmd_random_range (&scene->varied, 25, 90);

      for (int x = 0; x < DEMO_W; x++)
        {
          double way = side == 0 ? x - DEMO_X0 : DEMO_X1 - x;
          double fall = loss * (1 - smoothstep (0, reach, way));

          if (fall < 0.1)
            continue;
          for (int y = 0; y < DEMO_H; y++)
            {
              gsize i = (gsize)y * DEMO_W + x;

              scene->phantom->level[i] -= (float)fall;
              scene->phantom->re[i] *= demo_amplitude (-fall);
              scene->phantom->im[i] *= demo_amplitude (-fall);
            }
        }
    }
}

/* The examiner's outline: just inside the fasciae, a little shaky, inside the frame. */
static void
scene_outline (Scene *scene)
{
  Grid hand;
  NmdImage *mask = scene->phantom->mask;

  grid_init (&hand, &scene->varied, 70, 200);
  for (int x = DEMO_X0 + 5; x < DEMO_X1 - 5; x++)
    {
      double top = scene->top[x] + 5 + 2.2 * grid_at (&hand, x, 20);
      double bottom = scene->bottom[x] - 4 + 2.2 * grid_at (&hand, x, 420);

      if (scene->bottom[x] - scene->top[x] < 26)
        continue;
      for (int y = MAX (DEMO_Y0 + 2, (int)ceil (top)); y < MIN (bottom, 430); y++)
        mask->pixels[(gsize)y * DEMO_W + x] = 255;
    }
  grid_clear (&hand);
}

static void
mirror_plane (float *plane)
{
  for (int y = 0; y < DEMO_H; y++)
    for (int x = 0; x < DEMO_W / 2; x++)
      {
        float *row = plane + (gsize)y * DEMO_W, swap = row[x];

        row[x] = row[DEMO_W - 1 - x];
        row[DEMO_W - 1 - x] = swap;
      }
}

static void
phantom_mirror (DemoPhantom *self)
{
  mirror_plane (self->level);
  mirror_plane (self->re);
  mirror_plane (self->im);
  mirror_plane (self->belly);
  for (int y = 0; y < DEMO_H; y++)
    for (int x = 0; x < DEMO_W / 2; x++)
      {
        guint8 *row = self->mask->pixels + (gsize)y * DEMO_W, swap = row[x];

        row[x] = row[DEMO_W - 1 - x];
        row[DEMO_W - 1 - x] = swap;
      }
}

DemoPhantom *
nmd_demo_phantom_new (const NmdDemoSettings *settings, const NmdDemoFacts *facts)
{
  static void (*const muscles[]) (Scene *)
      = { draw_biceps, draw_gastrocnemius, draw_tibialis };
  const gsize n = (gsize)DEMO_W * DEMO_H;
  DemoPhantom *self = g_new0 (DemoPhantom, 1);
  g_autofree Scene *scene = g_new0 (Scene, 1);

  self->level = g_new0 (float, n);
  self->re = g_new0 (float, n);
  self->im = g_new0 (float, n);
  self->belly = g_new0 (float, n);
  self->mask = nmd_image_new (DEMO_W, DEMO_H);
  scene->facts = facts;
  scene->phantom = self;
  scene->scale = nmd_demo_scanner (settings->scanner)->px_per_cm;
  nmd_demo_stream (&scene->fixed, settings->seed, facts, FALSE, "anatomy");
  nmd_demo_stream (&scene->varied, settings->seed, facts, TRUE, "anatomy");
  scene->shift = 0.1 * nmd_random_normal (&scene->varied);
  scene->squeeze = draw (&scene->varied, 1, 0.025, 0.94, 1.06);
  scene->tilt = 0.02 * nmd_random_normal (&scene->varied);
  if (facts->texture > 0)
    {
      grid_init (&scene->patches, &scene->varied, 46, 26);
      grid_init (&scene->frays, &scene->varied, 15, 9);
    }
  muscles[facts->muscle](scene);
  scene_attenuate (scene);
  scene_lose_contact (scene);
  scene_outline (scene);
  if (facts->is_right)
    phantom_mirror (self);
  grid_clear (&scene->patches);
  grid_clear (&scene->frays);
  return self;
}

void
nmd_demo_phantom_free (DemoPhantom *self)
{
  if (self == NULL)
    return;
  g_free (self->level);
  g_free (self->re);
  g_free (self->im);
  g_free (self->belly);
  g_clear_pointer (&self->mask, nmd_image_unref);
  g_free (self);
}
