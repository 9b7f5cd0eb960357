/* SPDX-License-Identifier: Apache-2.0
 *
 * Named settings. What a setting may be, is the engine's parameter table.
 */
#include "ui/pages/nmd-saved-recipes.h"

#include "engine/core/nmd-json.h"
#include "ui/dialogs/nmd-question.h"

#include <glib/gi18n.h>

#define KEY "recipes"

struct _NmdSavedRecipes
{
  GtkBox parent_instance;

  GtkMenuButton *button;
  GtkBox *list;
  GtkEntry *name;
  GtkLabel *problem;
  GSettings *settings; /* NULL where the schema is not installed */
  NmdRecipeSession *session;
  char *asked; /* (nullable): the name that a question is about */
};

G_DEFINE_FINAL_TYPE (NmdSavedRecipes, nmd_saved_recipes, GTK_TYPE_BOX)

/* Keeping: a map from names to a task's word, a new line, and its parameters as JSON */

static const char *const task_words[NMD_N_TASKS]
    = { [NMD_TASK_CLASSIFY] = "classify", [NMD_TASK_SEGMENT] = "segment" };

static void
tell (NmdSavedRecipes *self, const char *text)
{
  gtk_label_set_text (self->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), text != NULL);
}

/* All but @name, and @json (nullable) by that name. */
static void
keep (NmdSavedRecipes *self, const char *name, const char *json)
{
  g_autoptr (GVariant) old = g_settings_get_value (self->settings, KEY);
  GVariantBuilder builder;
  GVariantIter iter;
  const char *key = NULL, *value = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  g_variant_iter_init (&iter, old);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    if (!g_str_equal (key, name))
      g_variant_builder_add (&builder, "{ss}", key, value);
  if (json != NULL)
    g_variant_builder_add (&builder, "{ss}", name, json);
  g_settings_set_value (self->settings, KEY, g_variant_builder_end (&builder));
}

/* Takes the settings of @text for its task, all or none. */
static gboolean
take (NmdSavedRecipes *self, const char *name, const char *text, GError **error)
{
  const NmdTask task = g_str_has_prefix (text, task_words[NMD_TASK_SEGMENT])
                           ? NMD_TASK_SEGMENT
                           : NMD_TASK_CLASSIFY;
  const char *json = strchr (text, '{') != NULL ? strchr (text, '{') : "";
  g_autoptr (JsonNode) node = nmd_json_parse (json, strlen (json), name, error);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new_for (task);
  guint n = 0;
  const NmdParameterInfo *table = nmd_parameters_list (&n);

  if (node == NULL || !nmd_parameters_from_json (parameters, node, error))
    return FALSE;
  nmd_recipe_session_set_task (self->session, task);
  for (guint i = 0; i < n; i++)
    if (nmd_parameter_is_for (&table[i], task)
        && !nmd_recipe_session_set (self->session, table[i].name,
                                    nmd_parameters_get (parameters, table[i].name),
                                    error))
      return FALSE;
  return TRUE;
}

static void
on_load (GtkButton *button, NmdSavedRecipes *self)
{
  const char *name = g_object_get_data (G_OBJECT (button), "nmd-recipe");
  g_autoptr (GVariant) all = g_settings_get_value (self->settings, KEY);
  g_autoptr (GError) error = NULL;
  const char *json = NULL;

  if (!g_variant_lookup (all, name, "&s", &json))
    return;
  if (take (self, name, json, &error))
    gtk_menu_button_popdown (self->button);
  else
    tell (self, error->message);
}

/* Asks before what is kept as @name (transfer full) is lost; the menu would cover the question. */
static void
ask (NmdSavedRecipes *self,
     char *name,
     const char *heading,
     const char *accept,
     void (*func) (gpointer self))
{
  /* Translators: the placeholder is the name of saved settings */
  g_autofree char *body = g_strdup_printf (_ ("What is saved as “%s” is lost."), name);

  g_free (self->asked);
  self->asked = name;
  gtk_menu_button_popdown (self->button);
  nmd_question_present (GTK_WIDGET (self), heading, body, accept, func, G_OBJECT (self));
}

static void
forget (gpointer data)
{
  NmdSavedRecipes *self = data;

  keep (self, self->asked, NULL);
}

static void
on_forget (GtkButton *button, NmdSavedRecipes *self)
{
  const char *name = g_object_get_data (G_OBJECT (button), "nmd-recipe");

  ask (self, g_strdup (name), _ ("Forget These Settings?"), _ ("_Forget"), forget);
}

