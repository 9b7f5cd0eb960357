/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes plans: rows, folds, seeds, and what follows from them for a cell. plan.json is nmd-plan-json.c's.
 */
#include "engine/experiment/nmd-plan-private.h"

#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"
#include "engine/model/nmd-passport-make.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const kinds[] = { "crossval", "compare", "ablate", "leak" };
static const char *const ablations[] = { "preprocessing", "architecture", "recipe" };

const char *
nmd_experiment_kind_get_name (NmdExperimentKind kind)
{
  g_return_val_if_fail ((guint)kind < G_N_ELEMENTS (kinds), NULL);

  return kinds[kind];
}

const char *
nmd_ablation_get_name (NmdAblation ablation)
{
  g_return_val_if_fail ((guint)ablation < G_N_ELEMENTS (ablations), NULL);

  return ablations[ablation];
}

gboolean
nmd_ablation_parse (const char *word, NmdAblation *ablation)
{
  for (guint i = 0; i < G_N_ELEMENTS (ablations); i++)
    if (g_strcmp0 (word, ablations[i]) == 0)
      {
        *ablation = (NmdAblation)i;
        return TRUE;
      }
  return FALSE;
}

static void
free_row (gpointer data)
{
  NmdPlanRow *row = data;

  g_free (row->id);
  g_free (row->title);
  g_free (row->network);
  g_strfreev (row->changes);
  g_free (row);
}

static void
free_cell (gpointer data)
{
  NmdPlanCell *cell = data;

  g_free (cell->id);
  g_free (cell->left_out);
  g_free (cell);
}

NmdPlan *
nmd_plan_alloc (void)
{
  NmdPlan *self = g_new0 (NmdPlan, 1);

  self->parameters = nmd_parameters_new ();
  self->rows = g_ptr_array_new_with_free_func (free_row);
  self->cells = g_ptr_array_new_with_free_func (free_cell);
  return self;
}

void
nmd_plan_free (NmdPlan *self)
{
  if (self == NULL)
    return;
  g_free (self->dataset_path);
  g_free (self->dataset_title);
  g_free (self->dataset_hash);
  nmd_import_settings_clear (&self->import);
  g_free (self->organ);
  g_free (self->split_file);
  g_free (self->split_sha256);
  g_free (self->leave_out);
  g_free (self->device);
  nmd_parameters_unref (self->parameters);
  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->cells);
  g_free (self);
}

const NmdPlanCell *
nmd_plan_get_cell (const NmdPlan *self, guint i)
{
  g_return_val_if_fail (i < self->cells->len, NULL);

  return self->cells->pdata[i];
}

const NmdPlanRow *
nmd_plan_get_row (const NmdPlan *self, guint i)
{
  g_return_val_if_fail (i < self->rows->len, NULL);

  return self->rows->pdata[i];
}

char *
nmd_plan_describe_cell (const NmdPlanCell *cell)
{
  if (cell->left_out != NULL)
    return g_strdup_printf ("%s left out, seed %" G_GINT64_FORMAT, cell->left_out,
                            cell->seed);
  if (cell->fold >= 0)
    return g_strdup_printf ("fold %d, seed %" G_GINT64_FORMAT, cell->fold, cell->seed);
  return g_strdup_printf ("seed %" G_GINT64_FORMAT, cell->seed);
}

/* Rows. */

static void
add_row (NmdPlan *self,
         const char *id,
         const char *title,
         const char *network,
         const char *const *changes)
{
  NmdPlanRow *row = g_new0 (NmdPlanRow, 1);

  row->id = g_strdup (id);
  row->title = g_strdup (title);
  row->network = g_strdup (network);
  row->changes = changes != NULL ? g_strdupv ((char **)changes) : g_new0 (char *, 1);
  g_ptr_array_add (self->rows, row);
}

#define NO_AUGMENTATION "crop", "off", "flip", "0", "brightness", "0", "contrast", "0"

