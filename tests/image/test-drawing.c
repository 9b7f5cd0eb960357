/* SPDX-License-Identifier: Apache-2.0
 *
 * Drawing on masks: shapes by definition, brush and history exact to the pixel, measures of known
 * figures, and the livewire: on an edge it follows it, and a simulated user with six clicks on real
 * scans gets the outline of the reference.
 */
#include "engine/core/nmd-random.h"
#include "engine/image/nmd-livewire.h"
#include "engine/image/nmd-mask-edit.h"
#include "engine/image/nmd-measure.h"
#include "engine/image/nmd-reader.h"

#include <math.h>
#include <string.h>
#include <time.h>

static gsize
count (const NmdImage *mask)
{
  gsize n = 0;

  for (gsize i = 0; i < (gsize)mask->width * mask->height; i++)
    n += mask->pixels[i] != 0;
  return n;
}

static void
assert_equal (const NmdImage *a, const NmdImage *b)
{
  gsize n = (gsize)a->width * a->height;

  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpmem (a->pixels, n, b->pixels, n);
}

static double
dice (const NmdImage *a, const NmdImage *b)
{
  gsize both = 0;

  for (gsize i = 0; i < (gsize)a->width * a->height; i++)
    both += a->pixels[i] != 0 && b->pixels[i] != 0;
  return 2.0 * (double)both / (double)(count (a) + count (b));
}

static void
test_ellipse (void)
{
  const double corners[][4]
      = { { 10, 8, 50, 30 }, { 50, 30, 10, 8 }, { -5.5, 3.2, 20.1, 70 }, { 3, 3, 3, 9 } };

  for (guint k = 0; k < G_N_ELEMENTS (corners); k++)
    {
      const double *c = corners[k];
      g_autoptr (NmdImage) mask = nmd_mask_new_ellipse (60, 40, c[0], c[1], c[2], c[3]);
      double a = fabs (c[2] - c[0]) / 2, b = fabs (c[3] - c[1]) / 2;
      for (int y = 0; y < 40; y++)
        for (int x = 0; x < 60; x++)
          {
            double u = (x + 0.5 - (c[0] + c[2]) / 2) / a,
                   v = (y + 0.5 - (c[1] + c[3]) / 2) / b;
            if (fabs (u * u + v * v - 1) > 1e-9)
              g_assert_cmpint (mask->pixels[y * 60 + x], ==, u * u + v * v < 1 ? 255 : 0);
          }
    }
}

static void
test_brush (void)
{
  g_autoptr (NmdImage) mask = nmd_image_new (64, 48);
  g_autoptr (NmdImage) expected = nmd_image_new (64, 48);

  nmd_mask_brush (mask, -3, 10, 40.25, 30.5, 6, TRUE);
  for (int y = 0; y < 48; y++)
    for (int x = 0; x < 64; x++)
      {
        /* distance to the segment, by its ends and its line */
        double ux = 43.25, uy = 20.5, px = x + 0.5 + 3, py = y + 0.5 - 10;
        double t = CLAMP ((px * ux + py * uy) / (ux * ux + uy * uy), 0, 1);
        expected->pixels[y * 64 + x] = hypot (px - t * ux, py - t * uy) <= 6 ? 255 : 0;
      }
  assert_equal (mask, expected);
  nmd_mask_brush (mask, 20, 20, 20, 20, 200, FALSE);
  g_assert_cmpuint (count (mask), ==, 0);
  nmd_mask_brush (mask, 5.5, 5.5, 5.5, 5.5, 0.1, TRUE);
  g_assert_cmpuint (count (mask), ==, 1);
  g_assert_cmpint (mask->pixels[5 * 64 + 5], ==, 255);
}

