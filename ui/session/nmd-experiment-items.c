/* SPDX-License-Identifier: Apache-2.0
 *
 * Items of lists. What they hold is engine/experiment's.
 */
#include "ui/session/nmd-experiment-items.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (NmdExperimentItem, nmd_experiment_item, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE (NmdCellItem, nmd_cell_item, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE (NmdRowItem, nmd_row_item, G_TYPE_OBJECT)

static void
nmd_experiment_item_finalize (GObject *object)
{
  NmdExperimentItem *self = NMD_EXPERIMENT_ITEM (object);

  g_free (self->folder);
  g_free (self->title);
  G_OBJECT_CLASS (nmd_experiment_item_parent_class)->finalize (object);
}

static void
nmd_experiment_item_class_init (NmdExperimentItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_experiment_item_finalize;
}

static void
nmd_experiment_item_init (NmdExperimentItem *self)
{
}

NmdExperimentItem *
nmd_experiment_item_new (const char *folder, const char *title)
{
  g_return_val_if_fail (folder != NULL && title != NULL, NULL);

  NmdExperimentItem *self = g_object_new (NMD_TYPE_EXPERIMENT_ITEM, NULL);
  self->folder = g_strdup (folder);
  self->title = g_strdup (title);
  return self;
}

static void
nmd_cell_item_finalize (GObject *object)
{
  NmdCellItem *self = NMD_CELL_ITEM (object);

  g_free (self->title);
  g_free (self->problem);
  g_free (self->part);
  G_OBJECT_CLASS (nmd_cell_item_parent_class)->finalize (object);
}

static void
nmd_cell_item_class_init (NmdCellItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_cell_item_finalize;
}

static void
nmd_cell_item_init (NmdCellItem *self)
{
}

char *
nmd_cell_describe (const NmdPlanCell *cell)
{
  g_return_val_if_fail (cell != NULL, NULL);

  g_autofree char *seed = g_strdup_printf ("%" G_GINT64_FORMAT, cell->seed);
  if (cell->left_out != NULL)
    /* Translators: a training of an experiment: a value of a column, seed */
    return g_strdup_printf (_ ("%s left out, seed %s"), cell->left_out, seed);
  if (cell->fold >= 0)
    return g_strdup_printf (_ ("fold %d, seed %s"), cell->fold, seed);
  return g_strdup_printf (_ ("seed %s"), seed);
}

NmdCellItem *
nmd_cell_item_new (guint index,
                   const char *title,
                   NmdCellStanding standing,
                   double fraction,
                   const char *problem,
                   const NmdCellResult *result)
{
  g_return_val_if_fail (title != NULL, NULL);

  NmdCellItem *self = g_object_new (NMD_TYPE_CELL_ITEM, NULL);
  self->index = index;
  self->title = g_strdup (title);
  self->standing = standing;
  self->fraction = fraction;
  self->problem = g_strdup (problem);
  self->auc = result != NULL ? result->measures[NMD_MEASURE_AUC] : NAN;
  self->ci = result != NULL ? result->auc_ci : (NmdInterval){ NAN, NAN };
  self->part = result != NULL ? g_strdup (result->part) : NULL;
  return self;
}

static void
nmd_row_item_finalize (GObject *object)
{
  NmdRowItem *self = NMD_ROW_ITEM (object);

  g_free (self->title);
  g_free (self->method);
  G_OBJECT_CLASS (nmd_row_item_parent_class)->finalize (object);
}

static void
nmd_row_item_class_init (NmdRowItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_row_item_finalize;
}

static void
nmd_row_item_init (NmdRowItem *self)
{
}

NmdRowItem *
nmd_row_item_new (const NmdRowResult *row)
{
  g_return_val_if_fail (row != NULL, NULL);

  NmdRowItem *self = g_object_new (NMD_TYPE_ROW_ITEM, NULL);
  self->title = g_strdup (_ (row->row->title));
  memcpy (self->measures, row->measures, sizeof self->measures);
  self->rival = row->rival_auc;
  self->difference = row->difference;
  self->interval = row->interval;
  self->method = g_strdup (row->interval_method);
  return self;
}
