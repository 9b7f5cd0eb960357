/* SPDX-License-Identifier: Apache-2.0
 *
 * The question which page of an image file is meant.
 */
#pragma once

#include "ui/session/nmd-scan-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks over @widget's window whenever @session, which is not referenced, has to know the page of a file, and
 * opens that page. Cancelling leaves everything as it is. */
void nmd_page_dialog_follow (GtkWidget      *widget,
                             NmdScanSession *session);

G_END_DECLS
