/* SPDX-License-Identifier: Apache-2.0
 *
 * The few functions of cuDNN that the CUDA backend calls, as plain loops on the host
 * (cuda-host-libraries.cpp). Only channels-last tensors.
 */
#pragma once

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CUDNN_MAJOR 9

typedef struct CudaHostDnn *cudnnHandle_t;
typedef struct CudaHostTensor *cudnnTensorDescriptor_t;
typedef struct CudaHostTensor *cudnnFilterDescriptor_t;
typedef struct CudaHostConvolution *cudnnConvolutionDescriptor_t;

typedef enum
{
  CUDNN_STATUS_SUCCESS = 0,
  CUDNN_STATUS_BAD_PARAM = 2000,
  CUDNN_STATUS_NOT_SUPPORTED = 3000,
  CUDNN_STATUS_EXECUTION_FAILED = 5000,
} cudnnStatus_t;

typedef enum
{
  CUDNN_DATA_FLOAT = 0,
  CUDNN_DATA_BFLOAT16 = 9,
} cudnnDataType_t;

typedef enum
{
  CUDNN_TENSOR_NHWC = 1,
} cudnnTensorFormat_t;

typedef enum
{
  CUDNN_TENSOR_OP_MATH = 1,
  CUDNN_FMA_MATH = 3,
} cudnnMathType_t;

typedef enum
{
  CUDNN_NON_DETERMINISTIC = 0,
  CUDNN_DETERMINISTIC = 1,
} cudnnDeterminism_t;

enum
{
  CUDNN_CROSS_CORRELATION = 1,
};

typedef int cudnnConvolutionFwdAlgo_t, cudnnConvolutionBwdDataAlgo_t, cudnnConvolutionBwdFilterAlgo_t;

typedef struct
{
  int algo;
  cudnnStatus_t status;
  float time;
  size_t memory;
  cudnnDeterminism_t determinism;
  cudnnMathType_t mathType;
} cudnnConvolutionFwdAlgoPerf_t, cudnnConvolutionBwdDataAlgoPerf_t, cudnnConvolutionBwdFilterAlgoPerf_t;

cudnnStatus_t cudnnCreate (cudnnHandle_t *handle);
cudnnStatus_t cudnnDestroy (cudnnHandle_t handle);
cudnnStatus_t cudnnSetStream (cudnnHandle_t handle, cudaStream_t stream);
size_t cudnnGetVersion (void);
const char *cudnnGetErrorString (cudnnStatus_t status);
cudnnStatus_t cudnnCreateTensorDescriptor (cudnnTensorDescriptor_t *descriptor);
cudnnStatus_t cudnnDestroyTensorDescriptor (cudnnTensorDescriptor_t descriptor);
cudnnStatus_t cudnnSetTensor4dDescriptor (cudnnTensorDescriptor_t descriptor, cudnnTensorFormat_t format,
                                          cudnnDataType_t type, int n, int c, int h, int w);
cudnnStatus_t cudnnCreateFilterDescriptor (cudnnFilterDescriptor_t *descriptor);
cudnnStatus_t cudnnDestroyFilterDescriptor (cudnnFilterDescriptor_t descriptor);
cudnnStatus_t cudnnSetFilter4dDescriptor (cudnnFilterDescriptor_t descriptor, cudnnDataType_t type,
                                          cudnnTensorFormat_t format, int k, int c, int h, int w);
cudnnStatus_t cudnnCreateConvolutionDescriptor (cudnnConvolutionDescriptor_t *descriptor);
cudnnStatus_t cudnnDestroyConvolutionDescriptor (cudnnConvolutionDescriptor_t descriptor);
cudnnStatus_t cudnnSetConvolution2dDescriptor (cudnnConvolutionDescriptor_t descriptor, int pad_h, int pad_w,
                                               int stride_h, int stride_w, int dilation_h, int dilation_w,
                                               int mode, cudnnDataType_t compute);
cudnnStatus_t cudnnSetConvolutionMathType (cudnnConvolutionDescriptor_t descriptor, cudnnMathType_t math);

#define CUDA_HOST_CHOICE(Name, Perf, A, B, C)                                                                \
  cudnnStatus_t cudnnGetConvolution##Name##Algorithm_v7 (cudnnHandle_t handle, A a, B b,                     \
                                                         cudnnConvolutionDescriptor_t conv, C c, int wanted, \
                                                         int *n, Perf *found);                               \
  cudnnStatus_t cudnnGetConvolution##Name##WorkspaceSize (cudnnHandle_t handle, A a, B b,                    \
                                                          cudnnConvolutionDescriptor_t conv, C c, int algo,  \
                                                          size_t *bytes);
CUDA_HOST_CHOICE (Forward, cudnnConvolutionFwdAlgoPerf_t, cudnnTensorDescriptor_t, cudnnFilterDescriptor_t,
                  cudnnTensorDescriptor_t)
CUDA_HOST_CHOICE (BackwardData, cudnnConvolutionBwdDataAlgoPerf_t, cudnnFilterDescriptor_t,
                  cudnnTensorDescriptor_t, cudnnTensorDescriptor_t)
CUDA_HOST_CHOICE (BackwardFilter, cudnnConvolutionBwdFilterAlgoPerf_t, cudnnTensorDescriptor_t,
                  cudnnTensorDescriptor_t, cudnnFilterDescriptor_t)

cudnnStatus_t cudnnConvolutionForward (cudnnHandle_t handle, const void *alpha, cudnnTensorDescriptor_t x_is,
                                       const void *x, cudnnFilterDescriptor_t w_is, const void *w,
                                       cudnnConvolutionDescriptor_t conv, int algo, void *workspace,
                                       size_t bytes, const void *beta, cudnnTensorDescriptor_t y_is, void *y);
cudnnStatus_t cudnnConvolutionBackwardData (cudnnHandle_t handle, const void *alpha,
                                            cudnnFilterDescriptor_t w_is, const void *w,
                                            cudnnTensorDescriptor_t dy_is, const void *dy,
                                            cudnnConvolutionDescriptor_t conv, int algo, void *workspace,
                                            size_t bytes, const void *beta, cudnnTensorDescriptor_t dx_is,
                                            void *dx);
cudnnStatus_t cudnnConvolutionBackwardFilter (cudnnHandle_t handle, const void *alpha,
                                              cudnnTensorDescriptor_t x_is, const void *x,
                                              cudnnTensorDescriptor_t dy_is, const void *dy,
                                              cudnnConvolutionDescriptor_t conv, int algo, void *workspace,
                                              size_t bytes, const void *beta, cudnnFilterDescriptor_t dw_is,
                                              void *dw);

/* For tests: whether cuDNN proposes no algorithm at all, so that own kernels take over. */
void cuda_host_refuse_convolutions (int refuse);

#ifdef __cplusplus
}
#endif
