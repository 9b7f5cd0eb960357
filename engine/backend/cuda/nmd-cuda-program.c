/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs: compiled to a list of steps, run one by one the first time, captured as one
 * CUDA graph the second time and replayed from then on. Inputs travel from pinned memory
 * on a stream of their own; a run waits for them. Only read() and wait() synchronise.
 */
#include "engine/backend/cuda/nmd-cuda-program.h"

#include "engine/backend/cuda/nmd-cuda-builder.h"
#include "engine/backend/cuda/nmd-cuda-check.h"
#include "engine/backend/cuda/nmd-cuda-lower.h"
#include "engine/backend/cuda/nmd-cuda-plan.h"

#include <string.h>

/* Building */

/* Whether node @i is stored as bfloat16: activations and their gradients. Sums and
 * products of gradients of weights are what their inputs are. */
static gboolean
is_half (NmdCudaProgram *self, const NmdNodeInfo *node)
{
  if (self->session->numerics != NMD_CUDA_HALF || node->shape.n_dims != 4)
    return FALSE;
  if (nmd_op_get_info (node->op)->overwrites != 0)
    return FALSE;
  switch (node->op)
    {
    case NMD_OP_STORE:
    case NMD_OP_CONV_GRAD_W:
      return FALSE;
    case NMD_OP_ADD:
    case NMD_OP_SCALE:
    case NMD_OP_MULTIPLY:
      return nmd_cuda_value (self, node->inputs[0])->t.bf16;
    default:
      return TRUE;
    }
}

/* A value for each node, not yet placed; inputs, constants and outputs stay for good. */
static void
add_values (NmdCudaProgram *self)
{
  for (NmdNode i = 0; i < self->n_nodes; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);
      const int value = nmd_cuda_add_value (self, nmd_cuda_count (&node->shape),
                                            is_half (self, node));
      NmdCudaValue *added = nmd_cuda_value (self, value);

      if (!self->needed[i])
        continue;
      if (node->op == NMD_OP_STORE)
        {
          added->place = NMD_CUDA_STORED;
          added->handle = self->handles[i];
        }
      else if (nmd_op_get_info (node->op)->overwrites != 0)
        {
          added->place = NMD_CUDA_ALIAS;
          added->handle = node->inputs[0];
        }
      else if (self->is_output[i] || node->op == NMD_OP_INPUT
               || node->op == NMD_OP_CONSTANT)
        added->place = NMD_CUDA_KEPT;
    }
}

static void
input_clear (gpointer data)
{
  NmdCudaInput *self = data;

  if (self->copied != NULL)
    (void)cudaEventDestroy (self->copied);
  (void)cudaFreeHost (self->pinned);
  (void)cudaFree (self->arrived);
}

static void
step_clear (gpointer data)
{
  NmdCudaStep *self = data;

  if (self->data_free != NULL)
    self->data_free (self->data);
  g_clear_pointer (&self->also, g_array_unref);
}

static gboolean
make_inputs (NmdCudaProgram *self, GError **error)
{
  for (NmdNode i = 0; i < self->n_nodes; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);
      const gsize bytes = nmd_cuda_count (&node->shape) * sizeof (float);
      NmdCudaInput *input;

      if (!self->needed[i] || node->op != NMD_OP_INPUT)
        continue;
      g_array_set_size (self->inputs, self->inputs->len + 1);
      input = &g_array_index (self->inputs, NmdCudaInput, self->inputs->len - 1);
      input->node = i;
      if (!RUNTIME (cudaMallocHost ((void **)&input->pinned, bytes))
          || !RUNTIME (cudaMalloc ((void **)&input->arrived, bytes))
          || !RUNTIME (cudaEventCreateWithFlags (&input->copied, cudaEventDisableTiming)))
        return FALSE;
    }
  return RUNTIME (cudaEventCreateWithFlags (&self->consumed, cudaEventDisableTiming));
}

static gboolean
fill_constants (NmdCudaProgram *self, GError **error)
{
  for (NmdNode i = 0; i < self->n_nodes; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);

      if (self->needed[i] && node->op == NMD_OP_CONSTANT
          && !RUNTIME (nmd_cuda_fill (self->session->stream, nmd_cuda_tensor (self, i),
                                      (float)node->at.value,
                                      (unsigned)nmd_cuda_count (&node->shape))))
        return FALSE;
    }
  return TRUE;
}

static gboolean
prepare_steps (NmdCudaProgram *self, GError **error)
{
  self->infos = g_new0 (NmdStepInfo, self->steps->len + 1);
  for (guint i = 0; i < self->steps->len; i++)
    {
      NmdCudaStep *step = &g_array_index (self->steps, NmdCudaStep, i);

      if (step->prepare != NULL && !step->prepare (self, step, error))
        return FALSE;
      self->infos[i].name = step->name;
      self->infos[i].flop = step->flop;
      for (int k = 0; k < step->n_in; k++)
        if (step->in[k] >= 0)
          step->bytes += (double)nmd_cuda_value (self, step->in[k])->bytes;
      for (int k = 0; k < step->n_out; k++)
        if (step->out[k] >= 0)
          step->bytes += (double)nmd_cuda_value (self, step->out[k])->bytes;
      self->infos[i].bytes = step->bytes;
    }
  return TRUE;
}

