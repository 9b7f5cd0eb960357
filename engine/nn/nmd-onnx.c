/* SPDX-License-Identifier: Apache-2.0
 *
 * ONNX files from graphs. Field numbers are those of onnx.proto (ONNX 1.12, IR version 8); the encoding is
 * nmd-protobuf.c's.
 */
#include "config.h"

#include "engine/nn/nmd-onnx.h"

#include "engine/core/nmd-json.h"
#include "engine/core/nmd-protobuf.h"

#include <math.h>
#include <string.h>

#define IR_VERSION 8
#define OPSET 17
#define MAX_BYTES ((gsize)2000 * 1000 * 1000)

enum
{
  TYPE_FLOAT = 1, /* of tensors */
  TYPE_INT64 = 7,
  ATTRIBUTE_FLOAT = 1,
  ATTRIBUTE_INT = 2,
  ATTRIBUTE_STRING = 3,
  ATTRIBUTE_INTS = 7,
};

typedef struct
{
  const NmdOnnxSettings *settings;
  const NmdNetworkGraph *network;
  GByteArray *graph;      /* GraphProto so far */
  GByteArray *attributes; /* of the next node */
  guint n_constants, n_parts;
  NmdNode node; /* at work on */
} Writer;

/* Attributes, collected before the node they belong to. */

static void
end_attribute (Writer *self, GByteArray *attribute, int type)
{
  nmd_protobuf_add_int (attribute, 20, type);
  nmd_protobuf_add_message (self->attributes, 5, attribute);
  g_byte_array_unref (attribute);
}

static GByteArray *
begin_attribute (const char *name)
{
  GByteArray *attribute = g_byte_array_new ();

  nmd_protobuf_add_text (attribute, 1, name);
  return attribute;
}

static void
set_int (Writer *self, const char *name, gint64 value)
{
  GByteArray *attribute = begin_attribute (name);

  nmd_protobuf_add_int (attribute, 3, value);
  end_attribute (self, attribute, ATTRIBUTE_INT);
}

static void
set_float (Writer *self, const char *name, double value)
{
  GByteArray *attribute = begin_attribute (name);

  nmd_protobuf_add_float (attribute, 2, (float)value);
  end_attribute (self, attribute, ATTRIBUTE_FLOAT);
}

static void
set_text (Writer *self, const char *name, const char *text)
{
  GByteArray *attribute = begin_attribute (name);

  nmd_protobuf_add_text (attribute, 4, text);
  end_attribute (self, attribute, ATTRIBUTE_STRING);
}

static void
set_ints (Writer *self, const char *name, const int *values, int n)
{
  GByteArray *attribute = begin_attribute (name);

  for (int i = 0; i < n; i++)
    nmd_protobuf_add_int (attribute, 8, values[i]);
  end_attribute (self, attribute, ATTRIBUTE_INTS);
}

/* Tensors and names. */

static void
add_tensor (Writer *self,
            const char *name,
            int type,
            const int *dims,
            int n_dims,
            gconstpointer data,
            gsize bytes)
{
  g_autoptr (GByteArray) tensor = g_byte_array_new ();

  for (int i = 0; i < n_dims; i++)
    nmd_protobuf_add_int (tensor, 1, dims[i]);
  nmd_protobuf_add_int (tensor, 2, type);
  nmd_protobuf_add_text (tensor, 8, name);
  nmd_protobuf_add_bytes (tensor, 9, data, bytes);
  nmd_protobuf_add_message (self->graph, 5, tensor);
}

/* A constant list of whole numbers; its name, to be freed. Little-endian machines only, as all of ours. */
static char *
add_ints (Writer *self, const int *values, int n)
{
  char *name = g_strdup_printf ("constant.%u", self->n_constants++);
  gint64 data[8];

  for (int i = 0; i < n; i++)
    data[i] = GINT64_TO_LE (values[i]);
  add_tensor (self, name, TYPE_INT64, &n, 1, data, (gsize)n * sizeof *data);
  return name;
}

static char *
add_number (Writer *self, double value)
{
  char *name = g_strdup_printf ("constant.%u", self->n_constants++);
  const float number = (float)value;

  add_tensor (self, name, TYPE_FLOAT, NULL, 0, &number, sizeof number);
  return name;
}

