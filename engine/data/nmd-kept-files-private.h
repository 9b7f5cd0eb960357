/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that a cache keeps under names made of a SHA-256: what is there, and which go first where
 * they take too much. What is in them is the caches' own business.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char   *path;
  gint64  modified; /* seconds since 1970 */
  guint64 size;     /* bytes */
} NmdKeptFile;

/* An empty array of NmdKeptFile. */
GArray  *nmd_kept_files_new    (void) G_GNUC_WARN_UNUSED_RESULT;

/* Adds the regular files of @folder named "KEY" + @suffix, and "KEY" + @suffix + ".XXXXXX" that a crash
 * left, KEY 64 hexadecimal digits. A folder that is not there has none. */
void     nmd_kept_files_list   (GArray       *list,
                                const char   *folder,
                                const char   *suffix);

/* Bytes of all in @list. */
guint64  nmd_kept_files_add_up (const GArray *list);

/* Removes the least lately used of @list until @used bytes are at most @bound. Returns the bytes left;
 * files that cannot be removed stay counted. Sorts @list. */
guint64  nmd_kept_files_trim   (GArray       *list,
                                guint64       used,
                                guint64       bound);

G_END_DECLS
