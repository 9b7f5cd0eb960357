/* SPDX-License-Identifier: Apache-2.0
 *
 * Every operation on every device of this machine, against the reference in double
 * precision: small integers bit for bit where sums are exact, random numbers to 1e-5,
 * after a run on NaN and twice in a row to the same bits. Gradients of the reference
 * itself are checked by central differences, alone and in random graphs. Backends that
 * are wrong on purpose have to be found.
 */
#include "tests/backend/test-ops.h"

#include "engine/backend/reference/nmd-reference-ops.h"

static void
test_case (const char *device_name, const char *text)
{
  g_autoptr (NmdSession) device = open_device (device_name),
                         exact = open_device ("reference64");
  g_auto (Built) built = { NULL };
  guint64 seed;
  double limit;

  build_case (&built, text);
  seed = draw_seed (exact, &built, text, &limit);
  /* with its gradients and as in inference, where other kernels work */
  for (int n_outputs = built.n_outputs; n_outputs > 0; n_outputs = n_outputs > 1)
    {
      g_autofree char *problem = NULL;
      built.n_outputs = n_outputs;
      problem = check (device, exact, &built, seed, limit);
      if (problem == NULL)
        continue;
      g_test_message ("%s, %s, %d outputs, seed %" G_GUINT64_FORMAT ": %s", device_name,
                      text, n_outputs, seed, problem);
      g_test_fail ();
    }
}

static void
test_device (gconstpointer data)
{
  for (guint i = 0; i < n_ops_cases; i++)
    test_case (data, ops_cases[i]);
}

static void
test_differences (void)
{
  g_autoptr (NmdSession) session = open_device ("reference64");

  for (guint i = 0; i < n_ops_cases; i++)
    {
      g_auto (Built) built = { NULL };
      const guint64 seed = 1; /* not fresh: others may come too near to a kink */
      double error;

      build_case (&built, ops_cases[i]);
      if (built.n_differentiable == 0)
        continue;
      error = check_gradients (session, &built, seed);
      if (!(error <= 1e-2))
        {
          g_test_message ("%s, seed %" G_GUINT64_FORMAT ": gradient is off by %g",
                          ops_cases[i], seed, error);
          g_test_fail ();
        }
    }
}

/* A node whose operation a backend does not know is an error of compile. */
static void
test_known (void)
{
  for (NmdOp op = 0; op < NMD_N_OPS; op++)
    g_assert_true (
        nmd_reference_knows (op)
        == (op != NMD_OP_INPUT && op != NMD_OP_CONSTANT && op != NMD_OP_STORE));
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) devices = nmd_devices_list ();
  const char *isa = g_getenv ("NMD_CPU_ISA"); /* a run that concerns one device alone */

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < devices->len; i++)
    {
      const NmdDevice *device = devices->pdata[i];
      g_autofree char *ops = g_strdup_printf ("/ops/%s", device->name);
      g_autofree char *graphs = g_strdup_printf ("/graphs/%s", device->name);

      if (device->unavailable != NULL || g_str_equal (device->name, "reference64")
          || (isa != NULL && !g_str_equal (device->name, "cpu")))
        continue;
      g_test_add_data_func (ops, device->name, test_device);
      g_test_add_data_func (graphs, device->name, test_device_graphs);
    }
  if (isa != NULL)
    return g_test_run ();
  g_test_add_func ("/gradients/operations", test_differences);
  g_test_add_func ("/gradients/random-graphs", test_random_graphs);
  g_test_add_func ("/wrong/values", test_wrong);
  g_test_add_func ("/wrong/gradient", test_wrong_gradient);
  g_test_add_func ("/wrong/kernels", test_wrong_kernels);
  g_test_add_func ("/ops/known", test_known);
  return g_test_run ();
}
