/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is in the demo cohort, what they have, in which order their scans are made, and what
 * the measured echo intensity says of a muscle. Pictures and files are nmd-demo.c's.
 */
#include "engine/data/demo/nmd-demo-private.h"

#include <math.h>
#include <string.h>

#define DEFAULT_SUBJECTS 60
#define MAX_SUBJECTS 9999

/* Of each BLOCK subjects DISEASED have the simulated disease; with those whose echo
 * intensity stays below the line, about a third of the images lie in the folders
 * Pathological. */
#define BLOCK 8
#define DISEASED 4

/* Disease raises echo intensity by severity × RISE normal standard deviations. */
#define RISE 5.0
/* Share of a person's spread about the normal model that all muscles have in common. */
#define COMMON_SHARE 0.45
/* Between images of one muscle: overall gain and place, grey levels. */
#define GAIN_NOISE 4.0
#define PLACE_NOISE 3.0

/* The generator's own normal model: at 50 years, 24 kg/m², 172 cm, woman; grey levels.
 * The form (age, sex, size; spread about 8) is that of published reference values, the
 * numbers are its own. */
static const struct
{
  const char *name;
  double base, per_year, per_index, male, per_cm, sd;
} muscles[NMD_DEMO_N_MUSCLES] = {
  { "BB", 66, 0.34, 0.50, -1.5, 0.0, 7.4 },
  { "GM", 78, 0.36, 0.0, -4.5, -0.12, 7.9 },
  { "TA", 84, 0.36, 0.0, -6.0, 0.0, 8.7 },
};

/* What scanner B shows of a healthy muscle that scanner A shows with grey level x:
 * offset + gain · x. As a laboratory does for a new machine, both were measured: least
 * squares over the scans of the healthy subjects of two cohorts (seeds 1 and 2, 540 scans
 * each) made for both scanners; the residual is 0.4 grey levels. */
static const struct
{
  double offset, gain;
} scanner_b[NMD_DEMO_N_MUSCLES] = {
  { -24.472, 1.1138 },
  { -27.757, 1.1592 },
  { -28.300, 1.1665 },
};

static const char *const disease_names[] = { "none", "myopathic", "neurogenic" };

NmdDemoSettings
nmd_demo_with_defaults (const NmdDemoSettings *settings)
{
  NmdDemoSettings s = NMD_DEMO_SETTINGS_INIT;

  if (settings != NULL)
    s = *settings;
  if (s.subjects == 0)
    s.subjects = DEFAULT_SUBJECTS;
  s.subjects = MIN (s.subjects, MAX_SUBJECTS);
  if (s.scanner != 'B')
    s.scanner = 'A';
  if (s.threads == 0)
    s.threads = g_get_num_processors ();
  s.threads = CLAMP (s.threads, 1, NMD_DEMO_MAX_THREADS);
  return s;
}

const char *
nmd_demo_muscle_name (NmdDemoMuscle muscle)
{
  g_return_val_if_fail (muscle < NMD_DEMO_N_MUSCLES, NULL);

  return muscles[muscle].name;
}

const char *
nmd_demo_disease_name (NmdDemoDisease disease)
{
  g_return_val_if_fail (disease <= NMD_DEMO_NEUROGENIC, NULL);

  return disease_names[disease];
}

guint
nmd_demo_count_images (const NmdDemoSettings *settings)
{
  return nmd_demo_with_defaults (settings).subjects * NMD_DEMO_N_MUSCLES
         * NMD_DEMO_IMAGES;
}

void
nmd_demo_stream (NmdRandom *stream,
                 guint64 seed,
                 const NmdDemoFacts *facts,
                 gboolean per_image,
                 const char *what)
{
  g_autofree char *id = NULL;

  if (per_image)
    id = g_strdup_printf ("%s:%u/%s", muscles[facts->muscle].name, facts->image, what);
  else
    id = g_strdup_printf ("%s/%s", muscles[facts->muscle].name, what);
  nmd_random_init_for (stream, seed, "demo", (int)facts->subject, id);
}

/* People */

static double
clipped_normal (NmdRandom *stream, double mean, double sd, double low, double high)
{
  double value = mean + sd * nmd_random_normal (stream);

  return CLAMP (value, low, high);
}

