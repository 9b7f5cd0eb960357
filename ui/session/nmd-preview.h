/* SPDX-License-Identifier: Apache-2.0
 *
 * What each preprocessing stage makes of one scan, down to the tensor that the network gets: of networks that give
 * scores, and of those that draw outlines.
 * Answered on the ask thread while a training may run; a newer request replaces a waiting one.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/image/nmd-augment-pair.h"
#include "engine/model/nmd-scan.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_STAGE_CUT, /* the ROI; for outlines the whole frame */
  NMD_STAGE_RESIZE,
  NMD_STAGE_MEDIAN,
  NMD_STAGE_CLAHE,
  NMD_STAGE_AUGMENTED,
  NMD_STAGE_INPUT, /* after Mixup; for outlines with prompts */
  NMD_N_STAGES,
} NmdStageKind;

/* What a preview shows of one stage. */
typedef struct
{
  NmdImage *image;       /* NULL where the stage cannot be shown */
  guint histogram[256];
  double mean;           /* grey levels */
  char *note;            /* (nullable) "mirrored, brightness × 1.12" */
  NmdImage *mask; /* (nullable): for outlines the one to be learnt, of the image's size */
  NmdPrompts
      prompts; /* for outlines what is shown to the network, in pixels of the image */
} NmdStageView;

/* The answer; immutable. */
typedef struct
{
  NmdScan *scan;
  int draw;
  NmdSample *partner;    /* (nullable): that Mixup blended it with */
  double lambda;         /* share of the scan itself, 0 … 1 */
  NmdTask task;          /* that of the parameters */
  int size;              /* S: 224 for scores */
  float *
      tensor; /* 3 × S × S: what the network is handed; the last picture displays its first channel */
  NmdBox
      box; /* the ROI with its margin, in pixels of the scan; for outlines the whole frame */
  NmdStageView stages[NMD_N_STAGES];
} NmdPreview;

/* Frees an answer (nullable). */
void    nmd_preview_free  (NmdPreview          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPreview, nmd_preview_free)

/* The question. */
typedef struct
{
  int draw;              /* the number of the random draw, from 0; the same number gives the same picture */
  NmdSample *partner;    /* (nullable): what Mixup blends the scan with; a sample of the scan's own data set */
  double lambda;         /* share of the scan itself, 0 … 1; NaN: drawn as trainings do, from Beta (a, a) */
} NmdPreviewRequest;

/**
 * nmd_preview_start:
 * @scan: referenced
 * @request: copied, its partner referenced
 * @parameters: copied
 *
 * Previews @scan. The random stages of a sample are made as the batches of a training make them in epoch @draw: the
 * augmentation of that epoch, and λ of its batch 0 unless one is given. The last stage is the display of the tensor
 * that the network gets, which the answer holds, bit for bit. A step that is switched off repeats the picture before
 * it. Without a partner the last stage repeats the augmented one, and λ is 1.
 *
 * Of parameters for %NMD_TASK_SEGMENT the input is that of nmd_pair_training_input(): the frame letterboxed, filtered,
 * augmented with its outline, and with made-up prompts; histograms and means are of the content alone. There is no partner.
 *
 * Errors of the job: those of nmd_batches_preview(); `G_IO_ERROR_CANCELLED` if replaced.
 *
 * Returns: (transfer full): the job; its result is an NmdPreview
 */
NmdJob *nmd_preview_start (NmdScan                 *scan,
                           const NmdPreviewRequest *request,
                           const NmdParameters     *parameters,
                           GAsyncReadyCallback      done,
                           gpointer                 user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