/* Rows that differ in parameters alone. Of the first the values are the plan's own. */
static const struct
{
  NmdAblation ablation;
  const char *id, *title;
  const char *changes[16];
} ablated[] = {
  { NMD_ABLATE_PREPROCESSING, "e", N_ ("E: with Mixup (full)"), { NULL } },
  { NMD_ABLATE_PREPROCESSING,
    "a",
    N_ ("A: box and resize alone"),
    { NO_AUGMENTATION, "median", "off", "clahe", "off", "mixup", "0", NULL } },
  { NMD_ABLATE_PREPROCESSING,
    "b",
    N_ ("B: with median"),
    { NO_AUGMENTATION, "clahe", "off", "mixup", "0", NULL } },
  { NMD_ABLATE_PREPROCESSING,
    "c",
    N_ ("C: with CLAHE"),
    { NO_AUGMENTATION, "mixup", "0", NULL } },
  { NMD_ABLATE_PREPROCESSING, "d", N_ ("D: with augmentation"), { "mixup", "0", NULL } },
  { NMD_ABLATE_PREPROCESSING,
    "whole-frame",
    N_ ("E without the box (whole frame)"),
    { "background", "whole", NULL } },
  { NMD_ABLATE_RECIPE, "full", N_ ("full recipe"), { NULL } },
  { NMD_ABLATE_RECIPE,
    "no-smoothing",
    N_ ("without label smoothing"),
    { "label-smoothing", "0", NULL } },
  { NMD_ABLATE_RECIPE, "no-swalr", N_ ("without SWALR (constant rate)"), { NULL } },
  { NMD_ABLATE_RECIPE,
    "no-averaging",
    N_ ("without averaging"),
    { "average-start", "1" } },
};

static void
add_ablated_parameters (NmdPlan *self, NmdAblation ablation, const char *network)
{
  g_autofree char *lr = nmd_parameters_to_text (self->parameters, "lr");

  for (guint i = 0; i < G_N_ELEMENTS (ablated); i++)
    {
      const char *const constant[] = { "average-lr", lr, NULL };

      if (ablated[i].ablation == ablation)
        add_row (self, ablated[i].id, ablated[i].title, network,
                 strcmp (ablated[i].id, "no-swalr") == 0 ? constant : ablated[i].changes);
    }
}

static void
add_ablated_networks (NmdPlan *self)
{
  guint n = 0;
  const NmdNetwork *variants = nmd_networks_list_ablation (&n);
  const NmdNetwork *full = nmd_network_find ("nmdassistnet", NULL);

  add_row (self, full->name, full->title, full->name, NULL);
  for (guint i = 0; i < n; i++)
    add_row (self, variants[i].name, variants[i].title, variants[i].name, NULL);
}

static gboolean
add_networks (NmdPlan *self, const char *const *names, GError **error)
{
  guint n = 0;
  const NmdNetwork *list = nmd_networks_list (NMD_TASK_CLASSIFY, &n);

  for (guint i = 0; names == NULL && i < n; i++)
    add_row (self, list[i].name, list[i].title, list[i].name, NULL);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      const NmdNetwork *network = nmd_network_find (names[i], error);

      if (network == NULL)
        return FALSE;
      if (network->task != NMD_TASK_CLASSIFY)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                       _ ("%s finds outlines and gives no score"), names[i]);
          return FALSE;
        }
      if (g_strv_contains (names + i + 1, names[i]))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                       _ ("The network %s is named twice"), names[i]);
          return FALSE;
        }
      add_row (self, network->name, network->title, network->name, NULL);
    }
  return TRUE;
}

