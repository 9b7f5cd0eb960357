/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey pixels as GTK textures. Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* @image in three equal channels; each grey level v is shown as clip (((v/255 − ½)·contrast + ½ +
 * brightness/2)·255). Very large images are thinned to every second, third … pixel for display. */
GdkTexture *nmd_texture_new_grey (const NmdImage *image,
                                  double          brightness,
                                  double          contrast) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
