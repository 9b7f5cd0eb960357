/* SPDX-License-Identifier: Apache-2.0
 *
 * The trainings that wait: a list whose items are moved by buttons or Alt+Up and Alt+Down and taken out by a button or
 * Delete. Out of sight while none waits.
 */
#pragma once

#include "ui/session/nmd-run-queue.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_QUEUE_PANEL (nmd_queue_panel_get_type ())
G_DECLARE_FINAL_TYPE (NmdQueuePanel, nmd_queue_panel, NMD, QUEUE_PANEL, GtkBox)

/* Gives the panel what it shows, once; referenced. */
void nmd_queue_panel_set_queue (NmdQueuePanel *self,
                                NmdRunQueue   *queue);

G_END_DECLS