/* The name of a node's value. */
static char *
name_of (const Writer *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_graph_get (self->network->graph, node);

  if (node == self->network->images)
    return g_strdup ("image");
  if (node == self->network->logits)
    return g_strdup ("logits");
  if (node == self->network->scores)
    return g_strdup ("scores");
  return info->op == NMD_OP_STORE ? g_strdup (info->name) : g_strdup_printf ("v%d", node);
}

/* Adds an operation with the attributes collected so far; inputs end with NULL. @output %NULL: a name of its
 * own, which is returned. */
static char *
add_node (Writer *self, const char *op, const char *output, ...)
{
  g_autoptr (GByteArray) node = g_byte_array_new ();
  char *name = output != NULL ? g_strdup (output)
                              : g_strdup_printf ("v%d.%u", self->node, self->n_parts++);
  const char *input;
  va_list inputs;

  va_start (inputs, output);
  while ((input = va_arg (inputs, const char *)) != NULL)
    nmd_protobuf_add_text (node, 1, input);
  va_end (inputs);
  nmd_protobuf_add_text (node, 2, name);
  nmd_protobuf_add_text (node, 4, op);
  g_byte_array_append (node, self->attributes->data, self->attributes->len);
  g_byte_array_set_size (self->attributes, 0);
  nmd_protobuf_add_message (self->graph, 1, node);
  return name;
}

static char *
reshape (Writer *self, const char *x, const char *output, const int *dims, int n)
{
  g_autofree char *shape = add_ints (self, dims, n);

  return add_node (self, "Reshape", output, x, shape, NULL);
}

static char *
transpose (Writer *self, const char *x, const char *output, const int *order, int n)
{
  set_ints (self, "perm", order, n);
  return add_node (self, "Transpose", output, x, NULL);
}

/* Operations. x, y: names of the first input and of the value. */

static void
set_window (Writer *self, const NmdNodeInfo *info, int kernel)
{
  const int sides[2] = { kernel, kernel };
  const int strides[2] = { info->at.stride, info->at.stride };
  const int pads[4]
      = { info->at.padding, info->at.padding, info->at.padding, info->at.padding };

  set_ints (self, "kernel_shape", sides, 2);
  set_ints (self, "strides", strides, 2);
  set_ints (self, "pads", pads, 4);
}

static void
write_conv (Writer *self, const NmdNodeInfo *info, char **in, const char *y)
{
  const NmdNodeInfo *w = nmd_graph_get (self->network->graph, info->inputs[1]);

  set_window (self, info, w->shape.dims[2]);
  set_int (self, "group", MAX (info->at.groups, 1));
  g_free (add_node (self, "Conv", y, in[0], in[1], in[2], NULL));
}

static void
write_linear (Writer *self, const NmdNodeInfo *info, char **in, const char *y)
{
  const NmdNodeInfo *x = nmd_graph_get (self->network->graph, info->inputs[0]);
  const NmdNodeInfo *w = nmd_graph_get (self->network->graph, info->inputs[1]);
  const int dims[4] = { w->shape.dims[0], w->shape.dims[1], 1, 1 };
  g_autofree char *kernel = NULL;

  if (x->shape.n_dims == 2)
    {
      set_int (self, "transB", 1);
      g_free (add_node (self, "Gemm", y, in[0], in[1], in[2], NULL));
      return;
    }
  kernel = reshape (self, in[1], NULL, dims, 4); /* each position by itself */
  g_free (add_node (self, "Conv", y, in[0], kernel, in[2], NULL));
}

static void
write_layer_norm (Writer *self, const NmdNodeInfo *info, char **in, const char *y)
{
  static const int to_last[] = { 0, 2, 3, 1 }, back[] = { 0, 3, 1, 2 };
  g_autofree char *last = NULL;
  g_autofree char *normed = NULL;

  set_float (self, "epsilon", info->at.epsilon);
  set_int (self, "axis", -1);
  if (info->shape.n_dims == 2)
    {
      g_free (add_node (self, "LayerNormalization", y, in[0], in[1], in[2], NULL));
      return;
    }
  {
    g_autoptr (GByteArray) kept = g_steal_pointer (&self->attributes);

    self->attributes = g_byte_array_new ();
    last = transpose (self, in[0], NULL, to_last, 4);
    g_byte_array_append (self->attributes, kept->data, kept->len);
  }
  normed = add_node (self, "LayerNormalization", NULL, last, in[1], in[2], NULL);
  g_free (transpose (self, normed, y, back, 4));
}

