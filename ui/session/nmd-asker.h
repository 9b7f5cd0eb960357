/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ask thread keeps between questions to a model: one session and one predictor. Only inside jobs of
 * %NMD_THREAD_ASK.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/model/nmd-predictor.h"

G_BEGIN_DECLS

/* The predictor of @model on @device (as for nmd_session_open()); kept until another is asked for. @busy: a training
 * runs, so it computes with one thread. @description (out) (optional): the device as the session describes itself;
 * borrowed. Errors: those of nmd_session_open() and nmd_predictor_new(). */
NmdPredictor *nmd_asker_need (NmdJob      *job,
                              NmdModel    *model,
                              const char  *device,
                              gboolean     busy,
                              const char **description,
                              GError     **error);

G_END_DECLS
