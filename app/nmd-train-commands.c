/* SPDX-License-Identifier: Apache-2.0
 *
 * The command of `nmd` that makes a run: train.
 */
#include "app/nmd-command.h"

#include "app/nmd-evaluate-commands.h"
#include "app/nmd-import-options.h"
#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"
#include "engine/train/nmd-train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void
say_epoch (const NmdEpoch *epoch)
{
  g_autofree char *measures
      = !isnan (epoch->val_dice)
            ? g_strdup_printf ("Dice %s", nmd_command_number (epoch->val_dice, 4))
            : g_strdup_printf ("AUC %s accuracy %s",
                               nmd_command_number (epoch->val_auc, 4),
                               nmd_command_number (epoch->val_accuracy, 3));

  nmd_command_say ("epoch %d  lr %s  loss %s  validation loss %s %s  %s s, "
                   "%s %% waiting for data%s%s",
                   epoch->epoch, nmd_command_number (epoch->lr, 6),
                   nmd_command_number (epoch->train_loss, 4),
                   nmd_command_number (epoch->val_loss, 4), measures,
                   nmd_command_number (epoch->seconds, 1),
                   nmd_command_number (100 * epoch->wait, 1),
                   epoch->averaging ? "  averaging" : "", epoch->best ? "  best" : "");
}

static void
train_event (const NmdTrainEvent *event, gpointer user_data)
{
  GPtrArray *warnings = user_data; /* kept for the end */
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
      nmd_command_stop_in_order (); /* a stop ends the batch and keeps the last epoch */
      nmd_command_progress (event->fraction, "loss %s, %s images/s, %s min left",
                            nmd_command_number (event->loss, 3),
                            nmd_command_number (event->images_per_second, 1), left);
      break;
    case NMD_TRAIN_EPOCH:
      say_epoch (epoch);
      break;
    case NMD_TRAIN_WARNING:
      nmd_command_warn (event->text, TRUE);
      g_ptr_array_add (warnings, g_strdup (event->text));
      break;
    case NMD_TRAIN_NOTE:
      nmd_command_say ("%s", event->text);
      break;
    case NMD_TRAIN_DEVICE:
      nmd_command_say ("Device %s", event->text);
      break;
    case NMD_TRAIN_FINISH:
      nmd_command_progress (1, "renewing statistics and scoring");
      break;
    }
}

/* The findings of the import that run.json records. Borrowed from @run; NULL where it has none. */
static JsonNode *
load_findings (const char *folder, JsonNode **run)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);

  *run = nmd_json_load (path, NULL); /* its reader has said what is wrong with it */
  return *run != NULL ? json_object_get_member (json_node_get_object (*run), "import")
                      : NULL;
}

/* After a training: prints metrics.json of the run, and the warnings once more. */
static int
report_run (const char *folder, GPtrArray *warnings)
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
      JsonObject *object = json_node_get_object (copy);
      g_autoptr (JsonNode) run = NULL;
      JsonNode *findings = load_findings (folder, &run);

      nmd_json_set_text (object, "run", folder);
      if (findings != NULL)
        json_object_set_member (object, "import", json_node_ref (findings));
      nmd_command_print_json (copy);
    }
  else if (!nmd_command_print_results (node, path, folder, &error))
    return nmd_command_fail (error);
  for (guint i = 0; i < warnings->len; i++)
    nmd_command_warn (warnings->pdata[i], FALSE);
  return NMD_EXIT_DONE;
}

/* As nmd_command_fail(); a stopped training can go on. */
static int
fail_train (const char *folder, const GError *error)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_SPLIT))
        nmd_command_say (
            "--split stated takes these parts anyway, and its numbers say so; "
            "--split threeway divides by subject");
      return nmd_command_fail (error);
    }
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

