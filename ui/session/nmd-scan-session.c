/* SPDX-License-Identifier: Apache-2.0
 *
 * Chooses, reads and outlines one scan. What an outline or an echo intensity is, is the engine's.
 */
#include "ui/session/nmd-scan-session.h"

#include "ui/session/nmd-mask-saving.h"
#include "ui/session/nmd-scan-loading.h"
#include "ui/session/nmd-scan-outlining.h"

#include <glib/gi18n.h>

struct _NmdScanSession
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdDataSession *data;
  NmdSample *sample;
  NmdSample *former; /* (nullable): it comes back with its data set */
  NmdScan *scan;
  NmdJob *job;           /* reads the newest request; answers of older ones are dropped */
  char *image_path;      /* (nullable): the file that the user opened last, and … */
  char *mask_path;       /* (nullable): … its mask */
  gboolean image_wanted; /* a file is being opened, no sample chosen since */
  GHashTable *marks;     /* marks_key() → NmdScanMarks: what was drawn here */
  GHashTable *masks;     /* marks_key() → char *: the mask that was opened for it */
  GHashTable *saved;     /* of char *: masks that were written here */
  GHashTable *unscaled;  /* of char *: files whose own calibration does not count */
  double cm_per_pixel;   /* of this visit; 0: not calibrated */
};

enum
{
  PROP_0,
  PROP_SAMPLE,
  PROP_SCAN,
  PROP_CM_PER_PIXEL,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

enum
{
  MARKS_CHANGED,
  CHOOSE_PAGE,
  READING,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* Up to here an outline is measured at once: some milliseconds. With 1024 × 768 the end of a stroke took up to 17. */
#define QUICK_PIXELS (512 * 1024)

/* A job's datum: the key of the kept mask that it reads. */
#define KEPT_MASK "nmd-kept-mask"

G_DEFINE_FINAL_TYPE (NmdScanSession, nmd_scan_session, G_TYPE_OBJECT)

static void
take_scan (NmdScanSession *self, NmdScan *scan)
{
  g_set_object (&self->scan, scan);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCAN]);
  g_signal_emit (self, signals[MARKS_CHANGED], 0);
}

/* What is drawn belongs to a page of a file. */
static char *
marks_key (const char *path, guint page)
{
  return page == 0 ? g_strdup (path) : g_strdup_printf ("%s\n%u", path, page);
}

static char *
scan_key (NmdScanSession *self)
{
  return marks_key (self->scan->path, self->scan->page);
}

static NmdScanMarks *
find_marks (NmdScanSession *self)
{
  g_autofree char *key = self->scan != NULL ? scan_key (self) : NULL;

  return key != NULL ? g_hash_table_lookup (self->marks, key) : NULL;
}

/* Made where the first thing is drawn: an image that is only looked at has none. */
static NmdScanMarks *
need_marks (NmdScanSession *self)
{
  NmdScanMarks *marks = find_marks (self);

  if (marks == NULL)
    {
      marks = nmd_scan_marks_new (self->scan->image, self->scan->mask);
      g_hash_table_insert (self->marks, scan_key (self), marks);
    }
  return marks;
}

/* What was drawn on it goes before what was read, also what was drawn meanwhile. */
static void
take_read (NmdScanSession *self, NmdScan *scan)
{
  g_autofree char *key = marks_key (scan->path, scan->page);
  NmdScanMarks *marks = g_hash_table_lookup (self->marks, key);
  NmdImage *drawn = nmd_scan_marks_get_drawn (marks);
  const NmdImage *was = scan->source == NMD_ROI_DRAWN ? scan->mask : NULL;

  if (marks == NULL || drawn == was)
    {
      take_scan (self, scan);
      return;
    }
  g_autoptr (NmdScan) outlined
      = nmd_scan_with_mask (scan, nmd_scan_marks_get_muscle (marks),
                            drawn != NULL ? NMD_ROI_DRAWN : NMD_ROI_MASK);
  nmd_scan_marks_take_measured (marks, &outlined->echo, outlined->outline);
  take_scan (self, outlined);
}

