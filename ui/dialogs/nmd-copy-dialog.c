/* SPDX-License-Identifier: Apache-2.0
 *
 * The window in which a copy without names is prepared: the picture with the black part on it, its four edges as
 * numbers. Cleaning and writing are nmd-nameless-copy.c's.
 */
#include "ui/dialogs/nmd-copy-dialog.h"

#include "ui/dialogs/nmd-file-dialog.h"
#include "ui/widgets/nmd-grey-picture.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

enum
{
  LEFT,
  TOP,
  RIGHT,
  BOTTOM,
  N_EDGES,
};

/* On the window, and freed with it. */
typedef struct
{
  NmdNotices *notices;
  NmdScan *scan;
  NmdGreyPicture *picture;
  NmdCanvas canvas;
  GtkWidget *window;
  GtkWidget *area;
  GtkWidget *edges[N_EDGES];
  double from[2]; /* image pixels, of the drag under way */
} Copy;

static void
copy_free (gpointer data)
{
  Copy *copy = data;

  g_object_unref (copy->notices);
  g_object_unref (copy->scan);
  nmd_grey_picture_free (copy->picture);
  g_free (copy);
}

static Copy *
get_copy (GtkWidget *window)
{
  return g_object_get_data (G_OBJECT (window), "nmd-copy");
}

/* What is remembered: by scanner and picture size, four numbers. */

/* Preferences need the schema; tests and a copied program may run without. */
static GSettings *
find_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, "org.nmdassist.NmdAssist", TRUE);
  return schema != NULL ? g_settings_new ("org.nmdassist.NmdAssist") : NULL;
}

static gboolean
recall (const char *scanner, NmdBox *box)
{
  g_autoptr (GSettings) settings = find_settings ();
  g_autoptr (GVariant) all
      = settings != NULL ? g_settings_get_value (settings, "blacked-out") : NULL;

  return all != NULL
         && g_variant_lookup (all, scanner, "(iiii)", &box->x0, &box->y0, &box->x1,
                              &box->y1);
}

static void
remember (const char *scanner, const NmdBox *box)
{
  g_autoptr (GSettings) settings = find_settings ();
  g_autoptr (GVariant) all
      = settings != NULL ? g_settings_get_value (settings, "blacked-out") : NULL;
  GVariantBuilder builder;
  GVariantIter iter;
  GVariant *value = NULL;
  const char *key = NULL;

  if (all == NULL)
    return;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{s(iiii)}"));
  g_variant_iter_init (&iter, all);
  while (g_variant_iter_loop (&iter, "{&s@(iiii)}", &key, &value))
    if (!g_str_equal (key, scanner))
      g_variant_builder_add (&builder, "{s@(iiii)}", key, value);
  g_variant_builder_add (&builder, "{s(iiii)}", scanner, box->x0, box->y0, box->x1,
                         box->y1);
  g_settings_set_value (settings, "blacked-out", g_variant_builder_end (&builder));
}

/* The part */

static NmdBox
get_box (const Copy *copy)
{
  int edge[N_EDGES] = { 0 };

  for (int i = 0; i < N_EDGES; i++)
    edge[i] = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (copy->edges[i]));
  return (NmdBox){ edge[LEFT], edge[TOP], edge[RIGHT], edge[BOTTOM] };
}

gboolean
nmd_copy_dialog_get_black (GtkWidget *window, NmdBox *black)
{
  const Copy *copy = get_copy (window);

  g_return_val_if_fail (copy != NULL && black != NULL, FALSE);
  *black = get_box (copy);
  return black->x0 < black->x1 && black->y0 < black->y1;
}

static void
set_box (Copy *copy, const NmdBox *box)
{
  const int edge[N_EDGES] = { box->x0, box->y0, box->x1, box->y1 };

  for (int i = 0; i < N_EDGES; i++)
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (copy->edges[i]), edge[i]);
}

/* The picture */