static gboolean
add_rows (NmdPlan *self, const NmdPlanSettings *settings, GError **error)
{
  static const char *const usual[] = { "nmdassistnet", NULL };
  static const char *const by_subject[] = { "split", "threeway", NULL };
  static const char *const by_image[] = { "split", "image", NULL };
  const char *const *names = settings->networks;

  if (names == NULL && settings->kind != NMD_EXPERIMENT_COMPARE)
    names = usual;
  if (settings->kind == NMD_EXPERIMENT_COMPARE
      || settings->kind == NMD_EXPERIMENT_CROSSVAL)
    return add_networks (self, names, error);
  if (names[0] == NULL || names[1] != NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   _ ("This experiment is of one network"));
      return FALSE;
    }
  if (nmd_network_find (names[0], error) == NULL)
    return FALSE;
  if (settings->kind == NMD_EXPERIMENT_LEAK)
    {
      add_row (self, "by-subject", N_ ("split by subject"), names[0], by_subject);
      add_row (self, "by-image", N_ ("split by image"), names[0], by_image);
    }
  else if (settings->ablation != NMD_ABLATE_ARCHITECTURE)
    add_ablated_parameters (self, settings->ablation, names[0]);
  else if (strcmp (names[0], "nmdassistnet") == 0)
    add_ablated_networks (self);
  else
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   _ ("The ablation of the architecture is of nmdassistnet, not of %s"),
                   names[0]);
      return FALSE;
    }
  return TRUE;
}

/* Folds. */

/* How many folds the split's file has; 0 if it states parts. */
static gboolean
count_file_folds (const NmdPlanSettings *settings, guint *n, GError **error)
{
  g_autoptr (NmdSplit) first
      = nmd_split_load_fold (settings->dataset, settings->split_file, 0, NULL, error);
  g_autoptr (NmdSplit) again = NULL;
  g_autoptr (GError) none = NULL;

  if (first == NULL)
    return FALSE;
  *n = 1;
  while ((again = nmd_split_load_fold (settings->dataset, settings->split_file, (int)*n,
                                       NULL, &none))
         != NULL)
    {
      gboolean same = *n == 1 && memcmp (again->parts, first->parts, first->n) == 0;

      nmd_split_free (g_steal_pointer (&again));
      if (same) /* a file of parts is the same whatever the fold */
        {
          *n = 0;
          return TRUE;
        }
      (*n)++;
    }
  if (g_error_matches (none, NMD_ERROR, NMD_ERROR_FORMAT))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&none));
  return FALSE;
}

/* Each fold must be a value of the parameter. */
static gboolean
check_folds (const NmdPlanSettings *settings, guint n_folds, GError **error)
{
  guint n = 0;
  const NmdParameterInfo *info = nmd_parameters_list (&n);
  const NmdParameterInfo *end = info + n;

  while (info < end && strcmp (info->name, "fold") != 0)
    info++;
  if (info == end || n_folds <= (guint)info->maximum + 1)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               _ ("%s has %u folds, at most %u are possible"), settings->split_file,
               n_folds, (guint)info->maximum + 1);
  return FALSE;
}

