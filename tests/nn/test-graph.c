/* SPDX-License-Identifier: Apache-2.0
 *
 * The graph: shapes that are refused and their texts, names and scopes, counts, and which
 * operations a gradient is made of. Values are test-gradients.c's, whether gradients are
 * true in general is tested with the backends.
 */
#include "engine/backend/nmd-session.h"

#include <math.h>
#include <string.h>

static NmdNode
input (NmdGraph *graph, const char *name, int n, int c, int h, int w)
{
  return nmd_graph_input (graph, name, (const int[]){ n, c, h, w }, 4);
}

static NmdNode
vector (NmdGraph *graph, const char *name, int c)
{
  return nmd_graph_input (graph, name, &c, 1);
}

/* Refused shapes */

typedef struct
{
  NmdOp op;
  const char *shapes; /* of the inputs: "2,3,5,5 4,3,3,3" */
  NmdAttributes at;
  const char *message;
} Refused;

static const Refused refused[] = {
  { NMD_OP_CONV,
    "2,3,5,5 4,2,3,3",
    { .stride = 1, .groups = 1 },
    "Node x (conv): the image is 2 × 3 × 5 × 5, the weight is 4 × 2 × 3 × 3, which do "
    "not fit "
    "with groups 1" },
  { NMD_OP_CONV,
    "2,3,5,5 4,3,3,1",
    { .stride = 1, .groups = 1 },
    "Node x (conv): the kernel is 3 × 1, only square ones are known" },
  { NMD_OP_CONV,
    "2,3,5,5 4,3,7,7",
    { .stride = 1, .groups = 1, .padding = 0 },
    "Node x (conv): the image of 5 × 5 with padding 0 is smaller than the kernel 7" },
  { NMD_OP_CONV,
    "2,3,5,5 4,3,3,3",
    { .stride = 0, .groups = 1 },
    "Node x (conv): groups 1, stride 0 and padding 0 are not possible" },
  { NMD_OP_CONV,
    "2,3,5,5 4,3,3,3 5",
    { .stride = 1, .groups = 1 },
    "Node x (conv): the bias is 5, 4 is needed" },
  { NMD_OP_CONV,
    "2,3 4,3,3,3",
    { .stride = 1, .groups = 1 },
    "Node x (conv): the image is 2 × 3, 4 dimensions are needed" },
  { NMD_OP_CONV_GRAD_X,
    "2,4,5,5 4,3,3,3",
    { .stride = 1, .groups = 1, .shape = { 4, { 2, 3, 5, 5 } } },
    "Node x (conv-grad-x): the gradient is 2 × 4 × 5 × 5, the convolution's value is "
    "2 × 4 × 3 × 3" },
  { NMD_OP_LINEAR,
    "2,3 5,4",
    { 0 },
    "Node x (linear): the input is 2 × 3, the weight is 5 × 4" },
  { NMD_OP_ADD,
    "2,3 3,2",
    { 0 },
    "Node x (add): the first input is 2 × 3, the second input is 3 × 2" },
  { NMD_OP_MULTIPLY,
    "2,3,4,4 2,2,1,1",
    { 0 },
    "Node x (multiply): the first input is 2 × 3 × 4 × 4, the second input is 2 × 2 × 1 "
    "× 1" },
  { NMD_OP_BATCH_NORM,
    "2,3,4,4 3 3 3 4",
    { 0 },
    "Node x (batch-norm): a vector over channels is 4, 3 is needed" },
  { NMD_OP_BATCH_NORM,
    "2,3,4,4 3 3 3",
    { 0 },
    "Node x (batch-norm): 4 inputs are given, it takes x mean variance gamma beta" },
  { NMD_OP_REDUCE,
    "2,3",
    { .axes = NMD_AXES_HW },
    "Node x (reduce): the input is 2 × 3, 4 dimensions are needed" },
  { NMD_OP_BROADCAST,
    "2,3,1,1",
    { .shape = { 4, { 2, 4, 5, 5 } } },
    "Node x (broadcast): the input is 2 × 3 × 1 × 1, the value is 2 × 4 × 5 × 5" },
  { NMD_OP_RESHAPE,
    "2,3",
    { .shape = { 1, { 7 } } },
    "Node x (reshape): the input is 2 × 3, the value is 7" },
  { NMD_OP_RESHAPE,
    "2,3",
    { .shape = { 5, { 6 } } },
    "Node x (reshape): a tensor has 1 to 4 dimensions, not 5" },
  { NMD_OP_RESHAPE,
    "2,3",
    { .shape = { 2, { 6, 0 } } },
    "Node x (reshape): 6 × 0 is no shape of at least 1 and at most 2147483647 values" },
  { NMD_OP_CONCAT,
    "2,3,4,4 2,3,4,5",
    { 0 },
    "Node x (concat): the first input is 2 × 3 × 4 × 4, another is 2 × 3 × 4 × 5" },
  { NMD_OP_SLICE,
    "2,3,4,4",
    { .from = 2, .count = 2 },
    "Node x (slice): channels 2 to 3 are not within 3" },
  { NMD_OP_SHUFFLE,
    "2,3,4,4",
    { .groups = 2 },
    "Node x (shuffle): 3 channels cannot be shuffled in 2 groups" },
  { NMD_OP_CROSS_ENTROPY,
    "2,3 2,2",
    { 0 },
    "Node x (cross-entropy): the logit matrix is 2 × 3, the target matrix is 2 × 2" },
  { NMD_OP_BLEND,
    "3 3 1",
    { 0 },
    "Node x (blend): input 0 is overwritten and so has to be a store tensor" },
  { NMD_OP_LINEAR,
    "2,3,4 5,3",
    { 0 },
    "Node x (linear): the first input is 2 × 3 × 4, 2 or 4 dimensions are needed" },
  { NMD_OP_LINEAR,
    "2,3,4,4 5,4",
    { 0 },
    "Node x (linear): the input is 2 × 3 × 4 × 4, the weight is 5 × 4" },
  { NMD_OP_LINEAR,
    "2,3,4,4 5,3 3",
    { 0 },
    "Node x (linear): the bias is 3, 5 is needed" },
  { NMD_OP_LINEAR_GRAD_X,
    "2,3,4,4 5,4",
    { 0 },
    "Node x (linear-grad-x): the gradient is 2 × 3 × 4 × 4, the weight is 5 × 4" },
  { NMD_OP_LINEAR_GRAD_W,
    "2,3,4,4 2,5",
    { 0 },
    "Node x (linear-grad-w): the second input is 2 × 5, 4 dimensions are needed" },
  { NMD_OP_LINEAR_GRAD_W,
    "2,3,4,4 2,5,4,5",
    { 0 },
    "Node x (linear-grad-w): the input is 2 × 3 × 4 × 4, the gradient is 2 × 5 × 4 × 5" },
  { NMD_OP_LAYER_NORM,
    "3 3 3",
    { 0 },
    "Node x (layer-norm): the input is 3, 2 or 4 dimensions are needed" },
  { NMD_OP_LAYER_NORM,
    "2,3,4,1 3 4",
    { 0 },
    "Node x (layer-norm): a vector over channels is 4, 3 is needed" },
  { NMD_OP_LAYER_NORM,
    "2,3 3",
    { 0 },
    "Node x (layer-norm): 2 inputs are given, it takes x gamma beta" },
  { NMD_OP_LAYER_NORM_GRAD_X,
    "2,3 2,4 4",
    { 0 },
    "Node x (layer-norm-grad-x): the gradient is 2 × 3, the input is 2 × 4" },
  { NMD_OP_LAYER_NORM_GRAD_X,
    "2,4 2,4 3",
    { 0 },
    "Node x (layer-norm-grad-x): a vector over channels is 3, 4 is needed" },
  { NMD_OP_LAYER_NORM_GRAD_GAMMA,
    "2,3,5,1 2,3,4,1",
    { 0 },
    "Node x (layer-norm-grad-gamma): the gradient is 2 × 3 × 5 × 1, the input is 2 × 3 × "
    "4 × 1" },
  { NMD_OP_ACTIVATION,
    "2,3",
    { .activation = NMD_LEAKY_RELU },
    "Node x (activation): the slope 0 of a leaky ReLU is not between 0 and 1" },
  { NMD_OP_ACTIVATION,
    "2,3",
    { .activation = NMD_LEAKY_RELU, .value = NAN },
    "Node x (activation): the slope nan of a leaky ReLU is not between 0 and 1" },
  { NMD_OP_ACTIVATION_GRAD,
    "2,3 2,3",
    { .activation = NMD_LEAKY_RELU, .value = -0.5 },
    "Node x (activation-grad): the slope -0.5 of a leaky ReLU is not between 0 and 1" },
  { NMD_OP_ACTIVATION_GRAD,
    "2,3 3,2",
    { .activation = NMD_SILU },
    "Node x (activation-grad): the first input is 2 × 3, the second input is 3 × 2" },
  { NMD_OP_MAX_POOL,
    "2,3,5,5",
    { .kernel = 3, .stride = 2, .padding = 3 },
    "Node x (max-pool): kernel 3, stride 2 and padding 3 are not possible" },
  { NMD_OP_MAX_POOL,
    "2,3,5,5",
    { .kernel = 3, .stride = 0, .padding = 1 },
    "Node x (max-pool): kernel 3, stride 0 and padding 1 are not possible" },
  { NMD_OP_MAX_POOL,
    "2,3,5,5",
    { .kernel = 0, .stride = 1 },
    "Node x (max-pool): kernel 0, stride 1 and padding 0 are not possible" },
  { NMD_OP_MAX_POOL,
    "2,3,9,2",
    { .kernel = 5, .stride = 1, .padding = 1 },
    "Node x (max-pool): the image of 9 × 2 with padding 1 is smaller than the window 5" },
  { NMD_OP_MAX_POOL,
    "2,3",
    { .kernel = 3, .stride = 2, .padding = 1 },
    "Node x (max-pool): the image is 2 × 3, 4 dimensions are needed" },
  { NMD_OP_MAX_POOL_GRAD,
    "2,3,3,3 2,3,5,5 2,3,2,2",
    { .kernel = 3, .stride = 2, .padding = 1 },
    "Node x (max-pool-grad): the maximum is 2 × 3 × 2 × 2, the image's is 2 × 3 × 3 × "
    "3" },
  { NMD_OP_MAX_POOL_GRAD,
    "2,3,5,5 2,3,5,5 2,3,3,3",
    { .kernel = 3, .stride = 2, .padding = 1 },
    "Node x (max-pool-grad): the gradient is 2 × 3 × 5 × 5, the maximum is 2 × 3 × 3 × "
    "3" },
  { NMD_OP_UPSAMPLE,
    "2,3,5,5",
    { .factor = 0 },
    "Node x (upsample): factor 0 is not possible" },
  { NMD_OP_UPSAMPLE,
    "2,3,5,5",
    { .factor = 4097 },
    "Node x (upsample): factor 4097 is not possible" },
  { NMD_OP_UPSAMPLE,
    "1,1,1,1000000",
    { .factor = 4096 },
    "Node x (upsample): the image is too large" },
  { NMD_OP_UPSAMPLE,
    "2,3",
    { .factor = 2 },
    "Node x (upsample): the image is 2 × 3, 4 dimensions are needed" },
  { NMD_OP_UPSAMPLE_GRAD,
    "2,3,6,5",
    { .factor = 3 },
    "Node x (upsample-grad): the gradient of 6 × 5 is no multiple of 3" },
  { NMD_OP_ENLARGE,
    "2,3,5,7",
    { .shape = { 4, { 2, 3, 10, 6 } } },
    "Node x (enlarge): the image is 2 × 3 × 5 × 7, the enlarged image is 2 × 3 × 10 × "
    "6" },
  { NMD_OP_ENLARGE,
    "2,3,5,7",
    { .shape = { 4, { 2, 4, 10, 14 } } },
    "Node x (enlarge): the image is 2 × 3 × 5 × 7, the enlarged image is 2 × 4 × 10 × "
    "14" },
  { NMD_OP_ENLARGE,
    "2,3",
    { .shape = { 4, { 2, 3, 10, 14 } } },
    "Node x (enlarge): the image is 2 × 3, 4 dimensions are needed" },
  { NMD_OP_ENLARGE,
    "2,3,5,7",
    { .shape = { 4, { 2, 3, 0, 14 } } },
    "Node x (enlarge): 2 × 3 × 0 × 14 is no shape of at least 1 and at most 2147483647 "
    "values" },
  { NMD_OP_ENLARGE_GRAD,
    "2,3,5,7",
    { .shape = { 4, { 2, 3, 6, 7 } } },
    "Node x (enlarge-grad): the image is 2 × 3 × 6 × 7, the enlarged image is 2 × 3 × 5 "
    "× 7" },
  { NMD_OP_PIXEL_CROSS_ENTROPY,
    "2,1,4,4 2,1,4,5",
    { 0 },
    "Node x (pixel-cross-entropy): the logit map is 2 × 1 × 4 × 4, the target map is 2 × "
    "1 × 4 × 5" },
  { NMD_OP_PIXEL_CROSS_ENTROPY,
    "2,3 2,3",
    { 0 },
    "Node x (pixel-cross-entropy): the logit map is 2 × 3, 4 dimensions are needed" },
  { NMD_OP_DICE_LOSS_GRAD,
    "2 2,1,4,4 2,1,4,4",
    { 0 },
    "Node x (dice-loss-grad): the gradient is 2, 1 is needed" },
  { NMD_OP_TOKENS,
    "2,3 1,1,3 1,2,3",
    { 0 },
    "Node x (tokens): the image is 2 × 3, 4 dimensions are needed" },
  { NMD_OP_TOKENS,
    "2,3,4,4 1,1,4 1,17,3",
    { 0 },
    "Node x (tokens): the class token is 1 × 1 × 4, a token is 1 × 1 × 3" },
  { NMD_OP_TOKENS,
    "2,3,4,4 1,1,3 1,16,3",
    { 0 },
    "Node x (tokens): the position tensor is 1 × 16 × 3, the tokens' is 1 × 17 × 3" },
  { NMD_OP_TOKENS_GRAD_X,
    "2,3,16,1",
    { .shape = { 4, { 2, 3, 4, 4 } } },
    "Node x (tokens-grad-x): the gradient is 2 × 3 × 16 × 1, the sequence is 2 × 3 × 17 "
    "× "
    "1" },
  { NMD_OP_TOKENS_GRAD_X,
    "2,3,17,1",
    { .shape = { 4, { 2, 3, 2147483647, 2147483647 } } },
    "Node x (tokens-grad-x): 2 × 3 × 2147483647 × 2147483647 is no shape of at least 1 "
    "and at most 2147483647 values" },
  { NMD_OP_TOKENS_GRAD_X,
    "2,3,17,1",
    { .shape = { 3, { 2, 3, 16 } } },
    "Node x (tokens-grad-x): the value is 2 × 3 × 16, 4 dimensions are needed" },
  { NMD_OP_TOKENS_GRAD_POSITION,
    "2,3,4,4",
    { 0 },
    "Node x (tokens-grad-position): the gradient is 2 × 3 × 4 × 4, n × c × tokens × 1 is "
    "needed" },
  { NMD_OP_TOKENS_GRAD_CLASS,
    "2,3",
    { 0 },
    "Node x (tokens-grad-class): the gradient is 2 × 3, n × c × tokens × 1 is needed" },
  { NMD_OP_TOKEN, "2,3,5,1", { .from = 5 }, "Node x (token): token 5 is not among 5" },
  { NMD_OP_TOKEN, "2,3,5,1", { .from = -1 }, "Node x (token): token -1 is not among 5" },
  { NMD_OP_TOKEN,
    "2,3,5,2",
    { 0 },
    "Node x (token): the sequence is 2 × 3 × 5 × 2, n × c × tokens × 1 is needed" },
  { NMD_OP_TOKEN_GRAD,
    "2,4",
    { .shape = { 4, { 2, 3, 5, 1 } } },
    "Node x (token-grad): the gradient is 2 × 4, the token is 2 × 3" },
  { NMD_OP_ATTENTION,
    "2,9,5,2",
    { .groups = 1 },
    "Node x (attention): the input is 2 × 9 × 5 × 2, n × c × tokens × 1 is needed" },
  { NMD_OP_ATTENTION,
    "2,8,5,1",
    { .groups = 1 },
    "Node x (attention): 8 channels are no queries, keys and values of 1 heads" },
  { NMD_OP_ATTENTION,
    "2,9,5,1",
    { .groups = 2 },
    "Node x (attention): 9 channels are no queries, keys and values of 2 heads" },
  { NMD_OP_ATTENTION,
    "2,9,5,1",
    { .groups = 0 },
    "Node x (attention): 9 channels are no queries, keys and values of 0 heads" },
  { NMD_OP_ATTENTION_GRAD,
    "2,9,5,1 2,9,5,1",
    { .groups = 3 },
    "Node x (attention-grad): the gradient is 2 × 9 × 5 × 1, the value is 2 × 3 × 5 × "
    "1" },
};

