/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs: NmdBackend's functions of the same names.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

gpointer     nmd_cuda_compile    (gpointer session, const NmdGraph *graph, const gboolean *needed,
                                  const int *handles, const gboolean *is_output, GError **error);
void         nmd_cuda_free       (gpointer program);
gboolean     nmd_cuda_write      (gpointer program, NmdNode node, const float *values, GError **error);
gboolean     nmd_cuda_run        (gpointer program, GError **error);
gboolean     nmd_cuda_read       (gpointer program, NmdNode node, float *values, GError **error);
gboolean     nmd_cuda_wait       (gpointer program, GError **error);
gsize        nmd_cuda_get_bytes  (gpointer program);
void         nmd_cuda_profile    (gpointer program, gboolean on);
const NmdStepInfo *nmd_cuda_get_steps (gpointer program, int *n);

#pragma GCC visibility pop

G_END_DECLS
