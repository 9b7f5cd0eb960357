/* SPDX-License-Identifier: Apache-2.0
 *
 * A network's graph as a PyTorch module: which layers it has, and its forward pass as lines of
 * Python. What stands around it is nmd-pytorch-text.c's.
 */
#include "engine/nn/nmd-pytorch.h"
#include "engine/nn/nmd-pytorch-private.h"
#include "engine/core/nmd-number.h"

#include <string.h>

#define LONGEST 64 /* letters of an expression that the next one takes up */

/* What a node's value is in Python. */
typedef struct
{
  int uses;        /* by nodes that are written */
  char *value;     /* an expression, or a variable's name; NULL: not written (yet) */
  gboolean is_sum; /* an operator is its outermost part */
  GArray *reads;   /* of int: the variables in it, as often as it reads them */
  char *layer;     /* the first layer in it; NULL: none */
} Value;

typedef struct
{
  const NmdPytorchSettings *settings;
  const NmdGraph *graph;
  NmdNode last;
  Value *values;
  GArray *left;         /* of int: by variable, how often it is still read */
  GHashTable *declared; /* char *: layers and parameters */
  GString *layers, *forward;
  char *block; /* of the last comment */
  GError *problem;
} Writer;

static void
writer_clear (Writer *self)
{
  for (NmdNode i = 0; self->values != NULL && i <= self->last; i++)
    {
      g_free (self->values[i].value);
      g_free (self->values[i].layer);
      g_array_unref (self->values[i].reads);
    }
  g_free (self->values);
  g_array_unref (self->left);
  g_hash_table_unref (self->declared);
  g_string_free (self->layers, TRUE);
  g_string_free (self->forward, TRUE);
  g_free (self->block);
  g_clear_error (&self->problem);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Writer, writer_clear)

static const NmdNodeInfo *
info_of (const Writer *self, NmdNode node)
{
  return nmd_graph_get (self->graph, node);
}

static void
refuse (Writer *self, const NmdNodeInfo *node, const char *what)
{
  if (self->problem == NULL)
    g_set_error (&self->problem, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                 "%s cannot be written as a PyTorch module: %s %s has no form there",
                 self->settings->network->title, what, node->name);
}

/* "self.stages[0].conv" of "stages.0.conv"; NULL if a part is neither a number nor a name. */
static char *
member_of (const char *path)
{
  GString *text = g_string_new ("self");
  g_auto (GStrv) parts = g_strsplit (path, ".", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      const gsize length = strlen (parts[i]);

      if (length > 0 && strspn (parts[i], G_CSET_DIGITS) == length)
        g_string_append_printf (text, "[%s]", parts[i]);
      else if (length > 0 && !g_ascii_isdigit (*parts[i])
               && strspn (parts[i], G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_")
                      == length)
        g_string_append_printf (text, ".%s", parts[i]);
      else
        {
          g_string_free (text, TRUE);
          return NULL;
        }
    }
  return g_string_free (text, FALSE);
}

/* The layer that owns the store tensor @weight, "a.conv" of "a.conv.weight". */
static char *
layer_of (const Writer *self, NmdNode weight)
{
  const char *name = info_of (self, weight)->name;
  const char *dot = strrchr (name, '.');

  return dot != NULL ? g_strndup (name, (gsize)(dot - name)) : g_strdup (name);
}

/* Declares @path once as @made, which is taken. */
static void
declare (Writer *self, const char *path, char *made)
{
  if (g_hash_table_add (self->declared, g_strdup (path)))
    g_string_append_printf (self->layers, "        add(\"%s\", %s)\n", path, made);
  g_free (made);
}

/* The layer's member, declared; what it computes is for the caller. */
static char *
use_layer (Writer *self, const NmdNodeInfo *node, NmdNode weight, char *made)
{
  g_autofree char *path = layer_of (self, weight);
  char *member = member_of (path);

  if (member == NULL)
    refuse (self, node, "the tensor of");
  declare (self, path, made);
  return member != NULL ? member : g_strdup ("");
}

static char *
make_conv (const Writer *self, const NmdNodeInfo *node)
{
  const NmdShape *w = &info_of (self, node->inputs[1])->shape;
  const NmdAttributes *at = &node->at;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "nn.Conv2d(%d, %d, %d", w->dims[1] * at->groups,
                          w->dims[0], w->dims[2]);
  if (at->stride != 1)
    g_string_append_printf (text, ", stride=%d", at->stride);
  if (at->padding != 0)
    g_string_append_printf (text, ", padding=%d", at->padding);
  if (at->groups != 1)
    g_string_append_printf (text, ", groups=%d", at->groups);
  g_string_append (text, node->n_inputs > 2 ? ")" : ", bias=False)");
  return g_string_free (text, FALSE);
}

