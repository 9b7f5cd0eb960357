/* SPDX-License-Identifier: Apache-2.0
 *
 * Texture features against pyradiomics: golden/texture.json, made by golden/texture.py.
 */
#include "engine/core/nmd-json.h"
#include "engine/image/nmd-texture.h"

#include <math.h>

/* The same whole numbers as in golden/texture.py. */
static void
draw (int kind, NmdImage *image, NmdImage *mask)
{
  gint64 w = image->width, h = image->height;

  for (gint64 y = 0; y < h; y++)
    for (gint64 x = 0; x < w; x++)
      {
        gint64 v = (x * x * 7 + y * 13 + x * y * 5 + (x / 3) * (y / 2) * 29) % 251;
        gboolean inside
            = (2 * x - w) * (2 * x - w) * h * h + (2 * y - h) * (2 * y - h) * w * w
              < w * w * h * h * 9 / 10;

        if (kind == 1)
          v = v / 4 + 60;
        else if (kind == 2)
          v = 77;
        else if (kind == 3)
          {
            v = (x * 9) % 256;
            inside = inside && (x + y) % 7 != 0;
          }
        image->pixels[y * w + x] = (guint8)v;
        mask->pixels[y * w + x] = inside ? 255 : 0;
      }
}

static void
test_golden (void)
{
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "image", "golden", "texture.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = nmd_json_load (path, &error);
  JsonArray *names, *cases;

  g_assert_no_error (error);
  names = json_object_get_array_member (json_node_get_object (node), "names");
  cases = json_object_get_array_member (json_node_get_object (node), "cases");
  for (guint c = 0; c < json_array_get_length (cases); c++)
    {
      JsonObject *one = json_array_get_object_element (cases, c);
      JsonArray *wanted = json_object_get_array_member (one, "features");
      int width = (int)json_object_get_int_member (one, "width"),
          height = (int)json_object_get_int_member (one, "height");
      g_autoptr (NmdImage) image = nmd_image_new (width, height);
      g_autoptr (NmdImage) mask = nmd_image_new (width, height);
      double found[NMD_N_TEXTURES];

      draw ((int)json_object_get_int_member (one, "kind"), image, mask);
      nmd_texture_measure (image, mask, found);
      for (guint f = 0; f < NMD_N_TEXTURES; f++)
        {
          double value = json_array_get_double_element (wanted, f);

          g_assert_cmpstr (json_array_get_string_element (names, f), ==,
                           nmd_texture_names[f]);
          if (!(fabs (found[f] - value) <= 1e-6))
            g_error ("case %u, %s is %.12g, golden is %.12g", c, nmd_texture_names[f],
                     found[f], value);
        }
    }
}

/* No pixel, one pixel: no number where there is nothing to count. */
static void
test_nasty (void)
{
  g_autoptr (NmdImage) image = nmd_image_new (5, 4);
  g_autoptr (NmdImage) mask = nmd_image_new (5, 4);
  double found[NMD_N_TEXTURES];

  nmd_texture_measure (image, mask, found);
  g_assert_true (isnan (found[NMD_TEXTURE_CONTRAST])
                 && isnan (found[NMD_TEXTURE_RUN_PERCENTAGE]));
  mask->pixels[19] = 1;
  nmd_texture_measure (image, mask, found);
  g_assert_true (isnan (found[NMD_TEXTURE_CONTRAST]));
  g_assert_cmpfloat (found[NMD_TEXTURE_RUN_PERCENTAGE], ==, 1);
  g_assert_cmpfloat (found[NMD_TEXTURE_SHORT_RUNS], ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/texture/golden", test_golden);
  g_test_add_func ("/texture/nasty", test_nasty);
  return g_test_run ();
}
