/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the reference backend's operations share: loops in threads, loops in
 * vectors, and the kernels that nmd-reference-ops.c lists but others define.
 */
#pragma once

#include "engine/backend/reference/nmd-reference-ops.h"

G_BEGIN_DECLS

/* Iterations go to threads in fixed shares; the bits never depend on how many there are. */
#if HAVE_OPENMP
#define PARALLEL(count) _Pragma (G_STRINGIFY (omp parallel for schedule (static) num_threads (count)))
#define SUM_SIMD(sum) _Pragma (G_STRINGIFY (omp simd reduction (+ : sum)))
#define SIMD _Pragma ("omp simd")
#else
#define PARALLEL(count)
#define SUM_SIMD(sum)
#define SIMD
#endif

/* A function that is compiled for wider vectors too; the sums are the same. Sanitizers and
 * the dynamic choice between the two do not go together. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)                                \
    && !defined(__SANITIZE_THREAD__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__ ((target_clones ("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

/* Threads for @work multiply-adds or so: little is done sooner by one than shared out. */
static inline int
nmd_reference_threads (const NmdReferenceStep *step, double work)
{
  return work < 1e6 ? 1 : step->threads;
}

/* nmd-reference-convs.c */
void nmd_reference_conv             (const NmdReferenceStep *step);
void nmd_reference_conv_grad_x      (const NmdReferenceStep *step);
void nmd_reference_conv_grad_w      (const NmdReferenceStep *step);

/* nmd-reference-tokens.c */
void nmd_reference_linear           (const NmdReferenceStep *step);
void nmd_reference_linear_grad_x    (const NmdReferenceStep *step);
void nmd_reference_linear_grad_w    (const NmdReferenceStep *step);
void nmd_reference_layer_norm       (const NmdReferenceStep *step);
void nmd_reference_layer_norm_gamma (const NmdReferenceStep *step);
void nmd_reference_tokens           (const NmdReferenceStep *step);
void nmd_reference_attention        (const NmdReferenceStep *step);
void nmd_reference_attention_grad   (const NmdReferenceStep *step);

/* nmd-reference-maps.c */
void nmd_reference_enlarge          (const NmdReferenceStep *step);
void nmd_reference_pixel_loss       (const NmdReferenceStep *step);

/* c[i][j] += Σ_k a(i, k)·b[k][j] for i < m, j < n, k < @depth; a(i, k) is a[i·a_row + k·a_column],
 * rows of b and c are @b_row and @c_row apart. */
void nmd_reference_product          (int           m,
                                     int           n,
                                     int           depth,
                                     const double *a,
                                     gssize        a_row,
                                     gssize        a_column,
                                     const double *b,
                                     gssize        b_row,
                                     double       *c,
                                     gssize        c_row);

G_END_DECLS
