/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the values of a program lie: lifetimes in steps, offsets in one arena, and the arena
 * itself, made before the first run so that
 * a batch that does not fit is refused at once and not in mid-training.
 */
#include "engine/backend/cuda/nmd-cuda-plan.h"

#include "engine/backend/cuda/nmd-cuda-check.h"
#include "engine/nn/graph/nmd-liveness.h"

#define ALIGNMENT 256

static gsize
align (gsize bytes)
{
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static gboolean
in_arena (const NmdCudaValue *value)
{
  return value->place == NMD_CUDA_KEPT || value->place == NMD_CUDA_PASSING;
}

/* The value whose memory @value is. */
static NmdCudaValue *
owner_of (NmdCudaProgram *self, int value)
{
  while (nmd_cuda_value (self, value)->place == NMD_CUDA_ALIAS)
    value = nmd_cuda_value (self, value)->handle;
  return nmd_cuda_value (self, value);
}

static void
use (NmdCudaProgram *self, int value, int step)
{
  NmdCudaValue *owner;

  if (value < 0)
    return;
  owner = owner_of (self, value);
  if (owner->place == NMD_CUDA_NOWHERE)
    {
      owner->place = NMD_CUDA_PASSING;
      owner->first = owner->last = step;
    }
  owner->first = MIN (owner->first, step);
  owner->last = MAX (owner->last, step);
}

static void
find_lifetimes (NmdCudaProgram *self)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      const NmdCudaStep *step = &g_array_index (self->steps, NmdCudaStep, i);

      for (int k = 0; k < step->n_in; k++)
        use (self, step->in[k], (int)i);
      for (int k = 0; k < step->n_out; k++)
        use (self, step->out[k], (int)i);
      use (self, step->scratch, (int)i);
      for (guint k = 0; step->also != NULL && k < step->also->len; k++)
        use (self, g_array_index (step->also, int, k), (int)i);
    }
  for (guint i = 0; i < self->values->len; i++)
    {
      NmdCudaValue *value = nmd_cuda_value (self, (int)i);

      if (value->place != NMD_CUDA_KEPT)
        continue;
      value->first = 0;
      value->last = (int)self->steps->len;
    }
}

/* Gives all values in the arena their offsets; returns its size. */
static gsize
plan_offsets (NmdCudaProgram *self)
{
  g_autoptr (GArray) lives = g_array_new (FALSE, FALSE, sizeof (NmdLife));
  guint next = 0;
  gsize total;

  for (guint i = 0; i < self->values->len; i++)
    {
      NmdCudaValue *value = nmd_cuda_value (self, (int)i);

      if (!in_arena (value))
        continue;
      value->bytes = align (value->bytes);
      const NmdLife life
          = { .size = value->bytes, .first = value->first, .last = value->last };

      g_array_append_val (lives, life);
    }
  total = nmd_liveness_plan ((NmdLife *)(gpointer)lives->data, (int)lives->len);
  for (guint i = 0; i < self->values->len; i++)
    if (in_arena (nmd_cuda_value (self, (int)i)))
      nmd_cuda_value (self, (int)i)->offset
          = g_array_index (lives, NmdLife, next++).offset;
  return total;
}

/* The arena */

/* Images that a run takes; 0 where no input says it. */
static int
get_batch (NmdCudaProgram *self)
{
  for (NmdNode i = 0; i < self->n_nodes; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);

      if (self->needed[i] && node->op == NMD_OP_INPUT && node->shape.n_dims == 4)
        return node->shape.dims[0];
    }
  return 0;
}

static gboolean
refuse (NmdCudaProgram *self, gsize needed, gsize available, GError **error)
{
  const int batch = get_batch (self);
  const int fits = (int)((double)batch * (double)available / (double)needed);
  g_autofree char *needs = g_format_size_full (needed, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *has = g_format_size_full (available, G_FORMAT_SIZE_IEC_UNITS);

  if (batch > 1 && fits >= 1)
    g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                 "A batch of %d needs %s of the graphics card's memory, %s are free; a "
                 "batch of %d would fit",
                 batch, needs, has, MIN (fits, batch - 1));
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                 "The program needs %s of the graphics card's memory, %s are free", needs,
                 has);
  return FALSE;
}

/* What lies outside the arena: arriving inputs, and one output on its way back. */
static gsize
count_transfers (NmdCudaProgram *self, gsize *read_back)
{
  gsize total = 0;

  *read_back = 0;
  for (NmdNode i = 0; i < self->n_nodes; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);
      const gsize bytes = align (nmd_cuda_count (&node->shape) * sizeof (float));

      if (self->needed[i] && node->op == NMD_OP_INPUT)
        total += bytes;
      if (self->needed[i] && self->is_output[i])
        *read_back = MAX (*read_back, bytes);
    }
  return total + *read_back;
}

static void
resolve (NmdCudaProgram *self)
{
  for (guint i = 0; i < self->values->len; i++)
    {
      NmdCudaValue *value = nmd_cuda_value (self, (int)i), *owner;

      owner = owner_of (self, (int)i);
      if (owner->place == NMD_CUDA_STORED)
        value->t.p = g_array_index (self->session->store, NmdCudaStored, owner->handle).p;
      else if (in_arena (owner))
        value->t.p = (char *)self->arena + owner->offset;
    }
}

gboolean
nmd_cuda_plan (NmdCudaProgram *self, GError **error)
{
  gsize available = 0, all = 0, arena, transfers, read_back;

  find_lifetimes (self);
  arena = plan_offsets (self);
  transfers = count_transfers (self, &read_back);
  self->bytes = arena + transfers;
  if (!RUNTIME (cudaMemGetInfo (&available, &all)))
    return FALSE;
  if (self->bytes > available)
    return refuse (self, self->bytes, available, error);
  if (arena > 0 && cudaMalloc (&self->arena, arena) != cudaSuccess)
    {
      (void)cudaGetLastError (); /* told as what it means here */
      return refuse (self, self->bytes, available, error);
    }
  if (read_back > 0 && !RUNTIME (cudaMalloc ((void **)&self->read_back, read_back)))
    return FALSE;
  resolve (self);
  return TRUE;
}
