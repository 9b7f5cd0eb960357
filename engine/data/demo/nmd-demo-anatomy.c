/* SPDX-License-Identifier: Apache-2.0
 *
 * The tissue of the demo cohort: for each scan a phantom of echo levels (skin, fat,
 * muscle, bone and its shadow), of reflecting sheets (fasciae, septa, perimysium) and the
 * outline of the muscle examined. What does not change between the images of one muscle
 * (layers, septa, bone) comes from the muscle's stream, what does (position of the probe,
 * fascicles) from the image's. Lengths are in cm until they are drawn; levels are grey
 * levels of the straight logarithmic scale. How it is drawn: nmd-demo-canvas.c, of what:
 * nmd-demo-tissue.c, how the scanner sees it: nmd-demo-beam.c.
 *
 * Landmarks follow the transverse views described in Pillen and van Alfen, "Skeletal
 * muscle ultrasound", Neurological Research 33, 2011; the biceps proportions were
 * compared with one scan of the published set.
 */
#include "engine/data/demo/nmd-demo-tissue-private.h"

#include <math.h>

/* The three muscles */

/* Fat over the muscle grows with body mass index and is thicker in women. */
static double
fat_cm (DemoScene *scene, double base)
{
  const NmdDemoFacts *f = scene->facts;
  double index = f->weight / (f->length * f->length * 1e-4);
  double fat = base + 0.022 * (index - 23) + (f->is_male ? 0.0 : 0.11);

  return nmd_demo_draw (&scene->fixed, fat, 0.06, 0.12, 0.95);
}

/* Muscles are thinner in women, old age and disease. */
static double
muscle_cm (DemoScene *scene, double base, double high)
{
  const NmdDemoFacts *f = scene->facts;
  double size = base * (f->is_male ? 1.06 : 0.9) * (1 - 0.0022 * (f->age - 45));

  size *= (1 + 0.012 * (f->weight / (f->length * f->length * 1e-4) - 23))
          * (1 - 0.16 * f->severity);
  return nmd_demo_draw (&scene->fixed, size, 0.08 * base, 0.62 * base, high);
}

/* What lies around the biceps: its fascia splits towards the inner side, where the
 * vessels run; a septum that opens like a V, and those of the brachialis, lie below. */
static void
draw_arm (DemoScene *scene, double fat, double thick)
{
  NmdRandom *fixed = &scene->fixed;
  double x = scene->belly_x, wedge_x = nmd_demo_draw (fixed, -0.45, 0.3, -1.2, 0.3);
  double wedge = fat + thick + nmd_demo_draw (fixed, 0.42, 0.1, 0.25, 0.6);
  double split = nmd_demo_draw (fixed, 1.0, 0.15, 0.7, 1.3),
         fall = nmd_demo_draw (fixed, 0.3, 0.08, 0.12, 0.5);
  double inner = nmd_demo_draw (fixed, 0.75, 0.1, 0.55, 1.0);

  nmd_demo_draw_septum (scene, x + split - 0.1, fat + 0.05, 2.5, fat - 0.12, -0.05,
                        (DemoInk){ 132, 14, 0.2, 0.4 });
  nmd_demo_draw_septum (scene, x + split, fat + 0.06, 2.3, fat + fall, -0.02,
                        (DemoInk){ 172, 12, 0.15, 0.5 });
  for (int side = -1; side <= 1; side += 2)
    {
      double length = nmd_demo_draw (fixed, 1.0, 0.25, 0.5, 1.6),
             gape = nmd_demo_draw (fixed, 0.13, 0.05, 0.03, 0.25);
      double sag = 0.03 * nmd_random_normal (fixed),
             grey = nmd_demo_draw (fixed, 156, 12, 120, 180);

      nmd_demo_draw_septum (scene, wedge_x, wedge, wedge_x + length,
                            wedge + 0.06 + side * gape, sag,
                            (DemoInk){ grey, 16, 0.25, 0.45 });
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
        nmd_demo_draw_septum (scene, left, y, left + length, y + rise, sag,
                              (DemoInk){ grey, 18, 0.35, 0.4 });
    }
  nmd_demo_paint_spot (scene, 2.15, fat + inner, 0.3, 0.22, 34, 0.8);
  nmd_demo_draw_septum (scene, 1.95, fat + inner + 0.22, 2.5, fat + inner + 0.2, 0,
                        (DemoInk){ 166, 10, 0.3, 0.5 });
}

