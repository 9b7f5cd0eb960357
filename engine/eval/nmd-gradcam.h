/* SPDX-License-Identifier: Apache-2.0
 *
 * Grad-CAM: where the network was sensitive, not where disease is.
 * Source: Selvaraju et al., "Grad-CAM", ICCV 2017, eq. 1 and 2.
 */
#pragma once

#include "engine/model/nmd-predictor.h"

G_BEGIN_DECLS

/* A map on the pixels of the ROI box; immutable, reference counted. */
typedef struct
{
  int grid_width, grid_height;  /* of the layer, e.g. 7 × 7 */
  float *grid;                  /* ReLU (Σ α A), neither normalised nor enlarged */
  NmdBox box;                   /* ROI box in pixels of the untouched image */
  float *values;                /* (x1 − x0) × (y1 − y0) in [0, 1]; zero if no positive evidence */
  gboolean no_positive_evidence; /* the map is zero or negative everywhere: never scaled up */
  char *layer;                  /* node name */
  int target;                   /* class explained, 0 or 1 */
  double score;                 /* softmax for class 1 of this image */
  double logits[2];
  /* Shares of the map's sum; NaN without a mask or without evidence. The edge ring is ± 2 % of the
   * box's shorter side around the contour, inside and outside are what remains. The contour runs half
   * way between a set pixel and the nearest unset one; the frame of the image is no contour. */
  double inside, edge, outside;
} NmdMap;

NmdMap *nmd_map_ref   (NmdMap *self);
void    nmd_map_unref (NmdMap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdMap, nmd_map_unref)

/**
 * nmd_gradcam_compute:
 * @mask: (nullable)
 * @target: 0 or 1; −1 for the predicted class (score ≥ 0.5 is class 1)
 * @layer: (nullable): a node's name, NULL for the network's own
 *
 * α_k = mean over i, j of ∂logit_target/∂A_kij with frozen batch norm, L = ReLU (Σ_k α_k A_k),
 * divided by its maximum, enlarged bilinearly (half-pixel centres, edges repeated) over the ROI
 * box. Of a layer of tokens the class token is left out, the others are the image's patches in row
 * order. Programs are compiled once a layer and kept by @predictor.
 *
 * Errors: %NMD_ERROR_UNSUPPORTED naming @layer; device errors; %G_IO_ERROR_CANCELLED.
 */
NmdMap *nmd_gradcam_compute (NmdPredictor   *predictor,
                             const NmdImage *image,
                             const NmdImage *mask,
                             int             target,
                             const char     *layer,
                             GCancellable   *cancellable,
                             GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* The map of a given grid (row-major), for tests and for the enlargement alone. */
void    nmd_map_enlarge     (const float    *grid,
                             int             grid_width,
                             int             grid_height,
                             int             width,
                             int             height,
                             float          *out);

/* The shares alone: @values over @box of @mask's image. NaN where undefined, as in NmdMap. */
void    nmd_map_measure     (const float    *values,
                             const NmdBox   *box,
                             const NmdImage *mask,
                             double         *inside,
                             double         *edge,
                             double         *outside);

/* The map as CSV with a header: x, y (pixels of the untouched image), value in [0, 1]. With @note
 * (nullable, without commas) a fourth column "note" repeats it in every row, so that no row can be taken
 * without it. */
char   *nmd_map_to_csv      (const NmdMap   *self,
                             const char     *note) G_GNUC_WARN_UNUSED_RESULT;

/* 8-bit RGB of v in [0, 1] (clipped): uniform colours (equal steps of v are equal distances in CIELAB, lightness
 * rises from 10 to 92 so that it reads in grey as well) or jet. Threads: any. */
typedef enum
{
  NMD_COLOURS_UNIFORM,
  NMD_COLOURS_JET,      /* "as in the paper, not stiffness" */
} NmdColours;
void    nmd_colour          (NmdColours      colours,
                             double          v,
                             guint8          rgb[3]);

G_END_DECLS
