/* SPDX-License-Identifier: Apache-2.0
 *
 * What a page makes to be saved or copied: bytes, or a figure that is drawn and will be encoded on the pool.
 */
#pragma once

#include "ui/plot/nmd-figure.h"

G_BEGIN_DECLS

typedef struct _NmdContent NmdContent;

/* Each takes what it is given, and is NULL for NULL. */
NmdContent *nmd_content_new_text   (char       *text) G_GNUC_WARN_UNUSED_RESULT;
NmdContent *nmd_content_new_bytes  (GBytes     *bytes) G_GNUC_WARN_UNUSED_RESULT;
NmdContent *nmd_content_new_figure (NmdFigure  *figure) G_GNUC_WARN_UNUSED_RESULT;
void        nmd_content_free       (NmdContent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdContent, nmd_content_free)

/* Encodes a figure; called once. Threads: any, one at a time. Errors: those of nmd_figure_encode().
 * Returns: (transfer full): the bytes; %NULL with @error set */
GBytes     *nmd_content_encode     (NmdContent *self,
                                    GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
