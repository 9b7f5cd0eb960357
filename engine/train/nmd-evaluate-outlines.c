/* SPDX-License-Identifier: Apache-2.0
 *
 * What an outline that a network proposes costs a classifier: scores of the same images inside the
 * expert's outline and inside the proposed one.
 */
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-cluster-bootstrap.h"
#include "engine/eval/nmd-delong.h"
#include "engine/model/nmd-segmenter.h"
#include "engine/train/nmd-evaluate-private.h"
#include "engine/train/nmd-run-private.h"

#include <math.h>

#define N_DRAWS 2000

/* The two models at work and what they gave. */
typedef struct
{
  NmdRun *run, *outline_run;
  NmdModel *model, *outline_model;
  NmdSession *session, *outline_session; /* tensors of both may have the same names */
  NmdPredictor *predictor;
  NmdSegmenter *segmenter;
  NmdDataset *dataset;
  NmdScores *expert, *proposed; /* the same rows */
  GArray *dice;                 /* double, of each row */
  NmdPart part;
  guint n_without_mask, n_no_outline, n_no_fit, n_learnt;
} Both;

static void
both_clear (Both *self)
{
  g_clear_pointer (&self->predictor, nmd_predictor_free);
  g_clear_pointer (&self->segmenter, nmd_segmenter_free);
  g_clear_pointer (&self->session, nmd_session_close);
  g_clear_pointer (&self->outline_session, nmd_session_close);
  g_clear_pointer (&self->model, nmd_model_unref);
  g_clear_pointer (&self->outline_model, nmd_model_unref);
  g_clear_pointer (&self->run, nmd_run_unref);
  g_clear_pointer (&self->outline_run, nmd_run_unref);
  g_clear_object (&self->dataset);
  g_clear_pointer (&self->expert, nmd_scores_unref);
  g_clear_pointer (&self->proposed, nmd_scores_unref);
  g_clear_pointer (&self->dice, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Both, both_clear)

static gboolean
open_both (Both *self,
           const char *folder,
           const char *outline_folder,
           const NmdEvaluateSettings *settings,
           GCancellable *cancellable,
           GError **error)
{
  const char *device = settings->device != NULL ? settings->device : NMD_DEVICE_DEFAULT;

  self->run = nmd_run_open (folder, error);
  if (self->run == NULL || !nmd_run_check_task (self->run, NMD_TASK_CLASSIFY, error))
    return FALSE;
  self->outline_run = nmd_run_open (outline_folder, error);
  if (self->outline_run == NULL
      || !nmd_run_check_task (self->outline_run, NMD_TASK_SEGMENT, error))
    return FALSE;
  self->model = nmd_run_load_model (self->run, settings->which, error);
  if (self->model == NULL)
    return FALSE;
  self->outline_model = nmd_run_load_model (self->outline_run, NULL, error);
  if (self->outline_model == NULL)
    return FALSE;
  self->dataset = nmd_run_open_dataset (self->run, settings->dataset_path, NULL, NULL,
                                        cancellable, error);
  if (self->dataset == NULL)
    return FALSE;
  self->session = nmd_session_open (device, settings->threads, error);
  if (self->session == NULL)
    return FALSE;
  self->outline_session = nmd_session_open (device, settings->threads, error);
  if (self->outline_session == NULL)
    return FALSE;
  self->predictor = nmd_predictor_new (self->session, self->model, 1, error);
  if (self->predictor == NULL)
    return FALSE;
  self->segmenter = nmd_segmenter_new (self->outline_session, self->outline_model, error);
  return self->segmenter != NULL;
}

static gboolean
score (const Both *self,
       const NmdImage *image,
       const NmdImage *mask,
       double *value,
       GError **error)
{
  g_autofree float *tensor = g_new (float, 3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE);

  nmd_model_prepare (self->model, image, mask, NULL, tensor);
  return nmd_predictor_score (self->predictor, tensor, 1, value, error);
}

/* Notes what speaks against taking the outline's run for @sample. */
static void
look_at (Both *self, NmdSample *sample)
{
  g_auto (NmdVerdict) verdict = { 0 };
  const NmdStatedFacts stated = { 0 };
  NmdPart part = NMD_PART_NONE;

  nmd_sample_judge (sample, self->outline_model, &stated, &verdict);
  self->n_no_fit += verdict.fit == NMD_FIT_NO;
  if (nmd_model_find_part (self->outline_model, sample->sha256_image, &part)
      && part == NMD_PART_TRAIN)
    self->n_learnt++;
}

static gboolean
add_sample (Both *self, NmdSample *sample, GError **error)
{
  g_autoptr (NmdImage) image = NULL, mask = NULL, empty = NULL;
  g_auto (NmdProposal) proposal = { 0 };
  NmdOutlineMeasures measures;
  NmdScore row = { .image = sample->id,
                   .subject = sample->subject != NULL ? sample->subject : "",
                   .muscle = sample->muscle != NULL ? sample->muscle : "",
                   .label = sample->label,
                   .echo = NAN };

  if (!nmd_sample_load (sample, &image, &mask, error)
      || !nmd_segmenter_propose (self->segmenter, image, NULL, &proposal, error)
      || !score (self, image, mask, &row.score, error))
    {
      g_prefix_error (error, "%s: ", sample->id);
      return FALSE;
    }
  nmd_scores_add (self->expert, &row);
  if (!score (self, image, proposal.mask, &row.score, error))
    return FALSE;
  nmd_scores_add (self->proposed, &row);
  self->n_no_outline += proposal.mask == NULL;
  empty = nmd_image_new (image->width, image->height);
  nmd_outline_overlap (proposal.mask != NULL ? proposal.mask : empty,
                       mask != NULL ? mask : empty, &measures);
  g_array_append_val (self->dice, measures.dice);
  look_at (self, sample);
  return TRUE;
}

/* Images of the test part, else of the validation part. */
static GArray *
list_samples (Both *self, const NmdSplit *split)
{
  self->part = NMD_PART_TEST;
  for (;;)
    {
      GArray *list = nmd_evaluate_list (self->dataset, split, self->part,
                                        NMD_TASK_SEGMENT, &self->n_without_mask);

      if (list->len > 0 || self->part == NMD_PART_VALIDATION)
        return list;
      g_array_unref (list);
      self->part = NMD_PART_VALIDATION;
    }
}

/* The threshold of the classifier's own evaluation, or by @rule (nullable); 0.5 before there is one of these
 * weights. */
static double
get_threshold (const Both *self, const NmdThresholdRule *rule)
{
  JsonNode *stored = nmd_run_get_metrics (self->run);
  g_autoptr (NmdEvalResults) told = NULL, results = NULL;

  if (!nmd_evaluate_has_scores_of (self->run, self->model))
    return 0.5;
  if (rule == NULL && stored != NULL)
    told = nmd_eval_results_from_json (stored, "metrics.json", NULL);
  results = nmd_run_measure (self->run, self->part,
                             told != NULL ? &told->threshold.rule : rule, NULL);
  return results != NULL ? results->threshold.value : 0.5;
}

/* Every image with both scores; TRUE in @differs where the two classes do. */
static JsonArray *
list_images (const Both *self, double threshold, guint *n_differ)
{
  JsonArray *list = json_array_new ();

  *n_differ = 0;
  for (guint i = 0; i < nmd_scores_get_n (self->expert); i++)
    {
      const NmdScore *expert = nmd_scores_get (self->expert, i),
                     *proposed = nmd_scores_get (self->proposed, i);
      const gboolean differs
          = (expert->score >= threshold) != (proposed->score >= threshold);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "image", expert->image);
      json_object_set_string_member (object, "subject", expert->subject);
      json_object_set_int_member (object, "label", expert->label);
      json_object_set_double_member (object, "score_expert", expert->score);
      json_object_set_double_member (object, "score_proposed", proposed->score);
      json_object_set_double_member (object, "dice",
                                     g_array_index (self->dice, double, i));
      json_object_set_boolean_member (object, "classes_differ", differs);
      json_array_add_object_element (list, object);
      *n_differ += differs;
    }
  return list;
}

