/* SPDX-License-Identifier: Apache-2.0
 *
 * Small windows of the main window: decisions before a data set can be opened, the import
 * report, and preferences.
 */
#pragma once

#include "ui/session/nmd-app-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks, and opens the data set again with the answer. */
void nmd_dialog_ask_decision              (GtkWindow     *parent,
                                    NmdAppSession *session,
                                    NmdDecision    decision,
                                    const char    *path,
                                    const char    *text);
void nmd_dialog_show_report      (GtkWindow     *parent,
                                    NmdDataset    *dataset);
void nmd_dialog_show_preferences (GtkWindow     *parent,
                                    NmdAppSession *session);

G_END_DECLS
