/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of measured files in the cache, so that opening a data set again reads no pixels of files
 * that did not change. A file a data set:
 *
 *     CACHE/measured-files/KEY.index   KEY = SHA-256 of the data set's folder
 *     "NMDINDEX", version, number of records, records, SHA-256 of all before
 *     record = stamps of image and mask, their SHA-256, that of the pixels, size, box, echo
 *              intensity with histogram, problems, paths
 *
 * An index that is cut short, damaged, of another version or of another machine's byte order counts as
 * absent. Written whole or not at all, for its owner only. Bounded: 128 MiB a data set, 512 MiB in
 * all, the least lately used go first. Nothing here fails: what is not known is measured again.
 * Threads: nmd_import_index_find() from several at once, the rest from one.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

/* Must change with whatever changes a digest, a measure or a flag of an image. */
#define NMD_IMPORT_INDEX_VERSION 4
#define NMD_IMPORT_INDEX_NAME "measured-files" /* folder inside the cache's */
#define NMD_IMPORT_INDEX_MAX (128 * 1024 * 1024)
#define NMD_IMPORT_INDEX_MAX_ALL (G_GUINT64_CONSTANT (512) << 20)

typedef struct _NmdImportIndex NmdImportIndex;

/* Loads the index of the data set in @root from the cache folder @cache; empty if there is none. */
NmdImportIndex *nmd_import_index_load    (const char      *cache,
                                          const char      *root) G_GNUC_WARN_UNUSED_RESULT;
void            nmd_import_index_free    (NmdImportIndex  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdImportIndex, nmd_import_index_free)

/* Fills what an import measures of @sample (stamps set by the caller) and @content, the SHA-256 of its
 * pixels as 64 digits; FALSE if its files are not known or have changed. */
gboolean        nmd_import_index_find    (NmdImportIndex  *self,
                                          NmdSample       *sample,
                                          char             content[65]);

/* Adds @sample, just measured, to what nmd_import_index_save() writes. */
void            nmd_import_index_add     (NmdImportIndex  *self,
                                          const NmdSample *sample,
                                          const char      *content);

/* Writes the added records if they are not what was loaded. */
void            nmd_import_index_save    (NmdImportIndex  *self);

/* Number and bytes of the indices in the cache folder @cache, and removing them. */
guint64         nmd_import_index_measure (const char      *cache,
                                          guint           *n);
gboolean        nmd_import_index_clear   (const char      *cache,
                                          GError         **error);

G_END_DECLS
