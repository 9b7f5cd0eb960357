/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of a run that finds outlines as a job of the pool. What a measure is, is engine/eval's; nothing is
 * measured here.
 */
#include "ui/session/nmd-run-outlines.h"

#include "engine/core/nmd-json-value.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdRun *run;
  NmdPart part;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  nmd_run_unref (input->run);
  g_free (input);
}

void
nmd_run_outlines_free (NmdRunOutlines *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->table, nmd_outline_table_unref);
  g_free (self->weights);
  g_free (self->device);
  g_strfreev (self->notes);
  g_free (self);
}

/* The results of the wanted part, or of the one that was measured. */
static gboolean
take_part (NmdRunOutlines *self, const NmdJsonValue *top, NmdPart wanted, GError **error)
{
  const char *measured = NULL;
  NmdJsonValue parts, part;

  if (!nmd_json_get_text (top, "part", NMD_JSON_REQUIRED, &measured, error)
      || !nmd_json_get_object (top, "parts", NMD_JSON_REQUIRED, &parts, error))
    return FALSE;
  for (NmdPart i = NMD_PART_TRAIN; i <= NMD_PART_TEST; i++)
    {
      const char *name = nmd_part_get_name (i);
      self->has_part[i] = nmd_json_value_has (&parts, name);
      if (self->has_part[i]
          && (wanted != NMD_PART_NONE ? i == wanted : g_str_equal (name, measured)))
        self->part = i;
    }
  return nmd_json_get_object (&parts,
                              self->part != NMD_PART_NONE ? nmd_part_get_name (self->part)
                                                          : measured,
                              NMD_JSON_REQUIRED, &part, error)
         && nmd_outline_results_from_json (&self->results, &part, error);
}

static gboolean
take_notes (NmdRunOutlines *self, const NmdJsonValue *top, GError **error)
{
  g_autoptr (GStrvBuilder) notes = g_strv_builder_new ();
  g_auto (GStrv) warnings = NULL;
  const char *texts[2] = { NULL, NULL }, *weights = NULL, *device = NULL;

  if (!nmd_json_get_text (top, "caveat", NMD_JSON_OPTIONAL, &texts[0], error)
      || !nmd_json_get_text (top, "note", NMD_JSON_OPTIONAL, &texts[1], error)
      || !nmd_json_get_text (top, "weights", NMD_JSON_OPTIONAL, &weights, error)
      || !nmd_json_get_text (top, "device", NMD_JSON_OPTIONAL, &device, error)
      || !nmd_json_dup_texts (top, "warnings", NMD_JSON_OPTIONAL, &warnings, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i] != NULL)
      g_strv_builder_add (notes, texts[i]);
  if (warnings != NULL)
    g_strv_builder_addv (notes, (const char **)warnings);
  self->notes = g_strv_builder_end (notes);
  self->weights = g_strdup (weights);
  self->device = g_strdup (device);
  return TRUE;
}

static gpointer
read_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  g_autoptr (NmdRunOutlines) self = g_new0 (NmdRunOutlines, 1);
  JsonNode *metrics = nmd_run_get_metrics (input->run);
  g_autofree char *path
      = g_build_filename (nmd_run_get_folder (input->run), "metrics.json", NULL);

  if (metrics == NULL)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, _ ("There is no %s"), path);
      return NULL;
    }
  NmdJsonValue top = nmd_json_value_top (metrics, path);
  if (!take_part (self, &top, input->part, error) || !take_notes (self, &top, error))
    return NULL;
  self->table = nmd_run_load_outlines (input->run, self->part, error);
  return self->table != NULL ? g_steal_pointer (&self) : NULL;
}

NmdJob *
nmd_run_outlines_read (NmdRun *run,
                       NmdPart part,
                       GAsyncReadyCallback done,
                       gpointer user_data)
{
  g_return_val_if_fail (run != NULL, NULL);

  Input *input = g_new0 (Input, 1);
  input->run = nmd_run_ref (run);
  input->part = part;
  return nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Reading results"), read_func, input,
                        input_free, NULL, (GDestroyNotify)nmd_run_outlines_free, done,
                        user_data);
}
