/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps that are matrix products or convolutions: pointwise and linear ones by cuBLAS on
 * channels-last rows, dense ones by cuDNN, depthwise ones and those of few channels by
 * own kernels.
 */
#include "engine/backend/cuda/nmd-cuda-products.h"

#include "engine/backend/cuda/nmd-cuda-builder.h"
#include "engine/backend/cuda/nmd-cuda-check.h"
#include "engine/backend/cuda/nmd-cuda-fuse.h"
#include "engine/backend/cuda/nmd-cuda-updates.h"

#define MAX_GROUPS 8 /* products that one grouped pointwise convolution may be */
#define FEW 16       /* a kernel position's multiply-adds below which cuDNN has no use */
#define MAX_WORKSPACE ((gsize)1 << 30)
#define MAX_ALGORITHMS 8

cudaDataType_t
nmd_cuda_type_of (NmdCudaTensor t)
{
  return t.bf16 ? CUDA_R_16BF : CUDA_R_32F;
}

/* How products of @a are computed; sums are float32 in all. */
cublasComputeType_t
nmd_cuda_compute_of (const NmdCudaSession *session, NmdCudaTensor a)
{
  return a.bf16 || session->numerics == NMD_CUDA_STRICT ? CUBLAS_COMPUTE_32F
                                                        : CUBLAS_COMPUTE_32F_FAST_TF32;
}

char *
nmd_cuda_at_offset (NmdCudaTensor t, gsize i)
{
  return (char *)t.p + i * (t.bf16 ? sizeof (guint16) : sizeof (float));
}

/* Matrix products; all matrices by column, as cuBLAS has them */

static gboolean
multiply (NmdCudaProgram *self,
          const NmdCudaProduct *p,
          NmdCudaTensor a,
          NmdCudaTensor b,
          NmdCudaTensor c,
          GError **error)
{
  const float one = 1;

  for (gsize g = 0; g < (gsize)p->groups; g++)
    if (!BLAS (cublasGemmEx (
            self->session->blas, p->turn_a, p->turn_b, p->m, p->n, p->k, &one,
            nmd_cuda_at_offset (a, g * p->step_a), nmd_cuda_type_of (a), p->lda,
            nmd_cuda_at_offset (b, g * p->step_b), nmd_cuda_type_of (b), p->ldb, &p->beta,
            nmd_cuda_at_offset (c, g * p->step_c), nmd_cuda_type_of (c), p->ldc,
            nmd_cuda_compute_of (self->session, a), CUBLAS_GEMM_DEFAULT)))
      return FALSE;
  return TRUE;
}

/* y = bias in every row, where the product is added to that */
static gboolean
spread_bias (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdShape *y = &step->node->shape;
  const int dims[4] = { nmd_cuda_rows (y), 1, 1, y->dims[1] };
  const int strides[4] = { 0, 0, 0, 1 };

  if (step->in[2] < 0 || step->finishes)
    return TRUE;
  return RUNTIME (nmd_cuda_broadcast (self->session->stream, (NmdCudaTensor){ NULL, 0 },
                                      nmd_cuda_tensor (self, step->in[2]), dims, strides,
                                      1, nmd_cuda_tensor (self, step->out[0])));
}

/* What follows the product, in its place; the bias is part of that. */
static gboolean
finish (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdShape *y = &step->node->shape;
  NmdCudaNorm norm = { .rows = nmd_cuda_rows (y),
                       .c = y->dims[1],
                       .x = nmd_cuda_tensor (self, step->out[0]),
                       .y = nmd_cuda_tensor (self, step->out[0]) };

  if (!step->finishes)
    return TRUE;
  norm.finish = nmd_cuda_finish_of (self, step);
  return RUNTIME (nmd_cuda_norm (self->session->stream, &norm));
}

/* in: a, b, optional bias, what nmd_cuda_lower_finish() adds */
static gboolean
start_product (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  return spread_bias (self, step, error)
         && multiply (self, step->data, nmd_cuda_tensor (self, step->in[0]),
                      nmd_cuda_tensor (self, step->in[1]),
                      nmd_cuda_tensor (self, step->out[0]), error)
         && finish (self, step, error);
}

