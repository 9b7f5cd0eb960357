/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows that say what computes, and let it be chosen where there is a choice.
 */
#pragma once

#include "ui/session/nmd-device-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Appends them to @group. The list of devices is asked for when @group is first shown. */
void nmd_device_rows_add (AdwPreferencesGroup *group,
                          NmdDeviceSession       *session);

G_END_DECLS
