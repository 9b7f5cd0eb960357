/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures with their intervals, and how they are written. The bootstrap's draws come
 * from nmd-bootstrap.c, curves from nmd-roc.c.
 */
#include "config.h"

#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-bootstrap-private.h"

#include <math.h>

#define Z95 1.959963984540054 /* 97.5 % point of the standard normal */

NmdInterval
nmd_wilson (double k, double n)
{
  double p, centre, half;

  if (!(n > 0) || !(k >= 0 && k <= n))
    return (NmdInterval){ NAN, NAN };
  p = k / n;
  centre = (p + Z95 * Z95 / (2 * n)) / (1 + Z95 * Z95 / n);
  half = Z95 / (1 + Z95 * Z95 / n) * sqrt (p * (1 - p) / n + Z95 * Z95 / (4 * n * n));
  /* the ends are exact at 0 and n but for rounding */
  return (NmdInterval){ k <= 0 ? 0 : MAX (centre - half, 0),
                        k >= n ? 1 : MIN (centre + half, 1) };
}

/* Midranks (from 1) of the values picked by @which, in the order of @ranking; −1 picks
 * all. */
static void
midranks (const NmdRanking *ranking, const int *labels, int which, double *ranks)
{
  guint before = 0, start = 0, count = 0;

  for (guint i = 0; i < ranking->n; i++)
    {
      count += which < 0 || labels[ranking->order[i]] == which;
      if (ranking->ties[i])
        continue;
      for (guint j = start; j <= i; j++)
        ranks[ranking->order[j]] = before + (count + 1) / 2.0;
      before += count;
      start = i + 1;
      count = 0;
    }
}

/* DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837, by midranks as in Sun and
 * Xu, IEEE Signal Processing Letters 21 (2014) 1389. */
NmdMeasure
nmd_auc_measure (const double *scores, const int *labels, guint n)
{
  NmdMeasure auc = { NAN, { NAN, NAN }, { NAN, NAN } };
  g_auto (NmdRanking) ranking = { 0 };
  g_autofree double *all = g_new0 (double, n + 1);
  g_autofree double *positive = g_new0 (double, n + 1),
                    *negative = g_new0 (double, n + 1);
  const double *own[2] = { negative, positive };
  double count[2] = { 0, 0 }, sum[2] = { 0, 0 }, squares[2] = { 0, 0 }, variance, half;

  nmd_ranking_init (&ranking, scores, n);
  midranks (&ranking, labels, -1, all);
  midranks (&ranking, labels, 0, negative);
  midranks (&ranking, labels, 1, positive);
  for (guint i = 0; i < n; i++)
    count[labels[i]]++;
  if (count[0] < 1 || count[1] < 1)
    return auc;
  /* share of the other class below (ties half): of a positive V10, of a negative 1 − V01
   */
  for (guint i = 0; i < n; i++)
    sum[labels[i]] += (all[i] - own[labels[i]][i]) / count[1 - labels[i]];
  auc.value = sum[1] / count[1];
  for (guint i = 0; i < n; i++)
    {
      double v = (all[i] - own[labels[i]][i]) / count[1 - labels[i]]
                 - sum[labels[i]] / count[labels[i]];

      squares[labels[i]] += v * v;
    }
  if (count[0] < 2 || count[1] < 2)
    return auc;
  variance
      = squares[0] / (count[0] - 1) / count[0] + squares[1] / (count[1] - 1) / count[1];
  half = Z95 * sqrt (variance);
  auc.ci = (NmdInterval){ MAX (auc.value - half, 0), MIN (auc.value + half, 1) };
  return auc;
}

double
nmd_auc (const double *scores, const int *labels, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (isnan (scores[i]))
      return NAN;
  return nmd_auc_measure (scores, labels, (guint)n).value;
}

enum
{
  ACCURACY,
  SENSITIVITY,
  SPECIFICITY,
  PPV,
  NPV,
  F1,
  AUC,
  BRIER,
  N_MEASURES,
};

static const char *const measure_names[N_MEASURES]
    = { "accuracy", "sensitivity", "specificity", "ppv", "npv", "f1", "auc", "brier" };

static NmdMeasure *
get_measure (NmdMetrics *metrics, int which)
{
  NmdMeasure *const places[N_MEASURES]
      = { &metrics->accuracy, &metrics->sensitivity, &metrics->specificity,
          &metrics->ppv,      &metrics->npv,         &metrics->f1,
          &metrics->auc,      &metrics->brier };

  return places[which];
}

