/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal of an experiment: which cells are done, and which some process is at work on. A folder that
 * processes of several machines share, over NFS too; it needs no locks, only that link() and rename() are
 * atomic:
 *
 *     journal/CELL.claim-1    the holder: host, process, a token; touched while it works
 *     journal/CELL.claim-2    another one that took over from a holder that is dead
 *     journal/CELL.done       the cell is finished (a JSON record)
 *
 * A claim is a file of its own that is linked to the next free number, which succeeds for one process only. The
 * highest number holds. It may be taken over where its holder is dead: on the same machine if there is no such
 * process any more, elsewhere if it was not touched for %NMD_JOURNAL_STALE_SECONDS by the file server's own
 * clock. A holder that is taken over all the same (a laptop that slept) learns it from nmd_journal_touch().
 *
 * Threads: a journal belongs to one; each process opens its own.
 */
#pragma once

#include "engine/core/nmd-json.h"

G_BEGIN_DECLS

#define NMD_JOURNAL_STALE_SECONDS 600

typedef enum
{
  NMD_CELL_FREE,
  NMD_CELL_HELD, /* another process is at work on it */
  NMD_CELL_DONE,
} NmdCellState;

typedef struct _NmdJournal NmdJournal;

/* Opens the journal in @folder, the experiment's, and makes it where there is none. Errors: #G_FILE_ERROR. */
NmdJournal  *nmd_journal_open    (const char   *folder,
                                  GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives up what it holds; %NULL is passed over. */
void         nmd_journal_free    (NmdJournal   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdJournal, nmd_journal_free)

/* The state of @cell (letters, digits, '-', '.'). A cell that this journal holds is FREE to it. */
NmdCellState nmd_journal_get_state (NmdJournal *self,
                                  const char   *cell);

/* Claims @cell, which gives up the one held before. *@claimed is FALSE without an error if it is done or another
 * process holds it or was quicker. Errors: #G_FILE_ERROR. */
gboolean     nmd_journal_claim   (NmdJournal   *self,
                                  const char   *cell,
                                  gboolean     *claimed,
                                  GError      **error);

/* Says that the holder lives; looks at the files at most every 15 seconds. FALSE if the cell was taken over: then
 * its files are another's, and the work has to stop. */
gboolean     nmd_journal_touch   (NmdJournal   *self);

/* The held cell is done: writes @record, whole or not at all, and gives it up. Errors: those of
 * nmd_file_write(); %NMD_ERROR_BUSY if it was taken over. */
gboolean     nmd_journal_finish  (NmdJournal   *self,
                                  JsonNode     *record,
                                  GError      **error);

/* Gives up the held cell, if there is one, not done. */
void         nmd_journal_release (NmdJournal   *self);

/* The record of a cell that is done; %NULL where it is not, or damaged. Returns: (transfer full). */
JsonNode    *nmd_journal_load    (NmdJournal   *self,
                                  const char   *cell) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
