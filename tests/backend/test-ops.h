/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of test-ops share.
 */
#pragma once

#include "engine/backend/nmd-session.h"
#include "engine/nn/graph/nmd-graph.h"

G_BEGIN_DECLS

enum
{
  MAX_LEAVES = 40,
  MAX_OUTPUTS = 48
};

/* A graph under test. Leaves are its inputs and store tensors in order. */
typedef struct
{
  NmdGraph *graph;
  NmdNode leaves[MAX_LEAVES];
  int n_leaves;
  int n_differentiable; /* the first of the leaves */
  NmdNode outputs[MAX_OUTPUTS];
  int n_outputs;
  gboolean exact;    /* integers give exact results */
  double floor;      /* of norms, see distance() */
  gboolean positive; /* leaf 1 is a variance and the like: all values are made positive */
  int nudge;         /* roundings that random values are moved by, each its own way */
} Built;

static inline void
built_clear (Built *self)
{
  g_clear_pointer (&self->graph, nmd_graph_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Built, built_clear)

/* A case in numbers; letters that are not given are 0. */
typedef struct
{
  char op[32];
  int value[128];
} Case;

/* One line an operation and shape: test-ops-table.c. */
extern const char *const ops_cases[];
extern const guint n_ops_cases;

/* test-ops-cases.c: a new leaf; a node named after its operation; blocks of nodes. */
NmdNode leaf        (Built *self, const int *dims, int n_dims);
NmdNode leaf4       (Built *self, int n, int c, int h, int w);
NmdNode leaf1       (Built *self, int c);
NmdNode add         (Built *self, NmdOp op, const NmdAttributes *at, const NmdNode *inputs, int n);
NmdNode batch_norm  (Built *self, NmdNode x, NmdNode gamma, NmdNode beta);
NmdNode layer_norm  (Built *self, NmdNode x);
NmdNode linear      (Built *self, NmdNode x, int out);
NmdNode activate    (Built *self, NmdActivation activation, NmdNode x);
NmdNode pointwise   (Built *self, NmdNode x, int out);
NmdNode pointwise_norm (Built *self, NmdNode x, int out);

/* [n,c,h,w], or [n,c] where no size is given. */
NmdNode leaf_of     (Built *self, const Case *c);
gboolean is_op      (const Case *c, const char *op);

/* test-ops-maps.c */
NmdNode build_enlarge      (Built *self, const Case *c);
NmdNode build_pixel_loss   (Built *self, const Case *c);
NmdNode build_outline_loss (Built *self, const Case *c);

/* Makes @y an output, and its gradients by all differentiable leaves. */
void    finish      (Built *self, NmdNode y);

/* The graph of one line of the table. */
void    build_case  (Built *self, const char *text);

/* test-ops-check.c: a session on device @name. */
NmdSession *open_device (const char *name);

/* NULL if @device computes @built as the exact reference does, else what is wrong. */
char *check           (NmdSession *device, NmdSession *exact, const Built *built, guint64 seed,
                       double limit);

/* How far float32 itself strays on @built. */
double float_error    (NmdSession *exact, const Built *built, guint64 seed);

/* A fresh seed for the case @text, and its limit. */
guint64 draw_seed     (NmdSession *exact, const Built *built, const char *text, double *limit);

/* The worst error of gradients by central differences. */
double check_gradients (NmdSession *session, const Built *built, guint64 seed);

/* test-ops-random.c, test-ops-wrong.c */
void test_random_graphs  (void);
void test_device_graphs  (gconstpointer data);
void test_wrong          (void);
void test_wrong_gradient (void);
void test_wrong_kernels  (void);

G_END_DECLS
