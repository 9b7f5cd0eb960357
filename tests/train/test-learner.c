/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session computes in training: steps, the running average, renewal of statistics,
 * and the store out and in again.
 */
#include "engine/core/nmd-random.h"
#include "engine/train/nmd-learner-private.h"
#include "tests/train/tiny.h"

#include <math.h>
#include <string.h>

#define BATCH 8
#define SIZE ((gsize)3 * 224 * 224)

static float *images[2], *targets;

static void
make_data (void)
{
  for (int b = 0; b < 2; b++)
    {
      g_autofree char *name = g_strdup_printf ("learner:%d", b);

      images[b] = g_new (float, NMD_EVALUATION_BATCH *SIZE);
      nmd_random_fill (name, images[b], NMD_EVALUATION_BATCH * SIZE);
    }
  targets = g_new0 (float, 2 * NMD_EVALUATION_BATCH);
  for (int i = 0; i < NMD_EVALUATION_BATCH; i++)
    {
      targets[2 * i + i % 2] = 1;
      for (gsize j = 0; j < SIZE && i % 2 == 1; j++) /* something to learn */
        images[0][(gsize)i * SIZE + j] = images[0][(gsize)i * SIZE + j] * 0.5f + 0.5f;
    }
}

/* The tiny network with dropout before its head. */
static NmdNode
dropping_build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  x = nmd_block_conv (graph, "conv", x, 4, 7, 16, 1, TRUE);
  x = nmd_block_batch_norm (graph, "bn", x, mode);
  x = nmd_block_activation (graph, "relu", x, NMD_RELU);
  x = nmd_block_reduce (graph, "pool", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  x = nmd_block_flatten (graph, "flatten", x);
  x = nmd_block_dropout (graph, x, mode);
  return nmd_block_linear (graph, "fc", x, n_classes);
}

static const NmdNetwork dropping_network = {
  .name = "dropping",
  .title = "Dropping",
  .note = "For tests",
  .source = "none",
  .cam_layer = "relu",
  .dropout = 0.4,
  .input_size = 224,
  .build = dropping_build,
};

static NmdLearner *
new_learner_of (const NmdNetwork *network, double seed, gboolean dropout)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (GError) error = NULL;
  NmdLearner *learner;

  g_assert_true (nmd_parameters_set (parameters, "batch", BATCH, NULL));
  g_assert_true (nmd_parameters_set (parameters, "seed", seed, NULL));
  g_assert_true (nmd_parameters_set (parameters, "dropout", dropout, NULL));
  learner = nmd_learner_new (network, parameters, "reference", 1, &error);
  g_assert_no_error (error);
  g_assert_true (nmd_learner_start (learner, NULL, &error));
  g_assert_no_error (error);
  return learner;
}

static NmdLearner *
new_learner (double seed)
{
  return new_learner_of (&tiny_network, seed, TRUE);
}

static NmdWeights *
save (NmdLearner *learner)
{
  g_autoptr (GError) error = NULL;
  NmdWeights *weights = nmd_learner_save (learner, &error);

  g_assert_no_error (error);
  return weights;
}

static double
step (NmdLearner *learner, int b, int n, gint64 t)
{
  g_autoptr (GError) error = NULL;
  double loss = NAN;

  g_assert_true (nmd_learner_step (learner, images[b], targets, n, 1e-2, t, 0, (guint)t,
                                   &loss, &error));
  g_assert_no_error (error);
  return loss;
}

static void
assert_same (const NmdWeights *a, const NmdWeights *b)
{
  g_assert_cmpuint (nmd_weights_get_n (a), ==, nmd_weights_get_n (b));
  for (guint i = 0; i < nmd_weights_get_n (a); i++)
    {
      const char *name = nmd_weights_get_name (a, i);
      NmdShape shape, other;
      const float *x = nmd_weights_get (a, name, &shape),
                  *y = nmd_weights_get (b, name, &other);
      gsize bytes = nmd_shape_count (&shape) * sizeof *x;

      g_assert_nonnull (y);
      g_assert_true (nmd_shape_equal (&shape, &other));
      g_assert_cmpmem (x, bytes, y, bytes);
    }
}

