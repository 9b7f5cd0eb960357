/* SPDX-License-Identifier: Apache-2.0
 *
 * The first rows of a table, to choose its columns by.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Reads the table at @path in the background. Then @box gets its first rows at the end, and each of the @n @choices, whose
 * first item stands for none and the others are names of columns, says the first values of the chosen one. Of what is
 * no table, or cannot be read, nothing is shown: the import tells why. */
void nmd_first_rows_show (const char         *path,
                          GtkBox             *box,
                          AdwComboRow *const *choices,
                          guint               n);

G_END_DECLS
