/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps over many tensors at once: the optimiser, running statistics and averages, and
 * the weights' bfloat16 copies. Each is one launch that reads a table on the card.
 */
#include "engine/backend/cuda/nmd-cuda-updates.h"

#include "engine/backend/cuda/nmd-cuda-builder.h"
#include "engine/backend/cuda/nmd-cuda-check.h"

#include <string.h>

typedef struct
{
  GArray *nodes;  /* NmdNode: the updates; or the weights to be copied */
  GArray *copies; /* int: values that the weights are copied to */
  void *table;    /* on the card: updates, then chunks */
  int n_chunks;
} Many;

static void
many_free (gpointer data)
{
  Many *self = data;

  (void)cudaFree (self->table); /* may fail if the card is gone */
  g_array_unref (self->nodes);
  g_array_unref (self->copies);
  g_free (self);
}

static NmdCudaStep *
add_many (NmdCudaProgram *self, const NmdNodeInfo *node)
{
  NmdCudaStep *step = nmd_cuda_add_step (self, node);
  Many *many = g_new0 (Many, 1);

  many->nodes = g_array_new (FALSE, FALSE, sizeof (NmdNode));
  many->copies = g_array_new (FALSE, FALSE, sizeof (int));
  step->also = g_array_new (FALSE, FALSE, sizeof (int));
  step->data = many;
  step->data_free = many_free;
  return step;
}

static NmdCudaUpdate
describe (NmdCudaProgram *self, const Many *many, guint i)
{
  const NmdNode at = g_array_index (many->nodes, NmdNode, i);
  const NmdNodeInfo *node = nmd_graph_get (self->graph, at);
  NmdCudaUpdate update = { .n = (unsigned)nmd_cuda_count (&node->shape) };

  if (node->op != NMD_OP_ADAM && node->op != NMD_OP_BLEND)
    {
      update.w = nmd_cuda_floats (self, at);
      update.value = nmd_cuda_tensor (self, g_array_index (many->copies, int, i));
      return update;
    }
  update.w = nmd_cuda_floats (self, node->inputs[0]);
  update.value = nmd_cuda_tensor (self, node->inputs[1]);
  update.scale = (float)node->at.value;
  if (node->op == NMD_OP_ADAM)
    {
      update.m = nmd_cuda_floats (self, node->inputs[2]);
      update.v = nmd_cuda_floats (self, node->inputs[3]);
    }
  return update;
}

static gboolean
prepare (NmdCudaProgram *self, NmdCudaStep *step, GError **error)
{
  Many *many = step->data;
  g_autoptr (GArray) updates = g_array_new (FALSE, FALSE, sizeof (NmdCudaUpdate));
  g_autoptr (GArray) chunks = g_array_new (FALSE, FALSE, sizeof (int));
  gsize head, tail;

  for (guint i = 0; i < many->nodes->len; i++)
    {
      const NmdCudaUpdate update = describe (self, many, i);

      g_array_append_val (updates, update);
      for (unsigned from = 0; from < update.n; from += NMD_CUDA_CHUNK)
        {
          const int pair[2] = { (int)i, (int)(from / NMD_CUDA_CHUNK) };

          g_array_append_vals (chunks, pair, 2);
        }
      step->bytes += (step->node->op == NMD_OP_ADAM ? 28.0 : 12.0) * update.n;
    }
  many->n_chunks = (int)chunks->len / 2;
  if (many->n_chunks == 0)
    return TRUE;
  head = updates->len * sizeof (NmdCudaUpdate);
  tail = chunks->len * sizeof (int);
  return RUNTIME (cudaMalloc (&many->table, head + tail))
         && RUNTIME (cudaMemcpyAsync (many->table, updates->data, head,
                                      cudaMemcpyHostToDevice, self->session->stream))
         && RUNTIME (cudaMemcpyAsync ((char *)many->table + head, chunks->data, tail,
                                      cudaMemcpyHostToDevice, self->session->stream))
         && RUNTIME (cudaStreamSynchronize (self->session->stream));
}

static const int *
chunks_of (const Many *many)
{
  return (const int *)((const NmdCudaUpdate *)many->table + many->nodes->len);
}

/* ADAM and BLEND */

static gboolean
start_update (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const Many *many = step->data;
  const NmdAttributes *at = &step->node->at;
  cudaStream_t stream = self->session->stream;

  if (step->node->op == NMD_OP_BLEND)
    return RUNTIME (nmd_cuda_blend (stream, many->table, chunks_of (many), many->n_chunks,
                                    nmd_cuda_floats (self, step->in[0])));
  return RUNTIME (nmd_cuda_adam (stream, many->table, chunks_of (many), many->n_chunks,
                                 nmd_cuda_floats (self, step->in[0]),
                                 nmd_cuda_floats (self, step->in[1]), at->beta1,
                                 at->beta2, (float)at->epsilon, (float)at->decay));
}

/* The tensors of the store that @node writes; returns how many. */
static int
written_by (NmdCudaProgram *self, const NmdNodeInfo *node, int *handles)
{
  int n = 0;

  for (int k = 0; k < node->n_inputs; k++)
    if (nmd_op_get_info (node->op)->overwrites >> k & 1)
      handles[n++] = self->handles[node->inputs[k]];
  return n;
}

