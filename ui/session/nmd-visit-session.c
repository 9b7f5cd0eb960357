/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of a visit and its z. Measuring is nmd-visit-item.c's and the engine's, texts are nmd-visit-texts.c's.
 */
#include "ui/session/nmd-visit-session.h"

#include "engine/data/import/nmd-mask-names.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdVisitSession
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdScanSession *scan;
  GListStore *items;
  NmdJob *job;           /* (nullable): reads an image that is not under study */
  NmdVisitItem *reading; /* (nullable): that image's */
  NmdPerson person;
  NmdReference *reference; /* (nullable) */
};

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdVisitSession, nmd_visit_session, G_TYPE_OBJECT)

static NmdVisitItem *
find_item (NmdVisitSession *self, const char *path)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NmdVisitItem) item
          = g_list_model_get_item (G_LIST_MODEL (self->items), i);
      if (g_str_equal (item->path, path))
        return item; /* the list holds it */
    }
  return NULL;
}

/* Reading in the background */

static void read_next (NmdVisitSession *self);

static gpointer
read_func (NmdJob *job, gconstpointer path, GCancellable *cancellable, GError **error)
{
  g_autofree char *mask = nmd_mask_find_beside (path);

  return nmd_scan_load_file (path, mask, error);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdVisitSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScan) scan = nmd_job_finish (NMD_JOB (source), result, &error);
  g_autoptr (NmdVisitItem) item = g_steal_pointer (&self->reading);

  g_clear_object (&self->job);
  if (nmd_notices_is_closed (self->notices))
    return;
  if (scan == NULL)
    {
      /* Why one that was opened cannot be read was told there. */
      if (item->is_added)
        nmd_notices_error (self->notices, error);
      nmd_visit_session_remove (self, item);
    }
  else if (item->scan == NULL)
    nmd_visit_item_set_scan (item, scan);
  g_signal_emit (self, signals[CHANGED], 0);
  read_next (self);
}

static void
read_next (NmdVisitSession *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; self->job == NULL && i < n; i++)
    {
      g_autoptr (NmdVisitItem) item
          = g_list_model_get_item (G_LIST_MODEL (self->items), i);
      if (item->scan != NULL)
        continue;
      self->reading = g_object_ref (item);
      self->job = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Reading an image"), read_func,
                                 g_strdup (item->path), g_free, NULL, g_object_unref,
                                 on_read, g_object_ref (self));
    }
}

/* Following the scan */

static void
on_scan (NmdVisitSession *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan);

  if (scan == NULL || scan->sample != NULL)
    return;
  NmdVisitItem *item = find_item (self, scan->path);
  if (item != NULL)
    nmd_visit_item_set_scan (item, scan);
  else
    {
      g_autoptr (NmdVisitItem) fresh = nmd_visit_item_new (scan->path);
      nmd_visit_item_set_scan (fresh, scan);
      g_list_store_append (self->items, fresh);
    }
  g_signal_emit (self, signals[CHANGED], 0);
  read_next (self);
}

GListModel *
nmd_visit_session_get_items (NmdVisitSession *self)
{
  g_return_val_if_fail (NMD_IS_VISIT_SESSION (self), NULL);
  return G_LIST_MODEL (self->items);
}

NmdVisitItem *
nmd_visit_session_get_item (NmdVisitSession *self)
{
  g_return_val_if_fail (NMD_IS_VISIT_SESSION (self), NULL);

  NmdScan *scan = nmd_scan_session_get_scan (self->scan);
  return scan != NULL && scan->sample == NULL ? find_item (self, scan->path) : NULL;
}

static void
list_path (NmdVisitSession *self, const char *path, gboolean is_added)
{
  if (find_item (self, path) != NULL)
    return;
  g_autoptr (NmdVisitItem) item = nmd_visit_item_new (path);
  item->is_added = is_added;
  g_list_store_append (self->items, item);
  read_next (self);
}

void
nmd_visit_session_open (NmdVisitSession *self, const char *path)
{
  g_return_if_fail (NMD_IS_VISIT_SESSION (self) && path != NULL);
  list_path (self, path, FALSE);
  nmd_scan_session_open_image (self->scan, path, NULL);
}