static void
test_join (void)
{
  const NmdBox left = { 0, 0, 6, 4 }, right = { 4, 1, 10, 6 };
  g_autoptr (NmdImage) a = nmd_mask_new_box (12, 8, &left);
  g_autoptr (NmdImage) b = nmd_mask_new_box (12, 8, &right);
  g_autoptr (NmdImage) replaced = nmd_mask_join (a, b, NMD_MASK_REPLACE);
  g_autoptr (NmdImage) added = nmd_mask_join (a, b, NMD_MASK_ADD);
  g_autoptr (NmdImage) cut = nmd_mask_join (a, b, NMD_MASK_SUBTRACT);
  g_autoptr (NmdImage) first = nmd_mask_join (NULL, b, NMD_MASK_ADD);
  g_autoptr (NmdImage) none = nmd_mask_join (NULL, b, NMD_MASK_SUBTRACT);

  assert_equal (replaced, b);
  assert_equal (first, b);
  g_assert_cmpuint (count (added), ==, 24 + 30 - 6);
  g_assert_cmpuint (count (cut), ==, 24 - 6);
  g_assert_cmpuint (count (none), ==, 0);
}

/* A random walk through states, forth and back; each must be what it was. */
static void
test_history (void)
{
  g_autoptr (GPtrArray) states
      = g_ptr_array_new_with_free_func ((GDestroyNotify)nmd_image_unref);
  g_autoptr (NmdMaskHistory) history = nmd_mask_history_new (97, 61, NULL);

  g_assert_false (nmd_mask_history_undo (history));
  g_assert_false (nmd_mask_history_is_changed (history));
  g_ptr_array_add (states, nmd_image_ref (nmd_mask_history_get (history)));
  for (int k = 0; k < 60; k++)
    {
      g_autoptr (NmdImage) next = nmd_mask_copy (nmd_mask_history_get (history));
      nmd_mask_brush (next, g_test_rand_double_range (0, 97),
                      g_test_rand_double_range (0, 61), g_test_rand_double_range (0, 97),
                      g_test_rand_double_range (0, 61), g_test_rand_double_range (1, 12),
                      k % 3 != 2);
      if (nmd_mask_history_push (history, next))
        g_ptr_array_add (states, g_steal_pointer (&next));
    }
  g_assert_false (nmd_mask_history_push (history, nmd_mask_history_get (history)));
  guint place = states->len - 1;
  for (int k = 0; k < 500; k++)
    {
      if (g_test_rand_bit ())
        place -= nmd_mask_history_undo (history) ? 1 : 0;
      else
        place += nmd_mask_history_redo (history) ? 1 : 0;
      assert_equal (nmd_mask_history_get (history), g_ptr_array_index (states, place));
      g_assert_cmpint (nmd_mask_history_can_undo (history), ==, place > 0);
      g_assert_cmpint (nmd_mask_history_can_redo (history), ==, place + 1 < states->len);
    }
  /* A new step after undoing cuts the rest off. */
  while (nmd_mask_history_undo (history))
    ;
  nmd_mask_history_push (history, g_ptr_array_index (states, 3));
  g_assert_false (nmd_mask_history_can_redo (history));
}

static void
test_history_is_bounded (void)
{
  g_autoptr (NmdMaskHistory) history = nmd_mask_history_new (1024, 768, NULL);
  g_autoptr (NmdImage) disc = nmd_mask_new_ellipse (1024, 768, 100, 100, 900, 700);
  guint n = 0;

  nmd_mask_history_push (history, disc);
  /* one run a row */
  g_assert_cmpuint (nmd_mask_history_get_size (history), ==, 600 * 8);
  for (int k = 0; k < 2 * NMD_MASK_HISTORY_STEPS; k++)
    {
      g_autoptr (NmdImage) next = nmd_mask_copy (nmd_mask_history_get (history));
      next->pixels[k] = 255;
      nmd_mask_history_push (history, next);
    }
  while (nmd_mask_history_undo (history))
    n++;
  g_assert_cmpuint (n, ==, NMD_MASK_HISTORY_STEPS);
  /* The empty mask of the beginning is out of reach. */
  g_assert_true (nmd_mask_history_is_changed (history));
}

