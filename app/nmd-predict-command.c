/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd predict`: scores single images with a trained run.
 */
#include "app/nmd-command.h"

#include "app/nmd-opened-run.h"
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

static void
print_scan (const char *path,
            const NmdJudgedScan *judged,
            const char *predicted,
            double score)
{
  const NmdEchoIntensity *echo = &judged->scan->echo;

  printf ("%s\n  ", nmd_command_shown (path));
  if (predicted != NULL)
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

static gboolean
predict_one (const NmdOpenedRun *opened,
             const char *path,
             const NmdScanOptions *options,
             JsonArray *predictions,
             GError **error)
{
  const NmdPassport *passport = nmd_model_get_passport (opened->model);
  g_autofree float *tensor = g_new (float, 3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE);
  g_auto (NmdJudgedScan) judged = { 0 };
  const char *predicted = NULL;
  double score = NAN;

  if (!nmd_scan_options_load (options, path, opened->model, &judged, error))
    return FALSE;
  if (judged.verdict.is_scored)
    {
      nmd_model_prepare (opened->model, judged.scan->image, judged.scan->mask, NULL,
                         tensor);
      if (!nmd_predictor_score (opened->predictor, tensor, 1, &score, error))
        return FALSE;
      predicted = passport->classes[score >= 0.5];
    }
  if (nmd_command_wants_json ())
    json_array_add_object_element (
        predictions, nmd_opened_run_describe (path, &judged, predicted, score));
  else
    print_scan (path, &judged, predicted, score);
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
  g_auto (NmdOpenedRun) opened = { 0 };
  g_autoptr (JsonArray) predictions = json_array_new ();
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_array_prepend_val (table, masks);
  nmd_compute_options_add (&compute, table);
  if (!nmd_command_parse ("predict", (GOptionEntry *)(void *)table->data, &argc, &argv, 2,
                          -1, &status)
      || !nmd_scan_options_check (&scan, argc - 2, &status)
      || !nmd_command_check_compute (&compute.device, compute.numerics, compute.threads,
                                     compute.weights, &status))
    return status;
  if (!nmd_opened_run_open (&opened, argv[1], &compute, &error))
    return nmd_command_fail (error);
  if (!nmd_command_wants_json ())
    printf ("%s: %s, %s weights\n", nmd_command_shown (argv[1]),
            nmd_model_get_network (opened.model)->title,
            nmd_model_get_which (opened.model));
  for (int i = 2; i < argc; i++)
    if (g_cancellable_set_error_if_cancelled (nmd_command_get_cancellable (), &error)
        || !predict_one (&opened, argv[i], &scan, predictions, &error))
      return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    print_json (argv[1], &opened, g_steal_pointer (&predictions));
  return NMD_EXIT_DONE;
}
