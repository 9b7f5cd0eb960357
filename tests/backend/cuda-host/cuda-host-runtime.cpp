/* SPDX-License-Identifier: Apache-2.0
 *
 * The runtime's stand-in: guarded memory, streams that run at once or record, and blocks whose
 * threads are fibers that meet at barriers and shuffles. A block that would hang or that
 * shuffles with lanes missing ends the test.
 */
#include "cuda_runtime_api.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <ucontext.h>
#include <vector>

#define GUARD 64
#define GUARD_BYTE 0x5a
#define STACK (64 * 1024)
#define WARP 32

struct CudaHostGraph
{
  std::vector<std::function<void ()>> work;
};

struct CudaHostStream
{
  CudaHostGraph *recording;
  bool broken;
};

struct CudaHostEvent
{
  int unused;
};

static std::map<void *, size_t> allocated;
static size_t used, memory = (size_t)8 << 30;
static long replays, overruns, kernels_left = -1;
static bool lost;
static int capturing;

void
cuda_host_lose_after (long n)
{
  kernels_left = n;
  lost = false;
}

void
cuda_host_set_memory (size_t bytes)
{
  memory = bytes;
}

size_t
cuda_host_get_used (void)
{
  return used;
}

long
cuda_host_get_replays (void)
{
  return replays;
}

long
cuda_host_get_overruns (void)
{
  return overruns;
}

static cudaError_t
state (void)
{
  return lost ? cudaErrorLaunchFailure : cudaSuccess;
}

/* --- the card */

cudaError_t
cudaGetDeviceCount (int *n)
{
  *n = 1;
  return cudaSuccess;
}

cudaError_t
cudaGetDeviceProperties (struct cudaDeviceProp *properties, int)
{
  snprintf (properties->name, sizeof properties->name, "a card on the host");
  properties->totalGlobalMem = memory;
  properties->major = 9;
  properties->minor = 0;
  return cudaSuccess;
}

cudaError_t
cudaSetDevice (int device)
{
  return device == 0 ? state () : cudaErrorInvalidValue;
}

cudaError_t
cudaDriverGetVersion (int *version)
{
  *version = 13000;
  return cudaSuccess;
}

cudaError_t
cudaRuntimeGetVersion (int *version)
{
  *version = 13000;
  return cudaSuccess;
}

cudaError_t
cudaGetLastError (void)
{
  return state ();
}

const char *
cudaGetErrorString (cudaError_t status)
{
  return status == cudaErrorLaunchFailure      ? "unspecified launch failure"
         : status == cudaErrorMemoryAllocation ? "out of memory"
                                               : "some error";
}

const char *
cudaGetErrorName (cudaError_t status)
{
  return status == cudaErrorLaunchFailure ? "cudaErrorLaunchFailure" : "cudaErrorOther";
}

/* --- memory */

cudaError_t
cudaMalloc (void **p, size_t bytes)
{
  char *place;

  if (lost)
    return state ();
  if (capturing > 0)
    return cudaErrorStreamCaptureUnsupported;
  if (used + bytes > memory)
    return cudaErrorMemoryAllocation;
  place = (char *)aligned_alloc (256, (bytes + GUARD + 255) / 256 * 256);
  memset (place, 0xff, bytes); /* NaN */
  memset (place + bytes, GUARD_BYTE, GUARD);
  allocated[place] = bytes;
  used += bytes;
  *p = place;
  return cudaSuccess;
}

cudaError_t
cudaFree (void *p)
{
  if (p == NULL)
    return cudaSuccess;
  auto found = allocated.find (p);

  if (found == allocated.end ())
    {
      fprintf (stderr, "cudaFree of what is not allocated\n");
      abort ();
    }
  for (int i = 0; i < GUARD; i++)
    if (((unsigned char *)p)[found->second + i] != GUARD_BYTE)
      {
        overruns++;
        break;
      }
  used -= found->second;
  allocated.erase (found);
  free (p);
  return state ();
}

cudaError_t
cudaMallocHost (void **p, size_t bytes)
{
  *p = malloc (bytes);
  return state ();
}

cudaError_t
cudaFreeHost (void *p)
{
  free (p);
  return state ();
}

cudaError_t
cudaMemGetInfo (size_t *available, size_t *all)
{
  *available = memory > used ? memory - used : 0;
  *all = memory;
  return state ();
}

/* Whether the whole range is of one allocation. */
static bool
is_device (const void *p, size_t bytes)
{
  auto after = allocated.upper_bound ((void *)p);

  if (after == allocated.begin ())
    return false;
  --after;
  return (const char *)p + bytes <= (const char *)after->first + after->second;
}

cudaError_t
cudaMemcpyAsync (void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
  if (!is_device (kind == cudaMemcpyHostToDevice ? to : from, bytes))
    return cudaErrorInvalidValue;
  return cuda_host_enqueue (stream, [=] () { memcpy (to, from, bytes); });
}

