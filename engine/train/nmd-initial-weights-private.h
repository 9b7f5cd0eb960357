/* SPDX-License-Identifier: Apache-2.0
 *
 * The weights that a training starts from when they come from a file, and the record of it that
 * run.json keeps.
 */
#pragma once

#include "engine/nn/nmd-transfer.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Reads what @network takes for @n_classes out of the safetensors file @path, on top of @seed's
 * fresh weights. @record gets
 * {"file", "sha256", "used", "tensors", "classes", "left_out": [], "missing": [],
 *  "unknown_count", "unknown": [the first few], "converted": []}, and "prefix" if names were read
 * without one.
 * Errors: those of nmd_transfer_new() and nmd_weights_load(). */
NmdWeights *nmd_initial_load (const char        *path,
                              const NmdNetwork  *network,
                              int                n_classes,
                              guint64            seed,
                              JsonNode         **record,
                              GCancellable      *cancellable,
                              GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* The record as a sentence for people; NULL if it is none. */
char       *nmd_initial_to_text (JsonNode *record) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
