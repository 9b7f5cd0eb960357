/* SPDX-License-Identifier: Apache-2.0
 *
 * The import report in words and as JSON. Nothing is measured here.
 */
#include "engine/data/nmd-dataset.h"

#include <string.h>

#define LISTED 12 /* entries of a long list that the text shows; the JSON has all */

typedef struct
{
  const char *muscle; /* borrowed */
  guint n[2];
} MuscleCount;

static int
compare_counts (gconstpointer a, gconstpointer b)
{
  return strcmp (((const MuscleCount *)a)->muscle, ((const MuscleCount *)b)->muscle);
}

/* Images by muscle × label; muscle "" for data sets that do not say. */
static GArray *
count_muscles (NmdDataset *self)
{
  GArray *counts = g_array_new (FALSE, TRUE, sizeof (MuscleCount));

  for (guint i = 0; i < nmd_dataset_get_n (self); i++)
    {
      const NmdSample *sample = nmd_dataset_get (self, i);
      MuscleCount *found = NULL;

      for (guint k = 0; found == NULL && k < counts->len; k++)
        if (strcmp (g_array_index (counts, MuscleCount, k).muscle, sample->muscle) == 0)
          found = &g_array_index (counts, MuscleCount, k);
      if (found == NULL)
        {
          MuscleCount fresh = { .muscle = sample->muscle };

          g_array_append_val (counts, fresh);
          found = &g_array_index (counts, MuscleCount, counts->len - 1);
        }
      found->n[sample->label == 1]++;
    }
  g_array_sort (counts, compare_counts);
  return counts;
}

/* Subjects with at least one image of @label. */
static guint
count_subjects (NmdDataset *self, int label)
{
  g_autoptr (GHashTable) subjects = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < nmd_dataset_get_n (self); i++)
    if (nmd_dataset_get (self, i)->label == label)
      g_hash_table_add (subjects, nmd_dataset_get (self, i)->subject);
  return g_hash_table_size (subjects);
}

static guint
count_problem (NmdDataset *self, NmdProblems problem)
{
  guint n = 0;

  for (guint i = 0; i < nmd_dataset_get_n (self); i++)
    n += (nmd_dataset_get (self, i)->problems & problem) != 0;
  return n;
}

static const char *
plural (guint n, const char *one, const char *many)
{
  return n == 1 ? one : many;
}

static void
add_list (GString *text, const char *heading, GPtrArray *lines)
{
  if (lines->len == 0)
    return;
  g_string_append_printf (text, "%s:\n", heading);
  for (guint i = 0; i < lines->len && i < LISTED; i++)
    g_string_append_printf (text, "  %s\n", (const char *)lines->pdata[i]);
  if (lines->len > LISTED)
    g_string_append_printf (text, "  … and %u more\n", lines->len - LISTED);
}

static void
add_counts (GString *text, NmdDataset *self)
{
  g_autoptr (GArray) counts = count_muscles (self);
  const NmdImportReport *report = nmd_dataset_get_report (self);
  guint n = nmd_dataset_get_n (self);
  guint subjects = nmd_dataset_count_subjects (self);
  guint units = nmd_dataset_count_units (self);

  g_string_append_printf (text, "%s: %s%s\n", nmd_dataset_get_title (self), report->kind,
                          nmd_dataset_is_synthetic (self) ? ", SYNTHETIC pictures" : "");
  if (report->archive_name != NULL)
    g_string_append_printf (text, "Read from %s\n", report->archive_name);
  g_string_append_printf (text, "%u %s of %u %s", n, plural (n, "image", "images"),
                          subjects, plural (subjects, "subject", "subjects"));
  if (units != subjects)
    g_string_append_printf (text, " (%u muscle-and-number units)", units);
  g_string_append (text, "\n");
  for (guint i = 0; i < counts->len; i++)
    {
      const MuscleCount *count = &g_array_index (counts, MuscleCount, i);

      g_string_append_printf (text, "  %s: %u %s, %u %s\n",
                              count->muscle[0] != '\0' ? count->muscle : "all",
                              count->n[0], nmd_dataset_get_class (self, 0), count->n[1],
                              nmd_dataset_get_class (self, 1));
    }
}

static void
add_findings (GString *text, NmdDataset *self)
{
  const NmdImportReport *report = nmd_dataset_get_report (self);
  guint coloured = count_problem (self, NMD_PROBLEM_COLOURED);
  guint lossy = count_problem (self, NMD_PROBLEM_LOSSY);

  if (report->n_no_mask + report->n_empty_mask > 0)
    g_string_append_printf (
        text,
        "%u %s without a mask and %u with an empty one: the whole frame is "
        "used, echo intensity is not measured\n",
        report->n_no_mask, plural (report->n_no_mask, "image", "images"),
        report->n_empty_mask);
  if (coloured > 0)
    g_string_append_printf (
        text,
        "%u %s coloured pixels inside the outline: echo intensity may "
        "be off\n",
        coloured, plural (coloured, "image has", "images have"));
  if (lossy > 0)
    g_string_append_printf (text,
                            "%u %s stored in a lossy format: echo intensity may be off\n",
                            lossy, plural (lossy, "image is", "images are"));
  if (report->left_out->len > 0)
    {
      guint n = report->left_out->len;

      g_string_append_printf (text, "%u %s left out:\n", n,
                              plural (n, "file was", "files were"));
      for (guint i = 0; i < n && i < LISTED; i++)
        {
          const NmdLeftOut *entry = report->left_out->pdata[i];

          g_string_append_printf (text, "  %s: %s\n", entry->path, entry->reason);
        }
      if (n > LISTED)
        g_string_append_printf (text, "  … and %u more\n", n - LISTED);
    }
}