/* A sample */

static void
start_loading (NmdScanSession *self,
               const NmdScanRequest *asked,
               GAsyncReadyCallback done)
{
  NmdScanRequest request = *asked;
  const char *kept = NULL;
  g_autofree char *key = marks_key (
      asked->sample != NULL ? asked->sample->image_path : asked->path, asked->page);

  /* A mask that is asked for takes the place of what was drawn; one that was asked for before does not. */
  if (asked->mask_path == NULL)
    request.drawn = nmd_scan_marks_get_drawn (g_hash_table_lookup (self->marks, key));
  if (asked->mask_path == NULL && asked->path != NULL && request.drawn == NULL)
    request.mask_path = kept = g_hash_table_lookup (self->masks, key);
  request.without_scale
      = asked->path != NULL && g_hash_table_contains (self->unscaled, asked->path);
  g_clear_object (&self->job);
  self->job = nmd_scan_loading_start (&request, done, g_object_ref (self));
  if (kept != NULL)
    g_object_set_data_full (G_OBJECT (self->job), KEPT_MASK, g_steal_pointer (&key),
                            g_free);
  g_signal_emit (self, signals[READING], 0, TRUE);
}

/* Nothing was read: the former scan stays. A mask that is gone does not keep its image from being opened once more. */
static void
take_error (NmdScanSession *self, NmdJob *job, const GError *error)
{
  const char *key = g_object_get_data (G_OBJECT (job), KEPT_MASK);

  if (error != NULL && key != NULL)
    g_hash_table_remove (self->masks, key);
  g_signal_emit (self, signals[READING], 0, FALSE);
  nmd_notices_error (self->notices, error);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdScanSession) self = user_data;
  g_autoptr (GError) error = NULL;
  guint n_pages = 0;
  g_autoptr (NmdScan) scan
      = nmd_scan_loading_finish (NMD_JOB (source), result, &n_pages, &error);

  if (self->job != NMD_JOB (source) || nmd_notices_is_closed (self->notices))
    return;
  g_autoptr (NmdJob) job = g_steal_pointer (&self->job);
  if (scan != NULL)
    take_read (self, scan);
  else
    take_error (self, job, error);
}

void
nmd_scan_session_set_sample (NmdScanSession *self, NmdSample *sample)
{
  g_return_if_fail (NMD_IS_SCAN_SESSION (self));
  g_return_if_fail (sample == NULL || NMD_IS_SAMPLE (sample));

  gboolean shown = self->scan != NULL && self->scan->sample == sample;
  if (!g_set_object (&self->sample, sample) && shown)
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SAMPLE]);
  if (sample == NULL)
    {
      if (!self->image_wanted)
        g_clear_object (&self->job);
      if (self->scan != NULL && self->scan->sample != NULL)
        take_scan (self, NULL);
      return;
    }
  self->image_wanted = FALSE;
  start_loading (self, &(NmdScanRequest){ .sample = sample }, on_loaded);
}

/* Following the data set */

/* A data set that comes in behind an opened file does not push it away. */
static gboolean
keeps_scan (NmdScanSession *self)
{
  return nmd_data_session_is_for_run (self->data)
         && (self->image_wanted || (self->scan != NULL && self->scan->sample == NULL));
}

static void
on_import_started (NmdScanSession *self)
{
  if (self->former == NULL)
    g_set_object (&self->former, self->sample);
  nmd_scan_session_set_sample (self, NULL);
}

static void
on_items_changed (
    GListModel *samples, guint at, guint removed, guint added, NmdScanSession *self)
{
  if (at > 0 || added == 0 || self->sample != NULL
      || !nmd_data_session_get_loading (self->data) || keeps_scan (self)
      || nmd_data_session_get_dataset (self->data) != NULL)
    return;
  g_autoptr (NmdSample) first = g_list_model_get_item (samples, 0);
  nmd_scan_session_set_sample (self, first);
}

