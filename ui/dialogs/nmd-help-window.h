/* SPDX-License-Identifier: Apache-2.0
 *
 * The help: three short pages and a tour of the demo. Its texts are in its template; nothing is fetched.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_HELP_WINDOW (nmd_help_window_get_type ())
G_DECLARE_FINAL_TYPE (NmdHelpWindow, nmd_help_window, NMD, HELP_WINDOW, AdwWindow)

/* Shows @page of the help beside @parent: "sonographer", "researcher", "teacher", "tour"; any other name shows the
 * first. Where the help is open it changes its page. */
void nmd_help_window_present (GtkWindow  *parent,
                              const char *page);

G_END_DECLS
