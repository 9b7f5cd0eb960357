/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows by subject, and intervals of a rate and of an AUC that know which rows belong
 * together. Which measure is which rate is nmd-metrics.c's.
 */
#include "config.h"

#include "engine/eval/nmd-groups-private.h"

#include <math.h>
#include <string.h>

#define Z95 1.959963984540054 /* 97.5 % point of the standard normal */
#define Z90 1.644853626951473 /* 95 % point */

/* Weight of an estimated design effect: e/(e + this), e the expected number of subjects
 * on the rarer side. Chosen by coverage: tests/eval/interval-coverage.c. */
#define RATE_SHRINKAGE 0.5
#define BRIER_SHRINKAGE 0.05
#define AUC_SHRINKAGE 0.25
/* Under so many expected misranked subjects the lower end's 2.5 % go to the upper end. */
#define AUC_ONE_SIDED 2.0

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
count_subjects (NmdGroups *self)
{
  g_autofree guint8 *seen = g_new0 (guint8, self->n_subjects + 1);

  self->subject_label = g_new0 (int, self->n_subjects + 1);
  for (guint i = 0; i < self->n; i++)
    {
      seen[self->subject[i]] |= (guint8)(1 << self->label[i]);
      self->subject_label[self->subject[i]] |= self->label[i];
    }
  for (guint s = 0; s < self->n_subjects; s++)
    {
      self->n_with[self->subject_label[s]]++;
      for (int label = 0; label < 2; label++)
        self->n_having[label] += (seen[s] >> label) & 1;
    }
}

void
nmd_groups_init (NmdGroups *self, const NmdScores *scores)
{
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  *self = (NmdGroups){ .n = nmd_scores_get_n (scores) };
  for (guint i = 0; i < self->n; i++)
    {
      const char *name = nmd_score_group (nmd_scores_get (scores, i));

      if (g_hash_table_add (places, (gpointer)name))
        g_ptr_array_add (names, (gpointer)name);
    }
  g_ptr_array_sort (names, compare_text);
  g_hash_table_remove_all (places);
  for (guint i = 0; i < names->len; i++)
    g_hash_table_insert (places, names->pdata[i], GUINT_TO_POINTER (i));
  self->n_subjects = names->len;
  self->subject = g_new (guint, self->n + 1);
  self->label = g_new (int, self->n + 1);
  self->score = g_new (double, self->n + 1);
  for (guint i = 0; i < self->n; i++)
    {
      const NmdScore *score = nmd_scores_get (scores, i);

      self->subject[i]
          = GPOINTER_TO_UINT (g_hash_table_lookup (places, nmd_score_group (score)));
      self->label[i] = score->label;
      self->score[i] = score->score;
      self->has_subjects |= *score->subject != '\0';
    }
  count_subjects (self);
}

void
nmd_groups_clear (NmdGroups *self)
{
  g_clear_pointer (&self->subject, g_free);
  g_clear_pointer (&self->label, g_free);
  g_clear_pointer (&self->score, g_free);
  g_clear_pointer (&self->subject_label, g_free);
}

/* The lower end of Wilson's interval of the share @p in @n. */
static double
wilson_low (double p, double n, double z)
{
  double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  double half = z / (1 + z * z / n) * sqrt (p * (1 - p) / n + z * z / (4 * n * n));

  /* exact at 0 but for rounding */
  return p <= 0 ? 0 : MAX (centre - half, 0);
}

NmdInterval
nmd_wilson (double k, double n)
{
  if (!(n > 0) || !(k >= 0 && k <= n))
    return (NmdInterval){ NAN, NAN };
  return (NmdInterval){ wilson_low (k / n, n, Z95), 1 - wilson_low (1 - k / n, n, Z95) };
}

/* A share under 1 − k/(k + z²) lies within the interval even if none of @n_subjects = k
 * has an image in the numerator: it cannot be missed at the upper end, so the 5 % are all
 * the lower end's. In between, the end rests at that share. */
static double
low_end (double p, double n, guint n_subjects)
{
  double always = 1 - n_subjects / (n_subjects + Z95 * Z95);
  double one_sided = wilson_low (p, n, Z90);

  return one_sided <= always ? one_sided : MAX (wilson_low (p, n, Z95), always);
}

/* The variance of p = Σover/Σunder, times (Σunder)²: residuals over − p·under by
 * subject, within strata of positive and negative subjects. @part: what each stratum of
 * @n subjects adds. */
