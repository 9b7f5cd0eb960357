/* SPDX-License-Identifier: Apache-2.0
 *
 * What the CUDA backend fuses, and what it must not: steps by name, values against the
 * reference.
 */
#include "cuda-patterns.h"

#include "engine/core/nmd-random.h"
#include "engine/nn/blocks/nmd-blocks.h"

#include <math.h>
#include <string.h>

typedef struct
{
  NmdGraph *graph;
  NmdNode x, outputs[4];
  int n_outputs;
} Pattern;

static void
pattern_clear (Pattern *self)
{
  g_clear_pointer (&self->graph, nmd_graph_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pattern, pattern_clear)

static void
pattern_init (Pattern *self, int n, int c, int h, int w)
{
  *self = (Pattern){ .graph = nmd_graph_new () };
  self->x = nmd_graph_input (self->graph, "x", (int[]){ n, c, h, w }, 4);
}

static void
want (Pattern *self, NmdNode node)
{
  g_assert_cmpint (node, !=, NMD_NODE_NONE);
  self->outputs[self->n_outputs++] = node;
}

/* All leaves from their names and @round; variances are positive. */
static void
fill (const NmdGraph *graph, NmdSession *session, NmdProgram *program, int round)
{
  g_autoptr (GError) error = NULL;

  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph, i);
      const gsize n = nmd_shape_count (&node->shape);
      g_autofree char *id = g_strdup_printf ("%d:%s:x", round, node->name);
      g_autofree float *values = g_new (float, n);

      if (node->op != NMD_OP_STORE && node->op != NMD_OP_INPUT)
        continue;
      nmd_random_fill (id, values, n);
      for (gsize k = 0; strstr (node->name, "var") != NULL && k < n; k++)
        values[k] = fabsf (values[k]) + 0.5f;
      if (node->op == NMD_OP_STORE)
        nmd_session_store_write (session, node->name, values, n, &error);
      else
        nmd_program_write (program, i, values, &error);
      g_assert_no_error (error);
    }
}

/* What @numerics gives in a first, a captured and a replayed run, each of other leaves;
 * @steps (nullable) are named one after the other: "a b c". */
static GArray *
compute (const Pattern *self, const char *numerics, const char *steps)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = cuda_test_open (numerics, &error);
  g_autoptr (NmdProgram) program = nmd_session_compile (
      session, self->graph, self->outputs, self->n_outputs, &error);
  g_autoptr (GString) names = g_string_new (NULL);
  GArray *all = g_array_new (FALSE, FALSE, sizeof (float));
  const NmdStepInfo *infos;
  int n;

  g_assert_no_error (error);
  infos = nmd_program_get_steps (program, &n);
  for (int i = 0; i < n; i++)
    if (!g_str_equal (infos[i].name, "weights to bfloat16"))
      g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "", infos[i].name);
  if (steps != NULL)
    g_assert_cmpstr (names->str, ==, steps);
  for (int round = 0; round < 3; round++)
    {
      fill (self->graph, session, program, round);
      nmd_program_run (program, &error);
      for (int i = 0; i < self->n_outputs; i++)
        {
          const NmdShape *shape = &nmd_graph_get (self->graph, self->outputs[i])->shape;
          const guint at = all->len;

          g_array_set_size (all, at + (guint)nmd_shape_count (shape));
          nmd_program_read (program, self->outputs[i], &g_array_index (all, float, at),
                            &error);
        }
      g_assert_no_error (error);
    }
  return all;
}

/* On the card, by @steps, @self gives the reference's values, and the same ones twice. */
static void
check_pattern (const Pattern *self, const char *steps)
{
  static const char *const numerics[] = { "", "/bf16" };
  static const double limits[] = { 1e-5, 4e-2 };
  g_autoptr (GArray) right = compute (self, NULL, NULL);

  for (guint k = 0; k < G_N_ELEMENTS (numerics); k++)
    {
      g_autoptr (GArray) got = compute (self, numerics[k], steps);
      g_autoptr (GArray) again = k == 0 ? compute (self, numerics[k], steps) : NULL;
      double worst = 0, top = 0;

      if (again != NULL)
        g_assert_cmpmem (got->data, got->len * sizeof (float), again->data,
                         again->len * sizeof (float));
      for (guint i = 0; i < right->len; i++)
        {
          const double a = (double)g_array_index (got, float, i),
                       b = (double)g_array_index (right, float, i);

          worst = fabs (a - b) <= worst ? worst : fabs (a - b);
          top = MAX (top, fabs (b));
        }
      if (!(worst <= limits[k] * top))
        g_error ("%s%s: differs by %g, largest value %g", steps, numerics[k], worst, top);
    }
}

