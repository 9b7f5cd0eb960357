/* SPDX-License-Identifier: Apache-2.0
 *
 * From the untouched scan to the tensor that a network sees: pure functions of pixels and given
 * random numbers. Definitions and sources at each function; all are thread-safe.
 */
#pragma once

#include "engine/core/nmd-parameters.h"
#include "engine/core/nmd-random.h"
#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

#define NMD_INPUT_SIZE 224

/* Smallest box of set mask pixels. FALSE if none is set. */
gboolean  nmd_mask_get_bounds   (const NmdImage *mask,
                                 NmdBox         *box);

/* @box widened on each side by ⌊margin·side + 0.5⌋ and cut at the @width × @height frame. */
NmdBox    nmd_box_widen         (const NmdBox   *box,
                                 double          margin,
                                 int             width,
                                 int             height);

/* The pixels of @box; @mask (nullable): pixels outside it become 0. */
NmdImage *nmd_image_crop        (const NmdImage *image,
                                 const NmdBox   *box,
                                 const NmdImage *mask) G_GNUC_WARN_UNUSED_RESULT;

/* Triangle filter whose support is scaled when shrinking; agrees with Pillow's BILINEAR within
 * one grey level. */
NmdImage *nmd_image_resize      (const NmdImage *image,
                                 int             width,
                                 int             height) G_GNUC_WARN_UNUSED_RESULT;

/* Median of the @size × @size neighbourhood (3 or 5), border replicated; equals OpenCV's medianBlur. */
NmdImage *nmd_image_median      (const NmdImage *image,
                                 int             size) G_GNUC_WARN_UNUSED_RESULT;

/* Contrast-limited adaptive histogram equalisation (Zuiderveld 1994) with @tiles × @tiles tiles;
 * equals OpenCV's createCLAHE (clip_limit, (tiles, tiles)). */
NmdImage *nmd_image_clahe       (const NmdImage *image,
                                 double          clip_limit,
                                 int             tiles) G_GNUC_WARN_UNUSED_RESULT;

/* Mean and standard deviation (÷ n) of grey over the mask's set pixels of the untouched image,
 * not rounded; echo intensity. */
typedef struct
{
  double mean, sd;      /* grey levels 0 … 255; NaN if n is 0 */
  gint64 n;             /* pixels measured */
  gint64 n_coloured;    /* of them, pixels that were coloured (overlay, caliper) */
  guint histogram[256];
} NmdEchoIntensity;

void      nmd_echo_intensity    (const NmdImage   *image,
                                 const NmdImage   *mask,
                                 NmdEchoIntensity *result);

/* Where a region of interest came from; shown wherever a score stands. */
typedef enum
{
  NMD_ROI_MASK,       /* outline of the data set or a mask file */
  NMD_ROI_DRAWN,      /* box or polygon drawn by the user */
  NMD_ROI_FRAME,      /* no outline: the whole frame */
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

void      nmd_stages_clear      (NmdStages *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdStages, nmd_stages_clear)

/* @mask (nullable): NULL or empty takes the whole frame (source NMD_ROI_FRAME). Reads
 * "roi-margin", "background", "median", "clahe", "clahe-clip", "clahe-tiles". */
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
