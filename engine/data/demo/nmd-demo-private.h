/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the demo generator: the people, and the phantom (tissue without a scanner) that
 * nmd-demo-anatomy.c draws and nmd-demo-beam.c turns into a picture.
 */
#pragma once

#include "engine/core/nmd-random.h"
#include "engine/data/demo/nmd-demo.h"

G_BEGIN_DECLS

#define DEMO_W NMD_DEMO_WIDTH
#define DEMO_H NMD_DEMO_HEIGHT

/* The picture proper: x0 ≤ x < x1, y0 ≤ y < y1; black border outside, as on the real scanner. */
#define DEMO_X0 4
#define DEMO_X1 507
#define DEMO_Y0 4
#define DEMO_Y1 479

/* 60 dB over 255 grey levels: all echo levels inside the generator are in grey levels of this
 * straight logarithmic scale. */
#define DEMO_GREY_PER_DB 4.25

typedef struct
{
  double px_per_cm;
  double axial_sigma;    /* of the PSF, pixels */
  double lateral_sigma;  /* at the focus, pixels */
  double lateral_spread; /* added per cm away from the focus */
  double focus_cm;
  int looks;             /* angles compounded: each has its own speckle */
  double floor;          /* grey of no echo at all */
  double centre, bend;   /* level and width over which the curve leaves the floor */
  double slope;          /* grey levels shown a level (the dynamic range) */
  double knee;           /* grey above which it saturates softly */
} DemoScanner;

typedef struct
{
  float *level;    /* diffuse echo level, grey; DEMO_H × DEMO_W */
  float *re, *im;  /* coherent reflectors, linear amplitude */
  float *belly;    /* 0 … 1: how far the pixel belongs to the muscle examined */
  NmdImage *mask;
} DemoPhantom;

#define NMD_DEMO_MAX_THREADS 8

/* @settings (nullable) with every default filled in. */
NmdDemoSettings    nmd_demo_with_defaults (const NmdDemoSettings *settings);

/* The facts of one scan; @settings complete. */
void               nmd_demo_compute_facts (const NmdDemoSettings *settings,
                                           guint                  subject,
                                           NmdDemoMuscle          muscle,
                                           guint                  image,
                                           NmdDemoFacts          *facts);

/* The scanner of that name. */
const DemoScanner *nmd_demo_scanner     (char                   name);

/* The tissue of one scan. */
DemoPhantom       *nmd_demo_phantom_new (const NmdDemoSettings *settings,
                                         const NmdDemoFacts    *facts);
void               nmd_demo_phantom_free (DemoPhantom          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoPhantom, nmd_demo_phantom_free)

/* The picture of @phantom, with frame, ticks and words. */
NmdImage          *nmd_demo_expose      (const NmdDemoSettings *settings,
                                         const NmdDemoFacts    *facts,
                                         const DemoPhantom     *phantom);

/* Starts the stream "SEED:demo:SUBJECT:MUSCLE:IMAGE/@what" (without IMAGE if @per_image is FALSE). */
void               nmd_demo_stream      (NmdRandom             *stream,
                                         guint64                seed,
                                         const NmdDemoFacts    *facts,
                                         gboolean               per_image,
                                         const char            *what);

static inline float
demo_amplitude (double grey)
{
  return __builtin_expf ((float) (grey * (2.302585092994046 / (20.0 * DEMO_GREY_PER_DB))));
}

G_END_DECLS
