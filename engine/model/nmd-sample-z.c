/* SPDX-License-Identifier: Apache-2.0
 *
 * z of the images of a data set. The reference itself is nmd-reference.c's.
 */
#include "config.h"

#include "engine/model/nmd-sample-z.h"

#include "engine/core/nmd-number.h"

#include <math.h>

double
nmd_sex_parse (const char *text)
{
  static const char *const words[2][4]
      = { { "f", "female", "w", "0" }, { "m", "male", "man", "1" } };

  for (int sex = 0; text != NULL && sex < 2; sex++)
    for (guint i = 0; i < 4; i++)
      if (g_ascii_strcasecmp (text, words[sex][i]) == 0)
        return sex;
  return NAN;
}

/* The first of @names that is a number. */
static double
attribute (const NmdSample *sample, const char *const *names)
{
  double value = NAN;

  for (guint i = 0; names[i] != NULL && sample->attributes != NULL; i++)
    {
      const char *text = g_hash_table_lookup (sample->attributes, names[i]);
      if (text != NULL && nmd_number_parse (text, &value, NULL))
        return value;
    }
  return NAN;
}

NmdPerson
nmd_sample_get_person (const NmdSample *sample)
{
  NmdPerson person = NMD_PERSON_UNKNOWN;
  static const char *const ages[] = { "age", NULL },
                           *const weights[] = { "weight", NULL },
                           *const heights[] = { "height", "length", NULL },
                           *const bmis[] = { "bmi", NULL };

  g_return_val_if_fail (sample != NULL, person);
  person.value[NMD_COVARIATE_AGE] = attribute (sample, ages);
  person.value[NMD_COVARIATE_LENGTH] = attribute (sample, heights);
  person.value[NMD_COVARIATE_WEIGHT] = attribute (sample, weights);
  person.value[NMD_COVARIATE_BMI] = attribute (sample, bmis);
  if (sample->attributes != NULL)
    {
      const char *sex = g_hash_table_lookup (sample->attributes, "sex");
      if (sex == NULL)
        sex = g_hash_table_lookup (sample->attributes, "gender");
      person.value[NMD_COVARIATE_MALE] = nmd_sex_parse (sex);
    }
  return person;
}

/* @places (nullable, of guint, one a sample) gets the index of each image's average, G_MAXUINT without one. */
static GArray *
average (NmdDataset *dataset, int label, guint *places)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (NmdSubjectEcho));
  g_autoptr (GHashTable) by_key
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      gpointer found = NULL;
      if (places != NULL)
        places[i] = G_MAXUINT;
      if (sample->echo.n == 0 || (label >= 0 && sample->label != label))
        continue;
      g_autofree char *key = g_strdup_printf ("%s\n%s", sample->muscle, sample->subject);
      if (!g_hash_table_lookup_extended (by_key, key, NULL, &found))
        {
          const NmdSubjectEcho fresh
              = { *sample->muscle != '\0' ? sample->muscle : "all", sample->subject,
                  nmd_sample_get_person (sample), 0, 0 };
          found = GUINT_TO_POINTER (all->len);
          g_array_append_val (all, fresh);
          g_hash_table_insert (by_key, g_steal_pointer (&key), found);
        }
      NmdSubjectEcho *echo
          = &g_array_index (all, NmdSubjectEcho, GPOINTER_TO_UINT (found));
      echo->mean += sample->echo.mean;
      echo->n++;
      if (places != NULL)
        places[i] = GPOINTER_TO_UINT (found);
    }
  for (guint i = 0; i < all->len; i++)
    g_array_index (all, NmdSubjectEcho, i).mean
        /= g_array_index (all, NmdSubjectEcho, i).n;
  return all;
}

GArray *
nmd_dataset_average_echo (NmdDataset *dataset, int label)
{
  g_return_val_if_fail (NMD_IS_DATASET (dataset), NULL);
  return average (dataset, label, NULL);
}

static void
clear_z (gpointer data)
{
  g_free (((NmdSampleZ *)data)->reason);
}

static NmdSampleZ
score (const NmdReference *reference, const NmdSubjectEcho *echo, gboolean has_muscle)
{
  g_autoptr (GError) error = NULL;
  NmdSampleZ z = { .echo = echo->mean, .n = echo->n };
  const char *muscle = echo->muscle;

  if (!has_muscle && reference->models->len == 1)
    muscle
        = ((const NmdReferenceModel *)g_ptr_array_index (reference->models, 0))->muscle;
  z.has_z = nmd_reference_score (reference, muscle, &echo->person, echo->mean, &z.score,
                                 &error);
  if (!z.has_z)
    z.reason = g_strdup (error->message);
  return z;
}

GArray *
nmd_reference_score_dataset (const NmdReference *reference, NmdDataset *dataset)
{
  g_return_val_if_fail (reference != NULL && NMD_IS_DATASET (dataset), NULL);

  guint n = nmd_dataset_get_n (dataset);
  g_autofree guint *places = g_new (guint, n);
  g_autoptr (GArray) averages = average (dataset, -1, places);
  GArray *all = g_array_sized_new (FALSE, FALSE, sizeof (NmdSampleZ), n);
  g_array_set_clear_func (all, clear_z);
  for (guint i = 0; i < n; i++)
    {
      NmdSampleZ z = { .echo = NAN };
      if (places[i] == G_MAXUINT)
        z.reason = g_strdup ("There is no outline");
      else
        z = score (reference, &g_array_index (averages, NmdSubjectEcho, places[i]),
                   *nmd_dataset_get (dataset, i)->muscle != '\0');
      g_array_append_val (all, z);
    }
  return all;
}

NmdSampleZ
nmd_reference_score_sample (const NmdReference *reference,
                            NmdDataset *dataset,
                            NmdSample *sample)
{
  NmdSubjectEcho echo = { 0 };
  NmdSampleZ none = { .echo = NAN };

  g_return_val_if_fail (reference != NULL && NMD_IS_DATASET (dataset), none);
  g_return_val_if_fail (NMD_IS_SAMPLE (sample), none);
  for (guint i = 0; sample->echo.n > 0 && i < nmd_dataset_get_n (dataset); i++)
    {
      NmdSample *other = nmd_dataset_get (dataset, i);
      if (other->echo.n == 0 || !g_str_equal (other->subject, sample->subject)
          || !g_str_equal (other->muscle, sample->muscle))
        continue;
      if (echo.n == 0)
        echo.person = nmd_sample_get_person (other);
      echo.mean += other->echo.mean;
      echo.n++;
    }
  if (echo.n == 0)
    {
      none.reason = g_strdup ("There is no outline");
      return none;
    }
  echo.muscle = *sample->muscle != '\0' ? sample->muscle : "all";
  echo.mean /= echo.n;
  return score (reference, &echo, *sample->muscle != '\0');
}
