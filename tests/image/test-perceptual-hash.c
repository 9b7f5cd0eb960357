/* SPDX-License-Identifier: Apache-2.0
 *
 * Fingerprints: the hashes that scipy gives, and what they do not mind.
 */
#include "engine/image/nmd-perceptual-hash.h"

#include "engine/image/nmd-preprocess.h"

#include <math.h>

/* As golden/perceptual-hash.py makes them. */
static NmdImage *
make_image (guint32 seed)
{
  NmdImage *image = nmd_image_new (32, 32);

  for (int i = 0; i < 32 * 32; i++)
    {
      seed = (1103515245u * seed + 12345u) & 0x7FFFFFFFu;
      image->pixels[i] = (guint8)(seed >> 16);
    }
  return image;
}

static void
test_golden (void)
{
  static const guint64 expected[] = { G_GUINT64_CONSTANT (0x99c7a2030fd582ee),
                                      G_GUINT64_CONSTANT (0x1e86b91b6272694e) };
  NmdFingerprint prints[2];

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (NmdImage) image = make_image (i + 1);

      nmd_fingerprint_init (&prints[i], image);
      g_assert_cmphex (prints[i].hash, ==, expected[i]);
    }
  g_assert_cmpint (nmd_fingerprint_distance (&prints[0], &prints[1]), ==,
                   __builtin_popcountll (expected[0] ^ expected[1]));
  g_assert_cmpfloat (fabs (nmd_fingerprint_correlation (&prints[0], &prints[1])), <, 0.1);
}

/* A smooth picture, made larger and brighter, stays itself; a constant one is like none. */
static void
test_alike (void)
{
  g_autoptr (NmdImage) image = nmd_image_new (200, 160);
  g_autoptr (NmdImage) changed = NULL;
  g_autoptr (NmdImage) flat = nmd_image_new (200, 160);
  NmdFingerprint a, b, c;

  for (int y = 0; y < 160; y++)
    for (int x = 0; x < 200; x++)
      image->pixels[y * 200 + x]
          = (guint8)(110 + 60 * sin (x / 17.0) * cos (y / 11.0) + (x * 7 + y * 13) % 9);
  changed = nmd_image_resize (image, 320, 210);
  for (int i = 0; i < 320 * 210; i++)
    changed->pixels[i] = (guint8)(0.8 * changed->pixels[i] + 30);
  nmd_fingerprint_init (&a, image);
  nmd_fingerprint_init (&b, changed);
  nmd_fingerprint_init (&c, flat);
  g_assert_cmpint (nmd_fingerprint_distance (&a, &b), <=, 6);
  g_assert_cmpfloat (nmd_fingerprint_correlation (&a, &b), >, 0.99);
  g_assert_cmpfloat (nmd_fingerprint_correlation (&a, &a), ==, 1);
  g_assert_cmpfloat (nmd_fingerprint_correlation (&a, &c), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/perceptual-hash/golden", test_golden);
  g_test_add_func ("/perceptual-hash/alike", test_alike);
  return g_test_run ();
}