static void
write_activation (Writer *self, const NmdNodeInfo *info, const char *x, const char *y)
{
  switch (info->at.activation)
    {
    case NMD_RELU:
      g_free (add_node (self, "Relu", y, x, NULL));
      break;
    case NMD_SIGMOID:
      g_free (add_node (self, "Sigmoid", y, x, NULL));
      break;
    case NMD_LEAKY_RELU:
      set_float (self, "alpha", info->at.value);
      g_free (add_node (self, "LeakyRelu", y, x, NULL));
      break;
    case NMD_HARD_SIGMOID:
      set_float (self, "alpha", 1.0 / 6);
      set_float (self, "beta", 0.5);
      g_free (add_node (self, "HardSigmoid", y, x, NULL));
      break;
    case NMD_SILU:
      {
        g_autofree char *gate = add_node (self, "Sigmoid", NULL, x, NULL);

        g_free (add_node (self, "Mul", y, x, gate, NULL));
        break;
      }
    case NMD_GELU: /* x·(1 + erf (x/√2))/2 */
      {
        g_autofree char *root = add_number (self, sqrt (0.5));
        g_autofree char *one = add_number (self, 1);
        g_autofree char *half = add_number (self, 0.5);
        g_autofree char *scaled = add_node (self, "Mul", NULL, x, root, NULL);
        g_autofree char *erf = add_node (self, "Erf", NULL, scaled, NULL);
        g_autofree char *sum = add_node (self, "Add", NULL, erf, one, NULL);
        g_autofree char *share = add_node (self, "Mul", NULL, sum, half, NULL);

        g_free (add_node (self, "Mul", y, x, share, NULL));
        break;
      }
    }
}

static gboolean
write_reduce (Writer *self, const NmdNodeInfo *info, const char *x, const char *y)
{
  static const int hw[] = { 2, 3 }, c[] = { 1 };
  const gboolean is_hw = info->at.axes == NMD_AXES_HW;

  if (info->at.axes == NMD_AXES_NHW || info->at.reduce == NMD_REDUCE_SUM)
    return FALSE;
  set_ints (self, "axes", is_hw ? hw : c, is_hw ? 2 : 1);
  set_int (self, "keepdims", 1);
  g_free (add_node (self, info->at.reduce == NMD_REDUCE_MEAN ? "ReduceMean" : "ReduceMax",
                    y, x, NULL));
  return TRUE;
}

static void
write_upsample (Writer *self, const NmdNodeInfo *info, const char *x, const char *y)
{
  g_autofree char *sizes = add_ints (self, info->shape.dims, 4);

  set_text (self, "mode", "nearest");
  set_text (self, "coordinate_transformation_mode", "asymmetric");
  set_text (self, "nearest_mode", "floor");
  g_free (add_node (self, "Resize", y, x, "", "", sizes, NULL));
}

/* The class token, then the pixels, each plus its position. */
static void
write_tokens (Writer *self, const NmdNodeInfo *info, char **in, const char *y)
{
  static const int order[] = { 0, 2, 1 };
  const int c = info->shape.dims[1], t = info->shape.dims[2];
  const int pixels[3] = { 1, c, t - 1 };
  g_autofree char *flat = reshape (self, in[0], NULL, pixels, 3);
  g_autofree char *token = transpose (self, in[1], NULL, order, 3);
  g_autofree char *position = transpose (self, in[2], NULL, order, 3);
  g_autofree char *all = NULL;
  g_autofree char *placed = NULL;

  set_int (self, "axis", 2);
  all = add_node (self, "Concat", NULL, token, flat, NULL);
  placed = add_node (self, "Add", NULL, all, position, NULL);
  g_free (reshape (self, placed, y, info->shape.dims, 4));
}

/* x's slice @from … @to − 1 of @axis. */
static char *
slice (Writer *self, const char *x, const char *output, int axis, int from, int to)
{
  g_autofree char *starts = add_ints (self, &from, 1);
  g_autofree char *ends = add_ints (self, &to, 1);
  g_autofree char *axes = add_ints (self, &axis, 1);

  return add_node (self, "Slice", output, x, starts, ends, axes, NULL);
}

