/* SPDX-License-Identifier: Apache-2.0
 *
 * The judge of scans: every judgement in its order, what has to be stated, what the
 * user says, images of the model's own data set, and a sample judged as the scan loaded
 * from it.
 */
#include "engine/model/nmd-verdict.h"
#include "engine/image/nmd-png-writer.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* What a test needs of a model: its passport and its images. */
static NmdModel *
make_model (const char *organ, const char *muscles, gboolean synthetic)
{
  static const double grey[3] = { 40, 70, 110 }, sd[3] = { 15, 25, 35 },
                      size[3] = { 200, 260, 320 };
  g_autoptr (NmdPassport) passport = nmd_passport_new ();
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (NmdWeights) weights = nmd_weights_new ();
  GHashTable *parts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_hash_table_insert (parts, g_strdup ("00112233445566aa"),
                       GINT_TO_POINTER (NMD_PART_TRAIN));
  g_hash_table_insert (parts, g_strdup ("00112233445566bb"),
                       GINT_TO_POINTER (NMD_PART_NONE));
  g_free (passport->organ);
  passport->organ = g_strdup (organ);
  passport->n_images[0] = passport->n_images[1] = 10;
  passport->n_whole_frame[0] = g_str_equal (organ, "whole frames") ? 10 : 9;
  passport->n_whole_frame[1] = 10;
  g_strfreev (passport->muscles);
  passport->muscles = g_strsplit (muscles, ",", -1);
  passport->synthetic = synthetic;
  memcpy (passport->grey_mean, grey, sizeof grey);
  memcpy (passport->grey_sd, sd, sizeof sd);
  memcpy (passport->box_width, size, sizeof size);
  return nmd_model_new (nmd_network_find ("nmdassistnet", NULL), weights, parameters,
                        passport, "best", parts);
}

static NmdSample *
make_sample (const char *organ, const char *muscle)
{
  NmdSample *sample = nmd_sample_new ("a.png");

  g_free (sample->muscle);
  sample->muscle = g_strdup (muscle);
  if (organ != NULL)
    g_hash_table_insert (sample->attributes, g_strdup ("organ"), g_strdup (organ));
  sample->echo = (NmdEchoIntensity){ .mean = 80, .sd = 25, .n = 1000 };
  sample->box = (NmdBox){ 0, 0, 250, 200 };
  return sample;
}

static void
check (NmdModel *model,
       NmdSample *sample,
       const NmdStatedFacts *stated,
       NmdFit fit,
       guint missing,
       const char *said)
{
  g_auto (NmdVerdict) verdict = { 0 };

  nmd_sample_judge (sample, model, stated, &verdict);
  g_test_message ("%d %u %s", verdict.fit, verdict.missing, verdict.reason);
  g_assert_cmpint (verdict.fit, ==, fit);
  g_assert_cmpuint (verdict.missing, ==, missing);
  g_assert_cmpint (verdict.is_scored, ==, fit == NMD_FIT_YES);
  g_assert_false (verdict.not_meaningful);
  g_assert_cmpint (verdict.reason == NULL, ==, said == NULL);
  if (said != NULL && strstr (verdict.reason, said) == NULL)
    g_error ("“%s” does not say “%s”", verdict.reason, said);
}

static void
test_kind (void)
{
  g_autoptr (NmdModel) muscle = make_model ("muscle", "BB,GM", FALSE);
  g_autoptr (NmdModel) breast = make_model ("breast", "", FALSE);
  g_autoptr (NmdModel) frames = make_model ("whole frames", "", FALSE);
  g_autoptr (NmdSample) bb = make_sample (NULL, "BB");
  g_autoptr (NmdSample) ta = make_sample ("muscle", "TA");
  g_autoptr (NmdSample) lower = make_sample ("Muscle", "bb");
  g_autoptr (NmdSample) lump = make_sample ("breast", "");
  g_autoptr (NmdSample) drawn = make_sample (NULL, "BB");

  drawn->is_synthetic = TRUE;
  check (muscle, bb, NULL, NMD_FIT_YES, 0, NULL);
  check (muscle, lower, NULL, NMD_FIT_YES, 0, NULL);
  check (breast, lump, NULL, NMD_FIT_YES, 0, NULL);
  check (breast, bb, NULL, NMD_FIT_NO, 0,
         "This model was trained on breast, this scan is BB");
  check (muscle, lump, NULL, NMD_FIT_NO, 0, "this scan is breast");
  check (muscle, ta, NULL, NMD_FIT_NO, 0,
         "This model was trained on BB and GM, this scan is TA");
  check (muscle, drawn, NULL, NMD_FIT_NO, 0, "trained on real scans");
  check (frames, bb, NULL, NMD_FIT_NO, 0, "trained on whole frames");
}

