/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of `nmd` that make and judge a run: train, evaluate, metrics.
 */
#include "app/nmd-command.h"

#include "app/nmd-figures.h"
#include "app/nmd-import-options.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"
#include "engine/train/nmd-train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "0.903 [0.871, 0.932]", with the bootstrap's interval where there is one. */
static void
print_measure (const char *name, JsonObject *metrics, const char *key)
{
  g_autofree char *by_subject = g_strdup_printf ("%s_ci_subject", key);
  g_autofree char *plain = g_strdup_printf ("%s_ci", key);
  const char *keys[] = { by_subject, plain };

  if (!json_object_has_member (metrics, key))
    return;
  printf ("  %-12s ", name);
  if (json_object_get_null_member (metrics, key))
    {
      puts ("–");
      return;
    }
  printf ("%s", nmd_command_number (json_object_get_double_member (metrics, key), 3));
  for (int i = 0; i < 2; i++)
    {
      JsonNode *node = json_object_get_member (metrics, keys[i]);
      JsonArray *pair = NULL;

      if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
        continue;
      pair = json_node_get_array (node);
      if (json_array_get_length (pair) != 2 || json_array_get_null_element (pair, 0))
        continue;
      /* without width all draws agree: that is no interval */
      if (i == 0
          && json_array_get_double_element (pair, 0)
                 >= json_array_get_double_element (pair, 1))
        continue;
      printf (" [%s, %s]%s",
              nmd_command_number (json_array_get_double_element (pair, 0), 3),
              nmd_command_number (json_array_get_double_element (pair, 1), 3),
              i == 0 ? " by subject" : "");
      break;
    }
  putchar ('\n');
}

static void
print_metrics (JsonObject *metrics)
{
  const char *measures[][2] = {
    { "AUC", "auc" },
    { "accuracy", "accuracy" },
    { "sensitivity", "sensitivity" },
    { "specificity", "specificity" },
    { "PPV", "ppv" },
    { "NPV", "npv" },
    { "F1", "f1" },
    { "Brier score", "brier" },
  };

  printf ("%s part, unit %s: %" G_GINT64_FORMAT " images of %" G_GINT64_FORMAT
          " subjects, threshold %s\n",
          json_object_get_string_member_with_default (metrics, "part", "?"),
          json_object_get_string_member_with_default (metrics, "unit", "image"),
          json_object_get_int_member_with_default (metrics, "n_images", 0),
          json_object_get_int_member_with_default (metrics, "n_subjects", 0),
          nmd_command_number (
              json_object_get_double_member_with_default (metrics, "threshold", 0.5), 3));
  printf ("  TP %" G_GINT64_FORMAT "  FN %" G_GINT64_FORMAT "  FP %" G_GINT64_FORMAT
          "  TN %" G_GINT64_FORMAT "\n",
          json_object_get_int_member_with_default (metrics, "tp", 0),
          json_object_get_int_member_with_default (metrics, "fn", 0),
          json_object_get_int_member_with_default (metrics, "fp", 0),
          json_object_get_int_member_with_default (metrics, "tn", 0));
  for (gsize i = 0; i < G_N_ELEMENTS (measures); i++)
    print_measure (measures[i][0], metrics, measures[i][1]);
  if (json_object_has_member (metrics, "caution"))
    printf ("  Note: %s\n", json_object_get_string_member (metrics, "caution"));
}

static JsonObject *
get_object (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node)
                                                       : NULL;
}

static void
print_evaluation (JsonNode *node, const char *folder)
{
  JsonObject *object = json_node_get_object (node);
  JsonObject *metrics = get_object (object, "metrics"),
             *rival = get_object (object, "rival");
  const char *caveat
      = json_object_get_string_member_with_default (object, "caveat", NULL);

  printf ("%s, %s weights\n", folder,
          json_object_get_string_member_with_default (object, "weights", "?"));
  if (metrics != NULL)
    print_metrics (metrics);
  if (json_object_has_member (object, "device"))
    printf ("  Scored by: %s\n", json_object_get_string_member (object, "device"));
  if (json_object_has_member (object, "initial"))
    printf ("  %s\n", json_object_get_string_member (object, "initial"));
  if (rival != NULL && json_object_has_member (rival, "sentence"))
    printf ("  %s\n", json_object_get_string_member (rival, "sentence"));
  if (caveat != NULL)
    printf ("  Note: %s\n", caveat);
  puts ("  For research and teaching, not a medical device.");
}

