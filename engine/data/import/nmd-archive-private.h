/* SPDX-License-Identifier: Apache-2.0
 *
 * A data set in a zip or tar: checked, unpacked once into a bounded cache, never outside it. A tar may
 * be compressed with gzip (.tar.gz, .tgz) and be of any of the forms that libarchive knows (ustar, pax,
 * GNU); links, devices and whatever is no plain file are refused in all.
 */
#pragma once

#include <gio/gio.h>

#include "engine/core/nmd-error.h"

G_BEGIN_DECLS

/* SHA-256 of the published zip, doi 10.17632/3jykz7wz8d.1. */
#define NMD_PUBLISHED_SHA256 "81dbec46e9f3035831f97aa828735cd6ba04171a72902a9416e7847e75148a11"

/* What an archive may hold. */
#define NMD_ARCHIVE_MAX_ENTRIES 400000
#define NMD_ARCHIVE_MAX_ENTRY (G_GUINT64_CONSTANT (256) << 20)   /* of a file inside */
#define NMD_ARCHIVE_MAX_TOTAL (G_GUINT64_CONSTANT (16) << 30)    /* unpacked, and an inner zip */
#define NMD_ARCHIVE_MAX_RATIO 100                                /* unpacked to packed … */
#define NMD_ARCHIVE_RATIO_FROM (G_GUINT64_CONSTANT (64) << 20)   /* … beyond this size */
#define NMD_CACHE_MAX (G_GUINT64_CONSTANT (32) << 30)            /* of all archives together */

/* Whether the file @path is an archive, by its first bytes or its name. */
gboolean nmd_archive_is_one (const char *path);

/**
 * nmd_archive_unpack:
 * @consent: whether it may be unpacked if it is not in the cache yet
 * @cache_folder: (nullable): the user's cache folder
 * @name: (out): "X.zip" or "X.zip, the published data set"
 *
 * Folder with the content of the archive at @path (and of one zip inside it, which may be all that it
 * holds): CACHE/SHA256/files. The cache key is the SHA-256 of the archive; what was unpacked before
 * is used again if its number and size of files are still the same. Unpacking goes to a folder of
 * its own that is renamed when complete, so that a broken archive leaves nothing. Only the owner may
 * look into it: folders have mode 0700, files 0600.
 *
 * Errors: those of nmd_dataset_import().
 */
char *nmd_archive_unpack (const char   *path,
                          gboolean      consent,
                          const char   *cache_folder,
                          char        **name,
                          GCancellable *cancellable,
                          GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes what was unpacked to @folder, which nmd_archive_unpack() gave: it holds no data set. */
void  nmd_archive_forget (const char   *folder);

G_END_DECLS
