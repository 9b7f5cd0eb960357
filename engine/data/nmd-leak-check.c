/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks for what the parts of a split have in common. How alike two pictures are is engine/image's.
 */
#include "engine/data/nmd-leak-check.h"

#include "engine/core/nmd-json.h"
#include "engine/core/nmd-text.h"
#include "engine/image/nmd-perceptual-hash.h"

#include <string.h>

#define NMD_LEAK_MAX_PAIRS 1000000 /* kept before the most alike are chosen of them */

void
nmd_leak_report_free (NmdLeakReport *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->divided);
  g_array_unref (self->pairs);
  g_free (self);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* Subjects by part. */
static void
find_divided (NmdLeakReport *self,
              NmdDataset *dataset,
              const NmdSplit *split,
              const GArray *used)
{
  g_autoptr (GHashTable) parts = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer name, seen;

  for (guint i = 0; i < used->len; i++)
    {
      const guint index = g_array_index (used, guint, i);
      char *subject = nmd_dataset_get (dataset, index)->subject;
      guint before = GPOINTER_TO_UINT (g_hash_table_lookup (parts, subject));
      const guint part = split != NULL ? split->parts[index] : 0;

      g_hash_table_insert (parts, subject, GUINT_TO_POINTER (before | 1u << part));
    }
  self->n_subjects = g_hash_table_size (parts);
  g_hash_table_iter_init (&iter, parts);
  while (g_hash_table_iter_next (&iter, &name, &seen))
    {
      const guint bits = GPOINTER_TO_UINT (seen);

      if ((bits & (bits - 1)) != 0)
        g_ptr_array_add (self->divided, g_strdup (name));
    }
  self->n_divided = self->divided->len;
  g_ptr_array_sort (self->divided, compare_texts);
  if (self->divided->len > NMD_LEAK_MAX_LISTED)
    g_ptr_array_set_size (self->divided, NMD_LEAK_MAX_LISTED);
}

/* Most alike first; the order of the data set among equals. */
static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const NmdNearPair *x = a, *y = b;

  if (x->correlation != y->correlation)
    return x->correlation < y->correlation ? 1 : -1;
  if (x->a != y->a)
    return x->a < y->a ? -1 : 1;
  return x->b < y->b ? -1 : x->b > y->b;
}

/* Leaves the most alike. */
static void
choose_pairs (NmdLeakReport *self)
{
  g_array_sort (self->pairs, compare_pairs);
  if (self->pairs->len > NMD_LEAK_MAX_LISTED)
    g_array_set_size (self->pairs, NMD_LEAK_MAX_LISTED);
}

static void
add_pair (NmdLeakReport *self, const NmdNearPair *pair)
{
  self->n_pairs++;
  self->n_pairs_of_others += !pair->same_subject;
  if (self->pairs->len >= NMD_LEAK_MAX_PAIRS)
    choose_pairs (self);
  g_array_append_val (self->pairs, *pair);
}

static gboolean
compare_all (NmdLeakReport *self,
             NmdDataset *dataset,
             const NmdSplit *split,
             const GArray *used,
             const NmdFingerprint *prints,
             GCancellable *cancellable,
             GError **error)
{
  for (guint i = 0; i < used->len; i++)
    {
      NmdNearPair pair = { .a = g_array_index (used, guint, i) };
      const NmdSample *first = nmd_dataset_get (dataset, pair.a);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      for (guint k = i + 1; k < used->len; k++)
        {
          pair.distance = nmd_fingerprint_distance (&prints[i], &prints[k]);
          if (pair.distance > NMD_LEAK_DISTANCE)
            continue;
          pair.b = g_array_index (used, guint, k);
          pair.same_subject
              = strcmp (first->subject, nmd_dataset_get (dataset, pair.b)->subject) == 0;
          if (split != NULL ? split->parts[pair.a] == split->parts[pair.b]
                            : pair.same_subject)
            continue;
          pair.correlation = nmd_fingerprint_correlation (&prints[i], &prints[k]);
          if (pair.correlation >= NMD_LEAK_CORRELATION)
            add_pair (self, &pair);
        }
    }
  choose_pairs (self);
  return TRUE;
}

NmdLeakReport *
nmd_leak_check (NmdDataset *dataset,
                const NmdSplit *split,
                void (*progress) (double fraction, gpointer data),
                gpointer user_data,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (NmdLeakReport) self = g_new0 (NmdLeakReport, 1);
  g_autoptr (GArray) used = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree NmdFingerprint *prints = NULL;

  g_return_val_if_fail (NMD_IS_DATASET (dataset), NULL);
  g_return_val_if_fail (split == NULL || split->n == nmd_dataset_get_n (dataset), NULL);

  self->divided = g_ptr_array_new_with_free_func (g_free);
  self->pairs = g_array_new (FALSE, FALSE, sizeof (NmdNearPair));
  self->has_split = split != NULL;
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    if (split == NULL || split->parts[i] != NMD_PART_NONE)
      g_array_append_val (used, i);
  self->n_images = used->len;
  find_divided (self, dataset, split, used);
  prints = g_new (NmdFingerprint, MAX (used->len, 1));
  for (guint i = 0; i < used->len; i++)
    {
      g_autoptr (NmdImage) image = NULL;
      g_autoptr (NmdImage) mask = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !nmd_sample_load (nmd_dataset_get (dataset, g_array_index (used, guint, i)),
                               &image, &mask, error))
        return NULL;
      nmd_fingerprint_init (&prints[i], image);
      if (progress != NULL)
        progress ((i + 1.0) / used->len, user_data);
    }
  if (!compare_all (self, dataset, split, used, prints, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

JsonNode *
nmd_leak_report_to_json (const NmdLeakReport *self, NmdDataset *dataset)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *top = json_object_new ();
  JsonArray *divided = json_array_new (), *pairs = json_array_new ();

  json_object_set_int_member (top, "images", self->n_images);
  json_object_set_int_member (top, "subjects", self->n_subjects);
  json_object_set_int_member (top, "divided_subjects", self->n_divided);
  json_object_set_int_member (top, "near_duplicates", self->n_pairs);
  json_object_set_int_member (top, "near_duplicates_of_other_subjects",
                              self->n_pairs_of_others);
  for (guint i = 0; i < self->divided->len; i++)
    {
      g_autofree char *name = nmd_text_display (self->divided->pdata[i]);

      json_array_add_string_element (divided, name);
    }
  for (guint i = 0; i < self->pairs->len; i++)
    {
      const NmdNearPair *pair = &g_array_index (self->pairs, NmdNearPair, i);
      JsonObject *object = json_object_new ();

      nmd_json_set_text (object, "a", nmd_dataset_get (dataset, pair->a)->id);
      nmd_json_set_text (object, "b", nmd_dataset_get (dataset, pair->b)->id);
      json_object_set_int_member (object, "distance", pair->distance);
      nmd_json_set_number (object, "correlation", pair->correlation);
      json_object_set_boolean_member (object, "same_subject", pair->same_subject);
      json_array_add_object_element (pairs, object);
    }
  json_object_set_array_member (top, "divided", divided);
  json_object_set_array_member (top, "pairs", pairs);
  json_node_take_object (node, top);
  return node;
}
