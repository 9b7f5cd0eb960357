/* SPDX-License-Identifier: Apache-2.0
 *
 * A small table of texts and numbers that fits its room, for tables of a known few rows; it keeps its cells, so that
 * they can be copied and saved as they are seen.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_FACT_TABLE (nmd_fact_table_get_type ())
G_DECLARE_FINAL_TYPE (NmdFactTable, nmd_fact_table, NMD, FACT_TABLE, GtkBox)

/* Returns: (transfer floating): an empty table. */
GtkWidget        *nmd_fact_table_new      (void);
/* Takes out all rows and gives the columns these titles, ended by %NULL. The first column holds texts, the others
 * numbers. */
void              nmd_fact_table_reset    (NmdFactTable      *self,
                                           ...) G_GNUC_NULL_TERMINATED;
/* Adds a row with as many cells as there are columns, ended by %NULL. */
void              nmd_fact_table_add      (NmdFactTable      *self,
                                           ...) G_GNUC_NULL_TERMINATED;
/* Explains the last cell of the row added last, as a tooltip; %NULL is passed over. */
void              nmd_fact_table_explain  (NmdFactTable      *self,
                                           const char        *text);
/* Returns: the number of rows without the titles. */
guint             nmd_fact_table_get_n    (NmdFactTable      *self);
/* Row @i, 0 being the titles: (transfer none): its cells, ended by %NULL. */
const char *const *nmd_fact_table_get_row (NmdFactTable      *self,
                                           guint              i);

/* The table as text: CSV, or a LaTeX tabular with booktabs rules. */
char             *nmd_fact_table_to_csv   (NmdFactTable      *self) G_GNUC_WARN_UNUSED_RESULT;
char             *nmd_fact_table_to_latex (NmdFactTable      *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
