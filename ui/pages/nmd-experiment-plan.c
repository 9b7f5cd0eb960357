/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of a plan. What is made of them is the session's and engine/experiment's.
 */
#include "ui/pages/nmd-experiment-plan.h"

#include "engine/core/nmd-number.h"
#include "ui/dialogs/nmd-import-dialogs.h"
#include "ui/session/nmd-experiment-job.h"
#include "ui/session/nmd-findings.h"
#include "ui/widgets/nmd-parameter-rows.h"

#include <glib/gi18n.h>
#include <string.h>

#define MOST_NETWORKS 16

struct _NmdExperimentPlan
{
  GtkBox parent_instance;

  AdwComboRow *kind;
  AdwExpanderRow *networks;
  AdwComboRow *division;
  AdwActionRow *folds_row;
  GtkSpinButton *folds;
  AdwEntryRow *seeds;
  GtkSpinButton *epochs;
  GtkSpinButton *limit;
  GtkLabel *summary;
  GtkLabel *warnings;
  GtkLabel *rest;
  GtkButton *plan_button;

  NmdDataSession *data;
  NmdRecipeSession *recipe;
  NmdExperimentSession *experiments;
  GtkCheckButton *checks[MOST_NETWORKS];
  guint n_networks;
  GPtrArray *columns; /* of char *: that can be left out value by value */
  GArray *n_values;   /* of guint: of each column */
  GWeakRef last;      /* the data set that they are of */
  gboolean setting, epochs_are_own;
  gboolean is_old, has_old_columns; /* behind another page: renewed when it is seen */
};

G_DEFINE_FINAL_TYPE (NmdExperimentPlan, nmd_experiment_plan, GTK_TYPE_BOX)

static const struct
{
  NmdExperimentKind kind;
  NmdAblation ablation;
  gboolean one_network;
} kinds[] = {
  { NMD_EXPERIMENT_CROSSVAL, NMD_ABLATE_RECIPE, FALSE },
  { NMD_EXPERIMENT_COMPARE, NMD_ABLATE_RECIPE, FALSE },
  { NMD_EXPERIMENT_ABLATE, NMD_ABLATE_PREPROCESSING, TRUE },
  { NMD_EXPERIMENT_ABLATE, NMD_ABLATE_ARCHITECTURE, TRUE },
  { NMD_EXPERIMENT_ABLATE, NMD_ABLATE_RECIPE, TRUE },
  { NMD_EXPERIMENT_LEAK, NMD_ABLATE_RECIPE, TRUE },
};

static guint
get_kind (NmdExperimentPlan *self)
{
  return MIN (adw_combo_row_get_selected (self->kind), G_N_ELEMENTS (kinds) - 1);
}

/* Networks */

static const NmdNetwork *
list_networks (NmdExperimentPlan *self)
{
  guint n = 0;

  return nmd_networks_list (NMD_TASK_CLASSIFY, &n);
}

/* The names of those that are chosen, ended by NULL. */
static guint
get_networks (NmdExperimentPlan *self, const char *names[MOST_NETWORKS + 1])
{
  guint n = 0;

  for (guint i = 0; i < self->n_networks; i++)
    if (gtk_check_button_get_active (self->checks[i]))
      names[n++] = list_networks (self)[i].name;
  names[n] = NULL;
  return n;
}

static void
name_networks (NmdExperimentPlan *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->n_networks; i++)
    if (gtk_check_button_get_active (self->checks[i]))
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "",
                              list_networks (self)[i].title);
  adw_expander_row_set_subtitle (self->networks,
                                 text->len > 0 ? text->str : _ ("None is chosen"));
}

/* Seeds */

static GArray *
get_seeds (NmdExperimentPlan *self)
{
  g_autoptr (GArray) seeds = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_auto (GStrv) words
      = g_strsplit (gtk_editable_get_text (GTK_EDITABLE (self->seeds)), ",", -1);

  for (char **word = words; *word != NULL; word++)
    {
      gint64 seed = 0;

      if (!nmd_number_parse_int (g_strstrip (*word), &seed, NULL) || seed < 0
          || seed > G_GINT64_CONSTANT (9007199254740991))
        return NULL;
      g_array_append_val (seeds, seed);
    }
  return seeds->len > 0 ? g_steal_pointer (&seeds) : NULL;
}

/* Division */

static void
add_column (NmdExperimentPlan *self, NmdDataset *dataset, const char *column)
{
  g_autoptr (GPtrArray) values = nmd_split_list_values (dataset, column, NULL);

  if (values == NULL
      || g_ptr_array_find_with_equal_func (self->columns, column, g_str_equal, NULL))
    return;
  g_ptr_array_add (self->columns, g_strdup (column));
  g_array_append_val (self->n_values, values->len);
}

