/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of `nmd` that make many trainings of one plan: crossval, compare, ablate, leaks --gap; and
 * experiment, which goes on with one and shows it.
 */
#include "app/nmd-command.h"

#include "app/nmd-experiment-commands.h"
#include "app/nmd-experiment-figures.h"
#include "app/nmd-figure-files.h"
#include "app/nmd-import-options.h"
#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-number.h"
#include "engine/experiment/nmd-experiment-results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What goes on, on standard error. */
static void
experiment_event (const NmdExperimentEvent *event, gpointer user_data)
{
  switch (event->kind)
    {
    case NMD_EXPERIMENT_MEASURES:
      nmd_command_say ("Measuring a training step of %s", event->text);
      break;
    case NMD_EXPERIMENT_BEGINS:
      nmd_command_say ("[%u of %u done] %s%s", event->n_done, event->n,
                       event->description,
                       event->is_resumed ? ": going on where it stood" : "");
      break;
    case NMD_EXPERIMENT_TRAINS:
      if (event->train->kind == NMD_TRAIN_WARNING && event->n_done == 0)
        nmd_command_warn (event->train->text, FALSE);
      if (event->train->kind != NMD_TRAIN_STEP)
        break;
      nmd_command_stop_in_order (); /* a stop ends the batch and keeps the last epoch */
      nmd_command_progress (event->fraction, "%s, loss %s", event->description,
                            nmd_command_number (event->train->loss, 3));
      break;
    case NMD_EXPERIMENT_FAILED:
      nmd_command_progress_done ();
      nmd_command_say ("Failed: %s: %s", event->description, event->text);
      break;
    case NMD_EXPERIMENT_ENDED:
      break;
    }
}

/* "about 3 h 20 min". */
static char *
duration_to_text (double seconds)
{
  const double minutes = ceil (seconds / 60);

  if (seconds < 100)
    return g_strdup_printf ("about %s s", nmd_command_number (ceil (seconds), 0));
  if (minutes < 100)
    return g_strdup_printf ("about %s min", nmd_command_number (minutes, 0));
  if (minutes < 48 * 60)
    return g_strdup_printf ("about %s h %s min",
                            nmd_command_number (floor (minutes / 60), 0),
                            nmd_command_number (fmod (minutes, 60), 0));
  return g_strdup_printf ("about %s days", nmd_command_number (minutes / 60 / 24, 1));
}

/* How long it will take, before it is begun. */
static gboolean
say_estimate (const char *folder,
              const NmdShard *shard,
              NmdDataset *dataset,
              double *seconds,
              GError **error)
{
  g_autofree char *text = NULL;

  if (!nmd_experiment_estimate (folder, shard, dataset, seconds, experiment_event, NULL,
                                nmd_command_get_cancellable (), error))
    return FALSE;
  text = duration_to_text (*seconds);
  if (*seconds > 0)
    nmd_command_say ("What is left takes %s on this machine, from measured steps", text);
  return TRUE;
}

static gboolean
print_results (const char *folder,
               const NmdExperimentState *state,
               guint formats,
               GError **error)
{
  g_autoptr (NmdExperimentResults) results = nmd_experiment_results_load (folder, error);
  g_autofree char *table = NULL;

  if (results == NULL
      || (results->n_done > 0
          && !nmd_experiment_figures_write (folder, results, formats, error)))
    return FALSE;
  if (nmd_command_wants_json ())
    {
      nmd_command_print_json (nmd_experiment_results_to_json (results));
      return TRUE;
    }
  table = nmd_experiment_results_to_markdown (results);
  nmd_command_print_lines (table);
  printf ("  results.csv, results.json, table.md, table.tex and figures are in %s\n",
          nmd_command_shown (folder));
  puts ("  For research and teaching, not a medical device.");
  if (state->n_held > 0)
    nmd_command_say ("Other processes are at work on %u trainings", state->n_held);
  return TRUE;
}

/* How a command that runs an experiment goes on after its plan is on disk. */
typedef struct
{
  const char *folder;
  const char *dataset_path; /* (nullable) */
  NmdDataset *dataset;      /* (nullable) */
  NmdShard shard;
  gboolean no_estimate, dry_run;
  guint formats; /* of the figures */
} Go;

