/* SPDX-License-Identifier: Apache-2.0
 *
 * From the graph's nodes to steps over values: layouts, which kernel serves which
 * operation, and what is fused. Fused are the two statistics of a batch norm, batch norm
 * + activation, its derivative into the batch norm's gradients, the sums for gamma and
 * beta, frozen batch norm (+ activation) into the convolution before it, convolution +
 * activation; where nothing comes back also gates into the weights that read them, CBAM's
 * gates and statistics into one pass each, sums of rows into what computes the rows, a
 * large expansion into the depthwise convolution after it. Concatenations, slices and
 * reshapes cost nothing where the layout allows. A node that is an output is never fused
 * away. Order and memory are nmd-cpu-plan.c's
 * business.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower.h"

#include "engine/backend/cpu/lower/nmd-cpu-layouts.h"
#include "engine/backend/cpu/lower/nmd-cpu-lower-convs.h"
#include "engine/backend/cpu/lower/nmd-cpu-lower-elementwise.h"
#include "engine/backend/cpu/lower/nmd-cpu-lower-form.h"
#include "engine/backend/cpu/lower/nmd-cpu-lower-maps.h"
#include "engine/backend/cpu/lower/nmd-cpu-lower-norm.h"
#include "engine/backend/cpu/lower/nmd-cpu-lower-tokens.h"
#include "engine/backend/cpu/nmd-cpu-program.h"
#include "engine/backend/cpu/ops/nmd-cpu-training.h"

/* Loss and updates */

static void
lower_softmax (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int x = nmd_cpu_as_rows (self, info->inputs[0]),
            y = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_softmax, y);
  s->work = 2 * (gsize)s->c;
  nmd_cpu_read_images (self, s, x);
  self->p->node_value[node] = y;
}

static void
lower_cross_entropy (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const NmdShape *shape = &nmd_cpu_info (self, info->inputs[0])->shape;
  const int x = nmd_cpu_as_rows (self, info->inputs[0]),
            t = nmd_cpu_as_rows (self, info->inputs[1]);
  const int y = nmd_cpu_new_value (self, 1, 1, 1, 1);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_cross_entropy, y);
  s->loss.images = shape->dims[0];
  s->loss.classes = shape->dims[1];
  s->work = 2 * (gsize)s->loss.classes;
  nmd_cpu_read_whole (self, s, x);
  nmd_cpu_read_whole (self, s, t);
  self->p->node_value[node] = y;
}

static void
lower_cross_entropy_grad (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int dy = nmd_cpu_as_plain (self, info->inputs[0]),
            x = nmd_cpu_as_rows (self, info->inputs[1]);
  const int t = nmd_cpu_as_rows (self, info->inputs[2]),
            y = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_cross_entropy_grad, y);
  s->work = 2 * (gsize)s->c;
  nmd_cpu_read_images (self, s, x);
  nmd_cpu_read_images (self, s, t);
  nmd_cpu_read_whole (self, s, dy);
  self->p->node_value[node] = y;
}

/* @s overwrites the store tensor of @handle. */
static void
overwrites (NmdCpuLower *self, NmdCpuStep *s, int handle)
{
  const int me = nmd_cpu_step_index (self);
  GArray *readers = self->readers->pdata[handle];
  nmd_cpu_need (s, g_array_index (self->writer, int, handle), TRUE);
  for (guint i = 0; i < readers->len; i++)
    if (g_array_index (readers, int, i) != me)
      nmd_cpu_need (s, g_array_index (readers, int, i), TRUE);
  g_array_set_size (readers, 0);
  g_array_index (self->writer, int, handle) = me;
}

static void
lower_update (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const gboolean adam = info->op == NMD_OP_ADAM;
  int in[6];
  for (int i = 0; i < info->n_inputs; i++)
    in[i] = nmd_cpu_as_plain (self, info->inputs[i]);
  NmdCpuStep *s = nmd_cpu_new_step (self, adam ? &nmd_cpu_adam : &nmd_cpu_blend, -1);
  s->n = (int)nmd_shape_count (&info->shape);
  s->unit = 16;
  s->update.beta1 = info->at.beta1;
  s->update.beta2 = info->at.beta2;
  s->update.decay = info->at.decay;
  s->update.epsilon = info->at.epsilon;
  s->update.value = info->at.value;
  for (int i = 0; i < info->n_inputs; i++)
    nmd_cpu_read_whole (self, s, in[i]);
  for (int i = 0; i < info->n_inputs; i++)
    if (s->op->overwrites >> i & 1)
      overwrites (self, s, self->handles[info->inputs[i]]);
  self->p->node_value[node] = in[0];
}

/* Leaves */

static gboolean
lower_leaf (NmdCpuLower *self, NmdNode node, GError **error)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const gsize count = nmd_shape_count (&info->shape);
  int v;
  if (info->op == NMD_OP_STORE)
    {
      v = nmd_cpu_new_value (self, 1, 1, 1, (int)count);
      nmd_cpu_value (self->p, v)->handle = self->handles[node];
      nmd_cpu_value (self->p, v)->memory
          = ((NmdCpuTensor *)self->p->session->store->pdata[self->handles[node]])->values;
    }
  else
    {
      v = nmd_cpu_rows_value (self, &info->shape);
      float *memory = nmd_cpu_alloc (count, TRUE);
      if (!memory)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                       "No memory for %" G_GSIZE_FORMAT " input values", count);
          return FALSE;
        }
      nmd_cpu_value (self->p, v)->memory = memory;
      self->p->fixed_floats += count;
      if (info->op == NMD_OP_CONSTANT)
        for (gsize i = 0; i < count; i++)
          memory[i] = (float)info->at.value;
    }
  self->p->node_value[node] = v;
  return TRUE;
}

