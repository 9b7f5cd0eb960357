/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd predict` and the window about the same scans: each is asked both ways, and fit,
 * reason, part and score must agree. The window is asked where it asks: by its
 * explanation job. Needs no display.
 */
#include "engine/core/nmd-csv.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-reader.h"
#include "engine/train/nmd-run.h"
#include "ui/session/nmd-explanation.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static char *folder;
static NmdModel *model;

/* Runs `nmd` with the words of @arguments and returns its output. */
static char *
nmd (const char *const *arguments)
{
  g_autofree char *program
      = g_build_filename (g_getenv ("NMD_BUILDDIR"), "app", "nmd", NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) argv = NULL;
  g_autofree char *err = NULL;
  g_autoptr (GError) error = NULL;
  char *out = NULL;
  int status = -1;

  g_strv_builder_add (builder, program);
  g_strv_builder_addv (builder, (const char **)arguments);
  argv = g_strv_builder_end (builder);
  g_spawn_sync (folder, argv, NULL, 0, NULL, NULL, &out, &err, &status, &error);
  g_assert_no_error (error);
  if (status != 0)
    g_error ("%s: %s", arguments[0], err);
  return out;
}

#define NMD(...) nmd ((const char *const[]){ __VA_ARGS__, NULL })

static char *
place (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* One image of the cohort, as test part or training part has it, and its mask. */
static void
pick (NmdPart part, char **image, char **mask)
{
  g_autofree char *table = place ("run/predictions.csv");
  g_autoptr (NmdCsv) csv = nmd_csv_load (table, NULL);
  guint columns[2]
      = { (guint)nmd_csv_find (csv, "image"), (guint)nmd_csv_find (csv, "part") };

  for (guint row = 0; row < nmd_csv_get_n_rows (csv); row++)
    if (g_str_equal (nmd_csv_get (csv, row, columns[1]), nmd_part_get_name (part)))
      {
        *image = g_build_filename (folder, "cohort", nmd_csv_get (csv, row, columns[0]),
                                   NULL);
        *mask = g_strdup (*image);
        memcpy (strstr (*mask, "/Images/"), "/Masks//", 8);
        return;
      }
  g_assert_not_reached ();
}

/* A copy of @path under @name, each pixel raised by @more, with or without the chunk that
 * says it is synthetic. */
static char *
copy (const char *path, const char *name, int more, gboolean says_synthetic)
{
  static const char *const texts[] = { "Comment", "SYNTHETIC", NULL };
  g_autoptr (NmdImage) image = nmd_image_load (path, NULL);
  char *to = place (name);

  for (int i = 0; i < image->width * image->height; i++)
    image->pixels[i] = (guint8)MIN (image->pixels[i] + more, 255);
  g_assert_true (nmd_image_save_png (image, to, 8, says_synthetic ? texts : NULL, NULL));
  return to;
}

static char *
copy_as_jpeg (const char *path, const char *name)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new_from_file (path, NULL);
  char *to = place (name);

  g_assert_true (gdk_pixbuf_save (pixbuf, to, "jpeg", NULL, "quality", "95", NULL));
  return to;
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static NmdExplanation *
ask_window (const char *path, const char *mask, const NmdStatedFacts *stated)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScan) scan = nmd_scan_load_file (path, mask, &error);
  g_autoptr (GAsyncResult) result = NULL;
  NmdExplanation *answer = NULL;

  g_assert_no_error (error);
  g_autoptr (NmdJob) job = nmd_explanation_start (
      scan, model, stated, "cpu", NMD_MAP_GRADCAM, -1, NULL, FALSE, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  answer = nmd_job_finish (job, result, &error);
  g_assert_no_error (error);
  return answer;
}

static JsonNode *
ask_predict (const char *path, const char *mask, const NmdStatedFacts *stated)
{
  g_autofree char *run = place ("run");
  const char *words[20] = { "predict", run, path, "--json" };
  const struct
  {
    const char *flag, *value;
  } flags[] = {
    { "--mask", mask },
    { "--organ", stated->organ },
    { "--muscle", stated->muscle },
    { "--model-organ", stated->model_organ },
    { "--model-muscles", stated->model_muscles },
  };
  int n = 4;

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    if (flags[i].value != NULL)
      {
        words[n++] = flags[i].flag;
        words[n++] = flags[i].value;
      }
  if (stated->show_anyway)
    words[n++] = "--override";
  g_autofree char *text = nmd (words);
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  return node;
}

/* Both say the same, and it is what is expected. */
static void
check (const char *path,
       const char *mask,
       const NmdStatedFacts *stated,
       NmdFit fit,
       gboolean scored,
       NmdPart part)
{
  static const NmdStatedFacts none = { 0 };
  g_autoptr (NmdExplanation) answer = ask_window (path, mask, stated);
  g_autoptr (JsonNode) node = ask_predict (path, mask, stated != NULL ? stated : &none);
  JsonObject *said = json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (node), "predictions"), 0);
  const NmdVerdict *verdict = &answer->verdict;
  JsonNode *match = json_object_get_member (said, "domain_match");

  g_test_message ("%s: %d %s", path, verdict->fit, verdict->reason);
  g_assert_cmpint (verdict->fit, ==, fit);
  g_assert_cmpint (verdict->is_scored, ==, scored);
  g_assert_cmpint (verdict->part, ==, part);
  if (fit == NMD_FIT_UNKNOWN)
    g_assert_cmpstr (json_node_get_string (match), ==, "unknown");
  else
    g_assert_cmpint (json_node_get_boolean (match), ==, fit == NMD_FIT_YES);
  g_assert_cmpstr (json_object_get_string_member_with_default (said, "reason", NULL), ==,
                   verdict->reason);
  g_assert_cmpstr (json_object_get_string_member (said, "part"), ==,
                   verdict->in_data_set ? nmd_part_get_name (part) : "none");
  g_assert_cmpint (json_object_get_boolean_member (said, "not_meaningful"), ==,
                   verdict->not_meaningful);
  g_assert_cmpint (json_object_get_null_member (said, "score"), ==, !scored);
  g_assert_cmpint (json_object_get_null_member (said, "predicted"), ==, !scored);
  if (scored)
    g_assert_cmpfloat_with_epsilon (json_object_get_double_member (said, "score"),
                                    answer->map->score, 1e-5);
}

static void
test_ten_scans (void)
{
  g_autofree char *held_out = NULL, *mask = NULL, *trained = NULL, *trained_mask = NULL;
  const NmdStatedFacts anyway = { .show_anyway = TRUE }, bb = { .muscle = "BB" },
                       breast = { .organ = "breast" };

  pick (NMD_PART_VALIDATION, &held_out, &mask);
  pick (NMD_PART_TRAIN, &trained, &trained_mask);
  g_autofree char *named = copy (held_out, "BB_anon_900_1.png", 1, TRUE);
  g_autofree char *nameless = copy (held_out, "scan.png", 1, TRUE);
  g_autofree char *real = copy (held_out, "BB_anon_901_1.png", 1, FALSE);
  g_autofree char *bright = copy (held_out, "BB_anon_902_1.png", 120, TRUE);
  g_autofree char *jpeg = copy_as_jpeg (held_out, "BB_anon_903_1.jpg");
  g_autofree char *dark = place ("dark.png");
  g_autoptr (NmdImage) image = nmd_image_load (mask, NULL);

  memset (image->pixels, 0, (gsize)image->width * (gsize)image->height);
  g_assert_true (nmd_image_save_png (image, dark, 1, NULL, NULL));

  check (held_out, mask, NULL, NMD_FIT_YES, TRUE, NMD_PART_VALIDATION);
  check (trained, trained_mask, NULL, NMD_FIT_YES, TRUE, NMD_PART_TRAIN);
  check (held_out, NULL, NULL, NMD_FIT_UNKNOWN, FALSE, NMD_PART_VALIDATION);
  check (held_out, dark, &anyway, NMD_FIT_UNKNOWN, FALSE, NMD_PART_VALIDATION);
  check (named, mask, NULL, NMD_FIT_YES, TRUE, NMD_PART_NONE);
  check (nameless, mask, NULL, NMD_FIT_UNKNOWN, FALSE, NMD_PART_NONE);
  check (nameless, mask, &bb, NMD_FIT_YES, TRUE, NMD_PART_NONE);
  check (nameless, mask, &breast, NMD_FIT_NO, FALSE, NMD_PART_NONE);
  check (real, mask, NULL, NMD_FIT_NO, FALSE, NMD_PART_NONE);
  check (bright, mask, NULL, NMD_FIT_NO, FALSE, NMD_PART_NONE);
  check (bright, mask, &anyway, NMD_FIT_NO, TRUE, NMD_PART_NONE);
  check (jpeg, mask, NULL, NMD_FIT_NO, FALSE, NMD_PART_NONE);
}

static void
make_run (void)
{
  g_autofree char *run = place ("run");
  g_autofree char *made = NMD ("demo", "cohort", "--subjects", "8");
  g_autofree char *trained = NMD ("train", "cohort", "--out", "run", "--epochs", "1",
                                  "--limit", "5", "--batch", "16", "--split", "paper");
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) opened = nmd_run_open (run, &error);

  g_assert_no_error (error);
  model = nmd_run_load_model (opened, NULL, &error);
  g_assert_no_error (error);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir
      = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_tree (inner);
    }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("nmd-judge-XXXXXX", NULL);
  make_run ();
  g_test_add_func ("/judge/ten-scans", test_ten_scans);
  status = g_test_run ();
  nmd_job_stop_all ();
  nmd_model_unref (model);
  remove_tree (folder);
  g_free (folder);
  return status;
}
