/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd zscore`: reference values of echo intensity, fitted and applied. The method is the engine's.
 */
#include "app/nmd-command.h"

#include "app/nmd-import-options.h"
#include "app/nmd-output-guard.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"
#include "engine/model/nmd-reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  char *out, *terms, *name, *device; /* of fit */
  char *muscle, *sex;                /* of apply */
  double echo, age, height, weight;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->out);
  g_free (self->terms);
  g_free (self->name);
  g_free (self->device);
  g_free (self->muscle);
  g_free (self->sex);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* 1 male, 0 female, NaN unknown. */
static double
parse_sex (const char *text)
{
  static const char *const words[2][4]
      = { { "f", "female", "w", "0" }, { "m", "male", "man", "1" } };

  for (int sex = 0; text != NULL && sex < 2; sex++)
    for (guint i = 0; i < 4; i++)
      if (g_ascii_strcasecmp (text, words[sex][i]) == 0)
        return sex;
  return NAN;
}

/* Fit */

/* A healthy subject's images of one muscle. */
typedef struct
{
  char *muscle;
  NmdPerson person;
  double sum;
  guint n;
} Measured;

static void
measured_free (gpointer data)
{
  Measured *measured = data;

  g_free (measured->muscle);
  g_free (measured);
}

static double
attribute (NmdSample *sample, const char *const *names)
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

static NmdPerson
get_person (NmdSample *sample)
{
  NmdPerson person = NMD_PERSON_UNKNOWN;
  static const char *const ages[] = { "age", NULL },
                           *const weights[] = { "weight", NULL },
                           *const heights[] = { "height", "length", NULL },
                           *const bmis[] = { "bmi", NULL };

  person.value[NMD_COVARIATE_AGE] = attribute (sample, ages);
  person.value[NMD_COVARIATE_LENGTH] = attribute (sample, heights);
  person.value[NMD_COVARIATE_WEIGHT] = attribute (sample, weights);
  person.value[NMD_COVARIATE_BMI] = attribute (sample, bmis);
  if (sample->attributes != NULL)
    {
      const char *sex = g_hash_table_lookup (sample->attributes, "sex");
      if (sex == NULL)
        sex = g_hash_table_lookup (sample->attributes, "gender");
      person.value[NMD_COVARIATE_MALE] = parse_sex (sex);
    }
  return person;
}

/* The mean of each healthy subject's images of a muscle, in the order of ids. */
static GPtrArray *
measure (NmdDataset *dataset)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (measured_free);
  g_autoptr (GHashTable) by_key
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      if (sample->label != 0 || sample->echo.n == 0)
        continue;
      g_autofree char *key = g_strdup_printf ("%s\n%s", sample->muscle, sample->subject);
      Measured *measured = g_hash_table_lookup (by_key, key);
      if (measured == NULL)
        {
          measured = g_new0 (Measured, 1);
          measured->muscle = g_strdup (*sample->muscle != '\0' ? sample->muscle : "all");
          measured->person = get_person (sample);
          g_ptr_array_add (all, measured);
          g_hash_table_insert (by_key, g_steal_pointer (&key), measured);
        }
      measured->sum += sample->echo.mean;
      measured->n++;
    }
  return all;
}

static NmdReferenceModel *
fit_muscle (const GPtrArray *all, const char *muscle, const GArray *terms, GError **error)
{
  g_autoptr (GArray) persons = g_array_new (FALSE, FALSE, sizeof (NmdPerson));
  g_autoptr (GArray) echo = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < all->len; i++)
    {
      const Measured *measured = g_ptr_array_index (all, i);
      double mean = measured->sum / measured->n;
      if (!g_str_equal (measured->muscle, muscle))
        continue;
      g_array_append_val (persons, measured->person);
      g_array_append_val (echo, mean);
    }
  return nmd_reference_fit (muscle, (const NmdReferenceTerm *)(void *)terms->data,
                            terms->len, (const NmdPerson *)(void *)persons->data,
                            (const double *)(void *)echo->data, persons->len, error);
}

static GArray *
parse_terms (const char *text, GError **error)
{
  g_autoptr (GArray) terms = g_array_new (FALSE, FALSE, sizeof (NmdReferenceTerm));
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      NmdReferenceTerm term = { 0 };
      if (!nmd_reference_parse_term (g_strstrip (words[i]), &term, error))
        return NULL;
      g_array_append_val (terms, term);
    }
  if (terms->len > NMD_REFERENCE_MAX_TERMS)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "--terms has %u terms, at most %d",
                   terms->len, NMD_REFERENCE_MAX_TERMS);
      return NULL;
    }
  return g_steal_pointer (&terms);
}

static NmdReference *
fit_all (NmdDataset *dataset, const Options *options, const GArray *terms, GError **error)
{
  g_autoptr (GPtrArray) all = measure (dataset);
  g_autoptr (NmdReference) reference = g_new0 (NmdReference, 1);

  reference->name = g_strdup (options->name != NULL ? options->name
                                                    : nmd_dataset_get_title (dataset));
  reference->device = g_strdup (options->device);
  reference->models = g_ptr_array_new ();
  for (guint i = 0; i < all->len; i++)
    {
      const char *muscle = ((Measured *)g_ptr_array_index (all, i))->muscle;
      gboolean done = FALSE;
      for (guint k = 0; k < reference->models->len && !done; k++)
        done = g_str_equal (
            ((NmdReferenceModel *)g_ptr_array_index (reference->models, k))->muscle,
            muscle);
      if (done)
        continue;
      NmdReferenceModel *model = fit_muscle (all, muscle, terms, error);
      if (model == NULL)
        return NULL;
      g_ptr_array_add (reference->models, model);
    }
  if (reference->models->len > 0)
    return g_steal_pointer (&reference);
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "%s has no healthy subject with an outline",
               nmd_dataset_get_path (dataset));
  return NULL;
}

static int
fit (NmdImportSettings *settings, const Options *options, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_auto (NmdOutputGuard) guard = { 0 };
  g_autoptr (GArray) terms
      = parse_terms (options->terms != NULL ? options->terms : "Age,Male", &error);

  if (terms == NULL)
    return nmd_command_usage ("%s", error->message);
  if (options->out == NULL)
    return nmd_command_usage ("--out is missing: the file for the reference");
  nmd_output_guard_add (&guard, path);
  if (!nmd_output_guard_check (&guard, options->out, &error))
    return nmd_command_fail (error);
  g_autoptr (NmdDataset) dataset = nmd_import_options_open (settings, path, &error);
  if (dataset == NULL)
    return nmd_command_fail (error);
  g_autoptr (NmdReference) reference = fit_all (dataset, options, terms, &error);
  if (reference == NULL || !nmd_reference_save (reference, options->out, &error))
    return nmd_command_fail (error);
  for (guint i = 0; i < reference->models->len && !nmd_command_wants_json (); i++)
    {
      const NmdReferenceModel *model = g_ptr_array_index (reference->models, i);
      printf ("%s: %u healthy subjects, residual SD %s\n",
              nmd_command_shown (model->muscle), model->n,
              nmd_command_number (sqrt (model->mse), 2));
    }
  if (nmd_command_wants_json ())
    {
      JsonObject *object = json_object_new ();
      JsonNode *node = json_node_new (JSON_NODE_OBJECT);
      nmd_json_set_text (object, "file", options->out);
      json_object_set_int_member (object, "muscles", reference->models->len);
      json_node_take_object (node, object);
      nmd_command_print_json (node);
    }
  return NMD_EXIT_DONE;
}

/* Apply */

static void
print_score (const NmdReference *reference, const NmdZScore *score)
{
  if (nmd_command_wants_json ())
    {
      JsonObject *object = json_object_new ();
      JsonNode *node = json_node_new (JSON_NODE_OBJECT);
      nmd_json_set_text (object, "reference", reference->name);
      nmd_json_set_text (object, "device", reference->device);
      nmd_json_set_text (object, "muscle", score->model->muscle);
      json_object_set_int_member (object, "n", score->model->n);
      nmd_json_set_number (object, "expected", score->expected);
      nmd_json_set_number (object, "sd", score->sd);
      nmd_json_set_number (object, "z", score->z);
      json_node_take_object (node, object);
      nmd_command_print_json (node);
      return;
    }
  printf ("z %s: expected %s ± %s\n", nmd_command_number (score->z, 2),
          nmd_command_number (score->expected, 1), nmd_command_number (score->sd, 1));
  printf ("Reference %s, device %s, %s, n %u\n", nmd_command_shown (reference->name),
          reference->device != NULL ? nmd_command_shown (reference->device)
                                    : "not stated",
          nmd_command_shown (score->model->muscle), score->model->n);
}

static int
apply (const Options *options, const char *path)
{
  g_autoptr (GError) error = NULL;
  NmdPerson person = { { options->age, parse_sex (options->sex), options->height,
                         options->weight, NAN } };
  NmdZScore score = { 0 };

  if (options->muscle == NULL || isnan (options->echo))
    return nmd_command_usage ("--muscle and --echo are needed");
  if (options->sex != NULL && isnan (parse_sex (options->sex)))
    return nmd_command_usage ("--sex must be male or female");
  g_autoptr (NmdReference) reference = nmd_reference_load (path, &error);
  if (reference == NULL)
    return nmd_command_fail (error);
  if (!nmd_reference_score (reference, options->muscle, &person, options->echo, &score,
                            &error))
    {
      g_prefix_error (&error, "No z: ");
      return nmd_command_fail (error);
    }
  print_score (reference, &score);
  return NMD_EXIT_DONE;
}

int
nmd_command_zscore (int argc, char **argv)
{
  g_auto (NmdImportSettings) settings = { 0 };
  g_auto (Options) options = { .echo = NAN, .age = NAN, .height = NAN, .weight = NAN };
  const GOptionEntry entries[] = {
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &options.out, "fit: the file to write",
      "FILE" },
    { "terms", 0, 0, G_OPTION_ARG_STRING, &options.terms,
      "fit: of Age, Male, Length, Weight, BMI, perhaps with ^2 or ^3 [Age,Male]",
      "TERMS" },
    { "name", 0, 0, G_OPTION_ARG_STRING, &options.name,
      "fit: the reference's name [that of the data set]", "TEXT" },
    { "device", 0, 0, G_OPTION_ARG_STRING, &options.device,
      "fit: scanner and settings that it holds for", "TEXT" },
    { "muscle", 0, 0, G_OPTION_ARG_STRING, &options.muscle, "apply: the muscle", "NAME" },
    { "echo", 0, 0, G_OPTION_ARG_DOUBLE, &options.echo, "apply: its echo intensity",
      "X" },
    { "age", 0, 0, G_OPTION_ARG_DOUBLE, &options.age, "apply: years", "X" },
    { "sex", 0, 0, G_OPTION_ARG_STRING, &options.sex, "apply: male or female", "SEX" },
    { "height", 0, 0, G_OPTION_ARG_DOUBLE, &options.height, "apply: cm", "X" },
    { "weight", 0, 0, G_OPTION_ARG_DOUBLE, &options.weight, "apply: kg", "X" },
    { NULL },
  };
  g_autoptr (GOptionEntryArray) table = nmd_import_options_entries (&settings, entries);
  int status = 0;

  if (!nmd_command_parse ("zscore", table, &argc, &argv, 2, 2, &status))
    return status;
  if (g_str_equal (argv[1], "fit"))
    return fit (&settings, &options, argv[2]);
  if (g_str_equal (argv[1], "apply"))
    return apply (&options, argv[2]);
  return nmd_command_usage ("fit or apply, not “%s”", argv[1]);
}
