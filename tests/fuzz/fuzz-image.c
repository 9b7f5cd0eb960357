/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of the image readers: any bytes, as image and as mask. Whatever comes
 * back must be readable to its last pixel and agree on the size; a refusal must say why.
 */
#include "engine/image/nmd-image.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize length);

/* Reads every pixel, so that a plane that is too short is found. */
static guint
sum (const NmdImage *image)
{
  guint total = 0;

  for (gsize i = 0; i < (gsize)image->width * image->height; i++)
    total += image->pixels[i] + (image->coloured != NULL ? image->coloured[i] : 0);
  return total;
}

static NmdImage *
check (NmdImage *image, const GError *error)
{
  volatile guint total = 0;

  if ((image == NULL) == (error == NULL))
    g_error ("An image and an error, or neither");
  if (image != NULL)
    total = sum (image);
  (void)total;
  return image;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, length);
  g_autoptr (GError) image_error = NULL, mask_error = NULL;
  g_autoptr (NmdImage) image
      = check (nmd_image_load_bytes (bytes, "f", &image_error), image_error);
  g_autoptr (NmdImage) mask
      = check (nmd_mask_load_bytes (bytes, "f", &mask_error), mask_error);

  if (image != NULL && mask != NULL && !nmd_mask_check_size (mask, "f", image, NULL))
    g_error ("Mask and image of one file differ in size");
  return 0;
}
