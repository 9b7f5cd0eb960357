/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers layer norm, max pooling, enlarging, tokens and attention, with their gradients.
 * Their steps are in nmd-cpu-tokens.c.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-tokens.h"

#include "engine/backend/cpu/lower/nmd-cpu-layouts.h"
#include "engine/backend/cpu/ops/nmd-cpu-norms.h"
#include "engine/backend/cpu/ops/nmd-cpu-reductions.h"
#include "engine/backend/cpu/ops/nmd-cpu-tokens.h"

/* A step on images of the inputs, as rows, from the first @n_inputs of them. */
static NmdCpuStep *
images_step (NmdCpuLower *self, NmdNode node, const NmdCpuOp *op, int n_inputs)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  int in[3];
  for (int i = 0; i < n_inputs; i++)
    in[i] = nmd_cpu_as_rows (self, info->inputs[i]);
  const int y = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s = nmd_cpu_new_step (self, op, y);
  for (int i = 0; i < n_inputs; i++)
    nmd_cpu_read_images (self, s, in[i]);
  self->p->node_value[node] = y;
  return s;
}

/* Layer norm */

static void
lower_layer_norm (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int gamma = nmd_cpu_as_plain (self, info->inputs[1]),
            beta = nmd_cpu_as_plain (self, info->inputs[2]);
  NmdCpuStep *s = images_step (self, node, &nmd_cpu_layer_norm, 1);
  s->split = TRUE;
  s->norm.epsilon = info->at.epsilon;
  nmd_cpu_read_whole (self, s, gamma);
  nmd_cpu_read_whole (self, s, beta);
}

static void
lower_layer_norm_dx (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int gamma = nmd_cpu_as_plain (self, info->inputs[2]);
  NmdCpuStep *s = images_step (self, node, &nmd_cpu_layer_norm_grad, 2);
  s->split = TRUE;
  s->norm.epsilon = info->at.epsilon;
  nmd_cpu_read_whole (self, s, gamma);
}

static void
lower_layer_norm_dgamma (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int dy = nmd_cpu_as_rows (self, info->inputs[0]),
            x = nmd_cpu_as_rows (self, info->inputs[1]);
  const int result = nmd_cpu_new_value (self, 1, 1, 1, info->shape.dims[0]);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_layer_norm_reduce, -1);
  const NmdCpuValue *v = nmd_cpu_value (self->p, dy);
  s->n = v->n;
  s->h = v->h;
  s->w = v->w;
  s->c = v->c;
  s->norm.epsilon = info->at.epsilon;
  nmd_cpu_read_images (self, s, dy);
  nmd_cpu_read_images (self, s, x);
  const int sums = nmd_cpu_sums_of (self, s, 2 * (gsize)s->c);
  s = nmd_cpu_new_step_named (self, &nmd_cpu_sum_all_end, "layer norm, gradient", result);
  s->reduce.scale = 1;
  nmd_cpu_read_whole (self, s, sums);
  self->p->node_value[node] = result;
}

/* Pooling and enlarging */

static void
window_geometry (NmdCpuWindow *window, const NmdShape *x, const NmdShape *y, int kernel)
{
  window->hi = x->dims[2];
  window->wi = x->dims[3];
  window->ho = y->dims[2];
  window->wo = y->dims[3];
  window->kernel = kernel;
}

static void
lower_pool (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const gboolean grad = info->op == NMD_OP_MAX_POOL_GRAD;
  NmdCpuStep *s = grad ? images_step (self, node, &nmd_cpu_max_pool_grad, 3)
                       : images_step (self, node, &nmd_cpu_max_pool, 1);
  const NmdShape *other = &nmd_cpu_info (self, info->inputs[0])->shape;
  window_geometry (&s->window, grad ? &info->shape : other, grad ? other : &info->shape,
                   info->at.kernel);
  s->split = !grad;
  s->window.stride = info->at.stride;
  s->window.pad = info->at.padding;
}