static void
on_dataset (NmdScanSession *self)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  NmdSample *chosen = NULL;

  if (dataset == NULL && nmd_data_session_get_loading (self->data))
    return;
  if (dataset != NULL && self->former != NULL
      && nmd_dataset_find (dataset, self->former->id) == self->former)
    chosen = self->former;
  else if (dataset != NULL && self->sample != NULL)
    chosen = nmd_dataset_find (dataset, self->sample->id);
  if (dataset != NULL && chosen == NULL && nmd_dataset_get_n (dataset) > 0)
    chosen = nmd_dataset_get (dataset, 0);
  if (!keeps_scan (self))
    nmd_scan_session_set_sample (self, chosen);
  g_clear_object (&self->former);
}

/* A file */

void
nmd_scan_session_show_frame (NmdScanSession *self, guint frame)
{
  g_return_if_fail (NMD_IS_SCAN_SESSION (self));
  NmdScan *scan = self->scan;

  if (scan != NULL && scan->dicom != NULL)
    start_loading (self,
                   &(NmdScanRequest){ .of = scan, .path = scan->path, .page = frame },
                   on_loaded);
}

static void
on_image (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdScanSession) self = user_data;
  g_autoptr (GError) error = NULL;
  guint n_pages = 0;
  g_autoptr (NmdScan) scan
      = nmd_scan_loading_finish (NMD_JOB (source), result, &n_pages, &error);

  if (self->job != NMD_JOB (source) || nmd_notices_is_closed (self->notices))
    return;
  g_autoptr (NmdJob) job = g_steal_pointer (&self->job);
  if (scan == NULL)
    {
      self->image_wanted = FALSE;
      if (n_pages > 1)
        g_signal_emit (self, signals[CHOOSE_PAGE], 0, self->image_path, self->mask_path,
                       n_pages);
      take_error (self, job, error);
      return;
    }
  g_autofree char *key = marks_key (scan->path, scan->page);
  NmdScanMarks *marks = g_hash_table_lookup (self->marks, key);
  if (self->mask_path != NULL && marks != NULL)
    nmd_scan_marks_take_read (marks, scan);
  if (self->mask_path != NULL)
    g_hash_table_insert (self->masks, g_steal_pointer (&key), g_strdup (self->mask_path));
  take_read (self, scan);
  nmd_notices_show_page (self->notices, "scan");
}

void
nmd_scan_session_open_image (NmdScanSession *self,
                             const char *path,
                             const char *mask_path)
{
  nmd_scan_session_open_page (self, path, mask_path, 0);
}

void
nmd_scan_session_open_page (NmdScanSession *self,
                            const char *path,
                            const char *mask_path,
                            guint page)
{
  g_return_if_fail (NMD_IS_SCAN_SESSION (self) && path != NULL);

  g_free (self->mask_path);
  self->mask_path = g_strdup (mask_path);
  g_free (self->image_path);
  self->image_path = g_strdup (path);
  self->image_wanted = TRUE;
  start_loading (self,
                 &(NmdScanRequest){ .path = path, .mask_path = mask_path, .page = page },
                 on_image);
}

/* Outline */

/* Another image may be shown by now, and this one's outline be another: only its newest counts. */
static void
take_outlined (NmdScanSession *self, const NmdScanOutlining *outlined)
{
  NmdScan *scan = outlined->scan;
  g_autofree char *key = marks_key (scan->path, scan->page);
  NmdScanMarks *marks = g_hash_table_lookup (self->marks, key);

  if (nmd_scan_marks_get_muscle (marks) != outlined->mask)
    return;
  nmd_scan_marks_take_measured (marks, &scan->echo, scan->outline);
  if (find_marks (self) != marks)
    return;
  if (self->scan->image == scan->image)
    take_scan (self, scan);
  else /* read or scaled anew meanwhile */
    take_read (self, self->scan);
}

