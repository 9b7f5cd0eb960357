/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of the kernels of nmd-kernels.h. This folder's other files define them over the vector of
 * nmd-simd.h and are compiled once for each instruction set (meson.build gives NMD_KERNELS_SET, the
 * end of all symbols, and NMD_KERNELS_NAME). Which table is used is nmd-kernels-select.c's business.
 */
#include "engine/backend/cpu/kernels/nmd-kernels-private.h"

extern const NmdKernels NMD_KERNELS_TABLE;

#define ENTRY(name) .name = KERNEL (name),
const NmdKernels NMD_KERNELS_TABLE
    = { .name = NMD_KERNELS_NAME, .width = W, NMD_KERNELS (ENTRY) };
