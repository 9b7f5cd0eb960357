/* SPDX-License-Identifier: Apache-2.0
 *
 * Class weights: what they are, that the loss and its gradient are PyTorch's, and that a training with
 * them can be stopped and resumed with the same bits.
 */
#include "fixture.h"
#include "tiny.h"

#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/data/nmd-batch.h"
#include "engine/train/nmd-run-private.h"

#include <math.h>
#include <string.h>

#define IMAGE (3 * 224 * 224)
#define N 20

/* 16 healthy images and 4 pathological ones, as positions in the data set. */
static NmdBatches *
make_batches (const char *weights, const char *mixup)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  guint samples[N], n[2] = { 0, 0 }, count = 0;

  g_assert_true (nmd_parameters_set_text (parameters, "class-weights", weights, NULL));
  g_assert_true (nmd_parameters_set_text (parameters, "mixup", mixup, NULL));
  g_assert_true (nmd_parameters_set_text (parameters, "batch", "10", NULL));
  for (guint i = 0; i < nmd_dataset_get_n (fixture.dataset); i++)
    {
      const int label = nmd_dataset_get (fixture.dataset, i)->label;

      if (n[label]++ < (label == 1 ? 4u : 16u))
        samples[count++] = i;
    }
  g_assert_cmpuint (count, ==, N);
  return nmd_batches_new (fixture.dataset, samples, N, parameters);
}

/* w·((1 − s)·onehot + s/2), exactly. */
static void
test_targets (void)
{
  g_autoptr (NmdBatches) batches = make_batches ("balanced", "0");
  g_autofree float *images = g_new (float, 10 * IMAGE);
  guint n[2] = { 0, 0 };
  float targets[20];

  g_assert_cmpuint (nmd_batches_start_epoch (batches, 0), ==, 2);
  for (guint b = 0; b < 2; b++)
    {
      g_assert_true (nmd_batches_next (batches, b, images, targets, NULL));
      for (int i = 0; i < 10; i++)
        {
          const gboolean positive = targets[2 * i + 1] > 1;

          n[positive]++;
          g_assert_cmpfloat (targets[2 * i], ==,
                             (float)(0.625 * (positive ? 0.05 : 0.95)));
          g_assert_cmpfloat (targets[2 * i + 1], ==,
                             (float)(2.5 * (positive ? 0.95 : 0.05)));
        }
    }
  g_assert_cmpuint (n[0], ==, 16);
  g_assert_cmpuint (n[1], ==, 4);
}

/* With Mixup the same images, and their shares times the weights; switched off nothing changes. */
static void
test_mixed (void)
{
  g_autoptr (NmdBatches) plain = make_batches ("none", "0.2");
  g_autoptr (NmdBatches) weighted = make_batches ("balanced", "0.2");
  g_autofree float *x = g_new (float, 10 * IMAGE), *y = g_new (float, 10 * IMAGE);
  float s[20], t[20];

  nmd_batches_start_epoch (plain, 3);
  nmd_batches_start_epoch (weighted, 3);
  for (guint b = 0; b < 2; b++)
    {
      g_assert_true (nmd_batches_next (plain, b, x, s, NULL));
      g_assert_true (nmd_batches_next (weighted, b, y, t, NULL));
      g_assert_cmpmem (x, 10 * IMAGE * sizeof *x, y, 10 * IMAGE * sizeof *y);
      for (int i = 0; i < 20; i++)
        {
          const double expected = (double)s[i] * (i % 2 == 0 ? 0.625 : 2.5);

          g_assert_true (fabs ((double)t[i] - expected) <= 1e-6);
          g_assert_true (fabs ((double)(s[i - i % 2] + s[i - i % 2 + 1]) - 1) <= 1e-6);
        }
    }
}

/* What tests/train/golden/class-weights.py prints. */
static const float logits[8] = { 1.5f, -0.5f, 0.25f, 2.0f, -1.0f, -3.0f, 0.0f, 0.75f };
static const double shares[8] = { 0.725, 0.275, 0.275, 0.725, 0.95, 0.05, 0.95, 0.05 };
static const double golden_loss = 0.8007772136759227;
static const double golden_gradient[8]
    = { 0.1378835417671305,    -0.13788354176713055, 0.03047653964853346,
        -0.030476539648533432, 0.00983072494915073,  -0.009830724949150755,
        -0.09078992250807842,  0.09078992250807842 };

/* Loss of @z with weighted targets on @device; its gradient into @gradient (nullable). */
static double
compute (const char *device, const float *z, float *gradient)
{
  static const int dims[2] = { 4, 2 };
  const NmdAttributes one = { .value = 1, .shape = { 1, { 1, 1, 1, 1 } } };
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  g_autoptr (NmdSession) session = NULL;
  g_autoptr (NmdProgram) program = NULL;
  g_autoptr (GError) error = NULL;
  NmdNode in[2], outputs[2], seed;
  float targets[8], loss;

  in[0] = nmd_graph_input (graph, "logits", dims, 2);
  in[1] = nmd_graph_input (graph, "targets", dims, 2);
  outputs[0] = nmd_graph_add (graph, NMD_OP_CROSS_ENTROPY, "loss", NULL, in, 2);
  seed = nmd_graph_add (graph, NMD_OP_CONSTANT, "one", &one, NULL, 0);
  nmd_graph_differentiate (graph, outputs[0], seed, in, 1, &outputs[1], &error);
  g_assert_no_error (error);
  session = nmd_session_open (device, 1, &error);
  g_assert_no_error (error);
  program = nmd_session_compile (session, graph, outputs, 2, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 8; i++)
    targets[i] = (float)(shares[i] * (i % 2 == 0 ? 0.625 : 2.5));
  g_assert_true (nmd_program_write (program, in[0], z, NULL));
  g_assert_true (nmd_program_write (program, in[1], targets, NULL));
  g_assert_true (nmd_program_run (program, NULL));
  g_assert_true (nmd_program_read (program, outputs[0], &loss, NULL));
  if (gradient != NULL)
    g_assert_true (nmd_program_read (program, outputs[1], gradient, NULL));
  return (double)loss;
}

