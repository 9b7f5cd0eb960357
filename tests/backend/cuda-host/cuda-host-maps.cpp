/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernels of nmd-cuda-maps.cu, compiled for the host.
 */
#include "engine/backend/cuda/nmd-cuda-maps.cu"