/* Columns of the data set with some values: those of the first images name them. */
static void
find_columns (NmdExperimentPlan *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);

  g_ptr_array_set_size (self->columns, 0);
  g_array_set_size (self->n_values, 0);
  g_weak_ref_set (&self->last, dataset);
  if (dataset == NULL)
    return;
  add_column (self, dataset, "device");
  add_column (self, dataset, "muscle");
  NmdSample *first
      = nmd_dataset_get_n (dataset) > 0 ? nmd_dataset_get (dataset, 0) : NULL;
  if (first == NULL || first->attributes == NULL)
    return;
  g_autoptr (GList) names
      = g_list_sort (g_hash_table_get_keys (first->attributes), (GCompareFunc)strcmp);
  for (GList *l = names; l != NULL; l = l->next)
    add_column (self, dataset, l->data);
}

/* Index into the columns; −1: folds, or the page Train's split. */
static int
get_column (NmdExperimentPlan *self)
{
  guint selected = adw_combo_row_get_selected (self->division);

  return kinds[get_kind (self)].kind != NMD_EXPERIMENT_LEAK && selected > 0
                 && selected <= self->columns->len
             ? (int)selected - 1
             : -1;
}

static gboolean
has_folds (NmdExperimentPlan *self)
{
  const NmdParameters *parameters
      = nmd_recipe_session_get_of (self->recipe, NMD_TASK_CLASSIFY);
  NmdExperimentKind kind = kinds[get_kind (self)].kind;

  return get_column (self) < 0
         && (kind == NMD_EXPERIMENT_CROSSVAL
             || (kind != NMD_EXPERIMENT_LEAK
                 && g_str_equal (nmd_parameters_get_choice (parameters, "split"),
                                 "kfold")));
}

static void
fill_division (NmdExperimentPlan *self)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  guint kind = kinds[get_kind (self)].kind;
  gboolean setting = self->setting;

  self->setting = TRUE;
  gtk_string_list_append (list, kind == NMD_EXPERIMENT_CROSSVAL ? _ ("Folds by subject")
                                                                : _ ("As on Train"));
  for (guint i = 0; i < self->columns->len; i++)
    {
      /* Translators: a column of the data set, whose values are tested in turn */
      g_autofree char *text
          = g_strdup_printf (_ ("Each “%s”, left out"), (char *)self->columns->pdata[i]);
      gtk_string_list_append (list, text);
    }
  adw_combo_row_set_model (self->division, G_LIST_MODEL (list));
  gtk_widget_set_visible (GTK_WIDGET (self->division), kind != NMD_EXPERIMENT_LEAK);
  self->setting = setting;
}

/* What is to be known before the start */

static NmdExperimentWish
get_wish (NmdExperimentPlan *self, const char *const *networks, const GArray *seeds)
{
  int column = get_column (self);

  return (NmdExperimentWish){
    .kind = kinds[get_kind (self)].kind,
    .ablation = kinds[get_kind (self)].ablation,
    .networks = networks,
    .seeds = (const gint64 *)(void *)seeds->data,
    .n_seeds = seeds->len,
    .leave_out = column >= 0 ? self->columns->pdata[column] : NULL,
    .folds = gtk_spin_button_get_value_as_int (self->folds),
    .epochs = gtk_spin_button_get_value_as_int (self->epochs),
    .limit = gtk_spin_button_get_value_as_int (self->limit),
  };
}

static char *
make_warnings (NmdExperimentPlan *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  const char *error = nmd_recipe_session_get_split_error (self->recipe);
  g_autofree char *findings
      = dataset != NULL ? nmd_findings_of_dataset (dataset) : g_strdup ("");
  GString *text = g_string_new (NULL);

  /* findings begin with " · " */
  if (*findings != '\0')
    g_string_append (text, findings + strlen (" · "));
  if (error != NULL && !has_folds (self) && get_column (self) < 0
      && kinds[get_kind (self)].kind != NMD_EXPERIMENT_LEAK)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", error);
  if (gtk_spin_button_get_value_as_int (self->limit) > 0)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "",
                            _ ("A limit is for trials: intervals are wide, and the "
                               "tables say it"));
  return g_string_free (text, FALSE);
}

/* Why there is no plan to be made; NULL if there is one. */
static const char *
find_problem (NmdExperimentPlan *self, guint n_networks, const GArray *seeds)
{
  if (nmd_data_session_get_loading (self->data))
    return _ ("The data set is being read.");
  if (nmd_data_session_get_dataset (self->data) == NULL)
    return _ ("Open a data set first.");
  if (seeds == NULL)
    return _ ("Seeds are whole numbers with commas, such as 1, 2, 3.");
  if (n_networks == 0)
    return _ ("Choose a network.");
  if (n_networks < 2 && kinds[get_kind (self)].kind == NMD_EXPERIMENT_COMPARE
      && seeds->len < 2)
    return _ ("Choose two networks to compare, or several seeds.");
  return NULL;
}

