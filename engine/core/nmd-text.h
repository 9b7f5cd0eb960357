/* SPDX-License-Identifier: Apache-2.0
 *
 * Foreign bytes (file names, cells, names inside files) as text that is safe to show, to print
 * and to write to JSON. Paths that are opened again stay as they are. Threads: any.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * nmd_text_display:
 * @text: NUL-terminated bytes in any encoding
 *
 * Makes @text valid UTF-8 on one line without control sequences. Valid printable UTF-8 stays as it
 * is. A byte that is not UTF-8 becomes `\xff`; control characters (C0, DEL, C1) become `\x1b`;
 * characters that turn the reading direction or break the line (U+061C, U+200E, U+200F, U+2028 to
 * U+202E, U+2066 to U+2069) become `\u202e`. Meant for eyes: the original cannot be recovered,
 * since a backslash in @text stays one backslash.
 *
 * Cost: linear.
 *
 * Returns: (transfer full): the text; "" for ""
 */
char *nmd_text_display        (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_text_check_path:
 * @path: (nullable): of a file, as the system has it
 *
 * Files of runs and plans name paths, and are text in UTF-8.
 *
 * Errors: %NMD_ERROR_REFUSED naming @path if it is in another encoding.
 *
 * Returns: %TRUE if @path may stand in such a file
 */
gboolean nmd_text_check_path (const char *path, GError **error);

/**
 * nmd_text_display_length:
 * @text: @length bytes in any encoding; NULs are shown as `\x00`
 * @length: number of bytes
 * @most: at most this many bytes are returned, the last three being "…"; 0 for no limit
 *
 * nmd_text_display() for text of any length, cut for an error message.
 *
 * Returns: (transfer full): the text
 */
char *nmd_text_display_length (const char *text,
                               gsize       length,
                               gsize       most) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
