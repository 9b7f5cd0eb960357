/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of `nmd` about leaks: leaks looks for what the parts of a split have in common, leak-gap measures
 * what a split by image pretends.
 */
#include "app/nmd-command.h"

#include "app/nmd-experiment-commands.h"
#include "app/nmd-import-options.h"
#include "engine/data/nmd-leak-check.h"
#include "engine/train/nmd-run.h"

#include <stdio.h>

static void
leak_progress (double fraction, gpointer data)
{
  nmd_command_progress (fraction, "looking at images");
}

static void
print_report (const NmdLeakReport *report, NmdDataset *dataset, const NmdSplit *split)
{
  printf ("%u images of %u subjects%s\n", report->n_images, report->n_subjects,
          report->has_split ? ", by parts" : "");
  if (report->has_split)
    printf ("  %u subjects have images in more than one part\n", report->n_divided);
  for (guint i = 0; i < MIN (report->divided->len, 10); i++)
    printf ("    %s\n", nmd_command_shown (report->divided->pdata[i]));
  printf ("  %u near-duplicates %s, %u of them of different subjects\n", report->n_pairs,
          report->has_split ? "across parts" : "across subjects",
          report->n_pairs_of_others);
  for (guint i = 0; i < MIN (report->pairs->len, 20); i++)
    {
      const NmdNearPair *pair = &g_array_index (report->pairs, NmdNearPair, i);

      printf ("    %s  %s and %s", nmd_command_number (pair->correlation, 3),
              nmd_command_shown (nmd_dataset_get (dataset, pair->a)->id),
              nmd_command_shown (nmd_dataset_get (dataset, pair->b)->id));
      if (split != NULL)
        printf (" (%s, %s)", nmd_part_get_name ((NmdPart)split->parts[pair->a]),
                nmd_part_get_name ((NmdPart)split->parts[pair->b]));
      puts (pair->same_subject ? ", same subject" : "");
    }
  if (report->pairs->len > 20)
    puts ("    … --json lists 200");
}

/* Data set and split of a run. */
static NmdDataset *
open_run (const char *folder, NmdSplit **split, GError **error)
{
  g_autoptr (NmdRun) run = nmd_run_open (folder, error);
  g_autoptr (NmdDataset) dataset
      = run != NULL ? nmd_run_open_dataset (run, NULL, nmd_import_options_progress, NULL,
                                            nmd_command_get_cancellable (), error)
                    : NULL;

  if (dataset == NULL)
    return NULL;
  *split = nmd_run_get_split (run, dataset, error);
  return *split != NULL ? g_steal_pointer (&dataset) : NULL;
}

/* The data set with the split that the options name; none named: no split. */
static NmdDataset *
open_dataset (const char *path,
              const NmdImportSettings *import,
              const NmdParameterOptions *rows,
              NmdSplit **split,
              GError **error)
{
  const char *kind = nmd_parameter_options_get_text (rows, "split");
  g_autoptr (NmdParameters) scratch = nmd_parameters_new ();
  g_autofree char *file = NULL;
  g_autoptr (NmdParameters) parameters = NULL;
  g_autoptr (NmdDataset) dataset = NULL;

  if (kind != NULL && !nmd_parameters_set_text (scratch, "split", kind, NULL))
    {
      file = g_strdup (kind);
      nmd_parameter_options_unset ((NmdParameterOptions *)rows, "split");
    }
  parameters = nmd_parameter_options_get (rows, NMD_TASK_CLASSIFY, error);
  dataset = parameters != NULL ? nmd_import_options_open (import, path, error) : NULL;
  if (dataset == NULL || kind == NULL)
    return g_steal_pointer (&dataset);
  *split
      = file != NULL ? nmd_split_load_fold (
            dataset, file, nmd_parameters_get_int (parameters, "fold"), parameters, error)
                     : nmd_split_new (dataset, parameters, error);
  return *split != NULL ? g_steal_pointer (&dataset) : NULL;
}

int
nmd_command_leaks (int argc, char **argv)
{
  g_auto (NmdImportSettings) import = { 0 };
  g_auto (NmdParameterOptions) rows = { 0 };
  g_autoptr (GOptionEntryArray) some = nmd_import_options_entries (&import, NULL);
  g_autoptr (GOptionEntryArray) table
      = nmd_parameter_options_entries (&rows, some, "split");
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (NmdSplit) split = NULL;
  g_autoptr (NmdLeakReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  int status = 0;

  if (!nmd_command_parse ("leaks", table, &argc, &argv, 1, 1, &status))
    return status;
  json = g_build_filename (argv[1], "run.json", NULL);
  dataset = g_file_test (json, G_FILE_TEST_EXISTS)
                ? open_run (argv[1], &split, &error)
                : open_dataset (argv[1], &import, &rows, &split, &error);
  if (dataset != NULL)
    report = nmd_leak_check (dataset, split, leak_progress, NULL,
                             nmd_command_get_cancellable (), &error);
  nmd_command_progress_done ();
  if (report == NULL)
    return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    nmd_command_print_json (nmd_leak_report_to_json (report, dataset));
  else
    print_report (report, dataset, split);
  return NMD_EXIT_DONE;
}

int
nmd_command_leak_gap (int argc, char **argv)
{
  return nmd_experiment_command ("leak-gap", NMD_EXPERIMENT_LEAK, argc, argv);
}
