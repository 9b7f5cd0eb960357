/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said of a table of proposed outlines: means over images with intervals by subject,
 * agreement of the echo intensities, failures; as JSON and back.
 */
#include "engine/core/nmd-number.h"
#include "engine/eval/nmd-bootstrap-private.h"
#include "engine/eval/nmd-outline-summary-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_DRAWS 2000

const NmdOutlineMeasureInfo nmd_outline_measures[NMD_N_OUTLINE_MEASURES] = {
  { "dice", "Dice", "", 3 },
  { "iou", "IoU", "", 3 },
  { "hd95", "HD95", "pixels", 1 },
  { "msd", "mean surface distance", "pixels", 2 },
  { "area_difference", "area difference", "pixels", 0 },
  { "area_share", "area difference, share", "", 3 },
  { "echo_difference", "echo intensity difference", "grey levels", 2 },
};

double
nmd_outline_row_get (const NmdOutlineRow *row, guint which)
{
  const NmdOutlineMeasures *measures = &row->measures;
  const double difference = (double)(measures->area - measures->area_reference);

  switch (which)
    {
    case NMD_OUTLINE_DICE:
      return measures->dice;
    case NMD_OUTLINE_IOU:
      return measures->iou;
    case NMD_OUTLINE_HD95:
      return measures->hd95;
    case NMD_OUTLINE_MSD:
      return measures->msd;
    case NMD_OUTLINE_AREA_DIFFERENCE:
      return difference;
    case NMD_OUTLINE_AREA_SHARE:
      return measures->area_reference > 0 ? difference / (double)measures->area_reference
                                          : NAN;
    case NMD_OUTLINE_ECHO_DIFFERENCE:
      return measures->echo - measures->echo_reference;
    default:
      g_return_val_if_reached (NAN);
    }
}

/* Subjects of the rows, numbered in the order in which they come. */
typedef struct
{
  guint n_subjects;
  guint *subject; /* of each row */
} Groups;

static const char *
group_of (const NmdOutlineRow *row)
{
  return *row->subject != '\0' ? row->subject : row->image;
}

static void
group (Groups *self, const NmdOutlineTable *table)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  const guint n = nmd_outline_table_get_n (table);

  self->subject = g_new (guint, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    {
      const char *name = group_of (nmd_outline_table_get (table, i));
      gpointer found;

      if (!g_hash_table_lookup_extended (known, name, NULL, &found))
        {
          found = GUINT_TO_POINTER (self->n_subjects++);
          g_hash_table_insert (known, (gpointer)name, found);
        }
      self->subject[i] = GPOINTER_TO_UINT (found);
    }
}

/* Mean and SD, ÷(n − 1), of the finite ones of @n values. */
static guint
mean_and_sd (const double *values, guint n, double *mean, double *sd)
{
  double sum = 0, squares = 0;
  guint finite = 0;

  *mean = *sd = NAN;
  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      {
        sum += values[i];
        finite++;
      }
  if (finite == 0)
    return 0;
  *mean = sum / finite;
  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      squares += (values[i] - *mean) * (values[i] - *mean);
  if (finite > 1)
    *sd = sqrt (squares / (finite - 1));
  return finite;
}

static double
median (const double *values, guint n)
{
  g_autofree double *sorted = g_memdup2 (values, n * sizeof *values);
  guint finite = 0;

  qsort (sorted, n, sizeof *sorted, nmd_number_compare);
  while (finite < n && isfinite (sorted[finite]))
    finite++;
  if (finite == 0)
    return NAN;
  return (sorted[(finite - 1) / 2] + sorted[finite / 2]) / 2;
}

/* Sums and numbers of the values of each subject. */
static void
add_up (const double *values, guint n, const Groups *groups, double *sums, guint *counts)
{
  memset (sums, 0, groups->n_subjects * sizeof *sums);
  memset (counts, 0, groups->n_subjects * sizeof *counts);
  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      {
        sums[groups->subject[i]] += values[i];
        counts[groups->subject[i]]++;
      }
}

