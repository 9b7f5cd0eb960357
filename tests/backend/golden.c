/* SPDX-License-Identifier: Apache-2.0
 *
 * golden FILE... [--device NAME] [--word WORD] [--trust]: compares a network on a device with golden numbers made
 * in double precision. Weights and images are filled by the rule that the files share
 * (named random streams), so a file holds answers only. Two comparisons are made:
 *
 *   NAME     the device, with the tolerances that a float32 engine needs: they follow how
 *            far float32 runs of PyTorch strayed (f32err in the file)
 *   exact    the reference in double precision, each number to about 1e-6 of its own
 *            scale, so that a single number that was altered anywhere is found
 *
 * Three runs cannot tell how far float32 may stray where a ReLU or a maximum flips. A group that
 * misses its limit is therefore judged by the network's own conditioning on this file: how far the
 * reference in double precision moves when all weights and pixels move by a few roundings.
 *
 * One line a group: the worst error and its limit. Exits with 1 on any miss, NaN, or
 * malformed file. How good a network is, is not its business.
 */
#include "tests/backend/golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Draws of noise at most, for a group that still misses its limit. */
#define MAX_DRAWS 24

/* What a device computes for a network and a seed word, kept for further files about the same. */
typedef struct
{
  Numbers *numbers;
  gboolean done[GOLDEN_N_PASSES];
} Computed;

/* How far the reference moves by noise, for a network and a seed word. */
typedef struct
{
  int n[GOLDEN_N_PASSES]; /* draws so far */
  double moves[GOLDEN_N_GROUPS];
} Conditioning;

static void
computed_free (gpointer computed)
{
  numbers_free (((Computed *)computed)->numbers);
  g_free (computed);
}

/* The larger one, NaN if either is. */
static double
worse (double a, double b)
{
  return isnan (a) || isnan (b) ? NAN : MAX (a, b);
}

