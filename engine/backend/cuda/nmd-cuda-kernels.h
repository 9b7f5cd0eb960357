/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernels of the CUDA backend as C functions that start them. Images are channels-last: value
 * (n, c, h, w) lies at ((n·H + h)·W + w)·C + c, so that an image is `rows` = n·h·w rows of `c`
 * values. What a kernel computes is said here by formula; its meaning is nmd-graph.h's.
 *
 * Every function only starts work on @stream and returns what starting it gave. No kernel adds
 * atomically: sums have a fixed order that depends on the shape alone, so bits repeat.
 * Vectors over channels and everything called `float *` is float32; an NmdCudaTensor may be
 * bfloat16. Threads: the session's.
 */
#pragma once

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct
{
  void *p;
  int bf16; /* else float32 */
} NmdCudaTensor;

/* The same numbers as NmdActivation's, and one for none. */
enum
{
  NMD_CUDA_RELU,
  NMD_CUDA_SIGMOID,
  NMD_CUDA_LEAKY_RELU,
  NMD_CUDA_HARD_SIGMOID,
  NMD_CUDA_SILU,
  NMD_CUDA_GELU,
  NMD_CUDA_IDENTITY,
};

/* --- element by element; n values */

cudaError_t nmd_cuda_fill            (cudaStream_t stream, NmdCudaTensor y, float value, unsigned n);
/* y = value·x, converting between types */
cudaError_t nmd_cuda_scale           (cudaStream_t stream, NmdCudaTensor x, float value, NmdCudaTensor y,
                                      unsigned n);
cudaError_t nmd_cuda_activation      (cudaStream_t stream, int activation, float slope, NmdCudaTensor x,
                                      NmdCudaTensor y, unsigned n);
/* y = activation (a + b) */
cudaError_t nmd_cuda_add             (cudaStream_t stream, int activation, float slope, NmdCudaTensor a,
                                      NmdCudaTensor b, NmdCudaTensor y, unsigned n);
cudaError_t nmd_cuda_activation_grad (cudaStream_t stream, int activation, float slope, NmdCudaTensor dy,
                                      NmdCudaTensor a, NmdCudaTensor y, unsigned n);
/* y = value·a·b (a.p NULL: value·b): y is dims[0] × … × dims[3] in storage order, b's index moves by
 * strides[i], 0 where it repeats */
cudaError_t nmd_cuda_broadcast       (cudaStream_t stream, NmdCudaTensor a, NmdCudaTensor b,
                                      const int dims[4], const int strides[4], float value,
                                      NmdCudaTensor y);

/* y = x·activation (a + b) (b.p NULL: of a), of dims[0] × … × dims[3] in storage order; a and b move
 * by strides[i] */
cudaError_t nmd_cuda_gate            (cudaStream_t stream, int activation, float slope, NmdCudaTensor x,
                                      NmdCudaTensor a, NmdCudaTensor b, const int dims[4],
                                      const int strides[4], NmdCudaTensor y);

/* --- form */

/* Between n c h w order and storage; float32 outside. */
cudaError_t nmd_cuda_from_planes     (cudaStream_t stream, const float *x, NmdCudaTensor y, int n, int c,
                                      int area);
cudaError_t nmd_cuda_to_planes       (cudaStream_t stream, NmdCudaTensor x, float *y, int n, int c,
                                      int area);
/* The same values in row-major order n c h w as another shape; both are n × c × area, area 1 where
 * storage is row-major. */
cudaError_t nmd_cuda_reshape         (cudaStream_t stream, NmdCudaTensor x, int cx, int area_x,
                                      NmdCudaTensor y, int cy, int area_y, unsigned n);
/* Channels from … from + count − 1 of x (cx a row) to those at `to` of y (cy a row). */
cudaError_t nmd_cuda_channels        (cudaStream_t stream, NmdCudaTensor x, int cx, int from,
                                      NmdCudaTensor y, int cy, int to, int count, int rows);
