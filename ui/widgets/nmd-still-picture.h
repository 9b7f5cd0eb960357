/* SPDX-License-Identifier: Apache-2.0
 *
 * A small picture of grey pixels. It is scaled once for each size, where GtkPicture scales its texture in every frame.
 */
#pragma once

#include "engine/image/nmd-image.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_STILL_PICTURE (nmd_still_picture_get_type ())
G_DECLARE_FINAL_TYPE (NmdStillPicture, nmd_still_picture, NMD, STILL_PICTURE, GtkWidget)

/* A picture that is as large as fits and centred, and one that fills rounded corners, cut where it sticks out, with a grey
 * ground where there is no image. */
GtkWidget *nmd_still_picture_new       (void);
GtkWidget *nmd_still_picture_new_tile  (void);

/* @image: (nullable): shown from then on; a reference is kept. */
void       nmd_still_picture_set_image (NmdStillPicture *self,
                                        NmdImage        *image);

G_END_DECLS
