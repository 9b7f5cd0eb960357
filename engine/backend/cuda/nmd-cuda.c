/* SPDX-License-Identifier: Apache-2.0
 *
 * The CUDA backend's table: which cards there are and why one cannot be used, sessions
 * and their store. Programs are nmd-cuda-program.c's.
 */
#include "engine/backend/cuda/nmd-cuda.h"

#include "engine/backend/cuda/nmd-cuda-check.h"
#include "engine/backend/cuda/nmd-cuda-program.h"

#include <string.h>

#define BLAS_WORKSPACE ((gsize)32 << 20)
#define LEAST_CAPABILITY 75

/* Devices */

static char *
version_text (int version)
{
  return g_strdup_printf ("%d.%d", version / 1000, version % 1000 / 10);
}

/* Why there is no card at all; NULL if there are @n. */
static char *
probe_driver (int *n)
{
  int driver = 0, runtime = 0;
  cudaError_t status = cudaGetDeviceCount (n);
  g_autofree char *has = NULL, *needs = NULL;

  if (status == cudaSuccess && *n > 0)
    return NULL;
  (void)cudaGetLastError ();
  /* both ask no driver that is not there */
  if (cudaDriverGetVersion (&driver) != cudaSuccess)
    driver = 0;
  if (cudaRuntimeGetVersion (&runtime) != cudaSuccess)
    runtime = 0;
  has = version_text (driver);
  needs = version_text (runtime);
  if (driver == 0)
    return g_strdup ("There is no NVIDIA driver");
  if (status == cudaErrorInsufficientDriver)
    return g_strdup_printf (
        "The NVIDIA driver is too old: it knows CUDA %s, this program needs %s", has,
        needs);
  if (status == cudaSuccess || status == cudaErrorNoDevice)
    return g_strdup ("The NVIDIA driver finds no graphics card");
  return g_strdup_printf ("The NVIDIA driver fails: %s", cudaGetErrorString (status));
}

static NmdDevice *
describe (int i)
{
  NmdDevice *device = g_new0 (NmdDevice, 1);
  struct cudaDeviceProp properties;
  int driver = 0, runtime = 0;
  const size_t dnn = cudnnGetVersion ();
  g_autofree char *driver_text = NULL, *runtime_text = NULL;
  char memory[G_ASCII_DTOSTR_BUF_SIZE];
  cudaError_t status = cudaGetDeviceProperties (&properties, i);

  device->name = i == 0 ? g_strdup ("cuda") : g_strdup_printf ("cuda:%d", i);
  if (status != cudaSuccess)
    {
      (void)cudaGetLastError ();
      device->title = g_strdup ("NVIDIA graphics card");
      device->description = g_strdup ("NVIDIA graphics card");
      device->unavailable = g_strdup (cudaGetErrorString (status));
      return device;
    }
  (void)cudaDriverGetVersion (&driver); /* it has just answered */
  (void)cudaRuntimeGetVersion (&runtime);
  driver_text = version_text (driver);
  runtime_text = version_text (runtime);
  device->title = g_strdup (properties.name);
  device->description = g_strdup_printf (
      "%s, %s GiB, compute capability %d.%d, driver for CUDA %s, runtime %s, cuDNN "
      "%d.%d.%d",
      properties.name,
      g_ascii_formatd (memory, sizeof memory, "%.1f",
                       (double)properties.totalGlobalMem / (1 << 30)),
      properties.major, properties.minor, driver_text, runtime_text, (int)(dnn / 10000),
      (int)(dnn % 10000 / 100), (int)(dnn % 100));
  if (properties.major * 10 + properties.minor < LEAST_CAPABILITY)
    device->unavailable = g_strdup_printf (
        "Its compute capability is %d.%d, at least %d.%d is needed", properties.major,
        properties.minor, LEAST_CAPABILITY / 10, LEAST_CAPABILITY % 10);
  else if (dnn / 10000 != CUDNN_MAJOR)
    device->unavailable = g_strdup_printf ("cuDNN %d is needed, %d is installed",
                                           CUDNN_MAJOR, (int)(dnn / 10000));
  return device;
}

static void
cuda_probe (GPtrArray *devices)
{
  int n = 0;
  char *problem = probe_driver (&n);
  NmdDevice *device;

  for (int i = 0; problem == NULL && i < n; i++)
    g_ptr_array_add (devices, describe (i));
  if (problem == NULL)
    return;
  device = g_new0 (NmdDevice, 1);
  device->name = g_strdup ("cuda");
  device->title = g_strdup ("NVIDIA graphics card");
  device->description = g_strdup ("NVIDIA graphics card");
  device->unavailable = problem;
  g_ptr_array_add (devices, device);
}

/* Sessions */

/* Errors while closing have nobody to go to: the card may be gone, and everything on it.
 */
static void
cuda_close (gpointer session)
{
  NmdCudaSession *self = session;

  (void)cudaSetDevice (self->device);
  for (guint i = 0; i < self->store->len; i++)
    (void)cudaFree (g_array_index (self->store, NmdCudaStored, i).p);
  g_array_unref (self->store);
  if (self->dnn != NULL)
    (void)cudnnDestroy (self->dnn);
  if (self->blas != NULL)
    (void)cublasDestroy (self->blas);
  (void)cudaFree (self->workspace);
  if (self->stream != NULL)
    (void)cudaStreamDestroy (self->stream);
  if (self->copies != NULL)
    (void)cudaStreamDestroy (self->copies);
  (void)cudaGetLastError ();
  g_free (self);
}

