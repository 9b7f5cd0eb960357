/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluating a run on another data set than its own: which images the model may score,
 * which of them it has seen, and what of the run's own parts goes into the results.
 */
#include "engine/core/nmd-json-value.h"
#include "engine/train/nmd-evaluate-private.h"
#include "engine/train/nmd-run-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PART_EXTERNAL "external"
#define PART_OVERLAP "overlap"

/* What is known of the images before any is scored. */
typedef struct
{
  GArray *samples; /* indices of those to be scored */
  guint n_fit, n_unknown,
      n_not; /* judged so; n_unknown and n_not are scored only if shown anyway */
  guint n_not_scored;
  guint n_whole_frame; /* scored without an outline, as in training */
  gboolean not_meaningful;
  char *reason; /* of the first that does not fit */
  char *first_unfit;
  guint n_own[NMD_N_PARTS]; /* images of the run's data set by part; NONE: in no part */
  char *first_own;
  guint
      n_own_subjects; /* training subjects under the same root, their images being new */
} Census;

static void
census_clear (Census *self)
{
  g_clear_pointer (&self->samples, g_array_unref);
  g_clear_pointer (&self->reason, g_free);
  g_clear_pointer (&self->first_unfit, g_free);
  g_clear_pointer (&self->first_own, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Census, census_clear)

static guint
count_own (const Census *self)
{
  guint n = 0;

  for (int part = 0; part < NMD_N_PARTS; part++)
    n += self->n_own[part];
  return n;
}

/* May the model score this sample? */
static gboolean
judge (Census *self,
       const NmdEvaluation *evaluation,
       NmdSample *sample,
       const NmdStatedFacts *stated)
{
  g_auto (NmdVerdict) verdict = { 0 };
  gboolean no_outline, scored;

  nmd_sample_judge (sample, evaluation->model, stated, &verdict);
  no_outline = (verdict.missing & NMD_MISSING_OUTLINE) != 0;
  if (verdict.in_data_set)
    {
      self->n_own[verdict.part]++;
      if (self->first_own == NULL)
        self->first_own = g_strdup (sample->id);
    }
  scored = verdict.is_scored || (no_outline && stated->show_anyway);
  self->n_whole_frame += scored && verdict.is_whole_frame;
  self->n_fit += verdict.fit == NMD_FIT_YES;
  self->n_unknown += verdict.fit == NMD_FIT_UNKNOWN;
  self->n_not += verdict.fit == NMD_FIT_NO;
  if (verdict.fit != NMD_FIT_YES && self->first_unfit == NULL)
    {
      self->first_unfit = g_strdup (sample->id);
      self->reason = g_steal_pointer (&verdict.reason);
    }
  self->n_not_scored += !scored;
  self->not_meaningful |= scored && verdict.fit != NMD_FIT_YES;
  return scored;
}

static gboolean
is_same_root (const NmdEvaluation *self)
{
  const char *own = nmd_run_get_dataset_path (self->run);
  const char *other = nmd_dataset_get_path (self->dataset);
  g_autofree char *a = own != NULL ? g_canonicalize_filename (own, NULL) : NULL;
  g_autofree char *b = other != NULL ? g_canonicalize_filename (other, NULL) : NULL;
  g_autofree char *a_folder = a != NULL ? g_path_get_dirname (a) : NULL;
  g_autofree char *b_folder = b != NULL ? g_path_get_dirname (b) : NULL;
  gboolean files = a != NULL && b != NULL && !g_file_test (a, G_FILE_TEST_IS_DIR)
                   && !g_file_test (b, G_FILE_TEST_IS_DIR);

  return g_strcmp0 (a, b) == 0 || (files && g_str_equal (a_folder, b_folder));
}

/* Subjects that trained the model and are here with images it has not seen. Numbers of
 * subjects of two roots have nothing to do with each other. */
static void
count_own_subjects (Census *self, const NmdEvaluation *evaluation, const NmdScores *train)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);

  if (train == NULL || (count_own (self) == 0 && !is_same_root (evaluation)))
    return;
  for (guint i = 0; i < nmd_scores_get_n (train); i++)
    g_hash_table_add (known, (gpointer)nmd_scores_get (train, i)->subject);
  for (guint i = 0; i < nmd_dataset_get_n (evaluation->dataset); i++)
    {
      NmdSample *sample = nmd_dataset_get (evaluation->dataset, i);

      if (sample->subject != NULL && *sample->subject != '\0'
          && g_hash_table_contains (known, sample->subject)
          && !nmd_model_find_part (evaluation->model, sample->sha256_image, NULL))
        g_hash_table_add (found, sample->subject);
    }
  self->n_own_subjects = g_hash_table_size (found);
}

