/* SPDX-License-Identifier: Apache-2.0
 *
 * Labels by z. z itself is the engine's, agreement too.
 */
#include "app/nmd-zscore-labels.h"

#include "app/nmd-command.h"
#include "app/nmd-output-guard.h"
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-kappa.h"
#include "engine/model/nmd-sample-z.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NO_LABEL -1

/* By image and by muscle of a subject: the data set's label [0] or [1], and what z says: 0, 1, or 2 for none. */
typedef struct
{
  guint images[2][3];
  NmdKappa units;
} Comparison;

static int
label_of (const NmdSampleZ *z, double limit)
{
  return z->has_z ? z->score.z > limit : NO_LABEL;
}

/* The folder from which @sample's id names its image, not always that of the data set; NULL if it is not named so. */
static char *
root_of (const NmdSample *sample)
{
  const char *number = strrchr (sample->id, '#'); /* of several masks of an image */
  const gsize lengths[]
      = { strlen (sample->id), number != NULL ? (gsize)(number - sample->id) : 0 };
  const gsize whole = strlen (sample->image_path);

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      const gsize n = lengths[i];
      const char *end = n > 0 && whole > n + 1 ? sample->image_path + whole - n : NULL;

      if (end != NULL && end[-1] == '/' && strncmp (end, sample->id, n) == 0)
        return g_strndup (sample->image_path, whole - n - 1);
    }
  return NULL;
}

/* The file of @sample's mask as a table in the folder @root (nullable) would name it; "" where there is none that a
 * table could name. */
static const char *
mask_of (const NmdSample *sample, const char *root)
{
  if (sample->mask_path == NULL || sample->outline != NULL)
    return "";
  if (root == NULL)
    return sample->mask_path;
  gsize n = strlen (root);
  return strncmp (sample->mask_path, root, n) == 0 && sample->mask_path[n] == '/'
             ? sample->mask_path + n + 1
             : sample->mask_path;
}

static void
append_row (GString *text, NmdSample *sample, const NmdSampleZ *z, double limit)
{
  static const char *const words[] = { "healthy", "pathological" };
  g_autofree char *root = root_of (sample);
  int label = label_of (z, limit);

  nmd_csv_append (text, sample->id);
  nmd_csv_append (text, mask_of (sample, root));
  nmd_csv_append (text, sample->subject);
  nmd_csv_append (text, sample->muscle);
  nmd_csv_append (text, label == NO_LABEL ? "" : words[label]);
  nmd_csv_append_number (text, z->has_z ? z->score.z : NAN);
  nmd_csv_append_number (text, z->echo);
  nmd_csv_append_number (text, z->has_z ? z->score.expected : NAN);
  nmd_csv_append_number (text, z->has_z ? z->score.sd : NAN);
  nmd_csv_append (text, sample->label_word);
  nmd_csv_append (text, label == NO_LABEL ? "" : label == sample->label ? "yes" : "no");
  nmd_csv_append (text, z->reason != NULL ? z->reason : "");
  nmd_csv_end_line (text);
}

/* A muscle of a subject counts once; as positive, if any of its images is. */
static void
compare (NmdDataset *dataset, const GArray *all, double limit, Comparison *comparison)
{
  g_autoptr (GHashTable) places
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) own = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GArray) ours = g_array_new (FALSE, FALSE, sizeof (int));

  for (guint i = 0; i < all->len; i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      int label = label_of (&g_array_index (all, NmdSampleZ, i), limit);
      char *key = g_strdup_printf ("%s\n%s", sample->muscle, sample->subject);
      gpointer place = NULL;
      comparison->images[sample->label][label == NO_LABEL ? 2 : label]++;
      if (!g_hash_table_lookup_extended (places, key, NULL, &place))
        {
          g_hash_table_insert (places, key, GUINT_TO_POINTER (own->len));
          g_array_append_val (own, sample->label);
          g_array_append_val (ours, label);
          continue;
        }
      g_free (key);
      guint k = GPOINTER_TO_UINT (place);
      g_array_index (own, int, k) = MAX (g_array_index (own, int, k), sample->label);
      g_array_index (ours, int, k) = MAX (g_array_index (ours, int, k), label);
    }
  nmd_kappa_measure ((const int *)(void *)ours->data, (const int *)(void *)own->data,
                     own->len, &comparison->units);
}

