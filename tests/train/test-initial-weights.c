/* SPDX-License-Identifier: Apache-2.0
 *
 * Trainings that start from a file of weights: what is taken from it, what is refused, and that
 * the run goes on without the file.
 */
#include "engine/core/nmd-file.h"
#include "engine/train/nmd-initial-record-private.h"
#include "engine/train/nmd-initial-weights-private.h"
#include "engine/train/nmd-run-private.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <glib/gstdio.h>
#include <string.h>

/* A file as another program would have left it: 1000 classes, a batch counter's like, and
 * a tensor that is nobody's. */
static char *
make_initial (NmdWeights **weights)
{
  const NmdShape one = { 1, { 1 } };
  char *path = fixture_path ("other.safetensors");
  g_autoptr (GError) error = NULL;

  *weights = nmd_network_init (&tiny_network, 1000, 77);
  nmd_weights_add (*weights, "bn.num_batches_tracked", &one);
  nmd_weights_add (*weights, "ema.decay", &one);
  nmd_weights_save (*weights, path, &error);
  g_assert_no_error (error);
  return path;
}

static void
take_note (const NmdTrainEvent *event, gpointer user_data)
{
  GString *notes = user_data;

  if (event->kind == NMD_TRAIN_NOTE)
    g_string_append (notes, event->text);
}

/* The body is the file's, the head fresh; what happened is told and kept. */
static void
test_initial (void)
{
  g_autoptr (NmdWeights) file = NULL, weights = NULL;
  g_autoptr (NmdWeights) fresh = nmd_network_init (&tiny_network, 2, 5);
  g_autofree char *path = make_initial (&file), *text = NULL;
  g_autoptr (JsonNode) record = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;
  NmdShape shape;

  weights = nmd_initial_load (path, &tiny_network, 2, 5, &record, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_weights_get_n (weights), ==, nmd_weights_get_n (fresh));
  for (guint i = 0; i < nmd_weights_get_n (weights); i++)
    {
      const char *name = nmd_weights_get_name (weights, i);
      const float *got = nmd_weights_get (weights, name, &shape);
      const NmdWeights *from = g_str_has_prefix (name, "fc.") ? fresh : file;

      g_assert_cmpmem (got, 4 * nmd_shape_count (&shape),
                       nmd_weights_get (from, name, NULL), 4 * nmd_shape_count (&shape));
    }
  object = json_node_get_object (record);
  g_assert_cmpint (json_object_get_int_member (object, "used"), ==, 6);
  g_assert_cmpint (json_object_get_int_member (object, "tensors"), ==, 8);
  g_assert_cmpint (json_object_get_int_member (object, "classes"), ==, 1000);
  text = nmd_initial_to_text (record);
  g_assert_nonnull (strstr (text,
                            "6 of 8 tensors taken; fresh, because the file's are for "
                            "1000 classes: fc.weight, fc.bias; passed over"));
  g_assert_nonnull (strstr (text, ": 1, ema.decay"));
  g_assert_null (strstr (text, "num_batches_tracked"));
}

/* Words that wrappers put before the names are left out; the record and its sentence say so. */
static void
test_prefix (void)
{
  g_autoptr (NmdWeights) file = NULL, wrapped = nmd_weights_new (), plain = NULL,
                         weights = NULL;
  g_autofree char *path = make_initial (&file),
                  *other = fixture_path ("wrapped.safetensors");
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) first = NULL, record = NULL;
  g_autoptr (GError) error = NULL;
  NmdShape shape;

  for (guint i = 0; i < nmd_weights_get_n (file); i++)
    {
      const char *name = nmd_weights_get_name (file, i);
      const float *values = nmd_weights_get (file, name, &shape);
      g_autofree char *longer = g_strconcat ("module.", name, NULL);

      memcpy (nmd_weights_add (wrapped, longer, &shape), values,
              4 * nmd_shape_count (&shape));
    }
  nmd_weights_save (wrapped, other, &error);
  g_assert_no_error (error);
  plain = nmd_initial_load (path, &tiny_network, 2, 5, &first, NULL, &error);
  g_assert_no_error (error);
  weights = nmd_initial_load (other, &tiny_network, 2, 5, &record, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < nmd_weights_get_n (plain); i++)
    {
      const char *name = nmd_weights_get_name (plain, i);
      const float *values = nmd_weights_get (plain, name, &shape);

      g_assert_cmpmem (nmd_weights_get (weights, name, NULL),
                       4 * nmd_shape_count (&shape), values,
                       4 * nmd_shape_count (&shape));
    }
  g_assert_false (json_object_has_member (json_node_get_object (first), "prefix"));
  g_assert_cmpstr (
      json_object_get_string_member (json_node_get_object (record), "prefix"), ==,
      "module.");
  text = nmd_initial_to_text (record);
  g_assert_nonnull (strstr (text, "6 of 8 tensors taken, their names without “module.”"));
}

/* A training that starts from a file, stopped before its first epoch is whole, goes on
 * without the file to the bits of an unbroken one. */
