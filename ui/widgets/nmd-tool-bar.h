/* SPDX-License-Identifier: Apache-2.0
 *
 * Buttons for the tools of a canvas, and the line of help that goes with them.
 */
#pragma once

#include "ui/widgets/nmd-image-view.h"

G_BEGIN_DECLS

/* Appends a button for each of the @n @tools to @box. They follow @view's tool, which they choose. */
void nmd_tool_bar_fill (GtkBox        *box,
                        NmdImageView  *view,
                        const NmdTool *tools,
                        guint          n);

/* Shows in @label what @view's tool does, by pointer or by keys, whichever is used. */
void nmd_tool_bar_help (GtkLabel      *label,
                        NmdImageView  *view);

G_END_DECLS
