/* SPDX-License-Identifier: Apache-2.0
 *
 * All that this program calls of oneDNN, for its C APIs 2.x and 3.x alike. A build without oneDNN has
 * nmd-onednn-absent.c in its place: products are the kernels' own, and there is no convolution.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "oneDNN 2.6.3": the version of the library that is loaded; "built without oneDNN". Any thread. */
const char *nmd_onednn_version (void);

/* Whether oneDNN can use this processor; to be asked before the first convolution. Any thread.
 * Errors: %NMD_ERROR_DEVICE. */
gboolean    nmd_onednn_start   (GError **error);

/* Row-major C[m,n] = op(A)·op(B) + beta·C, op = transpose where asked, beta 0 or 1; ld in floats. Inside a
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

/* x [n,hi,wi,ci], y [n,ho,wo,co], both channels-last without gaps; square kernel, stride and
 * padding. */
typedef struct
{
  int n, ci, hi, wi, co, ho, wo, kernel, stride, pad;
} NmdOnednnShape;

typedef enum
{
  NMD_ONEDNN_FORWARD, /* x, w, optional b → y */
  NMD_ONEDNN_DATA,    /* dy, w → dx */
  NMD_ONEDNN_WEIGHTS, /* x, dy → dw */
} NmdOnednnDirection;

/* One direction of a direct convolution (never Winograd), compiled. The weights are in an order of
 * its own; pack and unpack go between that and row-major [co,ci,k,k]. A convolution belongs to one
 * thread at a time, but computes on as many threads as it is told. */
typedef struct _NmdOnednnConv NmdOnednnConv;

/* With @bias a vector [co] is added, with @slope ≥ 0 then a (leaky) ReLU applied, 0 for a plain
 * one; both forward only. NULL where oneDNN has no fast implementation of it, or only one that is
 * known to be wrong. */
NmdOnednnConv *nmd_onednn_conv_new           (const NmdOnednnShape *shape,
                                              NmdOnednnDirection    direction,
                                              gboolean              bias,
                                              double                slope,
                                              int                   threads);
void           nmd_onednn_conv_free          (NmdOnednnConv        *self);
gsize          nmd_onednn_conv_weight_floats (const NmdOnednnConv  *self);
gsize          nmd_onednn_conv_work_floats   (const NmdOnednnConv  *self);

/* @x, @w, @y are the three tensors of the direction (of which it writes one). Not in a parallel
 * region. The same @threads give the same bits. FALSE if oneDNN refused (out of memory). */
gboolean       nmd_onednn_conv_run           (NmdOnednnConv        *self,
                                              int                   threads,
                                              float                *x,
                                              float                *w,
                                              float                *y,
                                              float                *bias,
                                              float                *work);
gboolean       nmd_onednn_conv_pack          (NmdOnednnConv        *self,
                                              const float          *row_major,
                                              float                *packed);
gboolean       nmd_onednn_conv_unpack        (NmdOnednnConv        *self,
                                              const float          *packed,
                                              float                *row_major);

G_END_DECLS
