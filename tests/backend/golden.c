/* SPDX-License-Identifier: Apache-2.0
 *
 * golden FILE... [--device NAME]: compares a network on a device with golden numbers made
 * in double precision. Weights and images are filled by the rule that the files share
 * (named random streams), so a file holds answers only. Two comparisons are made:
 *
 *   NAME     the device, with the tolerances that a float32 engine needs: they follow how
 * far float32 itself strays (f32err in the file), which may not be more than is known of
 * it exact    the reference in double precision, each number to about 1e-6 of its own
 * scale, so that a single number that was altered anywhere is found
 *
 * One line a group: the worst error and its limit. Exits with 1 on any miss, NaN, or
 * malformed file. How good a network is, is not its business.
 */
#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-random.h"
#include "engine/nn/nmd-network.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Two images in evaluation and training, four for Adam; six steps of it. */
enum
{
  N_IMAGES = 2,
  N_CLASSES = 2,
  N_ADAM_IMAGES = 4,
  N_ADAM_STEPS = 6
};

typedef struct
{
  double norm, probe;
} Gradient;

/* All numbers of one file, or the same numbers as a device computed them. Parameters are
 * in the order of the network's own list. */
typedef struct
{
  double logits[N_IMAGES * N_CLASSES];
  double loss;
  Gradient *eval_grads, *train_grads;
  double *running, *running_norms; /* norms only where computed */
  double adam[N_ADAM_STEPS];
  double *cam[2]; /* cam, cam_inner */
} Numbers;

/* One golden file and the network that it is about. */
typedef struct
{
  const char *path;
  char *word;
  const NmdNetwork *network;
  GPtrArray *parameters, *buffers; /* names */
  gboolean has_adam, has_cam;
  int cam_size[2]; /* values of both images */
  Numbers numbers;
  JsonObject *f32err; /* borrowed from the parser */
} Golden;

static const char *const cam_names[2] = { "cam", "cam_inner" };
/* Block whose value the second map is. */
static const char *const cam_layers[2] = { NULL, "stages.2" };

static void
numbers_clear (Numbers *self)
{
  g_free (self->eval_grads);
  g_free (self->train_grads);
  g_free (self->running);
  g_free (self->running_norms);
  g_free (self->cam[0]);
  g_free (self->cam[1]);
}

static void
numbers_free (gpointer numbers)
{
  numbers_clear (numbers);
  g_free (numbers);
}

static void
golden_clear (Golden *self)
{
  g_free (self->word);
  g_clear_pointer (&self->parameters, g_ptr_array_unref);
  g_clear_pointer (&self->buffers, g_ptr_array_unref);
  numbers_clear (&self->numbers);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Golden, golden_clear)

static void
numbers_alloc (Numbers *self, const Golden *golden)
{
  self->eval_grads = g_new0 (Gradient, golden->parameters->len + 1);
  self->train_grads = g_new0 (Gradient, golden->parameters->len + 1);
  self->running = g_new0 (double, golden->buffers->len + 1);
  self->running_norms = g_new0 (double, golden->buffers->len + 1);
  for (int i = 0; i < 2; i++)
    self->cam[i] = g_new0 (double, golden->cam_size[i] + 1);
}

/* --- reading a file
 * ----------------------------------------------------------------------- */

static gboolean malformed (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
malformed (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, NMD_ERROR, NMD_ERROR_FORMAT, text);
  return FALSE;
}

static gboolean
read_number (JsonNode *node, const char *what, double *value, GError **error)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || (json_node_get_value_type (node) != G_TYPE_DOUBLE
          && json_node_get_value_type (node) != G_TYPE_INT64))
    return malformed (error, "%s is no number", what);
  *value = json_node_get_double (node);
  return isfinite (*value) || malformed (error, "%s is not finite", what);
}

/* @n numbers, nested in any way in arrays of the lengths @dims. */
static gboolean
read_numbers (JsonNode *node,
              const char *what,
              const int *dims,
              int n_dims,
              double *values,
              GError **error)
{
  int stride = 1;

  if (n_dims == 0)
    return read_number (node, what, values, error);
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return malformed (error, "%s is no list", what);
  if (json_array_get_length (json_node_get_array (node)) != (guint)dims[0])
    return malformed (error, "%s has a list of %u, %d are needed", what,
                      json_array_get_length (json_node_get_array (node)), dims[0]);
  for (int i = 1; i < n_dims; i++)
    stride *= dims[i];
  for (int i = 0; i < dims[0]; i++)
    if (!read_numbers (json_array_get_element (json_node_get_array (node), (guint)i),
                       what, dims + 1, n_dims - 1, values + (gssize)i * stride, error))
      return FALSE;
  return TRUE;
}

