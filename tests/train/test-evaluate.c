/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluating a run: its own data set again, parts of it under another name, images that
 * do not fit, and what is said of each.
 */
#include "tests/train/fixture.h"

#include "engine/core/nmd-file.h"
#include "engine/train/nmd-evaluate-private.h"
#include "tests/train/tiny.h"

#include <math.h>
#include <string.h>

static const NmdEvaluateSettings reference = { .device = "reference", .threads = 1 };

static JsonNode *
evaluate (const char *path, const NmdStatedFacts *stated, GError **error)
{
  NmdEvaluateSettings settings = reference;

  settings.dataset_path = path;
  if (stated != NULL)
    settings.stated = *stated;
  return nmd_train_evaluate (fixture.unbroken, &settings, NULL, NULL, NULL, error);
}

static const char *
get_text (JsonNode *node, const char *member)
{
  return json_object_get_string_member_with_default (json_node_get_object (node), member,
                                                     NULL);
}

static gint64
get_count (JsonNode *node, const char *object, const char *member)
{
  return json_object_get_int_member (
      json_object_get_object_member (json_node_get_object (node), object), member);
}

/* A manifest in the folder of @manifest with the rows of it that hold neither @without;
 * @organ for its organ. */
static char *
rewrite (const char *manifest, const char *name, const char *without, const char *organ)
{
  g_autofree char *text = NULL, *folder = g_path_get_dirname (manifest);
  g_autoptr (GString) out = g_string_new (NULL);
  char *path = g_build_filename (folder, name, NULL);
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (manifest, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL && **line != '\0'; line++)
    if (without == NULL || strstr (*line, without) == NULL)
      g_string_append_printf (out, "%s\n", *line);
  if (organ != NULL)
    g_string_replace (out, "phantom", organ, 0);
  g_assert_true (nmd_file_write_text (path, out->str, NULL));
  return path;
}

