/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading of regular files, writing of files whole or not at all, folders that are locked by one writer,
 * digests. Errors name the path as nmd_text_display() shows it. Threads: any.
 */
#pragma once

#include "engine/core/nmd-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * nmd_file_open:
 * @path: a file
 * @error: return location for an error
 *
 * Opens a regular file for reading, or what a link to one leads to. A folder, pipe, socket or
 * device is refused at once: opening does not wait for a writer.
 *
 * Errors: %NMD_ERROR_FORMAT "PATH is a pipe, not a file"; #G_FILE_ERROR with the path and the
 *   reason.
 *
 * Returns: a descriptor (close-on-exec); -1 with @error set
 */
int      nmd_file_open         (const char     *path,
                                GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_file_read:
 * @path: a regular file
 * @most: the largest size that is read, in bytes
 * @cancellable: (nullable): looked at every MiB
 * @length: (out) (nullable): its number of bytes
 * @error: return location for an error
 *
 * Reads a whole file.
 *
 * Memory: @most and one byte, asked for as the file needs it.
 *
 * Errors: those of nmd_file_open(); %NMD_ERROR_FORMAT "PATH is larger than 64 MiB";
 *   %NMD_ERROR_MEMORY; `G_IO_ERROR_CANCELLED`.
 *
 * Returns: (transfer full): the bytes and a NUL behind them; %NULL with @error set
 */
char    *nmd_file_read         (const char     *path,
                                gsize           most,
                                GCancellable   *cancellable,
                                gsize          *length,
                                GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE if @a and @b are one file: same device and inode, links followed. FALSE if one of them does
 * not exist. For refusing an output that is an input. */
gboolean nmd_file_same         (const char     *a,
                                const char     *b);

/**
 * nmd_file_write:
 * @path: the file to write; a file that is there is replaced and its mode kept; a device or a pipe is written to, and stays
 * @data: (nullable): its new content
 * @length: number of bytes
 * @error: return location for an error
 *
 * Writes a file whole or not at all: a temporary file beside it, fsync, close, rename, fsync of the
 * folder. After an error no temporary file is left and the old file stands as it was, except where the
 * folder's fsync failed: then the new one stands, but may not survive a power cut.
 *
 * Errors: #G_FILE_ERROR with the path and the reason in one sentence (full disk, read-only folder,
 *   missing folder, a device that fails at any of the five steps).
 *
 * Returns: %FALSE with @error set
 */
gboolean nmd_file_write        (const char     *path,
                                gconstpointer   data,
                                gsize           length,
                                GError        **error);

/* The same for NUL-terminated text. */
gboolean nmd_file_write_text   (const char     *path,
                                const char     *text,
                                GError        **error);

/* Makes @path and its parents (mode 0777 less the umask). Errors: #G_FILE_ERROR. */
gboolean nmd_file_make_folder  (const char     *path,
                                GError        **error);

/* TRUE if @path is a folder without entries or does not exist. */
gboolean nmd_file_is_empty_folder (const char  *path);

/* SHA-256 of a regular file's bytes as 64 hexadecimal digits. @cancellable (nullable) is looked at every
 * 256 KiB. Errors: those of nmd_file_open(), #G_FILE_ERROR, `G_IO_ERROR_CANCELLED`. */
char    *nmd_file_sha256       (const char     *path,
                                GCancellable   *cancellable,
                                GError        **error) G_GNUC_WARN_UNUSED_RESULT;

#define NMD_FILE_MAX_PATH 4096

/* Joins @root and the relative @path ('/'-separated); refuses absolute paths, "..", links that leave
 * @root (%NMD_ERROR_REFUSED, naming the entry), and paths over %NMD_FILE_MAX_PATH bytes. */
char    *nmd_file_resolve_inside (const char   *root,
                                const char     *path,
                                GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* A writer's lock on a folder: FOLDER/run.lock held by fcntl; its content names the holder
 * ("nmd 0.1.0, process 4711, since 2026-11-23T10:00:00Z"). */
typedef struct _NmdLock NmdLock;

/* Locks @folder for writing. Errors: %NMD_ERROR_BUSY naming @folder and the holder. Within one process a second lock on the
 * same folder is refused as well. */
NmdLock *nmd_lock_take         (const char     *folder,
                                GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes the lock's file and gives the folder free; %NULL is allowed. A process that ends holds nothing. */
void     nmd_lock_release      (NmdLock        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdLock, nmd_lock_release)

G_END_DECLS