static void
write_attention (Writer *self, const NmdNodeInfo *info, const char *x, const char *y)
{
  static const int swap[] = { 0, 1, 3, 2 };
  const int c = info->shape.dims[1], t = info->shape.dims[2], heads = info->at.groups;
  const int split[4] = { 1, heads, c / heads, t };
  char *parts[3];
  g_autofree char *queries = NULL;
  g_autofree char *values = NULL;
  g_autofree char *products = NULL;
  g_autofree char *scaled = NULL;
  g_autofree char *shares = NULL;
  g_autofree char *sums = NULL;
  g_autofree char *turned = NULL;
  g_autofree char *root = add_number (self, 1 / sqrt ((double)c / heads));

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *part = slice (self, x, NULL, 1, i * c, (i + 1) * c);

      parts[i] = reshape (self, part, NULL, split, 4);
    }
  queries = transpose (self, parts[0], NULL, swap, 4);
  values = transpose (self, parts[2], NULL, swap, 4);
  products = add_node (self, "MatMul", NULL, queries, parts[1], NULL);
  scaled = add_node (self, "Mul", NULL, products, root, NULL);
  set_int (self, "axis", -1);
  shares = add_node (self, "Softmax", NULL, scaled, NULL);
  sums = add_node (self, "MatMul", NULL, shares, values, NULL);
  turned = transpose (self, sums, NULL, swap, 4);
  g_free (reshape (self, turned, y, info->shape.dims, 4));
  for (int i = 0; i < 3; i++)
    g_free (parts[i]);
}

static void
write_shuffle (Writer *self, const NmdNodeInfo *info, const char *x, const char *y)
{
  static const int swap[] = { 0, 2, 1, 3, 4 };
  const int *dims = info->shape.dims;
  const int split[5]
      = { dims[0], info->at.groups, dims[1] / info->at.groups, dims[2], dims[3] };
  g_autofree char *groups = reshape (self, x, NULL, split, 5);
  g_autofree char *turned = transpose (self, groups, NULL, swap, 5);

  g_free (reshape (self, turned, y, dims, 4));
}

static void
write_token (Writer *self, const NmdNodeInfo *info, const char *x, const char *y)
{
  g_autofree char *token = slice (self, x, NULL, 2, info->at.from, info->at.from + 1);

  g_free (reshape (self, token, y, info->shape.dims, info->shape.n_dims));
}

static void
write_concat (Writer *self, const NmdNodeInfo *info, char **in, const char *y)
{
  g_autofree char *sum = g_strdup (in[0]);

  for (int i = 1; i < info->n_inputs; i++)
    {
      const char *name = i + 1 < info->n_inputs ? NULL : y;
      char *longer;

      set_int (self, "axis", 1);
      longer = add_node (self, "Concat", name, sum, in[i], NULL);
      g_free (sum);
      sum = longer;
    }
  if (info->n_inputs == 1)
    g_free (add_node (self, "Identity", y, in[0], NULL));
}

