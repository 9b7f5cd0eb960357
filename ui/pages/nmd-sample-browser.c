/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples → filter → order → selection → grid or table. What passes is the filter's; the order is that of the table's
 * header, also where the grid is shown.
 */
#include "ui/pages/nmd-sample-browser.h"

#include "ui/pages/nmd-sample-table.h"
#include "ui/widgets/nmd-sample-sorter.h"
#include "ui/widgets/nmd-sample-step.h"
#include "ui/widgets/nmd-tab-leaves.h"
#include "ui/widgets/nmd-thumbnail.h"

#define THUMBNAIL_SIZE 104
#define THUMBNAIL_WIDTH 110 /* with what style.css pads it by */

struct _NmdSampleBrowser
{
  AdwBin parent_instance;

  GtkStack *stack;
  GtkScrolledWindow *grid_scroller;
  GtkGridView *grid;
  GtkColumnView *table;
  GtkDropDown *order;
  GtkToggleButton *descending_button;
  GtkToggleButton *grid_button;
  GtkToggleButton *table_button;
  GtkButton *clear_button;

  NmdDataSession *data;
  NmdSampleFacts *facts;
  NmdSampleTable *columns;
  GtkFilterListModel *filtered;
  GtkSortListModel *sorted;
  GtkMultiSelection *selection;
  NmdSample *current; /* (nullable) */
  guint place;        /* of it, as last known; where a new one is chosen */
  guint settle_id;
  guint renew_id;
  gboolean setting; /* the program moves a control */
  gboolean as_table;
};

enum
{
  PROP_0,
  PROP_AS_TABLE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

enum
{
  CHOSEN,
  SELECTION_CHANGED,
  CLEAR,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdSampleBrowser, nmd_sample_browser, ADW_TYPE_BIN)

/* Selection */

static guint
count (NmdSampleBrowser *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->selection));
}

static NmdSample *
sample_at (NmdSampleBrowser *self, guint place)
{
  g_autoptr (NmdSample) sample
      = g_list_model_get_item (G_LIST_MODEL (self->selection), place);

  return sample; /* the list keeps it */
}

static void
set_current (NmdSampleBrowser *self, guint place)
{
  NmdSample *sample = place != GTK_INVALID_LIST_POSITION ? sample_at (self, place) : NULL;

  if (sample != NULL)
    self->place = place;
  if (g_set_object (&self->current, sample))
    g_signal_emit (self, signals[CHOSEN], 0, sample);
}

static gboolean
is_current_at (NmdSampleBrowser *self, guint place)
{
  return self->current != NULL && place < count (self)
         && sample_at (self, place) == self->current
         && gtk_selection_model_is_selected (GTK_SELECTION_MODEL (self->selection),
                                             place);
}

/* Where the current one is among the selected; if it is none of them, the first of them. */
static guint
find_current (NmdSampleBrowser *self)
{
  g_autoptr (GtkBitset) selected
      = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  GtkBitsetIter iter;
  guint place = 0;

  if (is_current_at (self, self->place))
    return self->place;
  if (!gtk_bitset_iter_init_first (&iter, selected, &place))
    return GTK_INVALID_LIST_POSITION;
  const guint first = place;
  do
    if (sample_at (self, place) == self->current)
      return place;
  while (gtk_bitset_iter_next (&iter, &place));
  return first;
}

static void
on_selection_changed (GtkSelectionModel *model, guint at, guint n, NmdSampleBrowser *self)
{
  if (n == 1 && gtk_selection_model_is_selected (model, at))
    set_current (self, at);
  else
    set_current (self, find_current (self));
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

/* After the views have heard of a change of the list. */
static gboolean
settle (gpointer data)
{
  NmdSampleBrowser *self = data;
  const guint n = count (self);
  guint place = find_current (self);

  self->settle_id = 0;
  if (place == GTK_INVALID_LIST_POSITION && n > 0)
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection),
                                     MIN (self->place, n - 1), TRUE);
  else
    set_current (self, place);
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
show_stack (NmdSampleBrowser *self)
{
  const guint all = g_list_model_get_n_items (nmd_data_session_get_samples (self->data));
  const char *seen = self->as_table ? "table" : "grid";

  gtk_stack_set_visible_child_name (self->stack, count (self) > 0 ? seen
                                                 : all > 0        ? "nothing"
                                                                  : "waiting");
}

