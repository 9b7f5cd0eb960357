/* SPDX-License-Identifier: Apache-2.0
 *
 * The bar for a problem, or for something that is offered, across the window.
 */
#pragma once

#include "ui/session/nmd-device-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_NOTICE_BAR (nmd_notice_bar_get_type ())
G_DECLARE_FINAL_TYPE (NmdNoticeBar, nmd_notice_bar, NMD, NOTICE_BAR, AdwBin)

/* Shows @text, in place of what stood there; the full stop may be missing. @action (nullable): of the window, with its
 * button's @label. */
void nmd_notice_bar_show  (NmdNoticeBar *self,
                           const char   *text,
                           const char   *action,
                           const char   *label);

/* The same, but shown again when what takes its place is closed, until it is closed itself. */
void nmd_notice_bar_offer (NmdNoticeBar *self,
                           const char   *text,
                           const char   *action,
                           const char   *label);

/* What the details that can be copied say of the device; once. Referenced. */
void nmd_notice_bar_set_devices (NmdNoticeBar *self,
                                 NmdDeviceSession *devices);

void nmd_notice_bar_close (NmdNoticeBar *self);

/* Something went well: a problem that was told over a second ago leaves, once there were some seconds to read it. An
 * offer stays. */
void nmd_notice_bar_pass  (NmdNoticeBar *self);

G_END_DECLS
