/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads golden files: every group has to be there, with exactly the entries that the network has,
 * all of them finite, and f32err may not claim more than float32 is known to stray.
 */
#include "tests/backend/golden.h"

#include <math.h>

const char *const golden_cam_names[2] = { "cam", "cam_inner" };
const char *const golden_cam_layers[2] = { NULL, "stages.2" };

/* What float32 strays at most is over all networks and some seed words: a file that claims more was
 * altered to let everything pass. */
const GoldenGroup golden_groups[GOLDEN_N_GROUPS] = {
  { "eval.logits", GOLDEN_EVAL, 1e-4, 1e-3, TRUE, TRUE },
  { "eval.grads.norms", GOLDEN_EVAL, 3e-2, 0.3, TRUE, TRUE },
  { "eval.grads.norms.median", GOLDEN_EVAL, 2e-3, 0.1, TRUE, TRUE },
  { "eval.grads.probes", GOLDEN_EVAL, 3e-2, 0.3, TRUE, TRUE },
  { "eval.grads.probes.median", GOLDEN_EVAL, 2e-3, 0.1, TRUE, TRUE },
  { "train.loss", GOLDEN_TRAIN, 1e-4, 5e-5, TRUE, TRUE },
  { "train.grads.norms", GOLDEN_TRAIN, 1e-2, 0.2, TRUE, TRUE },
  { "train.grads.norms.median", GOLDEN_TRAIN, 1e-3, 0.02, TRUE, TRUE },
  { "train.grads.probes", GOLDEN_TRAIN, 1e-2, 0.2, TRUE, TRUE },
  { "train.grads.probes.median", GOLDEN_TRAIN, 1e-3, 0.02, TRUE, TRUE },
  { "train.running", GOLDEN_TRAIN, 1e-3, 1e-3, TRUE, TRUE },
  { "adam.losses.first", GOLDEN_ADAM, 1e-4, 5e-5, FALSE, FALSE },
  { "adam.losses", GOLDEN_ADAM, 1e-2, 0.02, FALSE, TRUE },
  { "cam", GOLDEN_CAM, 1e-4, 1e-3, TRUE, TRUE },
  { "cam_inner", GOLDEN_CAM_INNER, 1e-4, 0.05, TRUE, TRUE },
};

gboolean
golden_has (const Golden *self, GoldenPass pass)
{
  return pass == GOLDEN_ADAM                              ? self->has_adam
         : pass == GOLDEN_CAM || pass == GOLDEN_CAM_INNER ? self->has_cam
                                                          : TRUE;
}

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

void
numbers_free (gpointer numbers)
{
  numbers_clear (numbers);
  g_free (numbers);
}

void
golden_clear (Golden *self)
{
  g_free (self->word);
  g_clear_pointer (&self->parameters, g_ptr_array_unref);
  g_clear_pointer (&self->buffers, g_ptr_array_unref);
  numbers_clear (&self->numbers);
}

void
numbers_alloc (Numbers *self, const Golden *golden)
{
  self->eval_grads = g_new0 (Gradient, golden->parameters->len + 1);
  self->train_grads = g_new0 (Gradient, golden->parameters->len + 1);
  self->running = g_new0 (double, golden->buffers->len + 1);
  self->running_norms = g_new0 (double, golden->buffers->len + 1);
  for (int i = 0; i < 2; i++)
    self->cam[i] = g_new0 (double, golden->cam_size[i] + 1);
}
/* --- reading a file */

