/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd predict`: scores single images with a trained run.
 */
#include "app/nmd-command.h"

#include "app/nmd-outline-run.h"
#include "engine/core/nmd-json.h"

#include <math.h>
#include <stdio.h>

static const char *
fit_words (NmdFit fit)
{
  return fit == NMD_FIT_YES  ? "fits the model"
         : fit == NMD_FIT_NO ? "does not fit the model"
                             : "cannot be judged";
}

/* For JSON. */
static const char *
call_words (NmdCall call)
{
  static const char *const words[]
      = { "no promise", "negative", "positive", "cannot be judged", "cannot be judged" };

  return words[call];
}

static void
print_scan (const char *path,
            const NmdJudgedScan *judged,
            const char *predicted,
            const char *open,
            double score)
{
  const NmdEchoIntensity *echo = &judged->scan->echo;

  printf ("%s\n  ", nmd_command_shown (path));
  if (open != NULL)
    printf ("score %s%s; %s", nmd_command_number (score, 3),
            judged->verdict.not_meaningful ? ", not meaningful" : "", open);
  else if (predicted != NULL)
    printf ("score %s (%s)%s", nmd_command_number (score, 3),
            nmd_command_shown (predicted),
            judged->verdict.not_meaningful ? ", not meaningful" : "");
  else
    printf ("no score");
  printf ("; %s; %s\n", fit_words (judged->verdict.fit),
          nmd_opened_run_part_words (&judged->verdict));
  if (echo->n > 0)
    printf ("  echo intensity %s ± %s grey levels (mean ± SD)\n",
            nmd_command_number (echo->mean, 1), nmd_command_number (echo->sd, 1));
  for (guint i = 0; i < judged->warnings->len; i++)
    printf ("  %s\n", nmd_command_shown (judged->warnings->pdata[i]));
}

/* The scan with the outline that @outline proposes, judged by both passports: an outline whose own model
 * does not fit carries no score. */
static gboolean
load_proposed (NmdOutlineRun *outline,
               const char *path,
               const NmdScanOptions *options,
               const NmdModel *model,
               NmdJudgedScan *judged,
               NmdProposedScan *proposed,
               GError **error)
{
  g_autoptr (NmdScan) scan
      = nmd_command_check_page (path, options->page, error)
            ? nmd_scan_load_page (path, (guint)options->page, NULL, error)
            : NULL;
  NmdStatedFacts stated;

  nmd_scan_options_state (options, &stated);
  if (scan == NULL
      || !nmd_outline_run_propose (outline, scan, NULL, &stated, proposed, error))
    return FALSE;
  nmd_scan_options_judge (options, proposed->scan, FALSE, model, judged);
  if (proposed->proposal.mask == NULL)
    g_ptr_array_add (judged->warnings, g_strdup ("No outline found"));
  else if (proposed->verdict.fit != NMD_FIT_YES && judged->verdict.is_scored)
    {
      judged->verdict.is_scored = options->show_anyway;
      judged->verdict.not_meaningful = options->show_anyway;
      g_ptr_array_insert (
          judged->warnings, 0,
          g_strdup_printf ("%s: of the outline's run: %s",
                           options->show_anyway ? "Not meaningful" : "No score",
                           proposed->verdict.reason));
    }
  for (guint i = 0; i < proposed->warnings->len; i++)
    g_ptr_array_add (judged->warnings, g_strdup (proposed->warnings->pdata[i]));
  return TRUE;
}

/* What the JSON says of the proposal besides. */
static JsonObject *
outline_to_json (const NmdOutlineRun *outline, const NmdProposedScan *proposed)
{
  JsonObject *object = json_object_new ();

  nmd_json_set_text (object, "run", nmd_run_get_folder (outline->run));
  json_object_set_string_member (object, "weights", nmd_model_get_which (outline->model));
  json_object_set_boolean_member (object, "found", proposed->proposal.mask != NULL);
  json_object_set_int_member (object, "area_pixels", proposed->proposal.area);
  nmd_json_set_number (object, "confidence", proposed->proposal.confidence);
  if (proposed->verdict.fit == NMD_FIT_UNKNOWN)
    json_object_set_string_member (object, "domain_match", "unknown");
  else
    json_object_set_boolean_member (object, "domain_match",
                                    proposed->verdict.fit == NMD_FIT_YES);
  nmd_json_set_text (object, "reason", proposed->verdict.reason);
  return object;
}

static gboolean
predict_one (const NmdOpenedRun *opened,
             NmdOutlineRun *outline,
             const char *path,
             const NmdScanOptions *options,
             JsonArray *predictions,
             GError **error)
{
  const NmdPassport *passport = nmd_model_get_passport (opened->model);
  g_autofree float *tensor = g_new (float, 3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE);
  g_auto (NmdJudgedScan) judged = { 0 };
  g_auto (NmdProposedScan) proposed = { 0 };
  g_autofree char *open = NULL; /* why it cannot be judged */
  const char *predicted = NULL;
  NmdCall call = NMD_CALL_NO_PROMISE;
  double score = NAN;

  if (outline->segmenter != NULL
          ? !load_proposed (outline, path, options, opened->model, &judged, &proposed,
                            error)
          : !nmd_scan_options_load (options, path, opened->model, &judged, error))
    return FALSE;
  if (judged.verdict.is_scored)
    {
      nmd_model_prepare (opened->model, judged.scan->image, judged.scan->mask, NULL,
                         tensor);
      if (!nmd_predictor_score (opened->predictor, tensor, 1, &score, error))
        return FALSE;
      predicted = passport->classes[score >= 0.5];
      call = nmd_model_call (opened->model, score);
      open = nmd_conformal_get_open (&passport->conformal, call);
    }
  if (nmd_command_wants_json ())
    {
      JsonObject *object = nmd_opened_run_describe (path, &judged, predicted, score);

      json_object_set_string_member (object, "call", call_words (call));
      if (outline->segmenter != NULL)
        json_object_set_object_member (object, "outline",
                                       outline_to_json (outline, &proposed));
      json_array_add_object_element (predictions, object);
    }
  else
    print_scan (path, &judged, predicted, open, score);
  return TRUE;
}

static void
print_json (const char *folder, const NmdOpenedRun *opened, JsonArray *predictions)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  nmd_json_set_text (object, "run", folder);
  json_object_set_string_member (object, "weights", nmd_model_get_which (opened->model));
  json_object_set_string_member (object, "device",
                                 nmd_session_get_description (opened->session));
  json_object_set_array_member (object, "predictions", predictions);
  json_node_take_object (node, object);
  nmd_command_print_json (node);
}

int
nmd_command_predict (int argc, char **argv)
{
  g_auto (NmdScanOptions) scan = { 0 };
  g_auto (NmdComputeOptions) compute = { 0 };
  g_autoptr (GArray) table = nmd_scan_options_entries (&scan);
  const GOptionEntry masks
      = { "masks",     0,
          0,           G_OPTION_ARG_FILENAME,
          &scan.masks, "Outlines: a folder with the masks of all images",
          "DIR" };
  g_autofree char *outline_run = NULL;
  const GOptionEntry proposing = { "outline",
                                   0,
                                   0,
                                   G_OPTION_ARG_FILENAME,
                                   &outline_run,
                                   "Outlines: proposed by this run of the task segment",
                                   "RUN" };
  g_auto (NmdOutlineRun) outline = { 0 };
  g_auto (NmdOpenedRun) opened = { 0 };
  g_autoptr (JsonArray) predictions = json_array_new ();
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_array_prepend_val (table, proposing);
  g_array_prepend_val (table, masks);
  nmd_compute_options_add (&compute, table);
  if (!nmd_command_parse ("predict", (GOptionEntry *)(void *)table->data, &argc, &argv, 2,
                          -1, &status)
      || !nmd_scan_options_check (&scan, argc - 2, &status)
      || !nmd_command_check_compute (&compute.device, compute.numerics, compute.threads,
                                     compute.weights, &status))
    return status;
  if (outline_run != NULL
      && (scan.mask != NULL || scan.masks != NULL || scan.roi != NULL))
    return nmd_command_usage (
        "--outline and --mask, --masks or --roi exclude each other");
  if (!nmd_opened_run_open (&opened, argv[1], &compute, &error)
      || (outline_run != NULL
          && !nmd_outline_run_open (&outline, outline_run, &compute, &error)))
    return nmd_command_fail (error);
  if (!nmd_command_wants_json ())
    printf ("%s: %s, %s weights\n", nmd_command_shown (argv[1]),
            nmd_model_get_network (opened.model)->title,
            nmd_model_get_which (opened.model));
  for (int i = 2; i < argc; i++)
    if (g_cancellable_set_error_if_cancelled (nmd_command_get_cancellable (), &error)
        || !predict_one (&opened, &outline, argv[i], &scan, predictions, &error))
      return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    print_json (argv[1], &opened, g_steal_pointer (&predictions));
  return NMD_EXIT_DONE;
}