/* Adds inputs of the shapes "2,3,5,5 4,3,3,3" to @graph; how many there are. */
static int
add_inputs (NmdGraph *graph, const char *text, NmdNode *inputs)
{
  g_auto (GStrv) shapes = g_strsplit (text, " ", -1);
  int n = 0;

  for (; shapes[n] != NULL; n++)
    {
      int dims[NMD_MAX_DIMS] = { 1, 1, 1, 1 }, n_dims = 0;
      g_auto (GStrv) numbers = g_strsplit (shapes[n], ",", -1);

      for (; numbers[n_dims] != NULL; n_dims++)
        dims[n_dims] = (int)g_ascii_strtoll (numbers[n_dims], NULL, 10);
      inputs[n] = nmd_graph_input (graph, "in", dims, n_dims);
    }
  return n;
}

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (NmdGraph) graph = nmd_graph_new ();
      g_autoptr (GError) error = NULL;
      NmdNode inputs[NMD_MAX_INPUTS], node;
      const int n = add_inputs (graph, refused[i].shapes, inputs);

      g_assert_true (nmd_graph_check (graph, NULL));
      node = nmd_graph_add (graph, refused[i].op, "x", &refused[i].at, inputs, n);
      g_assert_cmpint (node, ==, NMD_NODE_NONE);
      /* what follows is passed over, and the first error stays */
      node = nmd_graph_add (graph, NMD_OP_SOFTMAX, "later", NULL, &node, 1);
      g_assert_cmpint (node, ==, NMD_NODE_NONE);
      g_assert_false (nmd_graph_check (graph, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
      g_assert_cmpstr (error->message, ==, refused[i].message);
    }
}

