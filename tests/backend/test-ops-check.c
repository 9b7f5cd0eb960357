/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares what a device computes for a graph with the exact reference, and gradients with central
 * differences.
 */
#include "tests/backend/test-ops.h"

#include "engine/core/nmd-random.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef enum
{
  INTEGERS, /* −4 … 4 */
  RANDOM,   /* [−1, 1), or [0.1, 1.1) where signs make no sense */
  POISON,   /* NaN */
} Filling;
static void
fill (const Built *built, int i, Filling filling, guint64 seed, float *values, gsize n)
{
  const NmdNodeInfo *node = nmd_graph_get (built->graph, built->leaves[i]);
  g_autofree char *id = g_strdup_printf ("%d", i);
  NmdRandom stream;

  nmd_random_init_for (&stream, seed, "test", 0, id);
  for (gsize k = 0; k < n; k++)
    {
      const float u = nmd_random_u (&stream);

      if (filling == POISON)
        values[k] = NAN;
      else if (filling == INTEGERS)
        values[k] = floorf (u * 4.5f + 0.5f);
      else
        values[k] = built->positive && node->shape.n_dims == 1 ? fabsf (u) + 0.1f : u;
      if (built->positive && filling == RANDOM && node->op == NMD_OP_STORE)
        values[k] = fabsf (u) + 0.1f;
      if (filling == RANDOM)
        values[k] *= 1 + (float)(k % 3 == 1 ? -built->nudge : built->nudge) * FLT_EPSILON;
    }
}

/* Values of all outputs of one run, one after the other. */
static GArray *
run (NmdSession *session,
     NmdProgram *program,
     const Built *built,
     Filling filling,
     guint64 seed)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (float));
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < built->n_leaves; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (built->graph, built->leaves[i]);
      const gsize n = nmd_shape_count (&node->shape);
      g_autofree float *values = g_new (float, n);

      fill (built, i, filling, seed, values, n);
      if (node->op == NMD_OP_STORE)
        nmd_session_store_write (session, node->name, values, n, &error);
      else
        nmd_program_write (program, built->leaves[i], values, &error);
      g_assert_no_error (error);
    }
  nmd_program_run (program, &error);
  g_assert_no_error (error);
  for (int i = 0; i < built->n_outputs; i++)
    {
      const gsize n
          = nmd_shape_count (&nmd_graph_get (built->graph, built->outputs[i])->shape);
      const guint had = all->len;

      g_array_set_size (all, had + (guint)n);
      if (nmd_graph_get (built->graph, built->outputs[i])->op == NMD_OP_STORE)
        nmd_session_store_read (session,
                                nmd_graph_get (built->graph, built->outputs[i])->name,
                                &g_array_index (all, float, had), n, &error);
      else
        nmd_program_read (program, built->outputs[i], &g_array_index (all, float, had),
                          &error);
      g_assert_no_error (error);
    }
  return all;
}

static gboolean
same_bits (const GArray *a, const GArray *b)
{
  return a->len == b->len && memcmp (a->data, b->data, a->len * sizeof (float)) == 0;
}

/* Equal numbers; 0 and −0 are equal, NaN is equal to nothing. */
static gboolean
same_numbers (const GArray *a, const GArray *b)
{
  for (guint i = 0; i < a->len; i++)
    if (!(g_array_index (a, float, i) == g_array_index (b, float, i)))
      return FALSE;
  return a->len == b->len;
}

/* The worst ‖a − b‖/‖b‖ over outputs; NaN if there is one anywhere. Norms below @floor of
 * all outputs together count as that. */
static double
distance (const Built *built, const GArray *a, const GArray *b)
{
  double worst = 0, total = 0;
  guint at = 0;

  for (guint k = 0; k < b->len; k++)
    total += (double)g_array_index (b, float, k) * (double)g_array_index (b, float, k);

  for (int i = 0; i < built->n_outputs; i++)
    {
      const guint n = (guint)nmd_shape_count (
          &nmd_graph_get (built->graph, built->outputs[i])->shape);
      double difference = 0, norm = 0, error;

      for (guint k = at; k < at + n; k++)
        {
          const double x = (double)g_array_index (a, float, k);
          const double y = (double)g_array_index (b, float, k);

          difference += (x - y) * (x - y);
          norm += y * y;
        }
      at += n;
      norm = MAX (norm, built->floor * built->floor * total);
      error = difference == 0 ? 0 : sqrt (difference / norm);
      worst = isnan (worst) || isnan (error) ? NAN : MAX (worst, error);
    }
  return worst;
}

