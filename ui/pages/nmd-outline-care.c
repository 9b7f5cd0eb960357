/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions around outlines. Drawing is the canvas', keeping is the session's.
 */
#include "ui/pages/nmd-outline-care.h"

#include "engine/image/nmd-measure.h"
#include "ui/dialogs/nmd-file-dialog.h"
#include "ui/dialogs/nmd-length-dialog.h"
#include "ui/dialogs/nmd-question.h"
#include "ui/session/nmd-scan-asked.h"

#include <glib/gi18n.h>
#include <string.h>

/* What waits for an answer; kept with the view. */
typedef struct
{
  NmdNotices *notices;
  NmdScanSession *session;
  NmdImage *mask; /* (nullable): the outline that was drawn */
  double length;  /* in pixels, of the two marks */
} Care;

static void
care_free (gpointer data)
{
  Care *care = data;

  g_object_unref (care->notices);
  g_object_unref (care->session);
  g_clear_pointer (&care->mask, nmd_image_unref);
  g_free (care);
}

static Care *
get_care (gpointer view)
{
  return g_object_get_data (view, "nmd-outline-care");
}

/* Another image may have been chosen since the question was put. */
static gboolean
is_still_shown (gpointer view)
{
  const Care *care = get_care (view);

  return nmd_scan_asked_is_shown (view, care->session, care->notices, TRUE);
}

static void
draw_pending (gpointer view)
{
  Care *care = get_care (view);

  if (is_still_shown (view))
    nmd_scan_session_set_mask (care->session, care->mask);
}

/* A mask that was read from a file is somebody's work: it is not drawn over unasked. */
static void
ask_first (NmdImageView *view,
           NmdScanSession *session,
           gboolean away,
           void (*then) (gpointer object),
           GObject *object)
{
  NmdScan *scan = nmd_scan_session_get_scan (session);
  const NmdScanMarks *marks = nmd_scan_session_get_marks (session);
  gboolean is_muscle = marks == NULL || marks->active == 0;

  if (scan == NULL || scan->source != NMD_ROI_MASK || !is_muscle)
    then (object);
  else
    nmd_question_present (
        GTK_WIDGET (view),
        away ? _ ("Take the Mask Away?") : _ ("Replace the Outline of the Mask?"),
        _ ("The outline comes from a mask file. The file stays as it is, but score and "
           "echo intensity will no longer be measured by it."),
        away ? _ ("_Take Away") : _ ("_Replace"), then, object);
}

void
nmd_outline_care_ask_replace (NmdImageView *view,
                              NmdScanSession *session,
                              void (*then) (gpointer object),
                              GObject *object)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (view) && NMD_IS_SCAN_SESSION (session));
  ask_first (view, session, FALSE, then, object);
}

static void
draw (NmdImageView *view, NmdImage *mask)
{
  Care *care = get_care (view);

  g_clear_pointer (&care->mask, nmd_image_unref);
  if (mask != NULL)
    care->mask = nmd_image_ref (mask);
  nmd_scan_asked_note (G_OBJECT (view), care->session);
  ask_first (view, care->session, mask == NULL, draw_pending, G_OBJECT (view));
}

static void
on_drawn (NmdImageView *view, gpointer mask)
{
  draw (view, mask);
}

static void
calibrate (double cm, gpointer view)
{
  const Care *care = get_care (view);

  if (care->length > 0 && is_still_shown (view))
    {
      nmd_scan_session_drop_scale (care->session); /* that was agreed to */
      g_object_set (care->session, "cm-per-pixel", cm / care->length, NULL);
    }
  nmd_image_view_set_tool (view, NMD_TOOL_PAN);
}

static void
ask_length (gpointer view)
{
  nmd_length_dialog_present (view, calibrate, view);
}

/* What the image's file says goes before the two clicks. */
static void
on_scale (NmdImageView *view)
{
  NmdScan *scan = nmd_image_view_get_scan (view);
  double cm = 0;

  g_object_get (get_care (view)->session, "cm-per-pixel", &cm, NULL);
  g_object_set (view, "cm-per-pixel",
                scan != NULL ? nmd_measure_get_cm (scan->image, cm) : cm, NULL);
}

static void
on_measured (NmdImageView *view, int tool, gpointer points, guint n)
{
  Care *care = get_care (view);
  const double *p = points;

  if (tool != NMD_TOOL_CALIBRATE)
    {
      nmd_scan_session_add_measure (care->session, p, n);
      return;
    }
  nmd_scan_asked_note (G_OBJECT (view), care->session);
  care->length = nmd_measure_distance (p, p + 2);
  NmdScan *scan = nmd_scan_session_get_scan (care->session);
  if (scan == NULL || scan->image->n_regions == 0)
    ask_length (view);
  else
    nmd_question_present (
        GTK_WIDGET (view), _ ("Replace the Calibration of the File?"),
        _ ("The DICOM file says how long its pixels are, and lengths follow that. If you "
           "go on, those of this file follow the two marks instead."),
        _ ("_Replace"), ask_length, G_OBJECT (view));
}

static void
on_marks (NmdImageView *view)
{
  NmdScanSession *session = get_care (view)->session;
  NmdScan *scan = nmd_scan_session_get_scan (session);
  NmdScan *shown = nmd_image_view_get_scan (view);
  gboolean same = scan != NULL && shown != NULL && scan->image == shown->image;

  nmd_image_view_set_marks (view, same ? nmd_scan_session_get_marks (session) : NULL);
}

