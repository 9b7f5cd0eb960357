/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that are to be written together: their bytes, or where they lie now. Threads: one at a time.
 */
#pragma once

#include "engine/core/nmd-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Relative name with '/', and either the bytes or the path of the file to copy; owned. */
typedef struct
{
  char *name;
  GBytes *bytes;
  char *path;
} NmdListedFile;

/* An empty list. Returns: (transfer full) (element-type NmdListedFile) */
GPtrArray *nmd_file_list_new       (void) G_GNUC_WARN_UNUSED_RESULT;
/* Appends bytes, of which it takes a reference. */
void       nmd_file_list_add_bytes (GPtrArray   *self,
                                    const char  *name,
                                    GBytes      *bytes);
/* Appends a text. */
void       nmd_file_list_add_text  (GPtrArray   *self,
                                    const char  *name,
                                    const char  *text);
/* Appends a file that lies at @path. */
void       nmd_file_list_add_path  (GPtrArray   *self,
                                    const char  *name,
                                    const char  *path);

/* Writes all of them into @folder, each whole or not at all, in their order; folders are made. Memory: the largest
 * file. Errors: those of nmd_file_read() and nmd_file_write(); `G_IO_ERROR_CANCELLED`. */
gboolean   nmd_file_list_write     (const GPtrArray *self,
                                    const char  *folder,
                                    GCancellable *cancellable,
                                    GError     **error);

G_END_DECLS