static void
draw_biceps (DemoScene *scene)
{
  NmdRandom *fixed = &scene->fixed;
  double skin = nmd_demo_draw (fixed, 0.2, 0.02, 0.15, 0.26),
         fat = skin + fat_cm (scene, 0.28);
  double thick = muscle_cm (scene, 1.66, 2.15);
  double bone = MIN (fat + thick + nmd_demo_draw (fixed, 1.25, 0.15, 0.9, 1.6), 3.95);
  double bone_x = nmd_demo_draw (fixed, -0.1, 0.3, -0.8, 0.8);
  double bow = nmd_demo_draw (fixed, 0.1, 0.1, -0.02, 0.3),
         lean = 0.02 * nmd_random_normal (fixed);
  double bow_below = nmd_demo_draw (fixed, -0.08, 0.06, -0.2, 0.05);
  double lean_below = 0.03 * nmd_random_normal (fixed);
  DemoCurve upper, lower, deep;

  scene->belly_x = nmd_demo_draw (fixed, 0.0, 0.12, -0.3, 0.3);
  scene->belly_half = nmd_demo_draw (fixed, 1.78, 0.12, 1.45, 2.05);
  nmd_demo_scene_add_skin (scene, skin);
  nmd_demo_scene_add_fat_septa (scene, skin, fat);
  nmd_demo_curve_init (scene, scene->fascia, fat, bow, lean, 0.06);
  nmd_demo_curve_init (scene, lower, fat + thick, bow_below, lean_below, 0.07);
  nmd_demo_paint_below (scene, scene->fascia, 59);
  for (int x = 0; x < DEMO_W; x++)
    {
      upper[x] = scene->fascia[x] + 5;
      deep[x] = lower[x] + 4;
    }
  nmd_demo_paint_below (scene, deep, 66);
  nmd_demo_scene_add_deep_streaks (scene, deep, 150, 72);
  nmd_demo_scene_set_belly (scene, upper, lower, 3.2);
  nmd_demo_scene_add_noise (scene);
  nmd_demo_scene_add_matrix (scene);
  nmd_demo_scene_add_fascicles (scene, -0.08, 0.030);
  nmd_demo_scene_add_sheets (scene, 11, -0.12);
  nmd_demo_draw_fascia (scene, scene->fascia, -40,
                        demo_to_x (scene, scene->belly_x + 1.4), 158, 0);
  nmd_demo_draw_fascia (scene, lower, demo_to_x (scene, scene->belly_x - 0.5),
                        demo_to_x (scene, scene->belly_x + 1.3), 118, 3);
  nmd_demo_draw_along (scene, fixed, lower, demo_to_x (scene, -0.8),
                       demo_to_x (scene, 0.5), 7, (DemoInk){ 126, 20, 0.3, 0.4 });
  draw_arm (scene, fat, thick);
  nmd_demo_scene_add_bone (scene, bone_x, bone, 0.72, 0.7,
                           196 - 40 * scene->facts->texture);
}