static void
on_items_changed (NmdSampleBrowser *self)
{
  show_stack (self);
  if (self->settle_id == 0)
    self->settle_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, settle, self, NULL);
}

static void
scroll_to (NmdSampleBrowser *self, guint place)
{
  GtkWidget *list = GTK_WIDGET (self->grid);

  /* the list inside a column view has the action */
  if (self->as_table)
    for (list = gtk_widget_get_first_child (GTK_WIDGET (self->table));
         list != NULL && !GTK_IS_LIST_VIEW (list);)
      list = gtk_widget_get_next_sibling (list);
  if (list != NULL)
    gtk_widget_activate_action (list, "list.scroll-to-item", "u", place);
}

static void
select_alone (NmdSampleBrowser *self, guint place)
{
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), place, TRUE);
  scroll_to (self, place);
}

void
nmd_sample_browser_choose (NmdSampleBrowser *self, NmdSample *sample)
{
  g_return_if_fail (NMD_IS_SAMPLE_BROWSER (self) && NMD_IS_SAMPLE (sample));

  if (sample == self->current || self->selection == NULL)
    return;
  for (guint i = 0; i < count (self); i++)
    if (sample_at (self, i) == sample)
      {
        select_alone (self, i);
        return;
      }
}

void
nmd_sample_browser_select (NmdSampleBrowser *self, GPtrArray *samples)
{
  g_return_if_fail (NMD_IS_SAMPLE_BROWSER (self) && samples != NULL);

  const guint n = count (self);
  g_autoptr (GHashTable) wanted = g_hash_table_new (NULL, NULL);
  g_autoptr (GtkBitset) places = gtk_bitset_new_empty ();
  g_autoptr (GtkBitset) all = gtk_bitset_new_range (0, n);
  for (guint i = 0; i < samples->len; i++)
    g_hash_table_add (wanted, samples->pdata[i]);
  for (guint i = 0; i < n; i++)
    if (g_hash_table_contains (wanted, sample_at (self, i)))
      gtk_bitset_add (places, i);
  if (gtk_bitset_is_empty (places))
    return;
  gtk_selection_model_set_selection (GTK_SELECTION_MODEL (self->selection), places, all);
  set_current (self, gtk_bitset_get_minimum (places));
  scroll_to (self, self->place);
}

void
nmd_sample_browser_unselect (NmdSampleBrowser *self)
{
  g_return_if_fail (NMD_IS_SAMPLE_BROWSER (self));
  gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (self->selection));
}

void
nmd_sample_browser_step (NmdSampleBrowser *self, int by, gboolean by_subject)
{
  g_return_if_fail (NMD_IS_SAMPLE_BROWSER (self));

  const guint place = nmd_sample_step (
      G_LIST_MODEL (self->selection),
      self->current != NULL ? self->place : GTK_INVALID_LIST_POSITION, by, by_subject);
  if (place != GTK_INVALID_LIST_POSITION)
    select_alone (self, place);
}

/* Grid */

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, nmd_thumbnail_new (THUMBNAIL_SIZE));
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  nmd_thumbnail_set_sample (NMD_THUMBNAIL (gtk_list_item_get_child (item)),
                            gtk_list_item_get_item (item));
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  nmd_thumbnail_set_sample (NMD_THUMBNAIL (gtk_list_item_get_child (item)), NULL);
}

static void
fit_columns_later (gpointer data)
{
  g_autoptr (NmdSampleBrowser) self = data;
  GtkAdjustment *across = gtk_scrolled_window_get_hadjustment (self->grid_scroller);
  double fit = gtk_adjustment_get_page_size (across) / THUMBNAIL_WIDTH;

  gtk_grid_view_set_max_columns (self->grid, (guint)CLAMP (fit, 2, 16));
}

