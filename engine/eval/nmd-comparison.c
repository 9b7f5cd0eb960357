/* SPDX-License-Identifier: Apache-2.0
 *
 * The network against the rival on the same images: two AUCs, their difference with its
 * interval, and the sentence that these allow.
 */
#include "config.h"

#include "engine/core/nmd-json-value.h"
#include "engine/eval/nmd-cluster-bootstrap.h"
#include "engine/eval/nmd-comparison-private.h"
#include "engine/eval/nmd-metrics-private.h"
#include "engine/eval/nmd-rival.h"

#include <math.h>
#include <string.h>

/* Under so many subjects in a class no direction is claimed. */
#define FEW_SUBJECTS 10

/* Zou and Donner 2008; @correlation of the two AUCs. */
static NmdInterval
difference_interval (const NmdMeasure *a, const NmdMeasure *b, double correlation)
{
  const NmdInterval *ours = &a->ci_subject, *theirs = &b->ci_subject;
  double down[2] = { a->value - ours->low, theirs->high - b->value };
  double up[2] = { ours->high - a->value, b->value - theirs->low };
  double difference = a->value - b->value;
  double low
      = down[0] * down[0] + down[1] * down[1] - 2 * correlation * down[0] * down[1];
  double high = up[0] * up[0] + up[1] * up[1] - 2 * correlation * up[0] * up[1];

  return (NmdInterval){ MAX (difference - sqrt (MAX (low, 0)), -1),
                        MIN (difference + sqrt (MAX (high, 0)), 1) };
}

#define DRAWS 2000

/* What stands beside the interval: draws of subjects, and DeLong's test where subjects are
 * the rows. */
static void
measure_beside (const NmdScores *network, const NmdScores *rival, NmdComparison *out)
{
  g_autoptr (NmdScores) ours = nmd_scores_by_subject (network);
  g_autoptr (NmdScores) theirs = nmd_scores_by_subject (rival);
  NmdClusterBootstrap draws;

  /* too few of a class: none of both */
  if (isnan (out->difference.ci_subject.low)
      || !nmd_delong_compare (ours, theirs, "", &out->delong, NULL))
    out->delong = (NmdDeLong){ .difference = NAN, .se = NAN, .p = NAN };
  out->bootstrap = (NmdInterval){ NAN, NAN };
  if (isfinite (out->difference.ci_subject.low)
      && nmd_cluster_bootstrap_auc (network, rival, DRAWS, 0, "", &draws, NULL))
    out->bootstrap = draws.bca;
}

static void
measure_both (const NmdScores *network, const NmdScores *rival, NmdComparison *out)
{
  g_auto (NmdGroups) ours = { 0 };
  g_auto (NmdGroups) theirs = { 0 };
  g_auto (NmdPlacements) our_places = { 0 };
  g_auto (NmdPlacements) their_places = { 0 };
  double spread, correlation = 0;

  nmd_groups_init (&ours, network);
  nmd_groups_init (&theirs, rival);
  nmd_placements_init (&our_places, &ours, ours.score);
  nmd_placements_init (&their_places, &theirs, theirs.score);
  out->n_images = ours.n;
  out->has_subjects = ours.has_subjects;
  for (int label = 0; label < 2; label++)
    out->n_subjects_with[label] = ours.n_with[label];
  out->n_mixed = ours.n_having[0] - ours.n_with[0];
  out->network_auc = nmd_auc_measure (&our_places, &ours);
  out->auc = nmd_auc_measure (&their_places, &theirs);
  out->difference = out->auc; /* why there is no interval, if there is none */
  out->difference.value = out->network_auc.value - out->auc.value;
  out->difference.ci = out->difference.ci_subject = (NmdInterval){ NAN, NAN };
  if (isnan (out->auc.ci_subject.low) || isnan (out->network_auc.ci_subject.low))
    return;
  spread = sqrt (our_places.by_subject * their_places.by_subject);
  if (spread > 0)
    correlation = CLAMP (
        nmd_placements_covariance (&our_places, &their_places, &ours) / spread, -1, 1);
  out->difference.ci_subject
      = difference_interval (&out->network_auc, &out->auc, correlation);
}

/* A true minus, and no "−0.00". */
static void
format (char buffer[32], double value, int decimals)
{
  char text[8], size[28];

  g_snprintf (text, sizeof text, "%%.%df", decimals);
  g_ascii_formatd (size, sizeof size, text, fabs (value));
  g_snprintf (buffer, 32, "%s%s",
              value < 0 && strspn (size, "0.") < strlen (size) ? "−" : "", size);
}

/* Decimals at which no end that is not 0 looks like it, two at least. */
static int
count_decimals (const NmdInterval *ci)
{
  const double nearest = MIN (fabs (ci->low), fabs (ci->high));
  int decimals = 2;

  while (decimals < 6 && nearest < 0.5 * pow (10, -decimals))
    decimals++;
  return decimals;
}

