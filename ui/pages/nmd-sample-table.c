/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns of a column view. Their texts and keys are the facts'.
 */
#include "ui/pages/nmd-sample-table.h"

#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-sample-sorter.h"
#include "ui/widgets/nmd-thumbnail.h"

#include <glib/gi18n.h>
#include <string.h>

#define THUMBNAIL_SIZE 32
#define CELL_PADDING 6 /* of style.css, and a little */

typedef struct
{
  NmdSampleFacts *facts; /* borrowed from the table */
  NmdSampleFact fact;
  char *name;                  /* (nullable): of a further column */
  char *order;                 /* name of the order by it */
  GtkColumnViewColumn *column; /* borrowed from the view */
  gboolean is_seen;
} Column;

struct _NmdSampleTable
{
  GtkColumnView *view; /* borrowed */
  NmdSampleFacts *facts;
  GPtrArray *columns; /* Column */
};

static void
column_free (gpointer data)
{
  Column *column = data;

  g_free (column->name);
  g_free (column->order);
  g_free (column);
}

static char *
cell_text (gpointer item, const char **css, gpointer data)
{
  const Column *column = data;
  g_autofree char *text
      = nmd_sample_facts_get_text (column->facts, item, column->fact, column->name);

  /* the folders stand in the tooltip of the thumbnail */
  if (column->fact == NMD_FACT_NAME)
    return g_path_get_basename (text);
  if (column->fact == NMD_FACT_PREDICTED
      && nmd_sample_facts_get_predicted (column->facts, item)
             == 1 - NMD_SAMPLE (item)->label)
    *css = "error";
  return *text != '\0' ? g_steal_pointer (&text) : g_strdup ("–");
}

static void
add (NmdSampleTable *self,
     NmdSampleFact fact,
     const char *name,
     const char *title,
     const char *order,
     gboolean numeric)
{
  Column *column = g_new0 (Column, 1);

  column->facts = self->facts;
  column->fact = fact;
  column->name = g_strdup (name);
  column->order = g_strdup (order != NULL ? order : title);
  column->column
      = nmd_column_add (self->view, title, numeric, fact == NMD_FACT_NAME, cell_text,
                        column, nmd_sample_sorter_new (self->facts, fact, name));
  column->is_seen = TRUE;
  g_ptr_array_add (self->columns, column);
}

/* Thumbnails */

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *thumbnail = nmd_thumbnail_new (THUMBNAIL_SIZE);

  gtk_widget_set_halign (thumbnail, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (thumbnail, "nmd-bare");
  gtk_list_item_set_child (item, thumbnail);
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
add_thumbnails (NmdSampleTable *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), NULL);
  g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new ("", factory);
  gtk_column_view_append_column (self->view, column);
}

/* Columns */

/* Whether @fact is known of @sample; looked at until one has it. */
static gboolean
has_fact (NmdSampleTable *self, NmdSample *sample, NmdSampleFact fact)
{
  switch (fact)
    {
    case NMD_FACT_MUSCLE:
      return sample->muscle != NULL && *sample->muscle != '\0';
    case NMD_FACT_PART:
      return nmd_sample_facts_get_part (self->facts, sample) != NMD_PART_NONE;
    case NMD_FACT_PROBLEMS:
      return sample->problems != 0;
    default:
      return TRUE;
    }
}

static gboolean
is_known (NmdSampleTable *self, NmdSampleFact fact)
{
  NmdDataset *dataset = nmd_sample_facts_get_dataset (self->facts);
  const guint n = dataset != NULL ? nmd_dataset_get_n (dataset) : 0;

  if (fact == NMD_FACT_SCORE || fact == NMD_FACT_PREDICTED || fact == NMD_FACT_WRONG)
    return nmd_sample_facts_has_scores (self->facts);
  for (guint i = 0; i < n; i++)
    if (has_fact (self, nmd_dataset_get (dataset, i), fact))
      return TRUE;
  return n == 0 && fact != NMD_FACT_MUSCLE && fact != NMD_FACT_PART
         && fact != NMD_FACT_PROBLEMS;
}

