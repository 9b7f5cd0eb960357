/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings of an import in a line.
 */
#include "ui/session/nmd-findings.h"

#include "engine/data/import/nmd-import.h"

#include <glib/gi18n.h>

static void
append_doubtful (GString *text, guint n)
{
  if (n > 0)
    g_string_append_printf (
        text, ngettext (" · %u doubtful mask", " · %u doubtful masks", n), n);
}

static char *
to_text (const NmdImportCounts *counts)
{
  GString *text = g_string_new (NULL);

  if (counts->n_left_out > 0)
    g_string_append_printf (
        text,
        ngettext (" · %u file left out", " · %u files left out", counts->n_left_out),
        counts->n_left_out);
  if (counts->n_whole_frame > 0)
    g_string_append_printf (text,
                            ngettext (" · %u image without mask: whole frame",
                                      " · %u images without mask: whole frame",
                                      counts->n_whole_frame),
                            counts->n_whole_frame);
  append_doubtful (text, counts->n_doubtful);
  if (counts->n_label_conflict > 0)
    g_string_append_printf (text,
                            ngettext (" · %u picture with both labels",
                                      " · %u pictures with both labels",
                                      counts->n_label_conflict),
                            counts->n_label_conflict);
  return g_string_free (text, FALSE);
}

char *
nmd_findings_of_dataset (NmdDataset *dataset)
{
  NmdImportCounts counts;

  g_return_val_if_fail (dataset != NULL, NULL);
  nmd_dataset_get_import_counts (dataset, &counts);

  g_autofree char *text = to_text (&counts);
  const guint n = nmd_dataset_get_n (dataset);
  if (n > 1 && nmd_dataset_count_subjects (dataset) == n)
    return g_strconcat (text, _ (" · each image is its own subject"), NULL);
  return g_steal_pointer (&text);
}

char *
nmd_findings_of_masks (NmdDataset *dataset)
{
  GString *text = g_string_new (NULL);
  NmdImportCounts counts;

  g_return_val_if_fail (dataset != NULL, NULL);
  nmd_dataset_get_import_counts (dataset, &counts);
  append_doubtful (text, counts.n_doubtful);
  return g_string_free (text, FALSE);
}

char *
nmd_findings_of_run (const NmdRun *run)
{
  JsonNode *node = nmd_run_get_metrics (run);
  JsonNode *member = NULL;

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    member = json_object_get_member (json_node_get_object (node), "import");
  if (member == NULL || !JSON_NODE_HOLDS_OBJECT (member))
    return g_strdup ("");
  /* The run has been checked: the members are whole numbers from 0 on, and there but for those that came later. */
  JsonObject *import = json_node_get_object (member);
  const gboolean knows_doubts = json_object_has_member (import, "doubtful_masks");
  const NmdImportCounts counts = {
    .n_left_out = (guint)json_object_get_int_member (import, "left_out"),
    .n_whole_frame = nmd_run_get_task (run) == NMD_TASK_CLASSIFY
                         ? (guint)json_object_get_int_member (import, "whole_frame")
                         : 0,
    .n_doubtful
    = knows_doubts ? (guint)json_object_get_int_member (import, "doubtful_masks") : 0,
    .n_label_conflict = (guint)json_object_get_int_member (import, "label_conflict"),
  };
  return to_text (&counts);
}
