/* SPDX-License-Identifier: Apache-2.0
 *
 * What the targets of outline readers share: the input is read, and what comes out is filled, hashed and
 * listed.
 */
#pragma once

#include "engine/data/outlines/nmd-outlines.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* Reads @data as a file @name and uses every outline. */
static inline void
fuzz_outlines (const char *name, const guint8 *data, gsize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdOutlines) self = nmd_outlines_load_bytes (bytes, name, NULL, &error);

  fuzz_check (self != NULL, error);
  for (guint i = 0; self != NULL && i < MIN (self->outlines->len, 8); i++)
    {
      NmdOutline *outline = self->outlines->pdata[i];
      g_autoptr (GPtrArray) labels = nmd_outline_get_labels (outline);
      g_autofree char *digest = nmd_outline_digest (outline, NULL);
      g_autoptr (GError) refused = NULL;
      int width = 0, height = 0;
      g_autoptr (NmdImage) mask = NULL;

      nmd_outline_get_size (outline, &width, &height);
      if (width > 256 || height > 256 || width == 0)
        width = height = 48;
      mask = nmd_outline_rasterise (outline, labels->len > 0 ? labels->pdata[0] : NULL, name, width,
                                    height, &refused);
      fuzz_check (mask != NULL, refused);
      if (mask != NULL)
        fuzz_use (mask->pixels, (gsize)width * (gsize)height);
      fuzz_use (digest, strlen (digest));
      fuzz_use (nmd_outline_get_image (outline), strlen (nmd_outline_get_image (outline)));
    }
}
