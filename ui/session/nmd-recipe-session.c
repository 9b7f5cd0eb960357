/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings, split and first weights of the next training. Values and splits are checked by the
 * engine.
 */
#include "ui/session/nmd-recipe-session.h"

#include "engine/model/nmd-passport-make.h"
#include "engine/train/nmd-train.h"

#include <glib/gi18n.h>
#include <string.h>

struct _NmdRecipeSession
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdDataSession *data;
  NmdRunsSession *runs;

  NmdTask task;
  NmdParameters *parameters[NMD_N_TASKS]; /* each task keeps its own */
  NmdParameters *shown;                   /* (nullable): of the training that runs */
  gboolean is_next_shown;                 /* all the same the recipe is shown */
  NmdSplit *split;
  GHashTable *parts; /* NmdSample → NmdPart, of the data set's samples */
  char *split_error;

  GWeakRef last; /* the newest data set: it comes back where another cannot be read */
  char *organ;   /* nullable: as the user states it of that data set */
  gboolean asks_organ;

  char *initial;         /* nullable: weights that the next training starts from */
  char *initial_fit;     /* nullable: how they fit the network, once looked at */
  char *initial_problem; /* nullable: why they do not */
  NmdJob *look;          /* the newest look at weights */
};

enum
{
  CHANGED,
  PARTS_CHANGED,
  INITIAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdRecipeSession, nmd_recipe_session, G_TYPE_OBJECT)

/* Parts */

static NmdSplit *
make_split (NmdRecipeSession *self, NmdDataset *dataset, GError **error)
{
  NmdRunItem *run = nmd_runs_session_get_shown (self->runs);
  NmdSplit *split = NULL;

  if (self->shown == NULL && !self->is_next_shown
      && nmd_runs_session_has_shown_data (self->runs))
    split = nmd_run_get_split (run->run, dataset, NULL);
  if (split != NULL)
    return split;
  return nmd_split_new (dataset, nmd_recipe_session_get_shown (self), error);
}

static void
renew_split (NmdRecipeSession *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->split, nmd_split_free);
  g_clear_pointer (&self->split_error, g_free);
  g_hash_table_remove_all (self->parts);
  if (dataset != NULL)
    {
      self->split = make_split (self, dataset, &error);
      if (self->split == NULL)
        self->split_error = g_strdup (error->message);
      for (guint i = 0; self->split != NULL && i < self->split->n; i++)
        g_hash_table_insert (self->parts, nmd_dataset_get (dataset, i),
                             GINT_TO_POINTER (self->split->parts[i]));
    }
  g_signal_emit (self, signals[PARTS_CHANGED], 0);
}

/* Another data set: parts that it states for all images are taken if they keep subjects whole; where it
 * states none, those of the one before are no choice any more. What its images show is asked anew. */
static void
follow_stated (NmdDataset *dataset, NmdParameters *parameters)
{
  g_autoptr (NmdParameters) defaults
      = nmd_parameters_new_for (nmd_parameters_get_task (parameters));
  const char *usual = nmd_parameters_get_choice (defaults, "split");
  const char *now = nmd_parameters_get_choice (parameters, "split");
  const char *wanted = now;

  /* Where subjects are divided, the choice is the user's. */
  if (dataset != NULL && strcmp (now, usual) == 0 && nmd_dataset_states_parts (dataset)
      && nmd_split_check_stated (dataset, NULL))
    wanted = "stated";
  else if (dataset != NULL && strcmp (now, "stated") == 0
           && !nmd_dataset_states_parts (dataset))
    wanted = usual;
  if (strcmp (wanted, now) != 0)
    /* Both are choices of the table. */
    nmd_parameters_set_text (parameters, "split", wanted, NULL);
}

static void
on_dataset (NmdRecipeSession *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  g_autoptr (NmdDataset) last = g_weak_ref_get (&self->last);

  if (dataset != NULL && dataset != last)
    {
      for (int i = 0; i < NMD_N_TASKS; i++)
        follow_stated (dataset, self->parameters[i]);
      g_clear_pointer (&self->organ, g_free);
      g_weak_ref_set (&self->last, dataset);
    }
  self->asks_organ = dataset != NULL && !nmd_passport_states_organ (dataset);
  g_signal_emit (self, signals[CHANGED], 0);
  renew_split (self);
}

const NmdSplit *
nmd_recipe_session_get_split (NmdRecipeSession *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), NULL);
  return self->split;
}

const char *
nmd_recipe_session_get_split_error (NmdRecipeSession *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), NULL);
  return self->split_error;
}

NmdPart
nmd_recipe_session_get_part (NmdRecipeSession *self, NmdSample *sample)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), NMD_PART_NONE);
  return (NmdPart)GPOINTER_TO_INT (g_hash_table_lookup (self->parts, sample));
}

