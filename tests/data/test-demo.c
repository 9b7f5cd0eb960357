/* SPDX-License-Identifier: Apache-2.0
 *
 * The demo cohort: the same bits whatever the order and the threads, sizes and outlines,
 * the spread of echo intensity against the folder label, and the folder as readers find
 * it.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-number.h"
#include "engine/data/demo/nmd-demo.h"
#include "engine/image/nmd-reader.h"

#include <glib/gstdio.h>

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define PIXELS (NMD_DEMO_WIDTH * NMD_DEMO_HEIGHT)

static double
mean_in_mask (const NmdImage *image, const NmdImage *mask)
{
  double sum = 0, n = 0;

  for (int i = 0; i < PIXELS; i++)
    if (mask->pixels[i] != 0)
      {
        sum += image->pixels[i];
        n += 1;
      }
  return sum / n;
}

/* Share of pairs (positive, negative) in which the positive has the higher value. */
static double
area_under_curve (const double *value, const gboolean *is_positive, guint n)
{
  double wins = 0, pairs = 0;

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n; j++)
      if (is_positive[i] && !is_positive[j])
        {
          wins += value[i] > value[j] ? 1 : value[i] < value[j] ? 0 : 0.5;
          pairs += 1;
        }
  return wins / pairs;
}

static NmdDemoScan *
make_scan (const NmdDemoSettings *settings, guint index)
{
  NmdDemoFacts facts;

  nmd_demo_get_facts (settings, index, &facts);
  return nmd_demo_scan_new (settings, &facts);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
test_scan (void)
{
  for (int k = 0; k < 2; k++)
    for (guint i = 0; i < NMD_DEMO_N_MUSCLES; i++)
      {
        NmdDemoSettings settings = { 9, 4, k == 0 ? 'A' : 'B', 1 };
        g_autoptr (NmdDemoScan) scan = make_scan (&settings, i);
        guint area = 0, edge = 0;

        g_assert_cmpint (scan->image->width, ==, NMD_DEMO_WIDTH);
        g_assert_cmpint (scan->image->height, ==, NMD_DEMO_HEIGHT);
        g_assert_cmpint (scan->mask->width, ==, NMD_DEMO_WIDTH);
        g_assert_cmpint (scan->mask->height, ==, NMD_DEMO_HEIGHT);
        g_assert_true (scan->image->is_synthetic);
        for (int y = 0; y < NMD_DEMO_HEIGHT; y++)
          for (int x = 0; x < NMD_DEMO_WIDTH; x++)
            {
              guint8 m = scan->mask->pixels[y * NMD_DEMO_WIDTH + x];

              g_assert_true (m == 0 || m == 255);
              area += m != 0;
              edge += m != 0 && (x < 5 || y < 5 || x > 506 || y > 433);
            }
        g_assert_cmpuint (area, >, 20000);
        g_assert_cmpuint (area, <, 130000);
        g_assert_cmpuint (edge, ==, 0); /* clear of the border and of the words */
        if (k == 0)
          g_assert_cmpfloat (
              fabs (mean_in_mask (scan->image, scan->mask) - scan->facts.echo_intensity),
              <, 0.5);
        else
          g_assert_cmpfloat (
              fabs (mean_in_mask (scan->image, scan->mask) - scan->facts.echo_intensity),
              >, 3);
        /* border black, content not */
        g_assert_cmpuint (scan->image->pixels[200 * NMD_DEMO_WIDTH + 2], ==, 0);
        g_assert_cmpuint (scan->image->pixels[200 * NMD_DEMO_WIDTH + 509], ==, 0);
        g_assert_cmpuint (scan->image->pixels[200 * NMD_DEMO_WIDTH + 250], >, 10);
      }
}

/* A scan does not depend on the order, on the size of the cohort, or on a second call. */
static void
test_independent (void)
{
  NmdDemoSettings small = { 5, 1, 'A', 1 }, large = { 50, 1, 'A', 3 },
                  other = { 5, 2, 'A', 1 };
  g_autoptr (NmdDemoScan) last = make_scan (&small, 7);
  g_autoptr (NmdDemoScan) first = make_scan (&small, 2);
  g_autoptr (NmdDemoScan) again = make_scan (&small, 7);
  g_autoptr (NmdDemoScan) elsewhere = nmd_demo_scan_new (&large, &last->facts);
  g_autoptr (NmdDemoScan) seed = nmd_demo_scan_new (&other, &last->facts);

  g_assert_cmpmem (last->image->pixels, PIXELS, again->image->pixels, PIXELS);
  g_assert_cmpmem (last->mask->pixels, PIXELS, again->mask->pixels, PIXELS);
  g_assert_cmpmem (last->image->pixels, PIXELS, elsewhere->image->pixels, PIXELS);
  g_assert_cmpint (memcmp (last->image->pixels, first->image->pixels, PIXELS), !=, 0);
  g_assert_cmpint (memcmp (last->image->pixels, seed->image->pixels, PIXELS), !=, 0);
}

/* Each scan of the cohort comes once, whatever the number of subjects. */
static void
test_order (void)
{
  for (guint subjects = 1; subjects < 20; subjects += 3)
    {
      NmdDemoSettings settings = { subjects, 3, 'A', 1 };
      g_autoptr (GHashTable) seen
          = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      guint total = nmd_demo_count_images (&settings);

      g_assert_cmpuint (total, ==, subjects * 9);
      for (guint i = 0; i < total; i++)
        {
          NmdDemoFacts facts;

          nmd_demo_get_facts (&settings, i, &facts);
          g_assert_cmpuint (facts.subject, >=, 1);
          g_assert_cmpuint (facts.subject, <=, subjects);
          g_assert_true (
              g_hash_table_add (seen, nmd_demo_get_path (&facts, FALSE, FALSE)));
          g_assert_cmpuint (facts.image, ==, i % NMD_DEMO_IMAGES + 1);
        }
    }
}

/* z from the planned echo intensities of the three images of a muscle. */
static double
planned_z (const NmdDemoSettings *settings, guint index)
{
  const guint first = index - index % NMD_DEMO_IMAGES;
  double grey[NMD_DEMO_IMAGES];
  NmdDemoMeasure measure;
  NmdDemoFacts f;

  for (guint i = 0; i < NMD_DEMO_IMAGES; i++)
    {
      nmd_demo_get_facts (settings, first + i, &f);
      grey[i] = f.echo_intensity;
    }
  nmd_demo_measure (&f, grey, &measure);
  g_assert_cmpint (measure.is_pathological, ==, measure.z > 2);
  return measure.z;
}

/* The planned echo intensities of three cohorts; test_scan() ties the pictures to them.
 */
static void
test_statistics (void)
{
  for (guint64 seed = 1; seed <= 3; seed++)
    {
      NmdDemoSettings settings = { 60, seed, 'A', 1 };
      const guint n = nmd_demo_count_images (&settings);
      g_autofree double *grey = g_new (double, n), *texture = g_new (double, n);
      g_autofree gboolean *label = g_new (gboolean, n), *disease = g_new (gboolean, n);
      guint positive = 0, above = 0, below = 0, muscles = 0, labels = 0;
      double auc, by_texture;

      g_assert_cmpuint (n, ==, 540);
      for (guint i = 0; i < n; i++)
        {
          NmdDemoFacts f;

          nmd_demo_get_facts (&settings, i, &f);
          grey[i] = f.echo_intensity;
          texture[i] = f.texture;
          label[i] = planned_z (&settings, i) > 2;
          disease[i] = f.disease != NMD_DEMO_NO_DISEASE;
          positive += label[i];
          above += label[i] && !disease[i];
          below += disease[i] && !label[i];
          if (i < 9)
            {
              muscles |= 1u << f.muscle;
              labels |= 1u << label[i];
            }
        }
      auc = area_under_curve (grey, label, n);
      by_texture = area_under_curve (texture, label, n);
      g_test_message (
          "seed %d: %u pathological, %u healthy above, %u diseased below, AUC %.3f",
          (int)seed, positive, above, below, auc);
      g_assert_cmpuint (muscles, ==, 7);
      g_assert_cmpuint (labels, ==, 3);
      g_assert_cmpuint (positive, >, n / 5);
      g_assert_cmpuint (positive, <, n / 2);
      g_assert_cmpuint (below, >, 20);
      g_assert_cmpuint (above, >, 0);
      g_assert_cmpfloat (auc, >, 0.85);
      g_assert_cmpfloat (auc, <, 0.96);
      g_assert_cmpfloat (by_texture, <, 0.97);
      g_assert_cmpfloat (by_texture, >, 0.7);
    }
}

typedef struct
{
  guint calls, total;
  clock_t start, first; /* the processor's time: others may use the machine */
  GCancellable *cancel_after;
  GString *paths;
} Seen;

static void
note_image (guint done, guint total, const char *path, gpointer user_data)
{
  Seen *seen = user_data;

  if (seen->calls++ == 0)
    seen->first = clock () - seen->start;
  g_assert_cmpuint (done, ==, seen->calls);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  seen->total = total;
  if (seen->paths != NULL)
    g_string_append_printf (seen->paths, "%s\n", strstr (path, "SYN_"));
  if (seen->cancel_after != NULL && done == 2)
    g_cancellable_cancel (seen->cancel_after);
}

static void
check_same_file (const char *one, const char *two, const char *name)
{
  g_autofree char *a = g_build_filename (one, name, NULL),
                  *b = g_build_filename (two, name, NULL);
  g_autofree char *text_a = NULL, *text_b = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_a = 0, n_b = 0;

  g_assert_true (g_file_get_contents (a, &text_a, &n_a, &error));
  g_assert_true (g_file_get_contents (b, &text_b, &n_b, &error));
  g_assert_cmpmem (text_a, n_a, text_b, n_b);
}

static void
check_characteristics (const char *dir)
{
  guint rows = 0;

  for (int i = 0; i < 6; i++)
    {
      static const char *const muscles[] = { "BB", "GM", "TA" };
      g_autofree char *path
          = g_build_filename (dir, muscles[i / 2], i % 2 ? "Pathological" : "Healthy",
                              "characteristics.csv", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdCsv) csv = nmd_csv_load (path, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (nmd_csv_get_n_columns (csv), ==, 5);
      g_assert_cmpint (nmd_csv_find (csv, "weigth"), ==, 3);
      rows += nmd_csv_get_n_rows (csv);
    }
  g_assert_cmpuint (rows, ==, 3 * 2);
}

/* Two cohorts on one and on three threads: the same bytes, the facts in the files. */
static void
test_write (void)
{
  g_autofree char *root = g_dir_make_tmp ("nmd-demo-XXXXXX", NULL);
  g_autofree char *one = g_build_filename (root, "one", NULL),
                  *three = g_build_filename (root, "three", NULL);
  g_autofree char *truth = g_build_filename (one, "truth.csv", NULL);
  g_autoptr (GString) paths = g_string_new (NULL), other = g_string_new (NULL);
  NmdDemoSettings settings = { 2, 1, 'A', 1 };
  Seen seen = { .start = clock (), .paths = paths }, again = { .paths = other };
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdCsv) csv = NULL;

  g_assert_true (nmd_demo_write (one, &settings, note_image, &seen, NULL, &error));
  g_assert_cmpuint (seen.calls, ==, 18);
  g_assert_cmpuint (seen.total, ==, 18);
  g_test_message ("first picture after %.0f ms",
                  (double)seen.first * 1e3 / CLOCKS_PER_SEC);
  g_assert_cmpint (seen.first, <, 2 * CLOCKS_PER_SEC);
  settings.threads = 3;
  g_assert_true (nmd_demo_write (three, &settings, note_image, &again, NULL, &error));
  g_assert_cmpstr (paths->str, ==, other->str);
  check_same_file (one, three, "README.txt");
  check_same_file (one, three, "truth.csv");
  check_characteristics (one);
  csv = nmd_csv_load (truth, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, 18);
  for (guint row = 0; row < 18; row++)
    check_same_file (one, three, nmd_csv_get (csv, row, 0));
  /* complete: left alone; other settings: refused */
  again = (Seen){ 0 };
  g_assert_true (nmd_demo_write (one, &settings, note_image, &again, NULL, &error));
  g_assert_cmpuint (again.calls, ==, 1);
  settings.seed = 2;
  g_assert_false (nmd_demo_write (one, &settings, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
  remove_tree (root);
}

static double
number (const NmdCsv *csv, guint row, const char *column)
{
  int place = nmd_csv_find (csv, column);
  double value = NAN;

  g_assert_cmpint (place, >=, 0);
  g_assert_true (nmd_number_parse (nmd_csv_get (csv, row, (guint)place), &value, NULL));
  return value;
}

static const char *
text (const NmdCsv *csv, guint row, const char *column)
{
  return nmd_csv_get (csv, row, (guint)nmd_csv_find (csv, column));
}

/* Mean grey of the image in @row within its mask, from the files. */
static double
measure_file (const char *dir, const NmdCsv *csv, guint row)
{
  g_autofree char *path = g_build_filename (dir, text (csv, row, "image"), NULL);
  g_auto (GStrv) parts = g_strsplit (path, "/Images/", 2);
  g_autofree char *mask_path = g_strjoinv ("/Masks/", parts);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdImage) image = nmd_image_load (path, &error);
  g_autoptr (NmdImage) mask = nmd_mask_load (mask_path, &error);

  g_assert_no_error (error);
  g_assert_true (image->is_synthetic);
  return mean_in_mask (image, mask);
}

/* Everything that decides a label, again from the pictures and from truth.csv's columns,
 * to the last bit, for both scanners. */
static void
test_labels (void)
{
  for (int k = 0; k < 2; k++)
    {
      g_autofree char *root = g_dir_make_tmp ("nmd-demo-XXXXXX", NULL);
      g_autofree char *dir = g_build_filename (root, "cohort", NULL);
      g_autofree char *truth = g_build_filename (dir, "truth.csv", NULL);
      NmdDemoSettings settings = { 4, 7, k == 0 ? 'A' : 'B', 2 };
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdCsv) csv = NULL;
      double sum = 0;
      guint positive = 0, healthy = 0;

      g_assert_true (nmd_demo_write (dir, &settings, NULL, NULL, NULL, &error));
      csv = nmd_csv_load (truth, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, 36);
      for (guint row = 0; row < 36; row += NMD_DEMO_IMAGES)
        {
          double mean = 0, z = 0;

          for (guint i = 0; i < NMD_DEMO_IMAGES; i++)
            {
              double measured = measure_file (dir, csv, row + i);

              g_assert_cmpfloat (measured, ==, number (csv, row + i, "echo_intensity"));
              g_assert_cmpstr (text (csv, row, "subject"), ==,
                               text (csv, row + i, "subject"));
              g_assert_cmpstr (text (csv, row, "muscle"), ==,
                               text (csv, row + i, "muscle"));
              mean += measured;
            }
          mean /= NMD_DEMO_IMAGES;
          z = (mean - number (csv, row, "normal")) / number (csv, row, "normal_sd");
          for (guint i = row; i < row + NMD_DEMO_IMAGES; i++)
            {
              g_assert_cmpfloat (mean, ==, number (csv, i, "muscle_echo_intensity"));
              g_assert_cmpfloat (z, ==, number (csv, i, "z_measured"));
              g_assert_cmpstr (text (csv, i, "label"), ==,
                               z > 2 ? "pathological" : "healthy");
              g_assert_nonnull (strstr (text (csv, i, "image"),
                                        z > 2 ? "/Pathological/" : "/Healthy/"));
              /* on either scanner: what was drawn, up to exposure and position */
              g_assert_cmpfloat (fabs (z - number (csv, i, "z_simulated")), <, 1.5);
            }
          positive += z > 2;
          if (strcmp (text (csv, row, "disease"), "none") != 0)
            continue;
          sum += z;
          healthy++;
        }
      g_test_message ("scanner %c: %u of 12 pathological, healthy z %.2f",
                      settings.scanner, positive, sum / healthy);
      g_assert_cmpuint (positive, >, 0);
      g_assert_cmpuint (positive, <, 9);
      g_assert_cmpfloat (fabs (sum / healthy), <, 1);
      remove_tree (root);
    }
}

static guint
count_entries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Files over 64 KB cannot be written, as on a full disk: nothing stays. */
static void
test_full (void)
{
  const struct rlimit limit = { 64 * 1024, 64 * 1024 };
  g_autofree char *root = NULL, *dir = NULL;
  NmdDemoSettings settings = { 2, 1, 'A', 2 };
  g_autoptr (GError) error = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  root = g_dir_make_tmp ("nmd-demo-XXXXXX", NULL);
  dir = g_build_filename (root, "new", NULL);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_false (nmd_demo_write (dir, &settings, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (count_entries (root), ==, 0);
  g_clear_error (&error);
  /* an empty folder that was there stays, and so does what is not ours */
  g_assert_cmpint (g_mkdir_with_parents (dir, 0755), ==, 0);
  g_assert_false (nmd_demo_write (dir, &settings, NULL, NULL, NULL, &error));
  g_assert_cmpuint (count_entries (root), ==, 1);
  g_assert_cmpuint (count_entries (dir), ==, 0);
  remove_tree (root);
}

static void
test_cancel (void)
{
  g_autofree char *root = g_dir_make_tmp ("nmd-demo-XXXXXX", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  NmdDemoSettings settings = { 2, 1, 'A', 2 };
  Seen seen = { .cancel_after = cancellable }, again = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (
      nmd_demo_write (root, &settings, note_image, &seen, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (seen.calls, >=, 2);
  g_assert_cmpuint (seen.calls, <, 18);
  g_assert_cmpuint (count_entries (root), ==, 0);
  g_clear_error (&error);
  g_assert_true (nmd_demo_write (root, &settings, note_image, &again, NULL, &error));
  g_assert_cmpuint (again.calls, ==, 18);
  remove_tree (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/scan", test_scan);
  g_test_add_func ("/demo/independent", test_independent);
  g_test_add_func ("/demo/order", test_order);
  g_test_add_func ("/demo/statistics", test_statistics);
  g_test_add_func ("/demo/write", test_write);
  g_test_add_func ("/demo/labels", test_labels);
  g_test_add_func ("/demo/full", test_full);
  g_test_add_func ("/demo/cancel", test_cancel);
  return g_test_run ();
}
