/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole frame as a segmentation network takes it: the aspect is kept, the longer side becomes S
 * pixels, the rest of the S × S field is zero; and the exact way back. Pure functions. Threads: any.
 *
 * Coordinates are continuous: the centre of pixel (i, j) is (i + 0.5, j + 0.5).
 */
#pragma once

#include "engine/image/nmd-preprocess.h"

G_BEGIN_DECLS

/* Where an image of @width × @height pixels lies in a field of @size × @size. */
typedef struct
{
  int width, height;    /* of the untouched image */
  int size;             /* S */
  NmdBox content;       /* the resized image in the field; zeros around it */
} NmdLetterbox;

/* The longer side becomes @size, the other one ⌊side·S/longer + 0.5⌋, at least 1; centred, an odd
 * remainder goes to the right and below. */
void      nmd_letterbox_init       (NmdLetterbox        *self,
                                    int                  width,
                                    int                  height,
                                    int                  size);

/* @image (of the letterbox's size) resized (nmd_image_resize()), then median and CLAHE where "median" and
 * "clahe" of @parameters (nullable: neither) say so, centred on zeros. Returns: (transfer full): S × S. */
NmdImage *nmd_letterbox_image      (const NmdLetterbox  *self,
                                    const NmdImage      *image,
                                    const NmdParameters *parameters) G_GNUC_WARN_UNUSED_RESULT;

/* @mask resized alike, set where at least half of a pixel is. Returns: (transfer full): S × S, 0 or 255. */
NmdImage *nmd_letterbox_mask       (const NmdLetterbox  *self,
                                    const NmdImage      *mask) G_GNUC_WARN_UNUSED_RESULT;

/* A point of the untouched image into the field, and back. */
void      nmd_letterbox_to_field   (const NmdLetterbox  *self,
                                    double              *x,
                                    double              *y);
void      nmd_letterbox_from_field (const NmdLetterbox  *self,
                                    double              *x,
                                    double              *y);

/* Values @field (S × S) at the pixel centres of the untouched image, bilinear with half-pixel centres;
 * the edges of the content are repeated, what is outside it does not count. @out: height × width. */
void      nmd_letterbox_enlarge    (const NmdLetterbox  *self,
                                    const float         *field,
                                    float               *out);

/* Most clicks of one answer. */
#define NMD_PROMPTS_MAX_CLICKS 32

/* What a user showed: a box, places that belong to the muscle and places that do not. All zero: nothing.
 * In pixels of the untouched image or of the field. */
typedef struct
{
  gboolean has_box;
  double x0, y0, x1, y1;
  guint n_clicks;
  struct
  {
    double x, y;
    gboolean is_positive;
  } clicks[NMD_PROMPTS_MAX_CLICKS];
} NmdPrompts;

/* @prompts, in pixels of the untouched image, in those of the field. */
void      nmd_prompts_to_field     (const NmdPrompts    *prompts,
                                    const NmdLetterbox  *letterbox,
                                    NmdPrompts          *field);

/**
 * nmd_segment_input:
 * @grey: (array length=size·size): the field in [0, 1]
 * @prompts: (nullable): in pixels of the field; %NULL: nobody prompts
 * @size: S
 * @out: (out): 3 × S × S
 *
 * Fills the three channels of a segmentation network: x − 0.5; 1 where a pixel's centre lies in the box;
 * the clicks at distances d as Σ ± exp (−d²/2σ²), σ = S/64, cut to [−1, 1].
 */
void      nmd_segment_input        (const float         *grey,
                                    const NmdPrompts    *prompts,
                                    int                  size,
                                    float               *out);

G_END_DECLS
