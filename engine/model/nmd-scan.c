/* SPDX-License-Identifier: Apache-2.0
 *
 * A scan under study: reads image and mask, measures inside the outline and gathers
 * what is known of the scan without asking. Whether a model may score it is
 * nmd-verdict.c's.
 */
#include "config.h"

#include "engine/model/nmd-scan.h"

#include "engine/core/nmd-file.h"
#include "engine/image/nmd-outline.h"
#include "engine/image/nmd-reader.h"

#include <string.h>

G_DEFINE_FINAL_TYPE (NmdScan, nmd_scan, G_TYPE_OBJECT)

static void
nmd_scan_finalize (GObject *object)
{
  NmdScan *self = NMD_SCAN (object);

  g_free (self->name);
  g_free (self->path);
  g_free (self->organ);
  g_free (self->muscle);
  g_clear_object (&self->sample);
  g_clear_pointer (&self->image, nmd_image_unref);
  g_clear_pointer (&self->mask, nmd_image_unref);
  g_clear_pointer (&self->outline, g_array_unref);
  g_clear_pointer (&self->dicom, nmd_dicom_unref);
  G_OBJECT_CLASS (nmd_scan_parent_class)->finalize (object);
}

static void
nmd_scan_class_init (NmdScanClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_scan_finalize;
}

static void
nmd_scan_init (NmdScan *self)
{
  self->source = NMD_ROI_FRAME;
}

/* Takes @mask as the outline if it has a set pixel, and measures inside it. */
static void
take_mask (NmdScan *self, NmdImage *mask, NmdRoiSource source)
{
  self->source = NMD_ROI_FRAME;
  if (self->image->is_lossy)
    self->problems |= NMD_PROBLEM_LOSSY;
  self->problems |= nmd_problem_of_exposure (nmd_image_get_exposure (self->image, mask));
  if (mask == NULL || !nmd_mask_get_bounds (mask, &self->bounds))
    {
      self->problems |= mask == NULL ? NMD_PROBLEM_NO_MASK : NMD_PROBLEM_EMPTY_MASK;
      return;
    }
  self->mask = nmd_image_ref (mask);
  self->source = source;
  self->has_bounds = TRUE;
  nmd_echo_intensity (self->image, mask, &self->echo);
  self->outline = nmd_mask_get_outline (mask);
  if (self->echo.n_coloured > 0)
    self->problems |= NMD_PROBLEM_COLOURED;
}

static char *
dup_known (const char *text)
{
  return text != NULL && *text != '\0' ? g_strdup (text) : NULL;
}

/* A scan of a named muscle is one of muscle, as in the making of a passport. */
static void
complete_facts (NmdScan *self)
{
  if (self->organ == NULL && self->muscle != NULL)
    self->organ = g_strdup ("muscle");
}

NmdScan *
nmd_scan_load_sample (NmdSample *sample, GError **error)
{
  g_autoptr (NmdImage) image = NULL;
  g_autoptr (NmdImage) mask = NULL;

  g_return_val_if_fail (NMD_IS_SAMPLE (sample), NULL);
  if (!nmd_sample_load (sample, &image, &mask, error))
    return NULL;

  NmdScan *self = g_object_new (NMD_TYPE_SCAN, NULL);
  self->name = g_strdup (sample->id);
  self->path = g_strdup (sample->image_path);
  self->sample = g_object_ref (sample);
  self->image = nmd_image_ref (image);
  g_strlcpy (self->sha256, sample->sha256_image, sizeof self->sha256);
  self->muscle = dup_known (sample->muscle);
  if (sample->attributes != NULL)
    self->organ = dup_known (g_hash_table_lookup (sample->attributes, "organ"));
  complete_facts (self);
  self->is_synthetic = sample->is_synthetic || image->is_synthetic;
  take_mask (self, mask, NMD_ROI_MASK);
  return self;
}

NmdScan *
nmd_scan_load_file (const char *path, const char *mask_path, GError **error)
{
  return nmd_scan_load_page (path, 0, mask_path, error);
}

/* The image at @path; of a DICOM file the open file too, and which frame it is. */
static NmdImage *
load_image (const char *path, guint *page, NmdDicom **dicom, GError **error)
{
  if (!nmd_dicom_is_file (path))
    return nmd_image_load_page (path, *page, error);
  *dicom = nmd_dicom_open_file (path, error);
  if (*dicom == NULL)
    return NULL;
  if (*page == 0 && nmd_dicom_get_n_frames (*dicom) > 1)
    *page = 1;
  return nmd_dicom_read_frame (*dicom, MAX (*page, 1), error);
}