/* The same, and zero in all other channels of y. */
cudaError_t nmd_cuda_channels_padded (cudaStream_t stream, NmdCudaTensor x, int count, NmdCudaTensor y,
                                      int cy, int to, int rows);
cudaError_t nmd_cuda_shuffle         (cudaStream_t stream, NmdCudaTensor x, NmdCudaTensor y, int c,
                                      int groups, int rows);

/* --- reductions of [outer, n, inner] to [outer, inner] */

enum
{
  NMD_CUDA_SUM,      /* scale·Σ a */
  NMD_CUDA_PRODUCT,  /* scale·Σ a·b */
  NMD_CUDA_MAX,      /* max a */
  NMD_CUDA_FIRST,    /* least index where a = b[outer, inner], bits of an int; −1 bits where none */
  NMD_CUDA_SQUARES,  /* scale·Σ (a − vector[inner])² */
  NMD_CUDA_NORMAL,   /* Σ a·(b − mean)/√(variance + ε), vector = mean, vector2 = variance */
  NMD_CUDA_ROW_NORMAL, /* Σ a·(b − mean)·inverse, vector = [n][mean, inverse] of each row */
};

typedef struct
{
  int kind, outer, n, inner;
  float scale, epsilon;
  NmdCudaTensor a, b;
  const float *vector, *vector2;
  NmdCudaTensor y;
  float *partial; /* nmd_cuda_reduce_splits (…) × outer × inner, unused if 1 */
} NmdCudaReduce;

/* Parts into which a sum is cut for speed; a function of the shape alone. */
int         nmd_cuda_reduce_splits   (int outer, int n, int inner);
cudaError_t nmd_cuda_reduce          (cudaStream_t stream, const NmdCudaReduce *r);

/* For SUM: largest = max a as well, in the same pass; @partial has room for both. */
cudaError_t nmd_cuda_reduce_pair     (cudaStream_t stream, const NmdCudaReduce *r, NmdCudaTensor largest);

/* Any set of dimensions: y's dimensions are x's or 1 (dims, storage order); b.p NULL: Σ a. */
cudaError_t nmd_cuda_reduce_any      (cudaStream_t stream, int kind, NmdCudaTensor a, NmdCudaTensor b,
                                      const int dims[4], const int kept[4], float scale, NmdCudaTensor y);
/* y[outer, n, inner] = dy[outer, inner] where n is index[outer, inner], else 0 */
cudaError_t nmd_cuda_place           (cudaStream_t stream, NmdCudaTensor dy, const float *index, int outer,
                                      int n, int inner, NmdCudaTensor y);

/* --- batch normalisation of rows × c */

/* Mean and ÷rows variance of each channel in one pass (Chan et al. 1983); partial has room for
 * 3 × nmd_cuda_reduce_splits (1, rows, c) × c. variance may be NULL. */
cudaError_t nmd_cuda_statistics      (cudaStream_t stream, NmdCudaTensor x, int rows, int c, float *mean,
                                      float *variance, float *partial);

/* What a value x of a channel becomes: activation (γ (x + bias − mean)/√(variance + ε) + β) */
typedef struct
{
  int activation; /* NMD_CUDA_IDENTITY: none */
  float epsilon, slope;
  const float *bias, *mean, *variance, *gamma, *beta; /* any may be NULL: 0, 0, 1 − ε, 1, 0 */
} NmdCudaFinish;

typedef struct
{
  int rows, c;
  NmdCudaTensor x; /* may be y */
  NmdCudaFinish finish;
  NmdCudaTensor y, before; /* before.p (nullable) gets the activation's argument */
} NmdCudaNorm;

cudaError_t nmd_cuda_norm            (cudaStream_t stream, const NmdCudaNorm *norm);

typedef struct
{
  int rows, c, activation; /* of the norm's value; a is what ACTIVATION_GRAD gets */
  float epsilon, slope;
  NmdCudaTensor dy, a, x, dx;
  const float *mean, *variance, *gamma, *dgamma, *dbeta; /* dgamma NULL: frozen statistics */
  float *sums[2];  /* nmd_cuda_norm_sums(): dgamma and dbeta */
  float *partial;  /* 2 × nmd_cuda_reduce_splits (1, rows, c) × c */
} NmdCudaNormGrad;

