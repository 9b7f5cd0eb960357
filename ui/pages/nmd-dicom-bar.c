/* SPDX-License-Identifier: Apache-2.0
 *
 * The bar under the canvas. Time and decoding are nmd-cine.c's; the two dialogs are their own.
 */
#include "ui/pages/nmd-dicom-bar.h"

#include "ui/dialogs/nmd-copy-dialog.h"
#include "ui/dialogs/nmd-header-dialog.h"
#include "ui/session/nmd-cine.h"
#include "ui/widgets/nmd-fold-row.h"

#include <glib/gi18n.h>
#include <math.h>

#define LEAST_SLIDER 120 /* shorter it could not be set to a frame */

struct _NmdDicomBar
{
  GtkBox parent_instance;

  GtkWidget *cine_box;
  GtkWidget *play;
  GtkWidget *slider;
  GtkWidget *place;
  GtkWidget *header;
  GtkWidget *copy;
  NmdNotices *notices;
  NmdScanSession *session;
  NmdImageView *view; /* weak */
  NmdCine *cine;
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (NmdDicomBar, nmd_dicom_bar, GTK_TYPE_BOX)

static void
show_cine (NmdDicomBar *self)
{
  const guint n = nmd_cine_get_n_frames (self->cine);
  const guint frame = nmd_cine_get_frame (self->cine);
  const gboolean playing = nmd_cine_get_playing (self->cine);

  gtk_widget_set_visible (self->cine_box, n > 1);
  if (n < 2)
    return;
  /* Translators: frame number, number of frames, frames a second */
  g_autofree char *text = g_strdup_printf (_ ("%u / %u · %.0f/s"), frame, n,
                                           nmd_cine_get_rate_hz (self->cine));
  self->setting = TRUE;
  gtk_range_set_range (GTK_RANGE (self->slider), 1, n);
  gtk_range_set_value (GTK_RANGE (self->slider), frame);
  self->setting = FALSE;
  gtk_label_set_text (GTK_LABEL (self->place), text);
  gtk_button_set_icon_name (GTK_BUTTON (self->play),
                            playing ? "media-playback-pause-symbolic"
                                    : "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (self->play, playing ? _ ("Pause (C)") : _ ("Play (C)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->play),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  playing ? _ ("Pause") : _ ("Play"), -1);
}

static void
show_scan (NmdDicomBar *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->session);

  gtk_widget_set_visible (GTK_WIDGET (self), scan != NULL && scan->dicom != NULL);
}

/* The outline belongs to another frame, and is not shown on this one. */
static void
on_picture (NmdCine *cine, gpointer image, NmdDicomBar *self)
{
  if (self->view == NULL)
    return;
  nmd_image_view_set_tool (self->view, NMD_TOOL_PAN);
  nmd_image_view_show_frame (self->view, image);
}

void
nmd_dicom_bar_toggle (NmdDicomBar *self)
{
  g_return_if_fail (NMD_IS_DICOM_BAR (self));
  if (self->cine != NULL)
    nmd_cine_set_playing (self->cine, !nmd_cine_get_playing (self->cine));
}

static gboolean
on_key (GtkWidget *view, GVariant *arguments, gpointer bar)
{
  nmd_dicom_bar_toggle (bar);
  return TRUE;
}

/* C, while the view has the focus: elsewhere it is a letter. */
static void
add_key (NmdDicomBar *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_c, 0),
                        gtk_callback_action_new (on_key, self, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self->view), controller);
}

static void
on_slider (NmdDicomBar *self)
{
  if (!self->setting && self->cine != NULL)
    nmd_cine_seek (self->cine,
                   (guint)lround (gtk_range_get_value (GTK_RANGE (self->slider))));
}

static void
on_header (NmdDicomBar *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->session);

  if (scan != NULL && scan->dicom != NULL)
    nmd_header_dialog_present (GTK_WIDGET (self), scan->dicom, scan->name);
}