/* Shapes */

typedef struct
{
  NmdOp op;
  const char *shapes; /* of the inputs */
  NmdAttributes at;
  const char *value; /* shape of the value */
  gint64 macs;
} Accepted;

static const Accepted accepted[] = {
  { NMD_OP_LINEAR, "2,3 5,3 5", { 0 }, "2 × 5", 2 * 5 * 3 },
  { NMD_OP_LINEAR, "2,3,7,4 5,3 5", { 0 }, "2 × 5 × 7 × 4", 2 * 5 * 3 * 7 * 4 },
  { NMD_OP_LINEAR, "2,3,197,1 9,3", { 0 }, "2 × 9 × 197 × 1", 2 * 9 * 3 * 197 },
  { NMD_OP_LINEAR_GRAD_X, "2,5,7,4 5,3", { 0 }, "2 × 3 × 7 × 4", 0 },
  { NMD_OP_LINEAR_GRAD_W, "2,3,7,4 2,5,7,4", { 0 }, "5 × 3", 0 },
  { NMD_OP_LAYER_NORM, "2,3 3 3", { 0 }, "2 × 3", 0 },
  { NMD_OP_LAYER_NORM, "2,3,7,4 3 3", { 0 }, "2 × 3 × 7 × 4", 0 },
  { NMD_OP_LAYER_NORM_GRAD_X, "2,3,7,1 2,3,7,1 3", { 0 }, "2 × 3 × 7 × 1", 0 },
  { NMD_OP_LAYER_NORM_GRAD_GAMMA, "2,3,7,1 2,3,7,1", { 0 }, "3", 0 },
  { NMD_OP_ACTIVATION,
    "2,3",
    { .activation = NMD_LEAKY_RELU, .value = 0.01 },
    "2 × 3",
    0 },
  { NMD_OP_ACTIVATION, "3", { .activation = NMD_GELU }, "3", 0 },
  /* torchvision's and timm's stem: 112 → 56; 113 rows give 57 */
  { NMD_OP_MAX_POOL,
    "2,3,112,113",
    { .kernel = 3, .stride = 2, .padding = 1 },
    "2 × 3 × 56 × 57",
    0 },
  { NMD_OP_MAX_POOL, "1,2,6,7", { .kernel = 2, .stride = 2 }, "1 × 2 × 3 × 3", 0 },
  { NMD_OP_MAX_POOL,
    "1,2,1,1",
    { .kernel = 3, .stride = 7, .padding = 2 },
    "1 × 2 × 1 × 1",
    0 },
  { NMD_OP_MAX_POOL_GRAD,
    "2,3,3,3 2,3,5,5 2,3,3,3",
    { .kernel = 3, .stride = 2, .padding = 1 },
    "2 × 3 × 5 × 5",
    0 },
  { NMD_OP_UPSAMPLE, "2,3,5,7", { .factor = 3 }, "2 × 3 × 15 × 21", 0 },
  { NMD_OP_UPSAMPLE_GRAD, "2,3,15,21", { .factor = 3 }, "2 × 3 × 5 × 7", 0 },
  { NMD_OP_ENLARGE, "2,3,5,7", { .shape = { 4, { 2, 3, 5, 20 } } }, "2 × 3 × 5 × 20", 0 },
  { NMD_OP_ENLARGE_GRAD,
    "2,3,5,20",
    { .shape = { 4, { 2, 3, 1, 7 } } },
    "2 × 3 × 1 × 7",
    0 },
  { NMD_OP_PIXEL_CROSS_ENTROPY, "2,1,5,7 2,1,5,7", { 0 }, "1", 0 },
  { NMD_OP_DICE_LOSS, "2,3,5,7 2,3,5,7", { 0 }, "1", 0 },
  { NMD_OP_DICE_LOSS_GRAD, "1 2,1,5,7 2,1,5,7", { 0 }, "2 × 1 × 5 × 7", 0 },
  { NMD_OP_TOKENS, "2,3,4,5 1,1,3 1,21,3", { 0 }, "2 × 3 × 21 × 1", 0 },
  { NMD_OP_TOKENS_GRAD_X,
    "2,3,21,1",
    { .shape = { 4, { 2, 3, 4, 5 } } },
    "2 × 3 × 4 × 5",
    0 },
  { NMD_OP_TOKENS_GRAD_POSITION, "2,3,21,1", { 0 }, "1 × 21 × 3", 0 },
  { NMD_OP_TOKENS_GRAD_CLASS, "2,3,21,1", { 0 }, "1 × 1 × 3", 0 },
  { NMD_OP_TOKEN, "2,3,21,1", { .from = 20 }, "2 × 3", 0 },
  { NMD_OP_TOKEN_GRAD, "2,3", { .shape = { 4, { 2, 3, 9, 1 } } }, "2 × 3 × 9 × 1", 0 },
  { NMD_OP_ATTENTION, "2,18,7,1", { .groups = 2 }, "2 × 6 × 7 × 1", 2 * 2 * 6 * 7 * 7 },
  { NMD_OP_ATTENTION_GRAD, "2,6,7,1 2,18,7,1", { .groups = 3 }, "2 × 18 × 7 × 1", 0 },
};

