/* SPDX-License-Identifier: Apache-2.0
 *
 * Which classes a score leaves, and limits as JSON.
 */
#include "config.h"

#include "engine/model/nmd-conformal.h"

#include <math.h>

NmdCall
nmd_conformal_call (const NmdConformal *self, double score)
{
  gboolean negative, positive;

  g_return_val_if_fail (self != NULL, NMD_CALL_NO_PROMISE);
  if (!(self->level > 0) || isnan (self->limit[0]) || isnan (self->limit[1])
      || isnan (score))
    return NMD_CALL_NO_PROMISE;
  negative = score <= self->limit[0];
  positive = 1 - score <= self->limit[1];
  if (negative && positive)
    return NMD_CALL_BOTH;
  return positive ? NMD_CALL_POSITIVE : negative ? NMD_CALL_NEGATIVE : NMD_CALL_NEITHER;
}

gboolean
nmd_call_is_open (NmdCall call)
{
  return call == NMD_CALL_BOTH || call == NMD_CALL_NEITHER;
}

char *
nmd_conformal_get_open (const NmdConformal *self, NmdCall call)
{
  g_return_val_if_fail (self != NULL, NULL);
  if (!nmd_call_is_open (call))
    return NULL;
  return g_strdup_printf (
      call == NMD_CALL_BOTH ? "Cannot be judged: the score allows both classes at %.0f %%"
                            : "Cannot be judged: the score is unlike those of both "
                              "classes at %.0f %%",
      100 * self->level);
}

JsonNode *
nmd_conformal_to_json (const NmdConformal *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  g_return_val_if_fail (self != NULL, NULL);
  nmd_json_set_number (object, "level", self->level);
  nmd_json_set_number (object, "limit_negative", self->limit[0]);
  nmd_json_set_number (object, "limit_positive", self->limit[1]);
  json_object_set_int_member (object, "n_negative_subjects", self->n_subjects[0]);
  json_object_set_int_member (object, "n_positive_subjects", self->n_subjects[1]);
  json_object_set_string_member (object, "weights", self->weights);
  json_node_take_object (node, object);
  return node;
}

gboolean
nmd_conformal_from_json (NmdConformal *self, const NmdJsonValue *value, GError **error)
{
  gint64 n[2] = { 0, 0 };
  const char *weights = "";

  g_return_val_if_fail (self != NULL && value != NULL, FALSE);
  *self = (NmdConformal){ .limit = { NAN, NAN } };
  if (value->node == NULL)
    return TRUE;
  if (!nmd_json_get_number (value, "level", NMD_JSON_REQUIRED, 0, 1, &self->level, error)
      || !nmd_json_get_number (value, "limit_negative", NMD_JSON_OPTIONAL, 0, 1,
                               &self->limit[0], error)
      || !nmd_json_get_number (value, "limit_positive", NMD_JSON_OPTIONAL, 0, 1,
                               &self->limit[1], error)
      || !nmd_json_get_int (value, "n_negative_subjects", NMD_JSON_REQUIRED, 0, G_MAXINT,
                            &n[0], error)
      || !nmd_json_get_int (value, "n_positive_subjects", NMD_JSON_REQUIRED, 0, G_MAXINT,
                            &n[1], error)
      || !nmd_json_get_text (value, "weights", NMD_JSON_REQUIRED, &weights, error))
    return FALSE;
  for (int label = 0; label < 2; label++)
    self->n_subjects[label] = (guint)n[label];
  g_strlcpy (self->weights, weights, sizeof self->weights);
  return TRUE;
}
