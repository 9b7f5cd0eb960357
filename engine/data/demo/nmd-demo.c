/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is in the demo cohort, what they have, and the folder it is written to. The
 * pictures come from nmd-demo-anatomy.c and nmd-demo-beam.c.
 */
#include "engine/data/demo/nmd-demo.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-number.h"
#include "engine/data/demo/nmd-demo-private.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#define DEFAULT_SUBJECTS 60
#define MAX_SUBJECTS 9999
#define MAX_THREADS 8

/* Of each BLOCK subjects DISEASED have the simulated disease; with those whose echo
 * intensity stays below the line, about a third of the images lie in the folders
 * Pathological. */
#define BLOCK 8
#define DISEASED 4

/* Disease raises echo intensity by severity × RISE normal standard deviations. */
#define RISE 5.0
/* Share of a person's spread about the normal model that all muscles have in common. */
#define COMMON_SHARE 0.45
/* Measurement noise of z: repositioning, outline, examiner. */
#define Z_NOISE 0.5
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

static const char *const disease_names[] = { "none", "myopathic", "neurogenic" };

static NmdDemoSettings
with_defaults (const NmdDemoSettings *settings)
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
  s.threads = CLAMP (s.threads, 1, MAX_THREADS);
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
  return with_defaults (settings).subjects * NMD_DEMO_N_MUSCLES * NMD_DEMO_IMAGES;
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

/* ------------------------------------------------------------ people */

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
  facts->z = sqrt (COMMON_SHARE) * common
             + sqrt (1 - COMMON_SHARE) * nmd_random_normal (&stream);
  facts->severity = MIN (1, severity * nmd_random_range (&stream, 0.55, 1.15));
  facts->texture = CLAMP (texture * nmd_random_range (&stream, 0.6, 1.25), 0, 1);
  facts->z += RISE * facts->severity;
  facts->z_measured = facts->z + Z_NOISE * nmd_random_normal (&stream);
  facts->is_right = nmd_random_uniform (&stream) < 0.5;
  facts->is_pathological = facts->z_measured > 2;
}

static void
compute_facts (
    guint64 seed, guint subject, NmdDemoMuscle muscle, guint image, NmdDemoFacts *facts)
{
  double severity, texture, common, grey;
  NmdRandom stream;

  memset (facts, 0, sizeof *facts);
  facts->subject = subject;
  facts->muscle = muscle;
  facts->image = image;
  draw_person (seed, facts, &severity, &texture, &common);
  draw_muscle (seed, facts, severity, texture, common);
  nmd_demo_stream (&stream, seed, facts, TRUE, "exposure");
  grey = facts->normal + facts->z * facts->normal_sd;
  grey += GAIN_NOISE * nmd_random_normal (&stream);
  grey += PLACE_NOISE * nmd_random_normal (&stream);
  facts->echo_intensity = CLAMP (grey, 38, 160);
}

/* The muscles of a block's subjects, each once: muscle after muscle in turn, the highest
 * z left and the lowest z left of it by turns, so that the first pictures show all
 * muscles and both labels. */
static void
order_block (guint64 seed, guint first, guint n, guint wanted, NmdDemoFacts *facts)
{
  NmdDemoFacts unit[BLOCK][NMD_DEMO_N_MUSCLES];
  gboolean taken[BLOCK][NMD_DEMO_N_MUSCLES] = { { FALSE } };

  for (guint i = 0; i < n; i++)
    for (guint m = 0; m < NMD_DEMO_N_MUSCLES; m++)
      compute_facts (seed, first + i, m, 1, &unit[i][m]);
  for (guint turn = 0; turn <= wanted; turn++)
    {
      guint m = turn % NMD_DEMO_N_MUSCLES, best = BLOCK;

      for (guint i = 0; i < n; i++)
        if (!taken[i][m]
            && (best == BLOCK
                || (turn % 2 == 0) == (unit[i][m].z_measured > unit[best][m].z_measured)))
          best = i;
      taken[best][m] = TRUE;
      *facts = unit[best][m];
    }
}

