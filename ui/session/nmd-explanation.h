/* SPDX-License-Identifier: Apache-2.0
 *
 * What a model says of one scan: whether it fits, the score and the heat map. Answered on the ask
 * thread while a training may run; a newer question replaces a waiting one.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/eval/nmd-map.h"
#include "engine/model/nmd-verdict.h"

G_BEGIN_DECLS

/* The answer; immutable. */
typedef struct
{
  NmdScan *scan;
  NmdModel *model;
  NmdVerdict verdict;    /* nmd_scan_judge(); a score is shown only where it says so */
  char *device;          /* (nullable) what computed the map, as the session describes itself */
  NmdMap *map;           /* NULL: no outline, and a model that needs one: no question was put */
  GBytes *colours[2];    /* RGBA of the map on its box, by NmdColours */
} NmdExplanation;

/* Frees an answer (nullable). */
void            nmd_explanation_free  (NmdExplanation       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdExplanation, nmd_explanation_free)

/* Returns: (transfer full): an answer of the caller's own that shares all pixels with @self. */
NmdExplanation *nmd_explanation_copy  (const NmdExplanation *self) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it is an answer to that @method, @target and @layer, as nmd_explanation_start() has them. */
gboolean        nmd_explanation_answers (const NmdExplanation *self,
                                         NmdMapMethod         method,
                                         int                  target,
                                         const char          *layer);

/**
 * nmd_explanation_start:
 * @scan: referenced; one without an outline is judged only
 * @model: referenced
 * @stated: (nullable): what the user says of both; copied
 * @device: for nmd_session_open()
 * @method: how the map is computed
 * @target: the class to explain, 0 or 1; −1 for the predicted one
 * @layer: (nullable): a node's name, %NULL for the network's own
 * @busy: a training runs, so compute with one thread only
 *
 * Asks @model about @scan. The map is computed whatever the verdict is, so that "Show anyway" is
 * answered at once; what may be shown is the verdict's to say.
 *
 * Errors of the job: those of nmd_session_open(), nmd_predictor_new(), nmd_map_compute();
 *   `G_IO_ERROR_CANCELLED` if replaced.
 *
 * Returns: (transfer full): the job; its result is an NmdExplanation
 */
NmdJob         *nmd_explanation_start (NmdScan              *scan,
                                       NmdModel             *model,
                                       const NmdStatedFacts *stated,
                                       const char           *device,
                                       NmdMapMethod          method,
                                       int                   target,
                                       const char           *layer,
                                       gboolean              busy,
                                       GAsyncReadyCallback   done,
                                       gpointer              user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