/* The run's own images without one subject are no external data set. */
static void
test_overlap (void)
{
  g_autofree char *path = rewrite (fixture.manifest, "less.csv", "s00", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = evaluate (path, NULL, &error);
  const char *caveat;

  g_assert_no_error (error);
  g_assert_cmpstr (get_text (node, "part"), ==, "overlap");
  caveat = get_text (node, "caveat");
  g_test_message ("%s", caveat);
  g_assert_true (
      g_str_has_prefix (caveat, "No external evaluation: 38 of 38 images are"));
  g_assert_nonnull (strstr (caveat, "train"));
  g_assert_cmpint (get_count (node, "overlap", "images"), ==, 38);
  g_assert_cmpint (get_count (node, "overlap", "train")
                       + get_count (node, "overlap", "validation")
                       + get_count (node, "overlap", "test"),
                   ==, 38);
}

/* New images of the run's subjects under its own root are counted by subject. */
static void
test_overlap_of_subjects (void)
{
  g_autofree char *folder = g_path_get_dirname (fixture.manifest);
  g_autofree char *path = g_build_filename (folder, "more.csv", NULL);
  g_autoptr (GString) text = g_string_new ("image,mask,subject,label,organ\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;

  for (int subject = 0; subject < FIXTURE_SUBJECTS; subject++)
    {
      fixture_write_image (folder, subject, 7, 0);
      g_string_append_printf (text, "%02d_7.png,mask_%02d_7.png,s%02d,%d,phantom\n",
                              subject, subject, subject, subject % 2);
    }
  g_assert_true (nmd_file_write_text (path, text->str, NULL));
  node = evaluate (path, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("%s", get_text (node, "caveat"));
  g_assert_cmpstr (get_text (node, "part"), ==, "overlap");
  g_assert_cmpint (get_count (node, "overlap", "images"), ==, 0);
  g_assert_cmpint (get_count (node, "overlap", "further_training_subjects"), >, 5);
  g_assert_nonnull (strstr (get_text (node, "caveat"), "of the training part are here"));
}

/* Another data set that fits: external, with the rival and the threshold of the run's
   own parts. */
static void
test_external (void)
{
  g_autofree char *path = fixture_make_data ("external", 7);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = evaluate (path, NULL, &error);
  JsonObject *object;

  g_assert_no_error (error);
  object = json_node_get_object (node);
  g_assert_cmpstr (get_text (node, "part"), ==, "external");
  g_assert_null (get_text (node, "caveat"));
  g_assert_cmpint (get_count (node, "fit", "fit"), ==, FIXTURE_IMAGES);
  g_assert_false (json_object_get_boolean_member (object, "not_meaningful"));
  g_assert_true (json_object_has_member (json_object_get_object_member (object, "rival"),
                                         "difference_ci_subject"));
  g_assert_cmpstr (json_object_get_string_member (
                       json_object_get_object_member (object, "threshold"), "part"),
                   ==, "validation");
}

static JsonObject *
get_object (JsonObject *object, const char *a, const char *b)
{
  object = json_object_get_object_member (object, a);
  return b != NULL ? json_object_get_object_member (object, b) : object;
}

/* Local subjects give the threshold, the others are measured before and after; the whole is as without. */
static void
test_recalibrated (void)
{
  g_autofree char *path = fixture_make_data ("local", 7);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) plain = evaluate (path, NULL, &error);
  NmdEvaluateSettings settings
      = { .dataset_path = path, .device = "reference", .threads = 1, .recalibrate = 3 };
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object, *top;

  node = nmd_train_evaluate (fixture.unbroken, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  top = json_node_get_object (node);
  g_assert_cmpfloat (
      json_object_get_double_member (get_object (top, "metrics", NULL), "auc"), ==,
      json_object_get_double_member (
          get_object (json_node_get_object (plain), "metrics", NULL), "auc"));
  object = get_object (top, "recalibration", NULL);
  g_assert_cmpint (json_object_get_int_member (object, "local_images"), ==, 12);
  g_assert_cmpint (json_object_get_int_member (object, "measured_images"), ==, 28);
  g_assert_cmpint (
      json_object_get_int_member (get_object (object, "before", "metrics"), "n_images"),
      ==, 28);
  g_assert_cmpfloat (
      json_object_get_double_member (get_object (object, "before", "metrics"), "auc"), ==,
      json_object_get_double_member (get_object (object, "after", "metrics"), "auc"));
  g_assert_cmpstr (
      json_object_get_string_member (get_object (object, "before", "threshold"), "part"),
      ==, "validation");
  g_assert_cmpstr (
      json_object_get_string_member (get_object (object, "after", "threshold"), "part"),
      ==, "local");
  g_assert_cmpfloat (
      json_object_get_double_member (get_object (object, "before", "threshold"), "value"),
      ==, json_object_get_double_member (get_object (top, "threshold", NULL), "value"));
  settings.recalibrate = FIXTURE_SUBJECTS / 2;
  g_assert_null (
      nmd_train_evaluate (fixture.unbroken, &settings, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_clear_error (&error);
  settings.dataset_path = NULL;
  g_assert_null (
      nmd_train_evaluate (fixture.unbroken, &settings, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
}

/* What local subjects gave does not name the validation part, whether they suffice or not. */
static void
test_local_names (void)
{
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  const NmdEvalInput input
      = { .part = "external", .scores = scores, .validation = scores, .name = "it" };

  for (int i = 0; i < 80; i++)
    {
      g_autofree char *name = g_strdup_printf ("s%02d", i);

      nmd_scores_add (scores,
                      &(NmdScore){ .subject = name,
                                   .image = name,
                                   .label = i % 2,
                                   .score = 0.2 + 0.2 * (i % 2) + 0.04 * (i * 7 % 11),
                                   .echo = NAN });
    }
  for (int few = 0; few < 2; few++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = nmd_evaluate_local (&input, few ? 3 : 20, &error);
      JsonObject *after;

      g_assert_no_error (error);
      after = get_object (object, "after", NULL);
      g_assert_cmpstr (json_object_get_string_member_with_default (
                           get_object (after, "calibration", NULL), "fitted_on", NULL),
                       ==, few ? NULL : "local");
      g_assert_nonnull (strstr (
          json_object_get_string_member (get_object (after, "conformal", NULL), "text"),
          few ? "3 negative local subjects" : "20 negative local subjects"));
      g_assert_cmpstr (json_object_get_string_member (
                           get_object (object, "before", "calibration"), "fitted_on"),
                       ==, "validation");
    }
}

/* Images of another organ get no score; shown anyway they are marked; stated to be what
 * the model was trained on they fit. */
static void
test_no_fit (void)
{
  g_autofree char *made = fixture_make_data ("foreign", 9);
  g_autofree char *path = rewrite (made, "organ.csv", NULL, "breast");
  const NmdStatedFacts anyway = { .show_anyway = TRUE }, stated = { .organ = "phantom" };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) marked = NULL;
  g_autoptr (JsonNode) fits = NULL;

  g_assert_null (evaluate (path, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NO_FIT);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "trained on phantom, this scan is breast"));
  g_clear_error (&error);
  marked = evaluate (path, &anyway, &error);
  g_assert_no_error (error);
  g_assert_true (
      json_object_get_boolean_member (json_node_get_object (marked), "not_meaningful"));
  g_assert_cmpint (get_count (marked, "fit", "do_not_fit"), ==, FIXTURE_IMAGES);
  fits = evaluate (path, &stated, &error);
  g_assert_no_error (error);
  g_assert_false (
      json_object_get_boolean_member (json_node_get_object (fits), "not_meaningful"));
}

/* What the import left out stands beside the numbers, counted in a sentence and named in the list. */
static void
test_left_out (void)
{
  g_autofree char *path = fixture_make_data ("damaged", 5);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *warnings;
  GString *said = g_string_new (NULL);

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("%02d_0.png", i);
      g_autofree char *image = g_build_filename (folder, name, NULL);

      g_assert_true (nmd_file_write_text (image, "no picture", NULL));
    }
  node = evaluate (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (get_count (node, "import", "left_out"), ==, 3);
  g_assert_cmpint (get_count (node, "metrics", "n_images"), ==, FIXTURE_IMAGES - 3);
  warnings = json_object_get_array_member (json_node_get_object (node), "warnings");
  for (guint i = 0; i < json_array_get_length (warnings); i++)
    g_string_append_printf (said, "%s\n", json_array_get_string_element (warnings, i));
  g_test_message ("%s", said->str);
  g_assert_nonnull (strstr (said->str, "3 files were left out\n"));
  g_assert_null (strstr (said->str, "00_0.png"));
  JsonObject *import
      = json_object_get_object_member (json_node_get_object (node), "import");
  JsonObject *first = json_array_get_object_element (
      json_object_get_array_member (import, "left_out_files"), 0);
  g_assert_cmpstr (json_object_get_string_member (first, "path"), ==, "00_0.png");
  g_string_free (said, TRUE);
}

/* After the last epoch the images of one class are no images any more. */
static void
damage_images (int epoch, gpointer folder)
{
  if (epoch != FIXTURE_EPOCHS - 1)
    return;
  for (int i = 1; i < FIXTURE_SUBJECTS; i += 2)
    for (int number = 0; number < 2; number++)
      {
        g_autofree char *name = g_strdup_printf ("%02d_%d.png", i, number);
        g_autofree char *image = g_build_filename (folder, name, NULL);

        g_assert_true (nmd_file_write_text (image, "no picture", NULL));
      }
}

/* That is an error which names an image, not a run of which nothing can be measured. */
static void
test_damaged_meanwhile (void)
{
  g_autofree char *path = fixture_make_data ("meanwhile", 0);
  g_autofree char *data = g_path_get_dirname (path);
  g_autofree char *folder = fixture_path ("meanwhile-run");
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GError) error = NULL;
  FixtureTold told = { .at_epoch = damage_images, .data = data };

  settings->dataset = fixture_import (path);
  g_assert_false (nmd_train_run (settings, fixture_told, &told, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "_0.png"));
  g_assert_cmpint (told.n_warnings, ==, 0);
}

/* A screen that measures the stored scores shows what metrics.json holds. */
static void
test_measure (void)
{
  g_autoptr (NmdRun) run = nmd_run_open (fixture.unbroken, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdEvalResults) shown = nmd_run_measure (run, NMD_PART_NONE, NULL, &error);
  g_autoptr (NmdEvalResults) stored = NULL;
  g_autofree char *a = NULL, *b = NULL;
  g_auto (GStrv) first = NULL, second = NULL;

  g_assert_no_error (error);
  stored = nmd_eval_results_from_json (nmd_run_get_metrics (run), "metrics.json", &error);
  g_assert_no_error (error);
  g_assert_cmpmem (&shown->by_image, sizeof shown->by_image, &stored->by_image,
                   sizeof stored->by_image);
  g_assert_cmpmem (&shown->by_subject, sizeof shown->by_subject, &stored->by_subject,
                   sizeof stored->by_subject);
  g_assert_cmpstr (shown->comparison.sentence, ==, stored->comparison.sentence);
  a = nmd_threshold_to_text (&shown->threshold);
  b = nmd_threshold_to_text (&stored->threshold);
  g_assert_cmpstr (a, ==, b);
  first = nmd_eval_results_get_notes (shown);
  second = nmd_eval_results_get_notes (stored);
  g_assert_true (g_strv_equal ((const char *const *)first, (const char *const *)second));
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  g_test_add_func ("/evaluate/overlap", test_overlap);
  g_test_add_func ("/evaluate/overlap-of-subjects", test_overlap_of_subjects);
  g_test_add_func ("/evaluate/external", test_external);
  g_test_add_func ("/evaluate/recalibrated", test_recalibrated);
  g_test_add_func ("/evaluate/local-names", test_local_names);
  g_test_add_func ("/evaluate/no-fit", test_no_fit);
  g_test_add_func ("/evaluate/left-out", test_left_out);
  g_test_add_func ("/evaluate/damaged-meanwhile", test_damaged_meanwhile);
  g_test_add_func ("/evaluate/measure", test_measure);
  return fixture_close (g_test_run ());
}
