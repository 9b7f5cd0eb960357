/* SPDX-License-Identifier: Apache-2.0
 *
 * The letterbox against its definition: where an image lies, that points come back, that what is
 * enlarged is what was there; prompts as channels. Parts of masks are tested beside their golden
 * values in tests/eval/test-outlines.c.
 */
#include "engine/image/nmd-letterbox.h"

#include <math.h>
#include <string.h>

static void
test_content (void)
{
  static const struct
  {
    int width, height, size;
    NmdBox content;
  } table[] = {
    { 512, 480, 256, { 0, 8, 256, 248 } }, { 480, 512, 256, { 8, 0, 248, 256 } },
    { 256, 256, 256, { 0, 0, 256, 256 } }, { 100, 33, 64, { 0, 21, 64, 42 } }, /* 21.12 */
    { 100, 35, 64, { 0, 21, 64, 43 } },                                        /* 22.4 */
    { 1000, 1, 64, { 0, 31, 64, 32 } }, /* at least a row */
    { 1, 1, 32, { 0, 0, 32, 32 } },     /* enlarged */
    { 3, 2, 6, { 0, 1, 6, 5 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      NmdLetterbox box;

      nmd_letterbox_init (&box, table[i].width, table[i].height, table[i].size);
      g_assert_cmpint (box.content.x0, ==, table[i].content.x0);
      g_assert_cmpint (box.content.y0, ==, table[i].content.y0);
      g_assert_cmpint (box.content.x1, ==, table[i].content.x1);
      g_assert_cmpint (box.content.y1, ==, table[i].content.y1);
      for (int k = 0; k < 3; k++)
        {
          double x = table[i].width * k / 2.0, y = table[i].height * k / 2.0;
          const double x0 = x, y0 = y;

          nmd_letterbox_to_field (&box, &x, &y);
          g_assert_cmpfloat_with_epsilon (
              x, box.content.x0 + k * (box.content.x1 - box.content.x0) / 2.0, 1e-9);
          nmd_letterbox_from_field (&box, &x, &y);
          g_assert_cmpfloat_with_epsilon (x, x0, 1e-9);
          g_assert_cmpfloat_with_epsilon (y, y0, 1e-9);
        }
    }
}

static NmdImage *
make_image (int width, int height)
{
  NmdImage *image = nmd_image_new (width, height);
  NmdRandom stream;

  nmd_random_init (&stream, "letterbox");
  for (int i = 0; i < width * height; i++)
    image->pixels[i] = (guint8)(1 + nmd_random_below (&stream, 255));
  return image;
}

/* Content is what the tested filters make of the image; around it are zeros. */
static void
test_image (void)
{
  g_autoptr (NmdImage) image = make_image (90, 60);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (NmdImage) small = nmd_image_resize (image, 48, 32);
  g_autoptr (NmdImage) median = nmd_image_median (small, 5);
  g_autoptr (NmdImage) clahe = nmd_image_clahe (median, 2.0, 8);
  NmdLetterbox box;

  nmd_letterbox_init (&box, 90, 60, 48);
  for (int pass = 0; pass < 3; pass++)
    {
      const NmdImage *expected = pass == 0 ? small : pass == 1 ? median : clahe;
      g_autoptr (NmdImage) field = NULL;

      nmd_parameters_set (parameters, "median", pass > 0, NULL);
      nmd_parameters_set (parameters, "clahe", pass > 1, NULL);
      field = nmd_letterbox_image (&box, image, pass == 0 ? NULL : parameters);
      g_assert_cmpint (field->width, ==, 48);
      g_assert_cmpint (field->height, ==, 48);
      for (int y = 0; y < 48; y++)
        for (int x = 0; x < 48; x++)
          g_assert_cmpint (field->pixels[y * 48 + x], ==,
                           y < 8 || y >= 40 ? 0 : expected->pixels[(y - 8) * 48 + x]);
    }
}

/* A half plane keeps its border to half a pixel of the field, and comes back there. */
static void
test_mask_and_back (void)
{
  g_autoptr (NmdImage) mask = nmd_image_new (300, 200);
  g_autoptr (NmdImage) field = NULL;
  g_autofree float *values = g_new (float, 64 * 64);
  g_autofree float *out = g_new (float, 300 * 200);
  NmdLetterbox box;
  int first = 0;

  for (int i = 0; i < 300 * 200; i++)
    mask->pixels[i] = i % 300 >= 150 ? 1 : 0;
  nmd_letterbox_init (&box, 300, 200, 64);
  field = nmd_letterbox_mask (&box, mask);
  for (int i = 0; i < 64 * 64; i++)
    {
      const int x = i % 64, y = i / 64;
      const gboolean inside = y >= box.content.y0 && y < box.content.y1;

      g_assert_cmpint (field->pixels[i], ==, inside && x >= 32 ? 255 : 0);
      values[i] = field->pixels[i] != 0 ? 1 : 0;
    }
  nmd_letterbox_enlarge (&box, values, out);
  while (out[first] < 0.5f)
    first++;
  g_assert_cmpint (first, ==, 150);
  /* padding does not bleed into the first and last row */
  for (int y = 0; y < 200; y++)
    g_assert_cmpfloat (out[y * 300 + 299], ==, 1);
}

/* Bilinear with half-pixel centres reproduces a plane away from the edges. */
static void
test_enlarge_plane (void)
{
  g_autofree float *field = g_new0 (float, 32 * 32), *out = g_new (float, 100 * 80);
  NmdLetterbox box;

  nmd_letterbox_init (&box, 100, 80, 32);
  for (int y = 0; y < 32; y++)
    for (int x = 0; x < 32; x++)
      {
        double ux = x + 0.5, uy = y + 0.5;

        nmd_letterbox_from_field (&box, &ux, &uy);
        field[y * 32 + x] = (float)(0.25 * ux - 0.125 * uy);
      }
  nmd_letterbox_enlarge (&box, field, out);
  for (int y = 2; y < 78; y++)
    for (int x = 2; x < 98; x++)
      g_assert_cmpfloat_with_epsilon ((double)out[y * 100 + x],
                                      0.25 * (x + 0.5) - 0.125 * (y + 0.5), 1e-4);
}

static void
test_input (void)
{
  enum
  {
    S = 64,
    N = S * S
  };
  g_autofree float *grey = g_new (float, N), *out = g_new (float, 3 * N);
  NmdPrompts prompts = { .has_box = TRUE, .x0 = 10, .y0 = 20, .x1 = 30, .y1 = 40 };
  NmdPrompts moved;
  NmdLetterbox box;
  double sum = 0;

  for (int i = 0; i < N; i++)
    grey[i] = (float)i / N;
  nmd_segment_input (grey, NULL, S, out);
  for (int i = 0; i < N; i++)
    g_assert_true (out[i] == grey[i] - 0.5f && out[N + i] == 0 && out[2 * N + i] == 0);

  prompts.n_clicks = 2;
  prompts.clicks[0].x = 15.5;
  prompts.clicks[0].y = 25.5;
  prompts.clicks[0].is_positive = TRUE;
  prompts.clicks[1].x = 50.5;
  prompts.clicks[1].y = 8.5;
  nmd_segment_input (grey, &prompts, S, out);
  for (int i = 0; i < N; i++)
    sum += (double)out[N + i];
  g_assert_cmpfloat (sum, ==, 20 * 20);
  g_assert_true (out[N + 20 * S + 10] == 1 && out[N + 20 * S + 9] == 0);
  g_assert_cmpfloat_with_epsilon ((double)out[2 * N + 25 * S + 15], 1, 1e-6);
  g_assert_cmpfloat_with_epsilon ((double)out[2 * N + 25 * S + 16], exp (-0.5), 1e-6);
  g_assert_cmpfloat_with_epsilon ((double)out[2 * N + 8 * S + 50], -1, 1e-6);

  /* two clicks at one place stay within the range */
  prompts.clicks[1] = prompts.clicks[0];
  nmd_segment_input (grey, &prompts, S, out);
  g_assert_cmpfloat ((double)out[2 * N + 25 * S + 15], ==, 1);

  nmd_letterbox_init (&box, 128, 64, S);
  nmd_prompts_to_field (&prompts, &box, &moved);
  g_assert_cmpfloat_with_epsilon (moved.x1, 15, 1e-9);
  g_assert_cmpfloat_with_epsilon (moved.y1, 16 + 20, 1e-9);
  g_assert_cmpfloat_with_epsilon (moved.clicks[0].y, 16 + 12.75, 1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/letterbox/content", test_content);
  g_test_add_func ("/letterbox/image", test_image);
  g_test_add_func ("/letterbox/mask-and-back", test_mask_and_back);
  g_test_add_func ("/letterbox/enlarge-plane", test_enlarge_plane);
  g_test_add_func ("/letterbox/input", test_input);
  return g_test_run ();
}
