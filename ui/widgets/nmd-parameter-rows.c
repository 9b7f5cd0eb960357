/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings rows from the parameter table: names, ranges, defaults and help are the
 * table's.
 */
#include "ui/widgets/nmd-parameter-rows.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  NmdRecipeSession *session;
  const NmdParameterInfo *info;
  GtkWidget *row;
  GtkWidget *control;
  gboolean setting; /* the program moves the control */
} Row;

static void
row_free (gpointer data)
{
  Row *row = data;

  g_object_unref (row->session);
  g_free (row);
}

const NmdParameterInfo *
nmd_parameter_find (const char *name)
{
  guint n = 0;
  const NmdParameterInfo *table = nmd_parameters_list (&n);

  for (guint i = 0; i < n; i++)
    if (strcmp (table[i].name, name) == 0)
      return &table[i];
  return NULL;
}

const char *
nmd_parameter_group_title (const char *group)
{
  const struct
  {
    const char *name, *title;
  } titles[] = {
    { "preprocessing", _ ("Preprocessing") },
    { "augmentation", _ ("Augmentation") },
    { "outline", _ ("Outline") },
    { "split", _ ("Split") },
    { "recipe", _ ("Recipe") },
    { "averaging", _ ("Weight Averaging") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (strcmp (titles[i].name, group) == 0)
      return titles[i].title;
  return group;
}

const char *
nmd_parameter_choice_title (const char *name, const char *choice)
{
  const struct
  {
    const char *name, *choice, *title;
  } titles[] = {
    { "split", "paper", _ ("As in the paper") },
    { "split", "threeway", _ ("Three-way by subject") },
    { "split", "kfold", _ ("K-fold by subject") },
    { "split", "image", _ ("By image (leaks)") },
    { "split", "stated", _ ("As the data set states") },
    { "background", "keep", _ ("Keep") },
    { "background", "black", _ ("Black") },
    { "background", "whole", _ ("Whole frame") },
    { "class-weights", "none", _ ("None") },
    { "class-weights", "balanced", _ ("Balanced") },
    { "threshold-from", "fixed", _ ("Fixed") },
    { "threshold-from", "validation", _ ("Validation part") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (strcmp (titles[i].name, name) == 0 && strcmp (titles[i].choice, choice) == 0)
      return titles[i].title;
  return choice;
}

char *
nmd_parameters_describe_changes (const NmdParameters *parameters)
{
  guint n = 0;
  const NmdParameterInfo *table = nmd_parameters_list (&n);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    if (nmd_parameters_get (parameters, table[i].name)
        != nmd_parameter_get_standard (&table[i], nmd_parameters_get_task (parameters)))
      {
        g_autofree char *value = nmd_parameters_to_text (parameters, table[i].name);
        const char *shown = table[i].kind == NMD_PARAMETER_CHOICE
                                ? nmd_parameter_choice_title (table[i].name, value)
                                : value;
        g_string_append_printf (text, "%s%s: %s", text->len > 0 ? ", " : "",
                                _ (table[i].title), shown);
      }
  return g_string_free (text, FALSE);
}

static void
show_error (Row *row, const GError *error)
{
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row->row),
                               error != NULL ? error->message : "");
  if (error != NULL)
    gtk_widget_add_css_class (row->control, "error");
  else
    gtk_widget_remove_css_class (row->control, "error");
}

static void
set_value (Row *row, double value)
{
  g_autoptr (GError) error = NULL;

  if (row->setting)
    return;
  nmd_recipe_session_set (row->session, row->info->name, value, &error);
  show_error (row, error);
}

static void
on_spin (Row *row)
{
  set_value (row, gtk_spin_button_get_value (GTK_SPIN_BUTTON (row->control)));
}

static void
on_switch (Row *row)
{
  set_value (row, gtk_switch_get_active (GTK_SWITCH (row->control)));
}

static void
on_combo (Row *row)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (row->row));

  if (selected != GTK_INVALID_LIST_POSITION)
    set_value (row, selected);
}

/* An entry is read when the user leaves it or presses Enter, in the form of files
 * ("1e-5") or with a decimal comma. */
static void
on_entry (Row *row)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdParameters) copy = NULL;
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (row->control)));

  if (row->setting)
    return;
  g_strdelimit (text, ",", '.');
  copy = nmd_parameters_copy (nmd_recipe_session_get_parameters (row->session));
  if (nmd_parameters_set_text (copy, row->info->name, text, &error))
    nmd_recipe_session_set (row->session, row->info->name,
                            nmd_parameters_get (copy, row->info->name), &error);
  show_error (row, error);
}

