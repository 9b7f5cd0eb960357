/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether there is room for something large, asked before it is begun. What is free may be gone a
 * moment later: that whatever is written or allocated afterwards can fail stays true.
 */
#pragma once

#include "engine/core/nmd-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether @needed bytes can be written on the disk that holds @folder, or would hold it once it is
 * made. A file system that does not tell has room.
 * Errors: %G_IO_ERROR_NO_SPACE "Not enough room on the disk of r1: 96 MB needed, 20 MB free". */
gboolean nmd_room_check_disk   (const char *folder, guint64 needed, GError **error);

/* Whether @needed bytes of memory can be had at once: as the limits of the process allow, and as
 * the system says is available.
 * Errors: %NMD_ERROR_MEMORY "Not enough memory: 1.2 GB needed, 0.8 GB free". */
gboolean nmd_room_check_memory (guint64 needed, GError **error);

G_END_DECLS