static gboolean
is_diseased (guint64 seed, guint subject)
{
  guint place[BLOCK], block = (subject - 1) / BLOCK;
  g_autofree char *id = g_strdup_printf ("block %u", block);
  NmdRandom stream;

  for (guint i = 0; i < BLOCK; i++)
    place[i] = i;
  nmd_random_init_for (&stream, seed, "demo", 0, id);
  nmd_random_shuffle (&stream, place, BLOCK);
  return place[(subject - 1) % BLOCK] < DISEASED;
}

/* Fills what belongs to the person; returns the severity of the disease (0 … 1), how far
 * it shows in texture, and the person's common deviation from normal. */
static void
draw_person (
    guint64 seed, NmdDemoFacts *facts, double *severity, double *texture, double *common)
{
  NmdRandom stream;

  nmd_random_init_for (&stream, seed, "demo", (int)facts->subject, "person");
  facts->age = (int)floor (nmd_random_range (&stream, 19, 84));
  facts->is_male = nmd_random_uniform (&stream) < 0.52;
  facts->length
      = round (clipped_normal (&stream, facts->is_male ? 179 : 166, 6.8, 148, 202));
  facts->weight = clipped_normal (&stream, facts->is_male ? 25.2 : 24.4, 3.4, 17.5, 38);
  facts->weight = round (facts->weight * facts->length * facts->length * 1e-4);
  *common = nmd_random_normal (&stream);
  *severity = *texture = 0;
  facts->disease = NMD_DEMO_NO_DISEASE;
  if (!is_diseased (seed, facts->subject))
    return;
  facts->disease
      = nmd_random_uniform (&stream) < 0.55 ? NMD_DEMO_MYOPATHIC : NMD_DEMO_NEUROGENIC;
  *severity = nmd_random_beta (&stream, 1.8, 1.4);
  /* partly independent: the smaller part of it follows the severity */
  *texture = 0.35 * *severity + 0.65 * nmd_random_beta (&stream, 1.6, 1.2);
}

/* @share times a factor: 1 if a first draw exceeds it, else the last of @n more draws,
 * which may exceed 1 by a little. The draws are what earlier versions drew. */
static double
vary (NmdRandom *stream, double share, double low, double high, int n)
{
  double value = share * nmd_random_range (stream, low, high);

  if (value > 1)
    return 1;
  for (int i = 0; i < n; i++)
    value = share * nmd_random_range (stream, low, high);
  return value;
}

static void
draw_muscle (
    guint64 seed, NmdDemoFacts *facts, double severity, double texture, double common)
{
  const double index = facts->weight / (facts->length * facts->length * 1e-4);
  NmdRandom stream;

  nmd_demo_stream (&stream, seed, facts, FALSE, "muscle");
  facts->normal = muscles[facts->muscle].base
                  + muscles[facts->muscle].per_year * (facts->age - 50)
                  + muscles[facts->muscle].per_index * (index - 24)
                  + (facts->is_male ? muscles[facts->muscle].male : 0)
                  + muscles[facts->muscle].per_cm * (facts->length - 172);
  facts->normal_sd = muscles[facts->muscle].sd;
  facts->z_simulated = sqrt (COMMON_SHARE) * common
                       + sqrt (1 - COMMON_SHARE) * nmd_random_normal (&stream);
  facts->severity = vary (&stream, severity, 0.55, 1.15, 1);
  facts->texture = vary (&stream, texture, 0.6, 1.25, 2);
  facts->z_simulated += RISE * facts->severity;
  nmd_random_normal (&stream); /* drawn by earlier versions: keeps what follows */
  facts->is_right = nmd_random_uniform (&stream) < 0.5;
}

/* The normal values become those of the scanner, as truth.csv states them. */
static void
use_scanner (NmdDemoFacts *facts, char scanner)
{
  if (scanner == 'B')
    {
      facts->normal = scanner_b[facts->muscle].offset
                      + scanner_b[facts->muscle].gain * facts->normal;
      facts->normal_sd *= scanner_b[facts->muscle].gain;
    }
  facts->normal = round (facts->normal * 1e4) / 1e4;
  facts->normal_sd = round (facts->normal_sd * 1e4) / 1e4;
}