/* Numerators and denominators of the first six. */
static void
get_rates (
    double tp, double tn, double fp, double fn, double over[F1 + 1], double under[F1 + 1])
{
  over[ACCURACY] = tp + tn, under[ACCURACY] = tp + tn + fp + fn;
  over[SENSITIVITY] = tp, under[SENSITIVITY] = tp + fn;
  over[SPECIFICITY] = tn, under[SPECIFICITY] = tn + fp;
  over[PPV] = tp, under[PPV] = tp + fp;
  over[NPV] = tn, under[NPV] = tn + fn;
  over[F1] = 2 * tp, under[F1] = 2 * tp + fp + fn;
}

static gboolean
check (const NmdScores *scores, const char *name, GError **error)
{
  guint n = nmd_scores_get_n (scores), count[2] = { 0, 0 };

  for (guint i = 0; i < n; i++)
    {
      const NmdScore *score = nmd_scores_get (scores, i);

      if (!isfinite (score->score))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "%s: the score of image %s is not a number", name, score->image);
          return FALSE;
        }
      count[score->label]++;
    }
  if (n == 0)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s holds no scores", name);
  else if (count[0] == 0 || count[1] == 0)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "%s has only images labelled %d (%u), measures need both classes", name,
                 count[1] > 0, n);
  return n > 0 && count[0] > 0 && count[1] > 0;
}

/* One draw's measures into column @draw of @values. */
static void
measure_draw (const NmdBootstrap *bootstrap,
              const NmdRanking *ranking,
              const double *score,
              double threshold,
              double *const values[N_MEASURES],
              guint draw)
{
  double table[2][2] = { { 0, 0 }, { 0, 0 } }, over[F1 + 1], under[F1 + 1], squares = 0,
         weight = 0;

  for (guint i = 0; i < bootstrap->n; i++)
    {
      double w = bootstrap->weight[bootstrap->subject[i]];
      double miss = score[i] - bootstrap->label[i];

      table[bootstrap->label[i]][score[i] >= threshold] += w;
      squares += w * miss * miss;
      weight += w;
    }
  get_rates (table[1][1], table[0][0], table[0][1], table[1][0], over, under);
  for (int m = 0; m <= F1; m++)
    values[m][draw] = under[m] > 0 ? over[m] / under[m] : NAN;
  values[AUC][draw] = nmd_ranking_auc (ranking, bootstrap);
  values[BRIER][draw] = squares / weight;
}

static void
run_bootstrap (NmdBootstrap *bootstrap,
               const double *score,
               double threshold,
               NmdMetrics *metrics)
{
  g_autofree double *memory = g_new (double, N_MEASURES *NMD_BOOTSTRAP_DRAWS);
  double *values[N_MEASURES];
  g_auto (NmdRanking) ranking = { 0 };
  guint n_draws = 0;

  for (int m = 0; m < N_MEASURES; m++)
    values[m] = memory + (gsize)m * NMD_BOOTSTRAP_DRAWS;
  nmd_ranking_init (&ranking, score, bootstrap->n);
  while (n_draws < NMD_BOOTSTRAP_DRAWS && nmd_bootstrap_next (bootstrap))
    measure_draw (bootstrap, &ranking, score, threshold, values, n_draws++);
  for (int m = 0; m < N_MEASURES; m++)
    {
      NmdMeasure *measure = get_measure (metrics, m);

      measure->ci_subject = isnan (measure->value) ? (NmdInterval){ NAN, NAN }
                                                   : nmd_percentiles (values[m], n_draws);
    }
}

/* A subject with images of both labels counts for both. */
static void
count_subjects (const NmdBootstrap *bootstrap, guint count[2])
{
  g_autofree guint8 *seen = g_new0 (guint8, bootstrap->n_subjects + 1);

  for (guint i = 0; i < bootstrap->n; i++)
    {
      guint8 bit = (guint8)(1 << bootstrap->label[i]);

      if (!(seen[bootstrap->subject[i]] & bit))
        count[bootstrap->label[i]]++;
      seen[bootstrap->subject[i]] |= bit;
    }
}

