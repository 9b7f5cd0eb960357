/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists, opens and chooses runs. What is in a run's folder is engine/train's.
 */
#include "ui/session/nmd-runs-session.h"

#include "engine/train/nmd-run-entry.h"
#include "ui/session/nmd-run-care.h"
#include "ui/session/nmd-run-contents.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdRunsSession
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdDataSession *data;
  char *folder;     /* of the runs made here */
  GListStore *runs; /* newest first */
  guint n_listing;  /* readings of the list under way */
  gboolean in_training;
  gboolean newest_wanted; /* choose the newest as soon as all are there */
  NmdRunItem *shown;      /* (nullable): the one chosen last */
  NmdRunItem *run;        /* (nullable): it scores */
  NmdRunItem *outline;    /* (nullable): it finds outlines */
  NmdModel *model;
  NmdModel *outline_model;
  GHashTable *scores;  /* sample id → double *, of the run that scores */
  double threshold;    /* of that run's last evaluation */
  char *in_work;       /* (nullable): folder of the run that is evaluated or reported */
  NmdJob *job;         /* reads that run's model and scores */
  NmdJob *outline_job; /* reads the model that finds outlines */
};

enum
{
  PROP_0,
  PROP_SHOWN,
  PROP_RUN,
  PROP_HAS_MODEL,
  PROP_OUTLINE_RUN,
  PROP_HAS_OUTLINE_MODEL,
  PROP_IN_TRAINING,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static guint scores_changed;

G_DEFINE_FINAL_TYPE (NmdRunsSession, nmd_runs_session, G_TYPE_OBJECT)

/* The chosen run's model and scores */

static void
tell_contents (NmdRunsSession *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_MODEL]);
  g_signal_emit (self, scores_changed, 0);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdRunsSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRunContents) contents = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->job != NMD_JOB (source) || nmd_notices_is_closed (self->notices))
    return;
  g_autoptr (NmdJob) job = g_steal_pointer (&self->job);
  if (contents == NULL)
    {
      /* A run that is only just starting has no weights yet; that is no fault. */
      if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        nmd_notices_error (self->notices, error);
      return;
    }
  self->model = g_steal_pointer (&contents->model);
  self->scores = g_steal_pointer (&contents->scores);
  self->threshold = contents->threshold;
  tell_contents (self);
}

static void
load (NmdRunsSession *self)
{
  g_clear_object (&self->job);
  g_clear_pointer (&self->model, nmd_model_unref);
  g_clear_pointer (&self->scores, g_hash_table_unref);
  self->threshold = 0.5;
  tell_contents (self);
  if (self->run != NULL)
    self->job = nmd_run_contents_start (self->run->run, on_loaded, g_object_ref (self));
}

/* The model that finds outlines */

static gpointer
load_outline_func (NmdJob *job,
                   gconstpointer input,
                   GCancellable *cancellable,
                   GError **error)
{
  return nmd_run_item_load_model ((NmdRun *)input, error);
}

static void
on_outline_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdRunsSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdModel) model = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->outline_job != NMD_JOB (source) || nmd_notices_is_closed (self->notices))
    return;
  g_autoptr (NmdJob) job = g_steal_pointer (&self->outline_job);
  if (model == NULL)
    {
      if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        nmd_notices_error (self->notices, error);
      return;
    }
  self->outline_model = g_steal_pointer (&model);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_OUTLINE_MODEL]);
}

static void
set_outline_run (NmdRunsSession *self, NmdRunItem *run)
{
  if (!g_set_object (&self->outline, run))
    return;
  g_clear_object (&self->outline_job);
  g_clear_pointer (&self->outline_model, nmd_model_unref);
  if (run != NULL)
    self->outline_job = nmd_job_start (
        NMD_THREAD_POOL, NULL, _ ("Reading a run"), load_outline_func,
        nmd_run_ref (run->run), (GDestroyNotify)nmd_run_unref, NULL,
        (GDestroyNotify)nmd_model_unref, on_outline_loaded, g_object_ref (self));
  /* Who is told may choose another run. */
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OUTLINE_RUN]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_OUTLINE_MODEL]);
}