void
nmd_visit_session_add (NmdVisitSession *self, const char *path)
{
  g_return_if_fail (NMD_IS_VISIT_SESSION (self) && path != NULL);
  list_path (self, path, TRUE);
}

void
nmd_visit_session_choose (NmdVisitSession *self, NmdVisitItem *item)
{
  g_return_if_fail (NMD_IS_VISIT_SESSION (self) && NMD_IS_VISIT_ITEM (item));
  if (item != nmd_visit_session_get_item (self))
    nmd_scan_session_open_page (self->scan, item->path, NULL,
                                item->scan != NULL ? item->scan->page : 0);
}

void
nmd_visit_session_remove (NmdVisitSession *self, NmdVisitItem *item)
{
  guint place = 0;

  g_return_if_fail (NMD_IS_VISIT_SESSION (self) && NMD_IS_VISIT_ITEM (item));
  if (g_list_store_find (self->items, item, &place))
    g_list_store_remove (self->items, place);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
nmd_visit_session_name (NmdVisitSession *self,
                        NmdVisitItem *item,
                        const char *muscle,
                        NmdSide side)
{
  g_return_if_fail (NMD_IS_VISIT_SESSION (self) && NMD_IS_VISIT_ITEM (item));
  g_return_if_fail (muscle != NULL);
  if (g_str_equal (item->muscle, muscle) && item->side == side)
    return;
  g_free (item->muscle);
  item->muscle = g_strdup (muscle);
  item->side = side;
  g_signal_emit (self, signals[CHANGED], 0);
}

/* z */

void
nmd_visit_session_set_person (NmdVisitSession *self, const NmdPerson *person)
{
  g_return_if_fail (NMD_IS_VISIT_SESSION (self) && person != NULL);
  self->person = *person;
  g_signal_emit (self, signals[CHANGED], 0);
}

static gpointer
reference_func (NmdJob *job,
                gconstpointer path,
                GCancellable *cancellable,
                GError **error)
{
  return nmd_reference_load (path, error);
}

static void
on_reference (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdVisitSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdReference) reference = nmd_job_finish (NMD_JOB (source), result, &error);

  if (nmd_notices_is_closed (self->notices) || nmd_notices_error (self->notices, error)
      || reference == NULL)
    return;
  g_clear_pointer (&self->reference, nmd_reference_free);
  self->reference = g_steal_pointer (&reference);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
nmd_visit_session_open_reference (NmdVisitSession *self, const char *path)
{
  g_return_if_fail (NMD_IS_VISIT_SESSION (self) && path != NULL);

  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Reading a reference"), reference_func,
                       g_strdup (path), g_free, NULL, (GDestroyNotify)nmd_reference_free,
                       on_reference, g_object_ref (self));
}

const NmdReference *
nmd_visit_session_get_reference (NmdVisitSession *self)
{
  g_return_val_if_fail (NMD_IS_VISIT_SESSION (self), NULL);
  return self->reference;
}

/* The mean echo intensity of the images of @item's muscle and side; NaN without an outline. */
static double
average (NmdVisitSession *self, NmdVisitItem *item)
{
  g_autoptr (GArray) rows = nmd_visit_summarise (G_LIST_MODEL (self->items));

  for (guint i = 0; i < rows->len; i++)
    {
      const NmdVisitRow *row = &g_array_index (rows, NmdVisitRow, i);
      if (g_str_equal (row->muscle, item->muscle))
        return row->echo[item->side];
    }
  return NAN;
}

/* For whom the model holds: ", Age 18 to 85"; "" where that is not stated. */
static char *
describe_range (const NmdReferenceModel *model)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < NMD_N_COVARIATES; i++)
    if (i != NMD_COVARIATE_MALE && !isnan (model->low[i]) && !isnan (model->high[i]))
      /* Translators: Age, Length, Weight or BMI, and its lowest and highest value */
      g_string_append_printf (text, _ (", %s %g to %g"),
                              nmd_covariate_get_name ((NmdCovariate)i), model->low[i],
                              model->high[i]);
  return g_string_free (text, FALSE);
}