static int
finish (const Go *go, const NmdExperimentState *state, gboolean done, GError *error)
{
  nmd_command_progress_done ();
  if (!done)
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          nmd_command_say ("Stopped; “nmd experiment %s” goes on", go->folder);
          return NMD_EXIT_STOPPED;
        }
      return nmd_command_fail (error);
    }
  if (!print_results (go->folder, state, go->formats, &error))
    return nmd_command_fail (error);
  if (state->n_failed == 0)
    return NMD_EXIT_DONE;
  nmd_command_say ("%u trainings failed, the first is %s", state->n_failed,
                   state->first_failure);
  return NMD_EXIT_FAILED;
}

static int
run_experiment (const Go *go)
{
  g_autoptr (NmdPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdDataset) dataset = NULL;
  g_auto (NmdExperimentState) state = { 0 };
  double seconds = NAN;
  gboolean done;

  plan = nmd_plan_load (go->folder, &error);
  if (plan == NULL)
    return nmd_command_fail (error);
  if (go->dataset != NULL)
    dataset = g_object_ref (go->dataset);
  else if (!go->no_estimate || go->dry_run)
    dataset = nmd_import_options_open (
        &plan->import, go->dataset_path != NULL ? go->dataset_path : plan->dataset_path,
        &error);
  if (error != NULL)
    return nmd_command_fail (error);
  nmd_command_say ("%u trainings: %u networks or changes, folds and seeds",
                   plan->cells->len, plan->rows->len);
  if ((!go->no_estimate || go->dry_run)
      && !say_estimate (go->folder, &go->shard, dataset, &seconds, &error))
    return finish (go, &state, FALSE, error);
  if (go->dry_run)
    return NMD_EXIT_DONE;
  done = nmd_experiment_run (go->folder, &go->shard, go->dataset_path, dataset,
                             experiment_event, NULL, nmd_command_get_cancellable (),
                             &state, &error);
  return finish (go, &state, done, error);
}

/* The options that all three have. */
typedef struct
{
  char *out, *models, *seeds, *device, *numerics, *organ, *leave_out, *what, *shard,
      *split_file;
  char **formats;
  int threads;
  gboolean no_estimate, dry_run, events;
  NmdImportSettings import;
  NmdParameterOptions rows;
} Options;

static void
options_clear (Options *self)
{
  char **const texts[] = { &self->out,       &self->models,   &self->seeds,
                           &self->device,    &self->numerics, &self->organ,
                           &self->leave_out, &self->what,     &self->shard,
                           &self->split_file };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_clear_pointer (texts[i], g_free);
  g_strfreev (self->formats);
  nmd_import_settings_clear (&self->import);
  nmd_parameter_options_clear (&self->rows);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* "1,2,3": whole numbers. */
static GArray *
parse_seeds (const char *text)
{
  g_autoptr (GArray) seeds = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", ",", -1);

  for (char **word = words; *word != NULL; word++)
    {
      gint64 seed;

      if (!nmd_number_parse_int (*word, &seed, NULL) || seed < 0
          || seed > G_GINT64_CONSTANT (9007199254740991))
        return NULL;
      g_array_append_val (seeds, seed);
    }
  return g_steal_pointer (&seeds);
}

/* --split takes a kind of the table or a file. */
static void
take_split_file (Options *self)
{
  const char *text = nmd_parameter_options_get_text (&self->rows, "split");
  g_autoptr (NmdParameters) scratch = nmd_parameters_new ();

  if (text == NULL || nmd_parameters_set_text (scratch, "split", text, NULL))
    return;
  self->split_file = g_strdup (text);
  nmd_parameter_options_unset (&self->rows, "split");
}

static GOptionEntry *
make_table (Options *self, NmdExperimentKind kind)
{
  const GOptionEntry entries[] = {
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &self->out,
      "The experiment's folder; one with the same plan is gone on with", "DIR" },
    { "models", 0, 0, G_OPTION_ARG_STRING, &self->models,
      kind == NMD_EXPERIMENT_COMPARE
          ? "Networks, with commas; the first is compared with the others [all]"
          : "Network, or several with commas where the command takes them [nmdassistnet]",
      "LIST" },
    { "seeds", 0, 0, G_OPTION_ARG_STRING, &self->seeds,
      "Seeds, with commas: everything once for each [--seed]", "LIST" },
    { "leave-out", 0, 0, G_OPTION_ARG_STRING, &self->leave_out,
      "Leave out and test each value of this column in turn: device, muscle …",
      "COLUMN" },
    { "organ", 0, 0, G_OPTION_ARG_STRING, &self->organ,
      "What the images show, where the data set does not state it", "WORD" },
    { "accept-masks", 0, 0, G_OPTION_ARG_NONE, &self->import.accept_masks,
      "Train with doubtful masks as they are, after a look at what “nmd dataset” lists",
      NULL },
    { "shard", 0, 0, G_OPTION_ARG_STRING, &self->shard,
      "Train only this share of the plan, such as 2/8", "I/N" },
    { "no-estimate", 0, 0, G_OPTION_ARG_NONE, &self->no_estimate,
      "Measure no steps beforehand", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &self->dry_run,
      "Write the plan, say how long it takes, and stop", NULL },
    { "events", 0, 0, G_OPTION_ARG_NONE, &self->events,
      "Write a TensorBoard event file into each run", NULL },
    { "format", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->formats,
      "Formats of the figures: png, svg or pdf, several with commas [png,svg,pdf]",
      "LIST" },
    NMD_DEVICE_ENTRIES (&self->device, &self->numerics, &self->threads),
    { kind == NMD_EXPERIMENT_ABLATE ? "what" : NULL, 0, 0, G_OPTION_ARG_STRING,
      &self->what, "What is left out in turn", "preprocessing|architecture|recipe" },
    { NULL },
  };
  g_autoptr (GOptionEntryArray) some
      = nmd_import_options_entries (&self->import, entries);

  return nmd_parameter_options_entries (&self->rows, some, NULL);
}