static gboolean
lower_node (NmdCpuLower *self, NmdNode node, GError **error)
{
  switch (nmd_cpu_info (self, node)->op)
    {
    case NMD_OP_SOFTMAX:
      lower_softmax (self, node);
      break;
    case NMD_OP_CROSS_ENTROPY:
      lower_cross_entropy (self, node);
      break;
    case NMD_OP_CROSS_ENTROPY_GRAD:
      lower_cross_entropy_grad (self, node);
      break;
    case NMD_OP_ADAM:
    case NMD_OP_BLEND:
      lower_update (self, node);
      break;
    case NMD_OP_INPUT:
    case NMD_OP_CONSTANT:
    case NMD_OP_STORE:
      break;
    default:
      if (nmd_cpu_lower_conv (self, node) || nmd_cpu_lower_norm (self, node)
          || nmd_cpu_lower_elementwise (self, node) || nmd_cpu_lower_form (self, node)
          || nmd_cpu_lower_tokens (self, node) || nmd_cpu_lower_maps (self, node))
        break;
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "The CPU backend does not know operation %s",
                   nmd_op_get_name (nmd_cpu_info (self, node)->op));
      return FALSE;
    }
  return TRUE;
}

/* Small steps that depend on nothing that a run computes go first; those that depend on
 * the store alone are skipped while it stands. */
static void
mark_prologue (NmdCpuLower *self)
{
  for (guint i = 0; i < self->p->steps->len; i++)
    {
      NmdCpuStep *s = nmd_cpu_step (self->p, (int)i);
      s->prologue = s->op->kind == NMD_CPU_ONCE && !s->op->in_order;
      s->cached = s->prologue;
      for (guint j = 0; s->prologue && j < s->needs->len; j++)
        s->prologue = nmd_cpu_step (self->p, g_array_index (s->needs, int, j))->prologue;
      for (int j = 0; j < s->n_in; j++)
        s->cached &= s->prologue && nmd_cpu_value (self->p, s->in_value[j])->handle >= 0;
      for (int j = 0; s->prologue && j < s->n_out; j++)
        nmd_cpu_value (self->p, s->out_value[j])->always = TRUE;
    }
}

static void
prepare (NmdCpuLower *self, int n)
{
  self->n_handles = (int)self->p->session->store->len;
  self->patterns
      = nmd_patterns_new (self->graph, self->needed, self->p->is_output, self->handles);
  self->other = g_new (int, n);
  self->packed = g_new (int, n *NMD_CPU_N_ORDERS);
  self->packed_at = g_new0 (int, n *NMD_CPU_N_ORDERS);
  self->lazy = g_new0 (gboolean, n);
  self->norm_of = g_new (NmdNode, n);
  self->factors = g_new (int, n);
  self->done = g_new0 (gboolean, n);
  self->recomputed = g_hash_table_new (NULL, NULL);
  self->writer = g_array_new (FALSE, FALSE, sizeof (int));
  self->readers = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  for (int i = 0; i < self->n_handles; i++)
    {
      const int none = -1;
      g_array_append_val (self->writer, none);
      g_ptr_array_add (self->readers, g_array_new (FALSE, FALSE, sizeof (int)));
    }
  for (int i = 0; i < n; i++)
    {
      self->other[i] = self->factors[i] = -1;
      self->norm_of[i] = NMD_NODE_NONE;
      for (int m = 0; m < NMD_CPU_N_ORDERS; m++)
        self->packed[i * NMD_CPU_N_ORDERS + m] = -1;
    }
  for (int i = 0; i < n; i++)
    {
      const NmdNodeInfo *info = nmd_cpu_info (self, i);
      self->gradients
          |= self->needed[i]
             && (info->op == NMD_OP_CONV_GRAD_X || info->op == NMD_OP_LINEAR_GRAD_X
                 || info->op == NMD_OP_ACTIVATION_GRAD);
    }
}

static void
dispose (NmdCpuLower *self)
{
  nmd_patterns_free (self->patterns);
  g_free (self->other);
  g_free (self->packed);
  g_free (self->packed_at);
  g_free (self->lazy);
  g_free (self->norm_of);
  g_free (self->factors);
  g_free (self->done);
  g_hash_table_unref (self->recomputed);
  g_array_unref (self->writer);
  g_ptr_array_unref (self->readers);
}

gboolean
nmd_cpu_lower (NmdCpuProgram *p,
               const gboolean *needed,
               const int *handles,
               GError **error)
{
  NmdCpuLower self = { .p = p, .graph = p->graph, .needed = needed, .handles = handles };
  const int n = nmd_graph_get_n_nodes (p->graph);
  gboolean ok = TRUE;
  prepare (&self, n);
  for (int i = 0; ok && i < n; i++)
    if (needed[i] && nmd_cpu_info (&self, i)->n_inputs == 0)
      ok = lower_leaf (&self, i, error);
  for (int i = 0; ok && i < n; i++)
    {
      if (needed[i] && !self.done[i])
        ok = lower_node (&self, i, error);
      if (ok && needed[i] && p->is_output[i])
        nmd_cpu_value (p, p->node_value[i])->keep = TRUE;
    }
  if (ok)
    mark_prologue (&self);
  dispose (&self);
  return ok;
}