/* The object called @name with exactly the members @members (NULL: any). */
static JsonObject *
read_object (JsonObject *parent,
             const char *name,
             const char *const *members,
             GError **error)
{
  JsonNode *node = parent != NULL ? json_object_get_member (parent, name) : NULL;
  JsonObject *object;
  guint n = 0;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      malformed (error, "group %s is missing", name);
      return NULL;
    }
  object = json_node_get_object (node);
  for (; members != NULL && members[n] != NULL; n++)
    if (!json_object_has_member (object, members[n]))
      {
        malformed (error, "%s has no %s", name, members[n]);
        return NULL;
      }
  if (members != NULL && json_object_get_size (object) != n)
    {
      malformed (error, "%s has %u members, %u are needed", name,
                 json_object_get_size (object), n);
      return NULL;
    }
  return object;
}

/* One entry of @width numbers for each of @names, no other entries. */
static gboolean
read_named (JsonObject *parent,
            const char *group,
            GPtrArray *names,
            int width,
            double *values,
            GError **error)
{
  JsonObject *object = read_object (parent, group, NULL, error);

  if (object == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    if (!json_object_has_member (object, names->pdata[i]))
      return malformed (error, "%s has no entry for %s", group, (char *)names->pdata[i]);
    else if (!read_numbers (json_object_get_member (object, names->pdata[i]),
                            names->pdata[i], &width, width > 1 ? 1 : 0,
                            values + (gssize)i * width, error))
      return FALSE;
  if (json_object_get_size (object) != names->len)
    return malformed (error, "%s has %u entries, the network has %u", group,
                      json_object_get_size (object), names->len);
  return TRUE;
}

/* How far float32 strays at most, over all networks and some seed words, with room of a
 * factor of three to ten: a file that claims more was altered to let everything pass. */
static const struct
{
  const char *name;
  double most;
  gboolean cam, adam; /* only where the file has these */
} f32err_known[] = {
  { "eval.logits", 1e-3 },
  { "train.loss", 5e-5 },
  { "train.running", 1e-3 },
  { "eval.grads.norms", 0.3 },
  { "eval.grads.norms.median", 0.1 },
  { "eval.grads.probes", 0.3 },
  { "eval.grads.probes.median", 0.1 },
  { "train.grads.norms", 0.2 },
  { "train.grads.norms.median", 0.02 },
  { "train.grads.probes", 0.2 },
  { "train.grads.probes.median", 0.02 },
  { "cam", 1e-3, TRUE, FALSE },
  { "cam_inner", 0.05, TRUE, FALSE },
  { "adam.losses", 0.02, FALSE, TRUE },
};

static gboolean
check_f32err (const Golden *self, GError **error)
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (f32err_known); i++)
    {
      g_autofree char *what = g_strconcat ("f32err ", f32err_known[i].name, NULL);
      double value;

      if ((f32err_known[i].cam && !self->has_cam)
          || (f32err_known[i].adam && !self->has_adam))
        continue;
      n++;
      if (!read_number (json_object_get_member (self->f32err, f32err_known[i].name), what,
                        &value, error))
        return FALSE;
      if (!(value >= 0 && value <= f32err_known[i].most))
        return malformed (error, "%s is %g, float32 strays at most by %g", what, value,
                          f32err_known[i].most);
    }
  return json_object_get_size (self->f32err) == n
         || malformed (error, "f32err has %u entries, %u are needed",
                       json_object_get_size (self->f32err), n);
}

/* Names of parameters and running statistics, and sizes of the maps, from the network
 * itself. */
