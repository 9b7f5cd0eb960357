/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers layer norm, max pooling, enlarging, tokens and attention, with their gradients.
 * Their steps are in nmd-cpu-tokens.c.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-private.h"

/* A step on images of the inputs, as rows, from the first @n_inputs of them. */
static NmdCpuStep *
images_step (Lower *self, NmdNode node, NmdCpuRun run, const char *name, int n_inputs)
{
  const NmdNodeInfo *info = info_of (self, node);
  int in[3];
  for (int i = 0; i < n_inputs; i++)
    in[i] = as_rows (self, info->inputs[i]);
  const int y = rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, run, NMD_CPU_IMAGES, name, y);
  for (int i = 0; i < n_inputs; i++)
    read_images (self, s, in[i]);
  self->p->node_value[node] = y;
  return s;
}

/* Layer norm
 * --------------------------------------------------------------------------------- */

static void
lower_layer_norm (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int gamma = as_plain (self, info->inputs[1]),
            beta = as_plain (self, info->inputs[2]);
  NmdCpuStep *s = images_step (self, node, nmd_cpu_layer_norm, "layer norm", 1);
  s->split = TRUE;
  s->epsilon = info->at.epsilon;
  read_whole (self, s, gamma);
  read_whole (self, s, beta);
}

static void
lower_layer_norm_dx (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int gamma = as_plain (self, info->inputs[2]);
  NmdCpuStep *s
      = images_step (self, node, nmd_cpu_layer_norm_grad, "layer norm, data gradient", 2);
  s->split = TRUE;
  s->epsilon = info->at.epsilon;
  read_whole (self, s, gamma);
}

static void
lower_layer_norm_dgamma (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int dy = as_rows (self, info->inputs[0]), x = as_rows (self, info->inputs[1]);
  const int result = new_value (self, 1, 1, 1, info->shape.dims[0]);
  NmdCpuStep *s = new_step (self, nmd_cpu_layer_norm_reduce, NMD_CPU_IMAGES,
                            "layer norm, gradient sums", -1);
  const NmdCpuValue *v = value (self, dy);
  s->n = v->n;
  s->h = v->h;
  s->w = v->w;
  s->c = v->c;
  s->epsilon = info->at.epsilon;
  read_images (self, s, dy);
  read_images (self, s, x);
  const int sums = sums_of (self, s, 2 * (gsize)s->c);
  s = new_step (self, nmd_cpu_sum_all_end, NMD_CPU_ONCE, "layer norm, gradient", result);
  s->value = 1;
  read_whole (self, s, sums);
  self->p->node_value[node] = result;
}

/* Pooling and enlarging
 * ---------------------------------------------------------------------- */

static void
window_geometry (NmdCpuStep *s, const NmdShape *x, const NmdShape *y, int kernel)
{
  s->ci = s->co = x->dims[1];
  s->hi = x->dims[2];
  s->wi = x->dims[3];
  s->ho = y->dims[2];
  s->wo = y->dims[3];
  s->kernel = kernel;
}

static void
lower_pool (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const gboolean grad = info->op == NMD_OP_MAX_POOL_GRAD;
  NmdCpuStep *s
      = grad ? images_step (self, node, nmd_cpu_max_pool_grad, "max pooling, gradient", 3)
             : images_step (self, node, nmd_cpu_max_pool, "max pooling", 1);
  const NmdShape *other = &info_of (self, info->inputs[0])->shape;
  window_geometry (s, grad ? &info->shape : other, grad ? other : &info->shape,
                   info->at.kernel);
  s->split = !grad;
  s->stride = info->at.stride;
  s->pad = info->at.padding;
}

static void
lower_upsample (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const gboolean grad = info->op == NMD_OP_UPSAMPLE_GRAD;
  NmdCpuStep *s
      = grad ? images_step (self, node, nmd_cpu_upsample_grad, "enlarging, gradient", 1)
             : images_step (self, node, nmd_cpu_upsample, "enlarging", 1);
  const NmdShape *other = &info_of (self, info->inputs[0])->shape;
  window_geometry (s, grad ? &info->shape : other, grad ? other : &info->shape,
                   info->at.factor);
  s->split = TRUE;
  s->work = grad ? (gsize)s->c : 0;
}

/* Tokens
 * ---------------------------------------------------------------------------------------
 */

static void
lower_tokens (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int first = as_plain (self, info->inputs[1]),
            position = as_plain (self, info->inputs[2]);
  NmdCpuStep *s = images_step (self, node, nmd_cpu_tokens, "tokens", 1);
  s->split = TRUE;
  read_whole (self, s, first);
  read_whole (self, s, position);
}

/* Sums over images of the first tokens, as many as the result has. */
static void
lower_token_sums (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int dy = as_rows (self, info->inputs[0]);
  const int y = new_value (self, 1, 1, 1, (int)nmd_shape_count (&info->shape));
  NmdCpuStep *s
      = new_step (self, nmd_cpu_token_sums, NMD_CPU_FLAT, "tokens, gradient sums", y);
  s->c = value (self, dy)->c;
  s->n = (int)nmd_shape_count (&info->shape) / s->c;
  s->count = value (self, dy)->n;
  s->work = 2 * (gsize)s->c;
  read_whole (self, s, dy);
  self->p->node_value[node] = y;
}

static void
lower_attention (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const gboolean grad = info->op == NMD_OP_ATTENTION_GRAD;
  NmdCpuStep *s
      = grad ? images_step (self, node, nmd_cpu_attention_grad, "attention, gradient", 2)
             : images_step (self, node, nmd_cpu_attention, "attention", 1);
  const double t = info->shape.dims[2];
  s->groups = info->at.groups;
  s->ci = grad ? s->c / 3 : s->c;
  s->hi = (int)t;
  s->split = TRUE;
  s->h = s->groups; /* rows that threads share out are heads */
  s->work = (gsize)(grad ? 2 : 1) * (gsize)s->hi * (gsize)s->hi;
  s->flop = (grad ? 10 : 4) * s->n * t * t * s->ci;
}

gboolean
lower_token (Lower *self, NmdNode node)
{
  switch (info_of (self, node)->op)
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
      images_step (self, node, nmd_cpu_tokens_grad, "tokens, gradient", 1)->split = TRUE;
      return TRUE;
    case NMD_OP_TOKENS_GRAD_POSITION:
    case NMD_OP_TOKENS_GRAD_CLASS:
      lower_token_sums (self, node);
      return TRUE;
    case NMD_OP_TOKEN:
      images_step (self, node, nmd_cpu_token, "token", 1)->mode
          = info_of (self, node)->at.from;
      return TRUE;
    case NMD_OP_TOKEN_GRAD:
      images_step (self, node, nmd_cpu_token_grad, "token, gradient", 1)->mode
          = info_of (self, node)->at.from;
      return TRUE;
    case NMD_OP_ATTENTION:
    case NMD_OP_ATTENTION_GRAD:
      lower_attention (self, node);
      return TRUE;
    default:
      return FALSE;
    }
}
