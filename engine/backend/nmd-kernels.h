/* SPDX-License-Identifier: Apache-2.0
 *
 * The vector kernels of the CPU backend: everything that is bound by memory and that oneDNN does
 * not offer or does badly (batch norm by rows, depthwise and few-channel convolutions, gates,
 * Adam). One source is compiled three times, for AVX-512, for AVX2 with FMA and as plain C; each
 * gives one const table and the processor picks at run time. Convolutions that are matrix
 * products are oneDNN's (nmd-onednn-shim.h).
 *
 * A matrix is @rows × @c floats, row r at x + r·ld; a row is a pixel, its columns the channels.
 * So a channel slice of a wider tensor is a matrix whose ld is the tensor's channel count. Sums over
 * rows are taken in float over at most 256 rows and then added to doubles. Kernels know no
 * threads; callers give each thread its own rows and its own sums. Inputs and output may be the
 * same matrix for kernels that work element by element.
 *
 * Environment: NMD_CPU_ISA = c, avx2 or avx512 forces a table (for tests; ignored where the
 * processor lacks it).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One tap of a depthwise convolution: where its input begins and its weights, one a channel. */
typedef struct
{
  const float *x;
  const float *w;
} NmdTap;

/* One Adam step: g = dw + decay·w; m = beta1·m + rest1·g; v = beta2·v + rest2·g²;
 * w −= step·m/(√v·root + epsilon), step = lr/(1 − β1ᵗ), root = 1/√(1 − β2ᵗ), rest = 1 − β. */
typedef struct
{
  float beta1, rest1, beta2, rest2, decay, step, root, epsilon;
} NmdAdamStep;

typedef struct
{
  const char *name; /* "AVX-512", "AVX2", "C" */

  /* sum[c] += Σ (x − pivot), square[c] += Σ (x − pivot)² */
  void (*moments) (long rows, long c, const float *x, long ldx, const float *pivot, double *sum,
                   double *square);
  /* y = (x − mean)·a + b, then max(·, 0) if @relu */
  void (*norm) (long rows, long c, const float *x, long ldx, const float *mean, const float *a,
                const float *b, gboolean relu, float *y, long ldy);
  /* g = dy, or 0 where the batch norm's ReLU was 0: where (x − mean)·p + q, computed as norm does,
   * is not positive (@p NULL: no ReLU). s0[c] += Σ g, s1[c] += Σ g·(x − mean) */
  void (*norm_reduce) (long rows, long c, const float *dy, long ldd, const float *x, long ldx,
                       const float *mean, const float *p, const float *q, double *s0, double *s1);
  /* dx = a·g + b·(x − mean) + d, g as above */
  void (*norm_grad) (long rows, long c, const float *dy, long ldd, const float *x, long ldx,
                     const float *mean, const float *p, const float *q, const float *a,
                     const float *b, const float *d, float *dx, long ldo);
  /* dx = a[c]·g, g = dy, or 0 where @r (nullable) is not positive; @a NULL: dx = g */
  void (*mask_scale) (long rows, long c, const float *dy, long ldd, const float *r, long ldr,
                      const float *a, float *dx, long ldo);

  /* element by element */
  void (*add) (long rows, long c, const float *a, long lda, const float *b, long ldb, float *y,
               long ldy);
  void (*mul) (long rows, long c, const float *a, long lda, const float *b, long ldb, float *y,
               long ldy);
  void (*scale) (long rows, long c, const float *x, long ldx, float s, float *y, long ldy);
  void (*relu) (long rows, long c, const float *x, long ldx, float *y, long ldy);
  void (*sigmoid) (long rows, long c, const float *x, long ldx, float *y, long ldy);
  /* dx = dy·y·(1 − y) */
  void (*sigmoid_grad) (long rows, long c, const float *dy, long ldd, const float *y, long ldy,
                        float *dx, long ldo);

  /* y = x·s[channel]; y = x·s[pixel] */
  void (*mul_channels) (long rows, long c, const float *x, long ldx, const float *s, float *y,
                        long ldy);
  void (*mul_pixels) (long rows, long c, const float *x, long ldx, const float *s, long lds,
                      float *y, long ldy);
  /* y = scale·v[channel]; y = scale·v[pixel] */
  void (*fill_channels) (long rows, long c, const float *v, float scale, float *y, long ldy);
  void (*fill_pixels) (long rows, long c, const float *v, long ldv, float scale, float *y,
                       long ldy);
  /* y = max(y + bias[channel], 0 if @relu); @bias nullable */
  void (*bias) (long rows, long c, const float *bias, gboolean relu, float *y, long ldy);

  /* over rows: sum[c] += Σ x; top[c] = max(top, x); sum[c] += Σ a·b */
  void (*sum_rows) (long rows, long c, const float *x, long ldx, double *sum);
  void (*max_rows) (long rows, long c, const float *x, long ldx, float *top);
  void (*dot_rows) (long rows, long c, const float *a, long lda, const float *b, long ldb,
                    double *sum);
  /* over channels: y[row] = scale·Σ x; max x; Σ a·b */
  void (*sum_pixels) (long rows, long c, const float *x, long ldx, float scale, float *y,
                      long ldy);
  void (*max_pixels) (long rows, long c, const float *x, long ldx, float *y, long ldy);
  void (*dot_pixels) (long rows, long c, const float *a, long lda, const float *b, long ldb,
                      float *y, long ldy);
  /* dx = dy[channel] at the first row where x = top[channel], else 0; the same by pixels */
  void (*max_grad_rows) (long rows, long c, const float *dy, const float *x, long ldx,
                         const float *top, float *dx, long ldo);
  void (*max_grad_pixels) (long rows, long c, const float *dy, long ldd, const float *x, long ldx,
                           const float *top, long ldt, float *dx, long ldo);

  /* Depthwise: y[j·sy + i] = add[j·sa + i] + Σ_t w_t[i]·x_t[j·sx + i] for j < n, i < c (strides in
   * floats; @add nullable, a bias if sa = 0), then max(·, 0) if @relu. */
  void (*taps) (long n, long c, int n_taps, const NmdTap *taps, long sx, const float *add, long sa,
                gboolean relu, float *y, long sy);
  /* Depthwise weight gradient: acc[t·c + i] += Σ_j dy[j·sd + i]·x_t[j·sx + i]; @n_taps ≤ 8 */
  void (*taps_grad) (long n, long c, int n_taps, const float *const *x, long sx, const float *dy,
                     long sd, float *const *acc);

  /* Planes: y[j] = Σ_t w[t]·x_t[j]; sum[t] += Σ_j dy[j]·x_t[j] */
  void (*planes) (long n, int n_taps, const float *const *x, const float *w, float *y);
  void (*planes_grad) (long n, int n_taps, const float *const *x, const float *dy, double *sum);

  void (*adam) (long n, float *w, const float *dw, float *m, float *v, const NmdAdamStep *a);
  /* s += share·(value·x − s) */
  void (*blend) (long n, float *s, const float *x, float value, float share);
} NmdKernels;

/* The fastest table that this processor runs (or NMD_CPU_ISA's). Any thread. */
const NmdKernels *nmd_kernels_get   (void);

/* The table called "c", "avx2" or "avx512", or NULL if this processor or build lacks it. */
const NmdKernels *nmd_kernels_named (const char *name);

G_END_DECLS
