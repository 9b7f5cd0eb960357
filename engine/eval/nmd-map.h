/* SPDX-License-Identifier: Apache-2.0
 *
 * A heat map on the scan: where the network was sensitive, not where disease is. How its values come about is
 * nmd-attribution.h's.
 */
#pragma once

#include "engine/eval/nmd-attribution.h"
#include "engine/eval/nmd-colours.h"
#include "engine/eval/nmd-map-measure.h"

G_BEGIN_DECLS

/**
 * NmdMap:
 * @method: how it was computed
 * @grid_width: cells of the method's map, e.g. 7
 * @grid_height: likewise
 * @grid: L, grid_height × grid_width; neither scaled nor enlarged. The positive part of NmdAttribution.values, of
 *   SmoothGrad their magnitude (as its authors show it)
 * @box: the ROI box in pixels of the untouched image
 * @values: L divided by its largest value and enlarged over @box, (y1 − y0) × (x1 − x0), 0 to 1; zero without
 *   positive evidence. Of Integrated Gradients and SmoothGrad, where single pixels stand out, L is divided by its
 *   99th percentile and cut at 1, or by the largest value where that percentile is 0
 * @no_positive_evidence: L is zero everywhere: it is never scaled up
 * @layer: the node's name, or "input"
 * @target: the class explained, 0 or 1
 * @score: softmax for class 1 of this image
 * @logits: the two outputs before softmax
 * @gap: see NmdAttribution
 * @inside: share of the sum of @values inside the outline, 0 to 1
 * @edge: share on its edge
 * @outside: share outside; the three add up to 1
 * @peak_x: pixel of the untouched image at the centre of L's largest cell, the first in row order; −1 without
 *   positive evidence
 * @peak_y: likewise
 * @peak: where that pixel lies: the pointing game. Inside or on the edge is a hit, so the tolerance is the edge's
 *   2 % of the box's shorter side
 *
 * A map on the pixels of the ROI box. Immutable, reference counted; any thread may read it. The shares are NaN, and
 * the peak's region is NONE, without an outline or without positive evidence.
 *
 * Source of the pointing game: Zhang et al., "Top-down neural attention by excitation backprop", ECCV 2016, 4.2.
 */
typedef struct
{
  NmdMapMethod method;
  int grid_width, grid_height;
  float *grid;
  NmdBox box;
  float *values;
  gboolean no_positive_evidence;
  char *layer;
  int target;
  double score;
  double logits[2];
  double gap;
  double inside, edge, outside;
  int peak_x, peak_y;
  NmdMapRegion peak;
} NmdMap;

/* Another owner of the same map. */
NmdMap *nmd_map_ref   (NmdMap *self);
/* Gives up one ownership. */
void    nmd_map_unref (NmdMap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdMap, nmd_map_unref)

/**
 * nmd_map_compute:
 * @predictor: a trained model in a session
 * @image: the untouched image
 * @mask: (nullable): its outline, of the same size; %NULL or empty takes the whole frame
 * @method: see nmd-attribution.h
 * @target: class to explain, 0 or 1; −1 for the predicted one (class 1 if its score is 0.5 or more)
 * @layer: (nullable): a node's name; %NULL for the network's own choice
 * @cancellable: (nullable): looked at before each run of the network
 * @error: return location for an error
 *
 * Shows which parts of an image speak for one class. The image goes through the model's own preprocessing,
 * nmd_attribution_compute() gives values, and their positive part is enlarged over the ROI box (bilinear,
 * half-pixel centres, edges repeated).
 *
 * Units: none. 0 does not speak for the class, 1 is the strongest place of this image; maps of two
 * images are not on one scale.
 *
 * Cost: of nmd_attribution_compute().
 * Threads: the session's.
 *
 * Errors: those of nmd_attribution_compute().
 *
 * Returns: (transfer full): the map; %NULL with @error set
 */
NmdMap *nmd_map_compute     (NmdPredictor   *predictor,
                             const NmdImage *image,
                             const NmdImage *mask,
                             NmdMapMethod    method,
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

/* The grid as @values are scaled, 0 to 1. Returns: (transfer full): grid_height × grid_width values. */
float  *nmd_map_scale_grid  (const NmdMap   *self) G_GNUC_WARN_UNUSED_RESULT;

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
 * The map as a table with a header: x, y (pixels of the untouched image), value, method (its name). With @note
 * a fifth column "note". Both are in every row, so that no row can be taken without them.
 *
 * Returns: (transfer full): the text
 */
char   *nmd_map_to_csv      (const NmdMap   *self,
                             const char     *note) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
