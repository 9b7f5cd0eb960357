/* SPDX-License-Identifier: Apache-2.0
 *
 * Chooses, reads and outlines one scan. What an outline or an echo intensity is, is the engine's.
 */
#include "ui/session/nmd-scan-session.h"

#include "engine/data/import/nmd-mask-names.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdScanSession
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdDataSession *data;
  NmdSample *sample;
  NmdScan *scan;
  NmdJob *job;           /* the newest request; answers of older ones are dropped */
  char *mask_path;       /* (nullable): the mask that the user opened last */
  gboolean image_wanted; /* a file is being opened, no sample chosen since */
  GHashTable *drawn;     /* image path → NmdImage: the outlines drawn here */
};

enum
{
  PROP_0,
  PROP_SAMPLE,
  PROP_SCAN,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (NmdScanSession, nmd_scan_session, G_TYPE_OBJECT)

static void
take_scan (NmdScanSession *self, NmdScan *scan)
{
  g_set_object (&self->scan, scan);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCAN]);
}

/* A sample */

/* What a scan is read from, and what was drawn on it before. */
typedef struct
{
  NmdSample *sample; /* a sample, or … */
  char *path;        /* … a file */
  char *mask_path;   /* nullable */
  NmdImage *drawn;   /* nullable */
} ScanInput;

static void
scan_input_free (gpointer data)
{
  ScanInput *input = data;

  g_clear_object (&input->sample);
  g_free (input->path);
  g_free (input->mask_path);
  g_clear_pointer (&input->drawn, nmd_image_unref);
  g_free (input);
}

static gpointer
load_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const ScanInput *input = data;
  g_autofree char *mask = g_strdup (input->mask_path);
  g_autoptr (NmdScan) scan = NULL;

  if (input->path != NULL && mask == NULL)
    mask = nmd_mask_find_beside (input->path);
  scan = input->sample != NULL ? nmd_scan_load_sample (input->sample, error)
                               : nmd_scan_load_file (input->path, mask, error);
  if (scan == NULL || input->drawn == NULL)
    return g_steal_pointer (&scan);
  return nmd_scan_with_mask (scan, input->drawn, NMD_ROI_DRAWN);
}

static void
start_loading (NmdScanSession *self,
               NmdSample *sample,
               const char *path,
               const char *mask_path,
               GAsyncReadyCallback done)
{
  ScanInput *input = g_new0 (ScanInput, 1);
  NmdImage *drawn
      = g_hash_table_lookup (self->drawn, sample != NULL ? sample->image_path : path);

  g_set_object (&input->sample, sample);
  input->path = g_strdup (path);
  input->mask_path = g_strdup (mask_path);
  if (drawn != NULL)
    input->drawn = nmd_image_ref (drawn);
  g_clear_object (&self->job);
  self->job
      = nmd_job_start (NMD_THREAD_ASK, "scan", _ ("Reading an image"), load_func, input,
                       scan_input_free, NULL, g_object_unref, done, g_object_ref (self));
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdScanSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScan) scan = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->job != NMD_JOB (source) || nmd_notices_is_closed (self->notices))
    return;
  g_autoptr (NmdJob) job = g_steal_pointer (&self->job);
  if (!nmd_notices_error (self->notices, error) && scan != NULL)
    take_scan (self, scan);
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
  start_loading (self, sample, NULL, NULL, on_loaded);
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
  if (dataset != NULL && self->sample != NULL)
    chosen = nmd_dataset_find (dataset, self->sample->id);
  if (dataset != NULL && chosen == NULL && nmd_dataset_get_n (dataset) > 0)
    chosen = nmd_dataset_get (dataset, 0);
  if (!keeps_scan (self))
    nmd_scan_session_set_sample (self, chosen);
}

/* A file */

static void
on_image (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdScanSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScan) scan = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->job != NMD_JOB (source) || nmd_notices_is_closed (self->notices))
    return;
  g_autoptr (NmdJob) job = g_steal_pointer (&self->job);
  if (scan == NULL)
    {
      self->image_wanted = FALSE;
      nmd_notices_error (self->notices, error);
      return;
    }
  take_scan (self, scan);
  nmd_notices_show_page (self->notices, "explain");
}