static void
test_accepted (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      g_autoptr (NmdGraph) graph = nmd_graph_new ();
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;
      NmdNode inputs[NMD_MAX_INPUTS], node;
      const int n = add_inputs (graph, accepted[i].shapes, inputs);

      node = nmd_graph_add (graph, accepted[i].op, "x", &accepted[i].at, inputs, n);
      nmd_graph_check (graph, &error);
      g_assert_no_error (error);
      text = nmd_shape_to_string (&nmd_graph_get (graph, node)->shape);
      g_assert_cmpstr (text, ==, accepted[i].value);
      g_assert_cmpint (nmd_graph_count_macs (graph), ==, accepted[i].macs);
    }
}

/* The batch's mean with a variance from elsewhere has no clear gradient. */
static void
test_mixed_statistics (void)
{
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  g_autoptr (GError) error = NULL;
  NmdNode x = input (graph, "x", 2, 3, 4, 4), in[5] = { x };

  in[1] = nmd_graph_add (graph, NMD_OP_BATCH_MEAN, "mean", NULL, &x, 1);
  in[2] = in[3] = in[4] = vector (graph, "v", 3);
  g_assert_cmpint (nmd_graph_add (graph, NMD_OP_BATCH_NORM, "bn", NULL, in, 5), ==, -1);
  g_assert_false (nmd_graph_check (graph, &error));
  g_assert_nonnull (strstr (error->message, "one of mean and variance is the batch's"));
}

