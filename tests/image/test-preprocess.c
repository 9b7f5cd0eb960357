/* SPDX-License-Identifier: Apache-2.0
 *
 * The fixed stages and augmentation. Filters are compared with the digests of what
 * Pillow 10.4 and OpenCV 4.10 make of the same synthetic pixels, with slow definitions
 * written here, and, where the shared folder is there, with stored stages of real scans.
 */
#include "engine/image/nmd-preprocess.h"
#include "engine/image/nmd-reader.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

/* Noise, or noise on a curved ramp that wraps. */
static NmdImage *
make_image (int width, int height, gboolean smooth)
{
  NmdImage *image = nmd_image_new (width, height);
  NmdRandom stream;

  nmd_random_init (&stream, "image");
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        int v = (int)(nmd_random_bits (&stream) >> 56);

        if (smooth)
          v = v / 8 + 60 + (x * x / (width + 7) + 3 * y * x / (width + height)) % 150;
        image->pixels[(gsize)y * width + x] = (guint8)v;
      }
  return image;
}

static void
assert_digest (NmdImage *image, const char *expected)
{
  g_autofree char *digest = g_compute_checksum_for_data (
      G_CHECKSUM_SHA256, image->pixels, (gsize)image->width * image->height);

  digest[16] = 0;
  g_assert_cmpstr (digest, ==, expected);
  nmd_image_unref (image);
}

static void
test_digests (void)
{
  /* clang-format off */
  static const struct
  {
    int width, height;
    gboolean smooth;
    const char *digests[6]; /* resize to 224 × 224, to 31 × 7, median 3, 5, clahe 2.0 8, 3.5 3 */
  } table[] = {
    { 224, 224, FALSE, { "d735942cb2da7b6b", "8ed3bc83daf8299f", "ba06fca00c4b42a8", "219ae86b59cbf4e9", "7687c86028467086", "e3ecd627e5d69d88" } },
    { 224, 224, TRUE, { "307a8bf9e70ee3e1", "54a31e2458b653cb", "00cdd15050e26a6c", "cb0bcd371e385641", "593fb17942b0381c", "81610acfa4ad2233" } },
    { 1, 1, FALSE, { "03ef4b12965fb23a", "6e133345cd17fd08", "149488d869cbef08", "149488d869cbef08", "a8100ae6aa1940d0", "a8100ae6aa1940d0" } },
    { 1, 1, TRUE, { "514d162f4f8fe1d7", "7e0c62851ca75eea", "8c2574892063f995", "8c2574892063f995", "a8100ae6aa1940d0", "a8100ae6aa1940d0" } },
    { 5, 3, FALSE, { "32775837538e8807", "33095f013f70cfc9", "96d9982521b926cf", "6db2d5fa154b1647", "1af19d728e52c157", "110255bb3d643b1d" } },
    { 5, 3, TRUE, { "b2af7b3d6c5a016f", "bc9190e806ced33b", "bfc529b26b60e2ad", "5dc6b81b7f30dd2f", "f567fcbad5b9b69a", "9e3a945b8f29becf" } },
    { 13, 37, FALSE, { "9cb922b32dada9d3", "5709ad204a5042c6", "e3da0132f5b47561", "7eff4d0e5d0c7661", "34ddac2307a93cc5", "906ab9cd599b8a51" } },
    { 13, 37, TRUE, { "ea80a03d532cf53e", "de9990dcc2ae161f", "98f7b4811dc5c4d0", "f7bb87bf364c8c4e", "46087760fd63589a", "0f38f5612e9885ac" } },
    { 97, 101, FALSE, { "41883be70da54a19", "5d439493b25ad029", "c1e1259121a598a8", "f0f09844d3cb5b68", "5b7e69684ba410bf", "4ee2e77d7cafbd72" } },
    { 97, 101, TRUE, { "b994c3d2cc698cfd", "d52d89f3db926bc4", "b88985e8aaa55e73", "b99f95306d62819b", "1efa409e5eec1edb", "47fc568f2bc75d74" } },
    { 240, 131, FALSE, { "31c4a10fbd288f18", "b901f291d895f77d", "85754dbe917e70f3", "934249e55a07b28b", "9a867fe6912e64e6", "357abd6ee1c768ca" } },
    { 240, 131, TRUE, { "e4e11185c84f2eb8", "261c862ab2b8bd35", "7b56e64bfcf6407d", "13f2ab01f9d36fbb", "b4c96eec937e1fc0", "7525cda973ac6c56" } },
    { 300, 17, FALSE, { "024dc96e6a7ec94b", "a0a323f0e8a30121", "7ecf311f27541726", "f646fc4125efd54b", "60a7b77f76033fc4", "a07be55484201bda" } },
    { 300, 17, TRUE, { "724feb98b468c724", "e2ac7e1dc880a79b", "0f2a56cc25721546", "ead886c889a5a016", "c5407e92a9ff8965", "061173b38b953e2f" } },
    { 423, 208, FALSE, { "12242e430d86d532", "827a270c8d0f0bea", "9205c67d4b03b3f3", "ee8be74bd028216e", "be3d59d3b791932d", "d7fbb446d663539f" } },
    { 423, 208, TRUE, { "885727768e6ae621", "68d1fdfe6e75fe1b", "20951006fe181849", "e2b8012e3229b12b", "640563d7a2e46961", "5f2c5c4dcd71c5b4" } },
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (NmdImage) image
          = make_image (table[i].width, table[i].height, table[i].smooth);

      assert_digest (nmd_image_resize (image, 224, 224), table[i].digests[0]);
      assert_digest (nmd_image_resize (image, 31, 7), table[i].digests[1]);
      assert_digest (nmd_image_median (image, 3), table[i].digests[2]);
      assert_digest (nmd_image_median (image, 5), table[i].digests[3]);
      assert_digest (nmd_image_clahe (image, 2.0, 8), table[i].digests[4]);
      assert_digest (nmd_image_clahe (image, 3.5, 3), table[i].digests[5]);
    }
}