static void
renew (NmdExperimentPlan *self)
{
  self->is_old = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->is_old)
    return;

  const char *names[MOST_NETWORKS + 1];
  guint n = get_networks (self, names);
  g_autoptr (GArray) seeds = get_seeds (self);
  const char *problem = find_problem (self, n, seeds);
  g_autofree char *summary = NULL;
  g_autofree char *warnings = make_warnings (self);
  g_autofree char *changes = nmd_parameters_describe_changes (
      nmd_recipe_session_get_of (self->recipe, NMD_TASK_CLASSIFY));
  g_autofree char *rest = NULL;

  name_networks (self);
  gtk_widget_set_visible (GTK_WIDGET (self->folds_row), has_folds (self));
  if (problem != NULL)
    summary = g_strdup (problem);
  else
    {
      const NmdExperimentWish wish = get_wish (self, names, seeds);
      int column = get_column (self);
      guint count = nmd_experiment_wish_count (
          &wish, has_folds (self),
          column >= 0 ? g_array_index (self->n_values, guint, column) : 0);

      summary = g_strdup_printf (ngettext ("%u training", "%u trainings", count), count);
    }
  rest = *changes != '\0'
             /* Translators: the placeholder lists settings and their values */
             ? g_strdup_printf (_ ("Everything else is as on Train: %s"), changes)
             : g_strdup (_ ("Everything else is as on Train: the default values."));
  gtk_label_set_text (self->summary, summary);
  gtk_label_set_text (self->warnings, warnings);
  gtk_widget_set_visible (GTK_WIDGET (self->warnings), *warnings != '\0');
  gtk_label_set_text (self->rest, rest);
  gtk_widget_set_sensitive (GTK_WIDGET (self->plan_button),
                            problem == NULL
                                && nmd_experiment_session_get_phase (self->experiments)
                                       == NMD_EXPERIMENT_IDLE);
}

/* Following what is chosen */

/* The kinds of one network have one; a comparison begins with all. */
static void
on_kind (NmdExperimentPlan *self)
{
  guint kind = get_kind (self);

  self->setting = TRUE;
  for (guint i = 0; i < self->n_networks; i++)
    gtk_check_button_set_active (self->checks[i],
                                 kinds[kind].kind == NMD_EXPERIMENT_COMPARE || i == 0);
  self->setting = FALSE;
  fill_division (self);
  renew (self);
}

static void
on_check (GtkCheckButton *check, GParamSpec *pspec, NmdExperimentPlan *self)
{
  if (self->setting)
    return;
  self->setting = TRUE;
  for (guint i = 0; i < self->n_networks; i++)
    if (kinds[get_kind (self)].one_network && self->checks[i] != check
        && gtk_check_button_get_active (check))
      gtk_check_button_set_active (self->checks[i], FALSE);
  self->setting = FALSE;
  renew (self);
}

static void
on_changed (NmdExperimentPlan *self)
{
  if (!self->setting)
    renew (self);
}

static void
on_epochs (NmdExperimentPlan *self)
{
  self->epochs_are_own |= !self->setting;
  on_changed (self);
}

/* Epochs are the recipe's until the user sets them here. */
static void
on_recipe (NmdExperimentPlan *self)
{
  const NmdParameters *parameters
      = nmd_recipe_session_get_of (self->recipe, NMD_TASK_CLASSIFY);

  self->setting = TRUE;
  if (!self->epochs_are_own)
    gtk_spin_button_set_value (self->epochs, nmd_parameters_get (parameters, "epochs"));
  self->setting = FALSE;
  renew (self);
}

static void
on_dataset (NmdExperimentPlan *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  g_autoptr (NmdDataset) last = g_weak_ref_get (&self->last);

  /* Where one cannot be read the former comes back. */
  if (dataset != NULL && dataset != last)
    {
      self->has_old_columns = !gtk_widget_get_mapped (GTK_WIDGET (self));
      if (!self->has_old_columns)
        {
          find_columns (self);
          fill_division (self);
        }
    }
  renew (self);
}

static void
on_map (NmdExperimentPlan *self)
{
  if (self->has_old_columns)
    on_dataset (self);
  else if (self->is_old)
    renew (self);
}

static void plan_again (gpointer object);

