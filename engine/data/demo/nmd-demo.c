/* SPDX-License-Identifier: Apache-2.0
 *
 * One scan of the demo cohort, and the folder that the cohort is written to, on several
 * threads. Who is in it: nmd-demo-people.c. The pictures: nmd-demo-anatomy.c and
 * nmd-demo-beam.c.
 */
#include "engine/data/demo/nmd-demo.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-number.h"
#include "engine/data/demo/nmd-demo-private.h"
#include "engine/image/nmd-png-writer.h"

#include <glib/gstdio.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

/* One scan */

NmdDemoScan *
nmd_demo_scan_new (const NmdDemoSettings *settings, const NmdDemoFacts *facts)
{
  const NmdDemoSettings s = nmd_demo_with_defaults (settings);
  g_autoptr (DemoPhantom) phantom = NULL;
  NmdDemoScan *self = NULL;

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

/* The tables */

/* What tells that a folder holds a cohort of these settings, in every version. */
static char *
describe_settings (const NmdDemoSettings *s)
{
  return g_strdup_printf ("%u subjects, seed %" G_GUINT64_FORMAT
                          ", scanner %c, %u images.\n",
                          s->subjects, s->seed, s->scanner, nmd_demo_count_images (s));
}

static char *
describe (const NmdDemoSettings *s)
{
  g_autofree char *settings = describe_settings (s);

  return g_strdup_printf (
      "SYNTHETIC\n\n"
      "These muscle ultrasound scans were computed by the demo generator of NMD Assist. "
      "No patient\n"
      "was scanned and nothing about patients can be learnt from them.\n\n"
      "%s\n"
      "Folders and characteristics.csv follow the published data set (muscle, then "
      "Healthy or\n"
      "Pathological, then Images and Masks). The label is measured on the pictures:\n\n"
      "  echo_intensity         mean grey of an image within its mask\n"
      "  muscle_echo_intensity  mean of the echo_intensity of the %d images of a muscle\n"
      "  z_measured             (muscle_echo_intensity - normal) / normal_sd\n"
      "  label                  pathological where z_measured > 2, else healthy\n\n"
      "normal and normal_sd are what a healthy person of this age, sex and size has on "
      "this\n"
      "scanner. truth.csv holds these columns for each image, and what was simulated, "
      "which is not\n"
      "the same as the label: image, subject, muscle, number, side, age (years), sex, "
      "length (cm),\n"
      "weight (kg), disease, severity and texture (0 to about 1), z_simulated (before "
      "exposure "
      "and\n"
      "position of the probe).\n",
      settings, NMD_DEMO_IMAGES);
}

/* What was measured, by subject − 1, muscle and image − 1. */
typedef double Measured[NMD_DEMO_N_MUSCLES][NMD_DEMO_IMAGES];

static gboolean
write_characteristics (const char *dir,
                       const NmdDemoSettings *s,
                       NmdDemoMuscle muscle,
                       gboolean is_pathological,
                       const Measured *measured,
                       GError **error)
{
  g_autofree char *path = g_build_filename (dir, nmd_demo_muscle_name (muscle),
                                            is_pathological ? "Pathological" : "Healthy",
                                            "characteristics.csv", NULL);
  g_autoptr (GString) text = g_string_new ("ID,age,length,weigth,sex\n");

  for (guint subject = 1; subject <= s->subjects; subject++)
    {
      NmdDemoFacts facts;
      NmdDemoMeasure measure;

      nmd_demo_compute_facts (s, subject, muscle, 1, &facts);
      nmd_demo_measure (&facts, measured[subject - 1][muscle], &measure);
      if (measure.is_pathological != is_pathological)
        continue;
      g_string_append_printf (text, "%u,%d,%d,%d,%s\n", subject, facts.age,
                              (int)facts.length, (int)facts.weight,
                              facts.is_male ? "M" : "F");
    }
  return nmd_file_write_text (path, text->str, error);
}

static void
append_truth (GString *text, const NmdDemoFacts *f, const Measured *measured)
{
  const double *echo_intensity = measured[f->subject - 1][f->muscle];
  NmdDemoMeasure m;
  g_autofree char *path = NULL;

  nmd_demo_measure (f, echo_intensity, &m);
  path = nmd_demo_get_path (f, m.is_pathological, FALSE);
  const double numbers[] = {
    round (f->severity * 1e4) / 1e4,
    round (f->texture * 1e4) / 1e4,
    round (f->z_simulated * 1e4) / 1e4,
    f->normal,
    f->normal_sd,
    echo_intensity[f->image - 1],
    m.echo_intensity,
    m.z,
  };

  g_string_append_printf (text, "%s,%u,%s,%u,%s,%d,%s,%d,%d,%s", path, f->subject,
                          nmd_demo_muscle_name (f->muscle), f->image,
                          f->is_right ? "right" : "left", f->age, f->is_male ? "M" : "F",
                          (int)f->length, (int)f->weight,
                          nmd_demo_disease_name (f->disease));
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_string_append_c (text, ',');
      nmd_number_append (text, numbers[i]);
    }
  g_string_append_printf (text, ",%s\n", m.is_pathological ? "pathological" : "healthy");
}

