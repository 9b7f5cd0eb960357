/* SPDX-License-Identifier: Apache-2.0
 *
 * Maps the same images by several runs. What is measured of the maps is engine/eval's.
 */
#include "app/nmd-explain-repeat.h"

#include "app/nmd-command.h"
#include "app/nmd-import-options.h"
#include "app/nmd-output-guard.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-map-repeat.h"
#include "ui/plot/nmd-overlay.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = { "repeat.csv", "repeat.md" };

typedef struct
{
  const NmdCohortOptions *options;
  const NmdComputeOptions *compute;
  NmdDataset *dataset;
  GArray *indices; /* guint: of the images */
  GPtrArray *maps; /* NmdMap, of the first run's images, then of the second's … */
  guint n_runs;
} Repeat;

static gboolean
check_outputs (const NmdOpenedRun *opened,
               const char *const *others,
               const char *out,
               GError **error)
{
  g_auto (NmdOutputGuard) guard = { 0 };

  nmd_output_guard_add_run (&guard, nmd_run_get_folder (opened->run));
  for (guint i = 0; others[i] != NULL; i++)
    nmd_output_guard_add_run (&guard, others[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (!nmd_output_guard_check_in (&guard, out, names[i], error))
      return FALSE;
  return nmd_file_make_folder (out, error);
}

static guint64
get_seed (const NmdOpenedRun *opened)
{
  return (guint64)nmd_parameters_get (nmd_run_get_parameters (opened->run), "seed");
}

/* Takes out what @run was trained on, or does not know. */
static gboolean
keep_held_out (Repeat *self, NmdRun *run, GError **error)
{
  g_autoptr (NmdSplit) split = NULL;

  if (!nmd_run_check_dataset (run, self->dataset, error))
    return FALSE;
  split = nmd_run_get_split (run, self->dataset, error);
  if (split == NULL)
    return FALSE;
  for (guint i = self->indices->len; i-- > 0;)
    {
      const NmdPart part = (NmdPart)split->parts[g_array_index (self->indices, guint, i)];

      if (part != NMD_PART_TEST && part != NMD_PART_VALIDATION)
        g_array_remove_index (self->indices, i);
    }
  return TRUE;
}

static gboolean
map_images (Repeat *self, const NmdOpenedRun *opened, GError **error)
{
  GCancellable *cancellable = nmd_command_get_cancellable ();

  for (guint i = 0; i < self->indices->len; i++)
    {
      NmdSample *sample
          = nmd_dataset_get (self->dataset, g_array_index (self->indices, guint, i));
      g_autoptr (NmdScan) scan = nmd_scan_load_sample (sample, error);
      NmdMap *map;

      if (scan == NULL)
        return FALSE;
      nmd_command_progress ((double)self->maps->len / (self->n_runs * self->indices->len),
                            "Mapping by run %u of %u",
                            self->maps->len / self->indices->len + 1, self->n_runs);
      map = nmd_map_compute (
          opened->predictor, scan->image, scan->mask, self->options->method,
          self->options->target >= 0 ? self->options->target : sample->label,
          self->options->layer, cancellable, error);
      if (map == NULL)
        return FALSE;
      g_ptr_array_add (self->maps, map);
    }
  return TRUE;
}

/* All runs fit each other before the first map is computed. */
static gboolean
check_runs (Repeat *self,
            const NmdOpenedRun *opened,
            const char *const *others,
            GError **error)
{
  if (!keep_held_out (self, opened->run, error))
    return FALSE;
  for (guint i = 0; others[i] != NULL; i++)
    {
      g_autoptr (NmdRun) run = nmd_run_open (others[i], error);

      if (run == NULL)
        return FALSE;
      if (nmd_run_get_network (run) != nmd_run_get_network (opened->run))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                       "%s is of network %s, the first run of %s: repeatability is that "
                       "of one network",
                       nmd_command_shown (others[i]), nmd_run_get_network (run)->name,
                       nmd_run_get_network (opened->run)->name);
          return FALSE;
        }
      if (!keep_held_out (self, run, error))
        return FALSE;
    }
  if (self->options->limit > 0)
    nmd_explain_limit (self->indices, self->dataset, self->options->limit,
                       get_seed (opened));
  if (self->indices->len > 0)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "Every image was trained on by one of the %u runs: use runs of one split "
               "(nmd compare --split FILE --seeds 1,2,3)",
               self->n_runs);
  return FALSE;
}

static gboolean
map_runs (Repeat *self,
          const NmdOpenedRun *opened,
          const char *const *others,
          GError **error)
{
  if (!map_images (self, opened, error))
    return FALSE;
  for (guint i = 0; others[i] != NULL; i++)
    {
      g_auto (NmdOpenedRun) other = { 0 };

      if (!nmd_opened_run_open (&other, others[i], self->compute, error)
          || !map_images (self, &other, error))
        return FALSE;
    }
  return TRUE;
}

