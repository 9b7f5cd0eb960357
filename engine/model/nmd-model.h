/* SPDX-License-Identifier: Apache-2.0
 *
 * A trained model: network, weights, class names, preprocessing and passport; immutable, shared
 * between threads. And a predictor: that model loaded into one thread's session.
 */
#pragma once

#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-parameters.h"
#include "engine/image/nmd-preprocess.h"
#include "engine/nn/nmd-network.h"

G_BEGIN_DECLS

/* What a model was made from, so that a scan which does not fit gets no score. A facet that
 * nobody stated is "unknown". */
typedef struct
{
  char *organ;               /* "muscle", "breast", "unknown" */
  char **muscles;            /* {"BB", "GM", NULL}, empty if unknown */
  char *view;                /* "transverse" … "unknown" */
  gboolean synthetic;
  char **devices;
  char *classes[2];          /* words for label 0 and 1 */
  char *label_meaning;       /* "folder of the data set", "z > 2 of grey level" … */
  char *label_source;
  guint n_subjects[2], n_images[2]; /* training part, by label */
  char *calibration;         /* "none" or how */
  /* 1st, 50th, 99th percentile over the training images */
  double grey_mean[3], grey_sd[3], box_width[3], box_height[3];
} NmdPassport;

NmdPassport *nmd_passport_new       (void);
NmdPassport *nmd_passport_copy      (const NmdPassport *self);
void         nmd_passport_free      (NmdPassport       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPassport, nmd_passport_free)
JsonNode    *nmd_passport_to_json   (const NmdPassport *self);
NmdPassport *nmd_passport_from_json (JsonNode          *node,
                                     GError           **error);

typedef enum
{
  NMD_FIT_UNKNOWN,   /* cannot be judged */
  NMD_FIT_YES,
  NMD_FIT_NO,
} NmdFit;

/* What is known of the scan to be judged; NULL or "" is unknown. */
typedef struct
{
  const char *organ, *muscle;
  int synthetic;               /* −1 unknown, 0, 1 */
  const NmdEchoIntensity *echo; /* (nullable) */
  const NmdBox *box;           /* (nullable) bounds of the outline */
  NmdRoiSource roi_source;
} NmdScanFacts;

/* Judges, in this order: no outline, organ, muscle, real or synthetic, then the measured facets. Organs and
 * muscles are compared without regard to case; an empty list of muscles or "unknown" cannot be judged. A
 * muscle matters only where both organs are "muscle" or unknown. @reason (nullable out) is NULL for
 * %NMD_FIT_YES, else a sentence: "This model was trained on breast, this scan is biceps". Grey
 * level, SD or box size outside the 1st–99th percentiles widened by half their span: NMD_FIT_NO too.
 * NMD_ROI_FRAME: no outline, no score. */
NmdFit       nmd_passport_judge     (const NmdPassport  *self,
                                     const NmdScanFacts *facts,
                                     char              **reason);

typedef struct _NmdModel NmdModel;

/* Takes nothing: weights and parameters are referenced, passport copied. @which: "average" or "best". */
NmdModel            *nmd_model_new         (const NmdNetwork    *network,
                                            NmdWeights          *weights,
                                            const NmdParameters *parameters,
                                            const NmdPassport   *passport,
                                            const char          *which);
NmdModel            *nmd_model_ref         (NmdModel            *self);
void                 nmd_model_unref       (NmdModel            *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdModel, nmd_model_unref)
const NmdNetwork    *nmd_model_get_network    (const NmdModel   *self);
const NmdParameters *nmd_model_get_parameters (const NmdModel   *self);
const NmdPassport   *nmd_model_get_passport   (const NmdModel   *self);
NmdWeights          *nmd_model_get_weights    (const NmdModel   *self);
const char          *nmd_model_get_which      (const NmdModel   *self);

/* The input tensor for one image under the model's preprocessing: 3 × 224 × 224. */
void                 nmd_model_prepare     (const NmdModel      *self,
                                            const NmdImage      *image,
                                            const NmdImage      *mask,
                                            NmdStages           *stages,  /* (nullable out) */
                                            float               *tensor);

/* A model in a session, with programs compiled at first use: one for a single image, one for batches, one for each
 * layer that Grad-CAM has read. Belongs to the session's thread. Several predictors may share a session: each puts its
 * weights back into the store when another predictor used it in between. Whoever else writes the
 * session's store (a training) calls nmd_predictor_reload() before the next use. */
typedef struct _NmdPredictor NmdPredictor;

/* @batch: images a run of the batch program, 1 or more. Nothing is compiled yet.
 * Errors: %NMD_ERROR_SHAPE if a tensor of the network is missing in the model's weights or has another shape. */
NmdPredictor        *nmd_predictor_new     (NmdSession          *session,
                                            NmdModel            *model,
                                            int                  batch,
                                            GError             **error) G_GNUC_WARN_UNUSED_RESULT;
void                 nmd_predictor_free    (NmdPredictor        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPredictor, nmd_predictor_free)
NmdModel            *nmd_predictor_get_model (NmdPredictor      *self);
NmdSession          *nmd_predictor_get_session (NmdPredictor    *self);

/* The next use writes the model's weights into the store again. */
void                 nmd_predictor_reload  (NmdPredictor        *self);

/* Scores of @n tensors (n × 3 × 224 × 224): softmax for class 1, in double from the logits. Any n; a single
 * one runs alone, several are padded to whole batches.
 * Errors: %NMD_ERROR_DIVERGED if a logit is NaN or infinite; those of the device. */
gboolean             nmd_predictor_score   (NmdPredictor        *self,
                                            const float         *tensors,
                                            guint                n,
                                            double              *scores,
                                            GError             **error);

/* A layer's map and the gradient of one class's logit by it, for one image. */
typedef struct
{
  char *layer;          /* node name */
  int channels, height, width;
  float *map;           /* channels × height × width */
  float *gradient;      /* ∂logit_target/∂map, likewise */
  int target;
  double logits[2];
  double score;         /* softmax for class 1 */
} NmdCam;

void                 nmd_cam_clear         (NmdCam              *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdCam, nmd_cam_clear)

/* @layer (nullable): a node's name, NULL for the network's own. @target 0 or 1, −1 for the predicted
 * class (score ≥ 0.5 is class 1). Batch norm is frozen. The program of a layer is compiled once.
 * Errors: %NMD_ERROR_UNSUPPORTED naming @layer; those of the device. */
gboolean             nmd_predictor_cam     (NmdPredictor        *self,
                                            const char          *layer,
                                            const float         *tensor,
                                            int                  target,
                                            NmdCam              *cam,
                                            GError             **error);

G_END_DECLS
