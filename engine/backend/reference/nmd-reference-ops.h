/* SPDX-License-Identifier: Apache-2.0
 *
 * The operations of the reference backend on plain arrays of double.
 */
#pragma once

#include "engine/nn/graph/nmd-graph.h"

G_BEGIN_DECLS

/* One node about to be computed. */
typedef struct
{
  const NmdNodeInfo *node;
  const NmdShape *shape[NMD_MAX_INPUTS]; /* of the inputs */
  double *in[NMD_MAX_INPUTS];            /* only store tensors are ever written */
  double *out;                           /* the value; an update's is in[0] */
  int threads;
} NmdReferenceStep;

/* Whether @op is computed here: all but leaves. */
gboolean nmd_reference_knows (NmdOp op);

/* Computes step->out; sums in double, whatever is stored afterwards. */
void     nmd_reference_compute (const NmdReferenceStep *step);

G_END_DECLS
