/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of the image readers: any bytes, as image and as mask, and the last of
 * several pages. What comes back is used to
 * its last pixel and agrees on the size.
 */
#include "tests/fuzz/fuzz.h"
#include "engine/image/nmd-mask-check.h"
#include "engine/image/nmd-pixbuf-private.h"
#include "engine/image/nmd-reader.h"
#include "engine/image/nmd-tiff-private.h"

/* The same bytes as a mask with everything that can be asked for. */
static void
read_mended (GBytes *bytes)
{
  const NmdMaskOptions options = { "1", TRUE, TRUE, TRUE };
  NmdMaskFacts facts;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdImage) mask = nmd_mask_read_bytes (bytes, "f", &options, &facts, &error);

  fuzz_check (mask != NULL, error);
  for (gsize i = 0; mask != NULL && i < (gsize)mask->width * (gsize)mask->height; i++)
    if (mask->pixels[i] != 0 && mask->pixels[i] != 255)
      g_error ("A mask holds %d", mask->pixels[i]);
}

static void
use (const NmdImage *image)
{
  const gsize n = (gsize)image->width * (gsize)image->height;

  fuzz_use (image->pixels, n);
  if (image->coloured != NULL)
    fuzz_use (image->coloured, n);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, length);
  g_autoptr (GError) image_error = NULL, mask_error = NULL;
  g_autoptr (NmdImage) image = nmd_image_load_bytes (bytes, "f", &image_error);
  g_autoptr (NmdImage) mask = nmd_mask_load_bytes (bytes, "f", &mask_error);
  g_autoptr (GError) page_error = NULL;
  const guint n_pages
      = nmd_tiff_is (data, length) ? nmd_tiff_count_pages (data, length) : 0;

  fuzz_check (image != NULL, image_error);
  fuzz_check (mask != NULL, mask_error);
  read_mended (bytes);
  if (image != NULL)
    use (image);
  if (n_pages > 1)
    {
      g_autoptr (NmdImage) page
          = nmd_pixbuf_read (data, length, "f", n_pages, NULL, &page_error);

      fuzz_check (page != NULL, page_error);
      if (page != NULL)
        use (page);
    }
  if (mask != NULL)
    use (mask);
  if (image != NULL && mask != NULL && !nmd_mask_check_size (mask, "f", image, NULL))
    g_error ("Mask and image of one file differ in size");
  return 0;
}
