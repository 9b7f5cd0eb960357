/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the recipe. Values are checked and kept by the recipe session.
 */
#include "ui/pages/nmd-recipe-panel.h"

#include "ui/dialogs/nmd-file-dialog.h"
#include "ui/dialogs/nmd-network-dialog.h"
#include "ui/pages/nmd-saved-recipes.h"
#include "ui/widgets/nmd-device-rows.h"
#include "ui/widgets/nmd-parameter-rows.h"

#include <glib/gi18n.h>
#include <string.h>

struct _NmdRecipePanel
{
  GtkBox parent_instance;

  AdwComboRow *task;
  AdwComboRow *preset;
  AdwComboRow *network;
  AdwActionRow *layers;
  AdwComboRow *organ;
  AdwActionRow *initial;
  GtkButton *initial_clear;
  AdwPreferencesGroup *main_group;
  AdwPreferencesGroup *device_group;
  AdwPreferencesGroup *detail_group;
  GtkLabel *changes;
  GtkButton *reset_button;
  NmdSavedRecipes *saved;

  NmdRecipeSession *recipe;
  NmdDeviceSession *devices;
  NmdTrainingSession *training;
  NmdTask built_for; /* networks and rows are this task's */
  GPtrArray *rows;   /* of GtkWidget: those of the parameter table, borrowed */
  const char *network_names[16];
  guint own_network
      [NMD_N_TASKS]; /* chosen, while the other task's or a training's is shown */
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (NmdRecipePanel, nmd_recipe_panel, GTK_TYPE_BOX)

/* The task of the settings that are shown. */
static NmdTask
shown_task (NmdRecipePanel *self)
{
  return self->recipe != NULL
             ? nmd_parameters_get_task (nmd_recipe_session_get_shown (self->recipe))
             : NMD_TASK_CLASSIFY;
}

/* Presets. The paper takes outlines as given, and a quick look is measured for classifiers. */

static const NmdPreset presets[NMD_N_TASKS][4] = {
  { NMD_PRESET_PAPER, NMD_PRESET_RECOMMENDED, NMD_PRESET_QUICK_LOOK, NMD_PRESET_OWN },
  { NMD_PRESET_RECOMMENDED, NMD_PRESET_OWN, NMD_PRESET_OWN, NMD_PRESET_OWN },
};

static void
add_presets (NmdRecipePanel *self)
{
  const char *const titles[]
      = { _ ("Paper"), _ ("Recommended"), _ ("Quick look"), _ ("Own") };
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  guint n = self->built_for == NMD_TASK_CLASSIFY ? 4 : 2;

  for (guint i = 0; i < n; i++)
    gtk_string_list_append (list, titles[presets[self->built_for][i]]);
  adw_combo_row_set_model (self->preset, G_LIST_MODEL (list));
}

/* Index of a choice of the parameter "split". */
static double
split_index (const char *name)
{
  const NmdParameterInfo *info = nmd_parameter_find ("split");

  for (guint i = 0; info->choices[i] != NULL; i++)
    if (strcmp (info->choices[i], name) == 0)
      return i;
  return info->standard;
}

static NmdPreset
find_preset (const NmdParameters *parameters)
{
  guint n = 0;
  const NmdParameterInfo *table = nmd_parameters_list (&n);
  NmdTask task = nmd_parameters_get_task (parameters);
  gboolean is_paper
      = task == NMD_TASK_CLASSIFY
        && nmd_parameters_get (parameters, "split") == split_index ("paper");

  for (guint i = 0; i < n; i++)
    if (nmd_parameters_get (parameters, table[i].name)
            != nmd_parameter_get_standard (&table[i], task)
        && !(is_paper && strcmp (table[i].name, "split") == 0))
      return NMD_PRESET_OWN;
  return is_paper ? NMD_PRESET_PAPER : NMD_PRESET_RECOMMENDED;
}

static void
describe_preset (NmdRecipePanel *self)
{
  const char *const texts[][2] = {
    { _ ("As published, also the split"),
      _ ("The published recipe; a laptop takes an hour or more") },
    { _ ("With a test part"),
      self->built_for == NMD_TASK_CLASSIFY
          ? _ ("The published recipe with three parts by subject, so that the test part "
               "is out of every choice")
          : _ (
              "Whole frames with three parts by subject, so that the test part is out of "
              "every choice") },
    { _ ("Ends within 3 minutes"),
      _ ("A measured step says how many epochs and images fit into three minutes") },
    { _ ("Settings of your own"), _ ("What differs from the defaults stands below") },
  };
  NmdPreset preset = nmd_recipe_panel_get_preset (self);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->preset), texts[preset][0]);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->preset), texts[preset][1]);
}

