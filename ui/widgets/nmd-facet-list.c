/* SPDX-License-Identifier: Apache-2.0
 *
 * Check buttons of a filter's facets, and sliders of its ranges. What is chosen and counted is the filter's.
 */
#include "ui/widgets/nmd-facet-list.h"

#include "ui/widgets/nmd-range-row.h"

#include <glib/gi18n.h>

static void
show_count (GtkWidget *check)
{
  const NmdFacetValue *value = g_object_get_data (G_OBJECT (check), "value");
  GtkWidget *count = g_object_get_data (G_OBJECT (check), "count");
  g_autofree char *text = g_strdup_printf ("%u", value->n);

  gtk_label_set_text (GTK_LABEL (count), text);
}

static void
renew_counts (GtkBox *box)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (box)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (g_object_get_data (G_OBJECT (child), "value") != NULL)
      show_count (child);
}

static void
on_toggled (GtkCheckButton *check, NmdSampleFilter *filter)
{
  nmd_sample_filter_choose (filter, g_object_get_data (G_OBJECT (check), "value"),
                            gtk_check_button_get_active (check));
}

static GtkWidget *
check_new (NmdSampleFilter *filter, NmdFacetValue *value)
{
  GtkWidget *check = gtk_check_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (value->title);
  GtkWidget *count = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (count, "dim-label");
  gtk_widget_add_css_class (count, "numeric");
  gtk_widget_add_css_class (count, "caption");
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), count);
  gtk_widget_set_hexpand (box, TRUE);
  /* GtkCheckButton of 4.8 can have a child: it is the one after the indicator. */
  gtk_check_button_set_child (GTK_CHECK_BUTTON (check), box);
  g_object_set_data (G_OBJECT (check), "value", value);
  g_object_set_data (G_OBJECT (check), "count", count);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  value->title, -1);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), value->chosen);
  show_count (check);
  g_signal_connect_object (check, "toggled", G_CALLBACK (on_toggled), filter, 0);
  return check;
}

static GtkWidget *
label_new (const char *text, const char *css)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, css);
  gtk_widget_add_css_class (label, "nmd-facet");
  return label;
}

static void
add_facet (GtkBox *box, NmdSampleFilter *filter, NmdFacet *facet)
{
  gtk_box_append (box, label_new (facet->title, "caption-heading"));
  for (guint v = 0; v < facet->values->len; v++)
    gtk_box_append (box, check_new (filter, g_ptr_array_index (facet->values, v)));
}

static gboolean
is_of_image (const NmdFacet *facet)
{
  return facet->kind != NMD_FACET_PROBLEM && facet->kind != NMD_FACET_COLUMN;
}

static void
on_facets_changed (NmdSampleFilter *filter, GtkBox *box)
{
  GPtrArray *facets = nmd_sample_filter_get_facets (filter);
  GPtrArray *ranges = nmd_sample_filter_get_ranges (filter);
  guint f = 0;
  GtkWidget *child = NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
  if (nmd_sample_filter_is_waiting (filter))
    {
      GtkWidget *note
          = label_new (_ ("Filters appear here when all images are read."), "caption");
      gtk_widget_add_css_class (note, "dim-label");
      gtk_box_append (box, note);
    }
  /* What an image is, what it measures, what is wrong with it, what else is known. */
  for (; f < facets->len && is_of_image (facets->pdata[f]); f++)
    add_facet (box, filter, facets->pdata[f]);
  for (guint r = 0; r < ranges->len; r++)
    {
      NmdRange *range = g_ptr_array_index (ranges, r);

      gtk_box_append (box, label_new (range->title, "caption-heading"));
      gtk_box_append (box, nmd_range_row_new (filter, range));
    }
  for (; f < facets->len; f++)
    add_facet (box, filter, facets->pdata[f]);
}

void
nmd_facet_list_connect (GtkBox *box, NmdSampleFilter *filter)
{
  g_return_if_fail (GTK_IS_BOX (box) && NMD_IS_SAMPLE_FILTER (filter));
  gtk_widget_add_css_class (GTK_WIDGET (box), "nmd-facets");
  g_signal_connect_object (filter, "facets-changed", G_CALLBACK (on_facets_changed), box,
                           0);
  g_signal_connect_object (filter, "changed", G_CALLBACK (renew_counts), box,
                           G_CONNECT_SWAPPED);
  on_facets_changed (filter, box);
}
