/* SPDX-License-Identifier: Apache-2.0
 *
 * Attention by batched products and a softmax.
 */
#include "engine/backend/cuda/nmd-cuda-attention.h"

#include "engine/backend/cuda/nmd-cuda-builder.h"
#include "engine/backend/cuda/nmd-cuda-check.h"
#include "engine/backend/cuda/nmd-cuda-products.h"

#include <math.h>

enum
{
  QUERIES,
  KEYS,
  VALUES,
  WEIGHTS,          /* p, t × t a head */
  WEIGHT_GRADIENTS, /* dp, then ds */
  OUT,              /* y or dy */
  QUERY_GRADIENTS,
  KEY_GRADIENTS,
  VALUE_GRADIENTS,
  N_PARTS,
};

typedef struct
{
  int heads, t, c, d, n; /* n sequences */
  int parts;             /* those in use */
  void **table;          /* on the card: N_PARTS × n·heads places */
} Attention;

static void
attention_free (gpointer data)
{
  Attention *self = data;

  (void)cudaFree (self->table); /* may fail if the card is gone */
  g_free (self);
}

/* Where head @k of sequence @i has @part. */
static void *
part_of (NmdCudaProgram *self, const NmdCudaStep *step, int part, gsize i, gsize k)
{
  const Attention *a = step->data;
  const gboolean forward = step->node->op == NMD_OP_ATTENTION;
  const NmdCudaTensor qkv = nmd_cuda_tensor (self, step->in[forward ? 0 : 1]);
  const gsize t = (gsize)a->t, c = (gsize)a->c, d = (gsize)a->d;
  const gsize sequence = i * t * 3 * c + k * d, head = (i * (gsize)a->heads + k) * t * t;

  switch (part)
    {
    case QUERIES:
    case KEYS:
    case VALUES:
      return nmd_cuda_at_offset (qkv, sequence + (gsize)part * c);
    case WEIGHTS:
      return nmd_cuda_at_offset (nmd_cuda_tensor (self, step->scratch), head);
    case WEIGHT_GRADIENTS:
      return nmd_cuda_at_offset (nmd_cuda_tensor (self, step->scratch),
                                 (gsize)(a->n * a->heads) * t * t + head);
    case OUT:
      return nmd_cuda_at_offset (
          nmd_cuda_tensor (self, forward ? step->out[0] : step->in[0]),
          i * t * c + k * d);
    default:
      return nmd_cuda_at_offset (nmd_cuda_tensor (self, step->out[0]),
                                 sequence + (gsize)(part - QUERY_GRADIENTS) * c);
    }
}

static gboolean
prepare_attention (NmdCudaProgram *self, NmdCudaStep *step, GError **error)
{
  Attention *a = step->data;
  const gsize heads = (gsize)(a->n * a->heads), bytes = N_PARTS * heads * sizeof (void *);
  g_autofree void **places = g_new0 (void *, N_PARTS *heads);

  for (int part = 0; part < a->parts; part++)
    for (gsize i = 0; i < heads; i++)
      places[(gsize)part * heads + i]
          = part_of (self, step, part, i / (gsize)a->heads, i % (gsize)a->heads);
  return RUNTIME (cudaMalloc ((void **)&a->table, bytes))
         && RUNTIME (cudaMemcpyAsync (a->table, places, bytes, cudaMemcpyHostToDevice,
                                      self->session->stream))
         && RUNTIME (cudaStreamSynchronize (self->session->stream));
}

/* c = a·b of every head */
static gboolean
multiply_heads (NmdCudaProgram *self,
                const NmdCudaStep *step,
                const NmdCudaProduct *p,
                int a,
                int b,
                int c,
                GError **error)
{
  const Attention *attention = step->data;
  const NmdCudaTensor any = nmd_cuda_tensor (self, step->in[0]);
  const gsize heads = (gsize)(attention->n * attention->heads);
  const float one = 1, zero = 0;

  return BLAS (cublasGemmBatchedEx (
      self->session->blas, p->turn_a, p->turn_b, p->m, p->n, p->k, &one,
      (const void *const *)(attention->table + (gsize)a * heads), nmd_cuda_type_of (any),
      p->lda, (const void *const *)(attention->table + (gsize)b * heads),
      nmd_cuda_type_of (any), p->ldb, &zero, attention->table + (gsize)c * heads,
      nmd_cuda_type_of (any), p->ldc, (int)heads,
      nmd_cuda_compute_of (self->session, any), CUBLAS_GEMM_DEFAULT));
}

