/* SPDX-License-Identifier: Apache-2.0
 *
 * The vector kernels of the CPU backend: everything that is bound by memory and that oneDNN does
 * not offer or does badly (batch norm by rows, depthwise and few-channel convolutions, gates,
 * Adam; pointwise convolutions whose weights stand still, 1.0 to 1.9 times as fast as oneDNN's
 * sgemm with a pass for bias and activation). The sources are compiled for AVX-512, for AVX2 with
 * FMA, for NEON and as plain C; each gives one const table and the processor picks at run time.
 * Other convolutions and products are oneDNN's where the build has it (nmd-onednn.h).
 *
 * A matrix is @rows × @c floats, row r at x + r·ld; a row is a pixel, its columns the channels.
 * So a channel slice of a wider tensor is a matrix whose ld is the tensor's channel count. Sums over
 * rows are taken in float over at most 256 rows and then added to doubles. Kernels know no
 * threads; callers give each thread its own rows and its own sums. Inputs and output may be the
 * same matrix for kernels that work element by element.
 *
 * Environment: NMD_CPU_ISA = c, neon, avx2 or avx512 forces a table (for tests; ignored where the
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

/* Least outputs of a row that depthwise() takes. */
#define NMD_DEPTHWISE_ALONG 7

/* Outputs from … end − 1 of a row of a depthwise convolution: y[o·ldy + i] = act (bias[i] + Σ_a Σ_b
 * rows[a].w[b·ldw + i]·rows[a].x[(o·stride − pad + b)·ldx + i]) for i < c, over those rows of the
 * kernel that lie in the image (x: its column 0, w: the first tap) and those taps b whose column
 * does; add[o·lda + i] stands for the bias where it is given. Outputs before @from may be written
 * again; y does not lie over x. */
typedef struct
{
  int kernel, stride, pad; /* 3 or 5; 1 or 2 */
  int width;               /* columns of an input row */
  int from, end;           /* end ≥ NMD_DEPTHWISE_ALONG */
  long c;
  int n_rows;              /* 1 … kernel */
  const NmdTap *rows;
  long ldx, ldw, ldy;
  const float *bias;       /* nullable */
  const float *add;        /* nullable */
  long lda;
  int act;                 /* NMD_RELU, NMD_SILU or another for none */
  float *y;                /* output 0 */
  const float *next;       /* nullable: output 0 of a row that will be written soon */
  float *sums;             /* nullable: sums[i] += Σ_o y[o·ldy + i] */
} NmdDepthwiseRow;

/* A row of the kernel in a weight gradient: its input at column 0, and its first tap's gradients. */
typedef struct
{
  const float *x;
  float *dw;
} NmdTapGrad;

/* What outputs from … end − 1 of a row give to the weight gradient of a depthwise convolution:
 * rows[a].dw[b·ldw + i] += Σ_o dy[o·ldd + i]·rows[a].x[(o·stride − pad + b)·ldx + i] for i < c, over
 * those outputs o whose column lies in the image. */
typedef struct
{
  int kernel, stride, pad; /* 3 or 5; 1 or 2 */
  int width;               /* columns of an input row */
  int from, end;
  long c;
  int n_rows;              /* 1 … kernel: those that lie in the image */
  const NmdTapGrad *rows;
  long ldx, ldw, ldd;
  const float *dy;         /* of output 0 */
} NmdDepthwiseGrad;

/* Where a pixel of an enlarged row lies in the row: (1 − share)·x[low] + share·x[high]; low ascends by
 * at most 1 from pixel to pixel, high is low + 1 or, at the end, the last, with share 0. */
typedef struct
{
  int low, high;
  float share;
} NmdPlace;

/* An activation after another operation. */
typedef struct
{
  int kind;    /* NmdActivation of engine/nn/graph/nmd-graph.h, or −1: none */
  float slope; /* of a leaky ReLU */
} NmdAct;

#define NMD_NO_ACT ((NmdAct){ -1, 0 })

