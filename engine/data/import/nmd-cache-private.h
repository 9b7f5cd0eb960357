/* SPDX-License-Identifier: Apache-2.0
 *
 * What the cache and what fills it share: names, and folders measured and removed.
 */
#pragma once

#include "engine/data/import/nmd-cache.h"

G_BEGIN_DECLS

#define NMD_CACHE_TEMPORARY "unpacking-" /* begins the name of an archive being unpacked */
#define NMD_CACHE_RECORD "archive.ini"   /* beside files/: what they should be */

/* Adds the number and the bytes of the files below @folder to *@n and *@size. */
void     nmd_cache_measure_folder (const char  *folder,
                                   guint64     *n,
                                   guint64     *size);

/* Removes @folder and what is in it; links are removed, not followed. */
gboolean nmd_cache_remove_folder  (const char  *folder,
                                   GError     **error);

/* Makes @folder, and those above it that are missing, for their owner only (mode 0700). A folder that
 * is there stays as it is: it may be anybody's. Errors: #G_FILE_ERROR. */
gboolean nmd_cache_make_folder    (const char  *folder,
                                   GError     **error);

/* Removes what a crash left in @folder more than a day ago. */
void     nmd_cache_remove_stale   (const char  *folder);

G_END_DECLS
