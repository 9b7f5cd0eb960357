/* SPDX-License-Identifier: Apache-2.0
 *
 * Text columns for tables, in one line each.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The text of @item's cell; an optional CSS class in *@css (static, or NULL). */
typedef char *(*NmdCellFunc) (gpointer item, const char **css, gpointer data);

/* Appends a column; @numeric: right-aligned tabular figures. @sorter is taken (nullable). */
GtkColumnViewColumn *nmd_column_add (GtkColumnView *view,
                                     const char    *title,
                                     gboolean       numeric,
                                     gboolean       expand,
                                     NmdCellFunc    func,
                                     gpointer       data,
                                     GtkSorter     *sorter);

/* The table as it is seen, but for columns that hold no text: (transfer full): of char **, ended by %NULL, the first
 * being the titles. */
GPtrArray *nmd_columns_get_rows (GtkColumnView *view) G_GNUC_WARN_UNUSED_RESULT;

/* "1 h 12 min", "4 min", "38 s"; "–" for NaN. */
char *nmd_format_duration (double seconds) G_GNUC_WARN_UNUSED_RESULT;
/* nmd_words_of_number(), "–" for NaN. */
char *nmd_format_number   (double value,
                           int    digits) G_GNUC_WARN_UNUSED_RESULT;
/* "2,395,768": groups of thousands as the locale has them, of three digits with narrow spaces
 * where it has none. */
char *nmd_format_count    (gint64 count) G_GNUC_WARN_UNUSED_RESULT;
/* "[0.87, 0.93]", "" for NaN. */
char *nmd_format_interval (double low,
                           double high) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
