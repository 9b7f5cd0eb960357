/* SPDX-License-Identifier: Apache-2.0
 *
 * The chain of questions of a contact sheet. How it is drawn is ui/plot's.
 */
#include "ui/session/nmd-sheet.h"

#include "ui/plot/nmd-contact-sheet.h"
#include "ui/session/nmd-asker.h"

#include <glib/gi18n.h>

struct _NmdSheet
{
  GObject parent_instance;

  NmdSheetRequest request; /* texts and objects are ours */
  NmdContactSheet *pages;  /* of one thread at a time: the job's while one runs */
  GBytes *bytes;           /* (nullable): the document, once all are drawn */
  guint n_done;
  NmdJob *job; /* (nullable): about image n_done */
  gboolean cancelled;
};

enum
{
  PROP_0,
  PROP_FRACTION,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

enum
{
  ENDED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdSheet, nmd_sheet, G_TYPE_OBJECT)

/* On the ask thread */

static const char *
class_word (const NmdModel *model, int label)
{
  const char *word = nmd_model_get_passport (model)->classes[label];

  return word != NULL ? word : label == 1 ? _ ("pathological") : _ ("healthy");
}

static char *
score_text (const NmdSheetRequest *r,
            const NmdSample *sample,
            const NmdVerdict *verdict,
            const NmdMap *map)
{
  if (map != NULL)
    /* Translators: score, its class, the label of the data set */
    return g_strdup_printf (_ ("%.2f for “%s” · label %s"), map->score,
                            class_word (r->model, 1), sample->label_word);
  /* Translators: the reason, the label of the data set */
  return g_strdup_printf (_ ("No score: %s"),
                          verdict->reason != NULL ? verdict->reason : _ ("no outline"));
}

static char *
map_text (const NmdSheetRequest *r, const NmdMap *map)
{
  if (map == NULL)
    return NULL;
  if (map->no_positive_evidence)
    /* Translators: the class explained */
    return g_strdup_printf (_ ("No positive evidence for “%s”"),
                            class_word (r->model, map->target));
  /* Translators: the class explained, the method's name */
  return g_strdup_printf (_ ("Map for “%s” · %s"), class_word (r->model, map->target),
                          _ (nmd_map_method_get_title (map->method)));
}

/* The map, where it may be shown. FALSE: the model cannot be asked. */
static gboolean
ask (NmdSheet *self,
     NmdJob *job,
     NmdScan *scan,
     NmdVerdict *verdict,
     NmdMap **map,
     GCancellable *cancellable,
     GError **error)
{
  const NmdSheetRequest *r = &self->request;

  nmd_scan_judge (scan, r->model, &r->stated, verdict);
  if ((scan->mask == NULL && !verdict->is_whole_frame)
      || !(verdict->is_scored || r->override))
    return TRUE;
  NmdPredictor *predictor
      = nmd_asker_need (job, r->model, r->device, r->busy, NULL, error);
  if (predictor == NULL)
    return FALSE;
  *map = nmd_map_compute (predictor, scan->image, scan->mask, r->method, r->target,
                          r->layer, cancellable, error);
  return *map != NULL;
}

static void
draw (NmdSheet *self,
      const NmdSample *sample,
      const NmdScan *scan,
      const NmdVerdict *verdict,
      const NmdMap *map)
{
  const NmdSheetRequest *r = &self->request;
  const NmdOverlay empty = NMD_OVERLAY_INIT;
  g_autofree char *name = g_path_get_basename (sample->id);
  g_autofree char *score = score_text (r, sample, verdict, map);
  g_autofree char *about = map_text (r, map);
  g_autofree char *warning = NULL;
  NmdContactCell cell = { .overlay = empty, .name = name, .lines = { score, about } };

  cell.overlay.image = scan->image;
  cell.overlay.mask = scan->mask;
  cell.overlay.map = map;
  cell.overlay.colours = r->colours;
  cell.overlay.opacity = r->opacity;
  cell.overlay.show_outline = cell.overlay.show_box = r->show_outline;
  cell.overlay.synthetic = scan->is_synthetic;
  if (map != NULL && !verdict->is_scored)
    {
      warning = g_strdup_printf (_ ("Not meaningful: %s"), verdict->reason);
      cell.overlay.not_meaningful = warning;
    }
  nmd_contact_sheet_add (self->pages, &cell);
}

/* Its place stays, and says why it is empty. */
static void
draw_unread (NmdSheet *self, const NmdSample *sample, const GError *why)
{
  const NmdOverlay empty = NMD_OVERLAY_INIT;
  g_autofree char *name = g_path_get_basename (sample->id);
  NmdContactCell cell = { .overlay = empty, .name = name, .lines = { why->message } };

  cell.overlay.empty = _ ("Not read");
  nmd_contact_sheet_add (self->pages, &cell);
}

static gpointer
sheet_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  NmdSheet *self = (NmdSheet *)data; /* its pages are this thread's until the end */
  NmdSample *sample = g_ptr_array_index (self->request.samples, self->n_done);
  g_auto (NmdVerdict) verdict = { 0 };
  g_autoptr (NmdMap) map = NULL;
  g_autoptr (GError) unread = NULL;
  g_autoptr (NmdScan) scan = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  scan = nmd_scan_load_sample (sample, &unread);
  if (scan == NULL)
    draw_unread (self, sample, unread);
  else if (!ask (self, job, scan, &verdict, &map, cancellable, error))
    return NULL;
  else
    draw (self, sample, scan, &verdict, map);
  if (self->n_done + 1 < self->request.samples->len)
    return GINT_TO_POINTER (TRUE);
  self->bytes = nmd_contact_sheet_finish (self->pages, error);
  return GINT_TO_POINTER (self->bytes != NULL);
}

