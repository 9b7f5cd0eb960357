/* SPDX-License-Identifier: Apache-2.0
 *
 * The run folder: what a training leaves behind, and reading it again.
 *
 *     run.json              parameters, seed, versions, device, data-set hash, split, passport
 *     history.csv           a row an epoch (nmd_epoch_columns)
 *     best.safetensors      weights with the lowest validation loss
 *     average.safetensors   the average of the last phase, statistics renewed
 *     last.safetensors      the commit point: weights, moments, running average, counters
 *     predictions.csv       image, subject, muscle, part, label, score
 *     metrics.json          by part: measures, rival, comparison
 *     run.lock              fcntl lock naming its holder
 *
 * Every file is written whole or not at all, in the order best, history, last; on resume history
 * rows after last are cut.
 */
#pragma once

#include "engine/model/nmd-model.h"
#include "engine/data/nmd-split.h"
#include "engine/data/import/nmd-import.h"
#include "engine/eval/nmd-results.h"

G_BEGIN_DECLS

/* One row of history.csv, also the record that a training job reports. */
typedef struct
{
  int epoch;                /* from 0 */
  double seconds;
  double lr;                /* of this epoch */
  double train_loss;        /* mean over the epoch's images, with Mixup and smoothing */
  double val_loss;          /* plain cross entropy of the current weights */
  double val_auc, val_accuracy; /* NaN without a validation part */
  double wait;              /* share of the time the trainer waited for data, [0, 1] */
  gboolean averaging;       /* the averaging phase */
  gboolean best;            /* lowest val_loss so far */
} NmdEpoch;

typedef enum
{
  NMD_RUN_STARTED,          /* not finished: can be resumed */
  NMD_RUN_FINISHED,
  NMD_RUN_DAMAGED,          /* cannot be opened; only in lists (nmd-run-entry.h) */
} NmdRunState;

typedef struct _NmdRun NmdRun; /* reference counted, immutable snapshot of a folder */

/* Names of the files of a run folder, NULL-terminated. */
extern const char *const nmd_run_files[];

/* Names of history.csv's columns in the order of NmdEpoch's fields, NULL-terminated. */
extern const char *const nmd_epoch_columns[];

/* Reads a folder. Errors: %NMD_ERROR_FORMAT naming the file and the reason. */
NmdRun              *nmd_run_open            (const char     *folder,
                                              GError        **error) G_GNUC_WARN_UNUSED_RESULT;
NmdRun              *nmd_run_ref             (NmdRun         *self);
void                 nmd_run_unref           (NmdRun         *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRun, nmd_run_unref)

const char          *nmd_run_get_folder      (const NmdRun   *self);
NmdRunState          nmd_run_get_state       (const NmdRun   *self);
const NmdParameters *nmd_run_get_parameters  (const NmdRun   *self);
const NmdNetwork    *nmd_run_get_network     (const NmdRun   *self);
const NmdPassport   *nmd_run_get_passport    (const NmdRun   *self);
const char          *nmd_run_get_dataset_path (const NmdRun  *self);
const char          *nmd_run_get_dataset_hash (const NmdRun  *self);
const char          *nmd_run_get_device      (const NmdRun   *self); /* as described when trained */
const char          *nmd_run_get_started     (const NmdRun   *self); /* ISO 8601 */
const char          *nmd_run_get_split_kind  (const NmdRun   *self);
const char          *nmd_run_get_caveat      (const NmdRun   *self); /* nullable */
/* The file that its weights started from, what was taken from it and what not, as a sentence;
 * NULL if they were fresh. */
char                *nmd_run_get_initial     (const NmdRun   *self) G_GNUC_WARN_UNUSED_RESULT;
const NmdEpoch      *nmd_run_get_history     (const NmdRun   *self,
                                              guint          *n);
/* The stored metrics.json, or NULL before the first evaluation. */
JsonNode            *nmd_run_get_metrics     (const NmdRun   *self);

/* How the run's data set was read, for reading it again; texts are borrowed. */
void                 nmd_run_get_import      (const NmdRun      *self,
                                              NmdImportSettings *settings);

/* Opens the data set of the run again (its stored path, or @path) with the run's own label
 * mapping, and checks that it is the same.
 * Errors: %NMD_ERROR_CHANGED naming what differs ("3 images differ, the first is …"). */
NmdDataset          *nmd_run_open_dataset    (const NmdRun      *self,
                                              const char        *path,
                                              NmdImportProgress  progress,
                                              gpointer           user_data,
                                              GCancellable      *cancellable,
                                              GError           **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean             nmd_run_check_dataset   (const NmdRun      *self,
                                              NmdDataset        *dataset,
                                              GError           **error);
NmdSplit            *nmd_run_get_split       (const NmdRun      *self,
                                              NmdDataset        *dataset,
                                              GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_run_load_model:
 * @self: a run
 * @which: (nullable): "average", "best" or "last"; %NULL: average if present, else best
 * @error: return location for an error
 *
 * Reads the trained weights; nmd_model_get_which() tells which they are.
 *
 * Edge cases: a run that is not finished has no average yet, %NULL gives the best. A finished run that
 * lacks its average is refused with %NULL: other weights give other scores.
 *
 * Errors: %NMD_ERROR_CHANGED for the missing average, naming the file; %NMD_ERROR_FORMAT if the file
 *   does not hold the network's tensors; #G_FILE_ERROR if it is not there; %NMD_ERROR_UNSUPPORTED for
 *   another word.
 *
 * Returns: (transfer full): a model; %NULL with @error set
 */
NmdModel            *nmd_run_load_model      (const NmdRun      *self,
                                              const char        *which,
                                              GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* The scores of @part (%NMD_PART_NONE: of all parts) as stored in predictions.csv. */
NmdScores           *nmd_run_load_scores     (const NmdRun      *self,
                                              NmdPart            part,
                                              GError           **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
