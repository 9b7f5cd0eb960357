/* SPDX-License-Identifier: Apache-2.0
 *
 * How far two sets of weights are apart.
 */
#pragma once

#include "engine/nn/nmd-weights.h"

/* ‖a − b‖/‖b‖ over all tensors of @b whose name begins with @prefix; NaN stays. */
double weights_distance (const NmdWeights *a, const NmdWeights *b, const char *prefix);
