/* SPDX-License-Identifier: Apache-2.0
 *
 * From one image of a list to another by keys.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * nmd_sample_step:
 * @samples: of NmdSample
 * @from: the place one is at; %G_MAXUINT: none
 * @by: images further, negative: back; %G_MININT and %G_MAXINT: the first and the last
 * @by_subject: to the next (@by > 0) or former subject's first image instead
 *
 * A step beyond an end stops there.
 *
 * Returns: the place to go to; %G_MAXUINT where there is none
 */
guint nmd_sample_step (GListModel *samples,
                       guint       from,
                       int         by,
                       gboolean    by_subject);

G_END_DECLS