char *
nmd_comparison_make_sentence (const NmdComparison *self, const char *what)
{
  const NmdInterval *ci = &self->difference.ci_subject;
  const char *unit = self->has_subjects ? "by subject" : "by image";
  char d[32], low[32], high[32], aucs[2][32];
  g_autofree char *missing = nmd_measure_get_missing (&self->difference);
  g_autofree char *mixed = NULL;
  /* of those with images of both labels each class has images */
  guint fewer = MIN (self->n_subjects_with[0] + self->n_mixed, self->n_subjects_with[1]);
  gboolean holds = !(ci->low > 0 || ci->high < 0);
  int decimals = holds ? 2 : count_decimals (ci);

  format (aucs[0], self->network_auc.value, 3);
  format (aucs[1], self->auc.value, 3);
  if (missing != NULL)
    return g_strdup_printf ("AUC of the network %s, of %s %s; no "
                            "interval of the difference: %s.",
                            aucs[0], what, aucs[1], missing);
  format (d, self->difference.value, decimals);
  format (low, ci->low, decimals);
  format (high, ci->high, decimals);
  if (self->n_mixed > 0)
    mixed = g_strdup_printf (" (%u with images of both labels)", self->n_mixed);
  if (fewer < FEW_SUBJECTS)
    return g_strdup_printf (
        "AUC of the network %s, of %s %s, difference "
        "%s (95 %% interval %s %s to %s); %u positive%s and %u negative "
        "subjects are too few to say which is better.",
        aucs[0], what, aucs[1], d, unit, low, high, self->n_subjects_with[1],
        mixed != NULL ? mixed : "", self->n_subjects_with[0]);
  if (holds)
    return g_strdup_printf (
        "These data show no difference in AUC between the network (%s) "
        "and %s (%s): %s (95 %% interval %s %s to "
        "%s).",
        aucs[0], what, aucs[1], d, unit, low, high);
  return g_strdup_printf ("The network’s AUC (%s) is %s than that of %s "
                          "(%s): %s (95 %% interval %s %s to %s).",
                          aucs[0], ci->low > 0 ? "higher" : "lower", what, aucs[1], d,
                          unit, low, high);
}

gboolean
nmd_comparison_init (NmdComparison *self,
                     const NmdScores *network,
                     const NmdScores *rival,
                     const char *what)
{
  guint count[2] = { 0, 0 };

  for (guint i = 0; i < nmd_scores_get_n (network); i++)
    count[nmd_scores_get (network, i)->label]++;
  *self = (NmdComparison){ 0 };
  if (count[0] == 0 || count[1] == 0)
    return FALSE;
  measure_both (network, rival, self);
  measure_beside (network, rival, self);
  self->sentence = nmd_comparison_make_sentence (self, what);
  return TRUE;
}

gboolean
nmd_rival_compare (const NmdRival *self,
                   const NmdScores *scores,
                   NmdComparison *comparison,
                   NmdScores **rival_scores,
                   GError **error)
{
  g_autoptr (NmdScores) both = nmd_scores_new ();
  g_autoptr (NmdScores) rival = nmd_scores_new ();
  guint n, n_positive = 0;

  g_return_val_if_fail (self != NULL && scores != NULL && comparison != NULL, FALSE);
  for (guint i = 0; i < nmd_scores_get_n (scores); i++)
    {
      NmdScore row = *nmd_scores_get (scores, i);

      if (!isfinite (row.echo) || !isfinite (row.score))
        continue;
      nmd_scores_add (both, &row);
      row.score = nmd_rival_score (self, row.echo, row.muscle);
      nmd_scores_add (rival, &row);
      n_positive += row.label == 1;
    }
  n = nmd_scores_get_n (both);
  if (n_positive == 0 || n_positive == n)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "Of the %u images with a score and an echo intensity, %u are "
                   "positive: the network cannot be compared with echo intensity alone",
                   n, n_positive);
      return FALSE;
    }
  nmd_comparison_init (comparison, both, rival, "echo intensity alone");
  if (rival_scores != NULL)
    *rival_scores = g_steal_pointer (&rival);
  return TRUE;
}

void
nmd_comparison_clear (NmdComparison *self)
{
  g_return_if_fail (self != NULL);
  g_free (self->sentence);
  *self = (NmdComparison){ 0 };
}

static JsonObject *
delong_to_json (const NmdDeLong *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "unit", nmd_unit_get_name (NMD_UNIT_SUBJECT));
  nmd_json_set_number (object, "difference", self->difference);
  nmd_json_set_number (object, "se", self->se);
  nmd_json_set_number (object, "p", self->p);
  return object;
}

