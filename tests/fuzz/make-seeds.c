/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the fuzzers' first inputs: FOLDER/NAME/… for each target fuzz-NAME. Small files of every kind
 * that a reader knows, made from numbers; no ultrasound.
 */
#include "engine/core/nmd-file.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/nn/nmd-weights.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

static const char *top;

static char *
path_of (const char *target, const char *name)
{
  g_autofree char *folder = g_build_filename (top, target, NULL);

  if (!nmd_file_make_folder (folder, NULL))
    g_error ("No folder %s", folder);
  return g_build_filename (folder, name, NULL);
}

static void
save (const char *target, const char *name, gconstpointer data, gsize length)
{
  g_autofree char *path = path_of (target, name);
  g_autoptr (GError) error = NULL;

  if (!nmd_file_write (path, data, length, &error))
    g_error ("%s", error->message);
}

static void
save_text (const char *target, const char *name, const char *text)
{
  save (target, name, text, strlen (text));
}

static void
make_texts (void)
{
  save_text ("csv", "comma", "image,label\r\na.png,1\r\n\"b \"\"x\"\", c\",healthy\r\n");
  save_text ("csv", "semicolon",
             "\xEF\xBB\xBF"
             "Bild;Wert\n\n ä ;0,5\n");
  save_text ("csv", "tab", "a\tb\n\"1\n2\"\t\n");
  save_text ("json", "run",
             "{\"format\": 1, \"state\": \"finished\", \"seed\": 9007199254740991,\n"
             " \"split\": {\"parts\": {\"train\": [\"a.png\", \"b.png\"]}},\n"
             " \"lr\": 1e-3, \"clahe\": true, \"none\": null, \"list\": [[], {}, -0.5]}");
  save_text ("json", "escapes", "{\"\\u00e4\\n\\\"\": \"\\ud83d\\ude00\\u0001 é\"}");
}

/* A picture of 9 × 7 pixels in each kind and depth that is read. */
static void
make_images (void)
{
  static const char *const kinds[] = { "jpeg", "bmp", "tiff", "png" };
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 9, 7);
  g_autoptr (NmdImage) image = nmd_image_new (9, 7);
  const char *texts[] = { "Comment", "SYNTHETIC", NULL };

  for (int y = 0; y < 7; y++)
    for (int x = 0; x < 9; x++)
      {
        guchar *p = gdk_pixbuf_get_pixels (pixbuf) + y * gdk_pixbuf_get_rowstride (pixbuf)
                    + 3 * x;

        p[0] = (guchar)(31 * x + 11 * y);
        p[1] = (guchar)(7 * x * y);
        p[2] = (guchar)(x == y ? 255 : 0);
        image->pixels[y * 9 + x] = (guint8)(x + y > 7 ? 255 : 0);
      }
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = path_of ("image", kinds[i]);

      /* a system without the loader has a seed less */
      gdk_pixbuf_save (pixbuf, path, kinds[i], NULL, NULL);
    }
  for (int depth = 1; depth <= 8; depth += 7)
    {
      g_autofree char *name = g_strdup_printf ("grey-%d.png", depth);
      g_autofree char *path = path_of ("image", name);

      if (!nmd_image_save_png (image, path, depth, texts, NULL))
        g_error ("No image %s", path);
    }
}

static void
make_weights (void)
{
  static const NmdShape shapes[] = { { 1, { 3 } }, { 4, { 2, 1, 3, 3 } } };
  static const char half[]
      = "{\"a\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[0,2]},"
        "\"b\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[2,10]}}";
  g_autoptr (NmdWeights) weights = nmd_weights_new ();
  g_autofree char *path = path_of ("safetensors", "float");
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE (strlen (half));

  nmd_weights_add (weights, "conv.bias", &shapes[0])[1] = 0.5f;
  nmd_weights_add (weights, "conv.weight", &shapes[1])[7] = -1;
  nmd_weights_set_meta (weights, "epoch", "3");
  if (!nmd_weights_save (weights, path, NULL))
    g_error ("No weights %s", path);
  g_byte_array_append (bytes, (const guint8 *)&length, 8);
  g_byte_array_append (bytes, (const guint8 *)half, (guint)strlen (half));
  g_byte_array_append (bytes, (const guint8 *)"0123456789", 10);
  save ("safetensors", "half", bytes->data, bytes->len);
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    {
      g_printerr ("Usage: %s FOLDER\n", argv[0]);
      return 2;
    }
  top = argv[1];
  make_texts ();
  make_images ();
  make_weights ();
  return 0;
}
