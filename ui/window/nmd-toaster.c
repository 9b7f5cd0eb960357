/* SPDX-License-Identifier: Apache-2.0
 *
 * When messages come and go; how they look is libadwaita's. A message is told to go only when its coming has been drawn to
 * its end: in libadwaita 1.2 a message that is gone while its way in is still to be drawn (the window was hidden, or the
 * machine too busy for a frame) is written to after it was freed.
 */
#include "ui/window/nmd-toaster.h"

typedef struct
{
  AdwToastOverlay *overlay; /* owns this */
  AdwToast *toast;          /* (nullable): the one that is shown */
  GQueue texts;             /* of char *: what comes next */
  guint timeout;
  guint tick;
  guint n_frames; /* since its time was over */
} Toaster;

static void present (Toaster *self, const char *text);

static void
stop (Toaster *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self->overlay), self->tick);
  self->tick = 0;
}

/* By the user too. */
static void
on_dismissed (AdwToast *toast, Toaster *self)
{
  stop (self);
  g_clear_object (&self->toast);
  /* When the window goes, libadwaita tells the one that is shown to go. */
  if (gtk_widget_get_root (GTK_WIDGET (self->overlay)) == NULL)
    return;
  g_autofree char *next = g_queue_pop_head (&self->texts);
  if (next != NULL)
    present (self, next);
}

/* All that was to be drawn in this frame is drawn before the next one. */
static gboolean
on_frame (GtkWidget *overlay, GdkFrameClock *clock, gpointer toaster)
{
  Toaster *self = toaster;

  if (++self->n_frames < 3)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  adw_toast_dismiss (self->toast);
  return G_SOURCE_REMOVE;
}

static gboolean
on_over (gpointer toaster)
{
  Toaster *self = toaster;

  self->timeout = 0;
  self->n_frames = 0;
  self->tick
      = gtk_widget_add_tick_callback (GTK_WIDGET (self->overlay), on_frame, self, NULL);
  return G_SOURCE_REMOVE;
}

static void
present (Toaster *self, const char *text)
{
  /* A file's name may have signs of markup in it. */
  g_autofree char *title = g_markup_escape_text (text, -1);

  self->toast = g_object_ref (adw_toast_new (title));
  adw_toast_set_timeout (self->toast, 0);
  adw_toast_overlay_add_toast (self->overlay, self->toast);
  g_signal_connect (self->toast, "dismissed", G_CALLBACK (on_dismissed), self);
  self->timeout = g_timeout_add (NMD_TOASTER_MS, on_over, self);
}

static void
toaster_free (gpointer data)
{
  Toaster *self = data;

  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->toast != NULL)
    g_signal_handlers_disconnect_by_data (self->toast, self);
  g_clear_object (&self->toast);
  g_queue_clear_full (&self->texts, g_free);
  g_free (self);
}

static Toaster *
get_toaster (AdwToastOverlay *overlay)
{
  Toaster *self = g_object_get_data (G_OBJECT (overlay), "nmd-toaster");

  if (self != NULL)
    return self;
  self = g_new0 (Toaster, 1);
  self->overlay = overlay;
  g_queue_init (&self->texts);
  g_object_set_data_full (G_OBJECT (overlay), "nmd-toaster", self, toaster_free);
  return self;
}

void
nmd_toaster_show (AdwToastOverlay *overlay, const char *text)
{
  g_return_if_fail (ADW_IS_TOAST_OVERLAY (overlay) && text != NULL);

  Toaster *self = get_toaster (overlay);
  if (self->toast != NULL)
    g_queue_push_tail (&self->texts, g_strdup (text));
  else
    present (self, text);
}
