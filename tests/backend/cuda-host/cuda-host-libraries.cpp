/* SPDX-License-Identifier: Apache-2.0
 *
 * cuBLAS and cuDNN for the host: products and convolutions as plain loops with sums in double.
 * They check what a caller can get wrong: leading dimensions, descriptors, workspaces.
 */
#include "cublas_v2.h"
#include "cudnn.h"

#define WORKSPACE 64

static float
load (const void *p, bool bf16, size_t i)
{
  return bf16 ? __uint_as_float ((unsigned)((const unsigned short *)p)[i] << 16) : ((const float *)p)[i];
}

static void
store (void *p, bool bf16, size_t i, float x)
{
  const unsigned bits = __float_as_uint (x);

  if (!bf16)
    ((float *)p)[i] = x;
  else if (std::isnan (x))
    ((unsigned short *)p)[i] = 0x7fc0;
  else
    ((unsigned short *)p)[i] = (unsigned short)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

/* --- cuBLAS */

struct CudaHostBlas
{
  cudaStream_t stream;
  void *workspace;
};

cublasStatus_t
cublasCreate (cublasHandle_t *handle)
{
  *handle = new CudaHostBlas ();
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasDestroy (cublasHandle_t handle)
{
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetStream (cublasHandle_t handle, cudaStream_t stream)
{
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetWorkspace (cublasHandle_t handle, void *workspace, size_t)
{
  handle->workspace = workspace;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetMathMode (cublasHandle_t, int)
{
  return CUBLAS_STATUS_SUCCESS;
}

const char *
cublasGetStatusString (cublasStatus_t status)
{
  return status == CUBLAS_STATUS_INVALID_VALUE ? "an invalid value" : "a failure";
}

static cublasStatus_t
product (cublasHandle_t handle, bool turn_a, bool turn_b, int m, int n, int k, float alpha, const void *a,
         bool half_a, int lda, const void *b, bool half_b, int ldb, float beta, void *c, bool half_c, int ldc)
{
  if (lda < (turn_a ? k : m) || ldb < (turn_b ? n : k) || ldc < m || half_a != half_b
      || (half_c && !half_a))
    return CUBLAS_STATUS_INVALID_VALUE;
  cudaError_t status = cuda_host_enqueue (handle->stream, [=] () {
    for (int j = 0; j < n; j++)
      for (int i = 0; i < m; i++)
        {
          const size_t at = (size_t)j * ldc + i;
          double sum = 0;

          for (int l = 0; l < k; l++)
            sum += (double)load (a, half_a, turn_a ? (size_t)i * lda + l : (size_t)l * lda + i)
                   * (double)load (b, half_b, turn_b ? (size_t)l * ldb + j : (size_t)j * ldb + l);
          sum *= alpha;
          if (beta != 0)
            sum += beta * load (c, half_c, at);
          store (c, half_c, at, (float)sum);
        }
  });

  return status == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

cublasStatus_t
cublasGemmEx (cublasHandle_t handle, cublasOperation_t turn_a, cublasOperation_t turn_b, int m, int n, int k,
              const void *alpha, const void *a, cudaDataType_t type_a, int lda, const void *b,
              cudaDataType_t type_b, int ldb, const void *beta, void *c, cudaDataType_t type_c, int ldc,
              cublasComputeType_t, int)
{
  return product (handle, turn_a == CUBLAS_OP_T, turn_b == CUBLAS_OP_T, m, n, k, *(const float *)alpha, a,
                  type_a == CUDA_R_16BF, lda, b, type_b == CUDA_R_16BF, ldb, *(const float *)beta, c,
                  type_c == CUDA_R_16BF, ldc);
}

cublasStatus_t
cublasGemmBatchedEx (cublasHandle_t handle, cublasOperation_t turn_a, cublasOperation_t turn_b, int m, int n,
                     int k, const void *alpha, const void *const a[], cudaDataType_t type_a, int lda,
                     const void *const b[], cudaDataType_t type_b, int ldb, const void *beta, void *const c[],
                     cudaDataType_t type_c, int ldc, int count, cublasComputeType_t compute, int algorithm)
{
  cublasStatus_t status = CUBLAS_STATUS_SUCCESS;

  for (int i = 0; i < count && status == CUBLAS_STATUS_SUCCESS; i++)
    status = cublasGemmEx (handle, turn_a, turn_b, m, n, k, alpha, a[i], type_a, lda, b[i], type_b, ldb, beta,
                           c[i], type_c, ldc, compute, algorithm);
  return status;
}

/* --- cuDNN */

struct CudaHostDnn
{
  cudaStream_t stream;
};

struct CudaHostTensor
{
  bool bf16;
  int n, c, h, w;
};

struct CudaHostConvolution
{
  int padding, stride;
};

static int refusing;

void
cuda_host_refuse_convolutions (int refuse)
{
  refusing = refuse;
}

cudnnStatus_t
cudnnCreate (cudnnHandle_t *handle)
{
  *handle = new CudaHostDnn ();
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t
cudnnDestroy (cudnnHandle_t handle)
{
  delete handle;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t
cudnnSetStream (cudnnHandle_t handle, cudaStream_t stream)
{
  handle->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}

size_t
cudnnGetVersion (void)
{
  return 90000;
}

const char *
cudnnGetErrorString (cudnnStatus_t)
{
  return "a failure";
}

cudnnStatus_t
cudnnCreateTensorDescriptor (cudnnTensorDescriptor_t *descriptor)
{
  *descriptor = new CudaHostTensor ();
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t
cudnnDestroyTensorDescriptor (cudnnTensorDescriptor_t descriptor)
{
  delete descriptor;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t
cudnnSetTensor4dDescriptor (cudnnTensorDescriptor_t descriptor, cudnnTensorFormat_t format,
                            cudnnDataType_t type, int n, int c, int h, int w)
{
  *descriptor = { type == CUDNN_DATA_BFLOAT16, n, c, h, w };
  return format == CUDNN_TENSOR_NHWC ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_BAD_PARAM;
}

cudnnStatus_t
cudnnCreateFilterDescriptor (cudnnFilterDescriptor_t *descriptor)
{
  return cudnnCreateTensorDescriptor (descriptor);
}

cudnnStatus_t
cudnnDestroyFilterDescriptor (cudnnFilterDescriptor_t descriptor)
{
  return cudnnDestroyTensorDescriptor (descriptor);
}

cudnnStatus_t
cudnnSetFilter4dDescriptor (cudnnFilterDescriptor_t descriptor, cudnnDataType_t type,
                            cudnnTensorFormat_t format, int k, int c, int h, int w)
{
  return cudnnSetTensor4dDescriptor (descriptor, format, type, k, c, h, w);
}

cudnnStatus_t
cudnnCreateConvolutionDescriptor (cudnnConvolutionDescriptor_t *descriptor)
{
  *descriptor = new CudaHostConvolution ();
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t
cudnnDestroyConvolutionDescriptor (cudnnConvolutionDescriptor_t descriptor)
{
  delete descriptor;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t
cudnnSetConvolution2dDescriptor (cudnnConvolutionDescriptor_t descriptor, int pad_h, int pad_w, int stride_h,
                                 int stride_w, int dilation_h, int dilation_w, int mode, cudnnDataType_t)
{
  *descriptor = { pad_h, stride_h };
  return pad_h == pad_w && stride_h == stride_w && dilation_h == 1 && dilation_w == 1
                 && mode == CUDNN_CROSS_CORRELATION
             ? CUDNN_STATUS_SUCCESS
             : CUDNN_STATUS_BAD_PARAM;
}

cudnnStatus_t
cudnnSetConvolutionMathType (cudnnConvolutionDescriptor_t, cudnnMathType_t)
{
  return CUDNN_STATUS_SUCCESS;
}

/* The best-ranked algorithm is one that must not be taken in strict numerics. */
template <class Perf>
static cudnnStatus_t
propose (int *n, Perf *found)
{
  *n = refusing ? 1 : 3;
  found[0] = { 0, CUDNN_STATUS_NOT_SUPPORTED, -1, 0, CUDNN_DETERMINISTIC, CUDNN_FMA_MATH };
  found[1] = { 3, CUDNN_STATUS_SUCCESS, -1, WORKSPACE, CUDNN_NON_DETERMINISTIC, CUDNN_FMA_MATH };
  found[2] = { 1, CUDNN_STATUS_SUCCESS, -1, WORKSPACE, CUDNN_DETERMINISTIC, CUDNN_FMA_MATH };
  return CUDNN_STATUS_SUCCESS;
}

#undef CUDA_HOST_CHOICE
#define CUDA_HOST_CHOICE(Name, Perf, A, B, C)                                                          \
  cudnnStatus_t cudnnGetConvolution##Name##Algorithm_v7 (                                              \
      cudnnHandle_t, A, B, cudnnConvolutionDescriptor_t, C, int, int *n, Perf *found)                  \
  {                                                                                                    \
    return propose (n, found);                                                                         \
  }                                                                                                    \
  cudnnStatus_t cudnnGetConvolution##Name##WorkspaceSize (                                             \
      cudnnHandle_t, A, B, cudnnConvolutionDescriptor_t, C, int, size_t *bytes)                        \
  {                                                                                                    \
    *bytes = WORKSPACE;                                                                                \
    return CUDNN_STATUS_SUCCESS;                                                                       \
  }
CUDA_HOST_CHOICE (Forward, cudnnConvolutionFwdAlgoPerf_t, cudnnTensorDescriptor_t, cudnnFilterDescriptor_t,
                  cudnnTensorDescriptor_t)
CUDA_HOST_CHOICE (BackwardData, cudnnConvolutionBwdDataAlgoPerf_t, cudnnFilterDescriptor_t,
                  cudnnTensorDescriptor_t, cudnnTensorDescriptor_t)
CUDA_HOST_CHOICE (BackwardFilter, cudnnConvolutionBwdFilterAlgoPerf_t, cudnnTensorDescriptor_t,
                  cudnnTensorDescriptor_t, cudnnFilterDescriptor_t)

/* Calls pair (x index, w index, y index) of every product of the convolution. */
template <class F>
static void
walk (const CudaHostTensor &x, const CudaHostTensor &w, const CudaHostTensor &y,
      const CudaHostConvolution &conv, F pair)
{
  for (int n = 0; n < y.n; n++)
    for (int i = 0; i < y.h; i++)
      for (int j = 0; j < y.w; j++)
        for (int a = 0; a < w.h; a++)
          for (int b = 0; b < w.w; b++)
            {
              const int h = i * conv.stride - conv.padding + a, v = j * conv.stride - conv.padding + b;

              if (h < 0 || h >= x.h || v < 0 || v >= x.w)
                continue;
              for (int o = 0; o < y.c; o++)
                for (int c = 0; c < x.c; c++)
                  pair ((((size_t)n * x.h + h) * x.w + v) * x.c + c,
                        (((size_t)o * w.h + a) * w.w + b) * w.c + c,
                        (((size_t)n * y.h + i) * y.w + j) * y.c + o);
            }
}

static size_t
count (const CudaHostTensor &t)
{
  return (size_t)t.n * t.c * t.h * t.w;
}

static bool
fits (const CudaHostTensor &x, const CudaHostTensor &w, const CudaHostTensor &y,
      const CudaHostConvolution &conv, int algo, const void *workspace, size_t bytes)
{
  return x.n == y.n && x.c == w.c && y.c == w.n && x.bf16 == w.bf16 && x.bf16 == y.bf16
         && y.h == (x.h + 2 * conv.padding - w.h) / conv.stride + 1
         && y.w == (x.w + 2 * conv.padding - w.w) / conv.stride + 1 && (algo == 1 || algo == 3)
         && workspace != NULL && bytes >= WORKSPACE;
}

/* y = sums + beta·y */
static void
put (const CudaHostTensor &is, void *y, const double *sums, float beta)
{
  for (size_t i = 0; i < count (is); i++)
    store (y, is.bf16, i, (float)(sums[i] + (beta != 0 ? beta * load (y, is.bf16, i) : 0)));
}

static cudnnStatus_t
run (cudnnHandle_t handle, void *workspace, std::function<void ()> work)
{
  cudaError_t status = cuda_host_enqueue (handle->stream, [=] () {
    memset (workspace, 0xff, WORKSPACE);
    work ();
  });

  return status == cudaSuccess ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_EXECUTION_FAILED;
}

cudnnStatus_t
cudnnConvolutionForward (cudnnHandle_t handle, const void *, cudnnTensorDescriptor_t x_is, const void *x,
                         cudnnFilterDescriptor_t w_is, const void *w, cudnnConvolutionDescriptor_t conv_is,
                         int algo, void *workspace, size_t bytes, const void *beta_is,
                         cudnnTensorDescriptor_t y_is, void *y)
{
  const CudaHostTensor dx = *x_is, dw = *w_is, dy = *y_is;
  const CudaHostConvolution conv = *conv_is;
  const float beta = *(const float *)beta_is;

  if (!fits (dx, dw, dy, conv, algo, workspace, bytes))
    return CUDNN_STATUS_BAD_PARAM;
  return run (handle, workspace, [=] () {
    double *sums = new double[count (dy)] ();

    walk (dx, dw, dy, conv, [=] (size_t i, size_t j, size_t k) {
      sums[k] += (double)load (x, dx.bf16, i) * (double)load (w, dw.bf16, j);
    });
    put (dy, y, sums, beta);
    delete[] sums;
  });
}

cudnnStatus_t
cudnnConvolutionBackwardData (cudnnHandle_t handle, const void *, cudnnFilterDescriptor_t w_is, const void *w,
                              cudnnTensorDescriptor_t dy_is, const void *y,
                              cudnnConvolutionDescriptor_t conv_is, int algo, void *workspace, size_t bytes,
                              const void *beta_is, cudnnTensorDescriptor_t dx_is, void *x)
{
  const CudaHostTensor dx = *dx_is, dw = *w_is, dy = *dy_is;
  const CudaHostConvolution conv = *conv_is;
  const float beta = *(const float *)beta_is;

  if (!fits (dx, dw, dy, conv, algo, workspace, bytes))
    return CUDNN_STATUS_BAD_PARAM;
  return run (handle, workspace, [=] () {
    double *sums = new double[count (dx)] ();

    walk (dx, dw, dy, conv, [=] (size_t i, size_t j, size_t k) {
      sums[i] += (double)load (y, dy.bf16, k) * (double)load (w, dw.bf16, j);
    });
    put (dx, x, sums, beta);
    delete[] sums;
  });
}

cudnnStatus_t
cudnnConvolutionBackwardFilter (cudnnHandle_t handle, const void *, cudnnTensorDescriptor_t x_is,
                                const void *x, cudnnTensorDescriptor_t dy_is, const void *y,
                                cudnnConvolutionDescriptor_t conv_is, int algo, void *workspace, size_t bytes,
                                const void *beta_is, cudnnFilterDescriptor_t dw_is, void *w)
{
  const CudaHostTensor dx = *x_is, dw = *dw_is, dy = *dy_is;
  const CudaHostConvolution conv = *conv_is;
  const float beta = *(const float *)beta_is;

  if (!fits (dx, dw, dy, conv, algo, workspace, bytes))
    return CUDNN_STATUS_BAD_PARAM;
  return run (handle, workspace, [=] () {
    double *sums = new double[count (dw)] ();

    walk (dx, dw, dy, conv, [=] (size_t i, size_t j, size_t k) {
      sums[j] += (double)load (x, dx.bf16, i) * (double)load (y, dy.bf16, k);
    });
    put (dw, w, sums, beta);
    delete[] sums;
  });
}
