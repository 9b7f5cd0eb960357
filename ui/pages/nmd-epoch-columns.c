/* SPDX-License-Identifier: Apache-2.0
 *
 * Epochs as rows.
 */
#include "ui/pages/nmd-epoch-columns.h"

#include "ui/session/nmd-training.h"
#include "ui/widgets/nmd-columns.h"

#include <glib/gi18n.h>
#include <math.h>

static char *
cell_epoch (gpointer item, const char **css, gpointer data)
{
  const NmdEpoch *epoch = &NMD_EPOCH_ITEM (item)->epoch;

  return g_strdup_printf ("%s%d", epoch->best ? "★ " : "", epoch->epoch);
}

static char *
cell_train (gpointer item, const char **css, gpointer data)
{
  return nmd_format_number (NMD_EPOCH_ITEM (item)->epoch.train_loss, 3);
}

static char *
cell_val (gpointer item, const char **css, gpointer data)
{
  return nmd_format_number (NMD_EPOCH_ITEM (item)->epoch.val_loss, 3);
}

/* AUC, or Dice of outlines. */
static char *
cell_measure (gpointer item, const char **css, gpointer data)
{
  const NmdEpoch *epoch = &NMD_EPOCH_ITEM (item)->epoch;

  return nmd_format_number (isnan (epoch->val_auc) ? epoch->val_dice : epoch->val_auc, 3);
}

static char *
cell_seconds (gpointer item, const char **css, gpointer data)
{
  return nmd_format_duration (NMD_EPOCH_ITEM (item)->epoch.seconds);
}

GtkColumnViewColumn *
nmd_epoch_columns_add (GtkColumnView *view)
{
  g_return_val_if_fail (GTK_IS_COLUMN_VIEW (view), NULL);

  nmd_column_add (view, _ ("Epoch"), TRUE, TRUE, cell_epoch, NULL, NULL);
  nmd_column_add (view, _ ("Loss"), TRUE, TRUE, cell_train, NULL, NULL);
  nmd_column_add (view, _ ("Val. loss"), TRUE, TRUE, cell_val, NULL, NULL);
  GtkColumnViewColumn *measure
      = nmd_column_add (view, _ ("AUC"), TRUE, TRUE, cell_measure, NULL, NULL);
  nmd_column_add (view, _ ("Time"), TRUE, TRUE, cell_seconds, NULL, NULL);
  return measure;
}