static gboolean
is_numeric (NmdSampleTable *self, const char *name)
{
  NmdDataset *dataset = nmd_sample_facts_get_dataset (self->facts);
  NmdSample *sample
      = nmd_dataset_get_n (dataset) > 0 ? nmd_dataset_get (dataset, 0) : NULL;
  const char *cell = sample != NULL && sample->attributes != NULL
                         ? g_hash_table_lookup (sample->attributes, name)
                         : NULL;

  return cell != NULL && strspn (cell, "0123456789.-") == strlen (cell) && *cell != '\0';
}

/* Whether the further columns are those of @names already. */
static gboolean
has_further (NmdSampleTable *self, const char *const *names)
{
  guint n = 0;

  for (guint i = 0; i < self->columns->len; i++)
    {
      const Column *column = self->columns->pdata[i];

      if (column->fact != NMD_FACT_COLUMN)
        continue;
      if (g_strcmp0 (column->name, names[n]) != 0)
        return FALSE;
      n++;
    }
  return names[n] == NULL;
}

/* Further columns are those of the data set. */
static void
renew_further (NmdSampleTable *self)
{
  g_auto (GStrv) names = nmd_sample_facts_get_columns (self->facts);

  if (has_further (self, (const char *const *)names))
    return;
  for (guint i = self->columns->len; i-- > 0;)
    {
      Column *column = self->columns->pdata[i];

      if (column->fact != NMD_FACT_COLUMN)
        continue;
      gtk_column_view_remove_column (self->view, column->column);
      g_ptr_array_remove_index (self->columns, i);
    }
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *title = g_strdup (names[i]);

      title[0] = g_ascii_toupper (title[0]);
      add (self, NMD_FACT_COLUMN, names[i], title, NULL, is_numeric (self, names[i]));
    }
}

/* Words of columns that would be cut to a few letters: as wide as the longest. */
static void
fit (NmdSampleTable *self, Column *column)
{
  NmdDataset *dataset = nmd_sample_facts_get_dataset (self->facts);
  const char *words[3] = { NULL, NULL, NULL };
  int most = 0;

  if (column->fact == NMD_FACT_NAME)
    words[0] = "SYN_BB_anon_348_1.png"; /* such names as the published set has */
  else if (column->fact == NMD_FACT_PART)
    for (int part = NMD_PART_TRAIN; part <= NMD_PART_TEST; part++)
      words[part - NMD_PART_TRAIN] = nmd_part_get_title ((NmdPart)part);
  else if (column->fact == NMD_FACT_LABEL || column->fact == NMD_FACT_PREDICTED)
    for (int label = 0; label < 2 && dataset != NULL; label++)
      words[label] = nmd_dataset_get_class (dataset, label);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr (PangoLayout) layout
          = gtk_widget_create_pango_layout (GTK_WIDGET (self->view), words[i]);
      int width = 0;

      pango_layout_get_pixel_size (layout, &width, NULL);
      most = MAX (most, words[i] != NULL ? width : 0);
    }
  if (most > 0)
    gtk_column_view_column_set_fixed_width (column->column, most + 2 * CELL_PADDING);
}

void
nmd_sample_table_renew (NmdSampleTable *self)
{
  gboolean is_descending = FALSE;
  NmdSampleSorter *first = nmd_sample_sorter_find_first (
      gtk_column_view_get_sorter (self->view), &is_descending);
  const char *name = NULL;
  const NmdSampleFact fact
      = first != NULL ? nmd_sample_sorter_get_fact (first, &name) : NMD_FACT_NAME;
  g_autofree char *former = g_strdup (name);

  renew_further (self);
  for (guint i = 0; i < self->columns->len; i++)
    {
      Column *column = self->columns->pdata[i];

      column->is_seen = is_known (self, column->fact);
      gtk_column_view_column_set_visible (column->column, column->is_seen);
      fit (self, column);
      if (first == NULL || column->fact != fact || g_strcmp0 (column->name, former) != 0)
        continue;
      gtk_column_view_sort_by_column (self->view, column->is_seen ? column->column : NULL,
                                      is_descending ? GTK_SORT_DESCENDING
                                                    : GTK_SORT_ASCENDING);
    }
}