char *
nmd_visit_session_describe_z (NmdVisitSession *self, NmdVisitItem *item)
{
  g_autoptr (GError) error = NULL;
  NmdZScore score = { 0 };

  g_return_val_if_fail (NMD_IS_VISIT_SESSION (self) && NMD_IS_VISIT_ITEM (item), NULL);

  double echo = average (self, item);
  if (self->reference == NULL)
    return g_strdup (_ ("No z: no reference is open"));
  if (isnan (echo))
    return g_strdup (_ ("No z: there is no outline"));
  if (*item->muscle == '\0')
    return g_strdup (_ ("No z: the muscle is not stated"));
  if (!nmd_reference_score (self->reference, item->muscle, &self->person, echo, &score,
                            &error))
    /* Translators: the placeholder is the reason */
    return g_strdup_printf (_ ("No z: %s"), error->message);
  const char *device = self->reference->device;
  g_autofree char *range = describe_range (score.model);
  /* Translators: z, expected echo intensity and its SD; reference, its device, healthy subjects, and for whom it holds:
   * ", Age 18 to 85" or nothing */
  return g_strdup_printf (_ ("z %.1f: expected %.1f ± %.1f (%s, %s, n %u%s)"), score.z,
                          score.expected, score.sd, self->reference->name,
                          device != NULL ? device : _ ("device not stated"),
                          score.model->n, range);
}

GArray *
nmd_visit_session_list_z (NmdVisitSession *self)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (NmdVisitZ));

  g_return_val_if_fail (NMD_IS_VISIT_SESSION (self), list);

  g_autoptr (GArray) rows = nmd_visit_summarise (G_LIST_MODEL (self->items));
  for (guint i = 0; self->reference != NULL && i < rows->len; i++)
    {
      const NmdVisitRow *row = &g_array_index (rows, NmdVisitRow, i);
      for (int side = 0; side < NMD_N_SIDES; side++)
        {
          NmdZScore score = { 0 };
          if (row->n[side] == 0 || *row->muscle == '\0'
              || !nmd_reference_score (self->reference, row->muscle, &self->person,
                                       row->echo[side], &score, NULL))
            continue; /* the reason stands beside the muscle */
          const NmdVisitZ z = { row->muscle, (NmdSide)side, score.z };
          g_array_append_val (list, z);
        }
    }
  return list;
}

NmdScanSession *
nmd_visit_session_get_scan (NmdVisitSession *self)
{
  g_return_val_if_fail (NMD_IS_VISIT_SESSION (self), NULL);
  return self->scan;
}

/* Object */

static void
nmd_visit_session_finalize (GObject *object)
{
  NmdVisitSession *self = NMD_VISIT_SESSION (object);

  g_clear_object (&self->job);
  g_clear_object (&self->reading);
  g_clear_pointer (&self->reference, nmd_reference_free);
  g_clear_object (&self->notices);
  g_clear_object (&self->scan);
  g_clear_object (&self->items);
  G_OBJECT_CLASS (nmd_visit_session_parent_class)->finalize (object);
}

static void
nmd_visit_session_class_init (NmdVisitSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_visit_session_finalize;
  signals[CHANGED]
      = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_visit_session_init (NmdVisitSession *self)
{
  const NmdPerson unknown = NMD_PERSON_UNKNOWN;

  self->items = g_list_store_new (NMD_TYPE_VISIT_ITEM);
  self->person = unknown;
}

NmdVisitSession *
nmd_visit_session_new (NmdNotices *notices, NmdScanSession *scan)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_SCAN_SESSION (scan), NULL);

  NmdVisitSession *self = g_object_new (NMD_TYPE_VISIT_SESSION, NULL);
  self->notices = g_object_ref (notices);
  self->scan = g_object_ref (scan);
  g_signal_connect_object (scan, "notify::scan", G_CALLBACK (on_scan), self,
                           G_CONNECT_SWAPPED);
  return self;
}
