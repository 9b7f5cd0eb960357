/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of text cells with a bound on all of them together, so that a small file that refers to one
 * long text thousands of times, or has one cell far to the right in every row, is refused.
 * Threads: one.
 */
#pragma once

#include "engine/core/nmd-error.h"

G_BEGIN_DECLS

#define NMD_CELLS_MAX_ROWS 200000
#define NMD_CELLS_MAX_COLUMNS 512
#define NMD_CELLS_MAX_LENGTH 32767              /* characters of a cell, as in workbooks */
#define NMD_CELLS_MAX_BYTES (64 * 1024 * 1024)  /* of texts (each time they are referred to), of places */

typedef struct
{
  GPtrArray *rows;   /* GPtrArray of GRefString, NULL where empty */
  gsize      bytes;  /* counted against the bound */
} NmdCells;

/* Sets @self up without rows. */
void     nmd_cells_init    (NmdCells    *self);

/* Frees the rows. */
void     nmd_cells_clear   (NmdCells    *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdCells, nmd_cells_clear)

/* Counts @bytes that the caller keeps beside the cells. Errors: %NMD_ERROR_FORMAT, "it holds more …". */
gboolean nmd_cells_count   (NmdCells    *self,
                            gsize        bytes,
                            GError     **error);

/* Appends an empty row. Errors: %NMD_ERROR_FORMAT, "it has more than 200000 rows". */
gboolean nmd_cells_add_row (NmdCells    *self,
                            GError     **error);

/* Sets the cell at @column of the last row to @text (a GRefString, borrowed). Errors:
 * %NMD_ERROR_FORMAT: too many columns, too long, too much. */
gboolean nmd_cells_set     (NmdCells    *self,
                            guint        column,
                            char        *text,
                            GError     **error);

/* The cell, "" where there is none. Borrowed. */
const char *nmd_cells_get  (const NmdCells *self,
                            guint        row,
                            guint        column);

G_END_DECLS