/* What --split takes beside the choices of the table. */
static void
describe_split (GOptionEntry *table)
{
  for (GOptionEntry *entry = table; entry->long_name != NULL; entry++)
    if (strcmp (entry->long_name, "split") == 0)
      {
        entry->description = "Split: paper, threeway, kfold, image, stated, or a FILE, "
                             "as below [stated where the data set states parts, else "
                             "threeway]";
        entry->arg_description = "KIND|FILE";
      }
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

/* Whether @text names an organ, in one line of UTF-8. */
static gboolean
is_organ (const char *text)
{
  if (*text == '\0' || g_ascii_strcasecmp (text, "unknown") == 0
      || !g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

int
nmd_command_train (int argc, char **argv)
{
  g_autofree char *out = NULL, *model = NULL, *device = NULL, *resume = NULL,
                  *split_file = NULL, *init = NULL, *numerics = NULL, *organ = NULL,
                  *task_word = NULL;
  NmdTask task = NMD_TASK_CLASSIFY;
  gboolean events = FALSE;
  int threads = 0, status = 0;
  g_auto (NmdImportSettings) import = { 0 };
  g_auto (NmdParameterOptions) rows = { 0 };
  const GOptionEntry entries[] = {
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Run folder to write [run-DATE-TIME]",
      "RUN" },
    { "resume", 0, 0, G_OPTION_ARG_FILENAME, &resume,
      "Continue this stopped run as it was started; no other option goes with it",
      "RUN" },
    { "task", 0, 0, G_OPTION_ARG_STRING, &task_word,
      "What is learnt: classify (a score) or segment (the outline) [classify]", "NAME" },
    { "model", 0, 0, G_OPTION_ARG_STRING, &model,
      "Network [nmdassistnet, segment ghostunet]", "NAME" },
    { "init", 0, 0, G_OPTION_ARG_FILENAME, &init,
      "Start from the weights of this safetensors file or run", "FILE|RUN" },
    { "events", 0, 0, G_OPTION_ARG_NONE, &events,
      "Also write the curves as a TensorBoard event file into RUN", NULL },
    { "organ", 0, 0, G_OPTION_ARG_STRING, &organ,
      "What the images show, where the data set does not state it: muscle, breast …",
      "WORD" },
    { "accept-masks", 0, 0, G_OPTION_ARG_NONE, &import.accept_masks,
      "Train with doubtful masks as they are, after a look at what “nmd dataset” lists",
      NULL },
    NMD_DEVICE_ENTRIES (&device, &numerics, &threads),
    { NULL },
  };
  g_autoptr (GOptionEntryArray) some = nmd_import_options_entries (&import, entries);
  g_autoptr (GOptionEntryArray) table = nmd_parameter_options_entries (&rows, some, NULL);
  g_autoptr (NmdTrainSettings) settings = NULL;
  g_autoptr (NmdParameters) parameters = NULL;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  static const char *const heeded[] = { "resume", NULL };
  g_autofree char *given = nmd_command_list_given (table, heeded, argc, argv);
  gboolean done, follow_stated;

  describe_split (table);
  if (!nmd_command_parse ("train", table, &argc, &argv, 0, 1, &status))
    return status;
  if (resume != NULL && given != NULL)
    return nmd_command_usage (
        "--resume goes on as the run was started, in its folder; with "
        "it do not go: %s",
        given);
  if (task_word != NULL && !nmd_task_parse (task_word, &task))
    return nmd_command_usage ("--task is classify or segment, not “%s”", task_word);
  if (organ != NULL && !is_organ (g_strstrip (organ)))
    return nmd_command_usage ("--organ is a word such as muscle or breast");
  if (resume == NULL && argc != 2)
    return nmd_command_usage ("Name a DATASET, or a run with --resume");
  if (resume != NULL)
    {
      done = nmd_train_resume (resume, argc == 2 ? argv[1] : NULL, NULL, train_event,
                               warnings, nmd_command_get_cancellable (), &error);
      return done ? report_run (resume, warnings) : fail_train (resume, error);
    }
  if (!nmd_command_check_compute (&device, numerics, threads, NULL, &status))
    return status;
  follow_stated = nmd_parameter_options_get_text (&rows, "split") == NULL;
  split_file = take_split_file (&rows);
  parameters = nmd_parameter_options_get (&rows, task, &error);
  if (parameters == NULL)
    return nmd_command_usage ("%s", error->message);
  if (model != NULL && nmd_network_find (model, &error) == NULL)
    return nmd_command_usage ("%s", error->message);
  if (split_file != NULL && !g_file_test (split_file, G_FILE_TEST_IS_REGULAR))
    return nmd_command_usage (
        "--split is paper, threeway, kfold, image, stated or a file; "
        "there is no file “%s”",
        split_file);
  if (out == NULL)
    out = new_run_name ();
  settings = new_settings (argv[1], &import, parameters);
  replace (&settings->folder, out);
  replace (&settings->organ, organ);
  replace (&settings->split_file, split_file);
  settings->follow_stated = follow_stated;
  settings->events = events;
  replace (&settings->network, model);
  replace (&settings->initial, init);
  replace (&settings->device, device);
  settings->threads = threads;
  done = nmd_train_run (settings, train_event, warnings, nmd_command_get_cancellable (),
                        &error);
  return done ? report_run (out, warnings) : fail_train (out, error);
}
