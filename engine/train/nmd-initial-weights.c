/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting weights from a file or a run: read, compared with the network, recorded. What fits is
 * nmd-transfer.c's to say, the record in words nmd-initial-record.c's.
 */
#include "engine/train/nmd-initial-weights-private.h"
#include "engine/core/nmd-file.h"
#include "engine/train/nmd-initial-record-private.h"
#include "engine/train/nmd-learner-private.h"
#include "engine/train/nmd-run-private.h"

#include <glib/gi18n-lib.h>

static void
set_names (JsonObject *object, const char *member, const GPtrArray *names, guint most)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < MIN (names->len, most); i++)
    json_array_add_string_element (list, names->pdata[i]);
  json_object_set_array_member (object, member, list);
}

/* Where the weights come from: a file, or the one that a run scores with. */
typedef struct
{
  char *file;
  NmdRun *run;       /* NULL: a file */
  const char *which; /* of the run's weights; static */
} Source;

static void
source_clear (Source *self)
{
  g_clear_pointer (&self->file, g_free);
  g_clear_pointer (&self->run, nmd_run_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Source, source_clear)

static gboolean
source_open (Source *self, const char *path, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      self->file = g_strdup (path);
      return TRUE;
    }
  self->run = nmd_run_open (path, error);
  self->file = self->run != NULL
                   ? nmd_run_find_weights (self->run, NULL, &self->which, error)
                   : NULL;
  return self->file != NULL;
}

static JsonNode *
make_record (const NmdTransfer *transfer, const Source *source, const char *sha256)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *full = g_canonicalize_filename (source->file, NULL);
  g_autofree char *shown = g_filename_display_name (full);
  g_autofree char *folder = g_path_get_dirname (shown);

  json_object_set_string_member (object, "file", shown);
  if (source->run != NULL)
    {
      json_object_set_string_member (object, "run", folder);
      json_object_set_string_member (object, "weights", source->which);
      json_object_set_string_member (object, "network",
                                     nmd_run_get_network (source->run)->name);
    }
  json_object_set_string_member (object, "sha256", sha256);
  json_object_set_int_member (object, "used", transfer->n_used);
  json_object_set_int_member (object, "tensors", transfer->n_tensors);
  json_object_set_int_member (object, "classes", transfer->n_classes);
  if (*transfer->prefix != '\0')
    json_object_set_string_member (object, "prefix", transfer->prefix);
  set_names (object, "left_out", transfer->left_out, G_MAXUINT);
  set_names (object, "missing", transfer->missing, G_MAXUINT);
  json_object_set_int_member (object, "unknown_count", transfer->unknown->len);
  set_names (object, "unknown", transfer->unknown, NMD_INITIAL_MOST);
  set_names (object, "converted", transfer->converted, G_MAXUINT);
  json_node_take_object (node, object);
  return node;
}

NmdWeights *
nmd_initial_load (const char *path,
                  const NmdNetwork *network,
                  int n_classes,
                  guint64 seed,
                  JsonNode **record,
                  GCancellable *cancellable,
                  GError **error)
{
  g_auto (Source) source = { 0 };
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (NmdTransfer) transfer = NULL;
  g_autoptr (NmdWeights) file = NULL, weights = NULL;
  g_autofree char *sha256 = NULL;

  if (!source_open (&source, path, error)
      || (entries = nmd_weights_list (source.file, NULL, error)) == NULL)
    return NULL;
  transfer = nmd_transfer_new (entries, source.file, network, n_classes, error);
  if (transfer == NULL)
    return NULL;
  sha256 = nmd_file_sha256 (source.file, cancellable, error);
  if (sha256 == NULL)
    return NULL;
  file = nmd_weights_load (source.file, error);
  if (file == NULL)
    return NULL;
  weights = nmd_network_init (network, n_classes, seed);
  if (nmd_transfer_apply (transfer, file, weights) != transfer->n_used)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED,
                   _ ("Weights file %s changed while it was read"), source.file);
      return NULL;
    }
  *record = make_record (transfer, &source, sha256);
  return g_steal_pointer (&weights);
}

/* How the weights in @path would fit @network, "358 of 360 tensors fit". */
char *
nmd_initial_check (const char *path, const NmdNetwork *network, GError **error)
{
  g_auto (Source) source = { 0 };
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (NmdTransfer) transfer = NULL;

  if (!source_open (&source, path, error)
      || (entries = nmd_weights_list (source.file, NULL, error)) == NULL)
    return NULL;
  transfer = nmd_transfer_new (entries, source.file, network, NMD_N_CLASSES, error);
  return transfer != NULL ? g_strdup_printf ("%u of %u tensors fit", transfer->n_used,
                                             transfer->n_tensors)
                          : NULL;
}
