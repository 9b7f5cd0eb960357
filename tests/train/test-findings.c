/* SPDX-License-Identifier: Apache-2.0
 *
 * What an import found is told before a training, recorded in run.json and in the passport: files
 * left out, images without an outline, identical pictures with both labels.
 */
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json-value.h"
#include "engine/train/nmd-run-private.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <string.h>

static void
take_warning (const NmdTrainEvent *event, gpointer data)
{
  GString *warnings = data;

  if (event->kind == NMD_TRAIN_WARNING)
    g_string_append_printf (warnings, "%s\n", event->text);
}

/* Trains on @manifest into @folder; what was told. */
static char *
train (const char *path, const char *folder)
{
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GString) warnings = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_free (settings->dataset_path);
  settings->dataset_path = g_strdup (path);
  fixture_set (settings, "epochs", "1");
  nmd_train_run (settings, take_warning, warnings, NULL, &error);
  g_assert_no_error (error);
  return g_strdup (warnings->str);
}

static gint64
get_count (const char *folder, const char *member)
{
  g_autofree char *path = g_build_filename (folder, NMD_RUN_JSON, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = nmd_json_load (path, &error);
  NmdJsonValue top = nmd_json_value_top (node, path), object;
  gint64 count = -1;

  g_assert_true (
      nmd_json_get_object (&top, "import", NMD_JSON_REQUIRED, &object, &error));
  g_assert_true (
      nmd_json_get_int (&object, member, NMD_JSON_REQUIRED, 0, G_MAXINT, &count, &error));
  return count;
}

static void
assert_says (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is not said in:\n%s", part, text);
}

/* Replaces @file of data set @manifest by its first @keep bytes, or by @other. */
static void
replace (const char *manifest, const char *file, gsize keep, const char *other)
{
  g_autofree char *folder = g_path_get_dirname (manifest);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *from = g_build_filename (folder, other != NULL ? other : file, NULL);
  g_autofree char *bytes = NULL;
  gsize n = 0;

  g_assert_true (g_file_get_contents (from, &bytes, &n, NULL));
  g_assert_true (nmd_file_write (path, bytes, MIN (n, keep), NULL));
}

static void
test_clean (void)
{
  g_autofree char *folder = fixture_path ("clean");
  g_autofree char *told = train (fixture.manifest, folder);

  g_assert_cmpstr (told, ==, "");
  g_assert_cmpint (get_count (folder, "images"), ==, FIXTURE_IMAGES);
  g_assert_cmpint (get_count (folder, "left_out"), ==, 0);
}

static void
test_left_out (void)
{
  g_autofree char *manifest = fixture_make_data ("cut", 0);
  g_autofree char *folder = fixture_path ("cut-run");
  g_autofree char *told = NULL;

  replace (manifest, "03_0.png", 100, NULL);
  replace (manifest, "04_1.png", 200, NULL);
  replace (manifest, "06_0.png", G_MAXSIZE, "07_0.png"); /* and another label */
  told = train (manifest, folder);
  g_test_message ("%s", told);
  assert_says (told, "2 files were left out:\n  03_0.png: ");
  assert_says (told, "  04_1.png: ");
  assert_says (told, "1 image is identical to an image with the other label");
  assert_says (told, "The same picture more than once");
  assert_says (told, "06_0.png");
  g_assert_cmpint (get_count (folder, "images"), ==, FIXTURE_IMAGES - 2);
  g_assert_cmpint (get_count (folder, "left_out"), ==, 2);
  g_assert_cmpint (get_count (folder, "label_conflict"), ==, 1);
}

/* A scan without an outline is scored by @run as a whole frame, one with an outline is not; and not where
 * the model saw outlines. */
static void
check_whole_frame (NmdRun *run, const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "00_0.png", NULL);
  g_autofree char *mask = g_build_filename (folder, "mask_00_0.png", NULL);
  g_autoptr (NmdRun) other = nmd_run_open (fixture.unbroken, NULL);
  g_autoptr (NmdModel) model = nmd_run_load_model (run, NULL, NULL);
  g_autoptr (NmdModel) outlines = nmd_run_load_model (other, NULL, NULL);
  g_autoptr (NmdScan) bare = nmd_scan_load_file (path, NULL, NULL);
  g_autoptr (NmdScan) outlined = nmd_scan_load_file (path, mask, NULL);
  const NmdStatedFacts stated = { .organ = "phantom" };
  g_auto (NmdVerdict) yes = { 0 }, no = { 0 }, needs = { 0 };

  nmd_scan_judge (bare, model, &stated, &yes);
  g_assert_true (yes.fit == NMD_FIT_YES && yes.is_scored && yes.is_whole_frame);
  nmd_scan_judge (outlined, model, &stated, &no);
  g_assert_true (no.fit == NMD_FIT_NO && !no.is_scored);
  nmd_scan_judge (bare, outlines, &stated, &needs);
  g_assert_true (needs.missing == NMD_MISSING_OUTLINE && !needs.is_scored);
}