static void
draw_gastrocnemius (DemoScene *scene)
{
  NmdRandom *fixed = &scene->fixed;
  double skin = nmd_demo_draw (fixed, 0.19, 0.02, 0.15, 0.25),
         fat = skin + fat_cm (scene, 0.34);
  double thick = muscle_cm (scene, 1.55, 2.0),
         lean = nmd_demo_draw (fixed, 0.05, 0.03, -0.02, 0.12);
  double soleus = nmd_demo_draw (fixed, 1.15, 0.12, 0.85, 1.4);
  double bow = nmd_demo_draw (fixed, 0.12, 0.06, 0, 0.26),
         tilt = 0.02 * nmd_random_normal (fixed);
  double bow_below = nmd_demo_draw (fixed, -0.28, 0.08, -0.45, -0.12);
  DemoCurve upper, lower, floor;

  scene->belly_x = nmd_demo_draw (fixed, -0.55, 0.15, -0.9, -0.2);
  scene->belly_half = nmd_demo_draw (fixed, 2.5, 0.15, 2.2, 2.8);
  nmd_demo_scene_add_skin (scene, skin);
  nmd_demo_scene_add_fat_septa (scene, skin, fat);
  nmd_demo_curve_init (scene, scene->fascia, fat, bow, tilt, 0.03);
  nmd_demo_curve_init (scene, lower, fat + thick, bow_below, lean, 0.04);
  nmd_demo_curve_init (scene, floor, MIN (fat + thick + soleus, 3.85),
                       nmd_demo_draw (fixed, 0.15, 0.1, -0.05, 0.3), -lean, 0.08);
  nmd_demo_paint_below (scene, scene->fascia, 60);
  for (int x = 0; x < DEMO_W; x++)
    upper[x] = scene->fascia[x] + 4;
  nmd_demo_paint_below (scene, lower, 66);
  nmd_demo_scene_add_deep_streaks (scene, lower, 260, 74);
  nmd_demo_paint_below (scene, floor, 52);
  nmd_demo_scene_set_belly (scene, upper, lower, 4.0);
  nmd_demo_scene_add_noise (scene);
  nmd_demo_scene_add_matrix (scene);
  nmd_demo_scene_add_fascicles (scene, 0.1, 0.032);
  nmd_demo_scene_add_sheets (scene, 9, 0.1);
  nmd_demo_draw_fascia (scene, scene->fascia, -40, DEMO_W + 40, 150, 0);
  nmd_demo_draw_fascia (scene, lower, -40, DEMO_W + 40, 160, 2);
  nmd_demo_draw_along (scene, fixed, lower, 30, DEMO_W - 20, 7,
                       (DemoInk){ 132, 16, 0.2, 0.4 });
  for (int i = 0; i < 6; i++) /* septa of the soleus */
    {
      double x = nmd_random_range (fixed, -2.2, 1.4);
      double y = fat + thick + nmd_random_range (fixed, 0.25, soleus - 0.1);
      double length = nmd_random_range (fixed, 0.5, 1.3);
      double rise = 0.16 * nmd_random_normal (fixed);
      double grey = nmd_random_range (fixed, 104, 152);

      nmd_demo_draw_septum (scene, x, y, x + length, y + rise, 0.04,
                            (DemoInk){ grey, 18, 0.35, 0.4 });
    }
  nmd_demo_draw_fascia (scene, floor, demo_to_x (scene, -1.9), demo_to_x (scene, 1.6),
                        118, 0);
  for (int i = 0; i < 3; i++) /* tibial vessels below the soleus */
    nmd_demo_paint_spot (scene, 0.35 + 0.26 * i, 3.98 + 0.05 * i, 0.1, 0.085, 22, 0.85);
}