/* On the main thread */

static void start_next (NmdSheet *self);

static void
end (NmdSheet *self, GBytes *bytes, const GError *error)
{
  g_signal_emit (self, signals[ENDED], 0, bytes, error);
  g_object_unref (self); /* of nmd_sheet_start() */
}

static void
on_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  NmdSheet *self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = nmd_job_finish (NMD_JOB (source), result, &error) != NULL;

  g_clear_object (&self->job);
  if (!done || self->cancelled)
    {
      if (error == NULL)
        g_set_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s", _ ("Stopped"));
      end (self, NULL, error);
      return;
    }
  self->n_done++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FRACTION]);
  if (self->n_done < self->request.samples->len)
    {
      start_next (self);
      return;
    }
  end (self, self->bytes, NULL);
}

static void
start_next (NmdSheet *self)
{
  self->job = nmd_job_start (NMD_THREAD_ASK, NULL, NULL, /* a dialog shows it */
                             sheet_func, self, NULL, NULL, NULL, on_asked, self);
}

void
nmd_sheet_start (NmdSheet *self)
{
  g_return_if_fail (NMD_IS_SHEET (self) && self->job == NULL && self->n_done == 0);

  g_object_ref (self); /* until the end */
  start_next (self);
}

void
nmd_sheet_cancel (NmdSheet *self)
{
  g_return_if_fail (NMD_IS_SHEET (self));

  self->cancelled = TRUE;
  if (self->job != NULL)
    nmd_job_cancel (self->job);
}

guint
nmd_sheet_get_n (NmdSheet *self, guint *n_done)
{
  g_return_val_if_fail (NMD_IS_SHEET (self), 0);
  if (n_done != NULL)
    *n_done = self->n_done;
  return self->request.samples->len;
}

static void
nmd_sheet_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  NmdSheet *self = NMD_SHEET (object);

  if (id == PROP_FRACTION)
    g_value_set_double (value, (double)self->n_done / self->request.samples->len);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_sheet_finalize (GObject *object)
{
  NmdSheet *self = NMD_SHEET (object);
  NmdSheetRequest *r = &self->request;

  g_clear_pointer (&self->pages, nmd_contact_sheet_free);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&r->samples, g_ptr_array_unref);
  g_clear_pointer (&r->model, nmd_model_unref);
  g_free ((char *)r->stated.model_organ);
  g_free ((char *)r->stated.model_muscles);
  g_free ((char *)r->device);
  g_free ((char *)r->layer);
  G_OBJECT_CLASS (nmd_sheet_parent_class)->finalize (object);
}

static void
nmd_sheet_class_init (NmdSheetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = nmd_sheet_get_property;
  object_class->finalize = nmd_sheet_finalize;
  properties[PROP_FRACTION] = g_param_spec_double (
      "fraction", NULL, NULL, 0, 1, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[ENDED]
      = g_signal_new ("ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_POINTER);
}

static void
nmd_sheet_init (NmdSheet *self)
{
}

NmdSheet *
nmd_sheet_new (const NmdSheetRequest *request)
{
  g_return_val_if_fail (request->model != NULL && request->samples != NULL, NULL);
  g_return_val_if_fail (request->samples->len > 0, NULL);
  g_return_val_if_fail (request->samples->len <= NMD_CONTACT_SHEET_MAX, NULL);

  NmdSheet *self = g_object_new (NMD_TYPE_SHEET, NULL);
  NmdSheetRequest *r = &self->request;

  *r = *request;
  r->samples = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < request->samples->len; i++)
    g_ptr_array_add (r->samples, g_object_ref (request->samples->pdata[i]));
  r->model = nmd_model_ref (request->model);
  r->stated
      = (NmdStatedFacts){ .model_organ = g_strdup (request->stated.model_organ),
                          .model_muscles = g_strdup (request->stated.model_muscles) };
  r->device = g_strdup (request->device);
  r->layer = g_strdup (request->layer);
  self->pages = nmd_contact_sheet_new (request->title, request->note, request->colours,
                                       r->samples->len);
  r->title = r->note = NULL; /* the pages have them */
  return self;
}