gpointer
nmd_cuda_compile (gpointer session,
                  const NmdGraph *graph,
                  const gboolean *needed,
                  const int *handles,
                  const gboolean *is_output,
                  GError **error)
{
  const gsize n = (gsize)nmd_graph_get_n_nodes (graph);
  NmdCudaProgram *self = g_new0 (NmdCudaProgram, 1);

  self->session = session;
  self->graph = graph;
  self->n_nodes = (int)n;
  self->needed = g_memdup2 (needed, n * sizeof *needed);
  self->is_output = g_memdup2 (is_output, n * sizeof *is_output);
  self->handles = g_memdup2 (handles, n * sizeof *handles);
  self->done = g_new0 (gboolean, n + 1);
  self->values = g_array_new (FALSE, TRUE, sizeof (NmdCudaValue));
  self->steps = g_array_new (FALSE, TRUE, sizeof (NmdCudaStep));
  self->inputs = g_array_new (FALSE, TRUE, sizeof (NmdCudaInput));
  g_array_set_clear_func (self->steps, step_clear);
  g_array_set_clear_func (self->inputs, input_clear);
  self->patterns = nmd_patterns_new (graph, self->needed, self->is_output, self->handles);
  add_values (self);
  if (RUNTIME (cudaSetDevice (self->session->device)) && nmd_cuda_lower (self, error)
      && nmd_cuda_plan (self, error) && make_inputs (self, error)
      && fill_constants (self, error) && prepare_steps (self, error))
    return self;
  nmd_cuda_free (self);
  return NULL;
}

/* Errors have nobody to go to: the card may be gone, and everything on it. */
static void
drop_marks (NmdCudaProgram *self)
{
  for (guint i = 0; self->marks != NULL && i <= self->steps->len; i++)
    if (self->marks[i] != NULL)
      (void)cudaEventDestroy (self->marks[i]);
  g_clear_pointer (&self->marks, g_free);
}

void
nmd_cuda_free (gpointer program)
{
  NmdCudaProgram *self = program;

  (void)cudaSetDevice (self->session->device);
  (void)cudaStreamSynchronize (self->session->stream);
  (void)cudaStreamSynchronize (self->session->copies);
  drop_marks (self);
  if (self->replay != NULL)
    (void)cudaGraphExecDestroy (self->replay);
  if (self->captured != NULL)
    (void)cudaGraphDestroy (self->captured);
  if (self->consumed != NULL)
    (void)cudaEventDestroy (self->consumed);
  g_array_unref (self->inputs);
  g_array_unref (self->steps);
  (void)cudaFree (self->arena);
  (void)cudaFree (self->read_back);
  (void)cudaGetLastError ();
  g_array_unref (self->values);
  nmd_patterns_free (self->patterns);
  g_free (self->needed);
  g_free (self->is_output);
  g_free (self->handles);
  g_free (self->done);
  g_free (self->infos);
  g_free (self);
}

/* Running */

static NmdCudaInput *
find_input (NmdCudaProgram *self, NmdNode node)
{
  for (guint i = 0; i < self->inputs->len; i++)
    if (g_array_index (self->inputs, NmdCudaInput, i).node == node)
      return &g_array_index (self->inputs, NmdCudaInput, i);
  g_return_val_if_reached (NULL);
}

gboolean
nmd_cuda_write (gpointer program, NmdNode node, const float *values, GError **error)
{
  NmdCudaProgram *self = program;
  NmdCudaInput *input = find_input (self, node);
  const gsize bytes = nmd_cuda_count (nmd_cuda_shape (self, node)) * sizeof (float);

  /* Until the copy before has left pinned memory; then, on the card, until the run before
   * has taken over what arrived. */
  if (!RUNTIME (cudaSetDevice (self->session->device))
      || !RUNTIME (cudaEventSynchronize (input->copied)))
    return FALSE;
  memcpy (input->pinned, values, bytes);
  input->dirty = TRUE;
  return RUNTIME (cudaStreamWaitEvent (self->session->copies, self->consumed, 0))
         && RUNTIME (cudaMemcpyAsync (input->arrived, input->pinned, bytes,
                                      cudaMemcpyHostToDevice, self->session->copies))
         && RUNTIME (cudaEventRecord (input->copied, self->session->copies));
}

/* What arrived becomes the inputs' values. */
static gboolean
take_inputs (NmdCudaProgram *self, GError **error)
{
  for (guint i = 0; i < self->inputs->len; i++)
    {
      NmdCudaInput *input = &g_array_index (self->inputs, NmdCudaInput, i);
      int n, c, area;

      if (!input->dirty)
        continue;
      nmd_cuda_planes (nmd_cuda_shape (self, input->node), &n, &c, &area);
      if (!RUNTIME (cudaStreamWaitEvent (self->session->stream, input->copied, 0))
          || !RUNTIME (nmd_cuda_from_planes (self->session->stream, input->arrived,
                                             nmd_cuda_tensor (self, input->node), n, c,
                                             area)))
        return FALSE;
      input->dirty = FALSE;
    }
  return RUNTIME (cudaEventRecord (self->consumed, self->session->stream));
}