static void
on_copy (NmdDicomBar *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->session);

  nmd_cine_set_playing (self->cine, FALSE);
  if (scan != NULL && scan->dicom != NULL)
    nmd_copy_dialog_present (GTK_WIDGET (self), self->notices, scan);
}

void
nmd_dicom_bar_set_session (NmdDicomBar *self,
                           NmdNotices *notices,
                           NmdScanSession *session,
                           NmdImageView *view)
{
  g_return_if_fail (NMD_IS_DICOM_BAR (self) && self->session == NULL);

  self->notices = g_object_ref (notices);
  self->session = g_object_ref (session);
  self->view = view;
  g_object_add_weak_pointer (G_OBJECT (view), (gpointer *)&self->view);
  add_key (self);
  self->cine = nmd_cine_new (notices, session);
  g_signal_connect_object (self->cine, "changed", G_CALLBACK (show_cine), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->cine, "picture", G_CALLBACK (on_picture), self, 0);
  g_signal_connect_object (session, "notify::scan", G_CALLBACK (show_scan), self,
                           G_CONNECT_SWAPPED);
  show_scan (self);
  show_cine (self);
}

static void
nmd_dicom_bar_dispose (GObject *object)
{
  NmdDicomBar *self = NMD_DICOM_BAR (object);

  g_clear_weak_pointer (&self->view);
  g_clear_object (&self->cine);
  g_clear_object (&self->session);
  g_clear_object (&self->notices);
  G_OBJECT_CLASS (nmd_dicom_bar_parent_class)->dispose (object);
}

static void
nmd_dicom_bar_class_init (NmdDicomBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = nmd_dicom_bar_dispose;
}

static void
nmd_dicom_bar_init (NmdDicomBar *self)
{
  GtkWidget *row = g_object_new (NMD_TYPE_FOLD_ROW, "hexpand", TRUE, NULL);
  GtkBox *cine = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));
  GtkBox *more = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));

  self->play = gtk_button_new ();
  self->slider = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 1, 2, 1);
  self->place = gtk_label_new (NULL);
  self->header = gtk_button_new_with_mnemonic (_ ("_Header…"));
  self->copy = gtk_button_new_with_mnemonic (_ ("Copy _Without Names…"));
  gtk_widget_set_tooltip_text (self->header,
                               _ ("What the DICOM file says, and what of it tells who it "
                                  "is"));
  gtk_widget_set_tooltip_text (
      self->copy, _ ("Save as PNG or DICOM without names, with a part of the "
                     "picture blacked out"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->slider),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Frame"), -1);
  gtk_scale_set_draw_value (GTK_SCALE (self->slider), FALSE);
  gtk_widget_add_css_class (self->place, "numeric");
  gtk_widget_add_css_class (self->place, "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self), "nmd-tools");
  gtk_widget_add_css_class (self->play, "flat");
  gtk_widget_add_css_class (self->header, "flat");
  gtk_widget_add_css_class (self->copy, "flat");
  gtk_widget_set_size_request (self->slider, LEAST_SLIDER, -1);
  gtk_widget_set_hexpand (self->slider, TRUE);
  gtk_box_append (cine, self->play);
  gtk_box_append (cine, self->slider);
  gtk_box_append (cine, self->place);
  gtk_box_append (more, self->header);
  gtk_box_append (more, self->copy);
  gtk_widget_set_halign (GTK_WIDGET (more), GTK_ALIGN_END);
  gtk_widget_set_parent (GTK_WIDGET (cine), row);
  gtk_widget_set_parent (GTK_WIDGET (more), row);
  gtk_box_append (GTK_BOX (self), row);
  gtk_widget_set_margin_end (row, 6);
  self->cine_box = GTK_WIDGET (cine);
  g_signal_connect_swapped (self->play, "clicked", G_CALLBACK (nmd_dicom_bar_toggle),
                            self);
  g_signal_connect_swapped (self->slider, "value-changed", G_CALLBACK (on_slider), self);
  g_signal_connect_swapped (self->header, "clicked", G_CALLBACK (on_header), self);
  g_signal_connect_swapped (self->copy, "clicked", G_CALLBACK (on_copy), self);
}