static double
residual_squares (const NmdGroups *self,
                  const double *over,
                  const double *under,
                  double p,
                  double part[2],
                  guint n[2])
{
  for (int label = 0; label < 2; label++)
    {
      double sum = 0, squares = 0, mean, rows = 0;

      part[label] = 0;
      n[label] = 0;
      for (guint s = 0; s < self->n_subjects; s++)
        if (self->subject_label[s] == label)
          {
            sum += over[s] - p * under[s];
            rows += under[s];
            n[label]++;
          }
      if (rows <= 0) /* this stratum has nothing to do with the rate */
        continue;
      mean = n[label] > 1 ? sum / n[label] : 0;
      for (guint s = 0; s < self->n_subjects; s++)
        if (self->subject_label[s] == label)
          squares += pow (over[s] - p * under[s] - mean, 2);
      part[label] = n[label] > 1 ? squares * n[label] / (n[label] - 1) : squares;
    }
  return part[0] + part[1];
}

/* Degrees of freedom of a sum of two estimated variances (Satterthwaite, Biometrics
 * Bulletin 2 (1946) 110); the smaller of both where there is no variance. */
static double
satterthwaite (const double part[2], const guint n[2])
{
  double sum = part[0] + part[1], under = 0;

  for (int label = 0; label < 2; label++)
    if (n[label] > 1)
      under += part[label] * part[label] / (n[label] - 1);
  return under > 0 ? sum * sum / under : MAX ((double)MIN (n[0], n[1]) - 1, 1);
}

/* The design effect of p as estimated, widened for its few degrees of freedom (Korn and
 * Graubard, Survey Methodology 24 (1998) 193) where it is not known to be 1. */
static double
estimate_effect (const NmdGroups *self,
                 const double *over,
                 const double *under,
                 double p,
                 double n,
                 gboolean is_known)
{
  double part[2], t = Z95;
  guint n_subjects[2];
  double variance = residual_squares (self, over, under, p, part, n_subjects) / (n * n);

  if (!is_known)
    t = nmd_t_quantile (0.975, satterthwaite (part, n_subjects));
  return variance * (n - 1) / (p * (1 - p)) * (t * t) / (Z95 * Z95);
}

NmdInterval
nmd_groups_rate (const NmdGroups *self,
                 const double *over,
                 const double *under,
                 gboolean is_share)
{
  double n = 0, sum = 0, p, effect = 1, largest, information, weight;
  guint k = 0;

  for (guint s = 0; s < self->n_subjects; s++)
    {
      n += under[s];
      sum += over[s];
      k += under[s] > 0;
    }
  if (k == 0)
    return (NmdInterval){ NAN, NAN };
  p = CLAMP (sum / n, 0, 1);
  largest = n / k;
  information = k * p * (1 - p);
  weight = information / (information + (is_share ? RATE_SHRINKAGE : BRIER_SHRINKAGE));
  if (information > 0 && n > 1)
    effect = estimate_effect (self, over, under, p, n, is_share && n <= k);
  effect = weight * effect + (1 - weight) * largest;
  if (!is_share) /* squared errors can vary less than shares of independent rows */
    return nmd_wilson (p * (n / effect), n / effect);
  n /= MAX (effect, 1);
  return (NmdInterval){ low_end (p, n, k), 1 - low_end (1 - p, n, k) };
}

static int
compare_values (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const double *values = user_data;
  guint i = *(const guint *)a, j = *(const guint *)b;

  if (values[i] != values[j])
    return values[i] < values[j] ? -1 : 1;
  return i < j ? -1 : i > j;
}

void
nmd_ranking_init (NmdRanking *self, const double *values, guint n)
{
  self->n = n;
  self->order = g_new (guint, n + 1);
  self->ties = g_new0 (gboolean, n + 1);
  for (guint i = 0; i < n; i++)
    self->order[i] = i;
  g_qsort_with_data (self->order, (int)n, sizeof *self->order, compare_values,
                     (gpointer)values);
  for (guint i = 0; i + 1 < n; i++)
    self->ties[i] = values[self->order[i]] == values[self->order[i + 1]];
}

void
nmd_ranking_clear (NmdRanking *self)
{
  g_clear_pointer (&self->order, g_free);
  g_clear_pointer (&self->ties, g_free);
}

/* AUC */

/* Midranks (from 1) of the values picked by @which, in the order of @ranking; −1 picks
   all. */
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

/* Shares of the other class on the right side (ties half), by midranks as in Sun and
 * Xu, IEEE Signal Processing Letters 21 (2014) 1389; the AUC is their mean over either
 * class. */
