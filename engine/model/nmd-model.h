/* SPDX-License-Identifier: Apache-2.0
 *
 * A trained model: network, weights, class names, preprocessing and passport. Immutable and
 * reference counted; any thread may read it. Computing with it is nmd-predictor.h's.
 */
#pragma once

#include "engine/core/nmd-parameters.h"
#include "engine/data/nmd-split.h"
#include "engine/image/nmd-preprocess.h"
#include "engine/model/nmd-passport.h"
#include "engine/nn/nmd-network.h"

G_BEGIN_DECLS

typedef struct _NmdModel NmdModel;

/* Leading hexadecimal digits of an image file's SHA-256 that a model keeps. */
#define NMD_MODEL_DIGEST_LENGTH 16

/**
 * nmd_model_new:
 * @network: the network; static
 * @weights: its tensors; referenced
 * @parameters: preprocessing and recipe; referenced
 * @passport: what it was trained on; copied
 * @which: (nullable): which of a run's weights these are: "average", "best" or "last"
 * @parts: (nullable) (transfer full): the images of the model's data set: first
 *   %NMD_MODEL_DIGEST_LENGTH digits of the file's SHA-256 → GINT_TO_POINTER (#NmdPart)
 *
 * Whether @weights hold what @network needs is seen by nmd_predictor_new().
 *
 * Returns: (transfer full): the model
 */
NmdModel            *nmd_model_new         (const NmdNetwork    *network,
                                            NmdWeights          *weights,
                                            const NmdParameters *parameters,
                                            const NmdPassport   *passport,
                                            const char          *which,
                                            GHashTable          *parts) G_GNUC_WARN_UNUSED_RESULT;
/* Another owner of the same model. */
NmdModel            *nmd_model_ref         (NmdModel            *self);
/* Gives up one ownership. */
void                 nmd_model_unref       (NmdModel            *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdModel, nmd_model_unref)

/* The network; static. */
const NmdNetwork    *nmd_model_get_network    (const NmdModel   *self);
/* Preprocessing and recipe of the training; borrowed. */
const NmdParameters *nmd_model_get_parameters (const NmdModel   *self);
/* What it was trained on; borrowed. */
const NmdPassport   *nmd_model_get_passport   (const NmdModel   *self);
/* All tensors by the names of the PyTorch module; borrowed. */
NmdWeights          *nmd_model_get_weights    (const NmdModel   *self);
/* "average", "best" or "last"; NULL if nobody said. */
const char          *nmd_model_get_which      (const NmdModel   *self);

/**
 * nmd_model_find_part:
 * @sha256: (nullable): hexadecimal SHA-256 of an image file's bytes; "" and %NULL are not found
 * @part: (out) (optional): the part that held the image; %NMD_PART_NONE for an image of the data set
 *   that no part used, and where the result is %FALSE
 *
 * Tells whether the model's data set held an image, wherever its file lies now. Of an image that
 * stands in several parts the first of train, validation, test is given.
 *
 * Returns: %TRUE if the data set held it
 */
gboolean             nmd_model_find_part   (const NmdModel      *self,
                                            const char          *sha256,
                                            NmdPart             *part);

/**
 * nmd_model_prepare:
 * @image: the untouched image
 * @mask: (nullable): its outline, of the same size; %NULL takes the whole frame
 * @stages: (out) (optional): what each stage made; clear with nmd_stages_clear()
 * @tensor: (out): 3 × 224 × 224 values
 *
 * Makes the network's input of one image by the model's own preprocessing, without augmentation: the
 * tensor that a training or an evaluation makes of it, bit for bit.
 */
void                 nmd_model_prepare     (const NmdModel      *self,
                                            const NmdImage      *image,
                                            const NmdImage      *mask,
                                            NmdStages           *stages,
                                            float               *tensor);

/* What @score of this model may be called by its passport's limits; %NMD_CALL_NO_PROMISE where these are of
 * other weights. */
NmdCall nmd_model_call (const NmdModel *self,
                        double          score);

G_END_DECLS