void
nmd_demo_get_facts (const NmdDemoSettings *settings, guint index, NmdDemoFacts *facts)
{
  const NmdDemoSettings s = with_defaults (settings);
  const guint per_subject = NMD_DEMO_N_MUSCLES * NMD_DEMO_IMAGES;
  guint block, within, n;

  g_return_if_fail (facts != NULL);
  g_return_if_fail (index < s.subjects * per_subject);

  block = index / (BLOCK * per_subject);
  within = index % (BLOCK * per_subject);
  n = MIN (BLOCK, s.subjects - block * BLOCK);
  order_block (s.seed, block * BLOCK + 1, n, within % (n * NMD_DEMO_N_MUSCLES), facts);
  compute_facts (s.seed, facts->subject, facts->muscle,
                 within / (n * NMD_DEMO_N_MUSCLES) + 1, facts);
}

char *
nmd_demo_get_path (const NmdDemoFacts *facts, gboolean is_mask)
{
  const char *muscle;

  g_return_val_if_fail (facts != NULL && facts->muscle < NMD_DEMO_N_MUSCLES, NULL);

  muscle = muscles[facts->muscle].name;
  return g_strdup_printf ("%s/%s/%s/SYN_%s_anon_%u_%u.png", muscle,
                          facts->is_pathological ? "Pathological" : "Healthy",
                          is_mask ? "Masks" : "Images", muscle, facts->subject,
                          facts->image);
}

/* ------------------------------------------------------------ one scan */

NmdDemoScan *
nmd_demo_scan_new (const NmdDemoSettings *settings, const NmdDemoFacts *facts)
{
  const NmdDemoSettings s = with_defaults (settings);
  g_autoptr (DemoPhantom) phantom = NULL;
  NmdDemoScan *self;

  g_return_val_if_fail (facts != NULL && facts->muscle < NMD_DEMO_N_MUSCLES, NULL);

  phantom = nmd_demo_phantom_new (&s, facts);
  self = g_new0 (NmdDemoScan, 1);
  self->image = nmd_demo_expose (&s, facts, phantom);
  self->mask = nmd_image_ref (phantom->mask);
  self->facts = *facts;
  return self;
}

void
nmd_demo_scan_free (NmdDemoScan *self)
{
  if (self == NULL)
    return;
  nmd_image_unref (self->image);
  nmd_image_unref (self->mask);
  g_free (self);
}

/* ------------------------------------------------------------ the folder */

static char *
describe (const NmdDemoSettings *s)
{
  return g_strdup_printf (
      "SYNTHETIC\n\n"
      "These muscle ultrasound scans were computed by the demo generator of NMD Assist. "
      "No patient\n"
      "was scanned and nothing about patients can be learnt from them.\n\n"
      "%u subjects, seed %" G_GUINT64_FORMAT ", scanner %c, %u images.\n\n"
      "Folders and characteristics.csv follow the published data set (muscle, then "
      "Healthy or\n"
      "Pathological by echo intensity z > 2, then Images and Masks). truth.csv tells the "
      "simulated\n"
      "disease, which is not the same as the folder: columns image, subject, muscle, "
      "number, side,\n"
      "age (years), sex, length (cm), weight (kg), disease, severity and texture (0 to "
      "1), normal and\n"
      "normal_sd (expected healthy echo intensity), echo_intensity (mean grey in the "
      "mask), z\n"
      "(simulated), z_measured (decides the folder), label.\n",
      s->subjects, s->seed, s->scanner, nmd_demo_count_images (s));
}

static gboolean
write_characteristics (const char *dir,
                       const NmdDemoSettings *s,
                       NmdDemoMuscle muscle,
                       gboolean is_pathological,
                       GError **error)
{
  const char *label = is_pathological ? "Pathological" : "Healthy";
  g_autofree char *folder = g_build_filename (dir, muscles[muscle].name, label, NULL);
  g_autofree char *path = g_build_filename (folder, "characteristics.csv", NULL);
  g_autofree char *images = g_build_filename (folder, "Images", NULL);
  g_autofree char *masks = g_build_filename (folder, "Masks", NULL);
  g_autoptr (GString) text = g_string_new ("ID,age,length,weigth,sex\n");

  for (guint subject = 1; subject <= s->subjects; subject++)
    {
      NmdDemoFacts facts;

      compute_facts (s->seed, subject, muscle, 1, &facts);
      if (facts.is_pathological != is_pathological)
        continue;
      g_string_append_printf (text, "%u,%d,%d,%d,%s\n", subject, facts.age,
                              (int)facts.length, (int)facts.weight,
                              facts.is_male ? "M" : "F");
    }
  return nmd_file_make_folder (images, error) && nmd_file_make_folder (masks, error)
         && nmd_file_write_text (path, text->str, error);
}

