/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs in a list: what is in a folder of run folders, damaged ones too. An entry says that a run is
 * damaged, and why, where nmd_run_open() only fails.
 */
#pragma once

#include "engine/train/nmd-run-notes.h"
#include "engine/train/nmd-run.h"

G_BEGIN_DECLS

typedef struct
{
  char *folder;
  NmdRunState state;
  NmdRun *run;              /* %NULL if damaged */
  char *problem;            /* if damaged: a sentence that names the file and what is wrong in it */
  NmdRunNotes *notes;       /* %NULL if they cannot be read */
  char *notes_problem;      /* why they cannot */
} NmdRunEntry;

/* The run in @folder, which need not be one. Never fails: what cannot be read is damaged.
 * Threads: any. */
NmdRunEntry *nmd_run_entry_new  (const char     *folder) G_GNUC_WARN_UNUSED_RESULT;
void         nmd_run_entry_free (NmdRunEntry    *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRunEntry, nmd_run_entry_free)

/**
 * nmd_run_list:
 * @folder: a folder with run folders in it; it need not exist
 * @cancellable: (nullable): looked at before each run
 *
 * Reads every folder in @folder that has a run.json, the last started first, damaged ones behind them
 * by name. Ends early, with what it has, when cancelled.
 *
 * Cost: reads run.json, history.csv and metrics.json of each. Threads: any.
 *
 * Returns: (transfer full) (element-type NmdRunEntry): frees its entries itself
 */
GPtrArray   *nmd_run_list       (const char     *folder,
                                 GCancellable   *cancellable) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