cudaError_t
cudaMemsetAsync (void *p, int value, size_t bytes, cudaStream_t stream)
{
  if (!is_device (p, bytes))
    return cudaErrorInvalidValue;
  return cuda_host_enqueue (stream, [=] () { memset (p, value, bytes); });
}

/* --- streams, graphs, events */

cudaError_t
cuda_host_enqueue (cudaStream_t stream, std::function<void ()> work)
{
  if (lost)
    return state ();
  if (stream->recording != NULL)
    stream->recording->work.push_back (work);
  else
    work ();
  return cudaSuccess;
}

cudaError_t
cudaStreamCreateWithFlags (cudaStream_t *stream, unsigned)
{
  *stream = new CudaHostStream ();
  return state ();
}

cudaError_t
cudaStreamDestroy (cudaStream_t stream)
{
  delete stream;
  return state ();
}

cudaError_t
cudaStreamSynchronize (cudaStream_t stream)
{
  if (stream->recording != NULL)
    {
      stream->broken = true;
      return cudaErrorStreamCaptureUnsupported;
    }
  return state ();
}

cudaError_t
cudaStreamWaitEvent (cudaStream_t, cudaEvent_t event, unsigned)
{
  return event != NULL ? state () : cudaErrorInvalidValue;
}

cudaError_t
cudaStreamBeginCapture (cudaStream_t stream, cudaStreamCaptureMode)
{
  stream->recording = new CudaHostGraph ();
  stream->broken = false;
  capturing++;
  return state ();
}

cudaError_t
cudaStreamEndCapture (cudaStream_t stream, cudaGraph_t *graph)
{
  *graph = stream->recording;
  stream->recording = NULL;
  capturing--;
  if (!stream->broken)
    return state ();
  delete *graph;
  *graph = NULL;
  return cudaErrorStreamCaptureUnsupported;
}

cudaError_t
cudaGraphInstantiate (cudaGraphExec_t *replay, cudaGraph_t graph, unsigned long long)
{
  *replay = new CudaHostGraph (*graph);
  return state ();
}

cudaError_t
cudaGraphLaunch (cudaGraphExec_t replay, cudaStream_t stream)
{
  replays++;
  for (auto &work : replay->work)
    if (cuda_host_enqueue (stream, work) != cudaSuccess)
      break;
  return state ();
}

cudaError_t
cudaGraphDestroy (cudaGraph_t graph)
{
  delete graph;
  return state ();
}

cudaError_t
cudaGraphExecDestroy (cudaGraphExec_t replay)
{
  delete replay;
  return state ();
}

cudaError_t
cudaEventCreate (cudaEvent_t *event)
{
  *event = new CudaHostEvent ();
  return state ();
}

cudaError_t
cudaEventCreateWithFlags (cudaEvent_t *event, unsigned)
{
  return cudaEventCreate (event);
}

cudaError_t
cudaEventDestroy (cudaEvent_t event)
{
  delete event;
  return state ();
}

cudaError_t
cudaEventRecord (cudaEvent_t event, cudaStream_t)
{
  return event != NULL ? state () : cudaErrorInvalidValue;
}

cudaError_t
cudaEventSynchronize (cudaEvent_t event)
{
  return event != NULL ? state () : cudaErrorInvalidValue;
}

cudaError_t
cudaEventElapsedTime (float *milliseconds, cudaEvent_t, cudaEvent_t)
{
  *milliseconds = 0.001f;
  return state ();
}

/* --- kernels */

dim3 threadIdx, blockIdx, blockDim, gridDim;

enum Waiting
{
  READY,
  AT_BARRIER,
  AT_SHUFFLE,
  DONE,
};

struct Fiber
{
  ucontext_t context;
  jmp_buf where;
  bool started;
  Waiting waiting;
  int line, step;
  float value;
  dim3 index;
  std::unique_ptr<char[]> stack;
};

static std::vector<Fiber> fibers;
static ucontext_t scheduler_context;
static jmp_buf scheduler;
static Fiber *current; /* NULL outside a block of fibers */
static const std::function<void ()> *running;

[[noreturn]] static void
complain (const char *what)
{
  fprintf (stderr, "A kernel that %s, block %u %u %u\n", what, blockIdx.x, blockIdx.y, blockIdx.z);
  abort ();
}

