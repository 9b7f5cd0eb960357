/* SPDX-License-Identifier: Apache-2.0
 *
 * Scores of images by a run's model, as tables. What is measured of them is
 * engine/eval's.
 */
#include "engine/core/nmd-json-value.h"
#include "engine/core/nmd-json.h"
#include "engine/train/nmd-evaluate-private.h"

#include <math.h>
#include <string.h>

typedef struct
{
  double from, to; /* of the whole */
  const NmdEvaluation *evaluation;
} Span;

static void
tell (double fraction, gpointer data)
{
  const Span *span = data;
  const NmdEvaluation *evaluation = span->evaluation;

  if (evaluation->progress != NULL)
    evaluation->progress (span->from + (span->to - span->from) * fraction,
                          evaluation->user_data);
}

/* Scores of all images of @batches in their order, unaugmented. */
static double *
score_images (NmdPredictor *predictor,
              NmdBatches *batches,
              Span *span,
              GCancellable *cancellable,
              GError **error)
{
  const gsize size = 3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE;
  const guint n_images = nmd_batches_get_n_samples (batches);
  g_autofree double *scores = g_new0 (double, MAX (n_images, 1));
  g_autofree float *images = g_new0 (float, NMD_EVALUATION_BATCH *size);
  Span prepare = { span->from, (span->from + span->to) / 2, span->evaluation };

  if (!nmd_batches_prepare (batches, tell, &prepare, cancellable, error))
    return NULL;
  span->from = prepare.to;
  for (guint from = 0; from < n_images; from += NMD_EVALUATION_BATCH)
    {
      guint n = MIN (NMD_EVALUATION_BATCH, n_images - from);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !nmd_batches_plain (batches, from, n, images, NULL, error)
          || !nmd_predictor_score (predictor, images, n, scores + from, error))
        return NULL;
      tell ((double)(from + n) / n_images, span);
    }
  return g_steal_pointer (&scores);
}

static NmdScore
describe (NmdSample *sample, double score)
{
  return (NmdScore){
    .subject = sample->subject != NULL ? sample->subject : "",
    .image = sample->id,
    .muscle = sample->muscle != NULL ? sample->muscle : "",
    .label = sample->label,
    .score = score,
    .echo = sample->echo.n > 0 ? sample->echo.mean : NAN,
  };
}

NmdScores *
nmd_evaluate_score (const NmdEvaluation *self,
                    NmdPredictor *predictor,
                    const GArray *samples,
                    NmdBatches *ready,
                    double from,
                    double to,
                    GError **error)
{
  const NmdParameters *parameters
      = nmd_model_get_parameters (nmd_predictor_get_model (predictor));
  g_autoptr (NmdScores) table = nmd_scores_new ();
  g_autoptr (NmdBatches) batches = NULL;
  g_autofree double *scores = NULL;
  Span span = { from, to, self };

  if (samples->len == 0)
    return g_steal_pointer (&table);
  if (ready == NULL)
    batches = nmd_batches_new (self->dataset, (const guint *)(void *)samples->data,
                               samples->len, parameters);
  scores = score_images (predictor, ready != NULL ? ready : batches, &span,
                         self->cancellable, error);
  if (scores == NULL)
    return NULL;
  for (guint i = 0; i < samples->len; i++)
    {
      NmdScore row = describe (
          nmd_dataset_get (self->dataset, g_array_index (samples, guint, i)), scores[i]);

      nmd_scores_add (table, &row);
    }
  return g_steal_pointer (&table);
}

gboolean
nmd_evaluate_has_scores_of (const NmdRun *run, const NmdModel *model)
{
  JsonNode *metrics = nmd_run_get_metrics (run);
  NmdJsonValue top;
  const char *weights = NULL;

  if (metrics == NULL)
    return FALSE;
  top = nmd_json_value_top (metrics, NMD_RUN_METRICS);
  return nmd_json_get_text (&top, "weights", NMD_JSON_OPTIONAL, &weights, NULL)
         && g_strcmp0 (weights, nmd_model_get_which (model)) == 0;
}

void
nmd_evaluate_describe (const NmdEvaluation *self, JsonObject *object)
{
  g_autofree char *initial = nmd_run_get_initial (self->run);

  json_object_set_string_member (object, "weights", nmd_model_get_which (self->model));
  json_object_set_string_member (object, "device",
                                 nmd_session_get_description (self->session));
  if (initial != NULL)
    json_object_set_string_member (object, "initial", initial);
  if (nmd_run_get_assumed (self->run) != NULL)
    json_object_set_string_member (object, "assumed", nmd_run_get_assumed (self->run));
  json_object_set_member (object, "import",
                          nmd_dataset_import_to_json (self->dataset, 20));
}

GPtrArray *
nmd_evaluate_warnings (NmdDataset *dataset)
{
  g_autofree char *text = nmd_dataset_import_to_text (dataset);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GPtrArray *warnings = g_ptr_array_new_with_free_func (g_free);

  /* Indented lines name the images, which is the import report's. */
  for (char **line = lines; *line != NULL; line++)
    {
      if (**line == '\0' || **line == ' ')
        continue;
      if (g_str_has_suffix (*line, ":"))
        (*line)[strlen (*line) - 1] = '\0';
      g_ptr_array_add (warnings, g_strdup (*line));
    }
  return warnings;
}

/* A table of echo intensities alone; the scores in it are 0. */
static NmdScores *
echo_table (NmdDataset *dataset, const NmdSplit *split, NmdPart part)
{
  NmdScores *table = nmd_scores_new ();

  for (guint i = 0; i < split->n; i++)
    if (split->parts[i] == part)
      {
        NmdScore row = describe (nmd_dataset_get (dataset, i), 0);

        nmd_scores_add (table, &row);
      }
  return table;
}

double
nmd_evaluate_rival_auc (NmdDataset *dataset, const NmdSplit *split)
{
  g_autoptr (NmdScores) train = echo_table (dataset, split, NMD_PART_TRAIN);
  g_autoptr (NmdScores) validation = echo_table (dataset, split, NMD_PART_VALIDATION);
  g_autoptr (NmdRival) rival
      = nmd_rival_fit (train, NULL); /* no rival is no error: NaN says so */
  guint n = nmd_scores_get_n (validation), used = 0;
  g_autofree double *scores = g_new (double, MAX (n, 1));
  g_autofree int *labels = g_new (int, MAX (n, 1));

  for (guint i = 0; i < n && rival != NULL; i++)
    {
      const NmdScore *row = nmd_scores_get (validation, i);

      if (isnan (row->echo))
        continue;
      scores[used] = nmd_rival_score (rival, row->echo, row->muscle);
      labels[used++] = row->label;
    }
  return used > 0 ? nmd_auc (scores, labels, used) : NAN;
}
