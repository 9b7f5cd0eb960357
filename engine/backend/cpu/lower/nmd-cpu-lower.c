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
#include "engine/backend/cpu/lower/nmd-cpu-lower-private.h"

/* Patterns
 * ---------------------------------------------------------------------------------- */

/* The node whose value a step for @node gives if an activation that alone reads it is
 * fused. */
NmdNode
with_act (Lower *self, NmdNode node, NmdAct *act)
{
  const NmdNode user = only_user (self, node);
  *act = NMD_NO_ACT;
  if (user == NMD_NODE_NONE || info_of (self, user)->op != NMD_OP_ACTIVATION)
    return node;
  *act = act_of (self, user);
  self->done[user] = TRUE;
  return user;
}

int
summand (Lower *self, NmdNode node, NmdNode *result)
{
  const NmdNode user = only_user (self, node);
  *result = node;
  if (user == NMD_NODE_NONE || info_of (self, user)->op != NMD_OP_ADD)
    return -1;
  const NmdNode *in = info_of (self, user)->inputs, other = in[0] == node ? in[1] : in[0];
  if (other >= node || self->p->node_value[other] < 0)
    return -1;
  *result = user;
  self->done[user] = TRUE;
  return as_rows (self, other);
}

/* Loss and updates
 * ------------------------------------------------------------------------------ */

static void
lower_softmax (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int x = as_rows (self, info->inputs[0]), y = rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, nmd_cpu_softmax, NMD_CPU_IMAGES, "softmax", y);
  s->work = 2 * (gsize)s->c;
  read_images (self, s, x);
  self->p->node_value[node] = y;
}

static void
lower_cross_entropy (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *shape = &info_of (self, info->inputs[0])->shape;
  const int x = as_rows (self, info->inputs[0]), t = as_rows (self, info->inputs[1]);
  const int y = new_value (self, 1, 1, 1, 1);
  NmdCpuStep *s
      = new_step (self, nmd_cpu_cross_entropy, NMD_CPU_ONCE, "cross entropy", y);
  s->hi = shape->dims[0];
  s->ci = shape->dims[1];
  s->work = 2 * (gsize)s->ci;
  read_whole (self, s, x);
  read_whole (self, s, t);
  self->p->node_value[node] = y;
}

static void
lower_cross_entropy_grad (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int dy = as_plain (self, info->inputs[0]), x = as_rows (self, info->inputs[1]);
  const int t = as_rows (self, info->inputs[2]), y = rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, nmd_cpu_cross_entropy_grad, NMD_CPU_IMAGES,
                            "cross entropy, gradient", y);
  s->work = 2 * (gsize)s->c;
  read_images (self, s, x);
  read_images (self, s, t);
  read_whole (self, s, dy);
  self->p->node_value[node] = y;
}

/* @s overwrites the store tensor of @handle. */
static void
overwrites (Lower *self, NmdCpuStep *s, int handle)
{
  const int me = step_index (self);
  GArray *readers = self->readers->pdata[handle];
  need (s, g_array_index (self->writer, int, handle), TRUE);
  for (guint i = 0; i < readers->len; i++)
    if (g_array_index (readers, int, i) != me)
      need (s, g_array_index (readers, int, i), TRUE);
  g_array_set_size (readers, 0);
  g_array_index (self->writer, int, handle) = me;
}

static void
lower_update (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const gboolean adam = info->op == NMD_OP_ADAM;
  int in[6];
  for (int i = 0; i < info->n_inputs; i++)
    in[i] = as_plain (self, info->inputs[i]);
  NmdCpuStep *s = new_step (self, adam ? nmd_cpu_adam : nmd_cpu_blend, NMD_CPU_FLAT,
                            adam ? "Adam" : "average", -1);
  s->update = TRUE;
  s->n = (int)nmd_shape_count (&info->shape);
  s->unit = 16;
  s->beta1 = info->at.beta1;
  s->beta2 = info->at.beta2;
  s->decay = info->at.decay;
  s->epsilon = info->at.epsilon;
  s->value = info->at.value;
  for (int i = 0; i < info->n_inputs; i++)
    read_whole (self, s, in[i]);
  overwrites (self, s, self->handles[info->inputs[0]]);
  if (adam)
    {
      overwrites (self, s, self->handles[info->inputs[2]]);
      overwrites (self, s, self->handles[info->inputs[3]]);
    }
  self->p->node_value[node] = in[0];
}

/* Leaves
 * ------------------------------------------------------------------------------------------
 */

static gboolean
lower_leaf (Lower *self, NmdNode node, GError **error)
{
  const NmdNodeInfo *info = info_of (self, node);
  const gsize count = nmd_shape_count (&info->shape);
  int v;
  if (info->op == NMD_OP_STORE)
    {
      v = new_value (self, 1, 1, 1, (int)count);
      value (self, v)->handle = self->handles[node];
      value (self, v)->memory
          = ((NmdCpuTensor *)self->p->session->store->pdata[self->handles[node]])->values;
    }
  else
    {
      v = rows_value (self, &info->shape);
      float *memory = nmd_cpu_alloc (count, TRUE);
      if (!memory)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                       "No memory for %" G_GSIZE_FORMAT " input values", count);
          return FALSE;
        }
      value (self, v)->memory = memory;
      self->p->fixed_floats += count;
      if (info->op == NMD_OP_CONSTANT)
        for (gsize i = 0; i < count; i++)
          memory[i] = (float)info->at.value;
    }
  self->p->node_value[node] = v;
  return TRUE;
}