/* The bootstrap of subjects for one measure. Every measure draws the same subjects. */
static NmdInterval
bootstrap (const double *sums, const guint *counts, guint n_subjects, guint64 seed)
{
  g_autofree double *means = g_new (double, N_DRAWS);
  NmdRandom stream;
  guint n_with = 0;

  for (guint s = 0; s < n_subjects; s++)
    n_with += counts[s] > 0;
  if (n_with < NMD_MIN_SUBJECTS)
    return (NmdInterval){ NAN, NAN };
  nmd_random_init_for (&stream, seed, "bootstrap", 0, "");
  for (guint draw = 0; draw < N_DRAWS; draw++)
    {
      double sum = 0;
      guint64 n = 0;

      for (guint i = 0; i < n_subjects; i++)
        {
          const guint64 s = nmd_random_below (&stream, n_subjects);

          sum += sums[s];
          n += counts[s];
        }
      means[draw] = n > 0 ? sum / (double)n : NAN;
    }
  return nmd_percentiles (means, N_DRAWS);
}

/* Fills the measure @which, and for echo intensity and area the agreement of images and subjects. */
static void
summarise (NmdOutlineResults *self,
           guint which,
           const double *values,
           guint n,
           const Groups *groups,
           guint64 seed)
{
  NmdOutlineSummary *summary = &self->measures[which];
  g_autofree double *sums = g_new (double, groups->n_subjects);
  g_autofree guint *counts = g_new (guint, groups->n_subjects);
  NmdAgreement *by_image, *by_subject;

  summary->n = mean_and_sd (values, n, &summary->mean, &summary->sd);
  summary->median = median (values, n);
  add_up (values, n, groups, sums, counts);
  summary->ci_subject = bootstrap (sums, counts, groups->n_subjects, seed);
  if (which != NMD_OUTLINE_ECHO_DIFFERENCE && which != NMD_OUTLINE_AREA_DIFFERENCE)
    return;
  by_image = which == NMD_OUTLINE_ECHO_DIFFERENCE ? &self->echo_by_image
                                                  : &self->area_by_image;
  by_subject = which == NMD_OUTLINE_ECHO_DIFFERENCE ? &self->echo_by_subject
                                                    : &self->area_by_subject;
  nmd_agreement_compute (by_image, values, n, groups->subject, groups->n_subjects, seed);
  for (guint s = 0; s < groups->n_subjects; s++)
    sums[s] = counts[s] > 0 ? sums[s] / counts[s] : NAN;
  nmd_agreement_compute (by_subject, sums, groups->n_subjects, NULL, 0, seed);
}

gboolean
nmd_outline_results_compute (const NmdOutlineTable *table,
                             guint64 seed,
                             const char *name,
                             NmdOutlineResults *results,
                             GError **error)
{
  const guint n = nmd_outline_table_get_n (table);
  g_autofree double *values = g_new (double, MAX (n, 1));
  Groups groups = { 0 };

  *results = (NmdOutlineResults){ .n_images = n };
  if (n == 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s has no image with a mask",
                   name);
      return FALSE;
    }
  group (&groups, table);
  results->n_subjects = groups.n_subjects;
  for (guint i = 0; i < n; i++)
    {
      const NmdOutlineRow *row = nmd_outline_table_get (table, i);

      results->has_subjects |= *row->subject != '\0';
      results->n_failures += row->measures.is_failure;
      results->n_no_outline += row->measures.area == 0;
      results->n_warned += row->warnings != 0;
      results->n_without_echo
          += isnan (nmd_outline_row_get (row, NMD_OUTLINE_ECHO_DIFFERENCE));
    }
  for (guint which = 0; which < NMD_N_OUTLINE_MEASURES; which++)
    {
      for (guint i = 0; i < n; i++)
        values[i] = nmd_outline_row_get (nmd_outline_table_get (table, i), which);
      summarise (results, which, values, n, &groups, seed);
    }
  g_free (groups.subject);
  return TRUE;
}

/* JSON */