void
nmd_runs_session_set_outline_run (NmdRunsSession *self, NmdRunItem *run)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self));
  g_return_if_fail (run == NULL || nmd_run_item_is_for (run, NMD_TASK_SEGMENT));
  set_outline_run (self, run);
}

void
nmd_runs_session_want_outline_run (NmdRunsSession *self)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self));

  /* One that is not finished may have no weights yet. */
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->runs));
  for (guint i = 0; self->outline == NULL && i < 2 * n; i++)
    {
      g_autoptr (NmdRunItem) item
          = g_list_model_get_item (G_LIST_MODEL (self->runs), i % n);
      if (nmd_run_item_is_for (item, NMD_TASK_SEGMENT)
          && (i >= n || nmd_run_get_state (item->run) == NMD_RUN_FINISHED))
        set_outline_run (self, item);
    }
}

/* Choosing */

static void
set_scoring_run (NmdRunsSession *self, NmdRunItem *run)
{
  if (!g_set_object (&self->run, run))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUN]);
  load (self);
}

void
nmd_runs_session_set_run (NmdRunsSession *self, NmdRunItem *run)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self));
  g_return_if_fail (run == NULL || NMD_IS_RUN_ITEM (run));
  if (run != NULL && run->run == NULL)
    {
      nmd_notices_problem (self->notices, run->problem);
      return;
    }
  gboolean other = g_set_object (&self->shown, run);
  if (run == NULL || nmd_run_item_is_for (run, NMD_TASK_CLASSIFY))
    set_scoring_run (self, run);
  else
    set_outline_run (self, run);
  if (!other)
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOWN]);
  /* What is open or coming in was chosen; only an empty window takes the run's own. */
  if (run != NULL && nmd_data_session_get_dataset (self->data) == NULL
      && !nmd_data_session_get_loading (self->data))
    nmd_runs_session_open_data (self, NULL);
}

void
nmd_runs_session_open_data (NmdRunsSession *self, const char *path)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self));
  if (self->shown != NULL)
    nmd_data_session_open_for_run (self->data, self->shown->run, path);
}

/* The list */

static gpointer
open_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  g_autoptr (NmdRunEntry) entry = g_new0 (NmdRunEntry, 1);

  entry->run = nmd_run_open (input, error);
  /* Notes that cannot be read are told when somebody wants to change them. */
  entry->notes = nmd_run_notes_load (input, NULL);
  return entry->run != NULL ? g_steal_pointer (&entry) : NULL;
}

/* Damaged runs stand at the end. */
static int
newest_first (gconstpointer a, gconstpointer b, gpointer data)
{
  const NmdRunItem *left = a, *right = b;

  if (left->run == NULL || right->run == NULL)
    return (left->run == NULL) - (right->run == NULL);
  return g_strcmp0 (nmd_run_get_started (right->run), nmd_run_get_started (left->run));
}

static gboolean
is_of (const NmdRunItem *item, const char *folder)
{
  return item != NULL && g_strcmp0 (item->folder, folder) == 0;
}

/* Puts @item into the list, in place of an older reading of the same folder where @renews. */
static void
put_item (NmdRunsSession *self, NmdRunItem *item, gboolean renews)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->runs));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NmdRunItem) old = g_list_model_get_item (G_LIST_MODEL (self->runs), i);
      if (is_of (old, item->folder))
        {
          gpointer items[] = { item };
          if (renews)
            g_list_store_splice (self->runs, i, 1, items, 1);
          return;
        }
    }
  g_list_store_insert_sorted (self->runs, item, newest_first, NULL);
}

