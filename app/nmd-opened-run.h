/* SPDX-License-Identifier: Apache-2.0
 *
 * A run ready to score single images, and how predict and explain report an image: the options and
 * sentences that both commands share.
 */
#pragma once

#include "app/nmd-scan-options.h"
#include "engine/model/nmd-predictor.h"
#include "engine/train/nmd-run.h"

/* With what a network computes; all texts may be NULL. */
typedef struct
{
  char *weights, *device, *numerics;
  int threads;
} NmdComputeOptions;

void         nmd_compute_options_clear   (NmdComputeOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdComputeOptions, nmd_compute_options_clear)
/* Appends the GOption entries of @self to @table. */
void         nmd_compute_options_add     (NmdComputeOptions *self,
                                          GArray            *table);

/* Reads the run of @task in @folder and opens a session for its weights. What was opened before a failure is the
 * caller's too. */
gboolean     nmd_opened_run_load         (const char              *folder,
                                          NmdTask                  task,
                                          const NmdComputeOptions *options,
                                          NmdRun                 **run,
                                          NmdModel               **model,
                                          NmdSession             **session,
                                          GError                 **error);

typedef struct
{
  NmdRun *run;
  NmdModel *model;
  NmdSession *session;
  NmdPredictor *predictor;
} NmdOpenedRun;

void         nmd_opened_run_clear        (NmdOpenedRun *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdOpenedRun, nmd_opened_run_clear)

/* Reads the run in @folder and loads its weights into a session. */
gboolean     nmd_opened_run_open         (NmdOpenedRun            *self,
                                          const char              *folder,
                                          const NmdComputeOptions *options,
                                          GError                 **error);

/* "training part of this run", "not in this run's data set" … */
const char  *nmd_opened_run_part_words   (const NmdVerdict *verdict);

/* What both commands' JSON says of an image. @predicted is NULL and @score NaN without a score. */
JsonObject  *nmd_opened_run_describe     (const char          *path,
                                          const NmdJudgedScan *judged,
                                          const char          *predicted,
                                          double               score) G_GNUC_WARN_UNUSED_RESULT;
