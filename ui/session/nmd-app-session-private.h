/* SPDX-License-Identifier: Apache-2.0
 *
 * The app session's inside, shared by its two files only.
 */
#pragma once

#include "ui/session/nmd-app-session.h"

G_BEGIN_DECLS

struct _NmdAppSession
{
  GObject parent_instance;

  char *data_folder;
  NmdDataset *dataset;
  char *dataset_path;
  NmdImportSettings import; /* as the open data set was read; texts owned */
  GListStore *samples;
  NmdSample *sample;
  NmdScan *scan;
  guint scan_number;  /* of the newest request; older answers are dropped */

  GListStore *runs;      /* newest first */
  guint n_listing;       /* runs of the list that are still being read */
  gboolean newest_wanted; /* choose the newest as soon as all are there */
  NmdRunItem *run;
  NmdModel *model;
  guint run_number;
  GHashTable *scores; /* sample id → double *, of the chosen run */

  NmdSplit *split;
  GHashTable *parts;  /* NmdSample → NmdPart, of the data set's samples */
  char *split_error;

  NmdParameters *parameters;
  char *device;         /* chosen, for nmd_session_open() */
  GPtrArray *devices;   /* nullable: of NmdDevice, once asked for */
  gboolean asked_devices;
  char *initial;        /* nullable: weights that the next training starts from */
  char *initial_fit;    /* nullable: how it fits the network, once looked at */
  char *initial_problem; /* nullable: why it does not */
  guint initial_number; /* of the newest look */
  NmdTraining *training;
  NmdJob *work;       /* training or evaluation */
  NmdJob *import_job; /* import, demo */
  gboolean import_is_runs; /* it reads the chosen run's data set, behind what is shown */
  gboolean image_wanted; /* a single image is being opened, no sample chosen since */
  gboolean loading;
  GPtrArray *arriving; /* samples told by the import, not yet in the list */
  guint flush_id;
  gboolean override_passport;
  gboolean closed;
};

void nmd_app_session_problem       (NmdAppSession *self,
                                    const char    *text);
void nmd_app_session_message       (NmdAppSession *self,
                                    const char    *text);
void nmd_app_session_show_page     (NmdAppSession *self,
                                    const char    *page);
void nmd_app_session_take_dataset  (NmdAppSession *self,
                                    NmdDataset    *dataset);
void nmd_app_session_take_scan     (NmdAppSession *self,
                                    NmdScan       *scan);
void nmd_app_session_renew_split   (NmdAppSession *self);
void nmd_app_session_notify_job    (NmdAppSession *self);
void nmd_app_session_set_loading   (NmdAppSession *self,
                                    gboolean       loading);
gboolean nmd_app_session_keeps_scan (NmdAppSession *self);
void nmd_app_session_load_run_data (NmdAppSession *self);

G_END_DECLS