/* The text in lower-case letters, digits and '-', for a name in the folder. */
static char *
make_slug (const char *text)
{
  GString *slug = g_string_new (NULL);

  for (const char *p = text; *p != '\0' && slug->len < 40; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (slug, g_ascii_tolower (*p));
    else if (slug->len > 0 && slug->str[slug->len - 1] != '-')
      g_string_append_c (slug, '-');
  if (slug->len > 0 && slug->str[slug->len - 1] == '-')
    g_string_truncate (slug, slug->len - 1);
  return g_string_free (slug, FALSE);
}

static void
add_cell (NmdPlan *self, guint row, int fold, const char *left_out, gint64 seed)
{
  NmdPlanCell *cell = g_new0 (NmdPlanCell, 1);
  g_autoptr (GString) id = g_string_new (nmd_plan_get_row (self, row)->id);

  if (left_out != NULL)
    {
      g_autofree char *slug = make_slug (left_out);

      g_string_append_printf (id, ".without-%d-%s", fold, slug);
    }
  else if (fold >= 0)
    g_string_append_printf (id, ".fold-%d", fold);
  g_string_append_printf (id, ".seed-%" G_GINT64_FORMAT, seed);
  cell->id = g_strdup (id->str);
  cell->row = row;
  cell->fold = fold;
  cell->left_out = g_strdup (left_out);
  cell->seed = seed;
  g_ptr_array_add (self->cells, cell);
}

/* Every row at every fold and seed; at least one of each. */
static gboolean
add_cells (NmdPlan *self,
           const NmdPlanSettings *settings,
           GPtrArray *values,
           guint n_folds,
           GError **error)
{
  const gint64 own = (gint64)nmd_parameters_get (self->parameters, "seed");
  const gint64 *seeds = settings->n_seeds > 0 ? settings->seeds : &own;
  const guint n_seeds = MAX (settings->n_seeds, 1);

  if (self->rows->len > NMD_PLAN_MAX_ROWS
      || (guint64)n_seeds * MAX (n_folds, 1) * self->rows->len > NMD_PLAN_MAX_CELLS)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   _ ("The experiment has more than %d trainings"), NMD_PLAN_MAX_CELLS);
      return FALSE;
    }
  for (guint s = 0; s < n_seeds; s++)
    {
      for (guint k = 0; k < s; k++)
        if (seeds[k] == seeds[s])
          {
            g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                         "The seed %" G_GINT64_FORMAT " is named twice", seeds[s]);
            return FALSE;
          }
      for (guint fold = 0; fold < MAX (n_folds, 1); fold++)
        for (guint row = 0; row < self->rows->len; row++)
          add_cell (self, row, n_folds > 0 ? (int)fold : -1,
                    values != NULL ? values->pdata[fold] : NULL, seeds[s]);
    }
  return TRUE;
}

static gboolean
add_folds (NmdPlan *self, const NmdPlanSettings *settings, GError **error)
{
  g_autoptr (GPtrArray) values = NULL;
  guint n_folds = 0;

  if (settings->leave_out != NULL)
    {
      values = nmd_split_list_values (settings->dataset, settings->leave_out, error);
      if (values == NULL)
        return FALSE;
      n_folds = values->len;
    }
  else if (settings->split_file != NULL)
    {
      if (!count_file_folds (settings, &n_folds, error)
          || !check_folds (settings, n_folds, error))
        return FALSE;
    }
  else if (settings->kind != NMD_EXPERIMENT_LEAK
           && g_str_equal (nmd_parameters_get_choice (self->parameters, "split"),
                           "kfold"))
    n_folds = (guint)nmd_parameters_get_int (self->parameters, "folds");
  return add_cells (self, settings, values, n_folds, error);
}

/* A split that cannot be made is known before the first training. */
static gboolean
check_splits (const NmdPlan *self, NmdDataset *dataset, GError **error)
{
  for (guint i = 0; i < self->cells->len; i++)
    {
      const NmdPlanCell *cell = nmd_plan_get_cell (self, i);
      g_autoptr (NmdSplit) split = nmd_plan_make_split (self, cell, dataset, error);

      if (split == NULL)
        {
          g_autofree char *text = nmd_plan_describe_cell (cell);
          g_autofree char *shown = nmd_text_display (text);

          g_prefix_error (error, "%s: ", shown);
          return FALSE;
        }
    }
  return TRUE;
}