static void
train_event (const NmdTrainEvent *event, gpointer user_data)
{
  const NmdEpoch *epoch = event->epoch;
  const char *left = nmd_command_number (event->seconds_left / 60, 0);

  switch (event->kind)
    {
    case NMD_TRAIN_IMPORT:
      nmd_command_progress (event->fraction, "reading images");
      break;
    case NMD_TRAIN_PREPARE:
      nmd_command_progress (event->fraction, "preprocessing images");
      break;
    case NMD_TRAIN_STEP:
      nmd_command_progress (event->fraction, "loss %s, %s images/s, %s min left",
                            nmd_command_number (event->loss, 3),
                            nmd_command_number (event->images_per_second, 1), left);
      break;
    case NMD_TRAIN_EPOCH:
      nmd_command_say (
          "epoch %d  lr %s  loss %s  validation loss %s AUC %s accuracy %s  %s s, "
          "%s %% waiting for data%s%s",
          epoch->epoch, nmd_command_number (epoch->lr, 6),
          nmd_command_number (epoch->train_loss, 4),
          nmd_command_number (epoch->val_loss, 4), nmd_command_number (epoch->val_auc, 4),
          nmd_command_number (epoch->val_accuracy, 3),
          nmd_command_number (epoch->seconds, 1),
          nmd_command_number (100 * epoch->wait, 1),
          epoch->averaging ? "  averaging" : "", epoch->best ? "  best" : "");
      break;
    case NMD_TRAIN_WARNING:
    case NMD_TRAIN_NOTE:
      nmd_command_say ("%s", event->text);
      break;
    case NMD_TRAIN_FINISH:
      nmd_command_progress (1, "renewing statistics and scoring");
      break;
    }
}

/* After a training: prints metrics.json of the run. */
static int
report_run (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "metrics.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = nmd_json_load (path, &error);

  nmd_command_progress_done ();
  if (node == NULL)
    return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    {
      JsonNode *copy = json_node_copy (node);

      json_object_set_string_member (json_node_get_object (copy), "run", folder);
      nmd_command_print_json (copy);
    }
  else
    print_evaluation (node, folder);
  return NMD_EXIT_DONE;
}

/* As nmd_command_fail(); a stopped training can go on. */
static int
fail_train (const char *folder, const GError *error)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || !g_file_test (path, G_FILE_TEST_EXISTS))
    return nmd_command_fail (error);
  nmd_command_say ("nmd train: Stopped; “nmd train --resume %s” goes on", folder);
  return NMD_EXIT_STOPPED;
}

/* --split takes a kind of the table or a file. */
static char *
take_split_file (NmdParameterOptions *rows)
{
  const char *text = nmd_parameter_options_get_text (rows, "split");
  g_autoptr (NmdParameters) scratch = nmd_parameters_new ();
  char *file = NULL;

  if (text == NULL || nmd_parameters_set_text (scratch, "split", text, NULL))
    return NULL;
  file = g_strdup (text);
  nmd_parameter_options_unset (rows, "split");
  return file;
}

static char *
new_run_name (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  return g_date_time_format (now, "run-%Y%m%d-%H%M%S");
}

static void
replace (char **text, const char *value)
{
  g_free (*text);
  *text = g_strdup (value);
}

/* The engine's settings with their own copies of every text. */
static NmdTrainSettings *
new_settings (const char *dataset_path,
              const NmdImportSettings *import,
              NmdParameters *parameters)
{
  NmdTrainSettings *settings = nmd_train_settings_new ();

  replace (&settings->dataset_path, dataset_path);
  nmd_import_settings_copy (&settings->import, import);
  g_clear_pointer (&settings->parameters, nmd_parameters_unref);
  settings->parameters = nmd_parameters_ref (parameters);
  return settings;
}

