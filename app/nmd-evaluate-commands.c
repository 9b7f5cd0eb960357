/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of `nmd` that judge: evaluate, metrics. What is printed is what
 * metrics.json holds.
 */
#include "app/nmd-command.h"

#include "app/nmd-compare-outlines.h"
#include "app/nmd-evaluate-commands.h"
#include "app/nmd-figure-files.h"
#include "app/nmd-figures.h"
#include "app/nmd-import-options.h"
#include "app/nmd-outline-figures.h"
#include "app/nmd-print-results.h"
#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-json-value.h"
#include "engine/eval/nmd-outline-shown.h"
#include "engine/train/nmd-train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What simulated users got, where there is such a member. */
static gboolean
print_prompts (const NmdJsonValue *top, GError **error)
{
  NmdShownResults results[NMD_N_SHOWN];
  gboolean trained = TRUE;
  NmdJsonValue prompts;

  if (!nmd_json_get_object (top, "prompts", NMD_JSON_OPTIONAL, &prompts, error))
    return FALSE;
  if (prompts.node == NULL)
    return TRUE;
  if (!nmd_shown_from_json (results, &prompts, error)
      || !nmd_json_get_boolean (&prompts, "trained_with_prompts", NMD_JSON_REQUIRED,
                                &trained, error))
    return FALSE;
  puts (
      "  Simulated users (the mask's box; clicks where the outline is wrong most): Dice");
  for (guint i = 0; i < NMD_N_SHOWN; i++)
    {
      g_autofree char *text
          = nmd_outline_summary_to_text (&results[i].dice, NMD_OUTLINE_DICE);

      printf ("    %-24s %s; %u failed\n", nmd_shown[i].title, text,
              results[i].n_failures);
    }
  if (!trained)
    puts ("  Note: This run was trained without prompts");
  return TRUE;
}

/* Results of a run of segmentation, likewise. */
static gboolean
print_outlines (const NmdJsonValue *top, GError **error)
{
  g_auto (GStrv) warnings = NULL;
  const char *part = NULL, *caveat = NULL, *note = NULL, *threshold = NULL;
  gboolean synthetic = FALSE;
  NmdOutlineResults results;
  NmdJsonValue metrics;

  if (!nmd_json_get_text (top, "part", NMD_JSON_REQUIRED, &part, error)
      || !nmd_json_get_object (top, "metrics", NMD_JSON_REQUIRED, &metrics, error)
      || !nmd_outline_results_from_json (&results, &metrics, error)
      || !nmd_json_get_text (top, "caveat", NMD_JSON_OPTIONAL, &caveat, error)
      || !nmd_json_get_text (top, "note", NMD_JSON_OPTIONAL, &note, error)
      || !nmd_json_get_text (top, "threshold_text", NMD_JSON_OPTIONAL, &threshold, error)
      || !nmd_json_get_boolean (top, "synthetic", NMD_JSON_OPTIONAL, &synthetic, error)
      || !nmd_json_dup_texts (top, "warnings", NMD_JSON_OPTIONAL, &warnings, error))
    return FALSE;
  printf ("Outlines of the %s part: %u images of %u %s; mean and 95 %% interval by %s\n",
          part, results.n_images, results.n_subjects,
          results.has_subjects ? "subjects" : "images without subjects",
          results.has_subjects ? "subject" : "image");
  if (threshold != NULL)
    printf ("  %s\n", nmd_command_shown (threshold));
  for (guint i = 0; i < NMD_N_OUTLINE_MEASURES; i++)
    {
      g_autofree char *text = nmd_outline_summary_to_text (&results.measures[i], i);

      printf ("  %-26s %s\n", nmd_outline_measures[i].title, text);
    }
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *text = nmd_agreement_to_text (i == 0 ? &results.echo_by_image
                                                            : &results.echo_by_subject,
                                                     i == 0 ? "image" : "subject");

      printf ("  %-26s %s\n", i == 0 ? "echo intensity, by image" : "by subject", text);
    }
  printf ("  %u of %u images failed (Dice under %s), in %u no outline was found; all are "
          "in the means\n",
          results.n_failures, results.n_images, nmd_command_number (NMD_FAILURE_DICE, 1),
          results.n_no_outline);
  if (!print_prompts (top, error))
    return FALSE;
  if (synthetic)
    puts ("  Note: " NMD_SYNTHETIC);
  if (caveat != NULL)
    printf ("  Note: %s\n", nmd_command_shown (caveat));
  if (note != NULL)
    printf ("  Note: %s\n", nmd_command_shown (note));
  for (char **warning = warnings; warning != NULL && *warning != NULL; warning++)
    printf ("  Note: %s\n", nmd_command_shown (*warning));
  return TRUE;
}