static gboolean
lower_node (Lower *self, NmdNode node, GError **error)
{
  switch (info_of (self, node)->op)
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
      if (lower_conv (self, node) || lower_norm (self, node) || lower_each (self, node)
          || lower_form (self, node) || lower_token (self, node))
        break;
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "The CPU backend does not know operation %s",
                   nmd_op_get_name (info_of (self, node)->op));
      return FALSE;
    }
  return TRUE;
}

/* Small steps that depend on nothing that a run computes go first; those that depend on
 * the store alone are skipped while it stands. */
static void
mark_prologue (Lower *self)
{
  for (guint i = 0; i < self->p->steps->len; i++)
    {
      NmdCpuStep *s = nmd_cpu_step (self->p, (int)i);
      s->prologue = s->kind == NMD_CPU_ONCE && s->run != nmd_cpu_cross_entropy
                    && s->run != nmd_cpu_dense_y;
      s->cached = s->prologue;
      for (guint j = 0; s->prologue && j < s->needs->len; j++)
        s->prologue = nmd_cpu_step (self->p, g_array_index (s->needs, int, j))->prologue;
      for (int j = 0; j < s->n_in; j++)
        s->cached &= s->prologue && value (self, s->in_value[j])->handle >= 0;
      for (int j = 0; s->prologue && j < s->n_out; j++)
        value (self, s->out_value[j])->always = TRUE;
    }
}

static void
prepare (Lower *self, int n)
{
  self->n_handles = (int)self->p->session->store->len;
  self->users = g_new0 (GArray *, n);
  self->other = g_new (int, n);
  self->packed = g_new (int, n *N_PACKS);
  self->packed_at = g_new0 (int, n *N_PACKS);
  self->lazy = g_new0 (gboolean, n);
  self->norm_of = g_new (NmdNode, n);
  self->factors = g_new (int, n);
  self->done = g_new0 (gboolean, n);
  self->again = g_hash_table_new (NULL, NULL);
  self->updated = g_new0 (gboolean, self->n_handles + 1);
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
      self->users[i] = g_array_new (FALSE, FALSE, sizeof (int));
      self->other[i] = self->factors[i] = -1;
      self->norm_of[i] = NMD_NODE_NONE;
      for (int m = 0; m < N_PACKS; m++)
        self->packed[i * N_PACKS + m] = -1;
    }
  for (int i = 0; i < n; i++)
    {
      const NmdNodeInfo *info = info_of (self, i);
      self->gradients
          |= self->needed[i]
             && (info->op == NMD_OP_CONV_GRAD_X || info->op == NMD_OP_LINEAR_GRAD_X
                 || info->op == NMD_OP_ACTIVATION_GRAD);
      for (int j = 0; self->needed[i] && j < info->n_inputs; j++)
        g_array_append_val (self->users[info->inputs[j]], i);
      for (int j = 0; j < info->n_inputs; j++)
        if (self->needed[i]
            && ((info->op == NMD_OP_ADAM && (j == 0 || j == 2 || j == 3))
                || (info->op == NMD_OP_BLEND && j == 0)))
          self->updated[self->handles[info->inputs[j]]] = TRUE;
    }
}

static void
dispose (Lower *self, int n)
{
  for (int i = 0; i < n; i++)
    g_array_unref (self->users[i]);
  g_free (self->users);
  g_free (self->other);
  g_free (self->packed);
  g_free (self->packed_at);
  g_free (self->lazy);
  g_free (self->norm_of);
  g_free (self->factors);
  g_free (self->done);
  g_hash_table_unref (self->again);
  g_free (self->updated);
  g_array_unref (self->writer);
  g_ptr_array_unref (self->readers);
}

gboolean
nmd_cpu_lower (NmdCpuProgram *p,
               const gboolean *needed,
               const int *handles,
               GError **error)
{
  Lower self = { .p = p, .graph = p->graph, .needed = needed, .handles = handles };
  const int n = nmd_graph_get_n_nodes (p->graph);
  gboolean ok = TRUE;
  prepare (&self, n);
  for (int i = 0; ok && i < n; i++)
    if (needed[i] && info_of (&self, i)->n_inputs == 0)
      ok = lower_leaf (&self, i, error);
  for (int i = 0; ok && i < n; i++)
    {
      if (needed[i] && !self.done[i])
        ok = lower_node (&self, i, error);
      if (ok && needed[i] && p->is_output[i])
        value (&self, p->node_value[i])->keep = TRUE;
    }
  if (ok)
    mark_prologue (&self);
  dispose (&self, n);
  return ok;
}
