/* SPDX-License-Identifier: Apache-2.0
 *
 * What a command prints. Standard output: its result, as text or with --json as one JSON object.
 * Standard error: progress and one sentence if it fails. Names of files and texts from files are shown
 * through nmd_command_shown(): they may be in any encoding and hold control sequences.
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

/* TRUE if --json was given. */
gboolean    nmd_command_wants_json     (void);
/* Where the option parser stores --json. */
gboolean   *nmd_command_json_switch    (void);

/* Prints @node as the one object and takes it. The output is valid UTF-8 whatever the texts are; names
 * of files go in by nmd_json_set_text() or nmd_command_shown(). */
void        nmd_command_print_json     (JsonNode   *node);

/* @text on one line, as nmd_text_display() shows it. One of sixteen buffers in turn. Main thread. */
const char *nmd_command_shown          (const char *text);

/* Prints a text of several lines, each shown as nmd_command_shown() shows it. */
void        nmd_command_print_lines    (const char *text);

/* Numbers for people: fixed decimals, "–" for NaN, '.' in every locale. One of sixteen buffers in turn. */
const char *nmd_command_number         (double      value,
                                        int         decimals);

/* One line on standard error, rewritten in place on a terminal, at most ten times a second there and
 * once in five seconds elsewhere. */
void        nmd_command_progress       (double      fraction,
                                        const char *format,
                                        ...) G_GNUC_PRINTF (2, 3);
/* Ends that line. */
void        nmd_command_progress_done  (void);

/* A whole line on standard error, shown as nmd_command_shown() shows it. */
void        nmd_command_say            (const char *format,
                                        ...) G_GNUC_PRINTF (1, 2);

/* A warning on standard error: its first line and, with @whole, those below it that name what is meant. */
void        nmd_command_warn           (const char *text,
                                        gboolean    whole);

/* Reserves the three standard descriptors where the caller has closed them, so that no file of
 * ours takes their number and gets our messages. To be called first. */
void        nmd_command_guard_descriptors (void);

/* Ends standard output. Returns @status, or %NMD_EXIT_FAILED with a sentence if something of the
 * output could not be written (full disk, closed descriptor). */
int         nmd_command_finish         (int         status);