static void
test_learns (void)
{
  g_autoptr (NmdLearner) learner = new_learner (1);
  float logits[2 * NMD_EVALUATION_BATCH];
  double first = step (learner, 0, BATCH, 1), last = first;
  int right = 0;

  for (int t = 2; t <= 80; t++)
    last = step (learner, 0, BATCH, t);
  g_assert_cmpfloat (first, <, 2);
  g_assert_cmpfloat (last, <, 0.3 * first);
  g_assert_true (nmd_learner_logits (learner, images[0], logits, NULL));
  for (int i = 0; i < BATCH; i++)
    right += (logits[2 * i + 1] > logits[2 * i]) == (i % 2 == 1);
  g_assert_cmpint (right, ==, BATCH);
}

static void
test_bits (void)
{
  g_autoptr (NmdLearner) one = new_learner (1);
  g_autoptr (NmdLearner) two = new_learner (1);
  g_autoptr (NmdLearner) other = new_learner (2);
  g_autoptr (NmdWeights) a = NULL;
  g_autoptr (NmdWeights) b = NULL;
  g_autoptr (NmdWeights) half = NULL;
  g_autoptr (NmdWeights) resumed = NULL;
  g_autoptr (GError) error = NULL;

  for (int t = 1; t <= 6; t++)
    {
      step (one, t % 2, t == 4 ? 5 : BATCH, t); /* a remainder in between */
      step (two, t % 2, t == 4 ? 5 : BATCH, t);
      if (t == 3)
        half = save (two);
    }
  a = save (one);
  b = save (two);
  assert_same (a, b);

  /* The store is all there is: put back, it goes on to the same bits, in another learner
   * too. */
  g_assert_true (nmd_learner_load (other, half, "half", &error));
  g_assert_no_error (error);
  for (int t = 4; t <= 6; t++)
    step (other, t % 2, t == 4 ? 5 : BATCH, t);
  resumed = save (other);
  assert_same (a, resumed);
}