/* What the same subjects measure with the run's threshold and with one of local cases. */
static gboolean
print_recalibration (const NmdJsonValue *top, GError **error)
{
  static const char *const members[] = { "before", "after" };
  NmdJsonValue object;
  gint64 k = 0, n_local = 0, n_measured = 0;

  if (!nmd_json_get_object (top, "recalibration", NMD_JSON_OPTIONAL, &object, error))
    return FALSE;
  if (object.node == NULL)
    return TRUE;
  if (!nmd_json_get_int (&object, "subjects_of_each_class", NMD_JSON_REQUIRED, 1,
                         G_MAXINT, &k, error)
      || !nmd_json_get_int (&object, "local_images", NMD_JSON_REQUIRED, 1, G_MAXINT,
                            &n_local, error)
      || !nmd_json_get_int (&object, "measured_images", NMD_JSON_REQUIRED, 1, G_MAXINT,
                            &n_measured, error))
    return FALSE;
  printf ("Recalibration on %d local subjects of each class (%d images); the other %d "
          "images:\n",
          (int)k, (int)n_local, (int)n_measured);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      JsonNode *node
          = json_object_get_member (json_node_get_object (object.node), members[i]);
      g_autoptr (NmdEvalResults) results
          = nmd_eval_results_from_json (node, top->file, error);
      g_autofree char *threshold = NULL;

      if (results == NULL)
        return FALSE;
      threshold = nmd_threshold_to_text (&results->threshold);
      printf (" %s, %s\n", i == 0 ? "Before" : "After", threshold);
      nmd_print_measures (&results->by_image, NULL);
      nmd_print_calibration (results, i == 0 ? "validation" : "local");
    }
  return TRUE;
}

gboolean
nmd_command_print_results (JsonNode *node,
                           const char *path,
                           const char *folder,
                           GError **error)
{
  g_autoptr (NmdEvalResults) results = NULL;
  NmdJsonValue top = nmd_json_value_top (node, path);
  const char *weights = "?", *device = NULL, *initial = NULL, *word = NULL,
             *assumed = NULL;
  NmdTask task = NMD_TASK_CLASSIFY;

  if (!nmd_json_get_text (&top, "task", NMD_JSON_OPTIONAL, &word, error))
    return FALSE;
  nmd_task_parse (word, &task);
  if (task == NMD_TASK_CLASSIFY)
    results = nmd_eval_results_from_json (node, path, error);
  if ((task == NMD_TASK_CLASSIFY && results == NULL)
      || !nmd_json_get_text (&top, "weights", NMD_JSON_OPTIONAL, &weights, error)
      || !nmd_json_get_text (&top, "device", NMD_JSON_OPTIONAL, &device, error)
      || !nmd_json_get_text (&top, "initial", NMD_JSON_OPTIONAL, &initial, error)
      || !nmd_json_get_text (&top, "assumed", NMD_JSON_OPTIONAL, &assumed, error))
    return FALSE;
  printf ("%s, %s weights\n", nmd_command_shown (folder), nmd_command_shown (weights));
  if (results != NULL)
    nmd_print_results (results);
  else if (!print_outlines (&top, error))
    return FALSE;
  if (!print_recalibration (&top, error))
    return FALSE;
  if (device != NULL)
    printf ("  %s by: %s\n", results != NULL ? "Scored" : "Found",
            nmd_command_shown (device));
  if (initial != NULL)
    printf ("  %s\n", nmd_command_shown (initial));
  if (assumed != NULL)
    printf ("  %s\n", nmd_command_shown (assumed));
  puts ("  For research and teaching, not a medical device.");
  return TRUE;
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
               const NmdEvaluateSettings *settings,
               guint formats,
               const char *figures,
               GError **error)
{
  g_autoptr (NmdRun) run = nmd_run_open (folder, error);
  JsonObject *object = json_node_get_object (report);
  const char *word = json_object_get_string_member_with_default (object, "part", "");
  NmdPart part = NMD_PART_NONE;

  if (run == NULL)
    return FALSE;
  nmd_part_parse (word, &part); /* as it was just written */
  if (nmd_run_get_task (run) == NMD_TASK_SEGMENT)
    {
      const NmdComputeOptions compute = { .weights = (char *)settings->which,
                                          .device = (char *)settings->device,
                                          .threads = settings->threads };

      return nmd_outline_figures_write (run, part, settings->dataset_path, &compute,
                                        formats, figures, error);
    }
  return nmd_figures_write (run, part, settings->rule, formats, figures, error);
}