static void
test_initial_run (void)
{
  g_autoptr (NmdWeights) file = NULL;
  g_autofree char *path = make_initial (&file);
  g_autofree char *whole = fixture_path ("initial"),
                  *stopped = fixture_path ("initial-stopped");
  g_autofree char *text = NULL, *best = g_build_filename (whole, NMD_RUN_BEST, NULL);
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (NmdTrainSettings) settings = fixture_settings (i == 0 ? whole : stopped);
      g_autoptr (NmdTrainSettings) copy = NULL;
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      FixtureTold told = { .cancellable = cancellable, .stop_at_step = i == 0 ? 0 : 1 };

      settings->initial = g_strdup (path);
      settings->dataset = g_object_ref (fixture.dataset);
      copy = nmd_train_settings_copy (settings);
      nmd_train_run (copy, fixture_told, &told, cancellable, &error);
      if (i == 1)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      else
        g_assert_no_error (error);
      g_clear_error (&error);
    }
  g_assert_cmpint (g_unlink (path), ==, 0);
  fixture_resume (stopped);
  fixture_assert_same_run (whole, stopped);
  run = nmd_run_open (stopped, &error);
  g_assert_no_error (error);
  text = nmd_run_get_initial (run);
  g_assert_true (g_str_has_prefix (text, "Started from other.safetensors (SHA-256 "));
  /* and it is another training than the one from fresh weights */
  {
    g_autofree char *a = nmd_file_sha256 (best, NULL, NULL);
    g_autofree char *other = g_build_filename (fixture.unbroken, NMD_RUN_BEST, NULL);
    g_autofree char *b = nmd_file_sha256 (other, NULL, NULL);

    g_assert_cmpstr (a, !=, b);
  }
  /* without its start it must not go on from another one */
  {
    g_autofree char *bare = fixture_path ("initial-bare");
    g_autofree char *from = g_build_filename (stopped, NMD_RUN_JSON, NULL);
    g_autofree char *to = g_build_filename (bare, NMD_RUN_JSON, NULL);
    g_autofree char *json = NULL;
    g_auto (GStrv) halves = NULL;
    g_autofree char *started = NULL;

    g_assert_true (g_file_get_contents (from, &json, NULL, NULL));
    halves = g_strsplit (json, "\"finished\",", 2);
    started = g_strjoin ("\"started\",", halves[0], halves[1], NULL);
    g_assert_true (nmd_file_make_folder (bare, NULL));
    g_assert_true (nmd_file_write_text (to, started, NULL));
    g_assert_false (
        nmd_train_resume (bare, NULL, fixture.dataset, NULL, NULL, NULL, &error));
    g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, "before the weights that it starts from"));
  }
}

/* What does not fit is refused before anything is written. */
static void
test_initial_refused (void)
{
  static const struct
  {
    const char *change, *message;
    gint code;
  } cases[] = {
    { "conv.weight",
      "*odd.safetensors: tensor conv.weight is 1 × 2, Tiny needs 4 × 3 × 7 × 7",
      NMD_ERROR_SHAPE },
    { "fc.weight", "*odd.safetensors: tensor fc.weight is 1 × 2, Tiny needs 2 × 4",
      NMD_ERROR_SHAPE },
    { "fc.bias", "*odd.safetensors: tensor fc.bias is 1 × 2, Tiny needs 2",
      NMD_ERROR_SHAPE },
    { "-bn.running_var",
      "*odd.safetensors lacks 1 of the 8 tensors of Tiny, the first is bn.running_var",
      NMD_ERROR_FORMAT },
    { "-",
      "*odd.safetensors holds none of the 8 tensors of Tiny; its own are called x and "
      "so on",
      NMD_ERROR_FORMAT },
  };
  const NmdShape odd = { 2, { 1, 2 } };
  g_autofree char *path = fixture_path ("odd.safetensors"),
                  *folder = fixture_path ("refused-start");
  g_autoptr (NmdWeights) whole = nmd_network_init (&tiny_network, 2, 1);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
      g_autoptr (NmdWeights) weights = nmd_weights_new ();
      g_autoptr (GString) notes = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      NmdShape shape;

      for (guint k = 0; k < nmd_weights_get_n (whole); k++)
        {
          const char *name = nmd_weights_get_name (whole, k);

          nmd_weights_get (whole, name, &shape);
          if (cases[i].change[0] != '-')
            nmd_weights_add (weights, name,
                             g_str_equal (name, cases[i].change) ? &odd : &shape);
          else if (cases[i].change[1] != '\0' && !g_str_equal (name, cases[i].change + 1))
            nmd_weights_add (weights, name, &shape);
        }
      if (nmd_weights_get_n (weights) == 0)
        nmd_weights_add (weights, "x", &odd);
      g_assert_true (nmd_weights_save (weights, path, NULL));
      settings->initial = g_strdup (path);
      settings->dataset = g_object_ref (fixture.dataset);
      g_assert_false (nmd_train_run (settings, take_note, notes, NULL, &error));
      g_assert_error (error, NMD_ERROR, cases[i].code);
      if (!g_pattern_match_simple (cases[i].message, error->message))
        g_error ("%u: %s", i, error->message);
      g_assert_cmpstr (notes->str, ==, "");
      g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
    }
}
int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  g_test_add_func ("/initial-weights/taken", test_initial);
  g_test_add_func ("/initial-weights/prefix", test_prefix);
  g_test_add_func ("/initial-weights/run", test_initial_run);
  g_test_add_func ("/initial-weights/refused", test_initial_refused);
  return fixture_close (g_test_run ());
}
