/* SPDX-License-Identifier: Apache-2.0
 *
 * Augmentation of an image with its mask against its definition, and what simulated prompts may be.
 */
#include "engine/image/nmd-augment-pair.h"

#include <math.h>
#include <string.h>

enum
{
  S = 64,
  N = S * S
};

/* A picture whose mask is its bright disc, off the middle, in a frame of 64 × 48. */
static void
make_pair (NmdLetterbox *box, NmdImage **image, NmdImage **mask)
{
  g_autoptr (NmdImage) frame = nmd_image_new (S, 48), disc = nmd_image_new (S, 48);

  for (int y = 0; y < 48; y++)
    for (int x = 0; x < S; x++)
      {
        const gboolean in = hypot (x + 0.5 - 22, y + 0.5 - 20) < 9;

        frame->pixels[y * S + x] = in ? 200 : 50;
        disc->pixels[y * S + x] = in ? 255 : 0;
      }
  nmd_letterbox_init (box, S, 48, S);
  *image = nmd_letterbox_image (box, frame, NULL);
  *mask = nmd_letterbox_mask (box, disc);
}

/* Middle of the set pixels and their number. */
static gsize
find_middle (const float *target, double *x, double *y)
{
  gsize n = 0;

  *x = *y = 0;
  for (int i = 0; i < N; i++)
    if (target[i] > 0)
      {
        *x += i % S + 0.5;
        *y += i / S + 0.5;
        n++;
      }
  *x /= (double)MAX (n, 1);
  *y /= (double)MAX (n, 1);
  return n;
}

/* The disc's middle goes where the map says to half a pixel (its mask is set from 0.5), its area grows by zoom², and grey goes with it. */
static void
test_map (void)
{
  static const NmdPairAugmentation cases[] = {
    { FALSE, 0, 1, 0, 0, 1, 1, 1, 0 },          { TRUE, 0, 1, 0, 0, 1, 1, 1, 0 },
    { FALSE, 20, 1, 0, 0, 1, 1, 1, 0 },         { FALSE, 0, 1.2, 0, 0, 1, 1, 1, 0 },
    { FALSE, 0, 1, 0.1, 0, 1, 1, 1, 0 },        { FALSE, 0, 1, 0, -0.05, 1, 1, 1, 0 },
    { TRUE, -15, 0.9, 0.05, 0.02, 1, 1, 1, 0 },
  };
  g_autoptr (NmdImage) image = NULL, mask = NULL;
  g_autofree float *grey = g_new (float, N), *target = g_new (float, N);
  NmdLetterbox box;

  make_pair (&box, &image, &mask);
  for (guint k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      const NmdPairAugmentation *self = &cases[k];
      const double a = self->angle * G_PI / 180;
      /* from the point of the field at (22, 28) to its place in the result */
      const double u = 22 - S / 2.0 - self->x * S, v = 28 - S / 2.0 - self->y * S;
      double x = self->zoom * (cos (a) * u - sin (a) * v),
             y = self->zoom * (sin (a) * u + cos (a) * v), mx, my;
      gsize n;

      x = S / 2.0 + (self->flip ? -x : x);
      y = S / 2.0 + y;
      nmd_pair_augmentation_apply (self, &box, image, mask, NULL, grey, target);
      n = find_middle (target, &mx, &my);
      g_assert_cmpfloat_with_epsilon (mx, x, 0.51);
      g_assert_cmpfloat_with_epsilon (my, y, 0.51);
      g_assert_cmpfloat_with_epsilon ((double)n / (G_PI * 81 * self->zoom * self->zoom),
                                      1, 0.05);
      for (int i = 0; i < N; i++)
        g_assert_true ((grey[i] > 125 / 255.0f) == (target[i] > 0));
    }
}

