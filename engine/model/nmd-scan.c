/* SPDX-License-Identifier: Apache-2.0
 *
 * A scan under study: keeps image, outline and what was measured inside it together.
 */
#include "engine/model/nmd-scan.h"

#include "engine/image/nmd-outline.h"

G_DEFINE_FINAL_TYPE (NmdScan, nmd_scan, G_TYPE_OBJECT)

static void
nmd_scan_finalize (GObject *object)
{
  NmdScan *self = NMD_SCAN (object);

  g_free (self->name);
  g_free (self->path);
  g_clear_object (&self->sample);
  g_clear_pointer (&self->image, nmd_image_unref);
  g_clear_pointer (&self->mask, nmd_image_unref);
  g_clear_pointer (&self->outline, g_array_unref);
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
  if (mask == NULL || !nmd_mask_get_bounds (mask, &self->bounds))
    return;
  self->mask = nmd_image_ref (mask);
  self->source = source;
  self->has_bounds = TRUE;
  nmd_echo_intensity (self->image, mask, &self->echo);
  self->outline = nmd_mask_get_outline (mask);
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
  take_mask (self, mask, NMD_ROI_MASK);
  return self;
}

NmdScan *
nmd_scan_load_file (const char *path, const char *mask_path, GError **error)
{
  g_autoptr (NmdImage) image = NULL;
  g_autoptr (NmdImage) mask = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  image = nmd_image_load (path, error);
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
  self->name = g_path_get_basename (path);
  self->path = g_strdup (path);
  self->image = nmd_image_ref (image);
  take_mask (self, mask, NMD_ROI_MASK);
  return self;
}

NmdScan *
nmd_scan_with_mask (NmdScan *self, NmdImage *mask, NmdRoiSource source)
{
  g_return_val_if_fail (NMD_IS_SCAN (self), NULL);

  NmdScan *copy = g_object_new (NMD_TYPE_SCAN, NULL);
  copy->name = g_strdup (self->name);
  copy->path = g_strdup (self->path);
  g_set_object (&copy->sample, self->sample);
  copy->image = nmd_image_ref (self->image);
  take_mask (copy, mask, source);
  return copy;
}
