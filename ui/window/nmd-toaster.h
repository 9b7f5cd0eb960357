/* SPDX-License-Identifier: Apache-2.0
 *
 * Short messages over a window, one after another.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TOASTER_MS 4000 /* a message stands so long */

/* Shows @text over @overlay, after what is shown there. */
void nmd_toaster_show (AdwToastOverlay *overlay,
                       const char      *text);

G_END_DECLS
