/* SPDX-License-Identifier: Apache-2.0
 *
 * The run folder: what a training leaves behind, and reading it again.
 *
 *     run.json              parameters, seed, versions, device, data-set hash, split, passport
 *     history.csv           a row an epoch: epoch, seconds, lr, train_loss, val_loss, val_auc and
 *                           val_accuracy (of segmentation val_dice), wait, averaging, best
 *     best.safetensors      weights with the lowest validation loss
 *     average.safetensors   the average of the last phase, statistics renewed
 *     last.safetensors      the commit point: weights, moments, running average, counters
 *     predictions.csv       image, subject, muscle, part, label, score
 *     outlines.csv          of segmentation instead: nmd_outline_table_to_csv()
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
#include "engine/eval/nmd-outline-table.h"
#include "engine/eval/nmd-results.h"

G_BEGIN_DECLS

/* One row of history.csv, also the record that a training job reports. */
typedef struct
{
  int epoch;                /* from 0 */
  double seconds;
  double lr;                /* of this epoch */
  double train_loss;        /* mean over the epoch's images, with Mixup and smoothing */
  double val_loss;          /* plain cross entropy, or loss of segmentation, of the current weights */
  double val_auc, val_accuracy; /* NaN without a validation part, and of segmentation */
  double val_dice;          /* of segmentation: mean over the letterboxed images, NaN else */
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

/**
 * nmd_run_open:
 * @folder: a run folder
 * @error: return location for an error
 *
 * Reads run.json, history.csv and, where there is one, metrics.json. Every member and cell is
 * checked here: its type, its range, and that the split names images of the data set, each in one
 * part. Weights and predictions.csv are read when they are asked for.
 *
 * Cost: proportional to the number of images. Threads: any.
 *
 * Errors: %NMD_ERROR_FORMAT naming the file, the member or row and what was expected
 *   ("r1/run.json: split.parts.train[0] has the wrong type: text expected, null found");
 *   #G_FILE_ERROR if there is no folder.
 *
 * Returns: (transfer full): a snapshot of the folder, which does not follow later changes; %NULL with
 *   @error set
 */
NmdRun              *nmd_run_open            (const char     *folder,
                                              GError        **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes a reference. Threads: any, likewise all that follow: a run does not change. */
NmdRun              *nmd_run_ref             (NmdRun         *self);
/* Gives it back; %NULL is passed over. */
void                 nmd_run_unref           (NmdRun         *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRun, nmd_run_unref)

/* The folder as it was opened. All that is returned here is borrowed from @self. */
const char          *nmd_run_get_folder      (const NmdRun   *self);
/* Started or finished. */
NmdRunState          nmd_run_get_state       (const NmdRun   *self);
/* The recipe that it is trained by. */
const NmdParameters *nmd_run_get_parameters  (const NmdRun   *self);
/* The network that it trains. */
const NmdNetwork    *nmd_run_get_network     (const NmdRun   *self);
/* What it is for. */
NmdTask              nmd_run_get_task        (const NmdRun   *self);
/* FALSE with %NMD_ERROR_REFUSED, "r1 finds outlines (task segment) and gives no score", if it is for another
 * task. */
gboolean             nmd_run_check_task      (const NmdRun   *self,
                                              NmdTask         task,
                                              GError        **error);
/* What its training images have in common. */
const NmdPassport   *nmd_run_get_passport    (const NmdRun   *self);
/* Where the data set lay, an absolute path. */
const char          *nmd_run_get_dataset_path (const NmdRun  *self);
/* nmd_dataset_get_hash() of the data set. */
const char          *nmd_run_get_dataset_hash (const NmdRun  *self);
/* What computed, in words: "oneDNN 2.6.3, 2 threads, AVX-512, strict numerics". */
const char          *nmd_run_get_device      (const NmdRun   *self);
/* When it was started, ISO 8601 in UTC; (nullable). */
const char          *nmd_run_get_started     (const NmdRun   *self);
/* "paper", "threeway", "kfold", "image", "stated" or "file". */
const char          *nmd_run_get_split_kind  (const NmdRun   *self);
/* What has to stand beside the numbers of such a split; (nullable). */
const char          *nmd_run_get_caveat      (const NmdRun   *self);
/* The file that its weights started from, what was taken from it and what not, as a sentence to be
 * freed; %NULL if they were fresh. */
char                *nmd_run_get_initial     (const NmdRun   *self) G_GNUC_WARN_UNUSED_RESULT;
/* Where run.json is older than some parameters, a sentence without a full stop that names them with the values
 * that do what was done then ("… class-weights none"), which nmd_run_get_parameters() has; (nullable). */
const char          *nmd_run_get_assumed     (const NmdRun   *self);
/* The rows of history.csv, @n of them, by epoch from 0; may be none. */
const NmdEpoch      *nmd_run_get_history     (const NmdRun   *self,
                                              guint          *n);
/* The object of metrics.json; %NULL before the first evaluation. */
JsonNode            *nmd_run_get_metrics     (const NmdRun   *self);

/* Fills @settings with how the data set was read, for reading it again. Its texts are borrowed;
 * unpacking is agreed to, as it was by the one who trained. */
void                 nmd_run_get_import      (const NmdRun      *self,
                                              NmdImportSettings *settings);

/**
 * nmd_run_open_dataset:
 * @self: a run
 * @path: (nullable): where the data set lies now; %NULL: where it lay
 * @progress: (nullable): see nmd_dataset_import()
 * @cancellable: (nullable)
 * @error: return location for an error
 *
 * Imports the run's data set again as it was imported then, and checks that it is the same.
 *
 * Errors: those of nmd_dataset_import() and nmd_run_check_dataset().
 *
 * Returns: (transfer full): the data set; %NULL with @error set
 */
NmdDataset          *nmd_run_open_dataset    (const NmdRun      *self,
                                              const char        *path,
                                              NmdImportProgress  progress,
                                              gpointer           user_data,
                                              GCancellable      *cancellable,
                                              GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether @dataset has the images, masks, labels and subjects that the run was trained on, wherever it
 * lies. Errors: %NMD_ERROR_CHANGED naming what differs ("3 images changed, the first is a.png (its
 * mask)"). */
gboolean             nmd_run_check_dataset   (const NmdRun      *self,
                                              NmdDataset        *dataset,
                                              GError           **error);

/* The run's split over @dataset, which has to be the run's. Errors: %NMD_ERROR_CHANGED if it lacks an
 * image that a part names. */
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

/* Rows of outlines.csv of a run of segmentation, of @part or (%NMD_PART_NONE) all. Errors:
 * %NMD_ERROR_FORMAT naming file, row and column; %NMD_ERROR_REFUSED for a run of another task;
 * #G_FILE_ERROR before the first evaluation. Returns: (transfer full): the table; %NULL with @error set. */
NmdOutlineTable     *nmd_run_load_outlines   (const NmdRun   *self,
                                              NmdPart         part,
                                              GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* Of a run of segmentation the value from which its network's output belongs to the outline: "outline-threshold",
 * or what was chosen on the validation part ("threshold-from"), whichever weights propose; NaN of another
 * task. And as a sentence without a full stop that says which (transfer full). */
double               nmd_run_get_outline_threshold (const NmdRun *self);
char                *nmd_run_get_threshold_text (const NmdRun *self) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_run_load_scores:
 * @self: a run
 * @part: a part; %NMD_PART_NONE for all
 * @error: return location for an error
 *
 * Reads predictions.csv, all rows of which are checked whatever @part is: label 0 or 1, a known part,
 * score in [0, 1], echo intensity in [0, 255] or empty (NaN).
 *
 * Errors: %NMD_ERROR_FORMAT naming file, row and column; %NMD_ERROR_REFUSED for a run of segmentation;
 *   #G_FILE_ERROR before the first evaluation.
 *
 * Returns: (transfer full): the scores, none where the run has no such part; %NULL with @error set
 */
NmdScores           *nmd_run_load_scores     (const NmdRun      *self,
                                              NmdPart            part,
                                              GError           **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