char *
nmd_dataset_report_to_text (NmdDataset *self)
{
  const NmdImportReport *report = NULL;
  GString *text = NULL;

  g_return_val_if_fail (NMD_IS_DATASET (self), NULL);

  report = nmd_dataset_get_report (self);
  text = g_string_new (NULL);
  add_counts (text, self);
  add_findings (text, self);
  add_list (text, "The same picture more than once", report->duplicates);
  add_list (text, "Subjects with images of both labels", report->mixed_groups);
  add_list (text, "Characteristics and images that do not match", report->unmatched_ids);
  add_list (text, "Assumed", report->assumptions);
  add_list (text, "Passed over", report->passed_over);
  return g_string_free (text, FALSE);
}

/* JSON. */

static void
set_list (JsonObject *object, const char *name, GPtrArray *texts)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < texts->len; i++)
    json_array_add_string_element (array, texts->pdata[i]);
  json_object_set_array_member (object, name, array);
}

static JsonObject *
label_counts (NmdDataset *self, const guint n[2])
{
  JsonObject *object = json_object_new ();

  for (int label = 0; label < 2; label++)
    json_object_set_int_member (object, nmd_dataset_get_class (self, label), n[label]);
  return object;
}

static void
set_counts (JsonObject *object, NmdDataset *self)
{
  g_autoptr (GArray) counts = count_muscles (self);
  JsonObject *muscles = json_object_new (), *classes = json_object_new ();
  guint images[2] = { 0, 0 }, subjects[2];

  for (guint i = 0; i < counts->len; i++)
    {
      const MuscleCount *count = &g_array_index (counts, MuscleCount, i);

      json_object_set_object_member (muscles, count->muscle,
                                     label_counts (self, count->n));
      images[0] += count->n[0];
      images[1] += count->n[1];
    }
  for (int label = 0; label < 2; label++)
    subjects[label] = count_subjects (self, label);
  json_object_set_string_member (classes, "negative", nmd_dataset_get_class (self, 0));
  json_object_set_string_member (classes, "positive", nmd_dataset_get_class (self, 1));
  json_object_set_int_member (object, "images", nmd_dataset_get_n (self));
  json_object_set_int_member (object, "subjects", nmd_dataset_count_subjects (self));
  json_object_set_int_member (object, "units", nmd_dataset_count_units (self));
  json_object_set_object_member (object, "classes", classes);
  json_object_set_object_member (object, "images_by_label", label_counts (self, images));
  json_object_set_object_member (object, "subjects_by_label",
                                 label_counts (self, subjects));
  json_object_set_object_member (object, "muscles", muscles);
}

static void
set_findings (JsonObject *object, NmdDataset *self)
{
  const NmdImportReport *report = nmd_dataset_get_report (self);
  JsonArray *left_out = json_array_new ();

  for (guint i = 0; i < report->left_out->len; i++)
    {
      const NmdLeftOut *entry = report->left_out->pdata[i];
      JsonObject *item = json_object_new ();

      json_object_set_string_member (item, "path", entry->path);
      json_object_set_string_member (item, "reason", entry->reason);
      json_array_add_object_element (left_out, item);
    }
  json_object_set_int_member (object, "no_mask", report->n_no_mask);
  json_object_set_int_member (object, "empty_mask", report->n_empty_mask);
  json_object_set_int_member (object, "size_mismatch", report->n_size_mismatch);
  json_object_set_int_member (object, "unreadable", report->n_unreadable);
  json_object_set_int_member (object, "unmatched_ids", report->n_unmatched_ids);
  json_object_set_int_member (object, "coloured",
                              count_problem (self, NMD_PROBLEM_COLOURED));
  json_object_set_int_member (object, "lossy", count_problem (self, NMD_PROBLEM_LOSSY));
  json_object_set_int_member (object, "duplicate",
                              count_problem (self, NMD_PROBLEM_DUPLICATE));
  json_object_set_int_member (object, "label_conflict",
                              count_problem (self, NMD_PROBLEM_LABEL_CONFLICT));
  json_object_set_array_member (object, "left_out", left_out);
  set_list (object, "duplicates", report->duplicates);
  set_list (object, "mixed_groups", report->mixed_groups);
  set_list (object, "unmatched", report->unmatched_ids);
  set_list (object, "assumptions", report->assumptions);
  set_list (object, "passed_over", report->passed_over);
}

JsonNode *
nmd_dataset_report_to_json (NmdDataset *self)
{
  JsonObject *object = NULL;
  JsonNode *node = NULL;
  const NmdImportReport *report = NULL;

  g_return_val_if_fail (NMD_IS_DATASET (self), NULL);

  report = nmd_dataset_get_report (self);
  object = json_object_new ();
  json_object_set_string_member (object, "path", nmd_dataset_get_path (self));
  json_object_set_string_member (object, "title", nmd_dataset_get_title (self));
  json_object_set_string_member (object, "kind", report->kind);
  if (report->archive_name != NULL)
    json_object_set_string_member (object, "archive", report->archive_name);
  else
    json_object_set_null_member (object, "archive");
  json_object_set_boolean_member (object, "synthetic", nmd_dataset_is_synthetic (self));
  json_object_set_string_member (object, "hash", nmd_dataset_get_hash (self));
  set_counts (object, self);
  set_findings (object, self);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}
