/* SPDX-License-Identifier: Apache-2.0
 *
 * What is open here, and so is never written over. Threads: any; looks at the disk.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

/* Whether what lies at @path is one of @n @files (each nullable), or an image or a mask of @dataset (nullable),
 * by the identity of files. */
gboolean nmd_open_files_have (const char  *path,
                              char *const *files,
                              guint        n,
                              NmdDataset  *dataset);

G_END_DECLS