static gboolean
write_plan (const Options *options,
            NmdExperimentKind kind,
            const char *dataset_path,
            NmdDataset *dataset,
            const NmdParameters *parameters,
            GArray *seeds,
            GError **error)
{
  g_auto (GStrv) networks
      = options->models != NULL ? g_strsplit (options->models, ",", -1) : NULL;
  NmdPlanSettings settings = { .kind = kind,
                               .dataset_path = dataset_path,
                               .dataset = dataset,
                               .import = &options->import,
                               .organ = options->organ,
                               .networks = (const char *const *)networks,
                               .seeds = (const gint64 *)(void *)seeds->data,
                               .n_seeds = seeds->len,
                               .split_file = options->split_file,
                               .leave_out = options->leave_out,
                               .device = options->device,
                               .threads = options->threads,
                               .events = options->events,
                               .parameters = parameters };
  g_autoptr (NmdPlan) plan = NULL;

  if (kind == NMD_EXPERIMENT_ABLATE)
    nmd_ablation_parse (options->what, &settings.ablation);
  plan = nmd_plan_new (&settings, error);
  return plan != NULL && nmd_experiment_start (options->out, plan, error);
}

/* The formats that --format names; all without it. FALSE with *@status set for another word. */
static gboolean
parse_formats (char **words, guint *formats, int *status)
{
  static const char *const all[] = { "png,svg,pdf", NULL };
  g_autofree char *wrong = NULL;

  if (nmd_figure_files_parse_formats (words != NULL ? (const char *const *)words : all,
                                      formats, &wrong))
    return TRUE;
  *status = nmd_command_usage ("--format takes png, svg and pdf, not “%s”", wrong);
  return FALSE;
}

/* Everything that the command line alone tells. */
static gboolean
check_options (Options *options, NmdExperimentKind kind, int *status)
{
  NmdAblation ablation;

  if (!nmd_command_check_compute (&options->device, options->numerics, options->threads,
                                  NULL, status))
    return FALSE;
  *status = NMD_EXIT_USAGE;
  if (options->out == NULL)
    nmd_command_usage ("Say where the experiment lies with --out DIR");
  else if (kind == NMD_EXPERIMENT_ABLATE
           && !nmd_ablation_parse (options->what, &ablation))
    nmd_command_usage ("--what is preprocessing, architecture or recipe");
  else if (options->split_file != NULL
           && !g_file_test (options->split_file, G_FILE_TEST_IS_REGULAR))
    nmd_command_usage ("--split is a kind of split or a file; there is no file “%s”",
                       options->split_file);
  else
    return TRUE;
  return FALSE;
}