void
nmd_demo_compute_facts (const NmdDemoSettings *settings,
                        guint subject,
                        NmdDemoMuscle muscle,
                        guint image,
                        NmdDemoFacts *facts)
{
  const guint64 seed = settings->seed;
  double severity, texture, common, grey;
  NmdRandom stream;

  memset (facts, 0, sizeof *facts);
  facts->subject = subject;
  facts->muscle = muscle;
  facts->image = image;
  draw_person (seed, facts, &severity, &texture, &common);
  draw_muscle (seed, facts, severity, texture, common);
  nmd_demo_stream (&stream, seed, facts, TRUE, "exposure");
  grey = facts->normal + facts->z_simulated * facts->normal_sd;
  grey += GAIN_NOISE * nmd_random_normal (&stream);
  grey += PLACE_NOISE * nmd_random_normal (&stream);
  facts->echo_intensity = CLAMP (grey, 38, 160);
  use_scanner (facts, settings->scanner);
}

/* The muscles of a block's subjects, each once: muscle after muscle in turn, the highest
 * z left and the lowest z left of it by turns, so that the first pictures show all
 * muscles and both labels. */
static void
order_block (const NmdDemoSettings *settings,
             guint first,
             guint n,
             guint wanted,
             NmdDemoFacts *facts)
{
  NmdDemoFacts unit[BLOCK][NMD_DEMO_N_MUSCLES];
  gboolean taken[BLOCK][NMD_DEMO_N_MUSCLES] = { { FALSE } };

  for (guint i = 0; i < n; i++)
    for (guint m = 0; m < NMD_DEMO_N_MUSCLES; m++)
      nmd_demo_compute_facts (settings, first + i, m, 1, &unit[i][m]);
  for (guint turn = 0; turn <= wanted; turn++)
    {
      guint m = turn % NMD_DEMO_N_MUSCLES, best = BLOCK;

      for (guint i = 0; i < n; i++)
        if (!taken[i][m]
            && (best == BLOCK
                || (turn % 2 == 0)
                       == (unit[i][m].z_simulated > unit[best][m].z_simulated)))
          best = i;
      taken[best][m] = TRUE;
      *facts = unit[best][m];
    }
}

void
nmd_demo_get_facts (const NmdDemoSettings *settings, guint index, NmdDemoFacts *facts)
{
  const NmdDemoSettings s = nmd_demo_with_defaults (settings);
  const guint unit = index / NMD_DEMO_IMAGES, per_block = BLOCK * NMD_DEMO_N_MUSCLES;
  guint block = 0, n = 0;

  g_return_if_fail (facts != NULL);
  g_return_if_fail (index < s.subjects * NMD_DEMO_N_MUSCLES * NMD_DEMO_IMAGES);

  block = unit / per_block;
  n = MIN (BLOCK, s.subjects - block * BLOCK);
  order_block (&s, block * BLOCK + 1, n, unit % per_block, facts);
  nmd_demo_compute_facts (&s, facts->subject, facts->muscle, index % NMD_DEMO_IMAGES + 1,
                          facts);
}

void
nmd_demo_measure (const NmdDemoFacts *facts,
                  const double echo_intensity[NMD_DEMO_IMAGES],
                  NmdDemoMeasure *measure)
{
  double sum = 0;

  g_return_if_fail (facts != NULL && echo_intensity != NULL && measure != NULL);

  for (int i = 0; i < NMD_DEMO_IMAGES; i++)
    sum += echo_intensity[i];
  measure->echo_intensity = sum / NMD_DEMO_IMAGES;
  measure->z = (measure->echo_intensity - facts->normal) / facts->normal_sd;
  measure->is_pathological = measure->z > 2;
}

char *
nmd_demo_get_path (const NmdDemoFacts *facts, gboolean is_pathological, gboolean is_mask)
{
  const char *muscle;

  g_return_val_if_fail (facts != NULL && facts->muscle < NMD_DEMO_N_MUSCLES, NULL);

  muscle = muscles[facts->muscle].name;
  return g_strdup_printf ("%s/%s/%s/SYN_%s_anon_%u_%u.png", muscle,
                          is_pathological ? "Pathological" : "Healthy",
                          is_mask ? "Masks" : "Images", muscle, facts->subject,
                          facts->image);
}