static void
append_truth (GString *text, const NmdDemoFacts *f, double measured)
{
  g_autofree char *path = nmd_demo_get_path (f, FALSE);
  const double numbers[] = { f->severity, f->texture, f->normal,    f->normal_sd,
                             measured,    f->z,       f->z_measured };

  g_string_append_printf (text, "%s,%u,%s,%u,%s,%d,%s,%d,%d,%s", path, f->subject,
                          muscles[f->muscle].name, f->image,
                          f->is_right ? "right" : "left", f->age, f->is_male ? "M" : "F",
                          (int)f->length, (int)f->weight, disease_names[f->disease]);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_string_append_c (text, ',');
      nmd_number_append (text, round (numbers[i] * 1e4) / 1e4);
    }
  g_string_append_printf (text, ",%s\n", f->is_pathological ? "pathological" : "healthy");
}

static gboolean
write_truth (const char *dir,
             const NmdDemoSettings *s,
             const double *measured,
             GError **error)
{
  g_autofree char *path = g_build_filename (dir, "truth.csv", NULL);
  g_autoptr (GString) text
      = g_string_new ("image,subject,muscle,number,side,age,sex,length,weight,disease,"
                      "severity,texture,normal,"
                      "normal_sd,echo_intensity,z,z_measured,label\n");

  for (guint i = 0; i < nmd_demo_count_images (s); i++)
    {
      NmdDemoFacts facts;

      nmd_demo_get_facts (s, i, &facts);
      append_truth (text, &facts, measured[i]);
    }
  return nmd_file_write_text (path, text->str, error);
}

static double
mean_in_mask (const NmdImage *image, const NmdImage *mask)
{
  double sum = 0;
  gsize n = 0;

  for (gsize i = 0; i < (gsize)image->width * image->height; i++)
    if (mask->pixels[i] != 0)
      {
        sum += image->pixels[i];
        n++;
      }
  return n > 0 ? sum / (double)n : NAN;
}

/* ------------------------------------------------------------ several threads */

/* The threads take scans in the order of generation; the caller's thread reports them in
 * that order. The lock is a pthread one, which ThreadSanitizer sees. */
typedef struct
{
  const char *dir;
  NmdDemoSettings settings;
  GCancellable *cancellable;
  guint total;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  guint next; /* under the lock, as what follows */
  gboolean *is_done;
  double *measured;
  guint running;
  gboolean stop;
  GError *error; /* the first */
} Writer;

static gboolean
write_scan (Writer *self, guint index, double *measured, GError **error)
{
  static const char *const texts[]
      = { "Source", "SYNTHETIC", "Comment", "SYNTHETIC", NULL };
  g_autoptr (NmdDemoScan) scan = NULL;
  g_autofree char *image = NULL, *mask = NULL, *image_path = NULL, *mask_path = NULL;
  NmdDemoFacts facts;

  nmd_demo_get_facts (&self->settings, index, &facts);
  scan = nmd_demo_scan_new (&self->settings, &facts);
  *measured = mean_in_mask (scan->image, scan->mask);
  image = nmd_demo_get_path (&facts, FALSE);
  mask = nmd_demo_get_path (&facts, TRUE);
  image_path = g_build_filename (self->dir, image, NULL);
  mask_path = g_build_filename (self->dir, mask, NULL);
  return nmd_image_save_png (scan->mask, mask_path, 1, texts, error)
         && nmd_image_save_png (scan->image, image_path, 8, texts, error);
}

static void *
writer_thread (void *data)
{
  Writer *self = data;

  pthread_mutex_lock (&self->lock);
  while (!self->stop && self->next < self->total)
    {
      guint index = self->next++;
      double measured = NAN;
      GError *error = NULL;
      gboolean ok;

      pthread_mutex_unlock (&self->lock);
      ok = !g_cancellable_set_error_if_cancelled (self->cancellable, &error)
           && write_scan (self, index, &measured, &error);
      pthread_mutex_lock (&self->lock);
      self->measured[index] = measured;
      self->is_done[index] = ok;
      if (!ok)
        {
          self->stop = TRUE;
          if (self->error == NULL)
            self->error = g_steal_pointer (&error);
          g_clear_error (&error);
        }
      pthread_cond_broadcast (&self->changed);
    }
  self->running--;
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->lock);
  return NULL;
}