/* Names */

static void
test_names (void)
{
  g_autoptr (NmdGraph) graph = nmd_graph_new (), copy = NULL;
  NmdNode x = input (graph, "x", 1, 2, 3, 3), a, b;
  g_autoptr (GError) error = NULL;

  nmd_graph_push (graph, "stages.%d", 2);
  nmd_graph_push (graph, "cbam");
  a = nmd_graph_add (graph, NMD_OP_SHUFFLE, "first", &(NmdAttributes){ .groups = 2 }, &x,
                     1);
  b = nmd_graph_add (graph, NMD_OP_SHUFFLE, "first", &(NmdAttributes){ .groups = 2 }, &a,
                     1);
  g_assert_cmpint (nmd_graph_store (graph, "w", TRUE, (const int[]){ 4 }, 1), ==,
                   nmd_graph_store (graph, "w", TRUE, (const int[]){ 4 }, 1));
  nmd_graph_name_scope (graph, b);
  nmd_graph_pop (graph);
  nmd_graph_name_scope (graph, b);
  nmd_graph_pop (graph);
  g_assert_cmpint (nmd_graph_find (graph, "stages.2.cbam.first"), ==, a);
  g_assert_cmpint (nmd_graph_find (graph, "stages.2.cbam"), ==, b);
  g_assert_cmpint (nmd_graph_find (graph, "stages.2"), ==, b);
  g_assert_cmpstr (nmd_graph_get (graph, b)->name, ==, "stages.2");
  g_assert_cmpint (nmd_graph_find (graph, "stages"), ==, NMD_NODE_NONE);
  copy = nmd_graph_copy (graph);
  g_assert_cmpint (nmd_graph_find (copy, "stages.2.cbam"), ==, b);
  g_assert_cmpint (nmd_graph_count_parameters (copy), ==, 4);
  g_assert_cmpint (nmd_graph_store (copy, "stages.2.cbam.w", TRUE, (const int[]){ 5 }, 1),
                   ==, -1);
  g_assert_false (nmd_graph_check (copy, &error));
  g_assert_cmpstr (error->message, ==,
                   "Store tensor stages.2.cbam.w is 4 at one place and 5 at another");
  g_assert_true (nmd_graph_check (graph, NULL));
}

