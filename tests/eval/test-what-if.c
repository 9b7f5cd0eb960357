/* SPDX-License-Identifier: Apache-2.0
 *
 * Changed scans and where their class becomes another: grey levels by their formula, flips of known curves, and of a
 * network with fresh weights.
 */
#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-what-if.h"

#include <math.h>

static NmdImage *
make_image (void)
{
  NmdImage *image = nmd_image_new (120, 100);
  NmdRandom stream;

  nmd_random_init_for (&stream, 3, "test", 0, "");
  for (int i = 0; i < 120 * 100; i++)
    image->pixels[i]
        = (guint8)(50 + 40 * sin (i / 40.0) + nmd_random_range (&stream, 0, 60));
  image->pixels[0] = 0;
  image->pixels[1] = 255;
  return image;
}

static void
test_apply (void)
{
  g_autoptr (NmdImage) image = make_image ();
  const NmdBox box = { 20, 10, 100, 80 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (120, 100, &box);
  const NmdWhatIf same = NMD_WHAT_IF_INIT, what = { 0.25, 1.5, TRUE },
                  frame = { -0.4, 0.5, TRUE };
  g_autoptr (NmdImage) unchanged = nmd_what_if_apply (&same, image, mask);
  g_autoptr (NmdImage) changed = nmd_what_if_apply (&what, image, mask);
  g_autoptr (NmdImage) whole = nmd_what_if_apply (&frame, image, NULL);

  for (int i = 0; i < 120 * 100; i++)
    {
      int v = image->pixels[i];
      double level = 255 * ((v / 255.0 - 0.5) * 1.5 + 0.5 + 0.125);
      double dark = 255 * ((v / 255.0 - 0.5) * 0.5 + 0.5 - 0.2);
      g_assert_cmpint (unchanged->pixels[i], ==, v);
      if (mask->pixels[i] == 0)
        g_assert_cmpint (changed->pixels[i], ==, 0);
      else
        g_assert_cmpfloat (fabs (changed->pixels[i] - CLAMP (level, 0, 255)), <=, 0.5);
      /* Without an outline nothing is blanked. */
      g_assert_cmpfloat (fabs (whole->pixels[i] - CLAMP (dark, 0, 255)), <=, 0.5);
    }
}

typedef struct
{
  double (*score) (double);
  guint n;
} Curve;

static gboolean
on_curve (gpointer data, double value, double *score, GError **error)
{
  Curve *curve = data;

  g_assert_true (value >= -1 && value <= 3);
  curve->n++;
  *score = curve->score (value);
  return TRUE;
}

static double
rising (double x)
{
  return 1 / (1 + exp (-x + 0.7));
}

static double
hill (double x)
{
  return exp (-4 * (x - 1) * (x - 1));
}

static double
flat (double x)
{
  return 0.3;
}

static double
failing (double x)
{
  return NAN;
}

static void
test_flip (void)
{
  const struct
  {
    double (*score) (double);
    double at, threshold, flip;
  } cases[] = {
    { rising, 0, 0.5, 0.7 },      { rising, 2.9, 0.5, 0.7 },
    { rising, -1, 0.5, 0.7 },     { rising, 3, 0.95, NAN },
    { hill, 0.9, 0.5, 0.583723 }, { hill, 1.1, 0.5, 1.416277 }, /* the nearer one */
    { hill, 3, 0.5, 1.416277 },   { flat, 0, 0.5, NAN },
    { flat, 0, 0.3, NAN },        { failing, 0, 0.5, NAN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Curve curve = { cases[i].score, 0 };
      double flip = 7;
      g_assert_true (nmd_flip_find (on_curve, &curve, cases[i].at, -1, 3,
                                    cases[i].threshold, NULL, &flip, NULL));
      g_assert_cmpuint (curve.n, <=, 28);
      if (isnan (cases[i].flip))
        g_assert_true (isnan (flip));
      else
        g_assert_cmpfloat_with_epsilon (flip, cases[i].flip, 4e-3);
    }
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Curve curve = { rising, 0 };
  double flip = 0;

  g_cancellable_cancel (cancellable);
  g_assert_false (
      nmd_flip_find (on_curve, &curve, 0, -1, 3, 0.5, cancellable, &flip, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (curve.n, ==, 0);
}

/* On either side of the flip the network says another class. */
static void
test_network (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 1, &error);
  const NmdNetwork *network = nmd_network_find ("nmdassistnet", NULL);
  g_autoptr (NmdWeights) weights = nmd_network_init (network, 2, 1);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (NmdPassport) passport = nmd_passport_new ();
  g_autoptr (NmdModel) model
      = nmd_model_new (network, weights, parameters, passport, "best", NULL);
  g_autoptr (NmdPredictor) predictor = nmd_predictor_new (session, model, 1, &error);
  g_autoptr (NmdImage) image = make_image ();
  const NmdBox box = { 20, 10, 100, 80 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (120, 100, &box);
  NmdWhatIf what = NMD_WHAT_IF_INIT;
  double now = 0, far = 0, flip = NAN, before = 0, after = 0;

  g_assert_no_error (error);
  g_assert_true (nmd_what_if_score (&what, predictor, image, mask, &now, &error));
  what.contrast = 2;
  g_assert_true (nmd_what_if_score (&what, predictor, image, mask, &far, &error));
  g_assert_cmpfloat (now, !=, far);
  double threshold = (now + far) / 2;
  what.contrast = 1;
  g_assert_true (nmd_what_if_flip (&what, NMD_WHAT_IF_CONTRAST, predictor, image, mask,
                                   threshold, NULL, &flip, &error));
  g_assert_no_error (error);
  g_assert_true (flip > 0.5 && flip < 2);
  double step = (flip > 1 ? 1 : -1) * 2e-3;
  what.contrast = flip;
  g_assert_true (nmd_what_if_score (&what, predictor, image, mask, &after, &error));
  what.contrast = flip - step;
  g_assert_true (nmd_what_if_score (&what, predictor, image, mask, &before, &error));
  g_assert_cmpint (after >= threshold, !=, now >= threshold);
  g_assert_cmpint (before >= threshold, ==, now >= threshold);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eval/what-if/apply", test_apply);
  g_test_add_func ("/eval/what-if/flip", test_flip);
  g_test_add_func ("/eval/what-if/cancelled", test_cancelled);
  g_test_add_func ("/eval/what-if/network", test_network);
  return g_test_run ();
}
