/* SPDX-License-Identifier: Apache-2.0
 *
 * From the untouched scan to the tensor that a network sees: pure functions of pixels and given
 * random numbers. Images are 8-bit grey, row-major; boxes are in pixels. Nothing here can fail but by
 * a caller's mistake, and nothing keeps what it is given.
 *
 * Threads: any.
 */
#pragma once

#include "engine/core/nmd-parameters.h"
#include "engine/core/nmd-random.h"
#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

#define NMD_INPUT_SIZE 224

/* The smallest box of set mask pixels goes to @box. FALSE, and @box untouched, if none is set. */
gboolean  nmd_mask_get_bounds   (const NmdImage *mask,
                                 NmdBox         *box);

/* @box widened on each side by ⌊margin·side + 0.5⌋ of its own side and cut at the @width × @height
 * frame. */
NmdBox    nmd_box_widen         (const NmdBox   *box,
                                 double          margin,
                                 int             width,
                                 int             height);

/* The pixels of @box, which lies inside @image and is not empty. @mask (nullable, of @image's size):
 * pixels outside it become 0. Returns: (transfer full). */
NmdImage *nmd_image_crop        (const NmdImage *image,
                                 const NmdBox   *box,
                                 const NmdImage *mask) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_image_resize:
 * @image: an image
 * @width: of the result, at least 1
 * @height: of the result, at least 1
 *
 * Resizes with a triangle filter, rows first, rounded to 8 bits between the passes. Along a side of n
 * samples that becomes m, with s = max (n/m, 1), output sample i is
 *
 *     Σ_k w_ik x_k / Σ_k w_ik,  w_ik = max (0, 1 − |k + 0.5 − (i + 0.5)·n/m| / s)
 *
 * so that shrinking averages over what is lost. Weights are in 22-bit fixed point.
 *
 * Source: Pillow 11.3, Image.BILINEAR, is the definition and agreed with bit for bit. Pillow 13 filters
 * columns first where the width grows and the height shrinks; there it differs by at most one grey level.
 *
 * Returns: (transfer full): the resized image; flags are kept, coloured pixels are not
 */
NmdImage *nmd_image_resize      (const NmdImage *image,
                                 int             width,
                                 int             height) G_GNUC_WARN_UNUSED_RESULT;

/* Side of the median filter's kernel in preprocessing, in pixels of the resized image: part of the definition, no
 * setting. */
#define NMD_MEDIAN_SIZE 5

/* Median of the @size × @size neighbourhood (3 or 5), border replicated. Equals OpenCV's medianBlur().
 * Returns: (transfer full). */
NmdImage *nmd_image_median      (const NmdImage *image,
                                 int             size) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_image_clahe:
 * @image: an image
 * @clip_limit: largest count of a histogram bin in multiples of the mean, above 0
 * @tiles: number of tiles along each side, at least 1
 *
 * Contrast-limited adaptive histogram equalisation: each tile's cumulative histogram, clipped and
 * the excess spread, maps grey levels; mappings are blended bilinearly between tile centres. Sides that
 * @tiles does not divide are padded by reflection (101). Arithmetic in float32 without contraction, halves
 * rounded to even.
 *
 * Source: Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994; equals
 * OpenCV's createCLAHE (clip_limit, (tiles, tiles)).
 *
 * Returns: (transfer full): the equalised image
 */
NmdImage *nmd_image_clahe       (const NmdImage *image,
                                 double          clip_limit,
                                 int             tiles) G_GNUC_WARN_UNUSED_RESULT;

/* Mean and standard deviation of grey inside an outline. */
typedef struct
{
  double mean, sd;      /* grey levels 0 … 255; NaN if n is 0 */
  gint64 n;             /* pixels measured */
  gint64 n_coloured;    /* of them, pixels that were coloured (overlay, caliper) */
  guint histogram[256]; /* of grey levels */
} NmdEchoIntensity;

/* Echo intensity: with x_1 … x_n the grey of the set pixels of @mask (of @image's size) in the untouched
 * image, mean = Σx/n and sd = √(Σ(x − mean)²/n), not rounded. */
void      nmd_echo_intensity    (const NmdImage   *image,
                                 const NmdImage   *mask,
                                 NmdEchoIntensity *result);

