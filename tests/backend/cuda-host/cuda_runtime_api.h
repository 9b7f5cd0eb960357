/* SPDX-License-Identifier: Apache-2.0
 *
 * A stand-in for the part of the CUDA runtime that the CUDA backend uses, computed on the host, so
 * that its program and its kernels run in tests where there is no card. Work is done at once, or
 * recorded while a stream is captured; memory is the host's, filled with NaN and guarded behind its end;
 * the threads of a block with barriers are fibers. What it cannot show: races between streams or
 * within a block, speed, and whether NVIDIA's libraries take the arguments as these stand-ins do.
 */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum
{
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorLaunchFailure = 719,
  cudaErrorStreamCaptureUnsupported = 900,
} cudaError_t;

typedef struct CudaHostStream *cudaStream_t;
typedef struct CudaHostEvent *cudaEvent_t;
typedef struct CudaHostGraph *cudaGraph_t;
typedef struct CudaHostGraph *cudaGraphExec_t;

struct cudaDeviceProp
{
  char name[256];
  size_t totalGlobalMem;
  int major, minor;
};

enum
{
  cudaStreamNonBlocking = 1,
  cudaEventDisableTiming = 2,
};

typedef enum
{
  cudaMemcpyHostToDevice = 1,
  cudaMemcpyDeviceToHost = 2,
} cudaMemcpyKind;

typedef enum
{
  cudaStreamCaptureModeThreadLocal = 1,
} cudaStreamCaptureMode;

typedef enum
{
  CUDA_R_32F = 0,
  CUDA_R_16BF = 14,
} cudaDataType_t;

cudaError_t cudaGetDeviceCount (int *n);
cudaError_t cudaGetDeviceProperties (struct cudaDeviceProp *properties, int device);
cudaError_t cudaSetDevice (int device);
cudaError_t cudaDriverGetVersion (int *version);
cudaError_t cudaRuntimeGetVersion (int *version);
cudaError_t cudaGetLastError (void);
const char *cudaGetErrorString (cudaError_t status);
const char *cudaGetErrorName (cudaError_t status);
cudaError_t cudaMalloc (void **p, size_t bytes);
cudaError_t cudaFree (void *p);
cudaError_t cudaMallocHost (void **p, size_t bytes);
cudaError_t cudaFreeHost (void *p);
cudaError_t cudaMemGetInfo (size_t *available, size_t *all);
cudaError_t cudaMemcpyAsync (void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemsetAsync (void *p, int value, size_t bytes, cudaStream_t stream);
cudaError_t cudaStreamCreateWithFlags (cudaStream_t *stream, unsigned flags);
cudaError_t cudaStreamDestroy (cudaStream_t stream);
cudaError_t cudaStreamSynchronize (cudaStream_t stream);
cudaError_t cudaStreamWaitEvent (cudaStream_t stream, cudaEvent_t event, unsigned flags);
cudaError_t cudaStreamBeginCapture (cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture (cudaStream_t stream, cudaGraph_t *graph);
cudaError_t cudaGraphInstantiate (cudaGraphExec_t *replay, cudaGraph_t graph, unsigned long long flags);
cudaError_t cudaGraphLaunch (cudaGraphExec_t replay, cudaStream_t stream);
cudaError_t cudaGraphDestroy (cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy (cudaGraphExec_t replay);
cudaError_t cudaEventCreate (cudaEvent_t *event);
cudaError_t cudaEventCreateWithFlags (cudaEvent_t *event, unsigned flags);
cudaError_t cudaEventDestroy (cudaEvent_t event);
cudaError_t cudaEventRecord (cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize (cudaEvent_t event);
cudaError_t cudaEventElapsedTime (float *milliseconds, cudaEvent_t from, cudaEvent_t to);

/* --- for tests */

/* From the @n-th kernel on the card is lost, and everything fails; −1: it is well. */
void        cuda_host_lose_after   (long n);
/* Bytes that the card has in all. */
void        cuda_host_set_memory   (size_t bytes);
/* Bytes that are allocated, and launches of captured graphs so far. */
size_t      cuda_host_get_used     (void);
long        cuda_host_get_replays  (void);
/* Places whose guard was overwritten, among those freed so far. */
long        cuda_host_get_overruns (void);

#ifdef __cplusplus
}

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>

struct dim3
{
  unsigned x, y, z;
  dim3 (unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x (x_), y (y_), z (z_) {}
};

struct alignas (16) float4
{
  float x, y, z, w;
};
struct alignas (8) ushort4
{
  unsigned short x, y, z, w;
};

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __shared__ static

extern dim3 threadIdx, blockIdx, blockDim, gridDim;

void cuda_host_barrier (int line);
float cuda_host_shuffle (float value, int step);
cudaError_t cuda_host_enqueue (cudaStream_t stream, std::function<void ()> work);
cudaError_t cuda_host_launch (cudaStream_t stream, dim3 grid, dim3 block, bool fibers,
                              std::function<void ()> thread);

#define __syncthreads() cuda_host_barrier (__LINE__)
#define __shfl_xor_sync(mask, value, step) cuda_host_shuffle (value, step)

static inline unsigned
__float_as_uint (float x)
{
  unsigned bits;

  std::memcpy (&bits, &x, sizeof bits);
  return bits;
}

static inline float
__uint_as_float (unsigned bits)
{
  float x;

  std::memcpy (&x, &bits, sizeof x);
  return x;
}

/* Arguments by value, as a launch copies them. */
template <class... P, class... A>
static std::function<void ()>
cuda_host_bind (void (*kernel) (P...), A... arguments)
{
  std::tuple<std::decay_t<P>...> copies (arguments...);

  return [=] () { std::apply (kernel, copies); };
}

#define NMD_LAUNCH(kernel, grid, block, stream, ...) \
  cuda_host_launch (stream, grid, block, false, cuda_host_bind (kernel, __VA_ARGS__))
#define NMD_LAUNCH_BLOCKS(kernel, grid, block, stream, ...) \
  cuda_host_launch (stream, grid, block, true, cuda_host_bind (kernel, __VA_ARGS__))

#endif
