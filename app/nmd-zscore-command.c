/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd zscore`: reference values of echo intensity, fitted and applied. The method is the engine's, labels
 * by z are nmd-zscore-labels.c's.
 */
#include "app/nmd-command.h"

#include "app/nmd-import-options.h"
#include "app/nmd-output-guard.h"
#include "app/nmd-zscore-labels.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"
#include "engine/model/nmd-sample-z.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  char *out, *terms, *name, *device; /* of fit; the first also of labels */
  char *reference;                   /* of labels */
  double limit;
  char *muscle, *sex; /* of apply */
  double echo, age, height, weight;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->out);
  g_free (self->terms);
  g_free (self->name);
  g_free (self->device);
  g_free (self->reference);
  g_free (self->muscle);
  g_free (self->sex);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Fit */

static NmdReferenceModel *
fit_muscle (const GArray *all, const char *muscle, const GArray *terms, GError **error)
{
  g_autoptr (GArray) persons = g_array_new (FALSE, FALSE, sizeof (NmdPerson));
  g_autoptr (GArray) echo = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < all->len; i++)
    {
      const NmdSubjectEcho *measured = &g_array_index (all, NmdSubjectEcho, i);
      if (!g_str_equal (measured->muscle, muscle))
        continue;
      g_array_append_val (persons, measured->person);
      g_array_append_val (echo, measured->mean);
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
  g_autoptr (GArray) all = nmd_dataset_average_echo (dataset, 0);
  g_autoptr (NmdReference) reference = nmd_reference_new (
      options->name != NULL ? options->name : nmd_dataset_get_title (dataset),
      options->device);

  for (guint i = 0; i < all->len; i++)
    {
      const char *muscle = g_array_index (all, NmdSubjectEcho, i).muscle;
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
  NmdPerson person = { { options->age, nmd_sex_parse (options->sex), options->height,
                         options->weight, NAN } };
  NmdZScore score = { 0 };

  if (options->muscle == NULL || isnan (options->echo))
    return nmd_command_usage ("--muscle and --echo are needed");
  if (options->sex != NULL && isnan (nmd_sex_parse (options->sex)))
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
  g_auto (Options) options
      = { .limit = NMD_Z_LIMIT, .echo = NAN, .age = NAN, .height = NAN, .weight = NAN };
  const GOptionEntry entries[] = {
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &options.out, "fit, labels: the file to write",
      "FILE" },
    { "reference", 0, 0, G_OPTION_ARG_FILENAME, &options.reference,
      "labels: the reference file", "FILE" },
    { "limit", 0, 0, G_OPTION_ARG_DOUBLE, &options.limit,
      "labels: pathological from a z above this on [2]", "Z" },
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
  if (g_str_equal (argv[1], "labels"))
    {
      const NmdZLabels labels = { options.reference, options.out, options.limit };
      return nmd_zscore_labels (&settings, argv[2], &labels);
    }
  return nmd_command_usage ("fit, apply or labels, not “%s”", argv[1]);
}
