/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernels of nmd-cuda-norm.cu, compiled for the host.
 */
#include "engine/backend/cuda/nmd-cuda-norm.cu"
