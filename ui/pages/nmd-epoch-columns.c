/* SPDX-License-Identifier: Apache-2.0
 *
 * Epochs as rows.
 */
#include "ui/pages/nmd-epoch-columns.h"

#include "engine/core/nmd-csv.h"
#include "ui/dialogs/nmd-export-menu.h"
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

static char *
to_csv (gpointer view)
{
  GListModel *items = G_LIST_MODEL (gtk_column_view_get_model (view));
  GString *text = g_string_new ("epoch,seconds,lr,train_loss,val_loss,val_auc,val_dice,"
                                "averaging,best");

  nmd_csv_end_line (text);
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (NmdEpochItem) item = g_list_model_get_item (items, i);
      const NmdEpoch *epoch = &item->epoch;
      const double values[] = { epoch->epoch,      epoch->seconds,   epoch->lr,
                                epoch->train_loss, epoch->val_loss,  epoch->val_auc,
                                epoch->val_dice,   epoch->averaging, epoch->best };

      for (guint k = 0; k < G_N_ELEMENTS (values); k++)
        nmd_csv_append_number (text, values[k]);
      nmd_csv_end_line (text);
    }
  return g_string_free (text, FALSE);
}

void
nmd_epoch_columns_set_session (GtkColumnView *view, NmdDataSession *data)
{
  g_return_if_fail (GTK_IS_COLUMN_VIEW (view));
  nmd_export_menu_attach_table (view, "epochs", to_csv, view, data, NULL);
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
