/* SPDX-License-Identifier: Apache-2.0
 *
 * Shape rules: from an operation's inputs and attributes to the shape of its value, or the
 * reason why they do not fit. What the operations compute is written in nmd-node.h, which
 * rule an operation has in nmd-ops.c.
 */
#include "engine/nn/graph/nmd-shape-rules.h"

#include "engine/core/nmd-error.h"

#include <stdarg.h>

/* Values of one tensor at most: indices stay below 2^31 in every backend. */
#define MAX_COUNT G_MAXINT32

static gboolean refuse (const NmdInference *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

static gboolean
refuse (const NmdInference *self, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (self->error, NMD_ERROR, NMD_ERROR_SHAPE, "Node %s (%s): %s",
               *self->node->name != '\0' ? self->node->name : "without a name", self->op,
               reason);
  return FALSE;
}

/* Refuses because @a and @b, called @what_a and @what_b, disagree. */
static gboolean
disagree (const NmdInference *self,
          const char *what_a,
          const NmdShape *a,
          const char *what_b,
          const NmdShape *b)
{
  g_autofree char *text_a = nmd_shape_to_string (a);
  g_autofree char *text_b = nmd_shape_to_string (b);

  return refuse (self, "%s is %s, %s is %s", what_a, text_a, what_b, text_b);
}

static gboolean
need_dims (const NmdInference *self, const char *what, const NmdShape *shape, int n_dims)
{
  g_autofree char *text = NULL;

  if (shape->n_dims == n_dims)
    return TRUE;
  text = nmd_shape_to_string (shape);
  return refuse (self, "%s is %s, %d dimensions are needed", what, text, n_dims);
}

/* An image or a matrix: something with channels. */
static gboolean
need_rows (const NmdInference *self, const char *what, const NmdShape *shape)
{
  g_autofree char *text = NULL;

  if (shape->n_dims == 2 || shape->n_dims == 4)
    return TRUE;
  text = nmd_shape_to_string (shape);
  return refuse (self, "%s is %s, 2 or 4 dimensions are needed", what, text);
}

static gboolean
need_equal (const NmdInference *self,
            const char *what_a,
            const NmdShape *a,
            const char *what_b,
            const NmdShape *b)
{
  return nmd_shape_equal (a, b) || disagree (self, what_a, a, what_b, b);
}

/* A vector over the channels of @x, or over @c values. */
static gboolean
need_vector (const NmdInference *self, const char *what, const NmdShape *shape, int c)
{
  const NmdShape wanted = { 1, { c, 1, 1, 1 } };
  g_autofree char *text = NULL;

  if (nmd_shape_equal (shape, &wanted))
    return TRUE;
  text = nmd_shape_to_string (shape);
  return refuse (self, "%s is %s, %d is needed", what, text, c);
}

static gboolean
valid_shape (const NmdInference *self, const NmdShape *shape)
{
  gsize count = 1;
  gboolean valid = shape->n_dims >= 1 && shape->n_dims <= NMD_MAX_DIMS;

  for (int i = 0; valid && i < shape->n_dims; i++)
    valid = shape->dims[i] >= 1
            && g_size_checked_mul (&count, count, (gsize)shape->dims[i])
            && count <= MAX_COUNT;
  if (!valid && shape->n_dims >= 1 && shape->n_dims <= NMD_MAX_DIMS)
    {
      g_autofree char *text = nmd_shape_to_string (shape);

      return refuse (self, "%s is no shape of at least 1 and at most %d values", text,
                     MAX_COUNT);
    }
  return valid
         || refuse (self, "a tensor has 1 to %d dimensions, not %d", NMD_MAX_DIMS,
                    shape->n_dims);
}

static gboolean
conv_output (const NmdInference *self, const NmdShape *x, const NmdShape *w, NmdShape *y)
{
  const NmdAttributes *at = &self->node->at;
  gint64 size[2];

  if (!need_dims (self, "the image", x, 4) || !need_dims (self, "the weight", w, 4))
    return FALSE;
  if (at->groups < 1 || at->stride < 1 || at->padding < 0)
    return refuse (self, "groups %d, stride %d and padding %d are not possible",
                   at->groups, at->stride, at->padding);
  if (w->dims[2] != w->dims[3])
    return refuse (self, "the kernel is %d × %d, only square ones are known", w->dims[2],
                   w->dims[3]);
  if (x->dims[1] % at->groups != 0 || w->dims[0] % at->groups != 0
      || x->dims[1] / at->groups != w->dims[1])
    {
      g_autofree char *text_x = nmd_shape_to_string (x);
      g_autofree char *text_w = nmd_shape_to_string (w);

      return refuse (self,
                     "the image is %s, the weight is %s, which do not fit with groups %d",
                     text_x, text_w, at->groups);
    }
  for (int i = 0; i < 2; i++)
    {
      size[i] = (gint64)x->dims[2 + i] + 2 * (gint64)at->padding - w->dims[2];
      if (size[i] < 0)
        return refuse (
            self, "the image of %d × %d with padding %d is smaller than the kernel %d",
            x->dims[2], x->dims[3], at->padding, w->dims[2]);
      size[i] = size[i] / at->stride + 1;
      if (size[i] > MAX_COUNT)
        return refuse (self, "padding %d is too large", at->padding);
    }
  *y = (NmdShape){ 4, { x->dims[0], w->dims[0], (int)size[0], (int)size[1] } };
  return TRUE;
}

gboolean
nmd_infer_conv (const NmdInference *self, NmdShape *y)
{
  const NmdShape *shape = &self->node->at.shape;
  NmdShape expected;

  switch (self->node->op)
    {
    case NMD_OP_CONV:
      return conv_output (self, self->in[0], self->in[1], y)
             && (self->node->n_inputs < 3
                 || need_vector (self, "the bias", self->in[2], self->in[1]->dims[0]));
    case NMD_OP_CONV_GRAD_X:
      *y = *shape;
      return valid_shape (self, shape)
             && conv_output (self, shape, self->in[1], &expected)
             && need_equal (self, "the gradient", self->in[0], "the convolution's value",
                            &expected);
    default:
      *y = *shape;
      return valid_shape (self, shape)
             && conv_output (self, self->in[0], shape, &expected)
             && need_equal (self, "the gradient", self->in[1], "the convolution's value",
                            &expected);
    }
}

gboolean
nmd_infer_linear (const NmdInference *self, NmdShape *y)
{
  const NmdShape *a = self->in[0], *b = self->in[1];
  const gboolean by_weight = self->node->op == NMD_OP_LINEAR_GRAD_W;

  if (!need_rows (self, "the first input", a)
      || !need_dims (self, "the second input", b, by_weight ? a->n_dims : 2))
    return FALSE;
  *y = *a;
  switch (self->node->op)
    {
    case NMD_OP_LINEAR:
      y->dims[1] = b->dims[0];
      if (a->dims[1] != b->dims[1])
        return disagree (self, "the input", a, "the weight", b);
      return self->node->n_inputs < 3
             || need_vector (self, "the bias", self->in[2], b->dims[0]);
    case NMD_OP_LINEAR_GRAD_X:
      y->dims[1] = b->dims[1];
      return a->dims[1] == b->dims[0]
             || disagree (self, "the gradient", a, "the weight", b);
    default:
      *y = (NmdShape){ 2, { b->dims[1], a->dims[1], 1, 1 } };
      return (a->dims[0] == b->dims[0] && a->dims[2] == b->dims[2]
              && a->dims[3] == b->dims[3])
             || disagree (self, "the input", a, "the gradient", b);
    }
}

/* Statistics of the batch and frozen ones may not be mixed: the gradient would be
 * neither's. */
static gboolean
check_statistics (const NmdInference *self)
{
  const NmdNodeInfo *node = self->node;
  const NmdNodeInfo *mean = self->from[1];
  const NmdNodeInfo *variance = self->from[2];
  gboolean batch_mean
      = mean->op == NMD_OP_BATCH_MEAN && mean->inputs[0] == node->inputs[0];
  gboolean batch_variance = variance->op == NMD_OP_BATCH_VARIANCE
                            && variance->inputs[0] == node->inputs[0]
                            && variance->inputs[1] == node->inputs[1];

  return batch_mean == batch_variance
         || refuse (self, "one of mean and variance is the batch's, the other is not");
}

gboolean
nmd_infer_batch_norm (const NmdInference *self, NmdShape *y)
{
  const gboolean has_dy = self->node->op == NMD_OP_BATCH_NORM_GRAD_GAMMA
                          || self->node->op == NMD_OP_BATCH_NORM_GRAD_X;
  const NmdShape *x = self->in[0];
  int c;

  if (!need_dims (self, "the image", x, 4))
    return FALSE;
  c = x->dims[1];
  if (has_dy && !need_equal (self, "the gradient", x, "the image", self->in[1]))
    return FALSE;
  for (int i = has_dy ? 2 : 1; i < self->node->n_inputs; i++)
    if (!need_vector (self, "a vector over channels", self->in[i], c))
      return FALSE;
  switch (self->node->op)
    {
    case NMD_OP_BATCH_NORM:
      *y = *x;
      return check_statistics (self);
    case NMD_OP_BATCH_NORM_GRAD_X:
    case NMD_OP_BATCH_NORM_FROZEN_GRAD_X:
      *y = *x;
      return TRUE;
    default:
      *y = (NmdShape){ 1, { c, 1, 1, 1 } };
      return TRUE;
    }
}

gboolean
nmd_infer_multiply (const NmdInference *self, NmdShape *y)
{
  const NmdShape *a = self->in[0], *b = self->in[1];
  gboolean fits = a->n_dims == b->n_dims;

  for (int i = 0; fits && i < a->n_dims; i++)
    fits = b->dims[i] == a->dims[i] || b->dims[i] == 1;
  *y = *a;
  return fits || disagree (self, "the first input", a, "the second input", b);
}

static gboolean
reduced_shape (const NmdInference *self, const NmdShape *x, NmdShape *y)
{
  if (self->node->at.axes == NMD_AXES_NHW && x->n_dims == 2)
    {
      *y = (NmdShape){ 1, { x->dims[1], 1, 1, 1 } };
      return TRUE;
    }
  if (!need_dims (self, "the input", x, 4))
    return FALSE;
  switch (self->node->at.axes)
    {
    case NMD_AXES_HW:
      *y = (NmdShape){ 4, { x->dims[0], x->dims[1], 1, 1 } };
      return TRUE;
    case NMD_AXES_C:
      *y = (NmdShape){ 4, { x->dims[0], 1, x->dims[2], x->dims[3] } };
      return TRUE;
    case NMD_AXES_NHW:
      *y = (NmdShape){ 1, { x->dims[1], 1, 1, 1 } };
      return TRUE;
    default:
      return refuse (self, "there are no axes %d", (int)self->node->at.axes);
    }
}

gboolean
nmd_infer_reduction (const NmdInference *self, NmdShape *y)
{
  const NmdShape *shape = &self->node->at.shape, *x = self->in[0];
  gboolean fits;
  NmdShape reduced;

  switch (self->node->op)
    {
    case NMD_OP_REDUCE:
      return reduced_shape (self, x, y);
    case NMD_OP_MAX_GRAD:
      *y = *self->in[1];
      return reduced_shape (self, self->in[1], &reduced)
             && need_equal (self, "the maximum", self->in[2], "the input's", &reduced)
             && need_equal (self, "the gradient", x, "the maximum", &reduced);
    case NMD_OP_MULTIPLY_REDUCE:
      *y = *shape;
      if (!need_equal (self, "the first input", x, "the second input", self->in[1]))
        return FALSE;
      fits = shape->n_dims == x->n_dims;
      for (int i = 0; fits && i < x->n_dims; i++)
        fits = shape->dims[i] == x->dims[i] || shape->dims[i] == 1;
      return fits || disagree (self, "the input", x, "the value", shape);
    default:
      *y = *shape;
      if (!valid_shape (self, shape))
        return FALSE;
      fits = x->n_dims == shape->n_dims
             || (x->n_dims == 1 && shape->n_dims > 1 && x->dims[0] == shape->dims[1]);
      for (int i = 0; fits && x->n_dims > 1 && i < x->n_dims; i++)
        fits = x->dims[i] == shape->dims[i] || x->dims[i] == 1;
      return fits || disagree (self, "the input", x, "the value", shape);
    }
}

static gboolean
infer_concat (const NmdInference *self, NmdShape *y)
{
  gint64 c = 0;

  *y = *self->in[0];
  for (int i = 0; i < self->node->n_inputs; i++)
    {
      NmdShape other = *self->in[i];

      if (other.n_dims < 2)
        return refuse (self, "a vector has no channels to concatenate");
      c += other.dims[1];
      other.dims[1] = y->dims[1];
      if (!nmd_shape_equal (&other, y))
        return disagree (self, "the first input", self->in[0], "another", self->in[i]);
    }
  if (c > MAX_COUNT)
    return refuse (self, "too many channels");
  y->dims[1] = (int)c;
  return TRUE;
}

gboolean
nmd_infer_form (const NmdInference *self, NmdShape *y)
{
  const NmdAttributes *at = &self->node->at;
  const NmdShape *x = self->in[0],
                 *whole = self->node->op == NMD_OP_SLICE ? x : &at->shape;

  switch (self->node->op)
    {
    case NMD_OP_RESHAPE:
      *y = at->shape;
      return valid_shape (self, y)
             && (nmd_shape_count (x) == nmd_shape_count (y)
                 || disagree (self, "the input", x, "the value", y));
    case NMD_OP_CONCAT:
      return infer_concat (self, y);
    case NMD_OP_SHUFFLE:
      *y = *x;
      return need_dims (self, "the input", x, 4)
             && ((at->groups >= 1 && x->dims[1] % at->groups == 0)
                 || refuse (self, "%d channels cannot be shuffled in %d groups",
                            x->dims[1], at->groups));
    default: /* SLICE and its gradient */
      if (self->node->op == NMD_OP_SLICE_GRAD && !valid_shape (self, whole))
        return FALSE;
      if (whole->n_dims < 2 || at->from < 0 || at->count < 1
          || at->from > whole->dims[1] - at->count)
        return refuse (self, "channels %d to %d are not within %d", at->from,
                       at->from + at->count - 1, whole->n_dims < 2 ? 0 : whole->dims[1]);
      *y = *whole;
      y->dims[1] = at->count;
      if (self->node->op == NMD_OP_SLICE)
        return TRUE;
      if (!need_equal (self, "the gradient", x, "the slice", y))
        return FALSE;
      *y = *whole;
      return TRUE;
    }
}

gboolean
nmd_infer_loss (const NmdInference *self, NmdShape *y)
{
  const int first = self->node->op == NMD_OP_CROSS_ENTROPY_GRAD ? 1 : 0;

  if (first == 1 && !need_vector (self, "the gradient", self->in[0], 1))
    return FALSE;
  if (!need_dims (self, "the logit matrix", self->in[first], 2))
    return FALSE;
  if (self->node->op == NMD_OP_SOFTMAX)
    {
      *y = *self->in[0];
      return TRUE;
    }
  *y = first == 1 ? *self->in[first] : (NmdShape){ 1, { 1, 1, 1, 1 } };
  return need_equal (self, "the logit matrix", self->in[first], "the target matrix",
                     self->in[first + 1]);
}

/* The last inputs are vectors over the first one's channels. */
gboolean
nmd_infer_layer_norm (const NmdInference *self, NmdShape *y)
{
  const gboolean forward = self->node->op == NMD_OP_LAYER_NORM;
  const NmdShape *x = self->in[forward ? 0 : 1];

  if (!need_rows (self, "the input", x)
      || (!forward && !need_equal (self, "the gradient", self->in[0], "the input", x)))
    return FALSE;
  for (int i = forward ? 1 : 2; i < self->node->n_inputs; i++)
    if (!need_vector (self, "a vector over channels", self->in[i], x->dims[1]))
      return FALSE;
  *y = self->node->op == NMD_OP_LAYER_NORM_GRAD_GAMMA
           ? (NmdShape){ 1, { x->dims[1], 1, 1, 1 } }
           : *x;
  return TRUE;
}

static gboolean
pooled (const NmdInference *self, const NmdShape *x, NmdShape *y)
{
  const NmdAttributes *at = &self->node->at;

  if (!need_dims (self, "the image", x, 4))
    return FALSE;
  if (at->kernel < 1 || at->stride < 1 || at->padding < 0 || at->padding >= at->kernel)
    return refuse (self, "kernel %d, stride %d and padding %d are not possible",
                   at->kernel, at->stride, at->padding);
  *y = *x;
  for (int i = 2; i < 4; i++)
    {
      const gint64 size = (gint64)x->dims[i] + 2 * (gint64)at->padding - at->kernel;

      if (size < 0)
        return refuse (self,
                       "the image of %d × %d with padding %d is smaller than the window "
                       "%d",
                       x->dims[2], x->dims[3], at->padding, at->kernel);
      y->dims[i] = (int)(size / at->stride) + 1;
    }
  return TRUE;
}

gboolean
nmd_infer_pooling (const NmdInference *self, NmdShape *y)
{
  const int factor = self->node->at.factor;
  const NmdShape *x = self->in[0];
  NmdShape value;

  switch (self->node->op)
    {
    case NMD_OP_MAX_POOL:
      return pooled (self, x, y);
    case NMD_OP_MAX_POOL_GRAD:
      *y = *self->in[1];
      return pooled (self, y, &value)
             && need_equal (self, "the maximum", self->in[2], "the image's", &value)
             && need_equal (self, "the gradient", x, "the maximum", &value);
    default: /* UPSAMPLE and its gradient */
      *y = *x;
      if (!need_dims (self, "the image", x, 4))
        return FALSE;
      if (factor < 1 || factor > 4096)
        return refuse (self, "factor %d is not possible", factor);
      for (int i = 2; i < 4; i++)
        {
          if (self->node->op == NMD_OP_UPSAMPLE && x->dims[i] > MAX_COUNT / factor)
            return refuse (self, "the image is too large");
          if (self->node->op != NMD_OP_UPSAMPLE && x->dims[i] % factor != 0)
            return refuse (self, "the gradient of %d × %d is no multiple of %d",
                           x->dims[2], x->dims[3], factor);
          y->dims[i] = self->node->op == NMD_OP_UPSAMPLE ? x->dims[i] * factor
                                                         : x->dims[i] / factor;
        }
      return TRUE;
    }
}

gboolean
nmd_infer_enlarge (const NmdInference *self, NmdShape *y)
{
  const gboolean forward = self->node->op == NMD_OP_ENLARGE;
  const NmdShape *shape = &self->node->at.shape, *small = forward ? self->in[0] : shape,
                 *large = forward ? shape : self->in[0];

  *y = *shape;
  if (!valid_shape (self, shape) || !need_dims (self, "the image", small, 4)
      || !need_dims (self, "the enlarged image", large, 4))
    return FALSE;
  return (large->dims[0] == small->dims[0] && large->dims[1] == small->dims[1]
          && large->dims[2] >= small->dims[2] && large->dims[3] >= small->dims[3])
         || disagree (self, "the image", small, "the enlarged image", large);
}

gboolean
nmd_infer_pixel_loss (const NmdInference *self, NmdShape *y)
{
  const int first = self->node->op == NMD_OP_PIXEL_CROSS_ENTROPY_GRAD
                    || self->node->op == NMD_OP_DICE_LOSS_GRAD;
  const NmdShape *z = self->in[first];

  *y = first == 1 ? *z : (NmdShape){ 1, { 1, 1, 1, 1 } };
  return (first == 0 || need_vector (self, "the gradient", self->in[0], 1))
         && need_dims (self, "the logit map", z, 4)
         && need_equal (self, "the logit map", z, "the target map", self->in[first + 1]);
}

static gboolean
need_sequence (const NmdInference *self, const char *what, const NmdShape *x)
{
  g_autofree char *text = NULL;

  if (x->n_dims == 4 && x->dims[3] == 1)
    return TRUE;
  text = nmd_shape_to_string (x);
  return refuse (self, "%s is %s, n × c × tokens × 1 is needed", what, text);
}

/* The class token and the pixels of @x, whatever its numbers are. */
static int
count_tokens (const NmdShape *x)
{
  return (int)(1 + CLAMP ((gint64)x->dims[2] * x->dims[3], 0, MAX_COUNT - 1));
}

gboolean
nmd_infer_tokens (const NmdInference *self, NmdShape *y)
{
  const NmdShape *x = self->in[0], *shape = &self->node->at.shape;
  const int t = x->dims[2];
  NmdShape expected;

  switch (self->node->op)
    {
    case NMD_OP_TOKENS:
      if (!need_dims (self, "the image", x, 4))
        return FALSE;
      *y = (NmdShape){ 4, { x->dims[0], x->dims[1], count_tokens (x), 1 } };
      expected = (NmdShape){ 3, { 1, 1, x->dims[1], 1 } };
      if (!need_equal (self, "the class token", self->in[1], "a token", &expected))
        return FALSE;
      expected.dims[1] = y->dims[2];
      return need_equal (self, "the position tensor", self->in[2], "the tokens'",
                         &expected);
    case NMD_OP_TOKENS_GRAD_X:
      *y = *shape;
      expected = (NmdShape){ 4, { y->dims[0], y->dims[1], count_tokens (y), 1 } };
      return valid_shape (self, y) && need_dims (self, "the value", y, 4)
             && need_equal (self, "the gradient", x, "the sequence", &expected);
    case NMD_OP_TOKENS_GRAD_POSITION:
      *y = (NmdShape){ 3, { 1, t, x->dims[1], 1 } };
      return need_sequence (self, "the gradient", x);
    default: /* TOKENS_GRAD_CLASS */
      *y = (NmdShape){ 3, { 1, 1, x->dims[1], 1 } };
      return need_sequence (self, "the gradient", x);
    }
}

gboolean
nmd_infer_token (const NmdInference *self, NmdShape *y)
{
  const gboolean forward = self->node->op == NMD_OP_TOKEN;
  const NmdShape *x = forward ? self->in[0] : &self->node->at.shape;
  const NmdShape token = { 2, { x->dims[0], x->dims[1], 1, 1 } };

  if ((!forward && !valid_shape (self, x)) || !need_sequence (self, "the sequence", x))
    return FALSE;
  if (self->node->at.from < 0 || self->node->at.from >= x->dims[2])
    return refuse (self, "token %d is not among %d", self->node->at.from, x->dims[2]);
  *y = forward ? token : *x;
  return forward || need_equal (self, "the gradient", self->in[0], "the token", &token);
}

gboolean
nmd_infer_attention (const NmdInference *self, NmdShape *y)
{
  const gboolean forward = self->node->op == NMD_OP_ATTENTION;
  const NmdShape *qkv = self->in[forward ? 0 : 1];
  const int heads = self->node->at.groups;
  NmdShape value = *qkv;

  if (!need_sequence (self, "the input", qkv))
    return FALSE;
  if (heads < 1 || qkv->dims[1] % 3 != 0 || qkv->dims[1] / 3 % heads != 0)
    return refuse (self, "%d channels are no queries, keys and values of %d heads",
                   qkv->dims[1], heads);
  value.dims[1] /= 3;
  *y = forward ? value : *qkv;
  return forward || need_equal (self, "the gradient", self->in[0], "the value", &value);
}

/* A leaky ReLU's gradient is told from its value, which needs a slope that keeps signs.
 */
gboolean
nmd_infer_activation (const NmdInference *self, NmdShape *y)
{
  const NmdAttributes *at = &self->node->at;

  *y = *self->in[0];
  if (at->activation == NMD_LEAKY_RELU && !(at->value > 0 && at->value < 1))
    return refuse (self, "the slope %g of a leaky ReLU is not between 0 and 1",
                   at->value);
  return self->node->op == NMD_OP_ACTIVATION
         || need_equal (self, "the first input", y, "the second input", self->in[1]);
}

static gboolean
need_store (const NmdInference *self, int i)
{
  return self->from[i]->op == NMD_OP_STORE
         || refuse (self, "input %d is overwritten and so has to be a store tensor", i);
}

gboolean
nmd_infer_update (const NmdInference *self, NmdShape *y)
{
  *y = *self->in[0];
  if (!need_store (self, 0)
      || !need_equal (self, "the store tensor", y, "its change", self->in[1]))
    return FALSE;
  if (self->node->op == NMD_OP_BLEND)
    return need_vector (self, "the share", self->in[2], 1);
  return need_store (self, 2) && need_store (self, 3)
         && need_equal (self, "the parameter", y, "its first moment", self->in[2])
         && need_equal (self, "the parameter", y, "its second moment", self->in[3])
         && need_vector (self, "the learning rate", self->in[4], 1)
         && need_vector (self, "the step count", self->in[5], 1);
}

gboolean
nmd_infer_leaf (const NmdInference *self, NmdShape *y)
{
  *y = self->node->at.shape;
  return TRUE;
}

gboolean
nmd_infer_same (const NmdInference *self, NmdShape *y)
{
  *y = *self->in[0];
  return self->node->n_inputs < 2
         || need_equal (self, "the first input", y, "the second input", self->in[1]);
}

gboolean
nmd_infer_shape (const NmdInference *self, NmdShape *y)
{
  if (self->node->n_inputs < self->least || self->node->n_inputs > self->most)
    return refuse (self, "%d inputs are given, it takes %s", self->node->n_inputs,
                   *self->inputs != '\0' ? self->inputs : "none");
  if (!self->rule (self, y) || !valid_shape (self, y))
    return FALSE;
  for (int i = y->n_dims; i < NMD_MAX_DIMS; i++)
    y->dims[i] = 1;
  return TRUE;
}