guint
nmd_recipe_session_count_part (NmdRecipeSession *self, NmdPart part, guint *n_subjects)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), 0);

  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  g_autoptr (GHashTable) subjects = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = 0;
  for (guint i = 0; dataset != NULL && self->split != NULL && i < self->split->n; i++)
    if (self->split->parts[i] == part)
      {
        n++;
        g_hash_table_add (subjects, nmd_dataset_get (dataset, i)->subject);
      }
  if (n_subjects != NULL)
    *n_subjects = g_hash_table_size (subjects);
  return n;
}

/* Settings */

const NmdParameters *
nmd_recipe_session_get_parameters (NmdRecipeSession *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), NULL);
  return self->parameters[self->task];
}

const NmdParameters *
nmd_recipe_session_get_of (NmdRecipeSession *self, NmdTask task)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self) && (int)task < NMD_N_TASKS, NULL);
  return self->parameters[task];
}

NmdTask
nmd_recipe_session_get_task (NmdRecipeSession *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), NMD_TASK_CLASSIFY);
  return self->task;
}

void
nmd_recipe_session_set_task (NmdRecipeSession *self, NmdTask task)
{
  g_return_if_fail (NMD_IS_RECIPE_SESSION (self) && (int)task < NMD_N_TASKS);

  if (self->task == task)
    return;
  self->task = task;
  /* Weights to start from were looked at for the other task's network. */
  nmd_recipe_session_set_initial (self, NULL, NULL);
  renew_split (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

guint
nmd_recipe_session_count_masks (NmdRecipeSession *self, guint *n_without)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), 0);

  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  guint n = dataset != NULL ? nmd_dataset_get_n (dataset) : 0, without = 0;
  for (guint i = 0; i < n; i++)
    if ((nmd_dataset_get (dataset, i)->problems
         & (NMD_PROBLEM_NO_MASK | NMD_PROBLEM_EMPTY_MASK))
        != 0)
      without++;
  if (n_without != NULL)
    *n_without = without;
  return n - without;
}

const NmdParameters *
nmd_recipe_session_get_shown (NmdRecipeSession *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), NULL);
  return self->shown != NULL && !self->is_next_shown ? self->shown
                                                     : self->parameters[self->task];
}

void
nmd_recipe_session_show (NmdRecipeSession *self, const NmdParameters *parameters)
{
  g_return_if_fail (NMD_IS_RECIPE_SESSION (self));

  if (parameters == NULL && self->shown == NULL)
    return;
  g_clear_pointer (&self->shown, nmd_parameters_unref);
  if (parameters != NULL)
    self->shown = nmd_parameters_copy (parameters);
  renew_split (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
nmd_recipe_session_show_next (NmdRecipeSession *self, gboolean is_next_shown)
{
  g_return_if_fail (NMD_IS_RECIPE_SESSION (self));

  if (self->is_next_shown == is_next_shown)
    return;
  self->is_next_shown = is_next_shown;
  renew_split (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

gboolean
nmd_recipe_session_is_next_shown (NmdRecipeSession *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), FALSE);
  return self->is_next_shown;
}

gboolean
nmd_recipe_session_set (NmdRecipeSession *self,
                        const char *name,
                        double value,
                        GError **error)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), FALSE);
  return nmd_recipe_session_set_of (self, self->task, name, value, error);
}

gboolean
nmd_recipe_session_set_of (
    NmdRecipeSession *self, NmdTask task, const char *name, double value, GError **error)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self) && (int)task < NMD_N_TASKS, FALSE);

  const char *const of_split[]
      = { "split", "folds", "fold", "validation-share", "limit", "seed", NULL };
  NmdParameters *parameters = self->parameters[task];
  if (nmd_parameters_get (parameters, name) == value)
    return TRUE;
  if (!nmd_parameters_set (parameters, name, value, error))
    return FALSE;
  if (task == self->task && g_strv_contains (of_split, name))
    renew_split (self);
  g_signal_emit (self, signals[CHANGED], 0);
  return TRUE;
}

void
nmd_recipe_session_reset (NmdRecipeSession *self)
{
  g_return_if_fail (NMD_IS_RECIPE_SESSION (self));
  g_clear_pointer (&self->parameters[self->task], nmd_parameters_unref);
  self->parameters[self->task] = nmd_parameters_new_for (self->task);
  renew_split (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* What the images show */

gboolean
nmd_recipe_session_asks_organ (NmdRecipeSession *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), FALSE);
  return self->asks_organ;
}

void
nmd_recipe_session_state_organ (NmdRecipeSession *self, const char *organ)
{
  g_return_if_fail (NMD_IS_RECIPE_SESSION (self));

  if (!self->asks_organ || g_strcmp0 (self->organ, organ) == 0)
    return;
  g_free (self->organ);
  self->organ = g_strdup (organ);
  g_signal_emit (self, signals[CHANGED], 0);
}

const char *
nmd_recipe_session_get_organ (NmdRecipeSession *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), NULL);
  return self->organ;
}

/* Weights to start from */

