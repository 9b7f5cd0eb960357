/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures of proposed outlines against MONAI, scipy and scikit-image (golden-outlines.json, made
 * by golden-outlines.py), and their table: means, intervals, failures, text and back.
 */
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-outline-table.h"
#include "engine/eval/nmd-outline-user.h"
#include "engine/image/nmd-mask-distance.h"
#include "engine/image/nmd-mask-parts.h"

#include <math.h>
#include <string.h>

static JsonObject *golden;

static NmdImage *
read_mask (JsonObject *object, const char *member)
{
  JsonArray *runs = json_object_get_array_member (object, member);
  NmdImage *mask = nmd_image_new ((int)json_object_get_int_member (object, "width"),
                                  (int)json_object_get_int_member (object, "height"));
  gsize at = 0;

  for (guint i = 0; i < json_array_get_length (runs); i++)
    {
      gsize n = (gsize)json_array_get_int_element (runs, i);

      memset (mask->pixels + at, i % 2 ? 255 : 0, n);
      at += n;
    }
  g_assert_cmpuint (at, ==, (gsize)mask->width * (gsize)mask->height);
  return mask;
}

static void
assert_equal (const NmdImage *mask, JsonObject *object, const char *member)
{
  g_autoptr (NmdImage) wanted = read_mask (object, member);

  g_assert_cmpmem (mask->pixels, (gsize)mask->width * (gsize)mask->height, wanted->pixels,
                   (gsize)wanted->width * (gsize)wanted->height);
}

static void
check (double value, JsonObject *object, const char *member, double tolerance)
{
  const double wanted = json_object_get_double_member (object, member);

  if (!(fabs (value - wanted) <= tolerance))
    g_error ("%s: %s is %.9g, golden is %.9g",
             json_object_get_string_member (object, "name"), member, value, wanted);
}

static void
test_measures (void)
{
  JsonArray *cases = json_object_get_array_member (golden, "cases");

  g_assert_cmpuint (json_array_get_length (cases), >=, 20);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *object = json_array_get_object_element (cases, i);
      g_autoptr (NmdImage) p = read_mask (object, "p"), r = read_mask (object, "r");
      NmdOutlineMeasures measures;

      nmd_outline_measure (NULL, p, r, &measures);
      check (measures.dice, object, "dice", 1e-12);
      check (measures.iou, object, "iou", 1e-12);
      check (measures.hd95, object, "hd95", 1e-4);
      check (measures.msd, object, "msd", 1e-4);
      g_assert_true (measures.is_failure == (measures.dice < 0.5));
      g_assert_true (isnan (measures.echo));
    }
}

static void
test_parts (void)
{
  JsonArray *cases = json_object_get_array_member (golden, "cases");

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *object = json_array_get_object_element (cases, i);
      JsonArray *sizes = json_object_get_array_member (object, "parts");
      g_autoptr (NmdImage) p = read_mask (object, "p");
      g_autoptr (NmdImage) largest = nmd_mask_largest_part (p);
      g_autoptr (NmdImage) filled = nmd_mask_fill_holes (largest);
      g_autoptr (NmdImage) surface = nmd_mask_surface (p);
      g_autoptr (GArray) parts = nmd_mask_list_parts (p);
      const gsize n = (gsize)p->width * (gsize)p->height;
      g_autofree double *distances = g_new (double, n);
      double sum = 0;

      g_assert_cmpuint (parts->len, ==, json_array_get_length (sizes));
      for (guint k = 0; k < parts->len; k++)
        g_assert_cmpint (g_array_index (parts, gint64, k), ==,
                         json_array_get_int_element (sizes, k));
      assert_equal (largest, object, "largest");
      assert_equal (filled, object, "filled");
      assert_equal (surface, object, "surface");
      nmd_mask_distances (p, distances);
      for (gsize k = 0; k < n; k++)
        sum += isinf (distances[k]) ? 0 : distances[k];
      check (sum, object, "distance_sum", 1e-6);
      g_assert_true (parts->len > 0 || isinf (distances[0]));
    }
}

static void
test_sides (void)
{
  g_autoptr (NmdImage) mask = nmd_image_new (5, 4);

  g_assert_cmpuint (nmd_mask_count_sides (mask), ==, 0);
  mask->pixels[5 + 2] = 255;
  g_assert_cmpuint (nmd_mask_count_sides (mask), ==, 0);
  mask->pixels[2] = 255;
  g_assert_cmpuint (nmd_mask_count_sides (mask), ==, 1);
  mask->pixels[4] = 255; /* a corner is of two sides */
  g_assert_cmpuint (nmd_mask_count_sides (mask), ==, 2);
  mask->pixels[15] = 255;
  g_assert_cmpuint (nmd_mask_count_sides (mask), ==, 4);
}

