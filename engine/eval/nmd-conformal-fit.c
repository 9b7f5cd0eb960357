/* SPDX-License-Identifier: Apache-2.0
 *
 * Conformal limits by class and subject, and their coverage. What a limit means for one
 * score is engine/model/nmd-conformal.h's.
 */
#include "config.h"

#include "engine/eval/nmd-conformal-fit.h"
#include "engine/eval/nmd-groups-private.h"

#include <math.h>

/* Sums of weights may miss the level by rounding. */
#define ROUNDING 1e-9

/* Rows of @label with a score, by subject. */
static guint *
count_rows (const NmdGroups *groups, int label, guint *n_subjects)
{
  guint *rows = g_new0 (guint, groups->n_subjects + 1);

  *n_subjects = 0;
  for (guint i = 0; i < groups->n; i++)
    if (groups->label[i] == label && !isnan (groups->score[i]))
      *n_subjects += rows[groups->subject[i]]++ == 0;
  return rows;
}

static double
nonconformity (double score, int label)
{
  return label == 1 ? 1 - score : score;
}

static double
find_limit (const NmdGroups *groups, int label, double level, guint *n_subjects)
{
  g_autofree guint *rows = count_rows (groups, label, n_subjects);
  g_autofree double *values = g_new (double, groups->n + 1);
  g_autofree guint *own = g_new (guint, groups->n + 1);
  g_auto (NmdRanking) ranking = { 0 };
  double sum = 0;
  guint n = 0;

  for (guint i = 0; i < groups->n; i++)
    if (groups->label[i] == label && !isnan (groups->score[i]))
      {
        values[n] = nonconformity (groups->score[i], label);
        own[n++] = rows[groups->subject[i]];
      }
  nmd_ranking_init (&ranking, values, n);
  for (guint i = 0; i < n; i++)
    {
      sum += 1.0 / own[ranking.order[i]] / (*n_subjects + 1.0);
      if (!ranking.ties[i] && sum >= level - ROUNDING)
        return values[ranking.order[i]];
    }
  return NAN;
}

void
nmd_conformal_fit (const NmdScores *validation, double level, NmdConformal *self)
{
  g_auto (NmdGroups) groups = { 0 };

  g_return_if_fail (validation != NULL && self != NULL && level > 0 && level < 1);
  *self = (NmdConformal){ .level = level };
  nmd_groups_init (&groups, validation);
  for (int label = 0; label < 2; label++)
    self->limit[label] = find_limit (&groups, label, level, &self->n_subjects[label]);
}

static void
measure_class (const NmdConformal *self,
               const NmdGroups *groups,
               int label,
               NmdCoverage *coverage)
{
  guint k;
  g_autofree guint *rows = count_rows (groups, label, &k);
  double sum = 0;

  for (guint i = 0; i < groups->n; i++)
    if (groups->label[i] == label && !isnan (groups->score[i])
        && nonconformity (groups->score[i], label) <= self->limit[label])
      sum += 1.0 / rows[groups->subject[i]];
  coverage->n_subjects[label] = k;
  if (k == 0)
    return;
  coverage->covered[label] = MIN (sum / k, 1);
  coverage->ci[label] = nmd_wilson (MIN (sum, k), k);
}

void
nmd_conformal_measure (const NmdConformal *self,
                       const NmdScores *scores,
                       NmdCoverage *coverage)
{
  g_auto (NmdGroups) groups = { 0 };

  g_return_if_fail (self != NULL && scores != NULL && coverage != NULL);
  *coverage
      = (NmdCoverage){ .covered = { NAN, NAN }, .ci = { { NAN, NAN }, { NAN, NAN } } };
  if (isnan (self->limit[0]) || isnan (self->limit[1]))
    return;
  nmd_groups_init (&groups, scores);
  for (int label = 0; label < 2; label++)
    measure_class (self, &groups, label, coverage);
  for (guint i = 0; i < groups.n; i++)
    {
      NmdCall call = nmd_conformal_call (self, groups.score[i]);

      if (call == NMD_CALL_NO_PROMISE)
        continue;
      coverage->n_images++;
      coverage->n_open += nmd_call_is_open (call);
      coverage->n_both += call == NMD_CALL_BOTH;
      coverage->n_right
          += call == (groups.label[i] ? NMD_CALL_POSITIVE : NMD_CALL_NEGATIVE);
    }
}

char *
nmd_conformal_to_text (const NmdConformal *self, const NmdCoverage *coverage)
{
  double percent;
  guint needed;

  g_return_val_if_fail (self != NULL && coverage != NULL, NULL);
  percent = 100 * self->level;
  needed = (guint)ceil (self->level / (1 - self->level) - 1e-9);
  if (isnan (self->limit[0]) || isnan (self->limit[1]))
    return g_strdup_printf (
        "No promise of what can be judged: %u positive and %u negative validation "
        "subjects, %u of each are needed for %.0f %%",
        self->n_subjects[1], self->n_subjects[0], needed, percent);
  return g_strdup_printf (
      "Cannot be judged: %u of %u images (promise %.0f %% in each class, from %u "
      "positive "
      "and %u negative validation subjects); the true class is kept for %.0f %% of "
      "positive and %.0f %% of negative images, a subject counting once; %u of the %u "
      "judged are called right",
      coverage->n_open, coverage->n_images, percent, self->n_subjects[1],
      self->n_subjects[0], 100 * coverage->covered[1], 100 * coverage->covered[0],
      coverage->n_right, coverage->n_images - coverage->n_open);
}

static void
set_class (JsonObject *object, const char *word, const NmdCoverage *coverage, int label)
{
  g_autofree char *name = g_strconcat ("coverage_", word, NULL);
  g_autofree char *ci = g_strconcat (name, "_ci_subject", NULL);

  nmd_json_set_number (object, name, coverage->covered[label]);
  if (isfinite (coverage->ci[label].low))
    {
      JsonArray *ends = json_array_new ();

      json_array_add_double_element (ends, coverage->ci[label].low);
      json_array_add_double_element (ends, coverage->ci[label].high);
      json_object_set_array_member (object, ci, ends);
    }
}

JsonNode *
nmd_coverage_to_json (const NmdConformal *self, const NmdCoverage *coverage)
{
  JsonNode *node = nmd_conformal_to_json (self);
  JsonObject *object = json_node_get_object (node);
  g_autofree char *text = nmd_conformal_to_text (self, coverage);

  json_object_set_string_member (object, "text", text);
  set_class (object, "negative", coverage, 0);
  set_class (object, "positive", coverage, 1);
  json_object_set_int_member (object, "n_images", coverage->n_images);
  json_object_set_int_member (object, "n_cannot_be_judged", coverage->n_open);
  json_object_set_int_member (object, "n_both_possible", coverage->n_both);
  json_object_set_int_member (object, "n_right_of_judged", coverage->n_right);
  return node;
}
