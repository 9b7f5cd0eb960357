/* SPDX-License-Identifier: Apache-2.0
 *
 * All that this program calls of oneDNN, for its C APIs 2.x and 3.x alike.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "oneDNN 2.6.3": the version of the library that is loaded. */
const char *nmd_onednn_version (void);

/* Row-major C[m,n] = op(A)·op(B) + beta·C, op = transpose where asked; ld in floats. Inside a
 * parallel region it computes on the calling thread alone, so the same call gives the same bits.
 * Any thread. Returns FALSE if oneDNN refused (out of memory). */
gboolean    nmd_onednn_gemm    (gboolean     transpose_a,
                                gboolean     transpose_b,
                                long         m,
                                long         n,
                                long         k,
                                const float *a,
                                long         lda,
                                const float *b,
                                long         ldb,
                                float        beta,
                                float       *c,
                                long         ldc);

G_END_DECLS
