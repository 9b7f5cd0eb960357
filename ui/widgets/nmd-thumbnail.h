/* SPDX-License-Identifier: Apache-2.0
 *
 * A small picture of an image: loaded on the pool, dropped when scrolled away, kept in a bounded
 * cache; with a dot in the label's colour and "!" where something is noteworthy.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_THUMBNAIL (nmd_thumbnail_get_type ())
G_DECLARE_FINAL_TYPE (NmdThumbnail, nmd_thumbnail, NMD, THUMBNAIL, GtkWidget)

GtkWidget *nmd_thumbnail_new        (int           size);

/* NULL at unbind: a picture still loading is given up. */
void       nmd_thumbnail_set_sample (NmdThumbnail *self,
                                     NmdSample    *sample);

/* Words for an image's problems, one a line; "" if there is none. */
char      *nmd_problems_to_text     (NmdProblems   problems) G_GNUC_WARN_UNUSED_RESULT;

/* The cache of all thumbnails: how many pictures it holds, and emptying it. */
guint      nmd_thumbnail_cache_get_n (void);
void       nmd_thumbnail_cache_clear (void);

G_END_DECLS
