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

/* How the options divide a data set. */
typedef struct
{
  gboolean is_divided;
  char *file; /* (nullable): of parts */
  NmdParameters *parameters;
} Division;

static void
division_clear (Division *self)
{
  g_clear_pointer (&self->file, g_free);
  g_clear_pointer (&self->parameters, nmd_parameters_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Division, division_clear)

/* FALSE with *@status set if they are wrong. */
static gboolean
division_read (Division *self, NmdParameterOptions *rows, int *status)
{
  g_autofree char *kind = g_strdup (nmd_parameter_options_get_text (rows, "split"));
  g_autoptr (NmdParameters) scratch = nmd_parameters_new ();
  g_autoptr (GError) error = NULL;

  self->is_divided = kind != NULL;
  if (kind != NULL && !nmd_parameters_set_text (scratch, "split", kind, NULL))
    {
      nmd_parameter_options_unset (rows, "split");
      self->file = g_steal_pointer (&kind);
    }
  self->parameters = nmd_parameter_options_get (rows, NMD_TASK_CLASSIFY, &error);
  if (self->parameters == NULL)
    *status = nmd_command_usage ("%s", error->message);
  else if (self->file != NULL && !g_file_test (self->file, G_FILE_TEST_IS_REGULAR))
    *status = nmd_command_usage (
        "--split is a kind of split or a file; there is no file “%s”", self->file);
  else
    return TRUE;
  return FALSE;
}

static NmdDataset *
open_dataset (const char *path,
              const NmdImportSettings *import,
              const Division *division,
              NmdSplit **split,
              GError **error)
{
  g_autoptr (NmdDataset) dataset = nmd_import_options_open (import, path, error);

  if (dataset == NULL || !division->is_divided)
    return g_steal_pointer (&dataset);
  *split
      = division->file != NULL
            ? nmd_split_load_fold (dataset, division->file,
                                   nmd_parameters_get_int (division->parameters, "fold"),
                                   division->parameters, error)
            : nmd_split_new (dataset, division->parameters, error);
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
  static const char *const heeded[] = { "unpack", "no-cache", NULL }; /* by a run too */
  g_autofree char *given = nmd_command_list_given (table, heeded, argc, argv);
  g_auto (Division) division = { 0 };
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (NmdSplit) split = NULL;
  g_autoptr (NmdLeakReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  gboolean is_run;
  int status = 0;

  if (!nmd_command_parse ("leaks", table, &argc, &argv, 1, 1, &status))
    return status;
  json = g_build_filename (argv[1], "run.json", NULL);
  is_run = g_file_test (json, G_FILE_TEST_EXISTS);
  if (is_run && given != NULL)
    return nmd_command_usage (
        "A run has its own data set and split; with it do not go: %s", given);
  if (!division_read (&division, &rows, &status))
    return status;
  dataset = is_run ? open_run (argv[1], &split, &error)
                   : open_dataset (argv[1], &import, &division, &split, &error);
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