int
nmd_command_train (int argc, char **argv)
{
  g_autofree char *out = NULL, *model = NULL, *device = NULL, *resume = NULL,
                  *split_file = NULL, *init = NULL, *numerics = NULL;
  int threads = 0, status = 0;
  g_auto (NmdImportSettings) import = { 0 };
  g_auto (NmdParameterOptions) rows = { 0 };
  const GOptionEntry entries[] = {
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Run folder to make", "RUN" },
    { "resume", 0, 0, G_OPTION_ARG_FILENAME, &resume,
      "Go on with this run; no other flag is needed", "RUN" },
    { "model", 0, 0, G_OPTION_ARG_STRING, &model, "Network [nmdassistnet]", "NAME" },
    { "init", 0, 0, G_OPTION_ARG_FILENAME, &init,
      "Start from the weights in this safetensors file", "FILE" },
    { "device", 0, 0, G_OPTION_ARG_STRING, &device,
      "cpu, reference, cuda or cuda:N [cpu]", "NAME" },
    { "numerics", 0, 0, G_OPTION_ARG_STRING, &numerics,
      "On cuda: strict, fast (TF32) or bf16 [strict]", "NAME" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads, "Processor threads, 0 for all [0]",
      "N" },
    { NULL },
  };
  g_autoptr (GOptionEntryArray) some = nmd_import_options_entries (&import, entries);
  g_autoptr (GOptionEntryArray) table = nmd_parameter_options_entries (&rows, some, NULL);
  g_autoptr (NmdTrainSettings) settings = NULL;
  g_autoptr (NmdParameters) parameters = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (!nmd_command_parse ("train", table, &argc, &argv, 0, 1, &status))
    return status;
  if (resume != NULL && out != NULL)
    return nmd_command_usage ("--resume goes on in its own folder; --out does not fit");
  if (resume != NULL && init != NULL)
    return nmd_command_usage ("--resume has its own weights; --init does not fit");
  if (resume == NULL && argc != 2)
    return nmd_command_usage ("Name a DATASET, or a run with --resume");
  if (resume != NULL)
    {
      done = nmd_train_resume (resume, argc == 2 ? argv[1] : NULL, NULL, train_event,
                               NULL, nmd_command_get_cancellable (), &error);
      return done ? report_run (resume) : fail_train (resume, error);
    }
  if (!nmd_command_check_compute (&device, numerics, threads, NULL, &status))
    return status;
  split_file = take_split_file (&rows);
  parameters = nmd_parameter_options_get (&rows, &error);
  if (parameters == NULL)
    return nmd_command_usage ("%s", error->message);
  if (nmd_network_find (model != NULL ? model : "nmdassistnet", &error) == NULL)
    return nmd_command_usage ("%s", error->message);
  if (split_file != NULL && !g_file_test (split_file, G_FILE_TEST_IS_REGULAR))
    return nmd_command_usage ("--split is paper, threeway, kfold, image or a file; there "
                              "is no file “%s”",
                              split_file);
  if (out == NULL)
    out = new_run_name ();
  settings = new_settings (argv[1], &import, parameters);
  replace (&settings->folder, out);
  replace (&settings->split_file, split_file);
  replace (&settings->network, model != NULL ? model : "nmdassistnet");
  replace (&settings->initial, init);
  replace (&settings->device, device);
  settings->threads = threads;
  done = nmd_train_run (settings, train_event, NULL, nmd_command_get_cancellable (),
                        &error);
  return done ? report_run (out) : fail_train (out, error);
}

static void
evaluate_progress (double fraction, gpointer data)
{
  nmd_command_progress (fraction, "scoring");
}

/* The figures of the part that @report is about. */
static gboolean
write_figures (const char *folder,
               JsonNode *report,
               double threshold,
               const char *figures,
               GError **error)
{
  g_autoptr (NmdRun) run = nmd_run_open (folder, error);
  JsonObject *object = json_node_get_object (report);
  const char *word = json_object_get_string_member_with_default (object, "part", "");
  NmdPart part = NMD_PART_NONE;

  if (run == NULL)
    return FALSE;
  if (nmd_part_parse (word, &part) && part != NMD_PART_NONE)
    return nmd_figures_write (run, part, threshold, figures, error);
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
      "Figures are drawn of the run's own data set; %s was scored on another one",
      folder);
  return FALSE;
}

