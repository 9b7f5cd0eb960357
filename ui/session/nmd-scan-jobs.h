/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about one scan, answered on the ask thread while a training may run on the work
 * thread: the preprocessing stages, and the model's score with its Grad-CAM. A newer question
 * replaces a waiting one of its kind. Knows no GTK.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/data/nmd-batch.h"
#include "engine/eval/nmd-gradcam.h"
#include "engine/model/nmd-verdict.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_STAGE_ROI,
  NMD_STAGE_RESIZE,
  NMD_STAGE_MEDIAN,
  NMD_STAGE_CLAHE,
  NMD_STAGE_AUGMENTED,
  NMD_STAGE_MIXUP,
  NMD_N_STAGES,
} NmdStageKind;

/* What a preview shows of one stage. */
typedef struct
{
  NmdImage *image;       /* NULL where the stage cannot be shown */
  guint histogram[256];
  double mean;           /* grey levels */
  char *note;            /* (nullable) "mirrored, brightness × 1.12" */
} NmdStageView;

typedef struct
{
  NmdScan *scan;
  NmdBox box;
  NmdStageView stages[NMD_N_STAGES];
} NmdPreview;

void        nmd_preview_free      (NmdPreview          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPreview, nmd_preview_free)

/* @partner (nullable): the scan's Mixup partner in @dataset. @draw: number of the random draw. */
NmdJob     *nmd_preview_start  (NmdScan             *scan,
                                   NmdDataset          *dataset,
                                   NmdSample           *partner,
                                   int                  draw,
                                   const NmdParameters *parameters,
                                   GAsyncReadyCallback  done,
                                   gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

/* What a model says about a scan. */
typedef struct
{
  NmdScan *scan;
  NmdModel *model;
  NmdVerdict verdict;    /* nmd_scan_judge(); a score is shown only where it says so */
  char *device;          /* (nullable) what computed the map, as the session describes itself */
  NmdMap *map;           /* NULL: no outline, so no question was put to the network */
  GBytes *colours[2];    /* RGBA of the map on its box, by NmdColours */
} NmdExplanation;

void        nmd_explanation_free  (NmdExplanation      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdExplanation, nmd_explanation_free)

/**
 * nmd_explanation_start:
 * @scan: the scan; without an outline only the verdict is given
 * @model: the model
 * @stated: (nullable): what the user says of both; copied
 * @device: for nmd_session_open()
 * @target: class to explain, 0 or 1; −1 for the predicted one
 * @layer: (nullable): the layer to read; %NULL for the network's own
 * @busy: a training runs: one processor thread only
 * @done: called on the main thread; nmd_job_finish() gives an #NmdExplanation
 *
 * Asks for the model's score and map of a scan, on the ask thread. The map is computed whatever the
 * verdict is, so that "Show anyway" is answered at once; what may be shown is the verdict's to say.
 */
NmdJob     *nmd_explanation_start  (NmdScan              *scan,
                                   NmdModel             *model,
                                   const NmdStatedFacts *stated,
                                   const char           *device,
                                   int                   target,
                                   const char           *layer,
                                   gboolean              busy,
                                   GAsyncReadyCallback   done,
                                   gpointer              user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
