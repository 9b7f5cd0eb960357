/* SPDX-License-Identifier: Apache-2.0
 *
 * bfloat16 on the processor: its rounding against arithmetic in double, and trainings whose groups of steps hand each
 * other bfloat16 beside those with float32: losses within the roundings, less memory, the same bits twice, whole images
 * and bands of rows, one to three threads. Gradients of a network that has learnt nothing are too ill-conditioned to be
 * compared (roundings of float32 move them by 1e-3, ten thousand times their size): they are compared with the same
 * values handed on unrounded.
 */
#include "engine/backend/cpu/kernels/nmd-kernels.h"
#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-random.h"
#include "engine/nn/nmd-network.h"
#include "distance.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define BATCH 64 /* at least as many as threads, on most machines */
#define SIZE 64

/* Rounding */

/* The nearest of the numbers with eight bits, of two the even one. */
static float
nearest (float x)
{
  /* 3.3895e38 and half a step */
  const double least = ldexp (1, -133), overflow = ldexp (2 - ldexp (1, -8), 127);
  int e;
  const double m = frexp ((double)x, &e);

  if (!isfinite (x))
    return x;
  if (fabs ((double)x) >= overflow)
    return x > 0 ? INFINITY : -INFINITY;
  if (e < -125)
    return (float)(rint ((double)x / least) * least);
  return (float)ldexp (rint (ldexp (m, 8)), e - 8);
}

/* Any bits, among them numbers just between two. */
static float
draw (NmdRandom *random, long i)
{
  static const float special[]
      = { 0,        -0.0f,   1,      INFINITY, -INFINITY,   NAN,        FLT_MAX,
          -FLT_MAX, FLT_MIN, 1e-40f, 3.39e38f, 1.00390625f, 1.01171875f };
  guint32 bits = (guint32)(nmd_random_uniform (random) * 4294967295.0);
  float x;

  if (i < (long)G_N_ELEMENTS (special))
    return special[i];
  if (i % 3 == 0)
    bits = (bits & 0xffff0000) | 0x8000;
  memcpy (&x, &bits, sizeof x);
  return x;
}

static void
check_matrix (const NmdKernels *k, long rows, long c, long gap, long shift)
{
  const long ld = c + gap;
  g_autofree float *x = g_new (float, rows *ld), *back = g_new (float, rows *ld);
  guint16 *memory
      = g_aligned_alloc0 ((gsize)(rows * ld + shift + 8), sizeof (guint16), 64);
  guint16 *y = memory + shift;
  NmdRandom random;

  nmd_random_init (&random, "bf16");
  for (long i = 0; i < rows * ld; i++)
    {
      x[i] = draw (&random, i);
      y[i] = 0x1234;
      back[i] = 77;
    }
  k->to_bf16 (rows, c, x, ld, y, ld);
  k->from_bf16 (rows, c, y, ld, back, ld);
  for (long i = 0; i < rows * ld; i++)
    {
      const float want = i % ld < c ? nearest (x[i]) : 77;

      if (i % ld >= c)
        g_assert_cmpuint (y[i], ==, 0x1234);
      if (!(isnan (want) ? isnan (back[i]) : memcmp (&want, &back[i], sizeof want) == 0))
        g_error ("%s, %ld × %ld: %.9g became %.9g, the nearest is %.9g", k->name, rows, c,
                 (double)x[i], (double)back[i], (double)want);
    }
  g_aligned_free (memory);
}

static void
test_rounding (void)
{
  static const char *const tables[] = { "c", "avx2", "avx512", "neon" };
  static const long widths[] = { 1, 3, 8, 16, 17, 24, 40, 63, 64, 130 };

  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    {
      const NmdKernels *k = nmd_kernels_named (tables[t]);

      for (guint i = 0; k != NULL && i < G_N_ELEMENTS (widths); i++)
        for (long shift = 0; shift < 3; shift++)
          {
            check_matrix (k, 1, 7 * widths[i], 0, shift);
            check_matrix (k, 9, widths[i], 0, shift);
            check_matrix (k, 9, widths[i], 5, shift);
          }
    }
}

/* Trainings */

typedef struct
{
  float loss; /* of the first step */
  NmdWeights *weights;
  gsize bytes;
} Trained;

