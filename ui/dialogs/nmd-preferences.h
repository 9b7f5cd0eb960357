/* SPDX-License-Identifier: Apache-2.0
 *
 * The preferences window.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows the preferences. Sizes are measured in the background. */
void nmd_preferences_present (GtkWindow *parent);

G_END_DECLS