static void
test_counts (void)
{
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  NmdNode in[2] = { input (graph, "x", 2, 4, 5, 5),
                    nmd_graph_store (graph, "w", TRUE, (const int[]){ 6, 2, 3, 3 }, 4) };
  const NmdAttributes at = { .stride = 2, .padding = 1, .groups = 2 };

  nmd_graph_store (graph, "running", FALSE, (const int[]){ 9 }, 1);
  nmd_graph_add (graph, NMD_OP_CONV, "conv", &at, in, 2);
  g_assert_cmpint (nmd_graph_count_parameters (graph), ==, 6 * 2 * 3 * 3);
  g_assert_cmpint (nmd_graph_count_macs (graph), ==, 2 * 6 * 3 * 3 * 2 * 9);
}

/* Gradients */

/* Which operations a gradient is made of: "op(input,input)" of each node after @from,
 * inputs by name. */
static char *
describe_after (NmdGraph *graph, NmdNode from)
{
  GString *text = g_string_new (NULL);

  for (NmdNode i = from + 1; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph, i);

      g_string_append_printf (text, "%s%s=%s(", text->len > 0 ? " " : "", node->name,
                              nmd_op_get_name (node->op));
      for (int k = 0; k < node->n_inputs; k++)
        g_string_append_printf (text, "%s%s", k > 0 ? "," : "",
                                nmd_graph_get (graph, node->inputs[k])->name);
      g_string_append_c (text, ')');
    }
  return g_string_free (text, FALSE);
}