gboolean
nmd_metrics_compute (const NmdScores *scores,
                     double threshold,
                     guint64 seed,
                     const char *name,
                     NmdMetrics *metrics,
                     GError **error)
{
  g_auto (NmdBootstrap) bootstrap = { 0 };
  g_autofree double *score = NULL;
  double over[F1 + 1], under[F1 + 1], squares = 0;

  g_return_val_if_fail (scores != NULL && name != NULL && metrics != NULL, FALSE);
  if (!check (scores, name, error))
    return FALSE;
  nmd_bootstrap_init (&bootstrap, scores, seed);
  *metrics = (NmdMetrics){ .threshold = threshold,
                           .n_images = bootstrap.n,
                           .n_subjects = bootstrap.n_subjects };
  count_subjects (&bootstrap, metrics->n_subjects_with);
  score = g_new (double, bootstrap.n);
  for (guint i = 0; i < bootstrap.n; i++)
    {
      double miss;

      score[i] = nmd_scores_get (scores, i)->score;
      miss = score[i] - bootstrap.label[i];
      squares += miss * miss;
      if (score[i] >= threshold)
        *(bootstrap.label[i] ? &metrics->tp : &metrics->fp) += 1;
      else
        *(bootstrap.label[i] ? &metrics->fn : &metrics->tn) += 1;
    }
  get_rates (metrics->tp, metrics->tn, metrics->fp, metrics->fn, over, under);
  for (int m = 0; m <= F1; m++)
    *get_measure (metrics, m) = (NmdMeasure){ under[m] > 0 ? over[m] / under[m] : NAN,
                                              m == F1 ? (NmdInterval){ NAN, NAN }
                                                      : nmd_wilson (over[m], under[m]),
                                              { NAN, NAN } };
  metrics->auc = nmd_auc_measure (score, bootstrap.label, bootstrap.n);
  metrics->brier = (NmdMeasure){ squares / bootstrap.n, { NAN, NAN }, { NAN, NAN } };
  run_bootstrap (&bootstrap, score, threshold, metrics);
  return TRUE;
}

static void
set_interval (JsonObject *object,
              const char *name,
              const char *suffix,
              const NmdInterval *interval)
{
  g_autofree char *member = g_strconcat (name, suffix, NULL);
  JsonArray *ends;

  if (isnan (interval->low) || isnan (interval->high))
    {
      json_object_set_null_member (object, member);
      return;
    }
  ends = json_array_new ();
  json_array_add_double_element (ends, interval->low);
  json_array_add_double_element (ends, interval->high);
  json_object_set_array_member (object, member, ends);
}

#define FEW_SUBJECTS 10

char *
nmd_metrics_get_caution (const NmdMetrics *metrics)
{
  g_return_val_if_fail (metrics != NULL, NULL);
  if (metrics->n_subjects_with[0] >= FEW_SUBJECTS
      && metrics->n_subjects_with[1] >= FEW_SUBJECTS)
    return NULL;
  return g_strdup_printf ("Only %u positive and %u negative subjects: too few to rely on "
                          "intervals by subject",
                          metrics->n_subjects_with[1], metrics->n_subjects_with[0]);
}

const NmdInterval *
nmd_measure_get_interval (const NmdMeasure *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->ci_subject.high > self->ci_subject.low ? &self->ci_subject : &self->ci;
}

JsonNode *
nmd_metrics_to_json (const NmdMetrics *metrics, const char *part, const char *unit)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *caution = NULL;

  g_return_val_if_fail (metrics != NULL && part != NULL && unit != NULL, NULL);
  json_object_set_string_member (object, "part", part);
  json_object_set_string_member (object, "unit", unit);
  nmd_json_set_number (object, "threshold", metrics->threshold);
  json_object_set_int_member (object, "tp", metrics->tp);
  json_object_set_int_member (object, "tn", metrics->tn);
  json_object_set_int_member (object, "fp", metrics->fp);
  json_object_set_int_member (object, "fn", metrics->fn);
  for (int m = 0; m < N_MEASURES; m++)
    {
      const NmdMeasure *measure = get_measure ((NmdMetrics *)metrics, m);

      nmd_json_set_number (object, measure_names[m], measure->value);
      if (m != F1 && m != BRIER)
        set_interval (object, measure_names[m], "_ci", &measure->ci);
      set_interval (object, measure_names[m], "_ci_subject", &measure->ci_subject);
    }
  json_object_set_int_member (object, "n_images", metrics->n_images);
  json_object_set_int_member (object, "n_subjects", metrics->n_subjects);
  caution = nmd_metrics_get_caution (metrics);
  if (caution != NULL)
    json_object_set_string_member (object, "caution", caution);
  json_node_take_object (node, object);
  return node;
}

char *
nmd_measure_to_text (const NmdMeasure *self, gboolean by_subject)
{
  const NmdInterval *interval;
  char value[32], low[32], high[32];

  g_return_val_if_fail (self != NULL, NULL);
  if (isnan (self->value))
    return g_strdup ("–");
  interval = by_subject ? nmd_measure_get_interval (self) : &self->ci;
  g_ascii_formatd (value, sizeof value, "%.3f", self->value);
  if (isnan (interval->low) || isnan (interval->high))
    return g_strdup (value);
  g_ascii_formatd (low, sizeof low, "%.2f", interval->low);
  g_ascii_formatd (high, sizeof high, "%.2f", interval->high);
  return g_strdup_printf ("%s [%s, %s]", value, low, high);
}
