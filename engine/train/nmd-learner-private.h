/* SPDX-License-Identifier: Apache-2.0
 *
 * A network being trained in a session: the compiled programs (step, evaluation, averaging,
 * renewal of statistics) over one store, and moving the store's tensors in and out. What happens
 * when is nmd-trainer.c's business; files are the run folder's.
 *
 * Threads: belongs to the thread that made it.
 *
 * Errors of whatever runs on the device: %NMD_ERROR_DEVICE; %NMD_ERROR_MEMORY where a program is compiled
 * at first use; the store may then be half a step on, and the learner is only good for being freed.
 */
#pragma once

#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-parameters.h"
#include "engine/nn/nmd-network.h"

G_BEGIN_DECLS

#define NMD_EVALUATION_BATCH 32
#define NMD_SEGMENT_EVALUATION_BATCH 8 /* maps of the whole frame take more memory */
#define NMD_N_CLASSES 2

/* Images in one run of evaluation and of the renewal of statistics. */
static inline int
nmd_evaluation_batch (NmdTask task)
{
  return task == NMD_TASK_SEGMENT ? NMD_SEGMENT_EVALUATION_BATCH : NMD_EVALUATION_BATCH;
}

typedef struct _NmdLearner NmdLearner;

/**
 * nmd_learner_new:
 * @network: a network; kept by reference
 * @parameters: "batch", "seed", rates and decays of the recipe; copied
 * @device: a device string, see nmd_session_open()
 * @threads: of the processor, 0 for all cores; a card needs none
 *
 * Opens a session with an empty store. Weights come by nmd_learner_start() or nmd_learner_load();
 * programs are compiled when they are first used.
 *
 * Errors: those of nmd_session_open().
 *
 * Returns: (transfer full): a learner; %NULL with @error set
 */
NmdLearner *nmd_learner_new          (const NmdNetwork    *network,
                                      const NmdParameters *parameters,
                                      const char          *device,
                                      int                  threads,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
void        nmd_learner_free         (NmdLearner          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdLearner, nmd_learner_free)

/* The session that it computes in. Borrowed. */
NmdSession *nmd_learner_get_session  (NmdLearner          *self);

/* Numbers in the network's own tensors: weights and statistics. A whole save has at most four times as
 * many. */
gsize       nmd_learner_get_n_values (NmdLearner          *self);

/* Compiles what a training of @n_train images will need beyond its first epoch (the last batch, the
 * renewal of statistics), so that its memory is had before the first step or not at all. */
gboolean    nmd_learner_reserve      (NmdLearner          *self,
                                      guint                n_train,
                                      GError             **error);

/* Weights to start from: @initial, or (NULL) fresh ones drawn with "seed". */
gboolean    nmd_learner_start        (NmdLearner          *self,
                                      const NmdWeights    *initial,
                                      GError             **error);

/* Everything in the store: weights, statistics, moments, running average. */
NmdWeights *nmd_learner_save         (NmdLearner          *self,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* Puts back what nmd_learner_save() gave. Errors: %NMD_ERROR_FORMAT, with @name for the file, if
 * a tensor is missing or one is too many. */
gboolean    nmd_learner_load         (NmdLearner          *self,
                                      const NmdWeights    *weights,
                                      const char          *name,
                                      GError             **error);
/* The network's own tensors: weights and statistics. */
NmdWeights *nmd_learner_get_weights  (NmdLearner          *self,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_learner_step:
 * @images: @n images as nmd_batches_next() makes them
 * @targets: theirs
 * @n: images, 1 to "batch"; a size other than "batch" compiles a program of its own
 * @lr: learning rate of this step
 * @step: number of the update, from 1
 * @epoch: with @batch names the stream of dropout, "SEED:dropout:EPOCH:BATCH", where there is one
 * @batch: see @epoch
 * @loss: (out): loss of these images before the update
 *
 * One update, see nmd_network_training().
 *
 * Cost: one forward and backward pass; nothing is allocated after the first step of a size.
 */
gboolean    nmd_learner_step         (NmdLearner          *self,
                                      const float         *images,
                                      const float         *targets,
                                      int                  n,
                                      double               lr,
                                      gint64               step,
                                      int                  epoch,
                                      guint                batch,
                                      double              *loss,
                                      GError             **error);

/* The same in three parts, so that the next batch can be written while the device is at work on this
 * one: write 0, run 0, write 1, loss 0, run 1 … */
gboolean    nmd_learner_write        (NmdLearner          *self,
                                      const float         *images,
                                      const float         *targets,
                                      int                  n,
                                      double               lr,
                                      gint64               step,
                                      int                  epoch,
                                      guint                batch,
                                      GError             **error);
gboolean    nmd_learner_run          (NmdLearner          *self,
                                      GError             **error);
/* Waits for what was run last. */
gboolean    nmd_learner_loss         (NmdLearner          *self,
                                      double              *loss,
                                      GError             **error);

/* Logits (× 2, of segmentation × S × S) of the current weights in evaluation mode. @images holds
 * nmd_evaluation_batch() images; what pads them does not matter. */
gboolean    nmd_learner_logits       (NmdLearner          *self,
                                      const float         *images,
                                      float               *logits,
                                      GError             **error);

/* The current weights w enter the running average as its @k-th model, from 0: a = a + (w − a)/(k + 1). */
gboolean    nmd_learner_average      (NmdLearner          *self,
                                      int                  k,
                                      GError             **error);

/* Whether there are statistics for nmd_learner_renew(). */
gboolean    nmd_learner_renews       (const NmdLearner    *self);

/* The running average becomes the current weights, with running means 0 and variances 1; then
 * nmd_learner_renew() with @batch i = 0, 1, … of @n images each gives them their cumulative mean,
 * r = r + (statistic of the batch − r)/(i + 1) (Izmailov et al., "Averaging weights", UAI 2018). */
gboolean    nmd_learner_take_average (NmdLearner          *self,
                                      GError             **error);
gboolean    nmd_learner_renew        (NmdLearner          *self,
                                      const float         *images,
                                      int                  n,
                                      int                  batch,
                                      GError             **error);

/* What dropout multiplies @n values by: 0 for the share @dropout of them, 1/(1 − @dropout) for the
 * others; value i is dropped if the i-th uniform value of the stream is below @dropout. */
void        nmd_learner_draw_dropout (guint64              seed,
                                      int                  epoch,
                                      guint                batch,
                                      double               dropout,
                                      float               *mask,
                                      gsize                n);

/* Gives back the memory of all programs; the store stays. */
void        nmd_learner_free_programs (NmdLearner         *self);

/* A copy of @all without moments and running average; tensors are copied. */
NmdWeights *nmd_learner_strip        (const NmdWeights    *all);

G_END_DECLS