static void
select_preset (NmdRecipePanel *self, NmdPreset preset)
{
  gboolean setting = self->setting;

  self->setting = TRUE;
  nmd_recipe_panel_set_preset (self, preset);
  self->setting = setting;
  describe_preset (self);
}

/* A quick look stays one whatever is set: only its epochs and images are its own. */
static void
follow_preset (NmdRecipePanel *self)
{
  if (nmd_recipe_panel_get_preset (self) != NMD_PRESET_QUICK_LOOK)
    select_preset (self, find_preset (nmd_recipe_session_get_shown (self->recipe)));
}

static void
on_preset (NmdRecipePanel *self)
{
  NmdPreset preset = nmd_recipe_panel_get_preset (self);

  describe_preset (self);
  if (self->setting || preset == NMD_PRESET_OWN)
    return;
  self->setting = TRUE;
  nmd_recipe_session_reset (self->recipe);
  if (preset == NMD_PRESET_PAPER)
    /* One of its own choices is in its range. */
    nmd_recipe_session_set (self->recipe, "split", split_index ("paper"), NULL);
  self->setting = FALSE;
}

void
nmd_recipe_panel_set_preset (NmdRecipePanel *self, NmdPreset preset)
{
  g_return_if_fail (NMD_IS_RECIPE_PANEL (self));
  for (guint i = 0; i < G_N_ELEMENTS (presets[0]); i++)
    if (presets[self->built_for][i] == preset)
      {
        adw_combo_row_set_selected (self->preset, i);
        return;
      }
}

NmdPreset
nmd_recipe_panel_get_preset (NmdRecipePanel *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_PANEL (self), NMD_PRESET_OWN);
  guint selected = adw_combo_row_get_selected (self->preset);

  return selected < G_N_ELEMENTS (presets[0]) ? presets[self->built_for][selected]
                                              : NMD_PRESET_OWN;
}

static void
show_changes (NmdRecipePanel *self)
{
  g_autofree char *changes
      = nmd_parameters_describe_changes (nmd_recipe_session_get_shown (self->recipe));
  g_autofree char *text = NULL;
  gboolean any = *changes != '\0';

  /* Translators: the placeholder lists settings and their values */
  text = any ? g_strdup_printf (_ ("Changed: %s"), changes)
             : g_strdup (_ ("All settings have their default values."));
  gtk_label_set_text (self->changes, text);
  gtk_widget_set_visible (GTK_WIDGET (self->reset_button), any);
}

/* What the images show: asked only where the data set leaves it open */

static const char *const organs[] = { NULL, "muscle", "breast", "other" };

static void
show_organ (NmdRecipePanel *self)
{
  const char *organ = nmd_recipe_session_get_organ (self->recipe);
  guint selected = 0;

  for (guint i = 1; i < G_N_ELEMENTS (organs); i++)
    if (g_strcmp0 (organ, organs[i]) == 0)
      selected = i;
  gtk_widget_set_visible (GTK_WIDGET (self->organ),
                          nmd_recipe_session_asks_organ (self->recipe));
  adw_combo_row_set_selected (self->organ, selected);
}

static void
on_organ (NmdRecipePanel *self)
{
  guint selected = adw_combo_row_get_selected (self->organ);

  if (selected < G_N_ELEMENTS (organs))
    nmd_recipe_session_state_organ (self->recipe, organs[selected]);
}

static void build_for_task (NmdRecipePanel *self);
static void on_training (NmdRecipePanel *self);

static void
on_settings (NmdRecipePanel *self)
{
  if (shown_task (self) != self->built_for)
    build_for_task (self);
  on_training (self);
  show_changes (self);
  show_organ (self);
  if (!self->setting)
    follow_preset (self);
}