/* Loss and gradient are PyTorch's, and the gradient is the loss's by central differences. */
static void
test_golden (void)
{
  static const char *const devices[] = { "reference", "cpu" };

  for (guint d = 0; d < G_N_ELEMENTS (devices); d++)
    {
      float gradient[8];
      const double loss = compute (devices[d], logits, gradient);

      g_assert_true (fabs (loss - golden_loss) <= 1e-6);
      for (int i = 0; i < 8; i++)
        g_assert_true (fabs ((double)gradient[i] - golden_gradient[i]) <= 1e-6);
    }
  for (int i = 0; i < 8; i++)
    {
      const double h = 0.0625;
      float up[8], down[8];

      memcpy (up, logits, sizeof up);
      memcpy (down, logits, sizeof down);
      up[i] += (float)h;
      down[i] -= (float)h;
      g_assert_true (
          fabs ((compute ("reference", up, NULL) - compute ("reference", down, NULL))
                    / (2 * h)
                - golden_gradient[i])
          <= 1e-3);
    }
}

/* The fixture's data set with few pathological subjects. */
static NmdDataset *
make_unbalanced (char **manifest)
{
  g_autofree char *text = NULL, *folder = g_path_get_dirname (fixture.manifest);
  g_autoptr (GString) kept = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (fixture.manifest, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], "pathological") == NULL || *lines[i] == '0')
      g_string_append_printf (kept, "%s\n", lines[i]);
  *manifest = g_build_filename (folder, "unbalanced.csv", NULL);
  g_assert_true (g_file_set_contents (*manifest, kept->str, -1, NULL));
  return fixture_import (*manifest);
}

static void
train (NmdDataset *dataset,
       const char *manifest,
       const char *folder,
       const char *weights,
       FixtureTold *told)
{
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GError) error = NULL;

  g_free (settings->dataset_path);
  settings->dataset_path = g_strdup (manifest);
  settings->dataset = g_object_ref (dataset);
  fixture_set (settings, "class-weights", weights);
  if (!nmd_train_run (settings, fixture_told, told, told->cancellable, &error))
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_resumed (void)
{
  g_autofree char *manifest = NULL, *whole = fixture_path ("weighted"),
                  *stopped = fixture_path ("weighted-stopped"),
                  *plain = fixture_path ("unweighted");
  g_autoptr (NmdDataset) dataset = make_unbalanced (&manifest);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GArray) weighted = NULL, unweighted = NULL;
  g_autoptr (GError) error = NULL;
  FixtureTold told = { 0 },
              short_told = { .cancellable = cancellable, .stop_at_step = 3 },
              again = { 0 }, plain_told = { 0 };

  train (dataset, manifest, whole, "balanced", &told);
  g_assert_cmpint (told.n_epochs, ==, FIXTURE_EPOCHS);
  train (dataset, manifest, stopped, "balanced", &short_told);
  g_assert_cmpint (short_told.n_epochs, <, FIXTURE_EPOCHS);
  nmd_train_resume (stopped, NULL, dataset, fixture_told, &again, NULL, &error);
  g_assert_no_error (error);
  fixture_assert_same_run (whole, stopped);
  train (dataset, manifest, plain, "none", &plain_told);
  weighted = fixture_history (whole);
  unweighted = fixture_history (plain);
  g_assert_cmpfloat (g_array_index (weighted, NmdEpoch, 0).train_loss, !=,
                     g_array_index (unweighted, NmdEpoch, 0).train_loss);
}

/* A run from before the parameter class-weights: trained as there were none, said, and gone on with to the
 * same bits. */
static void
test_older (void)
{
  static const char *const files[]
      = { NMD_RUN_BEST, NMD_RUN_AVERAGE, NMD_RUN_PREDICTIONS };
  g_autofree char *folder = fixture_stopped ("older");
  g_autofree char *path = g_build_filename (folder, NMD_RUN_JSON, NULL), *text = NULL;
  g_autoptr (JsonNode) node = nmd_json_load (path, NULL);
  g_autoptr (NmdRun) whole = nmd_run_open (fixture.unbroken, NULL), run = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (nmd_run_get_assumed (whole), ==, NULL);
  json_object_remove_member (
      json_object_get_object_member (json_node_get_object (node), "parameters"),
      "class-weights");
  text = nmd_json_to_text (node);
  g_assert_true (nmd_file_write_text (path, text, NULL));
  run = nmd_run_open (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (
      nmd_parameters_get_choice (nmd_run_get_parameters (run), "class-weights"), ==,
      "none");
  g_assert_true (g_str_has_suffix (nmd_run_get_assumed (run), ": class-weights none"));
  fixture_resume (folder);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *a = g_build_filename (folder, files[i], NULL);
      g_autofree char *b = g_build_filename (fixture.unbroken, files[i], NULL);
      g_autofree char *hash_a = nmd_file_sha256 (a, NULL, &error);
      g_autofree char *hash_b = nmd_file_sha256 (b, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (hash_a, ==, hash_b);
    }
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  g_test_add_func ("/class-weights/targets", test_targets);
  g_test_add_func ("/class-weights/mixed", test_mixed);
  g_test_add_func ("/class-weights/golden", test_golden);
  g_test_add_func ("/class-weights/resumed", test_resumed);
  g_test_add_func ("/class-weights/older", test_older);
  return fixture_close (g_test_run ());
}
