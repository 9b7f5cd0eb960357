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

/* Judges; @reason is a sentence: "This model was trained on breast, this scan is biceps". Grey
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

/* A model in a session, with programs compiled at first use. Belongs to the session's thread. */
typedef struct _NmdPredictor NmdPredictor;
NmdPredictor        *nmd_predictor_new     (NmdSession          *session,
                                            NmdModel            *model,
                                            int                  batch,
                                            GError             **error) G_GNUC_WARN_UNUSED_RESULT;
void                 nmd_predictor_free    (NmdPredictor        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPredictor, nmd_predictor_free)
NmdModel            *nmd_predictor_get_model (NmdPredictor      *self);
NmdSession          *nmd_predictor_get_session (NmdPredictor    *self);

/* Scores of @n tensors (n × 3 × 224 × 224): softmax for class 1. Any n; padded to whole batches. */
gboolean             nmd_predictor_score   (NmdPredictor        *self,
                                            const float         *tensors,
                                            guint                n,
                                            double              *scores,
                                            GError             **error);

G_END_DECLS