static void
test_measures (void)
{
  const double a[2] = { 10, 10 }, b[2] = { 13, 14 }, c[2] = { 10, 20 }, d[2] = { 3, 10 };
  const NmdBox box = { 5, 7, 45, 19 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (64, 32, &box);
  g_autoptr (NmdImage) empty = nmd_image_new (4, 4);
  NmdEchoIntensity echo = { .n = 4 };

  g_assert_cmpfloat (nmd_measure_distance (a, b), ==, 5);
  g_assert_cmpfloat (nmd_measure_calibrate (a, c, 2), ==, 0.2);
  g_assert_cmpfloat (nmd_measure_calibrate (a, a, 2), ==, 0);
  g_assert_cmpfloat (nmd_measure_calibrate (a, c, 0), ==, 0);
  g_assert_cmpfloat_with_epsilon (nmd_measure_angle (c, a, d), 90, 1e-12);
  g_assert_cmpfloat_with_epsilon (nmd_measure_angle (b, a, b), 0, 1e-12);
  g_assert_true (isnan (nmd_measure_angle (a, a, b)));
  g_assert_cmpfloat (nmd_measure_thickness (mask), ==, 12);
  g_assert_true (isnan (nmd_measure_thickness (empty)));
  echo.histogram[10] = 2;
  echo.histogram[40] = 1;
  echo.histogram[90] = 1;
  g_assert_cmpfloat (nmd_echo_intensity_median (&echo), ==, 25);
  echo.histogram[5] = 1;
  echo.n = 5;
  g_assert_cmpfloat (nmd_echo_intensity_median (&echo), ==, 10);
  echo.n = 0;
  g_assert_true (isnan (nmd_echo_intensity_median (&echo)));
}

/* A bright disc in speckle. */
static NmdImage *
make_disc (int width, int height, double cx, double cy, double r, int contrast)
{
  NmdImage *image = nmd_image_new (width, height);
  NmdRandom stream;

  nmd_random_init (&stream, "disc");
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        int noise = (int)(nmd_random_bits (&stream) >> 56) / 6;
        gboolean inside = hypot (x + 0.5 - cx, y + 0.5 - cy) <= r;
        image->pixels[(gsize)y * width + x]
            = (guint8)(60 + (inside ? contrast : 0) + noise);
      }
  return image;
}

static void
assert_path (const GArray *path, int x0, int y0, int x1, int y1)
{
  const double *p = (const double *)path->data;
  double x = x0 + 0.5, y = y0 + 0.5;

  g_assert_cmpuint (path->len, >=, 2);
  for (guint i = 0; i + 1 < path->len; i += 2)
    {
      g_assert_cmpfloat (MAX (fabs (p[i] - x), fabs (p[i + 1] - y)), ==, 1);
      x = p[i];
      y = p[i + 1];
    }
  g_assert_cmpfloat (x, ==, x1 + 0.5);
  g_assert_cmpfloat (y, ==, y1 + 0.5);
}

static void
test_livewire_follows (void)
{
  g_autoptr (NmdImage) image = make_disc (320, 240, 160, 120, 80, 80);
  g_autoptr (NmdLivewire) wire = nmd_livewire_new (image);
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) again = g_array_new (FALSE, FALSE, sizeof (double));
  int x = 163, y = 35;

  nmd_livewire_snap (wire, 8, &x, &y);
  g_assert_cmpfloat (fabs (hypot (x + 0.5 - 160, y + 0.5 - 120) - 80), <, 2.5);
  nmd_livewire_set_seed (wire, 160, 40);
  nmd_livewire_get_path (wire, 239, 120, path);
  assert_path (path, 160, 40, 239, 120);
  for (guint i = 0; i < path->len; i += 2)
    {
      const double *p = &g_array_index (path, double, i);
      g_assert_cmpfloat (fabs (hypot (p[0] - 160, p[1] - 120) - 80), <, 3);
    }
  /* Asked for other ends in between, the same path. */
  nmd_livewire_get_path (wire, 20, 20, again);
  g_array_set_size (again, 0);
  nmd_livewire_get_path (wire, 239, 120, again);
  g_assert_cmpmem (path->data, path->len * 8, again->data, again->len * 8);
  /* To the seed itself there is no step. */
  g_array_set_size (again, 0);
  nmd_livewire_get_path (wire, 160, 40, again);
  g_assert_cmpuint (again->len, ==, 0);
}