static gboolean
describe (Golden *self, JsonObject *root, GError **error)
{
  g_auto (NmdNetworkGraph) graph = { NULL };
  double count;

  self->parameters = g_ptr_array_new_with_free_func (g_free);
  self->buffers = g_ptr_array_new_with_free_func (g_free);
  if (!nmd_network_inference (&graph, self->network, N_CLASSES, N_IMAGES, error))
    return FALSE;
  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph.graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph.graph, i);

      if (node->op == NMD_OP_STORE)
        g_ptr_array_add (node->at.trainable ? self->parameters : self->buffers,
                         g_strdup (node->name));
    }
  for (int i = 0; self->has_cam && i < 2; i++)
    {
      NmdNode map = nmd_graph_find (
          graph.graph, cam_layers[i] != NULL ? cam_layers[i] : self->network->cam_layer);
      const NmdShape *shape = &nmd_graph_get (graph.graph, map)->shape;

      self->cam_size[i] = shape->dims[0] * shape->dims[2] * shape->dims[3];
    }
  if (!read_number (json_object_get_member (root, "parameters"), "parameters", &count,
                    error))
    return FALSE;
  if (count != (double)nmd_graph_count_parameters (graph.graph))
    return malformed (error, "parameters is %g, the network has %" G_GINT64_FORMAT, count,
                      nmd_graph_count_parameters (graph.graph));
  return TRUE;
}

static gboolean
read_word (JsonObject *root, const char *name, const char **text, GError **error)
{
  JsonNode *node = json_object_get_member (root, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING
      || *json_node_get_string (node) == '\0')
    return malformed (error, "%s is missing or no text", name);
  *text = json_node_get_string (node);
  return TRUE;
}