/* Anywhere on the page, but for who writes: an entry undoes what was typed. */
static gboolean
on_undo (GtkWidget *view, GVariant *redo, gpointer data)
{
  NmdScanSession *session = get_care (view)->session;
  GtkRoot *root = gtk_widget_get_root (view);

  if (!gtk_widget_get_mapped (view) || GTK_IS_TEXT (gtk_root_get_focus (root)))
    return FALSE;
  return g_variant_get_boolean (redo) ? nmd_scan_session_redo (session)
                                      : nmd_scan_session_undo (session);
}

static void
add_shortcuts (NmdImageView *view)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();
  const struct
  {
    const char *keys;
    gboolean redo;
  } shortcuts[] = { { "<Control>z", FALSE }, { "<Control><Shift>z|<Control>y", TRUE } };

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    {
      GtkShortcut *shortcut
          = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (shortcuts[i].keys),
                              gtk_callback_action_new (on_undo, NULL, NULL));
      gtk_shortcut_set_arguments (shortcut, g_variant_new_boolean (shortcuts[i].redo));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller),
                                            shortcut);
    }
  gtk_widget_add_controller (GTK_WIDGET (view), controller);
}

void
nmd_outline_care_connect (NmdImageView *view,
                          NmdNotices *notices,
                          NmdScanSession *session)
{
  g_return_if_fail (NMD_IS_IMAGE_VIEW (view) && NMD_IS_NOTICES (notices));
  g_return_if_fail (NMD_IS_SCAN_SESSION (session));

  Care *care = g_new0 (Care, 1);
  care->notices = g_object_ref (notices);
  care->session = g_object_ref (session);
  g_object_set_data_full (G_OBJECT (view), "nmd-outline-care", care, care_free);
  g_signal_connect (view, "outline-drawn", G_CALLBACK (on_drawn), NULL);
  g_signal_connect (view, "measured", G_CALLBACK (on_measured), NULL);
  g_signal_connect (view, "notify::scan", G_CALLBACK (on_marks), NULL);
  g_signal_connect_object (session, "marks-changed", G_CALLBACK (on_marks), view,
                           G_CONNECT_SWAPPED);
  add_shortcuts (view);
  g_signal_connect_object (session, "notify::cm-per-pixel", G_CALLBACK (on_scale), view,
                           G_CONNECT_SWAPPED);
  g_signal_connect (view, "notify::scan", G_CALLBACK (on_scale), NULL);
  on_scale (view);
}

void
nmd_outline_care_erase (NmdImageView *view, NmdScanSession *session)
{
  draw (view, NULL);
}

/* Opening and saving */

/* The image that the mask was chosen for comes with it, whichever is shown by now. */
static void
on_mask_chosen (const char *path, gpointer view)
{
  NmdScan *scan = nmd_scan_asked_get (view);

  if (scan != NULL)
    nmd_scan_session_open_page (get_care (view)->session, scan->path, path, scan->page);
}

/* Masks lie beside their images or near them. */
static void
choose_mask (gpointer view)
{
  NmdScan *scan = nmd_scan_asked_get (view);
  const char *const suffixes[] = { "png", "bmp", "tif", "tiff", "jpg", "jpeg", NULL };
  g_autofree char *folder = scan != NULL ? g_path_get_dirname (scan->path) : NULL;
  const NmdFileRequest request = { _ ("Mask of This Image"),
                                   GTK_FILE_CHOOSER_ACTION_OPEN,
                                   _ ("Images"),
                                   suffixes,
                                   folder,
                                   NULL };

  nmd_file_dialog_present (view, &request, on_mask_chosen, view);
}

void
nmd_outline_care_open (NmdImageView *view, NmdScanSession *session)
{
  nmd_scan_asked_note (G_OBJECT (view), session);
  /* By the drawing itself: the scan of a large image follows it later. */
  if (nmd_scan_marks_get_drawn (nmd_scan_session_get_marks (session)) == NULL)
    choose_mask (view);
  else
    nmd_question_present (GTK_WIDGET (view), _ ("Replace the Drawn Outline?"),
                          _ ("A mask takes the place of the outline that was drawn here. "
                             "The drawing can be saved as a mask before."),
                          _ ("_Replace"), choose_mask, G_OBJECT (view));
}

static void
on_save_chosen (const char *path, gpointer view)
{
  if (is_still_shown (view))
    nmd_scan_session_save_mask (get_care (view)->session, path);
}

void
nmd_outline_care_save (NmdImageView *view, NmdScanSession *session)
{
  NmdScan *scan = nmd_scan_session_get_scan (session);
  const NmdScanMarks *marks = nmd_scan_session_get_marks (session);
  const char *const suffixes[] = { "png", NULL };

  if (scan == NULL)
    return;
  nmd_scan_asked_note (G_OBJECT (view), session);
  /* NAME_mask.png is what is found beside the image when it is opened again. */
  g_autofree char *base = g_path_get_basename (scan->path);
  char *dot = strrchr (base, '.');
  if (dot != NULL && dot != base)
    *dot = '\0';
  gboolean is_muscle = marks == NULL || marks->active == 0;
  g_autofree char *name
      = is_muscle ? g_strdup_printf ("%s_mask.png", base)
                  : g_strdup_printf ("%s_%s.png", base, nmd_scan_marks_get (marks)->name);
  g_autofree char *folder = g_path_get_dirname (scan->path);
  const NmdFileRequest request = { _ ("Save the Outline as a Mask"),
                                   GTK_FILE_CHOOSER_ACTION_SAVE,
                                   _ ("PNG"),
                                   suffixes,
                                   folder,
                                   name };
  nmd_file_dialog_present (GTK_WIDGET (view), &request, on_save_chosen, G_OBJECT (view));
}
