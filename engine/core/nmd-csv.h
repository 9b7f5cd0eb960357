/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables as CSV (RFC 4180): quoted cells, CRLF, LF or CR, UTF-8 with or without byte-order mark, UTF-16 of
 * either order with one; ',' or ';' or tab between cells, as a first line “sep=;” says (Excel writes it),
 * else whichever is most frequent in the first line that is not empty. Blanks around a cell are removed;
 * empty lines and lines of empty cells are passed over; empty cells behind the last column are dropped.
 *
 * Bounds: %NMD_CSV_MAX_BYTES, %NMD_CSV_MAX_COLUMNS and %NMD_CSV_MAX_CELLS.
 * Memory: at most 64 MiB for the text (twice that in nmd_csv_parse(), whose caller has it too; UTF-16 needs
 * one and a half times that again while it is read) and 64 MiB for the places of cells and rows, whatever the
 * text.
 * Cost: linear in the text.
 * Threads: any; a table is immutable.
 */
#pragma once

#include "engine/core/nmd-error.h"

G_BEGIN_DECLS

#define NMD_CSV_MAX_BYTES   (64u * 1024 * 1024)
#define NMD_CSV_MAX_COLUMNS 16384
#define NMD_CSV_MAX_CELLS   8000000

typedef struct _NmdCsv NmdCsv;

/**
 * nmd_csv_load:
 * @path: a regular file
 * @error: return location for an error
 *
 * Reads a table whose first line that is not empty is its header.
 *
 * Errors: %NMD_ERROR_FORMAT naming file and row, counted from 1 with header and empty lines as a
 *   spreadsheet shows it ("t.csv, row 3: 2 cells, the header has 4"): no header, a row with more or
 *   fewer cells, an open quote, text behind a quote, neither UTF-8 nor UTF-16, a bound exceeded; those of
 *   nmd_file_read().
 *
 * Returns: (transfer full): the table; %NULL with @error set
 */
NmdCsv      *nmd_csv_load          (const char   *path,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same from @length bytes in memory; @name stands for the file in errors. */
NmdCsv      *nmd_csv_parse         (const char   *text,
                                    gsize         length,
                                    const char   *name,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* As nmd_csv_load() and nmd_csv_parse(), but rows with more or fewer cells than the header are set aside
 * (nmd_csv_get_n_refused()) and are no error. */
NmdCsv      *nmd_csv_load_lenient  (const char   *path,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;
NmdCsv      *nmd_csv_parse_lenient (const char   *text,
                                    gsize         length,
                                    const char   *name,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;
void         nmd_csv_free          (NmdCsv       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdCsv, nmd_csv_free)

/* Number of rows below the header. */
guint        nmd_csv_get_n_rows    (const NmdCsv *self);

/* Number of rows that were set aside, and the @i-th of them: its number in the file as nmd_csv_get_number()
 * counts, and its number of cells. */
guint        nmd_csv_get_n_refused (const NmdCsv *self);
guint        nmd_csv_get_refused   (const NmdCsv *self,
                                    guint         i,
                                    guint        *n_cells);

/* Number of columns, at least 1. */
guint        nmd_csv_get_n_columns (const NmdCsv *self);

/* Number of @row in the file, as errors and spreadsheets count: the header is row 1, empty lines
 * count. */
guint        nmd_csv_get_number    (const NmdCsv *self,
                                    guint         row);

/* Name of @column, 0 ≤ @column < number of columns; "" where empty. Borrowed. */
const char  *nmd_csv_get_header    (const NmdCsv *self,
                                    guint         column);

/* First column whose header equals @name but for case and surrounding blanks, or -1. */
int          nmd_csv_find          (const NmdCsv *self,
                                    const char   *name);

/* As nmd_csv_find(); without such a column, or with two, -1 and %NMD_ERROR_FORMAT, which names the
 * file, the column and the columns there are. */
int          nmd_csv_need          (const NmdCsv *self,
                                    const char   *name,
                                    GError      **error);

/* Text of the cell in @row (from 0, below the header) and @column, "" where empty. Borrowed. */
const char  *nmd_csv_get           (const NmdCsv *self,
                                    guint         row,
                                    guint         column);

/* TRUE for a cell that says nothing: "", NA, N/A, #N/A, NaN, None, null or - (any case). */
gboolean     nmd_csv_is_missing    (const char   *cell);

/* Reads a number with '.' or, as spreadsheets of many countries write it, one ',' before its decimals;
 * FALSE for other text. Infinity and NaN are no numbers here. */
gboolean     nmd_csv_parse_number  (const char   *cell,
                                    double       *value);

/* Appends one cell to the line that @text ends with, quoted where needed. */
void         nmd_csv_append        (GString      *text,
                                    const char   *cell);

/* The same for a number in its shortest round-trip form; NaN becomes an empty cell. */
void         nmd_csv_append_number (GString      *text,
                                    double        value);

/* Ends the line, after its last cell. */
void         nmd_csv_end_line      (GString      *text);

G_END_DECLS
