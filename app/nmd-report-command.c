/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd report`: the model card of a run as Markdown and PDF, and its evidence pack;
 * `nmd verify`: checks such a pack.
 */
#include "app/nmd-command.h"

#include "app/nmd-output-guard.h"
#include "app/nmd-opened-run.h"
#include "engine/core/nmd-json.h"
#include "engine/report/nmd-pack.h"
#include "ui/plot/nmd-run-report.h"

#include <stdio.h>
#include <string.h>

/* What the command line says. */
typedef struct
{
  NmdComputeOptions compute;
  char *out, *dataset, *pack, *method_name;
  NmdMapMethod method;
  gboolean no_images;
} Options;

static void
options_clear (Options *self)
{
  nmd_compute_options_clear (&self->compute);
  g_free (self->out);
  g_free (self->dataset);
  g_free (self->pack);
  g_free (self->method_name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *self, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &self->out,
      "A file .md or .pdf, or a folder for both with the figures [RUN/report]",
      "FILE|DIR" },
    { "pack", 0, 0, G_OPTION_ARG_FILENAME, &self->pack,
      "Instead write an evidence pack: run, report and the SHA-256 of every file, into a "
      "new folder or one .zip",
      "DIR|FILE.zip" },
    { "dataset", 0, 0, G_OPTION_ARG_FILENAME, &self->dataset, "The data set's new place",
      "PATH" },
    { "no-images", 0, 0, G_OPTION_ARG_NONE, &self->no_images,
      "Without the most wrong images: the report then holds no picture of a person",
      NULL },
    { "method", 0, 0, G_OPTION_ARG_STRING, &self->method_name,
      "How the images' maps are computed: " NMD_MAP_METHOD_NAMES " [gradcam]", "NAME" },
    { "device", 0, 0, G_OPTION_ARG_STRING, &self->compute.device,
      "Device: " NMD_DEVICE_FORMS " [" NMD_DEVICE_DEFAULT "]", "NAME" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &self->compute.threads,
      "Processor threads; 0: as many as are fastest here [0]", "N" },
    { NULL },
  };

  if (!nmd_command_parse ("report", entries, argc, argv, 1, 1, status)
      || !nmd_command_check_compute (&self->compute.device, NULL, self->compute.threads,
                                     NULL, status))
    return FALSE;
  if (self->method_name != NULL
      && !nmd_map_method_find (self->method_name, &self->method))
    {
      *status = nmd_command_usage ("--method is " NMD_MAP_METHOD_NAMES ", not “%s”",
                                   self->method_name);
      return FALSE;
    }
  if (self->pack == NULL || self->out == NULL)
    return TRUE;
  *status = nmd_command_usage ("--pack and --out exclude each other: a pack holds the "
                               "report");
  return FALSE;
}

/* The facts of the run, with its data set where that can be opened. */
static NmdRunFacts *
load_facts (const char *folder, const Options *options, GError **error)
{
  g_autoptr (NmdRun) run = nmd_run_open (folder, error);
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) missing = NULL;

  if (run == NULL || !nmd_run_check_task (run, NMD_TASK_CLASSIFY, error))
    return NULL;
  dataset = nmd_run_open_dataset (run, options->dataset, NULL, NULL,
                                  nmd_command_get_cancellable (), &missing);
  /* a report without the data set says why; one that was named has to be there */
  if (dataset == NULL
      && (options->dataset != NULL
          || g_error_matches (missing, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    {
      g_propagate_error (error, g_steal_pointer (&missing));
      return NULL;
    }
  return nmd_run_facts_load (run, dataset, missing != NULL ? missing->message : NULL,
                             nmd_command_get_cancellable (), error);
}

/* Folder, stem and kinds of --out. */
static void
parse_out (
    const char *run, const char *out, char **folder, char **stem, NmdReportKinds *kinds)
{
  g_autofree char *base = out != NULL ? g_path_get_basename (out) : NULL;
  const char *ending = base != NULL ? strrchr (base, '.') : NULL;

  *kinds = NMD_REPORT_ALL;
  *stem = g_strdup ("report");
  if (ending != NULL && ending != base && g_ascii_strcasecmp (ending, ".md") == 0)
    *kinds = NMD_REPORT_MARKDOWN | NMD_REPORT_FIGURES;
  else if (ending != NULL && ending != base && g_ascii_strcasecmp (ending, ".pdf") == 0)
    *kinds = NMD_REPORT_PDF;
  if (*kinds == NMD_REPORT_ALL)
    {
      *folder = out != NULL ? g_strdup (out) : g_build_filename (run, "report", NULL);
      return;
    }
  g_free (*stem);
  *stem = g_strndup (base, (gsize)(ending - base));
  *folder = g_path_get_dirname (out);
}

/* FALSE if a file of the report would overwrite what is read. */
static gboolean
check_outputs (const NmdRunFacts *facts,
               const Options *options,
               const char *folder,
               const GPtrArray *files,
               GError **error)
{
  g_auto (NmdOutputGuard) guard = { 0 };

  nmd_output_guard_add_run (&guard, nmd_run_get_folder (facts->run));
  nmd_output_guard_add (&guard, options->dataset != NULL
                                    ? options->dataset
                                    : nmd_run_get_dataset_path (facts->run));
  for (guint i = 0; i < files->len; i++)
    {
      const NmdListedFile *file = files->pdata[i];

      if (!nmd_output_guard_check_in (&guard, folder, file->name, error))
        return FALSE;
    }
  return TRUE;
}

static void
print_files (const char *folder, const GPtrArray *files)
{
  JsonObject *object = NULL;
  JsonArray *names = NULL;
  JsonNode *node = NULL;

  if (!nmd_command_wants_json ())
    {
      for (guint i = 0; i < files->len; i++)
        {
          const NmdListedFile *file = files->pdata[i];

          if (strchr (file->name, '/') == NULL)
            printf ("%s/%s\n", nmd_command_shown (folder), file->name);
        }
      return;
    }
  object = json_object_new ();
  names = json_array_new ();
  node = json_node_new (JSON_NODE_OBJECT);
  for (guint i = 0; i < files->len; i++)
    json_array_add_string_element (
        names, nmd_command_shown (((const NmdListedFile *)files->pdata[i])->name));
  nmd_json_set_text (object, "folder", folder);
  json_object_set_array_member (object, "files", names);
  json_node_take_object (node, object);
  nmd_command_print_json (node);
}

static void
tell_maps (double fraction, gpointer data)
{
  nmd_command_progress (fraction, "maps of the most wrong images");
}

static GPtrArray *
make_files (const NmdRunFacts *facts,
            guint kinds,
            const char *stem,
            const Options *options,
            GError **error)
{
  const NmdReportOptions report = { .kinds = kinds,
                                    .with_images = !options->no_images,
                                    .method = options->method,
                                    .device = options->compute.device,
                                    .threads = options->compute.threads,
                                    .progress = tell_maps,
                                    .cancellable = nmd_command_get_cancellable () };
  GPtrArray *files = nmd_run_report_make (facts, stem, &report, error);

  nmd_command_progress_done ();
  return files;
}

/* The pack with the report in it. */
static int
write_pack (const char *run,
            const NmdRunFacts *facts,
            const Options *options,
            GError **error)
{
  g_auto (NmdOutputGuard) guard = { 0 };
  g_autoptr (GPtrArray) files = NULL;
  g_autofree char *sums = NULL;

  nmd_output_guard_add_run (&guard, run);
  nmd_output_guard_add (&guard, options->dataset != NULL
                                    ? options->dataset
                                    : nmd_run_get_dataset_path (facts->run));
  if (!nmd_output_guard_check (&guard, options->pack, error))
    return nmd_command_fail (*error);
  files = make_files (facts, NMD_REPORT_ALL, "report", options, error);
  if (files == NULL
      || !nmd_pack_write (run, files, options->pack, &sums,
                          nmd_command_get_cancellable (), error))
    return nmd_command_fail (*error);
  if (nmd_command_wants_json ())
    {
      JsonObject *object = json_object_new ();
      JsonNode *node = json_node_new (JSON_NODE_OBJECT);

      nmd_json_set_text (object, "pack", options->pack);
      json_object_set_string_member (object, "sha256_of_sums", sums);
      json_node_take_object (node, object);
      nmd_command_print_json (node);
      return NMD_EXIT_DONE;
    }
  printf ("%s\n  SHA-256 of its SHA256SUMS: %s\n", nmd_command_shown (options->pack),
          sums);
  puts (
      "  It holds the names of the data set's folder and subjects as the run has them.");
  if (!options->no_images && facts->dataset != NULL)
    puts ("  It holds pictures of the most wrong images; --no-images leaves them out.");
  return NMD_EXIT_DONE;
}

int
nmd_command_report (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (NmdRunFacts) facts = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL, *stem = NULL;
  NmdReportKinds kinds = NMD_REPORT_ALL;
  int status = 0;

  if (!parse_options (&options, &argc, &argv, &status))
    return status;
  parse_out (argv[1], options.out, &folder, &stem, &kinds);
  facts = load_facts (argv[1], &options, &error);
  if (facts == NULL)
    return nmd_command_fail (error);
  if (options.pack != NULL)
    return write_pack (argv[1], facts, &options, &error);
  files = make_files (facts, kinds, stem, &options, &error);
  if (files == NULL || !check_outputs (facts, &options, folder, files, &error)
      || !nmd_file_list_write (files, folder, nmd_command_get_cancellable (), &error))
    return nmd_command_fail (error);
  print_files (folder, files);
  return NMD_EXIT_DONE;
}

int
nmd_command_verify (int argc, char **argv)
{
  static const GOptionEntry entries[] = { { NULL } };
  g_auto (NmdPackCheck) check = { 0 };
  g_autoptr (GError) error = NULL;
  int status = 0;

  if (!nmd_command_parse ("verify", entries, &argc, &argv, 1, 1, &status))
    return status;
  if (!nmd_pack_verify (argv[1], &check, nmd_command_get_cancellable (), &error))
    return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    {
      JsonObject *object = json_object_new ();
      JsonNode *node = json_node_new (JSON_NODE_OBJECT);

      nmd_json_set_text (object, "pack", argv[1]);
      json_object_set_int_member (object, "files", check.n_files);
      json_object_set_int_member (object, "numbers", check.n_numbers);
      json_object_set_string_member (object, "sha256_of_sums", check.sums);
      nmd_json_set_text (object, "not_computed", check.not_computed);
      json_node_take_object (node, object);
      nmd_command_print_json (node);
      return NMD_EXIT_DONE;
    }
  printf ("%s: OK\n  %u files have the SHA-256 that SHA256SUMS lists; %u numbers of "
          "metrics.json were computed\n  again from predictions.csv and agree\n",
          nmd_command_shown (argv[1]), check.n_files, check.n_numbers);
  if (check.not_computed != NULL)
    printf ("  %s\n", check.not_computed);
  printf ("  SHA-256 of SHA256SUMS, to compare with the one that its maker gave out:\n  "
          "%s\n",
          check.sums);
  return NMD_EXIT_DONE;
}