typedef struct
{
  const char *name; /* "AVX-512", "AVX2", "NEON", "C" */
  int width;        /* floats of a vector: 16, 8, 4, 1 */

  /* sum[c] += Σ (x − pivot), square[c] += Σ (x − pivot)² */
  void (*moments) (long rows, long c, const float *x, long ldx, const float *pivot, double *sum,
                   double *square);
  /* y = act ((x − mean)·a + b) */
  void (*norm) (long rows, long c, const float *x, long ldx, const float *mean, const float *a,
                const float *b, NmdAct act, float *y, long ldy);
  /* g = dy·act′(z), z = (x − mean)·p + q computed as norm does (no act: g = dy, @p and @q are not
   * read); also to @g where that is not NULL. s0[c] += Σ g, s1[c] += Σ g·(x − mean) */
  void (*norm_reduce) (long rows, long c, const float *dy, long ldd, const float *x, long ldx,
                       const float *mean, const float *p, const float *q, NmdAct act, double *s0,
                       double *s1, float *g, long ldg);
  /* dx = a·g + b·(x − mean) + d, g as above */
  void (*norm_grad) (long rows, long c, const float *dy, long ldd, const float *x, long ldx,
                     const float *mean, const float *p, const float *q, NmdAct act,
                     const float *a, const float *b, const float *d, float *dx, long ldo);

  /* Layer norm over the channels of each row, ÷c variance */
  void (*layer_norm) (long rows, long c, const float *x, long ldx, const float *gamma,
                      const float *beta, float epsilon, float *y, long ldy);
  void (*layer_norm_grad) (long rows, long c, const float *dy, long ldd, const float *x, long ldx,
                           const float *gamma, float epsilon, float *dx, long ldo);
  /* sum[c] += Σ dy·x̂ */
  void (*layer_norm_reduce) (long rows, long c, const float *dy, long ldd, const float *x,
                             long ldx, float epsilon, double *sum);

  /* Rows of x become softmax (scale·x); dp becomes scale·p·(dp − Σ p·dp) */
  void (*softmax) (long rows, long c, float *x, long ldx, float scale);
  void (*softmax_grad) (long rows, long c, const float *p, long ldp, float *dp, long ldd,
                        float scale);

  /* element by element */
  void (*add) (long rows, long c, const float *a, long lda, const float *b, long ldb, float *y,
               long ldy);
  void (*mul) (long rows, long c, const float *a, long lda, const float *b, long ldb, float *y,
               long ldy);
  void (*scale) (long rows, long c, const float *x, long ldx, float s, float *y, long ldy);
  /* y = act (x + bias[channel]); @bias nullable */
  void (*act) (long rows, long c, const float *x, long ldx, const float *bias, NmdAct act, float *y,
               long ldy);
  /* dx = dy·act′, by @a as NMD_OP_ACTIVATION_GRAD's: the argument for SiLU and GELU, else the
   * value */
  void (*act_grad) (long rows, long c, const float *dy, long ldd, const float *a, long lda,
                    NmdAct act, float *dx, long ldo);

  /* y = x rounded to the nearest bfloat16, to the even one of two; NaN stays NaN. And back, exactly; @ldy and @ldx of
   * what is bfloat16 count those */
  void (*to_bf16) (long rows, long c, const float *x, long ldx, guint16 *y, long ldy);
  void (*from_bf16) (long rows, long c, const guint16 *x, long ldx, float *y, long ldy);

  /* y = x·s[channel]; y = x·s[pixel] */
  void (*mul_channels) (long rows, long c, const float *x, long ldx, const float *s, float *y,
                        long ldy);
  /* y = x·s[channel] + scale·v[channel] */
  void (*mul_add_channels) (long rows, long c, const float *x, long ldx, const float *s,
                            const float *v, float scale, float *y, long ldy);
  /* the same by pixels */
  void (*mul_add_pixels) (long rows, long c, const float *x, long ldx, const float *s, long lds,
                          const float *v, long ldv, float scale, float *y, long ldy);
  void (*mul_pixels) (long rows, long c, const float *x, long ldx, const float *s, long lds,
                      float *y, long ldy);
  /* y = scale·v[channel] + add (nullable); y = scale·v[pixel] + add */
  void (*fill_channels) (long rows, long c, const float *v, float scale, const float *add,
                         long lda, float *y, long ldy);
  void (*fill_pixels) (long rows, long c, const float *v, long ldv, float scale, const float *add,
                       long lda, float *y, long ldy);
  /* over rows: sum[c] += Σ x; top[c] = max(top, x); sum[c] += Σ a·b */
  void (*sum_rows) (long rows, long c, const float *x, long ldx, double *sum);
  void (*max_rows) (long rows, long c, const float *x, long ldx, float *top);
  void (*dot_rows) (long rows, long c, const float *a, long lda, const float *b, long ldb,
                    double *sum);
  /* over rows: sum[c] = Σ x in float; top[c] = max x; either nullable */
  void (*row_stats) (long rows, long c, const float *x, long ldx, float *sum, float *top);
  /* over channels, of z = x·s[channel]: mean[row] = scale·Σ z, top[row] = max z */
  void (*gated_pixels) (long rows, long c, const float *x, long ldx, const float *s, float scale,
                        float *mean, long ldm, float *top, long ldt);
  /* y = x·s[channel]·t[pixel] */
  void (*mul_gates) (long rows, long c, const float *x, long ldx, const float *s, const float *t,
                     long ldt, float *y, long ldy);
  /* over channels: y[row] = scale·Σ x; max x; Σ a·b */
  void (*sum_pixels) (long rows, long c, const float *x, long ldx, float scale, float *y,
                      long ldy);
  void (*max_pixels) (long rows, long c, const float *x, long ldx, float *y, long ldy);
  void (*dot_pixels) (long rows, long c, const float *a, long lda, const float *b, long ldb,
                      float *y, long ldy);
  /* dx = add (nullable), plus dy[channel] at the first row where x = top[channel]; the same by
   * pixels */
  void (*max_grad_rows) (long rows, long c, const float *dy, const float *x, long ldx,
                         const float *top, const float *add, long lda, float *dx, long ldo);
  void (*max_grad_pixels) (long rows, long c, const float *dy, long ldd, const float *x, long ldx,
                           const float *top, long ldt, const float *add, long lda, float *dx,
                           long ldo);

  /* y's channel j·groups + i = x's channel i·(c/groups) + j */
  void (*shuffle) (long rows, long c, int groups, const float *x, long ldx, float *y, long ldy);

  /* For each channel dx_t += dy at the first of the places t where x_t = top, t < n */
  void (*max_grad_places) (long c, int n, const float *const *x, const float *top,
                           const float *dy, float *const *dx);

  /* Pointwise convolution: y = act (w·x + bias) on each row, @bias nullable, y not over x; rows of
   * @add stand for the bias where it is given; @far: y is in memory rather than the cache. The
   * weights, row-major co × ci, are packed: outputs in panels of a few vectors, of each panel the
   * outputs for the first input, then those for the second, …; co rounded up to whole vectors, the
   * rest zeros. Panels are for threads to share; their number is a multiple of @parts where co
   * allows it. @first … @end are those to compute. pack_panels: of weights that are ci × co
   * where they are @turned. gate_panels: the weights times gate[input]. */
  int  (*count_panels) (long co, int parts);
  void (*pack_panels) (long co, long ci, int n_panels, gboolean turned, const float *w,
                       float *packed);
  void (*gate_panels) (long co, long ci, int n_panels, const float *packed, const float *gate,
                       float *gated);
  void (*pointwise) (long rows, long co, long ci, const float *x, long ldx, const float *packed,
                     int n_panels, int first, int end, const float *bias, const float *add,
                     long lda, NmdAct act, float *y, long ldy, gboolean far);

  /* Row-major y[m,n] = op(a)·op(b), plus what y was where @more; op = transpose where asked, k > 0.
   * For builds without oneDNN. */
  void (*product) (gboolean ta, gboolean tb, long m, long n, long k, const float *a, long lda,
                   const float *b, long ldb, gboolean more, float *y, long ldy);

  /* Depthwise: y[j·sy + i] = add[j·sa + i] + Σ_t w_t[i]·x_t[j·sx + i] for j < n, i < c (strides in
   * floats; @add nullable, a bias if sa = 0), then @act: NMD_RELU, NMD_SILU or another for none. @next
   * (nullable): as far from @y as the outputs that follow are. */
  void (*taps) (long n, long c, int n_taps, const NmdTap *taps, long sx, const float *add, long sa,
                int act, float *y, long sy, const float *next);
  void (*depthwise) (const NmdDepthwiseRow *row);
  void (*depthwise_grad) (const NmdDepthwiseGrad *grad);
  /* Depthwise weight gradient: acc[t·c + i] += Σ_j dy[j·sd + i]·x_t[j·sx + i]; @n_taps ≤ 8 */
  void (*taps_grad) (long n, long c, int n_taps, const float *const *x, long sx, const float *dy,
                     long sd, float *const *acc);

  /* Planes: y[j] = Σ_t w[t]·x_t[j]; sum[t] += Σ_j dy[j]·x_t[j] */
  void (*planes) (long n, int n_taps, const float *const *x, const float *w, float *y);
  void (*planes_grad) (long n, int n_taps, const float *const *x, const float *dy, double *sum);

  /* Bilinear enlarging of a row to n pixels; dx, all of it, is the transpose on dy */
  void (*enlarge) (long n, long c, const NmdPlace *places, const float *x, long ldx, float *y,
                   long ldy);
  void (*enlarge_grad) (long n, long c, const NmdPlace *places, const float *dy, long ldd,
                        float *dx, long ldx);

  /* Of logits z and targets t, p = 1/(1 + e⁻ᶻ): sum[0] += Σ max(z, 0) − z·t + log(1 + e^−|z|),
   * sum[1] += Σ p·t, sum[2] += Σ p, sum[3] += Σ t; dz = a·(p − t) + p·(1 − p)·(b·t + d) */
  void (*logit_sums) (long n, const float *z, const float *t, double *sum);
  void (*logit_grad) (long n, const float *z, const float *t, float a, float b, float d,
                      float *dz);

  void (*adam) (long n, float *w, const float *dw, float *m, float *v, const NmdAdamStep *a);
  /* s += share·(value·x − s) */
  void (*blend) (long n, float *s, const float *x, float value, float share);
} NmdKernels;

/* The fastest table that this processor runs (or NMD_CPU_ISA's). Any thread. */
const NmdKernels *nmd_kernels_get   (void);

/* The table called "c", "neon", "avx2" or "avx512", or NULL if this processor or build lacks it. */
const NmdKernels *nmd_kernels_named (const char *name);

G_END_DECLS