/* Without any mask: said, and what was learnt from stands in the passport. */
static void
test_whole_frames (void)
{
  g_autofree char *with = fixture_make_data ("frames", 0);
  g_autofree char *parent = g_path_get_dirname (with);
  g_autofree char *manifest = g_build_filename (parent, "bare.csv", NULL);
  g_autofree char *folder = fixture_path ("frames-run");
  g_autofree char *told = NULL;
  g_autoptr (GString) text = g_string_new ("image,subject,label,organ\n");
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (GError) error = NULL;
  const NmdPassport *passport;

  for (int subject = 0; subject < FIXTURE_SUBJECTS; subject++)
    g_string_append_printf (text,
                            "%02d_0.png,s%02d,%d,phantom\n%02d_1.png,s%02d,%d,phantom\n",
                            subject, subject, subject % 2, subject, subject, subject % 2);
  g_assert_true (nmd_file_write_text (manifest, text->str, NULL));
  told = train (manifest, folder);
  g_test_message ("%s", told);
  assert_says (told, "40 images have no mask: the whole frame is used");
  assert_says (told, "has an outline: the network learns from whole frames");
  g_assert_cmpint (get_count (folder, "whole_frame"), ==, FIXTURE_IMAGES);
  run = nmd_run_open (folder, &error);
  g_assert_no_error (error);
  passport = nmd_run_get_passport (run);
  g_assert_cmpuint (passport->n_images[0], >, 0);
  for (int i = 0; i < 2; i++)
    g_assert_cmpuint (passport->n_whole_frame[i], ==, passport->n_images[i]);
  check_whole_frame (run, parent);
}

/* A manifest without the column "organ"; another one says that image 05_1 shows a breast. */
static char *
make_bare (const char *name, gboolean breast)
{
  g_autofree char *with = fixture_make_data (name, 0);
  g_autofree char *parent = g_path_get_dirname (with);
  g_autofree char *manifest = g_build_filename (parent, "bare.csv", NULL);
  g_autoptr (GString) text = g_string_new ("image,subject,label,organ\n");

  for (int i = 0; i < FIXTURE_IMAGES; i++)
    g_string_append_printf (text, "%02d_%d.png,s%02d,%d,%s\n", i / 2, i % 2, i / 2,
                            i / 2 % 2, breast && i == 11 ? "Breast" : "");
  g_assert_true (nmd_file_write_text (manifest, text->str, NULL));
  return g_steal_pointer (&manifest);
}

/* The organ that the user states goes into the passport; a data set that states another is
 * refused before anything is written. */
static void
test_organ (void)
{
  static const struct
  {
    const char *stated;
    gboolean breast; /* one image of the training part says so */
    const char *organ, *source;
  } cases[] = { { NULL, FALSE, "unknown", NULL },
                { "muscle", FALSE, "muscle", "user" },
                { "muscle", TRUE, NULL, NULL },
                { "breast", TRUE, "Breast", NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("organ-%u", i);
      g_autofree char *manifest = make_bare (name, cases[i].breast);
      g_autofree char *folder = g_strconcat (manifest, "-run", NULL);
      g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdRun) run = NULL;
      const NmdPassport *passport;

      g_free (settings->dataset_path);
      settings->dataset_path = g_strdup (manifest);
      settings->organ = g_strdup (cases[i].stated);
      fixture_set (settings, "epochs", "1");
      nmd_train_run (settings, NULL, NULL, NULL, &error);
      if (cases[i].organ == NULL)
        {
          g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
          assert_says (error->message, "bare.csv: 05_1.png shows “Breast”");
          assert_says (error->message, "not “muscle”");
          g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
          continue;
        }
      g_assert_no_error (error);
      run = nmd_run_open (folder, &error);
      g_assert_no_error (error);
      passport = nmd_run_get_passport (run);
      g_assert_cmpstr (passport->organ, ==, cases[i].organ);
      g_assert_cmpstr (passport->organ_source, ==, cases[i].source);
    }
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  g_test_add_func ("/findings/clean", test_clean);
  g_test_add_func ("/findings/left-out", test_left_out);
  g_test_add_func ("/findings/whole-frames", test_whole_frames);
  g_test_add_func ("/findings/organ", test_organ);
  return fixture_close (g_test_run ());
}