static gboolean
write_truth (const char *dir,
             const NmdDemoSettings *s,
             const Measured *measured,
             GError **error)
{
  g_autofree char *path = g_build_filename (dir, "truth.csv", NULL);
  g_autoptr (GString) text
      = g_string_new ("image,subject,muscle,number,side,age,sex,length,weight,disease,"
                      "severity,texture,z_simulated,normal,normal_sd,echo_intensity,"
                      "muscle_echo_intensity,z_measured,label\n");

  for (guint i = 0; i < nmd_demo_count_images (s); i++)
    {
      NmdDemoFacts facts;

      nmd_demo_get_facts (s, i, &facts);
      append_truth (text, &facts, measured);
    }
  return nmd_file_write_text (path, text->str, error);
}

/* Several threads */

/* The threads take muscles in the order of generation: their three scans have to be
 * measured before the folder is known. The caller's thread reports the images in that
 * order. The lock is a pthread one, which ThreadSanitizer sees. */
typedef struct
{
  const char *dir;
  NmdDemoSettings settings;
  GCancellable *cancellable;
  guint n_units; /* muscles of subjects */
  Measured *measured;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  guint next; /* under the lock, as what follows */
  gboolean *is_done;
  guint running;
  gboolean stop;
  GError *error; /* the first */
} Writer;

static gboolean
save_scan (const Writer *self,
           const NmdDemoScan *scan,
           gboolean is_pathological,
           GError **error)
{
  static const char *const texts[]
      = { "Source", "SYNTHETIC", "Comment", "SYNTHETIC", NULL };
  g_autofree char *image = nmd_demo_get_path (&scan->facts, is_pathological, FALSE);
  g_autofree char *mask = nmd_demo_get_path (&scan->facts, is_pathological, TRUE);
  g_autofree char *image_path = g_build_filename (self->dir, image, NULL);
  g_autofree char *mask_path = g_build_filename (self->dir, mask, NULL);

  return nmd_image_save_png (scan->mask, mask_path, 1, texts, error)
         && nmd_image_save_png (scan->image, image_path, 8, texts, error);
}

/* Makes, measures and writes the scans of one muscle. */
static gboolean
write_unit (Writer *self, guint unit, GError **error)
{
  NmdDemoScan *scans[NMD_DEMO_IMAGES] = { NULL };
  NmdDemoFacts facts;
  NmdDemoMeasure measure;
  double *measured = NULL;
  gboolean good = TRUE;

  for (guint i = 0; good && i < NMD_DEMO_IMAGES; i++)
    {
      good = !g_cancellable_set_error_if_cancelled (self->cancellable, error);
      if (!good)
        break;
      nmd_demo_get_facts (&self->settings, unit * NMD_DEMO_IMAGES + i, &facts);
      measured = self->measured[facts.subject - 1][facts.muscle];
      scans[i] = nmd_demo_scan_new (&self->settings, &facts);
      measured[i] = mean_in_mask (scans[i]->image, scans[i]->mask);
    }
  if (good)
    nmd_demo_measure (&facts, measured, &measure);
  for (guint i = 0; good && i < NMD_DEMO_IMAGES; i++)
    good = save_scan (self, scans[i], measure.is_pathological, error);
  for (guint i = 0; i < NMD_DEMO_IMAGES; i++)
    nmd_demo_scan_free (scans[i]);
  return good;
}

