/* SPDX-License-Identifier: Apache-2.0
 *
 * From a frame to an outline with a network of known output: what is set, cleaned, flagged, and that
 * nothing is an answer.
 */
#include "engine/model/nmd-segmenter.h"
#include "engine/nn/blocks/nmd-blocks.h"

#include <math.h>

/* z = 40·x of the grey channel: p ≥ 0.5 where a pixel is at least half white. */
static NmdNode
grey_build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  return nmd_block_conv (graph, "conv", x, 1, 1, 1, 1, TRUE);
}

static const NmdNetwork grey_network = {
  .name = "grey",
  .title = "Grey",
  .note = "For tests",
  .source = "none",
  .task = NMD_TASK_SEGMENT,
  .input_size = 64,
  .build = grey_build,
};

/* z = 40·x of the grey channel's right neighbour. */
static NmdNode
shift_build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  return nmd_block_conv (graph, "conv", x, 1, 3, 1, 1, TRUE);
}

static const NmdNetwork shift_network = {
  .name = "shift",
  .title = "Shift",
  .note = "For tests",
  .source = "none",
  .task = NMD_TASK_SEGMENT,
  .input_size = 64,
  .build = shift_build,
};

/* @prompts: whether the run says that it was trained with prompts; @click: weight of their channel. */
static NmdModel *
make_model (double width, gboolean prompts, float click)
{
  g_autoptr (NmdWeights) weights = nmd_network_init (&grey_network, 2, 1);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new_for (NMD_TASK_SEGMENT);
  g_autoptr (NmdPassport) passport = nmd_passport_new ();
  g_autoptr (NmdWeights) own = nmd_weights_new ();

  for (guint i = 0; i < nmd_weights_get_n (weights); i++)
    {
      const char *name = nmd_weights_get_name (weights, i);
      NmdShape shape;
      float *values;

      nmd_weights_get (weights, name, &shape);
      values = nmd_weights_add (own, name, &shape);
      for (gsize k = 0; k < nmd_shape_count (&shape); k++)
        values[k] = g_str_has_suffix (name, "weight") ? (k == 0   ? 40
                                                         : k == 2 ? click
                                                                  : 0)
                                                      : 0;
    }
  g_assert_true (
      nmd_parameters_set_text (parameters, "prompts", prompts ? "on" : "off", NULL));
  for (int i = 0; i < 3; i++)
    passport->box_width[i] = width + i;
  return nmd_model_new (&grey_network, own, parameters, passport, "best", NULL);
}

static void
fill (NmdImage *image, int x0, int y0, int x1, int y1, guint8 grey)
{
  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++)
      image->pixels[y * image->width + x] = grey;
}

static void
test_propose (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open ("reference", 1, &error);
  g_autoptr (NmdModel) model = make_model (40, TRUE, 0);
  g_autoptr (NmdSegmenter) segmenter = nmd_segmenter_new (session, model, &error);
  g_autoptr (NmdImage) image = nmd_image_new (128, 96);
  g_auto (NmdProposal) nothing = { 0 }, box = { 0 }, wide = { 0 };

  g_assert_no_error (error);
  g_assert_true (nmd_segmenter_propose (segmenter, image, NULL, &nothing, &error));
  g_assert_null (nothing.mask);
  g_assert_cmpint (nothing.area, ==, 0);
  g_assert_true (isnan (nothing.confidence));
  g_assert_cmpuint (nothing.warnings, ==, 0);

  /* a box with a hole, and a speck that is too small for a second part */
  fill (image, 20, 30, 60, 70, 255);
  fill (image, 36, 46, 44, 54, 0);
  fill (image, 100, 10, 106, 16, 255);
  g_assert_true (nmd_segmenter_propose (segmenter, image, NULL, &box, &error));
  g_assert_nonnull (box.mask);
  g_assert_cmpint (box.mask->width, ==, 128);
  g_assert_cmpint (box.mask->height, ==, 96);
  g_assert_cmpint (box.area, ==, 40 * 40);
  g_assert_cmpint (box.bounds.x0, ==, 20);
  g_assert_cmpint (box.bounds.y1, ==, 70);
  g_assert_cmpuint (box.warnings, ==, 0);
  g_assert_true (box.confidence > 0.5 && box.confidence <= 1);

  /* two halves of a frame that touch all its sides, wider than any training image */
  fill (image, 0, 0, 128, 96, 255);
  fill (image, 70, 0, 90, 96, 0);
  g_assert_true (nmd_segmenter_propose (segmenter, image, NULL, &wide, &error));
  g_assert_cmpuint (wide.warnings, ==,
                    NMD_OUTLINE_WARNING_SIDES | NMD_OUTLINE_WARNING_PARTS
                        | NMD_OUTLINE_WARNING_SIZE);
  g_assert_cmpint (wide.bounds.x1, ==, 70); /* the larger half */
}

