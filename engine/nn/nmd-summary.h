/* SPDX-License-Identifier: Apache-2.0
 *
 * A network as a table: its layers with the shapes of their values, parameters, multiply-adds
 * and memory, for one image. For people and `nmd model`; nothing computes with it.
 */
#pragma once

#include "engine/nn/nmd-network.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;        /* of the node: the PyTorch module's path where it is one's value */
  NmdOp op;
  NmdShape shape;    /* of the value, n = 1 */
  gint64 parameters; /* trainable values that no earlier layer has */
  gint64 macs;       /* multiply-adds */
  gint64 bytes;      /* of the value, in float32 */
} NmdLayer;

typedef struct
{
  GPtrArray *layers;              /* of NmdLayer, in the order of execution */
  gint64 parameters, macs, bytes; /* totals; bytes: every value kept, as training needs it */
} NmdSummary;

/* The forward pass in evaluation mode with @n_classes outputs; inputs, stored tensors and
 * changes of shape alone are no layers. Errors: %NMD_ERROR_SHAPE. */
NmdSummary *nmd_summary_new  (const NmdNetwork *network,
                              int               n_classes,
                              GError          **error) G_GNUC_WARN_UNUSED_RESULT;
void        nmd_summary_free (NmdSummary       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdSummary, nmd_summary_free)

G_END_DECLS