/* Largest difference / largest magnitude. */
static double
distance (const double *got, const double *expected, int n)
{
  double error = 0, scale = 0;

  for (int i = 0; i < n; i++)
    {
      error = worse (error, fabs (got[i] - expected[i]));
      scale = worse (scale, fabs (expected[i]));
    }
  return error / scale;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* Sorts @values. */
static double
median (double *values, guint n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

static double
total_norm (const Gradient *gradients, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += gradients[i].norm * gradients[i].norm;
  return sqrt (sum);
}

/* Norms or probes of one mode: the largest error and the median. */
static void
gradient_errors (const Golden *golden,
                 const Gradient *got,
                 const Gradient *expected,
                 gboolean probes,
                 double floor,
                 double *largest,
                 double *middle)
{
  const guint n = golden->parameters->len;
  const double base = floor * total_norm (expected, n);
  g_autofree double *errors = g_new (double, n);

  *largest = 0;
  for (guint i = 0; i < n; i++)
    {
      const double difference
          = probes ? got[i].probe - expected[i].probe : got[i].norm - expected[i].norm;

      errors[i] = fabs (difference) / MAX (expected[i].norm, base);
      *largest = worse (*largest, errors[i]);
    }
  *middle = isnan (*largest) ? NAN : median (errors, n);
}

static void
train_errors (const Golden *golden,
              const Numbers *got,
              const Numbers *expected,
              double *errors)
{
  double running = 0;

  errors[0] = distance (&got->loss, &expected->loss, 1);
  for (int i = 0; i < 2; i++)
    gradient_errors (golden, got->train_grads, expected->train_grads, i == 1, 1e-2,
                     &errors[1 + 2 * i], &errors[2 + 2 * i]);
  for (guint i = 0; i < golden->buffers->len; i++)
    running = worse (running, fabs (got->running[i] - expected->running[i])
                                  / MAX (1, fabs (expected->running[i])));
  errors[5] = running;
}

/* The errors of the groups of @pass, in the order of golden_groups, as the golden files' tolerances
 * measure them. */
static void
measure_errors (const Golden *golden,
                GoldenPass pass,
                const Numbers *got,
                const Numbers *expected,
                double *errors)
{
  switch (pass)
    {
    case GOLDEN_EVAL:
      errors[0] = distance (got->logits, expected->logits, N_IMAGES * N_CLASSES);
      for (int i = 0; i < 2; i++)
        gradient_errors (golden, got->eval_grads, expected->eval_grads, i == 1, 1e-4,
                         &errors[1 + 2 * i], &errors[2 + 2 * i]);
      break;
    case GOLDEN_TRAIN:
      train_errors (golden, got, expected, errors);
      break;
    case GOLDEN_ADAM:
      errors[0] = fabs (got->adam[0] - expected->adam[0]) / fabs (expected->adam[0]);
      errors[1] = 0;
      for (int i = 0; i < N_ADAM_STEPS; i++)
        errors[1] = worse (errors[1], fabs (got->adam[i] - expected->adam[i])
                                          / fabs (expected->adam[i]));
      break;
    default:
      errors[0] = distance (got->cam[pass - GOLDEN_CAM], expected->cam[pass - GOLDEN_CAM],
                            golden->cam_size[pass - GOLDEN_CAM]);
    }
}

static guint
first_group (GoldenPass pass)
{
  guint i = 0;

  while (golden_groups[i].pass != pass)
    i++;
  return i;
}

/* What @device computes in all passes of @golden. */
static const Numbers *
compute_once (GHashTable *known, const Golden *golden, const char *device, GError **error)
{
  g_autofree char *key
      = g_strdup_printf ("%s:%s:%s", device, golden->network->name, golden->word);
  Computed *computed = g_hash_table_lookup (known, key);

  if (computed == NULL)
    {
      computed = g_new0 (Computed, 1);
      computed->numbers = g_new0 (Numbers, 1);
      numbers_alloc (computed->numbers, golden);
      g_hash_table_insert (known, g_steal_pointer (&key), computed);
    }
  for (GoldenPass pass = 0; pass < GOLDEN_N_PASSES; pass++)
    if (golden_has (golden, pass) && !computed->done[pass])
      {
        if (!golden_compute (golden, device, pass, computed->numbers, error))
          return NULL;
        computed->done[pass] = TRUE;
      }
  return computed->numbers;
}

/* One more draw of noise in @pass. */
static gboolean
draw_noise (Conditioning *self,
            const Golden *golden,
            GoldenPass pass,
            const Numbers *exact,
            GError **error)
{
  const guint first = first_group (pass);
  double errors[GOLDEN_N_GROUPS] = { 0 };
  Golden moved = *golden;
  Numbers *numbers = g_new0 (Numbers, 1);
  gboolean ok;

  if (golden->network == &golden->sized)
    moved.network = &moved.sized;
  moved.draw = ++self->n[pass];
  numbers_alloc (numbers, golden);
  ok = golden_compute (&moved, "reference64", pass, numbers, error);
  if (ok)
    measure_errors (golden, pass, numbers, exact, errors);
  for (guint i = first; i < GOLDEN_N_GROUPS && golden_groups[i].pass == pass; i++)
    self->moves[i] = worse (self->moves[i], errors[i - first]);
  numbers_free (numbers);
  return ok;
}

/* --- comparing */

/* The lines of one comparison. */
typedef struct
{
  const Golden *golden;
  const char *what;
  gboolean ok;
} Report;

static void
report (Report *self, const char *group, double error, double limit, int draws)
{
  const gboolean ok = error <= limit; /* NaN is not */
  g_autofree char *by
      = draws > 0 ? g_strdup_printf (" by %d draws", draws) : g_strdup ("");

  self->ok &= ok;
  printf ("%s %s %-26s error %.2e limit %.2e%s %s\n", self->golden->network->name,
          self->what, group, error, limit, by, ok ? "ok" : "MISSED");
}

/* The limit of group @i for a device that is @error off: 3 f32err, and if that is missed up to
 * three times what the reference moves by noise. Nothing is forgiven that float32 does on no
 * network. */
static double
limit_of (const Golden *golden,
          guint i,
          double error,
          Conditioning *conditioning,
          const Numbers *exact)
{
  const GoldenGroup *group = &golden_groups[i];
  const double most = 3 * MAX (group->least, group->most);
  double limit = group->least;

  if (group->follows && golden->f32err != NULL)
    limit = MAX (
        limit,
        3 * json_node_get_double (json_object_get_member (golden->f32err, group->name)));
  while (conditioning != NULL && !(error <= limit) && error <= most)
    {
      limit = MAX (limit, MIN (most, 3 * conditioning->moves[i]));
      if (error <= limit || conditioning->n[group->pass] == MAX_DRAWS)
        break;
      if (!draw_noise (conditioning, golden, group->pass, exact, NULL))
        break; /* the reference has computed the same before */
    }
  return limit;
}

/* The tolerances of a float32 engine. @conditioning (nullable): what the reference moves by. */
static gboolean
compare_device (const Golden *golden,
                const char *device,
                const Numbers *got,
                const Numbers *expected,
                const Numbers *exact,
                Conditioning *conditioning)
{
  Report self = { golden, device, TRUE };
  double errors[GOLDEN_N_GROUPS];

  for (guint i = 0; i < GOLDEN_N_GROUPS; i++)
    {
      const GoldenGroup *group = &golden_groups[i];
      double limit;

      if (!golden_has (golden, group->pass))
        continue;
      if (i == first_group (group->pass))
        measure_errors (golden, group->pass, got, expected, errors + i);
      limit = limit_of (golden, i, errors[i], conditioning, exact);
      report (&self, group->name, errors[i], limit,
              conditioning != NULL ? conditioning->n[group->pass] : 0);
    }
  return self.ok;
}

/* Every number by itself, on the scale of what it is computed from. */
static double
exact_gradients (const Golden *golden, const Gradient *got, const Gradient *expected)
{
  const guint n = golden->parameters->len;
  const double tiny = 1e-9 * total_norm (got, n);
  double error = 0;

  for (guint i = 0; i < n; i++)
    {
      const double scale = got[i].norm + tiny;

      error = worse (error, fabs (got[i].norm - expected[i].norm) / scale);
      error = worse (error, fabs (got[i].probe - expected[i].probe) / scale);
    }
  return error;
}

static gboolean
compare_exact (const Golden *golden, const Numbers *got)
{
  const Numbers *expected = &golden->numbers;
  Report self = { golden, "exact", TRUE };
  double error = 0;

  report (&self, "eval.logits",
          distance (expected->logits, got->logits, N_IMAGES * N_CLASSES), 1e-6, 0);
  report (&self, "eval.grads",
          exact_gradients (golden, got->eval_grads, expected->eval_grads), 1e-5, 0);
  report (&self, "train.loss", distance (&expected->loss, &got->loss, 1), 1e-6, 0);
  report (&self, "train.grads",
          exact_gradients (golden, got->train_grads, expected->train_grads), 1e-5, 0);
  for (guint i = 0; i < golden->buffers->len; i++)
    error = worse (error,
                   fabs (got->running[i] - expected->running[i]) / got->running_norms[i]);
  report (&self, "train.running", error, 1e-5, 0);
  error = 0;
  for (int i = 0; golden->has_adam && i < N_ADAM_STEPS; i++)
    error = worse (error, fabs (got->adam[i] - expected->adam[i]) / got->adam[i]);
  if (golden->has_adam)
    report (&self, "adam.losses", error, 1e-4, 0);
  for (int i = 0; golden->has_cam && i < 2; i++)
    report (&self, golden_cam_names[i],
            distance (expected->cam[i], got->cam[i], golden->cam_size[i]), 1e-5, 0);
  return self.ok;
}

static gboolean
take_word (Golden *self, const char *word)
{
  if (word != NULL)
    {
      g_free (self->word);
      self->word = g_strdup (word);
      self->f32err = NULL; /* of the file's own word */
    }
  return TRUE;
}

static Conditioning *
find_conditioning (GHashTable *conditionings, const Golden *golden)
{
  g_autofree char *key = g_strdup_printf ("%s:%s", golden->network->name, golden->word);
  Conditioning *self = g_hash_table_lookup (conditionings, key);

  if (self == NULL)
    {
      self = g_new0 (Conditioning, 1);
      g_hash_table_insert (conditionings, g_steal_pointer (&key), self);
    }
  return self;
}

/* With @word: a network's file for another seed word, whose answers the reference in double
 * precision gives by itself. */
static gboolean
check_file (const char *path,
            const char *device,
            const char *word,
            gboolean trust,
            GHashTable *known,
            GHashTable *conditionings)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_auto (Golden) golden = { .path = path };
  const Numbers *exact, *got;
  gboolean ok;

  if (!golden_read (&golden, parser, &error) || !take_word (&golden, word)
      || (exact = trust && word == NULL
                      ? &golden.numbers
                      : compute_once (known, &golden, "reference64", &error))
             == NULL
      || (got = compute_once (known, &golden, device, &error)) == NULL)
    {
      printf ("MISSED %s: %s\n", path, error->message);
      return FALSE;
    }
  ok = word != NULL || trust || compare_exact (&golden, exact);
  /* a file that is wrong is not worth the draws */
  ok = compare_device (&golden, device, got, word != NULL ? exact : &golden.numbers,
                       exact, ok ? find_conditioning (conditionings, &golden) : NULL)
       && ok;
  printf ("%s %s\n", ok ? "ok" : "MISSED", path);
  return ok;
}

/* The device with its instruction set and libraries. */
static gboolean
print_device (const char *name, GError **error)
{
  g_autoptr (NmdSession) session = nmd_session_open (name, 0, error);

  if (session == NULL)
    return FALSE;
  printf ("%s: %s\n", name, nmd_session_get_description (session));
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *device = NULL, *word = NULL;
  g_auto (GStrv) files = NULL;
  g_autoptr (GHashTable) known
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, computed_free);
  g_autoptr (GHashTable) conditionings
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gboolean ok = TRUE, trust = FALSE;
  const GOptionEntry entries[] = {
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, "cpu (default), reference, cuda",
      "NAME" },
    { "word", 0, 0, G_OPTION_ARG_STRING, &word,
      "another seed word, whose answers reference64 gives", "WORD" },
    { "trust", 0, 0, G_OPTION_ARG_NONE, &trust,
      "the files are right: they are not compared with reference64", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, "FILE…" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || files == NULL)
    {
      fprintf (stderr, "golden: %s\n",
               error != NULL ? error->message : "no files are given");
      return 2;
    }
  if (!print_device (device != NULL ? device : "cpu", &error))
    {
      fprintf (stderr, "golden: %s\n", error->message);
      return 2;
    }
  for (int i = 0; files[i] != NULL; i++)
    {
      ok &= check_file (files[i], device != NULL ? device : "cpu", word, trust, known,
                        conditionings);
      fflush (stdout);
    }
  return ok ? 0 : 1;
}