void
nmd_scan_session_open_image (NmdScanSession *self,
                             const char *path,
                             const char *mask_path)
{
  g_return_if_fail (NMD_IS_SCAN_SESSION (self) && path != NULL);

  /* A mask that is asked for takes the place of what was drawn. */
  if (mask_path != NULL)
    g_hash_table_remove (self->drawn, path);
  g_free (self->mask_path);
  self->mask_path = g_strdup (mask_path);
  self->image_wanted = TRUE;
  start_loading (self, NULL, path, mask_path, on_image);
}

/* Outline */

typedef struct
{
  NmdScan *scan;
  double *points;
  guint n;
  gboolean is_box;
} Outline;

static void
outline_free (gpointer data)
{
  Outline *outline = data;

  g_object_unref (outline->scan);
  g_free (outline->points);
  g_free (outline);
}

static gpointer
outline_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Outline *outline = data;
  const NmdImage *image = outline->scan->image;
  const double *p = outline->points;
  g_autoptr (NmdImage) mask = NULL;

  if (outline->n == 0)
    return nmd_scan_with_mask (outline->scan, NULL, NMD_ROI_FRAME);
  if (outline->is_box)
    {
      NmdBox box = { (int)lrint (MIN (p[0], p[2])), (int)lrint (MIN (p[1], p[3])),
                     (int)lrint (MAX (p[0], p[2])), (int)lrint (MAX (p[1], p[3])) };
      mask = nmd_mask_new_box (image->width, image->height, &box);
    }
  else
    mask = nmd_mask_new_polygon (image->width, image->height, p, outline->n);
  return nmd_scan_with_mask (outline->scan, mask, NMD_ROI_DRAWN);
}

static void
on_outlined (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdScanSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScan) scan = nmd_job_finish (NMD_JOB (source), result, &error);

  if (nmd_notices_is_closed (self->notices) || nmd_notices_error (self->notices, error)
      || scan == NULL)
    return;
  /* It is kept also if another image was chosen in the meantime. */
  if (scan->mask != NULL)
    g_hash_table_insert (self->drawn, g_strdup (scan->path), nmd_image_ref (scan->mask));
  else
    g_hash_table_remove (self->drawn, scan->path);
  if (self->job != NMD_JOB (source))
    return;
  g_clear_object (&self->job);
  take_scan (self, scan);
}

const char *
nmd_scan_session_get_mask_path (NmdScanSession *self)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (self), NULL);
  return self->mask_path;
}

guint
nmd_scan_session_count_drawn (NmdScanSession *self)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (self), 0);
  return g_hash_table_size (self->drawn);
}

void
nmd_scan_session_draw_outline (NmdScanSession *self,
                               const double *points,
                               guint n,
                               gboolean is_box)
{
  g_return_if_fail (NMD_IS_SCAN_SESSION (self));
  g_return_if_fail (n == 0 || points != NULL);
  if (self->scan == NULL)
    return;

  Outline *outline = g_new0 (Outline, 1);
  outline->scan = g_object_ref (self->scan);
  outline->points = g_memdup2 (points, 2 * n * sizeof (double));
  outline->n = n;
  outline->is_box = is_box;
  g_clear_object (&self->job);
  self->job = nmd_job_start (NMD_THREAD_ASK, "outline", _ ("Drawing an outline"),
                             outline_func, outline, outline_free, NULL, g_object_unref,
                             on_outlined, g_object_ref (self));
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
  if (id == PROP_SAMPLE)
    nmd_scan_session_set_sample (NMD_SCAN_SESSION (object), g_value_get_object (value));
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
  g_clear_object (&self->scan);
  g_clear_object (&self->job);
  g_free (self->mask_path);
  g_clear_pointer (&self->drawn, g_hash_table_unref);
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
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
nmd_scan_session_init (NmdScanSession *self)
{
  self->drawn = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify)nmd_image_unref);
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