static void
test_livewire_frame (void)
{
  g_autoptr (NmdImage) flat = nmd_image_new (900, 7);
  g_autoptr (NmdImage) dot = nmd_image_new (1, 1);
  g_autoptr (NmdLivewire) wire = nmd_livewire_new (flat);
  g_autoptr (NmdLivewire) small = nmd_livewire_new (dot);
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (double));
  int x = 0, y = 0;

  nmd_livewire_snap (small, 32, &x, &y);
  nmd_livewire_set_seed (small, 0, 0);
  nmd_livewire_get_path (small, 0, 0, path);
  g_assert_cmpuint (path->len, ==, 0);
  /* On a flat image straight on, and straight beyond the window. */
  nmd_livewire_set_seed (wire, 0, 3);
  nmd_livewire_get_path (wire, 899, 3, path);
  g_assert_cmpuint (path->len, ==, 2 * (NMD_LIVEWIRE_REACH + 1));
  g_assert_cmpfloat (g_array_index (path, double, path->len - 2), ==, 899.5);
  for (guint i = 1; i < path->len; i += 2)
    g_assert_cmpfloat (g_array_index (path, double, i), ==, 3.5);
}

static double
cpu_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* The largest search on a scan of the usual size: what one motion of the pointer can cost. */
static void
test_livewire_speed (void)
{
  g_autoptr (NmdImage) image = make_disc (1024, 768, 500, 380, 150, 60);
  g_autoptr (NmdLivewire) wire = nmd_livewire_new (image);
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (double));
  double best_seed = INFINITY, best_path = INFINITY;

  for (int k = 0; k < 5; k++)
    {
      double start = cpu_ms ();
      nmd_livewire_set_seed (wire, 500, 230);
      double seeded = cpu_ms ();
      nmd_livewire_get_path (wire, 500 + NMD_LIVEWIRE_REACH, 230 + NMD_LIVEWIRE_REACH,
                             path);
      best_seed = MIN (best_seed, seeded - start);
      best_path = MIN (best_path, cpu_ms () - seeded);
    }
  g_test_message ("seed %.1f ms, farthest path %.1f ms", best_seed, best_path);
}

/* Where the ray from the middle of @mask at @angle leaves it for good. */
static gboolean
border_at (const NmdImage *mask, double cx, double cy, double angle, int *x, int *y)
{
  gboolean found = FALSE;

  for (double r = 0; r < 2000; r += 0.5)
    {
      int px = (int)(cx + r * cos (angle)), py = (int)(cy + r * sin (angle));
      if (px < 0 || py < 0 || px >= mask->width || py >= mask->height)
        break;
      if (mask->pixels[(gsize)py * mask->width + px] == 0)
        continue;
      *x = px;
      *y = py;
      found = TRUE;
    }
  return found;
}

static NmdImage *
six_clicks (NmdImage *image, const NmdImage *mask, double cx, double cy)
{
  g_autoptr (NmdLivewire) wire = nmd_livewire_new (image);
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (double));
  int x[6], y[6];

  for (int k = 0; k < 6; k++)
    if (!border_at (mask, cx, cy, k * G_PI / 3, &x[k], &y[k]))
      return NULL;
  for (int k = 0; k < 6; k++)
    {
      nmd_livewire_set_seed (wire, x[k], y[k]);
      nmd_livewire_get_path (wire, x[(k + 1) % 6], y[(k + 1) % 6], points);
    }
  return nmd_mask_new_polygon (image->width, image->height, (const double *)points->data,
                               points->len / 2);
}

/* A border is clear if along it the 6 pixels outside differ from the 6 inside by at least 1.3 standard
 * deviations, for each of the six parts between clicks. Returns the least of the six. */