/* A model that never saw an outline scores a scan without one, where what it shows fits; with one it does
 * not fit. One of mixed training images needs an outline. */
static void
test_whole_frame (void)
{
  g_autoptr (NmdModel) frames = make_model ("whole frames", "", FALSE);
  g_autoptr (NmdModel) mixed = make_model ("muscle", "BB", FALSE);
  g_autoptr (NmdSample) alike = make_sample ("whole frames", "");
  g_autoptr (NmdSample) bb = make_sample (NULL, "BB");
  g_autoptr (NmdSample) nothing = make_sample (NULL, "");
  const NmdStatedFacts anyway = { .show_anyway = TRUE };
  g_auto (NmdVerdict) verdict = { 0 };

  check (frames, alike, NULL, NMD_FIT_NO, 0,
         "trained on whole frames, this scan has an outline");
  alike->echo = bb->echo = nothing->echo = (NmdEchoIntensity){ .mean = NAN, .n = 0 };
  alike->box = (NmdBox){ 0, 0, 9999, 9999 }; /* of the frame: not compared */
  check (frames, alike, NULL, NMD_FIT_YES, 0, NULL);
  check (frames, bb, NULL, NMD_FIT_NO, 0, "trained on whole frames, this scan is BB");
  check (frames, nothing, NULL, NMD_FIT_UNKNOWN, NMD_MISSING_SCAN_ORGAN, "which organ");
  check (mixed, bb, NULL, NMD_FIT_UNKNOWN, NMD_MISSING_OUTLINE, "no outline");
  nmd_sample_judge (alike, frames, NULL, &verdict);
  g_assert_true (verdict.is_whole_frame && verdict.is_scored && !verdict.not_meaningful);
  nmd_verdict_clear (&verdict);
  nmd_sample_judge (bb, frames, &anyway, &verdict);
  g_assert_true (verdict.is_whole_frame && verdict.is_scored && verdict.not_meaningful);
  nmd_verdict_clear (&verdict);
  nmd_sample_judge (bb, mixed, &anyway, &verdict);
  g_assert_false (verdict.is_whole_frame || verdict.is_scored);
}

/* Where organ or muscle is not known, on either side, there is no score until somebody
 * says it. */
static void
test_missing (void)
{
  g_autoptr (NmdModel) muscle = make_model ("muscle", "BB,GM", FALSE);
  g_autoptr (NmdModel) bare = make_model ("muscle", "", FALSE);
  g_autoptr (NmdModel) unknown = make_model ("unknown", "", FALSE);
  g_autoptr (NmdSample) nothing = make_sample (NULL, "");
  g_autoptr (NmdSample) some = make_sample ("muscle", "");
  g_autoptr (NmdSample) bb = make_sample (NULL, "BB");
  const NmdStatedFacts is_bb = { .muscle = "bb" }, is_breast = { .organ = "breast" },
                       is_muscle = { .organ = "muscle" },
                       both_breast = { .organ = "breast", .model_organ = "Breast" },
                       other = { .organ = "breast", .model_organ = "thyroid" },
                       all = { .muscle = "BB", .model_muscles = " BB, TA ,," },
                       not_in = { .muscle = "GM", .model_muscles = "BB,TA" },
                       empty = { .organ = "", .muscle = "unknown" };

  check (muscle, nothing, NULL, NMD_FIT_UNKNOWN,
         NMD_MISSING_SCAN_ORGAN | NMD_MISSING_SCAN_MUSCLE, "which organ this scan shows");
  check (muscle, nothing, &empty, NMD_FIT_UNKNOWN,
         NMD_MISSING_SCAN_ORGAN | NMD_MISSING_SCAN_MUSCLE, "which organ this scan shows");
  check (muscle, some, NULL, NMD_FIT_UNKNOWN, NMD_MISSING_SCAN_MUSCLE,
         "which muscle this scan shows");
  check (muscle, nothing, &is_muscle, NMD_FIT_UNKNOWN, NMD_MISSING_SCAN_MUSCLE,
         "which muscle");
  check (muscle, nothing, &is_bb, NMD_FIT_YES, 0, NULL);
  check (muscle, nothing, &is_breast, NMD_FIT_NO, 0, "this scan is breast");
  check (muscle, bb, &is_breast, NMD_FIT_NO, 0, "this scan is breast");
  check (bare, bb, NULL, NMD_FIT_UNKNOWN, NMD_MISSING_MODEL_MUSCLES,
         "which muscles this model was trained on");
  check (unknown, bb, NULL, NMD_FIT_UNKNOWN,
         NMD_MISSING_MODEL_ORGAN | NMD_MISSING_MODEL_MUSCLES,
         "which organ this model was trained on");
  check (unknown, nothing, &is_breast, NMD_FIT_UNKNOWN, NMD_MISSING_MODEL_ORGAN,
         "which organ this model was trained on");
  check (unknown, nothing, &both_breast, NMD_FIT_YES, 0, NULL);
  check (unknown, nothing, &other, NMD_FIT_NO, 0, "trained on thyroid");
  check (unknown, nothing, &all, NMD_FIT_YES, 0, NULL);
  check (unknown, nothing, &not_in, NMD_FIT_NO, 0, "trained on BB and TA");
}