double
nmd_placements_fill (const int *labels, const double *scores, guint n, double *placement)
{
  g_auto (NmdRanking) ranking = { 0 };
  g_autofree double *negative = g_new0 (double, n + 1),
                    *positive = g_new0 (double, n + 1);
  double *const own[2] = { negative, positive };
  double count[2] = { 0, 0 }, sum = 0, auc;

  for (guint i = 0; i < n; i++)
    count[labels[i]]++;
  if (count[0] < 1 || count[1] < 1)
    return NAN;
  nmd_ranking_init (&ranking, scores, n);
  midranks (&ranking, labels, -1, placement);
  midranks (&ranking, labels, 0, own[0]);
  midranks (&ranking, labels, 1, own[1]);
  for (guint i = 0; i < n; i++)
    {
      double below = (placement[i] - own[labels[i]][i]) / count[1 - labels[i]];

      placement[i] = labels[i] ? below : 1 - below;
      sum += labels[i] ? below : 0;
    }
  auc = sum / count[1];
  for (guint i = 0; i < n; i++)
    placement[i] -= auc;
  return auc;
}

/* Σ placement over each subject's rows of @label. */
static double *
sum_by_subject (const NmdPlacements *self, const NmdGroups *groups, int label)
{
  double *sums = g_new0 (double, groups->n_subjects + 1);

  for (guint i = 0; i < groups->n; i++)
    if (groups->label[i] == label)
      sums[groups->subject[i]] += self->placement[i];
  return sums;
}

/* Obuchowski 1997, eq. 5 to 8: within a class, and between classes through mixed
 * subjects. @part (nullable): what each class adds. */
static double
covariance (const NmdPlacements *a,
            const NmdPlacements *b,
            const NmdGroups *groups,
            double part[2])
{
  double rows[2] = { 0, 0 }, total = 0, between = 0;
  g_autofree double *left_0 = sum_by_subject (a, groups, 0),
                    *left_1 = sum_by_subject (a, groups, 1),
                    *right_0 = sum_by_subject (b, groups, 0),
                    *right_1 = sum_by_subject (b, groups, 1);
  const double *const left[2] = { left_0, left_1 };
  const double *const right[2] = { right_0, right_1 };
  guint n = groups->n_subjects;

  for (guint i = 0; i < groups->n; i++)
    rows[groups->label[i]]++;
  for (int label = 0; label < 2; label++)
    {
      double k = groups->n_having[label], sum = 0;

      for (guint s = 0; s < n; s++)
        sum += left[label][s] * right[label][s];
      sum *= k / (k - 1) / (rows[label] * rows[label]);
      if (part != NULL)
        part[label] = sum;
      total += sum;
    }
  for (guint s = 0; s < n; s++)
    between += left[0][s] * right[1][s] + left[1][s] * right[0][s];
  return total + between * n / (n - 1) / (rows[0] * rows[1]);
}

void
nmd_placements_init (NmdPlacements *self, const NmdGroups *groups, const double *scores)
{
  double count[2] = { 0, 0 }, squares[2] = { 0, 0 };

  *self = (NmdPlacements){ .placement = g_new0 (double, groups->n + 1) };
  self->by_image = self->by_subject = NAN;
  self->auc = nmd_placements_fill (groups->label, scores, groups->n, self->placement);
  if (isnan (self->auc))
    return;
  for (guint i = 0; i < groups->n; i++)
    {
      count[groups->label[i]]++;
      squares[groups->label[i]] += self->placement[i] * self->placement[i];
    }
  if (count[0] > 1 && count[1] > 1)
    self->by_image
        = squares[0] / (count[0] - 1) / count[0] + squares[1] / (count[1] - 1) / count[1];
  if (groups->n_having[0] > 1 && groups->n_having[1] > 1)
    self->by_subject = covariance (self, self, groups, self->part);
}

void
nmd_placements_clear (NmdPlacements *self)
{
  g_clear_pointer (&self->placement, g_free);
}

double
nmd_placements_covariance (const NmdPlacements *a,
                           const NmdPlacements *b,
                           const NmdGroups *groups)
{
  return covariance (a, b, groups, NULL);
}

NmdInterval
nmd_placements_by_image (const NmdPlacements *self)
{
  double half = Z95 * sqrt (self->by_image);

  /* without variance there is no interval: [1, 1] would say that nothing is left to
     know */
  if (!(half > 0))
    return (NmdInterval){ NAN, NAN };
  return (NmdInterval){ MAX (self->auc - half, 0), MIN (self->auc + half, 1) };
}

