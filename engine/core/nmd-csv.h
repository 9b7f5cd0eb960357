/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables as CSV (RFC 4180): quoted cells, CRLF or LF, a UTF-8 byte-order mark, ',' or ';' or tab
 * between cells (found from the header line). Files: at most 64 MiB. Threads: any.
 */
#pragma once

#include "engine/core/nmd-error.h"

G_BEGIN_DECLS

typedef struct _NmdCsv NmdCsv;

/* Errors: %NMD_ERROR_FORMAT naming file and row (no header, a row with more or fewer cells, an open
 * quote, not UTF-8); G_FILE_ERROR. Empty lines are passed over. */
NmdCsv      *nmd_csv_load        (const char   *path,
                                  GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same from memory; @name stands for the file in errors. */
NmdCsv      *nmd_csv_parse       (const char   *text,
                                  gsize         length,
                                  const char   *name,
                                  GError      **error) G_GNUC_WARN_UNUSED_RESULT;
void         nmd_csv_free        (NmdCsv       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdCsv, nmd_csv_free)

guint        nmd_csv_get_n_rows    (const NmdCsv *self);
guint        nmd_csv_get_n_columns (const NmdCsv *self);
/* Number of @row in the file, as errors and spreadsheets count: the header is row 1, empty lines
 * count. */
guint        nmd_csv_get_number    (const NmdCsv *self,
                                    guint         row);
const char  *nmd_csv_get_header    (const NmdCsv *self,
                                    guint         column);
/* Column whose header equals @name but for case and surrounding blanks, or -1. */
int          nmd_csv_find          (const NmdCsv *self,
                                    const char   *name);
/* As nmd_csv_find(), with an error that names the file, the column and the columns there are. */
int          nmd_csv_need          (const NmdCsv *self,
                                    const char   *name,
                                    GError      **error);
/* Cell text with surrounding blanks removed, "" where empty. Borrowed. */
const char  *nmd_csv_get           (const NmdCsv *self,
                                    guint         row,
                                    guint         column);

/* Appends one cell to @line, quoted where needed; call nmd_csv_end_line() after the last. */
void         nmd_csv_append        (GString      *text,
                                    const char   *cell);
void         nmd_csv_append_number (GString      *text,
                                    double        value);   /* NaN is an empty cell */
void         nmd_csv_end_line      (GString      *text);

G_END_DECLS