static void
report (const Writer *self, guint index, NmdDemoProgress callback, gpointer user_data)
{
  g_autofree char *path = NULL, *full = NULL;
  NmdDemoFacts facts;

  if (callback == NULL)
    return;
  nmd_demo_get_facts (&self->settings, index, &facts);
  path = nmd_demo_get_path (&facts, FALSE);
  full = g_build_filename (self->dir, path, NULL);
  callback (index + 1, self->total, full, user_data);
}

static gboolean
write_all (Writer *self, NmdDemoProgress callback, gpointer user_data, GError **error)
{
  pthread_t threads[MAX_THREADS];
  guint started = 0, reported = 0;

  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->changed, NULL);
  pthread_mutex_lock (&self->lock);
  for (guint i = 0; i < self->settings.threads; i++)
    if (pthread_create (&threads[started], NULL, writer_thread, self) == 0)
      {
        started++;
        self->running++;
      }
  if (started == 0)
    g_set_error (&self->error, NMD_ERROR, NMD_ERROR_MEMORY,
                 "No thread could be started to write %s", self->dir);
  while (started > 0)
    {
      if (reported < self->next && self->is_done[reported])
        {
          guint index = reported++;

          pthread_mutex_unlock (&self->lock);
          report (self, index, callback, user_data);
          pthread_mutex_lock (&self->lock);
        }
      else if (self->running == 0)
        break;
      else
        pthread_cond_wait (&self->changed, &self->lock);
    }
  pthread_mutex_unlock (&self->lock);
  for (guint i = 0; i < started; i++)
    pthread_join (threads[i], NULL);
  pthread_mutex_destroy (&self->lock);
  pthread_cond_destroy (&self->changed);
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->error));
  return FALSE;
}

/* Whether @dir may be written: TRUE with *is_complete set if it already holds this
 * cohort. */
static gboolean
check_folder (const char *dir, const char *readme, gboolean *is_complete, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "README.txt", NULL);
  g_autofree char *truth = g_build_filename (dir, "truth.csv", NULL);
  g_autofree char *text = NULL;

  *is_complete = FALSE;
  if (nmd_file_is_empty_folder (dir))
    return TRUE;
  if (g_file_get_contents (path, &text, NULL, NULL) && strcmp (text, readme) == 0)
    {
      *is_complete = g_file_test (truth, G_FILE_TEST_IS_REGULAR);
      return TRUE;
    }
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "Folder %s is not empty and holds no demo cohort of these settings", dir);
  return FALSE;
}

gboolean
nmd_demo_write (const char *dir,
                const NmdDemoSettings *settings,
                NmdDemoProgress callback,
                gpointer user_data,
                GCancellable *cancellable,
                GError **error)
{
  Writer writer
      = { .dir = dir, .settings = with_defaults (settings), .cancellable = cancellable };
  g_autofree char *readme = NULL, *readme_path = NULL;
  g_autofree gboolean *is_done = NULL;
  g_autofree double *measured = NULL;
  gboolean is_complete;

  g_return_val_if_fail (dir != NULL, FALSE);

  readme = describe (&writer.settings);
  readme_path = g_build_filename (dir, "README.txt", NULL);
  writer.total = nmd_demo_count_images (&writer.settings);
  if (!check_folder (dir, readme, &is_complete, error))
    return FALSE;
  if (is_complete)
    {
      report (&writer, 0, callback, user_data);
      return TRUE;
    }
  if (!nmd_file_make_folder (dir, error)
      || !nmd_file_write_text (readme_path, readme, error))
    return FALSE;
  for (guint i = 0; i < 2 * NMD_DEMO_N_MUSCLES; i++)
    if (!write_characteristics (dir, &writer.settings, i / 2, i % 2, error))
      return FALSE;
  is_done = writer.is_done = g_new0 (gboolean, writer.total);
  measured = writer.measured = g_new0 (double, writer.total);
  return write_all (&writer, callback, user_data, error)
         && write_truth (dir, &writer.settings, measured, error);
}