static void
on_parameters (Row *row)
{
  const NmdParameters *parameters = nmd_recipe_session_get_shown (row->session);
  double value = nmd_parameters_get (parameters, row->info->name);

  row->setting = TRUE;
  switch (row->info->kind)
    {
    case NMD_PARAMETER_INT:
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (row->control), value);
      break;
    case NMD_PARAMETER_DOUBLE:
      {
        g_autofree char *text = nmd_parameters_to_text (parameters, row->info->name);
        gtk_editable_set_text (GTK_EDITABLE (row->control), text);
        break;
      }
    case NMD_PARAMETER_SWITCH:
      gtk_switch_set_active (GTK_SWITCH (row->control), value != 0);
      break;
    case NMD_PARAMETER_CHOICE:
      adw_combo_row_set_selected (ADW_COMBO_ROW (row->row), (guint)value);
      break;
    }
  row->setting = FALSE;
  show_error (row, NULL);
}

static void
on_session_parameters (NmdRecipeSession *session, GtkWidget *widget)
{
  on_parameters (g_object_get_data (G_OBJECT (widget), "row"));
}

static GtkWidget *
combo_row_new (Row *row)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  for (guint i = 0; row->info->choices[i] != NULL; i++)
    gtk_string_list_append (
        list, nmd_parameter_choice_title (row->info->name, row->info->choices[i]));
  row->row = adw_combo_row_new ();
  row->control = row->row;
  adw_combo_row_set_model (ADW_COMBO_ROW (row->row), G_LIST_MODEL (list));
  g_signal_connect_swapped (row->row, "notify::selected", G_CALLBACK (on_combo), row);
  return row->row;
}

static GtkWidget *
control_new (Row *row)
{
  const NmdParameterInfo *info = row->info;

  if (info->kind == NMD_PARAMETER_SWITCH)
    {
      GtkWidget *control = gtk_switch_new ();
      g_signal_connect_swapped (control, "notify::active", G_CALLBACK (on_switch), row);
      return control;
    }
  if (info->kind == NMD_PARAMETER_INT)
    {
      GtkWidget *control
          = gtk_spin_button_new_with_range (info->minimum, info->maximum, 1);
      gtk_editable_set_width_chars (GTK_EDITABLE (control), 5);
      gtk_editable_set_max_width_chars (GTK_EDITABLE (control), 5);
      gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (control), TRUE);
      g_signal_connect_swapped (control, "value-changed", G_CALLBACK (on_spin), row);
      return control;
    }
  GtkWidget *control = gtk_entry_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  gtk_editable_set_width_chars (GTK_EDITABLE (control), 7);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (control), 7);
  gtk_editable_set_alignment (GTK_EDITABLE (control), 1);
  gtk_widget_add_css_class (control, "numeric");
  g_signal_connect_swapped (control, "activate", G_CALLBACK (on_entry), row);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_entry), row);
  gtk_widget_add_controller (control, focus);
  return control;
}

GtkWidget *
nmd_parameter_row_new (NmdRecipeSession *session, const NmdParameterInfo *info)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (session) && info != NULL, NULL);

  Row *row = g_new0 (Row, 1);
  g_autofree char *tooltip = NULL;
  row->session = g_object_ref (session);
  row->info = info;
  if (info->kind == NMD_PARAMETER_CHOICE)
    combo_row_new (row);
  else
    {
      row->row = adw_action_row_new ();
      row->control = control_new (row);
      gtk_widget_set_valign (row->control, GTK_ALIGN_CENTER);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row->row), row->control);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row->row), row->control);
      gtk_accessible_update_property (GTK_ACCESSIBLE (row->control),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, _ (info->title), -1);
    }
  /* Translators: where a setting's default comes from */
  tooltip = g_strdup_printf (_ ("%s\nSource of the default: %s"), _ (info->help),
                             _ (info->source));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row->row), _ (info->title));
  gtk_widget_set_tooltip_text (row->row, tooltip);
  g_object_set_data_full (G_OBJECT (row->row), "row", row, row_free);
  on_parameters (row);
  g_signal_connect_object (session, "changed", G_CALLBACK (on_session_parameters),
                           row->row, 0);
  return row->row;
}