/* Both operands of the type that products are computed in: bfloat16 if either is. */
static void
match_types (NmdCudaProgram *self, NmdNode user, int *a, int *b)
{
  const NmdNodeInfo *node = nmd_graph_get (self->graph, user);

  *a = node->inputs[0];
  *b = node->inputs[1];
  if (nmd_cuda_value (self, *a)->t.bf16 == nmd_cuda_value (self, *b)->t.bf16)
    return;
  *a = nmd_cuda_lower_cast (self, *a, user);
  *b = nmd_cuda_lower_cast (self, *b, user);
}

/* y, dx or dw of x[rows, ci] and w[co, ci], `groups` of them side by side in rows. */
static void
lower_product (NmdCudaProgram *self, NmdNode at, int rows, int ci, int co, int groups)
{
  const NmdNodeInfo *node = nmd_graph_get (self->graph, at);
  const int i = ci / groups, o = co / groups;
  NmdCudaProduct *p = g_new0 (NmdCudaProduct, 1);
  gboolean swap = FALSE;
  NmdCudaStep *step;
  int a, b;

  match_types (self, at, &a, &b);
  step = nmd_cuda_add_step (self, node);
  p->groups = groups;
  switch (node->op)
    {
    case NMD_OP_CONV:
    case NMD_OP_LINEAR: /* (x, w): yᵀ = w·xᵀ */
      swap = TRUE;
      *p = (NmdCudaProduct){ CUBLAS_OP_T, CUBLAS_OP_N, o,  rows,   i,
                             i,           ci,          co, groups, (gsize)o * (gsize)i,
                             (gsize)i,    (gsize)o,    0 };
      break;
    case NMD_OP_CONV_GRAD_X:
    case NMD_OP_LINEAR_GRAD_X: /* (dy, w): dxᵀ = wᵀ·dyᵀ */
      swap = TRUE;
      *p = (NmdCudaProduct){ CUBLAS_OP_N, CUBLAS_OP_N, i,  rows,   o,
                             i,           co,          ci, groups, (gsize)o * (gsize)i,
                             (gsize)o,    (gsize)i,    0 };
      break;
    default: /* (x, dy): dwᵀ = xᵀ·dy */
      *p = (NmdCudaProduct){
        CUBLAS_OP_N, CUBLAS_OP_T,         i, o, rows, ci, co, i, groups, (gsize)i,
        (gsize)o,    (gsize)o * (gsize)i, 0
      };
    }
  step->start = start_product;
  step->data = p;
  step->data_free = g_free;
  step->in[0] = swap ? b : a;
  step->in[1] = swap ? a : b;
  step->in[2] = node->n_inputs > 2 ? node->inputs[2] : -1;
  step->n_in = 3;
  step->out[step->n_out++] = at;
  step->flop = 2.0 * rows * ci * o;
  if (node->op != NMD_OP_CONV && node->op != NMD_OP_LINEAR)
    return;
  nmd_cuda_lower_finish (self, step, at, FALSE);
  p->beta = step->in[2] >= 0 && !step->finishes;
}

/* CuDNN */

typedef struct
{
  cudnnTensorDescriptor_t x, y;
  cudnnFilterDescriptor_t w;
  cudnnConvolutionDescriptor_t conv;
  int algorithm;
  size_t workspace;
} Dense;

static void
dense_free (gpointer data)
{
  Dense *self = data;

  /* descriptors are plain memory of the host: nothing can go wrong */
  if (self->x != NULL)
    (void)cudnnDestroyTensorDescriptor (self->x);
  if (self->y != NULL)
    (void)cudnnDestroyTensorDescriptor (self->y);
  if (self->w != NULL)
    (void)cudnnDestroyFilterDescriptor (self->w);
  if (self->conv != NULL)
    (void)cudnnDestroyConvolutionDescriptor (self->conv);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Dense, dense_free)