static void
draw (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  Copy *copy = data;
  const NmdImage *image = copy->scan->image;
  const NmdBox box = get_box (copy);
  const double scale = MIN ((double)width / image->width, (double)height / image->height);

  copy->canvas = (NmdCanvas){ .scale = scale,
                              .x = (width - scale * image->width) / 2,
                              .y = (height - scale * image->height) / 2 };
  nmd_grey_picture_draw (copy->picture, cr, &copy->canvas,
                         gtk_widget_get_scale_factor (GTK_WIDGET (area)), 1);
  if (box.x0 >= box.x1 || box.y0 >= box.y1)
    return;
  cairo_rectangle (cr, copy->canvas.x + scale * box.x0, copy->canvas.y + scale * box.y0,
                   scale * (box.x1 - box.x0), scale * (box.y1 - box.y0));
  cairo_set_source_rgb (cr, 0, 0, 0);
  cairo_fill_preserve (cr);
  cairo_set_source_rgb (cr, 1, 0.75, 0);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static void
to_image (const Copy *copy, double x, double y, double point[2])
{
  const NmdImage *image = copy->scan->image;

  point[0] = CLAMP ((x - copy->canvas.x) / copy->canvas.scale, 0, image->width);
  point[1] = CLAMP ((y - copy->canvas.y) / copy->canvas.scale, 0, image->height);
}

static void
on_drag_begin (GtkGestureDrag *drag, double x, double y, gpointer data)
{
  Copy *copy = data;

  if (copy->canvas.scale > 0)
    to_image (copy, x, y, copy->from);
}

static void
on_drag (GtkGestureDrag *drag, double dx, double dy, gpointer data)
{
  Copy *copy = data;
  double x = 0, y = 0, to[2];

  if (!(copy->canvas.scale > 0) || !gtk_gesture_drag_get_start_point (drag, &x, &y))
    return;
  to_image (copy, x + dx, y + dy, to);
  set_box (copy, &(NmdBox){ (int)floor (MIN (copy->from[0], to[0])),
                            (int)floor (MIN (copy->from[1], to[1])),
                            (int)ceil (MAX (copy->from[0], to[0])),
                            (int)ceil (MAX (copy->from[1], to[1])) });
}

/* Saving */

void
nmd_copy_dialog_save_as (GtkWidget *window, const char *path)
{
  Copy *copy = get_copy (window);
  NmdBox black = { 0 };

  g_return_if_fail (copy != NULL && path != NULL);

  /* The button's key moves no focus: an edge may only be typed. */
  for (int i = 0; i < N_EDGES; i++)
    gtk_spin_button_update (GTK_SPIN_BUTTON (copy->edges[i]));
  const gboolean has = nmd_copy_dialog_get_black (window, &black);
  remember (nmd_dicom_get_scanner (copy->scan->dicom), &black);
  nmd_nameless_copy_save (copy->notices, copy->scan, has ? &black : NULL, path);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
on_path (const char *path, gpointer window)
{
  nmd_copy_dialog_save_as (window, path);
}

static void
on_save (GtkWidget *window)
{
  static const char *const suffixes[] = { "dcm", "png", NULL };
  const NmdFileRequest request
      = { _ ("Save a Copy Without Names (.dcm or .png)"),
          GTK_FILE_CHOOSER_ACTION_SAVE,
          _ ("DICOM, PNG"),
          suffixes,
          NULL,
          "scan.dcm" }; /* the file's own name may be somebody's */

  nmd_file_dialog_present (window, &request, on_path, G_OBJECT (window));
}

/* The window */

static GtkWidget *
make_edges (Copy *copy)
{
  const char *const titles[N_EDGES]
      = { _ ("Left"), _ ("Top"), _ ("Right"), _ ("Bottom") };
  const NmdImage *image = copy->scan->image;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  for (int i = 0; i < N_EDGES; i++)
    {
      const int most = i == LEFT || i == RIGHT ? image->width : image->height;
      GtkWidget *label = gtk_label_new (titles[i]);

      copy->edges[i] = gtk_spin_button_new_with_range (0, most, 1);
      gtk_accessible_update_property (GTK_ACCESSIBLE (copy->edges[i]),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, titles[i], -1);
      g_signal_connect_swapped (copy->edges[i], "value-changed",
                                G_CALLBACK (gtk_widget_queue_draw), copy->area);
      gtk_box_append (GTK_BOX (box), label);
      gtk_box_append (GTK_BOX (box), copy->edges[i]);
    }
  return box;
}

static GtkWidget *
make_area (Copy *copy)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  copy->area = gtk_drawing_area_new ();
  gtk_widget_set_vexpand (copy->area, TRUE);
  gtk_widget_set_size_request (copy->area, 480, 320);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (copy->area), draw, copy, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy->area),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("The picture with its black part"), -1);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), copy);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag), copy);
  gtk_widget_add_controller (copy->area, GTK_EVENT_CONTROLLER (drag));
  return copy->area;
}

