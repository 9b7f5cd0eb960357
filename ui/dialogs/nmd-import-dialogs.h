/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions that an import may stop at: the positive label, consent to unpack, the columns of a
 * table.
 */
#pragma once

#include "ui/session/nmd-data-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows @text with a question about @decision, and opens the data set at @path again with the answer.
 * @session is referenced. Cancelling leaves everything as it is. */
void nmd_import_dialog_present (GtkWindow      *parent,
                                NmdDataSession *session,
                                NmdDecision     decision,
                                const char     *path,
                                const char     *text);

G_END_DECLS
