/* SPDX-License-Identifier: Apache-2.0
 *
 * A table that gives each image a fold instead of a part: one fold is test, the next one, cyclically by
 * number, validation, the others train.
 */
#pragma once

#include "engine/core/nmd-csv.h"
#include "engine/data/nmd-split.h"

G_BEGIN_DECLS

typedef struct
{
  GArray *numbers;  /* gint64: of each row */
  gint64 test, validation;
} NmdFolds;

/* TRUE if @csv has a column fold and none of parts. */
gboolean nmd_folds_has      (const NmdCsv    *csv);

/* Reads whole numbers from @column; fold @fold, from 0 among the sorted ones, is test. Errors:
 * %NMD_ERROR_FORMAT naming @path for another word, fewer than three folds, no such fold. */
gboolean nmd_folds_init     (NmdFolds        *self,
                             const NmdCsv    *csv,
                             int              column,
                             int              fold,
                             const char      *path,
                             GError         **error);
void     nmd_folds_clear    (NmdFolds        *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdFolds, nmd_folds_clear)

NmdPart  nmd_folds_get_part (const NmdFolds  *self,
                             guint            row);

G_END_DECLS