/* A grid keeps thirty rows of its largest number of columns, seen or not: no more than fit. */
static void
fit_columns (NmdSampleBrowser *self)
{
  g_idle_add_once (fit_columns_later, g_object_ref (self));
}

/* Only the view that is seen makes rows. */
static void
show_view (NmdSampleBrowser *self)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (self->selection);

  gtk_grid_view_set_model (self->grid, self->as_table ? NULL : model);
  gtk_column_view_set_model (self->table, self->as_table ? model : NULL);
  show_stack (self);
  if (self->current != NULL)
    scroll_to (self, self->place);
}

static void
set_as_table (NmdSampleBrowser *self, gboolean as_table)
{
  if (self->as_table == as_table)
    return;
  self->as_table = as_table;
  gtk_toggle_button_set_active (as_table ? self->table_button : self->grid_button, TRUE);
  if (self->selection != NULL)
    show_view (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AS_TABLE]);
}

static void
on_view_toggled (NmdSampleBrowser *self)
{
  set_as_table (self, gtk_toggle_button_get_active (self->table_button));
}

/* Order */

static void
on_order (NmdSampleBrowser *self)
{
  const guint chosen = gtk_drop_down_get_selected (self->order);

  if (!self->setting && self->columns != NULL && chosen != GTK_INVALID_LIST_POSITION)
    nmd_sample_table_sort (self->columns, chosen,
                           gtk_toggle_button_get_active (self->descending_button));
}

/* The header of the table was clicked, or a control of the order. */
static void
on_sorted (NmdSampleBrowser *self)
{
  gboolean is_descending = FALSE;
  guint order = 0;

  if (self->columns == NULL) /* the view goes */
    return;
  order = nmd_sample_table_get_order (self->columns, &is_descending);
  self->setting = TRUE;
  gtk_drop_down_set_selected (self->order, order);
  gtk_toggle_button_set_active (self->descending_button, is_descending);
  self->setting = FALSE;
}

static gboolean
renew_columns (gpointer data)
{
  NmdSampleBrowser *self = data;
  g_autoptr (GtkStringList) orders = NULL;

  self->renew_id = 0;

  nmd_sample_table_renew (self->columns);
  orders = nmd_sample_table_get_orders (self->columns);
  self->setting = TRUE;
  gtk_drop_down_set_model (self->order, G_LIST_MODEL (orders));
  self->setting = FALSE;
  on_sorted (self);
  /* cells are written when rows are made */
  if (self->as_table)
    {
      gtk_column_view_set_model (self->table, NULL);
      show_view (self);
    }
  return G_SOURCE_REMOVE;
}

/* Of a large data set in a turn of its own. */
static void
on_facts (NmdSampleBrowser *self)
{
  if (self->renew_id == 0)
    self->renew_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, renew_columns, self, NULL);
}

static void
on_clear (NmdSampleBrowser *self)
{
  g_signal_emit (self, signals[CLEAR], 0);
}

/* Object */

GListModel *
nmd_sample_browser_get_model (NmdSampleBrowser *self)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_BROWSER (self), NULL);
  return G_LIST_MODEL (self->sorted);
}

GtkSelectionModel *
nmd_sample_browser_get_selection (NmdSampleBrowser *self)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_BROWSER (self), NULL);
  return GTK_SELECTION_MODEL (self->selection);
}

NmdSample *
nmd_sample_browser_get_current (NmdSampleBrowser *self)
{
  g_return_val_if_fail (NMD_IS_SAMPLE_BROWSER (self), NULL);
  return self->current;
}

