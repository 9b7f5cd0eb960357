/* SPDX-License-Identifier: Apache-2.0
 *
 * A run in the list of runs, and what the results page shows of it, computed on the pool.
 * Knows no GTK.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/train/nmd-train.h"

G_BEGIN_DECLS

#define NMD_TYPE_RUN_ITEM (nmd_run_item_get_type ())
G_DECLARE_FINAL_TYPE (NmdRunItem, nmd_run_item, NMD, RUN_ITEM, GObject)

struct _NmdRunItem
{
  GObject parent_instance;
  NmdRun *run;
  char *folder;
  char *title;      /* "Demo cohort" */
  char *subtitle;   /* "NMD-AssistNet · 23 Nov 14:02 · seed 1" */
};

/* Takes a reference to @run. */
NmdRunItem *nmd_run_item_new (NmdRun *run);

/* Everything the results page shows for one part of a run; immutable. */
typedef struct
{
  NmdPart part;
  gboolean by_subject;
  gboolean has_part[NMD_PART_TEST + 1];
  char *weights;            /* "average" or "best" */
  char *caveat;             /* (nullable) */
  char *device;             /* (nullable) what scored, as described then */
  NmdScores *scores;        /* of the part, an image a row */
  NmdScores *units;         /* what was measured: images or subjects */
  NmdMetrics metrics;
  NmdRoc *roc;              /* with band */
  NmdRoc *rival_roc;        /* (nullable) */
  gboolean has_rival;
  NmdComparison comparison; /* if has_rival */
} NmdResults;

void        nmd_results_free    (NmdResults          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdResults, nmd_results_free)

/* Measures @part (NMD_PART_NONE: test if there is one, else validation) from the run's stored
 * scores. Errors: no scores stored yet (%G_FILE_ERROR_NOENT), those of nmd_metrics_compute(). */
NmdJob     *nmd_results_compute (NmdRun              *run,
                                 NmdPart              part,
                                 gboolean             by_subject,
                                 double               threshold,
                                 GAsyncReadyCallback  done,
                                 gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
