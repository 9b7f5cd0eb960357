/* SPDX-License-Identifier: Apache-2.0
 *
 * Goes through a part of a run's data set, maps each image and writes the tables. What is measured
 * of a map is engine/eval's.
 */
#include "app/nmd-explain-cohort.h"

#include "app/nmd-command.h"
#include "app/nmd-import-options.h"
#include "app/nmd-output-guard.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-map-table.h"
#include "ui/plot/nmd-overlay.h"

#include <math.h>
#include <stdio.h>

static const char *const names[] = { "maps.csv", "means.csv", "maps.md" };

static gboolean
check_outputs (const NmdOpenedRun *opened, const char *out, GError **error)
{
  g_auto (NmdOutputGuard) guard = { 0 };

  nmd_output_guard_add_run (&guard, nmd_run_get_folder (opened->run));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!nmd_output_guard_check_in (&guard, out, names[i], error))
      return FALSE;
  return nmd_file_make_folder (out, error);
}

void
nmd_explain_limit (GArray *indices, NmdDataset *dataset, int limit, guint64 seed)
{
  g_autofree guint *order = g_memdup2 (indices->data, indices->len * sizeof *order);
  g_autoptr (GHashTable) kept = g_hash_table_new (NULL, NULL);
  int count[2] = { 0, 0 };
  NmdRandom stream;

  nmd_random_init_for (&stream, seed, "maps", 0, "cohort");
  nmd_random_shuffle (&stream, order, indices->len);
  for (guint i = 0; i < indices->len; i++)
    if (count[nmd_dataset_get (dataset, order[i])->label]++ < limit)
      g_hash_table_add (kept, GUINT_TO_POINTER (order[i]));
  for (guint i = indices->len; i-- > 0;)
    if (!g_hash_table_contains (kept,
                                GUINT_TO_POINTER (g_array_index (indices, guint, i))))
      g_array_remove_index (indices, i);
}

static gboolean
add_image (const NmdOpenedRun *opened,
           const NmdCohortOptions *options,
           NmdSample *sample,
           NmdMapTable *table,
           GError **error)
{
  GCancellable *cancellable = nmd_command_get_cancellable ();
  g_autoptr (NmdScan) scan = nmd_scan_load_sample (sample, error);
  g_autoptr (NmdMap) map = NULL;
  NmdMapFidelity fidelity;

  if (scan == NULL)
    return FALSE;
  map = nmd_map_compute (opened->predictor, scan->image, scan->mask, options->method,
                         options->target, options->layer, cancellable, error);
  if (map == NULL
      || !nmd_map_get_fidelity (opened->predictor, scan->image, scan->mask, map,
                                cancellable, &fidelity, error))
    return FALSE;
  nmd_map_table_add (table, &(NmdMapRow){ .image = sample->id,
                                          .subject = sample->subject,
                                          .label = sample->label,
                                          .score = map->score,
                                          .target = map->target,
                                          .inside = map->inside,
                                          .edge = map->edge,
                                          .outside = map->outside,
                                          .peak = map->peak,
                                          .deletion = fidelity.deletion_area,
                                          .insertion = fidelity.insertion_area });
  return TRUE;
}

/* The tables, and what Markdown says around them. */
static gboolean
write_tables (const NmdOpenedRun *opened,
              const NmdCohortOptions *options,
              const NmdMapTable *table,
              const char *heading,
              guint64 seed,
              GError **error)
{
  const NmdPassport *passport = nmd_model_get_passport (opened->model);
  const char *const classes[2] = { passport->classes[0], passport->classes[1] };
  g_autofree char *markdown
      = nmd_map_table_to_markdown (table, options->method, classes, seed);
  char *const texts[] = {
    nmd_map_table_to_csv (table, options->method),
    nmd_map_table_means_to_csv (table, options->method, seed),
    g_strdup_printf ("%s\n\n%s", heading, markdown),
  };
  gboolean ok = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (options->out, names[i], NULL);
      g_autofree char *text = texts[i];

      ok = ok && nmd_file_write_text (path, text, error);
    }
  if (ok && !nmd_command_wants_json ())
    printf ("%s\n\n%s", nmd_command_shown (heading), markdown);
  return ok;
}