/* Network */

const char *
nmd_recipe_panel_get_network (NmdRecipePanel *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_PANEL (self), NULL);

  guint network = adw_combo_row_get_selected (self->network);

  return network < G_N_ELEMENTS (self->network_names) ? self->network_names[network]
                                                      : NULL;
}

/* Weights to start from */

static void
on_initial (NmdRecipePanel *self)
{
  const char *path = nmd_recipe_session_get_initial (self->recipe);
  const char *problem = nmd_recipe_session_get_initial_problem (self->recipe);
  const char *fit = nmd_recipe_session_get_initial_fit (self->recipe);
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;
  g_autofree char *text = NULL;

  if (path == NULL)
    text = g_strdup (_ ("None: fresh weights"));
  else
    text = g_strdup_printf ("%s\n%s", name,
                            problem != NULL ? _ ("Does not fit this network")
                            : fit != NULL   ? fit
                                            : "");
  adw_action_row_set_subtitle (self->initial, text);
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self->initial),
      problem != NULL ? problem
      : path != NULL
          ? path
          : _ ("A safetensors file with this network's layers, as timm or an earlier "
               "run has it"));
  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->initial), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->initial), "error");
  gtk_widget_set_visible (GTK_WIDGET (self->initial_clear), path != NULL);
}

static void
on_initial_chosen (const char *path, gpointer page)
{
  NmdRecipePanel *self = page;
  const char *network = nmd_recipe_panel_get_network (self);

  if (network != NULL)
    nmd_recipe_session_set_initial (self->recipe, path, network);
}

static void
choose_initial (NmdRecipePanel *self)
{
  const char *const suffixes[] = { "safetensors", NULL };
  const NmdFileRequest request = { _ ("Start From Weights"), GTK_FILE_CHOOSER_ACTION_OPEN,
                                   _ ("Weights (safetensors)"), suffixes };

  nmd_file_dialog_present (GTK_WIDGET (self), &request, on_initial_chosen,
                           G_OBJECT (self));
}

static void
clear_initial (NmdRecipePanel *self)
{
  nmd_recipe_session_set_initial (self->recipe, NULL, NULL);
}

static void
on_network (NmdRecipePanel *self)
{
  guint n = 0;
  const NmdNetwork *networks = nmd_networks_list (shown_task (self), &n);
  guint selected = adw_combo_row_get_selected (self->network);

  if (selected >= n || self->recipe == NULL)
    return;
  g_autofree char *size = nmd_network_describe_size (&networks[selected]);
  g_autofree char *initial = g_strdup (nmd_recipe_session_get_initial (self->recipe));
  adw_action_row_set_subtitle (self->layers, size);
  if (initial != NULL && !self->setting)
    nmd_recipe_session_set_initial (self->recipe, initial, networks[selected].name);
}

static void
on_layers (NmdRecipePanel *self)
{
  guint n = 0;
  const NmdNetwork *networks = nmd_networks_list (shown_task (self), &n);
  guint selected = adw_combo_row_get_selected (self->network);

  if (selected < n)
    nmd_network_dialog_present (&networks[selected],
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
}

static void
add_networks (NmdRecipePanel *self)
{
  guint n = 0;
  const NmdNetwork *networks = nmd_networks_list (shown_task (self), &n);
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  for (guint i = 0; i < MIN (n, G_N_ELEMENTS (self->network_names)); i++)
    {
      self->network_names[i] = networks[i].name;
      gtk_string_list_append (list, networks[i].title);
    }
  g_autoptr (GtkListItemFactory) factory = nmd_network_list_factory (shown_task (self));
  adw_combo_row_set_list_factory (self->network, factory);
  adw_combo_row_set_model (self->network, G_LIST_MODEL (list));
}

static void
add_row (NmdRecipePanel *self, AdwPreferencesGroup *group, GtkWidget *row)
{
  adw_preferences_group_add (group, row);
  g_ptr_array_add (self->rows, row);
}

static void
remove_rows (NmdRecipePanel *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      GtkWidget *row = g_ptr_array_index (self->rows, i);
      adw_preferences_group_remove (
          ADW_IS_EXPANDER_ROW (row) ? self->detail_group : self->main_group, row);
    }
  g_ptr_array_set_size (self->rows, 0);
}