static gboolean
describe_dense (
    NmdCudaProgram *self, Dense *d, const NmdCudaConv *c, gboolean bf16, GError **error)
{
  const cudnnDataType_t type = bf16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
  const cudnnMathType_t math = self->session->numerics == NMD_CUDA_STRICT
                                   ? CUDNN_FMA_MATH
                                   : CUDNN_TENSOR_OP_MATH;

  return DNN (cudnnCreateTensorDescriptor (&d->x))
         && DNN (cudnnCreateTensorDescriptor (&d->y))
         && DNN (cudnnCreateFilterDescriptor (&d->w))
         && DNN (cudnnCreateConvolutionDescriptor (&d->conv))
         && DNN (cudnnSetTensor4dDescriptor (d->x, CUDNN_TENSOR_NHWC, type, c->n, c->ci,
                                             c->h, c->w))
         && DNN (cudnnSetTensor4dDescriptor (d->y, CUDNN_TENSOR_NHWC, type, c->n, c->co,
                                             c->ho, c->wo))
         && DNN (cudnnSetFilter4dDescriptor (d->w, type, CUDNN_TENSOR_NHWC, c->co, c->ci,
                                             c->k, c->k))
         && DNN (cudnnSetConvolution2dDescriptor (
             d->conv, c->padding, c->padding, c->stride, c->stride, 1, 1,
             CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT))
         && DNN (cudnnSetConvolutionMathType (d->conv, math));
}

/* Whether an algorithm that cuDNN proposes may be taken; strict numerics take only those
 * that give the same bits each time. */
static gboolean
may_take (const NmdCudaProgram *self,
          cudnnStatus_t status,
          cudnnDeterminism_t determinism,
          size_t memory)
{
  return status == CUDNN_STATUS_SUCCESS && memory <= MAX_WORKSPACE
         && (self->session->numerics != NMD_CUDA_STRICT
             || determinism == CUDNN_DETERMINISTIC);
}

#define TAKE_FIRST(Perf, query, size)                                                    \
  do                                                                                     \
    {                                                                                    \
      Perf found[MAX_ALGORITHMS];                                                        \
                                                                                         \
      if (!DNN (query))                                                                  \
        return FALSE;                                                                    \
      for (int i = 0; i < n && d->algorithm < 0; i++)                                    \
        if (may_take (self, found[i].status, found[i].determinism, found[i].memory))     \
          d->algorithm = (int)found[i].algo;                                             \
      return d->algorithm < 0 || DNN (size);                                             \
    }                                                                                    \
  while (0)

/* By cuDNN's own ranking, which depends on shape and card alone, never by timing.
 * d->algorithm stays −1 where none may be taken. */
static gboolean
choose (NmdCudaProgram *self, Dense *d, NmdOp op, GError **error)
{
  cudnnHandle_t dnn = self->session->dnn;
  int n = 0;

  d->algorithm = -1;
  switch (op)
    {
    case NMD_OP_CONV:
      TAKE_FIRST (cudnnConvolutionFwdAlgoPerf_t,
                  cudnnGetConvolutionForwardAlgorithm_v7 (dnn, d->x, d->w, d->conv, d->y,
                                                          MAX_ALGORITHMS, &n, found),
                  cudnnGetConvolutionForwardWorkspaceSize (
                      dnn, d->x, d->w, d->conv, d->y,
                      (cudnnConvolutionFwdAlgo_t)d->algorithm, &d->workspace));
    case NMD_OP_CONV_GRAD_X:
      TAKE_FIRST (cudnnConvolutionBwdDataAlgoPerf_t,
                  cudnnGetConvolutionBackwardDataAlgorithm_v7 (
                      dnn, d->w, d->y, d->conv, d->x, MAX_ALGORITHMS, &n, found),
                  cudnnGetConvolutionBackwardDataWorkspaceSize (
                      dnn, d->w, d->y, d->conv, d->x,
                      (cudnnConvolutionBwdDataAlgo_t)d->algorithm, &d->workspace));
    default:
      TAKE_FIRST (cudnnConvolutionBwdFilterAlgoPerf_t,
                  cudnnGetConvolutionBackwardFilterAlgorithm_v7 (
                      dnn, d->x, d->y, d->conv, d->w, MAX_ALGORITHMS, &n, found),
                  cudnnGetConvolutionBackwardFilterWorkspaceSize (
                      dnn, d->x, d->y, d->conv, d->w,
                      (cudnnConvolutionBwdFilterAlgo_t)d->algorithm, &d->workspace));
    }
}

/* in: the node's inputs; out: its value, then for a bfloat16 gradient of weights the
 * place that cuDNN writes */