/* FALSE if what an evaluation writes would overwrite the data set. */
static gboolean
check_outputs (const NmdRun *run,
               const char *dataset,
               guint formats,
               const char *figures,
               GError **error)
{
  const char *folder = nmd_run_get_folder (run), *path = dataset;
  g_auto (NmdOutputGuard) own = { 0 };
  g_auto (NmdOutputGuard) guard = { 0 };

  if (path == NULL)
    path = nmd_run_get_dataset_path (run);
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    nmd_output_guard_add (&own, path);
  nmd_output_guard_add_run (&guard, folder);
  nmd_output_guard_add (&guard, path);
  return nmd_output_guard_check_in (&own, folder, "predictions.csv", error)
         && nmd_output_guard_check_in (&own, folder, "outlines.csv", error)
         && nmd_output_guard_check_in (&own, folder, "prompts.csv", error)
         && nmd_output_guard_check_in (&own, folder, "metrics.json", error)
         && (nmd_run_get_task (run) == NMD_TASK_SEGMENT
                 ? nmd_outline_figures_check (&guard, formats, figures, error)
                 : nmd_figures_check (&guard, formats, figures, error));
}

/* Were the images scored the run's own? @given then said nothing of them. */
static void
say_unheeded (JsonNode *report, const char *given)
{
  const char *word = json_object_get_string_member_with_default (
      json_node_get_object (report), "part", "");
  NmdPart part = NMD_PART_NONE;

  if (given != NULL && nmd_part_parse (word, &part) && part != NMD_PART_NONE)
    nmd_command_say ("This is the run's own data set: not needed were %s", given);
}

