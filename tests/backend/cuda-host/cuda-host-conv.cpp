/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernels of nmd-cuda-conv.cu, compiled for the host.
 */
#include "engine/backend/cuda/nmd-cuda-conv.cu"
