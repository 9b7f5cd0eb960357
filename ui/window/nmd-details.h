/* SPDX-License-Identifier: Apache-2.0
 *
 * What somebody needs who is asked for help with a problem.
 */
#pragma once

#include "ui/session/nmd-device-session.h"

G_BEGIN_DECLS

/* @sentence as it was told, then versions, the desktop, the processor's number of threads and the device that is chosen
 * (@devices is nullable), a line each, in English. Nothing is said of what is open but what the sentence says. Returns:
 * (transfer full): the text */
char *nmd_details_new (const char       *sentence,
                       NmdDeviceSession *devices);

G_END_DECLS
