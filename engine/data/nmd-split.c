/* SPDX-License-Identifier: Apache-2.0
 *
 * What every split has: its parts, what must be said with its numbers, its form in a run. How splits are made
 * is in nmd-split-draw.c (kinds), nmd-split-subjects.c (by subject) and nmd-split-file.c.
 */
#include "engine/data/nmd-split-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

NmdSplit *
nmd_split_alloc (NmdDataset *dataset, const char *kind, const char *grouping)
{
  NmdSplit *self = g_new0 (NmdSplit, 1);

  self->kind = g_strdup (kind);
  self->grouping = g_strdup (grouping);
  self->n = nmd_dataset_get_n (dataset);
  self->parts = g_new0 (guint8, MAX (self->n, 1));
  return self;
}

NmdSplit *
nmd_split_copy (const NmdSplit *self)
{
  NmdSplit *copy = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  copy = g_new0 (NmdSplit, 1);
  copy->kind = g_strdup (self->kind);
  copy->grouping = g_strdup (self->grouping);
  copy->caveat = g_strdup (self->caveat);
  copy->source = g_strdup (self->source);
  copy->source_sha256 = g_strdup (self->source_sha256);
  copy->n = self->n;
  copy->parts = g_memdup2 (self->parts, MAX (self->n, 1));
  return copy;
}

void
nmd_split_free (NmdSplit *self)
{
  if (self == NULL)
    return;
  g_free (self->kind);
  g_free (self->grouping);
  g_free (self->caveat);
  g_free (self->source);
  g_free (self->source_sha256);
  g_free (self->parts);
  g_free (self);
}

GArray *
nmd_split_get_indices (const NmdSplit *self, NmdPart part)
{
  GArray *indices = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < self->n; i++)
    if (self->parts[i] == part)
      g_array_append_val (indices, i);
  return indices;
}

guint
nmd_split_count (const NmdSplit *self, NmdPart part)
{
  guint n = 0;

  for (guint i = 0; i < self->n; i++)
    n += self->parts[i] == part;
  return n;
}

/* Subjects whose images are in more than one used part. */
static guint
count_divided_subjects (const NmdSplit *self, NmdDataset *dataset)
{
  g_autoptr (GHashTable) parts = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer seen;
  guint n = 0;

  for (guint i = 0; i < self->n; i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      guint before = GPOINTER_TO_UINT (g_hash_table_lookup (parts, sample->subject));

      if (self->parts[i] != NMD_PART_NONE)
        g_hash_table_insert (parts, sample->subject,
                             GUINT_TO_POINTER (before | 1u << self->parts[i]));
    }
  g_hash_table_iter_init (&iter, parts);
  while (g_hash_table_iter_next (&iter, NULL, &seen))
    {
      guint bits = GPOINTER_TO_UINT (seen);

      n += (bits & (bits - 1)) != 0;
    }
  return n;
}

/* What must be said with numbers of this split. */
static void
set_caveat (NmdSplit *self, NmdDataset *dataset)
{
  guint divided = count_divided_subjects (self, dataset);
  gboolean has_test = nmd_split_count (self, NMD_PART_TEST) > 0;
  g_autoptr (GString) text = g_string_new (NULL);

  if (!has_test)
    g_string_append (text,
                     "Weights and stopping were chosen on these images: there is no test "
                     "part");
  if (divided > 0 || strcmp (self->kind, "image") == 0)
    g_string_append_printf (text,
                            "%sImages of %u of %u subjects are in more than one part, so "
                            "training has seen people it is tested on",
                            text->len > 0 ? ". " : "", divided,
                            nmd_dataset_count_subjects (dataset));
  g_free (self->caveat);
  self->caveat = text->len > 0 ? g_strdup (text->str) : NULL;
}

/* Every part up to @last, and a later one that is used, must have images of both classes.
 */
static gboolean
check_parts (const NmdSplit *self, NmdDataset *dataset, NmdPart last, GError **error)
{
  guint counts[4][2] = { { 0 } };

  for (guint i = 0; i < self->n; i++)
    counts[self->parts[i]][nmd_dataset_get (dataset, i)->label == 1]++;
  for (NmdPart part = NMD_PART_TRAIN; part <= NMD_PART_TEST; part++)
    {
      guint total = counts[part][0] + counts[part][1];

      if (total == 0 && part > last)
        continue;
      if (total == 0)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                       /* Translators: train, validation or test; a data set */
                       _ ("The %s part of the split of %s would be empty"),
                       _ (nmd_part_get_name (part)), nmd_dataset_get_title (dataset));
          return FALSE;
        }
      for (int label = 0; label < 2; label++)
        if (counts[part][label] == 0)
          {
            g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                         _ ("The %s part of the split of %s would hold no %s image"),
                         _ (nmd_part_get_name (part)), nmd_dataset_get_title (dataset),
                         nmd_dataset_get_class (dataset, label));
            return FALSE;
          }
    }
  return TRUE;
}

gboolean
nmd_split_finish (NmdSplit *self, NmdDataset *dataset, NmdPart last, GError **error)
{
  if (!check_parts (self, dataset, last, error))
    return FALSE;
  set_caveat (self, dataset);
  return TRUE;
}

