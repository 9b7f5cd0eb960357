/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a file is still the one that was read, told without reading it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All zero: not known. Two equal stamps mean the same content: writing to a file sets its time of
 * change, which no program can set at will. */
typedef struct
{
  gint64  size;      /* bytes */
  gint64  modified;  /* ns since 1970 */
  gint64  changed;   /* ns since 1970: content, name or mode */
  guint64 inode;
} NmdStamp;

/* The stamp of the regular file @path; FALSE with @self all zero if there is none. */
gboolean nmd_stamp_take       (NmdStamp       *self,
                               const char     *path);

/* TRUE if both are known and equal. */
gboolean nmd_stamp_equal      (const NmdStamp *self,
                               const NmdStamp *other);

/* TRUE if a change after now would show in the times: the last one lies further back than the file
 * system's clock is coarse (2.1 s where it counts whole seconds, else 50 ms). */
gboolean nmd_stamp_is_settled (const NmdStamp *self);

G_END_DECLS
