/* SPDX-License-Identifier: Apache-2.0
 *
 * Random small networks for tests of a backend against the reference.
 */
#pragma once

#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-random.h"

#define NETWORK_MOST 64

typedef struct
{
  NmdGraph *graph;
  NmdRandom random;
  NmdNode pool[NETWORK_MOST]; /* images and vectors so far */
  int n_pool;
  NmdNode leaves[NETWORK_MOST]; /* inputs and store tensors that want gradients */
  int n_leaves;
  int names;
} Maker;

/* A number below @n; the shape of @node; a leaf, store tensors and inputs in turn; a node of one input
 * (@b none) or two. */
int             maker_draw  (Maker *m, int n);
const NmdShape *maker_shape (const Maker *m, NmdNode node);
NmdNode         maker_leaf  (Maker *m, int n_dims, int a, int b, int c, int d);
NmdNode         maker_add   (Maker *m, NmdOp op, const NmdAttributes *at, NmdNode a, NmdNode b);

typedef struct
{
  NmdNode nodes[2 * NETWORK_MOST];
  int n;
} Outputs;

/* A random network; if @back_too its gradients by all leaves and updates of some of them. */
NmdGraph *network_make        (guint64 seed, gboolean back_too, Outputs *out);
/* Fills all leaves by their names; variances are positive. */
void      network_fill        (NmdSession *session, NmdProgram *program, const NmdGraph *graph);
/* Values of all outputs of two runs in a row, as many floats. */
GArray   *network_compute     (const char *device, int threads, const NmdGraph *graph,
                               const Outputs *out);
/* The largest difference; NaN if there is one. */
double    network_difference  (const GArray *a, const GArray *b);
/* How far roundings may take network @seed, whose values on the reference are @want. */
double    network_sensitivity (guint64 seed, const NmdGraph *graph, const Outputs *out,
                               const GArray *want);
