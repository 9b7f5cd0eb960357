/* SPDX-License-Identifier: Apache-2.0
 *
 * The CUDA backend on the host (cuda-host): what test-ops does not ask of every backend.
 * Compiled with TEST_DEVICE it asks a real card for the same numbers, and is skipped
 * where there is none. Steps of training in all numerics, captured graphs, the memory
 * plan and its message, a card that is lost, and that nothing is left behind or written
 * beside its place. Numbers of single operations are test-ops'.
 */
#ifndef TEST_DEVICE
#include "engine/backend/cuda/nmd-cuda-products.h"
#include "engine/backend/cuda/nmd-cuda.h"
#include <cudnn.h>
#else
#include "engine/backend/nmd-backend-private.h"
#endif
#include "cuda-patterns.h"
#include "distance.h"
#include "engine/core/nmd-random.h"
#include "engine/nn/blocks/nmd-blocks.h"
#include "engine/nn/nmd-network.h"

#include <math.h>
#include <string.h>

enum
{
  BATCH = 6,
  STEPS = 4
};

/* A network with a bit of everything */

static NmdNode
build_mixed (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  NmdNode y, gate;

  x = nmd_block_conv (graph, "stem", x, 24, 7, 8, 1, FALSE);
  x = nmd_block_batch_norm (graph, "bn1", x, mode);
  x = nmd_block_activation (graph, "relu1", x, NMD_RELU);
  y = nmd_block_conv (graph, "deep", x, 24, 3, 1, 24, FALSE);
  y = nmd_block_batch_norm (graph, "bn2", y, mode);
  y = nmd_block_activation (graph, "silu", y, NMD_SILU);
  x = nmd_graph_add (graph, NMD_OP_ADD, "sum", NULL, (NmdNode[]){ x, y }, 2);
  gate = nmd_block_reduce (graph, "squeeze", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  gate = nmd_block_conv (graph, "gate", gate, 24, 1, 1, 1, TRUE);
  gate = nmd_block_activation (graph, "sigmoid", gate, NMD_SIGMOID);
  x = nmd_graph_add (graph, NMD_OP_MULTIPLY, "gated", NULL, (NmdNode[]){ x, gate }, 2);
  x = nmd_block_reduce (graph, "pool", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  x = nmd_block_flatten (graph, "flatten", x);
  return nmd_block_linear (graph, "fc", x, n_classes);
}

static const NmdNetwork mixed = {
  .name = "mixed",
  .title = "Mixed",
  .note = "For tests",
  .source = "none",
  .cam_layer = "sum",
  .input_size = 64,
  .build = build_mixed,
};

typedef struct
{
  NmdSession *session;
  NmdProgram *program;
  NmdNetworkGraph nodes;
  int batch;
} Training;

static void
training_clear (Training *self)
{
  g_clear_pointer (&self->program, nmd_program_free);
  g_clear_pointer (&self->session, nmd_session_close);
  nmd_network_graph_clear (&self->nodes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Training, training_clear)

/* The CUDA backend with the ending @numerics, or the reference where that is NULL. */
NmdSession *
cuda_test_open (const char *numerics, GError **error)
{
  g_autofree char *name
      = numerics != NULL ? g_strconcat ("cuda", numerics, NULL) : g_strdup ("reference");
#ifndef TEST_DEVICE
  static NmdBackend kept[8]; /* a session keeps a pointer to its table */
  static guint n;
  NmdBackend *backend = &kept[n++ % G_N_ELEMENTS (kept)];

  if (numerics != NULL)
    {
      *backend = nmd_backend_cuda;
      backend->name = g_intern_string (name);
      return nmd_session_open_backend (backend, 1, error);
    }
#endif
  return nmd_session_open (name, 1, error);
}

static gboolean
begin (Training *self, const char *numerics, int batch, GError **error)
{
  const NmdAdamSettings adam
      = { .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 1e-5 };
  g_autoptr (NmdWeights) fresh = nmd_network_init (&mixed, 2, 3);

  memset (self, 0, sizeof *self);
  self->batch = batch;
  self->session = cuda_test_open (numerics, error);
  if (self->session == NULL)
    return FALSE;
  g_assert_true (nmd_network_training (&self->nodes, &mixed, 2, batch, &adam, NULL));
  self->program = nmd_session_compile (self->session, self->nodes.graph,
                                       &self->nodes.loss, 1, error);
  return self->program != NULL && nmd_session_load (self->session, fresh, NULL, error);
}

static gboolean
step (Training *self, int number, float *loss, GError **error)
{
  const NmdNetworkGraph *nodes = &self->nodes;
  const gsize n = (gsize)self->batch * 3 * 64 * 64;
  g_autofree float *images = g_new (float, n);
  g_autofree char *id = g_strdup_printf ("0:images:%d:x", number);
  g_autofree float *targets = g_new0 (float, (gsize)self->batch * 2);
  const float lr = 1e-3f, share = 0.1f, t = (float)(number + 1);

  nmd_random_fill (id, images, n);
  for (int i = 0; i < self->batch; i++)
    targets[2 * i + i % 2] = 1;
  return nmd_program_write (self->program, nodes->images, images, error)
         && nmd_program_write (self->program, nodes->targets, targets, error)
         && nmd_program_write (self->program, nodes->lr, &lr, error)
         && nmd_program_write (self->program, nodes->step, &t, error)
         && nmd_program_write (self->program, nodes->share, &share, error)
         && nmd_program_run (self->program, error)
         && nmd_program_read (self->program, nodes->loss, loss, error);
}

/* STEPS losses and then all of the store. */
static NmdWeights *
train (const char *numerics, float *losses)
{
  g_auto (Training) training = { NULL };
  g_autoptr (GError) error = NULL;
  NmdWeights *weights;

  g_assert_true (begin (&training, numerics, BATCH, &error));
  for (int i = 0; i < STEPS; i++)
    step (&training, i, &losses[i], &error);
  g_assert_no_error (error);
  weights = nmd_session_save (training.session, "", &error);
  g_assert_no_error (error);
  return weights;
}

/* The loss of each step and, in the first moments, its gradients. */
static void
test_training (gconstpointer data)
{
  const gboolean half = g_str_equal (data, "/bf16");
  const gboolean fast = g_str_equal (data, "/fast"); /* ten bits of TF32 */
  const double limit = half ? 2e-2 : fast ? 5e-3 : 1e-4;
  const double limit_gradient = half ? 0.15 : fast ? 2e-2 : 1e-3;
  float expected[STEPS], got[STEPS], again[STEPS];
  g_autoptr (NmdWeights) right = train (NULL, expected);
  g_autoptr (NmdWeights) weights = train (data, got), second = train (data, again);
  const double error = weights_distance (weights, right, "adam");

  g_test_message ("moments differ by %g", error);
  for (int i = 0; i < STEPS; i++)
    {
      g_test_message ("step %d: %.7g, reference %.7g", i, (double)got[i],
                      (double)expected[i]);
      g_assert_true (fabsf (got[i] - expected[i]) <= (float)limit);
    }
  g_assert_true (error <= limit_gradient);
  g_assert_true (memcmp (got, again, sizeof got) == 0);
  g_assert_cmpfloat (weights_distance (weights, second, ""), ==, 0);
  /* bfloat16 is not float32 by another name */
  g_assert_true (!half || error > 1e-4);
}

#ifndef TEST_DEVICE

/* Where cuDNN has nothing to offer, products of unfolded images are the same; so are they
 * in several parts. */
static void
test_refused_convolutions (void)
{
  static const char *const numerics[] = { "", "/bf16" };

  for (guint k = 0; k < 4; k++)
    {
      const gsize bytes = nmd_cuda_unfold_bytes;
      const double limit = k < 2 ? 1e-3 : 0.1;
      float with[STEPS], without[STEPS];
      g_autoptr (NmdWeights) a = train (numerics[k / 2], with), b = NULL;

      cuda_host_refuse_convolutions (TRUE);
      if (k % 2 == 1)
        nmd_cuda_unfold_bytes = 2 * 8 * 8 * 7 * 7 * 3 * sizeof (float); /* two images */
      b = train (numerics[k / 2], without);
      nmd_cuda_unfold_bytes = bytes;
      cuda_host_refuse_convolutions (FALSE);
      for (int i = 0; i < STEPS; i++)
        g_assert_true (fabsf (with[i] - without[i]) <= (float)limit);
      g_assert_true (weights_distance (a, b, "adam") <= limit);
    }
}

static void
test_frozen_norm_refused (void)
{
  cuda_host_refuse_convolutions (TRUE);
  cuda_patterns_frozen_norm ();
  cuda_host_refuse_convolutions (FALSE);
}

/* The first run starts its steps one by one, the second is captured; all later ones are
 * replays. */
static void
test_capture (void)
{
  const long before = cuda_host_get_replays ();
  float losses[STEPS];
  g_autoptr (NmdWeights) weights = train ("", losses);

  g_assert_nonnull (weights);
  g_assert_cmpint (cuda_host_get_replays () - before, ==, STEPS - 1);
}

/* Memory */

static void
test_nothing_left (void)
{
  float losses[STEPS];
  g_autoptr (NmdWeights) weights = train ("", losses);

  g_assert_nonnull (weights);
  g_assert_cmpuint (cuda_host_get_used (), ==, 0);
  g_assert_cmpint (cuda_host_get_overruns (), ==, 0);
}

static void
test_too_large (void)
{
  g_auto (Training) training = { NULL };
  g_auto (Training) smaller = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) pattern = g_regex_new (
      "^A batch of 64 needs [0-9.]+.MiB of the graphics card's memory, [0-9.]+.MiB are "
      "free; a batch of ([0-9]+) would fit$",
      0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *fits = NULL;

  cuda_host_set_memory ((gsize)40 << 20); /* 32 of them are cuBLAS's */
  g_assert_false (begin (&training, "", 64, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_MEMORY);
  g_test_message ("%s", error->message);
  g_assert_true (g_regex_match (pattern, error->message, 0, &match));
  fits = g_match_info_fetch (match, 1);
  training_clear (&training);
  g_clear_error (&error);
  g_assert_true (begin (&smaller, "", (int)g_ascii_strtoll (fits, NULL, 10), &error));
  g_assert_no_error (error);
  training_clear (&smaller);
  memset (&smaller, 0, sizeof smaller);
  memset (&training, 0, sizeof training);
  cuda_host_set_memory ((gsize)8 << 30);
  g_assert_cmpuint (cuda_host_get_used (), ==, 0);
}

/* A lost card */

/* Wherever in the third step it happens, an error says so, everything can be closed, and
 * a session opened later works. */
static void
test_lost (void)
{
  for (long kernel = 0; kernel < 40; kernel += 3)
    {
      g_auto (Training) training = { NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdWeights) weights = NULL;
      float loss = 0;

      g_assert_true (begin (&training, "", BATCH, &error));
      for (int i = 0; i < 2; i++)
        g_assert_true (step (&training, i, &loss, &error));
      cuda_host_lose_after (kernel);
      g_assert_false (step (&training, 2, &loss, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_DEVICE);
      g_assert_true (strstr (error->message, "unspecified launch failure") != NULL);
      g_clear_error (&error);
      weights = nmd_session_save (training.session, "", &error);
      g_assert_null (weights);
      g_assert_error (error, NMD_ERROR, NMD_ERROR_DEVICE);
      training_clear (&training);
      memset (&training, 0, sizeof training);
      cuda_host_lose_after (-1);
    }
  test_nothing_left ();
}

#else

/* Why nothing of this can be asked; NULL if a card is there. */
static char *
why_not (void)
{
  g_autoptr (GPtrArray) devices = nmd_devices_list ();

  for (guint i = 0; i < devices->len; i++)
    {
      const NmdDevice *device = devices->pdata[i];

      if (g_str_equal (device->name, "cuda"))
        return device->unavailable != NULL
                   ? g_strdup_printf ("no CUDA device: %s", device->unavailable)
                   : NULL;
    }
  g_return_val_if_reached (NULL);
}

static void
test_skipped (gconstpointer reason)
{
  g_test_skip (reason);
}

#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#ifdef TEST_DEVICE
  g_autofree char *reason = why_not ();

  if (reason != NULL)
    {
      g_test_add_data_func ("/device", reason, test_skipped);
      return g_test_run ();
    }
#endif
  g_test_add_data_func ("/cuda/training/strict", "", test_training);
  g_test_add_data_func ("/cuda/training/fast", "/fast", test_training);
  g_test_add_data_func ("/cuda/training/bf16", "/bf16", test_training);
  cuda_patterns_add ();
#ifndef TEST_DEVICE
  g_test_add_func ("/cuda-host/refused-convolutions", test_refused_convolutions);
  g_test_add_func ("/cuda-host/frozen-norm-refused", test_frozen_norm_refused);
  g_test_add_func ("/cuda-host/capture", test_capture);
  g_test_add_func ("/cuda-host/memory/nothing-left", test_nothing_left);
  g_test_add_func ("/cuda-host/memory/too-large", test_too_large);
  g_test_add_func ("/cuda-host/lost", test_lost);
#endif
  return g_test_run ();
}
