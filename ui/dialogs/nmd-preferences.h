/* SPDX-License-Identifier: Apache-2.0
 *
 * The preferences window: what computes, how it looks, what is remembered, and the caches.
 */
#pragma once

#include "ui/session/nmd-device-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows the preferences. What is chosen holds at once and is kept in @settings (nullable: nothing that needs them is
 * shown). Sizes are measured in the background. */
void nmd_preferences_present (GtkWindow        *parent,
                              NmdDeviceSession *devices,
                              GSettings        *settings);

G_END_DECLS
