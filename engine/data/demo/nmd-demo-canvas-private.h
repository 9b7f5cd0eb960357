/* SPDX-License-Identifier: Apache-2.0
 *
 * The canvas of the demo's anatomy: a scene in cm that is drawn into a phantom, with noise, lines,
 * reflecting sheets, spots and shadows. What is drawn: nmd-demo-tissue.c and nmd-demo-anatomy.c.
 * Threads: a scene belongs to one.
 */
#pragma once

#include "engine/data/demo/nmd-demo-private.h"

G_BEGIN_DECLS

typedef float DemoCurve[DEMO_W]; /* depth in pixels of each column */

/* Smooth noise: normal-like values on a grid of cells, blended with smoothstep. */
typedef struct
{
  double cell_x, cell_y;
  int nx, ny;
  float *value;
} DemoGrid;

typedef struct
{
  const NmdDemoFacts *facts;
  DemoPhantom *phantom;
  double scale;                /* pixels a cm */
  double shift, squeeze, tilt; /* this image's probe position: cm, factor, cm a cm */
  NmdRandom fixed;             /* what stays between images */
  NmdRandom varied;            /* what changes */
  DemoCurve fascia;                /* above the muscle */
  DemoCurve edge;                  /* where its layer ends below */
  DemoCurve top, bottom;           /* of the belly; top ≥ bottom: not there */
  double belly_x,
      belly_half; /* its middle and half width, cm from the middle of the frame */
  DemoGrid frays;     /* of their borders */
  DemoGrid patches;   /* of disease, −∞ … ∞ */
} DemoScene;

/* A reflecting sheet cut by the image plane, drawn pixel by pixel. */
typedef struct
{
  double grey;     /* level of its echo */
  double ripple;   /* how much that varies along it, grey levels */
  double taper;    /* share of its length over which each end fades */
  double specular; /* slope at which the echo has fallen to 60 % */
} DemoInk;

static inline double
demo_smoothstep (double low, double high, double x)
{
  double t = CLAMP ((x - low) / (high - low), 0.0, 1.0);

  return t * t * (3.0 - 2.0 * t);
}

static inline double
demo_grid_at (const DemoGrid *self, double x, double y)
{
  double gx = CLAMP (x / self->cell_x, 0.0, self->nx - 2.001);
  double gy = CLAMP (y / self->cell_y, 0.0, self->ny - 2.001);
  int ix = (int)gx, iy = (int)gy;
  double tx = demo_smoothstep (0, 1, gx - ix), ty = demo_smoothstep (0, 1, gy - iy);
  const float *v = self->value + iy * self->nx + ix;

  return (v[0] * (1 - tx) + v[1] * tx) * (1 - ty)
         + (v[self->nx] * (1 - tx) + v[self->nx + 1] * tx) * ty;
}

/* Frame coordinates of a point of the anatomy, cm from the middle of the probe. */
static inline double
demo_to_x (const DemoScene *scene, double x)
{
  return 0.5 * (DEMO_X0 + DEMO_X1) + (x + scene->shift) * scene->scale;
}

static inline double
demo_to_y (const DemoScene *scene, double x, double y)
{
  return DEMO_Y0 + (y * scene->squeeze + x * scene->tilt) * scene->scale;
}

static inline double
demo_column_cm (const DemoScene *scene, int column)
{
  return (column - 0.5 * (DEMO_X0 + DEMO_X1)) / scene->scale - scene->shift;
}

static inline double
demo_slope_at (const DemoCurve curve, int x)
{
  int left = MAX (x - 4, 0), right = MIN (x + 4, DEMO_W - 1);

  return (curve[right] - curve[left]) / (right - left);
}

/* A normal value of @mean and @sd, cut at @low and @high. */
double nmd_demo_draw         (NmdRandom       *stream,
                              double           mean,
                              double           sd,
                              double           low,
                              double           high);

/* Fills a grid of noise for the whole frame; cells are @cell_x × @cell_y pixels. */
void   nmd_demo_grid_init    (DemoGrid        *self,
                              NmdRandom       *stream,
                              double           cell_x,
                              double           cell_y);

/* Frees the values of @self. */
void   nmd_demo_grid_clear   (DemoGrid        *self);

/* out[x] += gain · noise(x, y) for a whole row. */
void   nmd_demo_grid_add_row (const DemoGrid  *self,
                              int              y,
                              float            gain,
                              float           *out);

/* A wavy line: @depth cm at the middle, @bow more at 2.3 cm from it, waves of @wave cm. */
void   nmd_demo_curve_init   (DemoScene       *scene,
                              DemoCurve        curve,
                              double           depth,
                              double           bow,
                              double           lean,
                              double           wave);

/* Everything below @top gets @level. */
void   nmd_demo_paint_below  (DemoScene       *scene,
                              const DemoCurve  top,
                              double           level);

/* The shadow below @top (2·DEMO_H: no bone there): little echo, soft at its sides,
 * reverberation dying away downwards. What lies in it does not follow the muscle's echo level. */
void   nmd_demo_shadow_below (DemoScene       *scene,
                              const DemoCurve  top);

/* A soft dark or bright spot, half axes in cm. */
void   nmd_demo_paint_spot   (DemoScene       *scene,
                              double           cx,
                              double           cy,
                              double           half_x,
                              double           half_y,
                              double           level,
                              double           share);

/* Along @curve + @offset pixels from column @from to @to. */
void   nmd_demo_draw_along   (DemoScene       *scene,
                              NmdRandom       *stream,
                              const DemoCurve  curve,
                              double           from,
                              double           to,
                              double           offset,
                              DemoInk          ink);

/* A bow from (x0, y0) to (x1, y1), pixels, its middle @sag lower. */
void   nmd_demo_draw_bow     (DemoScene       *scene,
                              NmdRandom       *stream,
                              double           x0,
                              double           y0,
                              double           x1,
                              double           y1,
                              double           sag,
                              DemoInk          ink);

/* The same with ends in cm of the anatomy. */
void   nmd_demo_draw_septum  (DemoScene       *scene,
                              double           x0,
                              double           y0,
                              double           x1,
                              double           y1,
                              double           sag,
                              DemoInk          ink);

/* A fascia: one sheet, brighter and darker along it, with shorter ones close to it. */
void   nmd_demo_draw_fascia  (DemoScene       *scene,
                              const DemoCurve  curve,
                              double           from,
                              double           to,
                              double           grey,
                              double           offset);

G_END_DECLS