static void
on_outlined (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdScanSession) self = user_data;
  g_autoptr (GError) error = NULL;
  NmdScanOutlining *outlined
      = nmd_scan_outlining_finish (NMD_JOB (source), result, &error);

  if (!nmd_notices_is_closed (self->notices) && !nmd_notices_error (self->notices, error)
      && outlined != NULL)
    take_outlined (self, outlined);
  g_clear_pointer (&outlined, nmd_scan_outlining_free);
}

/* The active outline has changed: the muscle's is the scan's. */
static void
follow_marks (NmdScanSession *self, NmdScanMarks *marks)
{
  NmdNamedOutline *outline = nmd_scan_marks_get (marks);
  NmdImage *mask = nmd_mask_history_get (outline->history);
  NmdScan *scan = self->scan;

  outline->is_unsaved = nmd_mask_history_is_changed (outline->history);
  if (marks->active != 0)
    {
      nmd_scan_marks_measure (marks, scan->image);
      g_signal_emit (self, signals[MARKS_CHANGED], 0);
      return;
    }
  /* Taken back to the beginning it is what it was when it was read. */
  NmdRoiSource source = outline->is_unsaved ? NMD_ROI_DRAWN : NMD_ROI_MASK;
  if ((gint64)scan->image->width * scan->image->height <= QUICK_PIXELS)
    {
      g_autoptr (NmdScan) outlined = nmd_scan_with_mask (scan, mask, source);
      nmd_scan_marks_take_measured (marks, &outlined->echo, outlined->outline);
      take_scan (self, outlined);
      return;
    }
  const NmdScanOutlining large = { scan, mask, source };
  g_autoptr (NmdJob) job
      = nmd_scan_outlining_start (&large, on_outlined, g_object_ref (self));
}

void
nmd_scan_session_set_mask (NmdScanSession *self, NmdImage *mask)
{
  g_autoptr (NmdImage) empty = NULL;

  g_return_if_fail (NMD_IS_SCAN_SESSION (self));
  if (self->scan == NULL)
    return;
  const NmdImage *image = self->scan->image;
  g_return_if_fail (mask == NULL
                    || (mask->width == image->width && mask->height == image->height));
  NmdScanMarks *marks = need_marks (self);
  if (mask == NULL)
    mask = empty = nmd_image_new (image->width, image->height);
  if (nmd_mask_history_push (nmd_scan_marks_get (marks)->history, mask))
    follow_marks (self, marks);
}

gboolean
nmd_scan_session_undo (NmdScanSession *self)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (self), FALSE);

  NmdScanMarks *marks = find_marks (self);
  if (marks == NULL || !nmd_mask_history_undo (nmd_scan_marks_get (marks)->history))
    return FALSE;
  follow_marks (self, marks);
  return TRUE;
}

gboolean
nmd_scan_session_redo (NmdScanSession *self)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (self), FALSE);

  NmdScanMarks *marks = find_marks (self);
  if (marks == NULL || !nmd_mask_history_redo (nmd_scan_marks_get (marks)->history))
    return FALSE;
  follow_marks (self, marks);
  return TRUE;
}

const NmdScanMarks *
nmd_scan_session_get_marks (NmdScanSession *self)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (self), NULL);
  return find_marks (self);
}

const NmdScanMarks *
nmd_scan_session_find_marks (NmdScanSession *self, const char *path, guint page)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (self) && path != NULL, NULL);

  g_autofree char *key = marks_key (path, page);
  return g_hash_table_lookup (self->marks, key);
}

void
nmd_scan_session_drop_scale (NmdScanSession *self)
{
  g_return_if_fail (NMD_IS_SCAN_SESSION (self));
  if (self->scan == NULL || self->scan->image->n_regions == 0)
    return;
  g_autoptr (NmdScan) scan = nmd_scan_without_scale (self->scan);
  g_hash_table_add (self->unscaled, g_strdup (scan->path));
  take_scan (self, scan);
}

