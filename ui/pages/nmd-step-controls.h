/* SPDX-License-Identifier: Apache-2.0
 *
 * The controls of preprocessing steps: a slider or list for each setting, of Mixup also partner and λ.
 */
#pragma once

#include "ui/session/nmd-preview.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _NmdStepControls NmdStepControls;

/* What the user does with them. @lambda NaN: is to be drawn. */
typedef struct
{
  void (*set) (const char *name, double value, gpointer data);
  void (*set_lambda) (double lambda, gpointer data);
  void (*keep_partner) (gboolean keep, gpointer data);
  gpointer data;
} NmdStepFuncs;

/* Those of the settings that @task has. */
NmdStepControls *
nmd_step_controls_new (NmdTask task, const NmdStepFuncs *funcs) G_GNUC_WARN_UNUSED_RESULT;
/* After the widgets have gone. */
void             nmd_step_controls_free  (NmdStepControls     *self);

/* Returns: (transfer floating) (nullable): the controls of @stage, to be asked for once; %NULL where it has none. */
GtkWidget       *nmd_step_controls_get   (NmdStepControls     *self,
                                          NmdStageKind         stage);

/* Shows the values of @parameters. */
void             nmd_step_controls_show  (NmdStepControls     *self,
                                          const NmdParameters *parameters);

/* Shows what Mixup did: @lambda, whether it was drawn, the @partner (nullable) and whether it is kept. */
void             nmd_step_controls_show_mixup (NmdStepControls *self,
                                          double               lambda,
                                          gboolean             is_drawn,
                                          NmdSample           *partner,
                                          gboolean             is_kept);

G_END_DECLS
