/* SPDX-License-Identifier: Apache-2.0
 *
 * The queue of trainings: what is trained when the training or experiment that runs has ended. It lives as long as the
 * session, nothing of it is kept in a file. Knows no GTK.
 */
#pragma once

#include "ui/session/nmd-experiment-session.h"
#include "ui/session/nmd-training-session.h"

G_BEGIN_DECLS

#define NMD_TYPE_QUEUE_ITEM (nmd_queue_item_get_type ())
G_DECLARE_FINAL_TYPE (NmdQueueItem, nmd_queue_item, NMD, QUEUE_ITEM, GObject)

/* A training that waits. Only read. */
struct _NmdQueueItem
{
  GObject parent_instance;
  NmdTrainSettings *settings; /* as they were when it was added */
  gboolean quick_look;
  char *title;                /* "NMD-AssistNet · demo · seed 4" */
};

#define NMD_TYPE_RUN_QUEUE (nmd_run_queue_get_type ())
G_DECLARE_FINAL_TYPE (NmdRunQueue, nmd_run_queue, NMD, RUN_QUEUE, GObject)

/**
 * NmdRunQueue:
 *
 * Network, recipe, data set as it is open, split, seed, device and the path of weights to start from are fixed when a
 * training is added.
 *
 * The first one starts by itself as soon as no training, scoring, report or experiment runs. After a training that
 * finished or failed the queue goes on: what failed was told. Where the user stopped a training or an experiment the
 * queue is paused, and goes on when it is told to. An empty queue is not paused.
 *
 * Properties, notified:
 *   "paused" (boolean)
 *   "busy" (boolean): a training or an experiment runs, so that what is added waits
 *
 * Threads: main thread only.
 */

/* All are referenced. */
NmdRunQueue *nmd_run_queue_new       (NmdNotices           *notices,
                                      NmdTrainingSession   *training,
                                      NmdExperimentSession *experiments);

/* Puts a training of @network by the recipe at the end. See nmd_training_session_make_settings() for when it does nothing. */
void         nmd_run_queue_add       (NmdRunQueue          *self,
                                      const char           *network,
                                      gboolean              quick_look);

/* Moves the training at @position by one place, @by −1 or 1. Returns: whether it could. */
gboolean     nmd_run_queue_move      (NmdRunQueue          *self,
                                      guint                 position,
                                      int                   by);

/* Takes the training at @position out. */
void         nmd_run_queue_remove    (NmdRunQueue          *self,
                                      guint                 position);

/* Ends the pause. */
void         nmd_run_queue_go_on     (NmdRunQueue          *self);

/* Returns: (transfer none): of NmdQueueItem, next one first; the same list for ever. */
GListModel  *nmd_run_queue_get_list  (NmdRunQueue          *self);
/* How many wait. */
guint        nmd_run_queue_get_n     (NmdRunQueue          *self);
gboolean     nmd_run_queue_is_paused (NmdRunQueue          *self);
gboolean     nmd_run_queue_is_busy   (NmdRunQueue          *self);

G_END_DECLS