/* Both sums over dy (through the activation) in one pass. */
cudaError_t nmd_cuda_norm_sums       (cudaStream_t stream, const NmdCudaNormGrad *grad);
cudaError_t nmd_cuda_norm_grad       (cudaStream_t stream, const NmdCudaNormGrad *grad);

/* --- layer normalisation of rows × c */

cudaError_t nmd_cuda_layer_norm      (cudaStream_t stream, NmdCudaTensor x, const float *gamma,
                                      const float *beta, float epsilon, int rows, int c, NmdCudaTensor y);
cudaError_t nmd_cuda_layer_grad      (cudaStream_t stream, NmdCudaTensor dy, NmdCudaTensor x,
                                      const float *gamma, float epsilon, int rows, int c, NmdCudaTensor dx);
/* statistics[row] = mean, 1/√(variance + ε) */
cudaError_t nmd_cuda_row_statistics  (cudaStream_t stream, NmdCudaTensor x, float epsilon, int rows, int c,
                                      float *statistics);

/* --- convolutions that no library does well: depthwise, few channels, odd groups */

typedef struct
{
  int n, ci, co, h, w, ho, wo, k, stride, padding, groups;
} NmdCudaConv;

/* w is [co, k, k, ci/groups] */
cudaError_t nmd_cuda_conv            (cudaStream_t stream, const NmdCudaConv *conv, NmdCudaTensor x,
                                      NmdCudaTensor w, const NmdCudaFinish *finish, NmdCudaTensor y);
cudaError_t nmd_cuda_conv_grad_x     (cudaStream_t stream, const NmdCudaConv *conv, NmdCudaTensor dy,
                                      NmdCudaTensor w, NmdCudaTensor dx);
int         nmd_cuda_conv_splits     (const NmdCudaConv *conv);
/* partial: nmd_cuda_conv_splits (…) × Π dimensions of w */
cudaError_t nmd_cuda_conv_grad_w     (cudaStream_t stream, const NmdCudaConv *conv, NmdCudaTensor x,
                                      NmdCudaTensor dy, float *partial, float *dw);

/* Rows of k·k·ci values that an output reads, zero outside the image, of @images images from x on: the
 * convolution is then a product with w[co, k·k·ci]; and its transpose, each dx gathering. One group. */
cudaError_t nmd_cuda_unfold          (cudaStream_t stream, const NmdCudaConv *conv, int images,
                                      NmdCudaTensor x, NmdCudaTensor rows);
cudaError_t nmd_cuda_fold            (cudaStream_t stream, const NmdCudaConv *conv, int images,
                                      NmdCudaTensor rows, NmdCudaTensor dx);

/* --- pooling and enlarging; the geometry as a convolution's, k = kernel */

cudaError_t nmd_cuda_max_pool        (cudaStream_t stream, const NmdCudaConv *pool, NmdCudaTensor x,
                                      NmdCudaTensor y);
cudaError_t nmd_cuda_max_pool_grad   (cudaStream_t stream, const NmdCudaConv *pool, NmdCudaTensor dy,
                                      NmdCudaTensor x, NmdCudaTensor y, NmdCudaTensor dx);
/* h × w is the small image's */
cudaError_t nmd_cuda_upsample        (cudaStream_t stream, NmdCudaTensor x, int n, int h, int w, int c,
                                      int factor, NmdCudaTensor y);
cudaError_t nmd_cuda_upsample_grad   (cudaStream_t stream, NmdCudaTensor dy, int n, int h, int w, int c,
                                      int factor, NmdCudaTensor dx);

/* Bilinear, and its transpose; h × w is the small image's */
cudaError_t nmd_cuda_enlarge         (cudaStream_t stream, NmdCudaTensor x, int n, int h, int w, int c,
                                      int large_h, int large_w, NmdCudaTensor y);