static GArray *
compare (const Repeat *self)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (NmdRepeatRow));
  g_autofree const NmdMap **maps = g_new (const NmdMap *, self->n_runs);

  for (guint i = 0; i < self->indices->len; i++)
    {
      const NmdSample *sample
          = nmd_dataset_get (self->dataset, g_array_index (self->indices, guint, i));
      NmdRepeatRow row
          = { sample->id, sample->subject != NULL ? sample->subject : "", sample->label };

      for (guint k = 0; k < self->n_runs; k++)
        maps[k] = self->maps->pdata[k * self->indices->len + i];
      nmd_map_get_repeat (maps, self->n_runs, &row.repeat);
      g_array_append_val (rows, row);
    }
  return rows;
}

static void
print_json (const Repeat *self, const GArray *rows, guint64 seed)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  NmdRepeatMeans means;
  g_autofree char *sentence = NULL;

  nmd_repeat_get_means ((const NmdRepeatRow *)(void *)rows->data, rows->len, -1, seed,
                        &means);
  sentence = nmd_repeat_to_sentence (&means, self->n_runs);
  nmd_json_set_text (object, "out", self->options->out);
  json_object_set_string_member (object, "method",
                                 nmd_map_method_get_name (self->options->method));
  json_object_set_int_member (object, "runs", self->n_runs);
  json_object_set_int_member (object, "images", means.n_images);
  json_object_set_int_member (object, "measured", means.n_measured);
  nmd_json_set_number (object, "spearman", means.spearman);
  nmd_json_set_number (object, "spearman_low", means.spearman_ci.low);
  nmd_json_set_number (object, "spearman_high", means.spearman_ci.high);
  nmd_json_set_number (object, "ssim", means.ssim);
  nmd_json_set_number (object, "ssim_low", means.ssim_ci.low);
  nmd_json_set_number (object, "ssim_high", means.ssim_ci.high);
  json_object_set_string_member (object, "verdict", sentence);
  json_object_set_string_member (object, "note", NMD_OVERLAY_CAVEAT);
  json_node_take_object (node, object);
  nmd_command_print_json (node);
}

static gboolean
write_tables (const Repeat *self, const NmdOpenedRun *opened, GError **error)
{
  const NmdPassport *passport = nmd_model_get_passport (opened->model);
  const char *const classes[2] = { passport->classes[0], passport->classes[1] };
  const guint64 seed = get_seed (opened);
  g_autoptr (GArray) rows = compare (self);
  const NmdRepeatRow *first = (const NmdRepeatRow *)(void *)rows->data;
  g_autofree char *csv = nmd_repeat_to_csv (first, rows->len);
  g_autofree char *table
      = nmd_repeat_to_markdown (first, rows->len, self->n_runs, classes, seed);
  g_autofree char *text = g_strdup_printf (
      "%s%s of %u images that none of %u runs of %s was trained on\n\n%s",
      passport->synthetic ? "SYNTHETIC data. " : "",
      nmd_map_method_get_title (self->options->method), rows->len, self->n_runs,
      nmd_run_get_network (opened->run)->title, table);
  g_autofree char *csv_path = g_build_filename (self->options->out, names[0], NULL);
  g_autofree char *md_path = g_build_filename (self->options->out, names[1], NULL);

  if (!nmd_file_write_text (csv_path, csv, error)
      || !nmd_file_write_text (md_path, text, error))
    return FALSE;
  if (nmd_command_wants_json ())
    print_json (self, rows, seed);
  else
    nmd_command_print_lines (text);
  return TRUE;
}

gboolean
nmd_explain_repeat (const NmdOpenedRun *opened,
                    const char *const *others,
                    const NmdCohortOptions *options,
                    const NmdComputeOptions *compute,
                    GError **error)
{
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GArray) indices = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GPtrArray) maps
      = g_ptr_array_new_with_free_func ((GDestroyNotify)nmd_map_unref);
  Repeat self = { options, compute, NULL, indices, maps, 1 };
  gboolean done;

  while (others[self.n_runs - 1] != NULL)
    self.n_runs++;
  if (!check_outputs (opened, others, options->out, error))
    return FALSE;
  self.dataset = dataset
      = nmd_run_open_dataset (opened->run, NULL, nmd_import_options_progress, NULL,
                              nmd_command_get_cancellable (), error);
  if (dataset == NULL)
    return FALSE;
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    g_array_append_val (indices, i);
  done = check_runs (&self, opened, others, error)
         && map_runs (&self, opened, others, error);
  nmd_command_progress_done ();
  return done && write_tables (&self, opened, error);
}
