/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of simulated users as JSON and back.
 */
#include "engine/eval/nmd-outline-shown.h"

#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-outline-summary-private.h"

JsonObject *
nmd_shown_to_json (const NmdShownInfo *info, const NmdOutlineResults *results)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", info->name);
  json_object_set_boolean_member (object, "box", info->has_box);
  json_object_set_int_member (object, "clicks", info->n_clicks);
  json_object_set_int_member (object, "n_images", results->n_images);
  json_object_set_int_member (object, "n_subjects", results->n_subjects);
  json_object_set_object_member (
      object, "dice", nmd_outline_summary_to_json (&results->measures[NMD_OUTLINE_DICE]));
  json_object_set_object_member (
      object, "iou", nmd_outline_summary_to_json (&results->measures[NMD_OUTLINE_IOU]));
  json_object_set_int_member (object, "n_failures", results->n_failures);
  json_object_set_int_member (object, "n_no_outline", results->n_no_outline);
  return object;
}

static gboolean
stage_from_json (NmdShownResults *self,
                 const NmdShownInfo *info,
                 const NmdJsonValue *stage,
                 GError **error)
{
  const char *name = NULL;

  if (!nmd_json_get_text (stage, "name", NMD_JSON_REQUIRED, &name, error))
    return FALSE;
  if (!g_str_equal (name, info->name))
    return nmd_json_value_refuse (stage, "name", error, "is “%s”, not %s", name,
                                  info->name);
  return nmd_json_get_count (stage, "n_images", &self->n_images, error)
         && nmd_json_get_count (stage, "n_subjects", &self->n_subjects, error)
         && nmd_json_get_count (stage, "n_failures", &self->n_failures, error)
         && nmd_json_get_count (stage, "n_no_outline", &self->n_no_outline, error)
         && nmd_outline_summary_from_json (&self->dice, stage, "dice", error)
         && nmd_outline_summary_from_json (&self->iou, stage, "iou", error);
}

gboolean
nmd_shown_from_json (NmdShownResults results[NMD_N_SHOWN],
                     const NmdJsonValue *prompts,
                     GError **error)
{
  NmdJsonValue stages;
  guint n = 0;

  if (!nmd_json_get_array (prompts, "stages", NMD_JSON_REQUIRED, &stages, &n, error))
    return FALSE;
  if (n != NMD_N_SHOWN)
    return nmd_json_value_refuse (prompts, "stages", error,
                                  "has %u elements: %d expected", n, NMD_N_SHOWN);
  for (guint i = 0; i < n; i++)
    {
      const NmdJsonValue stage = nmd_json_value_element (&stages, i);

      results[i] = (NmdShownResults){ 0 };
      if (!stage_from_json (&results[i], &nmd_shown[i], &stage, error))
        return FALSE;
    }
  return TRUE;
}
