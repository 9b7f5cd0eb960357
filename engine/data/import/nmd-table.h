/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of text cells from an .xlsx workbook (its first sheet) or from text (.csv, .tsv, .txt), with a
 * header: manifests, splits, scores. Formulas, dates and styles of workbooks are not interpreted; numbers
 * have '.' before their decimals there.
 *
 * Bounds: those of nmd-csv.h; of a workbook besides 200,000 rows, 512 columns, 64 MiB of cells and at most
 * 256 MiB of memory while it is read.
 * Threads: any.
 */
#pragma once

#include "engine/core/nmd-csv.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether @path ends as tables do: .csv, .tsv, .txt, .xlsx (any case). */
gboolean nmd_table_is_name (const char    *path);

/**
 * nmd_table_load:
 * @path: a table
 * @lenient: set rows aside that have more or fewer cells than the header (nmd_csv_get_n_refused()); else
 *   one is an error. Rows of a workbook may always be shorter
 * @cancellable: (nullable): looked at while a workbook is read
 *
 * Errors: %NMD_ERROR_FORMAT naming the file, those of nmd_csv_load(), %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): the table; %NULL with @error set
 */
NmdCsv  *nmd_table_load    (const char    *path,
                            gboolean       lenient,
                            GCancellable  *cancellable,
                            GError       **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