static double
clearness (const NmdImage *image, const NmdImage *mask, double cx, double cy)
{
  double worst = INFINITY;

  for (int part = 0; part < 6; part++)
    {
      double sum[2] = { 0 }, square[2] = { 0 };
      int n[2] = { 0 };
      for (double angle = part * G_PI / 3; angle < (part + 1) * G_PI / 3; angle += 0.02)
        {
          int x = 0, y = 0;
          if (!border_at (mask, cx, cy, angle, &x, &y))
            return 0;
          for (int r = -6; r <= 6; r++)
            {
              int px = (int)(x + 0.5 + r * cos (angle)),
                  py = (int)(y + 0.5 + r * sin (angle));
              if (r == 0 || px < 0 || py < 0 || px >= image->width || py >= image->height)
                continue;
              double v = image->pixels[(gsize)py * image->width + px];
              sum[r > 0] += v;
              square[r > 0] += v * v;
              n[r > 0]++;
            }
        }
      if (n[0] == 0 || n[1] == 0)
        return 0;
      double m0 = sum[0] / n[0], m1 = sum[1] / n[1];
      double variance = (square[0] / n[0] - m0 * m0 + square[1] / n[1] - m1 * m1) / 2;
      worst = MIN (worst, fabs (m1 - m0) / sqrt (MAX (variance, 1e-9)));
    }
  return worst;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

#define LEAST_CLEARNESS 1.3
#define N_SCANS 30

static void
test_livewire_user (void)
{
  g_autofree char *folder
      = g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "data", "busbra", NULL);
  g_autofree char *images = g_build_filename (folder, "Images", NULL);
  g_autoptr (GDir) dir = g_dir_open (images, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name = NULL;
  int n = 0, reached = 0;
  double sum = 0;

  if (dir == NULL)
    {
      g_test_skip ("the shared folder with real scans is not here");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len && n < N_SCANS; i++)
    {
      name = g_ptr_array_index (names, i);
      g_autofree char *mask_name = g_strdup_printf ("mask%s", name + strlen ("bus"));
      g_autofree char *path = g_build_filename (images, name, NULL);
      g_autofree char *mask_path = g_build_filename (folder, "Masks", mask_name, NULL);
      g_autoptr (NmdImage) image = nmd_image_load (path, NULL);
      g_autoptr (NmdImage) mask = nmd_mask_load (mask_path, NULL);
      double cx = 0, cy = 0;

      g_assert_nonnull (image);
      g_assert_nonnull (mask);
      for (int y = 0; y < mask->height; y++)
        for (int x = 0; x < mask->width; x++)
          if (mask->pixels[(gsize)y * mask->width + x] != 0)
            cx += x + 0.5, cy += y + 0.5;
      cx /= (double)count (mask);
      cy /= (double)count (mask);
      double clear = clearness (image, mask, cx, cy);
      if (!(clear >= LEAST_CLEARNESS))
        continue;
      g_autoptr (NmdImage) drawn = six_clicks (image, mask, cx, cy);
      if (drawn == NULL)
        continue;
      double agreement = dice (drawn, mask);
      g_test_message ("%s: clearness %.2f, Dice %.3f", name, clear, agreement);
      n++;
      reached += agreement >= 0.9;
      sum += agreement;
    }
  g_test_message ("%d of %d clear borders reach Dice 0.9, mean %.3f", reached, n,
                  sum / n);
  g_assert_cmpint (n, ==, N_SCANS);
  g_assert_cmpint (reached, >=, 27);
  g_assert_cmpfloat (sum / n, >, 0.94);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/drawing/ellipse", test_ellipse);
  g_test_add_func ("/drawing/brush", test_brush);
  g_test_add_func ("/drawing/join", test_join);
  g_test_add_func ("/drawing/history", test_history);
  g_test_add_func ("/drawing/history/bounded", test_history_is_bounded);
  g_test_add_func ("/drawing/measures", test_measures);
  g_test_add_func ("/drawing/livewire/follows", test_livewire_follows);
  g_test_add_func ("/drawing/livewire/frame", test_livewire_frame);
  g_test_add_func ("/drawing/livewire/speed", test_livewire_speed);
  g_test_add_func ("/drawing/livewire/user", test_livewire_user);
  return g_test_run ();
}
