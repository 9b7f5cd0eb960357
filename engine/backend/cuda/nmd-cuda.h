/* SPDX-License-Identifier: Apache-2.0
 *
 * The CUDA backend.
 */
#pragma once

#include "engine/backend/nmd-backend-private.h"

G_BEGIN_DECLS

extern const NmdBackend nmd_backend_cuda;

G_END_DECLS