/* Orders */

GtkStringList *
nmd_sample_table_get_orders (NmdSampleTable *self)
{
  GtkStringList *list = gtk_string_list_new (NULL);

  for (guint i = 0; i < self->columns->len; i++)
    {
      const Column *column = self->columns->pdata[i];

      if (column->is_seen)
        gtk_string_list_append (list, column->order);
    }
  return list;
}

void
nmd_sample_table_sort (NmdSampleTable *self, guint order, gboolean is_descending)
{
  guint place = 0;

  for (guint i = 0; i < self->columns->len; i++)
    {
      const Column *column = self->columns->pdata[i];

      if (!column->is_seen || place++ != order)
        continue;
      /* a data set is in that order already */
      const gboolean as_it_is = column->fact == NMD_FACT_NAME && !is_descending;
      gtk_column_view_sort_by_column (self->view, as_it_is ? NULL : column->column,
                                      is_descending ? GTK_SORT_DESCENDING
                                                    : GTK_SORT_ASCENDING);
      return;
    }
}

guint
nmd_sample_table_get_order (NmdSampleTable *self, gboolean *is_descending)
{
  NmdSampleSorter *first = nmd_sample_sorter_find_first (
      gtk_column_view_get_sorter (self->view), is_descending);
  const char *name = NULL;
  const NmdSampleFact fact
      = first != NULL ? nmd_sample_sorter_get_fact (first, &name) : NMD_FACT_NAME;
  guint place = 0;

  if (first == NULL)
    *is_descending = FALSE;
  for (guint i = 0; i < self->columns->len; i++)
    {
      const Column *column = self->columns->pdata[i];

      if (column->fact == fact && g_strcmp0 (column->name, name) == 0)
        return column->is_seen ? place : 0;
      place += column->is_seen;
    }
  return 0;
}

/* Object */

NmdSampleTable *
nmd_sample_table_new (GtkColumnView *view, NmdSampleFacts *facts)
{
  g_return_val_if_fail (GTK_IS_COLUMN_VIEW (view) && NMD_IS_SAMPLE_FACTS (facts), NULL);

  NmdSampleTable *self = g_new0 (NmdSampleTable, 1);
  self->view = view;
  self->facts = g_object_ref (facts);
  self->columns = g_ptr_array_new_with_free_func (column_free);
  add_thumbnails (self);
  add (self, NMD_FACT_NAME, NULL, _ ("Name"), NULL, FALSE);
  add (self, NMD_FACT_SUBJECT, NULL, _ ("Subject"), NULL, FALSE);
  add (self, NMD_FACT_MUSCLE, NULL, _ ("Muscle"), NULL, FALSE);
  add (self, NMD_FACT_LABEL, NULL, _ ("Label"), NULL, FALSE);
  /* Translators: title of a narrow column: echo intensity */
  add (self, NMD_FACT_ECHO, NULL, _ ("Echo"), _ ("Echo intensity"), TRUE);
  /* Translators: title of a narrow column: standard deviation of the echo intensity */
  add (self, NMD_FACT_ECHO_SD, NULL, _ ("SD"), _ ("SD of echo intensity"), TRUE);
  add (self, NMD_FACT_SCORE, NULL, _ ("Score"), NULL, TRUE);
  /* Translators: title of a narrow column: how far a score is from the label, 0 to 1 */
  add (self, NMD_FACT_WRONG, NULL, _ ("Off by"), _ ("Most wrong first"), TRUE);
  add (self, NMD_FACT_PREDICTED, NULL, _ ("Predicted"), NULL, FALSE);
  add (self, NMD_FACT_PART, NULL, _ ("Part"), NULL, FALSE);
  add (self, NMD_FACT_PROBLEMS, NULL, _ ("Problems"), NULL, TRUE);
  return self;
}

void
nmd_sample_table_free (NmdSampleTable *self)
{
  g_object_unref (self->facts);
  g_ptr_array_unref (self->columns);
  g_free (self);
}
