/* SPDX-License-Identifier: Apache-2.0
 *
 * The passport: JSON there and back, damaged JSON, and every judgement.
 */
#include "engine/model/nmd-model.h"
#include "engine/core/nmd-json.h"

#include <math.h>
#include <string.h>

static NmdPassport *
make_passport (void)
{
  static const double grey[3] = { 40, 70, 110 }, sd[3] = { 15, 25, 35 },
                      size[3] = { 200, 260, 320 };
  NmdPassport *self = nmd_passport_new ();

  g_free (self->organ);
  self->organ = g_strdup ("muscle");
  g_strfreev (self->muscles);
  self->muscles = g_strsplit ("BB,GM", ",", -1);
  self->n_subjects[1] = 12;
  memcpy (self->grey_mean, grey, sizeof grey);
  memcpy (self->grey_sd, sd, sizeof sd);
  memcpy (self->box_width, size, sizeof size);
  return self;
}

static void
test_json (void)
{
  g_autoptr (NmdPassport) a = make_passport ();
  g_autoptr (JsonNode) node = nmd_passport_to_json (a);
  g_autoptr (JsonNode) again = NULL;
  g_autoptr (NmdPassport) b = nmd_passport_from_json (node, NULL);
  g_autofree char *first = nmd_json_to_text (node), *second = NULL;
  g_autoptr (NmdPassport) c = nmd_passport_copy (b);

  again = nmd_passport_to_json (c);
  second = nmd_json_to_text (again);
  g_assert_cmpstr (first, ==, second);
  g_assert_true (isnan (c->box_height[1]));
  g_assert_cmpfloat (c->grey_mean[2], ==, 110);
  g_assert_cmpstr (c->muscles[1], ==, "GM");
  g_assert_null (c->muscles[2]);
}

static void
test_damaged (void)
{
  static const char *const texts[] = { "[]",
                                       "3",
                                       "{\"organ\": 3}",
                                       "{\"muscles\": \"BB\"}",
                                       "{\"muscles\": [1]}",
                                       "{\"grey_mean\": [1, 2]}",
                                       "{\"classes\": [\"a\"]}",
                                       "{\"synthetic\": 1}",
                                       "{\"n_images\": [\"x\", \"y\"]}" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (texts[i], NULL);
      g_autoptr (GError) error = NULL;

      g_assert_null (nmd_passport_from_json (node, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
    }
  g_autoptr (JsonNode) none = json_from_string ("{}", NULL);
  g_autoptr (NmdPassport) empty = nmd_passport_from_json (none, NULL);

  g_assert_cmpstr (empty->organ, ==, "unknown");
}

static void
check (const NmdPassport *passport, NmdScanFacts facts, NmdFit fit, const char *said)
{
  g_autofree char *reason = NULL;

  g_assert_cmpint (nmd_passport_judge (passport, &facts, &reason), ==, fit);
  g_assert_cmpint (nmd_passport_judge (passport, &facts, NULL), ==, fit);
  if (said == NULL)
    g_assert_null (reason);
  else if (reason == NULL || strstr (reason, said) == NULL)
    g_error ("“%s” does not say “%s”", reason, said);
}

static void
test_judge (void)
{
  g_autoptr (NmdPassport) muscle = make_passport ();
  g_autoptr (NmdPassport) breast = nmd_passport_new ();
  NmdEchoIntensity usual = { .mean = 80, .sd = 25, .n = 1000 },
                   bright = { .mean = 190, .sd = 25, .n = 1000 };
  NmdBox box = { 0, 0, 250, 200 }, small = { 0, 0, 60, 200 };
  NmdScanFacts scan = { "muscle", "BB", 0, &usual, &box, NMD_ROI_MASK }, other;

  g_free (breast->organ);
  breast->organ = g_strdup ("breast");
  check (muscle, scan, NMD_FIT_YES, NULL);
  check (breast, scan, NMD_FIT_NO, "This model was trained on breast, this scan is BB");
  other = scan, other.muscle = "TA";
  check (muscle, other, NMD_FIT_NO,
         "This model was trained on BB and GM, this scan is TA");
  other = scan, other.muscle = "bb", other.organ = "Muscle";
  check (muscle, other, NMD_FIT_YES, NULL);
  other = scan, other.synthetic = 1;
  check (muscle, other, NMD_FIT_NO, "real");
  other = scan, other.organ = NULL;
  check (muscle, other, NMD_FIT_UNKNOWN, "The organ of this scan is not known");
  other = scan, other.muscle = "";
  check (muscle, other, NMD_FIT_UNKNOWN, "The muscle of this scan is not known");
  other = scan, other.synthetic = -1;
  check (muscle, other, NMD_FIT_UNKNOWN, "synthetic");
  other = scan, other.echo = &bright;
  check (muscle, other, NMD_FIT_NO,
         "The mean grey level of this scan is 190, the training scans had 40 to 110");
  other.organ = NULL; /* a measured misfit counts even where the kind is unknown */
  check (muscle, other, NMD_FIT_NO, "190");
  other = scan, other.box = &small;
  check (muscle, other, NMD_FIT_NO, "width");
  other = scan, other.roi_source = NMD_ROI_FRAME;
  check (muscle, other, NMD_FIT_NO, "There is no outline");
  usual.mean = 40 - 35; /* exactly at the widened limit */
  check (muscle, scan, NMD_FIT_YES, NULL);
  usual.mean = 4.9;
  check (muscle, scan, NMD_FIT_NO, "mean grey");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/passport/json", test_json);
  g_test_add_func ("/passport/damaged", test_damaged);
  g_test_add_func ("/passport/judge", test_judge);
  return g_test_run ();
}