static void
test_measures (void)
{
  g_autoptr (NmdModel) model = make_model ("muscle", "BB,GM", FALSE);
  g_autoptr (NmdSample) sample = make_sample (NULL, "BB");

  sample->echo.mean = 190;
  check (model, sample, NULL, NMD_FIT_NO, 0, "is 190, the training scans had 40 to 110");
  g_free (sample->muscle); /* a measured misfit counts even where the kind is unknown */
  sample->muscle = g_strdup ("");
  check (model, sample, NULL, NMD_FIT_NO, 0, "190");
  g_free (sample->muscle);
  sample->muscle = g_strdup ("BB");
  sample->echo.mean = 40 - 35; /* exactly at the widened limit */
  check (model, sample, NULL, NMD_FIT_YES, 0, NULL);
  sample->echo.mean = 4.9;
  check (model, sample, NULL, NMD_FIT_NO, 0, "mean grey");
  sample->echo.mean = 80;
  sample->echo.sd = 60;
  check (model, sample, NULL, NMD_FIT_NO, 0, "SD of grey");
  sample->echo.sd = 25;
  sample->box.x1 = 60;
  check (model, sample, NULL, NMD_FIT_NO, 0, "width");
  sample->echo.n = 0;
  check (model, sample, NULL, NMD_FIT_UNKNOWN, NMD_MISSING_OUTLINE, "no outline");
}

/* "Show anyway" gives a marked score, but never without an outline. */
static void
test_show_anyway (void)
{
  g_autoptr (NmdModel) breast = make_model ("breast", "", FALSE);
  g_autoptr (NmdSample) bb = make_sample (NULL, "BB");
  g_autoptr (NmdSample) nothing = make_sample (NULL, "");
  g_autoptr (NmdSample) lump = make_sample ("breast", "");
  NmdSample *samples[] = { bb, nothing, lump };
  const NmdStatedFacts anyway = { .show_anyway = TRUE };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_auto (NmdVerdict) verdict = { 0 };
      g_auto (NmdVerdict) copy = { 0 };

      nmd_sample_judge (samples[i], breast, &anyway, &verdict);
      nmd_verdict_copy (&verdict, &copy);
      g_assert_true (verdict.is_scored);
      g_assert_cmpint (verdict.not_meaningful, ==, i < 2);
      g_assert_cmpstr (copy.reason, ==, verdict.reason);
      g_assert_cmpint (copy.fit, ==, verdict.fit);
    }
  bb->echo.n = 0;
  g_auto (NmdVerdict) verdict = { 0 };

  nmd_sample_judge (bb, breast, &anyway, &verdict);
  g_assert_false (verdict.is_scored);
  g_assert_false (verdict.not_meaningful);
}