int
nmd_command_evaluate (int argc, char **argv)
{
  g_autofree char *dataset = NULL, *weights = NULL, *device = NULL, *figures = NULL,
                  *numerics = NULL;
  double threshold = 0.5;
  int threads = 0, status = 0;
  g_auto (NmdImportSettings) import = { 0 };
  const GOptionEntry entries[] = {
    { "dataset", 0, 0, G_OPTION_ARG_FILENAME, &dataset,
      "The data set's new place, or another data set", "PATH" },
    { "weights", 0, 0, G_OPTION_ARG_STRING, &weights,
      "average or best [average if there is one]", "NAME" },
    { "threshold", 0, 0, G_OPTION_ARG_DOUBLE, &threshold,
      "Positive from this score on [0.5]", "SCORE" },
    { "figures", 0, 0, G_OPTION_ARG_FILENAME, &figures,
      "Also draw loss, ROC, confusion matrix and scores", "DIR" },
    { "device", 0, 0, G_OPTION_ARG_STRING, &device,
      "cpu, reference, cuda or cuda:N [cpu]", "NAME" },
    { "numerics", 0, 0, G_OPTION_ARG_STRING, &numerics,
      "On cuda: strict, fast (TF32) or bf16 [strict]", "NAME" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads, "Processor threads, 0 for all [0]",
      "N" },
    { NULL },
  };
  g_autoptr (GOptionEntryArray) table = nmd_import_options_entries (&import, entries);
  NmdEvaluateSettings settings = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (!nmd_command_parse ("evaluate", table, &argc, &argv, 1, 1, &status))
    return status;
  if (!(threshold >= 0 && threshold <= 1))
    return nmd_command_usage ("--threshold must be 0 to 1");
  if (!nmd_command_check_compute (&device, numerics, threads, weights, &status))
    return status;
  settings.import = import;
  settings.which = weights;
  settings.dataset_path = dataset;
  settings.device = device;
  settings.threads = threads;
  settings.threshold = threshold;
  node = nmd_train_evaluate (argv[1], &settings, evaluate_progress, NULL,
                             nmd_command_get_cancellable (), &error);
  if (node == NULL)
    return nmd_command_fail (error);
  nmd_command_progress_done ();
  if (figures != NULL && !write_figures (argv[1], node, threshold, figures, &error))
    return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    nmd_command_print_json (g_steal_pointer (&node));
  else
    print_evaluation (node, argv[1]);
  return NMD_EXIT_DONE;
}

int
nmd_command_metrics (int argc, char **argv)
{
  double threshold = 0.5;
  gint64 seed = 1;
  int status = 0;
  const GOptionEntry entries[] = {
    { "threshold", 0, 0, G_OPTION_ARG_DOUBLE, &threshold,
      "Positive from this score on [0.5]", "SCORE" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Seed of the bootstrap of subjects [1]",
      "N" },
    { NULL },
  };
  g_autoptr (NmdScores) scores = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  NmdMetrics metrics = { 0 };

  if (!nmd_command_parse ("metrics", entries, &argc, &argv, 1, 1, &status))
    return status;
  if (!(threshold >= 0 && threshold <= 1))
    return nmd_command_usage ("--threshold must be 0 to 1");
  scores = nmd_scores_load (argv[1], &error);
  if (scores == NULL
      || !nmd_metrics_compute (scores, threshold, (guint64)seed, argv[1], &metrics,
                               &error))
    return nmd_command_fail (error);
  node = nmd_metrics_to_json (&metrics, "table", "image");
  if (nmd_command_wants_json ())
    nmd_command_print_json (g_steal_pointer (&node));
  else
    print_metrics (json_node_get_object (node));
  return NMD_EXIT_DONE;
}
