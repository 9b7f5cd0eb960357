/* SPDX-License-Identifier: Apache-2.0
 *
 * The graphs of test-ops's cases about maps: bilinear enlarging, the losses of logits, and a
 * network for outlines in small.
 */
#include "tests/backend/test-ops.h"

/* f times as high and wide, or to x × y */
NmdNode
build_enlarge (Built *self, const Case *c)
{
  const int *v = c->value;
  const gboolean sized = v['x'] > 0;
  const NmdAttributes at
      = { .shape = { 4,
                     { v['n'], v['c'], sized ? v['x'] : v['h'] * v['f'],
                       sized ? v['y'] : v['w'] * v['f'] } } };
  NmdNode x = leaf_of (self, c);

  return add (self, NMD_OP_ENLARGE, &at, &x, 1);
}

/* Targets in [0, 1] are the sigmoids of a leaf; b: targets are the leaf. v: what logits are multiplied by first */
NmdNode
build_pixel_loss (Built *self, const Case *c)
{
  const NmdAttributes at = { .value = c->value['v'] };
  NmdNode in[2] = { leaf_of (self, c) };

  in[1] = leaf_of (self, c);
  if (c->value['b'] == 0)
    in[1] = activate (self, NMD_SIGMOID, in[1]);
  self->n_differentiable = 1;
  if (c->value['v'] != 0)
    in[0] = add (self, NMD_OP_SCALE, &at, in, 1);
  return add (self,
              is_op (c, "dice-loss") ? NMD_OP_DICE_LOSS : NMD_OP_PIXEL_CROSS_ENTROPY,
              NULL, in, 2);
}

/* The end of a network for outlines: a map enlarged beside a larger one, a depthwise
 * separable block, logits enlarged, and both losses of them. */
NmdNode
build_outline_loss (Built *self, const Case *c)
{
  const int *v = c->value, n = v['n'], channels = 2 * v['c'];
  NmdAttributes at = { .shape = { 4, { n, v['c'], v['h'], v['w'] } },
                       .stride = 1,
                       .padding = 1,
                       .groups = channels };
  NmdNode x = leaf4 (self, n, v['c'], v['h'] / 2, v['w'] / 2), skip = leaf_of (self, c);
  NmdNode in[2], terms[2], target;

  x = add (self, NMD_OP_ENLARGE, &at, &x, 1);
  x = add (self, NMD_OP_CONCAT, NULL, (NmdNode[]){ x, skip }, 2);
  x = add (self, NMD_OP_CONV, &at, (NmdNode[]){ x, leaf4 (self, channels, 1, 3, 3) }, 2);
  x = activate (self, NMD_RELU, pointwise_norm (self, x, v['c']));
  x = pointwise (self, x, 1);
  at.shape = (NmdShape){ 4, { n, 1, 4 * v['h'], 4 * v['w'] } };
  in[0] = add (self, NMD_OP_ENLARGE, &at, &x, 1);
  self->n_differentiable = self->n_leaves;
  target = leaf (self, at.shape.dims, 4);
  in[1] = activate (self, NMD_SIGMOID, target);
  terms[0] = add (self, NMD_OP_PIXEL_CROSS_ENTROPY, NULL, in, 2);
  terms[1] = add (self, NMD_OP_DICE_LOSS, NULL, in, 2);
  return add (self, NMD_OP_ADD, NULL, terms, 2);
}
