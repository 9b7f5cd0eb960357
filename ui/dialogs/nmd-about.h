/* SPDX-License-Identifier: Apache-2.0
 *
 * What the program is, how to cite it, and under which licences it and its libraries stand.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows it over @parent (nullable). */
void nmd_about_present (GtkWindow *parent);

G_END_DECLS
