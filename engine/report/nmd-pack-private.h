/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of hashes of a pack.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NMD_PACK_SUMS "SHA256SUMS"

/* "HASH  NAME\n", as sha256sum writes it. */
void        nmd_sums_append (GString    *text,
                             const char *sha256,
                             const char *name);

/* The lines of @text, @length bytes: name → SHA-256. Strict: every byte has its place. Errors: %NMD_ERROR_FORMAT
 * naming @path and the line; %NMD_ERROR_REFUSED for a name that leaves the pack. Returns: (transfer full) */
GHashTable *nmd_sums_parse  (const char *text,
                             gsize       length,
                             const char *path,
                             GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
