/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd zscore labels`: labels of a data set by a limit of z, and how they differ from its own.
 */
#pragma once

#include "app/nmd-import-options.h"

/* z above which the laboratory in Nijmegen calls echo intensity abnormal. */
#define NMD_Z_LIMIT 2.0

typedef struct
{
  const char *reference; /* (nullable) file: not given */
  const char *out;       /* (nullable) table to write: not given */
  double limit;          /* pathological iff z > limit */
} NmdZLabels;

/* Returns: an exit status. */
int nmd_zscore_labels (NmdImportSettings *settings,
                       const char        *path,
                       const NmdZLabels  *labels);