/* Echo intensities, and that an empty mask has none. */
static void
test_echo (void)
{
  g_autoptr (NmdImage) image = nmd_image_new (4, 1), p = nmd_image_new (4, 1),
                       r = nmd_image_new (4, 1);
  NmdOutlineRow row = { .image = "a", .subject = "s", .part = "test" };

  memcpy (image->pixels, "\x0a\x14\x1e\x28", 4);
  p->pixels[0] = p->pixels[1] = 255;
  r->pixels[1] = r->pixels[2] = r->pixels[3] = 255;
  nmd_outline_measure (image, p, r, &row.measures);
  g_assert_cmpfloat (row.measures.echo, ==, 15);
  g_assert_cmpfloat (row.measures.echo_reference, ==, 30);
  g_assert_cmpfloat (nmd_outline_row_get (&row, NMD_OUTLINE_ECHO_DIFFERENCE), ==, -15);
  g_assert_cmpfloat (nmd_outline_row_get (&row, NMD_OUTLINE_AREA_DIFFERENCE), ==, -1);
  g_assert_cmpfloat_with_epsilon (nmd_outline_row_get (&row, NMD_OUTLINE_AREA_SHARE),
                                  -1 / 3.0, 1e-12);
  memset (p->pixels, 0, 4);
  nmd_outline_measure (image, p, r, &row.measures);
  g_assert_true (isnan (nmd_outline_row_get (&row, NMD_OUTLINE_ECHO_DIFFERENCE)));
  g_assert_true (row.measures.is_failure);
  g_assert_cmpfloat_with_epsilon (row.measures.hd95, sqrt (17), 1e-12);
}

/* Eight subjects with two images each; the differences are known by hand. */
static NmdOutlineTable *
make_table (void)
{
  NmdOutlineTable *table = nmd_outline_table_new ();

  for (int i = 0; i < 16; i++)
    {
      g_autofree char *image = g_strdup_printf ("i%02d, “%d”.png", i, i);
      g_autofree char *subject = g_strdup_printf ("s%d", i / 2);
      NmdOutlineRow row = {
        .image = image,
        .subject = subject,
        .part = i < 14 ? "test" : "train",
        .measures = { .dice = i == 3 ? 0 : 0.9 + 0.005 * i,
                      .iou = i == 3 ? 0 : 0.8 + 0.005 * i,
                      .hd95 = 1 + i,
                      .msd = 0.5,
                      .area = i == 3 ? 0 : 1000 + i,
                      .area_reference = 1000,
                      .echo = i == 3 ? NAN : 50 + i,
                      .echo_reference = 50,
                      .is_failure = i == 3 },
        .confidence = i == 3 ? NAN : 0.9,
        .warnings = i == 5 ? 2 : 0,
      };

      nmd_outline_table_add (table, &row);
    }
  return table;
}