/* FALSE for an operation that has no form here. */
static gboolean
write_op (Writer *self, const NmdNodeInfo *info, char **in, const char *y)
{
  switch (info->op)
    {
    case NMD_OP_CONV:
      write_conv (self, info, in, y);
      return TRUE;
    case NMD_OP_LINEAR:
      write_linear (self, info, in, y);
      return TRUE;
    case NMD_OP_BATCH_NORM:
      set_float (self, "epsilon", info->at.epsilon);
      g_free (add_node (self, "BatchNormalization", y, in[0], in[3], in[4], in[1], in[2],
                        NULL));
      return TRUE;
    case NMD_OP_LAYER_NORM:
      write_layer_norm (self, info, in, y);
      return TRUE;
    case NMD_OP_ACTIVATION:
      write_activation (self, info, in[0], y);
      return TRUE;
    case NMD_OP_ADD:
    case NMD_OP_MULTIPLY:
      g_free (
          add_node (self, info->op == NMD_OP_ADD ? "Add" : "Mul", y, in[0], in[1], NULL));
      return TRUE;
    case NMD_OP_REDUCE:
      return write_reduce (self, info, in[0], y);
    case NMD_OP_MAX_POOL:
      set_window (self, info, info->at.kernel);
      g_free (add_node (self, "MaxPool", y, in[0], NULL));
      return TRUE;
    case NMD_OP_UPSAMPLE:
      write_upsample (self, info, in[0], y);
      return TRUE;
    case NMD_OP_TOKENS:
      write_tokens (self, info, in, y);
      return TRUE;
    case NMD_OP_TOKEN:
      write_token (self, info, in[0], y);
      return TRUE;
    case NMD_OP_ATTENTION:
      write_attention (self, info, in[0], y);
      return TRUE;
    case NMD_OP_RESHAPE:
      g_free (reshape (self, in[0], y, info->shape.dims, info->shape.n_dims));
      return TRUE;
    case NMD_OP_CONCAT:
      write_concat (self, info, in, y);
      return TRUE;
    case NMD_OP_SLICE:
      g_free (slice (self, in[0], y, 1, info->at.from, info->at.from + info->at.count));
      return TRUE;
    case NMD_OP_SHUFFLE:
      write_shuffle (self, info, in[0], y);
      return TRUE;
    case NMD_OP_SOFTMAX:
      set_int (self, "axis", 1);
      g_free (add_node (self, "Softmax", y, in[0], NULL));
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
write_store (Writer *self, const NmdNodeInfo *info, GError **error)
{
  NmdShape shape;
  const float *values = nmd_weights_get (self->settings->weights, info->name, &shape);

  if (values == NULL || !nmd_shape_equal (&shape, &info->shape))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "The weights lack the tensor %s, or have it in another shape",
                   info->name);
      return FALSE;
    }
  add_tensor (self, info->name, TYPE_FLOAT, shape.dims, shape.n_dims, values,
              nmd_shape_count (&shape) * sizeof *values);
  return TRUE;
}

static gboolean
write_node (Writer *self, NmdNode node, GError **error)
{
  const NmdNodeInfo *info = nmd_graph_get (self->network->graph, node);
  char *in[NMD_MAX_INPUTS] = { NULL };
  g_autofree char *y = name_of (self, node);
  gboolean done;

  self->node = node;
  self->n_parts = 0;
  if (info->op == NMD_OP_INPUT)
    return TRUE;
  if (info->op == NMD_OP_STORE)
    return write_store (self, info, error);
  for (int i = 0; i < info->n_inputs; i++)
    in[i] = name_of (self, info->inputs[i]);
  done = write_op (self, info, in, y);
  for (int i = 0; i < info->n_inputs; i++)
    g_free (in[i]);
  if (!done)
    g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                 "The operation %s of %s has no form in ONNX here",
                 nmd_op_get_info (info->op)->name, info->name);
  return done;
}

/* An input or output of the graph. */
static void
add_value (Writer *self, guint field, NmdNode node)
{
  const NmdNodeInfo *info = nmd_graph_get (self->network->graph, node);
  g_autofree char *name = name_of (self, node);
  g_autoptr (GByteArray) shape = g_byte_array_new ();
  g_autoptr (GByteArray) tensor = g_byte_array_new ();
  g_autoptr (GByteArray) type = g_byte_array_new ();
  g_autoptr (GByteArray) value = g_byte_array_new ();

  for (int i = 0; i < info->shape.n_dims; i++)
    {
      g_autoptr (GByteArray) dim = g_byte_array_new ();

      nmd_protobuf_add_int (dim, 1, info->shape.dims[i]);
      nmd_protobuf_add_message (shape, 1, dim);
    }
  nmd_protobuf_add_int (tensor, 1, TYPE_FLOAT);
  nmd_protobuf_add_message (tensor, 2, shape);
  nmd_protobuf_add_message (type, 1, tensor);
  nmd_protobuf_add_text (value, 1, name);
  nmd_protobuf_add_message (value, 2, type);
  nmd_protobuf_add_message (self->graph, field, value);
}

static void
add_metadata (GByteArray *model, const char *key, const char *text)
{
  g_autoptr (GByteArray) entry = g_byte_array_new ();

  nmd_protobuf_add_text (entry, 1, key);
  nmd_protobuf_add_text (entry, 2, text);
  nmd_protobuf_add_message (model, 14, entry);
}