void
nmd_sample_browser_set_session (NmdSampleBrowser *self,
                                NmdDataSession *data,
                                NmdSampleFacts *facts,
                                NmdSampleFilter *filter)
{
  g_return_if_fail (NMD_IS_SAMPLE_BROWSER (self) && self->data == NULL);

  self->data = g_object_ref (data);
  self->facts = g_object_ref (facts);
  self->columns = nmd_sample_table_new (self->table, facts);
  /* heard before the list sorts: what is not known stays last, whichever way round */
  g_signal_connect_object (gtk_column_view_get_sorter (self->table), "changed",
                           G_CALLBACK (on_sorted), self, G_CONNECT_SWAPPED);
  self->filtered
      = gtk_filter_list_model_new (g_object_ref (nmd_data_session_get_samples (data)),
                                   g_object_ref (GTK_FILTER (filter)));
  self->sorted
      = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->filtered)),
                                 g_object_ref (gtk_column_view_get_sorter (self->table)));
  self->selection = gtk_multi_selection_new (g_object_ref (G_LIST_MODEL (self->sorted)));
  g_signal_connect_object (self->selection, "selection-changed",
                           G_CALLBACK (on_selection_changed), self, 0);
  g_signal_connect_object (self->selection, "items-changed",
                           G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (facts, "changed", G_CALLBACK (on_facts), self,
                           G_CONNECT_SWAPPED);
  renew_columns (self);
  show_view (self);
}

static void
nmd_sample_browser_get_property (GObject *object,
                                 guint id,
                                 GValue *value,
                                 GParamSpec *pspec)
{
  if (id == PROP_AS_TABLE)
    g_value_set_boolean (value, NMD_SAMPLE_BROWSER (object)->as_table);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_sample_browser_set_property (GObject *object,
                                 guint id,
                                 const GValue *value,
                                 GParamSpec *pspec)
{
  if (id == PROP_AS_TABLE)
    set_as_table (NMD_SAMPLE_BROWSER (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_sample_browser_dispose (GObject *object)
{
  NmdSampleBrowser *self = NMD_SAMPLE_BROWSER (object);
  NmdSampleTable *columns = g_steal_pointer (&self->columns); /* cells look at them */

  g_clear_handle_id (&self->settle_id, g_source_remove);
  g_clear_handle_id (&self->renew_id, g_source_remove);
  g_clear_object (&self->selection);
  g_clear_object (&self->sorted);
  g_clear_object (&self->filtered);
  g_clear_object (&self->current);
  g_clear_object (&self->facts);
  g_clear_object (&self->data);
  gtk_widget_dispose_template (GTK_WIDGET (self), NMD_TYPE_SAMPLE_BROWSER);
  g_clear_pointer (&columns, nmd_sample_table_free);
  G_OBJECT_CLASS (nmd_sample_browser_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdSampleBrowser, child)

static void
nmd_sample_browser_class_init (NmdSampleBrowserClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = nmd_sample_browser_get_property;
  object_class->set_property = nmd_sample_browser_set_property;
  object_class->dispose = nmd_sample_browser_dispose;
  properties[PROP_AS_TABLE] = g_param_spec_boolean (
      "as-table", NULL, NULL, FALSE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[CHOSEN] = g_signal_new ("chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, NMD_TYPE_SAMPLE);
  signals[SELECTION_CHANGED] = g_signal_new ("selection-changed", type, G_SIGNAL_RUN_LAST,
                                             0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CLEAR] = g_signal_new ("clear", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-sample-browser.ui");
  BIND (stack);
  BIND (grid_scroller);
  BIND (grid);
  BIND (table);
  BIND (order);
  BIND (descending_button);
  BIND (grid_button);
  BIND (table_button);
  BIND (clear_button);
}

static void
nmd_sample_browser_init (NmdSampleBrowser *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), NULL);
  gtk_grid_view_set_factory (self->grid, factory);
  g_signal_connect_object (gtk_scrolled_window_get_hadjustment (self->grid_scroller),
                           "notify::page-size", G_CALLBACK (fit_columns), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (GTK_WIDGET (self->grid), "nmd-grid");
  nmd_tab_leaves_set (GTK_WIDGET (self->grid));
  nmd_tab_leaves_set (GTK_WIDGET (self->table));
  g_signal_connect_swapped (self->table_button, "toggled", G_CALLBACK (on_view_toggled),
                            self);
  g_signal_connect_swapped (self->order, "notify::selected", G_CALLBACK (on_order), self);
  g_signal_connect_swapped (self->descending_button, "toggled", G_CALLBACK (on_order),
                            self);
  g_signal_connect_swapped (self->clear_button, "clicked", G_CALLBACK (on_clear), self);
}