cudaError_t nmd_cuda_enlarge_grad    (cudaStream_t stream, NmdCudaTensor dy, int n, int h, int w, int c,
                                      int large_h, int large_w, NmdCudaTensor dx);

/* --- tokens: n sequences of t tokens of c */

cudaError_t nmd_cuda_tokens          (cudaStream_t stream, NmdCudaTensor x, const float *first,
                                      const float *position, int n, int t, int c, NmdCudaTensor y);
/* y[n, count] = x[n, from …] of sequences of t rows, and the reverse with zeros elsewhere */
cudaError_t nmd_cuda_take_rows       (cudaStream_t stream, NmdCudaTensor x, int n, int t, int c, int from,
                                      int count, NmdCudaTensor y);
cudaError_t nmd_cuda_put_rows        (cudaStream_t stream, NmdCudaTensor x, int n, int t, int c, int from,
                                      int count, NmdCudaTensor y);
/* y = softmax (scale·x) of each row; x and y may be one */
cudaError_t nmd_cuda_softmax         (cudaStream_t stream, NmdCudaTensor x, float scale, int rows, int c,
                                      NmdCudaTensor y);
/* ds = scale·p·(dp − Σ p·dp) of each row; dp and ds may be one */
cudaError_t nmd_cuda_softmax_grad    (cudaStream_t stream, NmdCudaTensor p, NmdCudaTensor dp, float scale,
                                      int rows, int c, NmdCudaTensor ds);

/* --- loss and updates */

cudaError_t nmd_cuda_cross_entropy   (cudaStream_t stream, NmdCudaTensor logits, NmdCudaTensor targets,
                                      int n, int k, float *loss);
cudaError_t nmd_cuda_cross_entropy_grad (cudaStream_t stream, const float *dy, NmdCudaTensor logits,
                                         NmdCudaTensor targets, int n, int k, NmdCudaTensor dx);

/* Of n images of `count` logits z, p = 1/(1 + e⁻ᶻ): Σ max(z, 0) − z·t + log(1 + e^−|z|), Σ p·t, Σ p, Σ t */
cudaError_t nmd_cuda_logit_sums      (cudaStream_t stream, NmdCudaTensor logits, NmdCudaTensor targets,
                                      int n, int count, float *sums);
/* The loss that the sums make, binary cross entropy or Dice, and its gradient */
cudaError_t nmd_cuda_pixel_loss      (cudaStream_t stream, const float *sums, int n, int count, int dice,
                                      float *loss);
cudaError_t nmd_cuda_pixel_loss_grad (cudaStream_t stream, const float *dy, NmdCudaTensor logits,
                                      NmdCudaTensor targets, const float *sums, int n, int count,
                                      int dice, NmdCudaTensor dz);

/* One tensor of an update, n values. Adam: w, its gradient, moments; BLEND: s and value. */
typedef struct
{
  float *w;
  NmdCudaTensor value;
  float *m, *v;
  unsigned n;
  float scale; /* BLEND's `value` */
} NmdCudaUpdate;

/* Values that one block updates. */
#define NMD_CUDA_CHUNK 4096

/* All tensors in one launch: @updates and @chunks ({tensor, chunk} pairs, n_chunks of them) lie on the
 * device. */
cudaError_t nmd_cuda_adam            (cudaStream_t stream, const NmdCudaUpdate *updates, const int *chunks,
                                      int n_chunks, const float *lr, const float *t, double beta1,
                                      double beta2, float epsilon, float decay);
cudaError_t nmd_cuda_blend           (cudaStream_t stream, const NmdCudaUpdate *updates, const int *chunks,
                                      int n_chunks, const float *share);
/* value (bfloat16) = w: the parameters as products read them */
cudaError_t nmd_cuda_cast            (cudaStream_t stream, const NmdCudaUpdate *updates, const int *chunks,
                                      int n_chunks);

#ifdef __cplusplus
}
#endif
