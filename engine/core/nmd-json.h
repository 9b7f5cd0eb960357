/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON text. Writing: numbers in their shortest round-trip form whatever the locale (json-glib's own
 * generator prints 0.1 as 0.10000000000000001), members in order of insertion, two spaces of
 * indentation, short arrays of plain values on one line. Reading: json-glib's parser behind one guard,
 * the only way into it. Single values with their type checked: nmd-json-value.h.
 *
 * Threads: any.
 */
#pragma once

#include "engine/core/nmd-error.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define NMD_JSON_MAX_BYTES  (64u * 1024 * 1024)
#define NMD_JSON_MAX_VALUES 2000000u /* values and member names of one text */
#define NMD_JSON_MAX_DEPTH  64       /* brackets within brackets */

/**
 * nmd_json_parse:
 * @text: JSON in UTF-8 (RFC 8259), not necessarily NUL-terminated
 * @length: number of bytes
 * @name: stands for the file in errors
 * @error: return location for an error
 *
 * Reads a text whose top is an object. Before json-glib sees it, one pass without recursion checks:
 * at most %NMD_JSON_MAX_BYTES, %NMD_JSON_MAX_VALUES and %NMD_JSON_MAX_DEPTH, valid UTF-8, brackets in
 * pairs, only what RFC 8259 allows outside strings (no comments, no NaN), and numbers that a gint64 or
 * a double can hold. A member that comes twice in one object is refused too.
 *
 * Memory: the bytes and at most 700 MiB for the values (2 million empty objects).
 * Cost: linear.
 *
 * Errors: %NMD_ERROR_FORMAT naming @name, the line and the reason ("run.json, line 3: brackets are
 *   nested deeper than 64").
 *
 * Returns: (transfer full): an immutable node that holds an object; %NULL with @error set
 */
JsonNode *nmd_json_parse      (const char   *text,
                               gsize         length,
                               const char   *name,
                               GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_json_load:
 * @path: a regular file
 * @error: return location for an error
 *
 * nmd_json_parse() of a file's content.
 *
 * Errors: those of nmd_json_parse() and nmd_file_read().
 *
 * Returns: (transfer full): an immutable node that holds an object; %NULL with @error set
 */
JsonNode *nmd_json_load       (const char   *path,
                               GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* The text of @node, ended by a newline. NaN and infinities become null. */
char     *nmd_json_to_text    (JsonNode     *node) G_GNUC_WARN_UNUSED_RESULT;

/* Writes nmd_json_to_text() to @path, whole or not at all (nmd_file_write() with its errors). */
gboolean  nmd_json_save       (JsonNode     *node,
                               const char   *path,
                               GError      **error);

/* Sets @member to @value, or to null if it is NaN or infinite. */
void      nmd_json_set_number (JsonObject   *object,
                               const char   *member,
                               double        value);

/* Sets @member to @text as nmd_text_display() shows it, or to null for %NULL: for text that comes
 * from outside (file names) and need not be UTF-8. */
void      nmd_json_set_text   (JsonObject   *object,
                               const char   *member,
                               const char   *text);

G_END_DECLS