static JsonObject *
delong_to_json (const NmdDeLong *self)
{
  JsonObject *object = json_object_new ();

  nmd_interval_to_json (object, "ci", &self->ci);
  nmd_json_set_number (object, "z", self->z);
  nmd_json_set_number (object, "p", self->p);
  return object;
}

static JsonNode *
report (const Both *self, const NmdEvaluateSettings *settings, GError **error)
{
  const guint64 seed
      = (guint64)nmd_parameters_get (nmd_run_get_parameters (self->run), "seed");
  const double threshold = get_threshold (self, settings->rule);
  const char *name = nmd_run_get_folder (self->run);
  JsonObject *object;
  JsonNode *node;
  NmdClusterBootstrap difference;
  NmdDeLong delong;
  guint n_differ;

  if (!nmd_delong_compare (self->proposed, self->expert, name, &delong, error)
      || !nmd_cluster_bootstrap_auc (self->proposed, self->expert, N_DRAWS, seed, name,
                                     &difference, error))
    return NULL;
  object = json_object_new ();
  node = json_node_new (JSON_NODE_OBJECT);
  json_object_set_string_member (object, "outline_run",
                                 nmd_run_get_folder (self->outline_run));
  json_object_set_string_member (object, "part", nmd_part_get_name (self->part));
  json_object_set_string_member (object, "weights", nmd_model_get_which (self->model));
  json_object_set_string_member (object, "outline_weights",
                                 nmd_model_get_which (self->outline_model));
  json_object_set_string_member (object, "device",
                                 nmd_session_get_description (self->session));
  json_object_set_boolean_member (object, "synthetic",
                                  nmd_run_get_passport (self->run)->synthetic);
  nmd_json_set_text (object, "caveat", nmd_run_get_caveat (self->run));
  json_object_set_int_member (object, "n_images", nmd_scores_get_n (self->expert));
  json_object_set_int_member (object, "n_subjects", difference.n_subjects);
  json_object_set_int_member (object, "n_without_mask", self->n_without_mask);
  json_object_set_int_member (object, "n_no_outline", self->n_no_outline);
  json_object_set_string_member (object, "no_outline_is_scored_on", "the whole frame");
  json_object_set_int_member (object, "n_outline_does_not_fit", self->n_no_fit);
  json_object_set_int_member (object, "n_outline_learnt", self->n_learnt);
  json_object_set_double_member (object, "threshold", threshold);
  json_object_set_double_member (object, "auc_proposed", delong.auc[0]);
  json_object_set_double_member (object, "auc_expert", delong.auc[1]);
  json_object_set_double_member (object, "difference", difference.value);
  nmd_interval_to_json (object, "difference_ci_subject", &difference.percentile);
  json_object_set_string_member (object, "difference_ci_subject_method",
                                 "percentiles, 2000 draws of subjects");
  json_object_set_object_member (object, "delong_by_image", delong_to_json (&delong));
  json_object_set_array_member (object, "images",
                                list_images (self, threshold, &n_differ));
  json_object_set_int_member (object, "n_classes_differ", n_differ);
  json_node_take_object (node, object);
  return node;
}

JsonNode *
nmd_train_compare_outlines (const char *folder,
                            const char *outline_folder,
                            const NmdEvaluateSettings *settings,
                            void (*progress) (double fraction, gpointer data),
                            gpointer user_data,
                            GCancellable *cancellable,
                            GError **error)
{
  g_auto (Both) self = { .expert = nmd_scores_new (),
                         .proposed = nmd_scores_new (),
                         .dice = g_array_new (FALSE, FALSE, sizeof (double)) };
  g_autoptr (NmdSplit) split = NULL;
  g_autoptr (GArray) samples = NULL;

  g_return_val_if_fail (folder != NULL && outline_folder != NULL && settings != NULL,
                        NULL);

  if (!open_both (&self, folder, outline_folder, settings, cancellable, error))
    return NULL;
  split = nmd_run_get_split (self.run, self.dataset, error);
  if (split == NULL)
    return NULL;
  samples = list_samples (&self, split);
  for (guint i = 0; i < samples->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !add_sample (
              &self, nmd_dataset_get (self.dataset, g_array_index (samples, guint, i)),
              error))
        return NULL;
      if (progress != NULL)
        progress ((i + 1.0) / samples->len, user_data);
    }
  return report (&self, settings, error);
}