int
nmd_command_evaluate (int argc, char **argv)
{
  g_autofree char *dataset = NULL, *weights = NULL, *device = NULL, *figures = NULL,
                  *numerics = NULL, *threshold = NULL, *organ = NULL, *muscle = NULL,
                  *model_organ = NULL, *model_muscles = NULL, *outline = NULL;
  g_autofree char *wrong = NULL;
  g_auto (GStrv) words = NULL;
  gboolean override = FALSE, prompts = FALSE;
  guint formats = 0;
  int threads = 0, recalibrate = 0, status = 0;
  g_auto (NmdImportSettings) import = { 0 };
  /* of the run's own data set too; the others are of another one */
  static const char *const heeded[]
      = { "dataset", "recalibrate", "weights",  "threshold", "figures",
          "format",  "outline",     "prompts",  "device",    "numerics",
          "threads", "unpack",      "no-cache", "cache",     NULL };
  const GOptionEntry entries[] = {
    { "dataset", 0, 0, G_OPTION_ARG_FILENAME, &dataset,
      "The data set's new place, or another data set", "PATH" },
    { "organ", 0, 0, G_OPTION_ARG_STRING, &organ,
      "What another data set shows: muscle, breast …", "WORD" },
    { "muscle", 0, 0, G_OPTION_ARG_STRING, &muscle,
      "Which muscle another data set shows, where its table does not say", "BB|GM|TA" },
    { "model-organ", 0, 0, G_OPTION_ARG_STRING, &model_organ,
      "What the model was trained on, where the run does not say", "WORD" },
    { "model-muscles", 0, 0, G_OPTION_ARG_STRING, &model_muscles,
      "Which muscles the model was trained on, likewise", "BB,GM,TA" },
    { "override", 0, 0, G_OPTION_ARG_NONE, &override,
      "Score images of another data set that do not fit; marked as not meaningful",
      NULL },
    { "recalibrate", 0, 0, G_OPTION_ARG_INT, &recalibrate,
      "Choose threshold and calibration anew on so many subjects of each class of "
      "another "
      "data set, and measure the others before and after",
      "K" },
    { "weights", 0, 0, G_OPTION_ARG_STRING, &weights,
      "average or best [average if there is one]", "NAME" },
    { "threshold", 0, 0, G_OPTION_ARG_STRING, &threshold,
      "A score, youden, sensitivity=SHARE, specificity=SHARE or cost=RATIO (false alarms "
      "that a missed positive is worth) [youden on the validation part; 0.5 where that "
      "is "
      "measured]",
      "RULE" },
    { "figures", 0, 0, G_OPTION_ARG_FILENAME, &figures,
      "Also draw loss, ROC, confusion matrix, scores, reliability and decision curve; of "
      "outlines loss, Dice, agreement with the expert and the worst",
      "DIR" },
    { "format", 0, 0, G_OPTION_ARG_STRING_ARRAY, &words,
      "Formats of the figures: png, svg or pdf, several with commas [png]", "LIST" },
    { "outline", 0, 0, G_OPTION_ARG_FILENAME, &outline,
      "Instead compare the scores inside the experts' outlines with those inside the "
      "ones "
      "that this run of the task segment proposes",
      "RUN2" },
    { "prompts", 0, 0, G_OPTION_ARG_NONE, &prompts,
      "Of a run of the task segment: also let simulated users show a box and up to three "
      "clicks",
      NULL },
    NMD_DEVICE_ENTRIES (&device, &numerics, &threads),
    { NULL },
  };
  g_autoptr (GOptionEntryArray) table = nmd_import_options_entries (&import, entries);
  g_autofree char *of_other = nmd_command_list_given (table, heeded, argc, argv),
                  *stated = nmd_command_list_given (entries, heeded, argc, argv);
  NmdEvaluateSettings settings = { 0 };
  NmdThresholdRule rule;
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (!nmd_command_parse ("evaluate", table, &argc, &argv, 1, 1, &status))
    return status;
  if (threshold != NULL && !nmd_threshold_rule_parse (threshold, &rule, &error))
    return nmd_command_usage ("%s", error->message);
  if (recalibrate < 0 || (recalibrate > 0 && dataset == NULL))
    return nmd_command_usage ("--recalibrate takes a number of subjects of each class, "
                              "and goes with --dataset and another data set");
  if (words != NULL && figures == NULL)
    return nmd_command_usage ("--format is of figures: say where with --figures DIR");
  if (!nmd_figure_files_parse_formats ((const char *const *)words, &formats, &wrong))
    return nmd_command_usage ("--format takes png, svg and pdf, not “%s”", wrong);
  if (!nmd_command_check_compute (&device, numerics, threads, weights, &status))
    return status;
  if (outline != NULL && (prompts || figures != NULL || recalibrate != 0))
    return nmd_command_usage (
        "--outline and --prompts, --figures or --recalibrate exclude each other");
  if (of_other != NULL && outline != NULL)
    return nmd_command_usage (
        "--outline takes the run's own data set as the run read it; with it do not go: "
        "%s",
        of_other);
  if (of_other != NULL && dataset == NULL)
    return nmd_command_usage ("The run's own data set is taken as the run read it; only "
                              "with --dataset go: %s",
                              of_other);
  run = nmd_run_open (argv[1], &error);
  if (run == NULL)
    return nmd_command_fail (error);
  if (threshold != NULL && nmd_run_get_task (run) == NMD_TASK_SEGMENT)
    return nmd_command_usage ("--threshold is of scores; a run of the task segment has "
                              "its own, from its training (--threshold-from)");
  if (!check_outputs (run, dataset, formats, figures, &error))
    return nmd_command_fail (error);
  settings.import = import;
  settings.which = weights;
  settings.dataset_path = dataset;
  settings.device = device;
  settings.threads = threads;
  settings.rule = threshold != NULL ? &rule : NULL;
  settings.with_prompts = prompts;
  settings.with_figures = figures != NULL;
  settings.recalibrate = (guint)recalibrate;
  settings.stated.organ = organ;
  settings.stated.muscle = muscle;
  settings.stated.model_organ = model_organ;
  settings.stated.model_muscles = model_muscles;
  settings.stated.show_anyway = override;
  if (outline != NULL)
    return nmd_command_compare_outlines (argv[1], outline, &settings);
  node = nmd_train_evaluate (argv[1], &settings, evaluate_progress, NULL,
                             nmd_command_get_cancellable (), &error);
  nmd_command_progress_done ();
  if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NO_FIT))
    nmd_command_say (
        "--override scores them anyway, marked as not meaningful; --organ and "
        "--muscle say what they show");
  if (node == NULL)
    return nmd_command_fail (error);
  say_unheeded (node, stated);
  if (figures != NULL
      && !write_figures (argv[1], node, &settings, formats, figures, &error))
    return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    nmd_command_print_json (g_steal_pointer (&node));
  else if (!nmd_command_print_results (node, "The report", argv[1], &error))
    return nmd_command_fail (error);
  return NMD_EXIT_DONE;
}

