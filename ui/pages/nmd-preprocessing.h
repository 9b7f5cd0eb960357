/* SPDX-License-Identifier: Apache-2.0
 *
 * The preprocessing of the chosen image step by step, for a network that classifies or for one that finds outlines, with
 * the settings of each step as live controls. They are for trying: trainings take them over when the user says so.
 */
#pragma once

#include "ui/session/nmd-explanation-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_PREPROCESSING (nmd_preprocessing_get_type ())
G_DECLARE_FINAL_TYPE (NmdPreprocessing, nmd_preprocessing, NMD, PREPROCESSING, GtkBox)

/**
 * NmdPreprocessing:
 *
 * Settings are those of the recipe for the task shown, but for those that were changed here. Signal "changed": they are others.
 */

/* All are referenced. */
void        nmd_preprocessing_set_session    (NmdPreprocessing      *self,
                                              NmdDataSession        *data,
                                              NmdScanSession        *scan,
                                              NmdRecipeSession      *recipe,
                                              NmdExplanationSession *explanation);

/* Asks for the steps of the scan under study, now or when they are seen; FALSE shows none. */
void        nmd_preprocessing_show           (NmdPreprocessing      *self,
                                              gboolean               any);

/* Other random numbers: augmentation, Mixup's partner and λ, where these are drawn. */
void        nmd_preprocessing_draw_again     (NmdPreprocessing      *self);

/* Returns: (transfer full): the row that says what is tried here only, with its buttons, to be shown where it moves
 * nothing when it comes and goes. To be asked for once. */
GtkWidget  *nmd_preprocessing_take_bar       (NmdPreprocessing      *self) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: (transfer full): the settings for scores as tried here. */
NmdParameters *nmd_preprocessing_get_parameters (NmdPreprocessing   *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
