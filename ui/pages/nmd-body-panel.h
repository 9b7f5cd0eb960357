/* SPDX-License-Identifier: Apache-2.0
 *
 * The body chart of the visit's z on the Scan page; seen where several muscles have one.
 */
#pragma once

#include "ui/plot/nmd-body-chart.h"
#include "ui/session/nmd-visit-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_BODY_PANEL (nmd_body_panel_get_type ())
G_DECLARE_FINAL_TYPE (NmdBodyPanel, nmd_body_panel, NMD, BODY_PANEL, GtkBox)

/* Gives the panel the visit that it shows, once; referenced. */
void    nmd_body_panel_set_session (NmdBodyPanel    *self,
                                    NmdVisitSession *visit);

/* What the chart shows: array of NmdBodyZ, empty unless two muscles or sides have a z. Returns: (transfer full);
 * valid until the visit changes. */
GArray *nmd_body_values_new        (NmdVisitSession *visit) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