static gboolean
read_groups (Golden *self, JsonObject *root, GError **error)
{
  static const char *const of_eval[] = { "logits", "grads", NULL };
  static const char *const of_train[] = { "loss", "grads", "running", NULL };
  static const char *const of_adam[] = { "losses", NULL };
  const int logits[2] = { N_IMAGES, N_CLASSES }, losses[1] = { N_ADAM_STEPS };
  JsonObject *eval = read_object (root, "eval", of_eval, error), *train, *adam;
  Numbers *numbers = &self->numbers;

  if (eval == NULL || (train = read_object (root, "train", of_train, error)) == NULL)
    return FALSE;
  if (!read_numbers (json_object_get_member (eval, "logits"), "eval.logits", logits, 2,
                     numbers->logits, error)
      || !read_number (json_object_get_member (train, "loss"), "train.loss",
                       &numbers->loss, error)
      || !read_named (eval, "grads", self->parameters, 2, (double *)numbers->eval_grads,
                      error)
      || !read_named (train, "grads", self->parameters, 2, (double *)numbers->train_grads,
                      error)
      || !read_named (train, "running", self->buffers, 1, numbers->running, error))
    return FALSE;
  if (self->has_adam
      && ((adam = read_object (root, "adam", of_adam, error)) == NULL
          || !read_numbers (json_object_get_member (adam, "losses"), "adam.losses",
                            losses, 1, numbers->adam, error)))
    return FALSE;
  for (int i = 0; self->has_cam && i < 2; i++)
    {
      const int side = (int)lrint (sqrt (self->cam_size[i] / N_IMAGES));
      const int dims[3] = { N_IMAGES, side, side };

      if (!read_numbers (json_object_get_member (root, cam_names[i]), cam_names[i], dims,
                         3, numbers->cam[i], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
golden_read (Golden *self, JsonParser *parser, GError **error)
{
  JsonNode *node;
  JsonObject *root;
  const char *word = NULL, *model = NULL, *unused = NULL;

  if (!json_parser_load_from_file (parser, self->path, error))
    return FALSE;
  node = json_parser_get_root (parser);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return malformed (error, "the file is no JSON object");
  root = json_node_get_object (node);
  if (!read_word (root, "word", &word, error) || !read_word (root, "model", &model, error)
      || !read_word (root, "torch", &unused, error)
      || !read_word (root, "timm", &unused, error))
    return FALSE;
  self->word = g_strdup (word);
  self->network = nmd_network_find (model, error);
  if (self->network == NULL)
    return FALSE;
  self->has_cam = g_str_equal (model, "nmdassistnet");
  self->has_adam = self->has_cam || g_str_equal (model, "ghostnet");
  if (json_object_get_size (root)
      != 8u + (self->has_cam ? 2 : 0) + (self->has_adam ? 1 : 0))
    return malformed (error, "the file has %u groups, which is not what %s needs",
                      json_object_get_size (root), model);
  if (!describe (self, root, error))
    return FALSE;
  numbers_alloc (&self->numbers, self);
  self->f32err = read_object (root, "f32err", NULL, error);
  return self->f32err != NULL && check_f32err (self, error)
         && read_groups (self, root, error);
}

/* --- the same numbers on a device
 * --------------------------------------------------------- */

static double
fan_scale (const NmdShape *shape, double gain)
{
  return sqrt (gain / (double)(nmd_shape_count (shape) / (gsize)shape->dims[0]));
}

/* The rule of the golden files: *.running_mean 0.1 u, *.running_var 1 + 0.5 |u|, *bias
 * 0.1 u, cls_token and pos_embed 0.02 u, 1-D weights 1 + 0.1 u, 4-D √(6/fan_in) u, 2-D
 * √(3/fan_in) u. */
static void
fill_tensor (const char *name, const NmdShape *shape, const char *stream, float *values)
{
  const gsize n = nmd_shape_count (shape);
  double start = 0, factor = 0.1;
  gboolean absolute = FALSE;

  nmd_random_fill (stream, values, n);
  if (g_str_has_suffix (name, "running_var"))
    {
      start = 1;
      factor = 0.5;
      absolute = TRUE;
    }
  else if (g_str_equal (name, "cls_token") || g_str_equal (name, "pos_embed"))
    factor = 0.02;
  else if (!g_str_has_suffix (name, "running_mean") && !g_str_has_suffix (name, "bias"))
    {
      if (shape->n_dims == 1)
        start = 1;
      else
        factor = fan_scale (shape, shape->n_dims == 4 ? 6 : 3);
    }
  for (gsize i = 0; i < n; i++)
    {
      const double u = (double)values[i];

      values[i] = (float)(start + factor * (absolute ? fabs (u) : u));
    }
}

static NmdWeights *
fill_weights (const Golden *self, const NmdGraph *graph)
{
  NmdWeights *weights = nmd_weights_new ();

  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph, i);
      g_autofree char *stream = NULL;

      if (node->op != NMD_OP_STORE || strchr (node->name, ':') != NULL)
        continue; /* moments start at zero */
      stream = g_strdup_printf ("%s:%s:%s", self->word, self->network->name, node->name);
      fill_tensor (node->name, &node->shape, stream,
                   nmd_weights_add (weights, node->name, &node->shape));
    }
  return weights;
}

/* Σ values·stream, and the norm. */
static Gradient
measure (const Golden *self, const char *name, const float *values, gsize n)
{
  g_autofree char *stream = g_strdup_printf ("%s:probe:%s", self->word, name);
  g_autofree float *probe = g_new (float, n);
  Gradient result = { 0, 0 };

  nmd_random_fill (stream, probe, n);
  for (gsize i = 0; i < n; i++)
    {
      result.norm += (double)values[i] * (double)values[i];
      result.probe += (double)values[i] * (double)probe[i];
    }
  result.norm = sqrt (result.norm);
  return result;
}

static gboolean
write_images (const Golden *self,
              NmdProgram *program,
              const NmdGraph *graph,
              NmdNode images,
              GError **error)
{
  const gsize n = nmd_shape_count (&nmd_graph_get (graph, images)->shape);
  g_autofree char *stream = g_strconcat (self->word, ":input", NULL);
  g_autofree float *values = g_new (float, n);

  nmd_random_fill (stream, values, n);
  return nmd_program_write (program, images, values, error);
}

/* Compiles @graph with its images and the filled weights. */
static NmdProgram *
prepare (const Golden *self,
         NmdSession *session,
         const NmdGraph *graph,
         NmdNode images,
         const GArray *outputs,
         GError **error)
{
  g_autoptr (NmdWeights) weights = fill_weights (self, graph);
  g_autoptr (NmdProgram) program = NULL;
  guint used = 0;

  program = nmd_session_compile (session, graph, (const NmdNode *)outputs->data,
                                 (int)outputs->len, error);
  if (program == NULL || !nmd_session_load (session, weights, &used, error)
      || !write_images (self, program, graph, images, error))
    return NULL;
  g_assert (used == nmd_weights_get_n (weights));
  return g_steal_pointer (&program);
}

static gboolean
read_gradients (const Golden *self,
                NmdProgram *program,
                const NmdGraph *graph,
                const NmdNode *gradients,
                Gradient *out,
                GError **error)
{
  for (guint i = 0; i < self->parameters->len; i++)
    {
      const gsize n = nmd_shape_count (&nmd_graph_get (graph, gradients[i])->shape);
      g_autofree float *values = g_new (float, n);

      if (!nmd_program_read (program, gradients[i], values, error))
        return FALSE;
      out[i] = measure (self, self->parameters->pdata[i], values, n);
    }
  return TRUE;
}

/* Logits, and gradients of Σ (logit 1 − logit 0) with frozen batch norm. */
static gboolean
compute_eval (const Golden *self, NmdSession *session, Numbers *out, GError **error)
{
  const float seeds[N_IMAGES * N_CLASSES] = { -1, 1, -1, 1 };
  const guint n = self->parameters->len;
  const int size = self->network->input_size, dims[4] = { N_IMAGES, 3, size, size };
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (NmdNode));
  g_autofree NmdNode *wanted = g_new (NmdNode, n), *gradients = g_new (NmdNode, n);
  g_autoptr (NmdProgram) program = NULL;
  float logits[N_IMAGES * N_CLASSES];
  NmdNode images, y, seed;

  images = nmd_graph_input (graph, "images", dims, 4);
  y = self->network->build (graph, images, N_CLASSES, NMD_MODE_EVALUATION);
  seed = nmd_graph_input (graph, "seed", (const int[]){ N_IMAGES, N_CLASSES }, 2);
  for (guint i = 0; i < n; i++)
    wanted[i] = nmd_graph_find (graph, self->parameters->pdata[i]);
  if (!nmd_graph_differentiate (graph, y, seed, wanted, (int)n, gradients, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (gradients[i] == NMD_NODE_NONE)
      return malformed (error, "the logits do not depend on %s",
                        (char *)self->parameters->pdata[i]);
  g_array_append_val (outputs, y);
  g_array_append_vals (outputs, gradients, n);
  program = prepare (self, session, graph, images, outputs, error);
  if (program == NULL || !nmd_program_write (program, seed, seeds, error)
      || !nmd_program_run (program, error)
      || !nmd_program_read (program, y, logits, error))
    return FALSE;
  for (int i = 0; i < N_IMAGES * N_CLASSES; i++)
    out->logits[i] = (double)logits[i];
  return read_gradients (self, program, graph, gradients, out->eval_grads, error);
}

/* Grad-CAM of class 1: ReLU (Σ mean gradient · map), not normalised. */
static gboolean
compute_cam (
    const Golden *self, NmdSession *session, int which, Numbers *out, GError **error)
{
  const float seeds[N_IMAGES * N_CLASSES] = { 0, 1, 0, 1 };
  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (NmdNode));
  g_autoptr (NmdProgram) program = NULL;
  g_autofree float *map = NULL, *gradient = NULL;
  const NmdShape *shape;
  gsize count, area;

  if (!nmd_network_grad_cam (&graph, self->network, N_CLASSES, N_IMAGES,
                             cam_layers[which], error))
    return FALSE;
  shape = &nmd_graph_get (graph.graph, graph.map)->shape;
  count = nmd_shape_count (shape);
  area = (gsize)shape->dims[2] * (gsize)shape->dims[3];
  map = g_new (float, count);
  gradient = g_new (float, count);
  g_array_append_val (outputs, graph.map);
  g_array_append_val (outputs, graph.map_gradient);
  program = prepare (self, session, graph.graph, graph.images, outputs, error);
  if (program == NULL || !nmd_program_write (program, graph.seed, seeds, error)
      || !nmd_program_run (program, error)
      || !nmd_program_read (program, graph.map, map, error)
      || !nmd_program_read (program, graph.map_gradient, gradient, error))
    return FALSE;
  for (gsize k = 0; k < count / area; k++)
    {
      double *l = out->cam[which] + k / (gsize)shape->dims[1] * area, alpha = 0;

      for (gsize i = 0; i < area; i++)
        alpha += (double)gradient[k * area + i] / (double)area;
      for (gsize i = 0; i < area; i++)
        l[i] += alpha * (double)map[k * area + i];
    }
  for (int i = 0; i < self->cam_size[which]; i++)
    out->cam[which][i] = out->cam[which][i] < 0 ? 0 : out->cam[which][i];
  return TRUE;
}

/* The files were made without dropout: all values stay as they are. */
static gboolean
write_no_dropout (NmdProgram *program, const NmdNetworkGraph *graph, GError **error)
{
  g_autofree float *ones = NULL;
  gsize n;

  if (graph->dropout == NMD_NODE_NONE)
    return TRUE;
  n = nmd_shape_count (&nmd_graph_get (graph->graph, graph->dropout)->shape);
  ones = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    ones[i] = 1;
  return nmd_program_write (program, graph->dropout, ones, error);
}

/* Classes 0 1 0 1 with label smoothing 0.1, and the share of new running statistics. */
static gboolean
write_targets (NmdProgram *program, const NmdNetworkGraph *graph, GError **error)
{
  static const float targets[N_ADAM_IMAGES * N_CLASSES]
      = { 0.95f, 0.05f, 0.05f, 0.95f, 0.95f, 0.05f, 0.05f, 0.95f };
  static const float share = 0.1f;

  return nmd_program_write (program, graph->targets, targets, error)
         && nmd_program_write (program, graph->share, &share, error)
         && write_no_dropout (program, graph, error);
}

/* Loss, gradients and running statistics of one forward and backward pass in training
 * mode. */
static gboolean
compute_train (const Golden *self, NmdSession *session, Numbers *out, GError **error)
{
  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (NmdNode));
  g_autoptr (NmdProgram) program = NULL;
  float loss;

  if (!nmd_network_training (&graph, self->network, N_CLASSES, N_IMAGES, NULL, error))
    return FALSE;
  for (guint i = 0; i < self->parameters->len; i++)
    {
      g_autofree char *name = g_strconcat ("d:", self->parameters->pdata[i], NULL);
      NmdNode gradient = nmd_graph_find (graph.graph, name);

      if (gradient == NMD_NODE_NONE)
        return malformed (error, "the training graph has no node %s", name);
      g_array_append_val (outputs, gradient);
    }
  g_array_append_val (outputs, graph.loss);
  program = prepare (self, session, graph.graph, graph.images, outputs, error);
  if (program == NULL || !write_targets (program, &graph, error)
      || !nmd_program_run (program, error)
      || !nmd_program_read (program, graph.loss, &loss, error))
    return FALSE;
  out->loss = (double)loss;
  for (guint i = 0; i < self->buffers->len; i++)
    {
      const char *name = self->buffers->pdata[i];
      const gsize n = nmd_shape_count (
          &nmd_graph_get (graph.graph, nmd_graph_find (graph.graph, name))->shape);
      g_autofree float *values = g_new (float, n);
      Gradient got;

      if (!nmd_session_store_read (session, name, values, n, error))
        return FALSE;
      got = measure (self, name, values, n);
      out->running[i] = got.probe;
      out->running_norms[i] = got.norm;
    }
  return read_gradients (self, program, graph.graph, (NmdNode *)outputs->data,
                         out->train_grads, error);
}

static gboolean
compute_adam (const Golden *self, NmdSession *session, Numbers *out, GError **error)
{
  static const float lr = 1e-4f;
  const NmdAdamSettings settings
      = { .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-4, .weight_decay = 1e-5 };
  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (NmdNode));
  g_autoptr (NmdProgram) program = NULL;

  if (!nmd_network_training (&graph, self->network, N_CLASSES, N_ADAM_IMAGES, &settings,
                             error))
    return FALSE;
  g_array_append_val (outputs, graph.loss);
  program = prepare (self, session, graph.graph, graph.images, outputs, error);
  if (program == NULL || !write_targets (program, &graph, error)
      || !nmd_program_write (program, graph.lr, &lr, error))
    return FALSE;
  for (int i = 0; i < N_ADAM_STEPS; i++)
    {
      const float step = (float)(i + 1);
      float loss;

      if (!nmd_program_write (program, graph.step, &step, error)
          || !nmd_program_run (program, error)
          || !nmd_program_read (program, graph.loss, &loss, error))
        return FALSE;
      out->adam[i] = (double)loss;
    }
  return TRUE;
}

