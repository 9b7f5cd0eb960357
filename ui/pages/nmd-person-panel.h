/* SPDX-License-Identifier: Apache-2.0
 *
 * Age, sex, height and weight of the person of a visit, the reference, and z of the image that is looked at.
 */
#pragma once

#include "ui/session/nmd-visit-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_PERSON_PANEL (nmd_person_panel_get_type ())
G_DECLARE_FINAL_TYPE (NmdPersonPanel, nmd_person_panel, NMD, PERSON_PANEL, GtkBox)

/* Gives the panel what it tells and asks, once; referenced. */
void nmd_person_panel_set_session (NmdPersonPanel  *self,
                                   NmdVisitSession *visit);

/* Shows z of @item; hidden for %NULL. */
void nmd_person_panel_show        (NmdPersonPanel  *self,
                                   NmdVisitItem    *item);

G_END_DECLS