/* Parameters that one changes most: their rows stand open, all others are folded by group. */
static const char *const *
list_open (NmdRecipePanel *self)
{
  static const char *const of_scores[] = { "split", "epochs", "batch", "seed", NULL };
  static const char *const of_outlines[]
      = { "split", "epochs", "batch", "size", "seed", NULL };

  return self->built_for == NMD_TASK_CLASSIFY ? of_scores : of_outlines;
}

static gboolean
is_folded (NmdRecipePanel *self, const NmdParameterInfo *info)
{
  return !g_strv_contains (list_open (self), info->name)
         && nmd_parameter_is_for (info, self->built_for);
}

/* Rows of a group are made when it is unfolded first: GTK measures folded ones as well. */
static void
on_unfolded (AdwExpanderRow *expander, GParamSpec *pspec, NmdRecipePanel *self)
{
  const char *group = g_object_get_data (G_OBJECT (expander), "group");
  guint n = 0;
  const NmdParameterInfo *table = nmd_parameters_list (&n);

  g_signal_handlers_disconnect_by_func (expander, on_unfolded, self);
  for (guint i = 0; i < n; i++)
    if (is_folded (self, &table[i]) && g_str_equal (table[i].group, group))
      adw_expander_row_add_row (expander,
                                nmd_parameter_row_new (self->recipe, &table[i]));
}

static void
add_rows (NmdRecipePanel *self)
{
  const char *const *open = list_open (self);
  guint n = 0;
  const NmdParameterInfo *table = nmd_parameters_list (&n);
  const char *group = NULL;

  for (guint i = 0; open[i] != NULL; i++)
    add_row (self, self->main_group,
             nmd_parameter_row_new (self->recipe, nmd_parameter_find (open[i])));
  for (guint i = 0; i < n; i++)
    {
      if (!is_folded (self, &table[i]) || g_strcmp0 (group, table[i].group) == 0)
        continue;
      group = table[i].group;
      GtkWidget *expander = adw_expander_row_new ();
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (expander),
                                     nmd_parameter_group_title (group));
      g_object_set_data (G_OBJECT (expander), "group", (gpointer)group);
      g_signal_connect_object (expander, "notify::expanded", G_CALLBACK (on_unfolded),
                               self, 0);
      add_row (self, self->detail_group, expander);
    }
}

/* The place of a network in the row; none for one that is not listed. */
static guint
find_network (NmdRecipePanel *self, const char *name)
{
  guint n = g_list_model_get_n_items (adw_combo_row_get_model (self->network));

  for (guint i = 0; i < n && i < G_N_ELEMENTS (self->network_names); i++)
    if (g_str_equal (self->network_names[i], name))
      return i;
  return GTK_INVALID_LIST_POSITION;
}

/* Networks, presets and rows of the task that is shown. */
static void
build_for_task (NmdRecipePanel *self)
{
  gboolean setting = self->setting;

  self->setting = TRUE;
  if (gtk_widget_get_sensitive (GTK_WIDGET (self)))
    self->own_network[self->built_for] = adw_combo_row_get_selected (self->network);
  self->built_for = shown_task (self);
  remove_rows (self);
  add_presets (self);
  add_networks (self);
  adw_combo_row_set_selected (self->network, self->own_network[self->built_for]);
  adw_combo_row_set_selected (self->task, self->built_for);
  add_rows (self);
  self->setting = setting;
  select_preset (self, find_preset (nmd_recipe_session_get_shown (self->recipe)));
  on_network (self);
}

static void
on_task (NmdRecipePanel *self)
{
  guint selected = adw_combo_row_get_selected (self->task);

  if (!self->setting && selected < NMD_N_TASKS)
    nmd_recipe_session_set_task (self->recipe, (NmdTask)selected);
}