/* The parameters of the group "preprocessing" as JSON. */
static char *
describe_preprocessing (const NmdParameters *parameters)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  guint n = 0;
  const NmdParameterInfo *table = nmd_parameters_list (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (table[i].group, "preprocessing"))
      {
        g_autofree char *text = nmd_parameters_to_text (parameters, table[i].name);

        json_object_set_string_member (object, table[i].name, text);
      }
  json_node_take_object (node, object);
  return nmd_json_to_text (node);
}

static void
describe (GByteArray *model, const NmdOnnxSettings *settings)
{
  g_autoptr (NmdParameters) defaults = nmd_parameters_new ();
  g_autofree char *preprocessing = describe_preprocessing (
      settings->parameters != NULL ? settings->parameters : defaults);
  g_autofree char *classes = g_strdup_printf (
      "%s, %s", settings->classes[0] != NULL ? settings->classes[0] : "class 0",
      settings->classes[1] != NULL ? settings->classes[1] : "class 1");

  add_metadata (model, "nmd.network", settings->network->name);
  add_metadata (model, "nmd.classes", classes);
  add_metadata (model, "nmd.preprocessing", preprocessing);
  add_metadata (model, "nmd.preprocessing.from",
                settings->parameters != NULL ? "the training"
                                             : "defaults: the weights do not say");
  add_metadata (
      model, "nmd.normalise",
      "three equal channels (x/255 - mean)/sd, mean 0.485 0.456 0.406, sd 0.229 "
      "0.224 0.225");
  if (settings->passport != NULL)
    add_metadata (model, "nmd.passport", settings->passport);
  add_metadata (model, "nmd.notice",
                "For research and teaching, not a medical device. A score is no "
                "probability of disease.");
}

/* ModelProto around the graph. */
static GBytes *
finish (Writer *self)
{
  GByteArray *model = g_byte_array_new ();
  g_autoptr (GByteArray) opset = g_byte_array_new ();

  nmd_protobuf_add_int (model, 1, IR_VERSION);
  nmd_protobuf_add_text (model, 2, "nmd-assist");
  nmd_protobuf_add_text (model, 3, NMD_VERSION);
  nmd_protobuf_add_message (model, 7, self->graph);
  nmd_protobuf_add_text (opset, 1, "");
  nmd_protobuf_add_int (opset, 2, OPSET);
  nmd_protobuf_add_message (model, 8, opset);
  describe (model, self->settings);
  return g_byte_array_free_to_bytes (model);
}

static gboolean
check (const NmdOnnxSettings *settings, GError **error)
{
  gsize bytes = 0;

  for (guint i = 0; i < nmd_weights_get_n (settings->weights); i++)
    {
      NmdShape shape;

      nmd_weights_get (settings->weights, nmd_weights_get_name (settings->weights, i),
                       &shape);
      bytes += nmd_shape_count (&shape) * sizeof (float);
    }
  if (settings->network->task == NMD_TASK_CLASSIFY && bytes < MAX_BYTES)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
               settings->network->task != NMD_TASK_CLASSIFY
                   ? "%s finds outlines: only networks that classify have an ONNX file"
                   : "%s is larger than an ONNX file can be",
               settings->network->name);
  return FALSE;
}

GBytes *
nmd_onnx_write (const NmdOnnxSettings *settings, GError **error)
{
  g_auto (NmdNetworkGraph) network = { NULL };
  g_autoptr (GByteArray) graph = g_byte_array_new ();
  g_autoptr (GByteArray) attributes = NULL;
  Writer self = { .settings = settings, .network = &network, .graph = graph };

  g_return_val_if_fail (settings != NULL && settings->weights != NULL, NULL);

  if (!check (settings, error)
      || !nmd_network_inference (&network, settings->network, settings->n_classes, 1,
                                 error))
    return NULL;
  self.attributes = g_byte_array_new ();
  nmd_protobuf_add_text (graph, 2, settings->network->name);
  add_value (&self, 11, network.images);
  add_value (&self, 12, network.logits);
  add_value (&self, 12, network.scores);
  for (NmdNode node = 0; node < nmd_graph_get_n_nodes (network.graph); node++)
    if (!write_node (&self, node, error))
      {
        g_byte_array_unref (self.attributes);
        return NULL;
      }
  attributes = self.attributes;
  return finish (&self);
}