static gboolean
start_dense (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const Dense *d = step->data;
  cudnnHandle_t dnn = self->session->dnn;
  const NmdCudaTensor a = nmd_cuda_tensor (self, step->in[0]),
                      b = nmd_cuda_tensor (self, step->in[1]);
  const NmdCudaTensor y = nmd_cuda_tensor (self, step->out[0]);
  const NmdCudaTensor raw = step->n_out > 1 ? nmd_cuda_tensor (self, step->out[1]) : y;
  void *work = nmd_cuda_tensor (self, step->scratch).p;
  const float one = 1, zero = 0,
              *beta = step->in[2] >= 0 && !step->finishes ? &one : &zero;

  if (!spread_bias (self, step, error))
    return FALSE;
  if (step->node->op == NMD_OP_CONV)
    return DNN (cudnnConvolutionForward (dnn, &one, d->x, a.p, d->w, b.p, d->conv,
                                         (cudnnConvolutionFwdAlgo_t)d->algorithm, work,
                                         d->workspace, beta, d->y, y.p))
           && finish (self, step, error);
  if (step->node->op == NMD_OP_CONV_GRAD_X)
    return DNN (cudnnConvolutionBackwardData (dnn, &one, d->w, b.p, d->y, a.p, d->conv,
                                              (cudnnConvolutionBwdDataAlgo_t)d->algorithm,
                                              work, d->workspace, beta, d->x, y.p));
  if (!DNN (cudnnConvolutionBackwardFilter (dnn, &one, d->x, a.p, d->y, b.p, d->conv,
                                            (cudnnConvolutionBwdFilterAlgo_t)d->algorithm,
                                            work, d->workspace, beta, d->w, raw.p)))
    return FALSE;
  return step->n_out == 1
         || RUNTIME (nmd_cuda_scale (self->session->stream, raw, 1, y,
                                     (unsigned)nmd_cuda_count (&step->node->shape)));
}

/* TRUE with *@taken if cuDNN computes it. */
static gboolean
lower_dense (NmdCudaProgram *self,
             NmdNode at,
             const NmdCudaConv *c,
             gboolean *taken,
             GError **error)
{
  const NmdNodeInfo *node = nmd_graph_get (self->graph, at);
  g_autoptr (Dense) d = g_new0 (Dense, 1);
  NmdCudaStep *step;
  int a, b, raw = -1, scratch = -1;
  gboolean bf16;

  match_types (self, at, &a, &b);
  bf16 = nmd_cuda_value (self, a)->t.bf16;
  if (!describe_dense (self, d, c, bf16, error) || !choose (self, d, node->op, error))
    return FALSE;
  *taken = d->algorithm >= 0;
  if (!*taken)
    return TRUE;
  if (d->workspace > 0)
    scratch = nmd_cuda_add_value (self, (d->workspace + 3) / sizeof (float), FALSE);
  if (bf16 && node->op == NMD_OP_CONV_GRAD_W)
    raw = nmd_cuda_add_value (self, nmd_cuda_count (&node->shape), TRUE);
  step = nmd_cuda_add_step (self, node);
  step->start = start_dense;
  step->data = g_steal_pointer (&d);
  step->data_free = dense_free;
  step->in[0] = a;
  step->in[1] = b;
  step->in[2] = node->n_inputs > 2 ? node->inputs[2] : -1;
  step->n_in = 3;
  step->out[step->n_out++] = at;
  if (raw >= 0)
    step->out[step->n_out++] = raw;
  if (node->op == NMD_OP_CONV)
    nmd_cuda_lower_finish (self, step, at, FALSE);
  step->scratch = scratch;
  step->flop = 2.0 * c->n * c->ho * c->wo * c->co * c->ci * c->k * c->k;
  return TRUE;
}

/* Unfolded */

gsize nmd_cuda_unfold_bytes = (gsize)256 << 20;

/* data: a NmdCudaProduct whose rows are one image's; out: the node's value; scratch: rows of as
 * many images as step->conv.n says, at most */
