/* SPDX-License-Identifier: Apache-2.0
 *
 * The notice bar. When something goes well is the window's to say.
 */
#include "ui/window/nmd-notice-bar.h"

#include "ui/window/nmd-details.h"

#include <glib/gi18n.h>

#define READING_SECONDS 5
#define SAME_SECONDS 1 /* what follows so soon belongs to the problem */

struct _NmdNoticeBar
{
  AdwBin parent_instance;

  GtkRevealer *revealer;
  GtkLabel *label;
  GtkButton *button;
  GtkButton *copy_button;

  NmdDeviceSession *devices; /* (nullable) */
  char *offer[3];    /* (nullable): text, action and label of what is offered … */
  gboolean is_offer; /* … and whether that is what is shown */
  gint64 since;      /* when it was shown */
  guint leave_id;
};

G_DEFINE_FINAL_TYPE (NmdNoticeBar, nmd_notice_bar, ADW_TYPE_BIN)

static void
show (NmdNoticeBar *self, const char *text, const char *action, const char *label)
{
  g_autofree char *sentence = NULL;

  g_clear_handle_id (&self->leave_id, g_source_remove);
  self->since = g_get_monotonic_time ();
  sentence = g_str_has_suffix (text, ".") || g_str_has_suffix (text, "。")
                 ? g_strdup (text)
                 /* Translators: a sentence and its full stop */
                 : g_strdup_printf (_ ("%s."), text);
  gtk_label_set_text (self->label, sentence);
  gtk_widget_set_visible (GTK_WIDGET (self->button), action != NULL);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), action);
  if (label != NULL)
    gtk_button_set_label (self->button, label);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

static void
forget_offer (NmdNoticeBar *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->offer); i++)
    g_clear_pointer (&self->offer[i], g_free);
}

void
nmd_notice_bar_close (NmdNoticeBar *self)
{
  g_return_if_fail (NMD_IS_NOTICE_BAR (self));
  g_clear_handle_id (&self->leave_id, g_source_remove);
  if (self->is_offer)
    forget_offer (self);
  self->is_offer = self->offer[0] != NULL;
  if (self->is_offer)
    show (self, self->offer[0], self->offer[1], self->offer[2]);
  else
    gtk_revealer_set_reveal_child (self->revealer, FALSE);
}

void
nmd_notice_bar_show (NmdNoticeBar *self,
                     const char *text,
                     const char *action,
                     const char *label)
{
  g_return_if_fail (NMD_IS_NOTICE_BAR (self) && text != NULL);
  self->is_offer = FALSE;
  show (self, text, action, label);
}

void
nmd_notice_bar_offer (NmdNoticeBar *self,
                      const char *text,
                      const char *action,
                      const char *label)
{
  g_return_if_fail (NMD_IS_NOTICE_BAR (self) && text != NULL);
  g_return_if_fail (action != NULL && label != NULL);
  forget_offer (self);
  self->offer[0] = g_strdup (text);
  self->offer[1] = g_strdup (action);
  self->offer[2] = g_strdup (label);
  self->is_offer = TRUE;
  show (self, text, action, label);
}

static void
on_copy (NmdNoticeBar *self)
{
  g_autofree char *text
      = nmd_details_new (gtk_label_get_text (self->label), self->devices);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

void
nmd_notice_bar_set_devices (NmdNoticeBar *self, NmdDeviceSession *devices)
{
  g_return_if_fail (NMD_IS_NOTICE_BAR (self));
  g_set_object (&self->devices, devices);
}

static gboolean
leave (gpointer data)
{
  NmdNoticeBar *self = data;

  self->leave_id = 0;
  nmd_notice_bar_close (self);
  return G_SOURCE_REMOVE;
}

void
nmd_notice_bar_pass (NmdNoticeBar *self)
{
  g_return_if_fail (NMD_IS_NOTICE_BAR (self));
  if (!gtk_revealer_get_reveal_child (self->revealer) || self->leave_id != 0
      || gtk_widget_get_visible (GTK_WIDGET (self->button)))
    return;
  gint64 shown = g_get_monotonic_time () - self->since;
  gint64 left = MAX (READING_SECONDS * G_USEC_PER_SEC - shown, 0);
  if (shown > SAME_SECONDS * G_USEC_PER_SEC)
    self->leave_id = g_timeout_add ((guint)(left / 1000), leave, self);
}

static void
nmd_notice_bar_dispose (GObject *object)
{
  NmdNoticeBar *self = NMD_NOTICE_BAR (object);

  g_clear_handle_id (&self->leave_id, g_source_remove);
  g_clear_object (&self->devices);
  forget_offer (self);
  G_OBJECT_CLASS (nmd_notice_bar_parent_class)->dispose (object);
}

static void
nmd_notice_bar_class_init (NmdNoticeBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_notice_bar_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-notice-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, NmdNoticeBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, NmdNoticeBar, label);
  gtk_widget_class_bind_template_child (widget_class, NmdNoticeBar, button);
  gtk_widget_class_bind_template_child (widget_class, NmdNoticeBar, copy_button);
}

static void
nmd_notice_bar_init (NmdNoticeBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->copy_button, "clicked", G_CALLBACK (on_copy), self);
}