/* The measures' object with the threshold's rule, for --json. */
static JsonNode *
table_to_json (const NmdEvalResults *results)
{
  JsonNode *node = nmd_metrics_to_json (&results->by_image, results->part, "image");
  JsonObject *object = json_node_get_object (node);
  static const char *const more[]
      = { "by_subject_and_muscle", "by_subject", "predictive_values", "sample_size" };
  g_autoptr (JsonObject) whole = nmd_eval_results_to_json (results);
  g_autofree char *rule = nmd_threshold_rule_to_text (&results->threshold.rule);
  g_autofree char *text = nmd_threshold_to_text (&results->threshold);

  json_object_set_string_member (object, "threshold_rule", rule);
  json_object_set_string_member (object, "threshold_text", text);
  for (gsize i = 0; i < G_N_ELEMENTS (more); i++)
    if (json_object_has_member (whole, more[i]))
      json_object_set_member (object, more[i], json_object_dup_member (whole, more[i]));
  if (results->warnings != NULL && results->warnings[0] != NULL)
    {
      JsonArray *warnings = json_array_new ();

      for (char **warning = results->warnings; *warning != NULL; warning++)
        json_array_add_string_element (warnings, *warning);
      json_object_set_array_member (object, "warnings", warnings);
    }
  return node;
}

static gboolean
parse_scale (const char *text, NmdScoreScale *scale)
{
  static const char *const names[] = { "unit", "percent", "logit" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (text == NULL || strcmp (text, names[i]) == 0)
      {
        *scale = (NmdScoreScale)i;
        return TRUE;
      }
  return FALSE;
}

/* The AUC says more often which way scores run than how good they are. */
static const char *
direction_warning (const NmdScores *scores)
{
  const guint n = nmd_scores_get_n (scores);
  g_autofree double *values = g_new (double, n + 1);
  g_autofree int *labels = g_new (int, n + 1);

  for (guint i = 0; i < n; i++)
    {
      values[i] = nmd_scores_get (scores, i)->score;
      labels[i] = nmd_scores_get (scores, i)->label;
    }
  return nmd_auc (values, labels, n) < 0.5
             ? "The AUC is under 0.5: scores may be those of the negative class (then "
               "take "
               "1 − score), or labels the wrong way round (--positive WORD)"
             : NULL;
}

static int
fail_metrics (const GError *error)
{
  if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_SPLIT))
    nmd_command_say ("--part test measures one part, --part all what there is");
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE))
    nmd_command_say ("--positive WORD names it");
  return nmd_command_fail (error);
}