static char *
make_linear (const Writer *self, const NmdNodeInfo *node)
{
  const NmdShape *w = &info_of (self, node->inputs[1])->shape;

  return g_strdup_printf ("nn.Linear(%d, %d%s)", w->dims[1], w->dims[0],
                          node->n_inputs > 2 ? "" : ", bias=False");
}

static char *
make_norm (const char *type, int c, double epsilon)
{
  char number[NMD_NUMBER_LENGTH];

  return g_strdup_printf ("nn.%s(%d, eps=%s)", type, c,
                          nmd_number_format (number, epsilon));
}

/* The value of input @i as it stands in an expression; read once. */
static const char *
input (const Writer *self, const NmdNodeInfo *node, int i)
{
  const char *value = self->values[node->inputs[i]].value;

  return value != NULL ? value : "";
}

static char *
operand (const Writer *self, const NmdNodeInfo *node, int i)
{
  return g_strdup_printf (self->values[node->inputs[i]].is_sum ? "(%s)" : "%s",
                          input (self, node, i));
}

static char *
write_activation (const Writer *self, const NmdNodeInfo *node)
{
  static const char *const functions[] = { [NMD_RELU] = "F.relu",
                                           [NMD_SIGMOID] = "torch.sigmoid",
                                           [NMD_LEAKY_RELU] = "F.leaky_relu",
                                           [NMD_HARD_SIGMOID] = "F.hardsigmoid",
                                           [NMD_SILU] = "F.silu",
                                           [NMD_GELU] = "F.gelu" };
  char number[NMD_NUMBER_LENGTH];

  if (node->at.activation == NMD_LEAKY_RELU)
    return g_strdup_printf ("F.leaky_relu(%s, %s)", input (self, node, 0),
                            nmd_number_format (number, node->at.value));
  return g_strdup_printf ("%s(%s)", functions[node->at.activation],
                          input (self, node, 0));
}

static char *
write_reduce (const Writer *self, const NmdNodeInfo *node)
{
  static const char *const functions[] = {
    [NMD_REDUCE_MEAN] = "mean", [NMD_REDUCE_SUM] = "sum", [NMD_REDUCE_MAX] = "amax"
  };
  const int n_dims = info_of (self, node->inputs[0])->shape.n_dims;
  g_autofree char *x = operand (self, node, 0);
  const char *dims = node->at.axes == NMD_AXES_HW  ? "(2, 3), keepdim=True"
                     : node->at.axes == NMD_AXES_C ? "1, keepdim=True"
                     : n_dims == 2                 ? "0"
                                                   : "(0, 2, 3)";

  return g_strdup_printf ("%s.%s(%s)", x, functions[node->at.reduce], dims);
}

static char *
write_reshape (const Writer *self, const NmdNodeInfo *node)
{
  g_autofree char *x = operand (self, node, 0);
  GString *text = g_string_new (NULL);

  if (node->shape.n_dims == 2)
    g_string_append_printf (text, "%s.flatten(1)", x);
  else
    {
      g_string_append_printf (text, "%s.reshape(-1", x);
      for (int d = 1; d < node->shape.n_dims; d++)
        g_string_append_printf (text, ", %d", node->shape.dims[d]);
      g_string_append (text, ")");
    }
  return g_string_free (text, FALSE);
}

