/* SPDX-License-Identifier: Apache-2.0
 *
 * What the libFuzzer targets share. A target is one file fuzz-NAME.c with LLVMFuzzerTestOneInput(); its
 * seeds come from make-seeds.c, and tests/fuzz/run builds and runs it within bounds of memory and time.
 * One thread.
 */
#pragma once

#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize length);

/* Puts @data into a file in memory and returns its path, which stays the same and is valid until the
 * next call. It is a regular file; what was in it is gone. */
const char *fuzz_file (const guint8 *data, gsize length);

/* A folder in memory where one can be had (/dev/shm), removed at exit. */
const char *fuzz_folder (void);

/* Puts @data into the file @name of fuzz_folder(), for readers that go by a name's ending or open
 * several files of a folder. Returns its path, valid until the next call. */
const char *fuzz_file_named (const char *name, const guint8 *data, gsize length);

/* Splits an input into several texts: returns the first part and moves @data and @length behind it. Parts are
 * separated by a line "8<", which a mutation keeps more often than a length. */
GBytes *fuzz_part (const guint8 **data, gsize *length);

/* Ends the program unless there is either a result or an error, and the error is one line of UTF-8 of
 * a readable length without control characters. */
void fuzz_check (gboolean done, const GError *error);

/* Uses @text to its last byte, so that a text that is too short or freed is found. */
void fuzz_use (gconstpointer data, gsize length);
