/* SPDX-License-Identifier: Apache-2.0
 *
 * The app session: what is open (data set, scan, runs, model), and the jobs that work on it.
 * Pages show its properties and call its functions; engine calls are made nowhere else but in its
 * jobs. Main thread only. Knows no GTK.
 */
#pragma once

#include "ui/session/nmd-scan-jobs.h"
#include "ui/session/nmd-run-item.h"
#include "engine/model/nmd-scan.h"
#include "ui/session/nmd-training.h"

G_BEGIN_DECLS

#define NMD_TYPE_APP_SESSION (nmd_app_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdAppSession, nmd_app_session, NMD, APP_SESSION, GObject)

/* What the user has to decide before a data set can be opened. */
typedef enum
{
  NMD_DECISION_POSITIVE, /* which label word means pathological */
  NMD_DECISION_UNPACK,   /* whether to unpack an archive into the cache */
  NMD_DECISION_COLUMNS,  /* which columns of a table are which */
} NmdDecision;

/* Properties, all notified:
 *   "dataset" (NmdDataset), "samples" (GListModel of NmdSample, also while they come in),
 *   "loading" (boolean), "sample" (NmdSample, writable: the chosen one), "scan" (NmdScan: its
 *   pixels, or an opened file's), "run" (NmdRunItem, writable), "runs" (GListModel of NmdRunItem),
 *   "training" (NmdTraining), "job" (NmdJob to be shown, or NULL), "override" (boolean, writable:
 *   a teacher wants scores that the passport refuses), "parts" (pointer; notified when parts
 *   change), "has-model" (boolean).
 *
 * Signals:
 *   "message" (string): something went well
 *   "run-data-missing" (string): one sentence on why the chosen run's data set was not opened
 *   "problem" (string): one sentence on what failed and what to do
 *   "decide" (int NmdDecision, string path, string text, GStrv choices: label words or column names)
 *   "show-page" (string): "data", "train", "results", "explain"
 *   "preview" (NmdPreview *): borrowed for the emission
 *   "explanation" (NmdExplanation *, may be NULL): likewise
 *   "parameters-changed"
 *   "scores-changed": predictions of the chosen run are there (or gone)
 *   "device-changed": another device is chosen, or the list of devices is there
 *   "initial-changed": the next training starts from other weights, or they have been looked at */

/* @data_folder: where demo data and runs are kept; made when needed. */
NmdAppSession *nmd_app_session_new            (const char          *data_folder);

/* Opens whatever @path is: data set, run or image. */
void           nmd_app_session_open           (NmdAppSession       *self,
                                               const char          *path);
/* After a decision: texts are copied. */
void           nmd_app_session_open_dataset   (NmdAppSession       *self,
                                               const char          *path,
                                               const NmdImportSettings *settings);
/* Reads the chosen run's own data set in the background, from where it was or from @path
 * (nullable), and checks that it is the same. */
void           nmd_app_session_open_run_data  (NmdAppSession       *self,
                                               const char          *path);
/* TRUE if the open data set is the one that the chosen run was trained on. */
gboolean       nmd_app_session_has_run_data   (NmdAppSession       *self);
void           nmd_app_session_open_demo      (NmdAppSession       *self);
void           nmd_app_session_open_image     (NmdAppSession       *self,
                                               const char          *path,
                                               const char          *mask_path);
void           nmd_app_session_open_run       (NmdAppSession       *self,
                                               const char          *folder,
                                               gboolean             choose);
/* Reads the folder of runs; without choosing one. */
void           nmd_app_session_list_runs      (NmdAppSession       *self);
/* Chooses the newest run if none is chosen, once the list is read. */
void           nmd_app_session_want_run       (NmdAppSession       *self);

/* How the data set opened last is read; borrowed. */
const NmdImportSettings *nmd_app_session_get_import (NmdAppSession *self);

NmdDataset    *nmd_app_session_get_dataset    (NmdAppSession       *self);
GListModel    *nmd_app_session_get_samples    (NmdAppSession       *self);
NmdSample     *nmd_app_session_get_sample     (NmdAppSession       *self);
void           nmd_app_session_set_sample     (NmdAppSession       *self,
                                               NmdSample           *sample);