static void
choose_newest (NmdRunsSession *self)
{
  GListModel *runs = G_LIST_MODEL (self->runs);

  if (!self->newest_wanted || self->n_listing > 0 || g_list_model_get_n_items (runs) == 0)
    return;
  self->newest_wanted = FALSE;
  if (self->shown != NULL)
    return;
  g_autoptr (NmdRunItem) newest = g_list_model_get_item (runs, 0);
  if (newest->run == NULL)
    return;
  nmd_runs_session_set_run (self, newest);
}

void
nmd_runs_session_want_one (NmdRunsSession *self)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self));
  self->newest_wanted = self->shown == NULL;
  choose_newest (self);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdRunsSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRunEntry) entry = nmd_job_finish (NMD_JOB (source), result, &error);

  if (nmd_notices_is_closed (self->notices))
    return;
  if (entry == NULL)
    {
      nmd_notices_error (self->notices, error);
      return;
    }
  g_autoptr (NmdRunItem) item = nmd_run_item_new (entry->run);
  nmd_run_item_take_notes (item, g_steal_pointer (&entry->notes));
  put_item (self, item, TRUE);
  if (g_object_get_data (source, "renews") == NULL || is_of (self->shown, item->folder))
    nmd_runs_session_set_run (self, item);
  else if (is_of (self->run, item->folder))
    set_scoring_run (self, item);
  else if (is_of (self->outline, item->folder))
    set_outline_run (self, item);
}

static void
open_run (NmdRunsSession *self, const char *folder, gboolean renews)
{
  g_autoptr (NmdJob) job = nmd_job_start (
      NMD_THREAD_POOL, NULL, _ ("Reading a run"), open_func, g_strdup (folder), g_free,
      NULL, (GDestroyNotify)nmd_run_entry_free, on_opened, g_object_ref (self));
  g_object_set_data (G_OBJECT (job), "renews", GINT_TO_POINTER (renews));
}

void
nmd_runs_session_open (NmdRunsSession *self, const char *folder)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self) && folder != NULL);
  open_run (self, folder, FALSE);
}

void
nmd_runs_session_renew (NmdRunsSession *self, const char *folder)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self) && folder != NULL);
  open_run (self, folder, TRUE);
}

static gpointer
list_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  return nmd_run_list (input, cancellable);
}

static void
on_list (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdRunsSession) self = user_data;
  g_autoptr (GPtrArray) entries = nmd_job_finish (NMD_JOB (source), result, NULL);

  self->n_listing--;
  if (nmd_notices_is_closed (self->notices))
    return;
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      const NmdRunEntry *entry = g_ptr_array_index (entries, i);
      g_autoptr (NmdRunItem) item
          = entry->run != NULL ? nmd_run_item_new (entry->run)
                               : nmd_run_item_new_damaged (entry->folder, entry->problem);
      NmdRunNotes *notes = entry->notes;
      nmd_run_item_take_notes (
          item, notes != NULL ? nmd_run_notes_new (notes->title, notes->note,
                                                   (const char *const *)notes->tags)
                              : NULL);
      put_item (self, item, FALSE);
    }
  choose_newest (self);
}

void
nmd_runs_session_list (NmdRunsSession *self)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self));

  self->n_listing++;
  g_autoptr (NmdJob) job = nmd_job_start (
      NMD_THREAD_POOL, NULL, _ ("Listing runs"), list_func, g_strdup (self->folder),
      g_free, NULL, (GDestroyNotify)g_ptr_array_unref, on_list, g_object_ref (self));
}

/* Care */

static void
on_notes (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdRunsSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = nmd_job_finish (NMD_JOB (source), result, &error);

  if (!nmd_notices_is_closed (self->notices) && !nmd_notices_error (self->notices, error)
      && folder != NULL)
    nmd_runs_session_renew (self, folder);
}

void
nmd_runs_session_set_notes (NmdRunsSession *self, NmdRunItem *run, NmdRunNotes *notes)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self) && NMD_IS_RUN_ITEM (run));

  g_autoptr (NmdJob) job
      = nmd_run_care_save (run->folder, notes, on_notes, g_object_ref (self));
}

