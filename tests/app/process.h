/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts the built `nmd` as a user does, in a folder of the test's own.
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

/* How a process ended and what it printed; @status −1 if a signal ended it. */
typedef struct
{
  int status;
  char *out, *err;
} Result;

void         result_clear    (Result *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

/* Makes the test's folder; first thing in main(). */
void         process_set_up  (void);
/* Removes it with all that lies in it. */
void         process_tear_down (void);

/* The built program. */
const char  *process_program (void);
/* @name in the test's folder. */
char        *place           (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* Runs `nmd ARGUMENTS`, split at blanks; "@" at the start of a word stands for the test's folder. */
Result       nmd             (const char *arguments) G_GNUC_WARN_UNUSED_RESULT;
/* The same, not waited for. */
GSubprocess *start           (const char *arguments) G_GNUC_WARN_UNUSED_RESULT;
Result       finish          (GSubprocess *process) G_GNUC_WARN_UNUSED_RESULT;
/* A line of the shell. */
Result       shell           (const char *line) G_GNUC_WARN_UNUSED_RESULT;

/* The one object that --json printed; *@node owns it. */
JsonObject  *parse           (const Result *result,
                              JsonNode    **node) G_GNUC_WARN_UNUSED_RESULT;
void         write_text      (const char *name,
                              const char *text);
/* The last line of standard error is "nmd COMMAND: …" with @a and @b in it; nothing was printed. */
void         assert_sentence (const Result *result,
                              const char   *command,
                              const char   *a,
                              const char   *b);

/* A TIFF of two pages, 3 × 2 pixels each. */
void         write_pages     (const char *name);
/* Makes @/cohort, 72 synthetic images of 8 subjects, and @/run, trained on it. */
void         make_cohort_and_run (void);