typedef struct
{
  char *path;
  char *network;
} FitInput;

static void
fit_input_free (gpointer data)
{
  FitInput *input = data;

  g_free (input->path);
  g_free (input->network);
  g_free (input);
}

static gpointer
fit_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const FitInput *input = data;

  return nmd_train_check_initial (input->path, input->network, error);
}

static void
take_fit (NmdRecipeSession *self, const char *path, char *fit, const GError *error)
{
  gboolean had = g_strcmp0 (self->initial, path) == 0;

  if (fit == NULL && !had)
    {
      nmd_notices_error (self->notices, error);
      return;
    }
  g_autofree char *copy = g_strdup (path);
  g_free (self->initial);
  self->initial = g_steal_pointer (&copy);
  g_free (self->initial_fit);
  self->initial_fit = fit;
  g_free (self->initial_problem);
  self->initial_problem = fit == NULL ? g_strdup (error->message) : NULL;
  g_signal_emit (self, signals[INITIAL_CHANGED], 0);
}

static void
on_fit (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdRecipeSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *fit = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->look != NMD_JOB (source) || nmd_notices_is_closed (self->notices))
    return;
  g_autoptr (NmdJob) look = g_steal_pointer (&self->look);
  if (fit != NULL
      || (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    take_fit (self, g_object_get_data (source, "path"), g_steal_pointer (&fit), error);
}

void
nmd_recipe_session_set_initial (NmdRecipeSession *self,
                                const char *path,
                                const char *network)
{
  g_return_if_fail (NMD_IS_RECIPE_SESSION (self));
  g_return_if_fail (path == NULL || network != NULL);

  g_clear_object (&self->look);
  if (path == NULL)
    {
      g_clear_pointer (&self->initial, g_free);
      g_clear_pointer (&self->initial_fit, g_free);
      g_clear_pointer (&self->initial_problem, g_free);
      g_signal_emit (self, signals[INITIAL_CHANGED], 0);
      return;
    }

  FitInput *input = g_new0 (FitInput, 1);
  input->path = g_strdup (path);
  input->network = g_strdup (network);
  self->look
      = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Reading weights"), fit_func, input,
                       fit_input_free, NULL, g_free, on_fit, g_object_ref (self));
  g_object_set_data_full (G_OBJECT (self->look), "path", g_strdup (path), g_free);
}

const char *
nmd_recipe_session_get_initial (NmdRecipeSession *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), NULL);
  return self->initial;
}

const char *
nmd_recipe_session_get_initial_fit (NmdRecipeSession *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), NULL);
  return self->initial_fit;
}

const char *
nmd_recipe_session_get_initial_problem (NmdRecipeSession *self)
{
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (self), NULL);
  return self->initial_problem;
}

/* Object */

static void
nmd_recipe_session_finalize (GObject *object)
{
  NmdRecipeSession *self = NMD_RECIPE_SESSION (object);

  g_clear_object (&self->notices);
  g_clear_object (&self->data);
  g_clear_object (&self->runs);
  for (int i = 0; i < NMD_N_TASKS; i++)
    g_clear_pointer (&self->parameters[i], nmd_parameters_unref);
  g_clear_pointer (&self->shown, nmd_parameters_unref);
  g_clear_pointer (&self->split, nmd_split_free);
  g_clear_pointer (&self->parts, g_hash_table_unref);
  g_free (self->split_error);
  g_weak_ref_clear (&self->last);
  g_free (self->organ);
  g_free (self->initial);
  g_free (self->initial_fit);
  g_free (self->initial_problem);
  g_clear_object (&self->look);
  G_OBJECT_CLASS (nmd_recipe_session_parent_class)->finalize (object);
}

static void
nmd_recipe_session_class_init (NmdRecipeSessionClass *klass)
{
  const char *const names[N_SIGNALS] = { "changed", "parts-changed", "initial-changed" };

  G_OBJECT_CLASS (klass)->finalize = nmd_recipe_session_finalize;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                               NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_recipe_session_init (NmdRecipeSession *self)
{
  self->parts = g_hash_table_new (NULL, NULL);
  g_weak_ref_init (&self->last, NULL);
  for (int i = 0; i < NMD_N_TASKS; i++)
    self->parameters[i] = nmd_parameters_new_for ((NmdTask)i);
}

NmdRecipeSession *
nmd_recipe_session_new (NmdNotices *notices, NmdDataSession *data, NmdRunsSession *runs)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_DATA_SESSION (data), NULL);
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (runs), NULL);

  NmdRecipeSession *self = g_object_new (NMD_TYPE_RECIPE_SESSION, NULL);
  self->notices = g_object_ref (notices);
  self->data = g_object_ref (data);
  self->runs = g_object_ref (runs);
  g_signal_connect_object (data, "notify::dataset", G_CALLBACK (on_dataset), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (runs, "notify::shown", G_CALLBACK (renew_split), self,
                           G_CONNECT_SWAPPED);
  return self;
}
