/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of operations: what the graph, differentiation, the summary and the backends know of an
 * operation beyond what it computes (nmd-node.h).
 *
 * A new operation is: its number and text in nmd-node.h, its row in nmd-ops.c (with rules of
 * nmd-shape-rules.c and nmd-gradient-rules.c, which often serve as they are), its loops in
 * engine/backend/reference, its steps in cpu/ops and cpu/lower, its kernel in cuda. A backend that
 * lacks it refuses the graph by the operation's name.
 */
#pragma once

#include "engine/nn/graph/nmd-gradient-rules.h"
#include "engine/nn/graph/nmd-node.h"
#include "engine/nn/graph/nmd-shape-rules.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name;         /* "conv-grad-x" */
  const char *inputs;       /* "x w [b]": in order, optional ones in brackets */
  NmdShapeRule shape;
  NmdGradientRule gradient; /* NULL: has none */
  /* Multiply-adds for inputs of shapes @in; NULL: not counted. */
  gint64 (*macs) (const NmdNodeInfo *node, const NmdShape *const *in);
  guint overwrites;         /* bit i: input i is a STORE node that is overwritten; 0: no update */
  gboolean no_layer;        /* leaves and changes of shape alone: not in a summary */
} NmdOpInfo;

/* The row of @op; static. Any thread. */
const NmdOpInfo *nmd_op_get_info     (NmdOp  op);

/* "conv-grad-x"; static. Any thread. */
const char      *nmd_op_get_name     (NmdOp  op);

/* How many inputs @op takes. */
void             nmd_op_count_inputs (NmdOp  op,
                                      int   *least,
                                      int   *most);

G_END_DECLS