static void
on_trashed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdRunsSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = nmd_job_finish (NMD_JOB (source), result, &error);
  GListModel *runs = G_LIST_MODEL (self->runs);

  if (nmd_notices_is_closed (self->notices) || nmd_notices_error (self->notices, error)
      || folder == NULL)
    return;
  /* First of all it is not shown: what shows a run also has it find outlines. */
  if (is_of (self->shown, folder))
    {
      g_clear_object (&self->shown);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOWN]);
    }
  if (is_of (self->outline, folder))
    set_outline_run (self, NULL);
  if (is_of (self->run, folder))
    set_scoring_run (self, NULL);
  for (guint i = g_list_model_get_n_items (runs); i-- > 0;)
    {
      g_autoptr (NmdRunItem) item = g_list_model_get_item (runs, i);
      if (is_of (item, folder))
        g_list_store_remove (self->runs, i);
    }
  nmd_notices_message (self->notices, _ ("The run is in the trash"));
  /* The one that scores goes on doing so. */
  if (self->shown == NULL && self->run != NULL)
    nmd_runs_session_set_run (self, self->run);
  nmd_runs_session_want_one (self);
}

void
nmd_runs_session_trash (NmdRunsSession *self, NmdRunItem *run)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self) && NMD_IS_RUN_ITEM (run));

  if (self->in_training)
    return;
  if (is_of (run, self->in_work))
    {
      nmd_notices_problem (self->notices,
                           _ ("This run is being worked on: it can go to the trash when "
                              "that has ended"));
      return;
    }
  g_autoptr (NmdJob) job
      = nmd_run_care_trash (run->folder, on_trashed, g_object_ref (self));
}

/* Reading */

GListModel *
nmd_runs_session_get_runs (NmdRunsSession *self)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self), NULL);
  return G_LIST_MODEL (self->runs);
}

NmdRunItem *
nmd_runs_session_get_shown (NmdRunsSession *self)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self), NULL);
  return self->shown;
}

NmdRunItem *
nmd_runs_session_get_run (NmdRunsSession *self)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self), NULL);
  return self->run;
}

NmdRunItem *
nmd_runs_session_get_outline_run (NmdRunsSession *self)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self), NULL);
  return self->outline;
}

NmdModel *
nmd_runs_session_get_outline_model (NmdRunsSession *self)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self), NULL);
  return self->outline_model;
}

NmdModel *
nmd_runs_session_get_model (NmdRunsSession *self)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self), NULL);
  return self->model;
}

double
nmd_runs_session_get_threshold (NmdRunsSession *self)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self), 0.5);
  return self->threshold;
}

static gboolean
has_data_of (NmdRunsSession *self, NmdRunItem *run)
{
  return run != NULL
         && nmd_data_session_has_hash (self->data, nmd_run_get_dataset_hash (run->run));
}

gboolean
nmd_runs_session_has_data (NmdRunsSession *self)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self), FALSE);
  return has_data_of (self, self->run);
}

gboolean
nmd_runs_session_has_shown_data (NmdRunsSession *self)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self), FALSE);
  return has_data_of (self, self->shown);
}

double
nmd_runs_session_get_score (NmdRunsSession *self, NmdSample *sample)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self), NAN);
  /* Scores by name mean something only within the run's own data set. */
  if (self->scores == NULL || sample == NULL || !nmd_runs_session_has_data (self))
    return NAN;
  const double *score = g_hash_table_lookup (self->scores, sample->id);
  return score != NULL ? *score : NAN;
}

char *
nmd_runs_session_new_folder (NmdRunsSession *self, const char *network)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self) && network != NULL, NULL);

  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%d-%H%M%S");
  g_autofree char *name = g_strdup_printf ("%s-%s", when, network);

  return g_build_filename (self->folder, name, NULL);
}