NmdPlan *
nmd_plan_new (const NmdPlanSettings *settings, GError **error)
{
  g_autoptr (NmdPlan) self = nmd_plan_alloc ();

  g_return_val_if_fail (settings != NULL && NMD_IS_DATASET (settings->dataset), NULL);

  /* what every training would refuse is known now */
  if (!nmd_text_check_path (settings->dataset_path, error)
      || !nmd_text_check_path (settings->split_file, error)
      || !nmd_dataset_check_masks (
          settings->dataset, settings->import != NULL && settings->import->accept_masks,
          error)
      || (settings->organ != NULL
          && !nmd_passport_check_organ (settings->dataset, settings->organ, error)))
    return NULL;
  self->kind = settings->kind;
  self->ablation = settings->ablation;
  self->dataset_path = g_canonicalize_filename (settings->dataset_path, NULL);
  self->dataset_title = g_strdup (nmd_dataset_get_title (settings->dataset));
  self->dataset_hash = g_strdup (nmd_dataset_get_hash (settings->dataset));
  self->synthetic = nmd_dataset_is_synthetic (settings->dataset);
  nmd_import_settings_copy (&self->import, NULL);
  if (settings->import != NULL)
    {
      nmd_import_settings_complete (&self->import, settings->import);
      self->import.accept_masks = settings->import->accept_masks;
    }
  self->organ = g_strdup (settings->organ);
  self->leave_out = g_strdup (settings->leave_out);
  self->device
      = g_strdup (settings->device != NULL ? settings->device : NMD_DEVICE_DEFAULT);
  self->threads = settings->threads;
  self->events = settings->events;
  nmd_parameters_unref (self->parameters);
  self->parameters = nmd_parameters_copy (settings->parameters);
  if (settings->kind == NMD_EXPERIMENT_CROSSVAL && settings->split_file == NULL
      && settings->leave_out == NULL
      && !nmd_parameters_set_text (self->parameters, "split", "kfold", error))
    return NULL;
  if (settings->split_file != NULL && settings->leave_out == NULL)
    {
      self->split_file = g_canonicalize_filename (settings->split_file, NULL);
      self->split_sha256 = nmd_file_sha256 (self->split_file, NULL, error);
      if (self->split_sha256 == NULL)
        return NULL;
    }
  if (!add_rows (self, settings, error) || !add_folds (self, settings, error)
      || !check_splits (self, settings->dataset, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* What follows for a cell. */

NmdParameters *
nmd_plan_get_parameters (const NmdPlan *self, const NmdPlanCell *cell)
{
  NmdParameters *parameters = nmd_parameters_copy (self->parameters);
  char **changes = nmd_plan_get_row (self, cell->row)->changes;
  g_autoptr (GError) error = NULL;
  gboolean set = nmd_parameters_set (parameters, "seed", (double)cell->seed, &error);

  for (guint i = 0; set && changes[i] != NULL && changes[i + 1] != NULL; i += 2)
    set = nmd_parameters_set_text (parameters, changes[i], changes[i + 1], &error);
  if (set && cell->fold >= 0 && cell->left_out == NULL)
    set = nmd_parameters_set (parameters, "fold", cell->fold, &error);
  if (!set) /* plans are checked when they are made and read */
    g_critical ("%s: %s", cell->id, error->message);
  return parameters;
}

NmdSplit *
nmd_plan_make_split (const NmdPlan *self,
                     const NmdPlanCell *cell,
                     NmdDataset *dataset,
                     GError **error)
{
  g_autoptr (NmdParameters) parameters = nmd_plan_get_parameters (self, cell);
  g_autoptr (NmdSplit) split = NULL;

  if (cell->left_out != NULL)
    return nmd_split_new_leave_out (dataset, self->leave_out, cell->left_out, parameters,
                                    error);
  if (self->split_file == NULL || self->kind == NMD_EXPERIMENT_LEAK)
    return nmd_split_new (dataset, parameters, error);
  split = nmd_split_load_fold (dataset, self->split_file, MAX (cell->fold, 0), parameters,
                               error);
  if (split == NULL)
    return NULL;
  if (g_strcmp0 (split->source_sha256, self->split_sha256) != 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED,
                   _ ("%s is not the file that the experiment was planned with"),
                   self->split_file);
      return NULL;
    }
  if (!nmd_split_limit (split, dataset,
                        (guint)nmd_parameters_get_int (parameters, "limit"),
                        (guint64)cell->seed, error))
    return NULL;
  return g_steal_pointer (&split);
}