gboolean
golden_refuse (GError **error, const char *format, ...)
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
    return golden_refuse (error, "%s is no number", what);
  *value = json_node_get_double (node);
  return isfinite (*value) || golden_refuse (error, "%s is not finite", what);
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
    return golden_refuse (error, "%s is no list", what);
  if (json_array_get_length (json_node_get_array (node)) != (guint)dims[0])
    return golden_refuse (error, "%s has a list of %u, %d are needed", what,
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
      golden_refuse (error, "group %s is missing", name);
      return NULL;
    }
  object = json_node_get_object (node);
  for (; members != NULL && members[n] != NULL; n++)
    if (!json_object_has_member (object, members[n]))
      {
        golden_refuse (error, "%s has no %s", name, members[n]);
        return NULL;
      }
  if (members != NULL && json_object_get_size (object) != n)
    {
      golden_refuse (error, "%s has %u members, %u are needed", name,
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
      return golden_refuse (error, "%s has no entry for %s", group,
                            (char *)names->pdata[i]);
    else if (!read_numbers (json_object_get_member (object, names->pdata[i]),
                            names->pdata[i], &width, width > 1 ? 1 : 0,
                            values + (gssize)i * width, error))
      return FALSE;
  if (json_object_get_size (object) != names->len)
    return golden_refuse (error, "%s has %u entries, the network has %u", group,
                          json_object_get_size (object), names->len);
  return TRUE;
}

static gboolean
check_f32err (const Golden *self, GError **error)
{
  guint n = 0;

  for (guint i = 0; i < GOLDEN_N_GROUPS; i++)
    {
      const GoldenGroup *group = &golden_groups[i];
      g_autofree char *what = g_strconcat ("f32err ", group->name, NULL);
      double value;

      if (!group->stated || !golden_has (self, group->pass))
        continue;
      n++;
      if (!read_number (json_object_get_member (self->f32err, group->name), what, &value,
                        error))
        return FALSE;
      if (!(value >= 0 && value <= group->most))
        return golden_refuse (error, "%s is %g, float32 strays at most by %g", what,
                              value, group->most);
    }
  return json_object_get_size (self->f32err) == n
         || golden_refuse (error, "f32err has %u entries, %u are needed",
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
      NmdNode map = nmd_graph_find (graph.graph, golden_cam_layers[i] != NULL
                                                     ? golden_cam_layers[i]
                                                     : self->network->cam_layer);
      const NmdShape *shape = &nmd_graph_get (graph.graph, map)->shape;

      self->cam_size[i] = shape->dims[0] * shape->dims[2] * shape->dims[3];
    }
  if (!read_number (json_object_get_member (root, "parameters"), "parameters", &count,
                    error))
    return FALSE;
  if (count != (double)nmd_graph_count_parameters (graph.graph))
    return golden_refuse (error, "parameters is %g, the network has %" G_GINT64_FORMAT,
                          count, nmd_graph_count_parameters (graph.graph));
  return TRUE;
}

static gboolean
read_word (JsonObject *root, const char *name, const char **text, GError **error)
{
  JsonNode *node = json_object_get_member (root, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING
      || *json_node_get_string (node) == '\0')
    return golden_refuse (error, "%s is missing or no text", name);
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

      if (!read_numbers (json_object_get_member (root, golden_cam_names[i]),
                         golden_cam_names[i], dims, 3, numbers->cam[i], error))
        return FALSE;
    }
  return TRUE;
}

/* Networks for outlines take images of the file's size. */
static gboolean
read_size (Golden *self, JsonObject *root, GError **error)
{
  double size;

  if (self->network->task != NMD_TASK_SEGMENT)
    return TRUE;
  if (!read_number (json_object_get_member (root, "size"), "size", &size, error))
    return FALSE;
  if (!(size >= 32 && size <= 1024))
    return golden_refuse (error, "size is %g, 32 to 1024 are possible", size);
  self->sized = *self->network;
  self->sized.input_size = (int)size;
  self->network = &self->sized;
  return TRUE;
}

gboolean
golden_read (Golden *self, JsonParser *parser, GError **error)
{
  JsonNode *node;
  JsonObject *root;
  const char *word = NULL, *model = NULL, *unused = NULL;

  if (!json_parser_load_from_file (parser, self->path, error))
    return FALSE;
  node = json_parser_get_root (parser);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return golden_refuse (error, "the file is no JSON object");
  root = json_node_get_object (node);
  if (!read_word (root, "word", &word, error) || !read_word (root, "model", &model, error)
      || !read_word (root, "torch", &unused, error)
      || !read_word (root, "timm", &unused, error))
    return FALSE;
  self->word = g_strdup (word);
  self->network = nmd_network_find (model, error);
  if (self->network == NULL || !read_size (self, root, error))
    return FALSE;
  self->has_cam = g_str_equal (model, "nmdassistnet");
  self->has_adam = self->has_cam || g_str_equal (model, "ghostnet")
                   || g_str_equal (model, "ghostunet");
  if (json_object_get_size (root)
      != 8u + (self->has_cam ? 2 : 0) + (self->has_adam ? 1 : 0)
             + (self->network->task == NMD_TASK_SEGMENT ? 1 : 0))
    return golden_refuse (error, "the file has %u groups, which is not what %s needs",
                          json_object_get_size (root), model);
  if (!describe (self, root, error))
    return FALSE;
  numbers_alloc (&self->numbers, self);
  self->f32err = read_object (root, "f32err", NULL, error);
  return self->f32err != NULL && check_f32err (self, error)
         && read_groups (self, root, error);
}