/* Convolutions of all ways: depthwise, grouped, few channels, pointwise, dense. */
static const struct
{
  int c, out, kernel, stride, groups;
} ways[] = {
  { 8, 8, 3, 1, 8 }, { 6, 6, 5, 2, 6 },   { 6, 6, 7, 1, 6 }, { 8, 12, 3, 1, 2 },
  { 2, 1, 7, 1, 1 }, { 12, 20, 1, 1, 1 }, { 6, 5, 1, 1, 1 }, { 7, 9, 3, 2, 1 },
};

/* A frozen batch norm, the activation behind it and the bias before it are part of the
 * convolution's step, as is an activation alone where that saves a pass. */
void
cuda_patterns_frozen_norm (void)
{
  for (guint i = 0; i < 4 * G_N_ELEMENTS (ways); i++)
    {
      const gboolean own = i / 4 < 5, bias = i % 2 == 1, norm = i % 4 < 2;
      const NmdActivation kind = (NmdActivation)(i % 6);
      g_auto (Pattern) p = { NULL };
      NmdNode x;

      pattern_init (&p, 2, ways[i / 4].c, 9, 7);
      x = nmd_block_conv (p.graph, "conv", p.x, ways[i / 4].out, ways[i / 4].kernel,
                          ways[i / 4].stride, ways[i / 4].groups, bias);
      if (norm)
        x = nmd_block_batch_norm (p.graph, "bn", x, NMD_MODE_EVALUATION);
      want (&p, nmd_block_activation (p.graph, "act", x, kind));
      check_pattern (&p, own || bias || norm ? "conv" : "conv act");
    }
}

/* What is wanted for itself stays. */
static void
test_kept_values (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    for (int which = 0; which < 4; which++)
      {
        static const char *const steps[]
            = { "conv bn", "conv bn", "conv bn blend", "conv" };
        const NmdAttributes one = { .value = 1 };
        g_auto (Pattern) p = { NULL };
        NmdNode conv, norm, act;

        pattern_init (&p, 2, ways[i].c, 9, 7);
        conv = nmd_block_conv (p.graph, "conv", p.x, ways[i].out, ways[i].kernel,
                               ways[i].stride, ways[i].groups, FALSE);
        norm = nmd_block_batch_norm (p.graph, "bn", conv, NMD_MODE_EVALUATION);
        act = which < 3 ? nmd_block_activation (p.graph, "act", norm, NMD_SILU) : norm;
        want (&p, act);
        if (which == 0)
          want (&p, conv);
        else if (which == 1)
          want (&p, norm);
        else if (which == 2) /* statistics that the program itself renews */
          nmd_graph_add (
              p.graph, NMD_OP_BLEND, "", &one,
              (NmdNode[]){
                  nmd_graph_get (p.graph, norm)->inputs[1],
                  nmd_block_reduce (p.graph, "", conv, NMD_REDUCE_MEAN, NMD_AXES_NHW),
                  nmd_graph_input (p.graph, "share", (int[]){ 1 }, 1) },
              3);
        check_pattern (&p, which == 2 ? NULL : steps[which]);
      }
}

/* A layer and its activation. */
static void
test_linear (void)
{
  g_auto (Pattern) p = { NULL };
  NmdNode x;

  pattern_init (&p, 3, 10, 1, 1);
  x = nmd_block_flatten (p.graph, "flatten", p.x);
  x = nmd_block_activation (p.graph, "gelu", nmd_block_linear (p.graph, "fc1", x, 14),
                            NMD_GELU);
  want (&p, nmd_block_linear (p.graph, "fc2", x, 5));
  check_pattern (&p, "flatten fc1 fc2");
}

/* The maximum beside a mean, over channels or pixels, in either order, is one pass; long
 * sums are cut into parts. Others are not paired. */
static void
test_reduce_pairs (void)
{
  static const int sizes[][4] = { { 2, 8, 9, 7 },  { 3, 5, 40, 33 }, { 1, 70, 16, 16 },
                                  { 2, 1, 11, 6 }, { 2, 40, 1, 1 },  { 4, 33, 2, 3 } };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (sizes); i++)
    for (NmdAxes axes = NMD_AXES_HW; axes <= NMD_AXES_C; axes++)
      {
        const int *size = sizes[i / 2];
        const NmdReduce first = i % 2 == 0 ? NMD_REDUCE_MAX : NMD_REDUCE_MEAN;
        g_auto (Pattern) p = { NULL };
        NmdNode a, b, x;

        pattern_init (&p, size[0], size[1], size[2], size[3]);
        x = nmd_block_activation (p.graph, "x2", p.x, NMD_SILU);
        a = nmd_block_reduce (p.graph, i % 2 == 0 ? "max" : "mean", x, first, axes);
        b = nmd_block_reduce (p.graph, i % 2 == 0 ? "mean" : "max", x,
                              i % 2 == 0 ? NMD_REDUCE_MEAN : NMD_REDUCE_MAX, axes);
        if (i % 4 == 0)
          want (&p, a);
        want (&p, nmd_block_concat (p.graph, "both", b, a));
        check_pattern (&p, "x2 mean both");
      }
}

