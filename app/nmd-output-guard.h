/* SPDX-License-Identifier: Apache-2.0
 *
 * Refuses an output that a command also reads. Every command that writes lists its inputs here and
 * asks for each output before the first byte is written.
 */
#pragma once

#include <glib.h>

typedef struct
{
  GPtrArray *files;   /* char *: read */
  GPtrArray *folders; /* char *: everything in them is read */
  GPtrArray *runs;    /* char *: run folders, whose other files may be written */
  GPtrArray *outputs; /* char *: passed nmd_output_guard_check() */
} NmdOutputGuard;

void     nmd_output_guard_clear      (NmdOutputGuard *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdOutputGuard, nmd_output_guard_clear)

/* @path (nullable) is read: a file, or a folder with all that lies in it, as a data set is. */
void     nmd_output_guard_add        (NmdOutputGuard *self,
                                      const char     *path);
/* The files of the run in @folder are read; others in that folder may be written. */
void     nmd_output_guard_add_run    (NmdOutputGuard *self,
                                      const char     *folder);

/**
 * nmd_output_guard_check:
 * @output: (nullable): a file that is to be written
 *
 * Refuses @output if it is one of the inputs: the same device and inode, links followed; the same name
 * where the file does not exist yet; or an existing file within a folder that is read, but for what lies
 * in a run folder beside the run's own files. Two outputs
 * of a command must not be one file either.
 *
 * Errors: %NMD_ERROR_REFUSED naming both.
 *
 * Returns: %TRUE if it may be written
 */
gboolean nmd_output_guard_check      (NmdOutputGuard *self,
                                      const char     *output,
                                      GError        **error);

/* The same for the file @name in @folder. */
gboolean nmd_output_guard_check_in   (NmdOutputGuard *self,
                                      const char     *folder,
                                      const char     *name,
                                      GError        **error);