/* NULL if @device computes @built as the exact reference does, else what is wrong. */
char *
check (
    NmdSession *device, NmdSession *exact, const Built *built, guint64 seed, double limit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdProgram) program = nmd_session_compile (
      device, built->graph, built->outputs, built->n_outputs, &error);
  g_autoptr (NmdProgram) expected = NULL;
  g_autoptr (GArray) first = NULL, poisoned = NULL, second = NULL, third = NULL,
                     right = NULL;
  double error_l2;

  if (program == NULL)
    return g_strdup (error->message);
  expected = nmd_session_compile (exact, built->graph, built->outputs, built->n_outputs,
                                  &error);
  g_assert_no_error (error);
  if (built->exact)
    {
      first = run (device, program, built, INTEGERS, seed);
      right = run (exact, expected, built, INTEGERS, seed);
      if (!same_numbers (first, right))
        return g_strdup_printf ("integers are not exact (L2 %g)",
                                distance (built, first, right));
      g_clear_pointer (&first, g_array_unref);
      g_clear_pointer (&right, g_array_unref);
    }
  first = run (device, program, built, RANDOM, seed);
  right = run (exact, expected, built, RANDOM, seed);
  error_l2 = distance (built, first, right);
  if (!(error_l2 <= limit))
    return g_strdup_printf ("random numbers differ by %g", error_l2);
  poisoned = run (device, program, built, POISON, seed);
  second = run (device, program, built, RANDOM, seed);
  third = run (device, program, built, RANDOM, seed);
  if (!same_bits (first, second))
    return g_strdup ("a run on NaN changes the next run");
  if (!same_bits (second, third))
    return g_strdup ("two runs give different bits");
  return NULL;
}

static guint64
fresh_seed (void)
{
  return (guint64)(guint32)g_test_rand_int ();
}

NmdSession *
open_device (const char *name)
{
  g_autoptr (GError) error = NULL;
  NmdSession *session = nmd_session_open (name, 0, &error);

  g_assert_no_error (error);
  return session;
}

/* How far float32 itself strays on a graph, its inputs as they are or moved by a few
 * roundings: badly conditioned ones, and kinks as near as that, are not the device's
 * fault.
 */
double
float_error (NmdSession *exact, const Built *built, guint64 seed)
{
  g_autoptr (NmdSession) plain = open_device ("reference");
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdProgram) program = nmd_session_compile (
      plain, built->graph, built->outputs, built->n_outputs, &error);
  g_autoptr (NmdProgram) expected = NULL;
  g_autoptr (GArray) right = NULL;
  double most = 0;

  g_assert_no_error (error);
  expected = nmd_session_compile (exact, built->graph, built->outputs, built->n_outputs,
                                  &error);
  g_assert_no_error (error);
  right = run (exact, expected, built, RANDOM, seed);
  for (int nudge = -4; nudge <= 4; nudge += 2)
    {
      Built moved = *built;
      g_autoptr (GArray) values = NULL;

      moved.nudge = nudge;
      values = run (plain, program, &moved, RANDOM, seed);
      most = fmax (most, distance (built, values, right));
    }
  return most;
}

/* Whole blocks of layers, by the first word of their cases. */
static gboolean
is_block (const char *text)
{
  static const char *const blocks[]
      = { "ghost", "squeeze", "bottleneck", "cross-stage", "exchange", "transformer" };

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    if (g_str_has_prefix (text, blocks[i]))
      return TRUE;
  return FALSE;
}

/* Losses: one number, a sum of terms of both signs with these random targets. */
static gboolean
is_loss (const char *text)
{
  return g_str_has_prefix (text, "cross-entropy")
         || g_str_has_prefix (text, "pixel-cross-entropy")
         || strstr (text, "-loss ") != NULL;
}

