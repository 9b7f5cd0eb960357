/* SPDX-License-Identifier: Apache-2.0
 *
 * The person of a visit. What follows from it is the session's and the engine's.
 */
#include "ui/pages/nmd-person-panel.h"

#include "engine/core/nmd-number.h"
#include "ui/dialogs/nmd-file-dialog.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdPersonPanel
{
  GtkBox parent_instance;

  GtkEntry *age, *height, *weight;
  GtkDropDown *sex;
  GtkLabel *z;
  NmdVisitSession *visit;
};

G_DEFINE_FINAL_TYPE (NmdPersonPanel, nmd_person_panel, GTK_TYPE_BOX)

/* A decimal comma is a point here; anything else that is no number is marked and counts as unknown. */
static double
get_number (GtkEntry *entry)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry)));
  double value = NAN;

  g_strdelimit (text, ",", '.');
  gboolean empty = *g_strstrip (text) == '\0';
  gboolean good = nmd_number_parse (text, &value, NULL) && value > 0;
  if (good || empty)
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
  return good ? value : NAN;
}

static void
on_person (NmdPersonPanel *self)
{
  guint sex = gtk_drop_down_get_selected (self->sex);
  NmdPerson person = NMD_PERSON_UNKNOWN;

  if (self->visit == NULL)
    return;
  person.value[NMD_COVARIATE_AGE] = get_number (self->age);
  person.value[NMD_COVARIATE_LENGTH] = get_number (self->height);
  person.value[NMD_COVARIATE_WEIGHT] = get_number (self->weight);
  person.value[NMD_COVARIATE_MALE] = sex == 1 ? 0 : sex == 2 ? 1 : NAN;
  nmd_visit_session_set_person (self->visit, &person);
}

static void
on_reference_chosen (const char *path, gpointer panel)
{
  nmd_visit_session_open_reference (NMD_PERSON_PANEL (panel)->visit, path);
}

static void
on_reference (NmdPersonPanel *self)
{
  const char *const suffixes[] = { "json", NULL };
  const NmdFileRequest request
      = { _ ("Open a Reference for z"), GTK_FILE_CHOOSER_ACTION_OPEN,
          _ ("Reference (JSON)"), suffixes };

  nmd_file_dialog_present (GTK_WIDGET (self), &request, on_reference_chosen,
                           G_OBJECT (self));
}

void
nmd_person_panel_set_session (NmdPersonPanel *self, NmdVisitSession *visit)
{
  g_return_if_fail (NMD_IS_PERSON_PANEL (self) && self->visit == NULL);
  self->visit = g_object_ref (visit);
}

void
nmd_person_panel_show (NmdPersonPanel *self, NmdVisitItem *item)
{
  g_return_if_fail (NMD_IS_PERSON_PANEL (self));
  gtk_widget_set_visible (GTK_WIDGET (self), item != NULL);
  if (item == NULL)
    return;
  g_autofree char *text = nmd_visit_session_describe_z (self->visit, item);
  gtk_label_set_text (self->z, text);
}

static void
nmd_person_panel_dispose (GObject *object)
{
  g_clear_object (&NMD_PERSON_PANEL (object)->visit);
  G_OBJECT_CLASS (nmd_person_panel_parent_class)->dispose (object);
}

static void
nmd_person_panel_class_init (NmdPersonPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = nmd_person_panel_dispose;
}

static GtkEntry *
entry_new (NmdPersonPanel *self, GtkBox *box, const char *hint)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), hint);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 5);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 6);
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_widget_set_tooltip_text (entry, hint);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  hint, -1);
  g_signal_connect_object (entry, "changed", G_CALLBACK (on_person), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (box, entry);
  return GTK_ENTRY (entry);
}

static void
nmd_person_panel_init (NmdPersonPanel *self)
{
  const char *const sexes[] = { _ ("sex"), _ ("female"), _ ("male"), NULL };
  GtkBox *first = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));
  GtkBox *second = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Reference…"));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  self->age = entry_new (self, first, _ ("age"));
  self->sex = GTK_DROP_DOWN (gtk_drop_down_new_from_strings (sexes));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->sex),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Sex"), -1);
  g_signal_connect_object (self->sex, "notify::selected", G_CALLBACK (on_person), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (first, GTK_WIDGET (self->sex));
  self->height = entry_new (self, second, _ ("height, cm"));
  self->weight = entry_new (self, second, _ ("weight, kg"));
  gtk_widget_set_tooltip_text (
      button, _ ("Open a reference file for z; “nmd zscore fit” makes one from healthy "
                 "subjects"));
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_reference), self,
                           G_CONNECT_SWAPPED);
  self->z = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->z, TRUE);
  gtk_label_set_xalign (self->z, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->z), "numeric");
  gtk_box_append (first, button);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (first));
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (second));
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->z));
}
