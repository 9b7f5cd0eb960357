/* SPDX-License-Identifier: Apache-2.0
 *
 * The recipe of the next training: preset, network, weights to start from, device and every row of the
 * parameter table. While a training runs it shows that training's and cannot be changed,
 * until another one is set up.
 */
#pragma once

#include "ui/session/nmd-training-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_RECIPE_PANEL (nmd_recipe_panel_get_type ())
G_DECLARE_FINAL_TYPE (NmdRecipePanel, nmd_recipe_panel, NMD, RECIPE_PANEL, GtkBox)

/**
 * NmdPreset:
 * @NMD_PRESET_PAPER: as published, also the split
 * @NMD_PRESET_RECOMMENDED: as published, but with three parts by subject
 * @NMD_PRESET_QUICK_LOOK: as set, but with as many epochs and images as fit into three minutes
 * @NMD_PRESET_OWN: anything else
 */
typedef enum
{
  NMD_PRESET_PAPER,
  NMD_PRESET_RECOMMENDED,
  NMD_PRESET_QUICK_LOOK,
  NMD_PRESET_OWN,
} NmdPreset;

/* Gives the panel what it shows, once; all are referenced. */
void        nmd_recipe_panel_set_session (NmdRecipePanel     *self,
                                          NmdRecipeSession   *recipe_session,
                                          NmdDeviceSession   *devices_session,
                                          NmdTrainingSession *training_session);

/* Chooses a preset; its settings are set. */
void        nmd_recipe_panel_set_preset  (NmdRecipePanel     *self,
                                          NmdPreset           preset);

/* Returns: the preset that the settings make, or a quick look. */
NmdPreset   nmd_recipe_panel_get_preset  (NmdRecipePanel     *self);

/* Returns: (nullable): the name of the chosen network. */
const char *nmd_recipe_panel_get_network (NmdRecipePanel     *self);

G_END_DECLS
