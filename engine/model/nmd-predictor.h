/* SPDX-License-Identifier: Apache-2.0
 *
 * A model in a session: scores of prepared tensors, one layer's map with its gradient for Grad-CAM,
 * and gradients by the input. Programs are compiled at first use: one for a single image, one for batches,
 * one for each layer, one for gradients by the input. Belongs to the session's thread. Several predictors may share a session: each writes its
 * weights into the store again when another one has used it.
 */
#pragma once

#include "engine/backend/nmd-session.h"
#include "engine/model/nmd-model.h"

G_BEGIN_DECLS

typedef struct _NmdPredictor NmdPredictor;

/**
 * nmd_predictor_new:
 * @session: must outlive the predictor
 * @model: referenced
 * @batch: images that one run of the batch program takes, 1 or more
 *
 * Checks that the model's weights are complete. Nothing is compiled yet.
 *
 * Errors: %NMD_ERROR_REFUSED for a segmentation network; %NMD_ERROR_SHAPE if the weights lack a tensor of
 * the network or have it in another shape.
 *
 * Returns: (transfer full): the predictor; %NULL with @error set
 */
NmdPredictor        *nmd_predictor_new     (NmdSession          *session,
                                            NmdModel            *model,
                                            int                  batch,
                                            GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* Frees @self (nullable) and its programs; the session stays open. */
void                 nmd_predictor_free    (NmdPredictor        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPredictor, nmd_predictor_free)
/* The model; borrowed. */
NmdModel            *nmd_predictor_get_model (NmdPredictor      *self);
/* Images that one run of the batch program takes. */
guint                nmd_predictor_get_batch (NmdPredictor      *self);

/**
 * nmd_predictor_score:
 * @tensors: n × 3 × 224 × 224 values, see nmd_model_prepare()
 * @n: number of images; 0 does nothing
 * @scores: (out): n values in [0, 1]
 *
 * Computes the softmax for class 1 from the logits z, in double:
 *
 *     score = 1 / (1 + exp (z_0 − z_1))
 *
 * One image runs alone; several run in batches, the last one padded with zeros whose scores are
 * thrown away. Batch normalization uses its stored statistics.
 *
 * Errors: %NMD_ERROR_DIVERGED if a logit is NaN or infinite; those of the device.
 *
 * Returns: %TRUE on success
 */
gboolean             nmd_predictor_score   (NmdPredictor        *self,
                                            const float         *tensors,
                                            guint                n,
                                            double              *scores,
                                            GError             **error);

/* nmd_predictor_score() before the softmax. @logits: (out): n × 2 values. Errors: as there. */
gboolean             nmd_predictor_logits  (NmdPredictor        *self,
                                            const float         *tensors,
                                            guint                n,
                                            float               *logits,
                                            GError             **error);

/**
 * nmd_predictor_use_weights:
 * @weights: (nullable): referenced; %NULL: the model's own again
 *
 * Computes with @weights in place of the model's from now on: for asking whether an answer depends on what
 * was learned. Nothing is compiled anew; the model does not change.
 *
 * Errors: %NMD_ERROR_SHAPE as nmd_predictor_new(); @self goes on as before then.
 *
 * Returns: %TRUE on success
 */
gboolean             nmd_predictor_use_weights (NmdPredictor    *self,
                                            NmdWeights          *weights,
                                            GError             **error);

#define NMD_GRADIENT_BATCH 8 /* images whose gradients one run takes */

/**
 * nmd_predictor_input_gradient:
 * @tensors: n × 3 × 224 × 224 values, see nmd_model_prepare()
 * @n: number of images; 0 does nothing. The last batch of %NMD_GRADIENT_BATCH is padded
 * @target: class 0 or 1
 * @gradients: (out): ∂z_target/∂x of each image, as @tensors
 *
 * The gradient of one logit by the prepared image, in logits per unit of the normalised input. Batch
 * normalization uses its stored statistics and passes gradients through them as constants.
 *
 * Cost: a forward and a backward pass without the weights' gradients; memory for %NMD_GRADIENT_BATCH images,
 * held until the predictor is freed.
 *
 * Errors: %NMD_ERROR_DIVERGED if a logit is NaN or infinite; those of the device.
 *
 * Returns: %TRUE on success
 */
gboolean             nmd_predictor_input_gradient (NmdPredictor *self,
                                            const float         *tensors,
                                            guint                n,
                                            int                  target,
                                            float               *gradients,
                                            GError             **error);

/**
 * NmdCam:
 * @layer: the node's name
 * @channels: K; the map is K × h × w
 * @map: A, the layer's output
 * @gradient: ∂z_target/∂A
 * @target: the class that the gradient is of
 * @logits: z
 * @score: softmax for class 1
 *
 * A layer's map of one image and the gradient of one class's logit by it.
 */
typedef struct
{
  char *layer;
  int channels, height, width;
  float *map;
  float *gradient;
  int target;
  double logits[2];
  double score;
} NmdCam;

/* Frees what @self holds. */
void                 nmd_cam_clear         (NmdCam              *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdCam, nmd_cam_clear)

/**
 * nmd_predictor_cam:
 * @layer: (nullable): a node's name; %NULL for the network's own choice
 * @tensor: 3 × 224 × 224 values, see nmd_model_prepare()
 * @target: class 0 or 1; −1 for the predicted one (class 1 if its score is 0.5 or more)
 * @cam: (out): clear with nmd_cam_clear()
 *
 * Reads a layer's map and the gradient of one logit by it. Batch normalization uses its stored
 * statistics and passes gradients through them as constants.
 *
 * Cost: one forward and one backward pass; with @target −1 and class 0 predicted, two of each.
 *
 * Source: Selvaraju et al., "Grad-CAM", ICCV 2017, eq. 1 (the mean over the gradient is the caller's).
 *
 * Errors: %NMD_ERROR_UNSUPPORTED naming @layer where the network has no such node or it has no height
 * and width; %NMD_ERROR_DIVERGED if a logit is NaN or infinite; those of the device.
 *
 * Returns: %TRUE on success
 */
gboolean             nmd_predictor_cam     (NmdPredictor        *self,
                                            const char          *layer,
                                            const float         *tensor,
                                            int                  target,
                                            NmdCam              *cam,
                                            GError             **error);

G_END_DECLS
