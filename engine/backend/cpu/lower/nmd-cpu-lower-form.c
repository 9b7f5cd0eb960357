/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers the operations that are only form: reshapes, concatenations, slices and shuffles,
 * most of them without a step.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-form.h"

#include "engine/backend/cpu/lower/nmd-cpu-layouts.h"
#include "engine/backend/cpu/lower/nmd-cpu-recompute.h"
#include "engine/backend/cpu/ops/nmd-cpu-elementwise.h"

#include <string.h>

static void
lower_reshape (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const NmdShape *from = &nmd_cpu_info (self, info->inputs[0])->shape;
  int a[4], b[4];
  nmd_cpu_rows_geometry (from, a);
  nmd_cpu_rows_geometry (&info->shape, b);
  if (!nmd_cpu_is_wide (from) && !nmd_cpu_is_wide (&info->shape)
      && !memcmp (a, b, sizeof a))
    self->p->node_value[node]
        = nmd_cpu_stable (self, nmd_cpu_as_rows (self, info->inputs[0]));
  else
    self->p->node_value[node] = nmd_cpu_reshaped_view (
        self, nmd_cpu_stable (self, nmd_cpu_as_plain (self, info->inputs[0])), 1, 1, 1,
        (int)nmd_shape_count (from));
}

/* Part @x of concatenation @y, whose first channel is @from, lies there from the start.
 */
static void
place_part (NmdCpuLower *self, int y, int from, int x)
{
  NmdCpuValue *v = nmd_cpu_value (self->p, x);
  v->parent = y;
  v->from = from;
  nmd_cpu_value (self->p, y)->keep |= v->keep;
  for (guint j = 0; j < v->writers->len; j++)
    g_array_append_val (nmd_cpu_value (self->p, y)->writers,
                        g_array_index (v->writers, int, j));
}

static void
lower_concat (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int y = nmd_cpu_rows_value (self, &info->shape);
  for (int i = 0, from = 0; i < info->n_inputs; i++)
    {
      const int x = nmd_cpu_as_rows (self, info->inputs[i]),
                c = nmd_cpu_value (self->p, x)->c;
      const NmdCpuValue *v = nmd_cpu_value (self->p, x);
      if (v->parent >= 0 || v->memory || v->dense || v->threads)
        {
          NmdCpuStep *s = nmd_cpu_new_step_named (self, &nmd_cpu_copy, "concatenation",
                                                  nmd_cpu_part_of (self, y, from, c));
          s->split = TRUE;
          nmd_cpu_read_images (self, s, x);
          nmd_cpu_wrote_part (self, y);
        }
      else if (i + 1 == info->n_inputs
               || !nmd_cpu_recompute_norm (self, info->inputs[i], y, from))
        place_part (self, y, from, x);
      from += c;
    }
  self->p->node_value[node] = y;
}

static void
lower_slice (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int x = nmd_cpu_stable (self, nmd_cpu_as_rows (self, info->inputs[0]));
  self->p->node_value[node] = nmd_cpu_slice_of (self, x, info->at.from, info->at.count);
}

static void
lower_slice_grad (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int x = nmd_cpu_stable (self, nmd_cpu_as_rows (self, info->inputs[0]));
  if (info->at.count == info->shape.dims[1])
    {
      self->p->node_value[node] = x;
      return;
    }
  const int y = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_slice_grad, y);
  s->split = TRUE;
  s->elementwise.from = info->at.from;
  s->elementwise.count = info->at.count;
  nmd_cpu_read_images (self, s, x);
  self->p->node_value[node] = y;
}

static void
lower_shuffle (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int x = nmd_cpu_as_rows (self, info->inputs[0]);
  const int y = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_shuffle, y);
  s->split = TRUE;
  s->elementwise.groups = info->at.groups;
  nmd_cpu_read_images (self, s, x);
  self->p->node_value[node] = y;
}

gboolean
nmd_cpu_lower_form (NmdCpuLower *self, NmdNode node)
{
  switch (nmd_cpu_info (self, node)->op)
    {
    case NMD_OP_RESHAPE:
      lower_reshape (self, node);
      return TRUE;
    case NMD_OP_CONCAT:
      lower_concat (self, node);
      return TRUE;
    case NMD_OP_SLICE:
      lower_slice (self, node);
      return TRUE;
    case NMD_OP_SLICE_GRAD:
      lower_slice_grad (self, node);
      return TRUE;
    case NMD_OP_SHUFFLE:
      lower_shuffle (self, node);
      return TRUE;
    default:
      return FALSE;
    }
}
