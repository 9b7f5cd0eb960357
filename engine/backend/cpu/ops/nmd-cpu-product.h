/* SPDX-License-Identifier: Apache-2.0
 *
 * The matrix product of the CPU backend's steps.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

/* y[m,n] = a·b + beta·y on the calling thread, a and b transposed where @ta, @tb say so; ld in floats.
 * The same arguments give the same bits. FALSE if oneDNN refused (out of memory): y is of no use. */
gboolean nmd_cpu_product (const NmdCpuContext *context,
                          gboolean             ta,
                          gboolean             tb,
                          long                 m,
                          long                 n,
                          long                 k,
                          const float         *a,
                          long                 lda,
                          const float         *b,
                          long                 ldb,
                          float                beta,
                          float               *y,
                          long                 ldy);

G_END_DECLS
