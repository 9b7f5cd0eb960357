/* SPDX-License-Identifier: Apache-2.0
 *
 * Grad-CAM: where the network was sensitive, not where disease is.
 * Source: Selvaraju et al., "Grad-CAM", ICCV 2017, eq. 1 and 2.
 */
#pragma once

#include "engine/eval/nmd-colours.h"
#include "engine/model/nmd-predictor.h"

G_BEGIN_DECLS

/**
 * NmdMap:
 * @grid_width: cells of the layer's map, e.g. 7
 * @grid_height: likewise
 * @grid: L = max (0, Σ_k α_k A_k), grid_height × grid_width; neither scaled nor enlarged
 * @box: the ROI box in pixels of the untouched image
 * @values: L enlarged over @box, (y1 − y0) × (x1 − x0), 0 to 1; zero without positive evidence
 * @no_positive_evidence: L is zero everywhere: it is never scaled up
 * @layer: the node's name
 * @target: the class explained, 0 or 1
 * @score: softmax for class 1 of this image
 * @logits: the two outputs before softmax
 * @inside: share of the sum of @values inside the outline, 0 to 1
 * @edge: share on its edge
 * @outside: share outside; the three add up to 1
 *
 * A map on the pixels of the ROI box. Immutable, reference counted; any thread may read it. The shares
 * are NaN without an outline or without positive evidence.
 */
typedef struct
{
  int grid_width, grid_height;
  float *grid;
  NmdBox box;
  float *values;
  gboolean no_positive_evidence;
  char *layer;
  int target;
  double score;
  double logits[2];
  double inside, edge, outside;
} NmdMap;

/* Another owner of the same map. */
NmdMap *nmd_map_ref   (NmdMap *self);
/* Gives up one ownership. */
void    nmd_map_unref (NmdMap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdMap, nmd_map_unref)

/**
 * nmd_gradcam_compute:
 * @predictor: a trained model in a session
 * @image: the untouched image
 * @mask: (nullable): its outline, of the same size; %NULL or empty takes the whole frame
 * @target: class to explain, 0 or 1; −1 for the predicted one (class 1 if its score is 0.5 or more)
 * @layer: (nullable): a node's name; %NULL for the network's own choice
 * @cancellable: (nullable): looked at before and after the passes
 * @error: return location for an error
 *
 * Shows which parts of an image speak for one class. The image goes through the model's own
 * preprocessing. With A of shape [1, K, h, w] the output of @layer and z_c the logit of @target:
 *
 *     α_k  = 1/(h·w) · Σ_ij ∂z_c/∂A_kij
 *     L_ij = max (0, Σ_k α_k · A_kij)
 *
 * L is divided by its largest value and enlarged over the ROI box (bilinear, half-pixel centres, edges
 * repeated). Batch normalization uses its stored statistics. Of a layer of tokens the class token is left
 * out, the others are the image's patches in row order. Sums are in double.
 *
 * Units: none. 0 does not speak for the class, 1 is the strongest place of this image; maps of two
 * images are not on one scale.
 *
 * Cost: one forward and one backward pass; with @target −1 and class 0 predicted, two of each. The
 * program of a layer is compiled once and kept by @predictor.
 * Threads: the session's.
 *
 * Errors: %NMD_ERROR_UNSUPPORTED naming @layer; %NMD_ERROR_DIVERGED; those of the device;
 *   %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): the map; %NULL with @error set
 */
NmdMap *nmd_gradcam_compute (NmdPredictor   *predictor,
                             const NmdImage *image,
                             const NmdImage *mask,
                             int             target,
                             const char     *layer,
                             GCancellable   *cancellable,
                             GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_map_enlarge:
 * @grid: grid_height × grid_width values
 * @out: (out): height × width values
 *
 * Enlarges a grid bilinearly. Pixel x of the output lies at (x + 0.5) · grid_width / width − 0.5 of the
 * grid, cut to its first and last cell; y likewise.
 */
void    nmd_map_enlarge     (const float    *grid,
                             int             grid_width,
                             int             grid_height,
                             int             width,
                             int             height,
                             float          *out);

/**
 * nmd_map_measure:
 * @values: (y1 − y0) × (x1 − x0) values of @box, none negative
 * @box: lies within @mask
 * @mask: the outline
 * @inside: (out): share of the values' sum, NaN where the sum is 0
 * @edge: (out): likewise
 * @outside: (out): likewise
 *
 * Divides the sum of a map among the outline's inside, its edge and its outside. The contour runs half
 * way between a set pixel and the nearest unset one; the frame of the box is no contour. The edge is
 * what lies within 2 % of the box's shorter side of the contour.
 *
 * Source of the distances: Felzenszwalb and Huttenlocher, "Distance transforms of sampled functions",
 * Theory of Computing 8 (2012).
 */
void    nmd_map_measure     (const float    *values,
                             const NmdBox   *box,
                             const NmdImage *mask,
                             double         *inside,
                             double         *edge,
                             double         *outside);

/**
 * nmd_map_get_percents:
 * @self: a map with shares (@inside is not NaN)
 * @percents: (out): whole percents inside, on the edge and outside
 *
 * The shares as whole numbers that add up to 100: each is rounded down, and what is missing goes to the largest
 * fractions, the first of equal ones.
 */
void    nmd_map_get_percents (const NmdMap  *self,
                             int             percents[3]);

/**
 * nmd_map_to_csv:
 * @note: (nullable): a text without commas, "not meaningful"
 *
 * The map as a table with a header: x, y (pixels of the untouched image), value. With @note a fourth
 * column "note" repeats it in every row, so that no row can be taken without it.
 *
 * Returns: (transfer full): the text
 */
char   *nmd_map_to_csv      (const NmdMap   *self,
                             const char     *note) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
