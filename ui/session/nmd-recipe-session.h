/* SPDX-License-Identifier: Apache-2.0
 *
 * What the next training is made with: its settings, the split of the open data set, and the weights
 * that it starts from. Training itself is nmd-training-session's.
 */
#pragma once

#include "ui/session/nmd-runs-session.h"

#include "engine/data/nmd-split.h"

G_BEGIN_DECLS

#define NMD_TYPE_RECIPE_SESSION (nmd_recipe_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdRecipeSession, nmd_recipe_session, NMD, RECIPE_SESSION, GObject)

/**
 * NmdRecipeSession:
 *
 * Parts are those of the training that runs or, where none does, of the chosen run if it was trained on
 * the open data set, else those that the next training would make; none during an import.
 *
 * A data set that states a part of every image, none of its subjects divided, sets the split to "stated"
 * where it was the default; one that states none sets it back.
 *
 * Signals:
 *   "changed": a setting, or what is shown of it, has another value
 *   "parts-changed": images belong to other parts
 *   "initial-changed": the next training starts from other weights, or they have been looked at
 *
 * Threads: main thread only; weights are looked at on the pool.
 */

/* All are referenced. Settings have the engine's default values. */
NmdRecipeSession    *nmd_recipe_session_new            (NmdNotices        *notices,
                                                        NmdDataSession    *data,
                                                        NmdRunsSession    *runs);

/* What the next training is for; classification at first. Each task keeps its settings. Another one gives up the
 * weights to start from. */
NmdTask              nmd_recipe_session_get_task       (NmdRecipeSession  *self);
void                 nmd_recipe_session_set_task       (NmdRecipeSession  *self,
                                                        NmdTask            task);

/* Returns: how many images of the open data set have a mask; @n_without (out) (nullable): how many have none. */
guint                nmd_recipe_session_count_masks    (NmdRecipeSession  *self,
                                                        guint             *n_without);

/* Returns: (transfer none): the task's settings; changed by nmd_recipe_session_set() only. */
const NmdParameters *nmd_recipe_session_get_parameters (NmdRecipeSession  *self);

/* Returns: (transfer none): the settings of @task, whichever is chosen. */
const NmdParameters *nmd_recipe_session_get_of         (NmdRecipeSession  *self,
                                                        NmdTask            task);

/* Returns: (transfer none): the settings to show: those of the training that runs, else the recipe's. */
const NmdParameters *nmd_recipe_session_get_shown      (NmdRecipeSession  *self);

/* While a training runs, shows its @parameters, referenced, and parts by them; %NULL shows the recipe
 * again. The recipe itself stays. */
void                 nmd_recipe_session_show           (NmdRecipeSession  *self,
                                                        const NmdParameters *parameters);

/* Shows the recipe, and parts by it, also while a training runs, so that another one can be set up. */
void                 nmd_recipe_session_show_next      (NmdRecipeSession  *self,
                                                        gboolean           is_next_shown);
gboolean             nmd_recipe_session_is_next_shown  (NmdRecipeSession  *self);

/* Gives the setting @name a value. Splits anew where it matters to the split.
 * Returns: FALSE with @error set if @value is out of the setting's range. */
gboolean             nmd_recipe_session_set            (NmdRecipeSession  *self,
                                                        const char        *name,
                                                        double             value,
                                                        GError           **error);

/* The same of @task, whichever is chosen. */
gboolean             nmd_recipe_session_set_of         (NmdRecipeSession  *self,
                                                        NmdTask            task,
                                                        const char        *name,
                                                        double             value,
                                                        GError           **error);

/* All settings of the task get their default values. */
void                 nmd_recipe_session_reset          (NmdRecipeSession  *self);

/* Returns: (transfer none) (nullable): the parts, until they change. */
const NmdSplit      *nmd_recipe_session_get_split      (NmdRecipeSession  *self);

/* Returns: (nullable): why the data set cannot be split, one sentence. */
const char          *nmd_recipe_session_get_split_error (NmdRecipeSession *self);

/* Returns: the part of @sample, %NMD_PART_NONE for one that is not in the open data set. */
NmdPart              nmd_recipe_session_get_part       (NmdRecipeSession  *self,
                                                        NmdSample         *sample);

/* Returns: the number of images in @part. @n_subjects (out) (nullable): of its subjects. */
guint                nmd_recipe_session_count_part     (NmdRecipeSession  *self,
                                                        NmdPart            part,
                                                        guint             *n_subjects);

/* Whether the open data set leaves open what its images show, so that the user is asked. */
gboolean             nmd_recipe_session_asks_organ     (NmdRecipeSession  *self);

/* What the images of the open data set show as the user states it: "muscle", "breast" …; %NULL: not
 * stated. Forgotten when another data set is opened. */
void                 nmd_recipe_session_state_organ    (NmdRecipeSession  *self,
                                                        const char        *organ);

/* Returns: (nullable): what the user stated of the open data set; %NULL where nobody is asked. */
const char          *nmd_recipe_session_get_organ      (NmdRecipeSession  *self);

/* Starts the next training from the weights in @path (%NULL: fresh ones) if they fit @network. A newly
 * chosen file that does not fit is a problem and not taken; one that was taken before and does not
 * fit another network stays, and no training starts with it. */
void                 nmd_recipe_session_set_initial    (NmdRecipeSession  *self,
                                                        const char        *path,
                                                        const char        *network);

/* Returns: (nullable): the file with the weights to start from; %NULL for fresh ones. */
const char          *nmd_recipe_session_get_initial    (NmdRecipeSession  *self);

/* Returns: (nullable): "358 of 360 tensors fit"; %NULL until looked at, and where they do not. */
const char          *nmd_recipe_session_get_initial_fit (NmdRecipeSession *self);

/* Returns: (nullable): why the weights do not fit the network, one sentence. */
const char          *nmd_recipe_session_get_initial_problem (NmdRecipeSession *self);

G_END_DECLS
