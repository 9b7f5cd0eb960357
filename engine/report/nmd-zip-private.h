/* SPDX-License-Identifier: Apache-2.0
 *
 * Zip files in one form only: entries stored without compression, in order, each a plain file with a fixed date,
 * no extra fields, no comment, no 64-bit sizes (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16). The same
 * files always give the same bytes, so a reader can refuse a byte that is not as it was written, also one that
 * libarchive's reader passes over, and nothing can unpack to more than it is. Every program reads such zips.
 */
#pragma once

#include "engine/report/nmd-file-list.h"

G_BEGIN_DECLS

#define NMD_ZIP_MAX_BYTES ((gsize)1 << 30)
#define NMD_ZIP_MAX_FILES 1000
#define NMD_ZIP_MAX_NAME  240

/* Whether @name may be one of a pack: relative, parts of letters that can be shown, none empty, "." or "..", no
 * backslash, at most %NMD_ZIP_MAX_NAME bytes of UTF-8. */
gboolean   nmd_zip_check_name (const char      *name);

/* Writes @files to @path, whole or not at all. Memory: all of them. Errors: %NMD_ERROR_UNSUPPORTED where they do not
 * fit into %NMD_ZIP_MAX_BYTES; those of nmd_file_read() and nmd_file_write(); `G_IO_ERROR_CANCELLED`. */
gboolean   nmd_zip_write      (const GPtrArray *files,
                               const char      *path,
                               GCancellable    *cancellable,
                               GError         **error);

/* Reads a zip that nmd_zip_write() wrote. Memory: that of the file. Errors: %NMD_ERROR_FORMAT naming the file and the
 * entry where it is not of that form; those of nmd_file_read(). Returns: (transfer full): its files, in order */
GPtrArray *nmd_zip_read       (const char      *path,
                               GCancellable    *cancellable,
                               GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets @error to @code of %NMD_ERROR with "PATH: " and the text. Returns: %FALSE */
gboolean   nmd_zip_refuse     (GError         **error,
                               int              code,
                               const char      *path,
                               const char      *format,
                               ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
