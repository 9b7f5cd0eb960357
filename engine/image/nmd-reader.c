/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens image files and tells formats apart by content. Decoding is left to nmd-png.c, nmd-jpeg.c,
 * nmd-pixbuf.c and nmd-dicom.c.
 */
#include "engine/image/nmd-reader.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"
#include "engine/image/nmd-dicom.h"
#include "engine/image/nmd-jpeg-private.h"
#include "engine/image/nmd-mask-values-private.h"
#include "engine/image/nmd-pixbuf-private.h"
#include "engine/image/nmd-png-private.h"
#include "engine/image/nmd-tiff-private.h"
#include "engine/core/nmd-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* An image of NMD_IMAGE_MAX_PIXELS as 16-bit RGBA. */
#define MAX_FILE_BYTES ((gsize)512 << 20)

#define NIFTI                                                                            \
  "a NIfTI volume; save its slice as PNG, that of a mask with the same values "          \
  "(SimpleITK does)"
#define META_IMAGE                                                                       \
  "a MetaImage; save its slice as PNG, that of a mask with the same values (SimpleITK "  \
  "does)"

const char *
nmd_image_get_foreign (const char *name)
{
  static const struct
  {
    const char *ending, *what;
  } kinds[] = {
    { ".dicom", "a DICOM file; give it the ending .dcm" },
    { ".nii", NIFTI },
    { ".nii.gz", NIFTI },
    { ".mha", META_IMAGE },
    { ".mhd", META_IMAGE },
  };

  g_return_val_if_fail (name != NULL, NULL);

  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_suffix (lower, kinds[i].ending))
      return kinds[i].what;
  return NULL;
}

/* Formats that people have and that are not read: what the file is and what to do. */
static void
refuse_format (const guint8 *data, gsize length, const char *name, GError **error)
{
  static const struct
  {
    gsize at, n;
    const char *magic, *what;
  } kinds[] = {
    { 344, 4, "n+1", NIFTI },
    { 344, 4, "ni1", NIFTI },
    { 4, 4, "n+2", NIFTI },
    { 0, 10, "ObjectType", META_IMAGE },
    { 0, 4, "II+\0", "a BigTIFF; save it as an 8- or 16-bit PNG" },
    { 0, 4, "MM\0+", "a BigTIFF; save it as an 8- or 16-bit PNG" },
    { 0, 4, "GIF8", "a GIF; save it as PNG" },
    { 8, 4, "WEBP", "a WebP image; save it as PNG" },
    { 4, 8, "ftypheic", "a HEIC image; save it as PNG" },
    { 4, 8, "jP  \r\n\207\n", "a JPEG 2000 image; save it as PNG" },
  };
  const char *by_name = nmd_image_get_foreign (name);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (length >= kinds[i].at + kinds[i].n
        && memcmp (data + kinds[i].at, kinds[i].magic, kinds[i].n) == 0)
      {
        g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED, "%s is %s", name,
                     kinds[i].what);
        return;
      }
  if (by_name != NULL) /* .nii.gz is packed */
    g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED, "%s is %s", name, by_name);
  else
    g_set_error (
        error, NMD_ERROR, NMD_ERROR_FORMAT,
        nmd_word ("%s is not an image that can be read (PNG, JPEG, BMP, TIFF, DICOM)"),
        name);
}

/* A frame of a DICOM file; @page from 1, 0: the only one. */
static NmdImage *
read_dicom (
    GBytes *bytes, const char *path, guint page, NmdMaskTable *table, GError **error)
{
  g_autofree char *name = nmd_text_display (path);
  g_autoptr (NmdDicom) dicom = NULL;

  if (table != NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   nmd_word ("%s is a DICOM file; masks are read from PNG"), name);
      return NULL;
    }
  dicom = nmd_dicom_open (bytes, path, error);
  if (dicom == NULL)
    return NULL;
  if (page == 0 && nmd_dicom_get_n_frames (dicom) > 1)
    {
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
          nmd_word ("%s is a DICOM file of %u frames; save the one that is meant as PNG"),
          name, nmd_dicom_get_n_frames (dicom));
      return NULL;
    }
  return nmd_dicom_read_frame (dicom, MAX (page, 1), error);
}

