/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in files: '.' whatever the locale, the shortest text that reads back as the same
 * double (or float). Threads: any.
 */
#pragma once

#include "engine/core/nmd-error.h"

G_BEGIN_DECLS

#define NMD_NUMBER_LENGTH 32

/* Writes @value to @buffer (at least NMD_NUMBER_LENGTH bytes) and returns @buffer. NaN and
 * infinities become "nan", "inf", "-inf". */
const char *nmd_number_format       (char       *buffer,
                                     double      value);
/* The shortest text that reads back as the same float. */
const char *nmd_number_format_float (char       *buffer,
                                     float       value);
/* Appends @value to @text. */
void        nmd_number_append       (GString    *text,
                                     double      value);
/* Reads the whole of @text (surrounding blanks allowed; a decimal comma is not).
 * Errors: %NMD_ERROR_FORMAT quoting @text. */
gboolean    nmd_number_parse        (const char *text,
                                     double     *value,
                                     GError    **error);
gboolean    nmd_number_parse_int    (const char *text,
                                     gint64     *value,
                                     GError    **error);

/* Order of two doubles for qsort(), g_array_sort() and the like: -1, 0, 1; numbers first, then NaNs. */
int         nmd_number_compare      (gconstpointer a,
                                     gconstpointer b);

G_END_DECLS