static void *
writer_thread (void *data)
{
  Writer *self = data;

  pthread_mutex_lock (&self->lock);
  while (!self->stop && self->next < self->n_units)
    {
      guint unit = self->next++;
      GError *error = NULL;
      gboolean ok = FALSE;

      pthread_mutex_unlock (&self->lock);
      ok = write_unit (self, unit, &error);
      pthread_mutex_lock (&self->lock);
      self->is_done[unit] = ok;
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
report_unit (const Writer *self, guint unit, NmdDemoProgress callback, gpointer user_data)
{
  for (guint i = 0; callback != NULL && i < NMD_DEMO_IMAGES; i++)
    {
      const guint index = unit * NMD_DEMO_IMAGES + i;
      g_autofree char *path = NULL, *full = NULL;
      NmdDemoFacts facts;
      NmdDemoMeasure measure;

      nmd_demo_get_facts (&self->settings, index, &facts);
      nmd_demo_measure (&facts, self->measured[facts.subject - 1][facts.muscle],
                        &measure);
      path = nmd_demo_get_path (&facts, measure.is_pathological, FALSE);
      full = g_build_filename (self->dir, path, NULL);
      callback (index + 1, self->n_units * NMD_DEMO_IMAGES, full, user_data);
    }
}

static gboolean
write_units (Writer *self, NmdDemoProgress callback, gpointer user_data, GError **error)
{
  pthread_t threads[NMD_DEMO_MAX_THREADS];
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
          guint unit = reported++;

          pthread_mutex_unlock (&self->lock);
          report_unit (self, unit, callback, user_data);
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

/* The folder */

/* Whether @dir may be written: TRUE with *is_complete set if it already holds this
 * cohort. */
static gboolean
check_folder (const char *dir,
              const NmdDemoSettings *s,
              gboolean *is_complete,
              GError **error)
{
  g_autofree char *path = g_build_filename (dir, "README.txt", NULL);
  g_autofree char *truth = g_build_filename (dir, "truth.csv", NULL);
  g_autofree char *text = NULL, *settings = describe_settings (s), *readme = describe (s);

  *is_complete = FALSE;
  if (nmd_file_is_empty_folder (dir))
    return TRUE;
  if (g_file_get_contents (path, &text, NULL, NULL)
      && g_str_has_prefix (text, "SYNTHETIC\n") && strstr (text, settings) != NULL)
    {
      *is_complete = g_file_test (truth, G_FILE_TEST_IS_REGULAR);
      if (*is_complete || strcmp (text, readme) == 0)
        return TRUE;
    }
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "Folder %s is not empty and holds no demo cohort of these settings", dir);
  return FALSE;
}

/* Calls @visit with every folder that the cohort has below @dir, the innermost first. */
static gboolean
visit_folders (const char *dir,
               gboolean (*visit) (const char *folder, GError **error),
               GError **error)
{
  static const char *const labels[] = { "Healthy", "Pathological" };

  for (guint m = 0; m < NMD_DEMO_N_MUSCLES; m++)
    {
      g_autofree char *muscle = g_build_filename (dir, nmd_demo_muscle_name (m), NULL);

      for (guint label = 0; label < 2; label++)
        {
          g_autofree char *parent = g_build_filename (muscle, labels[label], NULL);
          g_autofree char *images = g_build_filename (parent, "Images", NULL);
          g_autofree char *masks = g_build_filename (parent, "Masks", NULL);

          if (!visit (images, error) || !visit (masks, error) || !visit (parent, error))
            return FALSE;
        }
      if (!visit (muscle, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
remove_if_empty (const char *folder, GError **error)
{
  g_rmdir (folder); /* stays if somebody put something there */
  return TRUE;
}

static void
remove_file (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  g_unlink (path);
}

/* Removes what nmd_demo_write() may have written into @dir, and nothing else. */
static void
remove_cohort (const char *dir, const NmdDemoSettings *s)
{
  for (guint i = 0; i < nmd_demo_count_images (s); i++)
    {
      NmdDemoFacts facts;

      nmd_demo_get_facts (s, i, &facts);
      for (int k = 0; k < 4; k++)
        {
          g_autofree char *path = nmd_demo_get_path (&facts, k / 2, k % 2);

          remove_file (dir, path);
        }
    }
  for (guint i = 0; i < 2 * NMD_DEMO_N_MUSCLES; i++)
    {
      g_autofree char *name = g_build_filename (nmd_demo_muscle_name (i / 2),
                                                i % 2 ? "Pathological" : "Healthy",
                                                "characteristics.csv", NULL);

      remove_file (dir, name);
    }
  remove_file (dir, "truth.csv");
  remove_file (dir, "README.txt");
  visit_folders (dir, remove_if_empty, NULL);
}

static gboolean
write_cohort (Writer *self, NmdDemoProgress callback, gpointer user_data, GError **error)
{
  const NmdDemoSettings *s = &self->settings;
  g_autofree char *path = g_build_filename (self->dir, "README.txt", NULL);
  g_autofree char *readme = describe (s);

  if (!nmd_file_make_folder (self->dir, error)
      || !nmd_file_write_text (path, readme, error)
      || !visit_folders (self->dir, nmd_file_make_folder, error)
      || !write_units (self, callback, user_data, error))
    return FALSE;
  for (guint i = 0; i < 2 * NMD_DEMO_N_MUSCLES; i++)
    if (!write_characteristics (self->dir, s, i / 2, i % 2, self->measured, error))
      return FALSE;
  return write_truth (self->dir, s, self->measured, error);
}

/* Reports the first image of a cohort that is there. */
static void
report_first (const Writer *self, NmdDemoProgress callback, gpointer user_data)
{
  NmdDemoFacts facts;

  if (callback == NULL)
    return;
  nmd_demo_get_facts (&self->settings, 0, &facts);
  for (int label = 1; label >= 0; label--)
    {
      g_autofree char *path = nmd_demo_get_path (&facts, label, FALSE);
      g_autofree char *full = g_build_filename (self->dir, path, NULL);

      if (!g_file_test (full, G_FILE_TEST_IS_REGULAR))
        continue;
      callback (1, self->n_units * NMD_DEMO_IMAGES, full, user_data);
      return;
    }
}

gboolean
nmd_demo_write (const char *dir,
                const NmdDemoSettings *settings,
                NmdDemoProgress callback,
                gpointer user_data,
                GCancellable *cancellable,
                GError **error)
{
  Writer writer = { .dir = dir,
                    .settings = nmd_demo_with_defaults (settings),
                    .cancellable = cancellable };
  g_autofree gboolean *is_done = NULL;
  g_autofree Measured *measured = NULL;
  gboolean is_complete = FALSE, was_there = FALSE;

  g_return_val_if_fail (dir != NULL, FALSE);

  writer.n_units = writer.settings.subjects * NMD_DEMO_N_MUSCLES;
  if (!check_folder (dir, &writer.settings, &is_complete, error))
    return FALSE;
  if (is_complete)
    {
      report_first (&writer, callback, user_data);
      return TRUE;
    }
  was_there = g_file_test (dir, G_FILE_TEST_IS_DIR);
  is_done = writer.is_done = g_new0 (gboolean, writer.n_units);
  measured = writer.measured = g_new0 (Measured, writer.settings.subjects);
  if (write_cohort (&writer, callback, user_data, error))
    return TRUE;
  remove_cohort (dir, &writer.settings);
  if (!was_there)
    g_rmdir (dir);
  return FALSE;
}
