/* SPDX-License-Identifier: Apache-2.0
 *
 * The user's cache: unpacked archives, preprocessed images and the index of measured files. Its
 * place, size, content and clearing. Only what was put there by an import or a training is counted
 * or removed. Folders are made with mode 0700, files with 0600. Everything in it can be made again.
 * Threads: any. @folder %NULL stands for nmd_cache_get_folder() everywhere.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The user's cache folder, which need not exist: "~/.cache/nmd-assist". */
char      *nmd_cache_get_folder (void) G_GNUC_WARN_UNUSED_RESULT;

/* Bytes of what was put into @folder; 0 if it does not exist. */
guint64    nmd_cache_get_size   (const char  *folder);

/* Removes what was put into @folder and leaves other files alone. Errors: #G_FILE_ERROR. */
gboolean   nmd_cache_clear      (const char  *folder,
                                 GError     **error);

typedef struct
{
  char   *name;    /* of the archive; "1875 preprocessed images" */
  char   *folder;  /* where it lies */
  guint64 size;    /* bytes */
} NmdCacheEntry;

/* Array of #NmdCacheEntry, by name; empty if there is nothing. */
GPtrArray *nmd_cache_list       (const char  *folder) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