/* Newcombe 2006, method 5: Hanley and McNeil's variance with one N for both classes. */
static double
newcombe_variance (double auc, double m, double n)
{
  double half = (m + n) / 2 - 1;

  return auc * (1 - auc) / (m * n)
         * (1 + half * (1 - auc) / (2 - auc) + half * auc / (1 + auc));
}

/* The root of (auc − x)² = factor·V(x) between @from, where the left side is larger,
   and @auc. */
static double
solve_end (double auc, double m, double n, double factor, double from)
{
  double outside = from, inside = auc;

  for (int step = 0; step < 100; step++)
    {
      double x = (outside + inside) / 2;

      if ((auc - x) * (auc - x) > factor * newcombe_variance (x, m, n))
        outside = x;
      else
        inside = x;
    }
  return (outside + inside) / 2;
}

NmdInterval
nmd_placements_by_subject (const NmdPlacements *self, const NmdGroups *groups)
{
  const guint *k = groups->n_having;
  double rows[2] = { 0, 0 }, size[2] = { k[0], k[1] };
  double top = MAX (self->auc, 1 - self->auc), kappa = 1, one_sided = 1, df, low, high, t;

  if (isnan (self->by_subject))
    return (NmdInterval){ NAN, NAN };
  df = MIN (k[0], k[1]) - 1;
  if (self->by_subject > 0 && self->by_image > 0)
    {
      double effect = self->by_subject / self->by_image;
      double information = MIN (k[0], k[1]) * self->auc * (1 - self->auc);
      double weight = information / (information + AUC_SHRINKAGE);

      for (guint i = 0; i < groups->n; i++)
        rows[groups->label[i]]++;
      for (int label = 0; label < 2; label++)
        size[label] = CLAMP (rows[label] / effect, k[label], rows[label]);
      df = satterthwaite (self->part, k);
      one_sided = MAX (1 - information / AUC_ONE_SIDED, 0);
      kappa = weight * self->by_subject / newcombe_variance (top, size[0], size[1]) + 1
              - weight;
    }
  t = nmd_t_quantile (0.975, df);
  low = solve_end (top, size[0], size[1], kappa * t * t, 0);
  t = nmd_t_quantile (0.975 - 0.025 * one_sided, df);
  high = top < 1 ? solve_end (top, size[0], size[1], kappa * t * t, 1) : 1;
  return self->auc >= 0.5 ? (NmdInterval){ low, high }
                          : (NmdInterval){ 1 - high, 1 - low };
}

/* Student's t */

/* The continued fraction of the incomplete beta function by Lentz's method (Thompson
 * and Barnett, J. Comput. Phys. 64 (1986) 490); DLMF 8.17.22. */
static double
beta_fraction (double a, double b, double x)
{
  const double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1), value;

  d = 1 / (fabs (d) < tiny ? tiny : d);
  value = d;
  for (int m = 1; m < 10000; m++)
    {
      double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
      const double steps[2] = { even, odd };
      double change = 1;

      for (int i = 0; i < 2; i++)
        {
          d = 1 + steps[i] * d;
          c = 1 + steps[i] / c;
          d = 1 / (fabs (d) < tiny ? tiny : d);
          c = fabs (c) < tiny ? tiny : c;
          change = c * d;
          value *= change;
        }
      if (fabs (change - 1) < 1e-16)
        break;
    }
  return value;
}

/* P(T > t) for t ≥ 0: half of I_x(df/2, 1/2) at x = df/(df + t²). */
static double
t_tail (double t, double df)
{
  double a = df / 2, b = 0.5, x = df / (df + t * t), y = t * t / (df + t * t);
  double front
      = exp (lgamma (a + b) - lgamma (a) - lgamma (b) + a * log (x) + b * log (y));

  if (t <= 0)
    return 0.5;
  if (x < (a + 1) / (a + b + 2))
    return 0.5 * front * beta_fraction (a, b, x) / a;
  return 0.5 * (1 - front * beta_fraction (b, a, y) / b);
}

double
nmd_t_quantile (double p, double df)
{
  double low = 0, high = 1;

  g_return_val_if_fail (p > 0 && p < 1 && df > 0, NAN);
  if (p < 0.5)
    return -nmd_t_quantile (1 - p, df);
  df = MIN (df, 1e6); /* the normal's quantile to 1e-6 */
  while (t_tail (high, df) > 1 - p && high < 1e200)
    high *= 2;
  for (int step = 0; step < 200 && low < high; step++)
    {
      double t = (low + high) / 2;

      if (t <= low || t >= high)
        break;
      if (t_tail (t, df) > 1 - p)
        low = t;
      else
        high = t;
    }
  return (low + high) / 2;
}