static JsonObject *
mean_to_json (const NmdMapTable *table, NmdMapMeasure measure, int label, guint64 seed)
{
  JsonObject *object = json_object_new ();
  NmdMapMean mean = { NAN };

  nmd_map_table_get_mean (table, measure, label, seed, &mean);
  nmd_json_set_number (object, "mean", mean.mean);
  nmd_json_set_number (object, "low", mean.ci.low);
  nmd_json_set_number (object, "high", mean.ci.high);
  json_object_set_int_member (object, "images", mean.n);
  json_object_set_int_member (object, "subjects", mean.n_subjects);
  return object;
}

static void
print_json (const NmdOpenedRun *opened,
            const NmdCohortOptions *options,
            const NmdMapTable *table,
            const char *part,
            guint64 seed)
{
  static const char *const keys[] = { "0", "1", "all" };
  JsonObject *object = json_object_new (), *means = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  nmd_json_set_text (object, "out", options->out);
  json_object_set_string_member (object, "method",
                                 nmd_map_method_get_name (options->method));
  json_object_set_string_member (object, "part", part);
  json_object_set_int_member (object, "images", nmd_map_table_get_n (table));
  json_object_set_int_member (object, "limit", options->limit);
  for (int k = 0; k < 3; k++)
    {
      JsonObject *its = json_object_new ();

      for (NmdMapMeasure measure = 0; measure < NMD_N_MAP_MEASURES; measure++)
        json_object_set_object_member (
            its, nmd_map_measure_get_name (measure),
            mean_to_json (table, measure, k == 2 ? -1 : k, seed));
      json_object_set_object_member (means, keys[k], its);
    }
  json_object_set_object_member (object, "means", means);
  json_object_set_string_member (object, "weights", nmd_model_get_which (opened->model));
  json_object_set_string_member (object, "device",
                                 nmd_session_get_description (opened->session));
  json_object_set_string_member (object, "note", NMD_OVERLAY_CAVEAT);
  json_node_take_object (node, object);
  nmd_command_print_json (node);
}

/* "Grad-CAM of 40 images of the test part, demo run, average weights (synthetic)". */
static char *
make_heading (const NmdOpenedRun *opened,
              const NmdCohortOptions *options,
              const char *part,
              guint n)
{
  g_autofree char *run = g_path_get_basename (nmd_run_get_folder (opened->run));
  g_autofree char *drawn
      = options->limit > 0
            ? g_strdup_printf (" (at most %d of each class)", options->limit)
            : g_strdup ("");

  return g_strdup_printf (
      "%s%s of %u images of the %s part%s, run %s, %s weights",
      nmd_model_get_passport (opened->model)->synthetic ? "SYNTHETIC data. " : "",
      nmd_map_method_get_title (options->method), n, part, drawn, run,
      nmd_model_get_which (opened->model));
}

gboolean
nmd_explain_cohort (const NmdOpenedRun *opened,
                    const NmdCohortOptions *options,
                    GError **error)
{
  const NmdParameters *parameters = nmd_run_get_parameters (opened->run);
  const guint64 seed = (guint64)nmd_parameters_get (parameters, "seed");
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (NmdSplit) split = NULL;
  g_autoptr (GArray) indices = NULL;
  g_autoptr (NmdMapTable) table = nmd_map_table_new ();
  g_autofree char *heading = NULL;
  NmdPart part = NMD_PART_TEST;

  if (!check_outputs (opened, options->out, error))
    return FALSE;
  dataset = nmd_run_open_dataset (opened->run, NULL, nmd_import_options_progress, NULL,
                                  nmd_command_get_cancellable (), error);
  split = dataset != NULL ? nmd_run_get_split (opened->run, dataset, error) : NULL;
  if (split == NULL)
    return FALSE;
  if (nmd_split_count (split, part) == 0)
    part = NMD_PART_VALIDATION;
  indices = nmd_split_get_indices (split, part);
  if (options->limit > 0)
    nmd_explain_limit (indices, dataset, options->limit, seed);
  for (guint i = 0; i < indices->len; i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, g_array_index (indices, guint, i));

      nmd_command_progress ((double)i / indices->len, "Mapping %u of %u", i + 1,
                            indices->len);
      if (!add_image (opened, options, sample, table, error))
        {
          nmd_command_progress_done ();
          return FALSE;
        }
    }
  nmd_command_progress_done ();
  heading = make_heading (opened, options, nmd_part_get_name (part), indices->len);
  if (!write_tables (opened, options, table, heading, seed, error))
    return FALSE;
  if (nmd_command_wants_json ())
    print_json (opened, options, table, nmd_part_get_name (part), seed);
  return TRUE;
}