JsonObject *
nmd_outline_summary_to_json (const NmdOutlineSummary *self)
{
  JsonObject *object = json_object_new ();

  nmd_json_set_number (object, "mean", self->mean);
  nmd_json_set_number (object, "sd", self->sd);
  nmd_json_set_number (object, "median", self->median);
  json_object_set_int_member (object, "n", self->n);
  if (isnan (self->ci_subject.low) || isnan (self->ci_subject.high))
    json_object_set_null_member (object, "ci_subject");
  else
    {
      JsonArray *ends = json_array_new ();

      json_array_add_double_element (ends, self->ci_subject.low);
      json_array_add_double_element (ends, self->ci_subject.high);
      json_object_set_array_member (object, "ci_subject", ends);
    }
  return object;
}

JsonObject *
nmd_outline_results_to_json (const NmdOutlineResults *self)
{
  JsonObject *object = json_object_new (), *echo = json_object_new (),
             *area = json_object_new ();

  json_object_set_int_member (object, "n_images", self->n_images);
  json_object_set_int_member (object, "n_subjects", self->n_subjects);
  json_object_set_string_member (object, "interval_unit",
                                 self->has_subjects ? "subject" : "image");
  json_object_set_string_member (object, "interval_method",
                                 "percentiles of the mean, 2000 draws of subjects");
  json_object_set_int_member (object, "n_failures", self->n_failures);
  json_object_set_double_member (object, "failure_dice", NMD_FAILURE_DICE);
  json_object_set_int_member (object, "n_no_outline", self->n_no_outline);
  json_object_set_int_member (object, "n_with_warnings", self->n_warned);
  json_object_set_int_member (object, "n_without_echo_intensity", self->n_without_echo);
  for (guint i = 0; i < NMD_N_OUTLINE_MEASURES; i++)
    json_object_set_object_member (object, nmd_outline_measures[i].name,
                                   nmd_outline_summary_to_json (&self->measures[i]));
  json_object_set_object_member (echo, "by_image",
                                 nmd_agreement_to_json (&self->echo_by_image));
  json_object_set_object_member (echo, "by_subject",
                                 nmd_agreement_to_json (&self->echo_by_subject));
  json_object_set_object_member (object, "echo_agreement", echo);
  json_object_set_object_member (area, "by_image",
                                 nmd_agreement_to_json (&self->area_by_image));
  json_object_set_object_member (area, "by_subject",
                                 nmd_agreement_to_json (&self->area_by_subject));
  json_object_set_object_member (object, "area_agreement", area);
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

gboolean
nmd_outline_summary_from_json (NmdOutlineSummary *self,
                               const NmdJsonValue *results,
                               const char *name,
                               GError **error)
{
  NmdJsonValue object, ends;
  guint n;

  self->ci_subject = (NmdInterval){ NAN, NAN };
  if (!nmd_json_get_object (results, name, NMD_JSON_REQUIRED, &object, error)
      || !get_number (&object, "mean", &self->mean, error)
      || !get_number (&object, "sd", &self->sd, error)
      || !get_number (&object, "median", &self->median, error)
      || !nmd_json_get_count (&object, "n", &self->n, error)
      || !nmd_json_get_array (&object, "ci_subject", NMD_JSON_OPTIONAL, &ends, &n, error))
    return FALSE;
  if (ends.node == NULL)
    return TRUE;
  if (n != 2)
    return nmd_json_value_refuse (&object, "ci_subject", error,
                                  "holds %u numbers: 2 expected", n);
  for (guint i = 0; i < 2; i++)
    {
      NmdJsonValue end = nmd_json_value_element (&ends, i);

      if (!nmd_json_get_number (&end, NULL, NMD_JSON_REQUIRED, -INFINITY, INFINITY,
                                i == 0 ? &self->ci_subject.low : &self->ci_subject.high,
                                error))
        return FALSE;
    }
  return TRUE;
}

/* Both agreements of the member @name; NaN where it may be missing and is. */
static gboolean
agreements_from_json (const NmdJsonValue *top,
                      const char *name,
                      gboolean is_needed,
                      NmdAgreement *by_image,
                      NmdAgreement *by_subject,
                      GError **error)
{
  NmdJsonValue object;

  if (!nmd_json_get_object (top, name, is_needed ? NMD_JSON_REQUIRED : NMD_JSON_OPTIONAL,
                            &object, error))
    return FALSE;
  if (object.node != NULL)
    return nmd_agreement_from_json (by_image, &object, "by_image", error)
           && nmd_agreement_from_json (by_subject, &object, "by_subject", error);
  nmd_agreement_compute (by_image, NULL, 0, NULL, 0, 0);
  nmd_agreement_compute (by_subject, NULL, 0, NULL, 0, 0);
  return TRUE;
}

gboolean
nmd_outline_results_from_json (NmdOutlineResults *self,
                               const NmdJsonValue *object,
                               GError **error)
{
  const char *unit = NULL;

  *self = (NmdOutlineResults){ 0 };
  if (!nmd_json_get_count (object, "n_images", &self->n_images, error)
      || !nmd_json_get_count (object, "n_subjects", &self->n_subjects, error)
      || !nmd_json_get_text (object, "interval_unit", NMD_JSON_REQUIRED, &unit, error)
      || !nmd_json_get_count (object, "n_failures", &self->n_failures, error)
      || !nmd_json_get_count (object, "n_no_outline", &self->n_no_outline, error)
      || !nmd_json_get_count (object, "n_with_warnings", &self->n_warned, error)
      || !nmd_json_get_count (object, "n_without_echo_intensity", &self->n_without_echo,
                              error)
      || !agreements_from_json (object, "echo_agreement", TRUE, &self->echo_by_image,
                                &self->echo_by_subject, error)
      || !agreements_from_json (object, "area_agreement", FALSE, &self->area_by_image,
                                &self->area_by_subject, error))
    return FALSE;
  self->has_subjects = g_str_equal (unit, "subject");
  for (guint i = 0; i < NMD_N_OUTLINE_MEASURES; i++)
    if (!nmd_outline_summary_from_json (&self->measures[i], object,
                                        nmd_outline_measures[i].name, error))
      return FALSE;
  return TRUE;
}

/* Words */

/* A minus sign that is one, in a number of fixed decimals. */
static void
append_number (GString *text, double value, int decimals)
{
  char format[8], buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_snprintf (format, sizeof format, "%%.%df", decimals);
  g_ascii_formatd (buffer, sizeof buffer, format, fabs (value));
  if (value < 0 && strspn (buffer, "0.") != strlen (buffer))
    g_string_append (text, "−");
  g_string_append (text, buffer);
}

char *
nmd_outline_summary_to_text (const NmdOutlineSummary *self, guint which)
{
  const NmdOutlineMeasureInfo *info = &nmd_outline_measures[which];
  GString *text;

  g_return_val_if_fail (self != NULL && which < NMD_N_OUTLINE_MEASURES, NULL);

  if (isnan (self->mean))
    return g_strdup ("–");
  text = g_string_new (NULL);
  append_number (text, self->mean, info->decimals);
  if (!isnan (self->ci_subject.low))
    {
      g_string_append (text, " [");
      append_number (text, self->ci_subject.low, info->decimals);
      g_string_append (text, ", ");
      append_number (text, self->ci_subject.high, info->decimals);
      g_string_append (text, "]");
    }
  if (*info->unit != '\0')
    g_string_append_printf (text, " %s", info->unit);
  return g_string_free (text, FALSE);
}

char *
nmd_agreement_to_text (const NmdAgreement *self, const char *unit)
{
  GString *text;

  g_return_val_if_fail (self != NULL && unit != NULL, NULL);

  if (isnan (self->sd))
    return g_strdup ("–");
  text = g_string_new ("bias ");
  append_number (text, self->bias, 2);
  g_string_append (text, ", limits of agreement ");
  append_number (text, self->low, 2);
  g_string_append (text, " to ");
  append_number (text, self->high, 2);
  g_string_append_printf (text, " grey levels (%u %ss)", self->n, unit);
  return g_string_free (text, FALSE);
}