/* In all: row-major [t, d] rows lie 3·c or c apart, and are columns to cuBLAS. */
static gboolean
start_attention (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const Attention *a = step->data;
  const gboolean forward = step->node->op == NMD_OP_ATTENTION;
  const int t = a->t, d = a->d, c = a->c;
  const NmdCudaTensor p = nmd_cuda_tensor (self, step->scratch);
  const NmdCudaTensor dp
      = { nmd_cuda_at_offset (p, (gsize)(a->n * a->heads) * (gsize)t * (gsize)t),
          p.bf16 };
  const float scale = (float)(1 / sqrt (d));
  const NmdCudaProduct dot = { CUBLAS_OP_T, CUBLAS_OP_N, t, t, d, 3 * c, 3 * c, t };
  const NmdCudaProduct dot_dy = { CUBLAS_OP_T, CUBLAS_OP_N, t, t, d, 3 * c, c, t };
  const NmdCudaProduct mix = { CUBLAS_OP_N, CUBLAS_OP_N, d, t, t, 3 * c, t, c };
  const NmdCudaProduct mix_back = { CUBLAS_OP_N, CUBLAS_OP_N, d, t, t, 3 * c, t, 3 * c };
  const NmdCudaProduct turned = { CUBLAS_OP_N, CUBLAS_OP_T, d, t, t, 3 * c, t, 3 * c };
  const NmdCudaProduct turned_dy = { CUBLAS_OP_N, CUBLAS_OP_T, d, t, t, c, t, 3 * c };
  cudaStream_t stream = self->session->stream;
  const int rows = a->n * a->heads * t;

  if (!multiply_heads (self, step, &dot, KEYS, QUERIES, WEIGHTS, error)
      || !RUNTIME (nmd_cuda_softmax (stream, p, scale, rows, t, p)))
    return FALSE;
  if (forward)
    return multiply_heads (self, step, &mix, VALUES, WEIGHTS, OUT, error);
  return multiply_heads (self, step, &turned_dy, OUT, WEIGHTS, VALUE_GRADIENTS, error)
         && multiply_heads (self, step, &dot_dy, VALUES, OUT, WEIGHT_GRADIENTS, error)
         && RUNTIME (nmd_cuda_softmax_grad (stream, p, dp, scale, rows, t, dp))
         && multiply_heads (self, step, &mix_back, KEYS, WEIGHT_GRADIENTS,
                            QUERY_GRADIENTS, error)
         && multiply_heads (self, step, &turned, QUERIES, WEIGHT_GRADIENTS, KEY_GRADIENTS,
                            error);
}

void
nmd_cuda_lower_attention (NmdCudaProgram *self, NmdNode at)
{
  const NmdNodeInfo *node = nmd_graph_get (self->graph, at);
  const gboolean forward = node->op == NMD_OP_ATTENTION;
  const NmdShape *qkv = nmd_cuda_shape (self, node->inputs[forward ? 0 : 1]);
  Attention *a = g_new0 (Attention, 1);
  NmdCudaStep *step;
  int scratch;

  a->n = qkv->dims[0];
  a->c = qkv->dims[1] / 3;
  a->t = qkv->dims[2];
  a->heads = node->at.groups;
  a->d = a->c / a->heads;
  a->parts = forward ? OUT + 1 : N_PARTS;
  scratch = nmd_cuda_add_value (
      self, (gsize)(a->n * a->heads) * (gsize)a->t * (gsize)a->t * (forward ? 1 : 2),
      nmd_cuda_value (self, at)->t.bf16);
  step = nmd_cuda_add_step (self, node);
  step->start = start_attention;
  step->prepare = prepare_attention;
  step->data = a;
  step->data_free = attention_free;
  for (int k = 0; k < node->n_inputs; k++)
    step->in[step->n_in++] = node->inputs[k];
  step->out[step->n_out++] = at;
  step->scratch = scratch;
  step->flop = (forward ? 4.0 : 10.0) * a->n * a->heads * a->t * (double)a->t * a->d;
}
