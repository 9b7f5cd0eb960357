/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks for what tool, under which label and where the outlines of the open data set are to be written.
 */
#pragma once

#include "ui/session/nmd-data-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

void nmd_outlines_dialog_present (GtkWindow      *parent,
                                  NmdDataSession *session);

G_END_DECLS
