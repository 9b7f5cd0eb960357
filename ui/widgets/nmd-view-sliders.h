/* SPDX-License-Identifier: Apache-2.0
 *
 * Brightness and contrast of a view on sliders with the file's own values in the middle.
 */
#pragma once

#include "ui/widgets/nmd-grey-view.h"

G_BEGIN_DECLS

/* @brightness has the view's own scale; @contrast the powers of 2: -1 is half of the contrast, 0 the file's, 1 twice.
 * A value of the view beyond the end of a slider stays. */
void nmd_view_sliders_bind (NmdGreyView *view,
                            GtkScale    *brightness,
                            GtkScale    *contrast);

G_END_DECLS
