/* SPDX-License-Identifier: Apache-2.0
 *
 * The open data set: how it is imported (also the demo cohort, and a run's own data set), its
 * images while they come in, and the questions that an import may raise. Which image is
 * looked at is nmd-scan-session's.
 */
#pragma once

#include "engine/data/outlines/nmd-outlines-export.h"
#include "ui/session/nmd-notices.h"

#include "engine/core/nmd-job.h"
#include "engine/train/nmd-run.h"

G_BEGIN_DECLS

#define NMD_TYPE_DATA_SESSION (nmd_data_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdDataSession, nmd_data_session, NMD, DATA_SESSION, GObject)

/* What the user has to decide before a data set can be opened. */
typedef enum
{
  NMD_DECISION_POSITIVE, /* which label word means pathological */
  NMD_DECISION_UNPACK,   /* whether to unpack an archive into the cache */
  NMD_DECISION_COLUMNS,  /* which columns of a table are which */
  NMD_DECISION_MASKS,    /* which folder or suffix masks have */
  NMD_DECISION_MASK_VALUE, /* which value of masks is the outline */
  NMD_DECISION_OUTLINE_LABEL, /* which label of drawn outlines is measured */
} NmdDecision;

/**
 * NmdDataSession:
 *
 * At most one data set is open. While another is being imported "dataset" is %NULL and "samples"
 * grows, so that nothing on screen can belong to both; if the import fails or is cancelled, the
 * former data set is open again.
 *
 * Properties, notified:
 *   "dataset" (NmdDataset, nullable): the data set, once all of it is read
 *   "loading" (boolean): an import runs
 *   "job" (NmdJob, nullable): the import, for its progress
 *
 * Signals:
 *   "import-started": the list of images is empty now
 *   "decide" (int NmdDecision, string path, string text, GStrv choices): the import of path stopped
 *     at a question; answer by nmd_data_session_open() with other settings. Choices: label words or
 *     column names
 *   "run-data-missing" (string): why a run's data set could not be opened, one sentence
 *
 * Threads: main thread only; imports run on the pool.
 */

/* @notices: referenced. @data_folder: where the demo cohort is kept; made when needed. */
NmdDataSession          *nmd_data_session_new          (NmdNotices              *notices,
                                                        const char              *data_folder);

/* Imports what is at @path (folder, table or archive) in place of what is open. @settings
 * (nullable) is copied with its texts. An import under way is cancelled. */
void                     nmd_data_session_open         (NmdDataSession          *self,
                                                        const char              *path,
                                                        const NmdImportSettings *settings);

/* Makes the demo cohort if it is not there yet, and opens it. */
void                     nmd_data_session_open_demo    (NmdDataSession          *self);

/* Opens the data set that @run was trained on, from where it was or from @path (nullable), and
 * checks that it is the same. Stays behind what is on screen: no page is shown for it. */
void                     nmd_data_session_open_for_run (NmdDataSession          *self,
                                                        NmdRun                  *run,
                                                        const char              *path);

/* Returns: (transfer none) (nullable): the open data set; %NULL during an import. */
NmdDataset              *nmd_data_session_get_dataset  (NmdDataSession          *self);

/* Returns: (nullable): the path that the data set was opened by. */
const char              *nmd_data_session_get_path     (NmdDataSession          *self);

/* Returns: how the open data set was read; texts are borrowed until another is open. */
const NmdImportSettings *nmd_data_session_get_import   (NmdDataSession          *self);

/* Returns: how the newest import reads or was to read, also one that stopped at a question; texts
 * are borrowed until the next import. */
const NmdImportSettings *nmd_data_session_get_attempt  (NmdDataSession          *self);

/* Returns: (transfer none): a list of NmdSample by id; the same list for ever. */
GListModel              *nmd_data_session_get_samples  (NmdDataSession          *self);

/* Whether an import runs. */
gboolean                 nmd_data_session_get_loading  (NmdDataSession          *self);

/* Returns: (transfer none) (nullable): the import that runs. */
NmdJob                  *nmd_data_session_get_job      (NmdDataSession          *self);

/* Whether the import under way, or the last one, was for a run. */
gboolean                 nmd_data_session_is_for_run   (NmdDataSession          *self);

/* Whether the open data set has these contents. @hash: nmd_dataset_get_hash() of another. */
gboolean                 nmd_data_session_has_hash     (NmdDataSession          *self,
                                                        const char              *hash);

/* Writes the outlines of the open data set for another tool into @folder, new or empty; notices say how it
 * went. Does nothing without a data set. */
void                     nmd_data_session_export_outlines (NmdDataSession       *self,
                                                        NmdOutlinesFormat        format,
                                                        const char              *folder,
                                                        const char              *label);

/* The user has seen the doubtful masks of the open data set: trainings may learn from them. */
void                     nmd_data_session_accept_masks (NmdDataSession          *self);

/* At the end of the program: images that are still to come are dropped. */
void                     nmd_data_session_shutdown     (NmdDataSession          *self);

/* Returns: (transfer none): where what is to be told about data goes. */
NmdNotices              *nmd_data_session_get_notices  (NmdDataSession          *self);

G_END_DECLS