/* What Pillow makes of small pictures with BILINEAR. 11.3 and before filter rows first, which is the
 * definition; 13 filters columns first where the width grows and the height shrinks, and rounds differently
 * there. */
static void
test_resize_numbers (void)
{
  /* clang-format off */
  static const struct
  {
    int from[2], to[2];
    guint8 pillow_11[72], pillow_13[72];
  } table[] = {
    { { 5, 12 }, { 8, 7 },
      { 49, 65, 88, 114, 142, 169, 134, 105, 141, 109, 72, 111, 131, 130, 135, 140, 133, 152, 174, 146,
        121, 97, 144, 182, 172, 163, 151, 139, 127, 114, 113, 113, 129, 128, 128, 131, 132, 131, 134, 136,
        136, 120, 101, 123, 139, 149, 169, 184, 155, 119, 76, 117, 145, 163, 122, 89 },
      { 49, 65, 88, 115, 142, 169, 134, 105, 141, 109, 72, 111, 131, 130, 136, 140, 133, 152, 174, 147,
        121, 97, 144, 182, 172, 163, 151, 139, 127, 114, 113, 113, 129, 128, 127, 130, 132, 131, 134, 136,
        136, 120, 101, 123, 139, 149, 169, 184, 155, 119, 77, 117, 145, 162, 122, 89 } },
    { { 12, 5 }, { 7, 8 },
      { 18, 76, 143, 184, 52, 75, 133, 65, 132, 133, 156, 118, 87, 125, 124, 195, 121, 116, 198, 100, 114,
        119, 115, 137, 76, 159, 76, 102, 106, 94, 126, 98, 134, 95, 93, 86, 133, 88, 182, 123, 156, 86, 140,
        132, 144, 154, 87, 140, 75, 184, 128, 191, 126, 60, 123, 67 },
      { 18, 76, 143, 184, 52, 75, 133, 65, 132, 133, 156, 118, 87, 125, 124, 195, 121, 116, 198, 100, 114,
        119, 115, 137, 76, 159, 76, 102, 106, 94, 126, 98, 134, 95, 93, 86, 133, 88, 182, 123, 156, 86, 140,
        132, 144, 154, 87, 140, 75, 184, 128, 191, 126, 60, 123, 67 } },
    { { 11, 9 }, { 4, 5 },
      { 95, 137, 135, 92, 109, 120, 129, 103, 151, 144, 124, 119, 145, 122, 127, 159, 126, 139, 119, 116 },
      { 95, 137, 135, 92, 109, 120, 129, 103, 151, 144, 124, 119, 145, 122, 127, 159, 126, 139, 119, 116 } },
  };
  /* clang-format on */

  for (gsize t = 0; t < G_N_ELEMENTS (table); t++)
    {
      g_autoptr (NmdImage) image = nmd_image_new (table[t].from[0], table[t].from[1]);
      g_autoptr (NmdImage) out = NULL;

      for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
          image->pixels[y * image->width + x] = (guint8)(x * 37 + y * 101 + x * y * 13);
      out = nmd_image_resize (image, table[t].to[0], table[t].to[1]);
      for (int i = 0; i < out->width * out->height; i++)
        {
          g_assert_cmpint (out->pixels[i], ==, table[t].pillow_11[i]);
          g_assert_cmpint (ABS (out->pixels[i] - table[t].pillow_13[i]), <=, 1);
        }
    }
}

