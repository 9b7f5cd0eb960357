/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules for thresholds: read, applied, put into words. Which images a rule may see is
 * nmd-results.c's business.
 */
#include "config.h"

#include "engine/core/nmd-number.h"
#include "engine/eval/nmd-groups-private.h"
#include "engine/eval/nmd-threshold.h"
#include "engine/core/nmd-words.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

gboolean
nmd_threshold_rule_parse (const char *text, NmdThresholdRule *rule, GError **error)
{
  static const struct
  {
    const char *prefix;
    NmdThresholdKind kind;
  } forms[] = { { "sensitivity=", NMD_THRESHOLD_SENSITIVITY },
                { "specificity=", NMD_THRESHOLD_SPECIFICITY },
                { "cost=", NMD_THRESHOLD_COST },
                { "", NMD_THRESHOLD_FIXED } };

  g_return_val_if_fail (text != NULL && rule != NULL, FALSE);
  if (g_ascii_strcasecmp (text, "youden") == 0)
    {
      *rule = (NmdThresholdRule){ NMD_THRESHOLD_YOUDEN, 0 };
      return TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      double level;

      if (!g_str_has_prefix (text, forms[i].prefix)
          || !nmd_number_parse (text + strlen (forms[i].prefix), &level, NULL)
          || !(level >= 0 && level <= (forms[i].kind == NMD_THRESHOLD_COST ? 1000 : 1))
          || (level <= 0 && forms[i].kind != NMD_THRESHOLD_FIXED))
        continue;
      *rule = (NmdThresholdRule){ forms[i].kind, level };
      return TRUE;
    }
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "The threshold is a score from 0 to 1, youden, sensitivity=SHARE, "
               "specificity=SHARE or cost=RATIO, not “%s”",
               text);
  return FALSE;
}

char *
nmd_threshold_rule_to_text (const NmdThresholdRule *rule)
{
  char number[NMD_NUMBER_LENGTH];

  g_return_val_if_fail (rule != NULL, NULL);
  if (rule->kind == NMD_THRESHOLD_YOUDEN)
    return g_strdup ("youden");
  return g_strconcat (rule->kind == NMD_THRESHOLD_SENSITIVITY   ? "sensitivity="
                      : rule->kind == NMD_THRESHOLD_SPECIFICITY ? "specificity="
                      : rule->kind == NMD_THRESHOLD_COST        ? "cost="
                                                                : "",
                      nmd_number_format (number, rule->level), NULL);
}

/* How good it is to call @called[label] of @count[label] images positive; −1: not
   allowed. */
static double
judge (const NmdThresholdRule *rule, const double called[2], const double count[2])
{
  double sensitivity = called[1] / count[1], specificity = 1 - called[0] / count[0];

  /* a share of 0.9 of 10 images is 9: without regard to rounding */
  switch (rule->kind)
    {
    case NMD_THRESHOLD_SENSITIVITY:
      return called[1] >= rule->level * count[1] - 1e-9 ? specificity : -1;
    case NMD_THRESHOLD_SPECIFICITY:
      return count[0] - called[0] >= rule->level * count[0] - 1e-9 ? sensitivity : -1;
    case NMD_THRESHOLD_COST:
      return 1
             - (called[0] + rule->level * (count[1] - called[1]))
                   / (count[0] + rule->level * count[1]);
    case NMD_THRESHOLD_YOUDEN:
    case NMD_THRESHOLD_FIXED:
      break;
    }
  return (sensitivity + specificity) / 2;
}

gboolean
nmd_threshold_choose (const NmdThresholdRule *rule,
                      const NmdScores *scores,
                      const char *name,
                      double *threshold,
                      GError **error)
{
  g_auto (NmdGroups) groups = { 0 };
  g_auto (NmdRanking) ranking = { 0 };
  static const double nobody[2] = { 0, 0 };
  double count[2] = { 0, 0 }, called[2] = { 0, 0 }, best = -1, largest;

  g_return_val_if_fail (rule != NULL && threshold != NULL, FALSE);
  if (rule->kind == NMD_THRESHOLD_FIXED)
    {
      *threshold = rule->level;
      return TRUE;
    }
  g_return_val_if_fail (scores != NULL && name != NULL, FALSE);
  nmd_groups_init (&groups, scores);
  for (guint i = 0; i < groups.n; i++)
    {
      count[groups.label[i]]++;
      if (isnan (groups.score[i]))
        count[0] = count[1] = -G_MAXDOUBLE;
    }
  if (count[0] < 1 || count[1] < 1)
    {
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_FORMAT,
          "No threshold can be chosen on %s: it needs scored images of both classes",
          name);
      return FALSE;
    }
  nmd_ranking_init (&ranking, groups.score, groups.n);
  *threshold = 0.5; /* what ties are held against until there is a division */
  for (guint i = groups.n; i-- > 0;)
    {
      double here = groups.score[ranking.order[i]], below, middle, worth;

      called[groups.label[ranking.order[i]]]++;
      if (i > 0 && ranking.ties[i - 1])
        continue;
      below = i > 0 ? groups.score[ranking.order[i - 1]] : 0;
      middle = (here + below) / 2;
      if (!(middle > below)) /* the two are neighbours among numbers, or both 0 */
        middle = here;
      worth = judge (rule, called, count);
      if (worth > best + 1e-12
          || (worth > best - 1e-12 && fabs (middle - 0.5) < fabs (*threshold - 0.5)))
        {
          best = MAX (best, worth);
          *threshold = middle;
        }
    }
  /* nobody is called positive: beyond 1 where a negative has that score */
  largest = groups.score[ranking.order[ranking.n - 1]];
  if (rule->kind == NMD_THRESHOLD_COST && judge (rule, nobody, count) > best + 1e-12)
    *threshold = largest < 1 ? (largest + 1) / 2 : nextafter (1, 2);
  if (best < 0) /* only with specificity */
    *threshold = largest < 1 ? 1 : nextafter (1, 2);
  return TRUE;
}

void
nmd_threshold_clear (NmdThreshold *self)
{
  g_return_if_fail (self != NULL);
  g_free (self->part);
  *self = (NmdThreshold){ 0 };
}

char *
nmd_threshold_to_text (const NmdThreshold *self)
{
  g_autofree char *rule = NULL;
  char value[32], level[32];

  g_return_val_if_fail (self != NULL, NULL);
  g_ascii_formatd (value, sizeof value, "%.3f", self->value);
  g_ascii_formatd (level, sizeof level, "%.3g", self->rule.level);
  if (self->rule.kind == NMD_THRESHOLD_FIXED)
    return g_strdup_printf (nmd_word ("threshold %s: a fixed number"), value);
  rule = self->rule.kind == NMD_THRESHOLD_YOUDEN
             ? g_strdup (nmd_word ("largest Youden index"))
         : self->rule.kind == NMD_THRESHOLD_COST ? g_strdup_printf (
               nmd_word ("least cost, a missed positive being worth %s false alarms"),
               level)
         : self->rule.kind == NMD_THRESHOLD_SENSITIVITY
             ? g_strdup_printf (nmd_word ("sensitivity of at least %s"), level)
             : g_strdup_printf (nmd_word ("specificity of at least %s"), level);
  if (self->on_these_images)
    return g_strdup_printf (nmd_word ("threshold %s: %s, chosen on these images"), value,
                            rule);
  /* Translators: a number, a rule, a part of the data set */
  return g_strdup_printf (nmd_word ("threshold %s: %s on the %s part"), value, rule,
                          nmd_word (self->part != NULL ? self->part : "unknown"));
}
