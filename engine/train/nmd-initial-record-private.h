/* SPDX-License-Identifier: Apache-2.0
 *
 * The record of starting weights that run.json keeps (see nmd_initial_load()), in words.
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define NMD_INITIAL_MOST 8 /* names of the file's own tensors that the record keeps */

/* The record as a sentence for people; NULL if it is none. Lists of more than NMD_INITIAL_MOST names are
 * counted, the first ones named. */
char *nmd_initial_to_text (JsonNode *record) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