static gboolean
start_unfolded (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdCudaConv *c = &step->conv;
  const NmdOp op = step->node->op;
  const NmdCudaTensor rows = nmd_cuda_tensor (self, step->scratch),
                      y = nmd_cuda_tensor (self, step->out[0]);
  const gsize image_x = (gsize)c->h * (gsize)c->w * (gsize)c->ci;
  const gsize image_y = (gsize)c->ho * (gsize)c->wo * (gsize)c->co;
  const int images = step->node->op == NMD_OP_CONV_GRAD_X
                         ? step->node->shape.dims[0]
                         : nmd_cuda_shape (self, step->node->inputs[0])->dims[0];
  const int taps = c->k * c->k * c->ci, area = c->ho * c->wo;
  cudaStream_t stream = self->session->stream;

  if (!spread_bias (self, step, error))
    return FALSE;
  for (int from = 0; from < images; from += c->n)
    {
      const int n = MIN (c->n, images - from);
      const gsize x_at = (gsize)from * image_x, y_at = (gsize)from * image_y;
      NmdCudaTensor a = nmd_cuda_tensor (self, step->in[0]),
                    b = nmd_cuda_tensor (self, step->in[1]), part = y;
      gboolean ok;

      if (op == NMD_OP_CONV_GRAD_X)
        {
          const NmdCudaProduct p
              = { CUBLAS_OP_N, CUBLAS_OP_N, taps, n * area, c->co, taps, c->co, taps, 1 };

          a.p = nmd_cuda_at_offset (a, y_at);
          part.p = nmd_cuda_at_offset (y, x_at);
          ok = multiply (self, &p, b, a, rows, error)
               && RUNTIME (nmd_cuda_fold (stream, c, n, rows, part));
        }
      else
        {
          const NmdCudaProduct p = { CUBLAS_OP_T,
                                     CUBLAS_OP_N,
                                     c->co,
                                     n * area,
                                     taps,
                                     taps,
                                     taps,
                                     c->co,
                                     1,
                                     0,
                                     0,
                                     0,
                                     step->in[2] >= 0 && !step->finishes };
          const NmdCudaProduct p_w
              = { CUBLAS_OP_N, CUBLAS_OP_T, taps, c->co, n * area, taps,    c->co,
                  taps,        1,           0,    0,     0,        from > 0 };

          a.p = nmd_cuda_at_offset (a, x_at);
          ok = RUNTIME (nmd_cuda_unfold (stream, c, n, a, rows));
          if (op == NMD_OP_CONV)
            part.p = nmd_cuda_at_offset (y, y_at);
          else
            b.p = nmd_cuda_at_offset (b, y_at);
          ok = ok
               && (op == NMD_OP_CONV ? multiply (self, &p, b, rows, part, error)
                                     : multiply (self, &p_w, rows, b, y, error));
        }
      if (!ok)
        return FALSE;
    }
  return finish (self, step, error);
}

static void
lower_unfolded (NmdCudaProgram *self, NmdNode at, const NmdCudaConv *c)
{
  const NmdNodeInfo *node = nmd_graph_get (self->graph, at);
  const gsize image
      = (gsize)c->ho * (gsize)c->wo * (gsize)c->k * (gsize)c->k * (gsize)c->ci;
  const gsize most = MAX (nmd_cuda_unfold_bytes / sizeof (float) / image, 1);
  const int images = (int)MIN ((gsize)c->n, most);
  NmdCudaStep *step;
  int a, b, scratch;

  match_types (self, at, &a, &b);
  scratch = nmd_cuda_add_value (self, image * (gsize)images,
                                nmd_cuda_value (self, a)->t.bf16);
  step = nmd_cuda_add_step (self, node);
  step->start = start_unfolded;
  step->conv = *c;
  step->conv.n = images;
  step->in[0] = a;
  step->in[1] = b;
  step->in[2] = node->n_inputs > 2 ? node->inputs[2] : -1;
  step->n_in = 3;
  step->out[step->n_out++] = at;
  if (node->op == NMD_OP_CONV)
    nmd_cuda_lower_finish (self, step, at, FALSE);
  step->scratch = scratch;
  step->flop = 2.0 * c->n * (double)image * c->co;
}

/* Own kernels */

static gboolean
start_own (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdCudaTensor a = nmd_cuda_tensor (self, step->in[0]),
                      b = nmd_cuda_tensor (self, step->in[1]),
                      y = nmd_cuda_tensor (self, step->out[0]);
  cudaStream_t stream = self->session->stream;

  if (step->node->op == NMD_OP_CONV)
    {
      const NmdCudaFinish last = nmd_cuda_finish_of (self, step);

      return RUNTIME (nmd_cuda_conv (stream, &step->conv, a, b, &last, y));
    }
  if (step->node->op == NMD_OP_CONV_GRAD_X)
    return RUNTIME (nmd_cuda_conv_grad_x (stream, &step->conv, a, b, y));
  return RUNTIME (nmd_cuda_conv_grad_w (stream, &step->conv, a, b,
                                        nmd_cuda_floats (self, step->scratch), y.p));
}

