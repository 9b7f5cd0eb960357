/* SPDX-License-Identifier: Apache-2.0
 *
 * The data set made of what an import read.
 */
#pragma once

#include "engine/data/nmd-prepared-private.h"

G_BEGIN_DECLS

/* The data set made of what was read: takes @samples, @report. */
NmdDataset *nmd_dataset_new_full (const char      *path,
                                  const char      *title,
                                  GPtrArray       *samples,
                                  NmdImportReport *report);
/* Before it is shared. */
void        nmd_dataset_set_pixel_folder (NmdDataset *self,
                                          const char *folder);
/* Before it is shared; takes @prepared (nullable). */
void        nmd_dataset_take_prepared    (NmdDataset  *self,
                                          NmdPrepared *prepared);

G_END_DECLS