static int
compare_bytes (gconstpointer a, gconstpointer b)
{
  return *(const guint8 *)a - *(const guint8 *)b;
}

static void
test_median_definition (void)
{
  static const int sizes[][2]
      = { { 1, 9 }, { 9, 1 }, { 2, 2 }, { 16, 5 }, { 17, 6 }, { 33, 12 } };

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int size = 3; size <= 5; size += 2)
      {
        int w = sizes[s][0], h = sizes[s][1];
        g_autoptr (NmdImage) image = make_image (w, h, s % 2);
        g_autoptr (NmdImage) median = nmd_image_median (image, size);

        for (int y = 0; y < h; y++)
          for (int x = 0; x < w; x++)
            {
              guint8 window[25];

              for (int i = 0; i < size * size; i++)
                window[i] = image->pixels[CLAMP (y + i / size - size / 2, 0, h - 1) * w
                                          + CLAMP (x + i % size - size / 2, 0, w - 1)];
              qsort (window, size * size, 1, compare_bytes);
              g_assert_cmpuint (median->pixels[y * w + x], ==, window[size * size / 2]);
            }
      }
}

/* A flat picture stays flat; contrast of a faint edge grows with the limit. */
static void
test_clahe_sense (void)
{
  g_autoptr (NmdImage) image = nmd_image_new (64, 64);
  g_autoptr (NmdImage) weak = NULL, strong = NULL;

  for (int i = 0; i < 64 * 64; i++)
    image->pixels[i] = i % 8 < 4 ? 100 : 104;
  weak = nmd_image_clahe (image, 1.0, 4);
  strong = nmd_image_clahe (image, 10.0, 4);
  g_assert_cmpint (weak->pixels[32 * 64 + 4] - weak->pixels[32 * 64 + 3], <=,
                   strong->pixels[32 * 64 + 4] - strong->pixels[32 * 64 + 3] - 5);
}