/* An image of the model's own data set needs nothing stated; its part is named. */
static void
test_own_images (void)
{
  g_autoptr (NmdModel) unknown = make_model ("unknown", "", FALSE);
  g_autoptr (NmdSample) sample = make_sample (NULL, "");
  const NmdStatedFacts other = { .organ = "breast", .model_organ = "muscle" };
  g_auto (NmdVerdict) verdict = { 0 };
  NmdPart part = NMD_PART_TEST;

  g_strlcpy (sample->sha256_image, "00112233445566aa99887766", 65);
  check (unknown, sample, NULL, NMD_FIT_YES, 0, NULL);
  check (unknown, sample, &other, NMD_FIT_NO, 0, "breast");
  nmd_sample_judge (sample, unknown, NULL, &verdict);
  g_assert_true (verdict.in_data_set);
  g_assert_cmpint (verdict.part, ==, NMD_PART_TRAIN);
  g_assert_true (nmd_model_find_part (unknown, "00112233445566bb", &part));
  g_assert_cmpint (part, ==, NMD_PART_NONE);
  part = NMD_PART_TEST;
  g_assert_false (nmd_model_find_part (unknown, "0011223344556677", &part));
  g_assert_cmpint (part, ==, NMD_PART_NONE);
  g_assert_false (nmd_model_find_part (unknown, "", NULL));
  g_assert_false (nmd_model_find_part (unknown, NULL, NULL));
}

/* A file's name and pixels say as much of a scan as a sample says. */
static void
test_scan (void)
{
  g_autoptr (NmdModel) model = make_model ("muscle", "BB,GM", FALSE);
  g_autofree char *folder = g_dir_make_tmp ("nmd-verdict-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "BB_anon_3_1.png", NULL);
  g_autofree char *other = g_build_filename (folder, "scan.png", NULL);
  g_autoptr (NmdImage) image = nmd_image_new (300, 240);
  g_autoptr (NmdImage) mask = nmd_mask_new_box (300, 240, &(NmdBox){ 20, 20, 270, 220 });
  g_autoptr (NmdScan) bare = NULL;
  g_autoptr (NmdScan) scan = NULL;
  g_autoptr (NmdScan) unnamed = NULL;
  g_autoptr (NmdScan) outlined = NULL;
  g_auto (NmdVerdict) verdict = { 0 };
  const NmdStatedFacts is_gm = { .muscle = "GM" };

  for (int i = 0; i < 300 * 240; i++)
    image->pixels[i] = (guint8)(i % 2 == 0 ? 55 : 105);
  g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
  g_assert_true (nmd_image_save_png (image, other, 8, NULL, NULL));

  bare = nmd_scan_load_file (path, NULL, NULL);
  g_assert_cmpstr (bare->muscle, ==, "BB");
  g_assert_cmpstr (bare->organ, ==, "muscle");
  g_assert_cmpuint (strlen (bare->sha256), ==, 64);
  g_assert_cmpuint (bare->problems, ==, NMD_PROBLEM_NO_MASK);
  nmd_scan_judge (bare, model, NULL, &verdict);
  g_assert_cmpint (verdict.fit, ==, NMD_FIT_UNKNOWN);
  g_assert_cmpuint (verdict.missing, ==, NMD_MISSING_OUTLINE);
  nmd_verdict_clear (&verdict);

  scan = nmd_scan_with_mask (bare, mask, NMD_ROI_DRAWN);
  g_assert_cmpuint (scan->problems, ==, 0);
  g_assert_cmpstr (scan->sha256, ==, bare->sha256);
  nmd_scan_judge (scan, model, NULL, &verdict);
  g_assert_cmpint (verdict.fit, ==, NMD_FIT_YES);
  nmd_verdict_clear (&verdict);

  unnamed = nmd_scan_load_file (other, NULL, NULL);
  outlined = nmd_scan_with_mask (unnamed, mask, NMD_ROI_DRAWN);
  g_assert_null (outlined->organ);
  nmd_scan_judge (outlined, model, NULL, &verdict);
  g_assert_cmpint (verdict.fit, ==, NMD_FIT_UNKNOWN);
  nmd_verdict_clear (&verdict);
  nmd_scan_judge (outlined, model, &is_gm, &verdict);
  g_assert_cmpint (verdict.fit, ==, NMD_FIT_YES);
  g_remove (path);
  g_remove (other);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verdict/kind", test_kind);
  g_test_add_func ("/verdict/whole-frame", test_whole_frame);
  g_test_add_func ("/verdict/missing", test_missing);
  g_test_add_func ("/verdict/measures", test_measures);
  g_test_add_func ("/verdict/show-anyway", test_show_anyway);
  g_test_add_func ("/verdict/own-images", test_own_images);
  g_test_add_func ("/verdict/scan", test_scan);
  return g_test_run ();
}
