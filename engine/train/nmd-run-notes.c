/* SPDX-License-Identifier: Apache-2.0
 *
 * Title, tags and note of a run.
 */
#include "engine/train/nmd-run-notes.h"

NmdRunNotes *
nmd_run_notes_new (const char *title, const char *note, const char *const *tags)
{
  NmdRunNotes *self = g_new0 (NmdRunNotes, 1);
  g_autoptr (GStrvBuilder) kept = g_strv_builder_new ();
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  self->title = g_strstrip (g_strdup (title != NULL ? title : ""));
  self->note = g_strstrip (g_strdup (note != NULL ? note : ""));
  for (gsize i = 0; tags != NULL && tags[i] != NULL; i++)
    {
      char *tag = g_strstrip (g_strdup (tags[i]));

      if (*tag != '\0' && !g_hash_table_contains (seen, tag))
        {
          g_strv_builder_add (kept, tag);
          g_hash_table_add (seen, tag);
        }
      else
        g_free (tag);
    }
  self->tags = g_strv_builder_end (kept);
  return self;
}

void
nmd_run_notes_free (NmdRunNotes *self)
{
  if (self == NULL)
    return;
  g_free (self->title);
  g_free (self->note);
  g_strfreev (self->tags);
  g_free (self);
}

gboolean
nmd_run_notes_is_empty (const NmdRunNotes *self)
{
  g_return_val_if_fail (self != NULL, TRUE);
  return *self->title == '\0' && *self->note == '\0' && self->tags[0] == NULL;
}

char **
nmd_run_notes_split (const char *tags)
{
  g_return_val_if_fail (tags != NULL, NULL);
  return g_strsplit (tags, ",", -1);
}

NmdRunNotes *
nmd_run_notes_load (const char *folder, GError **error)
{
  g_return_val_if_fail (folder != NULL, NULL);

  g_autofree char *path = g_build_filename (folder, NMD_RUN_NOTES, NULL);
  g_autofree char *title = NULL, *note = NULL;
  g_auto (GStrv) tags = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return nmd_run_notes_new (NULL, NULL, NULL);
  g_autoptr (JsonNode) node = nmd_json_load (path, error);
  if (node == NULL)
    return NULL;
  NmdJsonValue top = nmd_json_value_top (node, path);
  if (!nmd_json_dup_text (&top, "title", NMD_JSON_OPTIONAL, &title, error)
      || !nmd_json_dup_text (&top, "note", NMD_JSON_OPTIONAL, &note, error)
      || !nmd_json_dup_texts (&top, "tags", NMD_JSON_OPTIONAL, &tags, error))
    return NULL;
  return nmd_run_notes_new (title, note, (const char *const *)tags);
}

static gboolean
check_length (const char *what, const char *text, glong most, GError **error)
{
  const glong n = g_utf8_strlen (text, -1);

  if (n <= most)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "The %s of a run has %ld characters, at most %ld are kept", what, n, most);
  return FALSE;
}

static gboolean
check (const NmdRunNotes *self, GError **error)
{
  const guint n = g_strv_length (self->tags);

  if (!check_length ("title", self->title, NMD_RUN_TITLE_LENGTH, error)
      || !check_length ("note", self->note, NMD_RUN_NOTE_LENGTH, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!check_length ("tag", self->tags[i], NMD_RUN_TAG_LENGTH, error))
      return FALSE;
  if (n <= NMD_RUN_MOST_TAGS)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "A run has %u tags, at most %d are kept", n, NMD_RUN_MOST_TAGS);
  return FALSE;
}

gboolean
nmd_run_notes_save (const NmdRunNotes *self, const char *folder, GError **error)
{
  g_return_val_if_fail (self != NULL && folder != NULL, FALSE);

  g_autofree char *path = g_build_filename (folder, NMD_RUN_NOTES, NULL);
  g_autoptr (NmdRunNotes) old = NULL;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *tags = json_array_new ();

  for (gsize i = 0; self->tags[i] != NULL; i++)
    json_array_add_string_element (tags, self->tags[i]);
  json_object_set_string_member (object, "title", self->title);
  json_object_set_array_member (object, "tags", tags);
  json_object_set_string_member (object, "note", self->note);
  json_node_take_object (node, object);
  if (!check (self, error))
    return FALSE;
  old = nmd_run_notes_load (folder, error);
  return old != NULL && nmd_json_save (node, path, error);
}
