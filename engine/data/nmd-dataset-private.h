/* SPDX-License-Identifier: Apache-2.0
 *
 * What makes a data set: its report, filled while an import reads, and the data set made of what was
 * read.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

NmdImportReport *nmd_import_report_new  (void);
void             nmd_import_report_free (NmdImportReport *self);
/* @reason without full stop. */
void             nmd_import_report_leave_out (NmdImportReport *self,
                                              const char      *path,
                                              const char      *reason,
                                              ...) G_GNUC_PRINTF (3, 4);
void             nmd_import_report_assume    (NmdImportReport *self,
                                              const char      *sentence,
                                              ...) G_GNUC_PRINTF (2, 3);

/* The data set made of what was read: takes @samples, @report. */
NmdDataset *nmd_dataset_new_full (const char      *path,
                                  const char      *title,
                                  GPtrArray       *samples,
                                  NmdImportReport *report);
/* Before it is shared. */
void        nmd_dataset_set_pixel_folder (NmdDataset *self,
                                          const char *folder);

G_END_DECLS
