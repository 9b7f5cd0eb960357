/* SPDX-License-Identifier: Apache-2.0
 *
 * Results for people, shared by the commands that end with them.
 */
#pragma once

#include <json-glib/json-glib.h>

/* Prints what metrics.json holds, @node, for people. @path names it in errors, @folder is the run.
 * Errors: %NMD_ERROR_FORMAT: it is no such object. */
gboolean nmd_command_print_results (JsonNode   *node,
                                    const char *path,
                                    const char *folder,
                                    GError    **error);
