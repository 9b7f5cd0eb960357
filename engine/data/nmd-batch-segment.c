/* SPDX-License-Identifier: Apache-2.0
 *
 * One image of a batch of segmentation.
 */
#include "engine/data/nmd-batch-segment-private.h"

#include "engine/image/nmd-augment-pair.h"

#include <stdlib.h>
#include <string.h>

int
nmd_segment_get_size (const NmdParameters *parameters)
{
  return atoi (nmd_parameters_get_choice (parameters, "size"));
}

NmdImage *
nmd_segment_item_new (NmdSample *sample, const NmdParameters *parameters, GError **error)
{
  const int size = nmd_segment_get_size (parameters);
  const gsize n = (gsize)size * (gsize)size;
  g_autoptr (NmdImage) image = NULL, mask = NULL, field = NULL, target = NULL;
  NmdLetterbox box;
  NmdImage *item;

  if (!nmd_sample_load (sample, &image, &mask, error))
    return NULL;
  nmd_letterbox_init (&box, image->width, image->height, size);
  field = nmd_letterbox_image (&box, image, parameters);
  item = nmd_image_new (size, 2 * size);
  memcpy (item->pixels, field->pixels, n);
  if (mask != NULL)
    {
      target = nmd_letterbox_mask (&box, mask);
      memcpy (item->pixels + n, target->pixels, n);
    }
  return item;
}

/* The two halves of @item; borrowed pixels. */
static void
split (const NmdImage *item, NmdImage *image, NmdImage *mask)
{
  const int size = item->width;

  *image = (NmdImage){ .width = size, .height = size, .pixels = item->pixels };
  *mask = *image;
  mask->pixels += (gsize)size * (gsize)size;
}

/* The item as it is; @stream NULL: nobody prompts. */
static void
fill (const NmdImage *item,
      const NmdSample *sample,
      const NmdParameters *parameters,
      NmdRandom *stream,
      float *out,
      float *target)
{
  const int size = item->width;
  g_autofree float *grey = g_new (float, (gsize)size *(gsize)size);
  NmdPrompts prompts = { 0 };
  NmdImage image, mask;
  NmdLetterbox box;

  split (item, &image, &mask);
  nmd_letterbox_init (&box, sample->width, sample->height, size);
  nmd_pair_augmentation_apply (NULL, &box, &image, &mask, NULL, grey, target);
  if (stream != NULL)
    nmd_prompts_simulate (target, size, parameters, stream, &prompts);
  nmd_segment_input (grey, &prompts, size, out);
}

void
nmd_segment_item_augment (const NmdImage *item,
                          const NmdSample *sample,
                          const NmdParameters *parameters,
                          guint64 seed,
                          int epoch,
                          float *image,
                          float *target)
{
  NmdImage grey, mask;
  NmdLetterbox box;
  NmdPairDraw draw;

  split (item, &grey, &mask);
  nmd_letterbox_init (&box, sample->width, sample->height, item->width);
  nmd_pair_training_input (&box, &grey, &mask, parameters, seed, epoch, sample->id, &draw,
                           image, target);
}

void
nmd_segment_item_prompted (const NmdImage *item,
                           const NmdSample *sample,
                           const NmdParameters *parameters,
                           guint64 seed,
                           int epoch,
                           float *image)
{
  g_autofree float *target = g_new (float, (gsize)item->width *(gsize)item->width);
  NmdRandom stream;

  nmd_random_init_for (&stream, seed, "augment", epoch, sample->id);
  fill (item, sample, parameters, &stream, image, target);
}

void
nmd_segment_item_plain (const NmdImage *item,
                        const NmdSample *sample,
                        float *image,
                        float *target)
{
  g_autofree float *unwanted
      = target == NULL ? g_new (float, (gsize)item->width *(gsize)item->width) : NULL;

  fill (item, sample, NULL, NULL, image, target != NULL ? target : unwanted);
}