NmdScan       *nmd_app_session_get_scan       (NmdAppSession       *self);
GListModel    *nmd_app_session_get_runs       (NmdAppSession       *self);
NmdRunItem    *nmd_app_session_get_run        (NmdAppSession       *self);
void           nmd_app_session_set_run        (NmdAppSession       *self,
                                               NmdRunItem          *run);
NmdModel      *nmd_app_session_get_model      (NmdAppSession       *self);
NmdTraining   *nmd_app_session_get_training   (NmdAppSession       *self);
gboolean       nmd_app_session_is_training    (NmdAppSession       *self);
NmdJob        *nmd_app_session_get_job        (NmdAppSession       *self);
gboolean       nmd_app_session_get_loading    (NmdAppSession       *self);

/* Part of a sample in the chosen run's split, or in the one that the next training would make. */
NmdPart        nmd_app_session_get_part       (NmdAppSession       *self,
                                               NmdSample           *sample);
guint          nmd_app_session_count_part     (NmdAppSession       *self,
                                               NmdPart              part,
                                               guint               *n_subjects);
/* The split itself (nullable), borrowed until parts change. */
const NmdSplit *nmd_app_session_get_split     (NmdAppSession       *self);
const char    *nmd_app_session_get_split_error (NmdAppSession      *self);
/* Stored score of a sample by the chosen run, NaN if there is none. */
double         nmd_app_session_get_score      (NmdAppSession       *self,
                                               NmdSample           *sample);

/* The settings of the next training; change them only by set_parameter. */
const NmdParameters *nmd_app_session_get_parameters (NmdAppSession *self);
gboolean       nmd_app_session_set_parameter  (NmdAppSession       *self,
                                               const char          *name,
                                               double               value,
                                               GError             **error);
void           nmd_app_session_reset_parameters (NmdAppSession     *self);

/* What trainings, evaluations and explanations compute with from now on: the name that `nmd` would
 * make of @device and @numerics (nullable), see nmd_device_choose(). Whether it can be used is seen when
 * it is; nothing else is taken in its place. */
gboolean       nmd_app_session_choose_device  (NmdAppSession       *self,
                                               const char          *device,
                                               const char          *numerics,
                                               GError             **error);
const char    *nmd_app_session_get_device     (NmdAppSession       *self); /* "cuda:1/fast" */
/* All devices as `nmd devices` lists them, of NmdDevice; NULL until found. Asking loads NVIDIA's
 * libraries, so it is done once, in the background, when first wanted. */
void           nmd_app_session_find_devices   (NmdAppSession       *self);
GPtrArray     *nmd_app_session_get_devices    (NmdAppSession       *self);

/* The next training starts from the weights in @path (NULL: fresh ones) if they fit @network. A
 * newly chosen file that does not is a "problem" and not taken; one that was taken before and does
 * not fit another network stays, and no training starts with it. */
void           nmd_app_session_set_initial    (NmdAppSession       *self,
                                               const char          *path,
                                               const char          *network);
const char    *nmd_app_session_get_initial    (NmdAppSession       *self); /* nullable */
/* "358 of 360 tensors fit" (nullable: not looked at yet) */
const char    *nmd_app_session_get_initial_fit (NmdAppSession      *self);
const char    *nmd_app_session_get_initial_problem (NmdAppSession  *self); /* nullable */

/* Draws an outline on the scan: points are x, y pairs in image pixels; a box has two corners.
 * n 0 takes the outline away. */
void           nmd_app_session_draw_outline   (NmdAppSession       *self,
                                               const double        *points,
                                               guint                n,
                                               gboolean             is_box);

void           nmd_app_session_ask_preview    (NmdAppSession       *self,
                                               int                  draw);
void           nmd_app_session_ask_explanation (NmdAppSession      *self,
                                               int                  target,
                                               const char          *layer);

void           nmd_app_session_train          (NmdAppSession       *self,
                                               const char          *network,
                                               gboolean             quick_look);
void           nmd_app_session_resume         (NmdAppSession       *self);
void           nmd_app_session_stop           (NmdAppSession       *self);
/* Scores all images of the chosen run again. */
void           nmd_app_session_evaluate       (NmdAppSession       *self);

/* Saves bytes in the background and says so. */
void           nmd_app_session_save           (NmdAppSession       *self,
                                               const char          *path,
                                               GBytes              *bytes);

/* At the end of the program: cancels and joins. */
void           nmd_app_session_shutdown       (NmdAppSession       *self);

G_END_DECLS