static void
test_refused (void)
{
  g_autoptr (NmdLearner) learner = new_learner (1);
  g_autoptr (NmdWeights) weights = nmd_learner_get_weights (learner, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (nmd_learner_load (learner, weights, "last.safetensors", &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_true (g_str_has_prefix (error->message, "last.safetensors has no tensor "));
}

static const float *
values (const NmdWeights *weights, const char *name, gsize *n)
{
  NmdShape shape;
  const float *got = nmd_weights_get (weights, name, &shape);

  g_assert_nonnull (got);
  *n = nmd_shape_count (&shape);
  return got;
}

/* Three models enter with equal weight: the average is (a + b + c)/3. */
static void
test_average (void)
{
  static const char *const names[]
      = { "conv.weight", "conv.bias", "bn.weight", "bn.bias", "fc.weight", "fc.bias" };
  g_autoptr (NmdLearner) learner = new_learner (3);
  NmdWeights *models[3];
  g_autoptr (NmdWeights) all = NULL;
  g_autoptr (NmdWeights) taken = NULL;
  gsize n;

  for (int k = 0; k < 3; k++)
    {
      step (learner, 0, BATCH, k + 1);
      g_assert_true (nmd_learner_average (learner, k, NULL));
      models[k] = save (learner);
    }
  all = save (learner);
  g_assert_true (nmd_learner_take_average (learner, NULL));
  taken = nmd_learner_get_weights (learner, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strconcat ("average:", names[i], NULL);
      const float *average = values (all, name, &n), *now = values (taken, names[i], &n);

      for (gsize j = 0; j < n; j++)
        {
          double sum = 0;

          for (int k = 0; k < 3; k++)
            sum += (double)values (models[k], names[i], &n)[j];
          g_assert_true (fabs ((double)average[j] - sum / 3) <= 1e-6 * (1 + fabs (sum)));
          g_assert_true (now[j] == average[j]);
        }
    }
  for (int k = 0; k < 3; k++)
    nmd_weights_unref (models[k]);
  for (gsize j = 0; j < 4; j++)
    {
      g_assert_cmpfloat ((double)values (taken, "bn.running_mean", &n)[j], ==, 0);
      g_assert_cmpfloat ((double)values (taken, "bn.running_var", &n)[j], ==, 1);
    }
}

/* The cumulative mean over two batches is the mean of each batch's own statistics. */
static void
test_renewal (void)
{
  static const char *const names[] = { "bn.running_mean", "bn.running_var" };
  g_autoptr (NmdLearner) learner = new_learner (4);
  NmdWeights *alone[2];
  g_autoptr (NmdWeights) before = NULL;
  g_autoptr (NmdWeights) both = NULL;
  gsize n;

  step (learner, 0, BATCH, 1);
  before = save (learner);
  for (int b = 0; b < 2; b++)
    {
      g_assert_true (nmd_learner_renew (learner, images[b],
                                        b == 0 ? NMD_EVALUATION_BATCH : 5, 0, NULL));
      alone[b] = save (learner);
    }
  g_assert_true (nmd_learner_renew (learner, images[0], NMD_EVALUATION_BATCH, 0, NULL));
  g_assert_true (nmd_learner_renew (learner, images[1], 5, 1, NULL));
  both = save (learner);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (gsize j = 0; j < 4; j++)
      {
        double a = (double)values (alone[0], names[i], &n)[j],
               b = (double)values (alone[1], names[i], &n)[j];
        double got = (double)values (both, names[i], &n)[j];

        g_assert_true (fabs (a - b) > 1e-5);
        g_assert_true (fabs (got - (a + b) / 2) <= 1e-6 * (1 + fabs (got)));
      }
  /* Renewal moves statistics and nothing else. */
  g_assert_cmpmem (values (before, "conv.weight", &n), 4 * n,
                   values (both, "conv.weight", &n), 4 * n);
  g_assert_cmpmem (values (before, "adam.m:fc.weight", &n), 4 * n,
                   values (both, "adam.m:fc.weight", &n), 4 * n);
  nmd_weights_unref (alone[0]);
  nmd_weights_unref (alone[1]);
}

/* The mask's definition, spelt out, and its share. */
static void
test_dropout_mask (void)
{
  enum
  {
    N = 100000
  };
  g_autofree float *mask = g_new (float, N), *u = g_new (float, N);
  guint dropped = 0;

  nmd_learner_draw_dropout (7, 3, 11, 0.2, mask, N);
  nmd_random_fill ("7:dropout:3:11", u, N);
  for (int i = 0; i < N; i++)
    {
      g_assert_true (mask[i] == (((double)u[i] + 1) / 2 < 0.2 ? 0.0f : 1.25f));
      dropped += mask[i] == 0;
    }
  g_assert_cmpfloat (fabs (dropped / (double)N - 0.2), <, 0.005);
}

static NmdWeights *
train_dropping (const NmdNetwork *network, gboolean dropout, int from)
{
  g_autoptr (NmdLearner) learner = new_learner_of (network, 6, dropout);
  g_autoptr (GError) error = NULL;

  for (int t = from; t < from + 4; t++) /* a remainder among them */
    step (learner, t % 2, t == from + 2 ? 5 : BATCH, t);
  g_assert_true (nmd_learner_renew (learner, images[0], 5, 0, &error));
  g_assert_no_error (error);
  return save (learner);
}

/* The same seed gives the same bits; switched off it is as if
 * the network had none. */
static void
test_dropout (void)
{
  g_autoptr (NmdWeights) one = train_dropping (&dropping_network, TRUE, 1);
  g_autoptr (NmdWeights) two = train_dropping (&dropping_network, TRUE, 1);
  g_autoptr (NmdWeights) off = train_dropping (&dropping_network, FALSE, 1);
  g_autoptr (NmdWeights) none = train_dropping (&tiny_network, TRUE, 1);
  NmdShape shape;
  const float *a = nmd_weights_get (one, "fc.weight", &shape),
              *b = nmd_weights_get (off, "fc.weight", NULL);

  assert_same (one, two);
  assert_same (off, none);
  g_assert_true (memcmp (a, b, 4 * nmd_shape_count (&shape)) != 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  make_data ();
  g_test_add_func ("/learner/learns", test_learns);
  g_test_add_func ("/learner/bits", test_bits);
  g_test_add_func ("/learner/refused", test_refused);
  g_test_add_func ("/learner/average", test_average);
  g_test_add_func ("/learner/renewal", test_renewal);
  g_test_add_func ("/learner/dropout-mask", test_dropout_mask);
  g_test_add_func ("/learner/dropout", test_dropout);
  return g_test_run ();
}
