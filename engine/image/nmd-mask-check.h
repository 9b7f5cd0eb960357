/* SPDX-License-Identifier: Apache-2.0
 *
 * What the values of a mask file mean, and whether its outline is to be doubted. Pure functions.
 *
 * A pixel is set if any colour sample is not 0; alpha never counts. Only where that would be wrong
 * something else is done, and found:
 *
 * - alpha: all colours are the same and alpha varies: alpha is the mask
 * - soft edge: grey steps between 0 and the largest value M, as JPEG and smoothing make them: set from M/2
 *   on; the pixels between 0 and M depend on that threshold
 * - labels: two values or more, each with an area of its own (9 pixels whose four neighbours are equal): set
 *   is the one that the caller names. Likewise one with an area, and a border of a larger value
 * - void: entry 255 of Pascal VOC's palette (224, 224, 192), which marks undecided borders: not set, unless
 *   the caller names 255
 *
 * An outline is doubtful that
 *
 * - is grey: a quarter as many pixels between M/4 and 3M/4 as from M/2 on, or more than 256 colours: a
 *   picture rather than a mask
 * - covers the frame: 99 % of its pixels, or more
 * - looks inverted: 90 % of the pixels at the frame's edge are set, and a quarter of all
 * - is a line: it encloses more than it sets, and 35 % of its pixels are at its edge; or it encloses
 *   nothing, 60 % of them are, and they are less than a quarter of its box
 * - has stray pixels: parts of at most 2 % of the largest part (or 4 pixels), further from its box than
 *   5 % of the longer side of that box (at least 2 pixels): the ROI would grow by them
 *
 * The last three can be mended on request: inverted back, filled, dropped.
 * Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_MASK_ALPHA    = 1 << 0,
  NMD_MASK_SOFT     = 1 << 1,
  NMD_MASK_LABELS   = 1 << 2, /* several, and none was named: all of them are set */
  NMD_MASK_GREY     = 1 << 3,
  NMD_MASK_COVERS   = 1 << 4,
  NMD_MASK_INVERTED = 1 << 5,
  NMD_MASK_CONTOUR  = 1 << 6, /* a line */
  NMD_MASK_STRAY    = 1 << 7,
  NMD_MASK_VOID     = 1 << 8,
} NmdMaskFindings;

#define NMD_MASK_ANY_VALUE "any" /* every value but 0 is the mask */
#define NMD_MASK_MAX_LABELS 8

/* How a mask is read. All zero is the default. */
typedef struct
{
  const char *value;     /* (nullable) the label that is the mask: "2", "#ff0000", "any" */
  gboolean fill;         /* closed lines are filled */
  gboolean invert;       /* outlines that look inverted are turned round */
  gboolean drop_stray;   /* stray pixels are dropped */
} NmdMaskOptions;

/* What was found. */
typedef struct
{
  NmdMaskFindings findings; /* after mending */
  gint64 n_between;         /* pixels that depend on the threshold */
  gint64 n_stray;           /* stray pixels */
  gint64 n_void;            /* pixels that VOC's palette calls undecided */
  guint n_labels;           /* values but 0 that are no soft edge, the first few by size: */
  char labels[NMD_MASK_MAX_LABELS][12]; /* "2"; the index in a palette; "#rrggbb" of colours */
} NmdMaskFacts;

/**
 * nmd_mask_read_bytes:
 * @name: stands for the file in errors
 * @options: (nullable): how
 * @facts: (out): what was found
 *
 * Reads a mask and checks it.
 *
 * Cost: that of decoding, and about 0.2 ms for 512 × 480.
 *
 * Errors: those of nmd_mask_load() but for labels, which are only found.
 *
 * Returns: (transfer full): a mask of 0 and 255; %NULL with @error set
 */
NmdImage *nmd_mask_read_bytes (GBytes                *bytes,
                               const char            *name,
                               const NmdMaskOptions  *options,
                               NmdMaskFacts          *facts,
                               GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/* Looks at the shape of @mask (0 and 255): what of it is doubtful is added to @facts; what @options
 * (nullable) ask for is mended in place. */
void      nmd_mask_check_shape (NmdImage             *mask,
                                const NmdMaskOptions *options,
                                NmdMaskFacts         *facts);

G_END_DECLS
