/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that are written whole or not at all, folders that are locked by one writer, and digests.
 * Threads: any.
 */
#pragma once

#include "engine/core/nmd-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * nmd_file_write:
 *
 * Writes @data as the new content of @path: temporary file beside it, fsync, rename, fsync of
 * the folder. After an error the old file stands as it was and no temporary file is left.
 *
 * Errors: #G_FILE_ERROR with the path and the reason in one sentence (full disk, read-only
 *   folder, missing folder).
 */
gboolean nmd_file_write        (const char     *path,
                                gconstpointer   data,
                                gsize           length,
                                GError        **error);

/* The same for NUL-terminated text. */
gboolean nmd_file_write_text   (const char     *path,
                                const char     *text,
                                GError        **error);

/* Makes @path and its parents (mode 0777 less the umask). */
gboolean nmd_file_make_folder  (const char     *path,
                                GError        **error);

/* TRUE if @path is a folder without entries or does not exist. */
gboolean nmd_file_is_empty_folder (const char  *path);

/* SHA-256 of a file's bytes as 64 hex digits. */
char    *nmd_file_sha256       (const char     *path,
                                GCancellable   *cancellable,
                                GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* Joins @root and the relative @path ('/'-separated); refuses absolute paths, "..", and links
 * that leave @root (%NMD_ERROR_REFUSED, naming the entry). */
char    *nmd_file_resolve_inside (const char   *root,
                                const char     *path,
                                GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* A writer's lock on a folder: FOLDER/run.lock held by fcntl, its content names the holder
 * ("nmd 0.1.0, process 4711, since 2026-11-23T10:00:00Z"). */
typedef struct _NmdLock NmdLock;

/* Errors: %NMD_ERROR_BUSY naming @folder and the holder. Within one process a second lock on the
 * same folder is refused as well. */
NmdLock *nmd_lock_take         (const char     *folder,
                                GError        **error) G_GNUC_WARN_UNUSED_RESULT;
void     nmd_lock_release      (NmdLock        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdLock, nmd_lock_release)

G_END_DECLS
