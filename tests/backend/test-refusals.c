/* SPDX-License-Identifier: Apache-2.0
 *
 * The CPU backend when oneDNN refuses a call. The linker puts the functions below before
 * nmd_onednn_gemm(), …_conv_run() and …_conv_pack() (--wrap), so that any call can be
 * refused.
 */
#include "engine/backend/cpu/onednn/nmd-onednn.h"
#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-random.h"

#include <string.h>

/* Whether oneDNN is to have no engine. */
static gboolean no_engine;

int __real_dnnl_engine_create (void **, int, size_t);
int __wrap_dnnl_engine_create (void **, int, size_t);

int
__wrap_dnnl_engine_create (void **engine, int kind, size_t index)
{
  return no_engine ? 1 : __real_dnnl_engine_create (engine, kind, index);
}

/* Atomic, calls come from several threads: the call that brings it to 0 is refused; what
 * comes after it brings it below, as calls do where none is to be refused. */
static gint calls_left;
static gint n_refused; /* atomic */

/* Whether this call is to be refused. */
static gboolean
refuse (void)
{
  if (!g_atomic_int_dec_and_test (&calls_left))
    return FALSE;
  g_atomic_int_inc (&n_refused);
  return TRUE;
}

gboolean __real_nmd_onednn_gemm (gboolean,
                                 gboolean,
                                 long,
                                 long,
                                 long,
                                 const float *,
                                 long,
                                 const float *,
                                 long,
                                 float,
                                 float *,
                                 long);
gboolean __wrap_nmd_onednn_gemm (gboolean,
                                 gboolean,
                                 long,
                                 long,
                                 long,
                                 const float *,
                                 long,
                                 const float *,
                                 long,
                                 float,
                                 float *,
                                 long);
gboolean __real_nmd_onednn_conv_run (
    NmdOnednnConv *, int, float *, float *, float *, float *, float *);
gboolean __wrap_nmd_onednn_conv_run (
    NmdOnednnConv *, int, float *, float *, float *, float *, float *);
gboolean __real_nmd_onednn_conv_pack (NmdOnednnConv *, const float *, float *);
gboolean __wrap_nmd_onednn_conv_pack (NmdOnednnConv *, const float *, float *);

gboolean
__wrap_nmd_onednn_gemm (gboolean ta,
                        gboolean tb,
                        long m,
                        long n,
                        long k,
                        const float *a,
                        long lda,
                        const float *b,
                        long ldb,
                        float beta,
                        float *c,
                        long ldc)
{
  return !refuse ()
         && __real_nmd_onednn_gemm (ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc);
}

gboolean
__wrap_nmd_onednn_conv_run (NmdOnednnConv *self,
                            int threads,
                            float *x,
                            float *w,
                            float *y,
                            float *bias,
                            float *work)
{
  return !refuse () && __real_nmd_onednn_conv_run (self, threads, x, w, y, bias, work);
}

gboolean
__wrap_nmd_onednn_conv_pack (NmdOnednnConv *self, const float *row_major, float *packed)
{
  return !refuse () && __real_nmd_onednn_conv_pack (self, row_major, packed);
}

typedef struct
{
  NmdGraph *graph;
  NmdNode x, loss, update;
} Net;