static void
save_as (NmdSavedRecipes *self, const char *name)
{
  g_autoptr (JsonNode) node
      = nmd_parameters_to_json (nmd_recipe_session_get_parameters (self->session));
  g_autofree char *json = nmd_json_to_text (node);
  g_autofree char *text = g_strdup_printf (
      "%s\n%s", task_words[nmd_recipe_session_get_task (self->session)], json);

  keep (self, name, text);
  gtk_editable_set_text (GTK_EDITABLE (self->name), "");
}

static void
replace (gpointer data)
{
  NmdSavedRecipes *self = data;

  save_as (self, self->asked);
}

static void
on_save (NmdSavedRecipes *self)
{
  g_autofree char *name
      = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
  g_autoptr (GVariant) all = g_settings_get_value (self->settings, KEY);

  if (*name == '\0')
    return;
  if (g_variant_lookup (all, name, "&s", NULL))
    ask (self, g_steal_pointer (&name), _ ("Replace the Saved Settings?"), _ ("_Replace"),
         replace);
  else
    save_as (self, name);
}

/* Showing */

static GtkWidget *
make_button (NmdSavedRecipes *self, const char *name, GtkWidget *button, GCallback func)
{
  g_object_set_data_full (G_OBJECT (button), "nmd-recipe", g_strdup (name), g_free);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_object (button, "clicked", func, self, 0);
  return button;
}

static void
show (NmdSavedRecipes *self)
{
  g_autoptr (GVariant) all = g_settings_get_value (self->settings, KEY);
  GtkWidget *child = NULL;
  GVariantIter iter;
  const char *name = NULL;

  tell (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_box_remove (self->list, child);
  g_variant_iter_init (&iter, all);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, NULL))
    {
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 3);
      GtkWidget *load = make_button (self, name, gtk_button_new_with_label (name),
                                     G_CALLBACK (on_load));
      GtkWidget *forget = make_button (
          self, name, gtk_button_new_from_icon_name ("user-trash-symbolic"),
          G_CALLBACK (on_forget));
      /* Translators: the placeholder is the name of saved settings */
      g_autofree char *tip = g_strdup_printf (_ ("Forget “%s”"), name);

      gtk_widget_set_hexpand (load, TRUE);
      gtk_widget_set_tooltip_text (forget, tip);
      gtk_accessible_update_property (GTK_ACCESSIBLE (forget),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
      gtk_box_append (GTK_BOX (row), load);
      gtk_box_append (GTK_BOX (row), forget);
      gtk_box_append (self->list, row);
    }
}

void
nmd_saved_recipes_set_session (NmdSavedRecipes *self, NmdRecipeSession *session)
{
  g_return_if_fail (NMD_IS_SAVED_RECIPES (self) && self->session == NULL);

  self->session = g_object_ref (session);
  gtk_widget_set_visible (GTK_WIDGET (self), self->settings != NULL);
  if (self->settings == NULL)
    return;
  g_signal_connect_object (self->settings, "changed::" KEY, G_CALLBACK (show), self,
                           G_CONNECT_SWAPPED);
  show (self);
}

static void
nmd_saved_recipes_dispose (GObject *object)
{
  NmdSavedRecipes *self = NMD_SAVED_RECIPES (object);

  g_clear_object (&self->session);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->asked, g_free);
  G_OBJECT_CLASS (nmd_saved_recipes_parent_class)->dispose (object);
}

static void
nmd_saved_recipes_class_init (NmdSavedRecipesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = nmd_saved_recipes_dispose;
}

static GSettings *
open_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema
      = source != NULL
            ? g_settings_schema_source_lookup (source, "org.nmdassist.NmdAssist", TRUE)
            : NULL;

  return schema != NULL ? g_settings_new ("org.nmdassist.NmdAssist") : NULL;
}

static void
nmd_saved_recipes_init (NmdSavedRecipes *self)
{
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *save = gtk_button_new_with_mnemonic (_ ("_Keep These Settings"));

  self->settings = open_settings ();
  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  self->list = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 3));
  self->name = GTK_ENTRY (gtk_entry_new ());
  self->problem = GTK_LABEL (gtk_label_new (NULL));
  gtk_menu_button_set_label (self->button, _ ("_Saved Settings"));
  gtk_menu_button_set_use_underline (self->button, TRUE);
  gtk_entry_set_placeholder_text (self->name, _ ("Name of these settings"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->name),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Name of these settings"), -1);
  gtk_label_set_wrap (self->problem, TRUE);
  gtk_label_set_max_width_chars (self->problem, 30);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->name));
  gtk_box_append (GTK_BOX (box), save);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->problem));
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_menu_button_set_popover (self->button, popover);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->button));
  g_signal_connect_object (save, "clicked", G_CALLBACK (on_save), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->name, "activate", G_CALLBACK (on_save), self,
                           G_CONNECT_SWAPPED);
}
