/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock of a cine and the one picture that is being decoded for it. What a frame looks like is the engine's.
 */
#include "ui/session/nmd-cine.h"

#define SETTLE_MS 200

struct _NmdCine
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdScanSession *session;
  NmdScan *scan;   /* (nullable): of several frames */
  NmdJob *job;     /* (nullable): decodes a frame */
  guint frame;     /* shown */
  guint wanted;    /* to be shown */
  guint clock;     /* source that ticks while it plays */
  guint settle;    /* source that makes the frame the scan */
  guint from;      /* where it was … */
  gint64 start_us; /* … when it began to play */
};

enum
{
  PICTURE,
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdCine, nmd_cine, G_TYPE_OBJECT)

/* Decoding */

typedef struct
{
  NmdDicom *dicom;
  guint frame;
} Wish;

static void
wish_free (gpointer data)
{
  nmd_dicom_unref (((Wish *)data)->dicom);
  g_free (data);
}

static gpointer
decode_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Wish *wish = data;

  return nmd_dicom_read_frame (wish->dicom, wish->frame, error);
}

static void request (NmdCine *self, guint frame);

/* Answers of another file are dropped. */
static void
on_decoded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdCine) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdImage) image = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->job != NMD_JOB (source) || nmd_notices_is_closed (self->notices))
    return;
  g_clear_object (&self->job);
  if (image == NULL)
    {
      nmd_cine_set_playing (self, FALSE);
      nmd_notices_error (self->notices, error);
      return;
    }
  self->frame = GPOINTER_TO_UINT (g_object_get_data (source, "nmd-frame"));
  g_signal_emit (self, signals[PICTURE], 0, image);
  g_signal_emit (self, signals[CHANGED], 0);
  if (self->wanted != self->frame)
    request (self, self->wanted);
}

/* One picture is decoded at a time; the newest wish comes next. */
static void
request (NmdCine *self, guint frame)
{
  Wish *wish = NULL;

  self->wanted = frame;
  if (self->job != NULL || frame == self->frame)
    return;
  wish = g_new0 (Wish, 1);
  wish->dicom = nmd_dicom_ref (self->scan->dicom);
  wish->frame = frame;
  self->job
      = nmd_job_start (NMD_THREAD_POOL, NULL, NULL, decode_func, wish, wish_free, NULL,
                       (GDestroyNotify)nmd_image_unref, on_decoded, g_object_ref (self));
  g_object_set_data (G_OBJECT (self->job), "nmd-frame", GUINT_TO_POINTER (frame));
}

/* Time */

static gboolean
on_settled (gpointer user_data)
{
  NmdCine *self = user_data;

  if (self->job != NULL)
    return G_SOURCE_CONTINUE;
  self->settle = 0;
  nmd_scan_session_show_frame (self->session, self->frame);
  return G_SOURCE_REMOVE;
}

static void
settle (NmdCine *self)
{
  g_clear_handle_id (&self->settle, g_source_remove);
  self->settle = g_timeout_add (SETTLE_MS, on_settled, self);
}

static gboolean
on_tick (gpointer user_data)
{
  NmdCine *self = user_data;
  const guint n = nmd_cine_get_n_frames (self);
  const double ms = (double)(g_get_monotonic_time () - self->start_us) / 1000;
  const guint64 passed = (guint64)(ms / nmd_dicom_get_frame_ms (self->scan->dicom));

  request (self, 1 + (guint)((self->from - 1 + passed) % n));
  return G_SOURCE_CONTINUE;
}

static void
stop (NmdCine *self)
{
  g_clear_handle_id (&self->clock, g_source_remove);
  g_clear_handle_id (&self->settle, g_source_remove);
}

/* Another file, or the same in another frame or with another outline. */
static void
on_scan (NmdCine *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->session);
  const gboolean is_cine
      = scan != NULL && scan->dicom != NULL && nmd_dicom_get_n_frames (scan->dicom) > 1;

  if (!is_cine || self->scan == NULL || self->scan->dicom != scan->dicom)
    {
      stop (self);
      g_clear_object (&self->job);
    }
  if (!is_cine)
    scan = NULL;
  g_set_object (&self->scan, scan);
  if (is_cine && self->clock == 0 && self->settle == 0)
    self->frame = self->wanted = scan->page;
  g_signal_emit (self, signals[CHANGED], 0);
}

guint
nmd_cine_get_n_frames (NmdCine *self)
{
  g_return_val_if_fail (NMD_IS_CINE (self), 0);
  return self->scan != NULL ? nmd_dicom_get_n_frames (self->scan->dicom) : 0;
}

guint
nmd_cine_get_frame (NmdCine *self)
{
  g_return_val_if_fail (NMD_IS_CINE (self), 0);
  return self->frame;
}

double
nmd_cine_get_rate_hz (NmdCine *self)
{
  g_return_val_if_fail (NMD_IS_CINE (self), 0);
  return self->scan != NULL ? 1000 / nmd_dicom_get_frame_ms (self->scan->dicom) : 0;
}

gboolean
nmd_cine_get_playing (NmdCine *self)
{
  g_return_val_if_fail (NMD_IS_CINE (self), FALSE);
  return self->clock != 0;
}

void
nmd_cine_set_playing (NmdCine *self, gboolean playing)
{
  g_return_if_fail (NMD_IS_CINE (self));
  if (self->scan == NULL || playing == (self->clock != 0))
    return;
  stop (self);
  if (playing)
    {
      self->from = self->frame;
      self->start_us = g_get_monotonic_time ();
      self->clock = g_timeout_add (
          (guint)MAX (nmd_dicom_get_frame_ms (self->scan->dicom), 15), on_tick, self);
    }
  else
    {
      self->wanted = self->frame;
      settle (self);
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

void
nmd_cine_seek (NmdCine *self, guint frame)
{
  g_return_if_fail (NMD_IS_CINE (self));
  if (self->scan == NULL)
    return;
  stop (self);
  request (self, CLAMP (frame, 1, nmd_cine_get_n_frames (self)));
  settle (self);
}

/* Object */

static void
nmd_cine_dispose (GObject *object)
{
  NmdCine *self = NMD_CINE (object);

  stop (self);
  g_clear_object (&self->job);
  g_clear_object (&self->scan);
  g_clear_object (&self->session);
  g_clear_object (&self->notices);
  G_OBJECT_CLASS (nmd_cine_parent_class)->dispose (object);
}

static void
nmd_cine_class_init (NmdCineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = nmd_cine_dispose;
  signals[PICTURE]
      = g_signal_new ("picture", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[CHANGED]
      = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_cine_init (NmdCine *self)
{
}

NmdCine *
nmd_cine_new (NmdNotices *notices, NmdScanSession *session)
{
  g_return_val_if_fail (NMD_IS_SCAN_SESSION (session), NULL);

  NmdCine *self = g_object_new (NMD_TYPE_CINE, NULL);
  self->notices = g_object_ref (notices);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::scan", G_CALLBACK (on_scan), self,
                           G_CONNECT_SWAPPED);
  on_scan (self);
  return self;
}