static void
net_clear (Net *self)
{
  g_clear_pointer (&self->graph, nmd_graph_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Net, net_clear)

static NmdNode
constant (NmdGraph *graph, double value)
{
  const NmdAttributes at = { .value = value, .shape = { 1, { 1, 1, 1, 1 } } };
  return nmd_graph_add (graph, NMD_OP_CONSTANT, "", &at, NULL, 0);
}

/* A dense convolution, a pointwise one and attention, their mean, and Adam on the first
 * weights: products of all kinds, forwards and backwards. */
static Net
make_net (int n)
{
  const NmdAttributes conv = { .stride = 1, .padding = 1, .groups = 1 },
                      point = { .stride = 1, .groups = 1 }, heads = { .groups = 2 },
                      square = { .shape = { 4, { n, 48, 64, 1 } } },
                      mean = { .reduce = NMD_REDUCE_MEAN, .axes = NMD_AXES_NHW };
  Net net = { .graph = nmd_graph_new () };
  NmdGraph *g = net.graph;
  net.x = nmd_graph_input (g, "x", (int[]){ n, 16, 8, 8 }, 4);
  const NmdNode w1 = nmd_graph_store (g, "dense", TRUE, (int[]){ 32, 16, 3, 3 }, 4),
                w2 = nmd_graph_store (g, "pointwise", TRUE, (int[]){ 48, 32, 1, 1 }, 4),
                m = nmd_graph_store (g, "m", FALSE, (int[]){ 32, 16, 3, 3 }, 4),
                v = nmd_graph_store (g, "v", FALSE, (int[]){ 32, 16, 3, 3 }, 4);
  NmdNode y = nmd_graph_add (g, NMD_OP_CONV, "y1", &conv, (NmdNode[]){ net.x, w1 }, 2);
  y = nmd_graph_add (g, NMD_OP_CONV, "y2", &point, (NmdNode[]){ y, w2 }, 2);
  y = nmd_graph_add (g, NMD_OP_RESHAPE, "", &square, &y, 1);
  y = nmd_graph_add (g, NMD_OP_ATTENTION, "y3", &heads, &y, 1);
  net.loss = nmd_graph_add (g, NMD_OP_REDUCE, "loss", &mean, &y, 1);
  const NmdNode seed = nmd_graph_add (
      g, NMD_OP_CONSTANT, "",
      &(NmdAttributes){ .value = 1, .shape = { 1, { 16, 1, 1, 1 } } }, NULL, 0);
  NmdNode dw;
  g_autoptr (GError) error = NULL;
  gboolean ok = nmd_graph_differentiate (g, net.loss, seed, &w1, 1, &dw, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  const NmdAttributes adam = { .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8 };
  net.update = nmd_graph_add (
      g, NMD_OP_ADAM, "", &adam,
      (NmdNode[]){ w1, dw, m, v, constant (g, 1e-3), constant (g, 1) }, 6);
  ok = nmd_graph_check (g, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  return net;
}

static void
fill (float *values, gsize n, NmdRandom *random)
{
  for (gsize i = 0; i < n; i++)
    values[i] = (float)(nmd_random_uniform (random) - 0.5);
}

#define N_DENSE (32 * 16 * 9)

/* One run of a fresh program in which call number @refused of oneDNN is refused, or none
 * if it is 0; then, where that failed, one more in which none is. FALSE: there are fewer
 * calls. @loss, @dense: the values afterwards. */
static gboolean
run_refused (int n, int threads, int refused, float *loss, float *dense)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", threads, &error);
  g_assert_no_error (error);
  g_auto (Net) net = make_net (n);
  const NmdNode outputs[2] = { net.loss, net.update };
  g_autoptr (NmdProgram) program
      = nmd_session_compile (session, net.graph, outputs, 2, &error);
  g_assert_no_error (error);
  g_autofree float *x = g_new (float, n * 16 * 64);
  g_autofree float *before = g_new (float, N_DENSE);
  float pointwise[48 * 32];
  NmdRandom random;
  nmd_random_init (&random, "refusals");
  fill (x, (gsize)n * 16 * 64, &random);
  fill (before, N_DENSE, &random);
  fill (pointwise, G_N_ELEMENTS (pointwise), &random);
  g_assert_true (nmd_session_store_write (session, "dense", before, N_DENSE, NULL));
  g_assert_true (nmd_session_store_write (session, "pointwise", pointwise,
                                          G_N_ELEMENTS (pointwise), NULL));
  g_assert_true (nmd_program_write (program, net.x, x, NULL));

  g_atomic_int_set (&n_refused, 0);
  g_atomic_int_set (&calls_left, refused);
  const gboolean ok = nmd_program_run (program, &error);
  const gboolean reached = g_atomic_int_get (&n_refused) > 0;
  g_atomic_int_set (&calls_left, 0);
  if (refused > 0 && reached)
    {
      g_assert_error (error, NMD_ERROR, NMD_ERROR_DEVICE);
      g_assert_nonnull (strstr (error->message, "step “")); /* it is named */
      g_clear_error (&error);
      /* the failure came before the update */
      g_assert_true (nmd_session_store_read (session, "dense", dense, N_DENSE, NULL));
      g_assert_cmpmem (dense, sizeof (float) * N_DENSE, before, sizeof (float) * N_DENSE);
      g_assert_true (nmd_program_run (program, &error));
    }
  else
    g_assert_true (ok);
  g_assert_no_error (error);
  g_assert_true (nmd_program_read (program, net.loss, loss, NULL));
  g_assert_true (nmd_session_store_read (session, "dense", dense, N_DENSE, NULL));
  return refused == 0 || reached;
}

/* Every call of a run in turn. */
static void
test_products (gconstpointer data)
{
  const int n = GPOINTER_TO_INT (data) / 10, threads = GPOINTER_TO_INT (data) % 10;
  g_autofree float *loss = g_new (float, 64);
  g_autofree float *again = g_new (float, 64);
  g_autofree float *dense = g_new (float, N_DENSE);
  g_autofree float *dense_again = g_new (float, N_DENSE);
  int i;
  run_refused (n, threads, 0, loss, dense);
  for (i = 1; run_refused (n, threads, i, again, dense_again); i++)
    {
      g_assert_cmpmem (loss, sizeof (float) * 16, again, sizeof (float) * 16);
      g_assert_cmpmem (dense, sizeof (float) * N_DENSE, dense_again,
                       sizeof (float) * N_DENSE);
    }
  g_test_message ("%d calls of oneDNN in a run", i - 1);
  g_assert_cmpint (i, >, 8);
}

/* Comes first: an engine that has been made stays. */
static void
test_no_engine (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = NULL;
  no_engine = TRUE;
  session = nmd_session_open ("cpu", 1, &error);
  no_engine = FALSE;
  g_assert_error (error, NMD_ERROR, NMD_ERROR_DEVICE);
  g_assert_null (session);
  g_clear_error (&error);
  session = nmd_session_open ("cpu", 1, &error);
  g_assert_no_error (error);
  g_assert_nonnull (session);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refusals/no-engine", test_no_engine);
  g_test_add_data_func ("/refusals/one-thread", GINT_TO_POINTER (31), test_products);
  g_test_add_data_func ("/refusals/two-threads", GINT_TO_POINTER (32), test_products);
  /* threads share the image and wait for each other */
  g_test_add_data_func ("/refusals/shared-image", GINT_TO_POINTER (12), test_products);
  return g_test_run ();
}