static void
lower_own (NmdCudaProgram *self, NmdNode at, const NmdCudaConv *c)
{
  const NmdNodeInfo *node = nmd_graph_get (self->graph, at);
  int scratch = -1;
  NmdCudaStep *step;

  if (node->op == NMD_OP_CONV_GRAD_W && nmd_cuda_conv_splits (c) > 1)
    scratch = nmd_cuda_add_value (
        self, nmd_cuda_count (&node->shape) * (gsize)nmd_cuda_conv_splits (c), FALSE);
  step = nmd_cuda_add_step (self, node);
  step->start = start_own;
  step->conv = *c;
  step->in[0] = node->inputs[0];
  step->in[1] = node->inputs[1];
  step->in[2] = node->n_inputs > 2 ? node->inputs[2] : -1;
  step->n_in = 3;
  step->out[step->n_out++] = at;
  if (node->op == NMD_OP_CONV)
    nmd_cuda_lower_finish (self, step, at, TRUE);
  step->scratch = scratch;
  step->flop = 2.0 * c->n * c->ho * c->wo * c->co * (c->ci / c->groups) * c->k * c->k;
}

static NmdCudaConv
geometry (NmdCudaProgram *self, const NmdNodeInfo *node)
{
  const NmdShape *a = nmd_cuda_shape (self, node->inputs[0]);
  const NmdShape *b = nmd_cuda_shape (self, node->inputs[1]);
  const NmdShape *x = node->op == NMD_OP_CONV_GRAD_X ? &node->shape : a;
  const NmdShape *w = node->op == NMD_OP_CONV_GRAD_W ? &node->shape : b;
  const NmdShape *y = node->op == NMD_OP_CONV          ? &node->shape
                      : node->op == NMD_OP_CONV_GRAD_X ? a
                                                       : b;

  return (NmdCudaConv){ .n = x->dims[0],
                        .ci = x->dims[1],
                        .co = y->dims[1],
                        .h = x->dims[2],
                        .w = x->dims[3],
                        .ho = y->dims[2],
                        .wo = y->dims[3],
                        .k = w->dims[2],
                        .stride = node->at.stride,
                        .padding = node->at.padding,
                        .groups = node->at.groups };
}

static gboolean
lower_conv (NmdCudaProgram *self, NmdNode at, GError **error)
{
  const NmdCudaConv c = geometry (self, nmd_graph_get (self->graph, at));
  const int ci = c.ci / c.groups, co = c.co / c.groups;
  gboolean taken = FALSE;

  if (c.k == 1 && c.stride == 1 && c.padding == 0 && c.groups <= MAX_GROUPS
      && ci * co > FEW)
    {
      lower_product (self, at, c.n * c.h * c.w, c.ci, c.co, c.groups);
      return TRUE;
    }
  if (c.groups > 1 || ci * co <= FEW)
    {
      lower_own (self, at, &c);
      return TRUE;
    }
  if (!lower_dense (self, at, &c, &taken, error))
    return FALSE;
  if (!taken)
    lower_unfolded (self, at, &c);
  return TRUE;
}

static void
lower_linear (NmdCudaProgram *self, NmdNode at)
{
  const NmdNodeInfo *node = nmd_graph_get (self->graph, at);
  const NmdShape *a = nmd_cuda_shape (self, node->inputs[0]);
  const NmdShape *b = nmd_cuda_shape (self, node->inputs[1]);
  const int ci = node->op == NMD_OP_LINEAR_GRAD_W ? a->dims[1] : b->dims[1];
  const int co = node->op == NMD_OP_LINEAR_GRAD_W ? b->dims[1] : b->dims[0];

  lower_product (self, at, nmd_cuda_rows (a), ci, co, 1);
}

gboolean
nmd_cuda_lower_product (NmdCudaProgram *self, NmdNode node, GError **error)
{
  switch (nmd_graph_get (self->graph, node)->op)
    {
    case NMD_OP_CONV:
    case NMD_OP_CONV_GRAD_X:
    case NMD_OP_CONV_GRAD_W:
      return lower_conv (self, node, error);
    default:
      lower_linear (self, node);
      return TRUE;
    }
}
