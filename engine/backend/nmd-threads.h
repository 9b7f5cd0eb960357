/* SPDX-License-Identifier: Apache-2.0
 *
 * How many threads are fastest where a core runs two at a time (SMT). Threads: any; the first call may
 * take half a second.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The number of cores among the processors below @folder, such as "/sys/devices/system/cpu", that this process may use:
 * those of one core name the same list in topology/thread_siblings_list. 0 where that cannot be told. */
int nmd_threads_count_cores (const char *folder);

/* Milliseconds of a piece of work with @threads. */
typedef double (*NmdThreadsMeasure) (int threads, gpointer user_data);

/**
 * nmd_threads_choose:
 * @cores: of the processors
 * @processors: at least @cores
 * @measure: called in turn with both numbers
 *
 * The number that took less time in the better of three turns; @cores unless @processors are faster by a fiftieth,
 * so that noise does not choose. Not measured where they are equal.
 */
int nmd_threads_choose      (int               cores,
                             int               processors,
                             NmdThreadsMeasure measure,
                             gpointer          user_data);

/**
 * nmd_threads_find:
 * @processors_folder: see nmd_threads_count_cores()
 * @kept: a file; what was measured on a machine of as many cores and processors is read from it, or kept there
 *
 * Returns: the processors of this process or, where cores run two threads, what was the faster in steps of training
 */
int nmd_threads_find        (const char       *processors_folder,
                             const char       *kept);

/* The number of threads that programs should take unless they are told one, see nmd_session_set_default_threads(): the processors of this process or, where cores run
 * two threads, what was the faster in steps of training on this machine. That is measured once and kept in the file
 * "threads" of the user's cache folder, so that later runs have the same number, and the same bits. */
int nmd_threads_get_usual   (void);

G_END_DECLS
