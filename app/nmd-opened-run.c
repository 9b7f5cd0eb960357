/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens a run for single images and says what is known of an image; the judgement is
 * the engine's (engine/model/nmd-verdict.h).
 */
#include "app/nmd-opened-run.h"

#include "app/nmd-command.h"
#include "engine/core/nmd-json.h"

#include <math.h>

void
nmd_compute_options_clear (NmdComputeOptions *self)
{
  g_free (self->weights);
  g_free (self->device);
  g_free (self->numerics);
}

void
nmd_compute_options_add (NmdComputeOptions *self, GArray *table)
{
  const GOptionEntry entries[] = {
    { "weights", 0, 0, G_OPTION_ARG_STRING, &self->weights,
      "Which of the run's weights: average or best [average if there is one]", "NAME" },
    NMD_DEVICE_ENTRIES (&self->device, &self->numerics, &self->threads),
  };

  g_array_append_vals (table, entries, G_N_ELEMENTS (entries));
}

void
nmd_opened_run_clear (NmdOpenedRun *self)
{
  g_clear_pointer (&self->predictor, nmd_predictor_free);
  g_clear_pointer (&self->session, nmd_session_close);
  g_clear_pointer (&self->model, nmd_model_unref);
  g_clear_pointer (&self->run, nmd_run_unref);
}

gboolean
nmd_opened_run_load (const char *folder,
                     NmdTask task,
                     const NmdComputeOptions *options,
                     NmdRun **run,
                     NmdModel **model,
                     NmdSession **session,
                     GError **error)
{
  *run = nmd_run_open (folder, error);
  if (*run == NULL || !nmd_run_check_task (*run, task, error))
    return FALSE;
  *model = nmd_run_load_model (*run, options->weights, error);
  if (*model == NULL)
    return FALSE;
  *session = nmd_session_open (options->device, options->threads, error);
  return *session != NULL;
}

gboolean
nmd_opened_run_open (NmdOpenedRun *self,
                     const char *folder,
                     const NmdComputeOptions *options,
                     GError **error)
{
  if (!nmd_opened_run_load (folder, NMD_TASK_CLASSIFY, options, &self->run, &self->model,
                            &self->session, error))
    return FALSE;
  self->predictor = nmd_predictor_new (self->session, self->model, 16, error);
  return self->predictor != NULL;
}

const char *
nmd_opened_run_part_words (const NmdVerdict *verdict)
{
  if (!verdict->in_data_set)
    return "not in this run's data set";
  switch (verdict->part)
    {
    case NMD_PART_TRAIN:
      return "training part of this run";
    case NMD_PART_VALIDATION:
      return "validation part of this run";
    case NMD_PART_TEST:
      return "test part of this run (held out)";
    case NMD_PART_NONE:
      break;
    }
  return "in this run's data set, but in none of its parts";
}

static void
add_verdict (JsonObject *object, const NmdVerdict *verdict)
{
  json_object_set_string_member (
      object, "part", verdict->in_data_set ? nmd_part_get_name (verdict->part) : "none");
  json_object_set_boolean_member (object, "in_data_set", verdict->in_data_set);
  if (verdict->fit == NMD_FIT_UNKNOWN)
    json_object_set_string_member (object, "domain_match", "unknown");
  else
    json_object_set_boolean_member (object, "domain_match", verdict->fit == NMD_FIT_YES);
  nmd_json_set_text (object, "reason", verdict->reason);
  json_object_set_boolean_member (object, "not_meaningful", verdict->not_meaningful);
}

JsonObject *
nmd_opened_run_describe (const char *path,
                         const NmdJudgedScan *judged,
                         const char *predicted,
                         double score)
{
  const NmdEchoIntensity *echo = &judged->scan->echo;
  const NmdBox *box = &judged->roi;
  const int corners[4] = { box->x0, box->y0, box->x1, box->y1 };
  JsonObject *object = json_object_new ();
  JsonArray *roi = json_array_new (), *warnings = json_array_new ();

  nmd_json_set_text (object, "image", path);
  nmd_json_set_number (object, "score", score);
  nmd_json_set_text (object, "predicted", predicted);
  for (int i = 0; i < 4; i++)
    json_array_add_int_element (roi, corners[i]);
  json_object_set_array_member (object, "roi", roi);
  json_object_set_string_member (object, "roi_source",
                                 nmd_command_roi_source (judged->scan->source));
  add_verdict (object, &judged->verdict);
  nmd_json_set_number (object, "echo_intensity", echo->n > 0 ? echo->mean : NAN);
  nmd_json_set_number (object, "echo_intensity_sd", echo->n > 0 ? echo->sd : NAN);
  for (guint i = 0; i < judged->warnings->len; i++)
    json_array_add_string_element (warnings,
                                   nmd_command_shown (judged->warnings->pdata[i]));
  json_object_set_array_member (object, "warnings", warnings);
  return object;
}