static char *
write_concat (const Writer *self, const NmdNodeInfo *node)
{
  GString *text = g_string_new ("torch.cat((");

  for (int i = 0; i < node->n_inputs; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", input (self, node, i));
  g_string_append (text, "), 1)");
  return g_string_free (text, FALSE);
}

static gboolean
is_dropout (const Writer *self, NmdNode node)
{
  return info_of (self, node)->op == NMD_OP_INPUT
         && g_str_equal (info_of (self, node)->name, "dropout");
}

static char *
write_operator (const Writer *self, const NmdNodeInfo *node, char sign)
{
  g_autofree char *a = operand (self, node, 0), *b = NULL;
  char number[NMD_NUMBER_LENGTH];

  if (sign == '*' && is_dropout (self, node->inputs[1]))
    return g_strdup_printf ("F.dropout(%s, %s, self.training)", input (self, node, 0),
                            nmd_number_format (number, self->settings->network->dropout));
  b = operand (self, node, 1);
  return g_strdup_printf ("%s %c %s", a, sign, b);
}

/* The member of a store tensor that no layer owns, declared as a parameter. */
static char *
use_parameter (Writer *self, const NmdNodeInfo *node, NmdNode store)
{
  const NmdNodeInfo *info = info_of (self, store);
  char *member = member_of (info->name);
  GString *made = g_string_new ("nn.Parameter(torch.zeros(");

  for (int d = 0; d < info->shape.n_dims; d++)
    g_string_append_printf (made, "%s%d", d > 0 ? ", " : "", info->shape.dims[d]);
  g_string_append (made, "))");
  if (member == NULL)
    refuse (self, node, "the tensor of");
  declare (self, info->name, g_string_free (made, FALSE));
  return member != NULL ? member : g_strdup ("");
}

static char *
write_tokens (Writer *self, const NmdNodeInfo *node)
{
  g_autofree char *class_token = use_parameter (self, node, node->inputs[1]);
  g_autofree char *position = use_parameter (self, node, node->inputs[2]);

  return g_strdup_printf ("tokens(%s, %s, %s)", input (self, node, 0), class_token,
                          position);
}

/* A layer of one input; over channels at each position of a map where it is a linear one. */
static char *
write_layer (Writer *self, const NmdNodeInfo *node)
{
  const NmdShape *x = &info_of (self, node->inputs[0])->shape;
  const NmdNode weight = node->inputs[node->op == NMD_OP_BATCH_NORM ? 3 : 1];
  gboolean everywhere = FALSE;
  g_autofree char *member = NULL;

  switch (node->op)
    {
    case NMD_OP_CONV:
      member = use_layer (self, node, weight, make_conv (self, node));
      break;
    case NMD_OP_LINEAR:
      member = use_layer (self, node, weight, make_linear (self, node));
      everywhere = x->n_dims == 4;
      break;
    case NMD_OP_LAYER_NORM:
      member = use_layer (self, node, weight,
                          make_norm ("LayerNorm", x->dims[1], node->at.epsilon));
      everywhere = x->n_dims == 4;
      break;
    default:
      member = use_layer (self, node, weight,
                          make_norm (x->n_dims == 4 ? "BatchNorm2d" : "BatchNorm1d",
                                     x->dims[1], node->at.epsilon));
    }
  return g_strdup_printf (everywhere ? "positions(%s, %s)" : "%s(%s)", member,
                          input (self, node, 0));
}

/* The expression of @node; NULL where an operation has none. */
static char *
write_node (Writer *self, const NmdNodeInfo *node)
{
  const char *x = node->n_inputs > 0 ? input (self, node, 0) : "";
  const NmdAttributes *at = &node->at;
  char number[NMD_NUMBER_LENGTH];

  switch (node->op)
    {
    case NMD_OP_CONV:
    case NMD_OP_LINEAR:
    case NMD_OP_BATCH_NORM:
    case NMD_OP_LAYER_NORM:
      return write_layer (self, node);
    case NMD_OP_ACTIVATION:
      return write_activation (self, node);
    case NMD_OP_ADD:
      return write_operator (self, node, '+');
    case NMD_OP_MULTIPLY:
      return write_operator (self, node, '*');
    case NMD_OP_SCALE:
      return g_strdup_printf ("torch.mul(%s, %s)", x,
                              nmd_number_format (number, at->value));
    case NMD_OP_REDUCE:
      return write_reduce (self, node);
    case NMD_OP_MAX_POOL:
      return g_strdup_printf ("F.max_pool2d(%s, %d, %d, %d)", x, at->kernel, at->stride,
                              at->padding);
    case NMD_OP_UPSAMPLE:
      return g_strdup_printf ("F.interpolate(%s, scale_factor=%d)", x, at->factor);
    case NMD_OP_TOKENS:
      return write_tokens (self, node);
    case NMD_OP_TOKEN:
      return g_strdup_printf ("token(%s, %d)", x, at->from);
    case NMD_OP_ATTENTION:
      return g_strdup_printf ("attention(%s, %d)", x, at->groups);
    case NMD_OP_RESHAPE:
      return write_reshape (self, node);
    case NMD_OP_CONCAT:
      return write_concat (self, node);
    case NMD_OP_SLICE:
      return g_strdup_printf ("torch.narrow(%s, 1, %d, %d)", x, at->from, at->count);
    case NMD_OP_SHUFFLE:
      return g_strdup_printf ("F.channel_shuffle(%s, %d)", x, at->groups);
    default:
      refuse (self, node, nmd_op_get_name (node->op));
      return NULL;
    }
}

/* The inputs of a written node that are values, not what a layer owns. */
static int
count_operands (const NmdNodeInfo *node)
{
  return node->op == NMD_OP_ADD || node->op == NMD_OP_CONCAT
                 || node->op == NMD_OP_MULTIPLY
             ? node->n_inputs
             : MIN (node->n_inputs, 1);
}

static gboolean
is_written (const NmdNodeInfo *node)
{
  return node->op != NMD_OP_INPUT && node->op != NMD_OP_STORE
         && node->op != NMD_OP_CONSTANT && node->op != NMD_OP_BATCH_MEAN
         && node->op != NMD_OP_BATCH_VARIANCE;
}

static char *
variable_name (guint index)
{
  static const char letters[] = "xyzuvwpqrst";

  return index < strlen (letters) ? g_strdup_printf ("%c", letters[index])
                                  : g_strdup_printf ("x%u", index);
}

/* A variable that nothing reads any more, for a value that is read @uses times. */
static int
take_variable (Writer *self, int uses)
{
  guint index = 0;

  while (index < self->left->len && g_array_index (self->left, int, index) > 0)
    index++;
  if (index == self->left->len)
    g_array_set_size (self->left, index + 1);
  g_array_index (self->left, int, index) = uses;
  return (int)index;
}

/* The part of @layer that a comment names: up to its last number, or its first word. */
static char *
block_of (const char *layer)
{
  gsize end = strcspn (layer, "."), length;

  for (const char *c = layer; *c != '\0'; c += length + (c[length] == '.'))
    {
      length = strcspn (c, ".");
      if (length > 0 && strspn (c, G_CSET_DIGITS) >= length)
        end = (gsize)(c - layer) + length;
    }
  return g_strndup (layer, end);
}

/* One line of forward(): @value's expression becomes a variable. */
static void
assign (Writer *self, Value *value, NmdNode node)
{
  g_autofree char *expression = g_steal_pointer (&value->value);
  g_autofree char *block = value->layer != NULL ? block_of (value->layer) : NULL;
  int variable;

  if (block != NULL && g_strcmp0 (block, self->block) != 0)
    {
      g_string_append_printf (self->forward, "        # %s\n", block);
      g_free (self->block);
      self->block = g_steal_pointer (&block);
    }
  for (guint i = 0; i < value->reads->len; i++)
    g_array_index (self->left, int, g_array_index (value->reads, int, i))--;
  if (node == self->last)
    {
      g_string_append_printf (self->forward, "        return %s\n", expression);
      return;
    }
  variable = take_variable (self, value->uses);
  value->value = variable_name ((guint)variable);
  value->is_sum = FALSE;
  g_array_set_size (value->reads, 0);
  g_array_append_val (value->reads, variable);
  g_string_append_printf (self->forward, "        %s = %s\n", value->value, expression);
}

/* Whether the node written after @node reads it, so that one line says both. */
static gboolean
is_read_next (const Writer *self, NmdNode node)
{
  for (NmdNode i = node + 1; i <= self->last; i++)
    {
      const NmdNodeInfo *next = info_of (self, i);

      if (!is_written (next))
        continue;
      for (int k = 0; k < count_operands (next); k++)
        if (next->inputs[k] == node)
          return TRUE;
      return FALSE;
    }
  return FALSE;
}

static void
write_value (Writer *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  Value *value = &self->values[node];

  for (int i = 0; i < count_operands (info); i++)
    {
      const Value *read = &self->values[info->inputs[i]];

      g_array_append_vals (value->reads, read->reads->data, read->reads->len);
      if (value->layer == NULL && read->reads->len > 0 && read->layer != NULL
          && strlen (read->value) > 3)
        value->layer = g_strdup (read->layer);
    }
  value->value = write_node (self, info);
  if (self->problem != NULL)
    return;
  value->is_sum = info->op == NMD_OP_ADD
                  || (info->op == NMD_OP_MULTIPLY && !is_dropout (self, info->inputs[1]));
  if (value->layer == NULL && g_str_has_prefix (nmd_op_get_info (info->op)->inputs, "x ")
      && info->op != NMD_OP_TOKENS)
    value->layer = layer_of (self, info->inputs[info->op == NMD_OP_BATCH_NORM ? 3 : 1]);
  if (value->uses != 1 || node == self->last || strlen (value->value) > LONGEST
      || !is_read_next (self, node))
    assign (self, value, node);
}

/* Counts who reads what, then writes node by node. */
static void
write_forward (Writer *self, NmdNode images)
{
  self->values = g_new0 (Value, self->last + 1);
  for (NmdNode i = 0; i <= self->last; i++)
    {
      const NmdNodeInfo *node = info_of (self, i);

      self->values[i].reads = g_array_new (FALSE, FALSE, sizeof (int));
      for (int k = 0; is_written (node) && k < count_operands (node); k++)
        self->values[node->inputs[k]].uses++;
    }
  self->values[images].value = g_strdup ("x");
  g_array_append_vals (self->values[images].reads, &(int){ 0 }, 1);
  take_variable (self, self->values[images].uses);
  for (NmdNode i = 0; i <= self->last && self->problem == NULL; i++)
    if (is_written (info_of (self, i)))
      write_value (self, i);
}

char *
nmd_pytorch_write (const NmdPytorchSettings *settings, GError **error)
{
  g_return_val_if_fail (settings != NULL && settings->network != NULL, NULL);

  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autofree char *name = nmd_pytorch_class (settings->network);
  GString *text;

  if (settings->network->task != NMD_TASK_CLASSIFY)
    {
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
          "%s finds outlines: PyTorch modules are written of networks that score",
          settings->network->title);
      return NULL;
    }
  /* the training's forward pass, so that dropout is in it */
  if (!nmd_network_renewal (&graph, settings->network, settings->n_classes, 2, error))
    return NULL;

  g_auto (Writer) self
      = { .settings = settings,
          .graph = graph.graph,
          .last = graph.logits,
          .left = g_array_new (FALSE, TRUE, sizeof (int)),
          .declared = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
          .layers = g_string_new (NULL),
          .forward = g_string_new (NULL) };

  write_forward (&self, graph.images);
  if (self.problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self.problem));
      return NULL;
    }
  text = g_string_new (NULL);
  nmd_pytorch_begin (text, settings,
                     strstr (self.forward->str, "tokens(") != NULL
                         || strstr (self.forward->str, "positions(") != NULL);
  g_string_append_printf (text,
                          "class %s(Group):\n"
                          "    \"\"\"%s: [n, 3, %d, %d] to logits [n, %d].\"\"\"\n\n"
                          "    def __init__(self):\n"
                          "        super().__init__()\n"
                          "        add = self.add\n"
                          "%s\n"
                          "    def forward(self, x):\n"
                          "%s\n\n",
                          name, settings->network->title, settings->network->input_size,
                          settings->network->input_size, settings->n_classes,
                          self.layers->str, self.forward->str);
  nmd_pytorch_end (text, settings);
  return g_string_free (text, FALSE);
}
