/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of texts as the text of a file. Threads: any.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @rows: of char **, ended by %NULL, all of one length, the first being the titles. Returns: CSV, its lines ended by \n as in a run's files,
 * numbers with the minus of ASCII. */
char *nmd_table_to_csv   (const GPtrArray *rows) G_GNUC_WARN_UNUSED_RESULT;

/* The same as a LaTeX tabular with booktabs rules; the first column stands at the left, the others at the right. */
char *nmd_table_to_latex (const GPtrArray *rows) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