void
nmd_runs_session_set_in_training (NmdRunsSession *self, gboolean in_training)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self));

  if (self->in_training == in_training)
    return;
  self->in_training = in_training;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IN_TRAINING]);
}

void
nmd_runs_session_set_in_work (NmdRunsSession *self, const char *folder)
{
  g_return_if_fail (NMD_IS_RUNS_SESSION (self));
  g_free (self->in_work);
  self->in_work = g_strdup (folder);
}

gboolean
nmd_runs_session_is_in_training (NmdRunsSession *self)
{
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (self), FALSE);
  return self->in_training;
}

/* Object */

static void
nmd_runs_session_get_property (GObject *object,
                               guint id,
                               GValue *value,
                               GParamSpec *pspec)
{
  NmdRunsSession *self = NMD_RUNS_SESSION (object);

  switch (id)
    {
    case PROP_SHOWN:
      g_value_set_object (value, self->shown);
      break;
    case PROP_RUN:
      g_value_set_object (value, self->run);
      break;
    case PROP_HAS_MODEL:
      g_value_set_boolean (value, self->model != NULL);
      break;
    case PROP_OUTLINE_RUN:
      g_value_set_object (value, self->outline);
      break;
    case PROP_HAS_OUTLINE_MODEL:
      g_value_set_boolean (value, self->outline_model != NULL);
      break;
    case PROP_IN_TRAINING:
      g_value_set_boolean (value, self->in_training);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
nmd_runs_session_finalize (GObject *object)
{
  NmdRunsSession *self = NMD_RUNS_SESSION (object);

  g_clear_object (&self->notices);
  g_clear_object (&self->data);
  g_free (self->folder);
  g_free (self->in_work);
  g_clear_object (&self->runs);
  g_clear_object (&self->shown);
  g_clear_object (&self->run);
  g_clear_object (&self->outline);
  g_clear_pointer (&self->model, nmd_model_unref);
  g_clear_pointer (&self->outline_model, nmd_model_unref);
  g_clear_pointer (&self->scores, g_hash_table_unref);
  g_clear_object (&self->job);
  g_clear_object (&self->outline_job);
  G_OBJECT_CLASS (nmd_runs_session_parent_class)->finalize (object);
}

static void
nmd_runs_session_class_init (NmdRunsSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags
      = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = nmd_runs_session_get_property;
  object_class->finalize = nmd_runs_session_finalize;
  properties[PROP_SHOWN]
      = g_param_spec_object ("shown", NULL, NULL, NMD_TYPE_RUN_ITEM, flags);
  properties[PROP_RUN]
      = g_param_spec_object ("run", NULL, NULL, NMD_TYPE_RUN_ITEM, flags);
  properties[PROP_HAS_MODEL]
      = g_param_spec_boolean ("has-model", NULL, NULL, FALSE, flags);
  properties[PROP_OUTLINE_RUN]
      = g_param_spec_object ("outline-run", NULL, NULL, NMD_TYPE_RUN_ITEM, flags);
  properties[PROP_HAS_OUTLINE_MODEL]
      = g_param_spec_boolean ("has-outline-model", NULL, NULL, FALSE, flags);
  properties[PROP_IN_TRAINING]
      = g_param_spec_boolean ("in-training", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  scores_changed = g_signal_new ("scores-changed", G_TYPE_FROM_CLASS (klass),
                                 G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_runs_session_init (NmdRunsSession *self)
{
  self->runs = g_list_store_new (NMD_TYPE_RUN_ITEM);
  self->threshold = 0.5;
}

NmdRunsSession *
nmd_runs_session_new (NmdNotices *notices, NmdDataSession *data, const char *data_folder)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_DATA_SESSION (data), NULL);

  NmdRunsSession *self = g_object_new (NMD_TYPE_RUNS_SESSION, NULL);
  self->notices = g_object_ref (notices);
  self->data = g_object_ref (data);
  self->folder = g_build_filename (data_folder, "runs", NULL);
  return self;
}