/* The nodes that differentiation adds for one operation by its inputs in0, in1 …, seeded
 * by dy; @wanted is a mask of inputs. */
static const struct
{
  NmdOp op;
  const char *shapes;
  NmdAttributes at;
  int wanted;
  const char *nodes;
} derived[] = {
  { NMD_OP_ACTIVATION,
    "2,3",
    { .activation = NMD_LEAKY_RELU, .value = 0.01 },
    1,
    "d:in0=activation-grad(dy,y)" },
  { NMD_OP_ACTIVATION,
    "2,3",
    { .activation = NMD_HARD_SIGMOID },
    1,
    "d:in0=activation-grad(dy,y)" },
  { NMD_OP_ACTIVATION,
    "2,3",
    { .activation = NMD_SILU },
    1,
    "d:in0=activation-grad(dy,in0)" },
  { NMD_OP_ACTIVATION,
    "2,3",
    { .activation = NMD_GELU },
    1,
    "d:in0=activation-grad(dy,in0)" },
  { NMD_OP_LINEAR,
    "2,3,7,1 5,3",
    { 0 },
    3,
    "d:in1=linear-grad-w(in0,dy) d:in0=linear-grad-x(dy,in1)" },
  { NMD_OP_LINEAR, "2,3,7,1 5,3 5", { 0 }, 4, "d:in2=reduce(dy)" },
  { NMD_OP_LAYER_NORM,
    "2,3,7,1 3 3",
    { 0 },
    7,
    "d:in2=reduce(dy) d:in1=layer-norm-grad-gamma(dy,in0) "
    "d:in0=layer-norm-grad-x(dy,in0,in1)" },
  { NMD_OP_LAYER_NORM, "2,3 3 3", { 0 }, 1, "d:in0=layer-norm-grad-x(dy,in0,in1)" },
  { NMD_OP_MAX_POOL,
    "2,3,7,7",
    { .kernel = 3, .stride = 2, .padding = 1 },
    1,
    "d:in0=max-pool-grad(dy,in0,y)" },
  { NMD_OP_UPSAMPLE, "2,3,7,7", { .factor = 2 }, 1, "d:in0=upsample-grad(dy)" },
  { NMD_OP_ENLARGE,
    "2,3,7,7",
    { .shape = { 4, { 2, 3, 9, 14 } } },
    1,
    "d:in0=enlarge-grad(dy)" },
  { NMD_OP_PIXEL_CROSS_ENTROPY,
    "2,1,7,7 2,1,7,7",
    { 0 },
    1,
    "d:in0=pixel-cross-entropy-grad(dy,in0,in1)" },
  { NMD_OP_DICE_LOSS, "2,1,7,7 2,1,7,7", { 0 }, 1, "d:in0=dice-loss-grad(dy,in0,in1)" },
  { NMD_OP_TOKENS,
    "2,3,4,4 1,1,3 1,17,3",
    { 0 },
    7,
    "d:in0=tokens-grad-x(dy) d:in1=tokens-grad-class(dy) "
    "d:in2=tokens-grad-position(dy)" },
  { NMD_OP_TOKENS, "2,3,4,4 1,1,3 1,17,3", { 0 }, 2, "d:in1=tokens-grad-class(dy)" },
  { NMD_OP_TOKEN, "2,3,7,1", { .from = 2 }, 1, "d:in0=token-grad(dy)" },
  { NMD_OP_ATTENTION, "2,9,7,1", { .groups = 3 }, 1, "d:in0=attention-grad(dy,in0)" },
};

