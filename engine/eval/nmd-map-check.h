/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a heat map show what it says? Whether the score depends on the places that it marks, and whether the map
 * depends on what the network learned. Threads: the session's, of the pure functions any.
 */
#pragma once

#include "engine/eval/nmd-map.h"

G_BEGIN_DECLS

#define NMD_FIDELITY_STEPS 28

/**
 * NmdMapFidelity:
 * @deletion: score of the explained class with the strongest k/28 of the pixels set to grey, k = 0 … 28
 * @insertion: with only these pixels of the image on grey
 * @deletion_area: area under @deletion, trapezoids over the share of pixels from 0 to 1; the smaller the better
 * @insertion_area: likewise; the larger the better
 *
 * In [0, 1]. Grey is the image's own mean (nmd_attribution_get_grey()), which keeps its brightness; the original
 * insertion starts from a blurred image instead. Areas of two images compare only as far as their scores do.
 */
typedef struct
{
  double deletion[NMD_FIDELITY_STEPS + 1], insertion[NMD_FIDELITY_STEPS + 1];
  double deletion_area, insertion_area;
} NmdMapFidelity;

/**
 * nmd_map_get_fidelity:
 * @predictor: the one that gave @map
 * @image: the untouched image that @map is of
 * @mask: (nullable): as for @map
 * @map: with positive evidence; without, all of @out is NaN
 * @cancellable: (nullable): looked at before each batch
 *
 * Removes the pixels of the prepared image, and on the other way puts them in, in the order of the map's grid
 * enlarged to 224 × 224: the largest first, equal ones in a random order that is always the same (stream
 * "0:maps:0:order").
 *
 * Cost: 56 forward passes.
 *
 * Source: Petsiuk, Das and Saenko, "RISE", BMVC 2018, section 4.1.
 *
 * Errors: %NMD_ERROR_DIVERGED; those of the device; %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE on success
 */
gboolean nmd_map_get_fidelity (NmdPredictor   *predictor,
                               const NmdImage *image,
                               const NmdImage *mask,
                               const NmdMap   *map,
                               GCancellable   *cancellable,
                               NmdMapFidelity *out,
                               GError        **error);

/**
 * NmdMapCascade:
 * @n: steps
 * @layers: of each step what became random in it, besides the steps before it
 * @spearman: rank correlation of the map's grid with the original's
 * @ssim: structural similarity of both, scaled as NmdMap.values and enlarged to 224 × 224, see nmd_map_ssim()
 *
 * A step whose map has no positive evidence, or that diverges, has NaN for both.
 */
typedef struct
{
  guint n;
  char **layers;
  double *spearman, *ssim;
} NmdMapCascade;

/* Frees what @self holds. */
void     nmd_map_cascade_clear (NmdMapCascade *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdMapCascade, nmd_map_cascade_clear)

/**
 * nmd_map_get_cascade:
 * @predictor: the one that gave @map; it computes with the model's own weights again afterwards
 * @image: the untouched image that @map is of
 * @mask: (nullable): as for @map
 * @map: the original
 * @seed: of the fresh weights, nmd_network_init()
 * @cancellable: (nullable): looked at before each run of the network
 * @out: (out): clear with nmd_map_cascade_clear()
 *
 * Cascading randomisation: from the classifier down to the input, layer after layer gets fresh weights, running
 * statistics too, and the map for the same class is computed again. A layer is what shares its name up to its first
 * number ("stages.4"), or up to its first full stop. A map that stays the same shows the picture, not what the
 * network learned.
 *
 * Cost: a map for each layer, 7 to 30 of them by the network.
 *
 * Source: Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018, section 3.
 *
 * Errors: those of nmd_map_compute() but %NMD_ERROR_DIVERGED.
 *
 * Returns: %TRUE on success
 */
gboolean nmd_map_get_cascade  (NmdPredictor   *predictor,
                               const NmdImage *image,
                               const NmdImage *mask,
                               const NmdMap   *map,
                               guint64         seed,
                               GCancellable   *cancellable,
                               NmdMapCascade  *out,
                               GError        **error);

/* Spearman's rank correlation of two lists of @n ≥ 2 finite numbers, ties with their mean rank; NaN where one is
 * constant. */
double   nmd_map_spearman     (const float    *a,
                               const float    *b,
                               gsize           n);

/**
 * nmd_map_ssim:
 * @a: height × width values in [0, 1]
 * @b: likewise
 * @width: 11 or more
 * @height: 11 or more
 *
 * The mean over all places at least 5 pixels from the border of
 *
 *     (2 μ_a μ_b + 10⁻⁴)(2 σ_ab + 9·10⁻⁴) / ((μ_a² + μ_b² + 10⁻⁴)(σ_a² + σ_b² + 9·10⁻⁴))
 *
 * with moments under a Gaussian of SD 1.5 pixels cut at 5. 1 for equal maps, down to −1.
 *
 * Source: Wang et al., "Image quality assessment", IEEE TIP 13 (2004), eq. 13; as scikit-image computes it.
 */
double   nmd_map_ssim         (const float    *a,
                               const float    *b,
                               int             width,
                               int             height);

#define NMD_CASCADE_SAME 0.5 /* |Spearman| from which a map counts as hardly changed; ours */

/**
 * nmd_map_get_verdict:
 * @fidelity: (nullable): not measured
 * @cascade: (nullable): not measured
 *
 * Says in a few sentences what the shares, the peak and the checks found: "64 % of the map lies inside the outline, its
 * peak inside. …". The cascade is judged where all layers are random.
 *
 * Returns: (transfer full): the text
 */
char    *nmd_map_get_verdict  (const NmdMap         *map,
                               const NmdMapFidelity *fidelity,
                               const NmdMapCascade  *cascade) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
