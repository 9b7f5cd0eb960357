/* SPDX-License-Identifier: Apache-2.0
 *
 * Evidence packs: a run with its report and the SHA-256 of every file, as a folder or one zip, so that somebody else
 * can compute every number again from the scores. Threads: any.
 *
 *     README.txt     what this is and how to check it
 *     run/           the files of the run but last.safetensors, which only resuming needs
 *     report/        the model card with its figures and checklists
 *     SHA256SUMS     a line a file, as sha256sum writes them; written last: without it a pack is not whole
 *
 * Hashes find what changed by accident or unnoticed. Who changes a file and its hash is found only by the SHA-256 of
 * SHA256SUMS itself, which is given out when a pack is made and when it is verified.
 */
#pragma once

#include "engine/report/nmd-file-list.h"

G_BEGIN_DECLS

/* Bounds of a pack that is verified. */
#define NMD_PACK_MAX_FILES 1000
#define NMD_PACK_MAX_BYTES ((guint64)16 << 30) /* of all files of a folder; a zip has 1 GiB at most */

/**
 * nmd_pack_write:
 * @run_folder: a finished, evaluated run
 * @report: (element-type NmdListedFile): files of the report, names below "report/"
 * @path: a file that ends with .zip, or a new or empty folder
 * @sums: (out) (transfer full): SHA-256 of SHA256SUMS
 * @cancellable: (nullable)
 *
 * Writes a pack. A zip is written whole or not at all; of a folder SHA256SUMS comes last.
 *
 * Memory: the largest file; of a zip all of them.
 *
 * Errors: %NMD_ERROR_REFUSED for a folder that is not empty; %NMD_ERROR_UNSUPPORTED for a zip over 1 GiB; those of
 *   reading and writing; `G_IO_ERROR_CANCELLED`.
 *
 * Returns: %FALSE with @error set
 */
gboolean nmd_pack_write  (const char      *run_folder,
                          const GPtrArray *report,
                          const char      *path,
                          char           **sums,
                          GCancellable    *cancellable,
                          GError         **error);

/**
 * NmdPackCheck:
 * @n_files: whose hashes agree
 * @n_numbers: of metrics.json that were computed again and agree
 * @sums: SHA-256 of SHA256SUMS
 * @not_computed: (nullable): what was not computed again and why, a sentence
 *
 * What verifying found. Texts are owned.
 */
typedef struct
{
  guint n_files, n_numbers;
  char *sums;
  char *not_computed;
} NmdPackCheck;

/* Frees what @self holds and zeroes it. */
void     nmd_pack_check_clear (NmdPackCheck *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdPackCheck, nmd_pack_check_clear)

/**
 * nmd_pack_verify:
 * @path: a pack, folder or zip
 * @check: (out caller-allocates): what was found
 * @cancellable: (nullable)
 *
 * Checks that there are exactly the files that SHA256SUMS lists, that each has its hash, and that metrics.json
 * holds what predictions.csv gives (nmd_metrics_check()). Of a zip every byte is checked, also of its headers; the
 * four tables of the run are put into a temporary folder meanwhile, under names of their own. Nothing outside the
 * pack is read, links are not followed out of it.
 *
 * Errors: %NMD_ERROR_CHANGED naming the file or number that differs, is missing, or is not listed;
 *   %NMD_ERROR_FORMAT for what is no pack, is damaged, or is over the bounds; %NMD_ERROR_REFUSED for a name that
 *   leaves the pack; those of reading; `G_IO_ERROR_CANCELLED`.
 *
 * Returns: %TRUE if all agrees
 */
gboolean nmd_pack_verify (const char      *path,
                          NmdPackCheck    *check,
                          GCancellable    *cancellable,
                          GError         **error);

G_END_DECLS