static gboolean
read_beside (NmdComparison *self, const NmdJsonValue *object, GError **error)
{
  double *const ends[] = { &self->bootstrap.low, &self->bootstrap.high };
  NmdJsonValue delong, pair;
  guint n;

  self->bootstrap = (NmdInterval){ NAN, NAN };
  self->delong = (NmdDeLong){ .difference = NAN, .se = NAN, .p = NAN };
  if (!nmd_json_get_object (object, "delong", NMD_JSON_OPTIONAL, &delong, error)
      || !nmd_json_get_number (&delong, "difference", NMD_JSON_OPTIONAL, -1, 1,
                               &self->delong.difference, error)
      || !nmd_json_get_number (&delong, "se", NMD_JSON_OPTIONAL, 0, 1, &self->delong.se,
                               error)
      || !nmd_json_get_number (&delong, "p", NMD_JSON_OPTIONAL, 0, 1, &self->delong.p,
                               error)
      || !nmd_json_get_array (object, "difference_ci_bootstrap", NMD_JSON_OPTIONAL, &pair,
                              &n, error))
    return FALSE;
  if (pair.node != NULL && n != 2)
    return nmd_json_value_refuse (object, "difference_ci_bootstrap", error,
                                  "holds %u numbers: 2 expected", n);
  for (guint i = 0; pair.node != NULL && i < n; i++)
    {
      NmdJsonValue end = nmd_json_value_element (&pair, i);

      if (!nmd_json_get_number (&end, NULL, NMD_JSON_REQUIRED, -1, 1, ends[i], error))
        return FALSE;
    }
  return TRUE;
}

JsonNode *
nmd_comparison_to_json (const NmdComparison *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  g_return_val_if_fail (self != NULL, NULL);
  nmd_measure_to_json (&self->auc, object, "auc", TRUE);
  nmd_measure_to_json (&self->network_auc, object, "network_auc", TRUE);
  nmd_measure_to_json (&self->difference, object, "difference", FALSE);
  json_object_set_string_member (object, "difference_ci_subject_method",
                                 "Zou and Donner 2008");
  if (isfinite (self->bootstrap.low))
    {
      JsonArray *ends = json_array_new ();

      json_array_add_double_element (ends, self->bootstrap.low);
      json_array_add_double_element (ends, self->bootstrap.high);
      json_object_set_array_member (object, "difference_ci_bootstrap", ends);
    }
  json_object_set_object_member (object, "delong", delong_to_json (&self->delong));
  json_object_set_string_member (object, "interval_unit",
                                 self->has_subjects ? "subject" : "image");
  json_object_set_int_member (object, "n_images", self->n_images);
  json_object_set_int_member (object, "n_positive_subjects", self->n_subjects_with[1]);
  json_object_set_int_member (object, "n_negative_subjects", self->n_subjects_with[0]);
  json_object_set_int_member (object, "n_subjects_with_both_labels", self->n_mixed);
  json_object_set_string_member (object, "sentence", self->sentence);
  json_node_take_object (node, object);
  return node;
}

gboolean
nmd_comparison_from_json (NmdComparison *self, const NmdJsonValue *object, GError **error)
{
  gint64 n_images = 0, n_subjects[2] = { 0, 0 }, n_mixed = 0;
  const char *unit = "subject";

  g_return_val_if_fail (self != NULL && object != NULL, FALSE);
  *self = (NmdComparison){ 0 };
  if (!nmd_measure_from_json (&self->auc, object, "auc", error)
      || !nmd_measure_from_json (&self->network_auc, object, "network_auc", error)
      || !nmd_measure_from_json (&self->difference, object, "difference", error)
      || !read_beside (self, object, error)
      || !nmd_json_get_text (object, "interval_unit", NMD_JSON_OPTIONAL, &unit, error)
      || !nmd_json_get_int (object, "n_images", NMD_JSON_OPTIONAL, 0, G_MAXINT, &n_images,
                            error)
      || !nmd_json_get_int (object, "n_positive_subjects", NMD_JSON_OPTIONAL, 0, G_MAXINT,
                            &n_subjects[1], error)
      || !nmd_json_get_int (object, "n_negative_subjects", NMD_JSON_OPTIONAL, 0, G_MAXINT,
                            &n_subjects[0], error)
      || !nmd_json_get_int (object, "n_subjects_with_both_labels", NMD_JSON_OPTIONAL, 0,
                            G_MAXINT, &n_mixed, error)
      || !nmd_json_dup_text (object, "sentence", NMD_JSON_REQUIRED, &self->sentence,
                             error))
    return FALSE;
  self->n_images = (guint)n_images;
  self->n_mixed = (guint)n_mixed;
  self->has_subjects = g_str_equal (unit, "subject");
  for (int label = 0; label < 2; label++)
    self->n_subjects_with[label] = (guint)n_subjects[label];
  return TRUE;
}