/* @page from 1; 0: the only one. */
static gboolean
check_page (
    const guint8 *data, gsize length, const char *name, guint page, GError **error)
{
  if (page <= 1 || nmd_tiff_is (data, length))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
               nmd_word ("%s has no page %u: its last is 1"), name, page);
  return FALSE;
}

static NmdImage *
load_bytes (
    GBytes *bytes, const char *path, guint page, NmdMaskTable *table, GError **error)
{
  g_autofree char *name = nmd_text_display (path);
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  if (length == 0)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, nmd_word ("%s is empty"), name);
  else if (length > MAX_FILE_BYTES)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 nmd_word ("%s is larger than %d MiB"), name,
                 (int)(MAX_FILE_BYTES >> 20));
  else if (nmd_dicom_is (data, length, path))
    return read_dicom (bytes, path, page, table, error);
  else if (!check_page (data, length, name, page, error))
    return NULL;
  else if (nmd_png_is (data, length))
    return nmd_png_read (data, length, name, table, error);
  else if (nmd_jpeg_is (data, length))
    return nmd_jpeg_read (data, length, name, table, error);
  else if (nmd_pixbuf_is (data, length))
    return nmd_pixbuf_read (data, length, name, page, table, error);
  else
    refuse_format (data, length, name, error);
  return NULL;
}

static GBytes *
read_file (const char *path, GError **error)
{
  gsize length = 0;
  char *data = nmd_file_read (path, MAX_FILE_BYTES, NULL, &length, error);

  return data != NULL ? g_bytes_new_take (data, length) : NULL;
}

static NmdImage *
load_file (const char *path, guint page, GError **error)
{
  g_autoptr (GBytes) bytes = read_file (path, error);

  return bytes != NULL ? load_bytes (bytes, path, page, NULL, error) : NULL;
}

guint
nmd_image_count_pages (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, 0);

  g_autoptr (GBytes) bytes = read_file (path, error);
  gsize length = 0;
  const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  if (bytes == NULL)
    return 0;
  if (length > 0 && nmd_dicom_is (data, length, path))
    {
      g_autoptr (NmdDicom) dicom = nmd_dicom_open (bytes, path, NULL);
      return dicom != NULL ? nmd_dicom_get_n_frames (dicom) : 1;
    }
  /* of a damaged one the reading says what is wrong */
  return nmd_tiff_is (data, length) ? MAX (nmd_tiff_count_pages (data, length), 1) : 1;
}

NmdImage *
nmd_image_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  return load_file (path, 0, error);
}

NmdImage *
nmd_image_load_page (const char *path, guint page, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  return load_file (path, page, error);
}

NmdImage *
nmd_image_load_bytes (GBytes *bytes, const char *name, GError **error)
{
  g_return_val_if_fail (bytes != NULL && name != NULL, NULL);

  return load_bytes (bytes, name, 0, NULL, error);
}

NmdImage *
nmd_mask_read_bytes (GBytes *bytes,
                     const char *name,
                     const NmdMaskOptions *options,
                     NmdMaskFacts *facts,
                     GError **error)
{
  g_return_val_if_fail (bytes != NULL && name != NULL && facts != NULL, NULL);

  g_autofree NmdMaskTable *table = g_new (NmdMaskTable, 1);
  NmdImage *mask = load_bytes (bytes, name, 0, table, error);

  if (mask == NULL)
    return NULL;
  nmd_mask_settle_values (mask, table, options, facts);
  nmd_mask_check_shape (mask, options, facts);
  return mask;
}

NmdImage *
nmd_mask_load_bytes (GBytes *bytes, const char *name, GError **error)
{
  NmdMaskFacts facts;
  g_autoptr (NmdImage) mask = nmd_mask_read_bytes (bytes, name, NULL, &facts, error);

  if (mask == NULL || (facts.findings & NMD_MASK_LABELS) == 0)
    return g_steal_pointer (&mask);
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_NEEDS_MASK_VALUE,
      nmd_word (
          "Mask %s has several label values, %s and %s%s; save the one that is meant "
          "as a mask of its own"),
      name, facts.labels[0], facts.labels[1], facts.n_labels > 2 ? " …" : "");
  return NULL;
}

NmdImage *
nmd_mask_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_autoptr (GBytes) bytes = read_file (path, error);

  return bytes != NULL ? nmd_mask_load_bytes (bytes, path, error) : NULL;
}
