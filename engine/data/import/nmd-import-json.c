/* SPDX-License-Identifier: Apache-2.0
 *
 * How a data set is read, as members of a JSON object.
 */
#include "engine/data/import/nmd-import.h"

static const struct
{
  const char *member;
  gsize offset;
  gboolean is_text;
} fields[] = {
#define TEXT(name)                                                                       \
  {                                                                                      \
#name, G_STRUCT_OFFSET(NmdImportSettings, name), TRUE                                \
  }
#define SWITCH(name)                                                                     \
  {                                                                                      \
#name, G_STRUCT_OFFSET(NmdImportSettings, name), FALSE                               \
  }
  TEXT (positive),        TEXT (image_column),   TEXT (mask_column),
  TEXT (subject_column),  TEXT (label_column),   TEXT (masks),
  TEXT (outline_label),   TEXT (mask_value),     SWITCH (separate_masks),
  TEXT (part_column),     TEXT (image_folder),   TEXT (image_pattern),
  SWITCH (fill_contours), SWITCH (invert_masks), SWITCH (drop_stray),
  SWITCH (accept_masks),
};

void
nmd_import_settings_to_json (const NmdImportSettings *self, JsonObject *object)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (!fields[i].is_text)
      json_object_set_boolean_member (object, fields[i].member,
                                      G_STRUCT_MEMBER (gboolean, self, fields[i].offset));
    else if (G_STRUCT_MEMBER (const char *, self, fields[i].offset) != NULL)
      json_object_set_string_member (
          object, fields[i].member,
          G_STRUCT_MEMBER (const char *, self, fields[i].offset));
    else
      json_object_set_null_member (object, fields[i].member);
}

gboolean
nmd_import_settings_from_json (NmdImportSettings *self,
                               const NmdJsonValue *object,
                               GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      const char *text = NULL;

      if (!fields[i].is_text)
        {
          if (!nmd_json_get_boolean (object, fields[i].member, NMD_JSON_OPTIONAL,
                                     &G_STRUCT_MEMBER (gboolean, self, fields[i].offset),
                                     error))
            return FALSE;
          continue;
        }
      if (!nmd_json_get_text (object, fields[i].member, NMD_JSON_OPTIONAL, &text, error))
        return FALSE;
      G_STRUCT_MEMBER (const char *, self, fields[i].offset) = g_strdup (text);
    }
  return TRUE;
}
