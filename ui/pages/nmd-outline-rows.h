/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the table of images on Results: one proposed outline each. Numbers are engine/eval's.
 */
#pragma once

#include "engine/eval/nmd-outline-table.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_OUTLINED (nmd_outlined_get_type ())
G_DECLARE_FINAL_TYPE (NmdOutlined, nmd_outlined, NMD, OUTLINED, GObject)

struct _NmdOutlined
{
  GObject parent_instance;
  NmdOutlineTable *table;
  const NmdOutlineRow *row; /* in it */
};

/* Returns: (transfer full): an NmdOutlined for each row of @table, the worst Dice first. */
GPtrArray *nmd_outlined_list        (NmdOutlineTable *table) G_GNUC_WARN_UNUSED_RESULT;

/* Columns for them: image, Dice, HD95, difference of echo intensity, flags. */
void       nmd_outlined_add_columns (GtkColumnView   *view);

G_END_DECLS
