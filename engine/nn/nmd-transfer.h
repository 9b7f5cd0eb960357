/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tensors of a weights file a network takes as its own: names and shapes compared before
 * any value is read. The head (whatever has another shape for another number of classes) may
 * differ and may be missing; everything else must be there as the network has it. A network may
 * also start with the encoder alone that it shares with networks of the other task.
 *
 * Wrappers put their own word before every name: "module." (DataParallel, AveragedModel),
 * "_orig_mod." (compiled modules), "model." (Lightning), also several of them. What most of the
 * names that have such words begin with is the file's prefix: those names are read without it, the
 * others as they are.
 */
#pragma once

#include "engine/nn/nmd-network.h"

G_BEGIN_DECLS

typedef struct
{
  const NmdNetwork *network;
  guint n_tensors;       /* of the network */
  guint n_used;          /* of them, taken from the file */
  int n_classes;         /* of the file's head; 0 if the file has none */
  char *prefix;          /* "module." … that names are read without; "" if there is none */
  GPtrArray *left_out;   /* char *: of the head, for another number of classes */
  GPtrArray *missing;    /* char *: not in the file: of the head, or all but the encoder */
  GPtrArray *unknown;    /* char *: in the file, not of the network (batch counters apart) */
  GPtrArray *converted;  /* char *: dtypes of used tensors other than F32, each once */
} NmdTransfer;

/**
 * nmd_transfer_new:
 * @entries: what nmd_weights_list() gave for @path
 * @n_classes: of the network that takes them; 0: as many as the file's head has
 *
 * A file that has the network's encoder (its patterns in NmdNetwork) and nothing else of it fits
 * too: a classifier's weights start a segmentation network with the same encoder, and the other
 * way round.
 *
 * Errors: %NMD_ERROR_SHAPE naming the tensor and both shapes; %NMD_ERROR_FORMAT if tensors are
 *   missing (how many, and the first), none is the network's, or two have one name without the
 *   prefix; all say which network the file fits if there is one.
 */
NmdTransfer *nmd_transfer_new   (const GPtrArray    *entries,
                                 const char         *path,
                                 const NmdNetwork   *network,
                                 int                 n_classes,
                                 GError            **error) G_GNUC_WARN_UNUSED_RESULT;
void         nmd_transfer_free  (NmdTransfer        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdTransfer, nmd_transfer_free)

/* The listed network that takes them as a whole, with the file's own number of classes; NULL if none
 * does. */
NmdTransfer *nmd_transfer_find  (const GPtrArray    *entries) G_GNUC_WARN_UNUSED_RESULT;

/* Copies from @file, which has the checked entries, what @target, the network's fresh weights,
 * takes. Returns the number of tensors. */
guint        nmd_transfer_apply (const NmdTransfer  *self,
                                 const NmdWeights   *file,
                                 NmdWeights         *target);

/* "64 × 3 × 7 × 7" of an entry, "1" of a scalar. */
char        *nmd_weights_entry_shape (const NmdWeightsEntry *entry) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
