/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks what a run says of the import of its data set.
 */
#include "config.h"

#include "engine/train/nmd-run-private.h"

/* The files that an import left out: path and reason. */
static gboolean
check_left_out (const NmdJsonValue *findings, GError **error)
{
  NmdJsonValue files;
  const char *text;
  guint n;

  if (!nmd_json_get_array (findings, "left_out_files", NMD_JSON_REQUIRED, &files, &n,
                           error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue file = nmd_json_value_element (&files, i);

      if (!nmd_json_get_text (&file, "path", NMD_JSON_REQUIRED, &text, error)
          || !nmd_json_get_text (&file, "reason", NMD_JSON_REQUIRED, &text, error))
        return FALSE;
    }
  return TRUE;
}

/* How images found their masks: rule, images, images with several. Runs of before say nothing of it. */
static gboolean
check_mask_rules (const NmdJsonValue *findings, GError **error)
{
  NmdJsonValue rules;
  const char *text;
  gint64 count;
  guint n;

  if (!nmd_json_get_array (findings, "mask_rules", NMD_JSON_OPTIONAL, &rules, &n, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue rule = nmd_json_value_element (&rules, i);

      if (!nmd_json_get_text (&rule, "rule", NMD_JSON_REQUIRED, &text, error)
          || !nmd_json_get_int (&rule, "images", NMD_JSON_REQUIRED, 0, G_MAXINT, &count,
                                error)
          || !nmd_json_get_int (&rule, "several", NMD_JSON_REQUIRED, 0, G_MAXINT, &count,
                                error))
        return FALSE;
    }
  return TRUE;
}

/* Members that came later, which runs of before lack: names where they are called so, else counts. */
static gboolean
check_later (const NmdJsonValue *findings, GError **error)
{
  JsonObject *object = json_node_get_object (findings->node);
  JsonObjectIter iter;
  const char *member;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, NULL))
    {
      g_auto (GStrv) names = NULL;
      gint64 count;

      if (g_str_equal (member, "left_out_files") || g_str_equal (member, "mask_rules"))
        continue;
      if (g_str_has_suffix (member, "_images")
              ? !nmd_json_dup_texts (findings, member, NMD_JSON_REQUIRED, &names, error)
              : !nmd_json_get_int (findings, member, NMD_JSON_REQUIRED, 0, G_MAXINT64,
                                   &count, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
nmd_run_check_import (const NmdJsonValue *top, JsonNode **node, GError **error)
{
  static const char *const counts[]
      = { "images",         "subjects",   "left_out",    "unreadable", "size_mismatch",
          "no_mask",        "empty_mask", "whole_frame", "duplicate",  "label_conflict",
          "mixed_subjects", "coloured",   "lossy" };
  static const char *const lists[] = { "no_mask_images", "empty_mask_images",
                                       "duplicate_images", "label_conflict_images" };
  NmdJsonValue object;
  gint64 count;

  if (!nmd_json_get_object (top, "import", NMD_JSON_OPTIONAL, &object, error))
    return FALSE;
  if (node != NULL)
    *node = object.node;
  if (object.node == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    if (!nmd_json_get_int (&object, counts[i], NMD_JSON_REQUIRED, 0, G_MAXINT, &count,
                           error))
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_auto (GStrv) names = NULL;

      if (!nmd_json_dup_texts (&object, lists[i], NMD_JSON_REQUIRED, &names, error))
        return FALSE;
    }
  return check_left_out (&object, error) && check_mask_rules (&object, error)
         && check_later (&object, error);
}