static void
test_roi (void)
{
  g_autoptr (NmdImage) mask = nmd_image_new (100, 60), image = make_image (100, 60, TRUE);
  g_autoptr (NmdImage) keep = NULL, black = NULL;
  NmdBox box = { 1, 2, 3, 4 }, wide;

  g_assert_false (nmd_mask_get_bounds (mask, &box));
  mask->pixels[20 * 100 + 40] = 255;
  mask->pixels[44 * 100 + 4] = 1;
  g_assert_true (nmd_mask_get_bounds (mask, &box));
  g_assert_cmpint (box.x0, ==, 4);
  g_assert_cmpint (box.x1, ==, 41);
  g_assert_cmpint (box.y0, ==, 20);
  g_assert_cmpint (box.y1, ==, 45);
  wide = nmd_box_widen (&box, 0.1, 100, 60); /* 37 wide: 4; 25 high: 2.5 rounds up to 3 */
  g_assert_cmpint (wide.x0, ==, 0);
  g_assert_cmpint (wide.x1, ==, 45);
  g_assert_cmpint (wide.y0, ==, 17);
  g_assert_cmpint (wide.y1, ==, 48);
  wide = nmd_box_widen (&box, 0, 100, 60);
  g_assert_cmpmem (&wide, sizeof wide, &box, sizeof box);

  keep = nmd_image_crop (image, &box, NULL);
  black = nmd_image_crop (image, &box, mask);
  for (int y = 0; y < 25; y++)
    for (int x = 0; x < 37; x++)
      {
        guint8 v = image->pixels[(y + 20) * 100 + x + 4];

        g_assert_cmpuint (keep->pixels[y * 37 + x], ==, v);
        g_assert_cmpuint (black->pixels[y * 37 + x], ==,
                          (x == 36 && y == 0) || (x == 0 && y == 24) ? v : 0);
      }
}

static void
test_echo_intensity (void)
{
  g_autoptr (NmdImage) image = nmd_image_new (4, 1), mask = nmd_image_new (4, 1);
  NmdEchoIntensity echo;

  memcpy (image->pixels, ((guint8[]){ 10, 20, 60, 255 }), 4);
  nmd_echo_intensity (image, mask, &echo);
  g_assert_cmpint (echo.n, ==, 0);
  g_assert_true (isnan (echo.mean) && isnan (echo.sd));

  image->coloured = g_new0 (guint8, 4);
  image->coloured[1] = image->coloured[3] = 1;
  memcpy (mask->pixels, ((guint8[]){ 255, 255, 1, 0 }), 4);
  nmd_echo_intensity (image, mask, &echo);
  g_assert_cmpint (echo.n, ==, 3);
  g_assert_cmpint (echo.n_coloured, ==, 1);
  g_assert_cmpfloat_with_epsilon (echo.mean, 30.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (echo.sd, sqrt (1400.0 / 3), 1e-12);
  g_assert_cmpuint (echo.histogram[60], ==, 1);
  g_assert_cmpuint (echo.histogram[255], ==, 0);
}

static void
test_switches (void)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (NmdImage) image = make_image (90, 70, TRUE);
  g_autoptr (NmdImage) mask = nmd_mask_new_box (90, 70, &(NmdBox){ 30, 20, 60, 50 });
  g_autoptr (NmdImage) empty = nmd_image_new (90, 70);

  for (int i = 0; i < 4; i++)
    {
      g_auto (NmdStages) stages = { 0 };
      g_autoptr (NmdImage) expected = NULL;

      g_assert_true (nmd_parameters_set (parameters, "median", i & 1, NULL));
      g_assert_true (nmd_parameters_set (parameters, "clahe", i >> 1, NULL));
      nmd_preprocess (image, mask, parameters, &stages);
      g_assert_cmpint (stages.source, ==, NMD_ROI_MASK);
      g_assert_cmpint (stages.box.x0, ==, 27);
      g_assert_cmpint (stages.roi->width, ==, 36);
      g_assert_cmpint (stages.median == stages.resize, ==, !(i & 1));
      g_assert_cmpint (stages.clahe == stages.median, ==, !(i >> 1));
      if (i >> 1)
        {
          expected = nmd_image_clahe (stages.median, 2.0, 8);
          g_assert_cmpmem (stages.clahe->pixels, 224 * 224, expected->pixels, 224 * 224);
        }
    }
  for (int i = 0; i < 2; i++)
    {
      g_auto (NmdStages) stages = { 0 };

      nmd_preprocess (image, i == 0 ? NULL : empty, parameters, &stages);
      g_assert_cmpint (stages.source, ==, NMD_ROI_FRAME);
      g_assert_cmpmem (stages.roi->pixels, 90 * 70, image->pixels, 90 * 70);
    }
  for (int i = 0; i < 2; i++)
    {
      g_auto (NmdStages) stages = { 0 };

      g_assert_true (nmd_parameters_set (parameters, "background", i, NULL));
      nmd_preprocess (image, mask, parameters, &stages);
      g_assert_cmpint (stages.roi->pixels[0] == 0, ==, i);
    }
}

