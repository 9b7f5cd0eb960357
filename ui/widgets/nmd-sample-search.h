/* SPDX-License-Identifier: Apache-2.0
 *
 * What is typed into the search of the images: words of an image's title ("Subject 17 · TA · pathological") and
 * parts of its name.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

typedef struct _NmdSampleSearch NmdSampleSearch;

/* Returns: (transfer full) (nullable): the search for all words of @text (nullable), whatever their case; %NULL if there
 * is none. */
NmdSampleSearch *nmd_sample_search_new   (const char            *text) G_GNUC_WARN_UNUSED_RESULT;

void             nmd_sample_search_free  (NmdSampleSearch       *self);

/* Whether each word starts the subject, a word of the muscle or of the label, or is a part of the name (one or two
 * letters: starts a word of it). A number is a whole subject, or a part of the name; after the title's word
 * "subject", or its first letters, a word is the subject's only. */
gboolean         nmd_sample_search_finds (const NmdSampleSearch *self,
                                          const NmdSample       *sample);

G_END_DECLS
