/* SPDX-License-Identifier: Apache-2.0
 *
 * Stamps of files. What is kept under them: nmd-pixel-cache.c, nmd-import-index.c.
 */
#include "engine/data/nmd-stamp.h"

#include <string.h>
#include <sys/stat.h>

#define SECOND G_GINT64_CONSTANT (1000000000)

static gint64
to_ns (struct timespec time)
{
  return (gint64)time.tv_sec * SECOND + time.tv_nsec;
}

gboolean
nmd_stamp_take (NmdStamp *self, const char *path)
{
  struct stat info;

  *self = (NmdStamp){ 0 };
  if (stat (path, &info) != 0 || !S_ISREG (info.st_mode))
    return FALSE;
  *self = (NmdStamp){
    .size = info.st_size,
    .modified = to_ns (info.st_mtim),
    .changed = to_ns (info.st_ctim),
    .inode = info.st_ino,
  };
  return TRUE;
}

gboolean
nmd_stamp_equal (const NmdStamp *self, const NmdStamp *other)
{
  return self->changed != 0 && self->size == other->size
         && self->modified == other->modified && self->changed == other->changed
         && self->inode == other->inode;
}

gboolean
nmd_stamp_is_settled (const NmdStamp *self)
{
  gint64 now = g_get_real_time () * 1000;
  gint64 coarse = self->changed % SECOND == 0 ? 21 * SECOND / 10 : SECOND / 20;

  return self->changed != 0 && self->changed < now - coarse;
}