static void
test_draw (void)
{
  static const char *const steps[] = { "crop", "flip", "brightness", "contrast" };
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  NmdAugmentation a = { 0 }, b = { 0 };
  NmdRandom stream;
  int flips = 0, moved = 0;
  double least = 1, most_aspect = 0, lows = 0;

  for (int i = 0; i < 2000; i++)
    {
      g_autofree char *id = g_strdup_printf ("%d.png", i);
      double w, h;

      nmd_random_init_for (&stream, 1, "augment", 0, id);
      nmd_augmentation_draw (&a, parameters, &stream);
      nmd_random_init_for (&stream, 1, "augment", 0, id);
      nmd_augmentation_draw (&b, parameters, &stream);
      g_assert_cmpmem (&a, sizeof a, &b, sizeof b);
      g_assert_true (0 <= a.crop.x0 && a.crop.x1 <= 224 && 0 <= a.crop.y0
                     && a.crop.y1 <= 224);
      w = a.crop.x1 - a.crop.x0;
      h = a.crop.y1 - a.crop.y0;
      least = MIN (least, w * h / (224 * 224));
      most_aspect = MAX (most_aspect, w / h);
      g_assert_true (0.8 <= a.brightness && a.brightness <= 1.2);
      g_assert_true (0.8 <= a.contrast && a.contrast <= 1.2);
      lows += a.contrast < 0.9;
      flips += a.flip;
      moved += a.crop.x0 > 0 || a.crop.y0 > 0;
    }
  g_assert_cmpfloat (least, >, 0.79);
  g_assert_cmpfloat (least, <, 0.81);
  g_assert_cmpfloat (most_aspect, >, 1.2);
  g_assert_cmpfloat (most_aspect, <, 1.35);
  g_assert_cmpint (ABS (flips - 1000), <, 90); /* 4 standard deviations */
  g_assert_cmpfloat (fabs (lows - 500), <, 80);
  g_assert_cmpint (moved, >, 1500);

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    g_assert_true (nmd_parameters_set (parameters, steps[i], 0, NULL));
  nmd_random_init (&stream, "x");
  nmd_augmentation_draw (&a, parameters, &stream);
  g_assert_cmpuint (stream.next, ==, 0);
  g_assert_true (a.crop.x1 == 224 && a.crop.y1 == 224 && !a.flip);
  g_assert_cmpfloat (a.brightness * a.contrast, ==, 1.0);
}

static void
test_apply (void)
{
  /* clang-format off */
  static const struct
  {
    NmdBox crop;
    const char *digest; /* of what OpenCV's resize (INTER_LINEAR) makes of it */
  } table[] = {
    { { 0, 0, 224, 224 }, "307a8bf9e70ee3e1" },
    { { 10, 20, 210, 210 }, "456d14ef11846517" },
    { { 3, 40, 224, 200 }, "890549a84a07dd2b" },
    { { 24, 0, 197, 224 }, "24213db74a72f8c6" },
    { { 1, 1, 8, 3 }, "176603c9e2e7f92b" },
  };
  /* clang-format on */
  g_autoptr (NmdImage) image = make_image (224, 224, TRUE);
  g_autofree float *out = g_new (float, 224 * 224), *plain = g_new (float, 224 * 224);
  double mean = 0;

  nmd_augmentation_apply (NULL, image, plain);
  for (int i = 0; i < 224 * 224; i++)
    g_assert_cmpfloat (plain[i], ==, (float)image->pixels[i] / 255.0f);
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      NmdImage *got = nmd_image_new (224, 224);

      nmd_augmentation_apply (&(NmdAugmentation){ table[i].crop, FALSE, 1, 1 }, image,
                              out);
      for (int k = 0; k < 224 * 224; k++)
        got->pixels[k] = (guint8)lrintf (out[k] * 255);
      assert_digest (got, table[i].digest);
    }

  nmd_augmentation_apply (&(NmdAugmentation){ { 0, 0, 224, 224 }, TRUE, 1.2, 0.8 }, image,
                          out);
  for (int i = 0; i < 224 * 224; i++)
    mean += MIN (plain[i] * 1.2, 1.0) / (224 * 224);
  for (int y = 0; y < 224; y++)
    for (int x = 0; x < 224; x++)
      {
        double bright = MIN (plain[y * 224 + 223 - x] * 1.2, 1.0);

        g_assert_cmpfloat_with_epsilon (out[y * 224 + x],
                                        CLAMP ((bright - mean) * 0.8 + mean, 0, 1), 1e-6);
      }
}