void
nmd_scan_session_choose_outline (NmdScanSession *self, const char *name)
{
  g_return_if_fail (NMD_IS_SCAN_SESSION (self) && name != NULL);
  if (self->scan == NULL)
    return;
  nmd_scan_marks_add (need_marks (self), self->scan->image, name);
  g_signal_emit (self, signals[MARKS_CHANGED], 0);
}

void
nmd_scan_session_add_measure (NmdScanSession *self, const double *points, guint n)
{
  g_return_if_fail (NMD_IS_SCAN_SESSION (self) && (n == 2 || n == 3));
  if (self->scan == NULL)
    return;
  nmd_scan_marks_add_measure (need_marks (self), points, n);
  g_signal_emit (self, signals[MARKS_CHANGED], 0);
}

void
nmd_scan_session_clear_measures (NmdScanSession *self)
{
  g_return_if_fail (NMD_IS_SCAN_SESSION (self));
  if (nmd_scan_marks_clear_measures (find_marks (self)))
    g_signal_emit (self, signals[MARKS_CHANGED], 0);
}

void
nmd_scan_session_keep_measures (NmdScanSession *self, const char *path, guint page)
{
  g_return_if_fail (NMD_IS_SCAN_SESSION (self) && path != NULL);

  g_autofree char *key = marks_key (path, page);
  nmd_scan_marks_take_kept (g_hash_table_lookup (self->marks, key));
}

/* Saving a mask */

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdScanSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = nmd_job_finish (NMD_JOB (source), result, &error);

  if (nmd_notices_is_closed (self->notices) || nmd_notices_error (self->notices, error)
      || path == NULL)
    return;
  const NmdScanMarks *marks
      = g_hash_table_lookup (self->marks, g_object_get_data (source, "image"));
  nmd_scan_marks_take_saved (marks, g_object_get_data (source, "mask"));
  g_autofree char *name = g_path_get_basename (path);
  g_hash_table_add (self->saved, g_steal_pointer (&path));
  /* Translators: the placeholder is a file's name */
  g_autofree char *text = g_strdup_printf (_ ("Outline saved as %s"), name);
  nmd_notices_message (self->notices, text);
}

void
nmd_scan_session_save_mask (NmdScanSession *self, const char *path)
{
  g_return_if_fail (NMD_IS_SCAN_SESSION (self) && path != NULL);

  const NmdScanMarks *marks = find_marks (self);
  NmdImage *mask = marks != NULL
                       ? nmd_mask_history_get (nmd_scan_marks_get (marks)->history)
                   : self->scan != NULL ? self->scan->mask
                                        : NULL;
  if (mask == NULL)
    return;
  const NmdMaskSaving saving = { .mask = mask,
                                 .path = path,
                                 .image_path = self->scan->path,
                                 .mask_path = nmd_scan_session_get_mask_path (self),
                                 .dataset = nmd_data_session_get_dataset (self->data),
                                 .is_own = g_hash_table_contains (self->saved, path) };
  g_autoptr (NmdJob) job = nmd_mask_saving_start (&saving, on_saved, g_object_ref (self));
  g_object_set_data_full (G_OBJECT (job), "image", scan_key (self), g_free);
  g_object_set_data_full (G_OBJECT (job), "mask", nmd_image_ref (mask),
                          (GDestroyNotify)nmd_image_unref);
}

const char *
nmd_scan_session_get_mask_path (NmdScanSession *self)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (self), NULL);

  g_autofree char *key = self->scan != NULL ? scan_key (self) : NULL;
  const char *kept = key != NULL ? g_hash_table_lookup (self->masks, key) : NULL;
  return kept != NULL ? kept : self->mask_path;
}

guint
nmd_scan_session_count_drawn (NmdScanSession *self)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (self), 0);
  return nmd_scan_marks_count (self->marks, nmd_scan_marks_is_unsaved);
}

guint
nmd_scan_session_count_measured (NmdScanSession *self)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (self), 0);
  return nmd_scan_marks_count (self->marks, nmd_scan_marks_is_unkept);
}