static gboolean
take_census (Census *self,
             const NmdEvaluation *evaluation,
             const NmdStatedFacts *stated,
             GError **error)
{
  guint n = nmd_dataset_get_n (evaluation->dataset);

  self->samples = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i++)
    if (judge (self, evaluation, nmd_dataset_get (evaluation->dataset, i), stated))
      g_array_append_val (self->samples, i);
  if (self->samples->len > 0)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_NO_FIT,
               _ ("No score: none of the %u images of %s fits the model of %s. %s"), n,
               nmd_dataset_get_path (evaluation->dataset),
               nmd_run_get_folder (evaluation->run), self->reason);
  return FALSE;
}

/* A sentence, or NULL where the model has seen nothing of this data set. */
static char *
overlap_sentence (const Census *self, guint n)
{
  GString *text;

  if (count_own (self) == 0 && self->n_own_subjects == 0)
    return NULL;
  text = g_string_new ("No external evaluation: ");
  if (count_own (self) > 0)
    {
      const char *separator = "";

      g_string_append_printf (text, "%u of %u images are of the run's own data set (",
                              count_own (self), n);
      for (int part = NMD_PART_TRAIN; part < NMD_N_PARTS; part++)
        if (self->n_own[part] > 0)
          {
            g_string_append_printf (text, "%s%u %s", separator, self->n_own[part],
                                    nmd_part_get_name ((NmdPart)part));
            separator = ", ";
          }
      if (self->n_own[NMD_PART_NONE] > 0)
        g_string_append_printf (text, "%s%u in no part", separator,
                                self->n_own[NMD_PART_NONE]);
      g_string_append_printf (text, "), the first is %s", self->first_own);
    }
  if (self->n_own_subjects > 0)
    g_string_append_printf (
        text, "%s%u subject%s of the training part %s here with other images",
        count_own (self) > 0 ? "; " : "", self->n_own_subjects,
        self->n_own_subjects == 1 ? "" : "s", self->n_own_subjects == 1 ? "is" : "are");
  return g_string_free (text, FALSE);
}

/* What stands beside the numbers besides the overlap. */
static char **
make_warnings (const Census *self, const NmdEvaluation *evaluation)
{
  guint n = nmd_dataset_get_n (evaluation->dataset);
  GPtrArray *lines = nmd_evaluate_warnings (evaluation->dataset);

  if (self->not_meaningful)
    g_ptr_array_add (lines,
                     g_strdup_printf ("%u of %u images do not fit the model or cannot be "
                                      "judged and are scored anyway, the first is %s: %s",
                                      self->n_not + self->n_unknown - self->n_not_scored,
                                      n, self->first_unfit, self->reason));
  if (self->n_not_scored > 0)
    g_ptr_array_add (
        lines, g_strdup_printf ("%u of %u images got no score, the first is %s: %s",
                                self->n_not_scored, n, self->first_unfit, self->reason));
  if (self->n_whole_frame > 0)
    g_ptr_array_add (lines,
                     g_strdup_printf ("%u of %u images have no outline and are scored as "
                                      "whole frames, as in training",
                                      self->n_whole_frame, n));
  g_ptr_array_add (lines, NULL);
  return (char **)g_ptr_array_free (lines, FALSE);
}