static void
test_normalise_and_mixup (void)
{
  const float x[3] = { 0.0f, 0.485f, 1.0f };
  float out[9], a[2] = { 1.0f, -2.0f };
  const float b[2] = { 3.0f, 2.0f };

  nmd_normalise (x, 3, out);
  g_assert_cmpfloat_with_epsilon (out[0], -0.485 / 0.229, 1e-6);
  g_assert_cmpfloat (out[1], ==, 0.0f);
  g_assert_cmpfloat_with_epsilon (out[5], (1 - 0.456) / 0.224, 1e-6);
  g_assert_cmpfloat_with_epsilon (out[6], -0.406 / 0.225, 1e-6);
  nmd_mixup (a, b, 2, 0.25);
  g_assert_cmpfloat (a[0], ==, 2.5f);
  g_assert_cmpfloat (a[1], ==, 1.0f);
}

static NmdImage *
load (const char *folder, const char *name, const char *suffix)
{
  g_autofree char *file = g_strconcat (name, suffix, NULL);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (GError) error = NULL;
  NmdImage *image = NULL;

  image = strstr (suffix, "mask") != NULL ? nmd_mask_load (path, &error)
                                          : nmd_image_load (path, &error);
  g_assert_no_error (error);
  return image;
}

static void
assert_same (const NmdImage *a, const NmdImage *b, int tolerance)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  for (int i = 0; i < a->width * a->height; i++)
    g_assert_cmpint (ABS (a->pixels[i] - b->pixels[i]), <=, tolerance);
}

/* Box and echo intensity as stored beside the stages. */
static void
check_numbers (const char *folder,
               const char *name,
               const NmdBox *box,
               const NmdEchoIntensity *echo)
{
  g_autofree char *file = g_strconcat (name, ".json", NULL);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *object = NULL;
  JsonArray *corners = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  object = json_node_get_object (json_parser_get_root (parser));
  corners = json_object_get_array_member (object, "box_x0_y0_x1_y1");
  g_assert_cmpint (box->x0, ==, json_array_get_int_element (corners, 0));
  g_assert_cmpint (box->y0, ==, json_array_get_int_element (corners, 1));
  g_assert_cmpint (box->x1, ==, json_array_get_int_element (corners, 2));
  g_assert_cmpint (box->y1, ==, json_array_get_int_element (corners, 3));
  g_assert_cmpint (echo->n, ==, json_object_get_int_member (object, "mask_pixels"));
  g_assert_cmpfloat_with_epsilon (
      echo->mean, json_object_get_double_member (object, "mean_grey_in_mask"), 1e-10);
  g_assert_cmpfloat_with_epsilon (
      echo->sd, json_object_get_double_member (object, "sd_grey_in_mask"), 1e-10);
}

