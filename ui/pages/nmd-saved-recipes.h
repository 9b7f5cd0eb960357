/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings of a training kept by a name of one's own: a button with a menu of them. Kept in the desktop's preferences, not
 * with data.
 */
#pragma once

#include "ui/session/nmd-recipe-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_SAVED_RECIPES (nmd_saved_recipes_get_type ())
G_DECLARE_FINAL_TYPE (NmdSavedRecipes, nmd_saved_recipes, NMD, SAVED_RECIPES, GtkBox)

/* Whose settings are kept and set; once, referenced. */
void nmd_saved_recipes_set_session (NmdSavedRecipes  *self,
                                    NmdRecipeSession *session);

G_END_DECLS