static GtkWidget *
make_note (const Copy *copy)
{
  g_autofree char *text = g_strdup_printf (
      /* Translators: the placeholder is a scanner and the size of its pictures */
      _ ("Draw over names and other writing, in the picture or by its edges in pixels: "
         "this "
         "part becomes black in every frame. It is remembered for %s. What is written "
         "elsewhere in the picture stays: look at every frame that you hand on.\nOf the "
         "header stay scanner, transducer, depth, calibration and timing."),
      nmd_dicom_get_scanner (copy->scan->dicom));
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  return label;
}

static void
add_escape (GtkWidget *window)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                        gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (window, controller);
}

static void
fill (Copy *copy)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *inner = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *save = gtk_button_new_with_mnemonic (_ ("_Save…"));

  gtk_widget_add_css_class (save, "suggested-action");
  g_signal_connect_swapped (save, "clicked", G_CALLBACK (on_save), copy->window);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), save);
  gtk_widget_set_margin_start (inner, 12);
  gtk_widget_set_margin_end (inner, 12);
  gtk_widget_set_margin_top (inner, 6);
  gtk_widget_set_margin_bottom (inner, 12);
  gtk_box_append (GTK_BOX (inner), make_area (copy));
  gtk_box_append (GTK_BOX (inner), make_edges (copy));
  gtk_box_append (GTK_BOX (inner), make_note (copy));
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), inner);
  adw_window_set_content (ADW_WINDOW (copy->window), box);
}

GtkWidget *
nmd_copy_dialog_present (GtkWidget *widget, NmdNotices *notices, NmdScan *scan)
{
  const NmdGreyWindow whole = { .contrast = 1 };
  Copy *copy = NULL;
  NmdBox box = { 0 };

  g_return_val_if_fail (GTK_IS_WIDGET (widget) && NMD_IS_NOTICES (notices), NULL);
  g_return_val_if_fail (NMD_IS_SCAN (scan) && scan->dicom != NULL, NULL);

  copy = g_new0 (Copy, 1);
  copy->notices = g_object_ref (notices);
  copy->scan = g_object_ref (scan);
  copy->picture = nmd_grey_picture_new (scan->image, &whole);
  copy->window = adw_window_new ();
  g_object_set_data_full (G_OBJECT (copy->window), "nmd-copy", copy, copy_free);
  fill (copy);
  if (recall (nmd_dicom_get_scanner (scan->dicom), &box))
    set_box (copy, &box);
  add_escape (copy->window);
  gtk_window_set_title (GTK_WINDOW (copy->window), _ ("Copy Without Names"));
  gtk_window_set_default_size (GTK_WINDOW (copy->window), 640, 620);
  gtk_window_set_transient_for (GTK_WINDOW (copy->window),
                                GTK_WINDOW (gtk_widget_get_root (widget)));
  gtk_window_set_modal (GTK_WINDOW (copy->window), TRUE);
  gtk_window_present (GTK_WINDOW (copy->window));
  return copy->window;
}