static void
test_real_scans (void)
{
  static const struct
  {
    const char *folder, *image, *mask_folder, *mask;
  } scans[] = { { "muscle", "BB_anon_348_1", "muscle", "BB_anon_348_1_mask" },
                { "busbra/Images", "bus_0002-l", "busbra/Masks", "mask_0002-l" },
                { "busbra/Images", "bus_0044-r", "busbra/Masks", "mask_0044-r" } };
  g_autofree char *shared
      = g_test_build_filename (G_TEST_DIST, "..", "..", "shared", NULL);
  g_autofree char *golden = g_build_filename (shared, "reference", "preprocess", NULL);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();

  if (!g_file_test (golden, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("the shared folder with real scans is not here");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (scans); i++)
    {
      g_autofree char *images = g_build_filename (shared, "data", scans[i].folder, NULL);
      g_autofree char *masks
          = g_build_filename (shared, "data", scans[i].mask_folder, NULL);
      g_autoptr (NmdImage) image = load (images, scans[i].image, ".png");
      g_autofree char *mask_path = g_strdup_printf ("%s/%s.png", masks, scans[i].mask);
      g_autoptr (NmdImage) mask = nmd_mask_load (mask_path, NULL);
      g_autoptr (NmdImage) roi = load (golden, scans[i].image, "-roi.png");
      g_autoptr (NmdImage) resize = load (golden, scans[i].image, "-resize.png");
      g_autoptr (NmdImage) median = load (golden, scans[i].image, "-median.png");
      g_autoptr (NmdImage) clahe = load (golden, scans[i].image, "-clahe.png");
      g_autoptr (NmdImage) own_median = nmd_image_median (resize, 5);
      g_autoptr (NmdImage) own_clahe = nmd_image_clahe (median, 2.0, 8);
      g_auto (NmdStages) stages = { 0 };
      NmdEchoIntensity echo;

      g_assert_nonnull (mask);
      nmd_preprocess (image, mask, parameters, &stages);
      nmd_echo_intensity (image, mask, &echo);
      check_numbers (golden, scans[i].image, &stages.box, &echo);
      assert_same (stages.roi, roi, 0);
      assert_same (stages.resize, resize, 1);
      assert_same (own_median, median, 0);
      assert_same (own_clahe, clahe, 0);
    }
}

/* Without the box the network gets the frame, as an image without an outline does; the outline stays known. */
static void
test_whole (void)
{
  g_autoptr (NmdImage) image = nmd_image_new (60, 50);
  const NmdBox box = { 10, 12, 30, 40 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (60, 50, &box);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_auto (NmdStages) whole = { 0 };
  g_auto (NmdStages) none = { 0 };

  for (int i = 0; i < 60 * 50; i++)
    image->pixels[i] = (guint8)(i * 7 % 251);
  nmd_preprocess (image, NULL, parameters, &none);
  g_assert_true (nmd_parameters_set_text (parameters, "background", "whole", NULL));
  nmd_preprocess (image, mask, parameters, &whole);
  g_assert_cmpint (whole.source, ==, NMD_ROI_MASK);
  g_assert_cmpint (whole.box.x0, ==, 0);
  g_assert_cmpint (whole.box.y1, ==, 50);
  g_assert_cmpmem (whole.clahe->pixels, NMD_INPUT_SIZE * NMD_INPUT_SIZE,
                   none.clahe->pixels, NMD_INPUT_SIZE * NMD_INPUT_SIZE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preprocess/digests", test_digests);
  g_test_add_func ("/preprocess/resize-numbers", test_resize_numbers);
  g_test_add_func ("/preprocess/median-definition", test_median_definition);
  g_test_add_func ("/preprocess/clahe-sense", test_clahe_sense);
  g_test_add_func ("/preprocess/roi", test_roi);
  g_test_add_func ("/preprocess/echo-intensity", test_echo_intensity);
  g_test_add_func ("/preprocess/switches", test_switches);
  g_test_add_func ("/preprocess/draw", test_draw);
  g_test_add_func ("/preprocess/apply", test_apply);
  g_test_add_func ("/preprocess/normalise-and-mixup", test_normalise_and_mixup);
  g_test_add_func ("/preprocess/whole-frame", test_whole);
  g_test_add_func ("/preprocess/real-scans", test_real_scans);
  return g_test_run ();
}
