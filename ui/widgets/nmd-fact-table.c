/* SPDX-License-Identifier: Apache-2.0
 *
 * A grid of labels. What stands in it is the caller's.
 */
#include "ui/widgets/nmd-fact-table.h"

#include "ui/widgets/nmd-table-text.h"

#include <stdarg.h>
#include <string.h>

struct _NmdFactTable
{
  GtkBox parent_instance;

  GtkGrid *grid;
  GPtrArray *rows; /* of GStrv: titles first */
  GtkWidget *last; /* the cell added last */
};

G_DEFINE_FINAL_TYPE (NmdFactTable, nmd_fact_table, GTK_TYPE_BOX)

static void
add_row (NmdFactTable *self, va_list cells)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const int row = (int)self->rows->len;
  int column = 0;

  for (const char *cell = va_arg (cells, const char *); cell != NULL;
       cell = va_arg (cells, const char *))
    {
      GtkWidget *label = gtk_label_new (cell);

      g_strv_builder_add (builder, cell);
      gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
      gtk_widget_set_hexpand (label, column == 0);
      gtk_widget_set_valign (label, GTK_ALIGN_BASELINE);
      if (column == 0 && row > 0)
        {
          gtk_label_set_wrap (GTK_LABEL (label), TRUE);
          gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
        }
      if (column > 0)
        gtk_widget_add_css_class (label, "numeric");
      if (row == 0)
        {
          gtk_widget_add_css_class (label, "caption-heading");
          gtk_widget_add_css_class (label, "dim-label");
        }
      gtk_grid_attach (self->grid, label, column++, row, 1, 1);
      self->last = label;
    }
  g_ptr_array_add (self->rows, g_strv_builder_end (builder));
}

void
nmd_fact_table_reset (NmdFactTable *self, ...)
{
  GtkWidget *child = NULL;
  va_list titles;

  g_return_if_fail (NMD_IS_FACT_TABLE (self));
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->grid))) != NULL)
    gtk_grid_remove (self->grid, child);
  g_ptr_array_set_size (self->rows, 0);
  self->last = NULL;
  va_start (titles, self);
  add_row (self, titles);
  va_end (titles);
}

void
nmd_fact_table_add (NmdFactTable *self, ...)
{
  va_list cells;

  g_return_if_fail (NMD_IS_FACT_TABLE (self) && self->rows->len > 0);
  va_start (cells, self);
  add_row (self, cells);
  va_end (cells);
}

void
nmd_fact_table_explain (NmdFactTable *self, const char *text)
{
  g_return_if_fail (NMD_IS_FACT_TABLE (self));
  if (self->last != NULL && text != NULL)
    gtk_widget_set_tooltip_text (self->last, text);
}

guint
nmd_fact_table_get_n (NmdFactTable *self)
{
  g_return_val_if_fail (NMD_IS_FACT_TABLE (self), 0);
  return self->rows->len > 0 ? self->rows->len - 1 : 0;
}

const char *const *
nmd_fact_table_get_row (NmdFactTable *self, guint i)
{
  g_return_val_if_fail (NMD_IS_FACT_TABLE (self) && i < self->rows->len, NULL);
  return g_ptr_array_index (self->rows, i);
}

char *
nmd_fact_table_to_csv (NmdFactTable *self)
{
  g_return_val_if_fail (NMD_IS_FACT_TABLE (self), NULL);
  return nmd_table_to_csv (self->rows);
}

char *
nmd_fact_table_to_latex (NmdFactTable *self)
{
  g_return_val_if_fail (NMD_IS_FACT_TABLE (self), NULL);
  return nmd_table_to_latex (self->rows);
}

static void
nmd_fact_table_finalize (GObject *object)
{
  g_ptr_array_unref (NMD_FACT_TABLE (object)->rows);
  G_OBJECT_CLASS (nmd_fact_table_parent_class)->finalize (object);
}

static void
nmd_fact_table_class_init (NmdFactTableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_fact_table_finalize;
}

static void
nmd_fact_table_init (NmdFactTable *self)
{
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  self->grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_spacing (self->grid, 15);
  gtk_grid_set_row_spacing (self->grid, 3);
  gtk_widget_set_hexpand (GTK_WIDGET (self->grid), TRUE);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->grid));
}

GtkWidget *
nmd_fact_table_new (void)
{
  return g_object_new (NMD_TYPE_FACT_TABLE, NULL);
}