static void
test_derived (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (derived); i++)
    {
      g_autoptr (NmdGraph) graph = nmd_graph_new ();
      g_autoptr (GError) error = NULL;
      g_autofree char *nodes = NULL;
      g_auto (GStrv) shapes = g_strsplit (derived[i].shapes, " ", -1);
      NmdNode in[NMD_MAX_INPUTS], wanted[NMD_MAX_INPUTS], gradients[NMD_MAX_INPUTS], y,
          dy;
      int n = (int)g_strv_length (shapes), n_wanted = 0;

      for (int k = 0; k < n; k++)
        {
          g_autofree char *name = g_strdup_printf ("in%d", k);

          nmd_graph_push (graph, "%s", name);
          add_inputs (graph, shapes[k], &in[k]);
          nmd_graph_name_scope (graph, in[k]);
          nmd_graph_pop (graph);
          if ((derived[i].wanted >> k & 1) != 0)
            wanted[n_wanted++] = in[k];
        }
      y = nmd_graph_add (graph, derived[i].op, "y", &derived[i].at, in, n);
      dy = nmd_graph_input (graph, "dy", nmd_graph_get (graph, y)->shape.dims,
                            nmd_graph_get (graph, y)->shape.n_dims);
      nmd_graph_differentiate (graph, y, dy, wanted, n_wanted, gradients, &error);
      g_assert_no_error (error);
      nodes = describe_after (graph, dy);
      g_assert_cmpstr (nodes, ==, derived[i].nodes);
      for (int k = 0; k < n_wanted; k++)
        g_assert_true (nmd_shape_equal (&nmd_graph_get (graph, gradients[k])->shape,
                                        &nmd_graph_get (graph, wanted[k])->shape));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/refused", test_refused);
  g_test_add_func ("/graph/accepted", test_accepted);
  g_test_add_func ("/graph/mixed-statistics", test_mixed_statistics);
  g_test_add_func ("/graph/names", test_names);
  g_test_add_func ("/graph/counts", test_counts);
  g_test_add_func ("/gradient/derived", test_derived);
  return g_test_run ();
}