gboolean
nmd_split_check_stated (NmdDataset *dataset, GError **error)
{
  g_autoptr (GHashTable) firsts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) divided = g_hash_table_new (g_str_hash, g_str_equal);
  const NmdSample *a = NULL, *b = NULL;

  g_return_val_if_fail (NMD_IS_DATASET (dataset), FALSE);

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      NmdSample *first = g_hash_table_lookup (firsts, sample->subject);

      if (sample->part == NMD_PART_NONE)
        continue;
      if (first == NULL)
        g_hash_table_insert (firsts, sample->subject, sample);
      else if (first->part != sample->part)
        {
          g_hash_table_add (divided, sample->subject);
          b = a == NULL ? sample : b;
          a = a == NULL ? first : a;
        }
    }
  if (a == NULL)
    return TRUE;
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_NEEDS_SPLIT,
      _ ("The parts that %s states divide %u of its %u subjects; the first is “%s”, "
         "with %s in %s and %s in %s"),
      nmd_dataset_get_title (dataset), g_hash_table_size (divided),
      nmd_dataset_count_subjects (dataset), a->subject, a->id,
      _ (nmd_part_get_name (a->part)), b->id, _ (nmd_part_get_name (b->part)));
  return FALSE;
}

JsonNode *
nmd_split_to_json (const NmdSplit *self, NmdDataset *dataset)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  g_return_val_if_fail (self->n == nmd_dataset_get_n (dataset), NULL);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "kind");
  json_builder_add_string_value (builder, self->kind);
  json_builder_set_member_name (builder, "grouping");
  json_builder_add_string_value (builder, self->grouping);
  json_builder_set_member_name (builder, "caveat");
  if (self->caveat != NULL)
    json_builder_add_string_value (builder, self->caveat);
  else
    json_builder_add_null_value (builder);
  if (self->source != NULL)
    {
      json_builder_set_member_name (builder, "source");
      json_builder_add_string_value (builder, self->source);
    }
  if (self->source_sha256 != NULL)
    {
      json_builder_set_member_name (builder, "source_sha256");
      json_builder_add_string_value (builder, self->source_sha256);
    }
  json_builder_set_member_name (builder, "parts");
  json_builder_begin_object (builder);
  for (NmdPart part = NMD_PART_TRAIN; part <= NMD_PART_TEST; part++)
    {
      json_builder_set_member_name (builder, nmd_part_get_name (part));
      json_builder_begin_array (builder);
      for (guint i = 0; i < self->n; i++)
        if (self->parts[i] == part)
          json_builder_add_string_value (builder, nmd_dataset_get (dataset, i)->id);
      json_builder_end_array (builder);
    }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* One list of ids. */
static gboolean
read_part (NmdSplit *self,
           NmdDataset *dataset,
           GHashTable *index,
           JsonNode *node,
           NmdPart part,
           GError **error)
{
  JsonArray *ids;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "The %s part of a split is not a list", nmd_part_get_name (part));
      return FALSE;
    }
  ids = json_node_get_array (node);
  for (guint k = 0; k < json_array_get_length (ids); k++)
    {
      JsonNode *element = json_array_get_element (ids, k);
      const char *id = JSON_NODE_HOLDS_VALUE (element)
                               && json_node_get_value_type (element) == G_TYPE_STRING
                           ? json_node_get_string (element)
                           : NULL;
      gpointer found;

      if (id == NULL || !g_hash_table_lookup_extended (index, id, NULL, &found))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED,
                       "The %s part of the split names %s, which %s does not hold",
                       nmd_part_get_name (part),
                       id != NULL ? id : "something that is no image",
                       nmd_dataset_get_title (dataset));
          return FALSE;
        }
      self->parts[GPOINTER_TO_UINT (found)] = (guint8)part;
    }
  return TRUE;
}

NmdSplit *
nmd_split_from_json (JsonNode *node, NmdDataset *dataset, GError **error)
{
  g_autoptr (NmdSplit) self = NULL;
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObject *object, *parts = NULL;
  JsonNode *member;

  g_return_val_if_fail (NMD_IS_DATASET (dataset), NULL);

  object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node)
                                                         : NULL;
  member = object != NULL ? json_object_get_member (object, "parts") : NULL;
  if (member != NULL && JSON_NODE_HOLDS_OBJECT (member))
    parts = json_node_get_object (member);
  if (parts == NULL || get_text (object, "kind") == NULL
      || get_text (object, "grouping") == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "A split must have kind, grouping and parts");
      return NULL;
    }
  self = nmd_split_alloc (dataset, get_text (object, "kind"),
                          get_text (object, "grouping"));
  self->caveat = g_strdup (get_text (object, "caveat"));
  self->source = g_strdup (get_text (object, "source"));
  self->source_sha256 = g_strdup (get_text (object, "source_sha256"));
  for (guint i = 0; i < self->n; i++)
    g_hash_table_insert (index, nmd_dataset_get (dataset, i)->id, GUINT_TO_POINTER (i));
  for (NmdPart part = NMD_PART_TRAIN; part <= NMD_PART_TEST; part++)
    if (!read_part (self, dataset, index,
                    json_object_get_member (parts, nmd_part_get_name (part)), part,
                    error))
      return NULL;
  return g_steal_pointer (&self);
}