/* Whether @node reads or writes what the nodes of @written overwrite. */
static gboolean
touches (NmdCudaProgram *self, const NmdNodeInfo *node, GHashTable *written)
{
  for (int k = 0; k < node->n_inputs; k++)
    {
      int value = node->inputs[k];

      while (nmd_cuda_value (self, value)->place == NMD_CUDA_ALIAS)
        value = nmd_cuda_value (self, value)->handle;
      if (nmd_cuda_value (self, value)->place == NMD_CUDA_STORED
          && g_hash_table_contains (
              written, GINT_TO_POINTER (nmd_cuda_value (self, value)->handle)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
same_settings (const NmdNodeInfo *a, const NmdNodeInfo *b)
{
  if (a->op != b->op)
    return FALSE;
  if (a->op == NMD_OP_BLEND)
    return a->inputs[2] == b->inputs[2];
  return a->inputs[4] == b->inputs[4] && a->inputs[5] == b->inputs[5]
         && a->at.beta1 == b->at.beta1 && a->at.beta2 == b->at.beta2
         && a->at.epsilon == b->at.epsilon && a->at.decay == b->at.decay;
}

void
nmd_cuda_lower_updates (NmdCudaProgram *self, NmdNode from)
{
  const NmdNodeInfo *first = nmd_graph_get (self->graph, from);
  NmdCudaStep *step = add_many (self, first);
  Many *many = step->data;
  g_autoptr (GHashTable) written = g_hash_table_new (NULL, NULL);

  step->start = start_update;
  step->prepare = prepare;
  step->name = first->op == NMD_OP_ADAM ? "Adam" : "blend";
  step->n_in = first->op == NMD_OP_ADAM ? 2 : 1;
  step->in[0] = first->inputs[first->op == NMD_OP_ADAM ? 4 : 2];
  step->in[1] = first->op == NMD_OP_ADAM ? first->inputs[5] : -1;
  for (NmdNode i = from; i < self->n_nodes; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (self->graph, i);
      int handles[NMD_MAX_INPUTS];

      if (!self->needed[i] || node->n_inputs == 0 || self->done[i])
        continue;
      if (!same_settings (first, node) || touches (self, node, written))
        break;
      for (int k = written_by (self, node, handles) - 1; k >= 0; k--)
        g_hash_table_add (written, GINT_TO_POINTER (handles[k]));
      g_array_append_val (many->nodes, i);
      g_array_append_val (step->also, node->inputs[1]);
      self->done[i] = TRUE;
    }
}

/* Weights as bfloat16 */

static gboolean
start_cast (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const Many *many = step->data;

  return many->n_chunks == 0
         || RUNTIME (nmd_cuda_cast (self->session->stream, many->table, chunks_of (many),
                                    many->n_chunks));
}

static gboolean
start_copy (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  return RUNTIME (nmd_cuda_scale (self->session->stream,
                                  nmd_cuda_tensor (self, step->in[0]), 1,
                                  nmd_cuda_tensor (self, step->out[0]),
                                  (unsigned)nmd_cuda_count (&step->node->shape)));
}

static int
copy_here (NmdCudaProgram *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_graph_get (self->graph, node);
  const int copy = nmd_cuda_add_value (self, nmd_cuda_count (&info->shape), TRUE);
  NmdCudaStep *step = nmd_cuda_add_step (self, info);

  step->start = start_copy;
  step->in[step->n_in++] = node;
  step->out[step->n_out++] = copy;
  return copy;
}

/* The first step, which copies all weights; made when it is asked for. */
static NmdCudaStep *
get_cast_step (NmdCudaProgram *self, const NmdNodeInfo *weight)
{
  NmdCudaStep *step, last;

  if (self->steps->len > 0
      && g_array_index (self->steps, NmdCudaStep, 0).start == start_cast)
    return &g_array_index (self->steps, NmdCudaStep, 0);
  step = add_many (self, weight);
  step->start = start_cast;
  step->prepare = prepare;
  step->name = "weights to bfloat16";
  last = *step;
  memmove (self->steps->data + sizeof last, self->steps->data,
           (self->steps->len - 1) * sizeof last);
  g_array_index (self->steps, NmdCudaStep, 0) = last;
  return &g_array_index (self->steps, NmdCudaStep, 0);
}

int
nmd_cuda_lower_cast (NmdCudaProgram *self, NmdNode node, NmdNode user)
{
  const NmdNodeInfo *info = nmd_graph_get (self->graph, node);
  NmdCudaStep *step;
  Many *many;
  int copy;

  if (nmd_cuda_value (self, node)->t.bf16)
    return node;
  if (info->op != NMD_OP_STORE)
    return copy_here (self, node);
  for (const NmdNode *k = nmd_patterns_get_users (self->patterns, node);
       *k != NMD_NODE_NONE; k++)
    {
      const NmdOp op = nmd_graph_get (self->graph, *k)->op;

      if (*k < user && nmd_op_get_info (op)->overwrites != 0)
        return copy_here (self, node); /* it is another one by then */
    }
  step = get_cast_step (self, info);
  many = step->data;
  for (guint i = 0; i < many->nodes->len; i++)
    if (g_array_index (many->nodes, NmdNode, i) == node)
      return g_array_index (many->copies, int, i);
  copy = nmd_cuda_add_value (self, nmd_cuda_count (&info->shape), TRUE);
  g_array_append_val (many->nodes, node);
  g_array_append_val (many->copies, copy);
  g_array_append_val (step->also, copy);
  return copy;
}