static void
test_results (void)
{
  g_autoptr (NmdOutlineTable) table = make_table (), empty = nmd_outline_table_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *agreement = NULL;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  NmdJsonValue top;
  NmdOutlineResults results, again;
  const NmdOutlineSummary *dice = &results.measures[NMD_OUTLINE_DICE];

  g_assert_false (nmd_outline_results_compute (empty, 1, "r", &results, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_clear_error (&error);

  g_assert_true (nmd_outline_results_compute (table, 1, "r", &results, &error));
  g_assert_cmpuint (results.n_images, ==, 16);
  g_assert_cmpuint (results.n_subjects, ==, 8);
  g_assert_cmpuint (results.n_failures, ==, 1);
  g_assert_cmpuint (results.n_no_outline, ==, 1);
  g_assert_cmpuint (results.n_warned, ==, 1);
  g_assert_cmpuint (results.n_without_echo, ==, 1);
  /* the failure counts: (15·0.9 + 0.005·(120 − 3))/16 */
  g_assert_cmpfloat_with_epsilon (dice->mean, (15 * 0.9 + 0.005 * 117) / 16, 1e-12);
  g_assert_true (dice->ci_subject.low < dice->mean && dice->mean < dice->ci_subject.high);
  g_assert_true (dice->ci_subject.low > 0.6 && dice->ci_subject.high < 1);
  g_assert_cmpfloat_with_epsilon (results.measures[NMD_OUTLINE_HD95].median, 8.5, 1e-12);
  /* 0 … 15 without 3 */
  g_assert_cmpuint (results.echo_by_image.n, ==, 15);
  g_assert_cmpfloat_with_epsilon (results.echo_by_image.bias, 117 / 15.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (results.echo_by_image.high - results.echo_by_image.low,
                                  2 * 1.96 * results.echo_by_image.sd, 1e-9);
  /* 0.5, 2, 4.5, 6.5 … 14.5 */
  g_assert_cmpuint (results.echo_by_subject.n, ==, 8);
  g_assert_cmpfloat_with_epsilon (results.echo_by_subject.bias, 59.5 / 8, 1e-12);

  json_node_take_object (node, nmd_outline_results_to_json (&results));
  top = nmd_json_value_top (node, "metrics.json");
  g_assert_true (nmd_outline_results_from_json (&again, &top, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (&again, sizeof again, &results, sizeof results);

  text = nmd_outline_summary_to_text (dice, NMD_OUTLINE_DICE);
  g_assert_true (g_str_has_prefix (text, "0.880 [0."));
  agreement = nmd_agreement_to_text (&results.echo_by_image, "image");
  g_assert_true (g_str_has_prefix (agreement, "bias 7.80, limits of agreement −"));
}

/* Four subjects give a mean and no interval. */
static void
test_few_subjects (void)
{
  g_autoptr (NmdOutlineTable) table = nmd_outline_table_new ();
  NmdOutlineResults results;

  for (int i = 0; i < 4; i++)
    {
      char name[2] = { (char)('a' + i), 0 };
      NmdOutlineRow row = { .image = name, .subject = "", .measures = { .dice = 0.9 } };

      nmd_outline_table_add (table, &row);
    }
  g_assert_true (nmd_outline_results_compute (table, 1, "r", &results, NULL));
  g_assert_cmpuint (results.n_subjects, ==, 4);
  g_assert_false (results.has_subjects);
  g_assert_true (isnan (results.measures[NMD_OUTLINE_DICE].ci_subject.low));
}

static void
test_csv (void)
{
  g_autoptr (NmdOutlineTable) table = make_table (), again = NULL, test = NULL;
  g_autofree char *text = nmd_outline_table_to_csv (table), *other = NULL;
  g_autoptr (NmdCsv) csv = nmd_csv_parse (text, strlen (text), "t.csv", NULL);
  g_autoptr (GError) error = NULL;
  static const struct
  {
    const char *from, *to;
  } damage[] = { { ",0.9,", ",1.9," },      { ",1000,", ",-1," }, { ",1,0.5,", ",,0.5," },
                 { ",50,50,", ",50,256," }, { "dice", "dise" },   { ",2\n", ",2.5\n" } };

  again = nmd_outline_table_from_csv (csv, "t.csv", NULL, &error);
  g_assert_no_error (error);
  other = nmd_outline_table_to_csv (again);
  g_assert_cmpstr (other, ==, text);
  test = nmd_outline_table_from_csv (csv, "t.csv", "test", NULL);
  g_assert_cmpuint (nmd_outline_table_get_n (test), ==, 14);
  for (guint i = 0; i < G_N_ELEMENTS (damage); i++)
    {
      g_autoptr (GString) bad = g_string_new (text);
      g_autoptr (NmdCsv) damaged = NULL;

      g_assert_cmpuint (g_string_replace (bad, damage[i].from, damage[i].to, 1), ==, 1);
      damaged = nmd_csv_parse (bad->str, bad->len, "t.csv", NULL);
      g_assert_null (nmd_outline_table_from_csv (damaged, "t.csv", NULL, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_true (g_str_has_prefix (error->message, "t.csv"));
      g_clear_error (&error);
    }
}

/* Bias, limits and intervals against numpy and scipy; two of the cases have several images a subject. */
static void
test_agreement (void)
{
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "eval", "golden-agreement.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = nmd_json_load (path, &error);
  JsonArray *cases;

  g_assert_no_error (error);
  cases = json_object_get_array_member (json_node_get_object (node), "cases");
  g_assert_cmpuint (json_array_get_length (cases), ==, 4);
  for (guint k = 0; k < 4; k++)
    {
      JsonObject *object = json_array_get_object_element (cases, k);
      JsonArray *list = json_object_get_array_member (object, "differences");
      const guint n = json_array_get_length (list);
      const gboolean grouped = json_object_has_member (object, "subjects");
      g_autofree double *differences = g_new (double, n);
      g_autofree guint *subjects = g_new (guint, n);
      NmdAgreement got;
      const NmdInterval *const intervals[] = { &got.bias_ci, &got.low_ci, &got.high_ci };
      double values[4];

      for (guint i = 0; i < n; i++)
        {
          differences[i] = json_array_get_double_element (list, i);
          if (grouped)
            subjects[i] = (guint)json_array_get_int_element (
                json_object_get_array_member (object, "subjects"), i);
        }
      nmd_agreement_compute (
          &got, differences, n, grouped ? subjects : NULL,
          grouped ? (guint)json_object_get_int_member (object, "n_subjects") : 0,
          (guint64)json_object_get_int_member (object, "seed"));
      values[0] = got.bias;
      values[1] = got.sd;
      values[2] = got.low;
      values[3] = got.high;
      for (guint i = 0; i < 4; i++)
        g_assert_cmpfloat_with_epsilon (
            values[i],
            json_array_get_double_element (
                json_object_get_array_member (object, "agreement"), i),
            1e-9);
      for (guint i = 0; i < 3; i++)
        {
          JsonArray *ends = json_array_get_array_element (
              json_object_get_array_member (object, "intervals"), i);

          g_assert_cmpfloat_with_epsilon (intervals[i]->low,
                                          json_array_get_double_element (ends, 0), 1e-6);
          g_assert_cmpfloat_with_epsilon (intervals[i]->high,
                                          json_array_get_double_element (ends, 1), 1e-6);
        }
    }
}

static void
fill (NmdImage *mask, int x0, int y0, int x1, int y1)
{
  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++)
      mask->pixels[y * mask->width + x] = 255;
}

/* Clicks go to the middle of the largest part that is wrong, missed or too much. */
static void
test_user (void)
{
  g_autoptr (NmdImage) reference = nmd_image_new (60, 40),
                       answer = nmd_image_new (60, 40);
  NmdPrompts prompts = { 0 };

  g_assert_false (nmd_outline_user_box (reference, &prompts)); /* nothing to show */
  g_assert_false (nmd_outline_user_click (NULL, reference, &prompts));
  fill (reference, 10, 5, 31, 26); /* 21 × 21, its middle (20, 15) */
  g_assert_true (nmd_outline_user_box (reference, &prompts));
  g_assert_true (prompts.has_box && prompts.x0 == 10 && prompts.y0 == 5
                 && prompts.x1 == 31 && prompts.y1 == 26);
  g_assert_true (nmd_outline_user_click (NULL, reference, &prompts));
  g_assert_cmpuint (prompts.n_clicks, ==, 1);
  g_assert_true (prompts.clicks[0].is_positive && prompts.clicks[0].x == 20.5
                 && prompts.clicks[0].y == 15.5);
  /* all of it, and a piece of 9 × 11 too much: (49, 15) is 5 from its left and right ends */
  fill (answer, 10, 5, 31, 26);
  fill (answer, 45, 10, 54, 21);
  g_assert_true (nmd_outline_user_click (answer, reference, &prompts));
  g_assert_true (!prompts.clicks[1].is_positive && prompts.clicks[1].x == 49.5
                 && prompts.clicks[1].y == 14.5);
  /* 10 × 10 missed is more than 9 × 11 = 99 too much */
  for (int y = 5; y < 15; y++)
    for (int x = 10; x < 20; x++)
      answer->pixels[y * 60 + x] = 0;
  g_assert_true (nmd_outline_user_click (answer, reference, &prompts));
  g_assert_true (prompts.clicks[2].is_positive && prompts.clicks[2].x == 14.5
                 && prompts.clicks[2].y == 9.5);
  g_assert_false (nmd_outline_user_click (reference, reference, &prompts));
  g_assert_cmpuint (prompts.n_clicks, ==, 3);
  for (guint i = 0; i < NMD_N_SHOWN; i++)
    g_assert_cmpint (nmd_shown[i].before, <, (int)i);
}

int
main (int argc, char **argv)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *path = NULL;

  g_test_init (&argc, &argv, NULL);
  path = g_test_build_filename (G_TEST_DIST, "eval", "golden-outlines.json", NULL);
  node = nmd_json_load (path, NULL);
  g_assert_nonnull (node);
  golden = json_node_get_object (node);
  g_test_add_func ("/outlines/measures", test_measures);
  g_test_add_func ("/outlines/parts", test_parts);
  g_test_add_func ("/outlines/sides", test_sides);
  g_test_add_func ("/outlines/echo", test_echo);
  g_test_add_func ("/outlines/results", test_results);
  g_test_add_func ("/outlines/few-subjects", test_few_subjects);
  g_test_add_func ("/outlines/csv", test_csv);
  g_test_add_func ("/outlines/agreement", test_agreement);
  g_test_add_func ("/outlines/user", test_user);
  return g_test_run ();
}
