/* SPDX-License-Identifier: Apache-2.0
 *
 * Bias and limits of agreement with their intervals. What is compared is the caller's.
 */
#include "engine/eval/nmd-agreement.h"

#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-bootstrap-private.h"

#include <math.h>

#define N_DRAWS 2000
#define Z_LIMITS 1.96 /* Bland and Altman 1986 */

static const NmdInterval none = { NAN, NAN };

/* Moments of the differences of a subject, about a common value. */
typedef struct
{
  double sum, squares;
  guint n;
} Moments;

/* Mean and SD, ÷(n − 1), of what was summed about @middle. */
static void
finish (const Moments *all, double middle, double *mean, double *sd)
{
  const double n = all->n;

  *mean = all->n > 0 ? middle + all->sum / n : NAN;
  *sd = all->n > 1 ? sqrt (MAX (all->squares - all->sum * all->sum / n, 0) / (n - 1))
                   : NAN;
}

static Moments *
add_up (const double *differences,
        guint n,
        const guint *subjects,
        guint n_subjects,
        double middle)
{
  Moments *list = g_new0 (Moments, MAX (n_subjects, 1));

  for (guint i = 0; i < n; i++)
    if (isfinite (differences[i]))
      {
        const double d = differences[i] - middle;
        Moments *own = &list[subjects[i]];

        own->sum += d;
        own->squares += d * d;
        own->n++;
      }
  return list;
}

static void
bootstrap (NmdAgreement *self, const Moments *list, guint n_subjects, guint64 seed)
{
  g_autofree double *bias = g_new (double, N_DRAWS), *low = g_new (double, N_DRAWS),
                    *high = g_new (double, N_DRAWS);
  NmdRandom stream;

  nmd_random_init_for (&stream, seed, "bootstrap", 0, "");
  for (guint draw = 0; draw < N_DRAWS; draw++)
    {
      Moments all = { 0 };
      double mean, sd;

      for (guint i = 0; i < n_subjects; i++)
        {
          const Moments *own = &list[nmd_random_below (&stream, n_subjects)];

          all.sum += own->sum;
          all.squares += own->squares;
          all.n += own->n;
        }
      finish (&all, self->bias, &mean, &sd);
      bias[draw] = mean;
      low[draw] = mean - Z_LIMITS * sd;
      high[draw] = mean + Z_LIMITS * sd;
    }
  self->bias_ci = nmd_percentiles (bias, N_DRAWS);
  self->low_ci = nmd_percentiles (low, N_DRAWS);
  self->high_ci = nmd_percentiles (high, N_DRAWS);
}

static NmdInterval
around (double value, double half)
{
  return (NmdInterval){ value - half, value + half };
}

static void
in_closed_form (NmdAgreement *self)
{
  const double n = self->n, t = nmd_t_quantile (0.975, n - 1);
  const double half = t * self->sd * sqrt (1 / n + Z_LIMITS * Z_LIMITS / (2 * (n - 1)));

  self->bias_ci = around (self->bias, t * self->sd / sqrt (n));
  self->low_ci = around (self->low, half);
  self->high_ci = around (self->high, half);
}

void
nmd_agreement_compute (NmdAgreement *self,
                       const double *differences,
                       guint n,
                       const guint *subjects,
                       guint n_subjects,
                       guint64 seed)
{
  Moments all = { 0 };
  g_autofree Moments *list = NULL;
  guint n_with = 0;
  double sum = 0;

  g_return_if_fail (self != NULL && (differences != NULL || n == 0));

  *self = (NmdAgreement){
    .bias = NAN, .sd = NAN, .bias_ci = none, .low_ci = none, .high_ci = none
  };
  for (guint i = 0; i < n; i++)
    if (isfinite (differences[i]))
      {
        sum += differences[i];
        self->n++;
      }
  if (self->n > 0)
    self->bias = sum / self->n;
  for (guint i = 0; i < n; i++)
    if (isfinite (differences[i]))
      all.squares += (differences[i] - self->bias) * (differences[i] - self->bias);
  if (self->n > 1)
    self->sd = sqrt (all.squares / (self->n - 1));
  self->low = self->bias - Z_LIMITS * self->sd;
  self->high = self->bias + Z_LIMITS * self->sd;
  if (self->n < 2)
    return;
  if (subjects == NULL)
    {
      if (self->n >= NMD_MIN_SUBJECTS)
        in_closed_form (self);
      return;
    }
  list = add_up (differences, n, subjects, n_subjects, self->bias);
  for (guint s = 0; s < n_subjects; s++)
    n_with += list[s].n > 0;
  if (n_with < NMD_MIN_SUBJECTS)
    return;
  if (n_with == self->n)
    in_closed_form (self);
  else
    bootstrap (self, list, n_subjects, seed);
}

/* JSON */

static const char *const names[] = { "bias_ci", "low_ci", "high_ci" };

JsonObject *
nmd_agreement_to_json (const NmdAgreement *self)
{
  const NmdInterval *const intervals[]
      = { &self->bias_ci, &self->low_ci, &self->high_ci };
  JsonObject *object = json_object_new ();

  nmd_json_set_number (object, "bias", self->bias);
  nmd_json_set_number (object, "sd", self->sd);
  nmd_json_set_number (object, "low", self->low);
  nmd_json_set_number (object, "high", self->high);
  json_object_set_int_member (object, "n", self->n);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    nmd_interval_to_json (object, names[i], intervals[i]);
  return object;
}

/* A number or null, which is NaN. */
static gboolean
get_number (const NmdJsonValue *object, const char *member, double *value, GError **error)
{
  *value = NAN;
  return nmd_json_get_number (object, member, NMD_JSON_OPTIONAL, -INFINITY, INFINITY,
                              value, error);
}

static gboolean
get_interval (const NmdJsonValue *object,
              const char *member,
              NmdInterval *interval,
              GError **error)
{
  NmdJsonValue ends;
  guint n = 0;

  *interval = none;
  if (!nmd_json_get_array (object, member, NMD_JSON_OPTIONAL, &ends, &n, error))
    return FALSE;
  if (ends.node == NULL)
    return TRUE;
  if (n != 2)
    return nmd_json_value_refuse (object, member, error, "holds %u numbers: 2 expected",
                                  n);
  for (guint i = 0; i < 2; i++)
    {
      NmdJsonValue end = nmd_json_value_element (&ends, i);

      if (!nmd_json_get_number (&end, NULL, NMD_JSON_REQUIRED, -INFINITY, INFINITY,
                                i == 0 ? &interval->low : &interval->high, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
nmd_agreement_from_json (NmdAgreement *self,
                         const NmdJsonValue *both,
                         const char *name,
                         GError **error)
{
  NmdInterval *const intervals[] = { &self->bias_ci, &self->low_ci, &self->high_ci };
  NmdJsonValue object;

  if (!nmd_json_get_object (both, name, NMD_JSON_REQUIRED, &object, error)
      || !get_number (&object, "bias", &self->bias, error)
      || !get_number (&object, "sd", &self->sd, error)
      || !get_number (&object, "low", &self->low, error)
      || !get_number (&object, "high", &self->high, error)
      || !nmd_json_get_count (&object, "n", &self->n, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!get_interval (&object, names[i], intervals[i], error))
      return FALSE;
  return TRUE;
}