static void
test_no_pairs (void)
{
  g_auto (Pattern) p = { NULL };
  NmdNode x;

  pattern_init (&p, 2, 6, 5, 4);
  x = nmd_block_activation (p.graph, "x2", p.x, NMD_SILU);
  want (&p, nmd_block_reduce (p.graph, "hw", x, NMD_REDUCE_MAX, NMD_AXES_HW));
  want (&p, nmd_block_reduce (p.graph, "c", x, NMD_REDUCE_MEAN, NMD_AXES_C));
  want (&p, nmd_block_reduce (p.graph, "other", p.x, NMD_REDUCE_MEAN, NMD_AXES_HW));
  want (&p, nmd_block_reduce (p.graph, "sum", x, NMD_REDUCE_SUM, NMD_AXES_C));
  check_pattern (&p, "x2 hw c other sum");
}

/* A gate of channels: [n,c] from one or two vectors, as a map where @flat; or of pixels.
 */
static void
make_gate (Pattern *p, NmdActivation kind, gboolean two, gboolean flat, gboolean pixels)
{
  NmdGraph *graph = p->graph;
  NmdNode gate = p->x, other = p->x;

  gate = nmd_block_reduce (graph, "mean", gate, NMD_REDUCE_MEAN,
                           pixels ? NMD_AXES_C : NMD_AXES_HW);
  if (two)
    other = nmd_block_reduce (graph, "max", other, NMD_REDUCE_MAX,
                              pixels ? NMD_AXES_C : NMD_AXES_HW);
  if (flat)
    gate = nmd_block_flatten (graph, "flat", gate);
  if (flat && two)
    other = nmd_block_flatten (graph, "flat2", other);
  if (two)
    gate = nmd_block_add (graph, "sum", gate, other);
  gate = nmd_block_activation (graph, "gate", gate, kind);
  if (flat)
    gate = nmd_block_unflatten (graph, "map", gate);
  want (p, nmd_block_multiply (graph, "product", p->x, gate));
}

/* The sigmoid, the sum in it and the change of form behind it are the product's. */
static void
test_gates (void)
{
  for (int i = 0; i < 16; i++)
    {
      const gboolean two = (i & 1) != 0, flat = (i & 2) != 0, pixels = (i & 4) != 0;
      g_auto (Pattern) p = { NULL };

      if (flat && pixels)
        continue;
      pattern_init (&p, 2, i < 8 ? 7 : 8, 5, 4);
      make_gate (&p, i < 8 ? NMD_SIGMOID : NMD_HARD_SIGMOID, two, flat, pixels);
      check_pattern (&p, flat && two ? "mean flat flat2 product"
                         : flat      ? "mean flat product"
                                     : "mean product");
    }
}

/* A gate that is wanted for itself, of two products, of another kind, or behind a norm.
 */
static void
test_no_gates (void)
{
  static const char *const steps[]
      = { "mean sum product", "mean sum product", "mean sum product", "mean bn product",
          "mean sum product twice" };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_auto (Pattern) p = { NULL };
      NmdNode mean, sum, gate;

      pattern_init (&p, 2, 6, 5, 4);
      mean = nmd_block_reduce (p.graph, "mean", p.x, NMD_REDUCE_MEAN, NMD_AXES_HW);
      sum = i == 3 ? nmd_block_batch_norm (p.graph, "bn", mean, NMD_MODE_EVALUATION)
                   : nmd_block_add (p.graph, "sum", mean, mean);
      gate = nmd_block_activation (p.graph, "gate", sum, i == 2 ? NMD_RELU : NMD_SIGMOID);
      want (&p, nmd_block_multiply (p.graph, "product", p.x, gate));
      if (i == 0)
        want (&p, gate);
      else if (i == 1)
        want (&p, sum);
      else if (i == 4)
        want (&p, nmd_block_multiply (p.graph, "twice", p.x, gate));
      check_pattern (&p, steps[i]);
    }
}

void
cuda_patterns_add (void)
{
  g_test_add_func ("/cuda/patterns/frozen-norm", cuda_patterns_frozen_norm);
  g_test_add_func ("/cuda/patterns/kept-values", test_kept_values);
  g_test_add_func ("/cuda/patterns/linear", test_linear);
  g_test_add_func ("/cuda/patterns/reduce-pairs", test_reduce_pairs);
  g_test_add_func ("/cuda/patterns/no-pairs", test_no_pairs);
  g_test_add_func ("/cuda/patterns/gates", test_gates);
  g_test_add_func ("/cuda/patterns/no-gates", test_no_gates);
}