NmdScan *
nmd_scan_load_page (const char *path, guint page, const char *mask_path, GError **error)
{
  g_autoptr (NmdImage) image = NULL;
  g_autoptr (NmdImage) mask = NULL;
  g_autoptr (NmdDicom) dicom = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  image = load_image (path, &page, &dicom, error);
  if (image == NULL)
    return NULL;
  if (mask_path != NULL)
    {
      g_autofree char *mask_name = g_path_get_basename (mask_path);
      mask = nmd_mask_load (mask_path, error);
      if (mask == NULL || !nmd_mask_check_size (mask, mask_name, image, error))
        return NULL;
    }

  NmdScan *self = g_object_new (NMD_TYPE_SCAN, NULL);
  g_autofree char *sha256 = nmd_file_sha256 (path, NULL, NULL); /* NULL: stays unknown */
  self->name = g_path_get_basename (path);
  self->path = g_strdup (path);
  self->page = page;
  self->dicom = g_steal_pointer (&dicom);
  self->image = nmd_image_ref (image);
  if (sha256 != NULL)
    g_strlcpy (self->sha256, sha256, sizeof self->sha256);
  if (!nmd_sample_parse_name (self->name, &self->muscle, NULL, NULL))
    self->muscle = NULL;
  complete_facts (self);
  /* as an import has it */
  self->is_synthetic
      = image->is_synthetic || g_ascii_strncasecmp (self->name, "SYN_", 4) == 0;
  take_mask (self, mask, NMD_ROI_MASK);
  return self;
}

/* A scan of the same file and facts, without an outline. */
static NmdScan *
copy_facts (NmdScan *self, NmdImage *image, guint page)
{
  NmdScan *copy = g_object_new (NMD_TYPE_SCAN, NULL);
  copy->name = g_strdup (self->name);
  copy->path = g_strdup (self->path);
  copy->page = page;
  copy->dicom = self->dicom != NULL ? nmd_dicom_ref (self->dicom) : NULL;
  g_set_object (&copy->sample, self->sample);
  copy->image = nmd_image_ref (image);
  memcpy (copy->sha256, self->sha256, sizeof copy->sha256);
  copy->organ = g_strdup (self->organ);
  copy->muscle = g_strdup (self->muscle);
  copy->is_synthetic = self->is_synthetic;
  return copy;
}

NmdScan *
nmd_scan_with_mask (NmdScan *self, NmdImage *mask, NmdRoiSource source)
{
  g_return_val_if_fail (NMD_IS_SCAN (self), NULL);

  NmdScan *copy = copy_facts (self, self->image, self->page);
  take_mask (copy, mask, source);
  return copy;
}

NmdScan *
nmd_scan_load_frame (NmdScan *self, guint frame, GError **error)
{
  g_return_val_if_fail (NMD_IS_SCAN (self) && self->dicom != NULL, NULL);

  g_autoptr (NmdImage) image = nmd_dicom_read_frame (self->dicom, frame, error);
  NmdScan *scan = image != NULL ? copy_facts (self, image, frame) : NULL;
  if (scan != NULL)
    take_mask (scan, NULL, NMD_ROI_FRAME);
  return scan;
}

static NmdImage *
copy_without_regions (const NmdImage *image)
{
  const gsize n = (gsize)image->width * (gsize)image->height;
  NmdImage *copy = nmd_image_new (image->width, image->height);

  memcpy (copy->pixels, image->pixels, n);
  if (image->coloured != NULL)
    copy->coloured = g_memdup2 (image->coloured, n);
  copy->is_lossy = image->is_lossy;
  copy->is_synthetic = image->is_synthetic;
  return copy;
}

NmdScan *
nmd_scan_without_scale (NmdScan *self)
{
  g_return_val_if_fail (NMD_IS_SCAN (self), NULL);

  g_autoptr (NmdImage) image = copy_without_regions (self->image);
  NmdScan *copy = copy_facts (self, image, self->page);
  copy->mask = self->mask != NULL ? nmd_image_ref (self->mask) : NULL;
  copy->source = self->source;
  copy->has_bounds = self->has_bounds;
  copy->bounds = self->bounds;
  copy->echo = self->echo;
  copy->outline = self->outline != NULL ? g_array_ref (self->outline) : NULL;
  copy->problems = self->problems;
  return copy;
}
