/* SPDX-License-Identifier: Apache-2.0
 *
 * Results as sentences in the reader's language. Computes nothing; which sentence the numbers allow is the
 * engine's rule (nmd-comparison.c, nmd-threshold.c), repeated here.
 */
#include "ui/session/nmd-result-words.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* The engine's: under so many subjects in a class no direction is claimed. */
#define FEW_SUBJECTS 10

/* What the engine writes into a run's files as a whole sentence. */
static const char *const notes[] = {
  N_ ("Synthetic data: simulated images, no patients"),
  N_ ("Not meaningful: the images do not fit what the model was trained on"),
  N_ ("Weights and stopping were chosen on these images: there is no test part"),
  N_ ("Without a training part there is nothing to fit echo intensity on"),
  N_ ("There is no validation part to calibrate on"),
  N_ ("The validation part itself is measured, a calibration fitted on it would not be "
      "tested"),
};

char *
nmd_words_of_number (double value, int digits)
{
  g_autofree char *size = g_strdup_printf ("%.*f", digits, fabs (value));
  const gboolean is_zero = strspn (size, "0.,") == strlen (size);

  return g_strconcat (value < 0 && !is_zero ? "−" : "", size, NULL);
}

const char *
nmd_words_of_note (const char *note)
{
  g_return_val_if_fail (note != NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (notes); i++)
    if (g_str_equal (notes[i], note))
      return _ (notes[i]);
  return note;
}

static char *
words_of_rule (const NmdThresholdRule *rule)
{
  switch (rule->kind)
    {
    case NMD_THRESHOLD_YOUDEN:
      return g_strdup (_ ("largest Youden index"));
    case NMD_THRESHOLD_COST:
      /* Translators: how many false alarms a missed positive is worth */
      return g_strdup_printf (
          _ ("least cost, a missed positive being worth %.3g false alarms"), rule->level);
    case NMD_THRESHOLD_SENSITIVITY:
      return g_strdup_printf (_ ("sensitivity of at least %.3g"), rule->level);
    default:
      return g_strdup_printf (_ ("specificity of at least %.3g"), rule->level);
    }
}

char *
nmd_words_of_threshold (const NmdThreshold *threshold)
{
  g_return_val_if_fail (threshold != NULL, NULL);

  if (threshold->rule.kind == NMD_THRESHOLD_FIXED)
    return g_strdup_printf (_ ("threshold %.3f: a fixed number"), threshold->value);
  g_autofree char *rule = words_of_rule (&threshold->rule);
  if (threshold->on_these_images)
    /* Translators: a threshold, and the rule that chose it: "largest Youden index" */
    return g_strdup_printf (_ ("threshold %.3f: %s, chosen on these images"),
                            threshold->value, rule);
  if (g_strcmp0 (threshold->part, "validation") == 0)
    /* Translators: the same, chosen on another part of the data set */
    return g_strdup_printf (_ ("threshold %.3f: %s on the validation part"),
                            threshold->value, rule);
  return g_strdup_printf (_ ("threshold %.3f: %s on the %s part"), threshold->value, rule,
                          threshold->part != NULL ? _ (threshold->part) : _ ("unknown"));
}

static char *
words_of_end (double value)
{
  double scale = 100;
  int digits = 2;

  while (digits < 6
         && ((value != 0 && rint (fabs (value) * scale) <= 0)
             || (fabs (value) < 1 && rint (fabs (value) * scale) >= scale)))
    {
      digits++;
      scale *= 10;
    }
  return g_strdup_printf ("%.*f", digits, value);
}

char *
nmd_words_of_interval (const NmdInterval *interval)
{
  g_return_val_if_fail (interval != NULL, NULL);

  if (!isfinite (interval->low) || !isfinite (interval->high))
    return g_strdup ("");
  g_autofree char *low = words_of_end (interval->low);
  g_autofree char *high = words_of_end (interval->high);
  return g_strdup_printf ("[%s, %s]", low, high);
}

char *
nmd_words_of_missing (const NmdMeasure *measure)
{
  g_return_val_if_fail (measure != NULL, NULL);

  if (isfinite (measure->ci_subject.low) && isfinite (measure->ci_subject.high))
    return NULL;
  if (measure->few_label < 0)
    return g_strdup (_ ("no value"));
  return g_strdup_printf (
      measure->few_label > 0
          ? ngettext ("%u positive subject", "%u positive subjects", measure->few)
          : ngettext ("%u negative subject", "%u negative subjects", measure->few),
      measure->few);
}