static gboolean
compute (const Golden *self, const char *device, Numbers *out, GError **error)
{
  g_autoptr (NmdSession) session = nmd_session_open (device, 0, error);

  if (session == NULL)
    return FALSE;
  numbers_alloc (out, self);
  if (!compute_eval (self, session, out, error))
    return FALSE;
  for (int i = 0; self->has_cam && i < 2; i++)
    if (!compute_cam (self, session, i, out, error))
      return FALSE;
  return compute_train (self, session, out, error)
         && (!self->has_adam || compute_adam (self, session, out, error));
}

/* --- comparing
 * ---------------------------------------------------------------------------- */

/* The lines of one comparison. */
typedef struct
{
  const Golden *golden;
  const char *what;
  gboolean ok;
} Report;

static void
report (Report *self, const char *group, double error, double limit)
{
  const gboolean ok = error <= limit; /* NaN is not */

  self->ok &= ok;
  printf ("%s %s %-26s error %.2e limit %.2e %s\n", self->golden->network->name,
          self->what, group, error, limit, ok ? "ok" : "MISSED");
}

/* The larger one, NaN if either is. */
static double
worse (double a, double b)
{
  return isnan (a) || isnan (b) ? NAN : MAX (a, b);
}

/* Largest difference / largest magnitude. */
static double
distance (const double *got, const double *expected, int n)
{
  double error = 0, scale = 0;

  for (int i = 0; i < n; i++)
    {
      error = worse (error, fabs (got[i] - expected[i]));
      scale = worse (scale, fabs (expected[i]));
    }
  return error / scale;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* Sorts @values. */
static double
median (double *values, guint n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

static double
total_norm (const Gradient *gradients, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += gradients[i].norm * gradients[i].norm;
  return sqrt (sum);
}

/* 3 f32err of @group, at least @least. */
static double
limit_of (const Golden *self, const char *group, double least)
{
  return MAX (least,
              3 * json_node_get_double (json_object_get_member (self->f32err, group)));
}

/* Norms or probes of one mode: the largest error and the median. */
static void
compare_gradients (Report *self,
                   const char *group,
                   const Gradient *got,
                   const Gradient *expected,
                   gboolean probes,
                   double floor,
                   double least,
                   double least_median)
{
  const guint n = self->golden->parameters->len;
  const double base = floor * total_norm (expected, n);
  g_autofree double *errors = g_new (double, n);
  g_autofree char *name = g_strconcat (group, probes ? ".probes" : ".norms", NULL);
  g_autofree char *name_median = g_strconcat (name, ".median", NULL);
  double largest = 0;

  for (guint i = 0; i < n; i++)
    {
      const double difference
          = probes ? got[i].probe - expected[i].probe : got[i].norm - expected[i].norm;

      errors[i] = fabs (difference) / MAX (expected[i].norm, base);
      largest = worse (largest, errors[i]);
    }
  report (self, name, largest, limit_of (self->golden, name, least));
  report (self, name_median, isnan (largest) ? NAN : median (errors, n),
          limit_of (self->golden, name_median, least_median));
}

static void
compare_adam (Report *self, const Numbers *got)
{
  double largest = 0, first = 0;

  for (int i = 0; i < N_ADAM_STEPS; i++)
    {
      const double expected = self->golden->numbers.adam[i];

      largest = worse (largest, fabs (got->adam[i] - expected) / fabs (expected));
      first = i == 0 ? largest : first;
    }
  report (self, "adam.losses.first", first, 1e-4);
  report (self, "adam.losses", largest, 1e-2);
}

/* The tolerances of a float32 engine. */
static gboolean
compare_device (const Golden *golden, const char *device, const Numbers *got)
{
  const Numbers *expected = &golden->numbers;
  Report self = { golden, device, TRUE };
  double running = 0;

  report (&self, "eval.logits",
          distance (got->logits, expected->logits, N_IMAGES * N_CLASSES),
          limit_of (golden, "eval.logits", 1e-4));
  for (int i = 0; i < 2; i++)
    compare_gradients (&self, "eval.grads", got->eval_grads, expected->eval_grads, i == 1,
                       1e-4, 3e-2, 2e-3);
  report (&self, "train.loss", distance (&got->loss, &expected->loss, 1),
          limit_of (golden, "train.loss", 1e-4));
  for (int i = 0; i < 2; i++)
    compare_gradients (&self, "train.grads", got->train_grads, expected->train_grads,
                       i == 1, 1e-2, 1e-2, 1e-3);
  for (guint i = 0; i < golden->buffers->len; i++)
    running = worse (running, fabs (got->running[i] - expected->running[i])
                                  / MAX (1, fabs (expected->running[i])));
  report (&self, "train.running", running, limit_of (golden, "train.running", 1e-3));
  if (golden->has_adam)
    compare_adam (&self, got);
  for (int i = 0; golden->has_cam && i < 2; i++)
    report (&self, cam_names[i],
            distance (got->cam[i], expected->cam[i], golden->cam_size[i]),
            limit_of (golden, cam_names[i], 1e-4));
  return self.ok;
}

/* Every number by itself, on the scale of what it is computed from. */
static double
exact_gradients (const Golden *golden, const Gradient *got, const Gradient *expected)
{
  const guint n = golden->parameters->len;
  const double tiny = 1e-9 * total_norm (got, n);
  double error = 0;

  for (guint i = 0; i < n; i++)
    {
      const double scale = got[i].norm + tiny;

      error = worse (error, fabs (got[i].norm - expected[i].norm) / scale);
      error = worse (error, fabs (got[i].probe - expected[i].probe) / scale);
    }
  return error;
}

static gboolean
compare_exact (const Golden *golden, const Numbers *got)
{
  const Numbers *expected = &golden->numbers;
  Report self = { golden, "exact", TRUE };
  double error = 0;

  report (&self, "eval.logits",
          distance (expected->logits, got->logits, N_IMAGES * N_CLASSES), 1e-6);
  report (&self, "eval.grads",
          exact_gradients (golden, got->eval_grads, expected->eval_grads), 1e-5);
  report (&self, "train.loss", distance (&expected->loss, &got->loss, 1), 1e-6);
  report (&self, "train.grads",
          exact_gradients (golden, got->train_grads, expected->train_grads), 1e-5);
  for (guint i = 0; i < golden->buffers->len; i++)
    error = worse (error,
                   fabs (got->running[i] - expected->running[i]) / got->running_norms[i]);
  report (&self, "train.running", error, 1e-5);
  error = 0;
  for (int i = 0; golden->has_adam && i < N_ADAM_STEPS; i++)
    error = worse (error, fabs (got->adam[i] - expected->adam[i]) / got->adam[i]);
  if (golden->has_adam)
    report (&self, "adam.losses", error, 1e-4);
  for (int i = 0; golden->has_cam && i < 2; i++)
    report (&self, cam_names[i],
            distance (expected->cam[i], got->cam[i], golden->cam_size[i]), 1e-5);
  return self.ok;
}

/* What a device computes for a word and a network, kept for further files about the same.
 */
static Numbers *
compute_once (GHashTable *known, const Golden *golden, const char *device, GError **error)
{
  g_autofree char *key
      = g_strdup_printf ("%s:%s:%s", device, golden->network->name, golden->word);
  Numbers *numbers = g_hash_table_lookup (known, key);

  if (numbers != NULL)
    return numbers;
  numbers = g_new0 (Numbers, 1);
  if (!compute (golden, device, numbers, error))
    {
      numbers_free (numbers);
      return NULL;
    }
  g_hash_table_insert (known, g_steal_pointer (&key), numbers);
  return numbers;
}

static gboolean
check_file (const char *path, const char *device, GHashTable *known)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_auto (Golden) golden = { .path = path };
  const Numbers *exact, *got;
  gboolean ok;

  if (!golden_read (&golden, parser, &error)
      || (exact = compute_once (known, &golden, "reference64", &error)) == NULL
      || (got = compute_once (known, &golden, device, &error)) == NULL)
    {
      printf ("MISSED %s: %s\n", path, error->message);
      return FALSE;
    }
  ok = compare_exact (&golden, exact);
  ok = compare_device (&golden, device, got) && ok;
  printf ("%s %s\n", ok ? "ok" : "MISSED", path);
  return ok;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *device = NULL;
  g_auto (GStrv) files = NULL;
  g_autoptr (GHashTable) known
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, numbers_free);
  gboolean ok = TRUE;
  const GOptionEntry entries[] = {
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, "cpu (default), reference, cuda",
      "NAME" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, "FILE…" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || files == NULL)
    {
      fprintf (stderr, "golden: %s\n",
               error != NULL ? error->message : "no files are given");
      return 2;
    }
  for (int i = 0; files[i] != NULL; i++)
    {
      ok &= check_file (files[i], device != NULL ? device : "cpu", known);
      fflush (stdout);
    }
  return ok ? 0 : 1;
}
