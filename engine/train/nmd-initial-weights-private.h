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
 * fresh weights. @path may be a run folder: then it is the file that the run scores with (average, else
 * best). @record gets {"run", "weights", "network"} of a run, and
 * {"file", "sha256", "used", "tensors", "classes", "left_out": [], "missing": [],
 *  "unknown_count", "unknown": [the first few], "converted": []}, and "prefix" if names were read
 * without one.
 * Errors: those of nmd_transfer_new(), nmd_weights_load() and nmd_run_open(). */
NmdWeights *nmd_initial_load (const char        *path,
                              const NmdNetwork  *network,
                              int                n_classes,
                              guint64            seed,
                              JsonNode         **record,
                              GCancellable      *cancellable,
                              GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* Without reading values: "358 of 360 tensors fit". Errors: as nmd_initial_load(). */
char       *nmd_initial_check (const char       *path,
                               const NmdNetwork *network,
                               GError          **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
