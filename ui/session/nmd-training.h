/* SPDX-License-Identifier: Apache-2.0
 *
 * A training as the window follows it: the job on the work thread, and on the main thread all
 * that it has told so far. Knows no GTK.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/train/nmd-train.h"

G_BEGIN_DECLS

#define NMD_TYPE_EPOCH_ITEM (nmd_epoch_item_get_type ())
G_DECLARE_FINAL_TYPE (NmdEpochItem, nmd_epoch_item, NMD, EPOCH_ITEM, GObject)

/* A row of the epochs table. */
struct _NmdEpochItem
{
  GObject parent_instance;
  NmdEpoch epoch;
};

NmdEpochItem *nmd_epoch_item_new (const NmdEpoch *epoch);

typedef enum
{
  NMD_TRAINING_RUNNING,
  NMD_TRAINING_STOPPING,
  NMD_TRAINING_STOPPED,   /* by the user: best weights kept, can go on */
  NMD_TRAINING_FINISHED,
  NMD_TRAINING_FAILED,
} NmdTrainingState;

#define NMD_TYPE_TRAINING (nmd_training_get_type ())
G_DECLARE_FINAL_TYPE (NmdTraining, nmd_training, NMD, TRAINING, GObject)

/* Signals: "changed": something below is new (at most a few times a second). "plan-changed": other parameters. "ended": once. */

/* Starts at once. @settings is copied (its texts too); @quick_look: the number of epochs is first
 * chosen by a measured step so that it ends within three minutes. */
NmdTraining      *nmd_training_start        (const NmdTrainSettings *settings,
                                             gboolean                quick_look) G_GNUC_WARN_UNUSED_RESULT;
/* Goes on with an unfinished run. */
NmdTraining      *nmd_training_resume       (NmdRun                 *run,
                                             NmdDataset             *dataset) G_GNUC_WARN_UNUSED_RESULT;
/* A run's course as it stands in its folder; nothing runs. */
NmdTraining      *nmd_training_new_from_run (NmdRun                 *run) G_GNUC_WARN_UNUSED_RESULT;
void              nmd_training_stop         (NmdTraining            *self);

typedef enum
{
  NMD_PAUSE_NONE,
  NMD_PAUSE_ASKED,  /* the step under way is finished first */
  NMD_PAUSE_HOLDS,  /* nothing computes; it keeps its memory, device and folder */
} NmdPause;

/* Pauses a training that runs, between two steps, or lets it go on where it stood, with the same bits. One that
 * does not run is left alone. */
void              nmd_training_set_paused   (NmdTraining            *self,
                                             gboolean                paused);
NmdPause          nmd_training_get_pause    (NmdTraining            *self);

NmdJob           *nmd_training_get_job      (NmdTraining            *self);
NmdTrainingState  nmd_training_get_state    (NmdTraining            *self);
const char       *nmd_training_get_folder   (NmdTraining            *self);
const char       *nmd_training_get_phase    (NmdTraining            *self); /* "Preparing images" …; at first that it waits, if other work runs */
const char       *nmd_training_get_error    (NmdTraining            *self); /* nullable */
const char       *nmd_training_get_note     (NmdTraining            *self); /* nullable: the weights it started from */
GListModel       *nmd_training_get_epochs   (NmdTraining            *self); /* of NmdEpochItem */
GPtrArray        *nmd_training_get_warnings (NmdTraining            *self); /* of char * */
int               nmd_training_get_n_epochs (NmdTraining            *self); /* planned */
/* What it trains with; of a quick look, once it has chosen, its own epochs and images. */
const NmdParameters *nmd_training_get_parameters (NmdTraining       *self);
const NmdNetwork *nmd_training_get_network  (NmdTraining            *self);
/* Of the data set that it trains on. */
const char       *nmd_training_get_dataset_hash (NmdTraining        *self);
double            nmd_training_get_fraction (NmdTraining            *self);
double            nmd_training_get_seconds_left (NmdTraining        *self); /* NaN until known */
double            nmd_training_get_images_per_second (NmdTraining   *self);
double            nmd_training_get_rival_auc (NmdTraining           *self); /* NaN until known */
int               nmd_training_get_averaging_from (NmdTraining      *self); /* epoch or −1 */

/* Arrays for plots, one value an epoch; borrowed. */
typedef enum
{
  NMD_TRACE_EPOCH,
  NMD_TRACE_TRAIN_LOSS,
  NMD_TRACE_VAL_LOSS,
  NMD_TRACE_VAL_AUC,   /* NaN of a network that finds outlines … */
  NMD_TRACE_VAL_DICE,  /* … and this of one that scores */
  NMD_TRACE_LR,
  NMD_N_TRACES,
} NmdTrace;
const double     *nmd_training_get_trace    (NmdTraining            *self,
                                             NmdTrace                trace,
                                             guint                  *n);
/* ROC curves of the validation part, oldest first; the last is the newest. NmdRoc. */
GPtrArray        *nmd_training_get_rocs     (NmdTraining            *self);

G_END_DECLS