static gboolean
start_steps (NmdCudaProgram *self, GError **error)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      const NmdCudaStep *step = &g_array_index (self->steps, NmdCudaStep, i);

      if (self->profiling
          && !RUNTIME (cudaEventRecord (self->marks[i], self->session->stream)))
        return FALSE;
      if (!step->start (self, step, error))
        {
          g_prefix_error (error, "%s: ", step->name);
          return FALSE;
        }
    }
  return !self->profiling
         || RUNTIME (
             cudaEventRecord (self->marks[self->steps->len], self->session->stream));
}

static gboolean
run_profiled (NmdCudaProgram *self, GError **error)
{
  if (self->marks == NULL)
    self->marks = g_new0 (cudaEvent_t, self->steps->len + 1);
  for (guint i = 0; i <= self->steps->len; i++)
    if (self->marks[i] == NULL && !RUNTIME (cudaEventCreate (&self->marks[i])))
      return FALSE;
  if (!start_steps (self, error)
      || !RUNTIME (cudaStreamSynchronize (self->session->stream)))
    return FALSE;
  for (guint i = 0; i < self->steps->len; i++)
    {
      float milliseconds = 0;

      if (!RUNTIME (
              cudaEventElapsedTime (&milliseconds, self->marks[i], self->marks[i + 1])))
        return FALSE;
      self->infos[i].seconds = (double)milliseconds * 1e-3;
    }
  return TRUE;
}

/* The whole list as one graph. A library that cannot be captured leaves the program as it
 * is: slower, with the same numbers. */
static void
capture (NmdCudaProgram *self)
{
  g_autoptr (GError) problem = NULL;
  GError **error = &problem;
  gboolean ok;
  cudaError_t ended;

  if (!RUNTIME (cudaStreamBeginCapture (self->session->stream,
                                        cudaStreamCaptureModeThreadLocal)))
    {
      self->without_capture = TRUE;
      return;
    }
  ok = start_steps (self, error);
  /* ends the capture in any case; after a failure its own status says nothing more */
  ended = cudaStreamEndCapture (self->session->stream, &self->captured);
  ok = ok && RUNTIME (ended)
       && RUNTIME (cudaGraphInstantiate (&self->replay, self->captured, 0));
  if (ok)
    return;
  self->replay = NULL;
  self->without_capture = TRUE;
  g_debug ("the program runs step by step: %s", problem != NULL ? problem->message : "");
}

gboolean
nmd_cuda_run (gpointer program, GError **error)
{
  NmdCudaProgram *self = program;

  if (!RUNTIME (cudaSetDevice (self->session->device)) || !take_inputs (self, error))
    return FALSE;
  if (self->profiling)
    return run_profiled (self, error);
  /* The first run loads kernels and makes the libraries' own memory, which a capture
   * forbids. */
  if (self->runs++ == 0)
    return start_steps (self, error);
  if (self->replay == NULL && !self->without_capture)
    capture (self);
  if (self->replay == NULL)
    return start_steps (self, error);
  return RUNTIME (cudaGraphLaunch (self->replay, self->session->stream));
}

gboolean
nmd_cuda_read (gpointer program, NmdNode node, float *values, GError **error)
{
  NmdCudaProgram *self = program;
  const NmdShape *shape = nmd_cuda_shape (self, node);
  int n, c, area;

  nmd_cuda_planes (shape, &n, &c, &area);
  return RUNTIME (cudaSetDevice (self->session->device))
         && RUNTIME (nmd_cuda_to_planes (self->session->stream,
                                         nmd_cuda_tensor (self, node), self->read_back, n,
                                         c, area))
         && RUNTIME (cudaMemcpyAsync (values, self->read_back,
                                      nmd_cuda_count (shape) * sizeof (float),
                                      cudaMemcpyDeviceToHost, self->session->stream))
         && RUNTIME (cudaStreamSynchronize (self->session->stream));
}

gboolean
nmd_cuda_wait (gpointer program, GError **error)
{
  NmdCudaProgram *self = program;

  return RUNTIME (cudaSetDevice (self->session->device))
         && RUNTIME (cudaStreamSynchronize (self->session->stream));
}

gsize
nmd_cuda_get_bytes (gpointer program)
{
  return ((NmdCudaProgram *)program)->bytes;
}

void
nmd_cuda_profile (gpointer program, gboolean on)
{
  ((NmdCudaProgram *)program)->profiling = on;
}

const NmdStepInfo *
nmd_cuda_get_steps (gpointer program, int *n)
{
  NmdCudaProgram *self = program;

  *n = (int)self->steps->len;
  return self->infos;
}