/* While a training runs its network is shown, then, or while another one is set up, the chosen one again. */
static void
on_training (NmdRecipePanel *self)
{
  NmdTraining *training = nmd_training_session_get_training (self->training);
  gboolean running = nmd_training_session_is_running (self->training)
                     && !nmd_recipe_session_is_next_shown (self->recipe);
  const NmdNetwork *network = running ? nmd_training_get_network (training) : NULL;

  if (running == !gtk_widget_get_sensitive (GTK_WIDGET (self)))
    return;
  if (running && self->built_for == nmd_recipe_session_get_task (self->recipe))
    self->own_network[self->built_for] = adw_combo_row_get_selected (self->network);
  gtk_widget_set_sensitive (GTK_WIDGET (self), !running);
  self->setting = TRUE;
  adw_combo_row_set_selected (self->network, network != NULL
                                                 ? find_network (self, network->name)
                                                 : self->own_network[self->built_for]);
  self->setting = FALSE;
  if (!running)
    follow_preset (self);
}

void
nmd_recipe_panel_set_session (NmdRecipePanel *self,
                              NmdRecipeSession *recipe_session,
                              NmdDeviceSession *devices_session,
                              NmdTrainingSession *training_session)
{
  g_return_if_fail (NMD_IS_RECIPE_PANEL (self) && self->recipe == NULL);

  self->recipe = g_object_ref (recipe_session);
  self->devices = g_object_ref (devices_session);
  self->training = g_object_ref (training_session);
  add_presets (self);
  add_networks (self);
  add_rows (self);
  nmd_saved_recipes_set_session (self->saved, recipe_session);
  nmd_device_rows_add (self->device_group, devices_session);
  g_signal_connect_object (recipe_session, "initial-changed", G_CALLBACK (on_initial),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe_session, "changed", G_CALLBACK (on_settings), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (training_session, "notify::training", G_CALLBACK (on_training),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->reset_button, "clicked",
                           G_CALLBACK (nmd_recipe_session_reset), recipe_session,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->task, "notify::selected", G_CALLBACK (on_task), self);
  g_signal_connect_swapped (self->preset, "notify::selected", G_CALLBACK (on_preset),
                            self);
  g_signal_connect_swapped (self->network, "notify::selected", G_CALLBACK (on_network),
                            self);
  g_signal_connect_swapped (self->organ, "notify::selected", G_CALLBACK (on_organ), self);
  g_signal_connect_swapped (self->layers, "activated", G_CALLBACK (on_layers), self);
  g_signal_connect_swapped (self->initial, "activated", G_CALLBACK (choose_initial),
                            self);
  g_signal_connect_swapped (self->initial_clear, "clicked", G_CALLBACK (clear_initial),
                            self);
  on_settings (self);
  on_network (self);
  on_initial (self);
}

static void
nmd_recipe_panel_dispose (GObject *object)
{
  NmdRecipePanel *self = NMD_RECIPE_PANEL (object);

  self->setting = TRUE;
  gtk_widget_dispose_template (GTK_WIDGET (self), NMD_TYPE_RECIPE_PANEL);
  g_clear_object (&self->recipe);
  g_clear_object (&self->devices);
  g_clear_object (&self->training);
  G_OBJECT_CLASS (nmd_recipe_panel_parent_class)->dispose (object);
}

static void
nmd_recipe_panel_finalize (GObject *object)
{
  g_ptr_array_unref (NMD_RECIPE_PANEL (object)->rows);
  G_OBJECT_CLASS (nmd_recipe_panel_parent_class)->finalize (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdRecipePanel, child)

static void
nmd_recipe_panel_class_init (NmdRecipePanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_recipe_panel_dispose;
  G_OBJECT_CLASS (klass)->finalize = nmd_recipe_panel_finalize;
  g_type_ensure (NMD_TYPE_SAVED_RECIPES);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-recipe-panel.ui");
  BIND (task);
  BIND (preset);
  BIND (network);
  BIND (layers);
  BIND (organ);
  BIND (initial);
  BIND (initial_clear);
  BIND (main_group);
  BIND (device_group);
  BIND (detail_group);
  BIND (changes);
  BIND (reset_button);
  BIND (saved);
}

static void
nmd_recipe_panel_init (NmdRecipePanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = g_ptr_array_new ();
}