/* Prompts in pixels of the image arrive in the network's channels; one that never saw any says so. */
static void
test_prompts (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open ("reference", 1, &error);
  g_autoptr (NmdModel) model = make_model (40, TRUE, 100);
  g_autoptr (NmdModel) without = make_model (40, FALSE, 100);
  g_autoptr (NmdSegmenter) segmenter = nmd_segmenter_new (session, model, &error);
  g_autoptr (NmdImage) image = nmd_image_new (128, 96);
  g_auto (NmdProposal) asked = { 0 }, again = { 0 }, warned = { 0 }, unasked = { 0 };
  const NmdPrompts prompts = { .n_clicks = 1, .clicks = { { 80.5, 30.5, TRUE } } },
                   none = { 0 };

  g_assert_true (nmd_segmenter_takes_prompts (model));
  g_assert_false (nmd_segmenter_takes_prompts (without));
  g_assert_true (nmd_segmenter_propose (segmenter, image, &prompts, &asked, &error));
  g_assert_no_error (error);
  g_assert_nonnull (asked.mask); /* a dark frame: only the click speaks for an outline */
  g_assert_cmpint (asked.bounds.x0, <=, 80);
  g_assert_cmpint (asked.bounds.x1, >, 80);
  g_assert_cmpint (asked.bounds.x1 - asked.bounds.x0, <, 12);
  g_assert_cmpint (asked.bounds.y0, <=, 30);
  g_assert_cmpint (asked.bounds.y1, >, 30);
  g_assert_cmpuint (asked.warnings & NMD_OUTLINE_WARNING_PROMPTS, ==, 0);
  g_assert_true (nmd_segmenter_propose (segmenter, image, &none, &again, &error));
  g_assert_null (again.mask); /* nothing stays of the prompts before */

  g_clear_pointer (&segmenter, nmd_segmenter_free);
  segmenter = nmd_segmenter_new (session, without, &error);
  g_assert_no_error (error);
  g_assert_true (nmd_segmenter_propose (segmenter, image, &prompts, &warned, &error));
  g_assert_cmpuint (warned.warnings & NMD_OUTLINE_WARNING_PROMPTS, !=, 0);
  g_assert_true (nmd_segmenter_propose (segmenter, image, NULL, &unasked, &error));
  g_assert_cmpuint (unasked.warnings & NMD_OUTLINE_WARNING_PROMPTS, ==, 0);
  for (guint flag = 1; flag <= NMD_OUTLINE_WARNING_LAST; flag <<= 1)
    g_assert_cmpstr (nmd_outline_warning_to_text ((NmdOutlineWarnings)flag), !=, "");
}

/* Columns of the outline that the network finds of columns 20 to 59 of an image of the field's size. */
static void
expect_columns (const char *mirror, const char *threshold, int x0, int x1)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open ("reference", 1, &error);
  g_autoptr (NmdWeights) weights = nmd_weights_new ();
  g_autoptr (NmdParameters) parameters = nmd_parameters_new_for (NMD_TASK_SEGMENT);
  g_autoptr (NmdPassport) passport = nmd_passport_new ();
  g_autoptr (NmdImage) image = nmd_image_new (64, 64);
  g_auto (NmdProposal) proposal = { 0 };
  const NmdShape weight_shape = { 4, { 1, 3, 3, 3 } }, bias_shape = { 1, { 1 } };
  g_autoptr (NmdModel) model = NULL;
  g_autoptr (NmdSegmenter) segmenter = NULL;

  nmd_weights_add (weights, "conv.weight", &weight_shape)[5] = 40; /* row 1, column 2 */
  nmd_weights_add (weights, "conv.bias", &bias_shape)[0] = 0;
  g_assert_true (nmd_parameters_set_text (parameters, "mirror", mirror, &error));
  g_assert_true (
      nmd_parameters_set_text (parameters, "outline-threshold", threshold, &error));
  model = nmd_model_new (&shift_network, weights, parameters, passport, "best", NULL);
  segmenter = nmd_segmenter_new (session, model, &error);
  g_assert_no_error (error);
  fill (image, 20, 10, 60, 50, 255);
  g_assert_true (nmd_segmenter_propose (segmenter, image, NULL, &proposal, &error));
  g_assert_no_error (error);
  g_assert_nonnull (proposal.mask);
  g_assert_cmpint (proposal.bounds.x0, ==, x0);
  g_assert_cmpint (proposal.bounds.x1, ==, x1);
}

/* A network that sees everything a pixel to the left: in the mirror image a pixel to the right. */
static void
test_mirror (void)
{
  expect_columns ("off", "0.6", 19, 59);
  expect_columns ("on", "0.6", 21, 59); /* where both agree */
  expect_columns ("on", "0.4", 19, 61); /* where one says so */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/segmenter/propose", test_propose);
  g_test_add_func ("/segmenter/prompts", test_prompts);
  g_test_add_func ("/segmenter/mirror", test_mirror);
  return g_test_run ();
}