/**
 * NmdExposure:
 * @NMD_EXPOSURE_USUAL: none of the others
 * @NMD_EXPOSURE_BLACK: every pixel is 0
 * @NMD_EXPOSURE_SATURATED: at least half of the pixels are 255, so that the median lies at the end of the
 *   scale (ours: no guideline gives a share)
 * @NMD_EXPOSURE_CONSTANT: every pixel has one grey level between
 *
 * A picture that cannot be measured: a failed export, a frozen screen, a gain set too high.
 */
typedef enum
{
  NMD_EXPOSURE_USUAL,
  NMD_EXPOSURE_BLACK,
  NMD_EXPOSURE_SATURATED,
  NMD_EXPOSURE_CONSTANT,
} NmdExposure;

/* The exposure of the pixels that are measured: those inside @mask (nullable, of @image's size), all of them
 * without one or where it is empty. */
NmdExposure nmd_image_get_exposure (const NmdImage *image,
                                    const NmdImage *mask);

/* The same from what was measured inside a mask, of one pixel at least; no look at the pixels. */
NmdExposure nmd_echo_get_exposure  (const NmdEchoIntensity *echo);

/* Where a region of interest came from; shown wherever a score stands. */
typedef enum
{
  NMD_ROI_MASK,       /* outline of the data set or a mask file */
  NMD_ROI_DRAWN,      /* box or polygon drawn by the user */
  NMD_ROI_FRAME,      /* no outline: the whole frame */
  NMD_ROI_MODEL,      /* proposed by a segmentation network */
} NmdRoiSource;

/* The fixed stages 1 to 4. Stages that are switched off repeat the one before. */
typedef struct
{
  NmdBox box;              /* in pixels of the untouched image */
  NmdRoiSource source;
  NmdImage *roi;
  NmdImage *resize;        /* NMD_INPUT_SIZE square from here on */
  NmdImage *median;
  NmdImage *clahe;         /* what augmentation and normalisation start from */
} NmdStages;

/* Gives the images of @self back and empties it. */
void      nmd_stages_clear      (NmdStages *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdStages, nmd_stages_clear)

/* Fills the empty @stages: box of @mask widened by "roi-margin" (outside the mask black where "background"
 * says so; the whole frame, box and all, where it is "whole"), resized to NMD_INPUT_SIZE, then median and CLAHE where "median" and "clahe" say so, the last
 * with "clahe-clip" and "clahe-tiles". @mask (nullable, of @image's size): none or an empty one takes the
 * whole frame, source %NMD_ROI_FRAME; else the source is %NMD_ROI_MASK. */
void      nmd_preprocess        (const NmdImage      *image,
                                 const NmdImage      *mask,
                                 const NmdParameters *parameters,
                                 NmdStages           *stages);

/* What augmentation drew, for display and tests. */
typedef struct
{
  NmdBox crop;             /* of the 224 × 224 image */
  gboolean flip;
  double brightness, contrast;
} NmdAugmentation;

/* Draws from @stream: random resized crop (area, aspect log-uniform, ten tries, else the whole),
 * flip, brightness, contrast, in this order; switched-off steps draw nothing. */
void      nmd_augmentation_draw (NmdAugmentation     *self,
                                 const NmdParameters *parameters,
                                 NmdRandom           *stream);

/* crop → 224 × 224 (8 bit) → x/255 → flip → brightness factor, clip → contrast about the image's
 * mean, clip → @out (224·224 floats in [0, 1], not yet normalised). NULL @self: only x/255. */
void      nmd_augmentation_apply (const NmdAugmentation *self,
                                  const NmdImage        *image,
                                  float                 *out);

/* Three equal channels (x − mean)/sd, mean .485 .456 .406, sd .229 .224 .225: @out 3 × n. */
void      nmd_normalise         (const float *x,
                                 gsize        n,
                                 float       *out);

/* @a = λ·a + (1 − λ)·b, element by element (Zhang et al., "mixup", ICLR 2018). */
void      nmd_mixup             (float       *a,
                                 const float *b,
                                 gsize        n,
                                 double       lambda);

G_END_DECLS
