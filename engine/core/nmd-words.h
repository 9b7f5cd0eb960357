/* SPDX-License-Identifier: Apache-2.0
 *
 * Sentences for people in the language of the program, or in English. English is what every thread speaks until it
 * says otherwise, and what goes into files; a window asks for its own language around a call whose text it shows.
 * Programs that bind no translations stay English.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* From now on texts made on the calling thread are in the program's language (@local) or in English. Returns: what
 * held before, to be set again. */
gboolean    nmd_words_set_local (gboolean    local);

/* Whether they are. */
gboolean    nmd_words_is_local  (void);

/* @english, or its translation if the thread speaks the program's language. Static as @english is. */
const char *nmd_word            (const char *english) G_GNUC_FORMAT (1);

/* The same of a text with a number. */
const char *nmd_word_n          (const char *one,
                                 const char *many,
                                 guint       n) G_GNUC_FORMAT (1) G_GNUC_FORMAT (2);

/* Marks both texts in a table for translators, as N_() does one: two expressions. */
#define NMD_WORDS(one, many) one, many

G_END_DECLS