static void
print_text (NmdDataset *dataset,
            const NmdReference *reference,
            const NmdZLabels *labels,
            const char *folder,
            const Comparison *comparison)
{
  const char *rows[] = { "z at most", "z above  ", "no z     " };
  const NmdKappa *units = &comparison->units;

  printf ("Reference %s, device %s\n", nmd_command_shown (reference->name),
          reference->device != NULL ? nmd_command_shown (reference->device)
                                    : "not stated");
  if (folder != NULL)
    printf ("Images and masks are named from the folder %s\n",
            nmd_command_shown (folder));
  printf ("Images            %14s %14s\n",
          nmd_command_shown (nmd_dataset_get_class (dataset, 0)),
          nmd_command_shown (nmd_dataset_get_class (dataset, 1)));
  for (int k = 0; k < 3; k++)
    printf ("%s %-7s %14u %14u\n", rows[k],
            k < 2 ? nmd_command_number (labels->limit, 2) : "", comparison->images[0][k],
            comparison->images[1][k]);
  if (units->n == 0)
    {
      printf ("Nothing to compare: no image has a z; the column reason says why\n");
      return;
    }
  printf ("Labels agree for %s of %u muscles of subjects",
          nmd_command_number (units->agreed, 3), units->n);
  printf (" [%s, ", nmd_command_number (units->agreed_ci.low, 2));
  printf ("%s], kappa ", nmd_command_number (units->agreed_ci.high, 2));
  printf ("%s\n", isnan (units->kappa) ? "–" : nmd_command_number (units->kappa, 3));
}

static void
print_json (const NmdReference *reference,
            const NmdZLabels *labels,
            const char *folder,
            const Comparison *comparison)
{
  static const char *const columns[] = { "healthy", "pathological", "no_z" };
  JsonObject *object = json_object_new (), *table = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  const NmdKappa *units = &comparison->units;

  nmd_json_set_text (object, "file", labels->out);
  nmd_json_set_text (object, "folder", folder);
  nmd_json_set_text (object, "reference", reference->name);
  nmd_json_set_text (object, "device", reference->device);
  nmd_json_set_number (object, "limit", labels->limit);
  for (int own = 0; own < 2; own++)
    {
      JsonObject *row = json_object_new ();
      for (int k = 0; k < 3; k++)
        json_object_set_int_member (row, columns[k], comparison->images[own][k]);
      json_object_set_object_member (table, columns[own], row);
    }
  json_object_set_object_member (object, "images", table);
  json_object_set_int_member (object, "n_muscles_of_subjects", units->n);
  nmd_json_set_number (object, "agreed", units->agreed);
  nmd_json_set_number (object, "agreed_low", units->agreed_ci.low);
  nmd_json_set_number (object, "agreed_high", units->agreed_ci.high);
  nmd_json_set_number (object, "kappa", units->kappa);
  json_node_take_object (node, object);
  nmd_command_print_json (node);
}

int
nmd_zscore_labels (NmdImportSettings *settings,
                   const char *path,
                   const NmdZLabels *labels)
{
  g_autoptr (GError) error = NULL;
  g_auto (NmdOutputGuard) guard = { 0 };
  Comparison comparison = { 0 };

  if (labels->reference == NULL || labels->out == NULL)
    return nmd_command_usage ("--reference and --out are needed");
  if (!isfinite (labels->limit))
    return nmd_command_usage ("--limit must be a number");
  nmd_output_guard_add (&guard, path);
  nmd_output_guard_add (&guard, labels->reference);
  if (!nmd_output_guard_check (&guard, labels->out, &error))
    return nmd_command_fail (error);
  g_autoptr (NmdReference) reference = nmd_reference_load (labels->reference, &error);
  if (reference == NULL)
    return nmd_command_fail (error);
  g_autoptr (NmdDataset) dataset = nmd_import_options_open (settings, path, &error);
  if (dataset == NULL)
    return nmd_command_fail (error);
  g_autoptr (GArray) all = nmd_reference_score_dataset (reference, dataset);
  g_autoptr (GString) text
      = g_string_new ("image,mask,subject,muscle,label,z,echo_intensity,expected,sd,"
                      "data_set_label,agrees,reason\n");
  g_autofree char *folder = all->len > 0 ? root_of (nmd_dataset_get (dataset, 0)) : NULL;
  for (guint i = 0; i < all->len; i++)
    append_row (text, nmd_dataset_get (dataset, i), &g_array_index (all, NmdSampleZ, i),
                labels->limit);
  if (!nmd_file_write_text (labels->out, text->str, &error))
    return nmd_command_fail (error);
  compare (dataset, all, labels->limit, &comparison);
  if (nmd_command_wants_json ())
    print_json (reference, labels, folder, &comparison);
  else
    print_text (dataset, reference, labels, folder, &comparison);
  return NMD_EXIT_DONE;
}