static void
test_neutral (void)
{
  const NmdPairAugmentation neutral = { FALSE, 0, 1, 0, 0, 1, 1, 1, 0 };
  g_autoptr (NmdImage) image = NULL, mask = NULL;
  g_autofree float *grey = g_new (float, N), *target = g_new (float, N),
                   *grey_2 = g_new (float, N), *target_2 = g_new (float, N);
  NmdLetterbox box;

  make_pair (&box, &image, &mask);
  nmd_pair_augmentation_apply (NULL, &box, image, mask, NULL, grey, target);
  nmd_pair_augmentation_apply (&neutral, &box, image, mask, NULL, grey_2, target_2);
  for (int i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (grey[i], grey_2[i], 1e-6f);
  g_assert_cmpmem (target, N * sizeof *target, target_2, N * sizeof *target_2);
}

/* Grey steps inside the content, zeros outside, in [0, 1]; noise of the variance asked for. */
static void
test_grey (void)
{
  NmdPairAugmentation self = { FALSE, 0, 1, 0, 0, 1.1, 1, 0.8, 0 };
  g_autoptr (NmdImage) image = NULL, mask = NULL;
  g_autofree float *grey = g_new (float, N), *target = g_new (float, N);
  double sum = 0, squares = 0, mean;
  NmdRandom stream;
  NmdLetterbox box;
  int n = 0;

  make_pair (&box, &image, &mask);
  nmd_pair_augmentation_apply (&self, &box, image, mask, NULL, grey, target);
  g_assert_cmpfloat (grey[0], ==, 0);
  g_assert_cmpfloat_with_epsilon ((double)grey[8 * S], pow (50 / 255.0 * 1.1, 0.8), 1e-5);

  self = (NmdPairAugmentation){ FALSE, 0, 1, 0, 0, 1, 1, 1, 0.1 };
  nmd_random_init (&stream, "noise");
  nmd_pair_augmentation_apply (&self, &box, image, mask, &stream, grey, target);
  for (int i = 0; i < N; i++)
    {
      g_assert_true (grey[i] >= 0 && grey[i] <= 1);
      if (i / S < 8 || i / S >= 56)
        g_assert_cmpfloat (grey[i], ==, 0);
      else if (image->pixels[i] == 50)
        {
          const double v = (double)grey[i] * 255 / 50 - 1;

          sum += v;
          squares += v * v;
          n++;
        }
    }
  mean = sum / n;
  g_assert_cmpfloat_with_epsilon (mean, 0, 0.01);
  g_assert_cmpfloat_with_epsilon (sqrt (squares / n), 0.1, 0.01);
}

/* What is drawn stays within the parameters, uses them, and depends on the stream alone. */
static void
test_draw (void)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new_for (NMD_TASK_SEGMENT);
  double most_angle = 0, most_speckle = 0;
  guint n_flipped = 0;

  for (int i = 0; i < 500; i++)
    {
      g_autofree char *name = g_strdup_printf ("%d", i);
      NmdPairAugmentation self, again;
      NmdRandom stream;

      nmd_random_init (&stream, name);
      nmd_pair_augmentation_draw (&self, parameters, &stream);
      nmd_random_init (&stream, name);
      nmd_pair_augmentation_draw (&again, parameters, &stream);
      g_assert_cmpmem (&self, sizeof self, &again, sizeof again);
      g_assert_true (fabs (self.angle) <= 15);
      g_assert_true (self.zoom >= 0.8 && self.zoom <= 1.2 / sqrt (0.8) + 1e-9);
      g_assert_true (fabs (self.x) <= (1 - sqrt (0.8)) / 2);
      g_assert_true (self.gamma >= 1 / 1.2 && self.gamma <= 1.2);
      most_angle = MAX (most_angle, fabs (self.angle));
      most_speckle = MAX (most_speckle, self.speckle);
      n_flipped += self.flip;
    }
  g_assert_true (most_angle > 13.5 && most_speckle > 0.09 && most_speckle <= 0.1);
  g_assert_true (n_flipped > 200 && n_flipped < 300);
}

static void
test_prompts (void)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new_for (NMD_TASK_SEGMENT);
  g_autofree float *target = g_new0 (float, N);
  guint n_none = 0, n_box = 0, n_clicks = 0, n_negative = 0;
  NmdPrompts prompts;
  NmdRandom stream;

  g_assert_true (nmd_parameters_set (parameters, "unprompted", 0.5, NULL));
  nmd_random_init (&stream, "prompts");
  nmd_prompts_simulate (target, S, parameters, &stream, &prompts);
  g_assert_false (prompts.has_box || prompts.n_clicks > 0); /* nothing to show */
  for (int y = 20; y < 40; y++)
    for (int x = 10; x < 50; x++)
      target[y * S + x] = 1;
  for (int i = 0; i < 1000; i++)
    {
      nmd_prompts_simulate (target, S, parameters, &stream, &prompts);
      n_none += !prompts.has_box && prompts.n_clicks == 0;
      n_box += prompts.has_box;
      n_clicks += prompts.n_clicks > 0;
      g_assert_cmpuint (prompts.n_clicks, <=, 3);
      if (prompts.has_box)
        g_assert_true (fabs (prompts.x0 - 10) <= 4 && fabs (prompts.x1 - 50) <= 4
                       && fabs (prompts.y0 - 20) <= 2 && fabs (prompts.y1 - 40) <= 2);
      else if (prompts.n_clicks > 0)
        g_assert_true (prompts.clicks[0].is_positive);
      for (guint k = 0; k < prompts.n_clicks; k++)
        {
          const int x = (int)prompts.clicks[k].x, y = (int)prompts.clicks[k].y;

          g_assert_true ((target[y * S + x] > 0) == prompts.clicks[k].is_positive);
          n_negative += !prompts.clicks[k].is_positive;
        }
    }
  g_assert_true (n_none > 450 && n_none < 550);
  g_assert_true (n_box > 280 && n_box < 390);
  g_assert_true (n_clicks > 280 && n_clicks < 390);
  g_assert_true (n_negative > 100);
  /* nothing is made up, and nothing drawn, without prompts */
  g_assert_true (nmd_parameters_set_text (parameters, "prompts", "off", NULL));
  for (int i = 0; i < 20; i++)
    {
      const NmdRandom before = stream;

      nmd_prompts_simulate (target, S, parameters, &stream, &prompts);
      g_assert_false (prompts.has_box || prompts.n_clicks > 0);
      g_assert_cmpmem (&before, sizeof before, &stream, sizeof stream);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/augment-pair/map", test_map);
  g_test_add_func ("/augment-pair/neutral", test_neutral);
  g_test_add_func ("/augment-pair/grey", test_grey);
  g_test_add_func ("/augment-pair/draw", test_draw);
  g_test_add_func ("/augment-pair/prompts", test_prompts);
  return g_test_run ();
}