static JsonObject *
overlap_to_json (const Census *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "images", count_own (self));
  for (int part = NMD_PART_TRAIN; part < NMD_N_PARTS; part++)
    json_object_set_int_member (object, nmd_part_get_name ((NmdPart)part),
                                self->n_own[part]);
  json_object_set_int_member (object, "further_training_subjects", self->n_own_subjects);
  return object;
}

static JsonObject *
fit_to_json (const Census *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "fit", self->n_fit);
  json_object_set_int_member (object, "do_not_fit", self->n_not);
  json_object_set_int_member (object, "cannot_be_judged", self->n_unknown);
  json_object_set_int_member (object, "whole_frames_as_in_training", self->n_whole_frame);
  json_object_set_int_member (object, "not_scored", self->n_not_scored);
  if (self->reason != NULL)
    json_object_set_string_member (object, "reason", self->reason);
  return object;
}

/* A part as the run's own evaluation stored it; NULL where it did not. */
static NmdScores *
load_part (const NmdEvaluation *self, NmdPart part)
{
  NmdScores *scores = nmd_run_load_scores (self->run, part, NULL); /* not there: none */

  if (scores != NULL && nmd_scores_get_n (scores) == 0)
    g_clear_pointer (&scores, nmd_scores_unref);
  return scores;
}

static JsonNode *
report (const NmdEvaluation *self,
        const Census *census,
        const NmdScores *scores,
        const NmdScores *train,
        GError **error)
{
  const char *path = nmd_dataset_get_path (self->dataset);
  g_autofree char *overlap = overlap_sentence (census, nmd_dataset_get_n (self->dataset));
  g_auto (GStrv) warnings = make_warnings (census, self);
  gboolean usable = nmd_evaluate_has_scores_of (self->run, self->model);
  g_autoptr (NmdScores) validation
      = usable ? load_part (self, NMD_PART_VALIDATION) : NULL;
  const NmdEvalInput input = {
    .part = overlap != NULL ? PART_OVERLAP : PART_EXTERNAL,
    .scores = scores,
    .train = train,
    .validation = validation,
    .rule = self->rule,
    .seed = (guint64)nmd_parameters_get (nmd_run_get_parameters (self->run), "seed"),
    .name = path != NULL ? path : "The data set",
    .synthetic = nmd_dataset_is_synthetic (self->dataset)
                 || nmd_run_get_passport (self->run)->synthetic,
    .caveat = overlap,
    .note = usable ? NULL
                   : "The run's stored scores are not of these weights: no threshold or "
                     "calibration from its validation part",
    .warnings = (const char *const *)warnings,
    .not_meaningful = census->not_meaningful,
  };
  g_autoptr (NmdEvalResults) results = nmd_eval_results_new (&input, error);
  JsonNode *node;
  JsonObject *object, *local = NULL;

  if (results == NULL
      || (self->local > 0
          && (local = nmd_evaluate_local (&input, self->local, error)) == NULL))
    return NULL;
  object = nmd_eval_results_to_json (results);
  nmd_evaluate_describe (self, object);
  json_object_set_object_member (object, "overlap", overlap_to_json (census));
  json_object_set_object_member (object, "fit", fit_to_json (census));
  if (local != NULL)
    json_object_set_object_member (object, "recalibration", local);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}

JsonNode *
nmd_evaluate_other (const NmdEvaluation *self,
                    const NmdStatedFacts *stated,
                    GError **error)
{
  g_autoptr (NmdPredictor) predictor = NULL;
  g_autoptr (NmdScores) scores = NULL;
  g_autoptr (NmdScores) train = load_part (self, NMD_PART_TRAIN);
  g_auto (Census) census = { 0 };

  if (!take_census (&census, self, stated, error))
    return NULL;
  count_own_subjects (&census, self, train);
  predictor = nmd_predictor_new (self->session, self->model, NMD_EVALUATION_BATCH, error);
  if (predictor == NULL)
    return NULL;
  scores = nmd_evaluate_score (self, predictor, census.samples, NULL, 0, 1, error);
  return scores != NULL ? report (self, &census, scores, train, error) : NULL;
}
