/* SPDX-License-Identifier: Apache-2.0
 *
 * What training a segmentation network does to a letterboxed image and its mask together, and the
 * prompts that it makes up. Pure functions of pixels and given random numbers. Threads: any.
 */
#pragma once

#include "engine/image/nmd-letterbox.h"

G_BEGIN_DECLS

/* What was drawn for one image; the neutral one changes nothing. */
typedef struct
{
  gboolean flip;
  double angle;         /* degrees, turning the picture clockwise */
  double zoom;          /* what the picture is enlarged by: scale/√(area of the crop) */
  double x, y;          /* point of the field that comes to its middle, in shares of S from the middle */
  double brightness;    /* factor */
  double contrast;      /* factor about the mean of the content */
  double gamma;         /* exponent */
  double speckle;       /* standard deviation of the noise */
} NmdPairAugmentation;

/* Draws from @stream by "crop", "crop-area", "flip", "rotation", "scale", "brightness", "contrast", "gamma"
 * and "speckle", in this order; switched-off steps draw nothing. */
void nmd_pair_augmentation_draw  (NmdPairAugmentation       *self,
                                  const NmdParameters       *parameters,
                                  NmdRandom                 *stream);

/**
 * nmd_pair_augmentation_apply:
 * @self: (nullable): %NULL only takes x/255 and the mask as it is
 * @letterbox: where the content lies
 * @image: S × S, see nmd_letterbox_image()
 * @mask: S × S, see nmd_letterbox_mask()
 * @stream: (nullable): for the speckle noise; needed where @self has some
 * @grey: (out): S × S in [0, 1]; 0 outside the content
 * @target: (out): S × S, 0 or 1
 *
 * One affine map, sampled bilinearly, takes both; the mask is set from 0.5. Then, inside the content only,
 * x·brightness, clipped; (x − mean)·contrast + mean, clipped; x^gamma; x·(1 + speckle·n), clipped, with n
 * of mean 0 and variance 1 (a sum of four uniform numbers).
 */
void nmd_pair_augmentation_apply (const NmdPairAugmentation *self,
                                  const NmdLetterbox        *letterbox,
                                  const NmdImage            *image,
                                  const NmdImage            *mask,
                                  NmdRandom                 *stream,
                                  float                     *grey,
                                  float                     *target);

/**
 * nmd_prompts_simulate:
 * @target: S × S, 0 or 1
 * @size: S
 * @parameters: "prompts", "unprompted", "box-jitter", "clicks"
 * @stream: draws from it
 * @prompts: (out): in pixels of the field
 *
 * Makes up what a user might show of @target. Nothing without "prompts", for the share "unprompted" and for an empty target;
 * else, with equal chances, a box, clicks, or both. A side of the box is the target's bound moved by up
 * to "box-jitter" of the box's side. Clicks are 1 to "clicks", the first without a box positive, others
 * either with equal chances: a positive one is any set pixel, a negative one an unset pixel within the
 * bounds widened by a quarter.
 */
void nmd_prompts_simulate        (const float               *target,
                                  int                        size,
                                  const NmdParameters       *parameters,
                                  NmdRandom                 *stream,
                                  NmdPrompts                *prompts);

/* What a training hands the network of one image, and what it is to answer. */
typedef struct
{
  NmdPairAugmentation augmentation;
  NmdPrompts prompts; /* in pixels of the field */
} NmdPairDraw;

/**
 * nmd_pair_training_input:
 * @letterbox, @image, @mask: as for nmd_pair_augmentation_apply()
 * @seed: of the training
 * @epoch: counts from 0
 * @id: of the sample
 * @draw: (out): what was drawn
 * @out: (out): 3 × S × S, nmd_segment_input()
 * @target: (out): S × S, 0 or 1
 *
 * Augments image and mask and makes up prompts, all from the stream "SEED:augment:EPOCH:ID".
 */
void nmd_pair_training_input (const NmdLetterbox *letterbox,
                              const NmdImage *image,
                              const NmdImage *mask,
                              const NmdParameters *parameters,
                              guint64 seed,
                              int epoch,
                              const char *id,
                              NmdPairDraw *draw,
                              float *out,
                              float *target);

G_END_DECLS
