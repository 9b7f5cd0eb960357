/* SPDX-License-Identifier: Apache-2.0
 *
 * The masks of a sample, read and joined.
 */
#include "engine/data/nmd-sample-mask-private.h"
#include "engine/image/nmd-reader.h"

#include <glib/gstdio.h>
#include <string.h>

GBytes *
nmd_sample_read_file (const char *path, char sha256[65], GError **error)
{
  g_autofree char *content = NULL, *digest = NULL;
  gsize length;
  GStatBuf info;

  if (g_stat (path, &info) == 0
      && (!S_ISREG (info.st_mode) || info.st_size > NMD_SAMPLE_MAX_FILE))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s",
                   S_ISREG (info.st_mode) ? "It is larger than 256 MB"
                                          : "It is not a file");
      return NULL;
    }
  if (!g_file_get_contents (path, &content, &length, error))
    return NULL;
  digest
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)content, length);
  g_strlcpy (sha256, digest, 65);
  return g_bytes_new_take (g_steal_pointer (&content), length);
}

char *
nmd_mask_options_to_key (const NmdMaskOptions *options)
{
  if (options->value == NULL && !options->fill && !options->invert
      && !options->drop_stray)
    return g_strdup ("");
  return g_strdup_printf ("%s\n%s\n%s\n%s", options->value != NULL ? options->value : "",
                          options->fill ? "fill" : "", options->invert ? "invert" : "",
                          options->drop_stray ? "drop" : "");
}

/* What @more tells is told of all masks together. */
static void
add_facts (NmdMaskFacts *facts, const NmdMaskFacts *more)
{
  facts->findings |= more->findings;
  facts->n_between += more->n_between;
  facts->n_stray += more->n_stray;
  for (guint i = 0; i < more->n_labels; i++)
    {
      gboolean known = FALSE;

      for (guint k = 0; k < facts->n_labels; k++)
        known |= strcmp (facts->labels[k], more->labels[i]) == 0;
      if (!known && facts->n_labels < NMD_MASK_MAX_LABELS)
        g_strlcpy (facts->labels[facts->n_labels++], more->labels[i],
                   sizeof more->labels[i]);
    }
}

/* One mask at @path. */
static NmdImage *
read_one (const NmdSample *sample,
          const char *path,
          const NmdImage *image,
          const char *sha256_image,
          char sha256[65],
          NmdMaskFacts *facts,
          GError **error)
{
  NmdMaskFacts found = { 0 };
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (NmdImage) mask = NULL;
  g_autoptr (GError) inner = NULL;
  g_autoptr (GBytes) bytes = nmd_sample_read_file (path, sha256, &inner);

  if (g_error_matches (inner, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "Its mask %s does not exist",
                   name);
      return NULL;
    }
  if (bytes == NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&inner), "Its mask %s: ", name);
      return NULL;
    }
  if (sha256_image != NULL && strcmp (sha256_image, sha256) == 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED, "Its mask %s is the image itself",
                   name);
      return NULL;
    }
  mask = nmd_mask_read_bytes (bytes, name, &sample->mask_options, &found, error);
  if (mask == NULL || !nmd_mask_check_size (mask, name, image, error))
    return NULL;
  add_facts (facts, &found);
  return g_steal_pointer (&mask);
}

static void
join (NmdImage *mask, const NmdImage *other)
{
  const gsize n = (gsize)mask->width * mask->height;

  for (gsize i = 0; i < n; i++)
    mask->pixels[i] |= other->pixels[i];
}

/* The digest is of what is measured: a file of outlines may hold those of many images, and
 * drawing on one must not change the others. */
static NmdImage *
fill_outline (const NmdSample *self,
              const NmdImage *image,
              char sha256[65],
              GError **error)
{
  g_autofree char *name = g_path_get_basename (self->mask_path);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  NmdImage *mask = nmd_outline_rasterise (self->outline, self->outline_label, name,
                                          image->width, image->height, error);
  const gint32 size[2] = { GINT32_TO_LE (image->width), GINT32_TO_LE (image->height) };

  if (mask == NULL)
    return NULL;
  g_checksum_update (sum, (const guchar *)size, sizeof size);
  g_checksum_update (sum, mask->pixels, (gssize)mask->width * mask->height);
  g_strlcpy (sha256, g_checksum_get_string (sum), 65);
  return mask;
}

NmdImage *
nmd_sample_read_mask (const NmdSample *self,
                      const NmdImage *image,
                      const char *sha256_image,
                      char sha256[65],
                      NmdMaskFacts *facts,
                      GError **error)
{
  NmdMaskFacts unused;
  NmdMaskFacts *all = facts != NULL ? facts : &unused;
  g_autoptr (NmdImage) mask = NULL;
  g_autoptr (GChecksum) sum = NULL;

  memset (all, 0, sizeof *all);
  if (self->outline != NULL)
    mask = fill_outline (self, image, sha256, error);
  else
    mask = read_one (self, self->mask_path, image, sha256_image, sha256, all, error);
  if (mask != NULL && self->outline != NULL)
    nmd_mask_check_shape (mask, &self->mask_options, all);
  if (mask == NULL || self->more_masks == NULL)
    return g_steal_pointer (&mask);
  sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, (const guchar *)sha256, 64);
  for (guint i = 0; self->more_masks[i] != NULL; i++)
    {
      g_autoptr (NmdImage) other
          = read_one (self, self->more_masks[i], image, sha256_image, sha256, all, error);

      if (other == NULL)
        return NULL;
      join (mask, other);
      g_checksum_update (sum, (const guchar *)sha256, 64);
    }
  g_strlcpy (sha256, g_checksum_get_string (sum), 65);
  return g_steal_pointer (&mask);
}