/* A fresh seed and the limit for it. Operations alone are held to 1e-5. Losses may come
 * out near zero, where that is less than the rounding of their terms: there float32 itself
 * tells. So it does for whole blocks: two batch norms in a row divide rounding by a spread
 * that may be small; numbers that put an argument of a ReLU at its kink show nothing and
 * are drawn again. */
guint64
draw_seed (NmdSession *exact, const Built *built, const char *text, double *limit)
{
  guint64 seed = fresh_seed ();
  double error;

  *limit = 1e-5;
  if (is_loss (text))
    *limit = CLAMP (float_error (exact, built, seed), 1e-5, 1e-3);
  if (!is_block (text))
    return seed;
  error = float_error (exact, built, seed);
  for (int i = 0; i < 20 && !(error <= 3e-4); i++)
    {
      seed = fresh_seed ();
      error = float_error (exact, built, seed);
    }
  *limit = CLAMP (3 * error, 1e-4, 1e-3);
  return seed;
}

/* Central differences */

/* Σ dy·y of the first output, dy being the last leaf. */
static double
objective (const Built *built, NmdProgram *program, const float *dy)
{
  const gsize n
      = nmd_shape_count (&nmd_graph_get (built->graph, built->outputs[0])->shape);
  g_autofree float *y = g_new (float, n);
  double sum = 0;

  g_assert_true (nmd_program_run (program, NULL));
  g_assert_true (nmd_program_read (program, built->outputs[0], y, NULL));
  for (gsize i = 0; i < n; i++)
    sum += (double)dy[i] * (double)y[i];
  return sum;
}

/* How far the gradient by leaf @i is from the change along one random direction, relative
 * to the largest that it could be. */
static double
difference_error (const Built *built,
                  NmdProgram *program,
                  int i,
                  const float *gradient,
                  const float *dy,
                  guint64 seed)
{
  const gsize n
      = nmd_shape_count (&nmd_graph_get (built->graph, built->leaves[i])->shape);
  g_autofree float *x = g_new (float, n), *moved = g_new (float, n);
  double slope = 0, norm = 0, length = 0, change = 0;

  fill (built, i, RANDOM, seed, x, n);
  for (int side = 1; side >= -1; side -= 2)
    {
      NmdRandom stream;

      nmd_random_init_for (&stream, seed, "direction", i, "");
      for (gsize k = 0; k < n; k++)
        moved[k] = x[k] + (float)side * 1e-3f * nmd_random_u (&stream);
      g_assert_true (nmd_program_write (program, built->leaves[i], moved, NULL));
      change += side * objective (built, program, dy);
      for (gsize k = 0; k < n; k++)
        {
          /* what was really added, after rounding to float */
          const double step = (double)moved[k] - (double)x[k];

          slope += side * step * (double)gradient[k];
          length += step * step / 2;
        }
    }
  for (gsize k = 0; k < n; k++)
    norm += (double)gradient[k] * (double)gradient[k];
  g_assert_true (nmd_program_write (program, built->leaves[i], x, NULL));
  return fabs (change - slope) / (2 * sqrt (norm * length) + 1e-5);
}

/* The worst error over all differentiable leaves, which all have gradients. */
double
check_gradients (NmdSession *session, const Built *built, guint64 seed)
{
  const NmdShape *shape = &nmd_graph_get (built->graph, built->outputs[0])->shape;
  const gsize n_y = nmd_shape_count (shape);
  g_autofree float *dy = g_new (float, n_y);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdProgram) program = nmd_session_compile (
      session, built->graph, built->outputs, built->n_outputs, &error);
  g_autoptr (GArray) values = NULL;
  double worst = 0;
  gsize at = n_y;

  g_assert_no_error (error);
  g_assert_cmpint (built->n_outputs, ==, built->n_differentiable + 1);
  values = run (session, program, built, RANDOM, seed);
  fill (built, built->n_leaves - 1, RANDOM, seed, dy, n_y);
  for (int i = 0; i < built->n_differentiable; i++)
    {
      const double found = difference_error (
          built, program, i, &g_array_index (values, float, at), dy, seed);

      worst = isnan (worst) || isnan (found) ? NAN : MAX (worst, found);
      at += nmd_shape_count (&nmd_graph_get (built->graph, built->leaves[i])->shape);
    }
  return worst;
}
