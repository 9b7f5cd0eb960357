/* SPDX-License-Identifier: Apache-2.0
 *
 * A run in the list of runs, damaged ones too.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/train/nmd-run-notes.h"
#include "engine/train/nmd-train.h"

G_BEGIN_DECLS

#define NMD_TYPE_RUN_ITEM (nmd_run_item_get_type ())
G_DECLARE_FINAL_TYPE (NmdRunItem, nmd_run_item, NMD, RUN_ITEM, GObject)

struct _NmdRunItem
{
  GObject parent_instance;
  NmdRun *run;      /* NULL: damaged */
  char *folder;
  char *title;      /* "Demo cohort" */
  char *subtitle;   /* "NMD-AssistNet · 23 Nov 14:02 · seed 1" */
  NmdRunNotes *notes; /* (nullable) */
  char *problem;    /* (nullable): why it cannot be opened, a sentence that names file or folder */
};

/* Takes a reference to @run. */
NmdRunItem *nmd_run_item_new         (NmdRun     *run);
/* The run in @folder, which cannot be opened because of @problem. */
NmdRunItem *nmd_run_item_new_damaged (const char *folder,
                                      const char *problem);
/* What is said of it; its title stands for the data set's, its tags under it. (transfer full) @notes: (nullable) */
void        nmd_run_item_take_notes  (NmdRunItem  *self,
                                      NmdRunNotes *notes);
/* Whether it can be opened and is for @task. */
gboolean    nmd_run_item_is_for      (NmdRunItem *self,
                                      NmdTask     task);

/* nmd_run_load_model() of the weights that are best, its errors in the window's language. For a job. */
NmdModel *nmd_run_item_load_model (NmdRun  *run,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