static void
draw_tibialis (DemoScene *scene)
{
  NmdRandom *fixed = &scene->fixed;
  double skin = nmd_demo_draw (fixed, 0.19, 0.02, 0.15, 0.25),
         fat = skin + fat_cm (scene, 0.16);
  double thick = muscle_cm (scene, 2.45, 2.85),
         middle = nmd_demo_draw (fixed, 0.5, 0.04, 0.42, 0.58);
  double floor_cm = MIN (fat + thick, 3.5);
  double bow = nmd_demo_draw (fixed, 0.12, 0.05, 0.02, 0.22),
         lean = 0.01 * nmd_random_normal (fixed);
  DemoCurve upper, lower, tibia;

  scene->belly_x = nmd_demo_draw (fixed, 0.05, 0.12, -0.2, 0.3);
  scene->belly_half = nmd_demo_draw (fixed, 1.85, 0.1, 1.6, 2.1);
  nmd_demo_scene_add_skin (scene, skin);
  nmd_demo_scene_add_fat_septa (scene, skin, fat);
  nmd_demo_curve_init (scene, scene->fascia, fat, bow, lean, 0.025);
  nmd_demo_curve_init (scene, lower, floor_cm, -0.1, 0.0, 0.04);
  nmd_demo_paint_below (scene, scene->fascia, 58);
  for (int x = 0; x < DEMO_W; x++)
    { /* the tibia cuts the deep inner corner off */
      double u = demo_column_cm (scene, x) - scene->belly_x;

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
  nmd_demo_paint_below (scene, lower, 56);
  nmd_demo_scene_add_deep_streaks (scene, lower, 130, 70);
  nmd_demo_scene_set_belly (scene, upper, lower, 3.4);
  nmd_demo_scene_add_noise (scene);
  nmd_demo_scene_add_matrix (scene);
  nmd_demo_scene_add_fascicles (scene, 0.0, 0.027);
  nmd_demo_scene_add_sheets (scene, 6, 0.0);
  nmd_demo_draw_fascia (scene, scene->fascia, -40, DEMO_W + 40, 156, 0);
  for (int i = 0; i < 3; i++) /* central aponeurosis */
    nmd_demo_draw_septum (
        scene, scene->belly_x - 1.05 + 0.1 * i, fat + thick * middle + 0.02 * i,
        scene->belly_x + 1.15 - 0.1 * i, fat + thick * (middle - 0.04) + 0.02 * i, 0.1,
        (DemoInk){ 164 - 16.0 * i, 13, 0.25, 0.5 });
  nmd_demo_draw_fascia (scene, lower, demo_to_x (scene, scene->belly_x - 0.5),
                        demo_to_x (scene, scene->belly_x + 1.5), 138, 3);
  for (int i = 0; i < 2; i++) /* towards the long extensors */
    {
      double grey = nmd_demo_draw (fixed, 126, 12, 90, 150);

      nmd_demo_draw_septum (scene, scene->belly_x + 1.2 + 0.12 * i, fat + 0.08 + 0.5 * i,
                            scene->belly_x + 1.5 + 0.28 * i, fat + 0.6 + 0.7 * i, -0.05,
                            (DemoInk){ grey, 26, 0.4, 1.3 });
    }
  for (int x = 0; x < DEMO_W; x++)
    tibia[x] = x < demo_to_x (scene, scene->belly_x - 0.45) ? tibia[x] + 5 : 2 * DEMO_H;
  nmd_demo_scene_add_cortex (scene, tibia, -60, demo_to_x (scene, scene->belly_x - 0.52),
                             186 - 30 * scene->facts->texture,
                             (DemoInk){ 0, 26, 0.02, 0.85 });
  nmd_demo_scene_add_bone (scene, scene->belly_x + 1.55, floor_cm + 0.12, 0.4, 0.4,
                           150 - 30 * scene->facts->texture);
}

/* The phantom */

/* What disease does below the muscle: fat and fibrosis swallow sound. */
static void
scene_attenuate (DemoScene *scene)
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
scene_lose_contact (DemoScene *scene)
{
  for (int side = 0; side < 2; side++)
    {
      double loss = 9 * nmd_random_normal (&scene->varied);
      double reach = nmd_random_range (&scene->varied, 25, 90);

      for (int x = 0; x < DEMO_W; x++)
        {
          double way = side == 0 ? x - DEMO_X0 : DEMO_X1 - x;
          double fall = loss * (1 - demo_smoothstep (0, reach, way));

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
scene_outline (DemoScene *scene)
{
  DemoGrid hand;
  NmdImage *mask = scene->phantom->mask;

  nmd_demo_grid_init (&hand, &scene->varied, 70, 200);
  for (int x = DEMO_X0 + 5; x < DEMO_X1 - 5; x++)
    {
      double top = scene->top[x] + 5 + 2.2 * demo_grid_at (&hand, x, 20);
      double bottom = scene->bottom[x] - 4 + 2.2 * demo_grid_at (&hand, x, 420);

      if (scene->bottom[x] - scene->top[x] < 26)
        continue;
      for (int y = MAX (DEMO_Y0 + 2, (int)ceil (top)); y < MIN (bottom, 430); y++)
        mask->pixels[(gsize)y * DEMO_W + x] = 255;
    }
  nmd_demo_grid_clear (&hand);
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
  static void (*const muscles[]) (DemoScene *)
      = { draw_biceps, draw_gastrocnemius, draw_tibialis };
  const gsize n = (gsize)DEMO_W * DEMO_H;
  DemoPhantom *self = g_new0 (DemoPhantom, 1);
  g_autofree DemoScene *scene = g_new0 (DemoScene, 1);

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
  scene->squeeze = nmd_demo_draw (&scene->varied, 1, 0.025, 0.94, 1.06);
  scene->tilt = 0.02 * nmd_random_normal (&scene->varied);
  if (facts->texture > 0)
    {
      nmd_demo_grid_init (&scene->patches, &scene->varied, 46, 26);
      nmd_demo_grid_init (&scene->frays, &scene->varied, 15, 9);
    }
  muscles[facts->muscle](scene);
  scene_attenuate (scene);
  scene_lose_contact (scene);
  scene_outline (scene);
  if (facts->is_right)
    phantom_mirror (self);
  nmd_demo_grid_clear (&scene->patches);
  nmd_demo_grid_clear (&scene->frays);
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
