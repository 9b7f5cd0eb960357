/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON text as this program writes it: numbers in their shortest round-trip form whatever the
 * locale (json-glib's own generator prints 0.1 as 0.10000000000000001), members in order of
 * insertion, two spaces of indentation, short arrays of plain values on one line. Reading is
 * json-glib's. Threads: any.
 */
#pragma once

#include "engine/core/nmd-error.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The text of @node, ended by a newline. NaN and infinities become null. */
char     *nmd_json_to_text    (JsonNode     *node) G_GNUC_WARN_UNUSED_RESULT;

/* Writes it to @path, whole or not at all. */
gboolean  nmd_json_save       (JsonNode     *node,
                               const char   *path,
                               GError      **error);

/* Reads @path, whose top must be an object. Errors: %NMD_ERROR_FORMAT naming file and line. */
JsonNode *nmd_json_load       (const char   *path,
                               GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets @member to @value, or to null if it is NaN or infinite. */
void      nmd_json_set_number (JsonObject   *object,
                               const char   *member,
                               double        value);

G_END_DECLS