int
nmd_experiment_command (const char *name, NmdExperimentKind kind, int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (GOptionEntryArray) table = make_table (&options, kind);
  g_autoptr (NmdParameters) parameters = NULL;
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GArray) seeds = NULL;
  g_autoptr (GError) error = NULL;
  Go go = { 0 };
  int status = 0;

  if (!nmd_command_parse (name, table, &argc, &argv, 1, 1, &status))
    return status;
  take_split_file (&options);
  if (!check_options (&options, kind, &status)
      || !parse_formats (options.formats, &go.formats, &status))
    return status;
  seeds = parse_seeds (options.seeds);
  if (seeds == NULL)
    return nmd_command_usage ("--seeds is a list of whole numbers such as 1,2,3");
  if (options.shard != NULL && !nmd_shard_parse (options.shard, &go.shard))
    return nmd_command_usage ("--shard is a share such as 2/8, not “%s”", options.shard);
  parameters = nmd_parameter_options_get (&options.rows, NMD_TASK_CLASSIFY, &error);
  if (parameters == NULL)
    return nmd_command_usage ("%s", error->message);
  dataset = nmd_import_options_open (&options.import, argv[1], &error);
  if (dataset == NULL
      || !write_plan (&options, kind, argv[1], dataset, parameters, seeds, &error))
    return nmd_command_fail (error);
  go.folder = options.out;
  go.dataset_path = argv[1];
  go.dataset = dataset;
  go.no_estimate = options.no_estimate;
  go.dry_run = options.dry_run;
  return run_experiment (&go);
}

int
nmd_command_crossval (int argc, char **argv)
{
  return nmd_experiment_command ("crossval", NMD_EXPERIMENT_CROSSVAL, argc, argv);
}

int
nmd_command_compare (int argc, char **argv)
{
  return nmd_experiment_command ("compare", NMD_EXPERIMENT_COMPARE, argc, argv);
}

int
nmd_command_ablate (int argc, char **argv)
{
  return nmd_experiment_command ("ablate", NMD_EXPERIMENT_ABLATE, argc, argv);
}

int
nmd_command_experiment (int argc, char **argv)
{
  g_autofree char *shard = NULL, *dataset = NULL;
  g_auto (GStrv) merge = NULL;
  g_auto (GStrv) formats = NULL;
  gboolean show = FALSE;
  Go go = { 0 };
  const GOptionEntry entries[] = {
    { "shard", 0, 0, G_OPTION_ARG_STRING, &shard,
      "Train only this share of the plan, such as 2/8", "I/N" },
    { "show", 0, 0, G_OPTION_ARG_NONE, &show, "Train nothing: show what there is", NULL },
    { "merge", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &merge,
      "Take over what this folder of the same plan has done, and show it; may be given "
      "again",
      "DIR" },
    { "format", 0, 0, G_OPTION_ARG_STRING_ARRAY, &formats,
      "Formats of the figures: png, svg or pdf, several with commas [png,svg,pdf]",
      "LIST" },
    { "dataset", 0, 0, G_OPTION_ARG_FILENAME, &dataset,
      "Where the data set lies now, if it was moved", "PATH" },
    { "no-estimate", 0, 0, G_OPTION_ARG_NONE, &go.no_estimate,
      "Measure no steps beforehand", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &go.dry_run, "Say how long it takes, and stop",
      NULL },
    { NULL },
  };
  static const char *const heeded[] = { "show", "merge", "format", NULL };
  g_autofree char *given = nmd_command_list_given (entries, heeded, argc, argv);
  g_autoptr (GError) error = NULL;
  const NmdExperimentState none = { 0 };
  int status = 0;

  if (!nmd_command_parse ("experiment", entries, &argc, &argv, 1, 1, &status)
      || !parse_formats (formats, &go.formats, &status))
    return status;
  if (shard != NULL && !nmd_shard_parse (shard, &go.shard))
    return nmd_command_usage ("--shard is a share such as 2/8, not “%s”", shard);
  if (given != NULL && (show || merge != NULL))
    return nmd_command_usage ("--show and --merge train nothing; with them do not go: %s",
                              given);
  go.folder = argv[1];
  go.dataset_path = dataset;
  if (merge != NULL
      && !nmd_experiment_merge (argv[1], (const char *const *)merge,
                                nmd_command_get_cancellable (), &error))
    return nmd_command_fail (error);
  if (!show && merge == NULL)
    return run_experiment (&go);
  if (!print_results (argv[1], &none, go.formats, &error))
    return nmd_command_fail (error);
  return NMD_EXIT_DONE;
}
