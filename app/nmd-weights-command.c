/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd weights`: what is in a safetensors file or a run's, which of our networks takes it, and that
 * network as a PyTorch module.
 */
#include "app/nmd-command.h"

#include "app/nmd-output-guard.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/nn/nmd-onnx.h"
#include "engine/nn/nmd-pytorch.h"
#include "engine/nn/nmd-transfer.h"
#include "engine/train/nmd-run.h"

#include <stdio.h>
#include <string.h>

/* What all tensors have together. */
typedef struct
{
  gint64 count, bytes;
} Totals;

static Totals
add_up (const GPtrArray *entries)
{
  Totals totals = { 0, 0 };

  for (guint i = 0; i < entries->len; i++)
    {
      const NmdWeightsEntry *entry = entries->pdata[i];

      totals.count += entry->count;
      totals.bytes += entry->bytes;
    }
  return totals;
}

/* Width on the screen: letters, not bytes. */
static int
padding (const char *text, int width)
{
  return MAX (width - (int)g_utf8_strlen (text, -1), 0);
}

static void
print_table (const char *path, const GPtrArray *entries, const NmdTransfer *fits)
{
  const Totals totals = add_up (entries);
  g_autofree char *size = g_format_size ((guint64)totals.bytes);
  int width = 4;

  for (guint i = 0; i < entries->len; i++)
    {
      const NmdWeightsEntry *entry = entries->pdata[i];

      width = MAX (width, MIN (60, (int)g_utf8_strlen (entry->name, -1)));
    }
  printf ("%-*s  %-5s %12s  shape\n", width, "name", "dtype", "values");
  for (guint i = 0; i < entries->len; i++)
    {
      const NmdWeightsEntry *entry = entries->pdata[i];
      g_autofree char *shape = nmd_weights_entry_shape (entry);
      const char *name = nmd_command_shown (entry->name);

      printf ("%s%*s  %-5s %12" G_GINT64_FORMAT "  %s\n", name, padding (name, width), "",
              entry->dtype, entry->count, entry->n_dims == 0 ? "one value" : shape);
    }
  printf ("\n%s: %u tensors, %" G_GINT64_FORMAT " values, %s\n", path, entries->len,
          totals.count, size);
  if (fits == NULL)
    printf ("fits none of the networks\n");
  else if (fits->n_classes > 0)
    printf ("fits %s, %d classes\n", fits->network->name, fits->n_classes);
  else
    printf ("fits %s, without its classifier\n", fits->network->name);
  if (fits != NULL && *fits->prefix != '\0')
    printf ("names are read without “%s”\n", fits->prefix);
  if (fits != NULL && fits->unknown->len > 0)
    printf ("%u of the tensors are not %s's\n", fits->unknown->len, fits->network->title);
}

static void
add_tensors (JsonBuilder *builder, const GPtrArray *entries)
{
  json_builder_set_member_name (builder, "tensors");
  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    {
      const NmdWeightsEntry *entry = entries->pdata[i];

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "name");
      json_builder_add_string_value (builder, nmd_command_shown (entry->name));
      json_builder_set_member_name (builder, "dtype");
      json_builder_add_string_value (builder, entry->dtype);
      json_builder_set_member_name (builder, "shape");
      json_builder_begin_array (builder);
      for (int d = 0; d < entry->n_dims; d++)
        json_builder_add_int_value (builder, entry->dims[d]);
      json_builder_end_array (builder);
      json_builder_set_member_name (builder, "values");
      json_builder_add_int_value (builder, entry->count);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_meta (JsonBuilder *builder, const NmdWeights *meta)
{
  g_auto (GStrv) keys = nmd_weights_list_meta (meta);

  json_builder_set_member_name (builder, "metadata");
  json_builder_begin_object (builder);
  for (guint i = 0; keys[i] != NULL; i++)
    {
      json_builder_set_member_name (builder, nmd_command_shown (keys[i]));
      json_builder_add_string_value (
          builder, nmd_command_shown (nmd_weights_get_meta (meta, keys[i])));
    }
  json_builder_end_object (builder);
}

static void
print_json (const char *path,
            const GPtrArray *entries,
            const NmdWeights *meta,
            const NmdTransfer *fits)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const Totals totals = add_up (entries);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "file");
  json_builder_add_string_value (builder, path);
  json_builder_set_member_name (builder, "values");
  json_builder_add_int_value (builder, totals.count);
  json_builder_set_member_name (builder, "bytes");
  json_builder_add_int_value (builder, totals.bytes);
  json_builder_set_member_name (builder, "fits");
  if (fits == NULL)
    json_builder_add_null_value (builder);
  else
    {
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "network");
      json_builder_add_string_value (builder, fits->network->name);
      json_builder_set_member_name (builder, "classes");
      if (fits->n_classes > 0)
        json_builder_add_int_value (builder, fits->n_classes);
      else
        json_builder_add_null_value (builder);
      json_builder_set_member_name (builder, "prefix");
      json_builder_add_string_value (builder, fits->prefix);
      json_builder_set_member_name (builder, "used");
      json_builder_add_int_value (builder, fits->n_used);
      json_builder_set_member_name (builder, "not_of_the_network");
      json_builder_add_int_value (builder, fits->unknown->len);
      json_builder_end_object (builder);
    }
  add_meta (builder, meta);
  add_tensors (builder, entries);
  json_builder_end_object (builder);
  nmd_command_print_json (json_builder_get_root (builder));
}

/* What the command works on: a weights file, and the run that it is of. */
typedef struct
{
  NmdRun *run; /* NULL: PATH is a file */
  NmdModel *model;
  char *file;
} Subject;

static void
subject_clear (Subject *self)
{
  g_clear_pointer (&self->run, nmd_run_unref);
  g_clear_pointer (&self->model, nmd_model_unref);
  g_free (self->file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Subject, subject_clear)

/* @path is a weights file, or a run folder, of which the weights that it scores with are taken. */
static gboolean
subject_open (Subject *self, const char *path, GError **error)
{
  g_autofree char *name = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      self->file = g_strdup (path);
      return TRUE;
    }
  self->run = nmd_run_open (path, error);
  self->model = self->run != NULL ? nmd_run_load_model (self->run, NULL, error) : NULL;
  if (self->model == NULL)
    return FALSE;
  name = g_strconcat (nmd_model_get_which (self->model), ".safetensors", NULL);
  self->file = g_build_filename (path, name, NULL);
  return TRUE;
}

/* Writes the module that @subject's file is a state dict of. */
static gboolean
write_module (const Subject *subject,
              const NmdTransfer *fits,
              const char *path,
              GError **error)
{
  NmdPytorchSettings settings = { 0 };
  g_autofree char *text = NULL;

  if (fits == NULL || (fits->n_classes < 2 && fits->network->task == NMD_TASK_CLASSIFY))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   fits == NULL
                       ? "Weights file %s fits none of the networks: no module to write"
                       : "Weights file %s has no classifier: no module to write",
                   nmd_command_shown (subject->file));
      return FALSE;
    }
  settings.network = fits->network;
  settings.n_classes = fits->n_classes;
  settings.prefix = fits->prefix;
  if (subject->run != NULL)
    {
      const NmdPassport *passport = nmd_run_get_passport (subject->run);

      settings.parameters = nmd_run_get_parameters (subject->run);
      settings.classes[0] = passport->classes[0];
      settings.classes[1] = passport->classes[1];
    }
  text = nmd_pytorch_write (&settings, error);
  return text != NULL && nmd_file_write_text (path, text, error);
}

/* Writes the network with its weights as an ONNX file. */
static gboolean
write_onnx (const Subject *subject,
            const NmdTransfer *fits,
            const char *path,
            GError **error)
{
  const NmdPassport *passport
      = subject->run != NULL ? nmd_run_get_passport (subject->run) : NULL;
  g_autoptr (JsonNode) node = passport != NULL ? nmd_passport_to_json (passport) : NULL;
  g_autofree char *text = node != NULL ? nmd_json_to_text (node) : NULL;
  g_autoptr (NmdWeights) weights = NULL;
  g_autoptr (GBytes) bytes = NULL;
  NmdOnnxSettings settings = { .passport = text };

  if (fits == NULL || fits->n_classes < 2)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "Weights file %s fits no network that classifies: no ONNX file to "
                   "write",
                   nmd_command_shown (subject->file));
      return FALSE;
    }
  settings.weights = weights = nmd_weights_load (subject->file, error);
  if (weights == NULL)
    return FALSE;
  settings.network = fits->network;
  settings.n_classes = fits->n_classes;
  if (subject->run != NULL)
    {
      settings.classes[0] = passport->classes[0];
      settings.classes[1] = passport->classes[1];
      settings.parameters = nmd_run_get_parameters (subject->run);
    }
  bytes = nmd_onnx_write (&settings, error);
  return bytes != NULL
         && nmd_file_write (path, g_bytes_get_data (bytes, NULL),
                            g_bytes_get_size (bytes), error);
}

/* Neither may be the weights file, a file of the run, or the other one. */
static gboolean
check_outputs (const Subject *subject,
               const char *onnx,
               const char *module,
               GError **error)
{
  g_auto (NmdOutputGuard) guard = { NULL };

  if (subject->run != NULL)
    nmd_output_guard_add_run (&guard, nmd_run_get_folder (subject->run));
  nmd_output_guard_add (&guard, subject->file);
  return nmd_output_guard_check (&guard, onnx, error)
         && nmd_output_guard_check (&guard, module, error);
}

/* What was written, of @onnx and @module those that are given. */
static void
print_written (const Subject *subject,
               const NmdTransfer *fits,
               const char *onnx,
               const char *module)
{
  JsonObject *object = NULL;
  JsonNode *node = NULL;

  if (!nmd_command_wants_json ())
    {
      if (onnx != NULL)
        printf ("%s: %s with its weights as an ONNX file\n", nmd_command_shown (onnx),
                fits->network->title);
      if (module != NULL)
        {
          printf ("%s: %s as a PyTorch module; ", nmd_command_shown (module),
                  fits->network->title);
          printf ("its weights are %s\n", nmd_command_shown (subject->file));
        }
      return;
    }
  object = json_object_new ();
  node = json_node_new (JSON_NODE_OBJECT);
  if (onnx != NULL)
    nmd_json_set_text (object, "onnx", onnx);
  if (module != NULL)
    nmd_json_set_text (object, "pytorch", module);
  nmd_json_set_text (object, "network", fits->network->name);
  nmd_json_set_text (object, "weights", subject->file);
  json_node_take_object (node, object);
  nmd_command_print_json (node);
}

int
nmd_command_weights (int argc, char **argv)
{
  g_autofree char *module = NULL, *onnx = NULL, *shown = NULL;
  const GOptionEntry options[] = {
    { "onnx", 0, 0, G_OPTION_ARG_FILENAME, &onnx,
      "Write the network with its weights and preprocessing as an ONNX file",
      "FILE.onnx" },
    { "pytorch", 0, 0, G_OPTION_ARG_FILENAME, &module,
      "Write the network as a PyTorch module that takes these weights", "FILE.py" },
    { NULL },
  };
  g_autoptr (NmdWeights) meta = nmd_weights_new ();
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (NmdTransfer) fits = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Subject) subject = { NULL };
  int status = 0;

  if (!nmd_command_parse ("weights", options, &argc, &argv, 1, 1, &status))
    return status;
  if (!subject_open (&subject, argv[1], &error))
    return nmd_command_fail (error);
  entries = nmd_weights_list (subject.file, meta, &error);
  if (entries == NULL)
    return nmd_command_fail (error);
  fits = nmd_transfer_find (entries);
  if (!check_outputs (&subject, onnx, module, &error)
      || (onnx != NULL && !write_onnx (&subject, fits, onnx, &error))
      || (module != NULL && !write_module (&subject, fits, module, &error)))
    return nmd_command_fail (error);
  if (onnx != NULL || module != NULL)
    {
      print_written (&subject, fits, onnx, module);
      return NMD_EXIT_DONE;
    }
  shown = g_strdup (nmd_command_shown (subject.file));
  if (nmd_command_wants_json ())
    print_json (shown, entries, meta, fits);
  else
    print_table (shown, entries, fits);
  return NMD_EXIT_DONE;
}
