/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers bilinear enlarging and the losses of maps of logits, with their gradients. The
 * sums over images that both losses and their gradients take are computed once.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-maps.h"

#include "engine/backend/cpu/lower/nmd-cpu-layouts.h"
#include "engine/backend/cpu/ops/nmd-cpu-maps.h"

/* @node's value as rows that follow each other without gaps. */
static int
as_whole_rows (NmdCpuLower *self, NmdNode node)
{
  const int v
      = nmd_cpu_without_gaps (self, nmd_cpu_stable (self, nmd_cpu_as_rows (self, node)));
  for (int i = v; i >= 0; i = nmd_cpu_value (self->p, i)->parent)
    nmd_cpu_value (self->p, i)->dense = TRUE;
  return v;
}

static void
lower_enlarge (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const gboolean grad = info->op == NMD_OP_ENLARGE_GRAD;
  const NmdShape *other = &nmd_cpu_info (self, info->inputs[0])->shape,
                 *small = grad ? &info->shape : other,
                 *large = grad ? other : &info->shape;
  const int from = grad ? nmd_cpu_as_rows (self, info->inputs[0])
                        : as_whole_rows (self, info->inputs[0]),
            to = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s
      = nmd_cpu_new_step (self, grad ? &nmd_cpu_enlarge_grad : &nmd_cpu_enlarge, to);
  nmd_cpu_value (self->p, to)->dense = grad;
  s->window.hi = small->dims[2];
  s->window.wi = small->dims[3];
  s->window.ho = large->dims[2];
  s->window.wo = large->dims[3];
  s->split = TRUE;
  s->work = nmd_cpu_enlarge_work (s->window.wo, s->window.wi, s->c);
  nmd_cpu_read_images (self, s, from);
  self->p->node_value[node] = to;
}

/* The sums of @logits and @targets: those of an earlier step, or new ones. */
static int
sums_of (NmdCpuLower *self, int logits, int targets)
{
  const NmdCpuValue *z = nmd_cpu_value (self->p, logits);
  for (guint i = 0; i < self->p->steps->len; i++)
    {
      const NmdCpuStep *s = nmd_cpu_step (self->p, (int)i);
      if (s->op == &nmd_cpu_logit_sums && s->in_value[0] == logits
          && s->in_value[1] == targets)
        return s->out_value[0];
    }
  const int sums = nmd_cpu_new_value (self, z->n, 1, 1, 4);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_logit_sums, sums);
  nmd_cpu_value (self->p, sums)->dense = TRUE;
  s->loss.classes = (int)nmd_cpu_image_floats (z);
  nmd_cpu_read_images (self, s, logits);
  nmd_cpu_read_images (self, s, targets);
  return sums;
}

/* (logits, targets), or (dy, logits, targets). */
static void
lower_loss (NmdCpuLower *self, NmdNode node, const NmdCpuOp *op)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int first = info->n_inputs - 2;
  const int z = as_whole_rows (self, info->inputs[first]),
            t = as_whole_rows (self, info->inputs[first + 1]),
            dy = first > 0 ? nmd_cpu_as_plain (self, info->inputs[0]) : -1,
            sums = sums_of (self, z, t), y = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s = nmd_cpu_new_step (self, op, y);
  s->loss.images = nmd_cpu_value (self->p, z)->n;
  s->loss.classes = (int)nmd_cpu_image_floats (nmd_cpu_value (self->p, z));
  nmd_cpu_value (self->p, y)->dense = TRUE;
  if (first == 0)
    nmd_cpu_read_whole (self, s, sums);
  else
    {
      nmd_cpu_read_images (self, s, z);
      nmd_cpu_read_images (self, s, t);
      nmd_cpu_read_images (self, s, sums);
      nmd_cpu_read_whole (self, s, dy);
    }
  self->p->node_value[node] = y;
}

gboolean
nmd_cpu_lower_maps (NmdCpuLower *self, NmdNode node)
{
  switch (nmd_cpu_info (self, node)->op)
    {
    case NMD_OP_ENLARGE:
    case NMD_OP_ENLARGE_GRAD:
      lower_enlarge (self, node);
      return TRUE;
    case NMD_OP_PIXEL_CROSS_ENTROPY:
      lower_loss (self, node, &nmd_cpu_pixel_cross_entropy);
      return TRUE;
    case NMD_OP_DICE_LOSS:
      lower_loss (self, node, &nmd_cpu_dice_loss);
      return TRUE;
    case NMD_OP_PIXEL_CROSS_ENTROPY_GRAD:
      lower_loss (self, node, &nmd_cpu_pixel_cross_entropy_grad);
      return TRUE;
    case NMD_OP_DICE_LOSS_GRAD:
      lower_loss (self, node, &nmd_cpu_dice_loss_grad);
      return TRUE;
    default:
      return FALSE;
    }
}