/* Switching by longjmp costs no system calls; sanitizers know only swapcontext. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PLAIN_CONTEXTS 1
#else
#define PLAIN_CONTEXTS 0
#endif

static void
to_scheduler (void)
{
  if (PLAIN_CONTEXTS)
    swapcontext (&current->context, &scheduler_context);
  else if (_setjmp (current->where) == 0)
    _longjmp (scheduler, 1);
}

static void
fiber_main (void)
{
  (*running) ();
  current->waiting = DONE;
  to_scheduler ();
}

static void
resume (Fiber *fiber)
{
  current = fiber;
  threadIdx = fiber->index;
  fiber->waiting = READY;
  if (PLAIN_CONTEXTS)
    {
      swapcontext (&scheduler_context, &fiber->context);
      return;
    }
  if (_setjmp (scheduler) != 0)
    return;
  if (fiber->started)
    _longjmp (fiber->where, 1);
  fiber->started = true;
  setcontext (&fiber->context);
}

void
cuda_host_barrier (int line)
{
  if (current == NULL)
    complain ("was started without fibers has a barrier");
  current->waiting = AT_BARRIER;
  current->line = line;
  to_scheduler ();
}

float
cuda_host_shuffle (float value, int step)
{
  if (current == NULL)
    complain ("was started without fibers shuffles");
  Fiber *self = current;

  self->waiting = AT_SHUFFLE;
  self->value = value;
  self->step = step;
  to_scheduler ();
  return self->value;
}

/* Lanes that all wait at a shuffle exchange their values. */
static bool
exchange (size_t first, size_t n)
{
  float values[WARP];

  for (size_t i = 0; i < WARP; i++)
    if (first + i >= n || fibers[first + i].waiting != AT_SHUFFLE)
      return false;
    else
      values[i] = fibers[first + i].value;
  for (size_t i = 0; i < WARP; i++)
    {
      if (fibers[first + i].step != fibers[first].step)
        complain ("shuffles by different steps in one warp");
      fibers[first + i].value = values[i ^ (size_t)fibers[first + i].step];
      fibers[first + i].waiting = READY;
    }
  return true;
}

/* TRUE if every thread is done; else what waited together goes on. */
static bool
settle (size_t n)
{
  bool moved = false, all_done = true;
  int line = -1;

  for (size_t first = 0; first < n; first += WARP)
    moved |= exchange (first, n);
  for (size_t i = 0; i < n; i++)
    all_done &= fibers[i].waiting == DONE;
  if (moved || all_done)
    return all_done;
  for (size_t i = 0; i < n; i++)
    if (fibers[i].waiting == AT_SHUFFLE)
      complain ("shuffles without all lanes");
    else if (fibers[i].waiting == AT_BARRIER && line >= 0 && fibers[i].line != line)
      complain ("waits at two barriers at once");
    else if (fibers[i].waiting == AT_BARRIER)
      line = fibers[i].line;
  for (size_t i = 0; i < n; i++)
    if (fibers[i].waiting == AT_BARRIER)
      fibers[i].waiting = READY;
  return false;
}

static void
run_fibers (const std::function<void ()> &thread)
{
  const size_t n = (size_t)blockDim.x * blockDim.y * blockDim.z;

  running = &thread;
  while (fibers.size () < n)
    {
      fibers.push_back (Fiber ());
      fibers.back ().stack.reset (new char[STACK]);
    }
  for (size_t i = 0; i < n; i++)
    {
      Fiber *fiber = &fibers[i];

      getcontext (&fiber->context);
      fiber->context.uc_stack.ss_sp = fiber->stack.get ();
      fiber->context.uc_stack.ss_size = STACK;
      fiber->context.uc_link = NULL;
      makecontext (&fiber->context, fiber_main, 0);
      fiber->started = false;
      fiber->waiting = READY;
      fiber->index = dim3 ((unsigned)i % blockDim.x, (unsigned)i / blockDim.x % blockDim.y,
                           (unsigned)i / blockDim.x / blockDim.y);
    }
  do
    for (size_t i = 0; i < n; i++)
      if (fibers[i].waiting == READY)
        resume (&fibers[i]);
  while (!settle (n));
  current = NULL;
}

static void
run_threads (const std::function<void ()> &thread)
{
  for (threadIdx.z = 0; threadIdx.z < blockDim.z; threadIdx.z++)
    for (threadIdx.y = 0; threadIdx.y < blockDim.y; threadIdx.y++)
      for (threadIdx.x = 0; threadIdx.x < blockDim.x; threadIdx.x++)
        thread ();
}

cudaError_t
cuda_host_launch (cudaStream_t stream, dim3 grid, dim3 block, bool with_fibers,
                  std::function<void ()> thread)
{
  const size_t threads = (size_t)block.x * block.y * block.z;

  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.y > 65535 || grid.z > 65535 || threads == 0
      || threads > 1024)
    return cudaErrorInvalidValue;
  return cuda_host_enqueue (stream, [=] () {
    if (lost)
      return;
    if (kernels_left >= 0 && kernels_left-- == 0)
      {
        lost = true;
        return;
      }
    gridDim = grid;
    blockDim = block;
    for (unsigned z = 0; z < grid.z; z++)
      for (unsigned y = 0; y < grid.y; y++)
        for (unsigned x = 0; x < grid.x; x++)
          {
            blockIdx = dim3 (x, y, z);
            if (with_fibers)
              run_fibers (thread);
            else
              run_threads (thread);
          }
  });
}
