/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person says of a run: its title, tags and a note, in notes.json of the run folder. No result depends on it,
 * and the run's own files are not touched. Threads: any.
 */
#pragma once

#include "engine/core/nmd-json-value.h"

G_BEGIN_DECLS

#define NMD_RUN_NOTES "notes.json"

/* Longest texts in characters, and most tags. */
#define NMD_RUN_TITLE_LENGTH 200
#define NMD_RUN_TAG_LENGTH 60
#define NMD_RUN_NOTE_LENGTH 20000
#define NMD_RUN_MOST_TAGS 30

/* Owned; @title and @note are "" where nobody said anything, @tags is %NULL-terminated. */
typedef struct
{
  char *title;
  char *note;
  char **tags;
} NmdRunNotes;

/* Copies @title, @note and @tags (each nullable). Blanks at both ends go; empty tags and those that stand before as well. */
NmdRunNotes *nmd_run_notes_new      (const char        *title,
                                     const char        *note,
                                     const char *const *tags) G_GNUC_WARN_UNUSED_RESULT;
/* Frees @self; %NULL is passed over. */
void         nmd_run_notes_free     (NmdRunNotes       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRunNotes, nmd_run_notes_free)

/* Whether nothing is said. */
gboolean     nmd_run_notes_is_empty (const NmdRunNotes *self);

/* Tags of a text, divided by commas. (transfer full): for nmd_run_notes_new(), to be freed with g_strfreev() */
char       **nmd_run_notes_split    (const char        *tags) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_run_notes_load:
 * @folder: a run folder
 *
 * Reads notes.json. Without such a file everything is empty.
 *
 * Errors: %NMD_ERROR_FORMAT naming file and member; those of nmd_json_load().
 *
 * Returns: (transfer full): the notes; %NULL with @error set
 */
NmdRunNotes *nmd_run_notes_load     (const char        *folder,
                                     GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_run_notes_save:
 * @folder: a run folder
 *
 * Writes notes.json, whole or not at all. A file that is there and cannot be read is not replaced.
 *
 * Errors: %NMD_ERROR_REFUSED for texts that are too long; those of nmd_run_notes_load() and nmd_json_save().
 */
gboolean     nmd_run_notes_save     (const NmdRunNotes *self,
                                     const char        *folder,
                                     GError           **error);

G_END_DECLS