static gboolean
start_session (NmdCudaSession *self, GError **error)
{
  return RUNTIME (cudaSetDevice (self->device))
         && RUNTIME (cudaStreamCreateWithFlags (&self->stream, cudaStreamNonBlocking))
         && RUNTIME (cudaStreamCreateWithFlags (&self->copies, cudaStreamNonBlocking))
         && RUNTIME (cudaMalloc (&self->workspace, BLAS_WORKSPACE))
         && BLAS (cublasCreate (&self->blas))
         && BLAS (cublasSetStream (self->blas, self->stream))
         && BLAS (cublasSetWorkspace (self->blas, self->workspace, BLAS_WORKSPACE))
         && BLAS (cublasSetMathMode (self->blas, CUBLAS_DEFAULT_MATH))
         && DNN (cudnnCreate (&self->dnn))
         && DNN (cudnnSetStream (self->dnn, self->stream));
}

static gpointer
cuda_open (const char *device, int threads, GError **error)
{
  NmdCudaSession *self = g_new0 (NmdCudaSession, 1);

  self->store = g_array_new (FALSE, TRUE, sizeof (NmdCudaStored));
  if (g_str_has_prefix (device, "cuda:"))
    self->device
        = (int)g_ascii_strtoull (device + strlen ("cuda:"), NULL, 10); /* probe's own */
  if (g_str_has_suffix (device, "/fast"))
    self->numerics = NMD_CUDA_FAST;
  else if (g_str_has_suffix (device, "/bf16"))
    self->numerics = NMD_CUDA_HALF;
  if (start_session (self, error))
    return self;
  cuda_close (self);
  return NULL;
}

static void
cuda_set_threads (gpointer session, int threads)
{
  /* the card has its own */
}

/* The store */

static gboolean
cuda_store_add (gpointer session, int handle, const NmdShape *shape, GError **error)
{
  NmdCudaSession *self = session;
  const gsize bytes = nmd_cuda_count (shape) * sizeof (float);
  NmdCudaStored tensor = { NULL, *shape };

  g_assert (handle == (int)self->store->len);
  if (!RUNTIME (cudaSetDevice (self->device)) || !RUNTIME (cudaMalloc (&tensor.p, bytes)))
    return FALSE;
  if (!RUNTIME (cudaMemsetAsync (tensor.p, 0, bytes, self->stream)))
    {
      (void)cudaFree (tensor.p); /* the first error is told */
      return FALSE;
    }
  g_array_append_val (self->store, tensor);
  return TRUE;
}

/* Moves values between n c h w order and storage. */
static void
reorder (const NmdShape *shape, const float *from, float *to, gboolean into_storage)
{
  int n, c, area;

  nmd_cuda_planes (shape, &n, &c, &area);
  for (gsize i = 0; i < (gsize)n; i++)
    for (gsize j = 0; j < (gsize)c; j++)
      for (gsize k = 0; k < (gsize)area; k++)
        {
          const gsize plane = (i * (gsize)c + j) * (gsize)area + k;
          const gsize stored = (i * (gsize)area + k) * (gsize)c + j;

          to[into_storage ? stored : plane] = from[into_storage ? plane : stored];
        }
}

static gboolean
cuda_store_read (gpointer session, int handle, float *values, GError **error)
{
  NmdCudaSession *self = session;
  const NmdCudaStored *tensor = &g_array_index (self->store, NmdCudaStored, handle);
  const gsize count = nmd_cuda_count (&tensor->shape);
  g_autofree float *stored = g_new (float, count);

  if (!RUNTIME (cudaSetDevice (self->device))
      || !RUNTIME (cudaMemcpyAsync (stored, tensor->p, count * sizeof (float),
                                    cudaMemcpyDeviceToHost, self->stream))
      || !RUNTIME (cudaStreamSynchronize (self->stream)))
    return FALSE;
  reorder (&tensor->shape, stored, values, FALSE);
  return TRUE;
}

static gboolean
cuda_store_write (gpointer session, int handle, const float *values, GError **error)
{
  NmdCudaSession *self = session;
  const NmdCudaStored *tensor = &g_array_index (self->store, NmdCudaStored, handle);
  const gsize count = nmd_cuda_count (&tensor->shape);
  g_autofree float *stored = g_new (float, count);

  reorder (&tensor->shape, values, stored, TRUE);
  return RUNTIME (cudaSetDevice (self->device))
         && RUNTIME (cudaMemcpyAsync (tensor->p, stored, count * sizeof (float),
                                      cudaMemcpyHostToDevice, self->stream))
         && RUNTIME (cudaStreamSynchronize (self->stream));
}

static const char *const numerics[] = { "fast", "bf16", NULL };

const NmdBackend nmd_backend_cuda = {
  .version = NMD_BACKEND_VERSION,
  .name = "cuda",
  .probe = cuda_probe,
  .open = cuda_open,
  .close = cuda_close,
  .set_threads = cuda_set_threads,
  .store_add = cuda_store_add,
  .store_read = cuda_store_read,
  .store_write = cuda_store_write,
  .compile = nmd_cuda_compile,
  .free = nmd_cuda_free,
  .write = nmd_cuda_write,
  .run = nmd_cuda_run,
  .read = nmd_cuda_read,
  .wait = nmd_cuda_wait,
  .get_bytes = nmd_cuda_get_bytes,
  .profile = nmd_cuda_profile,
  .get_steps = nmd_cuda_get_steps,
  .numerics = numerics,
};
