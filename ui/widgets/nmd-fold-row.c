/* SPDX-License-Identifier: Apache-2.0
 *
 * Layout of a row that folds.
 */
#include "ui/widgets/nmd-fold-row.h"

struct _NmdFoldRow
{
  GtkWidget parent_instance;

  int spacing;
};

G_DEFINE_FINAL_TYPE (NmdFoldRow, nmd_fold_row, GTK_TYPE_WIDGET)

/* The children that are shown. Returns: how many, 2 at most. */
static int
get_children (NmdFoldRow *self, GtkWidget *children[2])
{
  int n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));
       child != NULL && n < 2; child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_should_layout (child))
      children[n++] = child;
  return n;
}

static int
measure (GtkWidget *child, GtkOrientation orientation, int for_size, int *natural)
{
  int minimum = 0;

  gtk_widget_measure (child, orientation, for_size, &minimum, natural, NULL, NULL);
  return minimum;
}

/* How wide the first is beside the second; −1: they stand one below the other. */
static int
get_first_width (NmdFoldRow *self, GtkWidget *const *children, int width)
{
  int first = 0, second = 0;

  measure (children[0], GTK_ORIENTATION_HORIZONTAL, -1, &first);
  measure (children[1], GTK_ORIENTATION_HORIZONTAL, -1, &second);
  return first + self->spacing + second <= width ? width - self->spacing - second : -1;
}

static GtkSizeRequestMode
nmd_fold_row_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
measure_width (NmdFoldRow *self, int *minimum, int *natural)
{
  GtkWidget *children[2] = { NULL, NULL };
  const int n = get_children (self, children);

  *minimum = 0;
  *natural = n == 2 ? self->spacing : 0;
  for (int i = 0; i < n; i++)
    {
      int wish = 0;
      *minimum
          = MAX (*minimum, measure (children[i], GTK_ORIENTATION_HORIZONTAL, -1, &wish));
      *natural += wish;
    }
}

static void
measure_height (NmdFoldRow *self, int width, int *minimum, int *natural)
{
  GtkWidget *children[2] = { NULL, NULL };
  int heights[2] = { 0, 0 }, wishes[2] = { 0, 0 };
  const int n = get_children (self, children);
  const int first = n == 2 && width >= 0 ? get_first_width (self, children, width) : -1;
  const gboolean folded = n == 2 && width >= 0 && first < 0;

  for (int i = 0; i < n; i++)
    {
      const int wide = first < 0 ? width : i == 0 ? first : width - self->spacing - first;
      heights[i] = measure (children[i], GTK_ORIENTATION_VERTICAL, wide, &wishes[i]);
    }
  *minimum = folded ? heights[0] + heights[1] : MAX (heights[0], heights[1]);
  *natural = folded ? wishes[0] + wishes[1] : MAX (wishes[0], wishes[1]);
}

static void
nmd_fold_row_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    measure_width (NMD_FOLD_ROW (widget), minimum, natural);
  else
    measure_height (NMD_FOLD_ROW (widget), for_size, minimum, natural);
}

static void
nmd_fold_row_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  NmdFoldRow *self = NMD_FOLD_ROW (widget);
  GtkWidget *children[2] = { NULL, NULL };
  const int n = get_children (self, children);
  const int first = n == 2 ? get_first_width (self, children, width) : -1;
  const gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int wish = 0, top = 0;

  if (n == 0)
    return;
  if (n == 1)
    gtk_widget_size_allocate (children[0], &(GtkAllocation){ 0, 0, width, height }, -1);
  else if (first < 0)
    {
      top = measure (children[0], GTK_ORIENTATION_VERTICAL, width, &wish);
      gtk_widget_size_allocate (children[0], &(GtkAllocation){ 0, 0, width, top }, -1);
      gtk_widget_size_allocate (
          children[1], &(GtkAllocation){ 0, top, width, MAX (height - top, 0) }, -1);
    }
  else
    {
      const int second = width - self->spacing - first;
      const int x[2]
          = { rtl ? second + self->spacing : 0, rtl ? 0 : first + self->spacing };
      gtk_widget_size_allocate (children[0], &(GtkAllocation){ x[0], 0, first, height },
                                -1);
      gtk_widget_size_allocate (children[1], &(GtkAllocation){ x[1], 0, second, height },
                                -1);
    }
}

void
nmd_fold_row_set_spacing (NmdFoldRow *self, int spacing)
{
  g_return_if_fail (NMD_IS_FOLD_ROW (self) && spacing >= 0);
  self->spacing = spacing;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
nmd_fold_row_dispose (GObject *object)
{
  GtkWidget *child = NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (nmd_fold_row_parent_class)->dispose (object);
}

static void
nmd_fold_row_class_init (NmdFoldRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_fold_row_dispose;
  widget_class->get_request_mode = nmd_fold_row_get_request_mode;
  widget_class->measure = nmd_fold_row_measure;
  widget_class->size_allocate = nmd_fold_row_size_allocate;
}

static void
nmd_fold_row_init (NmdFoldRow *self)
{
  self->spacing = 6;
}