/* An end that is not 0 must not look like it. */
static int
count_digits (const NmdInterval *ci)
{
  const double nearest = MIN (fabs (ci->low), fabs (ci->high));
  int digits = 2;

  while (digits < 6 && nearest < 0.5 * pow (10, -digits))
    digits++;
  return digits;
}

char *
nmd_words_of_comparison (const NmdComparison *comparison)
{
  g_return_val_if_fail (comparison != NULL, NULL);

  const NmdMeasure *difference = &comparison->difference;
  const NmdInterval *ci = &difference->ci_subject;
  const char *unit = comparison->has_subjects ? _ ("by subject") : _ ("by image");
  const guint *n = comparison->n_subjects_with;
  const double network = comparison->network_auc.value, rival = comparison->auc.value;
  const gboolean holds = !(ci->low > 0 || ci->high < 0);
  const int digits = holds ? 2 : count_digits (ci);
  g_autofree char *missing = nmd_words_of_missing (difference);

  if (missing != NULL)
    /* Translators: two AUCs, and why there is no interval: "3 positive subjects" */
    return g_strdup_printf (
        _ ("AUC of the network %.3f, of echo intensity alone %.3f; no "
           "interval of the difference: %s."),
        network, rival, missing);
  g_autofree char *value = nmd_words_of_number (difference->value, digits);
  g_autofree char *low = nmd_words_of_number (ci->low, digits);
  g_autofree char *high = nmd_words_of_number (ci->high, digits);
  /* of those with images of both labels each class has images */
  const gboolean few = MIN (n[0] + comparison->n_mixed, n[1]) < FEW_SUBJECTS;
  if (few && comparison->n_mixed > 0)
    /* Translators: two AUCs, their difference, "by subject", the interval, three counts */
    return g_strdup_printf (
        _ ("AUC of the network %.3f, of echo intensity alone %.3f, difference %s (95 %% "
           "interval %s %s to %s); %u positive (%u with images of both labels) and %u "
           "negative subjects are too few to say which is better."),
        network, rival, value, unit, low, high, n[1], comparison->n_mixed, n[0]);
  if (few)
    /* Translators: two AUCs, their difference, "by subject", the interval, two counts */
    return g_strdup_printf (
        _ ("AUC of the network %.3f, of echo intensity alone %.3f, difference %s (95 %% "
           "interval %s %s to %s); %u positive and %u negative subjects are too few to "
           "say which is better."),
        network, rival, value, unit, low, high, n[1], n[0]);
  /* Translators: two AUCs, their difference, "by subject", the interval */
  return g_strdup_printf (
      holds ? _ ("These data show no difference in AUC between the network (%.3f) and "
                 "echo intensity alone (%.3f): %s (95 %% interval %s %s to %s).")
      : ci->low > 0
          ? _ ("The network’s AUC (%.3f) is higher than that of echo intensity alone "
               "(%.3f): %s (95 %% interval %s %s to %s).")
          : _ ("The network’s AUC (%.3f) is lower than that of echo intensity alone "
               "(%.3f): %s (95 %% interval %s %s to %s)."),
      network, rival, value, unit, low, high);
}

char *
nmd_words_of_agreement (const NmdAgreement *agreement, gboolean by_subject)
{
  g_return_val_if_fail (agreement != NULL, NULL);

  if (isnan (agreement->sd))
    return g_strdup ("–");
  g_autofree char *bias = nmd_words_of_number (agreement->bias, 2);
  g_autofree char *low = nmd_words_of_number (agreement->low, 2);
  g_autofree char *high = nmd_words_of_number (agreement->high, 2);
  /* Translators: in grey levels; the last placeholder counts subjects or images */
  return g_strdup_printf (
      by_subject ? ngettext ("bias %s, limits of agreement %s to %s grey levels (%u "
                             "subject)",
                             "bias %s, limits of agreement %s to %s grey levels (%u "
                             "subjects)",
                             agreement->n)
                 : ngettext ("bias %s, limits of agreement %s to %s grey levels (%u "
                             "image)",
                             "bias %s, limits of agreement %s to %s grey levels (%u "
                             "images)",
                             agreement->n),
      bias, low, high, agreement->n);
}