NmdSample *
nmd_scan_session_get_sample (NmdScanSession *self)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (self), NULL);
  return self->sample;
}

NmdScan *
nmd_scan_session_get_scan (NmdScanSession *self)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (self), NULL);
  return self->scan;
}

/* Object */

static void
nmd_scan_session_get_property (GObject *object,
                               guint id,
                               GValue *value,
                               GParamSpec *pspec)
{
  NmdScanSession *self = NMD_SCAN_SESSION (object);

  switch (id)
    {
    case PROP_SAMPLE:
      g_value_set_object (value, self->sample);
      break;
    case PROP_SCAN:
      g_value_set_object (value, self->scan);
      break;
    case PROP_CM_PER_PIXEL:
      g_value_set_double (value, self->cm_per_pixel);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
nmd_scan_session_set_property (GObject *object,
                               guint id,
                               const GValue *value,
                               GParamSpec *pspec)
{
  NmdScanSession *self = NMD_SCAN_SESSION (object);

  if (id == PROP_SAMPLE)
    nmd_scan_session_set_sample (self, g_value_get_object (value));
  else if (id == PROP_CM_PER_PIXEL)
    {
      if (self->cm_per_pixel == g_value_get_double (value))
        return;
      self->cm_per_pixel = g_value_get_double (value);
      g_object_notify_by_pspec (object, pspec);
      g_signal_emit (self, signals[MARKS_CHANGED], 0);
    }
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_scan_session_finalize (GObject *object)
{
  NmdScanSession *self = NMD_SCAN_SESSION (object);

  g_clear_object (&self->notices);
  g_clear_object (&self->data);
  g_clear_object (&self->sample);
  g_clear_object (&self->former);
  g_clear_object (&self->scan);
  g_clear_object (&self->job);
  g_free (self->image_path);
  g_free (self->mask_path);
  g_clear_pointer (&self->marks, g_hash_table_unref);
  g_clear_pointer (&self->masks, g_hash_table_unref);
  g_clear_pointer (&self->saved, g_hash_table_unref);
  g_clear_pointer (&self->unscaled, g_hash_table_unref);
  G_OBJECT_CLASS (nmd_scan_session_parent_class)->finalize (object);
}

static void
nmd_scan_session_class_init (NmdScanSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags
      = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = nmd_scan_session_get_property;
  object_class->set_property = nmd_scan_session_set_property;
  object_class->finalize = nmd_scan_session_finalize;
  properties[PROP_SAMPLE] = g_param_spec_object ("sample", NULL, NULL, NMD_TYPE_SAMPLE,
                                                 flags | G_PARAM_WRITABLE);
  properties[PROP_SCAN] = g_param_spec_object ("scan", NULL, NULL, NMD_TYPE_SCAN, flags);
  properties[PROP_CM_PER_PIXEL] = g_param_spec_double ("cm-per-pixel", NULL, NULL, 0, 100,
                                                       0, flags | G_PARAM_WRITABLE);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[MARKS_CHANGED]
      = g_signal_new ("marks-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CHOOSE_PAGE] = g_signal_new (
      "choose-page", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT);
  signals[READING]
      = g_signal_new ("reading", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
nmd_scan_session_init (NmdScanSession *self)
{
  self->marks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify)nmd_scan_marks_free);
  self->masks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->saved = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->unscaled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

NmdScanSession *
nmd_scan_session_new (NmdNotices *notices, NmdDataSession *data)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_DATA_SESSION (data), NULL);

  NmdScanSession *self = g_object_new (NMD_TYPE_SCAN_SESSION, NULL);
  self->notices = g_object_ref (notices);
  self->data = g_object_ref (data);
  g_signal_connect_object (data, "import-started", G_CALLBACK (on_import_started), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (nmd_data_session_get_samples (data), "items-changed",
                           G_CALLBACK (on_items_changed), self, 0);
  g_signal_connect_object (data, "notify::dataset", G_CALLBACK (on_dataset), self,
                           G_CONNECT_SWAPPED);
  return self;
}