static int
print_table (const NmdScores *scores,
             const char *part,
             const char *name,
             const NmdThresholdRule *rule,
             GPtrArray *warnings)
{
  const NmdEvalInput input = { .part = part != NULL && *part != '\0' ? part : "table",
                               .scores = scores,
                               .rule = rule,
                               .name = name,
                               .no_band = TRUE,
                               .warnings = (const char *const *)warnings->pdata };
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdEvalResults) results = nmd_eval_results_new (&input, &error);

  if (results == NULL
      || g_cancellable_set_error_if_cancelled (nmd_command_get_cancellable (), &error))
    return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    nmd_command_print_json (table_to_json (results));
  else
    nmd_print_results (results);
  return NMD_EXIT_DONE;
}

int
nmd_command_metrics (int argc, char **argv)
{
  g_autofree char *threshold = NULL, *scale = NULL, *positive = NULL, *part = NULL,
                  *label = NULL, *score = NULL, *subject = NULL, *image = NULL,
                  *part_column = NULL, *found = NULL;
  int status = 0;
  const GOptionEntry entries[] = {
    { "threshold", 0, 0, G_OPTION_ARG_STRING, &threshold,
      "A score, or youden, sensitivity=SHARE, specificity=SHARE, cost=RATIO, chosen on "
      "these images [0.5]",
      "RULE" },
    { "label-column", 0, 0, G_OPTION_ARG_STRING, &label, "Header of the labels [label]",
      "NAME" },
    { "score-column", 0, 0, G_OPTION_ARG_STRING, &score, "Header of the scores [score]",
      "NAME" },
    { "subject-column", 0, 0, G_OPTION_ARG_STRING, &subject,
      "Header of the subjects [subject, if there]", "NAME" },
    { "image-column", 0, 0, G_OPTION_ARG_STRING, &image,
      "Header of the images [image, if there]", "NAME" },
    { "part-column", 0, 0, G_OPTION_ARG_STRING, &part_column,
      "Header of the parts [part or split, if there]", "NAME" },
    { "part", 0, 0, G_OPTION_ARG_STRING, &part,
      "Measure the images of this part: train, validation, test …, or all", "NAME" },
    { "positive", 0, 0, G_OPTION_ARG_STRING, &positive, "The label word that is positive",
      "WORD" },
    { "score-scale", 0, 0, G_OPTION_ARG_STRING, &scale,
      "What scores are: unit (0 to 1), percent (0 to 100) or logit [unit]", "NAME" },
    { NULL },
  };
  NmdScoresSettings settings = { 0 };
  g_autoptr (NmdScores) scores = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  NmdThresholdRule rule = { NMD_THRESHOLD_FIXED, 0.5 };

  if (!nmd_command_parse ("metrics", entries, &argc, &argv, 1, -1, &status))
    return status;
  if (threshold != NULL && !nmd_threshold_rule_parse (threshold, &rule, &error))
    return nmd_command_usage ("%s", error->message);
  if (!parse_scale (scale, &settings.scale))
    return nmd_command_usage ("--score-scale is unit, percent or logit, not “%s”", scale);
  settings.label_column = label;
  settings.score_column = score;
  settings.subject_column = subject;
  settings.image_column = image;
  settings.part_column = part_column;
  settings.positive = positive;
  settings.part = part;
  settings.notes = notes;
  scores = nmd_scores_load ((const char *const *)argv + 1, &settings, &found, &error);
  if (scores == NULL
      || g_cancellable_set_error_if_cancelled (nmd_command_get_cancellable (), &error))
    return fail_metrics (error);
  if (direction_warning (scores) != NULL)
    g_ptr_array_add (notes, g_strdup (direction_warning (scores)));
  g_ptr_array_add (notes, NULL);
  return print_table (scores, found, argv[1], &rule, notes);
}
