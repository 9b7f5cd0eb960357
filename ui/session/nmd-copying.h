/* SPDX-License-Identifier: Apache-2.0
 *
 * Putting a figure on the clipboard. Threads: main thread only; the figure is encoded on the pool.
 */
#pragma once

#include "ui/plot/nmd-figure.h"
#include "ui/session/nmd-notices.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* @figure: (transfer full): a PNG. @message is told by @notices once it can be pasted; else why it cannot. */
void nmd_copying_start (NmdNotices *notices,
                        GdkClipboard *clipboard,
                        NmdFigure *figure,
                        const char *message);

G_END_DECLS