static void
lower_upsample (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const gboolean grad = info->op == NMD_OP_UPSAMPLE_GRAD;
  NmdCpuStep *s = grad ? images_step (self, node, &nmd_cpu_upsample_grad, 1)
                       : images_step (self, node, &nmd_cpu_upsample, 1);
  const NmdShape *other = &nmd_cpu_info (self, info->inputs[0])->shape;
  window_geometry (&s->window, grad ? &info->shape : other, grad ? other : &info->shape,
                   info->at.factor);
  s->split = TRUE;
  s->work = grad ? (gsize)s->c : 0;
}

/* Tokens */

static void
lower_tokens (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int first = nmd_cpu_as_plain (self, info->inputs[1]),
            position = nmd_cpu_as_plain (self, info->inputs[2]);
  NmdCpuStep *s = images_step (self, node, &nmd_cpu_tokens, 1);
  s->split = TRUE;
  nmd_cpu_read_whole (self, s, first);
  nmd_cpu_read_whole (self, s, position);
}

/* Sums over images of the first tokens, as many as the result has. */
static void
lower_token_sums (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int dy = nmd_cpu_as_rows (self, info->inputs[0]);
  const int y = nmd_cpu_new_value (self, 1, 1, 1, (int)nmd_shape_count (&info->shape));
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_token_sums, y);
  s->c = nmd_cpu_value (self->p, dy)->c;
  s->n = (int)nmd_shape_count (&info->shape) / s->c;
  s->tokens.images = nmd_cpu_value (self->p, dy)->n;
  s->work = 2 * (gsize)s->c;
  nmd_cpu_read_whole (self, s, dy);
  self->p->node_value[node] = y;
}

static void
lower_attention (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const gboolean grad = info->op == NMD_OP_ATTENTION_GRAD;
  NmdCpuStep *s = grad ? images_step (self, node, &nmd_cpu_attention_grad, 2)
                       : images_step (self, node, &nmd_cpu_attention, 1);
  const double t = info->shape.dims[2];
  s->tokens.heads = info->at.groups;
  s->tokens.c = grad ? s->c / 3 : s->c;
  s->tokens.tokens = (int)t;
  s->split = TRUE;
  s->h = s->tokens.heads; /* rows that threads share out are heads */
  s->work = (gsize)(grad ? 2 : 1) * (gsize)s->tokens.tokens * (gsize)s->tokens.tokens;
  s->flop = (grad ? 10 : 4) * s->n * t * t * s->tokens.c;
}

gboolean
nmd_cpu_lower_tokens (NmdCpuLower *self, NmdNode node)
{
  switch (nmd_cpu_info (self, node)->op)
    {
    case NMD_OP_LAYER_NORM:
      lower_layer_norm (self, node);
      return TRUE;
    case NMD_OP_LAYER_NORM_GRAD_X:
      lower_layer_norm_dx (self, node);
      return TRUE;
    case NMD_OP_LAYER_NORM_GRAD_GAMMA:
      lower_layer_norm_dgamma (self, node);
      return TRUE;
    case NMD_OP_MAX_POOL:
    case NMD_OP_MAX_POOL_GRAD:
      lower_pool (self, node);
      return TRUE;
    case NMD_OP_UPSAMPLE:
    case NMD_OP_UPSAMPLE_GRAD:
      lower_upsample (self, node);
      return TRUE;
    case NMD_OP_TOKENS:
      lower_tokens (self, node);
      return TRUE;
    case NMD_OP_TOKENS_GRAD_X:
      images_step (self, node, &nmd_cpu_tokens_grad, 1)->split = TRUE;
      return TRUE;
    case NMD_OP_TOKENS_GRAD_POSITION:
    case NMD_OP_TOKENS_GRAD_CLASS:
      lower_token_sums (self, node);
      return TRUE;
    case NMD_OP_TOKEN:
      images_step (self, node, &nmd_cpu_token, 1)->tokens.index
          = nmd_cpu_info (self, node)->at.from;
      return TRUE;
    case NMD_OP_TOKEN_GRAD:
      images_step (self, node, &nmd_cpu_token_grad, 1)->tokens.index
          = nmd_cpu_info (self, node)->at.from;
      return TRUE;
    case NMD_OP_ATTENTION:
    case NMD_OP_ATTENTION_GRAD:
      lower_attention (self, node);
      return TRUE;
    default:
      return FALSE;
    }
}
