/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd explain RUN --cohort`: the maps of the images that a run is measured on, in numbers.
 */
#pragma once

#include "app/nmd-opened-run.h"
#include "engine/eval/nmd-map.h"

/* Texts are borrowed. */
typedef struct
{
  const char *out;   /* a folder */
  NmdMapMethod method;
  int target;        /* −1: the predicted class */
  const char *layer; /* (nullable) */
  int limit;         /* images of each class, 0: all */
} NmdCohortOptions;

/* Keeps @limit of the @indices (of guint) of each class, drawn by @seed, in their order. */
void     nmd_explain_limit  (GArray                 *indices,
                             NmdDataset             *dataset,
                             int                     limit,
                             guint64                 seed);

/* Maps the test part (else the validation part) of the run's data set and writes maps.csv, means.csv and maps.md into
 * options->out. Returns: FALSE with @error set. */
gboolean nmd_explain_cohort (const NmdOpenedRun     *opened,
                             const NmdCohortOptions *options,
                             GError                **error);
