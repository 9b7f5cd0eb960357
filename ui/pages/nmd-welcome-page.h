/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in the window while nothing is open.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_WELCOME_PAGE (nmd_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (NmdWelcomePage, nmd_welcome_page, NMD, WELCOME_PAGE, AdwBin)

G_END_DECLS