static void
on_plan (NmdExperimentPlan *self)
{
  const char *names[MOST_NETWORKS + 1];
  guint n = get_networks (self, names);
  g_autoptr (GArray) seeds = get_seeds (self);
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  g_autoptr (GError) error = NULL;

  if (find_problem (self, n, seeds) != NULL)
    return;
  if (!nmd_dataset_check_masks (
          dataset, nmd_data_session_get_import (self->data)->accept_masks, &error))
    {
      nmd_masks_dialog_present (GTK_WIDGET (self), self->data, error->message, plan_again,
                                G_OBJECT (self));
      return;
    }
  const NmdExperimentWish wish = get_wish (self, names, seeds);
  nmd_experiment_session_plan (self->experiments, &wish);
}

static void
plan_again (gpointer object)
{
  on_plan (object);
}

/* Object */

static void
add_networks (NmdExperimentPlan *self)
{
  guint n = 0;
  const NmdNetwork *networks = nmd_networks_list (NMD_TASK_CLASSIFY, &n);

  self->n_networks = MIN (n, MOST_NETWORKS);
  for (guint i = 0; i < self->n_networks; i++)
    {
      GtkWidget *row = adw_action_row_new ();

      self->checks[i] = GTK_CHECK_BUTTON (gtk_check_button_new ());
      gtk_widget_set_valign (GTK_WIDGET (self->checks[i]), GTK_ALIGN_CENTER);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->checks[i]),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, networks[i].title,
                                      -1);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), networks[i].title);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), GTK_WIDGET (self->checks[i]));
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row),
                                             GTK_WIDGET (self->checks[i]));
      adw_expander_row_add_row (self->networks, row);
      g_signal_connect (self->checks[i], "notify::active", G_CALLBACK (on_check), self);
    }
}

void
nmd_experiment_plan_set_session (NmdExperimentPlan *self,
                                 NmdDataSession *data,
                                 NmdRecipeSession *recipe,
                                 NmdExperimentSession *experiments)
{
  g_return_if_fail (NMD_IS_EXPERIMENT_PLAN (self) && self->data == NULL);

  self->data = g_object_ref (data);
  self->recipe = g_object_ref (recipe);
  self->experiments = g_object_ref (experiments);
  g_signal_connect_object (data, "notify::dataset", G_CALLBACK (on_dataset), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (data, "notify::loading", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe, "changed", G_CALLBACK (on_recipe), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (recipe, "parts-changed", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (experiments, "changed", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->kind, "notify::selected", G_CALLBACK (on_kind), self);
  g_signal_connect_swapped (self->division, "notify::selected", G_CALLBACK (on_changed),
                            self);
  g_signal_connect_swapped (self->seeds, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->folds, "value-changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->epochs, "value-changed", G_CALLBACK (on_epochs), self);
  g_signal_connect_swapped (self->limit, "value-changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->plan_button, "clicked", G_CALLBACK (on_plan), self);
  g_signal_connect_after (self, "map", G_CALLBACK (on_map), NULL);
  find_columns (self);
  on_kind (self);
  on_recipe (self);
}

static void
nmd_experiment_plan_dispose (GObject *object)
{
  NmdExperimentPlan *self = NMD_EXPERIMENT_PLAN (object);

  g_clear_object (&self->data);
  g_clear_object (&self->recipe);
  g_clear_object (&self->experiments);
  g_clear_pointer (&self->columns, g_ptr_array_unref);
  g_clear_pointer (&self->n_values, g_array_unref);
  G_OBJECT_CLASS (nmd_experiment_plan_parent_class)->dispose (object);
}

static void
nmd_experiment_plan_finalize (GObject *object)
{
  g_weak_ref_clear (&NMD_EXPERIMENT_PLAN (object)->last);
  G_OBJECT_CLASS (nmd_experiment_plan_parent_class)->finalize (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdExperimentPlan, child)

static void
nmd_experiment_plan_class_init (NmdExperimentPlanClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_experiment_plan_dispose;
  G_OBJECT_CLASS (klass)->finalize = nmd_experiment_plan_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-experiment-plan.ui");
  BIND (kind);
  BIND (networks);
  BIND (division);
  BIND (folds_row);
  BIND (folds);
  BIND (seeds);
  BIND (epochs);
  BIND (limit);
  BIND (summary);
  BIND (warnings);
  BIND (rest);
  BIND (plan_button);
}

static void
nmd_experiment_plan_init (NmdExperimentPlan *self)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  g_weak_ref_init (&self->last, NULL);
  self->columns = g_ptr_array_new_with_free_func (g_free);
  self->n_values = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    gtk_string_list_append (
        list, nmd_experiment_kind_to_text (kinds[i].kind, kinds[i].ablation));
  adw_combo_row_set_model (self->kind, G_LIST_MODEL (list));
  add_networks (self);
}