static Trained
train (const NmdNetwork *network, const char *device, int threads)
{
  const NmdAdamSettings adam
      = { .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 1e-5 };
  const gboolean segments = network->task == NMD_TASK_SEGMENT;
  const gsize n = (gsize)BATCH * 3 * SIZE * SIZE,
              each = segments ? (gsize)SIZE * SIZE : 2;
  g_auto (NmdNetworkGraph) nodes = { 0 };
  g_autoptr (NmdWeights) fresh = nmd_network_init (network, 2, 3);
  g_autofree float *images = g_new (float, n), *targets = g_new0 (float, BATCH *each);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open (device, threads, &error);
  Trained trained = { 0 };

  g_assert_no_error (error);
  g_assert_true (nmd_network_training (&nodes, network, 2, BATCH, &adam, &error));
  g_autoptr (NmdProgram) program
      = nmd_session_compile (session, nodes.graph, &nodes.loss, 1, &error);
  g_assert_no_error (error);
  trained.bytes = nmd_program_get_bytes (program);
  g_assert_true (nmd_session_load (session, fresh, NULL, NULL));
  for (gsize i = 0; i < BATCH * each; i++)
    targets[i] = segments ? i % SIZE < 30 : i % 2 == i / 2 % 2;
  nmd_random_fill ("0:images:0:x", images, n);
  g_assert_true (nmd_program_write (program, nodes.images, images, NULL));
  g_assert_true (nmd_program_write (program, nodes.targets, targets, NULL));
  g_assert_true (nmd_program_write (program, nodes.lr, &(float){ 1e-3f }, NULL));
  g_assert_true (nmd_program_write (program, nodes.step, &(float){ 1 }, NULL));
  g_assert_true (nmd_program_write (program, nodes.share, &(float){ 0.1f }, NULL));
  g_assert_true (nmd_program_run (program, &error));
  g_assert_true (nmd_program_read (program, nodes.loss, &trained.loss, NULL));
  trained.weights = nmd_session_save (session, "", &error);
  g_assert_no_error (error);
  return trained;
}

static void
test_training (gconstpointer name)
{
  NmdNetwork network = *nmd_network_find (name, NULL);

  network.input_size = SIZE;
  for (int threads = 1; threads <= 3; threads++)
    for (int banded = 0; banded < 2; banded++)
      {
        if (banded)
          g_setenv ("NMD_CPU_CACHE", "20000", TRUE);
        g_setenv ("NMD_CPU_NARROW", "copy", TRUE);
        const Trained copied = train (&network, "cpu/bf16", threads);
        g_unsetenv ("NMD_CPU_NARROW");
        const Trained strict = train (&network, "cpu", threads),
                      narrow = train (&network, "cpu/bf16", threads),
                      again = train (&network, "cpu/bf16", threads);
        g_unsetenv ("NMD_CPU_CACHE");
        const double apart = weights_distance (copied.weights, strict.weights, "adam");

        g_test_message (
            "%d threads%s: loss %.6f, strict %.6f; unrounded gradients differ "
            "by %.3g; %.1f : %.1f MB",
            threads, banded ? ", bands" : "", (double)narrow.loss, (double)strict.loss,
            apart, (double)narrow.bytes / 1e6, (double)strict.bytes / 1e6);
        g_assert_cmpfloat (apart, <, 0.01);
        g_assert_cmpfloat (fabsf (copied.loss - strict.loss), <, 1e-5f);
        g_assert_cmpfloat (fabsf (narrow.loss - strict.loss), <, 2e-3f);
        /* not float32 by another name */
        g_assert_cmpfloat (narrow.loss, !=, strict.loss);
        g_assert_cmpfloat (narrow.loss, ==, again.loss);
        g_assert_cmpfloat (weights_distance (again.weights, narrow.weights, ""), ==, 0);
        g_assert_cmpfloat ((double)narrow.bytes, <, 0.75 * (double)strict.bytes);
        nmd_weights_unref (copied.weights);
        nmd_weights_unref (strict.weights);
        nmd_weights_unref (narrow.weights);
        nmd_weights_unref (again.weights);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bf16/rounding", test_rounding);
  if (g_get_num_processors () > BATCH)
    g_test_message ("more processors than images of a batch: nothing is narrowed here");
  else
    {
      g_test_add_data_func ("/bf16/nmdassistnet", "nmdassistnet", test_training);
      g_test_add_data_func ("/bf16/ghostunet", "ghostunet", test_training);
    }
  return g_test_run ();
}
