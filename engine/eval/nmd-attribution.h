/* SPDX-License-Identifier: Apache-2.0
 *
 * Which places of a prepared image an output of the network depends on, by six methods, on the grid that each
 * of them has. Where the network was sensitive, not where disease is.
 *
 * With x of shape [3, 224, 224] the prepared image, z_c the logit of the class c that is explained, A of shape
 * [K, h, w] the output of a layer, g_kij = ∂z_c/∂A_kij, and b the grey image whose three channels are the means
 * of x's (the image's own mean grey, so that it is as bright as what it stands for):
 *
 *     Grad-CAM      Σ_k α_k A_kij,  α_k = 1/(h·w) Σ_ij g_kij
 *     Grad-CAM++    Σ_k w_k A_kij,  w_k = Σ_ij a_kij max (0, g_kij),  a_kij = g²/(2 g² + g³ Σ_ij A_kij + 10⁻⁶), 0 where g = 0
 *     LayerCAM      Σ_k max (0, g_kij) A_kij
 *     Integrated    Σ_channels (x − b)·1/48 Σ_{m = 0…47} ∂z_c/∂x at b + (m + ½)/48·(x − b)
 *     Gradients
 *     SmoothGrad    Σ_channels r·1/32 Σ_{m = 1…32} ∂z_c/∂x at x + 0.15·r·n_m,  r = largest − smallest of the channel of x
 *     Occlusion     mean of z_c(x) − z_c(x with b in a square of 32 × 32) over the squares that cover the place; they
 *                   stand 16 apart, 13 × 13 of them
 *
 * The first three are on the layer's grid, Integrated Gradients and SmoothGrad on 224 × 224, occlusion on 14 × 14
 * cells of 16 × 16. Of a layer of tokens the class token is left out, the others are the image's patches in row order.
 * n_m are normals, the same for the three channels (a scan is grey), of the stream "0:maps:0:smoothgrad": the same
 * image gives the same map.
 *
 * Units: logits for the last three. Integrated Gradients add up to z_c(x) − z_c(b), up to the sum's own error
 * (NmdAttribution.gap). SmoothGrad is the change of the logit if the place's grey went through the image's whole range,
 * to first order. Of the first three: logits times activations; maps of two images are not on one scale.
 *
 * Grad-CAM++ is meant for layers that end in a ReLU. Where Σ A of a channel is negative, a_kij has a pole, and its map
 * there can hang on the last bits.
 *
 * HiResCAM (Draelos and Carin, arXiv 2011.08891) and XGrad-CAM (Fu et al., BMVC 2020) are not offered: where the layer
 * goes straight into mean pooling, as the default layer of every network here but vit does, g is the same at all
 * places and both are Grad-CAM. A test holds that.
 *
 * Source: Selvaraju et al., "Grad-CAM", ICCV 2017, eq. 1 and 2; Chattopadhay et al., "Grad-CAM++", WACV 2018, eq. 19
 * (10⁻⁶ is pytorch-grad-cam's: without it a vanishing gradient divides by 0); Jiang et al., "LayerCAM", IEEE TIP 30
 * (2021); Sundararajan et al., "Axiomatic attribution", ICML 2017, eq. 3; Smilkov et al., "SmoothGrad", arXiv
 * 1706.03825 (10 to 20 % noise); Zeiler and Fergus, "Visualizing and understanding", ECCV 2014 (occlusion).
 */
#pragma once

#include "engine/model/nmd-predictor.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_MAP_GRADCAM,
  NMD_MAP_GRADCAM_PLUS,
  NMD_MAP_LAYERCAM,
  NMD_MAP_INTEGRATED,
  NMD_MAP_SMOOTHGRAD,
  NMD_MAP_OCCLUSION,
} NmdMapMethod;
#define NMD_N_MAP_METHODS 6
#define NMD_MAP_METHOD_NAMES "gradcam, gradcam++, layercam, ig, smoothgrad or occlusion"

/* "gradcam", "gradcam++", "layercam", "ig", "smoothgrad", "occlusion"; static. */
const char *nmd_map_method_get_name   (NmdMapMethod  self);
/* "Grad-CAM", "Grad-CAM++", "LayerCAM", "Integrated Gradients", "SmoothGrad", "Occlusion"; static. */
const char *nmd_map_method_get_title  (NmdMapMethod  self);
/* Whether it reads a layer; the others look at the input and have none to choose. */
gboolean    nmd_map_method_has_layer  (NmdMapMethod  self);
/* FALSE if @name is none of the names. */
gboolean    nmd_map_method_find       (const char   *name,
                                       NmdMapMethod *method);

/**
 * NmdAttribution:
 * @values: height × width, signed
 * @layer: the node's name; "input" where the method has no layer
 * @target: the class explained
 * @logits: of the image
 * @score: softmax for class 1
 * @gap: of Integrated Gradients, their sum − (z_c(x) − z_c(b)); otherwise 0
 */
typedef struct
{
  int width, height;
  double *values;
  char *layer;
  int target;
  double logits[2];
  double score;
  double gap;
} NmdAttribution;

/* Frees what @self holds. */
void        nmd_attribution_clear     (NmdAttribution *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdAttribution, nmd_attribution_clear)

/**
 * nmd_attribution_compute:
 * @tensor: 3 × 224 × 224 values, see nmd_model_prepare()
 * @target: class to explain, 0 or 1; −1 for the predicted one (class 1 if its score is 0.5 or more)
 * @layer: (nullable): a node's name; %NULL for the network's own choice. Not read by methods without a layer
 * @cancellable: (nullable): looked at before each run of the network
 * @out: (out): clear with nmd_attribution_clear(); empty on failure
 *
 * Computes one method by the formula above. Sums are in double.
 *
 * Edge cases: an image of one grey has b = x: Integrated Gradients, SmoothGrad and occlusion are 0 everywhere.
 *
 * Cost: of the CAMs one forward and one backward pass, two of each with @target −1 and class 0 predicted; of
 * Integrated Gradients 48 and of SmoothGrad 32 of both, in batches of %NMD_GRADIENT_BATCH; of occlusion 170
 * forward passes in the predictor's batches. Programs are compiled once and kept by @predictor.
 * Threads: the session's.
 *
 * Errors: %NMD_ERROR_UNSUPPORTED naming @layer; %NMD_ERROR_DIVERGED; those of the device;
 *   %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE on success
 */
gboolean    nmd_attribution_compute   (NmdPredictor   *predictor,
                                       NmdMapMethod    method,
                                       const float    *tensor,
                                       int             target,
                                       const char     *layer,
                                       GCancellable   *cancellable,
                                       NmdAttribution *out,
                                       GError        **error);

/* @grey: (out): b, the means of the three channels of @tensor, what a removed place is set to. */
void        nmd_attribution_get_grey  (const float    *tensor,
                                       float           grey[3]);

G_END_DECLS
